"""The sheet for the head of the unit (领导审签单): key figures, large changes, open findings, on one page."""

from __future__ import annotations

from collections.abc import Sequence

from app.messages import Messages
from app.model.finding import Finding, Severity
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.changes import Change, difference_text, find_changes
from app.paper.fonts import Fonts
from app.paper.pieces import Pieces
from app.paper.plan import Surroundings
from app.paper.sheet import Placed, fit_sheet, print_sheet
from app.paper.styles import DATA_PAGE
from app.paper.table import Column
from app.paper.wording import fill_text, named, place_name, read_passages, shown
from app.rules.view import View

COUNTS = (
    *((14, 14), (12, 12), (10, 10), (8, 8), (8, 6), (7, 5), (6, 5), (6, 4), (6, 3), (5, 3), (4, 3), (4, 2)),
    *((3, 2), (2, 2), (2, 1), (1, 1), (0, 0)),
)
"""How many changes and findings are named, tried in this order until the page holds them."""

_SIZES = (9.5, 9.0)
_LONGEST = 60
"""Characters of a reason or a finding on this sheet; the whole text stands in its own paper."""


def render_approval(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, around: Surroundings
) -> bytes:
    """Print what the head must know before signing, always on one page.

    The rows ``label：{slot}`` of ``part.text`` are the key figures, its other lines what is signed for.  What
    does not fit is counted, never dropped in silence.

    Raises:
        AppError: ``form_does_not_fit`` (``title``).
    """
    sheet = _Sheet(programme, view, part, fonts, messages, around)
    counts, _left = fit_sheet(COUNTS, sheet.compose, DATA_PAGE, part.title)
    return print_sheet(fonts, part.title, DATA_PAGE, sheet.compose(counts))


class _Sheet:
    def __init__(
        self,
        programme: Programme,
        view: View,
        part: Part,
        fonts: Fonts,
        messages: Messages,
        around: Surroundings,
    ) -> None:
        self._pieces = Pieces(fonts, messages, DATA_PAGE.body_width)
        self._programme = programme
        self._view = view
        self._part = part
        self._figures: list[tuple[str, str]] = []
        self._lines: list[str] = []
        for passage in read_passages(programme.texts.get(part.text, "")):
            rows = passage.rows
            self._figures += [(name, fill_text(text, view, messages, "")) for name, text in rows]
            if not rows:
                self._lines += [fill_text(line, view, messages) for line in passage.lines]
        self._changes = sorted(
            (change for change in find_changes(view) if change.large),
            key=lambda change: -abs(change.share) if change.share is not None else 0,
        )
        grave = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
        self._findings = sorted(
            (
                finding
                for finding in around.findings
                if finding.blocks
                or (
                    finding.severity is not Severity.INFO
                    and not view.answers.reasons.get(finding.key, "").strip()
                )
            ),
            key=lambda finding: grave[finding.severity],
        )

    def compose(self, counts: tuple[int, int]) -> Sequence[Placed]:
        """Set the sheet with at most so many changes and findings named."""
        most_changes, most_findings = counts
        pieces, messages = self._pieces, self._pieces.messages
        blocks = [*pieces.head(self._part, self._programme), pieces.text(self._programme.title, before=2.0)]
        if self._figures:
            blocks += [pieces.heading(pieces.word("approval.figures")), self._grid()]
        blocks.append(pieces.heading(pieces.word("approval.changes", count=len(self._changes))))
        columns = (
            Column(pieces.word("changes.item"), 2.0, "left"),
            Column(pieces.word("changes.before"), 1.0, "center"),
            Column(pieces.word("changes.now"), 1.0, "center"),
            Column(pieces.word("changes.difference"), 1.5, "center"),
            Column(pieces.word("changes.reason"), 3.0, "left"),
        )
        rows = [self._change(change) for change in self._changes[:most_changes]]
        blocks += self._listed(columns, rows, len(self._changes), "approval.more_changes")
        blocks.append(pieces.heading(pieces.word("approval.findings", count=len(self._findings))))
        found = (
            Column(pieces.word("approval.severity"), align="center"),
            Column(pieces.word("explanations.place"), 1.2, "left"),
            Column(pieces.word("explanations.found"), 3.0, "left"),
        )
        blocks += self._listed(
            found,
            [self._finding(finding, messages) for finding in self._findings[:most_findings]],
            len(self._findings),
            "approval.more_findings",
        )
        blocks += [pieces.text(line, before=6.0) for line in self._lines]
        return [*blocks, *pieces.signatures(self._part)]

    def _grid(self) -> Placed:
        """Give the key figures, two on a line."""
        pairs = list(self._figures)
        if len(pairs) % 2:
            pairs.append(("", ""))
        rows = [(*pairs[place], *pairs[place + 1]) for place in range(0, len(pairs), 2)]
        columns = (
            Column("", 1.2, "left"),
            Column("", 1.3, "left"),
            Column("", 1.2, "left"),
            Column("", 1.3, "left"),
        )
        return self._pieces.table(columns, rows, header=False)

    def _listed(
        self, columns: Sequence[Column], rows: Sequence[tuple[str, ...]], total: int, more: str
    ) -> list[Placed]:
        pieces = self._pieces
        if total == 0:
            return [pieces.text(pieces.word("nothing"))]
        blocks = [pieces.table(columns, rows, sizes=_SIZES)] if rows else []
        if total > len(rows):
            blocks.append(pieces.text(pieces.word(more, count=total - len(rows)), before=2.0))
        return blocks

    def _change(self, change: Change) -> tuple[str, ...]:
        item, view, messages = change.item, self._view, self._pieces.messages
        name = named(item.number, item.label, messages)
        return (
            messages.text("paper", "unit", label=name, unit=item.unit) if item.unit else name,
            shown(item, view.previous.get(item.id)),
            shown(item, view.values.get(item.id)),
            difference_text(change, messages),
            _short("；".join(change.reasons)) or messages.text("paper", "changes.no_reason"),
        )

    def _finding(self, finding: Finding, messages: Messages) -> tuple[str, ...]:
        return (
            messages.text("words", f"severity.{finding.severity.value}"),
            place_name(self._view, finding.path, messages),
            _short(messages.finding(finding)),
        )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
