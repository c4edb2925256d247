"""A document that flows over pages: headings, paragraphs, form rows, tables, signature blocks.

Only the body is drawn; copy mark, page number and 校验码 come afterwards (``app.paper.marks``).  The first
page is a right-hand one, and margins are mirrored from page to page.  A heading never ends a page and a
signature block never stands on a page without text above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Protocol, Self

from reportlab.lib.units import mm

from app.paper.fonts import Fonts
from app.paper.ink import Ink, open_canvas
from app.paper.signature import Seal, Signature, SignLine, lay_out_signature
from app.paper.styles import TEXT_PAGE, TEXT_SHEET, WIDE_PAGE, Geometry, StyleSheet
from app.paper.table import Column, Table, lay_out_table
from app.paper.text import Line, Span, TextStyle, baseline, lay_out, lines_that_stay

_EPSILON = 0.01


class Block(Protocol):
    """Something that stands on a page: measured when it is made, able to cut itself and to draw itself."""

    @property
    def height(self) -> float:
        """The whole height in points."""
        ...

    @property
    def least(self) -> float:
        """The height of the smallest first piece."""
        ...

    def split(self, room: float, fresh: bool, tail: bool = False) -> tuple[Self | None, Self | None]:
        """Return what fits into ``room`` and the rest.

        ``fresh`` says that ``room`` is a whole page; ``tail`` that some of the block must go to the rest.
        """
        ...

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw with the upper left corner at (``x``, ``top``)."""
        ...


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Set lines of one style; divided only where at least two lines stay together."""

    lines: tuple[Line, ...]
    style: TextStyle

    @property
    def height(self) -> float:
        """The whole height in points."""
        return len(self.lines) * self.style.leading

    @property
    def least(self) -> float:
        """Two lines, or all of up to three."""
        count = len(self.lines)
        return (count if count <= 3 else 2) * self.style.leading

    def split(
        self, room: float, fresh: bool, tail: bool = False
    ) -> tuple[TextBlock | None, TextBlock | None]:
        """Return the lines that fit and the rest, see ``Block``."""
        count, fits = len(self.lines), int((room + _EPSILON) / self.style.leading)
        stay = lines_that_stay(count, min(fits, count - 2) if tail else fits)
        if stay == 0 and fresh:
            stay = max(1, min(fits, count))
        here = replace(self, lines=self.lines[:stay]) if stay else None
        return here, replace(self, lines=self.lines[stay:]) if stay < count else None

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw the lines."""
        y = top - baseline(self.style)
        for line in self.lines:
            ink.line(line, x, y, self.style)
            y -= self.style.leading


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of a form: printed item number, label, value as printed, unit; number and unit may be empty.

    ``text`` says that digits in the value are no amount, as in a telephone number.
    """

    number: str
    label: str
    value: str
    unit: str = ""
    text: bool = False


@dataclass(frozen=True, slots=True)
class _Item:
    block: Block
    before: float = 0.0
    with_next: bool = False
    with_last: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _NewPage:
    geometry: Geometry


class Document:
    """Collects blocks and prints them as PDF bytes with ``build``.

    ``title`` is the name in the file's properties; ``geometry`` and ``sheet`` say how pages and texts look.
    """

    def __init__(
        self,
        fonts: Fonts,
        title: str,
        geometry: Geometry = TEXT_PAGE,
        sheet: StyleSheet = TEXT_SHEET,
    ) -> None:
        self._fonts = fonts
        self._name = title
        self._geometry = geometry
        self._sheet = sheet
        self._first = geometry
        self._upright: Geometry | None = None
        self._items: list[_Item | _NewPage] = []

    @property
    def width(self) -> float:
        """Width of the type area in points, for blocks made by the caller."""
        return (self._upright or self._geometry).body_width

    def add(
        self, block: Block, before: float = 0.0, with_next: bool = False, with_last: bool = False
    ) -> None:
        """Add a block of the caller's own.

        ``before`` is the space above it (none at a page's top); ``with_next`` keeps it on the page where the
        next block begins; ``with_last`` keeps it on a page where the block above it ends.
        """
        if not with_last and self._upright is not None:
            self.turn(self._upright)
        self._items.append(_Item(block, before, with_next, with_last))

    def title(self, text: str) -> None:
        """Add the title, centred, in 小标宋 (GB/T 9704-2012 §7.3.1)."""
        style = self._sheet.title
        self.add(self._text(text, style), self._sheet.gap, with_next=True)
        self.gap(style.leading / 2, with_next=True)

    def heading(self, text: str, level: int = 1) -> None:
        """Add a heading of level 1 (一、黑体), 2 （（一）楷体） or 3 (1. 仿宋)."""
        style = self._sheet.headings[level - 1]
        indented = style.indent > 0
        self.add(self._text(text, style), 0.0 if indented else self._sheet.gap, with_next=True)

    def paragraph(self, text: str | Sequence[Span], style: TextStyle | None = None) -> None:
        """Add text; each of its lines is a paragraph of its own.  Blank text adds nothing."""
        style = style or self._sheet.body
        for part in text.splitlines() if isinstance(text, str) else [text]:
            block = self._text(part, style)
            if block.lines:
                self.add(block)

    def note(self, text: str) -> None:
        """Add a small remark (填报说明、表注)."""
        self.paragraph(text, self._sheet.small)

    def form(self, rows: Sequence[FormRow]) -> None:
        """Add framed rows of number, label, value and unit; empty columns are left out."""
        columns = [
            (Column("", None, "center"), [row.number for row in rows]),
            (Column("", 4.0, "left"), [row.label for row in rows]),
            (Column("", 5.0, "auto"), [row.value for row in rows]),
            (Column("", None, "center"), [row.unit for row in rows]),
        ]
        used = [
            (column, cells) for place, (column, cells) in enumerate(columns) if place in (1, 2) or any(cells)
        ]
        cells = tuple(zip(*(cells for _, cells in used), strict=True))
        texts = frozenset(place for place, row in enumerate(rows) if row.text)
        table = Table(tuple(column for column, _ in used), cells, header=False, texts=texts)
        self.add(lay_out_table(table, self._fonts, self.width), self._sheet.gap)

    def table(self, table: Table, across: bool = False) -> None:
        """Add a table; ``across`` prints it on pages of its own in landscape, with the headings above it.

        What follows returns to upright pages; a signature block stays with the table.
        """
        upright = self._upright or self._geometry
        if across:
            headings: list[_Item | _NewPage] = []
            while self._items and isinstance(last := self._items[-1], _Item) and last.with_next:
                headings.insert(0, self._items.pop())
            self.turn(WIDE_PAGE)
            self._items += headings
        self.add(lay_out_table(table, self._fonts, self.width), self._sheet.gap)
        if across:
            self._upright = upright

    def signature(self, lines: Sequence[SignLine] = (), seal: Seal | None = None) -> None:
        """Add lines to sign by hand and, at their right, the place of a seal (盖章处, an outline only)."""
        block = lay_out_signature(
            Signature(tuple(lines), seal), self._fonts, self._sheet.signature, self.width
        )
        self.add(block, 2 * self._sheet.gap, with_last=True)

    def stamp_place(self, label: str = "", under: Sequence[str] = ()) -> None:
        """Add a stamp place of 45 × 45 mm; ``under`` is what the seal will cover."""
        self.signature([SignLine(label)] if label else (), Seal(tuple(under)))

    def gap(self, height: float, with_next: bool = False) -> None:
        """Add white space of ``height`` points."""
        self.add(_Space(height), with_next=with_next)

    def page_break(self) -> None:
        """Go on with a new page; nothing happens at the top of one."""
        self.turn(self._upright or self._geometry)

    def turn(self, geometry: Geometry) -> None:
        """Go on with a new page of another geometry."""
        self._geometry, self._upright = geometry, None
        self._items.append(_NewPage(geometry))

    @contextmanager
    def group(self) -> Iterator[None]:
        """Keep all blocks added inside on one page, unless they are taller than a page."""
        start = len(self._items)
        yield
        inside = [item for item in self._items[start:] if isinstance(item, _Item)]
        if len(inside) == len(self._items) - start and inside:
            kept = [replace(item, with_next=True, whole=True) for item in inside]
            self._items[start:] = [*kept[:-1], replace(kept[-1], with_next=inside[-1].with_next)]

    def build(self) -> bytes:
        """Print; equal blocks and fonts give equal bytes.  A document without blocks has one empty page."""
        out = BytesIO()
        canvas = open_canvas(out, self._fonts.chain(self._sheet.body.role).first, self._name)
        _Flow(self._items, Ink(canvas), self._first).run()
        canvas.save()
        return out.getvalue()

    def _text(self, text: str | Sequence[Span], style: TextStyle) -> TextBlock:
        return TextBlock(lay_out(text, self._fonts.chain(style.role), style, self.width), style)


@dataclass(frozen=True, slots=True)
class _Space:
    height: float

    @property
    def least(self) -> float:
        return 0.0

    def split(self, room: float, fresh: bool, tail: bool = False) -> tuple[_Space | None, _Space | None]:
        return replace(self, height=min(room, self.height)), None

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw nothing: it is white."""


class _Flow:
    """Puts items on pages one after the other."""

    def __init__(self, items: Sequence[_Item | _NewPage], ink: Ink, geometry: Geometry) -> None:
        self._items = items
        self._ink = ink
        self._geometry = geometry
        self._used = 0.0
        self._fresh = True
        self._ended = True

    def run(self) -> None:
        """Place every item and end the last page."""
        for place, item in enumerate(self._items):
            if isinstance(item, _NewPage):
                self._end_page()
                self._geometry = item.geometry
            else:
                self._place(place, item)
        self._end_page(force=self._ended)

    @property
    def _room(self) -> float:
        return self._geometry.body_height - self._used

    def _place(self, place: int, item: _Item) -> None:
        if not self._fresh and self._gap(item) + self._need(place) > self._room + _EPSILON:
            self._end_page()
        follower = self._follower(place)
        block: Block | None = item.block
        gap = self._gap(item)
        while block is not None:
            after = follower.before + self._need(place + 1) if follower else 0.0
            room = self._room - gap
            if block.height + after <= room + _EPSILON:
                self._draw(block, gap)
                return
            here: Block | None
            if block.height <= room + _EPSILON:
                here, block = block.split(room, self._fresh, tail=True)
            else:
                here, block = block.split(room, self._fresh)
            if here is not None:
                self._draw(here, gap)
            if block is not None:
                self._end_page()
                gap = 0.0

    def _follower(self, place: int) -> _Item | None:
        """Return the next item if it must not stand without this one."""
        following = self._items[place + 1] if place + 1 < len(self._items) else None
        return following if isinstance(following, _Item) and following.with_last else None

    def _need(self, place: int) -> float:
        """Return the room without which the item at ``place`` had better begin on a new page."""
        item = self._items[place] if place < len(self._items) else None
        if not isinstance(item, _Item):
            return 0.0
        block, follower = item.block, self._follower(place)
        need = block.height if item.whole else block.least
        following = self._items[place + 1] if place + 1 < len(self._items) else None
        if item.with_next and isinstance(following, _Item):
            need = block.height + following.before + self._need(place + 1)
        elif follower and block.least + _EPSILON >= block.height:
            need = block.height + follower.before + self._need(place + 1)
        return need if need <= self._geometry.body_height else block.least

    def _gap(self, item: _Item) -> float:
        return 0.0 if self._fresh else item.before

    def _draw(self, block: Block, gap: float) -> None:
        page = self._geometry
        self._used += gap
        self._open_page()
        left, top = page.corner(self._ink.canvas.getPageNumber() % 2 == 1)
        block.draw(self._ink, left, top - self._used)
        self._used += block.height
        self._fresh = False

    def _open_page(self) -> None:
        if self._ended:
            self._ink.canvas.setPageSize((self._geometry.width * mm, self._geometry.height * mm))
            self._ink = Ink(self._ink.canvas)
            self._ended = False

    def _end_page(self, force: bool = False) -> None:
        """End the page unless nothing stands on it; ``force`` shows it all the same if it is the only one."""
        if self._ended and not (force and self._ink.canvas.getPageNumber() == 1):
            return
        self._open_page()
        self._ink.flush()
        self._ink.canvas.showPage()
        self._used, self._fresh, self._ended = 0.0, True, True
