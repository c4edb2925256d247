"""The sealed report as a Word file: the same walk over the form as on paper, the same words and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from app.exchange.docx_report import Block, Grid, GridColumn, Passage, Turn, write_docx
from app.messages import Messages
from app.model.packet import Part, PartKind
from app.paper.page import FormRow
from app.paper.report import compose_report
from app.paper.signature import Seal, SignLine
from app.paper.styles import Geometry
from app.paper.table import Table
from app.paper.text import TextStyle
from app.rules.view import View

_RULE = "＿＿＿＿＿＿＿＿"


def render_word(view: View, short: str, messages: Messages) -> bytes:
    """Give the report of ``view`` as a Word file whose feet bear ``short``, the short 校验码.

    Equal arguments give equal bytes.  Numbers of people are masked as on paper.
    """
    programme = view.programme
    part = next(
        (one for one in programme.packet.parts if one.kind is PartKind.REPORT),
        Part("report", PartKind.REPORT, programme.title),
    )
    pages = _WordPages(messages)
    compose_report(programme, view, part, messages, pages)
    return write_docx(programme.title, pages.blocks, messages.text("paper", "word.foot", short=short))


class _WordPages:
    """Takes what a report is composed of as blocks of a Word file; see ``app.paper.report.Pages``."""

    def __init__(self, messages: Messages) -> None:
        self.blocks: list[Block] = []
        self._messages = messages

    def title(self, text: str) -> None:
        self.blocks.append(Passage(text, "Title"))

    def heading(self, text: str, level: int = 1) -> None:
        self.blocks.append(Passage(text, f"Heading{level}"))

    def paragraph(self, text: str, style: TextStyle | None = None) -> None:
        name = "Facts" if style is not None and style.align == "center" else "Normal"
        self.blocks += [Passage(line, name) for line in text.splitlines() if line.strip()]

    def note(self, text: str) -> None:
        self.blocks += [Passage(line, "Note") for line in text.splitlines() if line.strip()]

    def form(self, rows: Sequence[FormRow]) -> None:
        columns = (
            (GridColumn("", None, "center"), [row.number for row in rows]),
            (GridColumn("", 4.0, "left"), [row.label for row in rows]),
            (GridColumn("", 5.0, "auto"), [row.value for row in rows]),
            (GridColumn("", None, "center"), [row.unit for row in rows]),
        )
        used = [one for place, one in enumerate(columns) if place in (1, 2) or any(one[1])]
        cells = tuple(zip(*(texts for _, texts in used), strict=True))
        digits = frozenset(place for place, row in enumerate(rows) if row.text)
        self.blocks.append(Grid(tuple(column for column, _ in used), cells, header=False, texts=digits))

    def table(self, table: Table) -> None:
        columns = tuple(GridColumn(one.title, one.weight, one.align) for one in table.columns)
        unit = self._messages.text("paper", "word.unit", unit=table.unit) if table.unit else ""
        self.blocks.append(
            Grid(
                columns,
                table.rows,
                table.title,
                unit,
                table.header,
                frozenset(table.strong),
                frozenset(table.texts),
            )
        )

    def signature(self, lines: Sequence[SignLine] = (), seal: Seal | None = None) -> None:
        for line in lines:
            self.blocks.append(Passage(line.label + (line.value or (_RULE if line.rule else ""))))
        if seal is not None:
            self.blocks.append(Passage("\n".join((f"（{seal.words}）", *seal.under)), "Note", "right"))

    def gap(self, height: float) -> None:
        """Add nothing: the styles of a Word file hold their own distances."""

    def turn(self, geometry: Geometry) -> None:
        if geometry.width > geometry.height:
            self.blocks.append(Turn())

    @contextmanager
    def group(self) -> Iterator[None]:
        yield
