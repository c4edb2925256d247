"""The order for the print shop (印制要求): paper, two sides, binding, spine, how many, on one page."""

from __future__ import annotations

from collections.abc import Sequence

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.paper.pieces import Pieces
from app.paper.plan import Plan, ranges_text
from app.paper.sheet import Placed, fit_sheet, print_sheet
from app.paper.spine import LEAST_MM, spine_advice, spine_text
from app.paper.styles import DATA_PAGE
from app.paper.table import Column
from app.rules.view import View

_MOST_PARTS = (60, 40, 30, 20, 10, 0)


def render_print_order(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, plan: Plan
) -> bytes:
    """Print what a print shop must know, always on one page.

    Raises:
        AppError: ``form_does_not_fit`` (``title``).
    """
    order = _Order(programme, view, part, fonts, messages, plan)
    count, _left = fit_sheet(_MOST_PARTS, order.compose, DATA_PAGE, part.title)
    return print_sheet(fonts, part.title, DATA_PAGE, order.compose(count))


class _Order:
    def __init__(
        self, programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, plan: Plan
    ) -> None:
        self._pieces = Pieces(fonts, messages, DATA_PAGE.body_width)
        self._programme = programme
        self._view = view
        self._part = part
        self._plan = plan

    def compose(self, count: int) -> Sequence[Placed]:
        """Set the page with at most ``count`` parts named."""
        pieces, packet = self._pieces, self._programme.packet
        word = pieces.word
        facts = [
            (word("print_order.matter"), self._programme.title),
            (word("print_order.copies"), word("print_order.copies_text", copies=packet.copies)),
            (word("print_order.paper"), word("print_order.paper_text")),
            (word("print_order.sides"), word("print_order.sides_text")),
            (word("print_order.colour"), word("print_order.colour_text")),
            (word("print_order.binding"), word("print_order.binding_text", binding=packet.binding)),
            (word("print_order.when"), word("print_order.when_text")),
        ]
        blocks = [*pieces.head(self._part, self._programme), pieces.facts(facts)]
        blocks += [pieces.heading(word("print_order.volumes")), self._volumes()]
        blocks += [pieces.heading(word("print_order.parts")), *self._parts(count)]
        blocks += [pieces.text(line, before=4.0) for line in word("print_order.care").splitlines()]
        return blocks

    def _volumes(self) -> Placed:
        pieces, plan = self._pieces, self._plan
        word, packet = pieces.word, self._programme.packet
        columns = (
            Column(word("print_order.volume"), align="center"),
            Column(word("print_order.pages"), 1.0, "center"),
            Column(word("print_order.sheets"), 1.0, "center"),
            Column(word("print_order.thickness"), 1.0, "center"),
            Column(word("print_order.spine"), 4.0, "left"),
        )
        if not plan.volumes:
            return pieces.text(word("print_order.unknown"))
        rows = []
        for number, volume in enumerate(plan.volumes, 1):
            text = spine_text(self._programme, self._view, number, len(plan.volumes), pieces.messages)
            advice = spine_advice(volume, packet.volume_sheets, pieces.messages)
            spine = (text, advice) if volume.thickness >= LEAST_MM else (advice,)
            rows.append(
                (
                    str(number),
                    word("plan.pages", first=volume.first, last=volume.last),
                    str(volume.sheets),
                    f"{volume.thickness:g}",
                    "\n".join(filter(None, spine)),
                )
            )
        return pieces.table(columns, rows)

    def _parts(self, count: int) -> list[Placed]:
        pieces, plan = self._pieces, self._plan
        word = pieces.word
        parts = plan.parts[:count]
        rows = [
            (str(number), each.title, ranges_text(each.ranges, plan, pieces.messages))
            for number, each in enumerate(parts, 1)
        ]
        columns = (
            Column(word("report.number"), align="center"),
            Column(word("catalogue.name"), 3.0, "left"),
            Column(word("catalogue.pages"), 1.0, "center"),
        )
        blocks = [pieces.table(columns, rows)]
        if len(plan.parts) > count:
            blocks.append(pieces.text(word("print_order.more", count=len(plan.parts) - count)))
        return blocks
