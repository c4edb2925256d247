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

from app.paper.fonts import HEI, SONG, FontChain, Fonts
from app.paper.ink import Ink
from app.paper.text import Line, TextStyle, baseline, lay_out
from app.paper.widths import PAD_X, WORD, column_widths

CellAlign = Literal["auto", "left", "center", "right"]

SIZES = (10.5, 10.0, 9.5, 9.0)
"""Text sizes tried for a table, 五号 down to 小五: the first in which every word and number fits."""

_PAD_Y = 3.0
_LEADING = 1.35
_FRAME, _GRID = 0.9, 0.45

_NUMBER = re.compile(r"[-+−]?\d[\d,]*(\.\d+)?\s*[%％‰]?")
_NOTHING = frozenset(("", "—", "——", "-", "－", "/", "无"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its share of the width (none: measured from its cells), its alignment.

    ``auto`` sets numbers to the right with their decimal points below each other (where the table has a
    header), signs for nothing (—, /, 无) in the middle, and text to the left.
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
                ink.line(line, edges[number] + PAD_X, y, style)
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
        widths, fits = column_widths(table, fonts, size, width)
        if fits:
            break
    setter = _Setter(fonts, style, [each - 2 * PAD_X for each in widths], table)
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
        self._table = table
        self._decimals: dict[int, int] = {}
        self._done: dict[tuple[int, str, bool, bool], Cell] = {}

    def heading(self, number: int) -> Cell:
        """Set a column's heading, its lines as even as they can be (佐证/编号, not 佐证编/号)."""
        title, width = self._columns[number].title, self._widths[number]
        lines = lay_out(title, self._bold, self._heading, width)
        step = 0.25 * self._heading.size
        # never narrower than a word, which would break inside
        least = max([1.0, *map(self._bold.width, WORD.findall(title))]) * self._heading.size
        tried = width - step
        while len(lines) > 1 and tried >= least:
            narrower = lay_out(title, self._bold, self._heading, tried)
            if len(narrower) > len(lines):
                break
            tried -= step
            even = max(line.width for line in narrower)
            if even < max(line.width for line in lines):
                lines = tuple(replace(line, x=(width - line.width) / 2) for line in narrower)
        return lines

    def cell(self, number: int, text: str, strong: bool, plain: bool) -> Cell:
        """Set one cell of a column."""
        key = (number, text, strong, plain)
        done = self._done.get(key)
        if done is None:
            chain = self._bold if strong or number in self._strong_columns else self._plain
            align = self._columns[number].align
            style = self._styles[_alignment(text, plain) if align == "auto" else align]
            done = lay_out(text, chain, style, self._widths[number])
            if len(done) > 1 and len(done[-1].text) == 1:
                # one character alone in the last line gets the one before it for company
                other = lay_out(text, chain, style, self._widths[number] - style.size)
                done = other if len(other) == len(done) and style.align == "left" else done
            if align == "auto" and style.align == "right" and self._table.header and len(done) == 1:
                room = self._room_behind(number, text, chain) * style.size
                done = (replace(done[0], x=max(0.0, done[0].x - room)),)
            self._done[key] = done
        return done

    def _room_behind(self, number: int, text: str, chain: FontChain) -> float:
        """Return how many em a number stands away from the edge for the decimals that others have."""
        if number not in self._decimals:
            texts = {
                row[number] for place, row in enumerate(self._table.rows) if place not in self._table.texts
            }
            self._decimals[number] = max(map(_decimals, texts), default=0)
        own, most = _decimals(text), self._decimals[number]
        return (most - own) * chain.width("0") + (chain.width(".") if most and not own else 0.0)


def _decimals(text: str) -> int:
    """Return how many digits a number has behind its point; 0 for what is none."""
    bare = text.strip().rstrip("%％‰ ")
    return len(bare.partition(".")[2]) if _NUMBER.fullmatch(bare) else 0


def _alignment(text: str, plain: bool) -> Literal["left", "center", "right"]:
    bare = text.strip()
    if bare in _NOTHING:
        return "center"
    return "right" if not plain and _NUMBER.fullmatch(bare) else "left"
