"""Several connections at once, each with several requests under way: what fills a line that loses and delays.

One stream is bound by loss and delay, not by the line (shared out among eight, the same line carries four
times as much).  On a quick clean line one lane is enough, and there it stays with one.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.transport.board import SMALLEST_CHUNK, Board, Chunk, Job, Question
from app.transport.courier import Timing
from app.transport.http import Answer, LineError, PlatformHttp
from app.transport.session import TokenRefusedError, refusal
from app.transport.wire import Wire

OPENING = 6.0
PATIENCE, LONGEST_PATIENCE = 10.0, 60.0
"""Seconds to open a lane, and for an answer before the lane counts as stalled, at first and at most."""

CUT_SILENCE = 1.0
"""Seconds without an answer, and two round trips, that a lane is given when another one was just cut off."""

FAILED = 2
"""Failures in a row on every lane after which the line is taken for down."""

ENOUGH = float(256 << 10)
"""Bytes per second on one lane at which more lanes would not help: no lossy line gives one stream so much."""

MANY, WEAK = 8, float(10 << 10)
"""From so many lanes on, more are added only where loss leaves each less than so many bytes per second, and
still a piece: else they would only cost connections and headers."""

SOON = 1.5
"""Seconds; what will be there so soon needs no further lane."""

_ELSEWHERE = frozenset({404, 409, 410, 460})

Request = tuple[str, str, Mapping[str, str], bytes]
Write = Callable[[Job], Request]
"""Gives method, place, headers and body of a job."""

Read = Callable[[Question, Answer], tuple[str, int]]
"""Gives place and offset that the answer to a question tells; raises what the platform refused."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many lanes at most, and how many bytes per second in all (0: as many as the line carries)."""

    lanes: int = 12
    limit: int = 0


class Lane(threading.Thread):
    """One connection that carries pieces of the board's parts until all is done."""

    def __init__(
        self,
        platform: PlatformHttp,
        board: Board,
        write: Write,
        read: Read,
        timing: Timing,
    ) -> None:
        super().__init__(daemon=True)
        self._platform = platform
        self._monotonic = timing.monotonic
        self._rest = timing.rest
        self._board = board
        self._write = write
        self._read = read
        self._wire: Wire | None = None
        self._asked: deque[Job] = deque()
        self._patience = PATIENCE
        self._has_heard = False
        self.failures = 0
        self.failure: LineError | None = None
        self.heard = 0.0
        self.cuts = 0
        self.broke_at = 0.0
        self._given_up = False
        self.retired = False
        self.left: Wire | None = None

    def run(self) -> None:
        """Carry, and open a new connection wherever one breaks, until the board is over."""
        try:
            while not self._board.over and not self.retired:
                try:
                    self._carry()
                except LineError as error:
                    self._broke(error)
        except BaseException as error:  # noqa: BLE001  (raised again in the thread that watches)
            self._board.end(error)

    def is_silent(self, now: float, seconds: float) -> bool:
        """Tell whether answers have been awaited for so long."""
        return self._wire is not None and bool(self._asked) and now - self.heard > seconds

    def break_off(self) -> None:
        """Give the connection up; called from another thread.  The lane opens a new one."""
        wire = self._wire
        if wire is not None:
            self._given_up = True
            wire.break_off()

    def retire(self) -> None:
        """Let the lane end; called from another thread.  An idle connection is ``left`` for further use."""
        self.retired = True
        if self._asked or not self._board.done:
            self.break_off()

    def _carry(self) -> None:
        wire = self._wire = Wire(self._platform, OPENING)
        is_sound = self._has_heard = False
        try:
            wire.patience = self._patience
            while not self.retired:
                self._fill(wire)
                if self._asked:
                    self._hear(wire)
                elif self._board.over:
                    break
                else:
                    self._board.wait(0.25)
            is_sound = not self._asked
        finally:
            self._wire = None
            self._asked.clear()
            if is_sound and self._board.done:
                self.left = wire
            else:
                wire.close()
            self._board.release(self)

    def _fill(self, wire: Wire) -> None:
        """Send what may be sent ahead."""
        while self._may_ask() and not self.retired:
            questions = sum(isinstance(job, Question) for job in self._asked)
            job = self._board.next_job(self, questions)
            if job is None:
                return
            method, place, headers, body = self._write(job)
            self._board.pause(self._board.allowance(len(body)))
            # noted first: what the platform may have got must be asked for if the connection breaks
            if not self._asked:
                self.heard = self._monotonic()
            self._asked.append(job)
            wire.ask(method, place, headers, body)

    def _may_ask(self) -> bool:
        """Tell whether one more request may be under way; before the first answer, only one piece.

        After a break all lanes come back at once, and what they send would be more than the line can queue.
        """
        if not self._has_heard and any(isinstance(job, Chunk) for job in self._asked):
            return False
        return len(self._asked) < self._board.depth

    def _hear(self, wire: Wire) -> None:
        """Take the next answer."""
        answer = wire.answer()
        self.heard = self._monotonic()
        job = self._asked.popleft()
        if answer.code == "token_refused":
            raise TokenRefusedError
        self.failure, self.failures, self._has_heard = None, 0, True
        self._patience = wire.patience = max(PATIENCE, self._patience * 0.9)
        if isinstance(job, Question):
            place, offset = self._read(job, answer)
            self._board.told(self, job.part, place, offset)
            return
        if answer.status == 204 and answer.headers.get("Upload-Offset") == str(job.offset + job.count):
            self._board.arrived(self, job)
            if not job.part.known:
                self._settle(job, answer)
        elif answer.status in (204, *_ELSEWHERE) and answer.code != "wrong_state":
            self.cuts += 1
            self._settle(job, answer)
        else:
            raise refusal(answer)

    def _settle(self, job: Chunk, answer: Answer) -> None:
        """Go on where the platform stands, once it has answered all that was sent for this part."""
        self._board.doubt(self, job.part)
        if any(isinstance(other, Chunk) and other.part is job.part for other in self._asked):
            return
        # also taken pieces tell: one may have been on its way over a connection given up, and come first
        told = answer.headers.get("Upload-Offset", "") if answer.status in (204, 409) else ""
        offset = int(told) if told.isascii() and told.isdigit() else None
        self._board.settle(self, job.part, offset)

    def _broke(self, error: LineError) -> None:
        if self.failures == 0 and not self._given_up:
            self.broke_at = self._monotonic()
        self._given_up = False
        self.failure = error
        self.cuts += 1
        self.failures += 1
        self._patience = min(LONGEST_PATIENCE, self._patience * 1.5)
        if self.failures > 1:
            self._board.lost()
        # the others were cut off at the same moment; not all should come back at the same moment
        rest = self._rest * min(8.0, 2.0 ** (self.failures - 1)) * random.uniform(0.2, 1.0)
        self._board.pause(max(error.after, rest))


class Lanes:
    """The lanes of one sending until ``close``; used by one thread, which watches.

    ``count`` lanes to begin with, at most ``most``; ``round_trip`` gives the seconds of the quickest answer
    so far (it is too long until one came on an open connection); ``stalled`` seconds, and six round trips,
    without an answer end a connection.
    """

    def __init__(
        self,
        make: Callable[[], Lane],
        board: Board,
        count: int,
        most: int,
        round_trip: Callable[[], float],
        stalled: float,
    ) -> None:
        self._make = make
        self._stalled = stalled
        self._round_trip = round_trip
        self._board = board
        self._most = most
        self.lanes: list[Lane] = []
        self._add(min(count, most))
        self._grown_at = self._adapted_at = 0.0

    def close(self) -> Wire | None:
        """End all lanes; gives a sound connection where all is done and one is left over."""
        self._board.end()
        for lane in self.lanes:
            lane.retire()
        for lane in self.lanes:
            # one that is just opening a connection ends by itself a little later and touches nothing
            lane.join(0.2)
        found = [lane.left for lane in self.lanes if lane.left is not None]
        for wire in found[1:]:
            wire.close()
        return found[0] if found else None

    @property
    def count(self) -> int:
        """Give the number of lanes."""
        return len(self.lanes)

    @property
    def cuts(self) -> int:
        """Give how many connections broke and pieces were refused."""
        return sum(lane.cuts for lane in self.lanes)

    def check(self, now: float) -> None:
        """Raise what a lane met, and the line's failure where no lane gets through any more.

        Lanes without a sign of life are opened anew: soon where another one has just been cut off, because
        what cut one mostly cut all.
        """
        if self._board.error is not None:
            raise self._board.error
        failures = [lane.failure for lane in self.lanes if lane.failures >= FAILED]
        last = next((failure for failure in failures if failure is not None), None)
        if last is not None and len(failures) == len(self.lanes) and not self._board.done:
            raise last
        round_trip = self._round_trip()
        was_cut = any(lane.broke_at and now - lane.broke_at < 1.0 for lane in self.lanes)
        for lane in self.lanes:
            # the first failure may be an outage, after which the line is as it was
            stalled = (self._stalled + 6 * round_trip) * 1.5 ** min(max(0, lane.failures - 1), 6)
            if lane.is_silent(now, CUT_SILENCE + 2 * round_trip if was_cut else stalled):
                lane.break_off()

    def adapt(self, now: float) -> None:
        """Fit the size of pieces and the number of lanes to what the line does."""
        if now - self._adapted_at < 0.2:
            return
        self._adapted_at = now
        count = len(self.lanes)
        self._board.fit(count)
        speed = self._board.speed()
        if not self._grown_at and speed:
            # a connection that has just begun does not show yet what it can do
            self._grown_at = now
        if now - self._grown_at < 1.0 or count >= self._most or not speed:
            return
        self._grown_at = now
        if count >= MANY and not SMALLEST_CHUNK <= speed / count < WEAK:
            return
        if speed / count < ENOUGH and self._board.left > speed * SOON:
            self._add(min(self._most, count * 2) - count)

    def _add(self, count: int) -> None:
        for _ in range(count):
            lane = self._make()
            self.lanes.append(lane)
            lane.start()
