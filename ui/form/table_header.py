"""Around the grid: headings that wrap, sums under their columns, the key column that stays in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from ui.form.table_model import TableModel
from ui.style import Look

_WRAPPED = Qt.AlignmentFlag(Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value)
_MOST = 1 << 20


class HeadingRow(QHeaderView):
    """Column headings in as many lines as the longest needs at its column's width."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._look = look
        self.setDefaultAlignment(_WRAPPED)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(look.space(4))
        self.sectionResized.connect(lambda *_: self.updateGeometry())

    def sizeHint(self) -> QSize:
        """Give a height in which no heading is cut."""
        model, metrics = self.model(), self.fontMetrics()
        height = metrics.lineSpacing()
        margin = self._look.space()
        for section in range(self.count()):
            if self.isSectionHidden(section):
                continue
            text = str(model.headerData(section, Qt.Orientation.Horizontal))
            area = QRect(0, 0, max(self.sectionSize(section) - margin, 8), _MOST)
            height = max(height, metrics.boundingRect(area, _WRAPPED.value, text).height())
        return QSize(super().sizeHint().width(), height + margin)


class TotalsLine(QWidget):
    """Sums under the columns they belong to, moving with them.

    ``covered`` tells how much of the grid's left edge lies under the column that stays.
    """

    def __init__(self, grid: QTableView, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self._look = look
        self._sums: Mapping[int, str] = {}
        self._label = ""
        self.covered: Callable[[], int] = lambda: 0
        header = grid.horizontalHeader()
        header.sectionResized.connect(lambda *_: self.update())
        grid.horizontalScrollBar().valueChanged.connect(lambda _: self.update())

    def show_sums(self, label: str, sums: Mapping[int, str], words: str) -> None:
        """Show sums by column; ``words`` say the same for those who hear the window."""
        self._label, self._sums = label, sums
        self.setAccessibleName(label)
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.setVisible(bool(sums))
        self.update()

    def sizeHint(self) -> QSize:
        """Give room for one line."""
        return QSize(self._look.space(20), self.fontMetrics().lineSpacing() + self._look.space())

    def minimumSizeHint(self) -> QSize:
        """Give room for one line."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the label under the row numbers and each sum under its column."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.raised)
        painter.setPen(self._look.line)
        painter.drawLine(0, 0, self.width(), 0)
        painter.setPen(self._look.text)
        header = self._grid.horizontalHeader()
        left = self._grid.verticalHeader().width() + self._grid.frameWidth()
        pad = self._look.space(0.5)
        covered = self.covered()
        painter.setClipRect(left + covered, 0, self._grid.viewport().width() - covered, self.height())
        for column, text in self._sums.items():
            wide = max(header.sectionSize(column), painter.fontMetrics().horizontalAdvance(text) + 2 * pad)
            right = left + header.sectionViewportPosition(column) + header.sectionSize(column)
            area = QRect(right - wide, 0, wide - pad, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setClipping(False)
        wide = max(left, painter.fontMetrics().horizontalAdvance(self._label) + 2 * pad)
        painter.fillRect(0, 1, wide, self.height(), self._look.raised)
        area = QRect(pad, 0, wide - pad, self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._label)


class FrozenColumn(QTableView):
    """One column of a grid laid over its left edge while the column itself is scrolled away.

    A passive copy: it shares model, selection and row height, and hands clicks on to the grid.
    """

    _ground: QWidget | None = None  # Qt filters events before there is one

    def __init__(self, grid: QTableView, column: int, look: Look) -> None:
        super().__init__(grid)
        self._grid = grid
        self.column = column
        self._edge = look.faint
        self.setModel(grid.model())
        self.setSelectionModel(grid.selectionModel())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.setEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalHeader(HeadingRow(look, self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setWordWrap(False)
        self.setAlternatingRowColors(grid.alternatingRowColors())
        self.setPalette(grid.palette())
        for other in range(self.model().columnCount()):
            self.setColumnHidden(other, other != column)
        self.hide()
        grid.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        grid.horizontalScrollBar().valueChanged.connect(lambda _: self.place())
        grid.horizontalHeader().sectionResized.connect(lambda *_: self.place())
        self._ground = grid.viewport()  # never asked for again: the grid may be half destroyed by then
        self._ground.installEventFilter(self)
        self.viewport().installEventFilter(self)

    def place(self) -> None:
        """Lie over the grid's left edge where the column is (partly) out of sight, else hide."""
        grid, header = self._grid, self._grid.horizontalHeader()
        wide = header.sectionSize(self.column)
        away = header.sectionViewportPosition(self.column) < 0 and wide * 2 < grid.viewport().width()
        if not away:
            self.setVisible(False)
            return
        self.verticalHeader().setDefaultSectionSize(grid.verticalHeader().defaultSectionSize())
        self.setColumnWidth(self.column, wide)
        frame, tall = grid.frameWidth(), header.height()
        self.horizontalHeader().setFixedHeight(tall)
        self.setGeometry(grid.verticalHeader().width() + frame, frame, wide, grid.viewport().height() + tall)
        self.setVisible(True)
        self.raise_()
        self.verticalScrollBar().setRange(0, grid.verticalScrollBar().maximum())
        self.verticalScrollBar().setValue(grid.verticalScrollBar().value())

    @property
    def covered(self) -> int:
        """Give how many pixels of the grid lie underneath."""
        return self.width() if self.isVisible() else 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the grid's size; let a double click edit the real cell."""
        if watched is self._ground:
            if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
                self.place()
            return False
        if event.type() is QEvent.Type.Wheel:
            self._grid.wheelEvent(event)  # type: ignore[arg-type]
            return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, and an edge that tells the column lies above the others."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setPen(QPen(self._edge, 1))
        right = self.viewport().width() - 1
        painter.drawLine(right, 0, right, self.viewport().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row, staying in the column where the cursor is."""
        index = self.indexAt(event.position().toPoint())
        current = self._grid.currentIndex()
        if index.isValid():
            self._grid.setFocus(Qt.FocusReason.MouseFocusReason)
            column = current.column() if current.isValid() else self.column
            self._grid.setCurrentIndex(index.siblingAtColumn(column))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the real cell and edit it."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self._grid.setCurrentIndex(index)
            model = self.model()
            if isinstance(model, TableModel) and model.can_edit(index.column()):
                self._grid.edit(index)
