"""Sending by USB stick: a folder is carried to the platform and its answer is carried home.

Each verb comes in three parts for the window: what needs the store before, the work without it, what needs
the store after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.clock import Clock, to_beijing
from app.errors import AppError, UsageError
from app.model.submission import Attempt, EventKind, Receipt
from app.services.submitting import (
    FATAL,
    Account,
    Answer,
    Prepared,
    Sent,
    SubmissionStatus,
    finish,
    keep_answer,
    prepare,
    record_upload,
)
from app.services.workplace import Workplace
from app.store.outbox import OutboxState
from app.transport.base import ApprovedReport, Cancelled, Report, State
from app.transport.folder import FolderTransport

BY_STICK = "stick"
"""Where a bundle goes that no platform's address is known for."""

WRITTEN = "answer_awaited"
"""Outcome of a try whose bundle lies whole on the stick; it is 待发送 until a receipt was read."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A bundle that an answer may be there for; ``at_home``: its watermarked report was taken already."""

    bundle_sha256: str
    fingerprint: str
    programme_id: str
    at_home: bool


@dataclass(frozen=True, slots=True)
class StickAnswer:
    """What the stick says of one bundle: a receipt with what became of it, or why it was refused."""

    carried: Carried
    receipt: Receipt | None
    status: SubmissionStatus | None
    report: ApprovedReport | None
    refused: AppError | None


def stick_account(address: str, name: str, trusted_key: str | None) -> Account:
    """Give the account a stick is sent under; raises ``UsageError("account_missing")``."""
    if not name:
        raise UsageError("account_missing")
    return Account(address or BY_STICK, name, None, trusted_key)


def submit_by_stick(
    workplace: Workplace, draft_id: str, account: Account, folder: Path, report: Report, cancelled: Cancelled
) -> Receipt | None:
    """Write the revision sealed last onto the stick; None: it has to be carried now.

    Gives the receipt where the stick has it already.  Raises ``UsageError("not_sealed")`` and what
    ``FolderTransport.send`` raises, but for ``answer_awaited``.
    """
    prepared = prepare(workplace, draft_id, account)
    return keep_written(workplace, write_stick(prepared, folder, workplace.clock, report, cancelled))


def write_stick(prepared: Prepared, folder: Path, clock: Clock, report: Report, cancelled: Cancelled) -> Sent:
    """Write what was prepared, without the store; how it ended stands in ``Sent``."""
    account, started, done = prepared.account, to_beijing(clock()), 0

    def told(count: int, total: int) -> None:
        nonlocal done
        done = count
        report(count, total)

    def attempt(outcome: str) -> tuple[Attempt, ...]:
        return (Attempt(started, to_beijing(clock()), str(folder), done, outcome),)

    transport = FolderTransport(folder, account.name, trusted_key=account.trusted_key)
    try:
        receipt = transport.send(prepared.package, report=told, cancelled=cancelled)
    except AppError as error:
        return Sent(prepared, None, error, attempt(error.code), None, by_line=False)
    return Sent(prepared, receipt, None, attempt("received"), None, by_line=False)


def keep_written(workplace: Workplace, sent: Sent) -> Receipt | None:
    """Write down how writing the stick ended; None once all lies there.  Raises what stood in the way."""
    try:
        return finish(workplace, sent)
    except AppError as error:
        if error.code != WRITTEN:
            raise
        return None


def fetch_by_stick(
    workplace: Workplace, draft_id: str, account: Account, folder: Path
) -> SubmissionStatus | None:
    """Take the platform's answer from a stick: receipt, return with its marks, watermarked report.

    Gives how the newest bundle stands, None while there is no answer to it.  Raises as ``keep_stick``.
    """
    return keep_stick(
        workplace, draft_id, account, read_stick(read_carried(workplace, draft_id), account, folder)
    )


def read_carried(workplace: Workplace, draft_id: str) -> tuple[Carried, ...]:
    """Read which bundles may be answered, oldest first; raises ``UsageError("draft_unknown")``."""
    programme = workplace.programme_of(workplace.draft(draft_id))
    events = workplace.store.events.list(draft_id)
    at_home = {event.params.get("number") for event in events if event.kind is EventKind.DOWNLOADED}
    numbers = {receipt.bundle_sha256: receipt.number for receipt in workplace.store.receipts.list()}
    return tuple(
        Carried(one.bundle_sha256, one.fingerprint, programme.id, numbers.get(one.bundle_sha256) in at_home)
        for one in workplace.store.outbox.list(draft_id)
    )


def read_stick(carried: tuple[Carried, ...], account: Account, folder: Path) -> tuple[StickAnswer, ...]:
    """Read and verify the answers on a stick, without the store; bundles without one are left out.

    Raises ``AppError``: ``no_answer`` (``folder``) where there is none at all, ``receipt_forged``,
    ``answer_forged``, ``platform_key_unconfirmed`` (``fingerprint``), ``cannot_read``.
    """
    transport = FolderTransport(folder, account.name, trusted_key=account.trusted_key)
    found = [one for each in carried if (one := _read_one(transport, each)) is not None]
    if not found:
        raise AppError("no_answer", folder=str(folder))
    return tuple(found)


def _read_one(transport: FolderTransport, carried: Carried) -> StickAnswer | None:
    try:
        answer = transport.answer(carried.fingerprint, carried.bundle_sha256, carried.programme_id)
    except AppError as error:
        if error.code not in FATAL and error.code != "window_not_open":
            raise
        return StickAnswer(carried, None, None, None, error)
    if answer is None:
        return None
    report = None
    if answer.status is not None and answer.status.state is State.APPROVED and not carried.at_home:
        report = transport.fetch_approved(answer.receipt.number)
    return StickAnswer(carried, answer.receipt, answer.status, report, None)


def keep_stick(
    workplace: Workplace, draft_id: str, account: Account, answers: tuple[StickAnswer, ...]
) -> SubmissionStatus | None:
    """Put on record what a stick brought; give how the newest bundle stands.

    Raises the platform's refusal (as ``PlatformTransport.send``) where that is the newest bundle's answer.
    """
    status: SubmissionStatus | None = None
    refused: AppError | None = None
    for one in answers:
        status, refused = one.status, one.refused
        if one.refused is not None:
            _keep_refusal(workplace, one.carried.bundle_sha256, one.refused)
        if one.receipt is not None:
            _keep_receipt(workplace, draft_id, account, one.receipt)
        if one.status is not None and one.receipt is not None:
            answer = Answer(one.receipt.number, one.status, None, one.report)
            keep_answer(workplace, draft_id, answer)
    if refused is not None:
        raise refused
    return status


def _keep_receipt(workplace: Workplace, draft_id: str, account: Account, receipt: Receipt) -> None:
    store, sha256 = workplace.store, receipt.bundle_sha256
    if store.outbox.get(sha256).state is not OutboxState.RECEIVED:
        store.receipts.put(receipt)
        store.attempts.append(sha256, _attempt(workplace.now(), account.address, "received", receipt.number))
        store.outbox.mark(sha256, OutboxState.RECEIVED)
    record_upload(workplace, draft_id, receipt, account.address)


def _keep_refusal(workplace: Workplace, sha256: str, error: AppError) -> None:
    store = workplace.store
    item = store.outbox.get(sha256)
    if item.state is not OutboxState.RECEIVED and item.reason != error.code:
        detail = str(error.params.get("problem", ""))
        store.attempts.append(sha256, _attempt(workplace.now(), item.target, error.code, detail))
        store.outbox.mark(sha256, OutboxState.QUARANTINED, error.code)


def _attempt(now: datetime, address: str, outcome: str, detail: str) -> Attempt:
    return Attempt(now, now, address, 0, outcome, detail)
