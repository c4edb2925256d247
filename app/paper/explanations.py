"""Explanations (审核说明): what stands out against last year or elsewhere, and the unit's written reasons."""

from __future__ import annotations

from app.messages import Messages
from app.model.finding import Finding
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.paper.page import Document
from app.paper.pieces import LABEL_STYLE
from app.paper.plan import Surroundings
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table
from app.paper.wording import place_name
from app.rules.view import View

YEAR_ON_YEAR = frozenset({"change_explained", "zero_change", "decreased", "unit_slip", "rollover"})
"""Kinds of checks that hold a value against last year's."""


def render_explanations(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, around: Surroundings
) -> bytes:
    """Print every written reason with its place and with what was found there.

    Changes against last year come first.  Where the finding itself is not known any more, the number of its
    check stands in its stead.
    """

    def word(code: str, /, **params: object) -> str:
        return messages.text("paper", code, **params)

    against_last_year = {spec.code for spec in programme.checks if spec.kind in YEAR_ON_YEAR}
    found: dict[str, Finding] = {finding.key: finding for finding in around.findings}
    groups: dict[bool, list[tuple[str, str, str, str]]] = {True: [], False: []}
    for key, reason in sorted(view.answers.reasons.items()):
        code, _, path = key.partition("@")
        rows = groups[code in against_last_year]
        what = messages.finding(found[key]) if key in found else word("explanations.check", code=code)
        rows.append((str(len(rows) + 1), place_name(view, path, messages), what, reason))
    document = Document(fonts, part.title, DATA_PAGE, DATA_SHEET)
    document.title(part.title)
    document.paragraph(word("not_official", label=programme.label), LABEL_STYLE)
    columns = (
        Column(word("report.number"), align="center"),
        Column(word("explanations.place"), 1.1, "left"),
        Column(word("explanations.found"), 1.6, "left"),
        Column(word("explanations.reason"), 2.2, "left"),
    )
    for year_on_year, rows in groups.items():
        document.heading(word("explanations.changes" if year_on_year else "explanations.others"))
        if rows:
            document.table(Table(columns, rows))
        else:
            document.paragraph(word("nothing"))
    return document.build()
