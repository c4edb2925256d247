"""A report written as a Word file: headings, paragraphs, framed tables, pages across.

Written by hand as ``docx.py`` reads by hand: the few parts that Word needs, no times and no chance in them,
so that one sealed revision always gives one file and a sending can be repeated.  python-docx stamps each
entry with the time and brings lxml with it; nothing here needs either.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TypeAlias
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from app.exchange.docx_parts import CONTENT_TYPES, PART_RELATIONS, RELATIONS, STYLES, core, document, footer

_PORTRAIT = (11906, 16838, 1588, 1134)
"""A4 in twentieths of a point: width, height, margin at the binding edge, other margins (28 and 20 mm)."""
_LANDSCAPE = (16838, 11906, 1134, 1134)
_STAMP = (1980, 1, 1, 0, 0, 0)
_LEAST_SHARE, _MOST_SHARE = 4, 30
_EDGES = 4
"""A hundredth of an upright page is a Latin letter of a cell; its two inner edges are nearly three more."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold at all."""
_NUMBER = re.compile(r"[-+−]?[0-9][0-9,]*(?:\.[0-9]+)?[%％‰]?")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph.  ``style`` is an id of the file's styles: Title, Heading1 to 3, Normal, Facts, Note."""

    text: str
    style: str = "Normal"
    align: str = ""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column: its head, its share of the width (None: after its cells), left, center, right or auto.

    ``auto`` sets numbers to the right.
    """

    head: str
    share: float | None = None
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Grid:
    """A framed table.  Its heads are repeated on each page; ``strong`` are numbers of rows in bold.

    ``header`` is false for a form without heads; in the rows ``texts`` digits are no amounts.
    """

    columns: tuple[GridColumn, ...]
    rows: Sequence[Sequence[str]]
    title: str = ""
    unit: str = ""
    header: bool = True
    strong: frozenset[int] = frozenset()
    texts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn:
    """From here on pages lie across."""


Block: TypeAlias = Passage | Grid | Turn


def write_docx(title: str, blocks: Sequence[Block], foot: str) -> bytes:
    """Give a Word file of ``blocks``; ``foot`` stands at the foot of every page before its number.

    Equal arguments give equal bytes.  What XML cannot hold (control characters) is left out.
    """
    body = []
    shape = _PORTRAIT
    for block in blocks:
        if isinstance(block, Turn):
            body.append(f"<w:p><w:pPr>{_section(shape)}</w:pPr></w:p>")
            shape = _LANDSCAPE
        elif isinstance(block, Passage):
            body.extend(_paragraph(line, block.style, block.align) for line in block.text.split("\n"))
        else:
            body.extend(_table(block, shape[0] - shape[2] - shape[3]))
    entries = (
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONS),
        ("docProps/core.xml", core(_clean(title))),
        ("word/document.xml", document("".join(body) + _section(shape))),
        ("word/_rels/document.xml.rels", PART_RELATIONS),
        ("word/styles.xml", STYLES),
        ("word/footer1.xml", footer(_clean(foot))),
    )
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in entries:
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            archive.writestr(info, text.encode())
    return written.getvalue()


def _clean(text: str) -> str:
    return escape(_ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _paragraph(text: str, style: str, align: str = "", strong: bool = False, keep: bool = False) -> str:
    inner = f'<w:pStyle w:val="{style}"/>' if style != "Normal" else ""
    inner += "<w:keepNext/>" if keep else ""
    inner += f'<w:jc w:val="{align}"/>' if align else ""
    before = f"<w:pPr>{inner}</w:pPr>" if inner else ""
    bold = "<w:rPr><w:b/></w:rPr>" if strong else ""
    words = f'<w:r>{bold}<w:t xml:space="preserve">{_clean(text)}</w:t></w:r>' if text else ""
    return f"<w:p>{before}{words}</w:p>"


def _section(shape: tuple[int, int, int, int]) -> str:
    width, height, bound, other = shape
    across = ' w:orient="landscape"' if width > height else ""
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId2"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"{across}/>'
        f'<w:pgMar w:top="1588" w:right="{other}" w:bottom="1191" w:left="{bound}"'
        ' w:header="850" w:footer="680" w:gutter="0"/></w:sectPr>'
    )


def _table(grid: Grid, width: int) -> Iterator[str]:
    if grid.title:
        yield _paragraph(grid.title, "TableTitle")
    if grid.unit:
        yield _paragraph(grid.unit, "TableUnit")
    widths = _widths(grid, width)
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    columns = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    yield (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
    )
    if grid.header:
        cells = "".join(
            _cell(column.head, one, "center", strong=True)
            for column, one in zip(grid.columns, widths, strict=True)
        )
        yield f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"
    for place, row in enumerate(grid.rows):
        cells = "".join(
            _cell(text, one, _side(column, text, place in grid.texts), strong=place in grid.strong)
            for column, text, one in zip(grid.columns, row, widths, strict=True)
        )
        yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"
    yield "</w:tbl>"
    yield _paragraph("", "TableEnd")  # two tables without a paragraph between them would become one


def _cell(text: str, width: int, align: str, *, strong: bool = False) -> str:
    lines = "".join(_paragraph(line, "Cell", align, strong) for line in text.split("\n"))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
    )


def _side(column: GridColumn, text: str, is_text: bool) -> str:
    if column.align != "auto":
        return column.align
    return "right" if not is_text and _NUMBER.fullmatch(text.strip()) else "left"


def _widths(grid: Grid, width: int) -> list[int]:
    """Share the width out: by the columns' shares, or by how long their cells are."""
    measured = [_length(grid, place) for place in range(len(grid.columns))]
    shared = sum(one.share or 0 for one in grid.columns)
    open_ones = [m for m, one in zip(measured, grid.columns, strict=True) if one.share is None]
    room = 100 - sum(open_ones) if shared else 0
    parts = [
        float(length) if one.share is None else max(room, 40) * one.share / shared
        for length, one in zip(measured, grid.columns, strict=True)
    ]
    total = sum(parts)
    return [int(width * part / total) for part in parts]


def _length(grid: Grid, place: int) -> int:
    texts = [grid.columns[place].head, *(row[place] for row in grid.rows)]
    longest = max((_breadth(line) for text in texts for line in text.split("\n")), default=0)
    return min(max(longest + _EDGES, _LEAST_SHARE), _MOST_SHARE)


def _breadth(line: str) -> int:
    return sum(2 if east_asian_width(one) in "WFA" else 1 for one in line)
