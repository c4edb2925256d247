"""Chinese text set into lines, and the ink that puts lines on a page.

Line breaking follows common Chinese practice (GB/T 15834-2011 §5.1): no closing mark begins a line, no
opening mark ends one, —— and …… stay whole, words and numbers of ASCII stay whole.  A word wider than a
whole line breaks inside, because text is never lost.  Words of Arabic script among Chinese are shaped and run
from right to left (``app.paper.shaping``).  All lengths are points (1/72 inch).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, NamedTuple
from unicodedata import combining

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from app.paper.fonts import BOX, FontChain, Glyph
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


def open_canvas(out: BinaryIO, font: str, title: str = "") -> Canvas:
    """Return a canvas for repeatable bytes that knows no font but the given registered one and its kin."""
    settings: Any = rl_config
    settings.useA85 = 0  # the library knows no other way to leave out a text coding that costs a quarter
    own: Any = font  # the library would refer to Helvetica, which is not embedded
    canvas = Canvas(out, invariant=1, initialFontName=own, lang="zh-CN")
    canvas.setTitle(title)
    canvas.setAuthor("")
    canvas.setSubject("")
    canvas.setCreator("")
    canvas.setProducer("")
    return canvas


class Ink:
    """The ink of one page: all text in one text object, all rules of one weight in one path."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._text: Any = canvas.beginText()
        self._font = ("", 0.0)
        self._spacing = 0.0
        self._gray = 0.0
        self._rules: dict[tuple[float, float], list[tuple[float, float, float, float]]] = {}
        self._boxes: list[tuple[float, float, float, str]] = []

    def line(self, line: Line, x: float, y: float, style: TextStyle) -> None:
        """Write a set line with its left edge at ``x`` and its baseline at ``y``."""
        text, x = self._text, x + line.x
        if self._gray != style.gray:
            text.setFillGray(style.gray)
            self._gray = style.gray
        # as setTextOrigin does, but a quarter of the time of a long table went into its spelling of numbers
        text._code.append(f"1 0 0 1 {x:.3f} {y:.3f} Tm")
        shaped = any(piece.word for piece in line.pieces)
        for number, piece in enumerate(line.pieces):
            left = x
            if shaped or piece.box:
                left += sum(self._width(each, style.size) for each in line.pieces[:number])
            if shaped:
                text._code.append(f"1 0 0 1 {left:.3f} {y:.3f} Tm")
            if self._font != (piece.font, style.size):
                text.setFont(piece.font, style.size)
                self._font = (piece.font, style.size)
            spacing = 0.0 if piece.word else piece.spacing
            if self._spacing != spacing:
                text.setCharSpace(spacing)
                self._spacing = spacing
            if piece.word and piece.word.spots:
                for glyph, (right, up) in zip(piece.text, piece.word.spots, strict=True):
                    spot = left + right * style.size, y + up * style.size
                    text._code.append(f"1 0 0 1 {spot[0]:.3f} {spot[1]:.3f} Tm")
                    text.textOut(glyph)
            elif piece.box:
                self._tick_boxes(piece, left, y, style.size)
            else:
                text.textOut(piece.text)

    def _tick_boxes(self, piece: Piece, x: float, y: float, size: float) -> None:
        """Note where to draw boxes; an invisible text keeps their place and says what they are."""
        step = size + piece.spacing
        self._boxes += [(x + place * step, y, size, mark) for place, mark in enumerate(piece.text)]
        spoken = f"\ufeff{piece.text}".encode("utf-16-be").hex().upper()
        # ISO 32000-1 §14.9.4; the library has no call for it
        self._text._code.append(f"/Span <</ActualText <{spoken}>>> BDC 3 Tr")
        self._text.textOut(BOX * len(piece.text))
        self._text._code.append("0 Tr EMC")

    def _width(self, piece: Piece, size: float) -> float:
        if piece.word:
            return piece.word.width * size + piece.spacing
        text = BOX * len(piece.text) if piece.box else piece.text
        return float(self.canvas.stringWidth(text, piece.font, size)) + piece.spacing * len(text)

    def rule(
        self, x0: float, y0: float, x1: float, y1: float, weight: float = 0.5, gray: float = 0.0
    ) -> None:
        """Draw a straight line."""
        self._rules.setdefault((weight, gray), []).append((x0, y0, x1, y1))

    def flush(self) -> None:
        """Put everything on the page; call once, before the page is shown."""
        self.canvas.drawText(self._text)
        for (weight, gray), lines in self._rules.items():
            self.canvas.setLineWidth(weight)
            self.canvas.setStrokeGray(gray)
            self.canvas.lines(lines)
        self.canvas.setStrokeGray(0)
        for x, y, size, mark in self._boxes:
            draw_tick_box(self.canvas, x, y, size, mark)


def draw_tick_box(canvas: Canvas, x: float, y: float, size: float, mark: str) -> None:
    """Draw ☐, ☑ or ☒ as a shape one em wide with its text baseline at ``y``."""
    side, left, bottom = 0.76 * size, x + 0.12 * size, y - 0.04 * size
    canvas.setLineWidth(max(0.5, size * 0.05))
    canvas.rect(left, bottom, side, side, stroke=1, fill=0)
    canvas.setLineWidth(max(0.7, size * 0.085))
    if mark == "☑":
        path = canvas.beginPath()
        path.moveTo(left + 0.16 * side, bottom + 0.52 * side)
        path.lineTo(left + 0.42 * side, bottom + 0.22 * side)
        path.lineTo(left + 0.86 * side, bottom + 0.82 * side)
        canvas.drawPath(path, stroke=1, fill=0)
    elif mark == "☒":
        canvas.line(left + 0.2 * side, bottom + 0.2 * side, left + 0.8 * side, bottom + 0.8 * side)
        canvas.line(left + 0.2 * side, bottom + 0.8 * side, left + 0.8 * side, bottom + 0.2 * side)
