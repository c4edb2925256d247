"""This year's report from last year's: what stays, what becomes last year's value, what is asked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from app.errors import UsageError
from app.model.answers import read_value, write_value
from app.model.draft import Answers, Row
from app.model.form import Form, Item, PeriodKind, Section, Table
from app.model.form_changes import NO_CHANGES, FormChanges, tidy_changes, with_changes
from app.model.programme import Programme
from app.model.submission import EventKind
from app.model.value import TEXT_TYPES, Invalid, ItemType, Value
from app.services.drafting import new_draft
from app.services.workplace import Workplace

KEPT_TYPES = TEXT_TYPES | {
    ItemType.CHOICE,
    ItemType.MULTI_CHOICE,
    ItemType.YES_NO,
    ItemType.DATE,
    ItemType.YEAR_RANGE,
}
"""Types whose values describe the unit and usually stay: name, code, address, kind, founding day."""


class Choice(StrEnum):
    """What becomes of one field or column: kept, kept until somebody confirms it, or asked again."""

    KEEP = "keep"
    CONFIRM = "confirm"
    BLANK = "blank"


class Mode(StrEnum):
    """How the items of a section or table are treated together.

    ``usual``: names stay, flows and tables are cleared.  ``names``: what describes stays, in tables with its
    rows.  The others treat all alike.
    """

    USUAL = "usual"
    NAMES = "names"
    KEEP = "keep"
    CONFIRM = "confirm"
    BLANK = "blank"


Items = Iterable[tuple[str, Item]]
"""Items by address: ``e03``, ``t1.name``."""


def section_items(form: Form, section: Section) -> Iterator[tuple[str, Item]]:
    """Give what can be taken over in a section, its tables' columns behind its fields."""
    yield from ((item.id, item) for item in section.fields if _can_stay(item))
    for table_id in section.tables:
        yield from table_items(form.tables[table_id])


def table_items(table: Table) -> Iterator[tuple[str, Item]]:
    """Give the columns of a table that can be taken over, by address."""
    yield from ((f"{table.id}.{column.id}", column) for column in table.columns if _can_stay(column))


def choices_of(items: Items, mode: Mode) -> dict[str, Choice]:
    """Give the choice for each item that a mode means."""
    if mode in (Mode.USUAL, Mode.NAMES):
        return {
            address: Choice.KEEP
            if _describes(item) and (mode is Mode.NAMES or "." not in address)
            else Choice.BLANK
            for address, item in items
        }
    return {address: Choice(mode.value) for address, _ in items}


def usual_choices(form: Form) -> dict[str, Choice]:
    """Give the choices that are made where nobody chooses."""
    return {
        address: choice
        for section in form.sections
        for address, choice in choices_of(section_items(form, section), Mode.USUAL).items()
    }


def renew_answers(
    old: Answers,
    old_form: Form,
    form: Form,
    grade: str = "",
    choices: Mapping[str, Choice] | None = None,
) -> Answers:
    """Give the beginning of this year's answers.  Pure.

    Last year's values become ``previous``.  ``choices`` by address say what stays; where they say nothing,
    texts, choices, codes and dates stay and figures and tables are asked for again.  A row stays where one
    of its columns does.  Reasons and evidence belong to their year.  What the clerk changed in last year's
    form is taken along where this year's form still has it.
    """
    changes = carried_changes(old.form_changes, old_form, form)
    form = with_changes(form, changes)
    old_form = with_changes(old_form, old.form_changes)
    chosen = {**usual_choices(form), **(choices or {})}
    shared = dict(_shared(old.values, old_form.fields, form.fields))
    values = {key: value for key, value in shared.items() if _kept(key, form.fields[key], chosen)}
    tables = dict(_renewed_tables(old, old_form, form, chosen))
    unconfirmed = {key for key in values if chosen[key] is Choice.CONFIRM}
    unconfirmed |= {
        address
        for key, rows in tables.items()
        for address, column in table_items(form.tables[key])
        if chosen.get(address) is Choice.CONFIRM and any(column.id in row.cells for row in rows)
    }
    return Answers(
        values=values,
        tables=tables,
        previous=shared,
        previous_grade=grade,
        form_changes=changes,
        unconfirmed=frozenset(unconfirmed),
    )


def carried_changes(changes: FormChanges, old_form: Form, form: Form) -> FormChanges:
    """Give a clerk's changes of last year's form for this year's.

    A name stays only where the programme still uses the name that it replaced.
    """
    if not changes:
        return NO_CHANGES
    was, now = _names(old_form.base or old_form), _names(form.base or form)
    own = {one.id for one in changes.added}
    labels = {
        key: label for key, label in changes.labels.items() if key in own or was.get(key) == now.get(key)
    }
    return tidy_changes(replace(changes, labels=labels), form)


def _names(form: Form) -> dict[str, str]:
    names = {address: item.label for address, item in form.items()}
    names |= {key: table.label for key, table in form.tables.items()}
    return names | {section.id: section.label for section in form.sections}


def _renewed_tables(
    old: Answers, old_form: Form, form: Form, chosen: Mapping[str, Choice]
) -> Iterator[tuple[str, tuple[Row, ...]]]:
    for key, rows in old.tables.items():
        if key not in old_form.tables or key not in form.tables:
            continue
        before = {column.id: column for column in old_form.tables[key].columns}
        after = {
            column.id: column
            for column in form.tables[key].columns
            if _kept(f"{key}.{column.id}", column, chosen)
        }
        kept = (Row(row.id, dict(_shared(row.cells, before, after))) for row in rows)
        with_cells = tuple(row for row in kept if row.cells)
        if with_cells:
            yield key, with_cells


def _kept(address: str, item: Item, chosen: Mapping[str, Choice]) -> bool:
    return _can_stay(item) and chosen.get(address, Choice.BLANK) is not Choice.BLANK


def _shared(
    values: Mapping[str, Value], old: Mapping[str, Item], new: Mapping[str, Item]
) -> Iterator[tuple[str, Value]]:
    for key, value in values.items():
        if key not in old or key not in new or isinstance(value, Invalid):
            continue
        item = new[key]
        same = item.type is old[key].type and item.choices.keys() >= old[key].choices.keys()
        read = value if same else read_value(item, write_value(old[key], value), "", key)
        if read is not None and not isinstance(read, Invalid):
            yield key, read


def _can_stay(item: Item) -> bool:
    return not item.calculated and not item.readonly


def _describes(item: Item) -> bool:
    timeless = item.period_kind in (PeriodKind.NONE, PeriodKind.AT_END)  # what counts over a year is a flow
    return item.type in KEPT_TYPES and timeless


def renew(
    workplace: Workplace, draft_id: str, programme: Programme, choices: Mapping[str, Choice] | None = None
) -> str:
    """Make a new report of a programme from an older one and give its id; ``choices`` as ``renew_answers``.

    Last year's grade is taken from the registered result.  Raises ``UsageError("draft_unknown")``.
    """
    old = workplace.draft(draft_id)
    old_form = workplace.programme_of(old).form
    results = [
        event.params.get("grade", "")
        for event in workplace.store.events.list(draft_id)
        if event.kind is EventKind.RESULT
    ]
    grade = results[-1] if results else ""
    if grade not in programme.grades:
        grade = ""
    answers = renew_answers(old.answers, old_form, programme.form, grade, choices)
    if not answers.previous:
        raise UsageError("nothing_to_renew", title=workplace.store.drafts.summary(draft_id).title)
    return new_draft(workplace, programme, answers)
