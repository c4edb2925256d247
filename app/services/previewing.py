"""What can be printed of a report now, and its pages as pixels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.model.fingerprint import draft_fingerprint
from app.model.programme import Programme
from app.model.submission import Event, EventKind, Snapshot
from app.paper.assemble import Source
from app.paper.raster import Hit, Raster, find_text, page_pixels, page_sizes
from app.rules.stale_pages import Copies, printed_copies
from app.services.arranging import read_choice
from app.services.binding import arranged
from app.services.printing import (
    Paper,
    PaperSource,
    lay_out_papers,
    needs_platform_report,
    read_packet,
    read_proof,
)
from app.services.recording import latest_snapshot
from app.services.taking import approved_event
from app.services.workplace import Workplace

__all__ = [
    "Edition",
    "Hit",
    "Paper",
    "PaperDesk",
    "PaperSource",
    "Raster",
    "Source",
    "find_text",
    "lay_out_papers",
    "page_pixels",
    "page_sizes",
]


class Edition(StrEnum):
    """What can be printed: 校对稿, 整册草稿, 定稿（未审核）, 装订册."""

    PROOF = "proof"
    WHOLE = "whole"
    UNREVIEWED = "unreviewed"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class PrintedBook:
    """One printing of the book on record; ``pages`` per file."""

    at: datetime
    fingerprint: str
    copies: int
    pages: int


@dataclass(frozen=True)
class PaperDesk:
    """Where a report stands on its way to paper.

    ``changed``: the draft was edited after it was sealed.  ``approved``: the event that brought the
    platform's report home, if it still counts.  ``programme`` is with the office's arrangement; ``copies``
    says what was printed, signed and stamped of each part of each copy.
    """

    programme: Programme
    snapshot: Snapshot | None
    changed: bool
    approved: Event | None
    printed: tuple[PrintedBook, ...]
    copies: Copies = field(default_factory=dict)

    @property
    def editions(self) -> tuple[Edition, ...]:
        """Give what can be printed now, the furthest last."""
        if self.snapshot is None:
            return (Edition.WHOLE, Edition.PROOF)
        if self.approved is None and needs_platform_report(self.programme):
            return (Edition.WHOLE, Edition.PROOF, Edition.UNREVIEWED)
        return (Edition.WHOLE, Edition.PROOF, Edition.BOOK)

    @property
    def stale(self) -> bool:
        """Tell whether the paper printed last is of another revision than the one sealed last."""
        return bool(
            self.snapshot and self.printed and self.printed[-1].fingerprint != self.snapshot.fingerprint
        )


def read_desk(workplace: Workplace, draft_id: str) -> PaperDesk:
    """Read where a report stands on its way to paper."""
    draft = workplace.draft(draft_id)
    programme = arranged(workplace.programme_of(draft), read_choice(workplace, draft_id))
    snapshot = latest_snapshot(workplace, draft_id)
    events = workplace.store.events.list(draft_id)
    changed = snapshot is not None and draft_fingerprint(draft, programme.form) != snapshot.fingerprint
    approved = approved_event(workplace, draft_id)
    printed = tuple(_printed(event) for event in events if event.kind is EventKind.PRINTED)
    return PaperDesk(programme, snapshot, changed, approved, printed, printed_copies(events))


def _printed(event: Event) -> PrintedBook:
    try:
        pages = sum(json.loads(event.params.get("pages", "{}")).values())
    except (ValueError, AttributeError, TypeError):
        pages = 0
    copies = event.params.get("copies", "")
    return PrintedBook(event.at, event.fingerprint, int(copies) if copies.isdigit() else 0, pages)


def read_source(workplace: Workplace, draft_id: str, edition: Edition, now: datetime) -> PaperSource:
    """Read what an edition is made from; raises as ``read_packet``.

    What comes back may be another edition than was asked for where the record has changed meanwhile: look
    at ``PaperSource.across``.
    """
    if edition in (Edition.PROOF, Edition.WHOLE):
        return read_proof(workplace, draft_id, now, whole=edition is Edition.WHOLE)
    return read_packet(workplace, draft_id, now)


def in_copy_order(papers: Sequence[Paper]) -> tuple[Paper, ...]:
    """Give papers collated: all of the first copy, then all of the second."""
    return tuple(sorted(papers, key=lambda paper: paper.copy))
