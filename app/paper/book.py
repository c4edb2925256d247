"""The bound book (胶装册): parts laid out knowing each other's pages, divided into volumes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from app.model.packet import Part, PartKind
from app.paper.assemble import PacketPart, Source, merge, page_count
from app.paper.plan import PageRange, PartPages, Plan, PlannedPart, VolumePlan

ABOUT_BOOK = frozenset(
    {
        PartKind.CATALOGUE,
        PartKind.EVIDENCE_LIST,
        PartKind.STAMPING,
        PartKind.SPINE,
        PartKind.PRINT_ORDER,
        PartKind.CHANGES,
    }
)
"""Kinds of parts that tell pages of other parts: they are laid out again once these are known."""

_MOST_ROUNDS = 6

Render = Callable[[Part, Plan], PartPages]


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume without marks: its PDF, the parts in it, sides without a number, the first number.

    ``parts`` gives for every part or piece of one its id, its first side (from 0) and its sides.
    """

    pdf: Source
    parts: tuple[tuple[str, int, int], ...]
    blank: frozenset[int]
    first: int
    last: int

    def sides_of(self, part_ids: Sequence[str]) -> frozenset[int]:
        """Give the sides (from 0) on which these parts stand."""
        return frozenset(
            side
            for part_id, first, count in self.parts
            if part_id in part_ids
            for side in range(first, first + count)
        )


@dataclass(frozen=True, slots=True)
class Book:
    """All volumes and what is known of their pages."""

    volumes: tuple[Volume, ...]
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Piece:
    """Sides ``start`` to ``stop`` of a part that stand in one volume."""

    part: Part
    pages: PartPages
    start: int
    stop: int


def compose(
    parts: Sequence[Part], render: Render, title: str, most_sheets: int, scratch: Path | None = None
) -> Book:
    """Lay out parts in order, each beginning on a right-hand page, numbers running through all volumes.

    Parts that tell pages of others are laid out again until nothing moves any more.  A new volume begins
    where ``part.volume`` asks for it, and where a part (or a group of proof documents) would make the volume
    thicker than ``most_sheets``.  With a ``scratch`` folder the volumes are files there.

    Raises:
        AppError: what ``render`` raises; ``pdf_unreadable`` (``name``, ``reason``), ``cannot_write``.
    """
    plan, laid, counts = Plan(), {}, {}
    pieces: list[list[_Piece]] = []
    for _round in range(_MOST_ROUNDS):
        for part in parts:
            if part.id not in laid or part.kind in ABOUT_BOOK:
                laid[part.id] = render(part, plan)
                counts[part.id] = laid[part.id].count(part.title)
        pieces = _volumes(parts, laid, counts, most_sheets)
        before, plan = plan, _plan(pieces)
        if plan == before:
            break
    volumes = []
    for number, (own, planned) in enumerate(zip(pieces, plan.volumes, strict=True), 1):
        target = None if scratch is None else scratch / f"volume-{number}.pdf"
        volumes.append(_bound(own, planned, title, target))
    return Book(tuple(volumes), plan)


def _volumes(
    parts: Sequence[Part], laid: dict[str, PartPages], counts: dict[str, int], most_sheets: int
) -> list[list[_Piece]]:
    volumes: list[list[_Piece]] = [[]]
    sides = 0
    for part in parts:
        pages, count = laid[part.id], counts[part.id]
        if part.volume > len(volumes) and volumes[-1]:
            volumes.append([])
            sides = 0
        starts = sorted({0, *pages.breaks})
        for start, stop in zip(starts, [*starts[1:], count], strict=True):
            sides += sides % 2
            if volumes[-1] and sides + stop - start > 2 * most_sheets:
                volumes.append([])
                sides = 0
            last = volumes[-1][-1] if volumes[-1] else None
            if last and last.part.id == part.id:
                volumes[-1][-1] = _Piece(part, pages, last.start, stop)
            else:
                volumes[-1].append(_Piece(part, pages, start, stop))
            sides += stop - start
    return [volume for volume in volumes if volume]


def _plan(volumes: Sequence[Sequence[_Piece]]) -> Plan:
    ranges: dict[str, list[PageRange]] = {}
    titles: dict[str, str] = {}
    files: dict[str, PageRange] = {}
    planned: list[VolumePlan] = []
    number = 0
    for volume, pieces in enumerate(volumes, 1):
        opened, sides = number + 1, 0
        for piece in pieces:
            sides += sides % 2
            sides += piece.stop - piece.start
            numbers: dict[int, int] = {}
            for side in range(piece.start, piece.stop):
                if side not in piece.pages.blank:
                    number += 1
                    numbers[side] = number
            titles[piece.part.id] = piece.part.title
            own = PageRange(min(numbers.values()), max(numbers.values()), volume)
            ranges.setdefault(piece.part.id, []).append(own)
            for sha256, (first, count) in piece.pages.files.items():
                if first in numbers:
                    files[sha256] = PageRange(numbers[first], numbers[first + count - 1], volume)
        if pieces:
            planned.append(VolumePlan(sides, opened, number))
    parts = tuple(PlannedPart(name, titles[name], tuple(own)) for name, own in ranges.items())
    return Plan(parts, files, tuple(planned))


def _bound(pieces: Sequence[_Piece], planned: VolumePlan, title: str, target: Path | None) -> Volume:
    whole = [PacketPart(piece.part.title, piece.pages.pdf, piece.start, piece.stop) for piece in pieces]
    assembly = merge(whole, title, right_hand=True, target=target)
    blank = set(assembly.blank)
    parts = []
    for piece, placed in zip(pieces, assembly.parts, strict=True):
        blank |= {
            placed.first + side - piece.start
            for side in piece.pages.blank
            if piece.start <= side < piece.stop
        }
        parts.append((piece.part.id, placed.first, placed.pages))
    return Volume(assembly.pdf, tuple(parts), frozenset(blank), planned.first, planned.last)


def read_official(path: Path, title: str) -> PartPages:
    """Take an official PDF in a part's place, pages unchanged.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``) for what is no whole, open PDF with pages.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise AppError("pdf_unreadable", name=title, reason="broken") from error
    if b"%PDF-" not in head:
        raise AppError("pdf_unreadable", name=title, reason="broken")
    page_count(path, title)
    return PartPages(path)
