"""Carrying a draft to another version of its form, with what became of every item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.model.answers import read_value, write_value
from app.model.draft import Answers, Row
from app.model.edit import diff
from app.model.form import Form, Item
from app.model.form_changes import with_changes
from app.model.value import Invalid, Value
from app.services.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Carried:
    """What carrying did: addresses kept, changed in kind, and without a place in the new form.

    ``moved`` is false where the draft was of that version already.
    """

    kept: int
    converted: tuple[str, ...]
    lost: tuple[str, ...]
    moved: bool = True


def carry_answers(answers: Answers, old: Form, new: Form) -> tuple[Answers, Carried]:
    """Give answers for another form.  Pure; what has no place is named, and stays in the journal."""
    old, new = with_changes(old, answers.form_changes), with_changes(new, answers.form_changes)
    converted: list[str] = []
    lost: list[str] = []
    values = _carry_values(answers.values, old.fields, new.fields, "", converted, lost)
    tables: dict[str, tuple[Row, ...]] = {}
    for table_id, rows in answers.tables.items():
        if table_id not in new.tables or table_id not in old.tables:
            lost.append(table_id)
            continue
        before = {column.id: column for column in old.tables[table_id].columns}
        after = {column.id: column for column in new.tables[table_id].columns}
        tables[table_id] = tuple(
            Row(row.id, _carry_values(row.cells, before, after, f"{table_id}/{row.id}/", converted, lost))
            for row in rows
        )
    silent: list[str] = []
    carried = replace(
        answers,
        values=values,
        tables=tables,
        previous=_carry_values(answers.previous, old.fields, new.fields, "", silent, silent),
        torch=_carry_values(answers.torch, old.fields, new.fields, "", silent, silent),
    )
    kept = len(values) + sum(len(row.cells) for rows in tables.values() for row in rows)
    return carried, Carried(kept, tuple(converted), tuple(lost))


def _carry_values(
    values: Mapping[str, Value],
    old: Mapping[str, Item],
    new: Mapping[str, Item],
    prefix: str,
    converted: list[str],
    lost: list[str],
) -> dict[str, Value]:
    carried: dict[str, Value] = {}
    for key, value in values.items():
        if key not in new or key not in old:
            lost.append(prefix + key)
            continue
        same = new[key].type is old[key].type and new[key].choices.keys() >= old[key].choices.keys()
        if same and not isinstance(value, Invalid):
            carried[key] = value
            continue
        read = read_value(new[key], write_value(old[key], value), "", key)
        if read is not None:
            carried[key] = read
            converted.append(prefix + key)
    return carried


def carry(workplace: Workplace, draft_id: str, form_version: int | None = None) -> Carried:
    """Carry a stored draft to a form version (the newest by default) and say what became of it."""
    draft = workplace.draft(draft_id)
    old = workplace.library.load(draft.programme_id, draft.form_version)
    new = workplace.library.load(draft.programme_id, form_version)
    answers, carried = carry_answers(draft.answers, old.form, new.form)
    if new.form_version != draft.form_version:
        workplace.store.drafts.pin(draft_id, new.form_version)
        pinned = workplace.draft(draft_id)
        edits = diff(pinned.answers, answers)
        workplace.store.drafts.apply(
            draft_id,
            edits,
            group=f"carry-{new.form_version}-{pinned.revision}",
            expected_revision=pinned.revision,
        )
    return replace(carried, moved=new.form_version != draft.form_version)
