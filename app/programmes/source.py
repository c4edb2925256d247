"""Where programme files come from: a folder or a zip, read whole with caps on size and number."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath

from app.errors import UsageError

MAX_FILES = 400
MAX_FILE_BYTES = 8 << 20
MAX_TOTAL_BYTES = 32 << 20

_BROKEN = (
    OSError,
    zipfile.BadZipFile,
    RuntimeError,
    EOFError,
    ValueError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)
"""What ``zipfile`` raises for zips that are broken, encrypted or packed in ways it does not know."""

_WANTED = (".toml", ".csv", ".txt", ".json")
_EVIDENCE = (".pdf", ".jpg", ".jpeg", ".png")
_NOTICE = (*_EVIDENCE, ".doc", ".docx", ".wps", ".ofd", ".html", ".htm")


def read_folder(folder: Path) -> Mapping[str, bytes]:
    """Give relative path (with /) -> content of a programme folder's files.

    Raises ``UsageError`` with ``programme_not_found``, ``programme_too_large`` or
    ``programme_unreadable``.
    """
    if not (folder / "programme.toml").is_file():
        raise UsageError("programme_not_found", name=str(folder))
    files: dict[str, bytes] = {}
    total = 0
    try:
        for path in sorted(folder.rglob("*")):
            if not _wanted(path.relative_to(folder)) or not path.is_file():
                continue
            total += _allow(path.stat().st_size, total, len(files), str(folder))
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    except OSError as error:
        raise UsageError("programme_unreadable", name=str(folder), reason=str(error.strerror)) from error
    return files


def read_zip(archive: Path) -> Mapping[str, bytes]:
    """Give the same for a zip whose files lie at the top or in one folder; nothing is unpacked to disk.

    Raises ``UsageError`` with ``programme_not_found``, ``programme_too_large`` (bombs),
    ``programme_unreadable`` (entries outside the root) or ``programme_broken_zip``.
    """
    files: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                name = PurePosixPath(entry.filename)
                if entry.is_dir() or not _wanted(name):
                    continue
                if name.is_absolute() or ".." in name.parts or "\\" in entry.filename:
                    raise UsageError("programme_unreadable", name=archive.name, reason=entry.filename)
                total += _allow(entry.file_size, total, len(files), archive.name)
                files[str(name)] = opened.read(entry)
    except _BROKEN as error:
        raise UsageError("programme_broken_zip", name=archive.name) from error
    return _strip_common_folder(files, archive.name)


def _wanted(path: PurePath) -> bool:
    if path.name.startswith(".") or "__MACOSX" in path.parts:  # what a Mac leaves beside each file
        return False
    if "notice" in path.parts and path.suffix.lower() in _NOTICE:
        return True
    return path.suffix in _WANTED or ("samples" in path.parts and path.suffix in _EVIDENCE)


def _allow(size: int, total: int, count: int, name: str) -> int:
    if size > MAX_FILE_BYTES or total + size > MAX_TOTAL_BYTES or count >= MAX_FILES:
        raise UsageError("programme_too_large", name=name)
    return size


def _strip_common_folder(files: Mapping[str, bytes], name: str) -> Mapping[str, bytes]:
    if "programme.toml" in files:
        return files
    roots = {path.partition("/")[0] for path in files}
    if len(roots) == 1:
        root = roots.pop() + "/"
        if root + "programme.toml" in files:
            return {path.removeprefix(root): content for path, content in files.items()}
    raise UsageError("programme_not_found", name=name)
