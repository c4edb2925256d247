"""Paper: proofs while the report is open, and the book of two copies once the platform has approved.

Lateness and open findings never stop the printer; they only decide which word stands across the page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.clock import format_moment, to_beijing
from app.errors import AppError
from app.messages import Messages
from app.model.draft import Draft
from app.model.fingerprint import canonical_content, fingerprint, read_content
from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.model.submission import Event, EventKind, EventSource, Snapshot
from app.paper.assemble import PacketPart, merge, page_count
from app.paper.commitment import render_commitment
from app.paper.fonts import Fonts
from app.paper.marks import AcrossWord, Marks, stamp
from app.paper.recommendation import render_recommendation
from app.paper.report import render_report
from app.rules.calculate import compile_calculations, effective
from app.rules.view import View
from app.services.recording import find_snapshot
from app.services.workplace import Workplace, file_context


@dataclass(frozen=True, slots=True)
class Printed:
    """One file of paper: its name, pages, copy number (0: the same for every copy) and parts."""

    path: Path
    title: str
    pages: int
    copy: int
    parts: tuple[str, ...]


def view_of(programme: Programme, draft: Draft, fonts: Fonts, now: datetime) -> View:
    """Give the effective answers of a draft for painting."""
    context = file_context(programme, fonts, now, {}, {})
    return effective(compile_calculations(programme), draft.answers, context, None)


def render_part(part: Part, programme: Programme, view: View, fonts: Fonts, messages: Messages) -> bytes:
    """Lay out one part of our own; a part from outside raises ``AppError("part_needs_file")``."""
    match part.kind:
        case PartKind.REPORT:
            return render_report(programme, view, part, fonts, messages)
        case PartKind.RECOMMENDATION:
            return render_recommendation(programme, view, part, fonts, messages)
        case PartKind.COMMITMENT:
            return render_commitment(programme, view, part, fonts, messages)
        case PartKind.PLATFORM_REPORT:
            raise AppError("part_needs_file", title=part.title)


def _render(workplace: Workplace, part: Part, programme: Programme, view: View) -> bytes:
    return render_part(part, programme, view, workplace.fonts, workplace.messages)


def print_proof(workplace: Workplace, draft_id: str, out: Path, now: datetime) -> tuple[Printed, ...]:
    """Write each of our own parts with 草稿 across every page, from the draft as it stands."""
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    view = view_of(programme, draft, workplace.fonts, now)
    short = fingerprint(canonical_content(draft, programme.form)).partition(":")[2][:12].upper()
    marks = Marks(
        fingerprint=_grouped(short),
        revision=_revision(draft.revision, workplace.messages),
        across=AcrossWord.DRAFT,
    )
    printed = []
    for part in _own_parts(programme):
        body = stamp(_render(workplace, part, programme, view), marks, workplace.fonts, part.title)
        printed.append(_write(out, f"proof-{part.id}.pdf", part.title, body, 0, (part.id,)))
    return tuple(printed)


def print_packet(
    workplace: Workplace, draft_id: str, out: Path, now: datetime, wanted: str = ""
) -> tuple[Printed, ...]:
    """Write the sealed revision's paper.

    Once the platform's approved report is there: each copy of the book, and the loose parts, and the event
    ``printed``.  Before that: our own parts with 未审核，不得盖章 across, and no event.
    """
    snapshot = find_snapshot(workplace, draft_id, wanted)
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    sealed = read_content(snapshot.content, programme.form, draft_id)
    view = view_of(programme, sealed, workplace.fonts, now)
    approved = _approved_report(workplace, draft_id)
    if approved is None and any(part.kind is PartKind.PLATFORM_REPORT for part in programme.packet.parts):
        return _print_unreviewed(workplace, programme, view, snapshot, out)
    printed = [
        *_print_books(workplace, programme, view, snapshot, approved, out),
        *_print_loose(workplace, programme, view, snapshot, out),
    ]
    event = Event(
        EventKind.PRINTED,
        max(to_beijing(now), _last_moment(workplace, draft_id, now)),
        EventSource.PROGRAM,
        fingerprint=snapshot.fingerprint,
        params={
            "copies": str(programme.packet.copies),
            "pages": json.dumps({one.path.name: one.pages for one in printed}),
        },
    )
    workplace.store.events.append(draft_id, event)
    return tuple(printed)


def _last_moment(workplace: Workplace, draft_id: str, now: datetime) -> datetime:
    events = workplace.store.events.list(draft_id)
    return events[-1].at if events else to_beijing(now)


def _approved_report(workplace: Workplace, draft_id: str) -> Path | None:
    for event in reversed(workplace.store.events.list(draft_id)):
        if event.kind is EventKind.RETURNED:
            return None
        if event.kind is EventKind.DOWNLOADED and event.file:
            return workplace.store.attachments.open(event.file)
    return None


def _own_parts(programme: Programme) -> list[Part]:
    return [part for part in programme.packet.parts if part.kind is not PartKind.PLATFORM_REPORT]


def _print_unreviewed(
    workplace: Workplace, programme: Programme, view: View, snapshot: Snapshot, out: Path
) -> tuple[Printed, ...]:
    marks = _marks(snapshot, workplace.messages, across=AcrossWord.NOT_REVIEWED)
    printed = []
    for part in _own_parts(programme):
        body = stamp(_render(workplace, part, programme, view), marks, workplace.fonts, part.title)
        printed.append(_write(out, f"unreviewed-{part.id}.pdf", part.title, body, 0, (part.id,)))
    return tuple(printed)


def _print_books(
    workplace: Workplace,
    programme: Programme,
    view: View,
    snapshot: Snapshot,
    approved: Path | None,
    out: Path,
) -> list[Printed]:
    parts = [part for part in programme.packet.parts if part.in_book]
    sources: list[PacketPart] = []
    for part in parts:
        if part.kind is PartKind.PLATFORM_REPORT:
            assert approved is not None
            sources.append(PacketPart(part.title, approved))
        else:
            sources.append(PacketPart(part.title, _render(workplace, part, programme, view)))
    book = merge(sources, programme.title, right_hand=True)
    foreign = {
        page
        for part, placed in zip(parts, book.parts, strict=True)
        if part.kind is PartKind.PLATFORM_REPORT
        for page in range(placed.first, placed.first + placed.pages)
    }
    copies = programme.packet.copies
    printed = []
    for copy in range(1, copies + 1):
        marks = _marks(snapshot, workplace.messages, copy=copy, copies=copies)
        body = stamp(
            book.pdf, marks, workplace.fonts, programme.title, blank=frozenset(book.blank), untouched=foreign
        )
        printed.append(
            _write(
                out, f"packet-copy-{copy}.pdf", programme.title, body, copy, tuple(part.id for part in parts)
            )
        )
    return printed


def _print_loose(
    workplace: Workplace, programme: Programme, view: View, snapshot: Snapshot, out: Path
) -> list[Printed]:
    printed = []
    for part in _own_parts(programme):
        if part.in_book or not part.stamp_places:
            continue
        body = _render(workplace, part, programme, view)
        for copy in range(1, programme.packet.copies + 1):
            marked = stamp(
                body,
                _marks(snapshot, workplace.messages, copy=copy, copies=programme.packet.copies),
                workplace.fonts,
                part.title,
            )
            printed.append(_write(out, f"{part.id}-copy-{copy}.pdf", part.title, marked, copy, (part.id,)))
    return printed


def _marks(
    snapshot: Snapshot,
    messages: Messages,
    *,
    copy: int = 0,
    copies: int = 0,
    across: AcrossWord | None = None,
) -> Marks:
    return Marks(
        copy=copy,
        copies=copies,
        fingerprint=snapshot.short,
        revision=_revision(snapshot.revision, messages),
        across=across,
    )


def _revision(revision: int, messages: Messages) -> str:
    return messages.text("replies", "revision", number=revision)


def _grouped(digits: str) -> str:
    return "-".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def _write(out: Path, name: str, title: str, body: bytes, copy: int, parts: Sequence[str]) -> Printed:
    path = out / name
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    except OSError as error:
        raise AppError("cannot_write", name=str(path), reason=error.strerror or "") from error
    return Printed(path, title, page_count(body, title), copy, tuple(parts))


def describe_printed(printed: Sequence[Printed], now: datetime) -> dict[str, object]:
    """Give the JSON document of ``shenbao print``."""
    return {
        "at": format_moment(now),
        "files": [
            {
                "file": str(one.path),
                "title": one.title,
                "pages": one.pages,
                "copy": one.copy,
                "parts": list(one.parts),
            }
            for one in printed
        ],
    }
