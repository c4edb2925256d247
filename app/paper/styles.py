"""Sizes of the paper: page geometry and the styles of texts, after GB/T 9704-2012, and of data sheets."""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.lib.units import mm

from app.paper.fonts import FANG, HEI, KAI, SONG, TITLE
from app.paper.text import TextStyle


@dataclass(frozen=True, slots=True)
class Geometry:
    """A page and its margins in mm, as they are on a right-hand page.

    On the back of a sheet the margins are mirrored, so that what is bound is always the same edge.  A page
    across stands with its head to the left, on both sides of a sheet: the head is at the binding edge of a
    right-hand page and at the fore-edge of a left-hand one (GB/T 9704-2012 §8).  So its ``top`` and
    ``bottom`` are mirrored, as ``left`` and ``right`` of an upright page.
    """

    width: float = 210.0
    height: float = 297.0
    top: float = 37.0
    bottom: float = 35.0
    left: float = 28.0
    right: float = 26.0

    @property
    def body_width(self) -> float:
        """Width of the type area in points."""
        return (self.width - self.left - self.right) * mm

    @property
    def body_height(self) -> float:
        """Height of the type area in points."""
        return (self.height - self.top - self.bottom) * mm

    def corner(self, recto: bool) -> tuple[float, float]:
        """Return the upper left corner of the type area on a right-hand page or on the back of a sheet.

        Points from the lower left corner of the page.
        """
        across = self.width > self.height
        left = self.left if recto or across else self.right
        top = self.bottom if across and not recto else self.top
        return left * mm, (self.height - top) * mm


TEXT_PAGE = Geometry()
"""GB/T 9704-2012 §5.2: type area 156 × 225 mm, 22 lines of 28 characters."""

DATA_PAGE = Geometry(top=28.0, bottom=21.0, left=28.0, right=20.0)
"""An upright page for forms and tables; codes of 22 mm find room above its type area."""

WIDE_PAGE = Geometry(width=297.0, height=210.0, top=28.0, bottom=20.0, left=21.0, right=25.0)
"""A page across for wide tables; its marks stand at its left and right: foot and head when it is bound."""


@dataclass(frozen=True, slots=True)
class StyleSheet:
    """The styles that a document uses; ``gap`` (points) stands between unlike blocks."""

    title: TextStyle
    headings: tuple[TextStyle, TextStyle, TextStyle]
    body: TextStyle
    signature: TextStyle
    small: TextStyle
    gap: float


_LINE = 28.95
"""22 lines fill 225 mm (GB/T 9704-2012 §5.2.2)."""
_TRACK = 156 * mm / 28 - 16
"""28 characters of 3号 fill 156 mm, so each is set 0.2 pt closer."""

TEXT_SHEET = StyleSheet(
    title=TextStyle(TITLE, 22, 34, "center"),
    headings=(
        TextStyle(HEI, 16, _LINE, "left", 2, tracking=_TRACK),
        TextStyle(KAI, 16, _LINE, "left", 2, tracking=_TRACK),
        TextStyle(FANG, 16, _LINE, "left", 2, tracking=_TRACK),
    ),
    body=TextStyle(FANG, 16, _LINE, "justify", 2, tracking=_TRACK),
    signature=TextStyle(FANG, 16, _LINE),
    small=TextStyle(SONG, 10.5, 16),
    gap=10.0,
)
"""Official texts: 2号 title, 3号 黑体, 楷体 and 仿宋 (GB/T 9704-2012 §7.3)."""

DATA_SHEET = StyleSheet(
    title=TextStyle(TITLE, 18, 27, "center"),
    headings=(TextStyle(HEI, 14, 24), TextStyle(HEI, 12, 20), TextStyle(KAI, 12, 20)),
    body=TextStyle(SONG, 12, 20, "justify", 2),
    signature=TextStyle(SONG, 12, 22),
    small=TextStyle(SONG, 9, 13),
    gap=8.0,
)
"""Forms and tables with short texts, 四号 to 小五."""
