"""Paper laid out, marked and read back: proofs of parts or of the whole book, and the book of two copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.errors import AppError
from app.messages import Messages
from app.model.draft import Draft
from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.paper.assemble import PacketPart, Source, merge, page_count
from app.paper.book import Book
from app.paper.fonts import Fonts
from app.paper.marks import AcrossWord, Marks, stamp_copies
from app.paper.page_table import Sides, read_book, read_loose
from app.paper.plan import PartPages, Surroundings
from app.rules.stale_pages import BookPage
from app.rules.view import View
from app.services.binding import (
    ABOUT_VOLUMES,
    AS_ASKED,
    COMPANIONS,
    BookChoice,
    bind,
    lay_out_part,
)
from app.services.marking import Placed, check_paper, number_marks, page_marks, part_checks
from app.services.workplace import view_of

EXCUSABLE = frozenset(
    {"paper_differs", "report_is_draft", "report_other_year", "report_differs", "report_lacks"}
)
"""Refusals that give way to a written reason: reading back can err, and a deadline must not be missed."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One PDF of paper: its file name, title, content, pages, copy and parts.

    ``copy`` 0 is the same for every copy.  ``sheets`` says for each side which page it is (None: blank).
    """

    name: str
    title: str
    pdf: Source
    pages: int
    copy: int
    parts: tuple[str, ...]
    sheets: Sides = ()


@dataclass(frozen=True)
class PaperSource:
    """All that paper is made from, read from the store at once: laying it out needs the store no more.

    ``across`` is the word over unfinished paper (None: the book, which is recorded as printed); ``whole``:
    a proof is of the whole book and not part by part.  ``approved`` is the platform's report as it came,
    ``inspected`` whether a clerk saw to it when it was taken; ``reason`` why paper is made though that report
    does not agree or reading back found a difference.
    """

    programme: Programme
    draft: Draft
    short: str
    revision: int
    across: AcrossWord | None
    fingerprint: str
    approved: Path | None
    fonts: Fonts
    messages: Messages
    now: datetime
    around: Surroundings = field(default_factory=Surroundings)
    choice: BookChoice = AS_ASKED
    reason: str = ""
    whole: bool = False
    inspected: bool = False

    def in_folder(self, scratch: Path | None) -> PaperSource:
        """Give the source with a folder for what is too large to be held in memory."""
        return replace(self, around=replace(self.around, scratch=scratch))


def render_part(part: Part, programme: Programme, view: View, fonts: Fonts, messages: Messages) -> bytes:
    """Lay out one part of our own by itself; a part from outside raises ``AppError("part_needs_file")``."""
    body = _one(lay_out_part(part, programme, view, fonts, messages, Surroundings()), part.title, None)
    return body if isinstance(body, bytes) else body.read_bytes()


def _one(laid: PartPages, title: str, target: Path | None) -> Source:
    if isinstance(laid.pdf, tuple):
        return merge([PacketPart(title, laid.pdf)], title, target=target).pdf
    return laid.pdf


def lay_out_papers(source: PaperSource) -> tuple[Paper, ...]:
    """Lay out all paper of a source; needs no store and may run beside the window.

    All of it is read back and compared before anything is given: raises as ``check_paper``.
    """
    view = view_of(source.programme, source.draft, source.fonts, source.now)
    if source.across is None or source.whole:
        book = _bind(source, view)
        source = replace(source, around=replace(source.around, plan=book.plan))
        loose = [] if source.whole else _lay_out_loose(source, view)
        return (*_lay_out_books(source, book, view), *loose)
    prefix = "proof" if source.across is AcrossWord.DRAFT else "unreviewed"
    return tuple(
        _papers(f"{prefix}-{part.id}", part.title, _loose(source, part, view, (0,)), (0,), (part.id,))[0]
        for part in _own_parts(source.programme)
        if part.kind not in ABOUT_VOLUMES
    )


def lay_out_upload(source: PaperSource, part_id: str) -> bytes:
    """Give one part as a PDF for the platform: marked and read back as on paper, no word across it.

    Equal sources give equal bytes.  Raises as ``check_paper`` and ``render_part``.
    """
    view = view_of(source.programme, source.draft, source.fonts, source.now)
    part = next(one for one in source.programme.packet.parts if one.id == part_id)
    marked = _loose(replace(source, across=None), part, view, (0,))[0][0]
    return marked if isinstance(marked, bytes) else marked.read_bytes()


def _own_parts(programme: Programme) -> list[Part]:
    """Give the parts that are laid out here; optional ones only where an office asked for them."""
    return [
        part
        for part in programme.packet.parts
        if part.kind is not PartKind.PLATFORM_REPORT and (part.in_book or not part.optional)
    ]


Marked = tuple[tuple[Source, ...], Sides]


def _loose(source: PaperSource, part: Part, view: View, copies: Sequence[int]) -> Marked:
    """Lay out, mark and check a part that stands by itself, once for each copy number."""
    official = source.choice.official.get(part.id)
    if official is not None:
        return (official,) * len(copies), read_loose(part.id, official, official)
    body = _body(source, part, view)
    placed = ((part.id, 0, page_count(body, part.title)),)
    marks = [_marks(source, copy) for copy in copies]
    marked = stamp_copies(
        body,
        marks,
        source.fonts,
        part.title,
        pages=page_marks(source.programme, placed),
        targets=_targets(source, part.id, copies, large=isinstance(body, Path)),
    )
    _check(source, view, placed, marked)
    return marked, read_loose(part.id, body)


def _body(source: PaperSource, part: Part, view: View) -> Source:
    scratch = source.around.scratch
    laid = lay_out_part(part, source.programme, view, source.fonts, source.messages, source.around)
    return _one(laid, part.title, scratch and scratch / f"loose-{part.id}.pdf")


def _targets(source: PaperSource, name: str, copies: Sequence[int], *, large: bool) -> list[Path]:
    scratch = source.around.scratch
    return [scratch / f"{name}-copy-{copy}.pdf" for copy in copies] if scratch and large else []


def _check(source: PaperSource, view: View, placed: Sequence[Placed], pdfs: Sequence[Source]) -> None:
    """Read paper back; a difference in the text alone gives way to a written reason, and in proofs.

    Reading back can err, and a clerk must never miss a deadline because of it.
    """
    checks = part_checks(
        source.programme, view, source.messages, placed, source.choice.official, source.around
    )
    for pdf in pdfs:
        try:
            check_paper(pdf, checks, source.across or "")
        except AppError as error:
            excused = bool(source.reason.strip()) or source.across is AcrossWord.DRAFT
            if error.code != "paper_differs" or not excused:
                raise


def foreign_files(source: PaperSource) -> Mapping[str, Path]:
    """Give the PDFs of others that stand in the book, by part id."""
    foreign = dict(source.choice.official)
    for part in source.programme.packet.parts:
        if part.kind is PartKind.PLATFORM_REPORT and source.approved is not None:
            foreign.setdefault(part.id, source.approved)
    return foreign


def _bind(source: PaperSource, view: View) -> Book:
    foreign = foreign_files(source)
    return bind(source.programme, view, source.fonts, source.messages, source.around, foreign)


def _lay_out_books(source: PaperSource, book: Book, view: View) -> list[Paper]:
    programme = source.programme
    foreign = foreign_files(source)
    theirs = [part.id for part in programme.packet.parts if part.id in foreign]
    copies = (0,) if source.whole else tuple(range(1, programme.packet.copies + 1))
    papers: list[Paper] = []
    every = read_book(book, foreign)
    for number, (volume, sides) in enumerate(zip(book.volumes, every, strict=True), 1):
        marks = [replace(_marks(source, copy), first=volume.first, total=book.plan.total) for copy in copies]
        known = page_marks(programme, volume.parts)
        untouched = volume.sides_of(theirs)
        if source.choice.numbered or source.whole:
            known |= number_marks(volume.pdf, untouched, bare=not source.whole)
            untouched = frozenset()
        name = "proof-book" if source.whole else "packet"
        ending = f"-volume-{number}" if len(book.volumes) > 1 else ""
        bodies = stamp_copies(
            volume.pdf,
            marks,
            source.fonts,
            programme.title,
            volume.blank,
            untouched,
            known,
            _targets(source, f"{name}{ending}", copies, large=isinstance(volume.pdf, Path)),
        )
        _check(source, view, volume.parts, bodies)
        ids = tuple(dict.fromkeys(part_id for part_id, _, _ in volume.parts))
        papers += _papers(name, programme.title, (bodies, sides), copies, ids, ending)
    return sorted(papers, key=lambda paper: paper.copy)


def list_pages(source: PaperSource) -> tuple[tuple[int, BookPage], ...]:
    """Give every page of every copy as it would be printed now, without marks and without a check.

    Raises as ``bind``.
    """
    view = view_of(source.programme, source.draft, source.fonts, source.now)
    book = _bind(source, view)
    source = replace(source, around=replace(source.around, plan=book.plan))
    every = tuple(range(1, source.programme.packet.copies + 1))
    found = [
        (copy, page) for sides in read_book(book, foreign_files(source)) for copy in every for page in sides
    ]
    for part in _loose_parts(source):
        official = source.choice.official.get(part.id)
        body = official or _body(source, part, view)
        copies = (0,) if part.kind in COMPANIONS else every
        found += [(copy, page) for page in read_loose(part.id, body, official) for copy in copies]
    return tuple((copy, page) for copy, page in found if page is not None)


def _loose_parts(source: PaperSource) -> list[Part]:
    """Give what is printed beside the book: signed papers, companions, and what the office asked for."""
    return [
        part
        for part in _own_parts(source.programme)
        if not part.in_book
        and (part.stamp_places or part.kind in COMPANIONS or part.id in source.choice.loose)
    ]


def _lay_out_loose(source: PaperSource, view: View) -> list[Paper]:
    """Lay out what is signed beside the book for each copy, and what goes with the book once."""
    papers: list[Paper] = []
    for part in _loose_parts(source):
        once = part.kind in COMPANIONS
        copies = (0,) if once else tuple(range(1, source.programme.packet.copies + 1))
        marked = _loose(source, part, view, copies)
        papers += _papers(part.id, part.title, marked, copies, (part.id,))
    return papers


def _marks(source: PaperSource, copy: int = 0) -> Marks:
    without = source.choice.without
    revision = source.messages.text("replies", "revision", number=source.revision)
    return Marks(
        copy=0 if "copy" in without else copy,
        copies=source.programme.packet.copies if copy else 0,
        fingerprint="" if "fingerprint" in without else source.short,
        revision="" if "revision" in without else revision,
        across=source.across,
        numbered="number" not in without,
        code="" if "code" in without else source.fingerprint.partition(":")[2],
        typed="typed" not in without,
    )


def _papers(
    name: str, title: str, marked: Marked, copies: Sequence[int], parts: tuple[str, ...], ending: str = ""
) -> list[Paper]:
    bodies, sides = marked
    found = []
    for copy, body in zip(copies, bodies, strict=True):
        file = f"{name}-copy-{copy}{ending}.pdf" if copy else f"{name}{ending}.pdf"
        pages = page_count(body, title)
        found.append(Paper(file, title, body, pages, copy, parts, (*sides, *(None,) * (pages - len(sides)))))
    return found
