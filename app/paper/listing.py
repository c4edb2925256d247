"""Chosen columns of one table as a paper of its own, with facts above and signatures below.

So a standard table, as the 项目支出绩效目标自评表 with its money block, is printed in its usual form whatever
other columns the form's table has for checking.
"""

from __future__ import annotations

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.columns import printed_table
from app.paper.fonts import SONG, Fonts
from app.paper.page import Document, FormRow
from app.paper.places import group_places, signature_of
from app.paper.styles import DATA_SHEET, WIDE_PAGE
from app.paper.text import TextStyle
from app.paper.wording import fill_text, read_passages
from app.rules.view import View

_LABEL = TextStyle(SONG, 10.5, 18, "center", gray=0.25)


def render_listing(programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages) -> bytes:
    """Print the columns of ``part.listing`` on pages across; equal arguments give equal bytes.

    The rows ``label：{slot}`` of ``part.text`` stand above the table as a form, its other lines as notes.

    Raises:
        AppError: ``fonts_unreadable`` (``path``).
    """
    assert part.listing is not None
    document = Document(fonts, part.title, WIDE_PAGE, DATA_SHEET)
    document.title(part.title)
    document.paragraph(messages.text("paper", "not_official", label=programme.label), _LABEL)
    for passage in read_passages(programme.texts.get(part.text, "")):
        if passage.rows:
            rows = [FormRow("", label, fill_text(text, view, messages, "")) for label, text in passage.rows]
            document.form(rows)
        else:
            for line in passage.lines:
                document.note(fill_text(line, view, messages))
    table = programme.form.tables[part.listing.table]
    columns = [table.column(column_id) for column_id in part.listing.columns]
    rows_of = view.rows(table.id)
    if rows_of:
        document.table(printed_table(table, columns, rows_of, table.label, messages))
    else:
        document.paragraph(messages.text("paper", "nothing"))
    for group in group_places(part.stamp_places):
        signature = signature_of(group, messages)
        document.signature(signature.lines, signature.seal)
    return document.build()
