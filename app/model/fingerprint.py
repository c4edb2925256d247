"""Canonical content and its fingerprint (校验码).

The same content has the same fingerprint on every PC: Unicode NFC, money in 元, normalised decimals,
sorted keys, rows by position.  No row ids, no times, no device.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping

from app.model.draft import Answers, Attachment, Draft, Path, Row, parse_path
from app.model.form import Form, Item
from app.model.value import Value, dump_value, load_value

ALGORITHM = "sha256"
CONTENT_VERSION = 1


def canonical_json(value: object) -> bytes:
    """Give sorted, compact UTF-8 JSON; the one form that is ever hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def canonical_content(draft: Draft) -> bytes:
    """Give what a draft says as canonical JSON bytes.

    Programme and form version, answers, reasons and attachment hashes; an empty part is left out by
    being empty, so that a missing and an empty table are the same.
    """
    answers = draft.answers
    content = {
        "content_version": CONTENT_VERSION,
        "programme": draft.programme_id,
        "form_version": draft.form_version,
        "values": _dump(answers.values),
        "tables": {
            table: [_dump(row.cells) for row in rows] for table, rows in answers.tables.items() if rows
        },
        "reasons": {_positional(key, answers): _nfc(text) for key, text in answers.reasons.items()},
        "previous": _dump(answers.previous),
        "previous_grade": _nfc(answers.previous_grade),
        "torch": _dump(answers.torch),
        "attachments": sorted(
            (
                {
                    "name": _nfc(one.name),
                    ALGORITHM: one.sha256,
                    "size": one.size,
                    "items": sorted(_positional_path(item, answers) for item in one.items),
                }
                for one in answers.attachments
            ),
            key=canonical_json,
        ),
    }
    return canonical_json(content)


def fingerprint(content: bytes) -> str:
    """Give ``sha256:<64 hex digits>`` over canonical content."""
    return f"{ALGORITHM}:{hashlib.sha256(content).hexdigest()}"


def draft_fingerprint(draft: Draft) -> str:
    """Give the fingerprint of a draft as it stands."""
    return fingerprint(canonical_content(draft))


def _dump(values: Mapping[str, Value]) -> dict[str, object]:
    return {key: dump_value(value) for key, value in values.items()}


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _positional(key: str, answers: Answers) -> str:
    code, _, path = key.partition("@")
    return f"{code}@{_positional_path(path, answers)}"


def _positional_path(text: str, answers: Answers) -> str:
    """Give a path with the row id replaced by the row's 1-based position."""
    try:
        path = parse_path(text)
    except ValueError:
        return text
    rows: tuple[Row, ...] = answers.tables.get(path.item, ())
    if not path.row:
        return text
    for position, row in enumerate(rows, 1):
        if row.id == path.row:
            return str(Path(path.item, f"#{position}", path.column))
    return text


def read_content(content: bytes, form: Form, draft_id: str) -> Draft:
    """Give the draft that a canonical content describes; rows get the ids ``r1``, ``r2``….

    ``canonical_content`` of the result gives the same bytes.  Raises ``ValueError`` or ``KeyError``
    where the content does not fit the form.
    """
    raw = json.loads(content)
    if raw["content_version"] != CONTENT_VERSION:
        raise ValueError(raw["content_version"])
    tables = {}
    for table_id, rows in raw["tables"].items():
        columns = {column.id: column for column in form.tables[table_id].columns}
        tables[table_id] = tuple(
            Row(f"r{position}", _load(cells, columns)) for position, cells in enumerate(rows, 1)
        )
    answers = Answers(
        values=_load(raw["values"], form.fields),
        tables=tables,
        reasons={_named(key): text for key, text in raw["reasons"].items()},
        previous=_load(raw["previous"], form.fields),
        previous_grade=raw["previous_grade"],
        torch=_load(raw["torch"], form.fields),
        attachments=tuple(
            Attachment(one["name"], one[ALGORITHM], one["size"], tuple(_named(item) for item in one["items"]))
            for one in raw["attachments"]
        ),
    )
    return Draft(draft_id, raw["programme"], raw["form_version"], answers)


def _load(raw: Mapping[str, object], items: Mapping[str, Item]) -> dict[str, Value]:
    values = {key: load_value(items[key].type, one) for key, one in raw.items()}
    return {key: value for key, value in values.items() if value is not None}


def _named(text: str) -> str:
    return text.replace("/#", "/r")
