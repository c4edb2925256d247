"""The list of sections at the left: number, label, how far each is, by sign, colour and word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.model.form import Section
from ui.form.editors import Kit
from ui.form.problems import SectionState, State
from ui.style import Look

STATE_ROLE = Qt.ItemDataRole.UserRole + 1
SECTION_ROLE = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex


class OutlineModel(QAbstractListModel):
    """The sections with their states."""

    def __init__(self, kit: Kit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kit = kit
        self._sections: tuple[Section, ...] = ()
        self._states: list[SectionState] = []
        self.printed = False

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show other sections."""
        self.beginResetModel()
        self._sections = tuple(sections)
        self._states = [SectionState(State.EMPTY)] * len(self._sections)
        self.endResetModel()

    def show_states(self, states: Sequence[SectionState], *, printed: bool) -> None:
        """Show how far the sections are; ``printed``: what is outdated was printed, not only sealed."""
        self.printed = printed
        for row, state in enumerate(states):
            if state != self._states[row]:
                self._states[row] = state
                self.dataChanged.emit(self.index(row), self.index(row))

    def state(self, row: int) -> SectionState:
        """Give the state of a section."""
        return self._states[row]

    def rowCount(self, parent: Index | None = None) -> int:
        """Give the number of sections."""
        return 0 if parent is not None and parent.isValid() else len(self._sections)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give the words, the state, and for those who cannot see it the state in words."""
        if not index.isValid():
            return None
        section, state = self._sections[index.row()], self._states[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{section.number}  {section.label}"
        if role == STATE_ROLE:
            return state
        if role == SECTION_ROLE:
            return section
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._describe(section, state)
        return None

    def _describe(self, section: Section, state: SectionState) -> str:
        words = self._kit.text(
            "outline_tip",
            label=section.label,
            state=self._kit.text(f"state_{state.state.value}"),
            answered=state.answered,
            asked=state.asked,
        )
        if state.errors or state.warnings:
            words += self._kit.text("outline_tip_counts", errors=state.errors, warnings=state.warnings)
        if state.remarks:
            words += self._kit.text("outline_tip_returned", count=state.remarks)
        if state.outdated:
            words += self._kit.text("outline_tip_printed" if self.printed else "outline_tip_sealed")
        elif state.changed:
            words += self._kit.text("outline_tip_changed")
        return words


class _Painter(QStyledItemDelegate):
    """Paints a section: label over one or two lines, below it sign, counts, and whether it was changed."""

    def __init__(self, kit: Kit, parent: Outline) -> None:
        super().__init__(parent)
        self._kit = kit
        self._view = parent

    def _label_rect(self, width: int, metrics: QFontMetrics, text: str) -> QRect:
        pad = self._kit.look.space(1.25)
        flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        area = QRect(pad, 0, max(width - 2 * pad, 40), 1000)
        return metrics.boundingRect(area, int(flags.value), text)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give room for the whole label."""
        look = self._kit.look
        width = self._view.viewport().width()
        metrics = QFontMetrics(self._view.font())
        label = self._label_rect(width, metrics, str(index.data()))
        small = QFontMetrics(look.font(9))
        return QSize(width, label.height() + small.height() + look.space(2.25))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one section."""
        look, state = self._kit.look, index.data(STATE_ROLE)
        rect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.selected)
            painter.fillRect(QRect(rect.left(), rect.top(), look.space(0.5), rect.height()), look.accent)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.raised)
        pad = look.space(1.25)
        painter.setFont(self._view.font())
        painter.setPen(look.text)
        wrap = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        area = rect.adjusted(pad, look.space(0.75), -pad, 0)
        painter.drawText(area, str(index.data()), wrap)
        small = look.font(9)
        painter.setFont(small)
        height = QFontMetrics(small).height()
        foot = QRect(area.left(), rect.bottom() - look.space(0.75) - height, area.width(), height)
        self._paint_foot(painter, foot, state)
        painter.restore()

    def _paint_foot(self, painter: QPainter, foot: QRect, state: SectionState) -> None:
        look = self._kit.look
        metrics = painter.fontMetrics()
        left = foot.left()
        for text, colour in self._marks(state):
            painter.setPen(colour)
            painter.drawText(left, foot.bottom() - metrics.descent(), text)
            left += metrics.horizontalAdvance(text) + look.space(1)
        if state.asked:
            words = self._kit.text("outline_counts", answered=state.answered, asked=state.asked)
            painter.setPen(look.faint)
            painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight.value), words)

    def _marks(self, state: SectionState) -> list[tuple[str, QColor]]:
        look, kit = self._kit.look, self._kit
        marks: list[tuple[str, QColor]] = []
        if state.errors:
            marks.append((f"{kit.text('mark_errors')} {state.errors}", look.error))
        if state.warnings:
            marks.append((f"{kit.text('mark_warnings')} {state.warnings}", look.warning))
        if not marks or state.state is State.EMPTY:
            sign = kit.text(f"mark_{state.state.value}")
            marks.insert(0, (sign, look.good if state.state is State.DONE else look.faint))
        if state.remarks:
            marks.append((kit.text("outline_returned", count=state.remarks), look.error))
        if state.outdated:
            printed = self._view.sections.printed
            marks.append((kit.text("outline_printed" if printed else "outline_sealed"), look.info))
        elif state.changed:
            marks.append((kit.text("outline_changed"), look.info))
        return marks


class Outline(QListView):
    """The sections; ``chosen(row)`` when the user goes to one."""

    chosen = Signal(int)

    def __init__(self, kit: Kit, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sections = OutlineModel(kit, self)
        self.setModel(self.sections)
        self.setItemDelegate(_Painter(kit, self))
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setAccessibleName(kit.text("outline_name"))
        self.selectionModel().currentChanged.connect(lambda now, _before: self._tell(now))
        self._silent = False

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid() and not self._silent:
            self.chosen.emit(index.row())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the labels anew: how many lines they take depends on the width."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def mark(self, row: int) -> None:
        """Mark the section that is shown, without telling."""
        self._silent = True
        self.setCurrentIndex(self.sections.index(row))
        self._silent = False
