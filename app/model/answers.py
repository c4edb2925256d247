"""The Answers JSON document: how content comes in from files and goes out to them.

Numbers stand in the item's own unit (a 万元 item: 271.5), as JSON numbers or decimal strings; dates
ISO; choices by id or label.  What is no value of its item's type is kept as ``Invalid``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import PurePosixPath, PureWindowsPath

from app.errors import UsageError
from app.model.draft import Answers, Attachment, Row
from app.model.form import Form, Item, Table
from app.model.form_changes import NO_CHANGES, FormChanges, dump_changes, load_changes, with_changes
from app.model.value import (
    NUMBER_TYPES,
    Invalid,
    ItemType,
    Value,
    clean_text,
    in_unit,
    parse_value,
    plain_decimal,
)

MAX_DOCUMENT_BYTES = 64 << 20
_KEYS = frozenset(
    {"programme", "values", "tables", "reasons", "previous", "previous_grade", "torch", "attachments", "note"}
    | {"form_changes", "unconfirmed"}
)
_MAX_ID = 64


def read_document(content: bytes, name: str) -> Mapping[str, object]:
    """Parse JSON with exact decimals; broken encoding or JSON is a ``UsageError`` naming the place."""
    if len(content) > MAX_DOCUMENT_BYTES:
        raise UsageError("file_too_large", name=name, limit=MAX_DOCUMENT_BYTES >> 20)
    try:
        raw: object = json.loads(
            content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise UsageError("file_not_utf8", name=name) from error
    except json.JSONDecodeError as error:
        raise UsageError("json_broken", name=name, line=error.lineno, column=error.colno) from error
    except (RecursionError, ValueError, ArithmeticError) as error:
        raise UsageError("json_broken", name=name, line=1, column=1) from error
    if not isinstance(raw, dict):
        raise UsageError("json_not_an_object", name=name)
    return raw


def _refuse_constant(text: str) -> object:
    raise ValueError(text)


def read_answers(document: Mapping[str, object], form: Form, name: str) -> Answers:
    """Give the answers of a parsed document for this form.

    Attachments come with empty hash and size 0: the caller reads the files.  Unknown items, columns or
    parts raise ``UsageError`` naming the place; nothing else does.
    """
    for key in document:
        if key not in _KEYS:
            raise UsageError("unknown_part", name=name, place=_shown(key))
    changes = _read_changes(document.get("form_changes"), name)
    form = with_changes(form, changes)
    return Answers(
        values=read_values(document.get("values"), form, name, "values"),
        tables=_read_tables(document.get("tables"), form, name),
        reasons=_read_texts(document.get("reasons"), name, "reasons"),
        previous=read_values(document.get("previous"), form, name, "previous"),
        previous_grade=_read_text(document.get("previous_grade"), name, "previous_grade"),
        torch=read_values(document.get("torch"), form, name, "torch"),
        attachments=tuple(_read_attachments(document.get("attachments"), name)),
        form_changes=changes,
        unconfirmed=_read_addresses(document.get("unconfirmed"), form, name),
    )


def _read_changes(raw: object, name: str) -> FormChanges:
    if raw is None:
        return NO_CHANGES
    try:
        return load_changes(_object(raw, name, "form_changes"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError("wrong_shape", name=name, place="form_changes") from error


def _read_addresses(raw: object, form: Form, name: str) -> frozenset[str]:
    raw = [] if raw is None else raw
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise UsageError("wrong_shape", name=name, place="unconfirmed")
    known = {address for address, _ in form.items()}
    for one in raw:
        if one not in known:
            raise UsageError("unknown_item", name=name, place=f"unconfirmed.{_shown(one)}")
    return frozenset(raw)


def read_values(raw: object, form: Form, name: str, part: str) -> dict[str, Value]:
    """Read a mapping of field id -> value in the field's own unit; null means missing."""
    values: dict[str, Value] = {}
    for key, one in _object(raw, name, part).items():
        item = form.fields.get(key)
        if item is None:
            raise UsageError("unknown_item", name=name, place=f"{part}.{_shown(key)}")
        value = read_value(item, one, name, f"{part}.{key}")
        if value is not None and not (item.calculated and part == "values"):
            values[key] = value
    return values


def read_value(item: Item, raw: object, name: str, place: str) -> Value | None:
    """Read one JSON value for an item; objects and nested lists raise ``UsageError``."""
    if raw is None:
        return None
    if isinstance(raw, bool):
        return parse_value(item.type, "是" if raw else "否", item.unit, item.choices)
    if isinstance(raw, (int, Decimal)):
        if isinstance(raw, Decimal) and not -30 < raw.adjusted() < 30:
            return parse_value(item.type, str(raw), item.unit, item.choices)  # never a million digits
        return parse_value(item.type, plain_decimal(raw), item.unit, item.choices)
    if isinstance(raw, str):
        return parse_value(item.type, raw, item.unit, item.choices)
    if (
        isinstance(raw, list)
        and item.type is ItemType.MULTI_CHOICE
        and all(isinstance(one, str) for one in raw)
    ):
        return parse_value(item.type, "、".join(raw), item.unit, item.choices)
    raise UsageError("wrong_shape", name=name, place=place)


def _read_tables(raw: object, form: Form, name: str) -> dict[str, tuple[Row, ...]]:
    tables: dict[str, tuple[Row, ...]] = {}
    for table_id, rows in _object(raw, name, "tables").items():
        table = form.tables.get(table_id)
        if table is None:
            raise UsageError("unknown_table", name=name, place=f"tables.{_shown(table_id)}")
        if not isinstance(rows, list):
            raise UsageError("wrong_shape", name=name, place=f"tables.{table_id}")
        tables[table_id] = tuple(_read_rows(table, rows, name))
    return tables


def _read_rows(table: Table, rows: Iterable[object], name: str) -> Iterable[Row]:
    columns = {column.id: column for column in table.columns}
    seen: set[str] = set()
    for position, raw in enumerate(rows, 1):
        place = f"tables.{table.id}[{position}]"
        cells = dict(_object(raw, name, place))
        row_id = cells.pop("_id", f"r{position}")
        if (
            not isinstance(row_id, str)
            or not row_id
            or "/" in row_id
            or not row_id.isprintable()
            or len(row_id) > _MAX_ID
            or row_id in seen
        ):
            raise UsageError("bad_row_id", name=name, place=place)
        seen.add(row_id)
        values: dict[str, Value] = {}
        for column_id, one in cells.items():
            column = columns.get(column_id)
            if column is None:
                raise UsageError("unknown_column", name=name, place=f"{place}.{_shown(column_id)}")
            value = read_value(column, one, name, f"{place}.{column_id}")
            if value is not None and not column.calculated:
                values[column_id] = value
        yield Row(row_id, values)


def _read_attachments(raw: object, name: str) -> Iterable[Attachment]:
    if raw is None:
        return
    if not isinstance(raw, list):
        raise UsageError("wrong_shape", name=name, place="attachments")
    for position, one in enumerate(raw, 1):
        place = f"attachments[{position}]"
        entry = _object(one, name, place)
        for key in entry:
            if key not in ("file", "items"):
                raise UsageError("unknown_part", name=name, place=f"{place}.{_shown(key)}")
        file, items = _read_text(entry.get("file"), name, f"{place}.file"), entry.get("items")
        outside = any(
            path.is_absolute() or path.drive or ".." in path.parts
            for path in (PurePosixPath(file), PureWindowsPath(file))
        )
        if not file or outside:
            raise UsageError("wrong_shape", name=name, place=f"{place}.file")
        items = [] if items is None else items
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise UsageError("wrong_shape", name=name, place=f"{place}.items")
        yield Attachment(file, "", 0, tuple(clean_text(item) for item in items))


def _shown(key: str) -> str:
    """Give a key of a file as it can be shown: short, and without half characters."""
    return clean_text(key)[:_MAX_ID]


def _object(raw: object, name: str, place: str) -> Mapping[str, object]:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise UsageError("wrong_shape", name=name, place=place)
    return raw


def _read_texts(raw: object, name: str, part: str) -> dict[str, str]:
    return {
        clean_text(key): _read_text(text, name, f"{part}.{_shown(key)}")
        for key, text in _object(raw, name, part).items()
    }


def _read_text(raw: object, name: str, place: str) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise UsageError("wrong_shape", name=name, place=place)
    return clean_text(raw)


def write_answers(programme_id: str, answers: Answers, form: Form) -> dict[str, object]:
    """Give the JSON document of answers; ``read_answers`` of it gives equal answers."""
    more: dict[str, object] = {}
    if answers.form_changes:
        more["form_changes"] = dump_changes(answers.form_changes)
    if answers.unconfirmed:
        more["unconfirmed"] = sorted(answers.unconfirmed)
    form = with_changes(form, answers.form_changes)
    return {
        "programme": programme_id,
        "values": _write_values(answers.values, form.fields),
        "tables": {
            table_id: [
                {"_id": row.id, **_write_values(row.cells, {c.id: c for c in form.tables[table_id].columns})}
                for row in rows
            ]
            for table_id, rows in answers.tables.items()
            if table_id in form.tables
        },
        "reasons": dict(answers.reasons),
        "previous": _write_values(answers.previous, form.fields),
        "previous_grade": answers.previous_grade,
        "torch": _write_values(answers.torch, form.fields),
        "attachments": [{"file": one.name, "items": list(one.items)} for one in answers.attachments],
        **more,
    }


def _write_values(values: Mapping[str, Value], items: Mapping[str, Item]) -> dict[str, object]:
    return {key: write_value(items[key], value) for key, value in values.items() if key in items}


def write_value(item: Item, value: Value) -> object:
    """Give the JSON form of a value in the item's own unit (numbers as decimal strings)."""
    if isinstance(value, Invalid):
        return value.text
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)) and item.type in NUMBER_TYPES:
        return plain_decimal(in_unit(value, item.type, item.unit))
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
