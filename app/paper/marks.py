"""The program's own marks (份号、页码、校验码) in the margins of pages that are laid out already.

Marks are an overlay: the second copy is the same packet marked anew, so that both copies differ in nothing
but the copy mark.  The only words put across a page are our own; a platform's watermark is never imitated.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from itertools import count

import pikepdf
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.paper.assemble import Source, finished, open_pdf
from app.paper.codes import FINGERPRINT, PageCode, modules
from app.paper.fonts import HEI, SONG, Fonts
from app.paper.text import Ink, Line, TextStyle, lay_out, open_canvas

_SIDE = 26 * mm
_EDGE = 14 * mm
_NUMBER = TextStyle(SONG, 10.5, 14)
_SMALL = TextStyle(SONG, 9, 12, gray=0.25)
_COPY = TextStyle(HEI, 10.5, 14)
_OFFICIAL = TextStyle(SONG, 14, 18)
_OFFICIAL_TOP = 7 * mm
_CODE_SIDE = 10 * mm
_CODE_EDGE, _LARGE_EDGE, _FOOT_EDGE = 7 * mm, 5.5 * mm, 5 * mm
_BESIDE = 3 * mm
_BESIDE_LINES = (11 * mm, 15.5 * mm, 20 * mm)
_TYPED_FOOT = 8 * mm

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

    ``copy`` of ``copies`` stands at the top outer corner, page numbers at the bottom outer corner,
    ``fingerprint`` (short form) and ``revision`` text ("第3次修订") at the bottom inner side, ``across`` over
    the page.  ``first`` is the number of the first numbered page, ``total`` the printed count (none: all
    numbered pages).  ``code`` (a fingerprint) puts a QR code into the margin of pages that have a
    ``PageMark``, and with ``typed`` its short form beside it.
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
    ``returning``: the page comes back with a seal or signature.  ``official``: its type area ends so many mm
    above the lower edge and its number is set after GB/T 9704-2012 §7.5 (0: not).  ``bare``: the page bears
    its number and no other mark.
    """

    part: int = 0
    title: str = ""
    returning: bool = False
    official: float = 0.0
    bare: bool = False


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
    but get no mark (a platform's report that must come unchanged).  Odd numbers stand right, even ones left.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``).
    """
    return stamp_copies(packet, (marks,), fonts, title, blank, untouched, pages)[0]


def stamp_copies(
    packet: Source,
    editions: Sequence[Marks],
    fonts: Fonts,
    title: str,
    blank: Collection[int] = (),
    untouched: Collection[int] = (),
    pages: Mapping[int, PageMark] | None = None,
) -> tuple[bytes, ...]:
    """Return the packet once for each of ``editions``, as ``stamp`` does; later ones cost little more.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``).
    """
    known = pages or {}
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
            return (finished(pdf, title),) * len(editions)
        each = len(sheets) // len(editions)
        copies = []
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
                    copies.append(finished(pdf, title))
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
    def right(self) -> bool:
        """Tell whether the outer side is the right one."""
        return self.number % 2 == 1

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
        pen.ink = Ink(canvas)
        _draw_marks(pen, canvas, sheet)
        pen.ink.flush()
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
    marks, page, right = sheet.marks, sheet.page, sheet.right
    width, height = sheet.size
    outer = width - _SIDE if right else _SIDE
    inner = _SIDE if right else width - _SIDE
    if marks.numbered and page.official:
        y = page.official * mm - _OFFICIAL_TOP - 0.5 * _OFFICIAL.size
        edge = outer - _OFFICIAL.size if right else outer + _OFFICIAL.size
        pen.put(f"— {sheet.number} —", _OFFICIAL, edge, y, right)
    elif marks.numbered:
        pen.put(f"第 {sheet.number} 页 共 {sheet.total} 页", _NUMBER, outer, _EDGE, right)
    if page.bare:
        return
    small = "  ".join(
        part for part in (marks.fingerprint and f"校验码 {marks.fingerprint}", marks.revision) if part
    )
    if small:
        pen.put(small, _SMALL, inner, _EDGE, not right)
    copy_mark = f"第{marks.copy}份 共{marks.copies}份" if marks.copy and marks.copies else ""
    code = sheet.code
    if code is None:
        if copy_mark:
            pen.put(copy_mark, _COPY, outer, height - _EDGE - 0.76 * _COPY.size, right)
        return
    across = width > height
    side = LARGE_CODE if page.returning and not across else SMALL_CODE
    if across:
        # its upper edge is bound, and a slanting scan cuts off most at its corners
        left, bottom = (width - side) / 2, _FOOT_EDGE
    else:
        left = width - _CODE_SIDE - side if right else _CODE_SIDE
        bottom = height - (_LARGE_EDGE if page.returning else _CODE_EDGE) - side
    _draw_code(canvas, code, left, bottom, side)
    beside = left - _BESIDE if right else left + side + _BESIDE
    typed = code.typed if marks.typed else ""
    texts = ((copy_mark, _COPY), (page.title, _SMALL), (typed, _SMALL))
    for (text, style), drop in zip(texts, _BESIDE_LINES, strict=True):
        if text:
            over = across and text != typed
            y = height - (drop + 3 * mm if over else height - _TYPED_FOOT if across else drop)
            pen.put(text, style, outer if over else beside, y, right)


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
