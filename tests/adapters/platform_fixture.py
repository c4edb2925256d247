"""A small programme, a site of trivial callables and a rehearsal platform on a real loopback socket.

Run as a module it serves the same site as a process of its own, for the tests that kill it.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pikepdf
from starlette.applications import Starlette
from starlette.types import ASGIApp

from app.clock import Clock, parse_moment
from app.errors import AppError
from app.model.form import Form
from app.model.packet import PacketSpec
from app.model.programme import Action, Delivery, DeliverySource, Programme, Stage, UploadTarget
from app.model.submission import Attempt, EventKind
from app.practice import BundleInfo, Site, create_app, load_words, make_accounts, serve
from app.practice.key import key_fingerprint
from app.practice.platform import Platform
from app.practice.server import PlatformServer, bind
from app.rules.corrections import Correction, Kind, Subject
from app.services.corrections import CorrectionLine
from app.services.reviewing import Group, Review, ReviewLine
from app.transport.base import Package
from app.transport.courier import Timing
from app.transport.platform import PlatformTransport
from app.transport.session import PlatformSession

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "演练密码-3.14"
BUNDLE_TYPE = "application/vnd.shenbao.bundle+zip"
IN_TIME = parse_moment("2023-01-04T10:00:00+08:00")


def programme() -> Programme:
    """Give a programme with the windows of seed 000 §四: filling, two reviews."""
    filling = Stage(
        "fill",
        "单位填报",
        "filler",
        Action.FILL,
        (EventKind.SUBMITTED,),
        parse_moment("2022-12-22T00:00:00+08:00"),
        parse_moment("2023-01-05T21:00:00+08:00"),
    )
    unit = replace(
        filling,
        id="unit_review",
        label="单位审核",
        action=Action.REVIEW,
        done_by=(EventKind.UNIT_APPROVED,),
        reviewer=True,
    )
    bureau = replace(
        unit,
        id="bureau_review",
        label="科技局审核",
        done_by=(EventKind.APPROVED,),
        closes=parse_moment("2023-01-07T21:00:00+08:00"),
    )
    return Programme(
        id="small",
        form_version=1,
        notice_revision=1,
        title="小型演练事项",
        short_title="小型演练",
        issuer="演练",
        report_year=2022,
        period_start=date(2022, 1, 1),
        period_end=date(2022, 12, 20),
        unit_kind="",
        form=Form((), {}),
        checks=(),
        stages=(filling, unit, bureau),
        packet=PacketSpec((), 2, ""),
        upload=UploadTarget(
            "",
            "",
            "",
            deliveries=(
                Delivery("report", "自评报告", BUNDLE_TYPE),
                Delivery("scan", "盖章扫描件", "application/pdf", False, DeliverySource.SCAN),
            ),
        ),
    )


def bundle(text: str, size: int = 0) -> bytes:
    """Give a test bundle: one JSON line that names itself, then filler bytes."""
    fingerprint = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    head = json.dumps(
        {"programme": "small", "version": 1, "fingerprint": fingerprint, "title": text}
    ).encode()
    pattern = hashlib.sha256(text.encode()).digest()
    return head + b"\n" + (pattern * (size // 32 + 1))[:size]


def verify_bundle(path: Path) -> BundleInfo:
    """Read a test bundle."""
    try:
        head = json.loads(path.read_bytes().partition(b"\n")[0])
        return BundleInfo(head["programme"], head["version"], head["fingerprint"], head["title"])
    except (ValueError, KeyError) as error:
        raise AppError("bundle_damaged") from error


def render_report(path: Path, verification_code: str, approved_at: datetime) -> bytes:
    """Give a one-page PDF that carries the code in its title."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.docinfo["/Title"] = f"演练 {verification_code} {approved_at.isoformat()}"
        target = io.BytesIO()
        pdf.save(target)
    return target.getvalue()


def read_review(path: Path, returned: Path | None, _now: datetime) -> Review:
    """Give the test bundle's title as the one item of a report."""

    def title(bundle: Path) -> str:
        return verify_bundle(bundle).title

    line = ReviewLine("a01", "A01 标题", "", title(path), "", "", "", False, False, (), Group.OWN)
    corrections: tuple[CorrectionLine, ...] = ()
    if returned is not None and title(returned) != title(path):
        found = Correction(Subject.VALUE, Kind.CHANGED, "a01", title(returned), title(path))
        corrections = (CorrectionLine(found, line.name, "已改", title(returned), title(path)),)
        line = replace(line, corrected=title(returned))
    return Review("小型演练事项", "", (line,), {}, (), corrections)


def site(of: Programme | None = None) -> Site:
    """Give the site with the accounts filler, unit, review-unit_review, review-bureau_review."""
    programmes = {"small": of or programme()}
    words = load_words(ROOT / "resources")
    accounts = make_accounts(programmes, words, PASSWORD)
    return Site(
        programmes,
        verify_bundle,
        render_report,
        read_review,
        ROOT / "resources" / "platform" / "pages",
        accounts,
        words,
        BUNDLE_TYPE,
    )


@dataclass(frozen=True)
class RunningPlatform:
    """A platform that answers; ``platform`` is for looking behind the scenes."""

    url: str
    key: str
    platform: Platform


@contextmanager
def running(
    data: Path,
    now: datetime = IN_TIME,
    of: Site | None = None,
    around: Callable[[Starlette], ASGIApp] = lambda app: app,
) -> Iterator[RunningPlatform]:
    """Serve on a loopback socket from a thread, with a PC clock that stands at ``now``.

    ``around`` may put something between the socket and the application.
    """
    app = create_app(of or site(), data, lambda: now)
    listening = threading.Event()
    with bind(0) as listener:
        server = PlatformServer(app, listening.set)
        server.config.app = around(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert listening.wait(10)
            platform = app.state.platform
            assert isinstance(platform, Platform)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            yield RunningPlatform(url, key_fingerprint(platform.key), platform)
        finally:
            server.should_exit = True
            thread.join()


class Waiting:
    """A clock that only sleeping moves."""

    def __init__(self, on_sleep: Callable[[], None] = lambda: None) -> None:
        self.slept = 0.0
        self.on_sleep = on_sleep

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.on_sleep()

    def timing(self, tries: int = 12, now: Clock = lambda: IN_TIME) -> Timing:
        return Timing(tries=tries, rest=0.01, stalled=0.4, sleep=self.sleep, chance=lambda: 0.5, now=now)


def transport(
    url: str,
    key: str | None,
    account: str = "filler",
    password: str = PASSWORD,
    timing: Timing | None = None,
    attempts: list[Attempt] | None = None,
) -> PlatformTransport:
    """Give a transport that never really waits."""
    record = (attempts if attempts is not None else []).append
    return PlatformTransport(
        url,
        account,
        trusted_key=key,
        password=password,
        attempted=record,
        timing=timing or Waiting().timing(),
    )


@contextmanager
def reviewer(running: RunningPlatform, account: str) -> Iterator[PlatformSession]:
    """Give a reviewer's conversation."""
    session = PlatformSession(
        running.url, account, trusted_key=running.key, password=PASSWORD, now=lambda: IN_TIME
    )
    try:
        yield session
    finally:
        session.sign_out()
        session.http.close()


def package(folder: Path, text: str = "初稿", size: int = 200_000) -> Package:
    """Write a test bundle and give its package."""
    content = bundle(text, size)
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.shenbao"
    path.write_bytes(content)
    fingerprint = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    return Package("small", "report", text, path, hashlib.sha256(content).hexdigest(), fingerprint)


def send(transport: PlatformTransport, package: Package) -> bytes:
    """Send and give the receipt's document."""
    return transport.send(package, report=lambda _done, _total: None, cancelled=lambda: False).document


if __name__ == "__main__":
    serve(site(), Path(sys.argv[1]), int(sys.argv[2]), IN_TIME, lambda port: print(port, flush=True))
