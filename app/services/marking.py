"""Which marks each page of the book gets, and what must be read on it before it leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from app.messages import Messages
from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.paper.codes import PageCode, parse_code
from app.paper.expected import expected_texts
from app.paper.marks import PageMark
from app.paper.preflight import PartCheck, check_paper
from app.paper.styles import TEXT_PAGE
from app.rules.view import View

__all__ = ["PageCode", "check_paper", "page_marks", "parse_code", "part_checks", "part_of"]

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


def part_checks(
    programme: Programme,
    view: View,
    messages: Messages,
    placed: Iterable[Placed],
    foreign: Collection[str] | Mapping[str, object] = (),
) -> list[PartCheck]:
    """Give what must be read on each part of our own; ``foreign`` are ids of parts that others made."""
    found = []
    for part_id, first, count in placed:
        part = _part(programme, part_id)
        if part.kind in _FOREIGN or part_id in foreign:
            continue
        seals = sum(not place.signature for place in part.stamp_places) if part.kind in _STAMPED else 0
        texts = expected_texts(programme, view, part, messages)
        limit = 1 if part.kind in _ONE_PAGE else 0
        found.append(PartCheck(part.title, first, count, texts, limit, seals))
    return found


def _part(programme: Programme, part_id: str) -> Part:
    return next(part for part in programme.packet.parts if part.id == part_id)
