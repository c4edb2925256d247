"""Drafts: created once, changed by journaled edits, never destroyed."""

from __future__ import annotations

import builtins
import gc
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from app.clock import Clock, format_moment, parse_moment
from app.errors import AppError
from app.model.draft import Draft
from app.model.edit import Edit
from app.model.form import Form
from app.model.form_changes import NO_CHANGES, with_changes
from app.store import document as documents
from app.store import replay
from app.store.database import Database
from app.store.document import Document, Reader
from app.store.integrity import sha256
from app.store.journal import JournalEntry, add_rows, encode, entry, good_rows, own_fields, rows_after
from app.store.replay import HEAD_COLUMNS, DamageError, Head, State

FormOf: TypeAlias = Callable[[str, int], Form]
"""Gives the form of a programme id and form version."""

LONG_JOURNAL = 500
"""With more edits than this behind its document, opening a draft writes a new document."""

KEPT_DOCUMENTS = 2
"""The newest document and the one before it, from which the journal leads to the same state."""

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHOWN = ""
ARCHIVED = "archived"
DELETED = "deleted"


def new_draft_id() -> str:
    """Give a new permanent id: 10 characters without look-alikes (no 0 O 1 I L U)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """A line of the list of drafts.  Moments in UTC+8.

    ``hidden`` is empty, ``archived`` or ``deleted``.  ``damaged``: the line itself is not to be trusted.
    """

    id: str
    programme_id: str
    title: str
    form_version: int
    revision: int
    created_at: datetime | None
    updated_at: datetime | None
    hidden: str = ""
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be saved of a damaged draft.  ``complete``: nothing of its content is missing."""

    draft: Draft
    title: str
    complete: bool


class Drafts:
    """The drafts of a store.

    Every method may raise ``AppError`` with ``database_locked``, ``database_read_only``, ``disk_full``,
    ``database_damaged`` or ``disk_error``; those that name a draft also ``draft_missing`` and
    ``draft_damaged`` (``draft``, ``title``, ``part``, ``backup``: file name of the newest backup in which
    the draft is whole, or empty).
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        device: str,
        good_backup: Callable[[str], Path | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._device = device
        self._good_backup = good_backup

    def create(self, draft: Draft, form: Form, title: str) -> None:
        """Store a new draft with all its answers.

        Raises ``ValueError`` (our bug) where a value is not of its item's type and would come back as
        another, and ``AppError("draft_exists")``.
        """
        wrong = documents.misfits(draft.answers, form)
        if wrong:
            raise ValueError(", ".join(wrong))
        content = documents.write(documents.document_of(draft))
        now = format_moment(self._clock())
        head = Head(
            draft.id, draft.programme_id, draft.form_version, title, draft.revision, 0, draft.id, 0,
            sha256(content), draft.id, _SHOWN, now, now, "",
        ).changed()  # fmt: skip
        with self._database.write() as connection:
            if replay.read_head(connection, draft.id) is not None:
                raise AppError("draft_exists", draft=draft.id)
            marks = ", ".join("?" * len(head))
            connection.execute(f"INSERT INTO drafts ({HEAD_COLUMNS}) VALUES ({marks})", head)
            _insert_document(connection, head, draft.id, draft.revision, content)

    def list(self, *, hidden: bool = False) -> builtins.list[DraftSummary]:
        """Give all drafts, newest change first; with ``hidden`` also archived and deleted ones.

        A damaged line is in the list, marked.
        """
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {HEAD_COLUMNS} FROM drafts").fetchall()
        heads = sorted(map(Head._make, rows), key=lambda head: (str(head.updated_at), str(head.id)))
        lines = [_summary(head) for head in reversed(heads)]
        return [line for line in lines if hidden or line.damaged or not line.hidden]

    def summary(self, draft_id: str) -> DraftSummary:
        """Give the line of one draft, hidden or not."""
        with self._database.read() as connection:
            return _summary(self._head(connection, draft_id))

    def get(self, draft_id: str, form_of: FormOf) -> Draft:
        """Give the draft: its document with the journal replayed, every byte checked.

        Items that the form does not know stay in the store and are not in the answers.  A long journal
        is folded into a new document on the way.
        """
        with _collecting_later():
            current = self._state(draft_id)
            if current.folded > LONG_JOURNAL:
                # reading must not fail because writing does
                with suppress(AppError):
                    self._write_document(current)
            head = current.head
            form = form_of(head.programme_id, head.form_version)
            raw = current.document.answers
            answers = Reader(with_changes(form, raw.form_changes)).answers(raw)
        return Draft(head.id, head.programme_id, head.form_version, answers, head.revision)

    def apply(
        self, draft_id: str, edits: Sequence[Edit], *, group: str, expected_revision: int | None = None
    ) -> int:
        """Append edits durably, all or none, and give the new revision.

        ``group`` ties edits that are undone together; it must not be used twice.  Repeating a call whose
        outcome was not learned is harmless: the same group with the same edits on the same revision is
        stored once.  Raises ``AppError("draft_changed_elsewhere", draft, revision)`` where
        ``expected_revision`` is given and is not the stored one; ``ValueError`` for an impossible edit.
        """
        encoded = [encode(edit) for edit in edits]
        now = format_moment(self._clock())
        with self._database.write() as connection:
            head = self._head(connection, draft_id)
            if expected_revision is not None and head.revision != expected_revision:
                if _is_repeated(connection, head, expected_revision, group, encoded):
                    return head.revision
                raise AppError("draft_changed_elsewhere", draft=draft_id, revision=head.revision)
            if not encoded:
                return head.revision
            revision = head.revision + 1
            rows = (
                (head.journal_seq + number, *texts, group, self._device, now, revision)
                for number, texts in enumerate(encoded, 1)
            )
            chain = add_rows(connection, draft_id, head.journal_chain, rows)
            seq = head.journal_seq + len(encoded)
            replay.write_head(
                connection,
                head.changed(revision=revision, journal_seq=seq, journal_chain=chain, updated_at=now),
            )
        return revision

    def history(self, draft_id: str, form: Form, *, after: int = 0) -> tuple[JournalEntry, ...]:
        """Give the edits behind place ``after`` of the journal in order, values read by the form.

        Raises ``AppError("draft_damaged")`` with part ``journal`` where a row is not as it was written.
        """
        with self._database.read() as connection:
            head = self._head(connection, draft_id)
            rows = rows_after(connection, draft_id, 0)
        whole = good_rows(rows, 0, draft_id) == len(rows) == head.journal_seq
        if not whole or (rows and rows[-1].chain != head.journal_chain):
            raise self._damaged(draft_id, DamageError("journal", head.title))
        changes = form.changes or NO_CHANGES
        added = {own.id: own for own in changes.added} | own_fields(rows)
        reader = Reader(with_changes(form, replace(changes, added=tuple(added.values()))))
        return tuple(entry(row, reader) for row in rows[after:])

    def checkpoint(self, draft_id: str) -> None:
        """Fold the journal into a new document; the journal stays."""
        current = self._state(draft_id)
        if current.folded:
            self._write_document(current)

    def rename(self, draft_id: str, title: str) -> None:
        """Give the draft another title."""
        self._change(draft_id, title=title)

    def pin(self, draft_id: str, form_version: int) -> None:
        """Move the draft to another version of its form; what that one does not know stays stored."""
        self._change(draft_id, form_version=form_version)

    def archive(self, draft_id: str) -> None:
        """Take the draft out of the list; nothing is destroyed."""
        self._change(draft_id, hidden=ARCHIVED)

    def delete(self, draft_id: str) -> None:
        """Mark the draft deleted; nothing is destroyed and ``restore`` brings it back."""
        self._change(draft_id, hidden=DELETED)

    def restore(self, draft_id: str) -> None:
        """Put an archived or deleted draft back into the list."""
        self._change(draft_id, hidden=_SHOWN)

    def salvage(self, draft_id: str, form_of: FormOf) -> Salvaged | None:
        """Save what can be saved of a damaged draft; None where no document of it is whole.

        An earlier document with the unbroken journal gives the very same content as a damaged newer one.
        Nothing is written: the caller stores the result as a new draft.
        """
        with self._database.read() as connection:
            rest = replay.rest_of(connection, draft_id)
        if rest is None:
            return None
        found = rest.document
        form = form_of(found.programme_id, found.form_version)
        reader = Reader(with_changes(form, found.answers.form_changes))
        answers = reader.answers(found.answers)
        draft = Draft(draft_id, found.programme_id, found.form_version, answers, rest.revision)
        return Salvaged(draft, rest.title, rest.complete)

    def _change(self, draft_id: str, **fields: Any) -> None:
        with self._database.write() as connection:
            head = self._head(connection, draft_id)
            now = format_moment(self._clock())
            replay.write_head(connection, head.changed(updated_at=now, **fields))

    def _head(self, connection: sqlite3.Connection, draft_id: str) -> Head:
        head = replay.read_head(connection, draft_id)
        if head is None:
            raise AppError("draft_missing", draft=draft_id)
        if not head.whole:
            raise self._damaged(draft_id, DamageError("head", str(head.title)))
        return head

    def _state(self, draft_id: str) -> State:
        with self._database.read() as connection:
            head = self._head(connection, draft_id)
            found, rows = replay.read_parts(connection, head)
        try:
            return replay.state(head, found, rows)
        except DamageError as damage:
            raise self._damaged(draft_id, damage) from damage

    def _write_document(self, current: State) -> None:
        head, made = current.head, current.document
        pinned = Document(head.id, head.programme_id, head.form_version, made.answers, made.extra)
        content = documents.write(pinned)
        with self._database.write() as connection:
            latest = self._head(connection, head.id)
            if latest.document_seq >= head.journal_seq:
                return
            _insert_document(connection, head, head.journal_chain, head.revision, content)
            (back,) = connection.execute(
                "SELECT content FROM documents WHERE draft_id = ? AND seq = ?", (head.id, head.journal_seq)
            ).fetchone()
            made_sha256 = sha256(content)
            if sha256(back) != made_sha256:
                raise AppError("disk_error", file=self._database.path.name)
            new = latest.changed(
                document_seq=head.journal_seq,
                document_sha256=made_sha256,
                document_chain=head.journal_chain,
            )
            replay.write_head(connection, new)
            connection.execute(
                "DELETE FROM documents WHERE draft_id = ? AND seq NOT IN"
                " (SELECT seq FROM documents WHERE draft_id = ? ORDER BY seq DESC LIMIT ?)",
                (head.id, head.id, KEPT_DOCUMENTS),
            )

    def _damaged(self, draft_id: str, damage: DamageError) -> AppError:
        backup = self._good_backup(draft_id)
        return AppError(
            "draft_damaged",
            draft=draft_id,
            title=damage.title,
            part=damage.part,
            backup=backup.name if backup else "",
        )


def _insert_document(
    connection: sqlite3.Connection, head: Head, chain: str, revision: int, content: bytes
) -> None:
    connection.execute(
        "INSERT INTO documents (draft_id, seq, revision, chain, sha256, content) VALUES (?, ?, ?, ?, ?, ?)",
        (head.id, head.journal_seq, revision, chain, sha256(content), content),
    )


def _is_repeated(
    connection: sqlite3.Connection,
    head: Head,
    expected: int,
    group: str,
    encoded: Sequence[tuple[str, str, str, str]],
) -> bool:
    if head.revision != expected + 1:
        return False
    rows = rows_after(connection, head.id, head.journal_seq - len(encoded))
    stored = [(row.operation, row.path, row.before, row.after) for row in rows]
    return stored == list(encoded) and all(
        row.undo_group == group and row.revision == head.revision for row in rows
    )


def _summary(head: Head) -> DraftSummary:
    if not head.whole:
        return DraftSummary(
            str(head.id), str(head.programme_id), str(head.title), 0, 0, None, None, damaged=True
        )
    return DraftSummary(
        head.id,
        head.programme_id,
        head.title,
        head.form_version,
        head.revision,
        parse_moment(head.created_at),
        parse_moment(head.updated_at),
        hidden=head.hidden,
    )


@contextmanager
def _collecting_later() -> Iterator[None]:
    # a large draft is some 100,000 new objects, all kept: looking for cycles among them costs a third
    # of the opening time and finds none
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
