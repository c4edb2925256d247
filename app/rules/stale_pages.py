"""Which pages of printed copies are stale: what was printed, page by page, against what would be printed now.

A page is told by its part and its place in it.  What stands on it is known by a digest that leaves the
program's own marks out, so that a new revision alone makes no page false.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from app.model.submission import Event, EventKind

SHEETS, DONE = "sheets", "done"
"""Parameters of a ``printed`` event: all pages of the revision, and which were printed for which copy."""

_DIGITS = 8


@dataclass(frozen=True, slots=True)
class BookPage:
    """A numbered page: its part, its place in it (from 1), the number on it and of how many, a digest.

    The digest has eight hex digits.

    ``total`` 0 stands for a paper that is not in the book.
    """

    part: str
    place: int
    number: int
    total: int
    digest: str


class Why(StrEnum):
    """Why a printed page is not what would be printed now; ``CODE``: only its 校验码 is an older one."""

    MISSING = "missing"
    CONTENT = "content"
    NUMBER = "number"
    SURPLUS = "surplus"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page of a copy as it was printed last."""

    page: BookPage
    fingerprint: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StalePage:
    """A page of a copy that is stale: as it is now (None: it is gone), as it was printed (None: never)."""

    copy: int
    why: Why
    now: BookPage | None
    printed: PrintedPage | None

    @property
    def page(self) -> BookPage:
        """Give the page that people look for: the new one, else the one to take out."""
        if self.now is not None:
            return self.now
        assert self.printed is not None
        return self.printed.page

    @property
    def false(self) -> bool:
        """Tell whether the paper is wrong, and not merely marked with an older code."""
        return self.why is not Why.CODE


@dataclass(frozen=True)
class CopyRecord:
    """What was done to one part of one copy: its pages by place, when it was signed and stamped by whom.

    ``done`` maps event kinds to when they were put on record, after the pages were printed last.
    """

    pages: Mapping[int, PrintedPage] = field(default_factory=dict)
    done: Mapping[EventKind, datetime] = field(default_factory=dict)
    undone: frozenset[EventKind] = frozenset()

    @property
    def printed_at(self) -> datetime | None:
        """When a page of it was printed last."""
        return max((one.at for one in self.pages.values()), default=None)


Copies = Mapping[tuple[int, str], CopyRecord]
"""(copy, part id) -> what was done to it."""

ACTS = frozenset({EventKind.SIGNED, EventKind.STAMPED, EventKind.STAMPED_BY_BUREAU})
"""What is done by hand to each part of each copy."""


def dump_pages(pages: Iterable[BookPage]) -> str:
    """Write pages as JSON: for each part its first number, the total, and the digests in order."""
    parts: dict[str, dict[str, object]] = {}
    for page in pages:
        own = parts.setdefault(page.part, {"first": page.number, "total": page.total, "digests": ""})
        own["digests"] = f"{own['digests']}{page.digest}"
    return json.dumps(parts, ensure_ascii=False, sort_keys=True)


def load_pages(text: str) -> tuple[BookPage, ...]:
    """Read what ``dump_pages`` wrote; nothing where it is not that."""
    found: list[BookPage] = []
    try:
        for part, own in json.loads(text).items():
            digests, first, total = str(own["digests"]), int(own["first"]), int(own["total"])
            for place in range(len(digests) // _DIGITS):
                digest = digests[place * _DIGITS : (place + 1) * _DIGITS]
                found.append(BookPage(part, place + 1, first + place, total, digest))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(found)


def printed_copies(events: Sequence[Event]) -> Copies:
    """Fold the record into what every part of every copy is made of (copy 0: the same for all of them).

    Printing a page anew undoes what was signed and stamped on its part of that copy.
    """
    found: dict[tuple[int, str], CopyRecord] = {}
    for event in events:
        if event.kind is EventKind.PRINTED:
            _take_printing(found, event)
        elif event.kind in ACTS:
            _take_act(found, event)
    return found


def _take_printing(found: dict[tuple[int, str], CopyRecord], event: Event) -> None:
    by_part: dict[str, list[BookPage]] = {}
    for page in load_pages(event.params.get(SHEETS, "")):
        by_part.setdefault(page.part, []).append(page)
    for (copy, part), places in load_done(event.params.get(DONE, "")).items():
        own = by_part.get(part, [])
        before = found.get((copy, part), CopyRecord())
        kept = {at: one for at, one in before.pages.items() if at <= len(own)}
        fresh = {
            page.place: PrintedPage(page, event.fingerprint, event.at) for page in own if page.place in places
        }
        if not fresh:  # pages were taken out only
            found[copy, part] = replace(before, pages=kept)
            continue
        undone = before.undone | before.done.keys()
        found[copy, part] = CopyRecord({**kept, **fresh}, {}, frozenset(undone))


def dump_done(pages: Iterable[tuple[int, BookPage]], shortened: Iterable[tuple[int, str]] = ()) -> str:
    """Write which pages of which copies were printed as JSON: copy -> part -> runs of places.

    ``shortened`` are parts of copies from which pages were taken out.
    """
    places: dict[str, dict[str, list[int]]] = {}
    for copy, part in shortened:
        places.setdefault(str(copy), {}).setdefault(part, [])
    for copy, page in pages:
        places.setdefault(str(copy), {}).setdefault(page.part, []).append(page.place)
    runs = {copy: {part: ranges(own) for part, own in parts.items()} for copy, parts in places.items()}
    return json.dumps(runs, ensure_ascii=False, sort_keys=True)


def load_done(text: str) -> dict[tuple[int, str], frozenset[int]]:
    """Read what ``dump_done`` wrote: (copy, part) -> places; nothing where it is not that."""
    try:
        return {
            (int(copy), part): frozenset(place for first, last in runs for place in range(first, last + 1))
            for copy, parts in json.loads(text).items()
            for part, runs in parts.items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _take_act(found: dict[tuple[int, str], CopyRecord], event: Event) -> None:
    part, copy = event.params.get("part", ""), event.params.get("copy", "")
    if not part:
        return  # registered for the book as a whole: nobody said which paper
    key = (int(copy) if copy.isdigit() else 0, part)
    before = found.get(key, CopyRecord())
    found[key] = replace(
        before, done={**before.done, event.kind: event.at}, undone=before.undone - {event.kind}
    )


def stale_pages(
    copies: Copies,
    now: Iterable[tuple[int, BookPage]],
    fingerprint: str,
    unmarked: Collection[str] = (),
) -> tuple[StalePage, ...]:
    """Compare what was printed with the pages of now, each with the copy it belongs to.

    A copy that was never printed at all has no stale pages.  Sorted by copy, then as the pages come; pages
    to take out stand last of their copy.  ``unmarked`` are parts that bear no code of ours.
    """
    found: list[StalePage] = []
    wanted: dict[tuple[int, str], list[BookPage]] = {}
    for copy, page in now:
        wanted.setdefault((copy, page.part), []).append(page)
    begun = {copy for copy, _ in copies}
    for (copy, part), pages in wanted.items():
        if copy not in begun:
            continue
        printed = copies.get((copy, part), CopyRecord()).pages
        for page in pages:
            why = _why(page, printed.get(page.place), fingerprint)
            if why is not None and not (why is Why.CODE and part in unmarked):
                found.append(StalePage(copy, why, page, printed.get(page.place)))
    for (copy, part), record in copies.items():
        there = {page.place for page in wanted.get((copy, part), ())}
        found += [
            StalePage(copy, Why.SURPLUS, None, one)
            for place, one in sorted(record.pages.items())
            if place not in there
        ]
    return tuple(sorted(found, key=lambda one: (one.copy, one.why is Why.SURPLUS)))


def _why(page: BookPage, printed: PrintedPage | None, fingerprint: str) -> Why | None:
    if printed is None:
        return Why.MISSING
    if printed.page.digest != page.digest:
        return Why.CONTENT
    if (printed.page.number, printed.page.total) != (page.number, page.total):
        return Why.NUMBER
    return Why.CODE if printed.fingerprint != fingerprint else None


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Give numbers as runs (first, last), ascending."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
