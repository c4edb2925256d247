"""Blocks of cells on the clipboard, as Excel, WPS and LibreOffice put them there: TSV and HTML.

Pure functions over texts.  Whatever stands on the clipboard is read without an error and in time that
grows with its length only; what is larger than the limits is cut and said to be cut.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape

MAX_ROWS = 20_000
MAX_COLUMNS = 256
MAX_CELLS = 1_000_000
MAX_HTML = 32 << 20
"""Longest HTML looked at, in characters; a longer one is left for the plain text beside it."""

_PATIENCE = 16
_EXACT = ("x:num", "sdval")
_TAG = re.compile(r"(/?)([A-Za-z][A-Za-z0-9:]*)")
_ATTRIBUTE = re.compile(r"""(?<![A-Za-z:_-])([A-Za-z:_-]++)\s*+=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_LINE_ENDS = frozenset({"br"})
_BLOCKS = frozenset({"p", "div", "li"})
_SILENT = frozenset({"style", "script", "title", "head", "xml"})
_FIELD_END = re.compile(r"[\t\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of texts from the clipboard.

    ``exact`` holds, by (row, column), the full number behind a cell whose text may show it rounded or
    as 1.2E+17.  ``joined`` holds the places covered by a merged cell that starts elsewhere; they are
    empty.  ``cut`` tells that rows or columns beyond the limits were left out.
    """

    rows: tuple[tuple[str, ...], ...]
    exact: Mapping[tuple[int, int], str] = field(default_factory=dict)
    joined: frozenset[tuple[int, int]] = frozenset()
    cut: bool = False

    @property
    def width(self) -> int:
        """Give the number of columns."""
        return len(self.rows[0]) if self.rows else 0

    def transposed(self) -> Block:
        """Give the block with rows and columns exchanged."""
        return Block(
            tuple(zip(*self.rows, strict=True)),
            {(column, row): number for (row, column), number in self.exact.items()},
            frozenset((column, row) for row, column in self.joined),
            self.cut,
        )


def read_clipboard(text: str, html: str = "") -> Block:
    """Give the block on the clipboard: the HTML table where there is one, else the plain text."""
    if html and len(html) <= MAX_HTML:
        block = read_html(html)
        if block.rows:
            return block
    return read_tsv(text)


# ------------------------------------------------------------------------------------------ plain text
def read_tsv(text: str) -> Block:
    """Give the cells of tab-separated text; quoted cells may hold tabs, line ends and doubled quotes.

    A quote that is never closed before a tab or line end is an ordinary character (5" screens).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    rows: list[list[str]] = []
    row: list[str] = []
    at, size, patience, total, cut = 0, len(text), _PATIENCE, 0, False
    while at < size:
        cell, end = "", -1
        if text[at] == '"' and patience:
            cell, end = _quoted(text, at)
            patience -= end < 0
        if end < 0:
            found = _FIELD_END.search(text, at)
            end = found.start() if found else size
            cell = text[at:end]
        if len(row) < MAX_COLUMNS:
            row.append(cell)
            total += 1
        else:
            cut = True
        at = end + 1
        if end >= size or text[end] == "\n":
            rows.append(row)
            row = []
            if len(rows) >= MAX_ROWS or total >= MAX_CELLS:
                cut = cut or bool(text[at:].strip())
                break
        elif at >= size and len(row) < MAX_COLUMNS:
            row.append("")
    if row:
        rows.append(row)
    return _square(rows, {}, frozenset(), cut)


def _quoted(text: str, at: int) -> tuple[str, int]:
    """Give a quoted cell and where it ends, or an end of -1 where the quote is not closed."""
    close = at + 1
    while True:
        close = text.find('"', close)
        if close < 0:
            return "", -1
        after = text[close + 1 : close + 2]
        if after == '"':
            close += 2
        elif after in ("", "\t", "\n"):
            return text[at + 1 : close].replace('""', '"'), close + 1
        else:
            return "", -1


def write_tsv(rows: Sequence[Sequence[str]]) -> str:
    """Give tab-separated text as Excel writes it; ``read_tsv`` of it gives the same cells."""
    return "".join("\t".join(map(_quote, row)) + "\r\n" for row in rows)


def _quote(cell: str) -> str:
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    if cell.startswith('"') or "\t" in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


# ------------------------------------------------------------------------------------------ HTML
def write_html(rows: Sequence[Sequence[str]], as_text: Collection[int] = ()) -> str:
    """Give an HTML table; columns ``as_text`` are marked so that Excel keeps every digit of them."""
    mark = " style='mso-number-format:\"\\@\"'"
    lines = [
        "<tr>"
        + "".join(
            f"<td{mark if column in as_text else ''}>{_markup(cell)}</td>" for column, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    ]
    return f'<html><head><meta charset="utf-8"></head><body><table>{"".join(lines)}</table></body></html>'


def _markup(cell: str) -> str:
    text = escape(cell.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\n", "<br>").replace("\t", "&#9;").replace("\f", "&#12;")
    return re.sub(" (?= )|^ | $", "&nbsp;", text)


def read_html(html: str) -> Block:
    """Give the first table of an HTML text that holds a cell; no rows where there is none."""
    reader = _TableReader()
    for kind, content in _pieces(html):
        if kind == "text":
            reader.text(content)
        elif not reader.tag(content):
            break
    reader.end_row()
    return _square(reader.rows, reader.exact, frozenset(reader.joined), reader.cut)


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    """Give texts and the insides of tags; comments are left out, and never looked at twice."""
    at, size = 0, len(html)
    while at < size:
        start = html.find("<", at)
        if start < 0:
            start = size
        if start > at:
            yield "text", html[at:start]
        if start >= size:
            return
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            at = size if end < 0 else end + 3
            continue
        end = html.find(">", start + 1)
        if end < 0:
            return
        inside = html[start + 1 : end]
        at = end + 1
        if _TAG.match(inside):
            yield "tag", inside
        elif not inside.startswith(("!", "?")):
            yield "text", html[start:at]


class _TableReader:
    """Collects one table; an inner table's text belongs to the cell around it."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.exact: dict[tuple[int, int], str] = {}
        self.joined: set[tuple[int, int]] = set()
        self.cut = False
        self._row: list[str] | None = None
        self._spans: dict[int, int] = {}  # column -> rows it is still covered
        self._cell: list[str] | None = None
        self._wide = self._tall = 1
        self._number = ""
        self._depth = 0
        self._silent = ""
        self._hidden = False
        self._total = 0

    def text(self, content: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(_SPACES.sub(" ", content))

    def tag(self, inside: str) -> bool:
        """Take one tag; False when the table is over."""
        match = _TAG.match(inside)
        assert match is not None
        closing, name = bool(match[1]), match[2].lower()
        if self._silent:
            if closing and name == self._silent:
                self._silent = ""
            return True
        if name in _SILENT:
            self._silent = "" if closing or inside.endswith("/") else name
            return True
        if name == "table":
            return self._table(closing)
        if self._depth > 1:
            if name in ("tr", "td", "th") and self._cell is not None:
                self._cell.append(" ")
        elif name == "tr":
            self.end_row()
            if not closing:
                self._start_row(bool(_HIDDEN.search(inside)))
        elif name in ("td", "th"):
            self._end_cell()
            if not closing:
                self._start_cell(inside)
        elif self._cell is not None and (name in _LINE_ENDS or (name in _BLOCKS and closing)):
            self._cell.append("\n")
        return (len(self.rows) < MAX_ROWS and self._total < MAX_CELLS) or self._give_up()

    def _give_up(self) -> bool:
        self.cut = True
        return False

    def _table(self, closing: bool) -> bool:
        self._depth += -1 if closing else 1
        if closing and self._depth <= 0:
            self.end_row()
            self._depth = 0
            return not self.rows
        return True

    def _start_row(self, hidden: bool) -> None:
        self._row, self._hidden = [], hidden

    def _start_cell(self, inside: str) -> None:
        if self._row is None:
            self._start_row(False)
        named = {
            match[1].lower(): unescape(match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(inside)
        }
        self._wide = _span(named.get("colspan"), MAX_COLUMNS)
        self._tall = _span(named.get("rowspan"), MAX_ROWS)
        self._number = next((named[key] for key in _EXACT if _NUMBER.fullmatch(named.get(key, ""))), "")
        self._cell = []

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        lines = unescape("".join(self._cell)).split("\n")
        text = "\n".join(line.strip(" ") for line in lines).strip("\n").replace("\xa0", " ")
        self._cell = None
        self._fill_covered()
        for step in range(self._wide):
            place = (len(self.rows), len(self._row))
            if place[1] >= MAX_COLUMNS:
                self.cut = True
                break
            if step:
                self.joined.add(place)
            elif self._number:
                self.exact[place] = self._number
            if self._tall > 1:
                self._spans[place[1]] = self._tall - 1
            self._row.append("" if step else text)
            self._total += 1
            self._fill_covered()

    def _fill_covered(self) -> None:
        assert self._row is not None
        while self._spans.get(len(self._row), 0) > 0 and len(self._row) < MAX_COLUMNS:
            column = len(self._row)
            self._spans[column] -= 1
            self.joined.add((len(self.rows), column))
            self._row.append("")
            self._total += 1

    def end_row(self) -> None:
        """Finish the row under way, if it has cells and is shown."""
        self._end_cell()
        row, self._row = self._row, None
        if row is None:
            return
        self._row = row
        self._fill_covered()
        self._row = None
        number = len(self.rows)
        if row and not self._hidden:
            self.rows.append(row)
            return
        for column in range(len(row)):
            self.exact.pop((number, column), None)
            self.joined.discard((number, column))


def _span(text: str | None, most: int) -> int:
    if not text or not text.isascii() or not text.strip().isdigit():
        return 1
    return min(max(int(text.strip()[:9]), 1), most)


def _square(
    rows: list[list[str]],
    exact: Mapping[tuple[int, int], str],
    joined: frozenset[tuple[int, int]],
    cut: bool,
) -> Block:
    width = min(max(map(len, rows), default=0), MAX_COLUMNS)
    cut = cut or any(len(row) > width for row in rows)
    most = max(MAX_CELLS // width, 1) if width else 0
    kept = rows[:most]
    return Block(
        tuple(tuple(row[:width] + [""] * (width - len(row))) for row in kept),
        exact,
        joined,
        cut or len(kept) < len(rows),
    )
