"""The program's own marks (份号、页码、校验码) in the margins of pages that are laid out already.

Marks are an overlay: the second copy is the same packet marked anew, so that both copies differ in nothing
but the copy mark.  The only words put across a page are our own; a platform's watermark is never imitated.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from itertools import count

import pikepdf
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.paper.assemble import Source, finished, open_pdf
from app.paper.fonts import HEI, SONG, Fonts
from app.paper.text import Ink, Line, TextStyle, lay_out, open_canvas

_SIDE = 26 * mm
_EDGE = 14 * mm
_NUMBER = TextStyle(SONG, 10.5, 14)
_SMALL = TextStyle(SONG, 9, 12, gray=0.25)
_COPY = TextStyle(HEI, 10.5, 14)


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
    numbered pages).
    """

    copy: int = 0
    copies: int = 0
    fingerprint: str = ""
    revision: str = ""
    across: AcrossWord | None = None
    numbered: bool = True
    first: int = 1
    total: int | None = None


def stamp(
    packet: Source,
    marks: Marks,
    fonts: Fonts,
    title: str,
    blank: Collection[int] = (),
    untouched: Collection[int] = (),
) -> bytes:
    """Return the packet with marks on every page; equal arguments give equal bytes.

    Pages whose index (from 0) is in ``blank`` get no mark and no number; those in ``untouched`` are counted
    but get no mark (a platform's report that must come unchanged).  Odd numbers stand right, even ones left.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``).
    """
    with open_pdf(packet, title) as pdf:
        numbers = _numbers(len(pdf.pages), marks.first, frozenset(blank))
        sizes = {
            index: _visible_size(pdf.pages[index]) for index in numbers if index not in frozenset(untouched)
        }
        if sizes:
            total = marks.total if marks.total is not None else marks.first - 1 + len(numbers)
            sheets = _sheets(sizes, numbers, total, marks, fonts)
            with pikepdf.open(BytesIO(sheets)) as overlay:
                for index, sheet in zip(sizes, overlay.pages, strict=True):
                    _lay_over(pdf, pdf.pages[index], sheet)
                return finished(pdf, title)
        return finished(pdf, title)


def _lay_over(pdf: pikepdf.Pdf, page: pikepdf.Page, sheet: pikepdf.Page) -> None:
    """Put a sheet over a page without touching the page's own streams.

    pikepdf's ``add_overlay`` rewrites them and names the overlay by chance.
    """
    form = pdf.copy_foreign(sheet.as_form_xobject())
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


def _sheets(
    sizes: dict[int, tuple[float, float]], numbers: dict[int, int], total: int, marks: Marks, fonts: Fonts
) -> bytes:
    out = BytesIO()
    canvas = open_canvas(out, fonts.chain(SONG).first)
    for index, (width, height) in sizes.items():
        canvas.setPageSize((width, height))
        if marks.across:
            _draw_across(canvas, marks.across, fonts, width, height)
        ink = Ink(canvas)
        _draw_marks(ink, marks, fonts, numbers[index], total, (width, height))
        ink.flush()
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_marks(
    ink: Ink, marks: Marks, fonts: Fonts, number: int, total: int, size: tuple[float, float]
) -> None:
    odd = number % 2 == 1
    if marks.copy and marks.copies:
        text = f"第{marks.copy}份 共{marks.copies}份"
        _put(ink, _set(text, fonts, _COPY), _COPY, size, size[1] - _EDGE - 0.76 * _COPY.size, odd)
    if marks.numbered:
        text = f"第 {number} 页 共 {total} 页"
        _put(ink, _set(text, fonts, _NUMBER), _NUMBER, size, _EDGE, odd)
    small = "  ".join(
        part for part in (marks.fingerprint and f"校验码 {marks.fingerprint}", marks.revision) if part
    )
    if small:
        _put(ink, _set(small, fonts, _SMALL), _SMALL, size, _EDGE, not odd)


def _set(text: str, fonts: Fonts, style: TextStyle) -> Line:
    return lay_out(text, fonts.chain(style.role), style, 1000 * mm)[0]


def _put(ink: Ink, line: Line, style: TextStyle, size: tuple[float, float], y: float, right: bool) -> None:
    ink.line(line, size[0] - _SIDE - line.width if right else _SIDE, y, style)


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
