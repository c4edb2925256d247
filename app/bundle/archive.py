"""A stored zip with nothing left to chance: the same entries give the same bytes on every PC."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

MAX_BUNDLE_BYTES = 2 << 30
CHUNK = 1 << 20

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20
_UTF8_NAMES = 0x0800
_DOS_1980 = 0x21


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive; ``chunks`` gives its bytes anew at each call."""

    name: str
    size: int
    crc: int
    chunks: Callable[[], Iterator[bytes]]


def entry_of_bytes(name: str, content: bytes) -> Entry:
    """Make an entry of bytes in memory."""
    return Entry(name, len(content), zlib.crc32(content), lambda: iter((content,)))


def archive_size(entries: Sequence[Entry]) -> int:
    """Give the size in bytes of the archive that the entries make."""
    names = [len(entry.name.encode("utf-8")) for entry in entries]
    heads = sum(_LOCAL.size + _CENTRAL.size + 2 * length for length in names)
    return heads + sum(entry.size for entry in entries) + _END.size


def archive_chunks(entries: Sequence[Entry]) -> Iterator[bytes]:
    """Give the bytes of the archive, piece by piece."""
    offset = 0
    offsets: list[int] = []
    for entry in entries:
        offsets.append(offset)
        name = entry.name.encode("utf-8")
        head = _LOCAL.pack(
            b"PK\3\4", _VERSION, _UTF8_NAMES, 0, 0, _DOS_1980, entry.crc, entry.size, entry.size, len(name), 0
        )
        yield head + name
        yield from entry.chunks()
        offset += len(head) + len(name) + entry.size
    start = offset
    for entry, at in zip(entries, offsets, strict=True):
        name = entry.name.encode("utf-8")
        head = _CENTRAL.pack(
            b"PK\1\2",
            _VERSION,
            _VERSION,
            _UTF8_NAMES,
            0,
            0,
            _DOS_1980,
            entry.crc,
            entry.size,
            entry.size,
            len(name),
            0,
            0,
            0,
            0,
            0,
            at,
        )
        yield head + name
        offset += len(head) + len(name)
    yield _END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), offset - start, start, 0)
