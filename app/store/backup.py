"""Checked copies of the database, and which of them to keep.

A copy counts as *verified* when it was opened after writing and every draft in it was whole; that is
recorded beside it with its SHA-256.  Attachments are not in it: they are files that never change.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path

from app.clock import Clock, format_moment, parse_moment, to_beijing
from app.errors import AppError
from app.store.audit import audit, audit_draft
from app.store.database import (
    Database,
    make_folder,
    open_frozen,
    sync_file,
    sync_folder,
    translated,
    translated_files,
)
from app.store.integrity import canonical
from app.store.replay import read_head

FOLDER = "backups"
REGULAR = "regular"
BEFORE_MIGRATION = "before-migration"

KEEP_ALL = timedelta(days=2)
KEEP_DAYS = 12
KEEP_WEEKS = 10
KEEP_MONTHS = 9
APART = timedelta(minutes=30)

_NAME = re.compile(r"shenbao-\d{8}-\d{6}-[0-9a-f]{4}-(?P<kind>[a-z-]+)\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: where, when made (UTC+8), why (``regular``, ``before-migration``), size in bytes.

    ``verified`` as recorded when it was made; ``check`` looks again.
    """

    path: Path
    made_at: datetime
    kind: str
    size: int
    verified: bool


def make(database: Database, to: Path, *, clock: Clock, kind: str = REGULAR) -> Backup:
    """Copy the database to a file, checked, on the disk before it has its name.

    A file already there is replaced only by a whole copy.  A store with a damaged draft is copied too
    (better than nothing) but not recorded as verified.  Raises ``AppError``: ``backup_failed`` (``file``)
    where the copy cannot be read back, ``disk_full``, ``folder_read_only``, ``disk_error``,
    ``database_damaged``, ``database_locked``.
    """
    database.quick_check()
    make_folder(to.parent)
    temporary = to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")
    try:
        _copy(database, temporary)
        whole = _is_whole(temporary, to)
        with translated_files(to):
            sync_file(temporary)
            made = to_beijing(clock())
            with temporary.open("rb") as file:
                sha256 = file_digest(file, "sha256").hexdigest()
            note = {"made_at": format_moment(made), "kind": kind, "sha256": sha256, "verified": whole}
            # the note goes first: a note without a file is no backup, a file without one is not verified
            _write_note(to, canonical(note))
            temporary.replace(to)
            sync_folder(to.parent)
            return Backup(to, parse_moment(format_moment(made)), kind, to.stat().st_size, whole)
    finally:
        for leftover in (temporary, _side(temporary, "-journal"), _side(temporary, "-wal")):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)


def make_in(database: Database, folder: Path, *, clock: Clock, kind: str = REGULAR) -> Backup:
    """Make a backup in the store's own folder of backups under a name of its moment; raises like ``make``."""
    # two programs may do so in the same second
    name = f"shenbao-{to_beijing(clock()):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}-{kind}.db"
    return make(database, folder / name, clock=clock, kind=kind)


def due(folder: Path, *, clock: Clock) -> bool:
    """Tell whether the newest backup is half an hour old or from the future, or there is none."""
    newest = max((backup.made_at for backup in list_backups(folder)), default=None)
    return newest is None or not timedelta(0) <= to_beijing(clock()) - newest < APART


def list_backups(folder: Path) -> tuple[Backup, ...]:
    """Give the backups of a folder, newest first; files of other names are not looked at."""
    found: list[Backup] = []
    for path in folder.glob("shenbao-*.db"):
        # another program may thin the folder out meanwhile
        with suppress(FileNotFoundError):
            if _NAME.fullmatch(path.name):
                found.append(_described(path))
    return tuple(sorted(found, key=lambda backup: (backup.made_at, backup.path.name), reverse=True))


def check(path: Path) -> bool:
    """Look again at a backup: is it byte for byte as written, readable, and every draft in it whole?"""
    note = _read_note(path)
    try:
        with path.open("rb") as file:
            if note.get("sha256") != file_digest(file, "sha256").hexdigest():
                return False
        with open_frozen(path) as copy:
            return not audit(copy)
    except (OSError, AppError):
        return False


def newest_good_of(folder: Path, draft_id: str) -> Path | None:
    """Give the newest backup in which this draft is whole, or None."""
    for backup in list_backups(folder):
        with suppress(AppError), open_frozen(backup.path) as copy, copy.read() as connection:
            head = read_head(connection, draft_id)
            if head is not None and not audit_draft(connection, head, records=False):
                return backup.path
    return None


def surplus(backups: Sequence[Backup], now: datetime) -> tuple[Backup, ...]:
    """Say which backups the keeping rule lets go: all of 2 days, then 12 daily, 10 weekly, 9 monthly.

    The newest of a day, week or month stands for it; a verified one before one that is not.  Backups
    before a migration and those from the future stay.
    """
    ranked = sorted(backups, key=lambda backup: (backup.verified, backup.made_at), reverse=True)
    old = [backup for backup in ranked if backup.kind == REGULAR and now - backup.made_at > KEEP_ALL]
    kept: set[Path] = set()
    for form, count in (("%Y%m%d", KEEP_DAYS), ("%G%V", KEEP_WEEKS), ("%Y%m", KEEP_MONTHS)):
        spans: dict[str, Backup] = {}
        for backup in old:
            spans.setdefault(to_beijing(backup.made_at).strftime(form), backup)
        kept.update(spans[name].path for name in sorted(spans, reverse=True)[:count])
    return tuple(backup for backup in old if backup.path not in kept)


def thin(folder: Path, *, clock: Clock) -> tuple[Backup, ...]:
    """Delete what the keeping rule lets go, and give it; never the newest that is found whole now.

    Where no backup is whole any more nothing is deleted.  Raises ``AppError`` like ``make_folder``.
    """
    backups = list_backups(folder)
    gone = surplus(backups, to_beijing(clock()))
    if not gone:
        return ()
    safe = _newest_whole(backups)
    if safe is None:
        return ()
    gone = tuple(backup for backup in gone if backup.path != safe)
    for backup in gone:
        with translated_files(backup.path):
            backup.path.unlink(missing_ok=True)
            _side(backup.path, ".json").unlink(missing_ok=True)
    return gone


def _newest_whole(backups: Iterable[Backup]) -> Path | None:
    return next((backup.path for backup in backups if backup.verified and check(backup.path)), None)


def _copy(database: Database, temporary: Path) -> None:
    with translated_files(temporary):
        temporary.unlink(missing_ok=True)
    with translated(temporary), closing(sqlite3.connect(temporary, isolation_level=None)) as target:
        database.connection.backup(target)
        # a single file that can be opened without leaving others beside it
        target.execute("PRAGMA journal_mode = DELETE")


def _is_whole(temporary: Path, to: Path) -> bool:
    try:
        with open_frozen(temporary) as copy:
            return not audit(copy)
    except AppError as error:
        raise AppError("backup_failed", file=to.name) from error


def _side(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _write_note(path: Path, content: bytes) -> None:
    note = _side(path, ".json")
    temporary = _side(note, ".part")
    temporary.write_bytes(content)
    sync_file(temporary)
    temporary.replace(note)


def _read_note(path: Path) -> dict[str, object]:
    try:
        note = json.loads(_side(path, ".json").read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _described(path: Path) -> Backup:
    note = _read_note(path)
    status = path.stat()
    match = _NAME.fullmatch(path.name)
    kind = match["kind"] if match else REGULAR
    made_at = to_beijing(datetime.fromtimestamp(status.st_mtime).astimezone())
    with suppress(AppError):
        made_at = parse_moment(str(note.get("made_at", "")))
    return Backup(path, made_at, kind, status.st_size, note.get("verified") is True)
