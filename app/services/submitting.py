"""Sending a sealed report to a platform, and taking its answers home."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.bundle import BundleInfo
from app.clock import Clock, format_moment, to_beijing
from app.errors import AppError, UsageError
from app.model.programme import Programme, Stage
from app.model.submission import Attempt, Event, EventKind, EventSource, Receipt, Snapshot
from app.services.corrections import place_marks
from app.services.delivering import BUNDLE_MEDIA_TYPE, lay_out_others, make_bundle, make_folder, require_all
from app.services.evidence import MAX_EVIDENCE_BYTES
from app.services.pace import keep_speed, read_limit
from app.services.recording import find_snapshot
from app.services.workplace import PLATFORM_AHEAD, Workplace
from app.store.outbox import OutboxState
from app.transport.base import ApprovedReport, Cancelled, Package, Report, Step, SubmissionStatus
from app.transport.courier import Timing
from app.transport.lanes import Pace
from app.transport.platform import PlatformTransport

__all__ = [
    "Account",
    "Answer",
    "Prepared",
    "Question",
    "Sent",
    "SubmissionStatus",
    "ask_platform",
    "fetch",
    "finish",
    "keep_alive",
    "keep_answer",
    "last_submission",
    "make_bundle",
    "open_transport",
    "prepare",
    "read_question",
    "send",
    "submit",
]

BUNDLE_DELIVERY = "bundle"
ALIVE_SECONDS = 30.0
"""How often a sending gives a sign of life, so that no other takes it for gone."""

FATAL = frozenset({"rejected", "window_closed", "already_submitted", "returned_unchanged", "package_changed"})
"""Codes that trying again does not help against."""


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach a platform: address, account, password (never stored here) and its trusted key."""

    address: str
    name: str
    password: str | None
    trusted_key: str | None


def open_transport(
    account: Account, clock: Clock, attempted: Callable[[Attempt], None], limit: int = 0
) -> PlatformTransport:
    """Open a conversation with a platform; close it or use ``with``.

    ``clock`` is the PC's; ``limit`` bounds the sending to so many bytes per second (0: no limit).
    """
    transport = PlatformTransport(
        account.address,
        account.name,
        trusted_key=account.trusted_key,
        password=account.password,
        attempted=attempted,
        timing=Timing(now=clock),
    )
    transport.pace = Pace(limit=limit)
    return transport


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sending that is written down and has not begun; ``number`` is that of its try.

    ``limit``: bytes per second that the user allows, 0 for all.
    """

    draft_id: str
    account: Account
    package: Package
    number: int
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """How a sending ended: a verified receipt, or why there is none.  ``ahead``: the platform's clock.

    ``by_line`` false: it was carried, and tells nothing about the speed of the line.
    """

    prepared: Prepared
    receipt: Receipt | None
    error: AppError | None
    attempts: tuple[Attempt, ...]
    ahead: timedelta | None
    by_line: bool = True


def submit(
    workplace: Workplace, draft_id: str, account: Account, report: Report, cancelled: Cancelled
) -> Receipt:
    """Send the revision sealed last; success is a receipt whose signature was verified, nothing else.

    The try is written down as interrupted before the first byte leaves, and signs of life are given as long
    as it lasts.  Repeating gives the same receipt.
    Raises ``UsageError("not_sealed")`` and what ``PlatformTransport.send`` raises.
    """
    prepared = prepare(workplace, draft_id, account)
    alive_at = time.monotonic()

    def check() -> bool:
        # asked several times a second all through a sending, also while the line is down
        nonlocal alive_at
        if time.monotonic() - alive_at > ALIVE_SECONDS:
            alive_at = time.monotonic()
            keep_alive(workplace, prepared)
        return cancelled()

    return finish(workplace, send(prepared, account, workplace.clock, report, check))


def prepare(workplace: Workplace, draft_id: str, account: Account) -> Prepared:
    """Make the files of the revision sealed last and write down that a try begins.

    What this platform has already taken with the very same bundle is sent as it was: a scan that came later
    does not make another report.  Raises ``UsageError("not_sealed")``, ``AppError("deliveries_missing")``
    (``files``: which, and what to do) before anything is made, ``AppError("outbox_busy")`` and what writing
    the files raises.
    """
    snapshot = find_snapshot(workplace, draft_id)
    programme = workplace.programme_of(workplace.draft(draft_id))
    taken = _taken(workplace, draft_id, snapshot, account.address)
    if taken is None:
        require_all(workplace, draft_id)
    folder = workplace.folder / "outbox"
    make_folder(folder)
    path = folder / f"{draft_id}-{snapshot.fingerprint.partition(':')[2][:16]}.shenbao"
    info = make_bundle(workplace, draft_id, path, snapshot.fingerprint)
    others = lay_out_others(workplace, draft_id, path.with_suffix(""), taken)
    outbox = workplace.store.outbox
    outbox.put(draft_id, snapshot.fingerprint, str(path), info.sha256, account.address)
    number = outbox.begin(info.sha256, account.address)
    package = replace(_package(programme, snapshot, info, path), others=others)
    return Prepared(draft_id, account, package, number, read_limit(workplace) * 1000)


def _taken(workplace: Workplace, draft_id: str, snapshot: Snapshot, address: str) -> Mapping[str, str] | None:
    """Give the other files that a platform took with this revision (delivery id: SHA-256), None if none."""
    for event in workplace.store.events.list(draft_id):
        same = event.kind is EventKind.UPLOADED and event.fingerprint == snapshot.fingerprint
        if same and event.params.get("address") == address:
            found = json.loads(event.params.get("files", "{}"))
            return {str(one): str(sha256) for one, sha256 in found.items()}
    return None


def send(
    prepared: Prepared,
    account: Account,
    clock: Clock,
    report: Report,
    cancelled: Cancelled,
    hurried: Cancelled = lambda: False,
) -> Sent:
    """Send what was prepared, without the store: it may take long and runs beside the window.

    ``hurried`` is asked in a pause whether to try again at once.

    Never raises what the world refuses: it stands in ``Sent.error`` and ``finish`` raises it.
    """
    attempts: list[Attempt] = []
    ahead: timedelta | None = None
    try:
        with open_transport(account, clock, attempts.append, prepared.limit) as transport:
            transport.hurried = hurried
            try:
                receipt = transport.send(prepared.package, report=report, cancelled=cancelled)
            finally:
                ahead = transport.ahead
    except AppError as error:
        return Sent(prepared, None, error, tuple(attempts), ahead)
    return Sent(prepared, receipt, None, tuple(attempts), ahead)


def keep_alive(workplace: Workplace, prepared: Prepared) -> None:
    """Give a sign of life while sending, at least every minute: no other window sends the same then."""
    workplace.store.outbox.renew(prepared.package.sha256)


def finish(workplace: Workplace, sent: Sent) -> Receipt:
    """Write down how a sending ended and give its receipt; raises what stood in the way of one."""
    prepared, attempts, address = sent.prepared, list(sent.attempts), sent.prepared.account.address
    sha256, number = prepared.package.sha256, prepared.number
    if sent.ahead is not None:
        workplace.store.settings.put(PLATFORM_AHEAD, sent.ahead.total_seconds())
    if sent.by_line:
        keep_speed(workplace, attempts)
    if sent.receipt is None:
        assert sent.error is not None
        state = OutboxState.QUARANTINED if sent.error.code in FATAL else OutboxState.PENDING
        _finish(workplace, sha256, number, attempts, address, state, sent.error.code)
        raise sent.error
    workplace.store.receipts.put(sent.receipt)
    _finish(workplace, sha256, number, attempts, address, OutboxState.RECEIVED, "received")
    record_upload(workplace, prepared.draft_id, sent.receipt, address)
    return sent.receipt


def _package(programme: Programme, snapshot: Snapshot, info: BundleInfo, path: Path) -> Package:
    delivery = next(
        (one.id for one in programme.upload.deliveries if one.media_type == BUNDLE_MEDIA_TYPE),
        BUNDLE_DELIVERY,
    )
    return Package(programme.id, delivery, programme.title, path, info.sha256, snapshot.fingerprint)


def _finish(
    workplace: Workplace,
    sha256: str,
    number: int,
    attempts: list[Attempt],
    address: str,
    state: OutboxState,
    outcome: str,
) -> None:
    now = to_beijing(workplace.clock())
    for attempt in attempts[:-1]:
        workplace.store.attempts.append(sha256, attempt)
    last = attempts[-1] if attempts else Attempt(now, now, address, 0, outcome)
    workplace.store.outbox.finish(
        sha256, number, last, state, "" if state is OutboxState.RECEIVED else outcome
    )


def record_upload(workplace: Workplace, draft_id: str, receipt: Receipt, address: str) -> None:
    """Put on record, once, that a platform has received a report."""
    known = {event.params.get("number") for event in workplace.store.events.list(draft_id)}
    if receipt.number in known:
        return
    files = json.loads(receipt.document)["receipt"]["files"]
    others = {one["delivery_id"]: one["sha256"] for one in files if one["sha256"] != receipt.bundle_sha256}
    event = Event(
        EventKind.UPLOADED,
        receipt.received_at,
        EventSource.PLATFORM,
        fingerprint=receipt.fingerprint,
        params={
            "number": receipt.number,
            "address": address,
            "bundle_sha256": receipt.bundle_sha256,
            "rehearsal": "true" if receipt.rehearsal else "false",
        }
        | ({"files": json.dumps(others)} if others else {}),
    )
    workplace.store.events.append(draft_id, event)


def last_submission(workplace: Workplace, draft_id: str, address: str) -> str:
    """Give the number of the last receipt from a platform; raises ``UsageError("not_submitted")``."""
    for event in reversed(workplace.store.events.list(draft_id)):
        if event.kind is EventKind.UPLOADED and event.params.get("address") == address:
            return event.params["number"]
    raise UsageError("not_submitted")


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask a platform: the submission's number, and whether its approved report is at home."""

    number: str
    at_home: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform answered; ``report`` only where it was approved and not yet at home.

    ``ahead``: how far its clock is ahead of the PC's, None where a carried answer cannot tell.
    """

    number: str
    status: SubmissionStatus
    ahead: timedelta | None
    report: ApprovedReport | None


def fetch(workplace: Workplace, draft_id: str, account: Account) -> SubmissionStatus:
    """Ask how the submission stands, record what is new, and keep the watermarked report once approved."""
    question = read_question(workplace, draft_id, account.address)
    return keep_answer(workplace, draft_id, ask_platform(question, account, workplace.clock))


def read_question(workplace: Workplace, draft_id: str, address: str) -> Question:
    """Read what to ask; raises ``UsageError("not_submitted")``."""
    number = last_submission(workplace, draft_id, address)
    downloaded = {
        event.params.get("number")
        for event in workplace.store.events.list(draft_id)
        if event.kind is EventKind.DOWNLOADED
    }
    return Question(number, number in downloaded)


def ask_platform(
    question: Question, account: Account, clock: Clock, cancelled: Cancelled = lambda: False
) -> Answer:
    """Ask the platform, without the store; raises what ``PlatformTransport.status`` raises."""
    with open_transport(account, clock, _forget) as transport:
        status = transport.status(question.number, cancelled)
        wanted = status.approved_at is not None and not question.at_home
        report = transport.fetch_approved(question.number, cancelled) if wanted else None
        return Answer(question.number, status, transport.ahead or timedelta(), report)


def keep_answer(workplace: Workplace, draft_id: str, answer: Answer) -> SubmissionStatus:
    """Record what is new in an answer and keep the watermarked report."""
    programme = workplace.programme_of(workplace.draft(draft_id))
    number = answer.number
    if answer.ahead is not None:
        workplace.store.settings.put(PLATFORM_AHEAD, answer.ahead.total_seconds())
    for step in answer.status.history:
        _record_step(workplace, draft_id, programme, number, step)
    if answer.report is not None:
        _keep_report(workplace, draft_id, number, answer.report.pdf, answer.report.verification_code)
    return answer.status


def _forget(_attempt: Attempt) -> None:
    """Reading the status is no attempt to send, so nothing is written down."""


def _record_step(workplace: Workplace, draft_id: str, programme: Programme, number: str, step: Step) -> None:
    key = f"{number}/{step.kind}/{step.stage}/{format_moment(step.at)}"
    events = workplace.store.events.list(draft_id)
    if any(event.params.get("step") == key for event in events):
        return
    stage = next((one for one in programme.stages if one.id == step.stage), None)
    kind = _step_kind(step, stage)
    if kind is None:
        return
    params = {"step": key, "stage": step.stage, "number": number}
    if step.marks:
        placed = place_marks(workplace, draft_id, number, step.marks)
        marks = [{"path": mark.path, "page": mark.page, "text": mark.text} for mark in placed]
        params["marks"] = json.dumps(marks, ensure_ascii=False)
    event = Event(
        kind, to_beijing(step.at), EventSource.PLATFORM, who=step.who, note=step.reason, params=params
    )
    workplace.store.events.append(draft_id, event)


def _step_kind(step: Step, stage: Stage | None) -> EventKind | None:
    if step.kind == "returned":
        return EventKind.RETURNED
    if step.kind == "approved" and stage is not None:
        return stage.done_by[0]
    return None


def _keep_report(workplace: Workplace, draft_id: str, number: str, pdf: bytes, code: str) -> None:
    temporary = workplace.folder / f".{draft_id}-report.pdf"
    try:
        temporary.write_bytes(pdf)
        sha256, _ = workplace.store.attachments.add_file(temporary, MAX_EVIDENCE_BYTES)
    except OSError as error:
        raise AppError("cannot_write", name=str(temporary), reason=error.strerror or "") from error
    finally:
        temporary.unlink(missing_ok=True)
    event = Event(
        EventKind.DOWNLOADED,
        workplace.now(),
        EventSource.PLATFORM,
        file=sha256,
        params={"number": number, "verification_code": code},
    )
    workplace.store.events.append(draft_id, replace(event, at=_not_before(workplace, draft_id, event.at)))


def _not_before(workplace: Workplace, draft_id: str, moment: datetime) -> datetime:
    """Give a moment no earlier than the last event: the platform's clock may run ahead of ours."""
    events = workplace.store.events.list(draft_id)
    return max(moment, events[-1].at) if events else moment
