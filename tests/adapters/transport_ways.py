"""The three ways to send behind one face, each against a real other side, for the conformance suite.

``platform`` speaks HTTP with a running rehearsal platform, ``folder`` is carried to one, ``manual`` is a
clerk at a web portal that knows nothing of us.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.bundle import verify_bundle
from app.clock import BEIJING
from app.errors import AppError
from app.messages import load_messages
from app.model.draft import Answers, Attachment, Row
from app.model.submission import EventKind
from app.practice import BundleInfo, create_app, load_words, make_accounts
from app.practice.accounts import User
from app.practice.folders import take_folder
from app.practice.key import key_fingerprint
from app.practice.platform import Platform
from app.practice.reviews import Notes, decide
from app.practice.site import Role, Site
from app.practice.submissions import find_submission
from app.programmes.loader import load
from app.services.drafting import new_draft
from app.services.filing import keep_progress, lay_out_files
from app.services.portal import explain_window, read_filing
from app.services.recording import Registration, register, seal
from app.services.stick import fetch_by_stick, submit_by_stick
from app.services.submitting import Account, fetch, submit
from app.services.workplace import Workplace, open_workplace
from app.transport.base import Mark
from app.transport.review import approve, return_report
from tests.adapters.platform_fixture import (
    BUNDLE_TYPE,
    PASSWORD,
    ROOT,
    RunningPlatform,
    read_review,
    render_report,
    reviewer,
    running,
)
from tests.programmes.programme_folder import changed, write_folder

NOW = datetime(2023, 1, 4, 10, 0, tzinfo=BEIJING)
LATE = datetime(2023, 1, 6, 10, 0, tzinfo=BEIJING)
DELIVERY = 'media_type = "application/pdf"\nsource = "scan"'
DELIVERIES = f"""media_type = "{BUNDLE_TYPE}"
source = "bundle"
[[upload.delivery]]
id = "word"
label = "文字版"
media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
source = "word"
"""


@dataclass
class World:
    """A small report in a real store, sealed, with one proof."""

    workplace: Workplace
    folder: Path
    draft_id: str
    moment: list[datetime]

    def set_now(self, now: datetime) -> None:
        self.moment[0] = now

    def correct(self, name: str) -> None:
        """Correct the report's first item and seal again."""
        from app.services.drafting import set_value

        set_value(self.workplace, self.draft_id, "a01", name)
        self.seal()

    def seal(self) -> None:
        assert seal(self.workplace, self.draft_id, self.moment[0], "已核对").snapshot is not None


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Give a sealed report of the minimal programme, whose platform takes bundles."""
    files = changed("programme.toml", DELIVERY, DELIVERIES)
    source = write_folder(folder / "data" / "programmes" / "mini", files)
    proof = folder / "执照.pdf"
    proof.write_bytes(b"%PDF-1.7 licence")
    messages, moment = load_messages(ROOT / "resources" / "messages"), [NOW]
    with open_workplace(folder / "data", ROOT / "resources", messages, lambda: moment[0]) as workplace:
        rows = (Row("r1", {"name": "甲公司", "people": 3}),)
        files_there = (Attachment(proof.name, "", proof.stat().st_size, ("05",)),)
        answers = Answers({"a01": "某单位"}, {"t1": rows}, attachments=files_there)
        draft_id = new_draft(workplace, load(source), answers, folder)
        made = World(workplace, folder, draft_id, moment)
        made.seal()
        yield made


class Way(Protocol):
    """What every way to send must be able to do; each method leaves its outcome on the record."""

    def submit(self) -> str:
        """Bring the sealed report there and give its number."""

    def fetch(self) -> None:
        """Take home what was decided."""

    def alter(self) -> None:
        """Alter one byte of what travels."""

    def return_with(self, reason: str, mark: Mark) -> None:
        """Return the report, on the other side."""

    def approve(self) -> bytes:
        """Approve the report there and give the watermarked PDF as it is there."""

    def reports(self) -> list[str]:
        """Give what identifies each whole report on the other side, the replaced ones too."""

    def told_closed(self) -> str:
        """Let the window close, try to submit, and give what the clerk is told; nothing arrives."""

    def proof(self) -> bytes:
        """Give what the clerk holds as proof of the submission."""


def _site(made: World) -> Site:
    programme = made.workplace.find_programme("mini")
    words = load_words(ROOT / "resources")

    def verify(path: Path) -> BundleInfo:
        info = verify_bundle(path)
        return BundleInfo(info.programme_id, info.form_version, info.fingerprint, info.title)

    return Site(
        {"mini": programme},
        verify,
        render_report,
        read_review,
        ROOT / "resources" / "platform" / "pages",
        make_accounts({"mini": programme}, words, PASSWORD),
        words,
        BUNDLE_TYPE,
    )


def _received(platform: Platform) -> list[str]:
    rows = platform.database.execute(
        "select s.id as number, u.id, f.sha256 from submissions s join files f on f.submission_id = s.id"
        " left join uploads u on u.submission_id = s.id and u.delivery_id = f.delivery_id"
        " where s.received_at is not null order by s.rowid, f.delivery_id"
    ).fetchall()
    found: dict[str, list[str]] = {}
    for row in rows:
        whole = platform.upload_path(row["id"]).read_bytes()
        assert hashlib.sha256(whole).hexdigest() == row["sha256"]
        found.setdefault(row["number"], []).append(row["sha256"])
    assert all(len(files) == 2 for files in found.values())  # the bundle and the Word file
    return [" ".join(files) for files in found.values()]


@dataclass
class PlatformWay:
    """HTTP."""

    made: World
    other: RunningPlatform

    def account(self) -> Account:
        return Account(self.other.url, "filler", PASSWORD, self.other.key)

    def submit(self) -> str:
        account = self.account()
        receipt = submit(self.made.workplace, self.made.draft_id, account, lambda *_: None, lambda: False)
        return receipt.number

    def fetch(self) -> None:
        fetch(self.made.workplace, self.made.draft_id, self.account())

    def alter(self) -> None:
        # what waits to be sent is made anew from the sealed revision: only its proof can be altered
        _alter_proof(self.made)

    def return_with(self, reason: str, mark: Mark) -> None:
        with reviewer(self.other, "review-review") as session:
            return_report(session, self._number(), "review", reason, (mark,))

    def approve(self) -> bytes:
        with reviewer(self.other, "review-review") as session:
            approve(session, self._number(), "review")
        return (self.other.platform.folder / "reports" / f"{self._number()}.pdf").read_bytes()

    def reports(self) -> list[str]:
        return _received(self.other.platform)

    def told_closed(self) -> str:
        self.other.platform.set_now(LATE)
        self.made.set_now(LATE)
        return _refusal(self)

    def proof(self) -> bytes:
        return self.made.workplace.store.receipts.list()[-1].document

    def _number(self) -> str:
        return _numbers(self.made)[-1]


@dataclass
class FolderWay:
    """A stick, carried there and back at once."""

    made: World
    platform: Platform
    stick: Path

    def account(self) -> Account:
        return Account("stick", "filler", None, key_fingerprint(self.platform.key))

    def write(self) -> None:
        account = self.account()
        submit_by_stick(
            self.made.workplace, self.made.draft_id, account, self.stick, lambda *_: None, lambda: False
        )

    def carry(self) -> None:
        take_folder(self.platform, self.stick)

    def submit(self) -> str:
        self.write()
        self.carry()
        self.fetch()
        return _numbers(self.made)[-1]

    def fetch(self) -> None:
        take_folder(self.platform, self.stick)
        fetch_by_stick(self.made.workplace, self.made.draft_id, self.account(), self.stick)

    def alter(self) -> None:
        self.write()
        (bundle,) = self.stick.glob("*/*.shenbao")
        content = bytearray(bundle.read_bytes())
        content[len(content) // 2] ^= 1
        bundle.write_bytes(content)
        self.write = lambda: None  # type: ignore[method-assign]

    def return_with(self, reason: str, mark: Mark) -> None:
        marks = ({"text": mark.text, "path": mark.path, "page": mark.page},)
        self._decide(Notes(reason, marks), approved=False)

    def approve(self) -> bytes:
        self._decide(Notes(), approved=True)
        return (self.platform.folder / "reports" / f"{_numbers(self.made)[-1]}.pdf").read_bytes()

    def _decide(self, notes: Notes, *, approved: bool) -> None:
        judge = User("review-review", Role.REVIEWER, "", "科技局", ("review",))
        row = find_submission(self.platform, _numbers(self.made)[-1])
        decide(self.platform, judge, row, "review", notes, approved=approved)

    def reports(self) -> list[str]:
        return _received(self.platform)

    def told_closed(self) -> str:
        self.platform.set_now(LATE)
        self.made.set_now(LATE)
        return _refusal(self)

    def proof(self) -> bytes:
        return self.made.workplace.store.receipts.list()[-1].document


@dataclass
class ManualWay:
    """A portal that keeps, under one number per unit, what was typed and picked there last."""

    made: World
    screenshot: Path
    typed: dict[str, str] = field(default_factory=dict)
    picked: dict[str, bytes] = field(default_factory=dict)
    pdf: Path | None = None

    def submit(self) -> str:
        workplace, draft_id = self.made.workplace, self.made.draft_id
        filing = read_filing(workplace, draft_id, workplace.now(), "附件")
        folder = lay_out_files(filing)
        assert folder is not None
        for entry in filing.entries:
            if entry.kind.value == "file":
                self.picked[entry.label] = Path(entry.text).read_bytes()
            else:
                self.typed[entry.id] = entry.text
            filing = filing.with_done(entry)
        keep_progress(workplace, filing)
        params = {"number": "XJ-0031"}
        entry_made = Registration("submitted", who="周敏", file=self.screenshot, params=params)
        return register(workplace, draft_id, entry_made, workplace.now()).params["number"]

    def fetch(self) -> None:
        """Nothing comes by itself: what the clerk saw in the portal was registered when it was seen."""

    def alter(self) -> None:
        _alter_proof(self.made)

    def return_with(self, reason: str, mark: Mark) -> None:
        params = {"number": "XJ-0031", "stage": "review"}
        entry = Registration("returned", note=reason, who="科技局", params=params, marks=(mark,))
        register(self.made.workplace, self.made.draft_id, entry, self.made.workplace.now())

    def approve(self) -> bytes:
        workplace, draft_id = self.made.workplace, self.made.draft_id
        content = render_report(Path(), "PORTAL", self.made.moment[0])
        self.pdf = self.made.folder / "门户报告.pdf"
        self.pdf.write_bytes(content)
        register(workplace, draft_id, Registration("approved", who="科技局"), workplace.now())
        register(workplace, draft_id, Registration("downloaded", file=self.pdf), workplace.now())
        return content

    def reports(self) -> list[str]:
        whole = repr((sorted(self.typed.items()), sorted(self.picked.items())))
        return [hashlib.sha256(whole.encode()).hexdigest()] if self.typed else []

    def told_closed(self) -> str:
        # the portal decides; the program says it and stops nothing, for an extension may have been granted
        self.made.set_now(LATE)
        workplace, draft_id = self.made.workplace, self.made.draft_id
        filing = read_filing(workplace, draft_id, workplace.now(), "附件")
        text, presses = explain_window(filing, workplace.now(), workplace.messages)
        assert presses
        return text

    def proof(self) -> bytes:
        events = self.made.workplace.store.events.list(self.made.draft_id)
        sent = next(one for one in reversed(events) if one.kind is EventKind.SUBMITTED)
        return self.made.workplace.store.attachments.open(sent.file).read_bytes()


def _refusal(by: PlatformWay | FolderWay) -> str:
    try:
        by.submit()
    except AppError as error:
        assert error.code == "window_closed"
        return by.made.workplace.messages.error(error)
    raise AssertionError("received after the end")


def _numbers(made: World) -> list[str]:
    events = made.workplace.store.events.list(made.draft_id)
    return [one.params["number"] for one in events if one.kind in (EventKind.UPLOADED, EventKind.SUBMITTED)]


def _alter_proof(made: World) -> None:
    for one in made.workplace.draft(made.draft_id).answers.attachments:
        path = made.workplace.store.attachments.open(one.sha256)
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        with suppress(OSError):
            path.chmod(0o600)
        path.write_bytes(content)


WAYS = ("platform", "folder", "manual")


@contextmanager
def way(name: str, made: World) -> Iterator[Way]:
    """Give a way to send, its other side running."""
    other = made.folder / "other"
    other.mkdir()
    if name == "manual":
        shot = made.folder / "提交成功.png"
        shot.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
        yield ManualWay(made, shot)
    elif name == "folder":
        platform = create_app(_site(made), other, lambda: NOW).state.platform
        stick = made.folder / "stick"
        stick.mkdir()
        try:
            yield FolderWay(made, platform, stick)
        finally:
            platform.database.close()
    else:
        with running(other, NOW, _site(made)) as platform_running:
            yield PlatformWay(made, platform_running)
