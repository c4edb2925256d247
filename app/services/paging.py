"""Single pages: which of the printed ones are stale, printing them anew, telling a page by its code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.errors import AppError, UsageError
from app.model.fingerprint import draft_fingerprint
from app.model.packet import PartKind
from app.model.programme import Programme
from app.model.submission import Event, EventKind
from app.paper.codes import PageCode, parse_code, read_file
from app.rules.stale_pages import (
    SHEETS,
    BookPage,
    StalePage,
    Why,
    load_pages,
    printed_copies,
    stale_pages,
)
from app.services.binding import rehearsed
from app.services.cutting import cut_sheets
from app.services.laying_out import Paper, PaperSource, foreign_files, list_pages
from app.services.marking import part_of
from app.services.printing import (
    Printed,
    lay_out_checked,
    needs_platform_report,
    read_packet,
    read_proof,
    record_printed,
    scratch_beside,
    write_papers,
)
from app.services.recording import latest_snapshot
from app.services.taking import approved_event, revision_of
from app.services.workplace import Workplace

__all__ = ["BookPage", "StalePage", "Why"]


@dataclass(frozen=True)
class PageSource:
    """What pages are compared with: the paper of now, the record, and what was ever sealed."""

    paper: PaperSource
    events: tuple[Event, ...]
    sealed: tuple[str, ...]


class Verdict(StrEnum):
    """What a page of paper is, told by its code."""

    CURRENT = "current"
    SAME = "same"
    STALE = "stale"
    MOVED = "moved"
    GONE = "gone"
    OTHER_COPY = "other_copy"
    FOREIGN = "foreign"
    UNREAD = "unread"


GOOD = frozenset({Verdict.CURRENT, Verdict.SAME})


@dataclass(frozen=True, slots=True)
class PageFound:
    """A page that was looked at: where in the file (from 1; 0: its code was typed), its code, what it is.

    ``part`` is the title of its part, ``printed_at`` when this revision was printed last.
    """

    at: int
    code: PageCode | None
    verdict: Verdict
    part: str = ""
    printed_at: datetime | None = None


def read_now(workplace: Workplace, draft_id: str, now: datetime) -> PageSource:
    """Read what printed pages are compared with: the draft as it stands, so that an edit shows at once.

    Where the platform's report is not there any more (returned), or is of another revision, ours stands in
    its place: all of its pages are stale until the new one has come.  Raises as ``read_packet``.
    """
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    snapshot = latest_snapshot(workplace, draft_id)
    events = workplace.store.events.list(draft_id)
    sealed = tuple(one.fingerprint for one in workplace.store.snapshots.list(draft_id))
    if snapshot is None:
        raise UsageError("not_sealed")
    paper = read_packet(workplace, draft_id, now)
    if draft_fingerprint(draft, programme.form) != snapshot.fingerprint:
        paper = replace(read_proof(workplace, draft_id, now), approved=None)
    brought = approved_event(workplace, draft_id)
    if brought is not None and revision_of(workplace, draft_id, brought) != snapshot.fingerprint:
        paper = replace(paper, approved=None)
    if paper.approved is None and needs_platform_report(paper.programme):
        paper = replace(paper, programme=rehearsed(paper.programme))
    return PageSource(paper, events, sealed)


def find_stale(source: PageSource) -> tuple[StalePage, ...]:
    """Compare all printed copies with the paper of now; needs no store.

    Raises ``UsageError("pages_not_printed")``, and as ``list_pages``.
    """
    copies = printed_copies(source.events)
    if not copies:
        raise UsageError("pages_not_printed")
    return stale_pages(copies, list_pages(source.paper), source.paper.fingerprint, unmarked(source.paper))


def unmarked(source: PaperSource) -> frozenset[str]:
    """Give the ids of the parts whose pages others made: they bear no code of ours."""
    theirs = [part.id for part in source.programme.packet.parts if part.kind is PartKind.PLATFORM_REPORT]
    return frozenset((*theirs, *foreign_files(source)))


def to_reprint(stale: Iterable[StalePage], *, codes: bool = False) -> frozenset[tuple[int, str, int]]:
    """Give the pages to print anew as (copy, part, place); ``codes``: also those with an older code only."""
    return frozenset(
        (one.copy, one.page.part, one.page.place)
        for one in stale
        if one.now is not None and (one.false or codes)
    )


def cut_stale(
    papers: Sequence[Paper],
    stale: Sequence[StalePage],
    scratch: Path | None,
    *,
    codes: bool,
    duplex: bool = True,
) -> tuple[Paper, ...]:
    """Give the sheets of the book's papers that must be printed anew."""
    return cut_sheets(papers, to_reprint(stale, codes=codes), scratch, duplex=duplex)


def shortened(stale: Iterable[StalePage]) -> tuple[tuple[int, str], ...]:
    """Give (copy, part) of the pages that are to be taken out."""
    return tuple(dict.fromkeys((one.copy, one.page.part) for one in stale if one.why is Why.SURPLUS))


def pages_on(papers: Iterable[Paper]) -> list[tuple[int, BookPage]]:
    """Give the pages of papers with the copy they belong to."""
    return [(paper.copy, page) for paper in papers for page in paper.sheets if page is not None]


@dataclass(frozen=True)
class Reprint:
    """What is printed anew: the sheets, all papers of the book, which pages were taken out of which part."""

    papers: tuple[Paper, ...]
    every: tuple[Paper, ...]
    taken_out: tuple[tuple[int, str], ...]

    @property
    def pages(self) -> list[tuple[int, BookPage]]:
        """Give the pages on the sheets with the copy they belong to."""
        return pages_on(self.papers)


def lay_out_stale(source: PaperSource, record: PageSource, *, codes: bool) -> Reprint:
    """Lay out the sheets of the sealed revision that went stale since they were printed; needs no store.

    Raises ``UsageError``: ``pages_not_printed``, ``no_stale_pages``; ``AppError("nothing_to_print")`` while
    the platform's report of this revision is not there; and as ``lay_out_checked``.
    """
    if source.across is not None:
        raise AppError("nothing_to_print")
    copies = printed_copies(record.events)
    if not copies:
        raise UsageError("pages_not_printed")
    papers = lay_out_checked(source)
    stale = stale_pages(copies, pages_on(papers), source.fingerprint, unmarked(source))
    again = cut_stale(papers, stale, source.around.scratch, codes=codes)
    taken_out = shortened(stale)
    if not again and not taken_out:
        raise UsageError("no_stale_pages")
    return Reprint(again, papers, taken_out)


def print_stale(
    workplace: Workplace, draft_id: str, out: Path, now: datetime, *, codes: bool = False, reason: str = ""
) -> tuple[Printed, ...]:
    """Write only the sheets that went stale since the book was printed, of each copy, and put that on record.

    Raises as ``lay_out_stale`` and ``print_packet``.
    """
    with scratch_beside(out) as scratch:
        source = replace(read_packet(workplace, draft_id, now).in_folder(scratch), reason=reason)
        again = lay_out_stale(source, read_now(workplace, draft_id, now), codes=codes)
        printed = write_papers(again.papers, out)
        record_printed(workplace, draft_id, source, again.every, now, again.pages, again.taken_out)
    return printed


def parse_typed(text: str) -> PageCode:
    """Read a typed short code; raises ``UsageError("page_code_unknown")``."""
    code = parse_code(text)
    if code is None:
        raise UsageError("page_code_unknown", code=text)
    return code


def judge_codes(
    source: PageSource, codes: Sequence[PageCode | None], copy: int = 0, *, typed: bool = False
) -> tuple[PageFound, ...]:
    """Tell what pages are; ``copy`` is the copy they should belong to (0: any).  Needs no store."""
    now = list_pages(source.paper)
    pages = {(number, page.part, page.number): page for number, page in now}
    places = {(number, page.part, page.place): page for number, page in now}
    return tuple(
        _judge(source, code, copy, 0 if typed else at, pages, places) for at, code in enumerate(codes, 1)
    )


def judge_file(source: PageSource, file: Path, copy: int = 0) -> tuple[PageFound, ...]:
    """Read every page of a scan or photograph and tell what it is; raises as ``read_file``."""
    return judge_codes(source, read_file(file), copy)


Pages = Mapping[tuple[int, str, int], BookPage]


def _judge(
    source: PageSource, code: PageCode | None, copy: int, at: int, pages: Pages, places: Pages
) -> PageFound:
    if code is None:
        return PageFound(at, None, Verdict.UNREAD)
    programme: Programme = source.paper.programme
    part = part_of(programme, code)
    known = next((one for one in source.sealed if _begins(one, code)), "")
    if part is None or (not known and not _begins(source.paper.fingerprint, code)):
        return PageFound(at, code, Verdict.FOREIGN)
    prints = [
        event
        for event in source.events
        if event.kind is EventKind.PRINTED and _begins(event.fingerprint, code)
    ]
    when = prints[-1].at if prints else None
    verdict = _verdict(source, code, part.id, prints, pages, places)
    if verdict in GOOD and copy and code.copy not in (0, copy):
        verdict = Verdict.OTHER_COPY
    return PageFound(at, code, verdict, part.title, when)


def _verdict(
    source: PageSource, code: PageCode, part: str, prints: Sequence[Event], pages: Pages, places: Pages
) -> Verdict:
    if _begins(source.paper.fingerprint, code):
        now = pages.get((code.copy, part, code.page))
        return Verdict.CURRENT if now is not None else Verdict.GONE
    printed = next(
        (
            page
            for event in reversed(prints)
            for page in load_pages(event.params.get(SHEETS, ""))
            if page.part == part and page.number == code.page
        ),
        None,
    )
    if printed is None:
        return Verdict.STALE
    now = places.get((code.copy, part, printed.place))
    if now is None:
        return Verdict.GONE
    if now.digest != printed.digest:
        return Verdict.STALE
    return Verdict.SAME if (now.number, now.total) == (printed.number, printed.total) else Verdict.MOVED


def _begins(fingerprint: str, code: PageCode) -> bool:
    return fingerprint.partition(":")[2].upper().startswith(code.fingerprint)
