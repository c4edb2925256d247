"""One table of the open draft as Qt asks for it: texts, colours, signs, headings, edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from app.messages import Messages
from app.model.draft import Path, Row
from app.model.finding import Finding, Severity
from app.model.form import Item
from app.model.value import NUMBER_TYPES, Invalid, Value, format_value, in_unit, plain_decimal
from app.rules.difference import compare_rows
from ui.draft_model import DraftModel
from ui.form.table_edits import is_typed
from ui.form.table_rows import TableRows
from ui.form.table_signs import make_signs
from ui.style import Look

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_NOWHERE = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TINT = {Severity.ERROR: 0.14, Severity.WARNING: 0.12, Severity.INFO: 0.10}
_UNSORTED = (-1, False)
_SHOWN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_TYPED = _SHOWN | Qt.ItemFlag.ItemIsEditable
# Qt asks with plain numbers, some thousand times for one page
_DISPLAY, _EDIT = int(Role.DisplayRole), int(Role.EditRole)
_TIP, _ICON = int(Role.ToolTipRole), int(Role.DecorationRole)
_ALIGN, _GROUND, _INK = (int(r) for r in (Role.TextAlignmentRole, Role.BackgroundRole, Role.ForegroundRole))
_HEARD = int(Role.AccessibleDescriptionRole)
_USED = frozenset({_DISPLAY, _EDIT, _TIP, _ICON, _ALIGN, _GROUND, _INK, _HEARD})


class TableModel(QAbstractTableModel):
    """The rows of a table.  Which are shown is one list of positions, made once per change.

    ``refresh`` takes over what changed.  Sorting and filtering are of the view only; after an edit rows
    stay where they are until they are sorted or filtered again.
    """

    def __init__(
        self, draft: DraftModel, table_id: str, messages: Messages, look: Look, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.draft = draft
        self.table = draft.session.programme.form.tables[table_id].shown
        self.columns = self.table.columns
        self.rows = TableRows(draft.session, self.table)
        self._flags = [_TYPED if is_typed(item) else _SHOWN for item in self.columns]
        self.needle = ""
        self.sorting = _UNSORTED
        self._messages = messages
        self._signs = make_signs(look)
        self._tints = {
            severity: QBrush(blend(getattr(look, severity.value), look.surface, share))
            for severity, share in _TINT.items()
        }
        self._dim, self._wrong, self._locked = QBrush(look.faint), QBrush(look.error), QBrush(look.raised)

    # -------------------------------------------------------------------------------- changes
    @property
    def resting(self) -> bool:
        """Tell whether the table does not apply to this report, so that its rows rest."""
        return not self.rows.rows and bool(self.draft.answers.tables.get(self.table.id))

    def refresh(self) -> None:
        """Take over what changed in the draft; the rows' ids say which is which."""
        rows = self.rows
        before, found, shown = rows.rows, rows.by_row, rows.shown
        fresh = self.draft.session.view.rows(self.table.id)
        if not compare_rows(before, fresh).reshaped:
            rows.load()
            self._tell_changed(before, found)
            return
        old = [row.id for row in rows.shown_rows()]
        if shown is None:
            self._reshape(old, [row.id for row in fresh], None)
            return
        places = {row.id: place for place, row in enumerate(fresh)}
        known = {row.id for row in before}
        order = [places[row_id] for row_id in old if row_id in places]
        order += [place for row_id, place in places.items() if row_id not in known]
        self._reshape(old, [fresh[place].id for place in order], order)

    def set_filter(self, needle: str) -> None:
        """Show only rows that hold a text in any column; an empty text shows all."""
        self.needle = needle.strip()
        self._arrange()

    def set_sorting(self, column: int, descending: bool = False) -> None:
        """Show the rows by a column, or in their own order for -1."""
        self.sorting = (column, descending)
        self._arrange()

    def _arrange(self) -> None:
        rows = self.rows
        old = [row.id for row in rows.shown_rows()]
        order = rows.arranged(self.needle, *self.sorting)
        shown = order if self.needle or self.sorting[0] >= 0 else None
        self._reshape(old, [rows.rows[place].id for place in order], shown)

    def _reshape(self, old: Sequence[str], new: Sequence[str], shown: list[int] | None) -> None:
        """Go over to other rows, telling views of one run put in or taken out, else of a new layout."""
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
            end += 1
        gone, come = len(old) - start - end, len(new) - start - end
        if come and not gone:
            self.beginInsertRows(_NOWHERE, start, start + come - 1)
            self._take(shown)
            self.endInsertRows()
        elif gone and not come:
            self.beginRemoveRows(_NOWHERE, start, start + gone - 1)
            self._take(shown)
            self.endRemoveRows()
        elif len(old) == len(new) and set(old) == set(new):
            self._relay(old, new, shown)
        else:
            self.beginResetModel()
            self._take(shown)
            self.endResetModel()
        self._tell_all()

    def _take(self, shown: list[int] | None) -> None:
        self.rows.load()
        self.rows.shown = shown

    def _relay(self, old: Sequence[str], new: Sequence[str], shown: list[int] | None) -> None:
        self.layoutAboutToBeChanged.emit()
        self._take(shown)
        places = {row_id: place for place, row_id in enumerate(new)}
        before = self.persistentIndexList()
        after = [self.index(places[old[index.row()]], index.column()) for index in before]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _tell_changed(self, before: Sequence[Row], found: Mapping[str, list[Finding]]) -> None:
        now, said = self.rows.rows, self.rows.by_row
        changed = {new.id for new, old in zip(now, before, strict=True) if new is not old}
        changed.update(
            row_id for row_id in found.keys() | said.keys() if found.get(row_id) != said.get(row_id)
        )
        places = [place for place, row in enumerate(self.rows.shown_rows()) if row.id in changed]
        if places:
            last = self.columnCount() - 1
            self.dataChanged.emit(self.index(places[0], 0), self.index(places[-1], last))
            self.headerDataChanged.emit(Qt.Orientation.Vertical, places[0], places[-1])
        elif not changed:
            self._tell_all()  # a cell that does not apply, or a reason

    def _tell_all(self) -> None:
        if self.rowCount():
            corner = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), corner)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, self.rowCount() - 1)

    def leave_row(self, row_id: str) -> None:
        """Speak about what is missing in a row just added, now that it was left."""
        if self.rows.leave_fresh(row_id):
            self._tell_all()

    # -------------------------------------------------------------------------------- Qt
    def can_edit(self, column: int) -> bool:
        """Tell whether a column is filled by the clerk."""
        return is_typed(self.columns[column])

    def edit_text(self, row: int, column: int) -> str:
        """Give a cell's text as it is typed: plain digits in the column's unit, ISO dates, labels."""
        return typing_text(self.columns[column], self.rows.value(row, column))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Give the number of rows shown."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Give the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Say that typed cells can be edited."""
        return self._flags[index.column()]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Give one aspect of a cell; roles not used cost next to nothing."""
        if role not in _USED:
            return None
        row, column = index.row(), index.column()
        if role == _DISPLAY:
            text = self.rows.text(row, column)
            return text.replace("\n", " ") if "\n" in text else text
        if role == _ALIGN:
            return _RIGHT if self.columns[column].type in NUMBER_TYPES else _LEFT
        if role == _INK:
            return self._foreground(row, column)
        if role == _EDIT:
            return self.edit_text(row, column)
        if role in (_TIP, _HEARD):
            return self._tip(row, column)
        worst = self.rows.worst(row, column)
        if role == _ICON:
            return None if worst is None else self._signs[worst]
        if worst is not None:
            return self._tints[worst]
        return None if self.can_edit(column) else self._locked

    def _foreground(self, row: int, column: int) -> QBrush | None:
        if isinstance(self.rows.value(row, column), Invalid):
            return self._wrong
        return self._dim if self.rows.rests(row, column) else None

    def _tip(self, row: int, column: int) -> str:
        item, words = self.columns[column], self._messages
        lines = []
        if isinstance(self.rows.value(row, column), Invalid):
            lines.append(words.text("window", f"table.invalid.{item.type}"))
        if self.rows.rests(row, column):
            lines.append(words.text("window", "table.rests"))
        if not self.can_edit(column):
            lines.append(words.text("window", "table.locked"))
        lines += [words.finding(finding) for finding in self.rows.cell_findings(row, column)]
        return "\n".join(lines) or self.rows.text(row, column)

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Take a typed text over into the draft, as one undo step."""
        if role != Role.EditRole or not self.can_edit(index.column()):
            return False
        self.put(index.row(), index.column(), str(value))
        return True

    def put(self, row: int, column: int, text: str, burst: str = "") -> None:
        """Set a shown cell from a typed text; all of a ``burst`` is undone together."""
        item = self.columns[column]
        label = self._messages.text(
            "window",
            "table.undo.cell",
            table=self.table.label,
            row=self.rows.position(row) + 1,
            column=item.label,
        )
        self.draft.set_text(Path(self.table.id, self.rows.row_id(row), item.id), text, label, burst)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Give a column's number, label and unit, or a row's number in the table."""
        if orientation == Qt.Orientation.Horizontal:
            return self._column_head(section, role)
        if role == Role.DisplayRole:
            return str(self.rows.position(section) + 1)
        if role == Role.DecorationRole:
            worst = self.rows.row_worst(section)
            return None if worst is None else self._signs[worst]
        if role == Role.ToolTipRole:
            return "\n".join(self._messages.finding(finding) for finding in self.rows.findings(section))
        return None

    def _column_head(self, section: int, role: int) -> Any:
        item = self.columns[section]
        if role == Role.DisplayRole:
            return heading(item)
        if role == Role.ToolTipRole:
            need = self._messages.text("window", "table.needed") if item.required != "false" else ""
            return "\n".join(filter(None, (heading(item), need, item.rule)))
        return None


def heading(item: Item) -> str:
    """Give a column's heading: number, label, required mark, unit."""
    label = " ".join(filter(None, (item.number, item.label)))
    star = " *" if item.required != "false" and is_typed(item) else ""
    return f"{label}{star}\n（{item.unit}）" if item.unit else f"{label}{star}"


def typing_text(item: Item, value: Value | None) -> str:
    """Give the text a clerk would type for a value: plain digits, ISO dates, labels of choices."""
    if value is None or isinstance(value, (bool, Invalid, str, tuple)):
        return format_value(value, item.type, item.unit, item.choices, item.decimals)
    if item.type in NUMBER_TYPES:
        return plain_decimal(in_unit(value, item.type, item.unit))  # type: ignore[arg-type]
    return str(value)


def blend(colour: QColor, ground: QColor, share: float) -> QColor:
    """Give a colour laid thinly over another."""
    return QColor(
        round(colour.red() * share + ground.red() * (1 - share)),
        round(colour.green() * share + ground.green() * (1 - share)),
        round(colour.blue() * share + ground.blue() * (1 - share)),
    )
