"""The platform's report taken home: looked at first, then kept as it came and put on record."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.errors import AppError, UsageError
from app.messages import Messages
from app.model.draft import Draft
from app.model.fingerprint import read_content
from app.model.form_changes import programme_with
from app.model.programme import Programme
from app.model.submission import Event, EventKind
from app.paper.fonts import Fonts
from app.paper.intake import Answer, Difference, Intake, inspect_report, require_final
from app.paper.wording import place_name
from app.rules.view import View
from app.services.recording import Registration, find_snapshot, register
from app.services.workplace import Workplace, view_of

__all__ = ["Answer", "Difference", "Intake", "IntakeSource", "Look"]


@dataclass(frozen=True)
class IntakeSource:
    """What a report from the platform is held against: the revision sealed last."""

    programme: Programme
    sealed: Draft
    fonts: Fonts
    messages: Messages
    now: datetime


@dataclass(frozen=True)
class Look:
    """A report from the platform as it was found, with the places of what differs in words."""

    file: Path
    found: Intake
    places: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        """Tell whether something speaks against the report, and not only cannot be told."""
        found = self.found
        answers = (found.watermarked, found.year, found.agrees)
        return Answer.NO in answers or found.says_draft is Answer.YES


def read_intake(workplace: Workplace, draft_id: str, now: datetime) -> IntakeSource:
    """Read what a report is held against; raises as ``find_snapshot``."""
    snapshot = find_snapshot(workplace, draft_id)
    programme = workplace.programme_of(workplace.draft(draft_id))
    sealed = read_content(snapshot.content, programme.form, draft_id)
    programme = programme_with(programme, sealed.answers.form_changes)
    return IntakeSource(programme, sealed, workplace.fonts, workplace.messages, now)


def look_at(source: IntakeSource, file: Path) -> Look:
    """Look at a report beside the sealed values; needs no store.  Raises ``AppError("pdf_unreadable")``."""
    view = view_of(source.programme, source.sealed, source.fonts, source.now)
    found = inspect_report(file, view, file.name)
    places = tuple(place_name(view, one.path, source.messages) for one in found.differences)
    return Look(file, found, places)


def inspect_platform_report(workplace: Workplace, draft_id: str, file: Path, now: datetime) -> Intake:
    """Look at a report from the platform beside the revision sealed last, before it is taken.

    Raises ``AppError("pdf_unreadable")``, and as ``find_snapshot``.
    """
    return look_at(read_intake(workplace, draft_id, now), file).found


def take_platform_report(
    workplace: Workplace,
    draft_id: str,
    entry: Registration,
    now: datetime,
    look: Look | None = None,
    *,
    confirmed: bool = False,
) -> Event:
    """Take the report downloaded from the platform (``entry.file``) and give its record.

    What cannot be told must be ``confirmed`` by a clerk who looked; what speaks against the report needs a
    written reason (``entry.note``).  Both are kept on record with what was found.

    Raises:
        AppError: ``pdf_unreadable``, and before anything is registered ``report_doubtful`` (``name``), and as
            ``refuse_wrong``; also as ``register``.
    """
    if entry.file is None:
        raise UsageError("file_not_found", name="")
    look = look or look_at(read_intake(workplace, draft_id, now), entry.file)
    found, reason = look.found, entry.note
    refuse_wrong(found, look.places, reason)
    if found.doubtful and not (confirmed or reason.strip()):
        raise AppError("report_doubtful", name=found.name)
    answers = {
        "watermarked": found.watermarked,
        "draft": found.says_draft,
        "year": found.year,
        "agrees": found.agrees,
        "differences": len(found.missing),
    }
    params = {**entry.params, "intake": json.dumps(answers), "pages": str(found.pages)}
    entry = replace(entry, kind=EventKind.DOWNLOADED.value, params=params)
    return register(workplace, draft_id, entry, now)


def refuse_wrong(found: Intake, places: tuple[str, ...], reason: str) -> None:
    """Let a report pass unless something speaks against it; a written ``reason`` lets that pass too.

    Raises:
        AppError: ``report_is_draft`` (``name``, ``page``), ``report_other_year`` (``name``, ``year``),
            ``report_differs`` (``name``, ``count``, ``place``, ``expected``, ``page``),
            ``report_lacks`` (the same but ``page``: nothing tells where it ought to stand),
            ``report_unmarked`` (``name``).
    """
    require_final(found.name, found.draft, reason)
    if reason.strip():
        return
    if found.year is Answer.NO:
        raise AppError("report_other_year", name=found.name, year=found.years[0])
    if found.agrees is Answer.NO:
        first, count = found.differences[0], len(found.differences)
        if not first.page:
            raise AppError(
                "report_lacks", name=found.name, count=count, place=places[0], expected=first.expected
            )
        raise AppError(
            "report_differs",
            name=found.name,
            count=count,
            place=places[0],
            expected=first.expected,
            page=first.page,
        )
    if found.watermarked is Answer.NO:
        raise AppError("report_unmarked", name=found.name)


def inspect_approved(file: Path, view: View, messages: Messages, reason: str) -> None:
    """Look at a report that came by itself, before it is bound; its watermark is the platform's own affair.

    Raises as ``refuse_wrong``, but for the watermark.
    """
    found = inspect_report(file, view, file.name)
    places = tuple(place_name(view, one.path, messages) for one in found.differences)
    try:
        refuse_wrong(found, places, reason)
    except AppError as error:
        if error.code != "report_unmarked":
            raise


def revision_of(workplace: Workplace, draft_id: str, brought: Event) -> str:
    """Give the fingerprint of the revision that a report was made for: the one sealed before it came."""
    sealed = brought.fingerprint
    for event in workplace.store.events.list(draft_id):
        if event.hash == brought.hash:
            break
        if event.kind is EventKind.SEALED and not brought.fingerprint:
            sealed = event.fingerprint
    return sealed


def approved_event(workplace: Workplace, draft_id: str) -> Event | None:
    """Give the record of the platform's report taken home last, unless the report was returned since."""
    for event in reversed(workplace.store.events.list(draft_id)):
        if event.kind is EventKind.RETURNED:
            return None
        if event.kind is EventKind.DOWNLOADED and event.file:
            return event
    return None
