"""A table of the form drawn as a picture (全景图): a lane for each choice, a box for each row.

Seed 001 附件2 asks for the chain as a whole: 环节 by 环节, with what is missing.  Rows that mark a gap have a
broken frame; a choice without any row shows an empty broken frame, so that nothing looks covered that is not.
Everything is lines and text; nothing is cut: what does not fit goes on with the next page.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from reportlab.lib.units import mm

from app.messages import Messages
from app.model.draft import Row
from app.model.form import Item
from app.model.packet import Diagram, Part
from app.model.programme import Programme
from app.paper.fonts import HEI, SONG, TITLE, Fonts
from app.paper.ink import Ink, open_canvas
from app.paper.styles import WIDE_PAGE
from app.paper.text import Line, TextStyle, baseline, lay_out
from app.paper.wording import shown
from app.rules.view import View

_TITLE = TextStyle(TITLE, 18, 27, "center")
_LABEL = TextStyle(SONG, 9, 13, "center", gray=0.25)
_HEAD = TextStyle(HEI, 11, 16, "center")
_SIZES = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5)
"""Sizes of text in boxes, tried until the picture stands on one page; else the last but one is used."""
_LEADING = 1.35
_ARROW = 16.0
"""Points between two lanes, where the arrow stands."""
_PAD, _GAP = 5.0, 7.0
_BAR = 24.0
_MOST_LANES = 6
_DASH, _SPACE = 4.0, 2.5


@dataclass(frozen=True, slots=True)
class _Box:
    """A row as it is drawn: set lines with their styles; ``broken``: it marks a gap."""

    lines: tuple[tuple[Line, TextStyle], ...]
    broken: bool

    @property
    def height(self) -> float:
        return sum(style.leading for _, style in self.lines) + 2 * _PAD

    def cut(self, room: float) -> tuple[_Box, _Box | None]:
        """Give what fits into ``room`` (at least one line) and the rest."""
        used, count = 2 * _PAD, 0
        for _, style in self.lines:
            if count and used + style.leading > room:
                break
            used += style.leading
            count += 1
        rest = replace(self, lines=self.lines[count:])
        return replace(self, lines=self.lines[:count]), rest if rest.lines else None


@dataclass(frozen=True, slots=True)
class _Lane:
    label: str
    boxes: tuple[_Box, ...]


def render_diagram(programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages) -> bytes:
    """Print the table of ``part.diagram`` as a picture on pages across; equal arguments give equal bytes.

    Raises:
        AppError: ``fonts_unreadable`` (``path``).
    """
    assert part.diagram is not None
    painter = _Painter(programme, view, part, fonts, messages)
    return painter.paint(part.diagram)


class _Painter:
    def __init__(
        self, programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages
    ) -> None:
        self._programme = programme
        self._view = view
        self._part = part
        self._fonts = fonts
        self._messages = messages
        self._width = WIDE_PAGE.body_width
        self._name = self._body = _LABEL

    def paint(self, diagram: Diagram) -> bytes:
        """Draw every page."""
        table = self._programme.form.tables[diagram.table]
        choices = list(table.column(diagram.lanes).choices.items())
        out = BytesIO()
        canvas = open_canvas(out, self._fonts.chain(SONG).first, self._part.title)
        count = 0
        for start in range(0, len(choices), _MOST_LANES):
            chosen = choices[start : start + _MOST_LANES]
            width = (self._width - _ARROW * (len(chosen) - 1)) / len(chosen)
            for page in self._fitted(diagram, chosen, width):
                canvas.setPageSize((WIDE_PAGE.width * mm, WIDE_PAGE.height * mm))
                self._page(
                    Ink(canvas), page, width, first=count == 0, more=start + _MOST_LANES < len(choices)
                )
                canvas.showPage()
                count += 1
        canvas.save()
        return out.getvalue()

    def _fitted(
        self, diagram: Diagram, choices: Sequence[tuple[str, str]], width: float
    ) -> list[list[_Lane]]:
        """Give the lanes page by page, in the largest text in which they stand on one page."""
        pages: list[list[_Lane]] = []
        for size in (*_SIZES, _SIZES[-2]):
            self._name = TextStyle(HEI, size, size * _LEADING)
            self._body = TextStyle(SONG, size, size * _LEADING)
            lanes = [self._lane(diagram, choice, label, width) for choice, label in choices]
            pages = list(self._pages(lanes))
            if len(pages) == 1:
                break
        return pages

    def _lane(self, diagram: Diagram, choice: str, label: str, width: float) -> _Lane:
        rows = [row for row in self._view.rows(diagram.table) if row.cells.get(diagram.lanes) == choice]
        boxes = [self._box(diagram, row, width) for row in rows]
        if not boxes:
            lines = self._set(self._word("diagram.nothing"), self._name, width)
            boxes = [_Box(lines, broken=True)]
        return _Lane(label, tuple(boxes))

    def _box(self, diagram: Diagram, row: Row, width: float) -> _Box:
        table = self._programme.form.tables[diagram.table]
        broken = bool(diagram.gap) and row.cells.get(diagram.gap) is True
        head = shown(table.column(diagram.head), row.cells.get(diagram.head))
        if broken:
            head = self._word("diagram.gap", head=head)
        facts = [self._fact(table.column(column), row) for column in diagram.lines]
        text = self._word("diagram.between").join(filter(None, facts))
        return _Box((*self._set(head, self._name, width), *self._set(text, self._body, width)), broken)

    def _fact(self, column: Item, row: Row) -> str:
        text = shown(column, row.cells.get(column.id))
        return self._word("diagram.fact", label=column.label, text=f"{text}{column.unit}") if text else ""

    def _set(self, text: str, style: TextStyle, width: float) -> tuple[tuple[Line, TextStyle], ...]:
        lines = lay_out(text, self._fonts.chain(style.role), style, width - 2 * _PAD)
        return tuple((line, style) for line in lines)

    def _pages(self, lanes: Sequence[_Lane]) -> Iterator[list[_Lane]]:
        """Divide lanes into pages; each lane goes on where it stopped, a tall box is cut between lines."""
        waiting = [list(lane.boxes) for lane in lanes]
        first = True
        while first or any(waiting):
            room = WIDE_PAGE.body_height - self._top() - _LABEL.leading - _GAP
            page = [
                _Lane(lane.label, tuple(_fill(boxes, room)))
                for lane, boxes in zip(lanes, waiting, strict=True)
            ]
            yield page
            first = False

    def _top(self) -> float:
        return _TITLE.leading + _LABEL.leading + _GAP + _BAR + _GAP

    def _page(self, ink: Ink, lanes: Sequence[_Lane], width: float, first: bool, more: bool) -> None:
        left, top = WIDE_PAGE.left * mm, (WIDE_PAGE.height - WIDE_PAGE.top) * mm
        title = self._part.title if first else self._word("diagram.again", title=self._part.title)
        self._centred(ink, title, _TITLE, top)
        top -= _TITLE.leading
        self._centred(ink, self._word("not_official", label=self._programme.label), _LABEL, top)
        top -= _LABEL.leading + _GAP
        for place, lane in enumerate(lanes):
            x = left + place * (width + _ARROW)
            _frame(ink.rule, x, top, width, _BAR, broken=False, weight=1.1)
            self._text(ink, lane.label, _HEAD, x, top - (_BAR - _HEAD.leading) / 2, width)
            if place + 1 < len(lanes) or more:
                _arrow(ink, x + width + 2, top - _BAR / 2, _ARROW - 4)
            y = top - _BAR - _GAP
            for box in lane.boxes:
                _frame(ink.rule, x, y, width, box.height, box.broken)
                line_top = y - _PAD
                for line, style in box.lines:
                    ink.line(line, x + _PAD, line_top - baseline(style), style)
                    line_top -= style.leading
                y -= box.height + _GAP
        bottom = WIDE_PAGE.bottom * mm + _LABEL.leading
        self._centred(ink, self._word("diagram.legend"), _LABEL, bottom)
        ink.flush()

    def _centred(self, ink: Ink, text: str, style: TextStyle, top: float) -> None:
        self._text(ink, text, style, WIDE_PAGE.left * mm, top, self._width)

    def _text(self, ink: Ink, text: str, style: TextStyle, x: float, top: float, width: float) -> None:
        for line in lay_out(text, self._fonts.chain(style.role), style, width):
            ink.line(line, x, top - baseline(style), style)
            top -= style.leading

    def _word(self, code: str, **params: object) -> str:
        return self._messages.text("paper", code, **params)


def _fill(boxes: list[_Box], room: float) -> Iterator[_Box]:
    """Take from the front what fits into ``room``; only a box that is taller than a page is cut."""
    whole = room
    while boxes:
        box = boxes[0]
        if box.height <= room:
            yield boxes.pop(0)
            room -= box.height + _GAP
            continue
        if box.height > whole and room == whole:
            here, rest = box.cut(room)
            boxes[0:1] = [rest] if rest else []
            yield here
        return


Rule = Callable[[float, float, float, float, float], None]


def _frame(
    rule: Rule, x: float, top: float, width: float, height: float, broken: bool, weight: float = 0.7
) -> None:
    corners = [(x, top), (x + width, top), (x + width, top - height), (x, top - height), (x, top)]
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        if not broken:
            rule(x0, y0, x1, y1, weight)
            continue
        length = abs(x1 - x0) + abs(y1 - y0)
        steps = max(1, round(length / (_DASH + _SPACE)))
        for step in range(steps):
            start = step / steps
            end = start + _DASH / (_DASH + _SPACE) / steps
            rule(
                x0 + (x1 - x0) * start,
                y0 + (y1 - y0) * start,
                x0 + (x1 - x0) * end,
                y0 + (y1 - y0) * end,
                weight,
            )


def _arrow(ink: Ink, x: float, y: float, length: float) -> None:
    ink.rule(x, y, x + length, y, 0.9)
    ink.rule(x + length - 4, y + 3, x + length, y, 0.9)
    ink.rule(x + length - 4, y - 3, x + length, y, 0.9)
