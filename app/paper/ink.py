"""The canvas that paper is drawn on, and the ink that puts set lines and rules on one of its pages."""

from __future__ import annotations

from typing import Any, BinaryIO

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from app.paper.archival import OwnCanvas
from app.paper.fonts import BOX
from app.paper.text import Line, Piece, TextStyle


def open_canvas(out: BinaryIO, font: str, title: str = "") -> Canvas:
    """Return a canvas for repeatable bytes that knows no font but the given registered one and its kin."""
    settings: Any = rl_config
    settings.useA85 = 0  # the library knows no other way to leave out a text coding that costs a quarter
    own: Any = font  # the library would refer to Helvetica, which is not embedded
    canvas = OwnCanvas(out, invariant=1, initialFontName=own, lang="zh-CN")
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
