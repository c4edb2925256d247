"""How many lanes, and how much on each: as much as the line carries, never more than it can queue."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import cast

import pytest

from app.transport.base import PackageFile
from app.transport.board import ABANDONED, DEPTH, Board, Chunk, Job, Part, Question
from app.transport.courier import Timing
from app.transport.http import Answer, PlatformHttp
from app.transport.lanes import MANY, Lane, Lanes, Pace, Request

FILE = PackageFile("report", Path("report.shenbao"), "")
PIECE = 4 << 10


class Idle:
    """Stands in for a lane that is only counted."""

    def start(self) -> None:
        """Do nothing."""


def grown(begun: int, bytes_per_second: int, at_first: int = 0) -> int:
    """Give how many lanes there are after some seconds at a speed, with another in the first half second."""
    now = 100.0
    board = Board(PIECE, 1 << 20, lambda: now)
    part = Part(FILE, 0, 0, 1 << 30, known=True)
    board.put([part])
    lanes = Lanes(lambda: cast("Lane", Idle()), board, begun, Pace().lanes, lambda: 0.4, 3.0)
    board.next_job(lanes, 0)
    for step in range(60):
        now += 0.1
        count = (at_first or bytes_per_second if step < 5 else bytes_per_second) // 10
        board.arrived(lanes, Chunk(part, part.acked, count))
        lanes.adapt(now)
    return lanes.count


@pytest.mark.parametrize(
    ("begun", "speed", "lanes"),
    [(1, 3_000, MANY), (1, 2_000_000, 1), (MANY, 16_000, MANY), (MANY, 60_000, 12), (MANY, 250_000, MANY)],
)
def test_lanes_are_added_while_each_still_carries_a_piece(begun: int, speed: int, lanes: int) -> None:
    """Issue 5: the number of connections adapts; on a clean fast line one is enough."""
    assert grown(begun, speed) == lanes


def test_a_quick_line_is_not_taken_for_a_slow_one_while_it_begins() -> None:
    """Issue 5: a connection begins slowly on every line."""
    assert grown(1, 3_000_000, at_first=20_000) == 1


@pytest.mark.parametrize(("speed", "kind"), [(80_000, Chunk), (4_000, Question)])
def test_the_last_piece_goes_again_where_another_lane_is_silent(speed: int, kind: type[Job]) -> None:
    """At the end idle lanes do not wait for one that waits for a lost packet; a thin line is only asked."""
    now = 100.0
    board = Board(PIECE, 1 << 20, lambda: now)
    whole = speed * 4 // 40 * 40
    carried, last = Part(FILE, 0, 0, whole, known=True), Part(FILE, 1, whole, PIECE, "/last", known=True)
    board.put([carried])
    board.next_job("quick", 0)
    for step in range(40):
        now += 0.1
        board.arrived("quick", Chunk(carried, step * whole // 40, whole // 40))
    board.put([carried, last])
    assert board.next_job("silent", 0) == Chunk(last, 0, PIECE)
    assert board.next_job("quick", 0) is None
    now += ABANDONED + 0.1
    again = board.next_job("quick", 0)
    assert isinstance(again, kind) and again.part is last and last.owner == "quick"
    # whichever answer comes first counts
    board.arrived("silent", Chunk(last, 0, PIECE))
    assert board.done and board.acked == whole + PIECE


def test_a_lane_is_given_up_by_the_round_trip_of_an_open_connection() -> None:
    """The first answer came with opening a connection; what is known later counts, and only from then on."""
    known = [2.0]

    class Silent(Idle):
        failures, failure, broke_at, given_up = 1, None, 0.0, 0

        def is_silent(self, now: float, seconds: float) -> bool:
            return now > seconds

        def break_off(self) -> None:
            self.given_up += 1

    silent = Silent()
    board = Board(PIECE, 1 << 20, lambda: 0.0)
    lanes = Lanes(lambda: cast("Lane", silent), board, 1, 1, lambda: known[0], 3.0)
    lanes.check(6.0)
    assert silent.given_up == 0
    known[0] = 0.4
    lanes.check(6.0)
    assert silent.given_up == 1


def test_one_piece_is_under_way_until_the_first_answer() -> None:
    """After a break all lanes come back at once; together they must not flood what the line can queue."""
    answer = (
        b"HTTP/1.1 204 No Content\r\nPlatform-Time: 2023-01-04T10:00:00+08:00\r\n"
        b"Upload-Offset: %d\r\n\r\n" % PIECE
    )
    listener = socket.create_server(("127.0.0.1", 0))
    platform = PlatformHttp(f"http://127.0.0.1:{listener.getsockname()[1]}")
    timing = Timing()
    board = Board(PIECE, 1 << 20, timing.monotonic)
    board.put([Part(FILE, 0, 0, 16 * PIECE, place="/part", known=True)])

    def write(job: Job) -> Request:
        assert isinstance(job, Chunk)
        return "PATCH", job.part.place, {}, bytes(job.count)

    def read(_question: object, _answer: Answer) -> tuple[str, int]:
        raise AssertionError("nothing is to be asked")

    def pieces(far: socket.socket) -> int:
        """Count the pieces that come until nothing more comes."""
        came = b""
        far.settimeout(0.2)
        try:
            while block := far.recv(1 << 16):
                came += block
        except TimeoutError:
            pass
        return came.count(b"PATCH ")

    lane = Lane(platform, board, write, read, timing)
    with listener:
        lane.start()
        far, _ = listener.accept()
        with far:
            assert pieces(far) == 1
            far.sendall(answer)
            assert pieces(far) == DEPTH
            board.end()
            lane.retire()
    lane.join(5.0)
    assert not lane.is_alive()
    platform.close()
