"""Tables that run over pages: measured columns, repeated header, rows that are never torn without need.

A table is laid out once for a width (``lay_out_table``) and then cut into page-sized pieces, each of which
draws itself.  Merged cells are not offered.  All lengths are points.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Literal

from app.paper.fonts import HEI, SONG, Fonts
from app.paper.ink import Ink
from app.paper.shaping import has_words
from app.paper.text import Line, TextStyle, baseline, lay_out

CellAlign = Literal["auto", "left", "center", "right"]

SIZES = (10.5, 10.0, 9.5, 9.0)
"""Text sizes tried for a table, 五号 down to 小五: the first in which every word and number fits."""

_PAD_X, _PAD_Y = 4.0, 3.0
_LEADING = 1.35
_FRAME, _GRID = 0.9, 0.45
_WIDEST = 16.0
"""A column without a weight never asks for more than so many characters."""
_SHORT = 6.0
"""A column without a weight is not narrowed below its longest line if that is so short."""
_LONGEST = 13.0
"""A word longer than so many characters (an address of the web) does not widen its column."""

_NUMBER = re.compile(r"[-+−]?\d[\d,]*(\.\d+)?\s*[%％‰]?")
_WORD = re.compile(r"[!-~]+")
_NOTHING = frozenset(("", "—", "——", "-", "－", "/", "无"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its share of the width (none: measured from its cells), its alignment.

    ``auto`` sets numbers to the right, signs for nothing (—, /, 无) in the middle, and text to the left.
    """

    title: str
    weight: float | None = None
    align: CellAlign = "auto"


@dataclass(frozen=True, slots=True)
class Table:
    """A table to print; ``rows`` hold printed text, one string for each column.

    ``title`` stands above, ``unit`` ("万元") at its right as 单位：万元, ``strong`` numbers the rows set in
    黑体 (合计), ``header`` is false for a form without column headings, ``strong_columns`` are 黑体 too.
    In the rows ``texts`` digits are no amounts (a telephone): ``auto`` sets them to the left.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    title: str = ""
    unit: str = ""
    strong: Collection[int] = ()
    strong_columns: Collection[int] = ()
    texts: Collection[int] = ()
    header: bool = True
    sizes: tuple[float, ...] = SIZES


Cell = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    """What all pieces of one table share."""

    edges: tuple[float, ...]
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    heights: tuple[float, ...]
    ends: tuple[float, ...]
    header_height: float
    title: Cell
    again: Cell
    unit: Cell
    style: TextStyle
    title_style: TextStyle


@dataclass(frozen=True, slots=True)
class TablePiece:
    """The rows ``first`` to ``last`` (exclusive) of a table; ``skip`` lines of the first are printed already.

    ``lines`` is how many lines of a torn row belong to this piece (0: whole rows only).
    """

    layout: _Layout = field(repr=False)
    first: int
    last: int
    skip: int = 0
    lines: int = 0

    @property
    def height(self) -> float:
        """The height with title and header."""
        if self.first >= self.last:
            return self._head()
        ends = self.layout.ends
        return self._head() + self._row_height(self.first) + ends[self.last] - ends[self.first + 1]

    @property
    def least(self) -> float:
        """The height of title, header and two rows; where one is tall, of three lines of the first."""
        if self.first >= self.last:
            return self._head()
        three = 3 * self.layout.style.leading + 2 * _PAD_Y
        rows = [self._row_height(row) for row in range(self.first, min(self.first + 2, self.last))]
        return self._head() + (sum(rows) if max(rows) <= three else min(three, rows[0]))

    def split(
        self, room: float, fresh: bool, tail: bool = False
    ) -> tuple[TablePiece | None, TablePiece | None]:
        """Return what fits into ``room`` and the rest.

        ``fresh`` says that the room is a whole page: then a row that is taller than it is torn between its
        lines.  ``tail`` keeps the last row for the rest, because something must stand under it.
        """
        end = self.last - 1 if tail else self.last
        used, row = self._head(), self.first
        while row < end and used + self._row_height(row) <= room + 0.01:
            used += self._row_height(row)
            row += 1
        if row == self.last:
            return self, None
        if row > self.first:
            return replace(self, last=row), replace(self, first=row, skip=0)
        if not fresh:
            return None, self
        return self._torn(room)

    def _torn(self, room: float) -> tuple[TablePiece | None, TablePiece | None]:
        layout = self.layout
        count = max(map(len, layout.rows[self.first])) - self.skip
        fits = max(1, int((room - self._head() - 2 * _PAD_Y + 0.01) / layout.style.leading))
        if fits >= count:
            if self.last == self.first + 1:
                return self, None
            return replace(self, last=self.first + 1), replace(self, first=self.first + 1, skip=0)
        here = replace(self, last=self.first + 1, lines=fits)
        return here, replace(self, skip=self.skip + fits)

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw the piece with its upper left corner at (``x``, ``top``)."""
        layout, begun = self.layout, self.first > 0 or self.skip > 0
        y = self._draw_title(ink, x, top, begun)
        edges = [x + edge for edge in layout.edges]
        tops = [y]
        if layout.header:
            self._draw_row(ink, edges, y, layout.header_height, layout.header)
            y -= layout.header_height
            tops.append(y)
        for row in range(self.first, self.last):
            height = self._row_height(row)
            cells = layout.rows[row]
            if row == self.first and (self.skip or self.lines):
                stop = self.skip + self.lines if self.lines else None
                cells = tuple(cell[self.skip : stop] for cell in cells)
            self._draw_row(ink, edges, y, height, cells, torn=bool(self.skip or self.lines))
            y -= height
            tops.append(y)
        for number, line in enumerate(tops):
            weight = _FRAME if number in (0, len(tops) - 1) else _GRID
            ink.rule(edges[0], line, edges[-1], line, weight)
        for edge in edges:
            ink.rule(edge, tops[0], edge, tops[-1], _FRAME if edge in (edges[0], edges[-1]) else _GRID)

    def _draw_title(self, ink: Ink, x: float, top: float, begun: bool) -> float:
        layout = self.layout
        title = layout.again if begun else layout.title
        y = top
        for line in title:
            ink.line(line, x, y - baseline(layout.title_style), layout.title_style)
            y -= layout.title_style.leading
        if layout.unit:
            if not (begun and title):
                y -= layout.style.leading
            ink.line(layout.unit[0], x, y + layout.style.leading - baseline(layout.style), layout.style)
        return y - self._title_gap(begun)

    def _draw_row(
        self,
        ink: Ink,
        edges: Sequence[float],
        top: float,
        height: float,
        cells: Sequence[Cell],
        torn: bool = False,
    ) -> None:
        style = self.layout.style
        drop = baseline(style)
        for number, cell in enumerate(cells):
            free = 0.0 if torn else (height - 2 * _PAD_Y - len(cell) * style.leading) / 2
            y = top - _PAD_Y - free - drop
            for line in cell:
                ink.line(line, edges[number] + _PAD_X, y, style)
                y -= style.leading

    def _row_height(self, row: int) -> float:
        if row == self.first and (self.skip or self.lines):
            count = self.lines or max(map(len, self.layout.rows[row])) - self.skip
            return count * self.layout.style.leading + 2 * _PAD_Y
        return self.layout.heights[row]

    def _head(self) -> float:
        begun = self.first > 0 or self.skip > 0
        layout = self.layout
        title = layout.again if begun else layout.title
        height = len(title) * layout.title_style.leading
        if layout.unit and not (begun and title):
            height += layout.style.leading
        return height + self._title_gap(begun) + layout.header_height

    def _title_gap(self, begun: bool) -> float:
        layout = self.layout
        return 3.0 if (layout.again if begun else layout.title) or layout.unit else 0.0


def lay_out_table(table: Table, fonts: Fonts, width: float) -> TablePiece:
    """Measure columns and rows for ``width`` and return the whole table as one piece.

    The text is set in the first of ``table.sizes`` in which every number and word fits its column; where none
    is small enough, the last size is used and words break inside.
    """
    style = TextStyle(SONG, table.sizes[-1], table.sizes[-1] * _LEADING)
    widths: list[float] = []
    for size in table.sizes:
        style = TextStyle(SONG, size, size * _LEADING)
        widths, fits = _column_widths(table, fonts, size, width)
        if fits:
            break
    setter = _Setter(fonts, style, [each - 2 * _PAD_X for each in widths], table)
    header = tuple(setter.heading(number) for number in range(len(table.columns))) if table.header else ()
    rows = tuple(
        tuple(
            setter.cell(number, text, row in table.strong, row in table.texts)
            for number, text in enumerate(cells)
        )
        for row, cells in enumerate(table.rows)
    )
    title_style = TextStyle(HEI, 12, 18, "center")
    again_style = replace(title_style, align="left")
    hei = fonts.chain(HEI)
    again = f"续表  {table.title}" if table.title else "续表"
    edges = [0.0]
    for each in widths:
        edges.append(edges[-1] + each)
    heights = tuple(_height(row, style) for row in rows)
    layout = _Layout(
        edges=tuple(edges),
        header=header,
        rows=rows,
        heights=heights,
        ends=(0.0, *accumulate(heights)),
        header_height=_height(header, style) if header else 0.0,
        title=lay_out(table.title, hei, title_style, width),
        again=lay_out(again, hei, again_style, width * 0.7) if table.header else (),
        unit=_unit(table, fonts, style, width),
        style=style,
        title_style=title_style,
    )
    return TablePiece(layout, 0, len(rows))


def _unit(table: Table, fonts: Fonts, style: TextStyle, width: float) -> Cell:
    if not table.unit:
        return ()
    return lay_out(f"单位：{table.unit}", fonts.chain(SONG), replace(style, align="right"), width)[:1]


def _height(cells: Sequence[Cell], style: TextStyle) -> float:
    return max(1, *map(len, cells), 1) * style.leading + 2 * _PAD_Y


class _Setter:
    """Sets cells; equal texts of a column are set once."""

    def __init__(self, fonts: Fonts, style: TextStyle, widths: Sequence[float], table: Table) -> None:
        self._widths = widths
        self._columns = table.columns
        self._strong_columns = frozenset(table.strong_columns)
        self._styles = {align: replace(style, align=align) for align in ("left", "center", "right")}
        self._heading = replace(style, role=HEI, align="center")
        self._plain, self._bold = fonts.chain(SONG), fonts.chain(HEI)
        self._done: dict[tuple[int, str, bool, bool], Cell] = {}

    def heading(self, number: int) -> Cell:
        """Set a column's heading."""
        return lay_out(self._columns[number].title, self._bold, self._heading, self._widths[number])

    def cell(self, number: int, text: str, strong: bool, plain: bool) -> Cell:
        """Set one cell of a column."""
        key = (number, text, strong, plain)
        done = self._done.get(key)
        if done is None:
            chain = self._bold if strong or number in self._strong_columns else self._plain
            align = self._columns[number].align
            style = self._styles[_alignment(text, plain) if align == "auto" else align]
            done = self._done[key] = lay_out(text, chain, style, self._widths[number])
        return done


def _alignment(text: str, plain: bool) -> Literal["left", "center", "right"]:
    bare = text.strip()
    if bare in _NOTHING:
        return "center"
    return "right" if not plain and _NUMBER.fullmatch(bare) else "left"


def _column_widths(table: Table, fonts: Fonts, size: float, width: float) -> tuple[list[float], bool]:
    """Return the widths (together ``width``) and whether every number and word fits."""
    least, shares = [], []
    for number, column in enumerate(table.columns):
        narrow, natural = _needs(table, fonts, number)
        if column.weight is None and natural <= _SHORT:
            narrow = natural
        least.append(narrow * size + 2 * _PAD_X + 0.1)
        shares.append(natural * size + 2 * _PAD_X if column.weight is None else 0.0)
    measured = sum(shares)
    given = sum(column.weight or 0.0 for column in table.columns)
    if given:
        # columns with a weight share what the measured ones leave (a fifth of the width at least)
        scale = min(1.0, width * 0.8 / measured) if measured else 1.0
        free = width - measured * scale
        shares = [
            share * scale if column.weight is None else free * column.weight / given
            for share, column in zip(shares, table.columns, strict=True)
        ]
    return _shared_out(shares, least, width), sum(least) <= width


def _needs(table: Table, fonts: Fonts, number: int) -> tuple[float, float]:
    """Return in em what a column needs for its longest word and what its longest line would like."""
    plain, bold = fonts.chain(SONG), fonts.chain(HEI)
    title = table.columns[number].title
    heading = max([bold.width(word) for word in _WORD.findall(title)], default=0.0)
    narrow, natural = max(heading, min(2.0, len(title)), 1.0), min(_SHORT, bold.width(title))
    strong_column = number in table.strong_columns
    strong = {table.rows[row][number] for row in table.strong}
    for chain, texts in (
        (bold if strong_column else plain, {row[number] for row in table.rows}),
        (bold, strong),
    ):
        lines = {chain.printable(line) for text in texts for line in text.splitlines()}
        words = {word for line in lines for word in _WORD.findall(line)}
        words |= {word for line in lines if has_words(line) for word in line if has_words(word)}
        narrow = max([narrow, *(min(_LONGEST, chain.width(word)) for word in words)])
        natural = max([natural, *map(chain.width, lines)])
    return narrow, min(_WIDEST, natural)


def _shared_out(shares: Sequence[float], least: Sequence[float], width: float) -> list[float]:
    """Divide ``width`` by shares, giving no column less than it needs as long as all needs can be met."""
    needs = sum(least)
    if needs >= width:
        return [need * width / needs for need in least]
    fixed: set[int] = set()
    while True:
        free = width - sum(least[number] for number in fixed)
        open_shares = sum(share for number, share in enumerate(shares) if number not in fixed)
        widths = [
            least[number] if number in fixed else free * share / open_shares
            for number, share in enumerate(shares)
        ]
        short = {number for number, each in enumerate(widths) if each < least[number] - 0.001}
        if short <= fixed:
            return widths
        fixed |= short
