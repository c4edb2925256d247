"""Sending to a real platform over a real loopback socket, the whole way and every way it can go wrong."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from app.clock import parse_moment
from app.errors import AppError
from app.model.submission import Attempt
from app.transport.base import Mark, PackageFile, State
from app.transport.receipts import verify_receipt
from app.transport.review import approve, list_submissions, list_waiting, return_report, save_notes
from tests.adapters.platform_fixture import (
    IN_TIME,
    PASSWORD,
    ROOT,
    RunningPlatform,
    Waiting,
    package,
    reviewer,
    running,
    send,
    transport,
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path / "platform") as found:
        yield found


def test_the_whole_way(platform: RunningPlatform, tmp_path: Path) -> None:
    """Seed 000 §三: submit, unit review, return with reason, correct, two approvals, watermarked report."""
    attempts: list[Attempt] = []
    progress: list[tuple[int, int]] = []
    with transport(platform.url, platform.key, attempts=attempts) as filler:
        first = package(tmp_path, "初稿", 300_000)
        receipt = filler.send(
            first, report=lambda done, total: progress.append((done, total)), cancelled=lambda: False
        )
        assert receipt == verify_receipt(receipt.document, platform.key)
        assert (receipt.bundle_sha256, receipt.fingerprint) == (first.sha256, first.fingerprint)
        assert receipt.rehearsal and receipt.received_at == IN_TIME
        assert progress[-1] == (first.path.stat().st_size, first.path.stat().st_size)
        assert progress == sorted(progress) and len(progress) > 3
        assert [a.outcome for a in attempts] == ["received"]
        assert attempts[0].bytes_sent == first.path.stat().st_size
        assert attempts[0].platform_time == IN_TIME

        with reviewer(platform, "review-unit_review") as unit:
            (waiting,) = list_waiting(unit)
            assert waiting.id == receipt.number and waiting.stage_label == "单位审核"
            mark, page = Mark("与上年差距过大，请说明", "e03"), Mark("此页缺签字", page=3)
            save_notes(unit, waiting.id, "", (mark,))
            with pytest.raises(AppError) as refused:
                return_report(unit, waiting.id, "unit_review", "  ", (mark,))
            assert refused.value.params["problem"] == "reason_missing"
            return_report(unit, waiting.id, "unit_review", "面积与上年不一致", (mark, page))
            assert list_waiting(unit) == ()

        status = filler.status(receipt.number)
        assert (status.state, status.stage, status.reason) == (
            State.RETURNED,
            "unit_review",
            "面积与上年不一致",
        )
        assert status.marks == (mark, page)
        with pytest.raises(AppError, match="returned_unchanged"):
            send(filler, first)
        with pytest.raises(AppError, match="not_approved_yet"):
            filler.fetch_approved(receipt.number)

        second = verify_receipt(send(filler, package(tmp_path, "改正稿")), platform.key)
        assert filler.status(second.number).replaces == receipt.number
        assert filler.status(receipt.number).state is State.REPLACED
        with reviewer(platform, "unit") as admin:
            assert approve(admin, second.number, "unit_review").stage == "bureau_review"
        with reviewer(platform, "review-bureau_review") as bureau:
            assert [s.id for s in list_waiting(bureau)] == [second.number]
            assert approve(bureau, second.number, "bureau_review").state is State.APPROVED
            assert [s.id for s in list_submissions(bureau)] == [second.number, receipt.number]

        approved = filler.fetch_approved(second.number)
        assert approved.approved_at == IN_TIME and approved.verification_code.startswith("YL-")
        with pikepdf.open(io.BytesIO(approved.pdf)) as pdf:
            assert str(pdf.docinfo["/Title"]).startswith(f"演练 {approved.verification_code}")
        history = [(step.kind, step.stage) for step in filler.status(second.number).history]
        assert history == [("submitted", ""), ("approved", "unit_review"), ("approved", "bureau_review")]
        with pytest.raises(AppError, match="already_submitted"):
            send(filler, package(tmp_path, "第三稿"))


def test_sending_twice_gives_the_same_receipt(platform: RunningPlatform, tmp_path: Path) -> None:
    """Interrupting a send anywhere never gives two reports (architecture: idempotent)."""
    parcel = package(tmp_path)
    with transport(platform.url, platform.key) as one:
        first = send(one, parcel)
    attempts: list[Attempt] = []
    with transport(platform.url, platform.key, attempts=attempts) as two:
        assert send(two, parcel) == first
        assert send(two, parcel) == first
    assert [attempt.bytes_sent for attempt in attempts] == [0, 0]


def test_more_files_than_the_bundle(platform: RunningPlatform, tmp_path: Path) -> None:
    """Several deliveries in one submission (seed 001: report and stamped scan)."""
    scan = tmp_path / "扫描.pdf"
    scan.write_bytes(b"%PDF-1.7 scan")
    parcel = package(tmp_path)
    other = PackageFile("scan", scan, hashlib.sha256(scan.read_bytes()).hexdigest())
    with transport(platform.url, platform.key) as filler:
        receipt = verify_receipt(send(filler, replace(parcel, others=(other,))), platform.key)
    assert receipt.bundle_sha256 == parcel.sha256
    assert "扫描.pdf".encode() in receipt.document


def test_a_file_of_the_wrong_kind_is_refused(platform: RunningPlatform, tmp_path: Path) -> None:
    """A scan that is no PDF is not a scan."""
    scan = tmp_path / "扫描.pdf"
    scan.write_bytes(b"GIF89a")
    other = PackageFile("scan", scan, hashlib.sha256(scan.read_bytes()).hexdigest())
    with (
        transport(platform.url, platform.key) as filler,
        pytest.raises(AppError, match="rejected") as refused,
    ):
        send(filler, replace(package(tmp_path), others=(other,)))
    assert "盖章扫描件" in str(refused.value.params["reason"])


def test_resumes_after_the_platform_was_killed(tmp_path: Path) -> None:
    """Bytes acknowledged before SIGKILL are never asked for again; the receipt comes in the end."""
    parcel = package(tmp_path, "大份", 3_000_000)
    seen: list[int] = []
    attempts: list[Attempt] = []
    platform, port = _start(tmp_path / "platform", 0)
    processes = [platform]

    def report(done: int, total: int) -> None:
        seen.append(done)
        if done > 1_000_000 and platform.poll() is None:
            platform.kill()
            platform.wait()

    def restart() -> None:
        if len(processes) == 1:
            processes.append(_start(tmp_path / "platform", port)[0])

    try:
        url = f"http://127.0.0.1:{port}"
        with transport(url, None) as stranger:
            key = stranger.facts().key
        with transport(url, key, attempts=attempts, timing=Waiting(restart).timing()) as filler:
            receipt = filler.send(parcel, report=report, cancelled=lambda: False)
            assert filler.status(receipt.number).state is State.IN_REVIEW
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert len(processes) == 2
    assert seen == sorted(seen)
    assert [attempt.outcome for attempt in attempts] == ["platform_unreachable", "received"]
    assert 1_000_000 < sum(attempt.bytes_sent for attempt in attempts) <= parcel.path.stat().st_size


def _start(data: Path, port: int) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, "-m", "tests.adapters.platform_fixture", str(data), str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_cancelled_and_taken_up_again(platform: RunningPlatform, tmp_path: Path) -> None:
    """Cancelling keeps what has arrived; the next sending goes on from there."""
    parcel = package(tmp_path, "停一停", 1_000_000)
    seen: list[int] = []
    attempts: list[Attempt] = []
    with transport(platform.url, platform.key, attempts=attempts) as filler:
        with pytest.raises(AppError, match="cancelled"):
            filler.send(
                parcel, report=lambda done, _: seen.append(done), cancelled=lambda: max(seen, default=0) > 0
            )
        again: list[int] = []
        filler.send(parcel, report=lambda done, _: again.append(done), cancelled=lambda: False)
    assert seen[-1] > 0 and again == sorted(again)
    assert [attempt.outcome for attempt in attempts] == ["cancelled", "received"]
    # a piece that arrived while the connection was ended is counted by nobody and sent by nobody again
    first, second = (attempt.bytes_sent for attempt in attempts)
    assert first == seen[-1] and 0 < second <= parcel.path.stat().st_size - first


def test_cancelling_ends_a_pause(tmp_path: Path) -> None:
    """Nobody waits out a back-off to be rid of it."""
    stop: list[bool] = []
    waiting = Waiting(lambda: stop.append(True))
    with (
        transport("http://127.0.0.1:9", "a" * 64, timing=waiting.timing()) as filler,
        pytest.raises(AppError, match="cancelled"),
    ):
        filler.send(package(tmp_path), report=lambda _d, _t: None, cancelled=lambda: bool(stop))
    assert waiting.slept <= 0.25


def test_the_window_is_the_platforms(tmp_path: Path) -> None:
    """Seed 000 §四.1: until 2023-01-05 21:00; that second still counts, the next does not."""
    with (
        running(tmp_path / "a", parse_moment("2023-01-05T21:00:00+08:00")) as platform,
        transport(platform.url, platform.key) as filler,
    ):
        assert send(filler, package(tmp_path))
    with (
        running(tmp_path / "b", parse_moment("2023-01-05T21:00:01+08:00")) as platform,
        transport(platform.url, platform.key) as filler,
        pytest.raises(AppError) as refused,
    ):
        send(filler, package(tmp_path))
    assert (refused.value.code, refused.value.params["closes"]) == ("window_closed", "2023-01-05 21:00")
    with (
        running(tmp_path / "c", parse_moment("2022-12-21T23:59:59+08:00")) as platform,
        transport(platform.url, platform.key) as filler,
        pytest.raises(AppError, match="window_not_open"),
    ):
        send(filler, package(tmp_path))


def test_clocks_are_compared(platform: RunningPlatform) -> None:
    """The offset between the PC's clock and the platform's is reported."""
    slow = Waiting().timing(now=lambda: IN_TIME - timedelta(minutes=7))
    with transport(platform.url, platform.key, timing=slow) as filler:
        assert filler.platform_time().ahead == timedelta(minutes=7)
        assert filler.platform_time().moment == IN_TIME


def test_a_wrong_password_is_refused_and_never_told(platform: RunningPlatform, tmp_path: Path) -> None:
    """Passwords stand in no exception and no text of an object."""
    with transport(platform.url, platform.key, password="错误的密码") as filler:
        with pytest.raises(AppError) as refused:
            send(filler, package(tmp_path))
        assert refused.value.code == "sign_in_refused"
        told = [repr(filler.session), repr(filler.session.http), repr(refused.value)]
        assert refused.value.__context__ is None
    assert not any("错误的密码" in text for text in told)


def test_a_token_that_ran_out_is_renewed(platform: RunningPlatform, tmp_path: Path) -> None:
    """Setting the clock forward ends the session in the middle; the sending goes on."""
    with transport(platform.url, platform.key) as filler:
        filler.session.contact()
        filler.session.http.token = "no-longer-valid"
        assert send(filler, package(tmp_path))


def test_an_unknown_key_is_never_given_the_password(platform: RunningPlatform, tmp_path: Path) -> None:
    """First contact asks for confirmation; another key than the confirmed one ends it."""
    with transport(platform.url, None) as filler, pytest.raises(AppError) as refused:
        send(filler, package(tmp_path))
    assert (refused.value.code, refused.value.params) == (
        "platform_key_unconfirmed",
        {"fingerprint": platform.key},
    )
    with transport(platform.url, "sha256:" + "0" * 64) as filler, pytest.raises(AppError) as refused:
        send(filler, package(tmp_path))
    assert refused.value.code == "platform_key_changed"
    rows = platform.platform.database.execute("select count(*) from sessions").fetchone()
    assert rows[0] == 0


def test_a_changed_file_is_not_sent(platform: RunningPlatform, tmp_path: Path) -> None:
    """Only the sealed bytes go out."""
    parcel = package(tmp_path)
    parcel.path.write_bytes(b"changed")
    with transport(platform.url, platform.key) as filler:
        with pytest.raises(AppError, match="package_changed"):
            send(filler, parcel)
        parcel.path.unlink()
        with pytest.raises(AppError, match="package_missing"):
            send(filler, parcel)


def test_a_bundle_that_is_not_whole_is_refused(platform: RunningPlatform, tmp_path: Path) -> None:
    """The platform takes only what proves whole and is what was announced."""
    junk = tmp_path / "junk.shenbao"
    junk.write_bytes(b"junk\n")
    parcel = replace(package(tmp_path), path=junk, sha256=hashlib.sha256(b"junk\n").hexdigest())
    other = replace(package(tmp_path, "另一稿"), fingerprint="sha256:" + "1" * 64)
    with transport(platform.url, platform.key) as filler:
        for wrong, problem in ((parcel, "bundle_refused"), (other, "fingerprint_mismatch")):
            with pytest.raises(AppError, match="rejected") as refused:
                send(filler, wrong)
            assert refused.value.params["problem"] == problem
            assert "演练" in str(refused.value.params["reason"])


def test_an_unfinished_sending_makes_room(platform: RunningPlatform, tmp_path: Path) -> None:
    """A new seal while the old one is half sent: the old one is given up, and can be taken up again."""
    old, new = package(tmp_path, "旧稿", 500_000), package(tmp_path, "新稿", 500_000)
    seen: list[int] = []
    with transport(platform.url, platform.key) as filler:
        for parcel in (old, new):
            seen.clear()
            with pytest.raises(AppError, match="cancelled"):
                filler.send(parcel, report=lambda done, _: seen.append(done), cancelled=lambda: sum(seen) > 0)
        receipt = verify_receipt(send(filler, old), platform.key)
        assert receipt.bundle_sha256 == old.sha256
        with pytest.raises(AppError, match="already_submitted"):
            send(filler, new)


def test_only_the_filler_password_is_needed_once(platform: RunningPlatform, tmp_path: Path) -> None:
    """A token in place of a password serves until it runs out."""
    with transport(platform.url, platform.key) as first:
        first.status(verify_receipt(send(first, package(tmp_path)), platform.key).number)
        token = first.session.http.token
        with transport(platform.url, platform.key, password=PASSWORD) as second:
            second.session.http.token = token
            assert send(second, package(tmp_path)) == send(first, package(tmp_path))
