"""Patience for one sending: pauses that grow, a limit without progress, a record of every attempt."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.clock import Clock, system_clock
from app.errors import AppError
from app.model.submission import Attempt
from app.transport.base import Cancelled
from app.transport.http import LineError

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
_SLICE = 0.25
_SILENT = frozenset({"platform_unreachable", "platform_busy"})
_AWAY = frozenset({"platform_unreachable", "offline"})
_LOOK = 3.0
"""Seconds of a pause after which it is looked whether the line has come back, and again and again."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timing:
    """How time passes and how much is borne: ``tries`` failures in a row without one byte of progress.

    ``rest`` seconds before a broken connection is opened anew, ``stalled`` without an answer before it is
    given up; both are stretched where the line is slow.
    """

    tries: int = 12
    first_tries: int = 3
    rest: float = 0.4
    stalled: float = 3.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    monotonic: Callable[[], float] = time.monotonic
    now: Clock = system_clock


class Courier:
    """Carries one package; an attempt ends where the line fails and the next begins after a pause.

    ``platform_time`` gives the platform's clock as last heard, ``is_back`` looks quickly whether the
    platform can be reached at all, ``hurried`` whether the user asks to try again now: either ends a pause.
    """

    def __init__(
        self,
        address: str,
        timing: Timing,
        cancelled: Cancelled,
        attempted: Callable[[Attempt], None],
        platform_time: Callable[[], datetime | None],
        is_back: Callable[[], bool] = lambda: False,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self.timing = timing
        self._is_back = is_back
        self._hurried = hurried
        self._platform_time = platform_time
        self._address = address
        self._cancelled = cancelled
        self._attempted = attempted
        self._failures = 0
        self._cuts = 0
        self._started = timing.now()
        self._bytes = 0

    def check(self) -> None:
        """Raise ``AppError("cancelled")`` if the user wants to stop; what has arrived stays there."""
        if self._cancelled():
            raise AppError("cancelled")

    def progressed(self, count: int) -> None:
        """Note acknowledged bytes; the line works again."""
        self._bytes += count
        if count:
            self._failures = 0

    def cut(self, count: int) -> None:
        """Note connections that broke while others held; they stand in the attempt's record."""
        self._cuts += count

    def failed(self, error: LineError) -> None:
        """End the attempt and wait before the next; raises the error once patience is out.

        A strange answer counts as a passing fault of the line, because the platform itself has answered
        before in this sending.
        """
        if self._failures + 1 >= self.timing.tries:
            raise error
        self.end(error.code, f"HTTP {error.status}" if error.status else "")
        self._failures += 1
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (self._failures - 1))
        # everybody was cut off at the same moment; nobody should come back at the same moment
        self._pause(max(error.after, longest * (0.5 + 0.5 * self.timing.chance())), error)
        self._started = self.timing.now()

    def reach(self, action: Callable[[], T]) -> T:
        """Make first contact: only a silent platform is tried again, and briefly.

        Anything else (no network, a login page) is told at once, while the user is still looking.
        """
        while True:
            self.check()
            try:
                return self._watch(action)
            except LineError as error:
                failure = error
            if failure.code not in _SILENT or self._failures + 1 >= self.timing.first_tries:
                raise failure
            self.failed(failure)

    def carry(self, action: Callable[[], T]) -> T:
        """Do what may be repeated without harm until it works; raises as ``failed`` and ``check``."""
        while True:
            self.check()
            try:
                return self._watch(action)
            except LineError as error:
                failure = error
            self.failed(failure)

    def _watch(self, action: Callable[[], T]) -> T:
        """Do it beside this thread, which goes on asking whether the user wants to stop.

        An action left behind ends with its own time-out; nobody hears what it comes to.
        """
        outcome: list[tuple[T | None, BaseException | None]] = []
        over = threading.Event()

        def act() -> None:
            try:
                outcome.append((action(), None))
            except BaseException as error:  # noqa: BLE001  (raised again below, in the thread that waits)
                outcome.append((None, error))
            over.set()

        threading.Thread(target=act, daemon=True).start()
        while not over.wait(_SLICE):
            self.check()
        found, failure = outcome[0]
        if failure is not None:
            raise failure
        return found  # type: ignore[return-value]

    def end(self, outcome: str, detail: str = "") -> None:
        """Record the present attempt."""
        ended = self.timing.now()
        clock = self._platform_time()
        if self._cuts:
            detail = f"{detail} cuts={self._cuts}".strip()
        self._attempted(Attempt(self._started, ended, self._address, self._bytes, outcome, detail, clock))
        self._bytes = self._cuts = 0

    def _pause(self, seconds: float, error: LineError) -> None:
        rest, looked = seconds, 0.0
        while rest > 0:
            self.check()
            if self._hurried():
                return
            self.timing.sleep(min(_SLICE, rest))
            rest -= _SLICE
            looked += _SLICE
            if looked >= _LOOK and error.code in _AWAY and not error.after:
                looked = 0.0
                if self._is_back():
                    return
