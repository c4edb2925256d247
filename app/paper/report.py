"""The self-evaluation report (自评报告) as a document of our own, for checking on paper.

It goes through the form: every section with its fields and upright tables, then the written reasons, the list
of proof documents, and at last the wide tables (附表) on pages across.  The book itself takes the platform's
watermarked report (seed 000 四-2), never this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from app.messages import Messages
from app.model.draft import Row
from app.model.form import Item, Section
from app.model.form import Table as FormTable
from app.model.packet import Part
from app.model.programme import Programme
from app.model.value import NUMBER_TYPES, ItemType
from app.paper.columns import bands, has_long_texts, printed_table, record_table
from app.paper.fonts import SONG, Fonts
from app.paper.page import Document, FormRow
from app.paper.places import group_places, signature_of
from app.paper.signature import Seal, SignLine
from app.paper.styles import DATA_PAGE, DATA_SHEET, WIDE_PAGE, Geometry
from app.paper.table import Column, Table
from app.paper.text import TextStyle
from app.paper.wording import fill_text, named, place_name, read_passages, shown, standard_slots
from app.rules.view import View

_LABEL = TextStyle(SONG, 10.5, 18, "center", gray=0.25)
_FACTS = TextStyle(SONG, 10.5, 18, "center")


class Pages(Protocol):
    """What a report is written on: pages of paper, or a Word file.  See ``app.paper.page.Document``."""

    def title(self, text: str) -> None:
        """Add the title."""

    def heading(self, text: str, level: int = 1) -> None:
        """Add a heading of level 1 to 3."""

    def paragraph(self, text: str, style: TextStyle | None = None) -> None:
        """Add text; each of its lines is a paragraph of its own."""

    def note(self, text: str) -> None:
        """Add a small remark."""

    def form(self, rows: Sequence[FormRow]) -> None:
        """Add framed rows of number, label, value and unit."""

    def table(self, table: Table) -> None:
        """Add a table."""

    def signature(self, lines: Sequence[SignLine] = (), seal: Seal | None = None) -> None:
        """Add lines to sign by hand and the place of a seal."""

    def gap(self, height: float) -> None:
        """Add space (points)."""

    def turn(self, geometry: Geometry) -> None:
        """Go on with pages of another size."""

    def group(self) -> AbstractContextManager[None]:
        """Keep all blocks added inside on one page where that can be."""
        ...


def render_report(programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages) -> bytes:
    """Print the effective answers of ``view``; equal arguments give equal bytes.

    Items that do not apply are left out, numbers of people are masked, missing answers stay white.  The
    notes on filling in are ``part.text``.

    Raises:
        AppError: ``fonts_unreadable`` (``path``).
    """
    document = Document(fonts, part.title, DATA_PAGE, DATA_SHEET)
    compose_report(programme, view, part, messages, document)
    return document.build()


def compose_report(programme: Programme, view: View, part: Part, messages: Messages, document: Pages) -> None:
    """Write the report onto pages of whatever kind, see ``render_report``."""
    report = _Report(view, messages, document)
    report.head(programme.texts.get(part.text, ""))
    for section in programme.form.sections:
        report.section(section)
    report.reasons()
    report.evidence()
    for group in group_places(part.stamp_places):
        signature = signature_of(group, messages)
        document.signature(signature.lines, signature.seal)
    report.wide_tables()


class _Report:
    def __init__(self, view: View, messages: Messages, document: Pages) -> None:
        self._view = view
        self._messages = messages
        self._document = document
        self._wide: list[FormTable] = []

    def head(self, notes: str) -> None:
        """Print title, what the report is about, and the notes on filling in."""
        programme, slots = self._view.programme, standard_slots(self._view.programme, self._messages)
        self._document.title(programme.title)
        self._document.paragraph(self._word("not_official", label=programme.label), _LABEL)
        self._document.paragraph(
            self._word(
                "report.facts", year=programme.report_year, period=slots["period"], issuer=programme.issuer
            ),
            _FACTS,
        )
        lines = [line for passage in read_passages(notes) for line in passage.lines]
        if lines:
            self._document.heading(self._word("report.notes"), 2)
            for line in lines:
                self._document.note(fill_text(line, self._view, self._messages))

    def section(self, section: Section) -> None:
        """Print a section: short fields as rows, long texts as paragraphs, tables that stand upright."""
        document = self._document
        document.heading(named(section.number, section.label, self._messages))
        fields = [item for item in section.fields if item.id not in self._view.hidden]
        rows: list[FormRow] = []
        for item in fields:
            if item.type is not ItemType.LONG_TEXT:
                text = item.type not in NUMBER_TYPES
                rows.append(FormRow(item.number, item.label, self._shown(item), item.unit, text))
                continue
            self._flush(rows)
            document.heading(named(item.number, item.label, self._messages), 2)
            document.paragraph(self._shown(item) or self._word("report.missing"))
        self._flush(rows)
        tables = [self._view.programme.form.tables[table_id] for table_id in section.tables]
        tables = [table.shown for table in tables if not table.left_out]
        for table in tables:
            self._table(table)
        if not fields and not tables:
            document.paragraph(self._word("nothing"))

    def _flush(self, rows: list[FormRow]) -> None:
        if rows:
            self._document.form(rows)
            rows.clear()

    def _table(self, table: FormTable) -> None:
        rows = self._view.rows(table.id)
        name = named(table.number, table.label, self._messages)
        if rows and table.landscape:
            self._document.gap(DATA_SHEET.gap / 2)
            self._document.paragraph(self._word("report.later", name=name, count=len(rows)))
            self._wide.append(table)
            return
        if rows and not has_long_texts(table):
            self._print(table, rows, DATA_PAGE.body_width, name)
            return
        self._document.heading(name, 2)
        if not rows:
            self._document.paragraph(self._word("nothing"))
        self._records(table, rows)

    def _records(self, table: FormTable, rows: Sequence[Row]) -> None:
        """Print each row of a table with long texts as a small form of its own."""
        for position, row in enumerate(rows, 1):
            self._document.heading(self._word("report.record", number=position), 3)
            self._document.table(record_table(table, row))

    def _print(self, table: FormTable, rows: Sequence[Row], width: float, name: str) -> None:
        """Print a table; one with too many columns in several bands that repeat its key columns."""
        parts = bands(table, width)
        for number, columns in enumerate(parts, 1):
            title = name
            if len(parts) > 1:
                title = self._word("report.band", name=name, number=number, count=len(parts))
            with self._document.group():
                self._document.table(printed_table(table, columns, rows, title, self._messages))

    def wide_tables(self) -> None:
        """Print the wide tables one below the other on pages across."""
        if not self._wide:
            return
        self._document.turn(WIDE_PAGE)
        self._document.heading(self._word("report.tables"))
        for table in self._wide:
            name = named(table.number, table.label, self._messages)
            self._print(table, self._view.rows(table.id), WIDE_PAGE.body_width, name)

    def reasons(self) -> None:
        """Print the written answers to findings: code, place by its label, text."""
        texts = self._view.answers.reasons
        if not texts:
            return
        keys = [key.partition("@") for key in texts]
        rows = [
            (code, place_name(self._view, path, self._messages), text)
            for (code, _, path), text in zip(keys, texts.values(), strict=True)
        ]
        columns = (
            Column(self._word("report.reason_code"), align="center"),
            Column(self._word("report.reason_place"), 2.0, "left"),
            Column(self._word("report.reason_text"), 3.0, "left"),
        )
        self._document.heading(self._word("report.reasons"))
        self._document.table(Table(columns, sorted(rows)))

    def evidence(self) -> None:
        """Print the list of proof documents: file, what each proves, size."""
        files = self._view.attachments
        if not files:
            return
        rows = [
            (
                str(position),
                file.name,
                "\n".join(place_name(self._view, item, self._messages) for item in file.items),
                self._size(file.size),
            )
            for position, file in enumerate(files, 1)
        ]
        columns = (
            Column(self._word("report.number"), align="center"),
            Column(self._word("report.evidence_name"), 2.0, "left"),
            Column(self._word("report.evidence_items"), 3.0, "left"),
            Column(self._word("report.evidence_size"), align="right"),
        )
        self._document.heading(self._word("report.evidence"))
        self._document.table(Table(columns, rows))

    def _size(self, count: int) -> str:
        if count < 1 << 20:
            return self._word("report.kilobytes", size=-(-count // 1024))
        return self._word("report.megabytes", size=f"{count / (1 << 20):.1f}")

    def _shown(self, item: Item) -> str:
        return shown(item, self._view.values.get(item.id))

    def _word(self, code: str, **params: object) -> str:
        return self._messages.text("paper", code, **params)
