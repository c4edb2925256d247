"""How a table's rows differ from before, told by identity: what did not change is the same object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import is_

from app.model.draft import Row


@dataclass(frozen=True, slots=True)
class TableChange:
    """How a table differs from before.

    ``rows``: those that are changed or new.  ``columns``: whose cells differ.  ``reshaped``: rows came, went
    or moved; ``columns`` then is ``*`` alone.
    """

    rows: tuple[Row, ...]
    columns: frozenset[str]
    reshaped: bool


def changed_span(old: Sequence[Row], new: Sequence[Row]) -> tuple[int, int, int]:
    """Give where rows begin to differ, and where they stop to differ in the old and in the new ones.

    Outside of that all rows are the same objects in the same order.
    """
    # One byte a pair of rows, 1 where they are the same: the quickest way to look at thousands
    shorter = min(len(old), len(new))
    same = bytes(map(is_, old, new))
    start = same.find(0)
    if start < 0:
        return shorter, len(old), len(new)
    if len(old) == len(new):
        stop = same.rfind(0) + 1
        return start, stop, stop
    tail = bytes(map(is_, reversed(old), reversed(new))).find(0)
    tail = shorter - start if tail < 0 else min(tail, shorter - start)
    return start, len(old) - tail, len(new) - tail


def compare_rows(old: Sequence[Row], new: Sequence[Row]) -> TableChange:
    """Say how the rows of a table differ."""
    start, old_stop, stop = changed_span(old, new)
    before, after = old[start:old_stop], new[start:stop]
    if len(before) == len(after):
        pairs = [(was, now) for was, now in zip(before, after, strict=True) if was is not now]
        if all(was.id == now.id for was, now in pairs):
            columns: set[str] = set()
            for was, now in pairs:
                columns.update(key for key, value in now.cells.items() if was.cells.get(key) is not value)
                columns.update(was.cells.keys() - now.cells.keys())
            return TableChange(tuple(now for _, now in pairs), frozenset(columns), reshaped=False)
    known = set(map(id, before))
    rows = tuple(row for row in after if id(row) not in known)
    return TableChange(rows, frozenset({"*"}), reshaped=True)
