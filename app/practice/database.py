"""The rehearsal platform's memory: one SQLite file, safe against kill and power cut.

Every acknowledged change is committed with synchronous=FULL; a second platform on the same folder is
refused because the file is held exclusively.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import AppError

SCHEMA = """
create table if not exists settings (key text primary key, value text not null);
create table if not exists accounts (
    name text primary key, role text not null, unit text not null, label text not null,
    stages text not null, salt blob not null, hash blob not null);
create table if not exists sessions (
    token_hash text primary key, account text not null, expires_at text not null);
create table if not exists submissions (
    id text primary key, programme_id text not null, title text not null, fingerprint text not null,
    unit text not null, account text not null, state text not null, stage text not null default '',
    replaces text not null default '', request text not null, created_at text not null,
    received_at text, approved_at text, verification_code text not null default '',
    receipt blob, approval blob, report text not null default '');
create table if not exists idempotency (
    account text not null, key text not null, submission_id text not null, request text not null,
    primary key (account, key));
create table if not exists files (
    submission_id text not null, delivery_id text not null, name text not null, size integer not null,
    sha256 text not null, primary key (submission_id, delivery_id));
create table if not exists uploads (
    id text primary key, submission_id text not null, delivery_id text not null, part integer,
    length integer not null, position integer not null);
create unique index if not exists one_upload on uploads (submission_id, delivery_id, ifnull(part, -1));
create table if not exists history (
    submission_id text not null, number integer not null, kind text not null, stage text not null,
    at text not null, who text not null, reason text not null, marks text not null,
    primary key (submission_id, number));
create table if not exists review_drafts (
    submission_id text not null, account text not null, reason text not null, marks text not null,
    primary key (submission_id, account));
create table if not exists windows (
    programme_id text not null, stage text not null, opens text, closes text,
    primary key (programme_id, stage));
"""


def open_database(path: Path) -> sqlite3.Connection:
    """Open or create the file and hold it alone.

    Raises ``AppError("practice_in_use")`` if another platform holds it, ``AppError("practice_damaged")``
    if it is no database.
    """
    # the one event loop uses it; it may run in another thread than the one that opened it
    connection = sqlite3.connect(path, timeout=2, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        for statement in ("locking_mode = exclusive", "journal_mode = wal", "synchronous = full"):
            connection.execute(f"pragma {statement}")
        connection.executescript(SCHEMA)
    except sqlite3.OperationalError as error:
        connection.close()
        raise AppError("practice_in_use", folder=path.parent.name) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise AppError("practice_damaged", file=path.name) from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of the block or nothing; on leaving, it is on disk."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def read_setting(connection: sqlite3.Connection, key: str, default: str) -> str:
    """Give a stored setting or the default."""
    row = connection.execute("select value from settings where key = ?", (key,)).fetchone()
    return default if row is None else str(row["value"])


def write_setting(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Store a setting."""
    connection.execute("insert or replace into settings values (?, ?)", (key, value))
