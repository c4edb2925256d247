"""Paper: proofs while the report is open, and the book of two copies once the platform has approved.

Lateness and open findings never stop the printer; they only decide which word stands across the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.clock import to_beijing
from app.errors import AppError
from app.messages import Messages
from app.model.draft import Draft
from app.model.fingerprint import canonical_content, fingerprint, read_content
from app.model.form_changes import programme_with
from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.model.submission import Event, EventKind, EventSource
from app.paper.assemble import page_count
from app.paper.book import Book
from app.paper.fonts import Fonts
from app.paper.intake import Intake, draft_pages, inspect_report, require_final
from app.paper.marks import AcrossWord, Marks, stamp_copies
from app.paper.plan import Surroundings
from app.rules.view import View
from app.services.binding import (
    ABOUT_VOLUMES,
    AS_ASKED,
    COMPANIONS,
    BookChoice,
    arranged,
    bind,
    lay_out_part,
    surroundings_of,
)
from app.services.marking import Placed, check_paper, page_marks, part_checks
from app.services.recording import find_snapshot
from app.services.workplace import Workplace, view_of


@dataclass(frozen=True, slots=True)
class Printed:
    """One file of paper: its name, pages, copy number (0: the same for every copy) and parts."""

    path: Path
    title: str
    pages: int
    copy: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One PDF before it is a file; fields as in ``Printed``."""

    name: str
    title: str
    pdf: bytes
    pages: int
    copy: int
    parts: tuple[str, ...]


@dataclass(frozen=True)
class PaperSource:
    """All that paper is made from, read from the store at once: laying it out needs the store no more.

    ``across`` is the word over unfinished paper (None: the book, which is recorded as printed);
    ``approved`` the platform's report, as it came; ``reason`` why paper is made though that report says 草稿
    or reading back found a difference.
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
    official: Mapping[str, Path] = field(default_factory=dict)
    reason: str = ""


def render_part(part: Part, programme: Programme, view: View, fonts: Fonts, messages: Messages) -> bytes:
    """Lay out one part of our own by itself; a part from outside raises ``AppError("part_needs_file")``."""
    return _bytes(lay_out_part(part, programme, view, fonts, messages, Surroundings()).pdf)


def _bytes(pdf: bytes | Path) -> bytes:
    return pdf if isinstance(pdf, bytes) else pdf.read_bytes()


def read_proof(
    workplace: Workplace, draft_id: str, now: datetime, choice: BookChoice = AS_ASKED
) -> PaperSource:
    """Read what proofs are made from: the draft as it stands; raises as ``arranged``."""
    draft = workplace.draft(draft_id)
    programme = arranged(workplace.programme_of(draft), choice)
    current = fingerprint(canonical_content(draft, programme.form))
    short = _grouped(current.partition(":")[2][:12].upper())
    return PaperSource(
        programme,
        draft,
        short,
        draft.revision,
        AcrossWord.DRAFT,
        current,
        None,
        workplace.fonts,
        workplace.messages,
        now,
        surroundings_of(workplace, programme, draft, now),
        choice.official,
    )


def read_packet(
    workplace: Workplace, draft_id: str, now: datetime, wanted: str = "", choice: BookChoice = AS_ASKED
) -> PaperSource:
    """Read what the sealed revision's paper is made from; raises as ``find_snapshot`` and ``arranged``.

    It is the book once the platform's approved report is there, else paper with 未审核，不得盖章 across.
    """
    snapshot = find_snapshot(workplace, draft_id, wanted)
    programme = arranged(workplace.programme_of(workplace.draft(draft_id)), choice)
    sealed = read_content(snapshot.content, programme.form, draft_id)
    programme = programme_with(programme, sealed.answers.form_changes)
    approved = approved_report(workplace, draft_id)
    waits = approved is None and needs_platform_report(programme)
    return PaperSource(
        programme,
        sealed,
        snapshot.short,
        snapshot.revision,
        AcrossWord.NOT_REVIEWED if waits else None,
        snapshot.fingerprint,
        approved,
        workplace.fonts,
        workplace.messages,
        now,
        surroundings_of(workplace, programme, sealed, now),
        choice.official,
    )


def lay_out_papers(source: PaperSource) -> tuple[Paper, ...]:
    """Lay out all paper of a source; needs no store and may run beside the window.

    All of it is read back and compared before anything is given: raises as ``check_paper`` and, for the
    platform's report, as ``require_final``.
    """
    view = view_of(source.programme, source.draft, source.fonts, source.now)
    if source.across is None:
        if source.approved is not None:
            name = source.approved.name
            require_final(name, draft_pages(source.approved, view, name), source.reason)
        book = _bind(source, view)
        source = replace(source, around=replace(source.around, plan=book.plan))
        return (*_lay_out_books(source, book, view), *_lay_out_loose(source, view))
    prefix = "proof" if source.across is AcrossWord.DRAFT else "unreviewed"
    return tuple(
        _paper(f"{prefix}-{part.id}.pdf", part.title, _stamped(source, part, view, (0,))[0], 0, (part.id,))
        for part in _own_parts(source.programme)
        if part.kind not in ABOUT_VOLUMES
    )


def print_proof(
    workplace: Workplace, draft_id: str, out: Path, now: datetime, choice: BookChoice = AS_ASKED
) -> tuple[Printed, ...]:
    """Write each of our own parts with 草稿 across every page, from the draft as it stands."""
    return write_papers(lay_out_papers(read_proof(workplace, draft_id, now, choice)), out)


def print_packet(
    workplace: Workplace,
    draft_id: str,
    out: Path,
    now: datetime,
    wanted: str = "",
    choice: BookChoice = AS_ASKED,
    reason: str = "",
) -> tuple[Printed, ...]:
    """Write the sealed revision's paper; ``reason`` as in ``PaperSource``.

    Once the platform's approved report is there: each copy of the book, and the loose parts, and the event
    ``printed``.  Before that: our own parts with 未审核，不得盖章 across, and no event.
    """
    source = replace(read_packet(workplace, draft_id, now, wanted, choice), reason=reason)
    papers = lay_out_papers(source)
    printed = write_papers(papers, out)
    record_printed(workplace, draft_id, source, papers, now)
    return printed


def record_printed(
    workplace: Workplace, draft_id: str, source: PaperSource, papers: Sequence[Paper], now: datetime
) -> None:
    """Put on record that the book was printed; paper with a word across it leaves no record."""
    if source.across is not None:
        return
    event = Event(
        EventKind.PRINTED,
        max(to_beijing(now), _last_moment(workplace, draft_id, now)),
        EventSource.PROGRAM,
        fingerprint=source.fingerprint,
        params={
            "copies": str(source.programme.packet.copies),
            "pages": json.dumps({one.name: one.pages for one in papers}),
        }
        | ({"reason": source.reason} if source.reason else {}),
    )
    workplace.store.events.append(draft_id, event)


def _last_moment(workplace: Workplace, draft_id: str, now: datetime) -> datetime:
    events = workplace.store.events.list(draft_id)
    return events[-1].at if events else to_beijing(now)


def approved_report(workplace: Workplace, draft_id: str) -> Path | None:
    """Give the platform's report that was taken home last, unless the report was returned since."""
    for event in reversed(workplace.store.events.list(draft_id)):
        if event.kind is EventKind.RETURNED:
            return None
        if event.kind is EventKind.DOWNLOADED and event.file:
            return workplace.store.attachments.open(event.file)
    return None


def inspect_platform_report(workplace: Workplace, draft_id: str, file: Path, now: datetime) -> Intake:
    """Look at a report from the platform beside the revision sealed last, before it is taken.

    Raises ``AppError("pdf_unreadable")``, and as ``find_snapshot``.
    """
    snapshot = find_snapshot(workplace, draft_id)
    programme = workplace.programme_of(workplace.draft(draft_id))
    sealed = read_content(snapshot.content, programme.form, draft_id)
    programme = programme_with(programme, sealed.answers.form_changes)
    return inspect_report(file, view_of(programme, sealed, workplace.fonts, now), file.name)


def needs_platform_report(programme: Programme) -> bool:
    """Tell whether the book holds a report that only the platform can make."""
    return any(part.kind is PartKind.PLATFORM_REPORT for part in programme.packet.parts)


def _own_parts(programme: Programme) -> list[Part]:
    """Give the parts that are laid out here; optional ones only where an office asked for them."""
    return [
        part
        for part in programme.packet.parts
        if part.kind is not PartKind.PLATFORM_REPORT and (part.in_book or not part.optional)
    ]


def _render(source: PaperSource, part: Part, view: View) -> bytes:
    if part.id in source.official:
        return source.official[part.id].read_bytes()
    laid = lay_out_part(part, source.programme, view, source.fonts, source.messages, source.around)
    return _bytes(laid.pdf)


def _stamped(source: PaperSource, part: Part, view: View, copies: Sequence[int]) -> tuple[bytes, ...]:
    """Lay out, mark and check a part that stands by itself, once for each copy number."""
    body = _render(source, part, view)
    placed = ((part.id, 0, page_count(body, part.title)),)
    marks = [_marks(source, copy) for copy in copies]
    pages = page_marks(source.programme, placed)
    marked = stamp_copies(body, marks, source.fonts, part.title, pages=pages)
    _check(source, view, placed, marked)
    return marked


def _check(source: PaperSource, view: View, placed: Sequence[Placed], pdfs: Sequence[bytes]) -> None:
    """Read paper back; a difference in the text alone gives way to a written reason, and in proofs.

    Reading back can err, and a clerk must never miss a deadline because of it.
    """
    checks = part_checks(source.programme, view, source.messages, placed, source.official)
    for pdf in pdfs:
        try:
            check_paper(pdf, checks, source.across or "")
        except AppError as error:
            excused = bool(source.reason.strip()) or source.across is AcrossWord.DRAFT
            if error.code != "paper_differs" or not excused:
                raise


def _bind(source: PaperSource, view: View) -> Book:
    foreign = dict(source.official)
    for part in source.programme.packet.parts:
        if part.kind is PartKind.PLATFORM_REPORT and source.approved is not None:
            foreign[part.id] = source.approved
    return bind(source.programme, view, source.fonts, source.messages, source.around, foreign)


def _lay_out_books(source: PaperSource, book: Book, view: View) -> list[Paper]:
    programme = source.programme
    untouched = [part.id for part in programme.packet.parts if part.kind is PartKind.PLATFORM_REPORT]
    untouched += source.official
    copies = range(1, programme.packet.copies + 1)
    papers = []
    for number, volume in enumerate(book.volumes, 1):
        marks = [replace(_marks(source, copy), first=volume.first, total=book.plan.total) for copy in copies]
        bodies = stamp_copies(
            volume.pdf,
            marks,
            source.fonts,
            programme.title,
            volume.blank,
            volume.sides_of(untouched),
            page_marks(programme, volume.parts),
        )
        _check(source, view, volume.parts, bodies)
        ending = f"-volume-{number}" if len(book.volumes) > 1 else ""
        ids = tuple(dict.fromkeys(part_id for part_id, _, _ in volume.parts))
        papers += [
            _paper(f"packet-copy-{copy}{ending}.pdf", programme.title, body, copy, ids)
            for copy, body in zip(copies, bodies, strict=True)
        ]
    return sorted(papers, key=lambda paper: paper.copy)


def _lay_out_loose(source: PaperSource, view: View) -> list[Paper]:
    """Lay out what is signed beside the book for each copy, and what goes with the book once."""
    papers = []
    for part in _own_parts(source.programme):
        if part.in_book or not (part.stamp_places or part.kind in COMPANIONS):
            continue
        once = part.kind in COMPANIONS
        copies = [0] if once else list(range(1, source.programme.packet.copies + 1))
        if part.id in source.official:
            bodies = (_render(source, part, view),) * len(copies)
        else:
            bodies = _stamped(source, part, view, copies)
        for copy, body in zip(copies, bodies, strict=True):
            name = f"{part.id}.pdf" if once else f"{part.id}-copy-{copy}.pdf"
            papers.append(_paper(name, part.title, body, copy, (part.id,)))
    return papers


def _marks(source: PaperSource, copy: int = 0) -> Marks:
    return Marks(
        copy=copy,
        copies=source.programme.packet.copies if copy else 0,
        fingerprint=source.short,
        revision=source.messages.text("replies", "revision", number=source.revision),
        across=source.across,
        code=source.fingerprint.partition(":")[2],
    )


def _paper(name: str, title: str, pdf: bytes, copy: int, parts: tuple[str, ...]) -> Paper:
    return Paper(name, title, pdf, page_count(pdf, title), copy, parts)


def _grouped(digits: str) -> str:
    return "-".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def write_papers(papers: Sequence[Paper], out: Path) -> tuple[Printed, ...]:
    """Write papers into a folder, made where it is missing; raises ``AppError("cannot_write")``."""
    printed = []
    for paper in papers:
        path = out / paper.name
        try:
            out.mkdir(parents=True, exist_ok=True)
            path.write_bytes(paper.pdf)
        except OSError as error:
            raise AppError("cannot_write", name=str(path), reason=error.strerror or "") from error
        printed.append(Printed(path, paper.title, paper.pages, paper.copy, paper.parts))
    return tuple(printed)
