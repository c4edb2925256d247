"""Which printed pages are stale (issue 4: after an edit the app lists them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.clock import BEIJING
from app.model.submission import Event, EventKind, EventSource
from app.rules.stale_pages import (
    DONE,
    SHEETS,
    BookPage,
    Why,
    dump_done,
    dump_pages,
    load_done,
    load_pages,
    printed_copies,
    ranges,
    stale_pages,
)

NOON = datetime(2023, 1, 3, 12, 0, tzinfo=BEIJING)
OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def book(*digests: str, part: str = "report", first: int = 1, total: int = 0) -> tuple[BookPage, ...]:
    whole = total or first - 1 + len(digests)
    return tuple(
        BookPage(part, place + 1, first + place, whole, f"{digest:0<8}")
        for place, digest in enumerate(digests)
    )


def both(pages: Sequence[BookPage]) -> list[tuple[int, BookPage]]:
    return [(copy, page) for copy in (1, 2) for page in pages]


def printing(
    pages: Sequence[BookPage],
    done: Sequence[tuple[int, BookPage]] | None = None,
    fingerprint: str = OLD,
    hours: int = 0,
    shortened: Sequence[tuple[int, str]] = (),
) -> Event:
    params = {SHEETS: dump_pages(pages), DONE: dump_done(both(pages) if done is None else done, shortened)}
    at = NOON + timedelta(hours=hours)
    return Event(EventKind.PRINTED, at, EventSource.PROGRAM, fingerprint=fingerprint, params=params)


def act(kind: EventKind, part: str, copy: int, hours: int) -> Event:
    params = {"part": part, "copy": str(copy), "copies": "0"}
    return Event(kind, NOON + timedelta(hours=hours), EventSource.HAND, params=params)


def test_an_edit_makes_its_page_stale_in_both_copies() -> None:
    """Issue 4: page by page, in each copy; pages that did not change bear an older code only."""
    copies = printed_copies([printing(book("a1", "b1", "c1"))])
    found = stale_pages(copies, both(book("a1", "b2", "c1")), NEW)
    assert [(one.copy, one.page.number, one.why) for one in found if one.false] == [
        (1, 2, Why.CONTENT),
        (2, 2, Why.CONTENT),
    ]
    assert [one.page.number for one in found if one.why is Why.CODE] == [1, 3, 1, 3]
    assert stale_pages(copies, both(book("a1", "b1", "c1")), OLD) == ()
    assert stale_pages(copies, both(book("a1", "b1", "c1")), NEW, ("report",)) == ()


def test_numbers_that_moved_make_pages_stale() -> None:
    """Issue 4: a page more in front moves the numbers behind it, and the count on every page."""
    copies = printed_copies([printing((*book("a1", total=2), *book("z1", part="form", first=2, total=2)))])
    now = (*book("a1", "b1", total=3), *book("z1", part="form", first=3, total=3))
    found = {(one.page.part, one.page.place): one.why for one in stale_pages(copies, both(now), OLD)}
    assert found == {
        ("report", 1): Why.NUMBER,
        ("report", 2): Why.MISSING,
        ("form", 1): Why.NUMBER,
    }


def test_pages_that_are_gone_are_to_be_taken_out() -> None:
    """Issue 4: a shorter part leaves pages in the copies that must not stay there."""
    before = printing((*book("a1", "b1", total=3), *book("z1", part="form", first=3, total=3)))
    copies = printed_copies([before])
    now = book("a1", total=3)
    stale = stale_pages(copies, both(now), OLD)
    assert {one.why for one in stale} == {Why.SURPLUS}
    assert sorted((one.copy, one.page.part, one.page.place) for one in stale) == [
        (1, "form", 1),
        (1, "report", 2),
        (2, "form", 1),
        (2, "report", 2),
    ]
    taken = printing(now, (), shortened=[(copy, part) for copy in (1, 2) for part in ("report", "form")])
    assert stale_pages(printed_copies([before, taken]), both(now), OLD) == ()


def test_printing_anew_mends_only_what_was_printed() -> None:
    """Issue 4: reprinting the second copy leaves the first one red."""
    now = book("a1", "b2")
    again = printing(now, [(2, now[1])], NEW, 1)
    copies = printed_copies([printing(book("a1", "b1")), again])
    false = [(one.copy, one.page.place) for one in stale_pages(copies, both(now), NEW) if one.false]
    assert false == [(1, 2)]
    assert copies[2, "report"].pages[2].at == NOON + timedelta(hours=1)
    assert copies[2, "report"].pages[1].fingerprint == OLD


def test_signatures_and_stamps_are_undone_by_printing_anew() -> None:
    """Issue 4: a part that went stale after stamping is stamped again once it is printed again."""
    pages = book("a1")
    events = [
        printing(pages),
        act(EventKind.SIGNED, "report", 1, 1),
        act(EventKind.STAMPED, "report", 1, 2),
        act(EventKind.STAMPED, "report", 2, 2),
    ]
    copies = printed_copies(events)
    assert set(copies[1, "report"].done) == {EventKind.SIGNED, EventKind.STAMPED}
    assert set(copies[2, "report"].done) == {EventKind.STAMPED}
    events.append(printing(book("a2"), [(1, book("a2")[0])], NEW, 3))
    copies = printed_copies(events)
    assert copies[1, "report"].done == {} and EventKind.STAMPED in copies[1, "report"].undone
    assert set(copies[2, "report"].done) == {EventKind.STAMPED}
    copies = printed_copies([*events, act(EventKind.STAMPED, "report", 1, 4)])
    assert copies[1, "report"].undone == {EventKind.SIGNED}


def test_records_without_pages_are_understood() -> None:
    """Records of earlier versions, and of printing by hand, say nothing about pages."""
    plain = Event(EventKind.PRINTED, NOON, EventSource.HAND, params={"copies": "2"})
    odd = replace(plain, params={SHEETS: "[1", DONE: '{"x": 1}'})
    whole = Event(EventKind.STAMPED, NOON, EventSource.HAND)
    assert printed_copies([plain, odd, whole]) == {}
    assert stale_pages({}, both(book("a1")), OLD) == ()


@given(st.lists(st.integers(1, 400)))
def test_ranges_hold_the_numbers(numbers: list[int]) -> None:
    """Runs hold every number once, in order, and no other."""
    runs = ranges(numbers)
    assert [n for first, last in runs for n in range(first, last + 1)] == sorted(set(numbers))
    assert all(after[0] > before[1] + 1 for before, after in pairwise(runs))


DIGESTS = st.text("0123456789abcdef", min_size=1, max_size=8)


@given(st.dictionaries(st.sampled_from(("a", "b", "附件")), st.lists(DIGESTS, min_size=1, max_size=5)))
def test_what_is_dumped_is_loaded(parts: dict[str, list[str]]) -> None:
    """Pages and what was printed of them come back as they were put on record."""
    pages = [page for part, own in parts.items() for page in book(*own, part=part, first=7, total=99)]
    assert sorted(load_pages(dump_pages(pages)), key=str) == sorted(pages, key=str)
    done = load_done(dump_done(both(pages)))
    assert done == {
        (copy, part): frozenset(range(1, len(own) + 1)) for part, own in parts.items() for copy in (1, 2)
    }
