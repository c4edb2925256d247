"""The cover (封面): title, who reports what to whom, and the places to stamp."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import FANG, HEI, TITLE, FontChain, Fonts
from app.paper.ink import Ink
from app.paper.pieces import LABEL_STYLE, Pieces
from app.paper.sheet import Drawable, Placed, fit_sheet, print_sheet
from app.paper.styles import TEXT_PAGE
from app.paper.text import NO_END, NO_START, Line, TextStyle, baseline, lay_out
from app.paper.wording import fill_text, read_passages, standard_slots
from app.rules.view import View

SIZES = (26.0, 24.0, 22.0, 20.0, 18.0)
"""Sizes of the title in points, 一号 down to 小二."""

_NAME = TextStyle(HEI, 15, 30)
_VALUE = TextStyle(FANG, 15, 30)
_ISSUER = TextStyle(FANG, 16, 30, "center")
_ABOVE = 14 * mm
_ENDS = frozenset("度省区州市县的和与及、")
"""Characters after which a title may well be divided."""


def render_cover(programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages) -> bytes:
    """Print the cover after the text ``part.text``, always on one page.

    Its rows ``label：{slot}`` become lines to read or to write on; other lines stand below them.  The copy's
    number (第1份) is a mark and is put on later.

    Raises:
        AppError: ``form_does_not_fit`` (``title``).
    """
    cover = _Cover(programme, view, part, fonts, messages)
    size, left = fit_sheet(SIZES, cover.compose, TEXT_PAGE, part.title)
    blocks = list(cover.compose(size))
    lower = len(blocks) - cover.below
    blocks[2] = blocks[2]._replace(before=blocks[2].before + left * 0.25)
    blocks[3] = blocks[3]._replace(before=blocks[3].before + left * 0.3)
    if lower < len(blocks):
        blocks[lower] = blocks[lower]._replace(before=blocks[lower].before + left * 0.4)
    return print_sheet(fonts, part.title, TEXT_PAGE, blocks)


def divide_title(title: str, chain: FontChain, room: float) -> str:
    """Give a title that wants two lines (``room`` em wide) a line end near its middle, behind a whole word.

    A title of one line, or of more than two, is left as it is.
    """
    whole = chain.width(title)
    if not room < whole <= 1.9 * room:
        return title

    def badness(place: int) -> float:
        first = chain.width(title[:place])
        odd = abs(whole - 2 * first) + (0 if title[place - 1] in _ENDS else 0.25 * whole)
        ascii_word = title[place - 1] < "\u0250" and title[place] < "\u0250"
        torn = title[place] in NO_START or title[place - 1] in NO_END
        return odd + (whole if ascii_word or torn or max(first, whole - first) > room else 0)

    place = min(range(1, len(title)), key=badness)
    return f"{title[:place]}\n{title[place:]}"


class _Cover:
    def __init__(
        self, programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages
    ) -> None:
        self._pieces = Pieces(fonts, messages, TEXT_PAGE.body_width)
        self._programme = programme
        self._part = part
        self._rows: list[tuple[str, str]] = []
        self._lines: list[str] = []
        for passage in read_passages(programme.texts.get(part.text, "")):
            rows = [(label, fill_text(each, view, messages, "")) for label, each in passage.rows]
            self._rows += rows
            if not rows:
                self._lines += [fill_text(line, view, messages) for line in passage.lines]
        self._period = messages.text(
            "paper",
            "cover.period",
            name=programme.settings.get("period_name") or messages.text("paper", "cover.period_name"),
            period=standard_slots(programme, messages)["period"],
        )
        self.below = len(self._lines) + 1 + len(self._pieces.signatures(part))

    def compose(self, size: float) -> Sequence[Placed]:
        """Set the cover with a title of one size."""
        pieces = self._pieces
        label = pieces.word("not_official", label=self._programme.label)
        return [
            pieces.text(label, LABEL_STYLE),
            pieces.text(self._period, _ISSUER, 10.0),
            pieces.text(
                divide_title(self._programme.title, pieces.fonts.chain(TITLE), pieces.width / size),
                TextStyle(TITLE, size, size * 1.5, "center"),
                6.0,
            ),
            *(
                Placed(self._line(name, value), _ABOVE if number == 0 else 4.0)
                for number, (name, value) in enumerate(self._rows)
            ),
            *pieces.signatures(self._part),
            pieces.text(self._programme.issuer, _ISSUER, 10.0),
            *(pieces.text(line, _ISSUER) for line in self._lines),
        ]

    def _line(self, name: str, value: str) -> Drawable:
        fonts, width = self._pieces.fonts, self._pieces.width
        names = max(len(label) for label, _ in self._rows) + 1
        edge = min(names * _NAME.size, width * 0.45)
        label = lay_out(name, fonts.chain(HEI), _NAME, edge)
        return _RuledLine(label, lay_out(value, fonts.chain(FANG), _VALUE, width - edge), edge, width)


class _RuledLine:
    """A name and, on a rule to its right, a value or room to write it."""

    def __init__(self, name: tuple[Line, ...], value: tuple[Line, ...], edge: float, width: float) -> None:
        self._name, self._value, self._edge, self._width = name, value, edge, width

    @property
    def height(self) -> float:
        """The whole height in points."""
        return max(len(self._name), len(self._value), 1) * _VALUE.leading

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw name, value and a rule under each line of the value."""
        y = top - baseline(_NAME)
        for number in range(max(len(self._name), len(self._value), 1)):
            if number < len(self._name):
                ink.line(self._name[number], x, y, _NAME)
            if number < len(self._value):
                ink.line(self._value[number], x + self._edge, y, _VALUE)
            ink.rule(x + self._edge - 3, y - 5, x + self._width, y - 5, 0.6)
            y -= _VALUE.leading
