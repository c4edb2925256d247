"""Evidence files and backups on a real disk."""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.clock import BEIJING
from app.errors import AppError
from app.model.edit import Edit, Operation
from app.store import Store, backup, open_backup, open_store
from app.store.backup import Backup, surplus
from tests.adapters.store_world import FORM, START, TickingClock, form_of, make_draft

ID = "DRAFT22222"


def new_store(folder: Path, clock: TickingClock | None = None) -> Store:
    return open_store(folder, clock=clock or TickingClock(), device="PC1")


def test_a_file_is_kept_once_by_its_content(tmp_path: Path) -> None:
    """Brief: attachments/ab/abcdef…, name only after the content is whole."""
    source = tmp_path / "证明.pdf"
    source.write_bytes(b"content" * 400_000)
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    with new_store(tmp_path / "s") as store:
        assert store.attachments.add_file(source, 3_000_000) == (sha256, 2_800_000)
        assert store.attachments.add_file(source, 3_000_000) == (sha256, 2_800_000)
        kept = store.attachments.open(sha256)
        assert kept == tmp_path / "s" / "attachments" / sha256[:2] / sha256
        assert kept.read_bytes() == source.read_bytes()
        assert [path.name for path in (tmp_path / "s" / "attachments").rglob("*") if path.is_file()] == [
            sha256
        ]
        assert store.attachments.check([sha256]) == {}


def test_gone_and_altered_files_are_named_and_healed(tmp_path: Path) -> None:
    """Reliability §4.3: any one damaged file is noticed; adding it again mends it."""
    source = tmp_path / "a.pdf"
    source.write_bytes(b"a" * 1000)
    with new_store(tmp_path / "s") as store:
        sha256, _ = store.attachments.add_file(source, 1000)
        kept = store.attachments.open(sha256)
        kept.write_bytes(b"a" * 999 + b"b")
        assert store.attachments.check([sha256, "0" * 64]) == {sha256: "altered", "0" * 64: "gone"}
        with pytest.raises(AppError, match="attachment_altered"):
            store.attachments.open(sha256)
        with pytest.raises(AppError, match="attachment_gone"):
            store.attachments.open("0" * 64)
        store.attachments.add_file(source, 1000)
        assert store.attachments.open(sha256).read_bytes() == source.read_bytes()


def test_files_that_cannot_be_taken(tmp_path: Path) -> None:
    """Too large, empty, not there: said with the file's name, nothing left behind."""
    source = tmp_path / "a.pdf"
    source.write_bytes(b"a" * 1001)
    (tmp_path / "empty.pdf").touch()
    with new_store(tmp_path / "s") as store:
        for path, code in (
            (source, "attachment_too_large"),
            (tmp_path / "empty.pdf", "attachment_empty"),
            (tmp_path / "none.pdf", "attachment_unreadable"),
            (tmp_path, "attachment_unreadable"),
        ):
            with pytest.raises(AppError, match=code) as caught:
                store.attachments.add_file(path, 1000)
            assert caught.value.params["name"] == path.name
        assert not (tmp_path / "s" / "attachments").exists()
        with pytest.raises(ValueError, match=r"\.\."):
            store.attachments.check(["../../etc/passwd"])


def test_a_backup_is_a_checked_copy(tmp_path: Path) -> None:
    """Reliability §4.4: every backup listed has been opened and checked."""
    with new_store(tmp_path) as store:
        store.drafts.create(make_draft(), FORM, "标题")
        store.drafts.apply(ID, [Edit(Operation.SET, "e04", None, 3)], group="a")
        made = store.back_up()
        assert store.list_backups() == (made,)
        assert re.fullmatch(r"shenbao-20221201-090003-[0-9a-f]{4}-regular\.db", made.path.name)
        assert (made.verified, made.kind) == (True, "regular")
        assert backup.check(made.path)
        assert sorted(path.name for path in made.path.parent.iterdir()) == [
            made.path.name,
            made.path.name + ".json",
        ]
        expected = store.drafts.get(ID, form_of)
        with open_backup(made.path, clock=TickingClock()) as old:
            assert old.drafts.get(ID, form_of) == expected
            with pytest.raises(AppError, match="database_read_only"):
                old.drafts.rename(ID, "x")
        usb = store.back_up(tmp_path / "usb" / "备份.db")
        assert usb.verified
        content = bytearray(made.path.read_bytes())
        content[len(content) // 2] ^= 1
        made.path.write_bytes(content)
        assert not backup.check(made.path)
        made.path.unlink()
        assert not backup.check(made.path)


def test_a_damaged_draft_names_its_good_backup(tmp_path: Path) -> None:
    """Brief: draft_damaged names the draft and the newest good backup; salvage gives all of it back."""
    with new_store(tmp_path) as store:
        store.drafts.create(make_draft(), FORM, "标题")
        good = store.back_up()
        store.drafts.apply(ID, [Edit(Operation.SET, "e04", None, 3)], group="a")
        store.drafts.checkpoint(ID)
        store.drafts.apply(ID, [Edit(Operation.SET, "e05", None, 3)], group="b")
        expected = store.drafts.get(ID, form_of)
        alter(tmp_path, "UPDATE documents SET content = zeroblob(length(content)) WHERE seq = 1")
        bad = store.back_up()
        assert not bad.verified
        with pytest.raises(AppError) as caught:
            store.drafts.get(ID, form_of)
        assert caught.value.code == "draft_damaged"
        assert caught.value.params == {
            "draft": ID,
            "title": "标题",
            "part": "document",
            "backup": good.path.name,
        }
        saved = store.drafts.salvage(ID, form_of)
        assert saved is not None
        assert (saved.complete, saved.title, saved.draft) == (True, "标题", expected)
        alter(tmp_path, "UPDATE journal SET after = '\"4\"' WHERE seq = 2")
        less = store.drafts.salvage(ID, form_of)
        assert less is not None
        assert (less.complete, less.draft.revision) == (False, 1)
        assert less.draft.answers.values["e04"] == 3
        with pytest.raises(AppError, match="journal"):
            store.drafts.history(ID, FORM)
        alter(tmp_path, "UPDATE documents SET content = zeroblob(length(content))")
        assert store.drafts.salvage(ID, form_of) is None
        assert [line.damaged for line in store.drafts.list()] == [False]
        alter(tmp_path, "UPDATE drafts SET title = '别的'")
        assert [line.damaged for line in store.drafts.list()] == [True]


def alter(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "shenbao.db", isolation_level=None)) as connection:
        connection.execute(statement)


def a_backup(made_at: datetime, *, verified: bool = True, kind: str = "regular") -> Backup:
    return Backup(Path(f"{made_at:%Y%m%d%H%M}-{kind}"), made_at, kind, 1, verified)


def test_the_keeping_rule() -> None:
    """Brief: all of 2 days, then daily 12, weekly 10, monthly 9."""
    now = datetime(2023, 12, 1, 18, tzinfo=BEIJING)
    every_six_hours = [a_backup(now - timedelta(hours=6 * n)) for n in range(4 * 500)]
    gone = set(surplus(every_six_hours, now))
    kept = [found for found in every_six_hours if found not in gone]
    young = [found for found in kept if now - found.made_at <= timedelta(days=2)]
    assert len(young) == 9
    old = [found.made_at for found in kept if now - found.made_at > timedelta(days=2)]
    assert [moment.date() for moment in old[:12]] == [(now - timedelta(days=2 + n)).date() for n in range(12)]
    months = [f"2023-{month:02}" for month in range(3, 12)]
    assert {f"{moment:%Y-%m}" for moment in old} == set(months)
    assert len(old) <= 12 + 10 + 9
    assert surplus([found for found in every_six_hours if found not in gone], now) == ()


def test_verified_backups_go_before_others_and_migrations_stay() -> None:
    """Reliability: never push out the last good copy."""
    now = datetime(2023, 12, 1, 18, tzinfo=BEIJING)
    day = now - timedelta(days=400)
    good, bad = a_backup(day), a_backup(day + timedelta(hours=1), verified=False)
    before = a_backup(day, kind="before-migration")
    future = a_backup(now + timedelta(days=400))
    assert surplus([bad, good, before, future], now) == (bad,)


def test_thinning_never_takes_the_newest_whole_one(tmp_path: Path) -> None:
    """Reliability §4.4: the newest verified one is never deleted, even if the rule would let it go."""
    clock = TickingClock()
    with new_store(tmp_path, clock) as store:
        store.drafts.create(make_draft(), FORM, "")
        made: list[Backup] = []
        for _ in range(3):
            backup_made = store.back_up_if_due()
            assert backup_made is not None
            made.insert(0, backup_made)
            assert store.back_up_if_due() is None
            clock.now += timedelta(minutes=31)
        newest, middle, oldest = made
        clock.now += timedelta(days=3)
        for broken in (newest, middle):
            content = bytearray(broken.path.read_bytes())
            content[5000] ^= 4
            broken.path.write_bytes(content)
        gone = backup.thin(tmp_path / "backups", clock=clock)
        assert [found.path for found in gone] == [middle.path]
        assert oldest.path.exists()
        shutil.copy(newest.path, oldest.path)
        assert backup.thin(tmp_path / "backups", clock=clock) == ()


def test_a_moment_before_the_last_backup_makes_a_new_one(tmp_path: Path) -> None:
    """Reliability §4.7: a clock set back must not stop backups."""
    clock = TickingClock(START + timedelta(days=365))
    with new_store(tmp_path, clock) as store:
        assert store.back_up_if_due() is not None
        clock.now = START
        assert store.back_up_if_due() is not None
        assert len(store.list_backups()) == 2
