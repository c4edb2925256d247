"""Bad lines: cut on the way up, cut on the way down, bytes changed; in the end one report, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.model.submission import Attempt
from app.transport.receipts import verify_receipt
from tests.adapters.faulty_line import Fault, line
from tests.adapters.platform_fixture import Waiting, package, running, transport


def cut_going_up(number: int, way: str, so_far: int, content: bytes) -> bytes | None:
    """Every one of the first eight connections breaks after 150,000 bytes up."""
    return None if way == "up" and number < 8 and so_far + len(content) > 150_000 else content


def cut_coming_down(number: int, way: str, so_far: int, content: bytes) -> bytes | None:
    """Ten times the answer is lost although the platform has done what was asked, each time a later one."""
    return None if way == "down" and number < 10 and so_far > 300 * number else content


def change_bytes(number: int, way: str, so_far: int, content: bytes) -> bytes | None:
    """Now and then a byte of a large body changes on its way up; not always at the start of a connection.

    Handing in takes more than 2,000 bytes as well, and would else be damaged on every new connection.
    """
    if way == "up" and len(content) > 2_000 and (number + so_far // 100_000) % 2 == 0:
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
