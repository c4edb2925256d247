"""The catalogue (目录) of the whole book with the pages of every part and of every proof document."""

from __future__ import annotations

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.paper.page import Document
from app.paper.pieces import LABEL_STYLE
from app.paper.plan import Plan, range_text, ranges_text
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table
from app.rules.view import View


def render_catalogue(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, plan: Plan
) -> bytes:
    """Print name, pages and page count of each part that stands in the book beside the catalogue itself.

    Proof documents stand under the part that holds them.  Numbers are those printed on the pages
    (print_rules §2: numbers run through the whole book, ranges for each document).
    """

    def word(code: str, /, **params: object) -> str:
        return messages.text("paper", code, **params)

    rows: list[tuple[str, str, str, str]] = []
    strong: list[int] = []
    number = 0
    for planned in plan.parts:
        if planned.id == part.id:
            continue
        number += 1
        strong.append(len(rows))
        count = sum(each.pages for each in planned.ranges)
        rows.append((str(number), planned.title, ranges_text(planned.ranges, plan, messages), str(count)))
        for file in view.attachments:
            pages = plan.files.get(file.sha256)
            if pages and any(
                each.volume == pages.volume and each.first <= pages.first <= each.last
                for each in planned.ranges
            ):
                rows.append(("", file.name, range_text(pages, plan, messages), str(pages.pages)))
    document = Document(fonts, part.title, DATA_PAGE, DATA_SHEET)
    document.title(part.title)
    document.paragraph(word("not_official", label=programme.label), LABEL_STYLE)
    if not rows:
        document.paragraph(word("nothing"))
        return document.build()
    columns = (
        Column(word("catalogue.number"), align="center"),
        Column(word("catalogue.name"), 3.4, "left"),
        Column(word("catalogue.pages"), 1.2, "center"),
        Column(word("catalogue.count"), align="center"),
    )
    document.table(Table(columns, rows, strong=frozenset(strong)))
    document.note(word("catalogue.note", total=plan.total))
    return document.build()
