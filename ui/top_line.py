"""The line above the page: the open report, undo and redo, search; and the strip of the rehearsal."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.parts import Button, ElidedLabel, fill, tint
from ui.style import Look


class TopLine(QWidget):
    """Name of the open report with the acts that belong to all pages."""

    def __init__(self, word: Callable[..., str], look: Look) -> None:
        super().__init__()
        self._word, self._look = word, look
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space(3), look.space(1), look.space(2), look.space(1))
        row.setSpacing(look.space(0.5))
        self.name = ElidedLabel()
        self.name.setFont(look.font(12, bold=True))
        self.undo_button = Button(word("undo"), look, "undo", quiet=True)
        self.redo_button = Button(word("redo"), look, "redo", quiet=True)
        self.find_button = Button(word("find"), look, "search", quiet=True)
        self.find_button.setToolTip("Ctrl+F")
        self.find_button.setAccessibleDescription("Ctrl+F")
        row.addWidget(self.name, 1)
        for button in (self.undo_button, self.redo_button, self.find_button):
            row.addWidget(button)

    def show_report(self, title: str, undo: str | None, redo: str | None) -> None:
        """Show a report's name (empty: none is open) and what undo and redo would do."""
        self.name.set_whole(title or self._word("no_report"))
        tint(self.name, self._look.text if title else self._look.faint)
        for button, key, act, label in (
            (self.undo_button, "Ctrl+Z", "undo", undo),
            (self.redo_button, "Ctrl+Y", "redo", redo),
        ):
            button.setEnabled(label is not None)
            text = f"{self._word(act)}：{label}  {key}" if label else f"{self._word(act)}  {key}"
            button.setToolTip(text)
            button.setAccessibleDescription(text)
        self.find_button.setEnabled(bool(title))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Divide the line from the page."""
        painter = QPainter(self)
        fill(painter, self.rect(), self._look.surface)
        painter.setPen(self._look.line)
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


class RehearsalStrip(QWidget):
    """A striped line that nobody can overlook: what is done now is a rehearsal."""

    def __init__(self, text: str, look: Look) -> None:
        super().__init__()
        self._look = look
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space(3), look.space(0.75), look.space(3), look.space(0.75))
        label = QLabel(text)
        label.setFont(look.font(10.5, bold=True))
        tint(label, QColor("#3b2600"))
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(label)
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill with the colour of rehearsals."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#f2b632"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#d9981a"))
        for left in range(-self.height(), self.width(), 28):
            painter.drawRect(left, self.height() - 3, 14, 3)
