"""Pieces that one-page papers share: texts, headings, tables, signatures, measured for one width."""

from __future__ import annotations

from collections.abc import Sequence

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import HEI, SONG, TITLE, Fonts
from app.paper.page import TextBlock
from app.paper.places import group_places, signature_of
from app.paper.sheet import Placed
from app.paper.signature import lay_out_signature
from app.paper.table import SIZES, Column, Table, lay_out_table
from app.paper.text import TextStyle, lay_out

TITLE_STYLE = TextStyle(TITLE, 20, 30, "center")
LABEL_STYLE = TextStyle(SONG, 10.5, 18, "center", gray=0.25)
HEADING_STYLE = TextStyle(HEI, 12, 20)
BODY_STYLE = TextStyle(SONG, 10.5, 17)

Row = tuple[str, ...]


class Pieces:
    """Makes pieces of one width (points) for papers of one page; ``word`` gives fixed wording."""

    def __init__(self, fonts: Fonts, messages: Messages, width: float) -> None:
        self.fonts = fonts
        self.messages = messages
        self.width = width

    def word(self, code: str, **params: object) -> str:
        """Give a fixed text of the paper."""
        return self.messages.text("paper", code, **params)

    def text(self, text: str, style: TextStyle = BODY_STYLE, before: float = 0.0) -> Placed:
        """Give a text; every line of it is a paragraph."""
        return Placed(
            TextBlock(lay_out(text, self.fonts.chain(style.role), style, self.width), style), before
        )

    def heading(self, text: str) -> Placed:
        """Give a heading with room above it."""
        return self.text(text, HEADING_STYLE, 8.0)

    def head(self, part: Part, programme: Programme) -> list[Placed]:
        """Give a paper's title and the line that says it is no official form."""
        label = self.word("not_official", label=programme.label)
        return [self.text(part.title, TITLE_STYLE), self.text(label, LABEL_STYLE)]

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        header: bool = True,
        sizes: tuple[float, ...] = SIZES,
    ) -> Placed:
        """Give a table; without rows it says that there is nothing."""
        if not rows:
            return self.text(self.word("nothing"))
        return Placed(
            lay_out_table(Table(tuple(columns), rows, header=header, sizes=sizes), self.fonts, self.width),
            4.0,
        )

    def facts(self, rows: Sequence[tuple[str, str]]) -> Placed:
        """Give rows of name and text."""
        columns = (Column("", 1.0, "left"), Column("", 3.4, "left"))
        table = Table(columns, rows, header=False, strong_columns=(0,), texts=range(len(rows)))
        return Placed(lay_out_table(table, self.fonts, self.width), 4.0)

    def signatures(self, part: Part, under: Sequence[str] = ()) -> list[Placed]:
        """Give the part's places to sign and to stamp."""
        style = TextStyle(SONG, 11, 26)
        return [
            Placed(
                lay_out_signature(signature_of(group, self.messages, under), self.fonts, style, self.width),
                10.0,
            )
            for group in group_places(part.stamp_places)
        ]
