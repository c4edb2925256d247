"""Writing that is on disk when it returns."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def write_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Put a whole file in place: beside it first, synced, then renamed; never a half one."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def write_at(path: Path, position: int, content: bytes) -> None:
    """Write at a position and cut off whatever stood behind it; synced.

    What stands behind was never acknowledged: the process ended between writing and saying so.
    """
    is_new = not path.exists()
    with path.open("r+b" if not is_new else "x+b") as file:
        file.truncate(position)
        file.seek(position)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def join_files(parts: list[Path], target: Path) -> None:
    """Write the parts one after the other into the target, synced."""
    with target.open("wb") as file:
        for part in parts:
            with part.open("rb") as source:
                while block := source.read(1 << 20):
                    file.write(block)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(target.parent)


def hash_file(path: Path) -> str:
    """Give the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable; Windows does that with the file itself."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
