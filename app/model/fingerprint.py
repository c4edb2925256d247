"""Canonical content and its fingerprint (校验码).

The same content has the same fingerprint on every PC: Unicode NFC, money in 元, normalised decimals,
sorted keys, rows by position (rows of derived tables by their fixed names).  No row ids, no times, no
device.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.model.draft import Answers, Attachment, Draft, Path, Row, parse_path
from app.model.form import Form, Item, Table
from app.model.form_changes import NO_CHANGES, dump_changes, load_changes, with_changes
from app.model.value import Value, dump_value, load_value

ALGORITHM = "sha256"
CONTENT_VERSION = 1


def canonical_json(value: object) -> bytes:
    """Give sorted, compact UTF-8 JSON; the one form that is ever hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def canonical_content(draft: Draft, form: Form) -> bytes:
    """Give what a draft says as canonical JSON bytes.

    ``form`` is the programme's or the report's own: what the clerk changed in it stands in the answers, and
    is part of the content only where there is any.

    Programme and form version, answers, reasons and attachment hashes; an empty part is left out by
    being empty, so that a missing and an empty table are the same.  Cells of a derived table's row
    stand under the row's name, for any of these rows may have none.  Reasons and links to rows that
    are gone say nothing and are left out.
    """
    answers = draft.answers
    places = _Places(answers, form)
    content: dict[str, object] = {
        "content_version": CONTENT_VERSION,
        "programme": draft.programme_id,
        "form_version": draft.form_version,
        "values": _dump(answers.values),
        "tables": _dump_tables(answers, form),
        "reasons": places.reasons(answers.reasons),
        "previous": _dump(answers.previous),
        "previous_grade": _nfc(answers.previous_grade),
        "torch": _dump(answers.torch),
        "attachments": sorted(
            (
                {
                    "name": _nfc(one.name),
                    ALGORITHM: one.sha256,
                    "size": one.size,
                    "items": sorted(places.items(one.items)),
                }
                for one in answers.attachments
            ),
            key=canonical_json,
        ),
    }
    if answers.form_changes:
        content["form_changes"] = dump_changes(answers.form_changes)
    return canonical_json(content)


def fingerprint(content: bytes) -> str:
    """Give ``sha256:<64 hex digits>`` over canonical content."""
    return f"{ALGORITHM}:{hashlib.sha256(content).hexdigest()}"


def draft_fingerprint(draft: Draft, form: Form) -> str:
    """Give the fingerprint of a draft as it stands."""
    return fingerprint(canonical_content(draft, form))


def _dump(values: Mapping[str, Value]) -> dict[str, object]:
    return {key: dump_value(value) for key, value in values.items()}


def _dump_tables(answers: Answers, form: Form) -> dict[str, object]:
    tables = {key: _dump_rows(form.tables.get(key), rows) for key, rows in answers.tables.items()}
    return {key: rows for key, rows in tables.items() if rows}


def _dump_rows(table: Table | None, rows: Sequence[Row]) -> object:
    if table is None or not table.derived:
        return [_dump(row.cells) for row in rows]
    names = {row.id for row in table.derived}
    return {row.id: _dump(row.cells) for row in rows if row.id in names and row.cells}


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


class _Places:
    """Paths as content writes them: a row's 1-based position (``#7``) in place of its id."""

    def __init__(self, answers: Answers, form: Form) -> None:
        self._tables = form.tables
        self._positions = {
            table_id: {row.id: position for position, row in enumerate(rows, 1)}
            for table_id, rows in answers.tables.items()
        }

    def reasons(self, reasons: Mapping[str, str]) -> dict[str, str]:
        """Give reasons by ``code@path``."""
        written = {}
        for key, text in reasons.items():
            code, at, path = key.partition("@")
            place = self._written(path)
            if place is not None:
                written[_nfc(code + at + place)] = _nfc(text)
        return written

    def items(self, items: Iterable[str]) -> list[str]:
        """Give what an attachment proves."""
        return [_nfc(place) for place in map(self._written, items) if place is not None]

    def _written(self, text: str) -> str | None:
        """Give a path as it is written; None where its row is gone."""
        path = _row_path(text, self._tables)
        if path is None or path.row in {row.id for row in self._tables[path.item].derived}:
            return text
        position = self._positions.get(path.item, {}).get(path.row)
        return None if position is None else str(Path(path.item, f"#{position}", path.column))


def _row_path(text: str, tables: Mapping[str, Table]) -> Path | None:
    """Give the path where a text names a row or cell of a table of the form."""
    try:
        path = parse_path(text)
    except ValueError:
        return None
    return path if path.row and path.item in tables else None


def read_content(content: bytes, form: Form, draft_id: str) -> Draft:
    """Give the draft that a canonical content describes; rows get the ids ``r1``, ``r2``….

    ``form`` is the programme's or a report's own: what counts is what the content says of it.

    ``canonical_content`` of the result gives the same bytes.  Raises ``ValueError`` or ``KeyError``
    where the content does not fit the form or is not canonical.
    """
    try:
        draft = _read(json.loads(content), form, draft_id)
        same = canonical_content(draft, form) == content
    except (AttributeError, RecursionError, TypeError) as error:
        raise ValueError("content of another shape") from error
    if not same:
        raise ValueError("content is not canonical")
    return draft


def _read(raw: dict[str, Any], form: Form, draft_id: str) -> Draft:
    if raw["content_version"] != CONTENT_VERSION:
        raise ValueError(raw["content_version"])
    changes = load_changes(raw["form_changes"]) if "form_changes" in raw else NO_CHANGES
    form = with_changes(form, changes)
    answers = Answers(
        values=_load(raw["values"], form.fields),
        tables={key: _load_rows(rows, form.tables[key]) for key, rows in raw["tables"].items()},
        reasons={_named_reason(key, form): text for key, text in raw["reasons"].items()},
        previous=_load(raw["previous"], form.fields),
        previous_grade=raw["previous_grade"],
        torch=_load(raw["torch"], form.fields),
        attachments=tuple(
            Attachment(
                one["name"], one[ALGORITHM], one["size"], tuple(_named(item, form) for item in one["items"])
            )
            for one in raw["attachments"]
        ),
        form_changes=changes,
    )
    return Draft(draft_id, raw["programme"], raw["form_version"], answers)


def _load(raw: Mapping[str, object], items: Mapping[str, Item]) -> dict[str, Value]:
    values = {key: load_value(items[key].type, one) for key, one in raw.items()}
    return {key: value for key, value in values.items() if value is not None}


def _load_rows(raw: Any, table: Table) -> tuple[Row, ...]:
    columns = {column.id: column for column in table.columns}
    if table.derived:
        return tuple(Row(row.id, _load(raw[row.id], columns)) for row in table.derived if row.id in raw)
    return tuple(Row(f"r{position}", _load(cells, columns)) for position, cells in enumerate(raw, 1))


def _named_reason(key: str, form: Form) -> str:
    code, at, path = key.partition("@")
    return code + at + _named(path, form)


def _named(text: str, form: Form) -> str:
    path = _row_path(text, form.tables)
    if path is None or not path.row.startswith("#"):
        return text
    return str(Path(path.item, f"r{path.row[1:]}", path.column))
