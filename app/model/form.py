"""What a form asks: sections of fields and tables of columns.

Words for properties follow W3C XForms: type, required, readonly, relevant, calculate, constraint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from app.model.value import ItemType

if TYPE_CHECKING:
    from app.model.form_changes import FormChanges


class PeriodKind(StrEnum):
    """Over what an item counts: 期间合计, 期末时点 or 累计."""

    DURING = "during"
    AT_END = "at_end"
    CUMULATIVE = "cumulative"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing asked: a field of a section or a column of a table.

    ``number`` is the printed item number (A03-1); ``unit`` what the clerk sees and types; money is
    stored in 元.  ``required`` is an expression ("true", "false" or a condition); ``relevant`` too.
    ``calculate`` makes the item readonly and derived.  ``decimals`` is the declared rounding of a
    calculated item and the most decimals a typed one may have.  ``masked`` numbers of people are printed
    with their middle hidden; ``masked_by`` names the yes/no column that hides this cell on paper.  ``total``
    columns of numbers get their sum under the last row (合计) on paper.
    """

    id: str
    label: str
    type: ItemType
    number: str = ""
    unit: str = ""
    period_kind: PeriodKind = PeriodKind.NONE
    required: str = "false"
    readonly: bool = False
    relevant: str = ""
    calculate: str = ""
    decimals: int | None = None
    min_length: int = 0
    max_length: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    torch_item: bool = False
    compared: bool = False
    evidence: tuple[str, ...] = ()
    rule: str = ""
    prompt: str = ""
    source: str = ""
    masked: bool = False
    masked_by: str = ""
    total: bool = False
    width: float = 1.0

    @property
    def calculated(self) -> bool:
        """Tell whether the program works this item out."""
        return bool(self.calculate)


@dataclass(frozen=True, slots=True)
class Table:
    """A detail table (附表) whose rows the clerk adds.  ``key`` columns tell rows apart.

    ``derived`` tables are never typed: their rows come from ``rows`` (see ``TableRow``).
    """

    id: str
    number: str
    label: str
    columns: tuple[Item, ...]
    key: tuple[str, ...] = ()
    min_rows: int = 0
    rule: str = ""
    source: str = ""
    landscape: bool = False
    derived: tuple[DerivedRow, ...] = ()
    relevant: str = ""

    @property
    def left_out(self) -> bool:
        """Tell whether a clerk left the table out of the report's form: it is neither asked nor printed."""
        return self.relevant == "false"

    @property
    def shown(self) -> Table:
        """Give the table without columns that a clerk left out; the same object where there are none."""
        columns = tuple(column for column in self.columns if column.relevant != "false")
        return self if len(columns) == len(self.columns) else replace(self, columns=columns)

    def column(self, column_id: str) -> Item:
        """Give the column with this id; raises ``KeyError``."""
        for column in self.columns:
            if column.id == column_id:
                return column
        raise KeyError(column_id)


@dataclass(frozen=True, slots=True)
class DerivedRow:
    """One row of a derived table: column id -> expression over the form, or a plain text."""

    id: str
    texts: Mapping[str, str]
    expressions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form (部分) with its fields and the tables shown with it."""

    id: str
    number: str
    label: str
    fields: tuple[Item, ...]
    tables: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Form:
    """All that is asked.  Field and table ids are unique over the form.

    ``base`` and ``changes`` are set where a clerk changed the form of a report (see ``with_changes``).
    """

    sections: tuple[Section, ...]
    tables: Mapping[str, Table]
    fields: Mapping[str, Item] = field(init=False)
    base: Form | None = field(default=None, repr=False)
    changes: FormChanges | None = None

    def __post_init__(self) -> None:
        """Index the fields once; the form itself never changes."""
        index = {item.id: item for section in self.sections for item in section.fields}
        object.__setattr__(self, "fields", index)

    @cached_property
    def remembered(self) -> dict[str, object]:
        """Keep what was worked out of this form once, as long as there is the form; empty at first."""
        return {}

    def items(self) -> Iterator[tuple[str, Item]]:
        """Give every item with its address: ``field`` or ``table.column``."""
        yield from self.fields.items()
        for table in self.tables.values():
            for column in table.columns:
                yield f"{table.id}.{column.id}", column

    def section_of(self, item_id: str) -> Section | None:
        """Give the section that shows a field or table, or None."""
        for section in self.sections:
            if item_id in section.tables or any(item.id == item_id for item in section.fields):
                return section
        return None
