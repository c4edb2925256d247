"""What of a file is where: parts, who carries them, what the platform has, how big a piece to send next.

Shared by the lanes (threads) and the one that watches them; every method may be called from any thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from app.transport.base import PackageFile

SMALLEST_CHUNK, LARGEST_CHUNK = 4 << 10, 1 << 20
DEPTH = 3
"""Requests under way on one lane, at most."""

SMALLEST_PART, MOST_PARTS = 16 << 10, 64
LEAST_CHUNK = 2 << 10
"""What a piece may shrink to on a line on which larger ones do not get through at all."""

CHUNK_SECONDS = 1.0
"""How long a piece should take on one lane: short enough to lose little, long enough for its headers."""

WINDOW = 4.0
"""Seconds over which the speed is measured."""

ABANDONED = 1.2
"""Seconds without an answer after which an idle lane takes a part over from a silent one."""

ASKED_AHEAD = 16
"""Free parts that should be known: after a cut, lanes go on with these while the others are asked for."""

THIN = 48 << 10
"""Bytes per second below which two requests under way on a lane are enough; more would only queue up."""


@dataclass(eq=False, slots=True)
class Part:
    """A stretch of a file; ``number`` None: the file in one piece.  Bytes count from ``start``.

    ``acked``: the platform has them; ``sent``: also those on their way by the present owner.  ``place`` is
    the part's address, and ``known`` tells that ``acked`` is what the platform last said.
    """

    file: PackageFile
    number: int | None
    start: int
    length: int
    place: str = ""
    acked: int = 0
    sent: int = 0
    known: bool = False
    owner: object | None = None
    heard: float = 0.0

    @property
    def done(self) -> bool:
        """Tell whether the platform has all of it."""
        return self.known and self.acked == self.length


@dataclass(frozen=True, slots=True)
class Question:
    """Begin a part, or ask how much of it is there: one request for both."""

    part: Part


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece to send: ``count`` bytes from ``offset`` of the part."""

    part: Part
    offset: int
    count: int


Job = Question | Chunk


def plan(file: PackageFile, size: int) -> list[Part]:
    """Divide a file, always in the same way: after a restart the same parts are asked for.

    Many small parts keep all lanes busy to the end; a small file stays in one piece.
    """
    if size <= 2 * SMALLEST_PART:
        return [Part(file, None, 0, size)]
    length = max(SMALLEST_PART, -(-size // MOST_PARTS))
    starts = range(0, size, length)
    return [Part(file, number, start, min(length, size - start)) for number, start in enumerate(starts)]


class Board:
    """The parts of a package on their way; lanes may wait for them before there are any."""

    def __init__(self, chunk: int, largest: int, monotonic: Callable[[], float], limit: int = 0) -> None:
        self.parts: list[Part] = []
        self.largest = min(LARGEST_CHUNK, largest)
        self.chunk = min(chunk, self.largest)
        self.depth = DEPTH
        self.changed = threading.Condition(threading.RLock())
        self.error: BaseException | None = None
        self.over = False
        self._monotonic = monotonic
        self._limit = limit
        self._free_at = 0.0
        self._first_sent: float | None = None
        self._acks: deque[tuple[float, int]] = deque()
        self._news: deque[tuple[int, bool]] = deque()

    def put(self, parts: list[Part]) -> None:
        """Give the lanes what is to be carried, in place of anything before."""
        with self.changed:
            self.parts = parts
            self.changed.notify_all()

    # ------------------------------------------------------------------------------------ for lanes
    def next_job(self, lane: object, questions: int) -> Job | None:
        """Give what the lane should ask next, None while there is nothing; ``questions`` it has under way."""
        with self.changed:
            if self.over:
                return None
            own = [part for part in self.parts if part.owner is lane and part.known]
            is_busy = any(part.sent > part.acked for part in own)
            for part in own:
                if part.sent < part.length:
                    return self._chunk(part)
            free = [part for part in self.parts if part.owner is None and not part.done]
            known = [part for part in free if part.known]
            unknown = [part for part in free if not part.known]
            if unknown and questions < self.depth and (is_busy or not known) and len(known) < ASKED_AHEAD:
                return self._question(unknown[0], lane)
            if known:
                known[0].owner = lane
                return self._chunk(known[0])
            if unknown:
                return None
            now = self._monotonic()
            left = [part for part in self.parts if part.owner not in (None, lane) and not part.done]
            silent = [part for part in left if now - part.heard > ABANDONED]
            if silent and not questions:
                part = min(silent, key=lambda part: part.heard)
                if part.place and not is_busy and self._is_soon_over():
                    part.owner, part.known, part.sent = lane, True, part.acked
                    return self._chunk(part)
                return self._question(part, lane)
            return None

    def _is_soon_over(self) -> bool:
        """Tell whether the line should have carried all that is under way by now: sending it again is cheap.

        What the platform has got meanwhile, its refusal tells.
        """
        under_way = sum(part.sent - part.acked for part in self.parts)
        return under_way < self.speed() * ABANDONED / 2

    def _question(self, part: Part, lane: object) -> Question:
        part.owner, part.known, part.heard = lane, False, self._monotonic()
        return Question(part)

    def _chunk(self, part: Part) -> Chunk:
        count = min(self.chunk, part.length - part.sent)
        rest = part.length - part.sent - count
        if 0 < rest < self.chunk // 2 and count + rest <= self.largest:
            count += rest
        found = Chunk(part, part.sent, count)
        now = self._monotonic()
        if part.sent == part.acked:
            part.heard = now
        if self._first_sent is None:
            self._first_sent = now
        part.sent += count
        return found

    def told(self, lane: object, part: Part, place: str, offset: int) -> None:
        """Note what the platform said of a part."""
        with self.changed:
            if part.owner is not lane:
                return
            self._found(offset - part.acked)
            part.place, part.acked, part.sent, part.known, part.owner = place, offset, offset, True, None
            self.changed.notify_all()

    def arrived(self, lane: object, chunk: Chunk) -> None:
        """Note that the platform has a piece."""
        with self.changed:
            part, end = chunk.part, chunk.offset + chunk.count
            if end > part.acked:
                self._arrived(end - part.acked)
                part.acked = end
            part.heard = self._monotonic()
            if part.acked == part.length:
                part.known = True
            part.sent = max(part.sent, part.acked)
            if part.owner is lane and part.done:
                part.owner = None
            self.changed.notify_all()

    def doubt(self, lane: object, part: Part) -> None:
        """Send no more of a part until it is settled where the platform stands."""
        with self.changed:
            if part.owner is lane:
                part.known = False

    def settle(self, lane: object, part: Part, offset: int | None) -> None:
        """Note that the platform stands elsewhere in a part than was thought; None: it has to be asked."""
        with self.changed:
            if part.owner is not lane:
                return
            if offset is not None and 0 <= offset <= part.length:
                self._found(offset - part.acked)
                part.acked = part.sent = offset
                part.known = True
            else:
                part.sent, part.known = part.acked, False
            part.owner = None
            self.changed.notify_all()

    def release(self, lane: object) -> None:
        """Give back what a lane had, after its connection broke."""
        with self.changed:
            for part in self.parts:
                if part.owner is lane:
                    part.known = part.known and part.sent == part.acked
                    part.sent, part.owner = part.acked, None
            self.changed.notify_all()

    def lost(self) -> None:
        """Learn from a piece that did not get through."""
        with self.changed:
            self.chunk = max(LEAST_CHUNK, self.chunk // 2)

    def wait(self, seconds: float) -> None:
        """Wait for work, at most so long."""
        with self.changed:
            if not self.over and not self.done:
                self.changed.wait(seconds)

    def pause(self, seconds: float) -> None:
        """Wait so long, unless everything is over."""
        with self.changed:
            self.changed.wait_for(lambda: self.over, seconds)

    def allowance(self, count: int) -> float:
        """Give the seconds to wait before sending ``count`` bytes under the user's limit, and book them."""
        if not self._limit:
            return 0.0
        with self.changed:
            now = self._monotonic()
            begin = max(now, self._free_at)
            self._free_at = begin + count / self._limit
            return begin - now

    # ------------------------------------------------------------------------------- for the watcher
    @property
    def done(self) -> bool:
        """Tell whether the platform has every part."""
        return bool(self.parts) and all(part.done for part in self.parts)

    @property
    def acked(self) -> int:
        """Give the bytes the platform has."""
        return sum(part.acked for part in self.parts)

    @property
    def left(self) -> int:
        """Give the bytes the platform still lacks."""
        return sum(part.length for part in self.parts) - self.acked

    def news(self, seconds: float) -> list[tuple[int, bool]]:
        """Give, one by one, the bytes that arrived since last asked, and whether they were sent just now.

        Those of an earlier sending are found on the platform, negative where it has lost some.  Waits at
        most so long for the first.
        """
        with self.changed:
            self.changed.wait_for(lambda: self._news or self.over, seconds)
            found = list(self._news)
            self._news.clear()
            return found

    def speed(self) -> float:
        """Give bytes per second over the last few seconds, 0 while too little is known."""
        with self.changed:
            now = self._monotonic()
            while self._acks and now - self._acks[0][0] > WINDOW:
                self._acks.popleft()
            if self._first_sent is None or len(self._acks) < 4:
                return 0.0
            span = min(WINDOW, now - self._first_sent)
            return sum(count for _, count in self._acks) / max(span, 0.02)

    def fit(self, lanes: int) -> None:
        """Choose the size of a piece for the speed of one lane."""
        wanted = self.speed() / max(1, lanes) * CHUNK_SECONDS
        if not wanted:
            return
        size = SMALLEST_CHUNK
        while size * 2 <= wanted and size < self.largest:
            size *= 2
        with self.changed:
            self.chunk = min(self.largest, size)
            self.depth = 2 if self.speed() < THIN else DEPTH

    def reopen(self) -> None:
        """Begin again after the line had failed; what is known of the parts stays known."""
        with self.changed:
            self.over, self.error, self._first_sent = False, None, None
            self._acks.clear()

    def end(self, error: BaseException | None = None) -> None:
        """End it for all lanes; the first error is kept."""
        with self.changed:
            if error is not None and self.error is None and not self.over:
                self.error = error
            self.over = True
            self.changed.notify_all()

    def _arrived(self, count: int) -> None:
        self._news.append((count, True))
        self._acks.append((self._monotonic(), count))

    def _found(self, count: int) -> None:
        if count:
            self._news.append((count, False))
