"""The program's own marks (份号、页码、校验码) in the margins of pages that are laid out already.

Marks are an overlay: the second copy is the same packet marked anew, so that both copies differ in nothing
but the copy mark.  They follow the side of the sheet, not the number, and stand where they stand on other
pages when a page across is bound with its head to the left (GB/T 9704-2012 §7.5, §8).  The only words put
across a page are our own; a platform's watermark is never imitated.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from itertools import count
from pathlib import Path

import pikepdf
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.paper.archival import is_own, make_archival
from app.paper.assemble import Source, finished, open_pdf
from app.paper.codes import FINGERPRINT, PageCode, modules
from app.paper.fonts import HEI, SONG, Fonts
from app.paper.ink import Ink, open_canvas
from app.paper.styles import DATA_PAGE, TEXT_PAGE
from app.paper.text import Line, TextStyle, lay_out

_SMALL = TextStyle(SONG, 9, 12, gray=0.25)
_COPY = TextStyle(HEI, 10.5, 14)
_NUMBER = TextStyle(SONG, 14, 18)
_NUMBER_TOP = 7 * mm
"""How far below the type area a page number stands (GB/T 9704-2012 §7.5)."""
_EDGE = 14 * mm
_CODE_SIDE = 10 * mm
_CODE_EDGE, _LARGE_EDGE = 7 * mm, 5.5 * mm
_BESIDE = 3 * mm
_BESIDE_LINES = (11 * mm, 15.5 * mm, 20 * mm)

SMALL_CODE, LARGE_CODE = 15 * mm, 22 * mm
"""Sides of the QR code; the large one is for pages that come back with a seal or a signature."""


class AcrossWord(StrEnum):
    """The words that may stand across a page."""

    DRAFT = "草稿"
    NOT_REVIEWED = "未审核，不得盖章"
    REHEARSAL = "演练"


@dataclass(frozen=True, slots=True)
class Marks:
    """What is put on every page; an empty text or a zero leaves that mark out.

    ``copy`` of ``copies`` stands at the top outer corner, page numbers (— 3 —) at the bottom outer corner,
    ``fingerprint`` (short form), ``revision`` text ("第3次修订") and the count of pages at the bottom inner
    side, ``across`` over the page.  ``first`` is the number of the first numbered page, ``total`` the printed
    count (none: all numbered pages).  ``code`` (a fingerprint) puts a QR code into the margin of pages that
    have a ``PageMark``, and with ``typed`` its short form beside it.
    """

    copy: int = 0
    copies: int = 0
    fingerprint: str = ""
    revision: str = ""
    across: AcrossWord | None = None
    numbered: bool = True
    first: int = 1
    total: int | None = None
    code: str = ""
    typed: bool = True


@dataclass(frozen=True, slots=True)
class PageMark:
    """What is known of one page of our own.

    ``part`` is the part's number in codes (0: no code) and ``title`` what stands beside the code.
    ``returning``: the page comes back with a seal or signature.  ``official``: the page is an official text
    whose type area ends so many mm above the lower edge (0: a page for data).  ``bare``: the page bears its
    number and no other mark, ``foot`` mm above the lower edge (0: as usual).
    """

    part: int = 0
    title: str = ""
    returning: bool = False
    official: float = 0.0
    bare: bool = False
    foot: float = 0.0


_UNKNOWN = PageMark()


def stamp(
    packet: Source,
    marks: Marks,
    fonts: Fonts,
    title: str,
    blank: Collection[int] = (),
    untouched: Collection[int] = (),
    pages: Mapping[int, PageMark] | None = None,
) -> bytes:
    """Return the packet with marks on every page; equal arguments give equal bytes.

    Pages whose index (from 0) is in ``blank`` get no mark and no number; those in ``untouched`` are counted
    but get no mark (a platform's report that must come unchanged).  The first page is a right-hand one; marks
    stand at the right of right-hand pages and at the left of the others.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``).
    """
    marked = stamp_copies(packet, (marks,), fonts, title, blank, untouched, pages)[0]
    return marked if isinstance(marked, bytes) else marked.read_bytes()


def stamp_copies(
    packet: Source,
    editions: Sequence[Marks],
    fonts: Fonts,
    title: str,
    blank: Collection[int] = (),
    untouched: Collection[int] = (),
    pages: Mapping[int, PageMark] | None = None,
    targets: Sequence[Path] = (),
) -> tuple[Source, ...]:
    """Return the packet once for each of ``editions``, as ``stamp`` does; later ones cost little more.

    A packet of our own pages alone, with no word across them, is PDF/A-1b.  ``targets``: a file for each
    edition, for packets too large to be held in memory.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``), ``cannot_write``.
    """
    known = pages or {}
    files = iter(targets or (None,) * len(editions))
    with open_pdf(packet, title) as pdf:
        skipped = frozenset(untouched)
        sheets = []
        for marks in editions:
            numbers = _numbers(len(pdf.pages), marks.first, frozenset(blank))
            total = marks.total if marks.total is not None else marks.first - 1 + len(numbers)
            for index, number in numbers.items():
                if index not in skipped:
                    size = _visible_size(pdf.pages[index])
                    sheets.append(_Sheet(index, size, number, total, marks, known.get(index, _UNKNOWN)))
        if not sheets:
            return tuple(finished(pdf, title, next(files)) for _ in editions)
        archival = all(is_own(page) for page in pdf.pages) and not any(marks.across for marks in editions)
        if archival:
            make_archival(pdf, title, fonts.colours())
        each = len(sheets) // len(editions)
        copies: list[Source] = []
        with pikepdf.open(BytesIO(_print_sheets(sheets, fonts))) as overlay:
            places: dict[int, tuple[pikepdf.Object, pikepdf.Name]] = {}
            for number, (sheet, printed) in enumerate(zip(sheets, overlay.pages, strict=True), 1):
                form = pdf.copy_foreign(printed.as_form_xobject())
                if sheet.index in places:
                    forms, name = places[sheet.index]
                    forms[name] = form
                else:
                    places[sheet.index] = _lay_over(pdf, pdf.pages[sheet.index], form)
                if number % each == 0:
                    copies.append(finished(pdf, title, next(files), archival=archival))
        return tuple(copies)


def _lay_over(
    pdf: pikepdf.Pdf, page: pikepdf.Page, form: pikepdf.Object
) -> tuple[pikepdf.Object, pikepdf.Name]:
    """Put a form over a page without touching the page's own streams; return where it hangs.

    pikepdf's ``add_overlay`` rewrites them and names the overlay by chance.
    """
    resources = copy(page.resources)
    forms = copy(resources.get("/XObject", pikepdf.Dictionary()))
    name = next(each for n in count() if (each := pikepdf.Name(f"/Marks{n}")) not in forms)
    forms[name] = form
    resources.XObject = forms
    place = page.calc_form_xobject_placement(
        form, name, pikepdf.Rectangle(page.cropbox), invert_transformations=True
    )
    own = page.obj.get("/Contents", pikepdf.Array())
    streams = [own] if isinstance(own, pikepdf.Stream) else list(own.as_list())
    before, after = pdf.make_stream(b"q\n"), pdf.make_stream(b"\nQ\n" + place)
    page.obj.Resources = resources
    page.obj.Contents = pikepdf.Array([before, *streams, after])
    return resources.XObject, name


def _numbers(pages: int, first: int, blank: frozenset[int]) -> dict[int, int]:
    """Return index -> page number of all pages that are not blank."""
    counted = [index for index in range(pages) if index not in blank]
    return {index: first + place for place, index in enumerate(counted)}


def _visible_size(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height as people see the page, that is after its rotation."""
    left, bottom, right, top = (float(value) for value in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    turned = int(page.rotation or 0) % 180 == 90
    return (height, width) if turned else (width, height)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The marks of one page of one copy: which page, its size in points, its number."""

    index: int
    size: tuple[float, float]
    number: int
    total: int
    marks: Marks
    page: PageMark

    @property
    def recto(self) -> bool:
        """Tell whether this is a right-hand page; its outer side is the right one."""
        return self.index % 2 == 0

    @property
    def across(self) -> bool:
        """Tell whether the page is wider than high; bound, its head is at the left."""
        return self.size[0] > self.size[1]

    @property
    def code(self) -> PageCode | None:
        """The code of the page, if it gets one."""
        digits = self.marks.code.replace("-", "").upper()[:FINGERPRINT]
        if not digits or not self.page.part or self.page.bare:
            return None
        return PageCode(digits, self.page.part, self.number, self.total, self.marks.copy)


def _print_sheets(sheets: Sequence[_Sheet], fonts: Fonts) -> bytes:
    out = BytesIO()
    canvas = open_canvas(out, fonts.chain(SONG).first)
    pen = _Pen(fonts)
    for sheet in sheets:
        canvas.setPageSize(sheet.size)
        if sheet.marks.across and not sheet.page.bare:
            _draw_across(canvas, sheet.marks.across, fonts, *sheet.size)
        canvas.saveState()
        if sheet.across:
            canvas.transform(0, -1, 1, 0, 0, sheet.size[1])
        pen.ink = Ink(canvas)
        _draw_marks(pen, canvas, sheet)
        pen.ink.flush()
        canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Pen:
    """Writes single lines; texts that come on every page are set once."""

    ink: Ink

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._lines: dict[tuple[str, TextStyle], Line] = {}

    def put(self, text: str, style: TextStyle, edge: float, y: float, right: bool) -> None:
        """Write a text that begins at ``edge``, or ends there if it stands ``right``."""
        line = self._lines.get((text, style))
        if line is None:
            line = self._lines[text, style] = _set(text, self._fonts, style)
        self.ink.line(line, edge - line.width if right else edge, y, style)


def _draw_marks(pen: _Pen, canvas: Canvas, sheet: _Sheet) -> None:
    marks, page, right = sheet.marks, sheet.page, sheet.recto
    # as the sheet is bound: a page across stands on its left side
    width, height = sorted(sheet.size)
    area = TEXT_PAGE if page.official else DATA_PAGE
    outer = width - area.right * mm if right else area.right * mm
    inner = area.left * mm if right else width - area.left * mm
    foot = (page.official or area.bottom) * mm - _NUMBER_TOP - 0.5 * _NUMBER.size
    if page.bare and page.foot:
        foot = page.foot * mm
    if marks.numbered:
        edge = outer - _NUMBER.size if right else outer + _NUMBER.size
        pen.put(f"— {sheet.number} —", _NUMBER, edge, foot, right)
    if page.bare:
        return
    small = (
        marks.fingerprint and f"校验码 {marks.fingerprint}",
        marks.revision,
        f"共 {sheet.total} 页" if marks.numbered else "",
    )
    if any(small):
        pen.put("  ".join(filter(None, small)), _SMALL, inner, min(foot, _EDGE), not right)
    copy_mark = f"第{marks.copy}份 共{marks.copies}份" if marks.copy and marks.copies else ""
    code = sheet.code
    if code is None:
        if copy_mark:
            pen.put(copy_mark, _COPY, outer, height - _EDGE - 0.76 * _COPY.size, right)
        return
    large = page.returning and not sheet.across
    side, edge = (LARGE_CODE, _LARGE_EDGE) if large else (SMALL_CODE, _CODE_EDGE)
    left = width - _CODE_SIDE - side if right else _CODE_SIDE
    _draw_code(canvas, code, left, height - edge - side, side)
    beside = left - _BESIDE if right else left + side + _BESIDE
    texts = ((copy_mark, _COPY), (page.title, _SMALL), (code.typed if marks.typed else "", _SMALL))
    for (text, style), drop in zip(texts, _BESIDE_LINES, strict=True):
        if text:
            pen.put(text, style, beside, height - drop, right)


def _draw_code(canvas: Canvas, code: PageCode, left: float, bottom: float, side: float) -> None:
    """Draw a code as a stencil of one bit a module (ISO 32000-1 §8.9.7).

    A path of 300 rectangles a page would make up most of the second copy's time.
    """
    # four dots a module, because some viewers smooth the edges of dots
    rows = [row.replace("1", "1111").replace("0", "0000") for row in modules(code.payload)]
    count, octets = 4 * len(rows), -(-len(rows) // 2)
    bits = "".join(4 * f"{int(row.ljust(8 * octets, '0'), 2):0{2 * octets}X}" for row in rows)
    page: list[str] = canvas._code  # type: ignore[attr-defined]  # the library has no call for stencils
    page.append(
        f"q 0 g {side:.3f} 0 0 {side:.3f} {left:.3f} {bottom:.3f} cm "
        f"BI /W {count} /H {count} /IM true /D [1 0] /F /AHx ID {bits}> EI Q"
    )


def _set(text: str, fonts: Fonts, style: TextStyle) -> Line:
    return lay_out(text, fonts.chain(style.role), style, 1000 * mm)[0]


def _draw_across(canvas: Canvas, word: AcrossWord, fonts: Fonts, width: float, height: float) -> None:
    """Draw a word along the rising diagonal, light enough to read the page through it."""
    diagonal = math.hypot(width, height)
    em = min(120.0, 0.62 * diagonal / len(word))
    style = TextStyle(HEI, em, em, gray=0.55)
    line = _set(str(word), fonts, style)
    canvas.saveState()
    canvas.setFillAlpha(0.22)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(math.degrees(math.atan2(height, width)))
    ink = Ink(canvas)
    ink.line(line, -line.width / 2, -0.38 * em, style)
    ink.flush()
    canvas.restoreState()
