"""Python's collector runs in the window's thread only.

A widget that dies in a cycle would else be destroyed by whichever worker happens to allocate at that
moment, and Qt objects must die in their own thread.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 2000
_FULL_AFTER = 30


class Collector(QObject):
    """Collects young objects every two seconds and all of them every minute, instead of Python itself."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._turn = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_EVERY_MS)

    def _collect(self) -> None:
        self._turn = (self._turn + 1) % _FULL_AFTER
        gc.collect(1 if self._turn else 2)

    def stop(self) -> None:
        """Give the work back to Python."""
        self._timer.stop()
        gc.enable()
