"""Paper: proofs while the report is open, and the book of two copies once the platform has approved.

Lateness and open findings never stop the printer; they only decide which word stands across the page.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.clock import to_beijing
from app.errors import AppError
from app.model.fingerprint import canonical_content, fingerprint, read_content
from app.model.form_changes import programme_with
from app.model.packet import PartKind
from app.model.programme import Programme
from app.model.submission import Event, EventKind, EventSource, Snapshot
from app.paper.marks import AcrossWord
from app.rules.stale_pages import DONE, SHEETS, BookPage, dump_done, dump_pages
from app.services.arranging import read_choice
from app.services.binding import AS_ASKED, BookChoice, arranged, rehearsed, surroundings_of
from app.services.cutting import cut_parts
from app.services.laying_out import (
    EXCUSABLE,
    Paper,
    PaperSource,
    lay_out_papers,
    render_part,
)
from app.services.recording import find_snapshot
from app.services.taking import approved_event, inspect_approved
from app.services.workplace import Workplace, view_of

__all__ = [
    "AS_ASKED",
    "EXCUSABLE",
    "BookChoice",
    "Paper",
    "PaperSource",
    "Printed",
    "approved_report",
    "lay_out_papers",
    "needs_platform_report",
    "print_packet",
    "print_proof",
    "read_packet",
    "read_proof",
    "record_printed",
    "render_part",
    "write_papers",
]


@dataclass(frozen=True, slots=True)
class Printed:
    """One file of paper: its name, pages, copy number (0: the same for every copy) and parts."""

    path: Path
    title: str
    pages: int
    copy: int
    parts: tuple[str, ...]


def read_proof(
    workplace: Workplace,
    draft_id: str,
    now: datetime,
    choice: BookChoice | None = None,
    *,
    whole: bool = False,
) -> PaperSource:
    """Read what proofs are made from: the draft as it stands; raises as ``arranged`` and ``read_choice``.

    Without a ``choice`` the office's own arrangement counts.  ``whole``: a proof of the whole book, with our
    own report in the place of the platform's.
    """
    draft = workplace.draft(draft_id)
    choice = read_choice(workplace, draft_id) if choice is None else choice
    programme = arranged(workplace.programme_of(draft), choice)
    programme = rehearsed(programme) if whole else programme
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
        choice,
        whole=whole,
    )


def read_packet(
    workplace: Workplace,
    draft_id: str,
    now: datetime,
    wanted: str = "",
    choice: BookChoice | None = None,
) -> PaperSource:
    """Read what the sealed revision's paper is made from; raises as ``find_snapshot`` and ``arranged``.

    It is the book once the platform's approved report is there, else paper with 未审核，不得盖章 across.
    Without a ``choice`` the office's own arrangement counts.
    """
    snapshot = find_snapshot(workplace, draft_id, wanted)
    choice = read_choice(workplace, draft_id) if choice is None else choice
    programme = arranged(workplace.programme_of(workplace.draft(draft_id)), choice)
    sealed = read_content(snapshot.content, programme.form, draft_id)
    programme = programme_with(programme, sealed.answers.form_changes)
    event = approved_event(workplace, draft_id)
    waits = event is None and needs_platform_report(programme)
    return PaperSource(
        programme,
        sealed,
        snapshot.short,
        snapshot.revision,
        AcrossWord.NOT_REVIEWED if waits else None,
        snapshot.fingerprint,
        approved_report(workplace, draft_id),
        workplace.fonts,
        workplace.messages,
        now,
        surroundings_of(workplace, programme, sealed, now),
        choice,
        inspected=event is not None and _was_inspected(event, snapshot),
    )


def _was_inspected(event: Event, snapshot: Snapshot) -> bool:
    """Tell whether a clerk saw to the platform's report when it came, beside this very revision."""
    return "intake" in event.params and event.fingerprint == snapshot.fingerprint


def print_proof(
    workplace: Workplace,
    draft_id: str,
    out: Path,
    now: datetime,
    choice: BookChoice | None = None,
    *,
    whole: bool = False,
) -> tuple[Printed, ...]:
    """Write each of our own parts, or the ``whole`` book, with 草稿 across every page, from the draft now."""
    with scratch_beside(out) as folder:
        source = read_proof(workplace, draft_id, now, choice, whole=whole).in_folder(folder)
        return write_papers(lay_out_papers(source), out)


def print_packet(
    workplace: Workplace,
    draft_id: str,
    out: Path,
    now: datetime,
    wanted: str = "",
    choice: BookChoice | None = None,
    reason: str = "",
) -> tuple[Printed, ...]:
    """Write the sealed revision's paper; ``reason`` as in ``PaperSource``.

    Once the platform's approved report is there: each copy of the book, the loose parts, each bound part of
    each copy by itself (folder ``parts``), and the event ``printed``.  Before that: our own parts with
    未审核，不得盖章 across, and no event.
    """
    with scratch_beside(out) as folder:
        source = read_packet(workplace, draft_id, now, wanted, choice).in_folder(folder)
        source = replace(source, reason=reason)
        papers = lay_out_checked(source)
        apart = cut_parts(papers, source.programme, folder) if source.across is None else ()
        printed = write_papers((*papers, *apart), out)
        record_printed(workplace, draft_id, source, papers, now)
    return printed


def lay_out_checked(source: PaperSource) -> tuple[Paper, ...]:
    """Lay out paper as ``lay_out_papers``, after a report that nobody looked at when it came was inspected.

    Raises ``report_is_draft``, ``report_other_year`` or ``report_differs`` as ``inspect_approved``.
    """
    if source.across is None and source.approved is not None and not source.inspected:
        view = view_of(source.programme, source.draft, source.fonts, source.now)
        inspect_approved(source.approved, view, source.messages, source.reason)
    return lay_out_papers(source)


@contextmanager
def scratch_beside(out: Path) -> Iterator[Path]:
    """Give a folder on the disk where the files will be; an output folder that stays empty is taken away.

    Raises ``AppError("cannot_write")``.
    """
    new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".laying-out-", dir=out, ignore_cleanup_errors=True)
    except OSError as error:
        raise AppError("cannot_write", name=str(out), reason=error.strerror or "") from error
    try:
        with folder as name:
            yield Path(name)
    finally:
        if new and not any(out.iterdir()):
            out.rmdir()


def record_printed(
    workplace: Workplace,
    draft_id: str,
    source: PaperSource,
    papers: Sequence[Paper],
    now: datetime,
    printed: Sequence[tuple[int, BookPage]] | None = None,
    shortened: Sequence[tuple[int, str]] = (),
) -> None:
    """Put on record that the book was printed; paper with a word across it leaves no record.

    ``papers`` are all of the book's; ``printed`` are the pages that went to paper with the copy they belong
    to (none given: all of them).  Printing some pages counts for no whole copy.
    """
    if source.across is not None:
        return
    every = [(paper.copy, page) for paper in papers for page in paper.sheets if page is not None]
    done = every if printed is None else list(printed)
    copies = source.programme.packet.copies if printed is None else 0
    pages = {one.name: one.pages for one in papers}
    event = Event(
        EventKind.PRINTED,
        max(to_beijing(now), _last_moment(workplace, draft_id, now)),
        EventSource.PROGRAM,
        fingerprint=source.fingerprint,
        params={
            "copies": str(copies),
            "pages": json.dumps(pages if printed is None else {"pages": len(done)}),
            SHEETS: dump_pages({(page.part, page.place): page for _, page in every}.values()),
            DONE: dump_done(done, shortened),
        }
        | ({"reason": source.reason} if source.reason else {}),
    )
    workplace.store.events.append(draft_id, event)


def _last_moment(workplace: Workplace, draft_id: str, now: datetime) -> datetime:
    events = workplace.store.events.list(draft_id)
    return events[-1].at if events else to_beijing(now)


def approved_report(workplace: Workplace, draft_id: str) -> Path | None:
    """Give the platform's report that was taken home last, unless the report was returned since."""
    event = approved_event(workplace, draft_id)
    return workplace.store.attachments.open(event.file) if event is not None else None


def needs_platform_report(programme: Programme) -> bool:
    """Tell whether the book holds a report that only the platform can make."""
    return any(part.kind is PartKind.PLATFORM_REPORT for part in programme.packet.parts)


def _grouped(digits: str) -> str:
    return "-".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def write_papers(papers: Sequence[Paper], out: Path) -> tuple[Printed, ...]:
    """Write papers into a folder, made where it is missing; raises ``AppError("cannot_write")``."""
    printed = []
    for paper in papers:
        path = out / paper.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(paper.pdf, bytes):
                path.write_bytes(paper.pdf)
            else:
                shutil.copyfile(paper.pdf, path)
        except OSError as error:
            raise AppError("cannot_write", name=str(path), reason=error.strerror or "") from error
        printed.append(Printed(path, paper.title, paper.pages, paper.copy, paper.parts))
    return tuple(printed)
