"""What the outline says beside findings: what a reviewer marked, and what is no longer as it was printed.

Both are derived: marks from the record, changes by comparing answers.  Nothing of it is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.model.draft import Answers, Row
from app.model.form import Form
from app.model.form_changes import FormChanges
from app.model.submission import Event, EventKind
from app.model.value import Value, clean_text

_SUPERSEDING = frozenset(
    {
        EventKind.SEALED,
        EventKind.UPLOADED,
        EventKind.SUBMITTED,
        EventKind.UNIT_APPROVED,
        EventKind.APPROVED,
    }
)
_NO_ROWS: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer wrote on a return: about an item or cell (``path``), a page (from 1), or the whole.

    ``at`` is Beijing time; ``who`` may be empty.
    """

    text: str
    path: str
    page: int
    who: str
    at: datetime

    @property
    def item(self) -> str:
        """Give the field or table that is meant; empty where it is the whole report."""
        return self.path.partition("/")[0]


def open_remarks(events: Sequence[Event]) -> tuple[Remark, ...]:
    """Give the remarks of all returns that no later seal, upload or approval has answered.

    A return's own reason comes first, as a remark about the whole.  ``params["marks"]`` of the event is a
    JSON list of ``{path, page, text}``; what is not of this form is passed over.
    """
    remarks: list[Remark] = []
    for event in events:
        if event.kind in _SUPERSEDING:
            remarks.clear()
        elif event.kind is EventKind.RETURNED:
            if event.note.strip():
                remarks.append(Remark(event.note.strip(), "", 0, event.who, event.at))
            remarks += _marks(event)
    return tuple(dict.fromkeys(remarks))


def _marks(event: Event) -> Iterable[Remark]:
    try:
        raw = json.loads(event.params.get("marks", "[]"))
    except ValueError:
        return
    for one in raw if isinstance(raw, list) else ():
        text = clean_text(str(one.get("text", ""))) if isinstance(one, dict) else ""
        if text:
            page = one.get("page", 0)
            number = page if isinstance(page, int) and not isinstance(page, bool) and page > 0 else 0
            yield Remark(text, str(one.get("path") or ""), number, event.who, event.at)


@dataclass(frozen=True, slots=True)
class Paper:
    """The answers that stand on paper (``printed``), or at least in the revision sealed last."""

    answers: Answers
    printed: bool


class Comparison:
    """Compares the draft with what stands on paper, again and again; untouched tables cost nothing."""

    def __init__(self, paper: Paper, form: Form) -> None:
        self.paper = paper
        self._derived = {table.id for table in form.tables.values() if table.derived}
        self._tables: dict[str, tuple[tuple[Row, ...], bool]] = {}

    def changed(self, answers: Answers) -> frozenset[str]:
        """Give the fields and tables whose answers, last year's values, reasons or evidence differ.

        Rows are compared in order by what stands in them: paper knows no row ids.
        """
        old = self.paper.answers
        found = _differing(old.values, answers.values)
        found |= _differing(old.previous, answers.previous) | _differing(old.torch, answers.torch)
        for table_id in dict.fromkeys((*old.tables, *answers.tables)):
            if self._table_differs(table_id, answers.tables.get(table_id, _NO_ROWS)):
                found.add(table_id)
        found |= {item for item, _ in (_reasons(old) ^ _reasons(answers)) | (_proofs(old) ^ _proofs(answers))}
        found |= _asked_otherwise(old.form_changes, answers.form_changes)
        return frozenset(found)

    def _table_differs(self, table_id: str, rows: tuple[Row, ...]) -> bool:
        seen = self._tables.get(table_id)
        if seen is None or seen[0] is not rows:
            old = self.paper.answers.tables.get(table_id, _NO_ROWS)
            if table_id in self._derived:  # rows go by their names, and any of them may be absent
                same = _by_name(old) == _by_name(rows)
            else:
                same = len(old) == len(rows) and all(map(_same_row, old, rows))
            seen = self._tables[table_id] = (rows, not same)
        return seen[1]


def _same_row(old: Row, new: Row) -> bool:
    return old.cells == new.cells


def _asked_otherwise(old: FormChanges, new: FormChanges) -> set[str]:
    """Give the fields and tables whose name, place or presence in the form is another."""
    if old == new:
        return set()
    found = {
        key for key in old.labels.keys() | new.labels.keys() if old.labels.get(key) != new.labels.get(key)
    }
    found |= old.hidden ^ new.hidden
    found |= {own.id for own in (*old.added, *new.added) if own not in old.added or own not in new.added}
    for section in old.order.keys() | new.order.keys():
        if old.order.get(section) != new.order.get(section):
            found.update(old.order.get(section, ()), new.order.get(section, ()))
    return {key.partition(".")[0] for key in found}


def _by_name(rows: Sequence[Row]) -> dict[str, Mapping[str, Value]]:
    return {row.id: row.cells for row in rows if row.cells}


def _differing(old: Mapping[str, Value], new: Mapping[str, Value]) -> set[str]:
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _reasons(answers: Answers) -> set[tuple[str, str]]:
    """Give the written reasons by item; rows are left out, because paper knows no row ids."""
    return {(key.partition("@")[2].partition("/")[0], text) for key, text in answers.reasons.items() if text}


def _proofs(answers: Answers) -> set[tuple[str, str]]:
    return {(place.partition("/")[0], file.sha256) for file in answers.attachments for place in file.items}
