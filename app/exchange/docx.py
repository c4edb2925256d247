"""Word reports read as paragraphs: their text, their automatic numbers, their tables row by row.

Read by hand from the zip's XML and not with python-docx, because that gives neither automatic numbers
(「一、」 of a heading) nor text in the order of paragraphs and tables without the same walk over the XML.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from xml.etree import ElementTree

from app.errors import UsageError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_BYTES = 64 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ElementTree.ParseError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
)
"""What broken, encrypted or strangely packed files raise."""
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_CHINESE = "零一二三四五六七八九"
_CHINESE_FORMATS = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "ideographDigital",
        "taiwaneseCounting",
    }
)


def is_docx(content: bytes) -> bool:
    """Tell by its first bytes whether a file is a zip, as every .docx is."""
    return content[:4] == b"PK\x03\x04"


def read_docx(content: bytes, name: str) -> list[str]:
    """Give the lines of a Word document: a paragraph each, a table row as cells set apart by tabs.

    Deleted text under revision is left out, inserted text is in.  Raises ``UsageError`` with
    ``document_unreadable`` or ``file_too_large`` (``name``).
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            body = _part(archive, "word/document.xml", name)
            numbering = _part(archive, "word/numbering.xml", name)
            styles = _part(archive, "word/styles.xml", name)
    except _BROKEN as error:
        raise UsageError("document_unreadable", name=name) from error
    root = body.find(f"{_W}body") if body is not None else None
    if root is None:
        raise UsageError("document_unreadable", name=name)
    return list(_lines(root, _Numbers(numbering, styles)))


def _part(archive: zipfile.ZipFile, part: str, name: str) -> ElementTree.Element | None:
    try:
        info = archive.getinfo(part)
    except KeyError:
        return None
    if info.file_size > _MOST_BYTES:
        raise UsageError("file_too_large", name=name, limit=_MOST_BYTES >> 20)
    with archive.open(info) as file:
        body = file.read(_MOST_BYTES + 1)
    if b"<!DOCTYPE" in body[:1024] or b"<!ENTITY" in body:  # Word writes neither; both can blow up a parser
        raise UsageError("document_unreadable", name=name)
    return ElementTree.fromstring(body)


def _lines(parent: ElementTree.Element, numbers: _Numbers) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield from (numbers.of(child) + _text(child)).split("\n")
        elif child.tag == f"{_W}tbl":
            for row in child.findall(f"{_W}tr"):
                cells = [" ".join(_lines(cell, numbers)) for cell in row.findall(f"{_W}tc")]
                yield "\t".join(["", *(cell.replace("\t", " ") for cell in cells)])
        elif child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            yield from _lines(content, numbers) if content is not None else ()


def _text(node: ElementTree.Element) -> str:
    if node.tag == f"{_W}t":
        return node.text or ""
    if node.tag in _BREAKS:
        return _BREAKS[node.tag]
    if node.tag in (_FALLBACK, f"{_W}pPr", f"{_W}del"):
        return ""
    return "".join(_text(child) for child in node)


class _Numbers:
    """Works out the automatic numbers of paragraphs in document order."""

    def __init__(self, numbering: ElementTree.Element | None, styles: ElementTree.Element | None) -> None:
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._styles: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for number, level in _numbered_levels(numbering):
            self._levels.setdefault(number, {}).update(level)
        for style in styles.iter(f"{_W}style") if styles is not None else ():
            own = _number_of(style)
            if own is not None:
                self._styles[style.get(f"{_W}styleId", "")] = own

    def of(self, paragraph: ElementTree.Element) -> str:
        """Give the number that Word shows before a paragraph, or nothing."""
        own = _number_of(paragraph)
        if own is None:
            style = paragraph.find(f"{_W}pPr/{_W}pStyle")
            own = self._styles.get(style.get(f"{_W}val", "")) if style is not None else None
        if own is None:
            return ""
        number, level = own
        levels = self._levels.get(number, {})
        if level not in levels or not _text(paragraph).strip():
            return ""
        counts = self._counts.setdefault(number, {})
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        shown = levels[level][1]
        for place in range(level + 1):
            shape, _, start = levels.get(place, ("decimal", "", 1))
            shown = shown.replace(f"%{place + 1}", _shown(counts.get(place, start), shape))
        return shown


def _numbered_levels(
    numbering: ElementTree.Element | None,
) -> Iterator[tuple[str, Mapping[int, tuple[str, str, int]]]]:
    """Give for each number id its levels: format, text with %1, first number."""
    if numbering is None:
        return
    shapes: dict[str, dict[int, tuple[str, str, int]]] = {}
    for abstract in numbering.iter(f"{_W}abstractNum"):
        levels = shapes.setdefault(abstract.get(f"{_W}abstractNumId", ""), {})
        for level in abstract.iter(f"{_W}lvl"):
            place = _whole(level.get(f"{_W}ilvl"), 0)
            shape = _value(level, "numFmt", "decimal")
            levels[place] = (shape, _value(level, "lvlText", ""), _whole(_value(level, "start", "1"), 1))
    for number in numbering.iter(f"{_W}num"):
        yield number.get(f"{_W}numId", ""), shapes.get(_value(number, "abstractNumId", ""), {})


def _number_of(node: ElementTree.Element) -> tuple[str, int] | None:
    own = node.find(f"{_W}pPr/{_W}numPr")
    if own is None:
        return None
    number = _value(own, "numId", "0")
    return (number, _whole(_value(own, "ilvl", "0"), 0)) if number != "0" else None


def _value(node: ElementTree.Element, name: str, default: str) -> str:
    found = node.find(f"{_W}{name}")
    return found.get(f"{_W}val", default) if found is not None else default


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else default


def _shown(number: int, shape: str) -> str:
    if shape in ("bullet", "none"):
        return ""
    if shape in _CHINESE_FORMATS and 0 < number < 100:
        tens, ones = divmod(number, 10)
        head = "" if not tens else "十" if tens == 1 else f"{_CHINESE[tens]}十"
        return head + (_CHINESE[ones] if ones else "")
    if shape in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr((97 if shape == "lowerLetter" else 65) + number - 1)
    return str(number)
