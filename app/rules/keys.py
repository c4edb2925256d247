"""Keys under which cells are compared with each other: names by their normalised form."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.draft import Row
from app.rules.difference import changed_span
from app.rules.identity import normalise_names


def keys_of(rows: Sequence[Row], *columns: str) -> list[object]:
    """Give for each row the key of one cell: of a text ``normalise_name``, else the value itself.

    None where there is no cell, or a text of nothing but marks.  Of several columns the keys together; None
    where one of them lacks.
    """
    if len(columns) > 1:
        parts = (keys_of(rows, column) for column in columns)
        return [None if None in key else key for key in zip(*parts, strict=True)]
    column = columns[0]
    cells: list[object] = [row.cells.get(column) for row in rows]
    names: list[object] = [name or None for name in normalise_names([c for c in cells if isinstance(c, str)])]
    if len(names) == len(cells):
        return names
    given = iter(names)
    return [next(given) if isinstance(cell, str) else cell for cell in cells]


class ColumnKeys:
    """Remembers the keys of columns, so that after an edit only rows that are new objects give theirs."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], tuple[Sequence[Row], list[object]]] = {}

    def of(self, rows: Sequence[Row], table_id: str, *columns: str) -> Sequence[object]:
        """Give ``keys_of`` for all rows of a table."""
        kept = self._kept.get((table_id, *columns))
        if kept is None:
            keys = keys_of(rows, *columns)
        elif kept[0] is rows:
            return kept[1]
        else:
            start, old_stop, stop = changed_span(kept[0], rows)
            keys = [*kept[1][:start], *keys_of(rows[start:stop], *columns), *kept[1][old_stop:]]
        self._kept[table_id, *columns] = rows, keys
        return keys
