"""The fonts that paper is printed with: roles, per-character fallback, and what cannot be printed.

Which font prints which character is known from ``coverage.json`` alone, so asking for missing characters
opens no font.  A font file is read when the first character that it prints is laid out.
"""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from app.errors import AppError
from app.paper.office_fonts import FANG, HEI, KAI, SONG, TITLE, read_office_font
from app.paper.shaping import Shaper, Word

__all__ = ["FANG", "HEI", "KAI", "SONG", "TITLE", "FontChain", "Fonts", "Glyph"]

TICK_BOXES = "☐☑☒"
"""No free Chinese font has them; they are drawn as shapes (``app.paper.text``)."""

BOX = "□"
"""Every font has it; it keeps the place of a tick box in the text."""

STAND_IN = "〓"
"""Printed for a character that no font has, so that nothing vanishes silently (checks report it before)."""

_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff") | frozenset(
    map(chr, range(0xFE00, 0xFE10))
)
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_SILENT = _INVISIBLE | _LINE_ENDS | frozenset(TICK_BOXES) | {"\t"}


_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
WORDS = "\U00100000"
"""Characters from here on may stand for shaped words in ``printable`` text."""


class Glyph(NamedTuple):
    """How one character is printed: the name of the font, the width in em, whether it is a tick box.

    ``word`` is a shaped word that the character stands for.
    """

    font: str
    width: float
    box: bool = False
    word: Word | None = None


class _EmbeddedFont(TTFont):
    """A TrueType font whose text can be copied out of the PDF again, beyond the BMP too.

    reportlab 5.1 writes the code point of 𬭎 as five hex digits where PDF wants UTF-16 (ISO 32000-1 §9.10.3).
    ``shaper`` is what shapes its words and knows what its private characters say; it lives as long as the
    font, because both are known process-wide.
    """

    shaper: Shaper | None = None

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - reportlab's name
        """Write the font objects, then replace each ToUnicode table by a correct one."""
        state = self.state[doc]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for number, codes in enumerate(state.subsets):
            table = fonts[f"{state.internalName}+{number}"].ToUnicode
            doc.idToObject[table.name].content = _to_unicode(codes, self.shaper.spoken if self.shaper else {})


def _to_unicode(codes: Sequence[int], spoken: Mapping[int, str]) -> str:
    """Return the ToUnicode CMap of a subset; at most 100 entries a block as the format demands."""
    entries = [
        f"<{place:02X}> <{spoken.get(code, chr(code)).encode('utf-16-be').hex().upper()}>"
        for place, code in enumerate(codes)
        if code
    ]
    lines = ["/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap"]
    lines += ["/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"]
    lines += ["/CMapName /Adobe-Identity-UCS def", "/CMapType 2 def"]
    lines += ["1 begincodespacerange", "<00> <FF>", "endcodespacerange"]
    for first in range(0, len(entries), 100):
        block = entries[first : first + 100]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


class Fonts:
    """All fonts of a folder; made once and handed to whatever lays out text.

    ``folder`` holds ``fonts.toml``, ``coverage.json`` and the files named there.  Nothing but
    the two small files is read here (below 10 ms).  ``office`` are fonts of this PC by role
    (``find_office_fonts``), which come before ours: each is read here (some 100 ms); one that cannot be used
    is passed over.

    Raises:
        AppError: ``fonts_unreadable`` (``path``) when the folder is incomplete or damaged.
    """

    def __init__(self, folder: Path, office: Mapping[str, Path] = MappingProxyType({})) -> None:
        self._folder = folder
        try:
            listing = tomllib.loads((folder / "fonts.toml").read_text("utf-8"))
            self._bounds: Mapping[str, list[int]] = json.loads((folder / "coverage.json").read_bytes())
            self._sums = {font["file"]: str(font["sha256"]) for font in listing["fonts"]}
            self._roles: dict[str, list[str]] = listing["roles"]
            self._shaped = next((font["file"] for font in listing["fonts"] if font.get("shaped")), "")
        except (OSError, ValueError, KeyError) as error:
            raise AppError("fonts_unreadable", path=str(folder)) from error
        for role, path in office.items():
            font = read_office_font(path)
            if font is not None:
                self._bounds = {**self._bounds, str(path): font.bounds}
                self._sums[str(path)] = font.sha256
                self._roles[role] = [str(path), *self._roles[role]]
        self._chains: dict[str, FontChain] = {}
        self._loaded: dict[str, _EmbeddedFont] = {}

    def chain(self, role: str) -> FontChain:
        """Return the fonts of a role: ``song``, ``title``, ``hei``, ``kai`` or ``fang``."""
        if role not in self._chains:
            self._chains[role] = FontChain(self, self._roles[role])
        return self._chains[role]

    def missing(self, text: str) -> str:
        """Return the distinct characters of ``text`` that no font prints, in order of appearance.

        Line ends, tabs, zero-width characters and tick boxes count as printable.  No font is opened; 30,000
        characters take a few milliseconds, so it may be asked on every edit.
        """
        unknown = self._every.unknown(text)
        return "".join(dict.fromkeys(ch for ch in text if ch in unknown)) if unknown else ""

    def sums(self) -> Mapping[str, str]:
        """Return file name -> sha256 of every font, for the packet's own record."""
        return dict(self._sums)

    def colours(self) -> bytes:
        """Return the ICC profile of sRGB that comes with the fonts.

        Raises:
            AppError: ``fonts_unreadable`` (``path``).
        """
        path = self._folder / "sRGB.icc"
        try:
            return path.read_bytes()
        except OSError as error:
            raise AppError("fonts_unreadable", path=str(path)) from error

    @cached_property
    def _every(self) -> FontChain:
        return FontChain(self, list(self._sums))

    def prints(self, file: str, character: str) -> bool:
        """Tell whether a font file has ink (or a space) for the character."""
        return bisect_right(self._bounds[file], ord(character)) % 2 == 1

    @cached_property
    def shaper(self) -> Shaper | None:
        """What joins letters of Arabic script, made at the first such word; none where no font is for them.

        Raises:
            AppError: ``fonts_unreadable`` (``path``).
        """
        if not self._shaped:
            return None
        font = self.load(self._shaped)
        if font.shaper is None:
            path = self._folder / self._shaped
            try:
                font.shaper = Shaper(path.read_bytes(), font.fontName)
            except OSError as error:
                raise AppError("fonts_unreadable", path=str(path)) from error
        return font.shaper

    def load(self, file: str) -> _EmbeddedFont:
        """Return the font, read at the first call and registered with reportlab under its name and sha256.

        Raises:
            AppError: ``fonts_unreadable`` (``path``).
        """
        if file not in self._loaded:
            # an office font is named by its whole path, and joining a folder and a whole path gives the path
            name = f"{Path(file).stem}-{self._sums[file][:8]}"
            self._loaded[file] = _registered(name) or _register(name, self._folder / file)
        return self._loaded[file]


def _registered(name: str) -> _EmbeddedFont | None:
    """Return what an earlier ``Fonts`` of this process registered; reportlab's registry is process-wide."""
    font: object = pdfmetrics.getFont(name) if name in pdfmetrics.getRegisteredFontNames() else None
    return font if isinstance(font, _EmbeddedFont) else None


def _register(name: str, path: Path) -> _EmbeddedFont:
    try:
        font = _EmbeddedFont(name, str(path), subfontIndex=0, shapable=False)
    except (OSError, TTFError) as error:
        raise AppError("fonts_unreadable", path=str(path)) from error
    pdfmetrics.registerFont(font)
    return font


class FontChain:
    """The fonts of one role in order: the first one that has a character prints it."""

    def __init__(self, fonts: Fonts, files: Sequence[str]) -> None:
        self._fonts = fonts
        self._files = files
        self._known: set[str] = set()
        self._kept: set[str] = set()
        self._own: set[str] = set()
        self._glyphs: dict[str, Glyph] = {}

    @property
    def first(self) -> str:
        """The registered name of the role's own font."""
        name: str = self._fonts.load(self._files[0]).fontName
        return name

    def unknown(self, text: str) -> set[str]:
        """Return the characters of ``text`` that no font of the chain prints."""
        new = set(text) - self._known
        if not new:
            return new
        lacking = {ch for ch in new if ch not in _SILENT and self._file_of(ch) is None and not ch.isspace()}
        self._known |= new - lacking
        return lacking

    def printable(self, text: str) -> str:
        """Return ``text`` as it is printed: zero-width characters dropped, other spaces as a plain one.

        A character that no font has becomes ``〓``.
        """
        if self._kept.issuperset(text):
            return text
        taken = False
        if _ARABIC.search(text) and self._fonts.shaper is not None:
            text = text.translate(dict.fromkeys(map(ord, self.unknown(text)), STAND_IN))
            text, taken = self._fonts.shaper.take_in(text), True
        swaps = {}
        for ch in set(text) - self._kept:
            if ch in _INVISIBLE:
                swaps[ord(ch)] = ""
            elif ch == "\xa0" or (ch.isspace() and self._file_of(ch) is None):
                swaps[ord(ch)] = " "
            elif ch >= WORDS and taken:
                continue
            elif ch not in TICK_BOXES and self._file_of(ch) is None:
                swaps[ord(ch)] = STAND_IN
            else:
                self._kept.add(ch)
        return text.translate(swaps) if swaps else text

    def uniform(self, text: str) -> bool:
        """Tell whether the first font alone prints ``text``, without tick boxes, as far as is known yet."""
        return self._own.issuperset(text)

    def glyph(self, character: str) -> Glyph:
        """Return font and width of a character of ``printable`` text; a font is opened on first need."""
        found = self._glyphs.get(character)
        word = self._word(character) if found is None and character >= WORDS else None
        if word is not None:
            found = self._glyphs[character] = Glyph(word.font, word.width, word=word)
        elif found is None and character in TICK_BOXES:
            found = self._glyphs[character] = self.glyph(BOX)._replace(box=True)
        if found is None:
            file = self._file_of(character) or self._files[0]
            font = self._fonts.load(file)
            face: Any = font.face
            found = self._glyphs[character] = Glyph(font.fontName, face.getCharWidth(ord(character)) / 1000)
            if file == self._files[0]:
                self._own.add(character)
        return found

    def glyphs(self, text: str) -> list[Glyph]:
        """Return font and width of every character of ``printable`` text."""
        known = self._glyphs
        try:
            return [known[ch] for ch in text]
        except KeyError:
            return [self.glyph(ch) for ch in text]

    def spoken(self, text: str) -> str:
        """Return ``printable`` text with its shaped words written out again."""
        words = {ord(ch): word.text for ch in text if ch >= WORDS and (word := self._word(ch))}
        return text.translate(words) if words else text

    def halves(self, character: str) -> str:
        """Return two characters for the halves of a shaped word that is wider than a line."""
        shaper = self._fonts.shaper
        return shaper.halves(character) if shaper is not None else character

    def width(self, text: str) -> float:
        """Return the natural width of ``printable`` text in em."""
        return sum(glyph.width for glyph in self.glyphs(text))

    def _word(self, character: str) -> Word | None:
        shaper = self._fonts.shaper
        return shaper.word(character) if shaper is not None else None

    def _file_of(self, character: str) -> str | None:
        for file in self._files:
            if self._fonts.prints(file, character):
                return file
        return None
