"""What a clerk changed in the form of one report: names, order, what is left out, what is asked besides.

An overlay on the programme's form, kept with the answers.  The programme itself never changes, and the
printed numbers of its items never change either.  Ids of added items begin with ``own-``, which no id of
a programme can (``[a-z][a-z0-9_]*``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.model.form import Form, Item, Section, Table
from app.model.value import MONEY_UNITS, NUMBER_TYPES, ItemType, clean_text

if TYPE_CHECKING:
    from app.model.programme import Programme

OWN = "own-"
"""How ids of added items begin."""

LONGEST_LABEL, MOST_ADDED = 200, 300
"""Longest name, unit or option, in characters, and the most fields that a report's form may have added."""

LEFT_OUT = "false"
"""The condition of an item or table that was left out: it is never relevant."""


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that the clerk added to a section; ``unit`` of money is one of ``MONEY_UNITS``."""

    id: str
    section: str
    label: str
    type: ItemType = ItemType.TEXT
    unit: str = ""
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)

    def item(self) -> Item:
        """Give the item of the form."""
        unit = self.unit if self.type is not ItemType.MONEY or self.unit in MONEY_UNITS else "元"
        return Item(
            self.id,
            self.label,
            self.type,
            unit=unit,
            required="true" if self.required else "false",
            choices=self.choices,
            compared=self.type in NUMBER_TYPES,
        )


@dataclass(frozen=True, slots=True)
class FormChanges:
    """The overlay.  ``bool`` of it tells whether anything is changed.

    ``labels``: address (``e03``, ``t1``, ``t1.name``) or section id -> another name.  ``order``: section id
    -> field ids in their order; ids that are gone are passed over, those not named follow.  ``hidden``:
    fields, tables and columns left out.  ``added``: own fields in the order in which they were added.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    added: tuple[OwnField, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything is changed."""
        return bool(self.labels or self.order or self.hidden or self.added)


NO_CHANGES = FormChanges()


def with_changes(form: Form, changes: FormChanges) -> Form:
    """Give the form as the clerk changed it.  Pure; always from the programme's own form.

    A form that was changed before gives the same as the programme's.  What the changes name and the form
    does not have is passed over.
    """
    base = form.base or form
    if changes == (form.changes or NO_CHANGES):
        return form
    if not changes:
        return base
    sections = tuple(_section(section, changes) for section in base.sections)
    tables = {key: _table(table, changes) for key, table in base.tables.items()}
    return Form(sections, tables, base=base, changes=changes)


def programme_with(programme: Programme, changes: FormChanges) -> Programme:
    """Give the programme with the form as a report's clerk changed it; the same object where it is."""
    form = with_changes(programme.form, changes)
    return programme if form is programme.form else replace(programme, form=form)


def _section(section: Section, changes: FormChanges) -> Section:
    added = [own.item() for own in changes.added if own.section == section.id]
    items = {item.id: _item(item, item.id, changes) for item in (*section.fields, *added)}
    order = [key for key in changes.order.get(section.id, ()) if key in items]
    placed = dict.fromkeys((*order, *items))
    label = changes.labels.get(section.id, section.label)
    return replace(section, label=label, fields=tuple(items[key] for key in placed))


def _item(item: Item, address: str, changes: FormChanges) -> Item:
    label = changes.labels.get(address, item.label)
    if address in changes.hidden:
        return replace(item, label=label, relevant=LEFT_OUT)
    return item if label == item.label else replace(item, label=label)


def can_leave_out(table: Table, column: Item) -> bool:
    """Tell whether a column may be left out: what tells rows apart stays, worked-out tables stay whole."""
    return column.id not in table.key and not table.derived and len(table.columns) > 1


def _table(table: Table, changes: FormChanges) -> Table:
    kept = {f"{table.id}.{column.id}" for column in table.columns if not can_leave_out(table, column)}
    allowed = replace(changes, hidden=changes.hidden - kept)
    columns = tuple(_item(column, f"{table.id}.{column.id}", allowed) for column in table.columns)
    label = changes.labels.get(table.id, table.label)
    relevant = LEFT_OUT if table.id in changes.hidden else table.relevant
    return replace(table, label=label, columns=columns, relevant=relevant)


def tidy_changes(changes: FormChanges, form: Form) -> FormChanges:
    """Give changes without what changes nothing, so that a form put back as it was counts as unchanged.

    Names that are the programme's own or empty, orders that are the natural one, and whatever names
    something that the form does not have are left out.
    """
    base = form.base or form
    sections = {section.id: section for section in base.sections}
    labels = {key: section.label for key, section in sections.items()}
    labels |= {address: item.label for address, item in base.items()}
    labels |= {key: table.label for key, table in base.tables.items()}
    added = tuple(own for own in changes.added if own.section in sections)
    labels |= {own.id: own.label for own in added}
    order = {}
    for key, ids in changes.order.items():
        natural = [*(item.id for item in sections[key].fields)] if key in sections else []
        natural += [own.id for own in added if own.section == key]
        kept = [one for one in dict.fromkeys(ids) if one in natural]
        kept += [one for one in natural if one not in kept]
        if kept != natural:
            order[key] = tuple(kept)
    return FormChanges(
        {key: text for key, text in changes.labels.items() if text and labels.get(key) not in (None, text)},
        order,
        frozenset(
            key for key in changes.hidden if key in labels and key not in sections and _may_go(base, key)
        ),
        added,
    )


def _may_go(base: Form, key: str) -> bool:
    table_id, dot, column_id = key.partition(".")
    return not dot or can_leave_out(base.tables[table_id], base.tables[table_id].column(column_id))


def dump_changes(changes: FormChanges) -> dict[str, object]:
    """Give the JSON form, the same for equal changes; ``load_changes`` is its inverse."""
    return {
        "labels": {key: _nfc(label) for key, label in changes.labels.items()},
        "order": {key: list(ids) for key, ids in changes.order.items()},
        "hidden": sorted(changes.hidden),
        "added": [
            {
                "id": own.id,
                "section": own.section,
                "label": _nfc(own.label),
                "type": own.type.value,
                "unit": own.unit,
                "required": own.required,
                "choices": {key: _nfc(label) for key, label in own.choices.items()},
            }
            for own in changes.added
        ],
    }


def load_changes(raw: Mapping[str, Any]) -> FormChanges:
    """Read what ``dump_changes`` gave.

    Raises ``AttributeError``, ``KeyError``, ``TypeError`` or ``ValueError`` where it is of another shape, an
    added item has an id that could be a programme's, or a name is none that a form can print.
    """
    added = tuple(
        OwnField(
            str(one["id"]),
            str(one["section"]),
            _label(one["label"]),
            ItemType(one["type"]),
            _label(one["unit"]),
            bool(one["required"]),
            {str(key): _label(label) for key, label in one["choices"].items()},
        )
        for one in raw["added"]
    )
    ids = [own.id for own in added]
    if len(set(ids)) != len(ids) or not all(key.startswith(OWN) and "/" not in key for key in ids):
        raise ValueError(ids)
    if len(ids) > MOST_ADDED:
        raise ValueError(len(ids))
    return FormChanges(
        {str(key): _label(label) for key, label in raw["labels"].items()},
        {str(key): tuple(map(str, keys)) for key, keys in raw["order"].items()},
        frozenset(map(str, raw["hidden"])),
        added,
    )


def _label(raw: object) -> str:
    """Give a name as a form can print it: one clean line; changes also come in from foreign bundles."""
    text = str(raw)
    if len(text) > LONGEST_LABEL or clean_text(text) != text or "\n" in text:
        raise ValueError(text[:LONGEST_LABEL])
    return text


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
