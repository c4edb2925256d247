"""This year's report from last year's: what stays, what becomes last year's value, what is asked again."""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import UsageError
from app.model.answers import read_value, write_value
from app.model.draft import Answers
from app.model.form import Form, Item, PeriodKind
from app.model.programme import Programme
from app.model.submission import EventKind
from app.model.value import TEXT_TYPES, Invalid, ItemType, Value
from app.services.drafting import new_draft
from app.services.workplace import Workplace

KEPT_TYPES = TEXT_TYPES | {ItemType.CHOICE, ItemType.MULTI_CHOICE, ItemType.YES_NO, ItemType.DATE}
"""Types whose values describe the unit and usually stay: name, code, address, kind, founding day."""


def renew_answers(old: Answers, old_form: Form, form: Form, grade: str = "") -> Answers:
    """Give the beginning of this year's answers.  Pure.

    Last year's values become ``previous``.  Texts, choices, codes and dates stay; figures, tables, reasons
    and evidence belong to their year and are asked for again.
    """
    previous: dict[str, Value] = {}
    values: dict[str, Value] = {}
    for key, item, value in _shared(old.values, old_form, form):
        previous[key] = value
        if _stays(item):
            values[key] = value
    return Answers(values=values, previous=previous, previous_grade=grade)


def _shared(values: Mapping[str, Value], old: Form, new: Form) -> list[tuple[str, Item, Value]]:
    shared: list[tuple[str, Item, Value]] = []
    for key, value in values.items():
        if key not in old.fields or key not in new.fields or isinstance(value, Invalid):
            continue
        item = new.fields[key]
        same = item.type is old.fields[key].type and item.choices.keys() >= old.fields[key].choices.keys()
        read = value if same else read_value(item, write_value(old.fields[key], value), "", key)
        if read is not None and not isinstance(read, Invalid):
            shared.append((key, item, read))
    return shared


def _stays(item: Item) -> bool:
    timeless = item.period_kind in (PeriodKind.NONE, PeriodKind.AT_END)  # what counts over a year is a flow
    return item.type in KEPT_TYPES and timeless and not item.calculated and not item.readonly


def renew(workplace: Workplace, draft_id: str, programme: Programme) -> str:
    """Make a new report of a programme from an older report and give its id.

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
    answers = renew_answers(old.answers, old_form, programme.form, grade)
    if not answers.previous:
        raise UsageError("nothing_to_renew", title=workplace.store.drafts.summary(draft_id).title)
    return new_draft(workplace, programme, answers)
