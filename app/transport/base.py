"""What sending means to the rest of the program, whichever way it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from app.model.submission import Receipt

Report = Callable[[int, int], None]
"""Told how many bytes of how many have safely arrived."""

Cancelled = Callable[[], bool]
"""Asked whether the user wants to stop."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file to send under a delivery id of the programme.  ``sha256`` is 64 hex digits."""

    delivery_id: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """A sealed report to send: its bundle, and what else the platform wants with it.

    ``fingerprint`` (校验码) is ``sha256:<hex>`` of the sealed revision; ``delivery_id`` the id under which
    the platform takes the bundle.
    """

    programme_id: str
    delivery_id: str
    title: str
    path: Path
    sha256: str
    fingerprint: str
    others: tuple[PackageFile, ...] = ()

    @property
    def files(self) -> tuple[PackageFile, ...]:
        """Give all files, the bundle first."""
        return (PackageFile(self.delivery_id, self.path, self.sha256), *self.others)


class State(StrEnum):
    """Where a submission stands on the platform (openapi.yaml, ``Submission.state``)."""

    UPLOADING = "uploading"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REPLACED = "replaced"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Mark:
    """A reviewer's comment at a field or cell (``path``), at a page (from 1), or at the whole."""

    text: str
    path: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a submission's history: ``submitted``, ``approved`` or ``returned``, in Beijing time."""

    kind: str
    stage: str
    at: datetime
    who: str
    reason: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionStatus:
    """A submission as the platform tells it.  ``reason`` and ``marks`` are the latest return's.

    ``stage`` is the stage that acts now, or that returned it; empty when none.
    """

    id: str
    programme_id: str
    title: str
    fingerprint: str
    state: State
    stage: str
    stage_label: str
    reason: str
    marks: tuple[Mark, ...]
    replaces: str
    received_at: datetime | None
    approved_at: datetime | None
    verification_code: str
    history: tuple[Step, ...]
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class ApprovedReport:
    """The watermarked report, byte for byte as the platform signed it.  ``approval``: the signed document."""

    pdf: bytes
    verification_code: str
    approved_at: datetime
    approval: bytes


@dataclass(frozen=True, slots=True)
class PlatformTime:
    """The platform's clock and how far it is ahead of the PC's (negative: the PC is ahead)."""

    moment: datetime
    ahead: timedelta


class Transport(Protocol):
    """A way to send.  Every method raises ``AppError`` for what the world refuses."""

    def send(self, package: Package, *, report: Report, cancelled: Cancelled) -> Receipt:
        """Send once and for all: repeating it gives the same receipt, after a cut it goes on."""

    def status(self, submission_id: str) -> SubmissionStatus:
        """Ask how a submission stands; ``submission_id`` is the receipt's number."""

    def fetch_approved(self, submission_id: str) -> ApprovedReport:
        """Fetch the watermarked report of an approved submission."""

    def platform_time(self) -> PlatformTime:
        """Ask the platform's clock."""
