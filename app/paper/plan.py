"""Where everything stands in the bound book: what its parts tell about each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.messages import Messages
from app.model.finding import Finding
from app.paper.assemble import Source, page_count

SHEET_MM = 0.1
"""Thickness of a sheet of 80 g/m² paper in mm (print_rules §3)."""

COVER_MM = 0.5
"""What the glued cover adds to the spine in mm (print_rules §3)."""


@dataclass(frozen=True, slots=True)
class PageRange:
    """Printed page numbers from ``first`` to ``last`` in a volume."""

    first: int
    last: int
    volume: int = 1

    @property
    def pages(self) -> int:
        """How many numbered pages these are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class VolumePlan:
    """One volume: page sides with blank ones, and the printed numbers of its pages."""

    sides: int
    first: int
    last: int

    @property
    def sheets(self) -> int:
        """Sheets of paper, printed on both sides."""
        return -(-self.sides // 2)

    @property
    def thickness(self) -> float:
        """How thick the spine is in mm."""
        return round(self.sheets * SHEET_MM + COVER_MM, 1)


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part of the book and its pages; a part may go on in the next volume."""

    id: str
    title: str
    ranges: tuple[PageRange, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The book: its parts in order, the pages of evidence files by SHA-256, its volumes, its copies.

    An empty plan stands for a book that is not laid out yet.
    """

    parts: tuple[PlannedPart, ...] = ()
    files: Mapping[str, PageRange] = field(default_factory=dict)
    volumes: tuple[VolumePlan, ...] = ()

    def pages_of(self, part_id: str) -> tuple[PageRange, ...]:
        """Give the pages of a part; none for a loose one."""
        return next((part.ranges for part in self.parts if part.id == part_id), ())

    @property
    def total(self) -> int:
        """The last printed page number."""
        return max((volume.last for volume in self.volumes), default=0)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a part may tell beside the answers: open findings, evidence files by SHA-256, the book.

    ``scratch`` is a folder for what is too large to be held in memory (None: it is held there).
    """

    findings: tuple[Finding, ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    scratch: Path | None = None


@dataclass(frozen=True, slots=True)
class PartPages:
    """A part laid out: its PDF and, counted from 0, its blank sides and where a new volume may begin.

    The PDF may be several that follow each other.  ``files`` says for evidence files (SHA-256) on which sides
    of the part they stand (first, number).
    """

    pdf: Source | tuple[Source, ...]
    blank: tuple[int, ...] = ()
    breaks: tuple[int, ...] = (0,)
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, title: str) -> int:
        """Return the number of sides; raises ``AppError("pdf_unreadable")`` as ``page_count``."""
        own = self.pdf if isinstance(self.pdf, tuple) else (self.pdf,)
        return sum(page_count(each, title) for each in own)


def range_text(pages: PageRange | None, plan: Plan, messages: Messages) -> str:
    """Give page numbers as they stand in a catalogue; the volume only where there are several."""
    if pages is None:
        return messages.text("paper", "plan.loose" if plan.volumes else "plan.unknown")
    code = "plan.page" if pages.first == pages.last else "plan.pages"
    text = messages.text("paper", code, first=pages.first, last=pages.last)
    if len(plan.volumes) > 1:
        return messages.text("paper", "plan.volume", volume=pages.volume, pages=text)
    return text


def ranges_text(ranges: tuple[PageRange, ...], plan: Plan, messages: Messages) -> str:
    """Give the pages of a part that may stand in several volumes, one line for each."""
    if not ranges:
        return range_text(None, plan, messages)
    return "\n".join(range_text(each, plan, messages) for each in ranges)
