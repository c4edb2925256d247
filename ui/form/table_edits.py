"""What can be done to the rows of a table, as plain functions from answers to answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from app.model.draft import Answers, Row, with_rows
from app.model.form import Item, Table
from app.model.value import Invalid, Value, is_number


def new_row_id() -> str:
    """Give an id no row has: rows typed on two PCs can be put together."""
    return secrets.token_hex(5)


def with_new_row(answers: Answers, table_id: str, before: str | None, row_id: str) -> Answers:
    """Give answers with an empty row before another one, or at the end for None or an unknown row."""
    rows = answers.tables.get(table_id, ())
    place = next((at for at, row in enumerate(rows) if row.id == before), len(rows))
    return with_rows(answers, table_id, (*rows[:place], Row(row_id, {}), *rows[place:]))


def without_rows(answers: Answers, table_id: str, row_ids: Collection[str]) -> Answers:
    """Give answers without some rows."""
    rows = tuple(row for row in answers.tables.get(table_id, ()) if row.id not in row_ids)
    return with_rows(answers, table_id, rows)


def with_moved_rows(answers: Answers, table_id: str, row_ids: Collection[str], step: int) -> Answers:
    """Give answers with some rows one place up (-1) or down (+1); the outermost stay."""
    rows = list(answers.tables.get(table_id, ()))
    order = range(len(rows)) if step < 0 else range(len(rows) - 1, -1, -1)
    for at in order:
        target = at + step
        if rows[at].id in row_ids and 0 <= target < len(rows) and rows[target].id not in row_ids:
            rows[at], rows[target] = rows[target], rows[at]
    return with_rows(answers, table_id, tuple(rows))


def with_order(answers: Answers, table_id: str, order: Sequence[str]) -> Answers:
    """Give answers with the rows in another order; rows not named keep their places behind them."""
    rank = {row_id: place for place, row_id in enumerate(order)}
    rows = sorted(answers.tables.get(table_id, ()), key=lambda row: rank.get(row.id, len(rank)))
    return with_rows(answers, table_id, tuple(rows))


def with_cells(answers: Answers, table_id: str, changes: Mapping[str, Mapping[str, Value | None]]) -> Answers:
    """Give answers with cells set, or cleared for None: row id -> column id -> value.

    A row that a derived table names and that holds nothing yet is made.
    """
    rows = answers.tables.get(table_id, ())
    known = {row.id for row in rows}
    changed = tuple(
        Row(row.id, _changed(row.cells, changes[row.id])) if row.id in changes else row for row in rows
    )
    added = tuple(
        Row(row_id, _changed({}, cells)) for row_id, cells in changes.items() if row_id not in known
    )
    return with_rows(answers, table_id, (*changed, *added))


def _changed(cells: Mapping[str, Value], changes: Mapping[str, Value | None]) -> dict[str, Value]:
    merged = {**cells, **changes}
    return {key: value for key, value in merged.items() if value is not None}


def is_typed(column: Item) -> bool:
    """Tell whether a clerk fills this column."""
    return not column.calculated and not column.readonly


def frozen_column(table: Table) -> int:
    """Give the column that says which row this is: the last of the key, else the first."""
    ids = [column.id for column in table.columns]
    return ids.index(table.key[-1]) if table.key and table.key[-1] in ids else 0


def sorted_rows(
    rows: Iterable[Row], column: Item, text_of: Callable[[Row], str], collate: Callable[[str], object]
) -> list[Row]:
    """Give rows by a column, rising: values by size, then texts by ``collate``, then empty cells."""

    def key(row: Row) -> tuple[int, object]:
        value = row.cells.get(column.id)
        if value is None:
            return (2, 0)
        if isinstance(value, (Invalid, str, tuple)):
            return (1, collate(text_of(row)))
        return (0, value) if is_number(value) else (0, str(value))

    return sorted(rows, key=key)
