"""The banner above the page: what happened and what to do, without taking the focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.context import Tone
from ui.icons import pixmap
from ui.parts import Button
from ui.style import Look

_SHOWN_MS = 8000


class Banner(QWidget):
    """One message at a time.  Good news leaves by itself; warnings and errors stay until they are closed."""

    def __init__(self, word: Callable[[str], str], look: Look) -> None:
        super().__init__()
        self._look, self._word = look, word
        self._colour = QColor(look.info)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space(2), look.space(0.75), look.space(1), look.space(0.75))
        row.setSpacing(look.space(1.25))
        self._sign = QLabel()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = Button("", look, "close", quiet=True)
        self.close_button.setAccessibleName(word("close_banner"))
        self.close_button.setToolTip(word("close_banner"))
        self.close_button.clicked.connect(self.hide)
        row.addWidget(self._sign)
        row.addWidget(self.message, 1)
        row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, text: str, tone: Tone) -> None:
        """Show a message; the kind is said by colour, sign and, for readers, a word."""
        look = self._look
        self._colour = {"info": look.info, "good": look.good, "warning": look.warning, "error": look.error}[
            tone
        ]
        side = round(20 * (1 + (look.scale - 1) / 2))
        self._sign.setPixmap(pixmap(tone, self._colour, side, self.devicePixelRatioF()))
        self._sign.setAccessibleName(self._word(f"tone.{tone}"))
        self._sign.setToolTip(self._word(f"tone.{tone}"))
        self.message.setText(text)
        self.setAccessibleName(f"{self._word(f'tone.{tone}')}：{text}")
        self.show()
        from PySide6.QtGui import QAccessible, QAccessibleEvent  # no start should wait for it

        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        if tone in ("info", "good"):
            self._timer.start(_SHOWN_MS)
        else:
            self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lay the tone's colour thinly under the words."""
        painter = QPainter(self)
        wash = QColor(self._colour)
        wash.setAlphaF(0.16 if self._look.dark else 0.10)
        painter.fillRect(self.rect(), self._look.surface)
        painter.fillRect(self.rect(), wash)
        painter.fillRect(QRectF(0, 0, 4, self.height()), self._colour)
        painter.setPen(self._look.line)
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
