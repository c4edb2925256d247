"""From head, document and journal rows to the state of a draft, every byte of it checked."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.model.edit import Working
from app.store import document as documents
from app.store.document import Document
from app.store.integrity import digest, sha256
from app.store.journal import JournalRow, decode, fold, good_rows, rows_after


class Head(NamedTuple):
    """The small row of a draft that changes with each edit."""

    id: str
    programme_id: str
    form_version: int
    title: str
    revision: int
    journal_seq: int
    journal_chain: str
    document_seq: int
    document_sha256: str
    document_chain: str
    hidden: str
    created_at: str
    updated_at: str
    digest: str

    @property
    def whole(self) -> bool:
        """Tell whether the row is as it was written."""
        return self.digest == digest(*self[:-1])

    def changed(self, **fields: Any) -> Head:
        """Give the head with fields changed and its digest renewed."""
        new = self._replace(**fields)
        return new._replace(digest=digest(*new[:-1]))


HEAD_COLUMNS = ", ".join(Head._fields)
_UPDATE = ", ".join(f"{name} = ?" for name in Head._fields)


class DamageError(Exception):
    """A part of a draft is not as it was written: ``head``, ``document`` or ``journal``."""

    def __init__(self, part: str, title: str = "") -> None:
        super().__init__(part, title)
        self.part = part
        self.title = title


@dataclass(frozen=True, slots=True)
class State:
    """A draft as stored, edits folded in; values are raw.  ``folded`` counts the edits."""

    head: Head
    document: Document
    folded: int


@dataclass(frozen=True, slots=True)
class Rest:
    """What could be saved of a damaged draft.  ``complete``: nothing of the content is missing."""

    document: Document
    title: str
    revision: int
    complete: bool


def read_head(connection: sqlite3.Connection, draft_id: str) -> Head | None:
    """Give the head of a draft unchecked, or None."""
    row = connection.execute(f"SELECT {HEAD_COLUMNS} FROM drafts WHERE id = ?", (draft_id,)).fetchone()
    return None if row is None else Head._make(row)


def write_head(connection: sqlite3.Connection, head: Head) -> None:
    """Store a changed head."""
    connection.execute(f"UPDATE drafts SET {_UPDATE} WHERE id = ?", (*head, head.id))


def read_parts(
    connection: sqlite3.Connection, head: Head
) -> tuple[tuple[str, bytes] | None, list[JournalRow]]:
    """Give the head's document (sha256, content), or None, and the journal rows behind it, unchecked."""
    found = connection.execute(
        "SELECT sha256, content FROM documents WHERE draft_id = ? AND seq = ?", (head.id, head.document_seq)
    ).fetchone()
    return found, rows_after(connection, head.id, head.document_seq)


def state(head: Head, found: tuple[str, bytes] | None, rows: list[JournalRow]) -> State:
    """Check all and fold the journal into the document; raises ``DamageError``."""
    if not head.whole:
        raise DamageError("head", head.title)
    if found is None or found[0] != head.document_sha256 or sha256(found[1]) != head.document_sha256:
        raise DamageError("document", head.title)
    last = rows[-1] if rows else None
    end = (last.seq, last.chain) if last else (head.document_seq, head.document_chain)
    if end != (head.journal_seq, head.journal_chain) or not _unbroken(head, rows):
        raise DamageError("journal", head.title)
    return State(head, _folded(documents.read(found[1]), rows), len(rows))


def _unbroken(head: Head, rows: list[JournalRow]) -> bool:
    return good_rows(rows, head.document_seq, head.document_chain) == len(rows)


def _folded(document: Document, rows: list[JournalRow]) -> Document:
    if not rows:
        return document
    work = Working(document.answers)
    extra = dict(document.extra)
    for row in rows:
        fold(work, extra, decode(row))
    return Document(document.draft_id, document.programme_id, document.form_version, work.result(), extra)


def rest_of(connection: sqlite3.Connection, draft_id: str) -> Rest | None:
    """Save what can be saved: the newest whole document with the journal up to its first broken row.

    None where no document is whole.
    """
    head = read_head(connection, draft_id)
    best: Rest | None = None
    found = connection.execute(
        "SELECT seq, revision, chain, sha256, content FROM documents WHERE draft_id = ? ORDER BY seq DESC",
        (draft_id,),
    ).fetchall()
    for seq, revision, chain, expected, content in found:
        if not isinstance(content, bytes) or sha256(content) != expected:
            continue
        rows = rows_after(connection, draft_id, seq)
        good = rows[: good_rows(rows, seq, chain)]
        reached = good[-1].revision if good else revision
        end = good[-1].chain if good else chain
        complete = head is not None and head.journal_chain == end
        if best is None or complete or reached > best.revision:
            document = _folded(documents.read(content), good)
            best = Rest(document, str(head.title) if head else "", reached, complete)
        if best.complete:
            break
    return best
