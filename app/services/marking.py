"""Which marks each page of the book gets, and what must be read on it before it leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from app.messages import Messages
from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.paper.assemble import Source
from app.paper.codes import PageCode, parse_code
from app.paper.expected_parts import expected_texts
from app.paper.marks import PageMark
from app.paper.plan import Surroundings
from app.paper.preflight import PartCheck, check_paper
from app.paper.raster import empty_strips
from app.paper.styles import TEXT_PAGE
from app.rules.view import View

__all__ = ["PageCode", "check_paper", "number_marks", "page_marks", "parse_code", "part_checks", "part_of"]

_NOTHING = Surroundings()

Placed = tuple[str, int, int]
"""A part's id, its first side (from 0) and how many sides it has."""

_ONE_PAGE = frozenset({PartKind.RECOMMENDATION, PartKind.COMMITMENT, PartKind.COVER, PartKind.APPROVAL})
_STAMPED = frozenset(
    {PartKind.RECOMMENDATION, PartKind.COMMITMENT, PartKind.REPORT, PartKind.APPROVAL, PartKind.LISTING}
)
_TEXTS = frozenset({PartKind.NOTES})
_FOREIGN = frozenset({PartKind.PLATFORM_REPORT})
_UNCODED = frozenset({PartKind.SPINE})


def part_number(programme: Programme, part_id: str) -> int:
    """Give the number of a part in codes; the order of the book does not change it."""
    return sorted(part.id for part in programme.packet.parts).index(part_id) + 1


def part_of(programme: Programme, code: PageCode) -> Part | None:
    """Give the part that a code names, if the programme has one with that number."""
    ids = sorted(part.id for part in programme.packet.parts)
    if not 1 <= code.part <= len(ids):
        return None
    return next(part for part in programme.packet.parts if part.id == ids[code.part - 1])


def page_marks(programme: Programme, placed: Iterable[Placed]) -> dict[int, PageMark]:
    """Give for each page (from 0) of our own parts what its marks need.

    Parts with places to sign or stamp come back: their code is the large one.  Texts are numbered after
    GB/T 9704-2012 §7.5.
    """
    found = {}
    for part_id, first, count in placed:
        part = _part(programme, part_id)
        if part.kind in _FOREIGN:
            continue
        number = 0 if part.kind in _UNCODED else part_number(programme, part_id)
        official = TEXT_PAGE.bottom if part.kind in _TEXTS else 0.0
        mark = PageMark(number, part.title, bool(part.stamp_places), official)
        found.update(dict.fromkeys(range(first, first + count), mark))
    return found


_LOWEST, _HIGHEST, _STEP = 5.0, 15.0, 2.5
"""Where in the margin of a page of others its number may stand: mm above the lower edge."""


def number_marks(pdf: Source, sides: Collection[int], *, bare: bool) -> dict[int, PageMark]:
    """Give the marks of pages of others that bear the book's number in their margin and nothing else.

    The number stands where the margin is empty on all of these pages; where it is nowhere empty, as low as
    printers reach.  ``bare`` False: a proof bears all marks.
    """
    if not sides:
        return {}
    if not bare:
        return dict.fromkeys(sides, PageMark())
    steps = int((_HIGHEST - _LOWEST) / _STEP) + 1
    heights = [_HIGHEST - _STEP * step for step in range(steps)]
    free = empty_strips(pdf, sides, heights)
    return dict.fromkeys(sides, PageMark(bare=True, foot=next(iter(free), _LOWEST)))


def part_checks(
    programme: Programme,
    view: View,
    messages: Messages,
    placed: Iterable[Placed],
    foreign: Collection[str] | Mapping[str, object] = (),
    around: Surroundings = _NOTHING,
) -> list[PartCheck]:
    """Give what must be read on each part of our own; ``foreign`` are ids of parts that others made."""
    found = []
    for part_id, first, count in placed:
        part = _part(programme, part_id)
        if part.kind in _FOREIGN or part_id in foreign:
            continue
        seals = sum(not place.signature for place in part.stamp_places) if part.kind in _STAMPED else 0
        texts = expected_texts(programme, view, part, messages, around)
        limit = 1 if part.kind in _ONE_PAGE else 0
        found.append(PartCheck(part.title, first, count, texts, limit, seals))
    return found


def _part(programme: Programme, part_id: str) -> Part:
    return next(part for part in programme.packet.parts if part.id == part_id)
