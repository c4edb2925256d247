"""A table of the form turned into tables for paper: printed cells, units, bands of columns, records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import ceil

from app.messages import Messages
from app.model.draft import Row
from app.model.form import Item
from app.model.form import Table as FormTable
from app.model.value import NUMBER_TYPES, ItemType
from app.paper.table import CellAlign, Column, Table
from app.paper.wording import shown

_UNIT_WIDTH = 46.0
"""Least points for a column of width 1: four characters of 小五 between its rules."""

_NUMBER_WIDTH = 0.6
_NARROWEST = 0.8
_ALIGN: Mapping[ItemType, CellAlign] = {
    **dict.fromkeys(NUMBER_TYPES, "auto"),
    **dict.fromkeys((ItemType.DATE, ItemType.YEAR_RANGE, ItemType.YES_NO, ItemType.CHOICE), "center"),
}
_LONG = 300
"""A text column that may hold more characters is not squeezed into a column."""
_SECRET = "***"
"""What stands in place of a name that the unit keeps secret."""


def has_long_texts(table: FormTable) -> bool:
    """Tell whether rows of the table are better printed as records, one below the other."""
    return any(column.type is ItemType.LONG_TEXT or column.max_length > _LONG for column in table.columns)


def bands(table: FormTable, width: float) -> list[tuple[Item, ...]]:
    """Divide the columns so that each band fits into ``width`` points; key columns stand in every band."""
    room = width / _UNIT_WIDTH - _NUMBER_WIDTH
    columns = table.columns
    if sum(map(_width, columns)) <= room:
        return [columns]
    keys = tuple(column for column in columns if column.id in table.key)
    others = [column for column in columns if column.id not in table.key]
    room = max(1.0, room - sum(map(_width, keys)))
    total = sum(map(_width, others))
    share = total / ceil(total / room)
    found: list[list[Item]] = [[]]
    used = 0.0
    for column in others:
        if found[-1] and used + _width(column) / 2 > share * len(found):
            found.append([])
        found[-1].append(column)
        used += _width(column)
    return [(*keys, *band) for band in found]


def printed_table(
    table: FormTable, columns: Sequence[Item], rows: Sequence[Row], title: str, messages: Messages
) -> Table:
    """Give some columns of a table for paper, each typed row with its number, sums under them (合计).

    Where all money has one unit it stands once above the table; other units stand in the headings.  A single
    row is its own sum.
    """
    units = {column.unit for column in columns if column.type is ItemType.MONEY}
    common = units.pop() if len(units) == 1 else ""
    numbered = not table.derived
    heads = [
        Column(_head(column, common, messages), _width(column), _ALIGN.get(column.type, "left"))
        for column in columns
    ]
    cells = [[_cell(column, row) for column in columns] for row in rows]
    if numbered:
        heads.insert(0, Column(messages.text("paper", "report.number"), _NUMBER_WIDTH, "center"))
        cells = [[str(position), *row] for position, row in enumerate(cells, 1)]
    if not numbered or len(rows) < 2 or not any(column.total for column in columns):
        return Table(tuple(heads), cells, title, common)
    cells.append([messages.text("paper", "report.total"), *(_total(column, rows) for column in columns)])
    return Table(tuple(heads), cells, title, common, strong=(len(rows),))


def record_table(table: FormTable, row: Row) -> Table:
    """Give one row as a form of label and value; cells that hold nothing are left white."""
    cells = [(column.label, _cell(column, row), column.unit) for column in table.columns]
    columns = [Column("", 1.0, "left"), Column("", 5.0, "left"), Column("", align="center")]
    if not any(unit for _, _, unit in cells):
        return Table(tuple(columns[:2]), [cell[:2] for cell in cells], header=False)
    return Table(tuple(columns), cells, header=False)


def _head(column: Item, common: str, messages: Messages) -> str:
    if not column.unit or (column.type is ItemType.MONEY and column.unit == common):
        return column.label
    return messages.text("paper", "unit", label=column.label, unit=column.unit)


def _width(column: Item) -> float:
    return max(_NARROWEST, column.width)


def _total(column: Item, rows: Sequence[Row]) -> str:
    """Give the sum of what is a number in a column; cells that are empty or no number count nothing.

    A column in which some rows are kept secret has no sum: it would tell what they hide.
    """
    if not column.total or column.masked_by:
        return ""
    numbers = (row.cells.get(column.id) for row in rows)
    counted = (each for each in numbers if isinstance(each, int | Decimal) and not isinstance(each, bool))
    total = sum(counted, Decimal())
    return shown(column, int(total) if column.type is ItemType.INTEGER else total)


def _cell(column: Item, row: Row) -> str:
    """Give a cell; a date as 2022-05-10, which keeps to one line, a name the row keeps secret as stars."""
    value = row.cells.get(column.id)
    if value is not None and column.masked_by and row.cells.get(column.masked_by) is True:
        return _SECRET
    return value.isoformat() if isinstance(value, date) else shown(column, value)
