"""What an expression may name: the form's fields, tables and columns with their types and labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.model.form import Form, Item
from app.model.value import NUMBER_TYPES, ItemType

_SCOPE = "scope"


class Kind(StrEnum):
    """The types of the language.  Money is in 元, percent in percentage points, choices are ids."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Known:
    """A field or column: its type, what people call it, its choices by id.

    ``required`` is true only for an item that is required always, not on a condition.
    """

    kind: Kind
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A table: what people call it and its columns by id."""

    label: str
    columns: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Scope:
    """All names of one form.  Programme constants (period, report year) are read when run.

    ``left_out``: (table, column) that a clerk left out of the report's form, (table, ``*``) for whole tables.
    ``compiled`` keeps what was compiled with these names: a programme is checked when it is read and
    compiled again when a report is opened.
    """

    fields: Mapping[str, Known]
    tables: Mapping[str, KnownTable]
    left_out: frozenset[tuple[str, str]] = frozenset()
    compiled: dict[tuple[str, str | None], object] = field(default_factory=dict, compare=False, repr=False)

    def lacks(self, columns: Collection[tuple[str, str]]) -> bool:
        """Tell whether any of the columns read was left out: what is read from them cannot be decided."""
        return bool(self.left_out) and any(
            (table, column) in self.left_out or (table, "*") in self.left_out for table, column in columns
        )


def scope_of(form: Form) -> Scope:
    """Give the names of a form, made once and kept with it."""
    kept = form.remembered.get(_SCOPE)
    if isinstance(kept, Scope):
        return kept
    fields = {item.id: _known(item) for item in form.fields.values()}
    tables = {
        table.id: KnownTable(table.label, {column.id: _known(column) for column in table.columns})
        for table in form.tables.values()
    }
    scope = Scope(fields, tables, _left_out(form))
    form.remembered[_SCOPE] = scope
    return scope


def _left_out(form: Form) -> frozenset[tuple[str, str]]:
    if form.changes is None or not form.changes.hidden:
        return frozenset()
    columns = ((table, column) for table in form.tables.values() for column in table.columns)
    gone = {(table.id, column.id) for table, column in columns if column.relevant == "false"}
    return frozenset(gone | {(table.id, "*") for table in form.tables.values() if table.left_out})


def kind_of(item_type: ItemType) -> Kind:
    """Give the language type of an item type."""
    if item_type in NUMBER_TYPES:
        return Kind.NUMBER
    special = {
        ItemType.DATE: Kind.DATE,
        ItemType.YES_NO: Kind.BOOLEAN,
        ItemType.CHOICE: Kind.CHOICE,
        ItemType.MULTI_CHOICE: Kind.SET,
    }
    return special.get(item_type, Kind.TEXT)


def _known(item: Item) -> Known:
    return Known(kind_of(item.type), item.label, item.choices, item.required == "true")
