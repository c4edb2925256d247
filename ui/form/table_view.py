"""A detail table on a page: grid, actions, filter, search, sums, and what was found in the current row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from app.services.session import Changes
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.form.delegates import CellDelegate
from ui.form.editors import Kit
from ui.form.table_actions import TableActions
from ui.form.table_find import FindLine
from ui.form.table_findings import RowFindings
from ui.form.table_grid import GridView
from ui.form.table_header import TotalsLine
from ui.form.table_model import TableModel

_FILTER_PAUSE_MS, _SUM_PAUSE_MS = 150, 60
_LEAST_LINES, _MOST_LINES = 6, 11
_IN_BAR = ("add", "paste", "delete")
_IN_MENU = ("insert", "up", "down", "", "fill", "copy", "cut", "clear", "", "find")
_KEYS = {
    "add": ("Ctrl+Return", "Ctrl+Enter", "Ins"),
    "insert": ("Ctrl+I",),
    "delete": ("Ctrl+Del",),
    "up": ("Alt+Up",),
    "down": ("Alt+Down",),
    "fill": ("Ctrl+D",),
    "copy": ("Ctrl+C",),
    "cut": ("Ctrl+X",),
    "paste": ("Ctrl+V",),
    "clear": ("Del",),
    "find": ("Ctrl+Shift+F",),
}


class TableEditor(QWidget):
    """Edits one table of the open draft.  ``shut`` takes over what is half typed and lets go of the draft."""

    def __init__(self, context: PageContext, model: DraftModel, table_id: str) -> None:
        super().__init__()
        self._context = context
        self._draft = model
        look, words = context.look, context.messages
        self.model = TableModel(model, table_id, words, look, self)
        self.table = self.model.table
        self.delegate = CellDelegate(words, look, self)
        self.grid = GridView(self.model, self.delegate, look, self)
        self.doing = TableActions(context, model, self.grid, self.model)
        self.totals = TotalsLine(self.grid, look, self)
        self.totals.covered = lambda: self.grid.frozen.covered
        self.findings = RowFindings(self.model, model, Kit(words, look), self)
        self.find_line = FindLine(self.grid, self.model, words, look, self)
        self.filter = QLineEdit()
        self.state = QLabel()
        self.note = QLabel()
        self._timer = QTimer(self)
        self._summing = QTimer(self)
        self._current = ""
        self.actions_by_name = self._make_actions()
        self._lay_out()
        self._name_all()
        self._connect()
        self._show_state()
        self._show_totals()

    def _text(self, code: str, **params: object) -> str:
        return self._context.messages.text("window", f"table.{code}", **params)

    # -------------------------------------------------------------------------------- making
    def _make_actions(self) -> dict[str, QAction]:
        verbs: dict[str, Callable[[], None]] = {
            "add": self.doing.add,
            "insert": self.doing.insert,
            "delete": self.doing.delete,
            "up": partial(self.doing.move, -1),
            "down": partial(self.doing.move, 1),
            "fill": self.doing.fill_down,
            "copy": self.doing.copy,
            "cut": self.doing.cut,
            "paste": self.doing.paste,
            "clear": self.doing.clear,
            "find": self.find_line.open,
        }
        shaping = ("add", "insert", "delete", "up", "down")
        actions = {}
        for name, verb in verbs.items():
            action = QAction(self._text(name), self)
            action.setShortcuts([QKeySequence(key) for key in _KEYS[name]])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(f"{self._text(name)}（{_KEYS[name][0]}）")
            action.triggered.connect(partial(self._do, name, verb))
            if self.table.derived and name in shaping:
                action.setEnabled(False)
                action.setVisible(False)
            self.grid.addAction(action)
            actions[name] = action
        return actions

    def _do(self, name: str, verb: Callable[[], None], _checked: bool = False) -> None:
        if name != "find":
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        self.delegate.finish()
        verb()

    def _lay_out(self) -> None:
        look = self._context.look
        title = QLabel(f"{self.table.number}  {self.table.label}")
        title.setFont(look.font(12, bold=True))
        title.setWordWrap(True)
        rule = QLabel(self.table.rule, self)  # shown without a parent it would be a window for a moment
        rule.setWordWrap(True)
        rule.setVisible(bool(self.table.rule))
        for label in (rule, self.state, self.note):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), look.faint)
            label.setPalette(palette)
        self.note.setWordWrap(True)
        frame = QVBoxLayout()
        frame.setSpacing(0)
        frame.addWidget(self.grid, 1)
        frame.addWidget(self.totals)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, look.space(), 0, 0)
        column.setSpacing(look.space(0.75))
        column.addWidget(title)
        column.addWidget(rule)
        column.addLayout(self._make_bar())
        column.addWidget(self.find_line)
        column.addWidget(self.note)
        column.addLayout(frame, 1)
        column.addWidget(self.findings)
        line = self.grid.verticalHeader().defaultSectionSize()
        lines = min(max(self.model.rowCount() + 2, _LEAST_LINES), _MOST_LINES)
        self.grid.setMinimumHeight(self.grid.horizontalHeader().sizeHint().height() + lines * line)

    def _make_bar(self) -> QHBoxLayout:
        look = self._context.look
        bar = QHBoxLayout()
        bar.setSpacing(look.space(0.75))
        self.buttons: dict[str, QToolButton] = {}
        for name in _IN_BAR:
            action = self.actions_by_name[name]
            if action.isVisible():
                bar.addWidget(self._make_button(name, action))
        if any(one.table == self.table.id for one in self._draft.session.programme.gatherings):
            from ui.form.gather_button import GatherButton  # only few programmes gather

            self.buttons["gather"] = GatherButton(self._context, self._draft)
            bar.addWidget(self.buttons["gather"])
        more = QToolButton()
        more.setText(self._text("more"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setMenu(self._make_menu(more, _IN_MENU))
        self.buttons["more"] = more
        bar.addWidget(more)
        bar.addStretch(1)
        bar.addWidget(self.state)
        self.filter.setClearButtonEnabled(True)
        self.filter.setPlaceholderText(self._text("filter_hint"))
        self.filter.setMinimumWidth(look.space(16))
        self.filter.setMaximumWidth(look.space(44))
        bar.addWidget(self.filter, 2)
        return bar

    def _make_button(self, name: str, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.buttons[name] = button
        return button

    def _make_menu(self, parent: QWidget, names: tuple[str, ...]) -> QMenu:
        menu = QMenu(parent)
        for name in names:
            if name:
                menu.addAction(self.actions_by_name[name])
            else:
                menu.addSeparator()
        return menu

    def _name_all(self) -> None:
        self.setAccessibleName(self._text("view_name", table=self.table.label))
        self.grid.setAccessibleName(self._text("view_name", table=self.table.label))
        self.grid.setAccessibleDescription(self._text("view_help"))
        self.filter.setAccessibleName(self._text("filter_name", table=self.table.label))
        for button in self.buttons.values():
            button.setAccessibleName(button.text())
            button.setAccessibleDescription(button.toolTip())

    def _connect(self) -> None:
        self._draft.changed.connect(self._changed)
        self._draft.settling.connect(self.delegate.finish)
        self.grid.row_wanted.connect(self._row_wanted)
        self.grid.selectionModel().currentChanged.connect(self._moved)
        self.model.modelReset.connect(self._restore)
        self._summing.setSingleShot(True)
        self._summing.setInterval(_SUM_PAUSE_MS)
        self._summing.timeout.connect(self._show_totals)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FILTER_PAUSE_MS)
        self._timer.timeout.connect(self._filter)
        self.filter.textChanged.connect(lambda _: self._timer.start())
        self.filter.returnPressed.connect(self._filter)
        header = self.grid.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._head_menu)
        header.sectionClicked.connect(self._sort_clicked)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(self._cell_menu)

    # -------------------------------------------------------------------------------- the draft
    def _changed(self, _changes: Changes) -> None:
        self.model.refresh()
        self._show_state()
        self.findings.show_row(self._current)

    def settle(self) -> None:
        """Hand over what is typed or half typed, in a cell or as a reason."""
        self.delegate.finish()
        self.findings.settle()

    def shut(self) -> None:
        """Take over what is being typed and let go of the draft."""
        self.settle()
        self._draft.changed.disconnect(self._changed)
        self._draft.settling.disconnect(self.delegate.finish)

    def show_place(self, row_id: str, column_id: str) -> None:
        """Bring a cell into view, the cursor there; a filter that hides it is taken away."""
        if row_id and self.model.rows.find(row_id) < 0:
            self.filter.clear()
            self._filter()
        row = self.model.rows.find(row_id) if row_id else 0
        columns = [column.id for column in self.model.columns]
        column = columns.index(column_id) if column_id in columns else self.grid.frozen.column
        if row >= 0:
            self.grid.go_to(row, column)
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    # -------------------------------------------------------------------------------- what is shown
    def _show_state(self) -> None:
        rows, shown = len(self.model.rows.rows), self.model.rowCount()
        if self.model.needle:
            self.state.setText(self._text("count_filtered", shown=shown, count=rows))
        elif self.model.sorting[0] >= 0:
            self.state.setText(self._text("count_sorted", count=rows))
        else:
            self.state.setText(self._text("count", count=rows))
        notes = [self._context.messages.finding(finding) for finding in self.model.rows.whole]
        if self.model.resting:
            notes.insert(0, self._text("resting"))
        elif not rows:
            notes.insert(0, self._text("empty"))
        self.note.setText("\n".join(notes))
        self.note.setVisible(bool(notes))
        self._summing.start()

    def _show_totals(self) -> None:
        sums = self.model.rows.totals()
        words = [
            self._text(
                "total_text", column=self.model.columns[at].label, sum=text, unit=self.model.columns[at].unit
            )
            for at, text in sums.items()
        ]
        label = self._text("total_filtered" if self.model.needle else "total")
        self.totals.show_sums(label, sums, f"{label}：{'，'.join(words)}")

    def _moved(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row_id = self.model.rows.row_id(current.row()) if current.isValid() else ""
        if row_id != self._current:
            left, self._current = self._current, row_id
            self.model.leave_row(left)
            self.findings.show_row(row_id)

    def _restore(self) -> None:
        row = self.model.rows.find(self._current) if self._current else -1
        if row >= 0:
            self.grid.go_to(row, max(self.doing.last_column, 0))

    def _row_wanted(self) -> None:
        if not self.table.derived and not self.model.resting:
            self.doing.add()

    # -------------------------------------------------------------------------------- view only
    def _filter(self) -> None:
        self._timer.stop()
        self.delegate.finish()
        if self.filter.text().strip() != self.model.needle:
            self.model.set_filter(self.filter.text())
            self._show_state()

    def sort_by(self, column: int, descending: bool = False) -> None:
        """Show the rows by a column, or in their own order for -1; the table itself stays as it is."""
        self.delegate.finish()
        self.model.set_sorting(column, descending)
        header = self.grid.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(column, order)
        header.setSortIndicatorShown(column >= 0)
        self._show_state()

    def _sort_clicked(self, column: int) -> None:
        before, descending = self.model.sorting
        if before != column:
            self.sort_by(column)
        elif not descending:
            self.sort_by(column, True)
        else:
            self.sort_by(-1)

    def _head_menu(self, point: QPoint) -> None:
        column = self.grid.horizontalHeader().logicalIndexAt(point)
        if column >= 0:
            self.head_menu(column).popup(self.grid.horizontalHeader().mapToGlobal(point))

    def head_menu(self, column: int) -> QMenu:
        """Give the menu of a column's heading."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._text("sort_up"), partial(self.sort_by, column))
        menu.addAction(self._text("sort_down"), partial(self.sort_by, column, True))
        menu.addAction(self._text("sort_none"), partial(self.sort_by, -1))
        if not self.table.derived:
            menu.addSeparator()
            menu.addAction(self._text("rearrange"), partial(self.rearrange, column))
        return menu

    def rearrange(self, column: int) -> None:
        """Put the table's rows themselves into the order of a column, as one undo step."""
        self.delegate.finish()
        self.doing.rearrange(column)
        self.sort_by(-1)

    def _cell_menu(self, point: QPoint) -> None:
        menu = self._make_menu(self, ("add", *_IN_MENU[:3], "delete", *_IN_MENU[3:8], "paste"))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = self.grid.currentIndex().column()
        if column >= 0:
            menu.addSeparator()
            menu.addAction(self._text("sort_up"), partial(self.sort_by, column))
            menu.addAction(self._text("sort_down"), partial(self.sort_by, column, True))
            menu.addAction(self._text("sort_none"), partial(self.sort_by, -1))
            if not self.table.derived:
                menu.addAction(self._text("rearrange"), partial(self.rearrange, column))
        menu.popup(self.grid.viewport().mapToGlobal(point))
