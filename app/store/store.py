"""The store: one folder with the database, its backups and the evidence files."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path
from types import TracebackType

from app.clock import Clock, to_beijing
from app.errors import AppError
from app.store import backup as backups
from app.store.attachments import Attachments
from app.store.audit import Damage, audit
from app.store.backup import Backup
from app.store.database import (
    BUSY_SECONDS,
    FILE_NAME,
    Database,
    make_folder,
    open_database,
    open_frozen,
    sync_file,
    sync_folder,
    translated,
    translated_files,
)
from app.store.drafts import Drafts
from app.store.events import Events, Snapshots
from app.store.migrations import KNOWN, MIGRATIONS
from app.store.outbox import Attempts, Outbox, Receipts
from app.store.settings import Settings

_SMALLEST = 512
"""SQLite takes a shorter file for a new one and would write over it."""


class Store:
    """Everything that is kept.  Use it from the thread that opened it; close it or use ``with``."""

    def __init__(self, folder: Path, database: Database, *, clock: Clock, device: str) -> None:
        self.folder = folder
        self._database = database
        self._clock = clock
        self._backups = folder / backups.FOLDER
        self.drafts = Drafts(database, clock, device, self._good_backup)
        self.events = Events(database, clock)
        self.snapshots = Snapshots(database)
        self.attachments = Attachments(folder / "attachments")
        self.outbox = Outbox(database, clock)
        self.attempts = Attempts(database)
        self.receipts = Receipts(database)
        self.settings = Settings(database)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; closing twice is harmless."""
        self._database.close()

    def audit(self) -> tuple[Damage, ...]:
        """Check all that the database holds; empty means whole.  Attachments: ``attachments.check``."""
        return audit(self._database)

    def back_up(self, to: Path | None = None) -> Backup:
        """Make a checked copy: to a file, or into the store's own folder of backups.

        Raises ``AppError`` like ``app.store.backup.make``.
        """
        if to is not None:
            return backups.make(self._database, to, clock=self._clock)
        return backups.make_in(self._database, self._backups, clock=self._clock)

    def back_up_if_due(self) -> Backup | None:
        """Make a backup if the newest is half an hour old, then thin them out; None where none was due."""
        if not backups.due(self._backups, clock=self._clock):
            return None
        made = self.back_up()
        if made.verified:
            backups.thin(self._backups, clock=self._clock)
        return made

    def list_backups(self) -> tuple[Backup, ...]:
        """Give the backups, newest first."""
        return backups.list_backups(self._backups)

    def _good_backup(self, draft_id: str) -> Path | None:
        return backups.newest_good_of(self._backups, draft_id)


def open_store(folder: Path, *, clock: Clock, device: str = "", busy_seconds: float = BUSY_SECONDS) -> Store:
    """Open the store of a folder, creating what is missing.

    ``device`` names this PC in the journal (by default its network name).  An existing file is backed up
    before it is migrated.  Raises ``AppError``: ``database_newer``, ``database_damaged``,
    ``database_gone`` (``backup``: there are backups but no database), ``database_locked``,
    ``database_read_only``, ``folder_read_only``, ``disk_full``, ``disk_error``.
    """
    make_folder(folder)
    path = folder / FILE_NAME
    existed = _has_content(path, folder / backups.FOLDER)
    database = open_database(path, busy_seconds=busy_seconds)
    try:
        _migrate(database, folder, clock, existed=existed)
    except BaseException:
        database.close()
        raise
    return Store(folder, database, clock=clock, device=device or platform.node())


def _has_content(path: Path, folder: Path) -> bool:
    with translated_files(path):
        size = path.stat().st_size if path.exists() else 0
    if size:
        if size < _SMALLEST:
            raise AppError("database_damaged", file=path.name)
        return True
    made = backups.list_backups(folder)
    if made:
        # an empty store in its place would look as if all drafts were lost
        raise AppError("database_gone", file=path.name, backup=made[0].path.name)
    return False


def restore_backup(folder: Path, path: Path, *, clock: Clock) -> Path | None:
    """Put a backup in the place of a store's database, and give where the old file is kept.

    The old database is renamed, never deleted; None where there was none.  The store must not be open,
    in no window and no command.  Raises ``AppError``: ``backup_damaged`` (``file``), ``disk_full``,
    ``folder_read_only``, ``disk_error``.
    """
    if not backups.check(path):
        raise AppError("backup_damaged", file=path.name)
    target = folder / FILE_NAME
    temporary = folder / f".{FILE_NAME}.part"
    aside = folder / f"shenbao-{to_beijing(clock()):%Y%m%d-%H%M%S}-replaced.db"
    existed = target.exists()
    with translated_files(target):
        shutil.copyfile(path, temporary)
        sync_file(temporary)
        # a WAL left beside another database would be read into it
        for ending in ("", "-wal", "-shm"):
            old = target.with_name(target.name + ending)
            if old.exists():
                old.rename(aside.with_name(aside.name + ending))
        temporary.replace(target)
        sync_folder(folder)
    return aside if existed else None


def open_backup(path: Path, *, clock: Clock) -> Store:
    """Open a backup for looking only: drafts, events and the rest can be read, writing is refused.

    Evidence files are looked for beside the folder of backups, where the store that made it keeps them.

    Raises ``AppError``: ``database_damaged``, ``database_newer``, ``database_read_only`` (unreadable).
    """
    database = open_frozen(path)
    try:
        _refuse_newer(database)
    except BaseException:
        database.close()
        raise
    return Store(path.parent.parent, database, clock=clock, device="")


def _refuse_newer(database: Database) -> None:
    try:
        with translated(database.path):
            applied = {migration.name for migration in MIGRATIONS.applied(database.utils)}
    except KeyError as error:
        # a column of the list of migrations has lost its name
        raise AppError("database_damaged", file=database.path.name) from error
    if not applied <= KNOWN:
        raise AppError("database_newer", file=database.path.name)


def _migrate(database: Database, folder: Path, clock: Clock, *, existed: bool) -> None:
    _refuse_newer(database)
    with translated(database.path):
        waiting = MIGRATIONS.pending(database.utils)
    if not waiting:
        return
    if existed:
        backups.make_in(database, folder / backups.FOLDER, clock=clock, kind=backups.BEFORE_MIGRATION)
    with database.write():
        # another process may have done it while this one made its backup
        _refuse_newer(database)
        MIGRATIONS.apply(database.utils)
