"""What happened to a draft after it was sealed: events, snapshots, receipts, attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """Kinds of 办理记录.  Each comes from the platform, the program, or is registered by hand."""

    SEALED = "sealed"
    UPLOADED = "uploaded"
    SUBMITTED = "submitted"
    UNIT_APPROVED = "unit_approved"
    APPROVED = "approved"
    RETURNED = "returned"
    DOWNLOADED = "downloaded"
    PRINTED = "printed"
    SIGNED = "signed"
    STAMPED = "stamped"
    SENT_FOR_STAMP = "sent_for_stamp"
    STAMPED_BY_BUREAU = "stamped_by_bureau"
    SCANNED = "scanned"
    BOUND = "bound"
    POSTED = "posted"
    DELIVERED = "delivered"
    EXTENDED = "extended"
    RESULT = "result"
    NOTE = "note"


BY_PROGRAM = frozenset({EventKind.SEALED, EventKind.UPLOADED})
"""What only the program or the platform can tell; every other kind may be registered by hand."""


class EventSource(StrEnum):
    """Who says so."""

    PROGRAM = "program"
    PLATFORM = "platform"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the record.  ``at`` is when it happened, in Beijing time.

    ``params`` by kind: ``stage`` and ``closes`` (ISO) for an extension, ``stage`` for a return,
    ``grade`` for a result, ``number`` for a portal submission.  ``file`` is an attachment's SHA-256.
    ``previous_hash``/``hash`` chain the record; empty before it is stored.
    """

    kind: EventKind
    at: datetime
    source: EventSource
    who: str = ""
    note: str = ""
    fingerprint: str = ""
    file: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    recorded_at: datetime | None = None
    previous_hash: str = ""
    hash: str = ""


def short_form(digest: str) -> str:
    """Give the short form of a fingerprint (``sha256:<hex>``): 12 hex digits in groups of four."""
    digits = digest.partition(":")[2][:12].upper()
    return "-".join(digits[start : start + 4] for start in range(0, 12, 4))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sealed revision (定稿): canonical content and its fingerprint (校验码).

    ``content`` is the canonical JSON text in UTF-8; ``fingerprint`` is ``sha256:<hex>`` over it.
    """

    draft_id: str
    fingerprint: str
    content: bytes
    revision: int
    sealed_at: datetime

    @property
    def short(self) -> str:
        """Give the short form printed on each page."""
        return short_form(self.fingerprint)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt (回执) of the platform, as it came: JSON text and what was verified."""

    number: str
    received_at: datetime
    bundle_sha256: str
    fingerprint: str
    rehearsal: bool
    document: bytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send (上传尝试): both clocks, bytes, outcome code."""

    started_at: datetime
    ended_at: datetime
    address: str
    bytes_sent: int
    outcome: str
    detail: str = ""
    platform_time: datetime | None = None
