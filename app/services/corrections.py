"""What was corrected since the report was returned, for the clerk and for whoever reviews it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.clock import format_moment
from app.errors import AppError
from app.messages import Messages
from app.model.draft import Draft, Path, parse_path
from app.model.fingerprint import read_content
from app.model.form import Item, Table
from app.model.programme import Programme
from app.model.submission import Event, EventKind, Snapshot
from app.model.value import Value
from app.paper.wording import place_name, shown
from app.rules.corrections import Correction, Kind, Subject, find_corrections, follow_path
from app.rules.view import View
from app.services.workplace import Workplace, view_of
from app.transport.base import Mark

_SENT = frozenset({EventKind.UPLOADED, EventKind.SUBMITTED})
_MOST_WORDS = 60
"""Characters of a row's own words in a line."""


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A correction in words: where (``place``), what became of it, what stood and what stands there."""

    correction: Correction
    place: str
    kind: str
    before: str
    after: str

    @property
    def path(self) -> str:
        """Give where the place is in the newer report; empty where it is not there any more."""
        gone = self.correction.subject is Subject.ROW and self.correction.kind is Kind.REMOVED
        path = self.correction.path
        if self.correction.subject is Subject.REASON:
            path = path.partition("@")[2]
        return "" if gone or self.correction.subject in (Subject.FILE, Subject.GRADE) else path


@dataclass(frozen=True, slots=True)
class MarkAnswer:
    """A reviewer's mark and whether its place was corrected; None where that cannot be told (pages)."""

    mark: Mark
    corrected: bool | None


@dataclass(frozen=True, slots=True)
class Corrections:
    """The draft as it stands held against the revision that was returned.

    ``at`` is when it was returned, ``fingerprint`` that of the returned revision.
    """

    number: str
    at: datetime
    fingerprint: str
    lines: tuple[CorrectionLine, ...]
    marks: tuple[MarkAnswer, ...]


def read_corrections(workplace: Workplace, draft_id: str) -> Corrections | None:
    """Give what was corrected since the last return; None where nothing was returned.

    None as well where the returned revision was sealed elsewhere and its content is not here.
    """
    events = workplace.store.events.list(draft_id)
    place = next(
        (at for at, one in reversed(list(enumerate(events))) if one.kind is EventKind.RETURNED), None
    )
    if place is None:
        return None
    returned = events[place]
    snapshot = _returned_snapshot(workplace, draft_id, events[:place], returned)
    if snapshot is None:
        return None
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    before = _sealed_view(workplace, programme, snapshot)
    if before is None:
        return None
    after = view_of(programme, draft, workplace.fonts, workplace.now())
    found = find_corrections(before, after)
    return Corrections(
        returned.params.get("number", ""),
        returned.at,
        snapshot.fingerprint,
        describe_corrections(before, after, found, workplace.messages),
        tuple(MarkAnswer(mark, _corrected(mark, found)) for mark in read_marks(returned)),
    )


def _returned_snapshot(
    workplace: Workplace, draft_id: str, earlier: Sequence[Event], returned: Event
) -> Snapshot | None:
    """Give the revision that was returned: its number's, else the one sent or sealed last."""
    number = returned.params.get("number", "")
    sealed = [one for one in reversed(earlier) if one.fingerprint]
    sent = [one for one in sealed if one.kind in _SENT]
    numbered = [one for one in sent if number and one.params.get("number") == number]
    wanted = next(iter(numbered or sent or sealed), None)
    for snapshot in workplace.store.snapshots.list(draft_id):
        if wanted is not None and snapshot.fingerprint == wanted.fingerprint:
            return snapshot
    return None


def _sealed_view(workplace: Workplace, programme: Programme, snapshot: Snapshot) -> View | None:
    try:
        form_version = int(json.loads(snapshot.content)["form_version"])
        if form_version != programme.form_version:
            programme = workplace.programme_by(programme.id, form_version)
        draft = read_content(snapshot.content, programme.form, snapshot.draft_id)
    except (AppError, ValueError, KeyError, TypeError):
        return None
    return view_of(programme, draft, workplace.fonts, workplace.now())


def _corrected(mark: Mark, found: Sequence[Correction]) -> bool | None:
    if not mark.path:
        return None
    for one in found:
        path = one.path.partition("@")[2] if one.subject is Subject.REASON else one.path
        if path == mark.path or path.startswith(mark.path + "/"):
            return True
        if mark.path.startswith(path + "/") and one.subject is Subject.ROW:
            return True
    return False


def read_marks(returned: Event) -> tuple[Mark, ...]:
    """Give the reviewer's marks of a return; a record that cannot be read has none."""
    try:
        raw = json.loads(returned.params.get("marks", "[]"))
        return tuple(Mark(str(one["text"]), str(one["path"]), int(one["page"])) for one in raw)
    except (ValueError, KeyError, TypeError):
        return ()


def place_marks(workplace: Workplace, draft_id: str, number: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Give a platform's marks with places of the draft.

    The platform knows rows by their number in the bundle (``t1/r7`` is the seventh), the draft by permanent
    ids.  Where the returned revision is not here the marks stay as they came.
    """
    if not any("/" in mark.path for mark in marks):
        return tuple(marks)
    events = workplace.store.events.list(draft_id)
    sent = next((one for one in reversed(events) if one.params.get("number") == number), None)
    snapshot = next(
        (
            one
            for one in workplace.store.snapshots.list(draft_id)
            if sent is not None and one.fingerprint == sent.fingerprint
        ),
        None,
    )
    if snapshot is None:
        return tuple(marks)
    draft: Draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    before = _sealed_view(workplace, programme, snapshot)
    if before is None:
        return tuple(marks)
    after = view_of(programme, draft, workplace.fonts, workplace.now())
    return tuple(Mark(mark.text, follow_path(mark.path, before, after), mark.page) for mark in marks)


def describe_corrections(
    before: View, after: View, found: Sequence[Correction], messages: Messages
) -> tuple[CorrectionLine, ...]:
    """Put corrections into words."""
    return tuple(_line(before, after, one, messages) for one in found)


def _line(before: View, after: View, one: Correction, messages: Messages) -> CorrectionLine:
    kind = messages.text("words", f"correction.{one.kind.value}")
    view = before if one.kind is Kind.REMOVED and one.subject is Subject.ROW else after
    path = one.path.partition("@")[2] if one.subject is Subject.REASON else one.path
    place = path if one.subject in (Subject.FILE, Subject.GRADE) else place_name(view, path, messages)
    if one.subject is not Subject.VALUE and one.subject is not Subject.ROW:
        place = messages.text("words", f"correction.{one.subject.value}", place=place)
    was, now = _texts(before, after, one)
    return CorrectionLine(one, place, kind, was, now)


def _texts(before: View, after: View, one: Correction) -> tuple[str, str]:
    if one.subject is Subject.ROW:
        return (
            _row_words(before, one.path) if one.kind is Kind.REMOVED else "",
            _row_words(after, one.path) if one.kind is Kind.ADDED else "",
        )
    item = _item(after, one.path) if one.subject is not Subject.REASON else None
    return _shown(item, one.before), _shown(item, one.after)


def _shown(item: Item | None, value: Value | None) -> str:
    return shown(item, value) if item is not None else str(value or "")


def _item(view: View, written: str) -> Item | None:
    try:
        path = parse_path(written)
    except ValueError:
        return None
    table = view.programme.form.tables.get(path.item)
    if table is None:
        return view.programme.form.fields.get(path.item)
    return next((column for column in table.columns if column.id == path.column), None)


def _row_words(view: View, written: str) -> str:
    """Give a row's own words: what its key columns say, else its first cells."""
    path: Path = parse_path(written)
    table: Table = view.programme.form.tables[path.item]
    row = next((row for row in view.rows(path.item) if row.id == path.row), None)
    if row is None:
        return ""
    columns = [column for column in table.columns if not table.key or column.id in table.key]
    texts = [shown(column, row.cells.get(column.id)) for column in columns]
    return "，".join(filter(None, texts))[:_MOST_WORDS]


def corrections_document(found: Corrections | None) -> dict[str, object] | None:
    """Give corrections as JSON, for ``shenbao status --json``."""
    if found is None:
        return None
    return {
        "number": found.number,
        "returned_at": format_moment(found.at),
        "fingerprint": found.fingerprint,
        "marks": [
            {
                "path": one.mark.path,
                "page": one.mark.page,
                "text": one.mark.text,
                "corrected": one.corrected,
            }
            for one in found.marks
        ],
        "changes": [
            {
                "subject": one.correction.subject.value,
                "kind": one.correction.kind.value,
                "path": one.path,
                "place": one.place,
                "before": one.before,
                "after": one.after,
            }
            for one in found.lines
        ],
    }
