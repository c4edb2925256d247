"""The SQLite file: how it is opened, its transactions, and its errors as ``AppError``.

WAL and synchronous=FULL: what was committed survives a kill and a power cut.  Each operation is one
short transaction, so that the window and a command may use the file at the same time.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import sqlite_utils

from app.errors import AppError

FILE_NAME = "shenbao.db"
BUSY_SECONDS = 5.0
_WAL_TURNS = 50

_CODES = {
    sqlite3.SQLITE_BUSY: "database_locked",
    sqlite3.SQLITE_LOCKED: "database_locked",
    sqlite3.SQLITE_READONLY: "database_read_only",
    sqlite3.SQLITE_PERM: "database_read_only",
    sqlite3.SQLITE_CANTOPEN: "database_read_only",
    sqlite3.SQLITE_AUTH: "database_read_only",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_CORRUPT: "database_damaged",
    sqlite3.SQLITE_NOTADB: "database_damaged",
    sqlite3.SQLITE_SCHEMA: "database_damaged",
    sqlite3.SQLITE_IOERR: "disk_error",
}
_FULL_WHEN_MAPPING = sqlite3.SQLITE_IOERR_SHMSIZE
_SCHEMA_LOST = ("no such table", "no such column", "table ")
"""Beginnings of what SQLite says when a name in the schema has changed."""

_OS_CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EACCES: "folder_read_only",
    errno.EPERM: "folder_read_only",
    errno.EROFS: "folder_read_only",
    errno.ENOENT: "folder_unusable",
    errno.ENOTDIR: "folder_unusable",
    errno.EEXIST: "folder_unusable",
}


class Database:
    """One connection to one file, used from the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.utils = sqlite_utils.Database(
            connection, recursive_triggers=False, execute_plugins=False, strict=True
        )

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the last connection folds the WAL into it."""
        with translated(self.path):
            self.utils.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """See one unchanging state of the file for the length of the block.

        Raises ``AppError``: ``database_locked``, ``database_damaged``, ``disk_error``.
        """
        with translated(self.path):
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                self._roll_back()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Write all of the block durably, or nothing of it.

        Raises ``AppError``: ``database_locked``, ``database_read_only``, ``disk_full``,
        ``database_damaged``, ``disk_error``.
        """
        with translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            finally:
                self._roll_back()

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def quick_check(self) -> None:
        """Let SQLite look at the structure of the file; raises ``AppError("database_damaged")``."""
        with translated(self.path):
            found = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise AppError("database_damaged", file=self.path.name)


def open_database(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open or create a database file for reading and writing.

    Raises ``AppError``: ``database_locked``, ``database_read_only``, ``disk_full``, ``database_damaged``.
    """
    with translated(path):
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
        try:
            return _prepared(path, connection)
        except BaseException:
            connection.close()
            raise


def _prepared(path: Path, connection: sqlite3.Connection) -> Database:
    connection.text_factory = _decode
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    database = Database(path, connection)
    database.quick_check()
    # a file that may not be written is found now, not at the first edit
    with database.write():
        pass
    return database


def _use_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for this switch; two programs that create the file at once take turns here
    for _ in range(_WAL_TURNS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    connection.execute("PRAGMA journal_mode = WAL")


def open_frozen(path: Path) -> Database:
    """Open a finished file (a backup) for reading only, leaving no trace beside it.

    Raises ``AppError``: ``database_read_only`` where it cannot be read, ``database_damaged``.
    """
    with translated(path):
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        try:
            connection.text_factory = _decode
            database = Database(path, connection)
            database.quick_check()
        except BaseException:
            connection.close()
            raise
    return database


def _decode(raw: bytes) -> str:
    # a damaged text must reach the digest check, not stop the list of all drafts
    return raw.decode("utf-8", "surrogateescape")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of SQLite about the file into ``AppError``; errors of ours pass as they are."""
    try:
        yield
    except sqlite3.Error as error:
        extended = getattr(error, "sqlite_errorcode", 0)
        code = "disk_full" if extended == _FULL_WHEN_MAPPING else _CODES.get(extended & 0xFF, "")
        if extended == sqlite3.SQLITE_ERROR and str(error).startswith(_SCHEMA_LOST):
            code = "database_damaged"
        if not code:
            raise
        raise AppError(code, file=path.name) from error
    except UnicodeDecodeError as error:
        # stored texts are decoded leniently; this is a name or a statement in a damaged schema
        raise AppError("database_damaged", file=path.name) from error


@contextmanager
def translated_files(path: Path) -> Iterator[None]:
    """Turn errors while writing files into ``AppError``.

    Codes: ``disk_full``, ``folder_read_only``, ``folder_unusable``, ``disk_error``.
    """
    try:
        yield
    except OSError as error:
        raise AppError(_OS_CODES.get(error.errno or 0, "disk_error"), file=path.name) from error


def make_folder(folder: Path) -> None:
    """Create a folder with its parents; raises ``AppError`` like ``translated_files``."""
    with translated_files(folder):
        folder.mkdir(parents=True, exist_ok=True)


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk before its name counts."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring names of a folder to the disk; Windows has no such call and needs none after a rename."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
