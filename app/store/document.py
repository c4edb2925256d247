"""The whole of a draft as one canonical JSON document.

In the store answers are *raw*: an ``Answers`` whose values are still what ``dump_value`` gave.  Raw
answers need no form, so what a form does not know is kept, edits are folded and documents are written
without one.  ``typed`` reads raw answers with a form.

``extra`` keeps cells that no form showed, of rows that were deleted: ``table/row`` -> cells.  A row that
comes back (undo) gets them back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from app.model.draft import Answers, Attachment, Draft, Row
from app.model.form import Form, Item
from app.model.form_changes import NO_CHANGES, dump_changes, load_changes, with_changes
from app.model.value import TEXT_TYPES, Invalid, ItemType, Value, dump_value, load_value
from app.store.integrity import canonical

FORMAT = 1

Cells = Mapping[str, Value]
Extra = dict[str, Cells]
Convert = Callable[[Any], Value | None]


@dataclass(frozen=True, slots=True)
class Document:
    """Identity of the draft, its raw answers, and what no form shows."""

    draft_id: str
    programme_id: str
    form_version: int
    answers: Answers
    extra: Extra = field(default_factory=dict)


def raw_cells(cells: Cells) -> Cells:
    """Give cells as JSON holds them."""
    return cast(Cells, {key: dump_value(value) for key, value in cells.items()})


def raw_row(row: Row) -> Row:
    """Give a row with raw cells."""
    return Row(row.id, raw_cells(row.cells))


def raw_answers(answers: Answers) -> Answers:
    """Give answers with raw values; tables without rows are left out."""
    return Answers(
        values=raw_cells(answers.values),
        tables={key: tuple(map(raw_row, rows)) for key, rows in answers.tables.items() if rows},
        reasons=answers.reasons,
        previous=raw_cells(answers.previous),
        previous_grade=answers.previous_grade,
        torch=raw_cells(answers.torch),
        attachments=answers.attachments,
        form_changes=answers.form_changes,
        unconfirmed=answers.unconfirmed,
    )


def document_of(draft: Draft) -> Document:
    """Give the document of a draft as it stands."""
    return Document(draft.id, draft.programme_id, draft.form_version, raw_answers(draft.answers))


def write(document: Document) -> bytes:
    """Give the document as canonical JSON in UTF-8."""
    answers = document.answers
    more: dict[str, object] = {}
    if answers.form_changes:
        more["form_changes"] = dump_changes(answers.form_changes)
    if answers.unconfirmed:
        more["unconfirmed"] = sorted(answers.unconfirmed)
    return canonical(
        {
            "format": FORMAT,
            "draft": document.draft_id,
            "programme": document.programme_id,
            "form_version": document.form_version,
            "extra": document.extra,
            "answers": {
                "values": answers.values,
                "tables": {key: [dump_row(row) for row in rows] for key, rows in answers.tables.items()},
                "reasons": answers.reasons,
                "previous": answers.previous,
                "previous_grade": answers.previous_grade,
                "torch": answers.torch,
                "attachments": [dump_file(file) for file in answers.attachments],
                **more,
            },
        }
    )


def read(content: bytes) -> Document:
    """Read what ``write`` gave; the content was checked against its SHA-256 before."""
    whole = json.loads(content)
    answers = whole["answers"]
    return Document(
        whole["draft"],
        whole["programme"],
        whole["form_version"],
        Answers(
            values=answers["values"],
            tables={key: tuple(map(load_row, rows)) for key, rows in answers["tables"].items()},
            reasons=answers["reasons"],
            previous=answers["previous"],
            previous_grade=answers["previous_grade"],
            torch=answers["torch"],
            attachments=tuple(map(load_file, answers["attachments"])),
            form_changes=load_changes(answers["form_changes"]) if "form_changes" in answers else NO_CHANGES,
            unconfirmed=frozenset(answers.get("unconfirmed", ())),
        ),
        whole["extra"],
    )


def dump_row(row: Row) -> dict[str, object]:
    """Give the JSON form of a raw row."""
    return {"id": row.id, "cells": row.cells}


def load_row(raw: Mapping[str, Any]) -> Row:
    """Read what ``dump_row`` gave; the cells stay raw."""
    return Row(raw["id"], raw["cells"])


def dump_file(file: Attachment) -> dict[str, object]:
    """Give the JSON form of an attachment."""
    return {"name": file.name, "sha256": file.sha256, "size": file.size, "items": list(file.items)}


def load_file(raw: Mapping[str, Any]) -> Attachment:
    """Read what ``dump_file`` gave."""
    return Attachment(raw["name"], raw["sha256"], raw["size"], tuple(raw["items"]))


class Reader:
    """Reads raw values with a form.  Equal numbers and dates of a column become one object.

    What the form does not know is left out.  A raw value that does not fit its item's type (a document
    of another form version) is read as ``Invalid`` with its text: it is a finding, never lost.
    """

    def __init__(self, form: Form) -> None:
        self._fields = {key: _converter(item) for key, item in form.fields.items()}
        self._columns = {
            table.id: {column.id: _converter(column) for column in table.columns}
            for table in form.tables.values()
        }

    def field(self, item_id: str, raw: Value | None) -> Value | None:
        """Read the value of a field; None where the form has no such field."""
        convert = self._fields.get(item_id)
        return None if convert is None else convert(raw)

    def cell(self, table_id: str, column_id: str, raw: Value | None) -> Value | None:
        """Read the value of a cell; None where the form has no such column."""
        convert = self._columns.get(table_id, {}).get(column_id)
        return None if convert is None else convert(raw)

    def fields(self, raw: Cells) -> Cells:
        """Read a mapping of field ids."""
        return _read(raw, self._fields)

    def row(self, table_id: str, row: Row) -> Row:
        """Read a row of a table."""
        return Row(row.id, _read(row.cells, self._columns.get(table_id, {})))

    def answers(self, raw: Answers) -> Answers:
        """Read all; tables that the form does not know are left out."""
        tables: dict[str, tuple[Row, ...]] = {}
        for table_id, rows in raw.tables.items():
            columns = self._columns.get(table_id)
            if columns is not None:
                tables[table_id] = tuple([Row(row.id, _read(row.cells, columns)) for row in rows])
        return Answers(
            values=self.fields(raw.values),
            tables=tables,
            reasons=raw.reasons,
            previous=self.fields(raw.previous),
            previous_grade=raw.previous_grade,
            torch=self.fields(raw.torch),
            attachments=raw.attachments,
            form_changes=raw.form_changes,
            unconfirmed=raw.unconfirmed,
        )


def _read(raw: Cells, converters: Mapping[str, Convert]) -> Cells:
    cells: dict[str, Value] = {}
    for key, content in raw.items():
        convert = converters.get(key)
        if convert is not None:
            value = convert(content)
            if value is not None:
                cells[key] = value
    return cells


def _converter(item: Item) -> Convert:
    kind = item.type
    if kind in TEXT_TYPES or kind in (ItemType.CHOICE, ItemType.YES_NO, ItemType.MULTI_CHOICE):

        def convert_text(raw: Any) -> Value | None:
            return raw if type(raw) is str else _load(kind, raw)

        return convert_text
    seen: dict[str, Value | None] = {}

    def convert(raw: Any) -> Value | None:
        if type(raw) is not str:
            return _load(kind, raw)
        if raw in seen:
            return seen[raw]
        value = seen[raw] = _load(kind, raw)
        return value

    return convert


def _load(kind: ItemType, raw: object) -> Value | None:
    try:
        return load_value(kind, raw)
    except ValueError:
        return Invalid(str(raw))


def misfits(answers: Answers, form: Form) -> tuple[str, ...]:
    """Name the places whose value would not be read back as it is: values of a type not their item's."""
    reader = Reader(with_changes(form, answers.form_changes))
    found = [key for key, value in answers.values.items() if _misfits(value, reader.field(key, _raw(value)))]
    for table_id, rows in answers.tables.items():
        for row in rows:
            for key, value in row.cells.items():
                if _misfits(value, reader.cell(table_id, key, _raw(value))):
                    found.append(f"{table_id}/{row.id}/{key}")
    return tuple(found)


def _raw(value: Value) -> Value:
    return cast(Value, dump_value(value))


def _misfits(value: Value, back: Value | None) -> bool:
    if back is None:  # not known to the form: kept as it is
        return False
    if isinstance(value, (int, Decimal, date)) and not isinstance(back, type(value)):
        return isinstance(value, (bool, date)) or not isinstance(back, (int, Decimal))
    return dump_value(value) != dump_value(back)
