"""Looks at everything that is stored, with no form: what is not as it was written?"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from app.errors import AppError
from app.store.chain import Chain
from app.store.database import Database
from app.store.events import EVENTS, all_snapshots, snapshot_is_whole
from app.store.integrity import digest
from app.store.journal import good_rows, rows_after
from app.store.outbox import ATTEMPTS, damaged_rows
from app.store.replay import HEAD_COLUMNS, DamageError, Head, read_parts, state


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it was written.

    ``part``: head, document, journal, events, snapshots, attempts, outbox, receipts, settings.  ``owner``:
    draft id; SHA-256 of the bundle for attempts and outbox; number of a receipt; key of a setting.
    """

    part: str
    owner: str


def audit(database: Database) -> tuple[Damage, ...]:
    """Check everything in the database: drafts with all that belongs to them, outbox, settings.

    Takes some 30 ms per draft of 5 MB.  Raises ``AppError("database_damaged")`` where SQLite itself
    cannot read the file.
    """
    found: list[Damage] = []
    with database.read() as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "drafts" not in tables:
            return ()
        for row in connection.execute(f"SELECT {HEAD_COLUMNS} FROM drafts").fetchall():
            found += audit_draft(connection, Head._make(row), records="events" in tables)
        if "attempts" in tables:
            for (owner,) in connection.execute("SELECT bundle_sha256 FROM outbox").fetchall():
                found += _audit_chain(connection, ATTEMPTS, "attempts", owner)
            found += [Damage(part, owner) for part, owner in damaged_rows(connection)]
        for key, value, expected in connection.execute("SELECT key, value, digest FROM settings"):
            if expected != digest(key, value):
                found.append(Damage("settings", str(key)))
    return tuple(found)


def audit_draft(connection: sqlite3.Connection, head: Head, *, records: bool = True) -> list[Damage]:
    """Check one draft; ``records`` false for a file of the first version, which has no events."""
    found: list[Damage] = []
    try:
        state(head, *read_parts(connection, head))
        rows = rows_after(connection, head.id, 0)
        if good_rows(rows, 0, head.id) != len(rows) or len(rows) != head.journal_seq:
            raise DamageError("journal", head.title)
    except DamageError as damage:
        found.append(Damage(damage.part, str(head.id)))
    if records:
        found += _audit_chain(connection, EVENTS, "events", head.id)
        if not all(map(snapshot_is_whole, all_snapshots(connection, head.id))):
            found.append(Damage("snapshots", str(head.id)))
    return found


def _audit_chain(connection: sqlite3.Connection, chain: Chain, part: str, owner: str) -> list[Damage]:
    try:
        chain.read(connection, owner)
    except AppError:
        return [Damage(part, str(owner))]
    return []
