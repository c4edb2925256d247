"""The boxes of a one-page form: rows of cells, and boxes to write, sign and stamp in."""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.lib.units import mm

from app.paper.ink import Ink
from app.paper.page import TextBlock
from app.paper.signature import SignatureBlock
from app.paper.text import Line, TextStyle, baseline

PAD = 5.0
"""White space inside a cell in points."""

LEAST_BOX = 60 * mm
"""Least height of a box that is stamped: a seal of 42 mm, a line above and one below."""

EMPTY_BOX = 22 * mm
"""Least height of a box that nobody stamps."""

_FRAME, _GRID = 0.9, 0.45


@dataclass(frozen=True, slots=True)
class Cell:
    """Set lines between two edges, in points from the form's left side."""

    left: float
    right: float
    lines: tuple[Line, ...]
    style: TextStyle

    @property
    def height(self) -> float:
        """The height of the lines with room around."""
        return len(self.lines) * self.style.leading + 2 * PAD

    def draw(self, ink: Ink, x: float, top: float, height: float) -> None:
        """Draw the lines in the middle of ``height``."""
        y = top - (height - len(self.lines) * self.style.leading) / 2 - baseline(self.style)
        for line in self.lines:
            ink.line(line, x + self.left + PAD, y, self.style)
            y -= self.style.leading


@dataclass(frozen=True, slots=True)
class CellRow:
    """Cells side by side in a frame."""

    cells: tuple[Cell, ...]

    @property
    def height(self) -> float:
        """The height of the fullest cell."""
        return max(cell.height for cell in self.cells)

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw the row."""
        for cell in self.cells:
            cell.draw(ink, x, top, self.height)
            if cell is not self.cells[-1]:
                ink.rule(x + cell.right, top, x + cell.right, top - self.height, _GRID)
        _draw_frame(ink, x, top, self.cells[-1].right, self.height)


@dataclass(frozen=True, slots=True)
class OpinionBox:
    """A box with its title at the left, text at the top, and places to sign and stamp at the bottom.

    ``extra`` points of height are white, between the text and the signatures.
    """

    title: Cell
    width: float
    texts: tuple[TextBlock, ...]
    signature: SignatureBlock | None
    extra: float = 0.0

    @property
    def least(self) -> float:
        """The height without ``extra``."""
        inner = sum(block.height for block in self.texts) + 2 * PAD
        inner += self.signature.height if self.signature else 0.0
        floor = LEAST_BOX if self.signature and self.signature.sealed else EMPTY_BOX
        return max(floor, inner, self.title.height)

    @property
    def height(self) -> float:
        """The whole height in points."""
        return self.least + self.extra

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw the box."""
        self.title.draw(ink, x, top, self.height)
        ink.rule(x + self.title.right, top, x + self.title.right, top - self.height, _GRID)
        left, y = x + self.title.right + 2 * PAD, top - PAD
        for block in self.texts:
            block.draw(ink, left, y)
            y -= block.height
        if self.signature:
            self.signature.draw(ink, left, top - self.height + PAD + self.signature.height)
        _draw_frame(ink, x, top, self.width, self.height)


def _draw_frame(ink: Ink, x: float, top: float, width: float, height: float) -> None:
    for y in (top, top - height):
        ink.rule(x, y, x + width, y, _FRAME)
    for edge in (x, x + width):
        ink.rule(edge, top, edge, top - height, _FRAME)
