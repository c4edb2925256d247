"""Parts for the bound book: what an office chose, what parts tell about each other, official forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.errors import AppError, UsageError
from app.messages import Messages
from app.model.draft import Draft
from app.model.packet import Part, PartKind, arrange
from app.model.programme import Programme
from app.paper.approval import render_approval
from app.paper.assemble import page_count
from app.paper.book import Book, compose, read_official
from app.paper.catalogue import render_catalogue
from app.paper.changes import render_changes
from app.paper.commitment import render_commitment
from app.paper.cover import render_cover
from app.paper.diagram import render_diagram
from app.paper.evidence import lay_out_evidence, render_evidence_list
from app.paper.explanations import render_explanations
from app.paper.fonts import Fonts
from app.paper.listing import render_listing
from app.paper.notes import render_notes
from app.paper.plan import PartPages, Plan, Surroundings
from app.paper.print_order import render_print_order
from app.paper.recommendation import render_recommendation
from app.paper.report import render_report
from app.paper.spine import render_spine
from app.paper.stamping import render_stamping
from app.rules.checker import check, compile_checks
from app.rules.view import View
from app.services.workplace import Workplace

COMPANIONS = frozenset(
    {PartKind.STAMPING, PartKind.SPINE, PartKind.APPROVAL, PartKind.CHANGES, PartKind.PRINT_ORDER}
)
"""Kinds of loose papers that go with the book once, not once for each copy."""

ABOUT_VOLUMES = frozenset({PartKind.STAMPING, PartKind.SPINE, PartKind.PRINT_ORDER})
"""Kinds that say nothing before the book is laid out: proofs leave them out."""

MOST_VOLUMES = 9

_TELLS_FINDINGS = frozenset({PartKind.APPROVAL, PartKind.EXPLANATIONS})


MARKS = ("copy", "number", "fingerprint", "revision", "code", "typed")
"""Marks that an office may leave out: 份号、页码、校验码、修订、二维码、短码."""


@dataclass(frozen=True)
class BookChoice:
    """What an office changes about the book.

    ``order``: ids of the parts to bind, in this order (empty: as the programme says).  ``loose``: ids of
    parts to print beside the book.  ``official``: part id -> official PDF that takes its place.
    ``volumes``: part id -> the volume it stands in at the earliest.  ``numbered``: pages of others get the
    book's numbers in their margin too (else nothing is put on them).  ``without``: ``MARKS`` to leave out.
    """

    order: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    official: Mapping[str, Path] = field(default_factory=dict)
    volumes: Mapping[str, int] = field(default_factory=dict)
    numbered: bool = False
    without: frozenset[str] = frozenset()


AS_ASKED = BookChoice()
"""The book as the programme's notice asks for it."""


def arranged(programme: Programme, choice: BookChoice) -> Programme:
    """Give the programme with the office's book.

    Raises ``UsageError``: ``packet_part_unknown`` (``id``) for a part the programme does not have,
    ``packet_volume_wrong`` (``title``) for a volume that is none; and ``AppError("pdf_unreadable")`` for an
    official form that cannot be used.
    """
    packet = programme.packet
    titles = {part.id: part.title for part in packet.parts}
    for name in (*choice.order, *choice.loose, *choice.official, *choice.volumes):
        if name not in titles:
            raise UsageError("packet_part_unknown", id=name)
    for name, path in choice.official.items():
        read_official(path, titles[name])
    for name, volume in choice.volumes.items():
        if not 1 <= volume <= MOST_VOLUMES:
            raise UsageError("packet_volume_wrong", title=titles[name], most=MOST_VOLUMES)
    if choice.order:
        packet = arrange(packet, choice.order)
    parts = [
        replace(
            part,
            in_book=part.in_book and part.id not in choice.loose,
            optional=part.optional and part.id not in choice.loose,
            volume=choice.volumes.get(part.id, part.volume),
        )
        for part in packet.parts
    ]
    return replace(programme, packet=replace(packet, parts=tuple(parts)))


def rehearsed(programme: Programme) -> Programme:
    """Give the programme for a proof of the whole book: our own report stands where the platform's will be.

    Without a report of our own that part is left out: what the platform makes is never imitated.
    """
    report = next((part for part in programme.packet.parts if part.kind is PartKind.REPORT), None)
    parts: list[Part] = []
    for part in programme.packet.parts:
        if part.kind is not PartKind.PLATFORM_REPORT:
            parts.append(part)
        elif report is not None:
            parts.append(replace(part, kind=PartKind.REPORT, text=report.text))
    return replace(programme, packet=replace(programme.packet, parts=tuple(parts)))


def surroundings_of(workplace: Workplace, programme: Programme, draft: Draft, now: datetime) -> Surroundings:
    """Read evidence files and, where a part of the packet tells them, findings of a draft."""
    wanted = {part.kind for part in programme.packet.parts if not part.optional}
    files: dict[str, Path] = {}
    if PartKind.EVIDENCE in wanted:
        for one in draft.answers.attachments:
            try:
                files[one.sha256] = workplace.store.attachments.open(one.sha256)
            except AppError:
                continue  # a sheet with its name stands in for it
    if not wanted & _TELLS_FINDINGS:
        return Surroundings(files=files)
    events = workplace.store.events.list(draft.id)
    context = workplace.context(programme, draft.answers, now, events)
    return Surroundings(check(compile_checks(programme), draft.answers, context), files)


def lay_out_part(
    part: Part, programme: Programme, view: View, fonts: Fonts, messages: Messages, around: Surroundings
) -> PartPages:
    """Lay out one part of our own; a part from outside raises ``AppError("part_needs_file")``."""
    if part.kind is PartKind.EVIDENCE:
        return lay_out_evidence(view, part, fonts, messages, around.files, around.scratch)
    return PartPages(_pdf_of(part, programme, view, fonts, messages, around))


def _pdf_of(
    part: Part, programme: Programme, view: View, fonts: Fonts, messages: Messages, around: Surroundings
) -> bytes:
    plain = {
        PartKind.REPORT: render_report,
        PartKind.RECOMMENDATION: render_recommendation,
        PartKind.COMMITMENT: render_commitment,
        PartKind.COVER: render_cover,
        PartKind.NOTES: render_notes,
        PartKind.DIAGRAM: render_diagram,
        PartKind.LISTING: render_listing,
    }
    telling = {PartKind.EXPLANATIONS: render_explanations, PartKind.APPROVAL: render_approval}
    planned = {
        PartKind.CATALOGUE: render_catalogue,
        PartKind.EVIDENCE_LIST: render_evidence_list,
        PartKind.SPINE: render_spine,
        PartKind.STAMPING: render_stamping,
        PartKind.CHANGES: render_changes,
        PartKind.PRINT_ORDER: render_print_order,
    }
    if part.kind in plain:
        return plain[part.kind](programme, view, part, fonts, messages)
    if part.kind in telling:
        return telling[part.kind](programme, view, part, fonts, messages, around)
    if part.kind in planned:
        return planned[part.kind](programme, view, part, fonts, messages, around.plan)
    raise AppError("part_needs_file", title=part.title)


def bind(
    programme: Programme,
    view: View,
    fonts: Fonts,
    messages: Messages,
    around: Surroundings,
    foreign: Mapping[str, Path],
) -> Book:
    """Lay out the parts of the book in order; ``foreign`` are PDFs of others by part id, taken as they are.

    Raises:
        AppError: ``part_needs_file`` (``title``), ``pdf_unreadable`` (``name``, ``reason``),
            ``form_does_not_fit`` (``title``).
    """

    def lay(part: Part, plan: Plan) -> PartPages:
        if part.id in foreign:
            page_count(foreign[part.id], part.title)
            return PartPages(foreign[part.id])
        return lay_out_part(part, programme, view, fonts, messages, replace(around, plan=plan))

    parts = [part for part in programme.packet.parts if part.in_book]
    return compose(parts, lay, programme.title, programme.packet.volume_sheets, around.scratch)
