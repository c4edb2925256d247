"""The tables and their growth.  A migration, once released, is never changed; a new one is added."""

from __future__ import annotations

import sqlite_utils
from sqlite_utils import Migrations

MIGRATIONS = Migrations("shenbao")

_DRAFTS = """
CREATE TABLE drafts (
    id TEXT PRIMARY KEY,
    programme_id TEXT NOT NULL,
    form_version INTEGER NOT NULL,
    title TEXT NOT NULL,
    revision INTEGER NOT NULL,
    journal_seq INTEGER NOT NULL,
    journal_chain TEXT NOT NULL,
    document_seq INTEGER NOT NULL,
    document_sha256 TEXT NOT NULL,
    document_chain TEXT NOT NULL,
    hidden TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    draft_id TEXT NOT NULL REFERENCES drafts (id),
    seq INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    chain TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (draft_id, seq)
) STRICT;
CREATE TABLE journal (
    draft_id TEXT NOT NULL REFERENCES drafts (id),
    seq INTEGER NOT NULL,
    operation TEXT NOT NULL,
    path TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    undo_group TEXT NOT NULL,
    device TEXT NOT NULL,
    at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    chain TEXT NOT NULL,
    PRIMARY KEY (draft_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""

_RECORDS = """
CREATE TABLE events (
    owner TEXT NOT NULL REFERENCES drafts (id),
    seq INTEGER NOT NULL,
    content TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (owner, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshots (
    draft_id TEXT NOT NULL REFERENCES drafts (id),
    fingerprint TEXT NOT NULL,
    revision INTEGER NOT NULL,
    sealed_at TEXT NOT NULL,
    content BLOB NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (fingerprint, draft_id)
) STRICT;
CREATE TABLE outbox (
    bundle_sha256 TEXT PRIMARY KEY,
    draft_id TEXT NOT NULL REFERENCES drafts (id),
    fingerprint TEXT NOT NULL,
    bundle_path TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('pending', 'sending', 'received', 'returned', 'quarantined')),
    reason TEXT NOT NULL,
    alive_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE attempts (
    owner TEXT NOT NULL REFERENCES outbox (bundle_sha256),
    seq INTEGER NOT NULL,
    content TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (owner, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE chain_heads (
    chain TEXT NOT NULL,
    owner TEXT NOT NULL,
    length INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain, owner)
) STRICT, WITHOUT ROWID;
CREATE TABLE receipts (
    number TEXT PRIMARY KEY,
    bundle_sha256 TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    received_at TEXT NOT NULL,
    rehearsal INTEGER NOT NULL,
    document BLOB NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX receipts_by_bundle ON receipts (bundle_sha256)
"""


def _create(database: sqlite_utils.Database, statements: str) -> None:
    for statement in statements.split(";"):
        if statement.strip():
            database.execute(statement)


@MIGRATIONS()
def m001_drafts(database: sqlite_utils.Database) -> None:
    """Drafts: a small head row, whole documents, and the journal of edits."""
    _create(database, _DRAFTS)


@MIGRATIONS()
def m002_records(database: sqlite_utils.Database) -> None:
    """What happens after the seal: events, snapshots, outbox, attempts, receipts."""
    _create(database, _RECORDS)


KNOWN = frozenset({"m001_drafts", "m002_records"})
"""All migrations of this version; a file that has had others is of a newer one."""
