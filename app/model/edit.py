"""One change of a draft as a value: applied, taken back, found between two states, stored in a journal.

Places (indexes) count from 0.  A table without rows stands nowhere: an edit that empties a table takes
its key away, and ``diff`` sees no difference between an absent and an empty table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from app.model.draft import Answers, Attachment, Path, Row, parse_path
from app.model.form_changes import NO_CHANGES, FormChanges
from app.model.order import standing
from app.model.value import Value

MOST_EDITS_OF_A_TABLE = 500
"""More changes than this in one table are written as one ``replace_rows``."""


class Operation(StrEnum):
    """The kinds of edits."""

    SET = "set"
    CLEAR = "clear"
    INSERT_ROW = "insert_row"
    DELETE_ROW = "delete_row"
    MOVE_ROW = "move_row"
    REPLACE_ROWS = "replace_rows"
    REASON = "reason"
    ATTACH = "attach"
    DETACH = "detach"
    PREVIOUS = "previous"
    TORCH = "torch"
    PREVIOUS_GRADE = "previous_grade"
    FORM = "form"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row and its place in the table."""

    row: Row
    index: int


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """An attachment and its place in the list of attachments."""

    file: Attachment
    index: int


Content: TypeAlias = Value | PlacedRow | PlacedFile | FormChanges | tuple[Row, ...] | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change with what stood there before.

    ``path`` by operation: a written path (``e03``, ``t1/r7/name``) for set and clear; ``t1/r7`` for
    insert_row, delete_row, move_row; the table for replace_rows; ``code@path`` for reason; ``file_key``
    for attach and detach; the item for previous and torch; an address (``e03``, ``t1.name``) for confirm;
    empty for previous_grade and form.

    ``before``/``after`` by operation: value or None (set, clear, previous, torch); ``PlacedRow`` or None
    (insert_row, delete_row); the place as a number (move_row); all rows (replace_rows); ``PlacedFile`` or
    None (attach, detach); a text, empty for none (reason, previous_grade); ``FormChanges`` (form); True
    where it waits to be confirmed, else None (confirm).
    """

    operation: Operation
    path: str
    before: Content = None
    after: Content = None


def file_key(file: Attachment) -> str:
    """Give what tells attachments of a draft apart: content and name."""
    return f"{file.sha256}/{file.name}"


def apply_edit(answers: Answers, edit: Edit) -> Answers:
    """Give answers with the edit done.

    Raises ``KeyError`` where the path names a row or file that is not there, or inserts one that is.
    """
    return apply_edits(answers, (edit,))


def apply_edits(answers: Answers, edits: Iterable[Edit]) -> Answers:
    """Give answers with all edits done in order; time grows with edits plus rows, not their product.

    Raises ``KeyError`` like ``apply_edit``.
    """
    work = Working(answers)
    for edit in edits:
        work.apply(edit)
    return work.result()


def invert(edit: Edit) -> Edit:
    """Give the edit that takes this one back: ``apply_edit(apply_edit(a, e), invert(e)) == a``."""
    return Edit(_inverted(edit), edit.path, edit.after, edit.before)


def _inverted(edit: Edit) -> Operation:
    match edit.operation:
        case Operation.SET | Operation.CLEAR:
            return Operation.CLEAR if edit.before is None else Operation.SET
        case Operation.INSERT_ROW:
            return Operation.DELETE_ROW
        case Operation.DELETE_ROW:
            return Operation.INSERT_ROW
        case Operation.ATTACH | Operation.DETACH:
            return Operation.DETACH if edit.before is None else Operation.ATTACH
        case other:
            return other


class _Rows:
    """A table being edited: order of ids and rows by id."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.order = [row.id for row in rows]
        self.by_id = {row.id: row for row in rows}

    def place(self, row_id: str, hint: int) -> int:
        if 0 <= hint < len(self.order) and self.order[hint] == row_id:
            return hint
        return self.order.index(row_id)

    def result(self) -> tuple[Row, ...]:
        return tuple(self.by_id[row_id] for row_id in self.order)


class Working:
    """A changeable copy of answers for many edits in a row.  The answers given stay as they are."""

    def __init__(self, answers: Answers) -> None:
        self._start = answers
        self._maps: dict[Operation, dict[str, Value]] = {}
        self._reasons: dict[str, str] | None = None
        self._tables: dict[str, _Rows] = {}
        self._files: dict[str, Attachment] | None = None
        self._grade = answers.previous_grade
        self._changes = answers.form_changes
        self._unconfirmed: set[str] | None = None

    def rows(self, table_id: str) -> Mapping[str, Row]:
        """Give the rows of a table by id as they stand now."""
        return self._table(table_id).by_id

    def apply(self, edit: Edit) -> None:
        """Do one edit; raises ``KeyError`` like ``apply_edit``."""
        match edit.operation:
            case Operation.SET | Operation.CLEAR:
                self._set(parse_path(edit.path), edit)
            case Operation.PREVIOUS | Operation.TORCH:
                _put(self._map(edit.operation), edit.path, edit.after)
            case Operation.REASON:
                _put_text(self._reason_map(), edit.path, edit.after)
            case Operation.PREVIOUS_GRADE:
                self._grade = edit.after if isinstance(edit.after, str) else ""
            case Operation.ATTACH | Operation.DETACH:
                self._place_file(edit)
            case Operation.FORM:
                self._changes = edit.after if isinstance(edit.after, FormChanges) else NO_CHANGES
            case Operation.CONFIRM:
                self._confirm(edit)
            case _:
                self._change_rows(edit)

    def result(self) -> Answers:
        """Give the answers as they stand now; what was not touched is the same object as before."""
        start = self._start
        tables = start.tables
        if self._tables:
            made = {**tables, **{key: rows.result() for key, rows in self._tables.items()}}
            tables = {key: rows for key, rows in made.items() if rows}
        return Answers(
            values=self._maps.get(Operation.SET, start.values),
            tables=tables,
            reasons=start.reasons if self._reasons is None else self._reasons,
            previous=self._maps.get(Operation.PREVIOUS, start.previous),
            previous_grade=self._grade,
            torch=self._maps.get(Operation.TORCH, start.torch),
            attachments=start.attachments if self._files is None else tuple(self._files.values()),
            form_changes=self._changes,
            unconfirmed=start.unconfirmed if self._unconfirmed is None else frozenset(self._unconfirmed),
        )

    def _confirm(self, edit: Edit) -> None:
        if self._unconfirmed is None:
            self._unconfirmed = set(self._start.unconfirmed)
        if edit.after is True:
            self._unconfirmed.add(edit.path)
        else:
            self._unconfirmed.discard(edit.path)

    def _map(self, operation: Operation) -> dict[str, Value]:
        if operation not in self._maps:
            source = {
                Operation.SET: self._start.values,
                Operation.PREVIOUS: self._start.previous,
                Operation.TORCH: self._start.torch,
            }[operation]
            self._maps[operation] = dict(source)
        return self._maps[operation]

    def _reason_map(self) -> dict[str, str]:
        if self._reasons is None:
            self._reasons = dict(self._start.reasons)
        return self._reasons

    def _table(self, table_id: str) -> _Rows:
        if table_id not in self._tables:
            self._tables[table_id] = _Rows(self._start.tables.get(table_id, ()))
        return self._tables[table_id]

    def _set(self, path: Path, edit: Edit) -> None:
        if not path.row:
            _put(self._map(Operation.SET), path.item, edit.after)
            return
        table = self._table(path.item)
        cells = dict(table.by_id[path.row].cells)
        _put(cells, path.column, edit.after)
        table.by_id[path.row] = Row(path.row, cells)

    def _change_rows(self, edit: Edit) -> None:
        path = parse_path(edit.path)
        table = self._table(path.item)
        if edit.operation is Operation.REPLACE_ROWS:
            rows = edit.after if isinstance(edit.after, tuple) else ()
            self._tables[path.item] = _Rows([row for row in rows if isinstance(row, Row)])
        elif edit.operation is Operation.INSERT_ROW and isinstance(edit.after, PlacedRow):
            if path.row in table.by_id:
                raise KeyError(edit.path)
            table.order.insert(edit.after.index, path.row)
            table.by_id[path.row] = edit.after.row
        elif path.row not in table.by_id:
            raise KeyError(edit.path)
        elif edit.operation is Operation.DELETE_ROW:
            hint = edit.before.index if isinstance(edit.before, PlacedRow) else -1
            del table.order[table.place(path.row, hint)]
            del table.by_id[path.row]
        elif edit.operation is Operation.MOVE_ROW and isinstance(edit.after, int):
            del table.order[table.place(path.row, edit.before if isinstance(edit.before, int) else -1)]
            table.order.insert(edit.after, path.row)
        else:
            raise ValueError(f"{edit.operation} {edit.path}")

    def _place_file(self, edit: Edit) -> None:
        if self._files is None:
            self._files = {file_key(file): file for file in self._start.attachments}
        if isinstance(edit.after, PlacedFile):
            if edit.path in self._files:
                self._files[edit.path] = edit.after.file
                return
            files = list(self._files.items())
            files.insert(edit.after.index, (edit.path, edit.after.file))
            self._files = dict(files)
        else:
            del self._files[edit.path]


def _put(mapping: dict[str, Value], key: str, value: Content) -> None:
    if value is None:
        mapping.pop(key, None)
    elif isinstance(value, (PlacedRow, PlacedFile, FormChanges)):
        raise ValueError(key)
    else:
        mapping[key] = value  # type: ignore[assignment]  # a tuple of rows never stands in set or clear


def _put_text(mapping: dict[str, str], key: str, text: Content) -> None:
    if isinstance(text, str) and text:
        mapping[key] = text
    else:
        mapping.pop(key, None)


def diff(old: Answers, new: Answers) -> tuple[Edit, ...]:
    """Give edits that lead from one state to the other: ``apply_edits(old, diff(old, new)) == new``.

    What is the same object is not looked into; so the cost is that of what was touched.  Rows are told
    apart by id.  A table with more than ``MOST_EDITS_OF_A_TABLE`` changes gives one ``replace_rows``.
    """
    edits: list[Edit] = []
    edits += _diff_values(old.values, new.values, "")
    if old.tables is not new.tables:
        for table_id in dict.fromkeys((*old.tables, *new.tables)):
            edits += _diff_table(table_id, old.tables.get(table_id, ()), new.tables.get(table_id, ()))
    if old.reasons is not new.reasons:
        for key in dict.fromkeys((*old.reasons, *new.reasons)):
            before, after = old.reasons.get(key, ""), new.reasons.get(key, "")
            if before != after:
                edits.append(Edit(Operation.REASON, key, before, after))
    for operation, was, now in (
        (Operation.PREVIOUS, old.previous, new.previous),
        (Operation.TORCH, old.torch, new.torch),
    ):
        edits += [replace(edit, operation=operation) for edit in _diff_values(was, now, "")]
    if old.previous_grade != new.previous_grade:
        edits.append(Edit(Operation.PREVIOUS_GRADE, "", old.previous_grade, new.previous_grade))
    if old.attachments is not new.attachments:
        edits += _diff_files(old.attachments, new.attachments)
    if old.form_changes != new.form_changes:
        edits.append(Edit(Operation.FORM, "", old.form_changes, new.form_changes))
    for address in sorted(old.unconfirmed ^ new.unconfirmed):
        waits = True if address in new.unconfirmed else None
        edits.append(Edit(Operation.CONFIRM, address, None if waits else True, waits))
    return tuple(edits)


def _same(left: Value | None, right: Value | None) -> bool:
    # True == 1 and 1 == Decimal(1), but they are written differently
    return left is right or (type(left) is type(right) and left == right)


def _diff_values(old: Mapping[str, Value], new: Mapping[str, Value], prefix: str) -> Iterator[Edit]:
    if old is new:
        return
    for key, value in old.items():
        if key not in new:
            yield Edit(Operation.CLEAR, prefix + key, value, None)
    for key, value in new.items():
        before = old.get(key)
        if not _same(before, value):
            yield Edit(Operation.SET, prefix + key, before, value)


def _diff_table(table_id: str, old: tuple[Row, ...], new: tuple[Row, ...]) -> list[Edit]:
    if old is new:
        return []
    edits: list[Edit] = []
    was = {row.id: row for row in old}
    steps = () if [row.id for row in old] == [row.id for row in new] else _diff_order(table_id, old, new)
    for step in steps:
        edits.append(step)
        if len(edits) > MOST_EDITS_OF_A_TABLE:
            return [Edit(Operation.REPLACE_ROWS, table_id, old, new)]
    for row in new:
        before = was.get(row.id, row)
        if before is not row:
            edits += _diff_values(before.cells, row.cells, f"{table_id}/{row.id}/")
            if len(edits) > MOST_EDITS_OF_A_TABLE:
                return [Edit(Operation.REPLACE_ROWS, table_id, old, new)]
    return edits


def _diff_order(table_id: str, old: tuple[Row, ...], new: tuple[Row, ...]) -> Iterator[Edit]:
    kept = {row.id for row in new}
    for index in range(len(old) - 1, -1, -1):
        if old[index].id not in kept:
            path = f"{table_id}/{old[index].id}"
            yield Edit(Operation.DELETE_ROW, path, PlacedRow(old[index], index), None)
    order = [row.id for row in old if row.id in kept]
    settled = standing(order, [row.id for row in new])
    present = set(order)
    for index, row in enumerate(new):
        if row.id in settled:
            continue
        path = f"{table_id}/{row.id}"
        before = order.index(row.id) if row.id in present else -1
        if before >= 0:
            del order[before]
        place = order.index(new[index - 1].id) + 1 if index else 0
        order.insert(place, row.id)
        if before < 0:
            yield Edit(Operation.INSERT_ROW, path, None, PlacedRow(row, place))
        elif before != place:
            yield Edit(Operation.MOVE_ROW, path, before, place)


def _diff_files(old: tuple[Attachment, ...], new: tuple[Attachment, ...]) -> Iterator[Edit]:
    kept = {file_key(file): file for file in new}
    order = [file_key(file) for file in old]
    was = {file_key(file): (file, place) for place, file in enumerate(old)}
    if [key for key in order if key in kept] != [key for key in kept if key in was]:
        kept = {}  # a new order: all are taken out and put in again
    for place in range(len(old) - 1, -1, -1):
        if order[place] not in kept:
            yield Edit(Operation.DETACH, order[place], PlacedFile(old[place], place), None)
    for place, file in enumerate(new):
        key = file_key(file)
        if key not in kept or key not in was:
            yield Edit(Operation.ATTACH, key, None, PlacedFile(file, place))
        elif was[key][0] != file:
            yield Edit(Operation.ATTACH, key, PlacedFile(was[key][0], place), PlacedFile(file, place))
