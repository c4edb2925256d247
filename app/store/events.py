"""The record of what happened to a draft (办理记录) and its sealed revisions (定稿)."""

from __future__ import annotations

import builtins
import sqlite3
from dataclasses import replace
from typing import Any

from app.clock import Clock, parse_moment, to_beijing
from app.errors import AppError
from app.model.submission import Event, EventKind, EventSource, Snapshot
from app.store.chain import Chain, Link
from app.store.database import Database
from app.store.integrity import digest, sha256

EVENTS = Chain("events", "events_damaged")


class Events:
    """Events per draft, only ever added.  Database errors as in ``Drafts``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def append(self, draft_id: str, event: Event) -> Event:
        """Store an event and give it with ``recorded_at`` (UTC+8), ``previous_hash`` and ``hash``.

        ``hash`` is SHA-256 in hex over the canonical JSON of the event (without the two hashes) followed
        by ``previous_hash``; the first previous hash is the draft's id.  Raises
        ``AppError("draft_missing")``.
        """
        stamped = replace(event, at=to_beijing(event.at), recorded_at=to_beijing(self._clock()))
        with self._database.write() as connection:
            need_draft(connection, draft_id)
            link = EVENTS.append(connection, draft_id, _dump(stamped))
        return replace(stamped, previous_hash=link.previous_hash, hash=link.hash)

    def list(self, draft_id: str) -> tuple[Event, ...]:
        """Give the events in the order of recording, the chain checked.

        Raises ``AppError("events_damaged", owner, place)``.
        """
        with self._database.read() as connection:
            return tuple(_load(link) for link in EVENTS.read(connection, draft_id))


def need_draft(connection: sqlite3.Connection, draft_id: str) -> None:
    """Raise ``AppError("draft_missing")`` where there is no such draft."""
    if connection.execute("SELECT 1 FROM drafts WHERE id = ?", (draft_id,)).fetchone() is None:
        raise AppError("draft_missing", draft=draft_id)


def _dump(event: Event) -> dict[str, object]:
    return {
        "kind": event.kind.value,
        "at": event.at.isoformat(),
        "source": event.source.value,
        "who": event.who,
        "note": event.note,
        "fingerprint": event.fingerprint,
        "file": event.file,
        "params": dict(event.params),
        "recorded_at": None if event.recorded_at is None else event.recorded_at.isoformat(),
    }


def _load(link: Link) -> Event:
    raw = link.content
    return Event(
        kind=EventKind(raw["kind"]),
        at=parse_moment(raw["at"]),
        source=EventSource(raw["source"]),
        who=raw["who"],
        note=raw["note"],
        fingerprint=raw["fingerprint"],
        file=raw["file"],
        params=raw["params"],
        recorded_at=None if raw["recorded_at"] is None else parse_moment(raw["recorded_at"]),
        previous_hash=link.previous_hash,
        hash=link.hash,
    )


_SNAPSHOT = "draft_id, fingerprint, content, revision, sealed_at, digest"


class Snapshots:
    """Sealed revisions, checked against their fingerprint at every load."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, snapshot: Snapshot) -> None:
        """Store a sealed revision; storing the same one again changes nothing.

        Raises ``ValueError`` (our bug) where the fingerprint is not that of the content, and
        ``AppError("draft_missing")``.
        """
        if snapshot.fingerprint != f"sha256:{sha256(snapshot.content)}":
            raise ValueError(snapshot.fingerprint)
        sealed_at = to_beijing(snapshot.sealed_at).isoformat()
        fields = (snapshot.draft_id, snapshot.fingerprint, snapshot.revision, sealed_at)
        with self._database.write() as connection:
            need_draft(connection, snapshot.draft_id)
            connection.execute(
                "INSERT INTO snapshots (draft_id, fingerprint, revision, sealed_at, content, digest)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (*fields, snapshot.content, digest(*fields)),
            )

    def get(self, fingerprint: str) -> Snapshot:
        """Give a sealed revision.

        Raises ``AppError``: ``snapshot_missing``, ``snapshot_damaged`` (``fingerprint``).
        """
        with self._database.read() as connection:
            row = connection.execute(
                f"SELECT {_SNAPSHOT} FROM snapshots WHERE fingerprint = ?", (fingerprint,)
            ).fetchone()
        if row is None:
            raise AppError("snapshot_missing", fingerprint=fingerprint)
        return _checked(row)

    def list(self, draft_id: str) -> tuple[Snapshot, ...]:
        """Give the sealed revisions of a draft, oldest first; raises like ``get``."""
        with self._database.read() as connection:
            rows = all_snapshots(connection, draft_id)
        return tuple(_checked(row) for row in rows)


def all_snapshots(connection: sqlite3.Connection, draft_id: str) -> builtins.list[tuple[Any, ...]]:
    """Give the rows of a draft's sealed revisions, unchecked."""
    return connection.execute(
        f"SELECT {_SNAPSHOT} FROM snapshots WHERE draft_id = ? ORDER BY sealed_at, rowid", (draft_id,)
    ).fetchall()


def snapshot_is_whole(row: tuple[Any, ...]) -> bool:
    """Tell whether a row of ``all_snapshots`` is as it was written."""
    draft_id, fingerprint, content, revision, sealed_at, expected = row
    return (
        isinstance(content, bytes)
        and fingerprint == f"sha256:{sha256(content)}"
        and expected == digest(draft_id, fingerprint, revision, sealed_at)
    )


def _checked(row: tuple[Any, ...]) -> Snapshot:
    if not snapshot_is_whole(row):
        raise AppError("snapshot_damaged", fingerprint=str(row[1]))
    draft_id, fingerprint, content, revision, sealed_at, _ = row
    return Snapshot(draft_id, fingerprint, content, revision, parse_moment(sealed_at))
