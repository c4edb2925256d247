"""How the store opens, migrates and refuses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import AppError
from app.store import backup, open_backup, open_store, restore_backup
from app.store.database import open_database
from app.store.migrations import KNOWN, MIGRATIONS
from tests.adapters.store_world import FORM, TickingClock, form_of, make_draft

ID = "DRAFT22222"


def connect(folder: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(folder / "shenbao.db", isolation_level=None))


def test_the_file_is_set_up_for_safety(tmp_path: Path) -> None:
    """Brief: WAL, synchronous=FULL, foreign keys, busy timeout 5 s, STRICT tables."""
    with open_store(tmp_path / "new" / "folder", clock=TickingClock()):
        pass
    with open_database(tmp_path / "new" / "folder" / "shenbao.db") as database:
        found = [
            database.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
        tables = database.connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
    assert found == ["wal", 2, 1, 5000]
    assert len(tables) == 11
    assert all(strict == 1 for _, strict in tables)


def test_known_names_are_all_migrations(tmp_path: Path) -> None:
    """A new migration that is not named would make every file look newer."""
    with open_database(tmp_path / "x.db") as database:
        assert {migration.name for migration in MIGRATIONS.pending(database.utils)} == KNOWN


def test_an_older_file_is_backed_up_and_migrated(tmp_path: Path) -> None:
    """Brief: the file is backed up before a migration, the copy is checked; drafts stay."""
    with open_database(tmp_path / "shenbao.db") as database:
        MIGRATIONS.apply(database.utils, stop_before="m002_records")
    with open_store(tmp_path, clock=TickingClock()) as store:
        (made,) = store.list_backups()
        assert (made.kind, made.verified) == ("before-migration", True)
        assert backup.check(made.path)
        store.drafts.create(make_draft(), FORM, "")
        assert store.events.list(ID) == ()
    with closing(sqlite3.connect(made.path)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert "drafts" in names
    assert "events" not in names
    with open_store(tmp_path, clock=TickingClock()) as store:
        assert len(store.list_backups()) == 1
        assert store.drafts.get(ID, form_of) == make_draft()


def test_no_migration_without_its_backup(tmp_path: Path) -> None:
    """Nothing is changed where the copy cannot be made."""
    with open_database(tmp_path / "shenbao.db") as database:
        MIGRATIONS.apply(database.utils, stop_before="m002_records")
    (tmp_path / "backups").write_text("in the way")
    with pytest.raises(AppError):
        open_store(tmp_path, clock=TickingClock())
    with connect(tmp_path) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert "events" not in names


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """Brief: database_newer; the file stays untouched."""
    with open_store(tmp_path, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
        made = store.back_up()
    for path in (tmp_path / "shenbao.db", made.path):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
                " VALUES ('shenbao', 'm999_later', '')"
            )
    with pytest.raises(AppError, match="database_newer"):
        open_store(tmp_path, clock=TickingClock())
    with pytest.raises(AppError, match="database_newer"):
        open_backup(made.path, clock=TickingClock())


@pytest.mark.parametrize("cut", [1, 100, 4096, 40_000])
def test_a_cut_file_is_refused(tmp_path: Path, cut: int) -> None:
    """Reliability: a truncated database is noticed at opening, whatever its length."""
    with open_store(tmp_path, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
    path = tmp_path / "shenbao.db"
    content = path.read_bytes()
    assert len(content) > 40_000
    path.write_bytes(content[:cut])
    with pytest.raises(AppError, match="database_damaged"):
        open_store(tmp_path, clock=TickingClock())


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    """A text file under the name of the database is not touched."""
    path = tmp_path / "shenbao.db"
    path.write_text("这不是数据库" * 1000)
    with pytest.raises(AppError, match="database_damaged"):
        open_store(tmp_path, clock=TickingClock())
    assert path.read_text().startswith("这不是数据库")


def test_a_locked_file_is_named_so(tmp_path: Path) -> None:
    """Reliability §2.6: another writer -> database_locked, at opening and at writing; then it goes on."""
    with open_store(tmp_path, clock=TickingClock(), busy_seconds=0.05) as store:
        store.drafts.create(make_draft(), FORM, "")
        with connect(tmp_path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(AppError, match="database_locked"):
                store.drafts.rename(ID, "x")
            assert store.drafts.summary(ID).title == ""
            with pytest.raises(AppError, match="database_locked"):
                open_store(tmp_path, clock=TickingClock(), busy_seconds=0.05)
            other.execute("ROLLBACK")
        store.drafts.rename(ID, "x")
        assert store.drafts.summary(ID).title == "x"


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """An error of the disk is an AppError too."""
    (tmp_path / "x").touch()
    with pytest.raises(AppError):
        open_store(tmp_path / "x", clock=TickingClock())


def test_names_with_chinese_and_signs(tmp_path: Path) -> None:
    """Windows profiles have Chinese names; % and # mean something in addresses of files."""
    folder = tmp_path / "申报 100%#材料?"
    with open_store(folder, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
        made = store.back_up()
        assert backup.check(made.path)
        with open_backup(made.path, clock=TickingClock()) as old:
            assert old.drafts.get(ID, form_of) == make_draft()


@pytest.mark.parametrize("damage", ["empty", "missing", "cut", "garbage"])
def test_a_lost_database_is_never_taken_for_a_new_one(tmp_path: Path, damage: str) -> None:
    """Reliability §1 (Zotero's list): the damaged file is kept, the backup takes its place, no stale WAL."""
    with open_store(tmp_path, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
        made = store.back_up()
        store.drafts.rename(ID, "x")
        stale = (tmp_path / "shenbao.db-wal").read_bytes()
    path = tmp_path / "shenbao.db"
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut": content[:9000], "garbage": b"?" * 9000}[damage])
    code = "database_gone" if damage in ("empty", "missing") else "database_damaged"
    with pytest.raises(AppError, match=code):
        open_store(tmp_path, clock=TickingClock())
    (tmp_path / "shenbao.db-wal").write_bytes(stale)
    aside = restore_backup(tmp_path, made.path, clock=TickingClock())
    assert (aside is None) == (damage == "missing")
    with open_store(tmp_path, clock=TickingClock()) as store:
        assert store.drafts.get(ID, form_of) == make_draft()
        assert store.audit() == ()
        assert store.list_backups() == (made,)


def test_a_damaged_backup_is_not_put_in_place(tmp_path: Path) -> None:
    """Reliability §1 (Zotero's list): the backup is damaged too -> nothing changes."""
    with open_store(tmp_path, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
        made = store.back_up()
    content = bytearray(made.path.read_bytes())
    content[-1] ^= 1
    made.path.write_bytes(content)
    with pytest.raises(AppError, match="backup_damaged"):
        restore_backup(tmp_path, made.path, clock=TickingClock())
    with open_store(tmp_path, clock=TickingClock()) as store:
        assert store.drafts.get(ID, form_of) == make_draft()
