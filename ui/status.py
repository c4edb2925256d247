"""The line at the foot of the window: saved or not, the platform, the clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.clock import Clock, to_beijing
from app.messages import Messages
from ui.parts import Button, ElidedLabel, fill, tint
from ui.style import Look

if TYPE_CHECKING:
    from ui.draft_model import SaveState

_SIGNS = {"saved": "✓", "saving": "…", "failed": "✕"}
_NOTICEABLE = timedelta(seconds=2)


class StatusLine(QWidget):
    """Save state, line state, platform time against PC time, Beijing time.

    ``retry`` asks to save again; ``platform_shown`` tells the address, empty for none.
    """

    retry = Signal()
    platform_shown = Signal(str)

    def __init__(self, messages: Messages, clock: Clock, look: Look) -> None:
        super().__init__()
        self._messages, self._clock, self._look = messages, clock, look
        self._ahead = timedelta(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space(2), look.space(0.5), look.space(2), look.space(0.5))
        row.setSpacing(look.space(2))
        self.saving = ElidedLabel()
        self.retry_button = Button(self._word("retry"), look, quiet=False)
        self.retry_button.clicked.connect(self.retry)
        self.retry_button.hide()
        self.line = QLabel()
        self.platform = QLabel()
        self.time = QLabel()
        row.addWidget(self.saving, 1)
        row.addWidget(self.retry_button)
        for label in (self.line, self.platform, self.time):
            tint(label, look.faint)
            label.setFont(look.font(9.5))
            row.addWidget(label)
        self.saving.setFont(look.font(9.5))
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.timeout.connect(self._tick)
        self.show_state(None)
        self.show_line("none")
        self.show_platform(None, None)
        self._tick()

    def _word(self, key: str, /, **params: object) -> str:
        return self._messages.text("window", f"shell.{key}", **params)

    def show_state(self, state: SaveState | None) -> None:
        """Show whether what is seen is on the disk; None where nothing is open."""
        self.retry_button.setVisible(state is not None and state.saving == "failed")
        if state is None:
            self.saving.set_whole(self._word("nothing_open"))
            tint(self.saving, self._look.faint)
            return
        kind = state.saving.value
        reason = self._messages.error(state.error) if state.error is not None else ""
        at = to_beijing(state.at).strftime("%H:%M:%S") if state.at is not None else ""
        key = "saved_before" if kind == "saved" and not at else kind
        self.saving.set_whole(f"{_SIGNS[kind]} {self._word(key, at=at, reason=reason)}")
        colours = {"saved": self._look.good, "saving": self._look.faint, "failed": self._look.error}
        tint(self.saving, colours[kind])

    def show_line(self, state: str) -> None:
        """Show whether the platform can be reached: a ``LineState``."""
        self.line.setText(self._word(f"line.{state}"))
        colours = {"up": self._look.good, "down": self._look.warning}
        tint(self.line, colours.get(state, self._look.faint))

    def show_platform(self, address: str | None, ahead: timedelta | None) -> None:
        """Show which platform is set and how its clock stands against this PC's."""
        self.line.setToolTip(address or "")
        self.platform_shown.emit(address or "")
        self._ahead = ahead or timedelta(0)
        seconds = round(abs(self._ahead).total_seconds())
        if ahead is None:
            text = ""
        elif abs(self._ahead) < _NOTICEABLE:
            text = self._word("clocks_agree")
        else:
            key = "platform_ahead" if self._ahead > timedelta(0) else "platform_behind"
            text = self._word(key, span=_span(self._word, seconds))
        self.platform.setText(text)
        self.platform.setVisible(bool(text))
        self._tick()

    def _tick(self) -> None:
        now = to_beijing(self._clock()) + self._ahead
        self.time.setText(self._word("beijing", time=f"{now.month}月{now.day}日 {now:%H:%M}"))
        self._minute.start((60 - now.second) * 1000)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Divide the line from the page."""
        painter = QPainter(self)
        fill(painter, self.rect(), self._look.raised)
        painter.setPen(self._look.line)
        painter.drawLine(0, 0, self.width(), 0)


def _span(word: Callable[..., str], seconds: int) -> str:
    if seconds < 60:
        return word("seconds", count=seconds)
    if seconds < 3600:
        return word("minutes", count=round(seconds / 60))
    return word("hours", count=round(seconds / 3600))
