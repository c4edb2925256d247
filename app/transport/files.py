"""Files copied beside each other: hashed while they are copied, whole or not there at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from app.errors import AppError

_BLOCK = 1 << 20


def hash_of(path: Path) -> str:
    """Give the SHA-256 (hex) of a file, empty where it is not there or cannot be read."""
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


def copy_whole(
    source: Path, target: Path, sha256: str, progressed: Callable[[int], None] = lambda _count: None
) -> None:
    """Copy a file under its final name once all of it is on the disk and has the wanted SHA-256.

    ``progressed`` is told the bytes of each block and may raise to stop; nothing half is left then.

    Raises:
        AppError: ``package_missing``, ``package_changed`` (both ``name``), ``cannot_write`` (``name``,
            ``reason``).
    """
    beside = target.with_name(f".{sha256[:16]}.part")
    try:
        if _copy(source, beside, progressed, target.name) != sha256:
            raise AppError("package_changed", name=target.name)
        try:
            beside.replace(target)
        except OSError as error:
            raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
    finally:
        _remove(beside)


def write_whole(target: Path, content: bytes) -> None:
    """Put a small file in place, whole and on the disk; raises ``AppError("cannot_write")``."""
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as writing:
            writing.write(content)
            writing.flush()
            os.fsync(writing.fileno())
        beside.replace(target)
    except OSError as error:
        raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
    finally:
        _remove(beside)


def _copy(source: Path, target: Path, progressed: Callable[[int], None], name: str) -> str:
    digest = hashlib.sha256()
    try:
        reading = source.open("rb")
    except OSError:
        raise AppError("package_missing", name=name) from None
    with reading:
        try:
            with target.open("wb") as writing:
                while block := reading.read(_BLOCK):
                    digest.update(block)
                    writing.write(block)
                    progressed(len(block))
                writing.flush()
                os.fsync(writing.fileno())
        except OSError as error:
            raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
    return digest.hexdigest()


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # the stick was pulled out; a file that begins with a dot and ends in .part harms nobody
