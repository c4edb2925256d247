"""Sending through every fault of the line: in the end exactly one whole report and one receipt.

The sweep of the suite takes its share of the places; ``SHENBAO_SWEEP=wide`` takes all of them.  Whatever a
sending comes to, a receipt is given only for what the platform has in whole, and sending again over a sound
line always ends with that one receipt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope
from starlette.types import Send as SendMessage

from app.clock import format_moment
from app.errors import AppError
from app.model.submission import Attempt, Receipt
from app.practice.problems import STATUS
from app.transport.base import Package
from app.transport.platform import PlatformTransport
from app.transport.receipts import verify_receipt
from tests.adapters.faulty_line import Cut, Fault, line
from tests.adapters.platform_fixture import (
    IN_TIME,
    ROOT,
    RunningPlatform,
    Waiting,
    package,
    running,
    transport,
)

WIDE = os.environ.get("SHENBAO_SWEEP") == "wide"
PLACES = 200


def forget(platform: RunningPlatform) -> None:
    """Make the platform as if nothing had ever been sent."""
    database = platform.platform.database
    for upload in database.execute("select id from uploads").fetchall():
        platform.platform.upload_path(upload["id"]).unlink(missing_ok=True)
    for table in ("submissions", "idempotency", "files", "uploads", "history"):
        database.execute(f"delete from {table}")


def check_whole(platform: RunningPlatform, parcel: Package, receipt: Receipt) -> None:
    """Hold that the platform has this report once, byte for byte, and that the receipt is about it."""
    database = platform.platform.database
    handed_in = database.execute("select id from submissions where received_at is not null").fetchall()
    assert [row["id"] for row in handed_in] == [receipt.number]
    uploads = database.execute("select id from uploads where part is null").fetchall()
    (content,) = [platform.platform.upload_path(row["id"]).read_bytes() for row in uploads]
    assert content == parcel.path.read_bytes()
    assert verify_receipt(receipt.document, platform.key).bundle_sha256 == parcel.sha256


class Sender:
    """Sends one parcel again and again; signing in once spares the costly proof of the password."""

    def __init__(self, platform: RunningPlatform, parcel: Package) -> None:
        self.platform = platform
        self.parcel = parcel
        with transport(platform.url, platform.key) as first:
            first.session.renew()
            self.token = first.session.http.token
            # kept: the session of this token must not be ended
            first.session.http.token = ""

    def send(self, url: str = "", tries: int = 12, attempts: list[Attempt] | None = None) -> Receipt:
        """Send over a line; raises what stood in the way."""
        filler = transport(
            url or self.platform.url,
            self.platform.key,
            timing=Waiting().timing(tries=tries),
            attempts=attempts,
        )
        filler.session.http.token = self.token
        try:
            return filler.send(self.parcel, report=lambda _d, _t: None, cancelled=lambda: False)
        finally:
            filler.session.http.token = ""
            filler.close()

    def send_through(self, fault: Fault) -> bool:
        """Send over a bad line, then over a sound one; tells whether the bad one was enough."""
        forget(self.platform)
        port = int(self.platform.url.rpartition(":")[2])
        first: Receipt | None = None
        with line(port, fault) as url:
            try:
                first = self.send(url)
            except AppError as error:
                assert error.code in {"platform_unreachable", "platform_busy", "not_a_platform"}
        if first is not None:
            check_whole(self.platform, self.parcel, first)
        again = self.send()
        check_whole(self.platform, self.parcel, again)
        assert first is None or first.document == again.document
        return first is not None


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """Give a folder in memory where there is one: hundreds of sendings, each synced to disk many times."""
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def sender(memory: Path) -> Iterator[Sender]:
    with running(memory / "platform") as platform:
        yield Sender(platform, package(memory, "扫描", 70_000))


class Count:
    """Counts what passes up and down over all connections, and cuts once at a place."""

    def __init__(self, way: str = "", place: int = 0, *, resets: bool = False) -> None:
        self.passed = {"up": 0, "down": 0}
        self._way, self._place, self._resets = way, place, resets
        self.cut = False

    def __call__(self, number: int, way: str, so_far: int, content: bytes) -> bytes | Cut | None:
        del number, so_far
        before = self.passed[way]
        self.passed[way] += len(content)
        if self.cut or way != self._way or self.passed[way] < self._place:
            return content
        self.cut = True
        return Cut(content[: self._place - before], self._resets)


def sizes(sender: Sender) -> dict[str, int]:
    """Give the bytes that a sending takes up and down without any fault."""
    counted = Count()
    assert sender.send_through(counted)
    return counted.passed


def test_a_cut_at_any_place_gives_one_report(sender: Sender) -> None:
    """Issue 5: FIN and RST at 200 positions of the upload; one whole report, the same receipt."""
    whole = sizes(sender)["up"]
    ends = (False, True) if WIDE else (None,)
    through = cuts = 0
    for number in range(PLACES):
        for kind in ends:
            resets = number % 2 == 1 if kind is None else kind
            fault = Count("up", 1 + number * (whole - 1) // PLACES, resets=resets)
            through += sender.send_through(fault)
            cuts += fault.cut
    assert cuts >= PLACES - 2
    assert through >= cuts - 2


def test_a_lost_answer_at_any_place_gives_one_report(sender: Sender) -> None:
    """Issue 5: the platform has done what was asked and the answer is lost."""
    whole = sizes(sender)["down"]
    places = PLACES if WIDE else 40
    through = cuts = 0
    for number in range(places):
        fault = Count("down", 1 + number * (whole - 1) // places)
        through += sender.send_through(fault)
        cuts += fault.cut
    assert cuts >= places - 2
    assert through >= cuts - 2


class Stall:
    """Lets nothing pass any more on the connection that reaches a place, and leaves it open."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._stalled: int | None = None
        self._passed = 0

    def __call__(self, number: int, way: str, so_far: int, content: bytes) -> bytes | None:
        del so_far
        self._passed += len(content) if way == "up" else 0
        if self._stalled is None and self._passed >= self._place:
            self._stalled = number
        return b"" if number == self._stalled else content


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_stalled_connection_is_given_up(sender: Sender, share: float) -> None:
    """Issue 5: a line that is open and dead is noticed; the upload goes on over another connection."""
    assert sender.send_through(Stall(int(70_000 * share)))


class Refusing:
    """Stands before the platform and answers one request of a sending with a refusal of the contract."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.code, self.place, self.seen = "", -1, 0

    async def __call__(self, scope: Scope, receive: Receive, send: SendMessage) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.seen += 1
        if self.seen - 1 != self.place or scope["method"] == "DELETE":
            await self.app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        status = STATUS.get(self.code) or int(self.code)
        kind = b"application/problem+json" if self.code in STATUS else b"text/html"
        body = json.dumps({"code": self.code, "status": status, "title": "演练"}).encode()
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        if self.code in STATUS:
            headers += [(b"platform-time", format_moment(IN_TIME).encode())]
            headers += [(b"problem-code", self.code.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def test_every_refusal_at_every_request_ends_well(memory: Path) -> None:
    """Issue 5: each 4xx/5xx of the contract, and a gateway's own, in place of each answer of a sending."""
    found: list[Refusing] = []

    def around(app: Starlette) -> ASGIApp:
        found.append(Refusing(app))
        return found[0]

    with running(memory / "refusing", around=around) as platform:
        sender, refusing = Sender(platform, package(memory, "拒绝", 40_000)), found[0]
        refusing.seen = 0
        sender.send()
        requests = refusing.seen
        assert requests > 6
        outcomes: set[str] = set()
        codes = [*STATUS, "403", "500", "502", "503"]
        for number, code in enumerate(codes):
            for place in range(requests) if WIDE else range(number % 3, requests, 3):
                forget(platform)
                refusing.code, refusing.place, refusing.seen = code, place, 0
                try:
                    first: Receipt | None = sender.send(tries=3)
                    outcomes.add("received")
                except AppError as error:
                    first = None
                    outcomes.add(error.code)
                if first is not None:
                    check_whole(platform, sender.parcel, first)
                refusing.place = -1
                again = sender.send()
                check_whole(platform, sender.parcel, again)
                assert first is None or first.document == again.document
    assert {"received", "rejected", "window_closed", "already_submitted"} <= outcomes
    assert "platform_busy" not in outcomes


def test_two_clients_at_once_give_one_report(tmp_path: Path) -> None:
    """Issue 5: the same report is sent from two PCs in the same moment."""
    for _ in range(10 if WIDE else 2):
        with running(tmp_path / f"platform{_}") as platform:
            parcel = package(tmp_path, "两台", 900_000)
            receipts: list[Receipt] = []
            sender = Sender(platform, parcel)

            def run(sender: Sender = sender, receipts: list[Receipt] = receipts) -> None:
                receipts.append(sender.send())

            both = [threading.Thread(target=run) for _ in range(2)]
            for one in both:
                one.start()
            for one in both:
                one.join()
            assert len(receipts) == 2 and receipts[0].document == receipts[1].document
            check_whole(platform, parcel, receipts[0])


@pytest.mark.parametrize("wrong", [timedelta(days=365), timedelta(days=-365)])
def test_a_clock_wrong_by_a_year_stops_nothing(tmp_path: Path, wrong: timedelta) -> None:
    """Issue 5: the PC's clock never blocks sending; both clocks stand in the record."""
    attempts: list[Attempt] = []
    timing = Waiting().timing(now=lambda: IN_TIME + wrong)
    parcel = package(tmp_path)
    with (
        running(tmp_path / "platform") as platform,
        transport(platform.url, platform.key, timing=timing, attempts=attempts) as filler,
    ):
        assert filler.platform_time().ahead == -wrong
        receipt = filler.send(parcel, report=lambda _d, _t: None, cancelled=lambda: False)
        check_whole(platform, parcel, receipt)
    assert receipt.received_at == IN_TIME
    assert (attempts[0].started_at - IN_TIME, attempts[0].platform_time) == (wrong, IN_TIME)


def test_cancelling_takes_less_than_a_second_even_on_a_dead_line(sender: Sender) -> None:
    """Issue 5: 停止 works at once, also while nothing at all comes from the other end."""
    forget(sender.platform)
    port = int(sender.platform.url.rpartition(":")[2])
    for place in (0, 300, 30_000):
        stop = threading.Event()
        dead = Stall(place)
        with line(port, lambda n, w, s, c, dead=dead: dead(n, w, s, c)) as url:  # type: ignore[misc]
            filler = transport(url, sender.platform.key, timing=replace(Waiting().timing(), stalled=99.0))
            filler.session.http.token = sender.token
            outcome: list[str] = []

            def run(
                filler: PlatformTransport = filler, stop: threading.Event = stop, told: list[str] = outcome
            ) -> None:
                try:
                    filler.send(sender.parcel, report=lambda _d, _t: None, cancelled=stop.is_set)
                except AppError as error:
                    told.append(error.code)

            worker = threading.Thread(target=run)
            worker.start()
            time.sleep(0.3)
            stop.set()
            worker.join(1.0)
            assert not worker.is_alive() and outcome == ["cancelled"]
            filler.session.http.token = ""


def start_platform(data: Path, port: int) -> tuple[subprocess.Popen[str], int]:
    """Run the platform as a process of its own; gives it and its port."""
    command = [sys.executable, "-m", "tests.adapters.platform_fixture", str(data), str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


CLIENT = """
import sys
from pathlib import Path
from tests.adapters.platform_fixture import package, transport
with transport(sys.argv[1], sys.argv[2]) as filler:
    def report(done, total):
        print(done, flush=True)
        sys.stdin.readline()
    parcel = package(Path(sys.argv[3]), "断电", 400_000)
    print("receipt", filler.send(parcel, report=report, cancelled=lambda: False).number, flush=True)
"""


def test_a_killed_client_goes_on_where_it_was(tmp_path: Path) -> None:
    """Issue 5: the client is SIGKILLed in the middle and started again; nothing is sent twice for long."""
    with running(tmp_path / "platform") as platform:
        parcel = package(tmp_path, "断电", 400_000)
        for steps in (2, 9, 30, 60) if WIDE else (2, 14):
            command = [sys.executable, "-c", CLIENT, platform.url, platform.key, str(tmp_path)]
            with subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
            ) as client:
                assert client.stdout is not None and client.stdin is not None
                for _ in range(steps):
                    assert client.stdout.readline().strip().isdigit()
                    client.stdin.write("\n")
                    client.stdin.flush()
                client.kill()
                client.communicate()
        query = "select sum(position) as there from uploads"
        there = int(platform.platform.database.execute(query).fetchone()["there"])
        assert there > 0
        attempts: list[Attempt] = []
        receipt = Sender(platform, parcel).send(attempts=attempts)
        check_whole(platform, parcel, receipt)
        assert sum(attempt.bytes_sent for attempt in attempts) <= parcel.path.stat().st_size - there


def test_a_killed_platform_goes_on_where_it_was(tmp_path: Path) -> None:
    """Issue 5: the platform is SIGKILLed at several moments of one sending; nothing acknowledged is lost."""
    parcel = package(tmp_path, "停机", 2_000_000)
    kills = (200_000, 900_000, 1_500_000, 1_999_999) if WIDE else (400_000, 1_600_000)
    process, port = start_platform(tmp_path / "platform", 0)
    processes, seen = [process], [0]

    def report(done: int, total: int) -> None:
        del total
        seen.append(done)
        if len(processes) <= len(kills) and done >= kills[len(processes) - 1]:
            processes[-1].kill()
            processes[-1].wait()
            processes.append(start_platform(tmp_path / "platform", port)[0])

    try:
        url = f"http://127.0.0.1:{port}"
        with transport(url, None) as stranger:
            key = stranger.facts().key
        with transport(url, key, timing=Waiting().timing(tries=40)) as filler:
            receipt = filler.send(parcel, report=report, cancelled=lambda: False)
            assert filler.status(receipt.number).fingerprint == parcel.fingerprint
    finally:
        for one in processes:
            one.kill()
            one.communicate()
    assert len(processes) == len(kills) + 1
    assert seen == sorted(seen)
    (whole,) = [
        path for path in (tmp_path / "platform" / "uploads").iterdir() if path.stat().st_size > 1_000_000
    ]
    assert whole.read_bytes() == parcel.path.read_bytes()
