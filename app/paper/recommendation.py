"""The review and recommendation form (审查推荐表): one A4 page of boxes.

The operator's boxes are filled; the boxes of those who judge stay empty.  No score and no tick is printed:
seed 000 asks for neither, and an opinion belongs to whoever signs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reportlab.lib.units import mm

from app.messages import Messages, slots
from app.model.packet import Part, StampPlace
from app.model.programme import Programme
from app.paper.boxes import PAD, Cell, CellRow, OpinionBox
from app.paper.fonts import HEI, SONG, TITLE, Fonts
from app.paper.page import TextBlock
from app.paper.places import group_places, signature_of
from app.paper.sheet import Placed, fit_sheet, print_sheet
from app.paper.signature import lay_out_signature
from app.paper.styles import DATA_PAGE
from app.paper.text import TextStyle, lay_out
from app.paper.wording import Passage, fill_text, read_passages
from app.rules.view import View

SIZES = (12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0)
"""Text sizes in points, 小四 down to the floor, 小五."""

_MOST_BOX = 90 * mm
_TITLE = TextStyle(TITLE, 20, 30, "center")
_LABEL = TextStyle(SONG, 10.5, 20, "center", gray=0.25)
_NAMES = (6.0, 10.0)
"""Least and most width of the column of names, in characters: most names stand on one line."""


def render_recommendation(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages
) -> bytes:
    """Print the form after the text ``part.text``, always on one page.

    A block of rows ``label：{slot}`` becomes cells; every other block becomes a box with its text.  The boxes
    get the stamp places of the part in order (signatures stand with the seal after them); a box that is
    stamped is at least 60 mm high, its outline 45 × 45 mm, and it offers lines for two hands where the
    programme names no signature.  Text is set smaller until all fits, never cut.

    Raises:
        AppError: ``form_does_not_fit`` (``title``) when not even 小五 fits on one page.
    """
    form = _Form(programme, view, part, fonts, messages)
    size, left = fit_sheet(SIZES, form.compose, DATA_PAGE, part.title)
    return print_sheet(fonts, part.title, DATA_PAGE, _grown(form.compose(size), left))


def _grown(placed: Sequence[Placed], left: float) -> list[Placed]:
    """Give what is left of the page to the boxes to be written in, from the lowest up."""
    blocks = list(placed)
    for place in reversed(range(len(blocks))):
        box = blocks[place].block
        if isinstance(box, OpinionBox):
            extra = max(0.0, min(left, _MOST_BOX - box.least))
            blocks[place] = blocks[place]._replace(block=replace(box, extra=extra))
            left -= extra
    return blocks


class _Form:
    def __init__(
        self, programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages
    ) -> None:
        self._view = view
        self._part = part
        self._fonts = fonts
        self._messages = messages
        self._passages = read_passages(programme.texts.get(part.text, ""))
        self._label = messages.text("paper", "not_official", label=programme.label)
        self._width = DATA_PAGE.body_width
        labels = [label for passage in self._passages for label, _ in passage.rows]
        self._names = min(_NAMES[1], max(_NAMES[0], *(self._em(label, HEI) for label in labels), 0.0))

    def compose(self, size: float) -> Sequence[Placed]:
        """Set the form in one size of text."""
        boxes: list[CellRow | OpinionBox] = []
        groups = group_places(self._part.stamp_places)
        for passage in self._passages:
            if passage.rows:
                boxes += self._rows(passage, size)
            else:
                boxes.append(self._opinion(passage, groups.pop(0) if groups else (), size))
        boxes += [self._opinion(Passage(group[-1].party, ()), group, size) for group in groups]
        return [
            Placed(self._block(self._part.title, _TITLE, self._width)),
            Placed(self._block(self._label, _LABEL, self._width)),
            *(Placed(box, 0.0 if number else 6.0) for number, box in enumerate(boxes)),
        ]

    def _rows(self, passage: Passage, size: float) -> list[CellRow]:
        """Put short rows side by side, two on a line; a row whose items do not apply is left out."""
        half, names = self._width / 2, self._name_width(size)
        rows = [CellRow((self._name(passage.title, 0.0, self._width, size),))] if passage.title else []
        waiting: tuple[str, str] | None = None
        for label, template in passage.rows:
            if slots(template) <= self._view.hidden:
                continue
            pair = label, fill_text(template, self._view, self._messages, "")
            short = self._em(pair[1], SONG) * size <= half - names - 2 * PAD
            if short and waiting:
                both = *self._pair(waiting, 0.0, half, size), *self._pair(pair, half, 2 * half, size)
                rows.append(CellRow(both))
                waiting = None
                continue
            if waiting:
                rows.append(CellRow(self._pair(waiting, 0.0, self._width, size)))
            waiting = pair if short else None
            if not short:
                rows.append(CellRow(self._pair(pair, 0.0, self._width, size)))
        if waiting:
            rows.append(CellRow(self._pair(waiting, 0.0, self._width, size)))
        return rows

    def _pair(self, pair: tuple[str, str], left: float, right: float, size: float) -> tuple[Cell, Cell]:
        middle = left + self._name_width(size)
        style = TextStyle(SONG, size, size * 1.4)
        value = lay_out(pair[1], self._fonts.chain(SONG), style, right - middle - 2 * PAD)
        return self._name(pair[0], left, middle, size), Cell(middle, right, value, style)

    def _name(self, text: str, left: float, right: float, size: float) -> Cell:
        style = TextStyle(HEI, size, size * 1.4, "center")
        return Cell(left, right, lay_out(text, self._fonts.chain(HEI), style, right - left - 2 * PAD), style)

    def _opinion(self, passage: Passage, group: Sequence[StampPlace], size: float) -> OpinionBox:
        names = self._name_width(size)
        inner = self._width - names - 4 * PAD
        style = TextStyle(SONG, size, size * 1.6, "justify", 2)
        texts = tuple(
            self._block(fill_text(line, self._view, self._messages), style, inner) for line in passage.lines
        )
        signature = None
        if group:
            lines = signature_of(group, self._messages, handlers=True)
            signature = lay_out_signature(lines, self._fonts, TextStyle(SONG, min(size, 11.0), 30.0), inner)
        return OpinionBox(self._name(passage.title, 0.0, names, size), self._width, texts, signature)

    def _block(self, text: str, style: TextStyle, width: float) -> TextBlock:
        return TextBlock(lay_out(text, self._fonts.chain(style.role), style, width), style)

    def _em(self, text: str, role: str) -> float:
        chain = self._fonts.chain(role)
        return chain.width(chain.printable(text))

    def _name_width(self, size: float) -> float:
        return self._names * size + 2 * PAD + 0.5
