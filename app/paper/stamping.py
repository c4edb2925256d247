"""The list of stamps (用印清单): which page, which party, how many copies; with a receipt to tear off."""

from __future__ import annotations

from app.messages import Messages
from app.model.packet import Part, PartKind, StampPlace
from app.model.programme import Programme
from app.paper.fonts import SONG, Fonts
from app.paper.ink import Ink
from app.paper.page import Document
from app.paper.pieces import LABEL_STYLE
from app.paper.plan import Plan, ranges_text
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table
from app.paper.text import TextStyle, baseline, lay_out
from app.paper.wording import fill_text
from app.rules.view import View

_CUT = TextStyle(SONG, 9, 13, "center", gray=0.4)


def stamp_checks(programme: Programme) -> list[tuple[Part, StampPlace]]:
    """Give every place to sign or stamp on paper that is bound or handed in, in the packet's order.

    The sheet that the head of the unit signs stays in the house and is no part of the list.
    Each counts once for every copy (recommendation_and_commitment §3).
    """
    return [
        (part, place)
        for part in programme.packet.parts
        if (part.in_book or not part.optional) and part.kind is not PartKind.APPROVAL
        for place in part.stamp_places
    ]


def render_stamping(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, plan: Plan
) -> bytes:
    """Print a row for each place with a box for each copy, the number of all checks, and the receipt."""

    def word(code: str, /, **params: object) -> str:
        return messages.text("paper", code, **params)

    checks, copies = stamp_checks(programme), programme.packet.copies
    document = Document(fonts, part.title, DATA_PAGE, DATA_SHEET)
    document.title(part.title)
    document.paragraph(word("not_official", label=programme.label), LABEL_STYLE)
    document.paragraph(programme.title, LABEL_STYLE)
    rows = [
        (
            str(number),
            place.label,
            ranges_text(plan.pages_of(owner.id), plan, messages),
            word("stamping.signature" if place.signature else "stamping.seal"),
            place.party,
            "　".join(word("stamping.box", copy=copy) for copy in range(1, copies + 1)),
        )
        for number, (owner, place) in enumerate(checks, 1)
    ]
    columns = (
        Column(word("report.number"), align="center"),
        Column(word("stamping.place"), 2.4, "left"),
        Column(word("stamping.pages"), 1.0, "center"),
        Column(word("stamping.what"), align="center"),
        Column(word("stamping.party"), 1.4, "left"),
        Column(word("stamping.done"), 1.8, "center"),
    )
    if rows:
        document.table(Table(columns, rows))
    else:
        document.paragraph(word("nothing"))
    document.gap(4)
    document.paragraph(
        word("stamping.total", places=len(checks), copies=copies, checks=len(checks) * copies),
        TextStyle(SONG, 10.5, 18),
    )
    for line in word("stamping.advice").splitlines():
        document.note(line)
    with document.group():
        _receipt(document, programme, view, fonts, messages)
    return document.build()


def _receipt(document: Document, programme: Programme, view: View, fonts: Fonts, messages: Messages) -> None:
    """Add the receipt below a line to cut along."""

    def word(code: str, /, **params: object) -> str:
        return messages.text("paper", code, **params)

    document.add(_CutLine(word("stamping.cut"), fonts, document.width), 14.0)
    document.paragraph(word("stamping.receipt"), DATA_SHEET.title)
    document.gap(4)
    packet = programme.packet
    given = [
        (piece.title, word("stamping.copies", copies=packet.copies))
        for piece in packet.parts
        if piece.stamp_places
        and not piece.in_book
        and not piece.optional
        and piece.kind is not PartKind.APPROVAL
    ]
    rows = [
        (word("stamping.matter"), programme.short_title),
        (word("stamping.unit"), fill_text(packet.spine, view, messages)),
        (word("stamping.book", binding=packet.binding), word("stamping.copies", copies=packet.copies)),
        *given,
        *((word(f"stamping.{name}"), word("stamping.by_hand")) for name in ("giver", "taker")),
        (word("stamping.remark"), ""),
    ]
    columns = (Column("", 1.0, "left"), Column("", 2.2, "left"))
    table = Table(columns, rows, header=False, strong_columns=(0,), texts=range(len(rows)))
    document.table(table)


class _CutLine:
    """A dashed line over the page with a word on it."""

    def __init__(self, text: str, fonts: Fonts, width: float) -> None:
        self._lines = lay_out(text, fonts.chain(SONG), _CUT, width)
        self._width = width
        self.height = 20.0
        self.least = 20.0

    def split(self, room: float, fresh: bool, tail: bool = False) -> tuple[_CutLine | None, _CutLine | None]:
        """Return the whole line here or on the next page."""
        return (self, None) if fresh or room >= self.height else (None, self)

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw the line with a gap for its word."""
        y, dash, step = top - 10.0, 5.0, 9.0
        left = min((line.x for line in self._lines), default=self._width)
        right = max((line.x + line.width for line in self._lines), default=self._width)
        place = 0.0
        while place < self._width:
            if not left - 8 < place + dash or place > right + 4:
                ink.rule(x + place, y, x + min(place + dash, self._width), y, 0.5, 0.4)
            place += step
        for line in self._lines:
            ink.line(line, x, top - 3.5 - baseline(_CUT), _CUT)
