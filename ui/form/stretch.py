"""A stretch of typing: what is typed in one stay becomes few saved steps and one undo."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

TYPING_PAUSE_MS = 400
"""How long after the last key what was typed goes to the report."""

LONGEST_MS = 600
"""How long after the first key it goes there at the latest: who types on and on loses no more either."""


class Stretch(QObject):
    """Holds the newest edit and hands it over after a pause in typing, in the midst of it, or when settled.

    ``send(value, burst)``: the burst is the same during one stay, so that one undo takes it all back.
    """

    def __init__(self, send: Callable[[object, str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._send = send
        self._burst = ""
        self._held: tuple[object] | None = None
        self._timers: tuple[QTimer, QTimer] | None = None

    @property
    def waiting(self) -> bool:
        """Tell whether something typed has not been handed over."""
        return self._held is not None

    def begin(self) -> None:
        """Begin a new stay."""
        self.settle()
        self._burst = ""

    def hold(self, value: object) -> None:
        """Take the newest edit of the user."""
        if self._timers is None:
            self._timers = self._make_timer(TYPING_PAUSE_MS), self._make_timer(LONGEST_MS)
        pause, longest = self._timers
        self._held = (value,)
        pause.start()
        if not longest.isActive():
            longest.start()

    def _make_timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(self.settle)
        return timer

    def settle(self) -> None:
        """Hand over what is held."""
        held, self._held = self._held, None
        if held is None:
            return
        for timer in self._timers or ():
            timer.stop()
        self._burst = self._burst or secrets.token_hex(4)
        self._send(held[0], self._burst)
