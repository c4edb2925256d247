"""Bad lines: cut on the way up, cut on the way down, bytes changed; in the end one report, byte for byte."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.model.submission import Attempt
from app.transport.receipts import verify_receipt
from tests.adapters.platform_fixture import Waiting, package, running, transport

Fault = Callable[[int, str, int, bytes], bytes | None]
"""(connection, "up" or "down", bytes so far, bytes now) -> what passes, or None to cut the connection."""


@contextmanager
def line(port: int, fault: Fault) -> Iterator[str]:
    """Stand between client and platform on a real socket; gives the address to speak to."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.02)
    over = threading.Event()

    def carry(number: int, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", port)) as far:
            passed = {"up": 0, "down": 0}
            while not over.is_set():
                ready, _, _ = select.select([near, far], [], [], 0.02)
                for end in ready:
                    way, other = ("up", far) if end is near else ("down", near)
                    content = end.recv(1 << 16)
                    out = fault(number, way, passed[way], content) if content else None
                    if out is None:
                        return
                    passed[way] += len(out)
                    other.sendall(out)

    def accept() -> None:
        workers: list[threading.Thread] = []
        while not over.is_set():
            try:
                near, _ = listener.accept()
            except TimeoutError:
                continue
            near.setblocking(True)
            workers.append(threading.Thread(target=carry, args=(len(workers), near)))
            workers[-1].start()
        for worker in workers:
            worker.join()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        thread.join()
        listener.close()


def cut_going_up(number: int, way: str, so_far: int, content: bytes) -> bytes | None:
    """Every one of the first eight connections breaks after 150,000 bytes up."""
    return None if way == "up" and number < 8 and so_far + len(content) > 150_000 else content


def cut_coming_down(number: int, way: str, so_far: int, content: bytes) -> bytes | None:
    """Ten times the answer is lost although the platform has done what was asked, each time a later one."""
    return None if way == "down" and number < 10 and so_far > 300 * number else content


def change_bytes(number: int, way: str, so_far: int, content: bytes) -> bytes | None:
    """Now and then a byte of a large body changes on its way up."""
    if way == "up" and len(content) > 20_000 and so_far // 100_000 % 2 == 0:
        return content[:-1] + bytes([content[-1] ^ 1])
    return content


@pytest.mark.parametrize("fault", [cut_going_up, cut_coming_down, change_bytes])
def test_a_bad_line_gives_one_report_in_the_end(tmp_path: Path, fault: Fault) -> None:
    """Reliability §4.5: interrupting a send anywhere never gives two reports or half a report."""
    parcel = package(tmp_path, "长路", 1_200_000)
    attempts: list[Attempt] = []
    seen: list[int] = []
    with running(tmp_path / "platform") as platform:
        port = int(platform.url.rpartition(":")[2])
        with (
            line(port, fault) as url,
            transport(url, platform.key, timing=Waiting().timing(), attempts=attempts) as filler,
        ):
            receipt = filler.send(parcel, report=lambda done, _: seen.append(done), cancelled=lambda: False)
        rows = platform.platform.database.execute("select id, state from submissions").fetchall()
        assert [tuple(row) for row in rows] == [(receipt.number, "in_review")]
        (upload,) = platform.platform.database.execute("select id from uploads").fetchall()
        assert platform.platform.upload_path(upload["id"]).read_bytes() == parcel.path.read_bytes()
    assert verify_receipt(receipt.document, platform.key).bundle_sha256 == parcel.sha256
    assert seen == sorted(seen)
    cuts = sum(int(attempt.detail.partition("cuts=")[2] or 0) for attempt in attempts)
    assert len(attempts) + cuts > 3 and attempts[-1].outcome == "received"
