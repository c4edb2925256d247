"""A draft: one unit's answers to one programme.  Immutable; every edit gives a new value.

Paths name a field (``e03``), a table (``t1``), a row (``t1/r7``) or a cell (``t1/r7/name``).  Row ids
are permanent: they survive sorting, merging and the journey to another PC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.model.form_changes import NO_CHANGES, FormChanges
from app.model.value import Value


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: a permanent id and the present cells."""

    id: str
    cells: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An evidence file: its name as the clerk sees it, SHA-256 (hex), size in bytes, items it proves.

    ``items`` hold evidence kinds, field ids or row paths.
    """

    name: str
    sha256: str
    size: int
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Where something stands: field or table id, then row id, then column id."""

    item: str
    row: str = ""
    column: str = ""

    def __str__(self) -> str:
        """Give the written form, ``t1/r7/name``."""
        return "/".join(part for part in (self.item, self.row, self.column) if part)


def parse_path(text: str) -> Path:
    """Read a written path; raises ``ValueError`` for more than three parts or an empty one."""
    parts = text.split("/")
    if len(parts) > 3 or not all(parts):
        raise ValueError(text)
    return Path(*parts)


@dataclass(frozen=True, slots=True)
class Answers:
    """The filled-in content.  Mappings are never changed in place.

    ``reasons`` maps ``code@path`` to the written answer to a finding.  ``previous`` holds last year's
    values and ``torch`` the Torch annual report's, both stored like ``values`` (money in 元).
    ``form_changes``: what the clerk changed in this report's form.  ``unconfirmed``: fields (``e03``) and
    columns (``t1.name``) taken over from last year that somebody still has to confirm; it is no content.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, Value] = field(default_factory=dict)
    previous_grade: str = ""
    torch: Mapping[str, Value] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    form_changes: FormChanges = NO_CHANGES
    unconfirmed: frozenset[str] = frozenset()

    def get(self, path: Path) -> Value | None:
        """Give what stands at a field or cell, or None where nothing stands."""
        if not path.row:
            return self.values.get(path.item)
        for row in self.tables.get(path.item, ()):
            if row.id == path.row:
                return row.cells.get(path.column)
        return None


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers pinned to the form version they were filled for."""

    id: str
    programme_id: str
    form_version: int
    answers: Answers
    revision: int = 0


def with_value(answers: Answers, path: Path, value: Value | None) -> Answers:
    """Give answers with one field or cell set, or cleared for None.

    Raises ``KeyError`` where the path names a row that is not there.
    """
    if not path.row:
        return replace(answers, values=_changed(answers.values, path.item, value))
    rows = answers.tables.get(path.item, ())
    for index, row in enumerate(rows):
        if row.id == path.row:
            new = Row(row.id, _changed(row.cells, path.column, value))
            return with_rows(answers, path.item, (*rows[:index], new, *rows[index + 1 :]))
    raise KeyError(str(path))


def with_rows(answers: Answers, table_id: str, rows: tuple[Row, ...]) -> Answers:
    """Give answers with all rows of a table replaced."""
    return replace(answers, tables={**answers.tables, table_id: rows})


def with_reason(answers: Answers, key: str, text: str) -> Answers:
    """Give answers with the reason for ``code@path`` set, or taken back for an empty text."""
    reasons = {k: v for k, v in answers.reasons.items() if k != key}
    if text:
        reasons[key] = text
    return replace(answers, reasons=reasons)


def _changed(mapping: Mapping[str, Value], key: str, value: Value | None) -> Mapping[str, Value]:
    if value is None:
        return {k: v for k, v in mapping.items() if k != key}
    return {**mapping, key: value}
