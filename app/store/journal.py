"""The journal of edits: rows that are only ever added, each chained to the one before by SHA-256."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from app.clock import parse_moment
from app.model.draft import Row, parse_path
from app.model.edit import Content, Edit, Operation, PlacedFile, PlacedRow, Working
from app.model.form_changes import FormChanges, OwnField, dump_changes, load_changes
from app.model.value import Value, dump_value
from app.store.document import (
    Extra,
    Reader,
    dump_file,
    dump_row,
    load_file,
    load_row,
    raw_row,
)
from app.store.integrity import canonical, digest


class JournalRow(NamedTuple):
    """A row as stored, without the draft's id."""

    seq: int
    operation: str
    path: str
    before: str
    after: str
    undo_group: str
    device: str
    at: str
    revision: int
    chain: str


_COLUMNS = ", ".join(JournalRow._fields)
_INSERT = f"INSERT INTO journal (draft_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT = f"SELECT {_COLUMNS} FROM journal WHERE draft_id = ? AND seq > ? ORDER BY seq"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An edit as the journal holds it: who made it on which device, when (UTC+8), in which revision."""

    seq: int
    revision: int
    edit: Edit
    group: str
    device: str
    at: datetime


def link(previous: str, row: Sequence[object]) -> str:
    """Give the chained digest of a row: ``row`` is a ``JournalRow`` with or without its ``chain``."""
    return digest(previous, *row[: len(JournalRow._fields) - 1])


def add_rows(
    connection: sqlite3.Connection,
    draft_id: str,
    chain: str,
    rows: Iterable[tuple[int, str, str, str, str, str, str, str, int]],
) -> str:
    """Insert rows behind the one with this chain digest; give the digest of the last."""
    for row in rows:
        chain = link(chain, row)
        connection.execute(_INSERT, (draft_id, *row, chain))
    return chain


def rows_after(connection: sqlite3.Connection, draft_id: str, seq: int) -> list[JournalRow]:
    """Give the rows of a draft behind a place, in order."""
    return list(map(JournalRow._make, connection.execute(_SELECT, (draft_id, seq))))


def good_rows(rows: Sequence[JournalRow], seq: int, chain: str) -> int:
    """Count the leading rows that follow place and digest without gap or change."""
    for count, row in enumerate(rows):
        chain = link(chain, row)
        if row.seq != seq + count + 1 or row.chain != chain:
            return count
    return len(rows)


def encode(edit: Edit) -> tuple[str, str, str, str]:
    """Give operation, path, before and after as the journal stores them.

    Raises ``ValueError`` for an edit that could never be done: such a row would spoil the journal.
    """
    operation = edit.operation
    fits = _FITS.get(operation)
    if fits is not None and not fits(edit):
        raise ValueError(f"{operation} {edit.path}")
    return operation, edit.path, _text(operation, edit.before), _text(operation, edit.after)


def _is_cell_or_field(edit: Edit) -> bool:
    path = parse_path(edit.path)
    return bool(path.row) == bool(path.column)


def _is_row(edit: Edit) -> bool:
    path = parse_path(edit.path)
    return bool(path.row) and not path.column


_FITS: Mapping[Operation, Callable[[Edit], bool]] = {
    Operation.SET: _is_cell_or_field,
    Operation.CLEAR: _is_cell_or_field,
    Operation.INSERT_ROW: lambda edit: _is_row(edit) and isinstance(edit.after, PlacedRow),
    Operation.DELETE_ROW: lambda edit: _is_row(edit) and edit.after is None,
    Operation.MOVE_ROW: lambda edit: _is_row(edit) and isinstance(edit.after, int),
    Operation.REPLACE_ROWS: lambda edit: isinstance(edit.after, tuple) and isinstance(edit.before, tuple),
    Operation.ATTACH: lambda edit: isinstance(edit.after, PlacedFile),
    Operation.DETACH: lambda edit: edit.after is None,
    Operation.FORM: lambda edit: isinstance(edit.after, FormChanges) and isinstance(edit.before, FormChanges),
}


def _text(operation: Operation, content: Content) -> str:
    return canonical(_json(operation, content)).decode()


def _json(operation: Operation, content: Content) -> object:
    if isinstance(content, PlacedRow):
        return {"index": content.index, "row": dump_row(raw_row(content.row))}
    if isinstance(content, PlacedFile):
        return {"index": content.index, "file": dump_file(content.file)}
    if operation is Operation.MOVE_ROW:
        return content
    if isinstance(content, FormChanges):
        return dump_changes(content)
    if operation is Operation.REPLACE_ROWS and isinstance(content, tuple):
        return [dump_row(raw_row(row)) for row in content if isinstance(row, Row)]
    return dump_value(cast(Value | None, content))


def decode(row: JournalRow) -> Edit:
    """Give the edit with raw values."""
    operation = Operation(row.operation)
    return Edit(operation, row.path, _content(operation, row.before), _content(operation, row.after))


def _content(operation: Operation, text: str) -> Content:
    raw: Any = json.loads(text)
    if operation is Operation.REPLACE_ROWS:
        return tuple(map(load_row, raw))
    if raw is not None and operation in (Operation.INSERT_ROW, Operation.DELETE_ROW):
        return PlacedRow(load_row(raw["row"]), raw["index"])
    if raw is not None and operation in (Operation.ATTACH, Operation.DETACH):
        return PlacedFile(load_file(raw["file"]), raw["index"])
    if operation is Operation.FORM:
        return load_changes(raw)
    return cast(Content, raw)


def entry(row: JournalRow, reader: Reader) -> JournalEntry:
    """Give the row with values read by a form."""
    edit = decode(row)
    read = Edit(edit.operation, edit.path, _read(edit, edit.before, reader), _read(edit, edit.after, reader))
    return JournalEntry(row.seq, row.revision, read, row.undo_group, row.device, parse_moment(row.at))


def _read(edit: Edit, content: Content, reader: Reader) -> Content:
    match edit.operation:
        case Operation.SET | Operation.CLEAR:
            path = parse_path(edit.path)
            raw = cast(Value | None, content)
            return reader.cell(path.item, path.column, raw) if path.row else reader.field(path.item, raw)
        case Operation.PREVIOUS | Operation.TORCH:
            return reader.field(edit.path, cast(Value | None, content))
        case Operation.INSERT_ROW | Operation.DELETE_ROW if isinstance(content, PlacedRow):
            return PlacedRow(reader.row(parse_path(edit.path).item, content.row), content.index)
        case Operation.REPLACE_ROWS if isinstance(content, tuple):
            return tuple(reader.row(edit.path, row) for row in content if isinstance(row, Row))
        case _:
            return content


def own_fields(rows: Iterable[JournalRow]) -> dict[str, OwnField]:
    """Give every field that a clerk ever added, also those that are gone: undo may bring them back."""
    found: dict[str, OwnField] = {}
    for row in rows:
        if row.operation == Operation.FORM:
            edit = decode(row)
            for changes in (edit.before, edit.after):
                if isinstance(changes, FormChanges):
                    found.update((own.id, own) for own in changes.added)
    return found


def fold(work: Working, extra: Extra, edit: Edit) -> None:
    """Do a raw edit; cells that the editor never saw stay with their row, or in ``extra`` without it.

    An edit whose row or file is gone does nothing: two windows that write without looking at the
    revision may cross, and the journal still tells what was meant.
    """
    try:
        work.apply(_completed(work, extra, edit))
    except KeyError:
        return


def _completed(work: Working, extra: Extra, edit: Edit) -> Edit:
    if edit.operation is Operation.INSERT_ROW and isinstance(edit.after, PlacedRow):
        row = _with_hidden(edit.after.row, extra.pop(edit.path, {}))
        return Edit(edit.operation, edit.path, edit.before, PlacedRow(row, edit.after.index))
    if edit.operation is Operation.DELETE_ROW and isinstance(edit.before, PlacedRow):
        _put_aside(work, extra, edit.path, edit.before.row)
        return edit
    if edit.operation is Operation.REPLACE_ROWS:
        for seen in cast(tuple[Row, ...], edit.before):
            _put_aside(work, extra, f"{edit.path}/{seen.id}", seen)
        after = tuple(
            _with_hidden(row, extra.pop(f"{edit.path}/{row.id}", {}))
            for row in cast(tuple[Row, ...], edit.after)
        )
        return Edit(edit.operation, edit.path, edit.before, after)
    return edit


def _put_aside(work: Working, extra: Extra, path: str, seen: Row) -> None:
    table_id, _, row_id = path.partition("/")
    row = work.rows(table_id).get(row_id)
    hidden = {} if row is None else {k: v for k, v in row.cells.items() if k not in seen.cells}
    if hidden:
        extra[path] = hidden


def _with_hidden(row: Row, hidden: Any) -> Row:
    return Row(row.id, {**hidden, **row.cells}) if hidden else row
