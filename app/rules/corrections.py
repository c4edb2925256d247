"""What a corrected report says otherwise than the returned one: values, rows, reasons, files.

Two readings of one form are held against each other.  Rows that were kept have other ids in a sealed content
(its rows are numbered) than in the draft, so rows are told apart by what they say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.model.draft import Attachment, Path, Row, parse_path
from app.model.form import Table
from app.model.value import Value, dump_value
from app.rules.view import View

_MOST_PAIRS = 250_000
"""Comparisons of changed rows, each with each; beyond that they are paired in their order."""


class Subject(StrEnum):
    """What differs: a value, a row, last year's value or grade, Torch's value, a written reason, a file."""

    VALUE = "value"
    ROW = "row"
    PREVIOUS = "previous"
    TORCH = "torch"
    REASON = "reason"
    FILE = "file"
    GRADE = "grade"


class Kind(StrEnum):
    """What became of it: 改, 增, 删; a table whose rows stand in another order: 调整顺序."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Correction:
    """One difference.

    ``path`` leads to the place in the newer report (``e03``, ``t1/r7/name``, ``t1/r7``), for a removed row
    into the older one; a reason stands under its finding's ``code@path``, a file under its name.  ``row`` is
    the row's number, from 1, in the report that ``path`` leads into; 0 for what is in no row.
    """

    subject: Subject
    kind: Kind
    path: str
    before: Value | None = None
    after: Value | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class RowMatch:
    """The rows of a table in two readings: each row's place in the older and the newer one, or None."""

    pairs: tuple[tuple[int | None, int | None], ...]


def find_corrections(before: View, after: View) -> tuple[Correction, ...]:
    """Give all differences in the order of the form: fields and tables, then figures of comparison, reasons,
    files.

    Calculated items and derived tables are compared too: they are what the reviewer reads.
    """
    form = after.programme.form
    found: list[Correction] = []
    matches = {key: _match(form.tables[key], before.rows(key), after.rows(key)) for key in form.tables}
    for section in form.sections:
        for item in section.fields:
            found += _scalar(Subject.VALUE, item.id, before.values.get(item.id), after.values.get(item.id))
        for table_id in section.tables:
            rows = before.rows(table_id), after.rows(table_id)
            found += _table(form.tables[table_id], *rows, matches[table_id])
    for subject, was, now in (
        (Subject.PREVIOUS, before.previous, after.previous),
        (Subject.TORCH, before.torch, after.torch),
    ):
        for item_id in form.fields:
            found += _scalar(subject, item_id, was.get(item_id), now.get(item_id))
    found += _scalar(Subject.GRADE, "", before.answers.previous_grade, after.answers.previous_grade)
    found += _reasons(before, after, matches)
    found += _files(before.attachments, after.attachments)
    return tuple(found)


def match_rows(before: Sequence[Row], after: Sequence[Row]) -> RowMatch:
    """Find for each row the one it was before: equal rows first, wherever they stand, then the most alike.

    What is left between the same neighbours is paired in its order if it is as many rows: typed over in
    place.  Every row appears once: the newer ones in their order, then those that are gone.
    """
    equal: dict[object, deque[int]] = {}
    for was, row in enumerate(before):
        equal.setdefault(_said(row), deque()).append(was)
    taken: dict[int, int] = {}
    for now, row in enumerate(after):
        places = equal.get(_said(row))
        if places:
            taken[now] = places.popleft()
    gone = sorted(was for places in equal.values() for was in places)
    fresh = [now for now in range(len(after)) if now not in taken]
    taken.update(_alike(before, after, gone, fresh))
    taken.update(_typed_over(gone, fresh, taken))
    kept = set(taken.values())
    rows = [(taken.get(now), now) for now in range(len(after))]
    return RowMatch((*rows, *((was, None) for was in gone if was not in kept)))


def _match(table: Table, before: Sequence[Row], after: Sequence[Row]) -> RowMatch:
    if not table.derived:
        return match_rows(before, after)
    # rows of a derived table are the form's own: the name tells them apart
    old, new = ({row.id: at for at, row in enumerate(rows)} for rows in (before, after))
    gone = ((at, None) for name, at in old.items() if name not in new)
    return RowMatch((*((old.get(name), at) for name, at in new.items()), *gone))


def follow_path(written: str, before: View, after: View) -> str:
    """Give where a place of the older report is in the newer one.

    A place whose row is gone becomes its table; what names no row is left as it is.
    """
    try:
        path = parse_path(written)
    except ValueError:
        return written
    table = after.programme.form.tables.get(path.item)
    if not path.row or table is None:
        return written
    old, new = before.rows(path.item), after.rows(path.item)
    place = next((at for at, row in enumerate(old) if row.id == path.row), None)
    if place is None:
        return path.item
    for was, now in _match(table, old, new).pairs:
        if was == place and now is not None:
            return str(replace(path, row=new[now].id))
    return path.item


def _said(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, repr(dump_value(value))) for key, value in row.cells.items()))


def _alike(
    before: Sequence[Row], after: Sequence[Row], gone: Sequence[int], fresh: Sequence[int]
) -> dict[int, int]:
    """Pair what is left, newer row -> older one: most cells in common first, then the nearest."""
    if len(gone) * len(fresh) > _MOST_PAIRS:
        return dict(zip(fresh, gone, strict=False))
    likeness = [
        (-same, abs(was - now), was, now)
        for was in gone
        for now in fresh
        if (same := _in_common(before[was], after[now]))
    ]
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _, _, was, now in sorted(likeness):
        if now not in taken and was not in used:
            taken[now] = was
            used.add(was)
    return taken


def _typed_over(gone: Sequence[int], fresh: Sequence[int], taken: Mapping[int, int]) -> dict[int, int]:
    """Pair rows that have nothing in common but their place, newer row -> older one."""
    kept, removed = set(taken.values()), set(gone)
    left: dict[int, list[int]] = {}
    neighbour = -1
    for was in range(max(gone, default=-1) + 1):
        if was in kept:
            neighbour = was
        elif was in removed:
            left.setdefault(neighbour, []).append(was)
    came: dict[int, list[int]] = {}
    neighbour = -1
    for now in range(max(fresh, default=-1) + 1):
        if now in taken:
            neighbour = taken[now]
        else:
            came.setdefault(neighbour, []).append(now)
    pairs: dict[int, int] = {}
    for neighbour, rows in came.items():
        if len(left.get(neighbour, ())) == len(rows):
            pairs.update(zip(rows, left[neighbour], strict=True))
    return pairs


def _in_common(was: Row, now: Row) -> int:
    return sum(now.cells.get(key) == value for key, value in was.cells.items())


def _scalar(subject: Subject, path: str, was: Value | None, now: Value | None) -> Iterator[Correction]:
    # as content writes it: 1.0 is 1, and a text is the same in whichever Unicode form it was typed
    if dump_value(was) != dump_value(now):
        yield Correction(subject, _kind(was, now), path, was, now)


def _kind(was: object, now: object) -> Kind:
    if was is None or was == "":
        return Kind.ADDED
    return Kind.REMOVED if now is None or now == "" else Kind.CHANGED


def _table(
    table: Table, before: Sequence[Row], after: Sequence[Row], match: RowMatch
) -> Iterator[Correction]:
    stayed = [was for was, now in match.pairs if was is not None and now is not None]
    if stayed != sorted(stayed) and not table.derived:
        yield Correction(Subject.ROW, Kind.MOVED, table.id)
    for was, now in match.pairs:
        if now is None:
            assert was is not None
            path = str(Path(table.id, before[was].id))
            yield Correction(Subject.ROW, Kind.REMOVED, path, row=was + 1)
        elif was is None:
            yield Correction(Subject.ROW, Kind.ADDED, str(Path(table.id, after[now].id)), row=now + 1)
        else:
            old, new = before[was].cells, after[now].cells
            for column in sorted(old.keys() | new.keys()):
                path = str(Path(table.id, after[now].id, column))
                for one in _scalar(Subject.VALUE, path, old.get(column), new.get(column)):
                    yield replace(one, row=now + 1)


def _reasons(before: View, after: View, matches: Mapping[str, RowMatch]) -> Iterator[Correction]:
    moved = {
        (table_id, before.rows(table_id)[was].id): after.rows(table_id)[now].id
        for table_id, match in matches.items()
        for was, now in match.pairs
        if was is not None and now is not None
    }
    old = {_moved(key, moved): text for key, text in before.answers.reasons.items()}
    new = after.answers.reasons
    for key in sorted(old.keys() | new.keys()):
        yield from _scalar(Subject.REASON, key, old.get(key), new.get(key))


def _moved(key: str, moved: Mapping[tuple[str, str], str]) -> str:
    code, at, written = key.partition("@")
    try:
        path = parse_path(written)
    except ValueError:
        return key
    row = moved.get((path.item, path.row), path.row)
    return code + at + str(replace(path, row=row))


def _files(before: Sequence[Attachment], after: Sequence[Attachment]) -> Iterator[Correction]:
    """Give files that came, went or were replaced under the same name."""
    old, new = _by_name(before), _by_name(after)
    for name in (*new, *(name for name in old if name not in new)):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        kind = Kind.ADDED if was is None else Kind.REMOVED if now is None else Kind.CHANGED
        yield Correction(Subject.FILE, kind, name)


def _by_name(files: Sequence[Attachment]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for file in files:
        found[file.name] = tuple(sorted((*found.get(file.name, ()), file.sha256)))
    return found
