"""Sealing, and the record of what happened: by the program, the platform, or registered by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.clock import format_moment, parse_moment, to_beijing
from app.errors import UsageError
from app.messages import Messages
from app.model.draft import Draft
from app.model.finding import Finding, Gate
from app.model.fingerprint import canonical_content, fingerprint
from app.model.form import Form
from app.model.programme import Programme
from app.model.submission import BY_PROGRAM, Event, EventKind, EventSource, Snapshot
from app.rules.checker import open_findings
from app.rules.stages import State, failed_twice, next_stage, stages
from app.services.drafting import add_file, check_draft, save
from app.services.timing import explain_stage
from app.services.workplace import Workplace
from app.transport.base import Mark

_NEEDS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.EXTENDED: ("stage", "closes", "note"),
    EventKind.RETURNED: ("note",),
    EventKind.SUBMITTED: ("number",),
    EventKind.RESULT: ("grade",),
    EventKind.DOWNLOADED: ("file",),
    EventKind.NOTE: ("note",),
}
_AHEAD = timedelta(minutes=10)
PAGE_PLACE = re.compile(r"第\s*([1-9][0-9]{0,3})\s*页")
"""How a page is named as the place of a mark: 第3页."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The outcome of sealing: a snapshot, or the findings that stand in the way."""

    snapshot: Snapshot | None
    open: tuple[Finding, ...]


def seal(workplace: Workplace, draft_id: str, now: datetime, reason: str = "") -> Sealed:
    """Freeze the draft as it stands (定稿).

    Errors and warnings without a written reason stand in the way; ``reason`` answers all of them at once
    (带问题定稿) except those that would make the paper false.  Sealing unchanged content again gives the
    same fingerprint.
    """
    checked = check_draft(workplace, draft_id, now)
    waiting = open_findings(checked.findings, checked.draft.answers, Gate.SEAL)
    if waiting and reason.strip() and not any(finding.blocks for finding in waiting):
        reasons = dict(checked.draft.answers.reasons)
        reasons.update({finding.key: reason.strip() for finding in waiting})
        save(workplace, checked.draft, replace(checked.draft.answers, reasons=reasons))
        checked = check_draft(workplace, draft_id, now)
        waiting = open_findings(checked.findings, checked.draft.answers, Gate.SEAL)
    if waiting:
        return Sealed(None, tuple(waiting))
    snapshot = _snapshot(checked.draft, checked.programme.form, now)
    workplace.store.snapshots.add(snapshot)
    events = workplace.store.events.list(draft_id)
    sealed = [event for event in events if event.kind is EventKind.SEALED]
    if not sealed or sealed[-1].fingerprint != snapshot.fingerprint:
        workplace.store.events.append(
            draft_id,
            Event(EventKind.SEALED, to_beijing(now), EventSource.PROGRAM, fingerprint=snapshot.fingerprint),
        )
    return Sealed(_stored(workplace, draft_id, snapshot.fingerprint), ())


def _snapshot(draft: Draft, form: Form, now: datetime) -> Snapshot:
    content = canonical_content(draft, form)
    return Snapshot(draft.id, fingerprint(content), content, draft.revision, to_beijing(now))


def latest_snapshot(workplace: Workplace, draft_id: str) -> Snapshot | None:
    """Give the snapshot that was sealed last, or None."""
    for event in reversed(workplace.store.events.list(draft_id)):
        if event.kind is EventKind.SEALED:
            return _stored(workplace, draft_id, event.fingerprint)
    return None


def _stored(workplace: Workplace, draft_id: str, wanted: str) -> Snapshot | None:
    """Give this draft's own snapshot: another draft may have been sealed with the same content."""
    for snapshot in workplace.store.snapshots.list(draft_id):
        if snapshot.fingerprint == wanted:
            return snapshot
    return None


def find_snapshot(workplace: Workplace, draft_id: str, wanted: str = "") -> Snapshot:
    """Give a snapshot by (the beginning of) its fingerprint, else the one sealed last.

    Raises ``UsageError`` with ``draft_unknown``, ``not_sealed`` or ``no_snapshot``.
    """
    workplace.need_draft(draft_id)
    if not wanted:
        last = latest_snapshot(workplace, draft_id)
        if last is None:
            raise UsageError("not_sealed")
        return last
    plain = wanted.lower().removeprefix("sha256:").replace("-", "")
    for snapshot in workplace.store.snapshots.list(draft_id):
        if plain and snapshot.fingerprint.removeprefix("sha256:").startswith(plain):
            return snapshot
    raise UsageError("no_snapshot", fingerprint=wanted)


@dataclass(frozen=True, slots=True)
class Registration:
    """What is registered by hand: kind (a word of ``EventKind``), when (ISO with offset), who, how.

    ``params`` by kind: see ``Event``.  ``file`` is kept with the draft.  ``marks`` are a reviewer's comments
    on a return, at places of the draft.
    """

    kind: str
    at: str = ""
    note: str = ""
    who: str = ""
    file: Path | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


def register(workplace: Workplace, draft_id: str, entry: Registration, now: datetime) -> Event:
    """Register by hand what happened outside the program; the same twice in a row is one entry.

    Raises ``UsageError``: ``event_unknown``, ``event_needs`` (what this kind cannot do without),
    ``stage_unknown``, ``time_in_future``, ``marks_without_return``, ``path_unknown`` (of a mark).
    """
    programme = workplace.programme_of(workplace.draft(draft_id))
    kind = _kind(entry.kind)
    given = {key: value for key, value in entry.params.items() if value}
    _check_needs(workplace.messages, kind, {**given, "note": entry.note, "file": str(entry.file or "")})
    if "stage" in given and given["stage"] not in {stage.id for stage in programme.stages}:
        raise UsageError("stage_unknown", stage=given["stage"])
    if entry.marks:
        given["marks"] = _written_marks(programme.form, kind, entry.marks)
    if "closes" in given:
        given["closes"] = format_moment(parse_moment(given["closes"]))
    moment = parse_moment(entry.at) if entry.at else to_beijing(now)
    if moment > to_beijing(now) + _AHEAD:
        raise UsageError("time_in_future", at=format_moment(moment))
    sha256 = ""
    if entry.file is not None:
        sha256, _ = add_file(workplace, entry.file)
        given["file_name"] = entry.file.name
    last = latest_snapshot(workplace, draft_id)
    event = Event(
        kind=kind,
        at=moment,
        source=EventSource.HAND,
        who=entry.who,
        note=entry.note,
        fingerprint=last.fingerprint if last else "",
        file=sha256,
        params=given,
    )
    return _told_before(workplace, draft_id, event) or workplace.store.events.append(draft_id, event)


def _told_before(workplace: Workplace, draft_id: str, event: Event) -> Event | None:
    """Give the last entry where it says the same: a second click registers nothing a second time."""
    last = next(reversed(workplace.store.events.list(draft_id)), None)
    if last is None:
        return None
    plain = replace(last, recorded_at=None, previous_hash="", hash="")
    return last if plain == event else None


def read_mark(text: str) -> Mark:
    """Read ``PLACE=TEXT``: an item, a row, a cell, ``第3页``, or nothing for the whole report.

    Raises ``UsageError("mark_unreadable")``.
    """
    place, sign, words = (part.strip() for part in text.partition("="))
    if not sign or not words:
        raise UsageError("mark_unreadable", text=text)
    page = PAGE_PLACE.fullmatch(place)
    return Mark(words, "", int(page[1])) if page else Mark(words, place)


def _written_marks(form: Form, kind: EventKind, marks: tuple[Mark, ...]) -> str:
    if kind is not EventKind.RETURNED:
        raise UsageError("marks_without_return")
    for mark in marks:
        item = mark.path.partition("/")[0]
        if mark.path and item not in form.fields and item not in form.tables:
            raise UsageError("path_unknown", path=mark.path)
    written = [{"path": mark.path, "page": mark.page, "text": mark.text} for mark in marks]
    return json.dumps(written, ensure_ascii=False)


def registrable_kinds() -> tuple[EventKind, ...]:
    """Give the kinds of event that can be registered by hand."""
    return tuple(kind for kind in EventKind if kind not in BY_PROGRAM)


def needs_of(kind: EventKind) -> tuple[str, ...]:
    """Give what registering a kind cannot do without: stage, closes, note, number, grade, file."""
    return _NEEDS.get(kind, ())


def _kind(text: str) -> EventKind:
    allowed = registrable_kinds()
    try:
        kind = EventKind(text)
    except ValueError:
        kind = EventKind.SEALED
    if kind not in allowed:
        raise UsageError("event_unknown", kind=text, known="、".join(allowed))
    return kind


def _check_needs(messages: Messages, kind: EventKind, given: Mapping[str, str]) -> None:
    missing = [need for need in _NEEDS.get(kind, ()) if not given.get(need)]
    if missing:
        raise UsageError(
            "event_needs",
            kind=messages.text("words", f"event.{kind.value}"),
            needs="、".join(messages.text("words", f"need.{need}") for need in missing),
        )


def status(workplace: Workplace, draft_id: str, now: datetime) -> dict[str, object]:
    """Give how far a draft has come, folded from its record, as one JSON document."""
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    events = workplace.store.events.list(draft_id)
    messages = workplace.messages
    states = stages(programme, events, now)
    following = next_stage(states)
    last = latest_snapshot(workplace, draft_id)
    current = fingerprint(canonical_content(draft, programme.form))
    document: dict[str, object] = {
        "draft": draft_id,
        "programme": programme.id,
        "title": programme.title,
        "form_version": draft.form_version,
        "revision": draft.revision,
        "fingerprint": current,
        "sealed": None
        if last is None
        else {"fingerprint": last.fingerprint, "short": last.short, "at": format_moment(last.sealed_at)},
        "changed_since_sealed": last is not None and last.fingerprint != current,
        "stages": [
            {"id": one.stage.id, "label": one.stage.label, "state": one.state.value} for one in states
        ],
        "next": None
        if following is None
        else {
            "id": following.stage.id,
            "label": following.stage.label,
            "actor": following.stage.actor,
            "message": explain_stage(following, now, messages),
        },
        "corrections": _corrections(workplace, draft_id, events),
        "late": [one.stage.id for one in states if one.state is State.LATE],
        "events": [_describe_event(event, messages) for event in events],
        "warnings": _warnings(programme, draft, events, messages),
    }
    return document


def _corrections(workplace: Workplace, draft_id: str, events: tuple[Event, ...]) -> dict[str, object] | None:
    if not any(event.kind is EventKind.RETURNED for event in events):
        return None
    from app.services.corrections import corrections_document, read_corrections

    return corrections_document(read_corrections(workplace, draft_id))


def _warnings(programme: Programme, draft: Draft, events: tuple[Event, ...], messages: Messages) -> list[str]:
    worst = programme.grades[-1] if programme.grades else ""
    if failed_twice(events, draft.answers.previous_grade, worst):
        return [messages.text("timing", "failed_twice", grade=worst)]
    return []


def _describe_event(event: Event, messages: Messages) -> dict[str, object]:
    return {
        "kind": event.kind.value,
        "label": messages.text("words", f"event.{event.kind.value}"),
        "at": format_moment(event.at),
        "recorded_at": format_moment(event.recorded_at) if event.recorded_at else None,
        "source": event.source.value,
        "who": event.who,
        "note": event.note,
        "fingerprint": event.fingerprint,
        "file": event.file,
        "params": dict(event.params),
        "hash": event.hash,
    }
