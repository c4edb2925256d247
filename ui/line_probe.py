"""Asks from time to time whether the platform can be reached, beside the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import AppError
from ui.tasks import Tasks

FIRST_MS, NEXT_MS = 3_000, 60_000
"""After the address was read or something was sent, and from then on."""

_NO_LINE = frozenset({"offline", "platform_unreachable"})
"""How a try to send that ends without a line is refused."""


class LineProbe(QObject):
    """``told`` carries the word of a ``LineState``: at once for another address, then as tries end."""

    told = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._address: str | None = None
        self._asking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.ask)
        tasks.refused.connect(self._learn)

    def _learn(self, error: AppError) -> None:
        """Take from a try that was made anyway that there is no line."""
        if self._address and error.code in _NO_LINE:
            self.told.emit("down")
            self._timer.start(NEXT_MS)

    def watch(self, address: str) -> None:
        """Watch the line to an address from now on; asks soon, also where it is the same one again."""
        if address != self._address:
            self._address = address
            self.told.emit("unknown" if address else "none")
        if address:
            self._timer.start(FIRST_MS)
        else:
            self._timer.stop()

    def ask(self) -> None:
        """Try once now; a try that is under way is not doubled."""
        address = self._address
        if self._asking or not address:
            return
        self._asking = True

        def told(state: str) -> None:
            self._asking = False
            if address == self._address:
                self.told.emit(state)
                self._timer.start(NEXT_MS)

        self._tasks.work(self, lambda: _probe(address), told, self._failed)

    def _failed(self, error: AppError) -> None:
        self._asking = False
        raise error


def _probe(address: str) -> str:
    # loaded in the worker: the window does not wait for an HTTP client to be read from disk
    from app.transport.probe import probe_line

    return probe_line(address).value
