"""The grid of a table: keys as in a spreadsheet, input methods, headings and the key column in sight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QInputMethodEvent, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from app.model.value import NUMBER_TYPES, ItemType
from ui.form.delegates import CellDelegate
from ui.form.table_edits import frozen_column
from ui.form.table_header import FrozenColumn, HeadingRow
from ui.form.table_model import TableModel, heading
from ui.style import Look

Index = QModelIndex | QPersistentModelIndex
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_MOST_SPREAD = 1.7
_CHARACTERS = {
    ItemType.DATE: 15, ItemType.CREDIT_CODE: 20, ItemType.ID_NUMBER: 20, ItemType.PHONE: 14,
    ItemType.EMAIL: 18, ItemType.WEB_ADDRESS: 18, ItemType.LONG_TEXT: 30, ItemType.YES_NO: 7,
}  # fmt: skip


class GridView(QTableView):
    """Enter goes down, Tab right; Enter below the last row asks for a new one (``row_wanted``)."""

    row_wanted = Signal()
    _frozen: FrozenColumn | None = None  # Qt scrolls before there is one

    def __init__(self, model: TableModel, delegate: CellDelegate, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._delegate = delegate
        self._run_start: int | None = None  # column where a run of Tabs began
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalHeader(HeadingRow(look, self))
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setPalette(quiet_palette(self, look))
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAlternatingRowColors(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed)
        side = self.fontMetrics().ascent()
        self.setIconSize(QSize(side, side))
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().lineSpacing() + look.space(1.25))
        rows.setHighlightSections(True)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._widths: list[int] = []
        self._widen(model)
        self._spread = list(self._widths)
        self._frozen = FrozenColumn(self, frozen_column(model.table), look)
        delegate.moved.connect(self.step)

    def _widen(self, model: TableModel) -> None:
        metrics = QFontMetrics(self.font())
        digit, wide = metrics.horizontalAdvance("0"), metrics.horizontalAdvance("宽")
        for place, item in enumerate(model.columns):
            words = max(len(part) for part in heading(item).split("\n"))
            width = max(wide * (min(words, 8) + 1), round(wide * 7 * item.width))
            if item.type in _CHARACTERS:
                width = max(width, digit * (_CHARACTERS[item.type] + 3))
            elif item.type in NUMBER_TYPES:
                width = max(width, digit * 13)
            self._widths.append(min(width, wide * 24))
            self.setColumnWidth(place, self._widths[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread few columns over the width there is, until the clerk has set one."""
        super().resizeEvent(event)
        if self._frozen is None:
            return
        header, total = self.horizontalHeader(), sum(self._widths)
        before = [header.sectionSize(place) for place in range(header.count())]
        if total and before == self._spread:
            share = min(max(self.viewport().width() / total, 1.0), _MOST_SPREAD)
            self._spread = [int(width * share) for width in self._widths]
            for place, width in enumerate(self._spread):
                self.setColumnWidth(place, width)

    @property
    def frozen(self) -> FrozenColumn:
        """Give the copy of the key column."""
        assert self._frozen is not None
        return self._frozen

    # -------------------------------------------------------------------------------- moving
    def step(self, down: int, right: int) -> None:
        """Go to the next cell: a row down (after a run of Tabs, to where it began), or a column aside."""
        index = self.currentIndex()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if right:
            self._step_aside(right)
        elif down and index.isValid():
            column = index.column() if self._run_start is None else self._run_start
            self._run_start = None
            if index.row() + 1 < self.model().rowCount():
                self.setCurrentIndex(index.siblingAtRow(index.row() + 1).siblingAtColumn(column))
            else:
                self.row_wanted.emit()

    def _step_aside(self, right: int) -> bool:
        index, model = self.currentIndex(), self.model()
        assert isinstance(model, TableModel)
        if not index.isValid():
            return False
        columns = [at for at in range(model.columnCount()) if model.can_edit(at)]
        row, column = index.row(), index.column()
        ahead = [at for at in columns if (at > column if right > 0 else at < column)]
        if not ahead:
            row, ahead = row + right, columns
        if not ahead or not 0 <= row < model.rowCount():
            return False
        start = column if self._run_start is None else self._run_start
        self.setCurrentIndex(model.index(row, ahead[0] if right > 0 else ahead[-1]))
        self._run_start = start if row == index.row() else columns[0]
        return True

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Let Tab go through the cells, and out of the table at its first and last cell."""
        return self._step_aside(1 if forward else -1) or super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes down, Ctrl+Tab leaves the table; other keys as in any grid."""
        key, modifiers = event.key(), event.modifiers()
        if key in _ENTER and not modifiers & ~Qt.KeyboardModifier.KeypadModifier:
            self.step(1, 0)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and modifiers & _CONTROL:
            super().focusNextPrevChild(key == Qt.Key.Key_Tab)
        else:
            if not event.text() or key in (Qt.Key.Key_Escape,):
                self._run_start = (
                    None if key not in (Qt.Key.Key_Shift, Qt.Key.Key_Control) else self._run_start
                )
            super().keyPressEvent(event)

    def scrollTo(  # noqa: N802
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a cell into view, and out from under the column that stays."""
        super().scrollTo(index, hint)
        if self._frozen is None:
            return
        self.frozen.place()
        covered = self.frozen.covered
        left = self.horizontalHeader().sectionViewportPosition(index.column())
        if covered and index.column() != self.frozen.column and left < covered:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - (covered - left))

    # -------------------------------------------------------------------------------- input methods
    def take_in(self) -> None:
        """Make half-typed text part of the cell: Qt leaves the focus here while its first word is made."""
        self._delegate.take_in()

    def event(self, event: QEvent) -> bool:
        """Take half-typed text in before the focus goes."""
        if event.type() is QEvent.Type.FocusAboutToChange and self._frozen is not None:
            self.take_in()
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Open the editor for composed text; a bare commit without preedit would be lost by Qt."""
        index = self.currentIndex()
        bare = bool(event.commitString()) and not event.preeditString()
        if (
            bare
            and index.isValid()
            and not self._delegate.editing
            and self.edit(index, QAbstractItemView.EditTrigger.AllEditTriggers, event)
        ):
            editor = QApplication.focusWidget()
            if editor is not None and editor is not self and self.isAncestorOf(editor):
                QApplication.sendEvent(editor, event)
                return
        super().inputMethodEvent(event)

    # -------------------------------------------------------------------------------- selection
    def chosen_rows(self) -> list[int]:
        """Give the rows of the selection, or the current row, in order."""
        rows = {index.row() for index in self.selectionModel().selectedIndexes()}
        current = self.currentIndex()
        return sorted(rows or ({current.row()} if current.isValid() else set()))

    def chosen_columns(self) -> list[int]:
        """Give the columns of the selection, or the current column, in order."""
        columns = {index.column() for index in self.selectionModel().selectedIndexes()}
        current = self.currentIndex()
        return sorted(columns or ({current.column()} if current.isValid() else set()))

    def go_to(self, row: int, column: int) -> None:
        """Put the cursor into a cell and bring it into view."""
        index = self.model().index(row, column)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)


def quiet_palette(widget: QWidget, look: Look) -> QPalette:
    """Give a palette whose selection leaves the colours of findings readable."""
    palette = QPalette(widget.palette())
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        palette.setColor(group, QPalette.ColorRole.Highlight, look.selected)
        palette.setColor(group, QPalette.ColorRole.HighlightedText, look.text)
        palette.setColor(group, QPalette.ColorRole.Base, look.surface)
    return palette
