"""Where a report stands on its way to the platform: sent, received, returned, and by which papers."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.errors import AppError
from app.messages import Messages
from app.model.fingerprint import draft_fingerprint
from app.model.submission import Attempt, Event, EventKind, Receipt, Snapshot
from app.paper.fonts import Fonts
from app.paper.receipt import ReceiptSheet, grouped, render_receipt
from app.services.accounts import Platform, window_state
from app.services.corrections import read_marks
from app.services.deadline import SafeStart, read_safe_start
from app.services.listing import save_file
from app.services.pace import read_limit
from app.services.recording import latest_snapshot
from app.services.timing import show_moment
from app.services.workplace import Workplace
from app.store.outbox import INTERRUPTED, OutboxItem, OutboxState
from app.transport.base import Mark
from app.transport.receipts import verify_receipt


class Step(StrEnum):
    """尚未定稿, 待发送, 正在发送, 平台已收, 已在门户提交, 单位审核通过, 审核通过, 被退回."""

    UNSEALED = "unsealed"
    WAITING = "waiting"
    SENDING = "sending"
    RECEIVED = "received"
    SUBMITTED = "submitted"
    UNIT_APPROVED = "unit_approved"
    APPROVED = "approved"
    RETURNED = "returned"


_STEPS = {
    EventKind.SEALED: Step.WAITING,
    EventKind.UPLOADED: Step.RECEIVED,
    EventKind.SUBMITTED: Step.SUBMITTED,
    EventKind.UNIT_APPROVED: Step.UNIT_APPROVED,
    EventKind.APPROVED: Step.APPROVED,
    EventKind.RETURNED: Step.RETURNED,
}


@dataclass(frozen=True, slots=True)
class Return:
    """The last return: when, by whom, why, and what was marked."""

    at: datetime
    who: str
    reason: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Standing:
    """A report on its way.  ``event`` is the one that says so; ``attempts`` are oldest first.

    ``changed`` tells that the draft was edited after it was sealed, ``quarantine`` is the code for which the
    platform has not taken what was sealed last, ``limit`` KB per second that sending may use (0: all).
    """

    step: Step
    event: Event | None
    snapshot: Snapshot | None
    changed: bool
    returned: Return | None
    receipts: tuple[Receipt, ...]
    attempts: tuple[Attempt, ...]
    platform: Platform
    safe_start: SafeStart | None = None
    quarantine: str = ""
    limit: int = 0

    @property
    def number(self) -> str:
        """Give the number under which platform or portal keeps the submission, if it is there."""
        return self.event.params.get("number", "") if self.event is not None else ""

    @property
    def rehearsal(self) -> bool:
        """Tell whether the submission is of a rehearsal only."""
        number = self.number
        return bool(number) and any(one.rehearsal for one in self.receipts if one.number == number)

    @property
    def interrupted(self) -> bool:
        """Tell whether the last try to send ended without a word: crash, power cut."""
        return bool(self.attempts) and self.attempts[-1].outcome == INTERRUPTED


def read_standing(workplace: Workplace, draft_id: str) -> Standing:
    """Read where a report stands, folded from its record."""
    draft = workplace.draft(draft_id)
    form = workplace.programme_of(draft).form
    events = workplace.store.events.list(draft_id)
    snapshot = latest_snapshot(workplace, draft_id)
    event = next((one for one in reversed(events) if one.kind in _STEPS), None)
    items = workplace.store.outbox.list(draft_id)
    step = _STEPS[event.kind] if event is not None else Step.UNSEALED
    if any(item.state is OutboxState.SENDING for item in items):
        step = Step.SENDING
    attempts = [one for item in items for one in workplace.store.attempts.list(item.bundle_sha256)]
    returned = next((one for one in reversed(events) if one.kind is EventKind.RETURNED), None)
    return Standing(
        step,
        event,
        snapshot,
        snapshot is not None and draft_fingerprint(draft, form) != snapshot.fingerprint,
        _return(returned) if returned is not None else None,
        list_receipts(workplace, draft_id),
        tuple(sorted(attempts, key=lambda one: one.started_at)),
        window_state(workplace).platform,
        read_safe_start(workplace, draft_id),
        next((one.reason for one in reversed(items) if _is_quarantined(one, snapshot)), ""),
        read_limit(workplace),
    )


def _is_quarantined(item: OutboxItem, snapshot: Snapshot | None) -> bool:
    is_last = snapshot is not None and item.fingerprint == snapshot.fingerprint
    return is_last and item.state is OutboxState.QUARANTINED


def _return(event: Event) -> Return:
    return Return(event.at, event.who, event.note, read_marks(event))


def check_receipt(receipt: Receipt, platform: Platform) -> Receipt:
    """Verify a kept receipt once more, without a line to anybody.

    Raises ``AppError``: ``receipt_forged``; ``platform_key_unconfirmed`` while no key is trusted.
    """
    return verify_receipt(receipt.document, platform.trusted_key or None)


def list_receipts(workplace: Workplace, draft_id: str) -> tuple[Receipt, ...]:
    """Give all receipts of a report, oldest first; raises ``UsageError("draft_unknown")``."""
    workplace.need_draft(draft_id)
    own = {item.bundle_sha256 for item in workplace.store.outbox.list(draft_id)}
    return tuple(one for one in workplace.store.receipts.list() if one.bundle_sha256 in own)


def print_receipt(receipt: Receipt, fonts: Fonts, messages: Messages) -> bytes:
    """Lay a kept receipt out as a PDF; raises ``AppError("receipt_forged")`` where it cannot be read."""

    def word(key: str, /, **params: object) -> str:
        return messages.text("paper", f"receipt.{key}", **params)

    try:
        document = json.loads(receipt.document)
        content, signature = document["receipt"], document["signature"]
        key = "sha256:" + hashlib.sha256(base64.b64decode(signature["public_key"], validate=True)).hexdigest()
        files = [(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in content["files"]]
        texts = {name: str(content[name]) for name in ("platform", "title", "unit", "account", "replaces")}
    except (ValueError, KeyError, TypeError) as error:
        raise AppError("receipt_forged") from error
    rows = [
        (word("kind"), word("rehearsal" if receipt.rehearsal else "real")),
        (word("number"), receipt.number),
        (word("platform"), texts["platform"]),
        (word("report"), texts["title"]),
        (word("unit"), texts["unit"]),
        (word("account"), texts["account"]),
        (word("received"), word("received_at", at=show_moment(receipt.received_at))),
        (word("fingerprint"), grouped(receipt.fingerprint)),
        (word("key"), grouped(key)),
    ]
    if texts["replaces"]:
        rows.append((word("replaces"), texts["replaces"]))
    return render_receipt(ReceiptSheet(receipt.number, rows, files, receipt.rehearsal), fonts, messages)


def save_printed_receipt(receipt: Receipt, target: Path, fonts: Fonts, messages: Messages) -> Path:
    """Write a receipt's sheet; raises as ``print_receipt`` and ``AppError("cannot_write")``."""
    return save_file(target, print_receipt(receipt, fonts, messages))


def save_receipt(receipt: Receipt, target: Path) -> None:
    """Write a receipt byte for byte as the platform signed it; raises ``AppError("cannot_write")``."""
    try:
        target.write_bytes(receipt.document)
    except OSError as error:
        raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
