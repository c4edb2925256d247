"""The notes on filling in (填报说明) as a part of the book."""

from __future__ import annotations

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.paper.page import Document
from app.paper.pieces import LABEL_STYLE
from app.paper.wording import fill_text, read_passages
from app.rules.view import View


def render_notes(programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages) -> bytes:
    """Print the text ``part.text`` as an official text (GB/T 9704-2012 §7.3); its ``[titles]`` are headings.

    Raises:
        AppError: ``fonts_unreadable`` (``path``).
    """
    document = Document(fonts, part.title)
    document.title(part.title)
    document.paragraph(messages.text("paper", "not_official", label=programme.label), LABEL_STYLE)
    passages = read_passages(programme.texts.get(part.text, ""))
    for passage in passages:
        if passage.title:
            document.heading(passage.title)
        for line in passage.lines:
            document.paragraph(fill_text(line, view, messages))
    if not passages:
        document.paragraph(messages.text("paper", "nothing"))
    return document.build()
