"""Words of Arabic script (Uyghur names): their letters joined, and their order among Chinese characters.

A word is shaped once by HarfBuzz and then stands in a text as one character, so that lines are broken and
filled as ever.  Names in a Chinese sentence are islands that run from right to left (as between RLI and PDI,
UAX #9 §2.7): words, and the numbers and plain marks between them, change places; what is around does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

GLYPHS = (0xF0000, 0xF8000)
"""A shaped font gives glyph number n these characters plus n (``installers/fonts.py``).

The second one is used where the glyph has said another letter before: ە and ه may look alike.
"""

_FIRST, _MOST = 0x100000, 0xFFFD
"""Characters that stand for words: private ones of plane 16, which no font has."""

_LETTERS = "\u0600-\u065f\u066a-\u06ef\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
_WORD = re.compile(f"[{_LETTERS}](?:[\u200c\u200d]?[{_LETTERS}])*")
_STAND_IN = f"[{chr(_FIRST)}-{chr(_FIRST + _MOST)}]"
_ANY = re.compile(_STAND_IN)
_ISLAND = re.compile(rf"{_STAND_IN}(?:[\d\s!-/:-@\[-`{{-~«»]*{_STAND_IN})*")
_TOKEN = re.compile(r"\d[\d.,:/%٪]*(?<=[\d%٪])|.", re.DOTALL)
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_JOINER = "\u200d"
_JOINERS = "\u200c\u200d"


class Word(NamedTuple):
    """A shaped word: what it says, its glyphs from left to right (private characters), its width in em.

    A part of a word carries joiners (U+200D) where it was divided.  ``spots`` are the places of the glyphs in
    em from the word's left end on the baseline; none where each glyph stands behind the one before it.
    """

    text: str
    glyphs: str
    width: float
    font: str
    spots: tuple[tuple[float, float], ...] = ()


class Shaper:
    """Shapes words with one font; ``spoken`` tells what each glyph used so far says."""

    def __init__(self, data: bytes, font: str) -> None:
        import uharfbuzz  # most reports hold no Arabic script

        self._engine = uharfbuzz
        face = uharfbuzz.Face(data)
        self._font = uharfbuzz.Font(face)
        self._em: int = face.upem
        self._name = font
        self._words: dict[str, str] = {}
        self._stand_ins: dict[str, Word] = {}
        self._spoken: dict[int, str] = {}

    @property
    def spoken(self) -> Mapping[int, str]:
        """Give private character -> letters that it shows, for copying text out of a PDF."""
        return self._spoken

    def take_in(self, text: str) -> str:
        """Return ``text`` with one character for each word of Arabic script."""
        return _WORD.sub(lambda match: self._stand_in(match[0]), text)

    def word(self, character: str) -> Word | None:
        """Return the word that a character stands for, if it does."""
        return self._stand_ins.get(character)

    def halves(self, character: str) -> str:
        """Return two characters for the halves of a word, joined in shape still; a letter stays one."""
        word = self._stand_ins[character].text
        letters = len(word.strip(_JOINER))
        if letters < 2:
            return character
        middle = letters // 2 + word.startswith(_JOINER)
        return self._stand_in(word[:middle] + _JOINER) + self._stand_in(_JOINER + word[middle:])

    def _stand_in(self, word: str) -> str:
        found = self._words.get(word)
        if found is None and len(self._words) > _MOST:
            return word  # its letters stand alone: more words than a process ever meets
        if found is None:
            found = self._words[word] = chr(_FIRST + len(self._words))
            self._stand_ins[found] = self._shape(word)
        return found

    def _shape(self, word: str) -> Word:
        buffer = self._engine.Buffer()
        buffer.add_str(word)
        buffer.guess_segment_properties()
        buffer.cluster_level = self._engine.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.flags = self._engine.BufferFlags.REMOVE_DEFAULT_IGNORABLES
        self._engine.shape(self._font, buffer)
        infos, positions = buffer.glyph_infos or [], buffer.glyph_positions or []
        starts = sorted({info.cluster for info in infos})
        ends = dict(zip(starts, [*starts[1:], len(word)], strict=True))
        said: set[int] = set()
        spots: list[tuple[float, float]] = []
        x, even, glyphs = 0.0, True, ""
        for info, place in zip(infos, positions, strict=True):
            even = even and not place.x_offset and not place.y_offset
            even = even and place.x_advance == self._font.get_glyph_h_advance(info.codepoint)
            spots.append((x + place.x_offset / self._em, place.y_offset / self._em))
            x += place.x_advance / self._em
            # glyphs of one cluster show its letters together: the first of them says all, others nothing
            letters = word[info.cluster : ends[info.cluster]].strip(_JOINERS)
            letters = _JOINER if info.cluster in said or not letters else letters
            said.add(info.cluster)
            glyphs += self._character(info.codepoint, letters)
        return Word(word, glyphs, x, self._name, () if even else tuple(spots))

    def _character(self, glyph: int, letters: str) -> str:
        """Return the private character of a glyph that says these letters."""
        first, second = (start + glyph for start in GLYPHS)
        said = self._spoken.setdefault(first, letters)
        if said != letters:
            self._spoken.setdefault(second, letters)
            return chr(second)
        return chr(first)


def visual_order(text: str) -> tuple[list[int], str]:
    """Return the places of the characters of a set line from left to right, and what is seen there.

    Brackets inside an island are mirrored.
    """
    order: list[int] = []
    seen = ""
    for island in _ISLAND.finditer(text):
        seen += text[len(order) : island.start()]
        order += range(len(order), island.start())
        tokens = [range(token.start(), token.end()) for token in _TOKEN.finditer(text, *island.span())]
        turned = [place for token in reversed(tokens) for place in token]
        seen += "".join(text[place] for place in turned).translate(_MIRRORED)
        order += turned
    return [*order, *range(len(order), len(text))], seen + text[len(order) :]


def has_words(text: str) -> bool:
    """Tell whether words of Arabic script stand in a text that was taken in."""
    return _ANY.search(text) is not None
