"""How wide the columns of a table are: measured from their cells, shared out, never too narrow for a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.paper.fonts import HEI, SONG, Fonts
from app.paper.shaping import has_words

if TYPE_CHECKING:
    from app.paper.table import Table

PAD_X = 4.0
"""White space beside a cell's text in points."""

_WIDEST = 16.0
"""A column without a weight never asks for more than so many characters."""
_SHORT = 6.0
"""A column without a weight is not narrowed below its longest line if that is so short."""
_LONGEST = 13.0
"""A word longer than so many characters (an address of the web) does not widen its column."""

WORD = re.compile(r"[!-~]+")


def column_widths(table: Table, fonts: Fonts, size: float, width: float) -> tuple[list[float], bool]:
    """Return the widths (together ``width``) and whether every number and word fits."""
    least, shares = [], []
    for number, column in enumerate(table.columns):
        narrow, natural = _needs(table, fonts, number)
        if column.weight is None and natural <= _SHORT:
            narrow = natural
        least.append(narrow * size + 2 * PAD_X + 0.1)
        shares.append(natural * size + 2 * PAD_X if column.weight is None else 0.0)
    measured = sum(shares)
    given = sum(column.weight or 0.0 for column in table.columns)
    if given:
        # columns with a weight share what the measured ones leave (a fifth of the width at least)
        scale = min(1.0, width * 0.8 / measured) if measured else 1.0
        free = width - measured * scale
        shares = [
            share * scale if column.weight is None else free * column.weight / given
            for share, column in zip(shares, table.columns, strict=True)
        ]
    return _shared_out(shares, least, width), sum(least) <= width


def _needs(table: Table, fonts: Fonts, number: int) -> tuple[float, float]:
    """Return in em what a column needs for its longest word and what its longest line would like."""
    plain, bold = fonts.chain(SONG), fonts.chain(HEI)
    title = table.columns[number].title
    heading = max([bold.width(word) for word in WORD.findall(title)], default=0.0)
    narrow, natural = max(heading, min(2.0, len(title)), 1.0), min(_SHORT, bold.width(title))
    strong_column = number in table.strong_columns
    strong = {table.rows[row][number] for row in table.strong}
    for chain, texts in (
        (bold if strong_column else plain, {row[number] for row in table.rows}),
        (bold, strong),
    ):
        lines = {chain.printable(line) for text in texts for line in text.splitlines()}
        words = {word for line in lines for word in WORD.findall(line)}
        words |= {word for line in lines if has_words(line) for word in line if has_words(word)}
        narrow = max([narrow, *(min(_LONGEST, chain.width(word)) for word in words)])
        natural = max([natural, *map(chain.width, lines)])
    return narrow, min(_WIDEST, natural)


def _shared_out(shares: Sequence[float], least: Sequence[float], width: float) -> list[float]:
    """Divide ``width`` by shares, giving no column less than it needs as long as all needs can be met."""
    needs = sum(least)
    if needs >= width:
        return [need * width / needs for need in least]
    fixed: set[int] = set()
    while True:
        free = width - sum(least[number] for number in fixed)
        open_shares = sum(share for number, share in enumerate(shares) if number not in fixed)
        widths = [
            least[number] if number in fixed else free * share / open_shares
            for number, share in enumerate(shares)
        ]
        short = {number for number, each in enumerate(widths) if each < least[number] - 0.001}
        if short <= fixed:
            return widths
        fixed |= short
