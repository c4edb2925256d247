"""Chinese text set into lines.

Line breaking follows common Chinese practice (GB/T 15834-2011 §5.1): no closing mark begins a line, no
opening mark ends one, —— and …… stay whole, words and numbers of ASCII stay whole.  A word wider than a
whole line breaks inside, because text is never lost.  Words of Arabic script among Chinese are shaped and run
from right to left (``app.paper.shaping``).  All lengths are points (1/72 inch).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from unicodedata import combining

from app.paper.fonts import FontChain, Glyph
from app.paper.shaping import Word, has_words, visual_order

Align = Literal["left", "center", "right", "justify"]

NO_START = frozenset("，。、；：？！）】》〉」』”’〕〗〞％‰℃…·～々,.;:?!)]}%°")
NO_END = frozenset("（【《〈「『“‘〔〖〝([{￥$¥№")
_UNSPLIT = frozenset("—…")
_CLOSING = frozenset("，。、；：）】》〉」』”’〕〗")
_OPENING = frozenset("（【《〈「『“‘〔〖")
_SQUEEZED = re.compile(
    f"[{''.join(sorted(_CLOSING))}](?=[{''.join(sorted(_CLOSING | _OPENING))}])"
    f"|[{''.join(sorted(_OPENING))}](?=[{''.join(sorted(_OPENING))}])"
)
_JOINERS = frozenset("._-/@%&+#:=?~'\"\\,;!*^|")
_NAME = 2
"""A name is rather divided behind its dot (古丽米热·/赛里克) than up to so many characters later."""
_EPSILON = 0.01
_LOOSEST = 0.35
"""A justified line is never opened by more than this part of an em between two characters."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a paragraph looks.

    ``role`` names the fonts, ``size``, ``leading`` and ``tracking`` (added after each character) are points,
    ``indent`` and ``hang`` (first and following lines) are characters, ``gray`` is 0 (black) to 1 (white).
    """

    role: str
    size: float
    leading: float
    align: Align = "left"
    indent: float = 0.0
    hang: float = 0.0
    tracking: float = 0.0
    gray: float = 0.0


class Piece(NamedTuple):
    """A run of characters with one font and one spacing; ``box`` says that they are tick boxes.

    ``word`` is a shaped word: then ``text`` are its glyphs and ``spacing`` stands behind it.
    """

    font: str
    spacing: float
    text: str
    box: bool = False
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One set line: its characters, where it starts (from the left), how wide it is, and what to draw.

    ``text`` is in the order of reading, ``pieces`` from left to right.
    """

    text: str
    x: float
    width: float
    pieces: tuple[Piece, ...]


class Span(NamedTuple):
    """A stretch of a paragraph with fonts of its own (a run-in heading, a bold word)."""

    text: str
    chain: FontChain


def lay_out(text: str | Sequence[Span], chain: FontChain, style: TextStyle, width: float) -> tuple[Line, ...]:
    r"""Set text into lines that are at most ``width`` wide.

    Every line end in ``text`` begins a new paragraph (indented anew); empty paragraphs are left out, as are
    spaces around a paragraph, so that typed indents do not add to ours.  ``text`` may be several spans.
    """
    lines: list[Line] = []
    for paragraph in _paragraphs([Span(text, chain)] if isinstance(text, str) else text):
        lines += _set_paragraph(paragraph, style, width)
    return tuple(lines)


def _paragraphs(spans: Sequence[Span]) -> Iterable[list[Span]]:
    current: list[Span] = []
    for span in spans:
        # a character behind it lets a line end at the very end count
        parts = (span.text + "|").splitlines()
        parts[-1] = parts[-1][:-1]
        for number, part in enumerate(parts):
            if number:
                yield from _trimmed(current)
                current = []
            current.append(Span(span.chain.printable(part), span.chain))
    yield from _trimmed(current)


def _trimmed(spans: list[Span]) -> Iterable[list[Span]]:
    kept = [span for span in spans if span.text]
    while kept and not kept[0].text.strip():
        kept.pop(0)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[0] = kept[0]._replace(text=kept[0].text.lstrip())
        kept[-1] = kept[-1]._replace(text=kept[-1].text.rstrip())
        yield kept


def _set_paragraph(spans: Sequence[Span], style: TextStyle, width: float) -> list[Line]:
    size, tracking = style.size, style.tracking
    text = "".join(span.text for span in spans)
    if shaped := has_words(text):
        most = (width - max(style.indent, style.hang) * (size + tracking)) / size
        spans = [_divided(span, most) for span in spans]
        text = "".join(span.text for span in spans)
    glyphs = [glyph for span in spans for glyph in span.chain.glyphs(span.text)]
    advances = [glyph.width * size + tracking for glyph in glyphs]
    even = not tracking and spans[0].chain.uniform(text) and len(spans) == 1
    for match in _SQUEEZED.finditer(text):
        even = False
        place = match.start()
        if glyphs[place].width >= 0.9:
            advances[place] -= size / 2
    pitch = size + tracking
    first, rest = width - style.indent * pitch, width - style.hang * pitch
    lines: list[Line] = []
    for start, end, natural in _breaks(text, advances, size, first, rest):
        indent, room = (style.hang * pitch, rest) if lines else (style.indent * pitch, first)
        stretch = style.align == "justify" and end < len(text)
        if even and not stretch:
            x = max(0.0, {"center": (room - natural) / 2, "right": room - natural}.get(style.align, 0.0))
            own = text[start:end]
            lines.append(Line(own, indent + x, natural, (Piece(glyphs[start].font, 0.0, own),)))
            continue
        if shaped:
            order, seen = visual_order(text[start:end])
            turned = [glyphs[start + place] for place in order], [advances[start + place] for place in order]
            x, pieces, drawn = _fit(seen, *turned, (0, len(seen)), natural, room, stretch, style)
            read = spans[0].chain.spoken(text[start:end])
            lines.append(Line(read, indent + x, drawn, pieces))
            continue
        x, pieces, drawn = _fit(text, glyphs, advances, (start, end), natural, room, stretch, style)
        lines.append(Line(text[start:end], indent + x, drawn, pieces))
    return lines


def _divided(span: Span, room: float) -> Span:
    """Return a span in which no shaped word is wider than ``room`` em, letters that are wider aside."""
    parts: list[str] = []
    waiting = list(reversed(span.text))
    while waiting:
        character = waiting.pop()
        glyph = span.chain.glyph(character)
        halves = span.chain.halves(character) if glyph.word and glyph.width > room else character
        if len(halves) == 1:
            parts.append(character)
        else:
            waiting += reversed(halves)
    return span._replace(text="".join(parts))


def _breaks(
    text: str, advances: Sequence[float], size: float, first: float, rest: float
) -> list[tuple[int, int, float]]:
    """Return (start, end, natural width) of each line; spaces between two lines belong to neither."""
    lines = []
    start, count, room = 0, len(text), first
    while start < count:
        end, used = start, 0.0
        while end < count and used + advances[end] <= room + _EPSILON:
            used += advances[end]
            end += 1
        if end < count:
            end, used = _cut(text, advances, size, start, end, used, room, rest)
        stop = end
        while stop > start + 1 and text[stop - 1] == " ":
            stop -= 1
            used -= advances[stop]
        lines.append((start, stop, used))
        start, room = end, rest
        while start < count and text[start] == " ":
            start += 1
    return lines


def _cut(
    text: str,
    advances: Sequence[float],
    size: float,
    start: int,
    end: int,
    used: float,
    room: float,
    rest: float,
) -> tuple[int, float]:
    """Return where a full line ends and how wide it is then; ``end`` is the first that does not fit."""
    half = size / 2
    if (
        text[end] in _CLOSING
        and advances[end] > 1.6 * half
        and used + advances[end] - half <= room + _EPSILON
        and (end + 1 == len(text) or _may_break(text, end + 1))
    ):
        return end + 1, used + advances[end] - half
    cut = end
    while cut > start and not _may_break(text, cut):
        cut -= 1
    if cut == start or _stuck(text, advances, cut, rest):
        cut = end
        while cut > start and (text[cut] in NO_START or text[cut - 1] in NO_END or combining(text[cut])):
            cut -= 1
        if cut == start:
            cut = max(end, start + 1)
    dot = text.rfind("·", start + 1, cut)
    if 0 <= dot < cut - 1 <= dot + _NAME and _may_break(text, dot + 1):
        cut = dot + 1
    return cut, sum(advances[start:cut])


def _stuck(text: str, advances: Sequence[float], cut: int, rest: float) -> bool:
    """Tell whether the word at ``cut`` is too long even for a line of its own."""
    width, place, count = 0.0, cut, len(text)
    while place < count:
        width += advances[place]
        place += 1
        if width > rest + _EPSILON:
            return True
        if place < count and _may_break(text, place):
            return False
    return False


def _in_word(character: str) -> bool:
    return character < "\u0250" and (character.isalnum() or character in _JOINERS)


def _may_break(text: str, place: int) -> bool:
    """Tell whether a line may end before the character at ``place``."""
    before, after = text[place - 1], text[place]
    if " " in (before, after):
        return True
    if after in NO_START or before in NO_END or (before in _UNSPLIT and after in _UNSPLIT):
        return False
    if _in_word(before) and _in_word(after):
        return False
    return not combining(after)


def _fit(
    text: str,
    glyphs: Sequence[Glyph],
    advances: Sequence[float],
    place: tuple[int, int],
    natural: float,
    room: float,
    stretch: bool,
    style: TextStyle,
) -> tuple[float, tuple[Piece, ...], float]:
    """Return x, pieces and width of the line ``text[start:end]`` in ``room``."""
    start, end = place
    natural -= style.tracking
    spare = room - natural
    if stretch and spare > _EPSILON:
        gaps = [_stretches(text[i], text[i + 1]) for i in range(start, end - 1)]
        added = spare / max(1, sum(gaps))
        if added <= _LOOSEST * style.size:
            opened = [added * gap for gap in gaps]
            return 0.0, _pieces(text, glyphs, advances, place, style.size, opened), room
    x = {"center": spare / 2, "right": spare}.get(style.align, 0.0)
    return max(0.0, x), _pieces(text, glyphs, advances, place, style.size, None), natural


def _stretches(before: str, after: str) -> bool:
    return not (_in_word(before) and _in_word(after))


def _pieces(
    text: str,
    glyphs: Sequence[Glyph],
    advances: Sequence[float],
    place: tuple[int, int],
    size: float,
    added: Sequence[float] | None,
) -> tuple[Piece, ...]:
    """Return runs of one font and spacing; spacing is what an advance differs from the glyph's own width."""
    start, end = place
    pieces: list[Piece] = []
    begun, now, spacing = start, glyphs[start], 0.0
    for index in range(start, end):
        glyph = glyphs[index]
        own = advances[index] - glyph.width * size
        if added is not None and index < end - 1:
            own += added[index - start]
        own = round(own, 3)
        if index == start:
            spacing = own
        elif (
            glyph.font != now.font
            or glyph.box != now.box
            or glyph.word is not None
            or now.word is not None
            or (own != spacing and index < end - 1)
        ):
            pieces.append(_piece(now, spacing, text[begun:index]))
            begun, now, spacing = index, glyph, own
    pieces.append(_piece(now, spacing, text[begun:end]))
    return tuple(pieces)


def _piece(glyph: Glyph, spacing: float, text: str) -> Piece:
    return Piece(glyph.font, spacing, glyph.word.glyphs if glyph.word else text, glyph.box, glyph.word)


def lines_that_stay(count: int, room: int) -> int:
    """Return how many of ``count`` lines stand on this page when ``room`` lines fit.

    Neither the first line of a paragraph stays alone at a page's end nor its last one at the next page's top.
    """
    if room >= count:
        return count
    stay = min(room, count - 2)
    return stay if stay >= 2 else 0


def baseline(style: TextStyle) -> float:
    """Return how far below the top of a line its baseline is; the em box stands in the line's middle."""
    return (style.leading - style.size) / 2 + 0.88 * style.size
