"""The letter of commitment (信用承诺书): one page to be signed by hand and stamped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import FANG, SONG, TITLE, Fonts
from app.paper.page import TextBlock
from app.paper.places import group_places, signature_of
from app.paper.sheet import Placed, fit_sheet, print_sheet
from app.paper.signature import lay_out_signature
from app.paper.styles import Geometry
from app.paper.text import TextStyle, lay_out
from app.paper.wording import fill_text, read_passages
from app.rules.view import View

PAGE = Geometry(top=28.0, bottom=24.0)
"""A letter page after GB/T 9704-2012 §5.2 with lower margins, because the letter must keep to one page."""

SIZES = ((16.0, 1.8), (15.0, 1.75), (14.0, 1.7), (13.0, 1.65), (12.0, 1.6), (11.0, 1.5), (10.5, 1.4))
"""Text size in points and line height in sizes, 三号 down to the floor, 五号."""

_TITLE = TextStyle(TITLE, 22, 34, "center")
_LOOSE = 24.0
_LABEL = TextStyle(SONG, 10.5, 18, "center", gray=0.25)


def render_commitment(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages
) -> bytes:
    """Print the letter: title, addressee, the programme's own paragraphs, places to sign and to stamp.

    The text is ``part.text``; what stands there under a ``[title]`` is printed where the seal covers it
    (GB/T 9704-2012 §7.3.5.1: name and date lie under the seal).

    Raises:
        AppError: ``form_does_not_fit`` (``title``) when not even 五号 fits on one page.
    """
    letter = _Letter(programme, view, part, fonts, messages)
    size, left = fit_sheet(SIZES, letter.compose, PAGE, part.title)
    placed = list(letter.compose(size))
    if part.stamp_places:
        first = len(placed) - len(group_places(part.stamp_places))
        placed[first] = Placed(placed[first].block, placed[first].before + min(left, _LOOSE))
    return print_sheet(fonts, part.title, PAGE, placed)


class _Letter:
    def __init__(
        self, programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages
    ) -> None:
        passages = read_passages(programme.texts.get(part.text, ""))
        self._lines = [
            fill_text(line, view, messages) for each in passages if not each.title for line in each.lines
        ]
        self._under = [
            fill_text(line, view, messages) for each in passages if each.title for line in each.lines
        ]
        self._part = part
        self._label = messages.text("paper", "not_official", label=programme.label)
        self._fonts = fonts
        self._messages = messages

    def compose(self, size: tuple[float, float]) -> Sequence[Placed]:
        """Set the letter in one size of text."""
        points, line_height = size
        body = TextStyle(FANG, points, points * line_height, "justify", 2)
        opening = replace(body, align="left", indent=0.0)
        placed = [Placed(self._text(self._part.title, _TITLE)), Placed(self._text(self._label, _LABEL))]
        for number, line in enumerate(self._lines):
            addressee = number == 0 and line.endswith("：")
            block = self._text(line, opening if addressee else body)
            placed.append(Placed(block, points if number == 0 else 0.0))
        sign = TextStyle(FANG, min(points, 12.0), 30.0)
        for group in group_places(self._part.stamp_places):
            signature = signature_of(group, self._messages, self._under)
            placed.append(Placed(lay_out_signature(signature, self._fonts, sign, PAGE.body_width), points))
        return placed

    def _text(self, text: str, style: TextStyle) -> TextBlock:
        return TextBlock(lay_out(text, self._fonts.chain(style.role), style, PAGE.body_width), style)
