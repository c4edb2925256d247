"""Bundles: sealed content plus its evidence files, bound together by hashes."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.bundle.archive import (
    CHUNK,
    MAX_BUNDLE_BYTES,
    Entry,
    archive_chunks,
    archive_size,
    entry_of_bytes,
)
from app.errors import AppError
from app.model.fingerprint import canonical_json, fingerprint
from app.model.submission import Snapshot

FORMAT = "shenbao-bundle"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
CONTENT = "content.json"
MAX_JSON_BYTES = 64 << 20
MAX_ENTRIES = 5000
_BROKEN = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises on a zip whose bytes were changed."""
_UNSAFE = frozenset('\\/:*?"<>|')


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """What a verified bundle says of itself.  ``sha256`` is that of the whole file, in hex."""

    programme_id: str
    form_version: int
    title: str
    fingerprint: str
    sha256: str
    size: int


def write_bundle(snapshot: Snapshot, title: str, files: Mapping[str, Path], target: Path) -> BundleInfo:
    """Write the bundle of a snapshot; equal snapshots give equal bytes.

    ``files`` maps SHA-256 (hex) -> path of every evidence file that the content names.  Written to a
    temporary file, flushed to disk, then renamed, so that ``target`` is whole or absent.  Raises
    ``AppError`` with ``evidence_missing``, ``evidence_changed``, ``bundle_too_large`` or
    ``cannot_write``.
    """
    content = json.loads(snapshot.content)
    evidence = _evidence_entries(content, files)
    entries = _with_manifest(snapshot.content, content, title, evidence)
    size = archive_size(entries)
    if size > MAX_BUNDLE_BYTES:
        raise AppError("bundle_too_large", size=size >> 20, limit=MAX_BUNDLE_BYTES >> 20)
    digest = hashlib.sha256()
    temporary = target.with_name(target.name + ".part")
    try:
        with temporary.open("wb") as out:
            for chunk in archive_chunks(entries):
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if temporary.stat().st_size != size:
            raise AppError("cannot_write", name=target.name, reason="长度不符")
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
    return BundleInfo(
        content["programme"], content["form_version"], title, snapshot.fingerprint, digest.hexdigest(), size
    )


def _evidence_entries(content: Mapping[str, object], files: Mapping[str, Path]) -> list[tuple[str, Entry]]:
    wanted: dict[str, str] = {}
    attachments = content["attachments"]
    assert isinstance(attachments, list)
    for one in attachments:
        wanted.setdefault(one["sha256"], one["name"])
    return [
        (sha256, _file_entry(_entry_name(sha256, wanted[sha256]), sha256, files)) for sha256 in sorted(wanted)
    ]


def _entry_name(sha256: str, name: str) -> str:
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    plain = "".join("_" if c in _UNSAFE or not c.isprintable() else c for c in last)[-80:]
    return f"attachments/{sha256}-{plain}"


def _file_entry(name: str, sha256: str, files: Mapping[str, Path]) -> Entry:
    path = files.get(sha256)
    if path is None:
        raise AppError("evidence_missing", name=name.partition("-")[2])
    digest, crc, size = hashlib.sha256(), 0, 0
    try:
        for chunk in _read_chunks(path):
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
    except OSError as error:
        raise AppError("evidence_missing", name=name.partition("-")[2]) from error
    if digest.hexdigest() != sha256:
        raise AppError("evidence_changed", name=name.partition("-")[2])
    return Entry(name, size, crc, lambda: _read_chunks(path))


def _read_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _with_manifest(
    content: bytes, parsed: Mapping[str, object], title: str, evidence: Sequence[tuple[str, Entry]]
) -> list[Entry]:
    listed = [{"name": CONTENT, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}]
    listed += [{"name": entry.name, "sha256": sha256, "size": entry.size} for sha256, entry in evidence]
    manifest = canonical_json(
        {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "programme": parsed["programme"],
            "form_version": parsed["form_version"],
            "title": unicodedata.normalize("NFC", title),
            "fingerprint": fingerprint(content),
            "entries": listed,
        }
    )
    files = [entry for _, entry in evidence]
    return [entry_of_bytes(MANIFEST, manifest), entry_of_bytes(CONTENT, content), *files]


def verify_bundle(path: Path) -> BundleInfo:
    """Tell what a bundle holds after rebuilding it and comparing every byte.

    Raises ``AppError`` with ``bundle_unreadable`` (no bundle at all), ``bundle_altered`` (any byte
    differs), ``bundle_newer`` or ``bundle_too_large``.
    """
    with open_bundle(path) as (info, _):
        return info


def read_bundle_content(path: Path) -> tuple[BundleInfo, bytes]:
    """Verify a bundle and give its canonical content too."""
    with open_bundle(path) as (info, read):
        return info, b"".join(read(CONTENT))


@contextmanager
def open_bundle(path: Path) -> Iterator[tuple[BundleInfo, Callable[[str], Iterator[bytes]]]]:
    """Verify a bundle and lend a reader: entry name or SHA-256 -> chunks.

    Raises as ``verify_bundle``.
    """
    with ExitStack() as stack:
        try:
            size = path.stat().st_size
            if size > MAX_BUNDLE_BYTES:
                raise AppError("bundle_too_large", size=size >> 20, limit=MAX_BUNDLE_BYTES >> 20)
            archive = stack.enter_context(zipfile.ZipFile(path))
            info, names = _verify(path, archive, size)
        except _BROKEN as error:
            raise AppError("bundle_unreadable", name=path.name) from error
        yield info, lambda key: _entry_chunks(archive, names.get(key, key))


def _entry_chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _verify(path: Path, archive: zipfile.ZipFile, size: int) -> tuple[BundleInfo, dict[str, str]]:
    parts = archive.infolist()
    if not parts or parts[0].filename != MANIFEST or len(parts) > MAX_ENTRIES:
        raise AppError("bundle_unreadable", name=path.name)
    altered = AppError("bundle_altered", name=path.name)
    if any(one.compress_type != zipfile.ZIP_STORED or one.file_size > size for one in parts):
        raise altered
    if any(one.file_size > MAX_JSON_BYTES for one in parts[:2]):
        raise AppError("bundle_too_large", size=size >> 20, limit=MAX_JSON_BYTES >> 20)
    try:
        manifest = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT or not isinstance(manifest["version"], int):
            raise AppError("bundle_unreadable", name=path.name)
        if manifest["version"] > FORMAT_VERSION:
            raise AppError("bundle_newer", name=path.name)
        content = archive.read(CONTENT)
        parsed = json.loads(content)
        shas = {one["name"]: one["sha256"] for one in manifest["entries"]}
        entries = _rebuilt(archive, parts, content, parsed, str(manifest["title"]), shas)
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError, RecursionError) as error:
        raise altered from error
    if entries is None or not _same_bytes(path, entries):
        raise altered
    digest = hashlib.sha256()
    for chunk in _read_chunks(path):
        digest.update(chunk)
    info = BundleInfo(
        parsed["programme"],
        parsed["form_version"],
        manifest["title"],
        manifest["fingerprint"],
        digest.hexdigest(),
        size,
    )
    return info, {sha256: name for name, sha256 in shas.items()}


def _rebuilt(
    archive: zipfile.ZipFile,
    parts: Sequence[zipfile.ZipInfo],
    content: bytes,
    parsed: Mapping[str, object],
    title: str,
    shas: Mapping[str, str],
) -> list[Entry] | None:
    """Make the entries a true bundle of this content would have, or None where evidence differs."""
    if canonical_json(parsed) != content or len(parts) < 2 or parts[1].filename != CONTENT:
        return None
    attachments = parsed["attachments"]
    assert isinstance(attachments, list)
    wanted: dict[str, str] = {}
    for one in attachments:
        wanted.setdefault(one["sha256"], one["name"])
    evidence: list[tuple[str, Entry]] = []
    for part in parts[2:]:
        digest, crc = hashlib.sha256(), 0
        for chunk in _entry_chunks(archive, part.filename):
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
        sha256 = digest.hexdigest()
        if shas.get(part.filename) != sha256 or part.filename != _entry_name(sha256, wanted.get(sha256, "")):
            return None
        name = part.filename
        chunks = _chunks_of(archive, name)
        evidence.append((sha256, Entry(name, part.file_size, crc, chunks)))
    if [sha256 for sha256, _ in evidence] != sorted(wanted):
        return None
    return _with_manifest(content, parsed, title, evidence)


def _chunks_of(archive: zipfile.ZipFile, name: str) -> Callable[[], Iterator[bytes]]:
    return lambda: _entry_chunks(archive, name)


def _same_bytes(path: Path, entries: Sequence[Entry]) -> bool:
    with path.open("rb") as file:
        for chunk in archive_chunks(entries):
            if file.read(len(chunk)) != chunk:
                return False
        return not file.read(1)
