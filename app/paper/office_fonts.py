"""The office's own fonts (仿宋_GB2312, 黑体, 楷体, 小标宋): looked for on this PC, used only when chosen.

They may be embedded in a PDF but not handed on, so they are read where they are.  Line ends and page numbers
change with them: copies of one book have to be made on one PC.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reportlab.pdfbase.ttfonts import TTFError, TTFontFile

FANG, HEI, KAI, SONG, TITLE = "fang", "hei", "kai", "song", "title"

NAMES: Mapping[str, tuple[str, ...]] = {
    FANG: ("仿宋_gb2312.ttf", "fangsong_gb2312.ttf", "simfang.ttf", "fangsong.ttf", "stfangso.ttf"),
    KAI: ("楷体_gb2312.ttf", "kaiti_gb2312.ttf", "simkai.ttf", "kaiti.ttf", "stkaiti.ttf"),
    HEI: ("simhei.ttf",),
    TITLE: ("方正小标宋_gbk.ttf", "方正小标宋简体.ttf", "fzxbsjw.ttf", "fzxbsk.ttf"),
    SONG: ("simsun.ttc", "simsun.ttf"),
}
"""File names by role, in the order of preference; letters of either case."""

_RESTRICTED = 0x0002
"""OS/2 fsType: the maker does not allow embedding."""


class OfficeFont(NamedTuple):
    """A font of this PC: its file, its sha256, and the bounds [first, end, …] of what it prints."""

    path: Path
    sha256: str
    bounds: list[int]


def font_folders(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> tuple[Path, ...]:
    """Give the folders in which a PC keeps fonts."""
    if platform == "win32":
        windows = Path(environ.get("WINDIR", "C:\\Windows")) / "Fonts"
        own = environ.get("LOCALAPPDATA")
        return (windows, Path(own) / "Microsoft" / "Windows" / "Fonts") if own else (windows,)
    home = Path(environ.get("HOME", "/"))
    places = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
    return (*places, home / ".local" / "share" / "fonts", home / ".fonts")


def find_office_fonts(folders: Iterable[Path]) -> dict[str, Path]:
    """Give role -> font file for the roles whose font is on this PC; what cannot be read counts as absent."""
    found: dict[str, Path] = {}
    for folder in folders:
        for directory, _folders, files in os.walk(folder):
            for name in files:
                found.setdefault(name.lower(), Path(directory) / name)
    return {
        role: next(found[name] for name in names if name in found)
        for role, names in NAMES.items()
        if any(name in found for name in names)
    }


def read_office_font(path: Path) -> OfficeFont | None:
    """Read what a font covers; None where it cannot be used: damaged, no TrueType outlines, restricted."""
    try:
        face: Any = TTFontFile(str(path), subfontIndex=0)
        table = face.get_table("OS/2")
        data = path.read_bytes()
    except (OSError, TTFError, LookupError, ValueError, struct.error):
        return None
    if len(table) >= 10 and int.from_bytes(table[8:10], "big") & _RESTRICTED:
        return None
    return OfficeFont(path, hashlib.sha256(data).hexdigest(), _bounds(sorted(face.charToGlyph)))


def _bounds(codes: Sequence[int]) -> list[int]:
    bounds: list[int] = []
    for code in codes:
        if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xF900:
            continue
        if bounds and bounds[-1] == code:
            bounds[-1] = code + 1
        else:
            bounds += [code, code + 1]
    return bounds
