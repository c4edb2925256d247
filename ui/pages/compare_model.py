"""The table of items compared with last year: two columns can be typed and pasted into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.messages import Messages
from app.model.draft import Answers
from app.model.finding import Finding, Severity
from app.model.form import Item
from app.model.programme import Programme
from app.model.value import NUMBER_TYPES, Value, clean_text, format_value, is_number, parse_value
from app.services.session import DraftSession
from ui.pages.finding_model import with_reasons
from ui.style import Look

Index = QModelIndex | QPersistentModelIndex
NUMBER, LABEL, UNIT, PREVIOUS, VALUE, CHANGE, PERCENT, MARK, REASON = range(9)
COLUMNS = ("number", "label", "unit", "previous", "value", "change", "percent", "mark", "reason")
EXPLAINED = "change_explained"
"""The check kind whose findings a reason for a change answers."""
_KINDS = frozenset({EXPLAINED, "unit_slip", "zero_change", "decreased", "rollover", "cumulative"})
_PREVIOUS_OF = re.compile(r"\bprev\(\s*(\w+)\s*\)")
_ROOT = QModelIndex()


@dataclass(frozen=True)
class Line:
    """One compared item: its values, what they differ by, and what the checks say."""

    item: Item
    previous: Value | None
    value: Value | None
    change: Decimal | None
    percent: Decimal | None
    asks: Finding | None
    findings: tuple[Finding, ...]
    reason: str

    @property
    def large(self) -> bool:
        """Tell whether the change wants a reason."""
        return self.asks is not None


def read_lines(session: DraftSession) -> tuple[Line, ...]:
    """Give a line for every compared number item that is relevant, in the order of the form."""
    programme, view = session.programme, session.view
    codes = {spec.code: spec.kind for spec in programme.checks if spec.kind in _KINDS}
    asking = {spec.code for spec in programme.checks if spec.kind == EXPLAINED}
    by_path: dict[str, list[Finding]] = {}
    for finding in session.findings:
        if finding.code in codes:
            by_path.setdefault(finding.path, []).append(finding)
    lines = []
    for item in programme.form.fields.values():
        if item.compared and item.type in NUMBER_TYPES and item.id not in view.hidden:
            found = tuple(by_path.get(item.id, ()))
            asks = next(
                (one for one in found if one.code in asking and one.severity is not Severity.INFO), None
            )
            reason = session.answers.reasons.get(asks.key, "") if asks else ""
            lines.append(
                _line(item, view.previous.get(item.id), view.values.get(item.id), asks, found, reason)
            )
    return tuple(lines)


def _line(
    item: Item,
    previous: Value | None,
    value: Value | None,
    asks: Finding | None,
    found: tuple[Finding, ...],
    reason: str,
) -> Line:
    change = percent = None
    if is_number(previous) and is_number(value):
        assert isinstance(previous, int | Decimal)
        assert isinstance(value, int | Decimal)
        change = Decimal(value) - Decimal(previous)
        percent = change / abs(Decimal(previous)) * 100 if previous else None
    return Line(item, previous, value, change, percent, asks, found, reason)


def main_lines(programme: Programme, lines: Sequence[Line], most: int = 12) -> tuple[Line, ...]:
    """Give the main indicators that have both values.

    Those the programme itself sets against last year in a derived table; where it has none, those that
    changed most in proportion.
    """
    both = {line.item.id: line for line in lines if line.change is not None}
    named = dict.fromkeys(
        item_id
        for table in programme.form.tables.values()
        for row in table.derived
        for expression in row.expressions.values()
        for item_id in _PREVIOUS_OF.findall(expression)
        if item_id in both
    )
    if named:
        return tuple(both[item_id] for item_id in list(named)[:most])
    ranked = sorted(both.values(), key=lambda line: -abs(line.percent or Decimal(0)))
    return tuple(ranked[:most])


@dataclass(frozen=True)
class Cell:
    """A text for one editable cell."""

    line: Line
    column: int
    text: str


def with_cells(answers: Answers, cells: Sequence[Cell]) -> Answers:
    """Give answers with last year's values and reasons as typed; what is no number is kept as typed."""
    previous = dict(answers.previous)
    for cell in cells:
        item = cell.line.item
        if cell.column == PREVIOUS:
            value = parse_value(item.type, cell.text, item.unit, item.choices)
            if value is None:
                previous.pop(item.id, None)
            elif previous.get(item.id) != value:
                previous[item.id] = value
    changed = replace(answers, previous=previous)
    for cell in cells:
        if cell.column == REASON and cell.line.asks is not None:
            changed = with_reasons(changed, [cell.line.asks.key], clean_text(cell.text))
    return changed


class CompareModel(QAbstractTableModel):
    """Shows lines; ``typed`` carries a ``Cell`` the user has changed."""

    typed = Signal(object)

    def __init__(self, messages: Messages, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._messages, self._look = messages, look
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show other lines; where the items are the same, only the texts change."""
        if [line.item.id for line in lines] != [line.item.id for line in self.lines]:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()
            return
        self.lines = lines
        if lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Count the lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Name the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._word(f"column_{COLUMNS[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (PREVIOUS, VALUE, CHANGE, PERCENT):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def can_edit(self, row: int, column: int) -> bool:
        """Tell whether a cell is the user's to fill."""
        return column == PREVIOUS or (column == REASON and self.lines[row].large)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let last year's value and the reason be edited."""
        flags = super().flags(index)
        if index.isValid() and self.can_edit(index.row(), index.column()):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give texts, alignment and colours."""
        line, column = self.lines[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.text(line, column, typed=role == Qt.ItemDataRole.EditRole)
        if role == Qt.ItemDataRole.ToolTipRole:
            if column == MARK and line.findings:
                return "\n".join(self._messages.finding(finding) for finding in line.findings)
            return self.text(line, column) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (PREVIOUS, VALUE, CHANGE, PERCENT):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(line, column)
        if role == Qt.ItemDataRole.BackgroundRole and self.can_edit(index.row(), column):
            return self._look.selected
        return None

    def text(self, line: Line, column: int, *, typed: bool = False) -> str:
        """Give the text of a cell; ``typed`` gives what an editor starts with."""
        item = line.item
        if column in (PREVIOUS, VALUE):
            value = line.previous if column == PREVIOUS else line.value
            return format_value(value, item.type, item.unit, None, item.decimals)
        if column == CHANGE:
            plus = "+" if line.change is not None and line.change > 0 else ""
            return plus + format_value(line.change, item.type, item.unit, None, item.decimals)
        if column == PERCENT:
            if line.percent is None:
                return self._word("not_comparable") if line.change is not None else ""
            return f"{line.percent:+,.1f}%"
        if column == MARK:
            return self._mark(line)
        if column == REASON:
            return line.reason if line.large or typed else ""
        return {NUMBER: item.number, LABEL: item.label, UNIT: item.unit}[column]

    def _mark(self, line: Line) -> str:
        if line.large:
            return self._word("mark_explained" if line.reason.strip() else "mark_large")
        return self._word("mark_other") if line.findings else ""

    def _colour(self, line: Line, column: int) -> object:
        if column == MARK:
            if line.large and not line.reason.strip():
                return self._look.warning
            return self._look.good if line.large else self._look.info
        return self._look.faint if column in (NUMBER, UNIT) else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed, unless it is what already stands there."""
        line, text = self.lines[index.row()], str(value)
        if role != Qt.ItemDataRole.EditRole or text == self.text(line, index.column(), typed=True):
            return False
        self.typed.emit(Cell(line, index.column(), text))
        return True

    def _word(self, key: str, /, **params: object) -> str:
        return self._messages.text("window", f"compare.{key}", **params)
