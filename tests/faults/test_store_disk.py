"""A full disk and a disk that may not be written, as real mounts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import AppError
from app.model.edit import Edit, Operation
from app.store import open_store
from tests.adapters.store_world import FORM, TickingClock, form_of, make_draft

ID = "DRAFT22222"


def mount(folder: Path, options: str) -> None:
    folder.mkdir(exist_ok=True)
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("mounting needs root")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mount: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    mount(folder, "size=2m")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_recovers(disk: Path) -> None:
    """Reliability §4.2: the last good state stays; the same store writes again after space is freed."""
    with open_store(disk, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
        (disk / "ballast").write_bytes(b"x" * 500_000)
        revision = 0
        with pytest.raises(AppError) as caught:
            while revision < 5000:
                edit = Edit(Operation.SET, "e06", None, "字" * 2000 + str(revision))
                revision = store.drafts.apply(ID, [edit], group=f"g{revision}")
        assert caught.value.code == "disk_full"
        assert revision > 5
        assert store.drafts.get(ID, form_of).revision == revision
        (disk / "ballast").unlink()
        assert store.drafts.apply(ID, [Edit(Operation.SET, "e04", None, 1)], group="z") == revision + 1
    with open_store(disk, clock=TickingClock()) as store:
        draft = store.drafts.get(ID, form_of)
        assert (draft.revision, draft.answers.values["e04"]) == (revision + 1, 1)
        assert store.audit() == ()


def test_backups_and_attachments_on_a_full_disk(disk: Path, tmp_path: Path) -> None:
    """Reliability §2.1: a copy that does not fit leaves the old one and no half file."""
    source = tmp_path / "a.pdf"
    with open_store(disk, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
        made = store.back_up()
        source.write_bytes(b"x" * 3_000_000)
        with pytest.raises(AppError, match="disk_full"):
            store.attachments.add_file(source, 10**9)
        assert [path for path in (disk / "attachments").rglob("*") if path.is_file()] == []
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
        (disk / "ballast").write_bytes(b"x" * (free - 30_000))
        with pytest.raises(AppError, match="disk_full"):
            store.back_up(made.path)
        assert store.list_backups() == (made,)
        assert sorted(path.name for path in made.path.parent.iterdir()) == [
            made.path.name,
            made.path.name + ".json",
        ]


def test_opening_at_every_size_of_the_disk(tmp_path: Path) -> None:
    """Reliability §3: sweep the size so that every write is the one that fails."""
    outcomes: set[str] = set()
    for number, size in enumerate(range(4, 340, 24)):
        folder = tmp_path / f"disk{number}"
        mount(folder, f"size={size}k")
        try:
            with open_store(folder, clock=TickingClock()) as store:
                store.drafts.create(make_draft(), FORM, "")
                outcomes.add("ok")
        except AppError as error:
            outcomes.add(error.code)
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    assert outcomes == {"ok", "disk_full"}


def test_a_read_only_disk_is_named_so(disk: Path) -> None:
    """Reliability §2.6: a read-only folder is told as such, with or without a database in it."""
    with open_store(disk, clock=TickingClock()) as store:
        store.drafts.create(make_draft(), FORM, "")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(AppError, match="database_read_only"):
        open_store(disk, clock=TickingClock())
    with pytest.raises(AppError, match="folder_read_only"):
        open_store(disk / "new", clock=TickingClock())
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    with open_store(disk, clock=TickingClock()) as store:
        assert store.drafts.get(ID, form_of) == make_draft()


def test_a_read_only_file_is_named_so() -> None:
    """A copied database may carry the read-only mark; root needs to give up its rights to see it."""
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("needs another user")
    code = (
        "import os, sys; from pathlib import Path; from app.clock import system_clock\n"
        "from app.errors import AppError; from app.store import open_store\n"
        "os.setuid(65534)\n"
        "try: open_store(Path(sys.argv[1]), clock=system_clock)\n"
        "except AppError as error: print(error.code)"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with open_store(Path(folder), clock=TickingClock()) as store:
            store.drafts.create(make_draft(), FORM, "")
        done = subprocess.run(
            [sys.executable, "-c", code, folder],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout == "database_read_only\n", done.stderr
