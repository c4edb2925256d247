"""Evidence files, kept by their SHA-256 under ``attachments/ab/abcdef…`` and never changed."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from app.errors import AppError
from app.store.database import make_folder, sync_folder, translated_files

GONE = "gone"
ALTERED = "altered"

_BLOCK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Attachments:
    """The folder of evidence files of a store.  Which draft uses a file stands in the draft."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add_file(self, path: Path, max_bytes: int) -> tuple[str, int]:
        """Copy a file into the store and give (SHA-256 in hex, size in bytes).

        The copy has its name only after it is whole and on the disk; the same content is kept once.
        Raises ``AppError``: with ``name`` ``attachment_unreadable``, ``attachment_empty``,
        ``attachment_too_large`` (``limit`` in MB), ``attachment_changing`` (while it was read); with
        ``file`` ``disk_full``, ``folder_read_only``, ``disk_error``.
        """
        try:
            source = path.open("rb")
        except OSError as error:
            raise AppError("attachment_unreadable", name=path.name) from error
        with source:
            announced = os.fstat(source.fileno()).st_size
            if announced == 0:
                raise AppError("attachment_empty", name=path.name)
            if announced > max_bytes:
                raise AppError("attachment_too_large", name=path.name, limit=_megabytes(max_bytes))
            make_folder(self._folder)
            temporary = self._folder / f".{secrets.token_hex(8)}.part"
            try:
                sha256 = _copy(source, path, temporary, announced)
                self._take_over(temporary, sha256)
            finally:
                with translated_files(temporary):
                    temporary.unlink(missing_ok=True)
        return sha256, announced

    def open(self, sha256: str) -> Path:
        """Give the path of a stored file after checking its content.

        Raises ``AppError``: ``attachment_gone``, ``attachment_altered`` (``sha256``).
        """
        reason = self.check((sha256,)).get(sha256)
        if reason is not None:
            raise AppError(f"attachment_{reason}", sha256=sha256)
        return self._place(sha256)

    def check(self, shas: Iterable[str]) -> Mapping[str, str]:
        """Name the files that are not whole: SHA-256 -> ``gone`` or ``altered``.  Whole ones are absent."""
        found = {sha256: self._reason(sha256) for sha256 in dict.fromkeys(shas)}
        return {sha256: reason for sha256, reason in found.items() if reason}

    def _reason(self, sha256: str) -> str:
        try:
            with self._place(sha256).open("rb") as file:
                return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else ALTERED
        except FileNotFoundError:
            return GONE
        except OSError:
            return ALTERED

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError(sha256)
        return self._folder / sha256[:2] / sha256

    def _take_over(self, temporary: Path, sha256: str) -> None:
        place = self._place(sha256)
        if not self._reason(sha256):
            return
        with translated_files(place):
            place.parent.mkdir(exist_ok=True)
            temporary.replace(place)
            sync_folder(place.parent)
            sync_folder(self._folder)


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.1f}".removesuffix(".0")


def _copy(source: BinaryIO, path: Path, temporary: Path, announced: int) -> str:
    hashed = hashlib.sha256()
    length = 0
    with translated_files(temporary), temporary.open("xb") as copy:
        while block := _read_block(source, path):
            length += len(block)
            if length > announced:
                break
            hashed.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
        written = os.fstat(copy.fileno()).st_size
    if length != announced:
        raise AppError("attachment_changing", name=path.name)
    if written != announced:
        raise AppError("disk_full", file=path.name)
    return hashed.hexdigest()


def _read_block(source: BinaryIO, path: Path) -> bytes:
    try:
        return source.read(_BLOCK)
    except OSError as error:
        raise AppError("attachment_unreadable", name=path.name) from error
