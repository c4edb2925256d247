"""The rail on the left: one big button per page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from ui.icons import pixmap
from ui.parts import fill
from ui.style import Look

_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class RailButton(QAbstractButton):
    """One page of the rail: sign and word, filled where it is the open one."""

    def __init__(self, page: str, word: str, key: str, look: Look) -> None:
        super().__init__()
        self.page = page
        self._look = look
        self._hovered = self._ringed = False
        self.setText(word)
        self.setCheckable(True)
        self.setFont(look.font(11))
        self.setToolTip(f"{word}  {key}")
        self.setAccessibleName(word)
        self.setAccessibleDescription(key)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._side = round(20 * (1 + (look.scale - 1) / 2))
        self._signs: dict[bool, QPixmap] = {}

    def _sign(self, open_here: bool) -> QPixmap:
        if open_here not in self._signs:
            ratio = QGuiApplication.primaryScreen().devicePixelRatio()
            colour = self._look.accent if open_here else self._look.faint
            self._signs[open_here] = pixmap(self.page, colour, self._side, ratio)
        return self._signs[open_here]

    def sizeHint(self) -> QSize:
        """Leave room for the sign, the word and air around them."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.text()) + self._side + self._look.space(5)
        return QSize(width, metrics.height() + self._look.space(2))

    def minimumSizeHint(self) -> QSize:
        """Let a low window press the buttons together, never the words."""
        return QSize(self.sizeHint().width(), self.fontMetrics().height() + 4)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up under the pointer."""
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go back to rest."""
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the arrows to the rail."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring of the focus only to those who use the keys."""
        self._ringed = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button."""
        look, open_here = self._look, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(look.space(0.75), 2, -look.space(0.75), -2)
        painter.setPen(Qt.PenStyle.NoPen)
        if open_here or self._hovered:
            painter.setBrush(look.selected if open_here else QColor(look.line))
            painter.setOpacity(1.0 if open_here else 0.45)
            painter.drawRoundedRect(box, 5, 5)
            painter.setOpacity(1.0)
        if open_here:
            painter.setBrush(look.accent)
            painter.drawRoundedRect(QRectF(box.left(), box.top() + 6, 3, box.height() - 12), 1.5, 1.5)
        if self.hasFocus() and self._ringed:
            painter.setPen(QPen(look.accent, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 5, 5)
        left = look.space(2)
        painter.drawPixmap(left, (self.height() - self._side) // 2, self._sign(open_here))
        painter.setPen(look.accent if open_here else look.text)
        room = self.rect().adjusted(left + self._side + look.space(1.25), 0, 0, 0)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), self.text())


class Rail(QWidget):
    """All pages.  ``chosen`` carries the page a person asked for."""

    chosen = Signal(str)

    def __init__(self, pages: Sequence[str], word: Callable[[str], str], look: Look) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName(word("rail"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, look.space(1.5), 0, look.space(1.5))
        column.setSpacing(2)
        self.buttons = {
            page: RailButton(page, word(f"page.{page}"), f"Ctrl+{number}", look)
            for number, page in enumerate(pages, 1)
        }
        for page, button in self.buttons.items():
            if page == "settings":
                column.addStretch(1)
            column.addWidget(button)
            button.clicked.connect(lambda _=False, name=page: self.chosen.emit(name))
        self.setAutoFillBackground(True)

    def show_page(self, page: str) -> None:
        """Mark the open page; the focus goes along where the rail has it."""
        if any(button.hasFocus() for button in self.buttons.values()) and page in self.buttons:
            self.buttons[page].setFocus(Qt.FocusReason.OtherFocusReason)
        focus: QWidget | None = self.window().focusWidget()
        if (focus is None or not focus.isVisible()) and page in self.buttons:
            # what had the focus has gone with its page: without one the keyboard would be dead
            self.buttons[page].setFocus(Qt.FocusReason.OtherFocusReason)
        for name, button in self.buttons.items():
            button.setChecked(name == page)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if name == page else Qt.FocusPolicy.ClickFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the pages with the arrow keys."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        names = list(self.buttons)
        here = next((name for name, button in self.buttons.items() if button.isChecked()), names[0])
        if step is None:
            super().keyPressEvent(event)
            return
        target = names[(names.index(here) + step) % len(names)]
        self.chosen.emit(target)
        self.buttons[target].setFocus(Qt.FocusReason.TabFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Divide the rail from the page by one line."""
        painter = QPainter(self)
        fill(painter, self.rect(), self._look.raised)
        painter.setPen(self._look.line)
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
