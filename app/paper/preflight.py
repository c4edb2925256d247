"""The last look before paper leaves: what was printed is read back from the finished PDF and compared.

Nothing here trusts the layout: text is read as a reader would copy it, places to stamp are measured where
they were drawn.  Any difference is an ``AppError`` that names part and place, and then nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ctypes import byref, c_float
from dataclasses import dataclass, replace

import pypdfium2
import pypdfium2.raw as pdfium
from reportlab.lib.units import mm

from app.errors import AppError
from app.paper.assemble import Source
from app.paper.expected import Expected, Passage, plain
from app.paper.fonts import STAND_IN
from app.paper.raster import opened
from app.paper.signature import SEAL_SIDE

TOP_BAND, BOTTOM_BAND = 27.5 * mm, 20.5 * mm
"""Marks stand in these bands; what lies between is the part's own."""

RIGHT_BAND = 24.5 * mm
"""On a page across, which is bound with its head to the left, the upper band stands at its right."""

_LEAST_PIECE = 4
_TOLERANCE = 0.5
_DATE_LINES = re.compile(r"^[年月日（）()签字盖章处＿_]*$")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]+")
_PARTS = re.compile(rf"{_ARABIC.pattern}|[0-9A-Za-z.,%]+|[^\s()（）“”‘’《》〈〉「」【】〔〕<>]")
_BEFORE, _BESIDE = 200, 120
_OWN_NUMBER = re.compile(r"—\d+—$")


@dataclass(frozen=True, slots=True)
class PartCheck:
    """What a part in the finished PDF must hold.

    Its pages from ``first`` (counted from 0), how many at most (``limit``, 0: any number), how many outlines
    for seals at least, and the texts that must be read there.
    """

    title: str
    first: int
    pages: int
    passages: Sequence[Passage] = ()
    limit: int = 0
    seals: int = 0


@dataclass(frozen=True, slots=True)
class SealPlace:
    """The outline of a stamp place on a page (counted from 0), in points from the lower left corner."""

    page: int
    left: float
    bottom: float
    right: float
    top: float
    words: str


@dataclass(frozen=True, slots=True)
class _Page:
    """A page read back: its body without white space, and the stamp places on it."""

    body: str
    seals: tuple[SealPlace, ...]


def check_paper(pdf: Source, parts: Sequence[PartCheck], across: str = "") -> None:
    """Read a finished PDF back and compare it; ``across`` is the word that stands over every page.

    Raises:
        AppError: ``paper_differs`` (``part``, ``page``, ``place``, ``expected``),
            ``paper_too_long`` (``part``, ``pages``, ``limit``), ``paper_stand_in`` (``part``, ``page``),
            ``paper_seal_missing`` (``part``), ``paper_seal_covered`` (``part``, ``page``, ``text``),
            ``pdf_unreadable``.
    """
    with opened(pdf) as document:
        for part in parts:
            if part.limit and part.pages > part.limit:
                raise AppError("paper_too_long", part=part.title, pages=part.pages, limit=part.limit)
            numbers = range(part.first, part.first + part.pages)
            if numbers.stop > len(document):
                raise AppError(
                    "paper_differs",
                    part=part.title,
                    place=part.title,
                    expected=part.pages,
                    page=len(document),
                )
            pages = [_read(document, number, across, part.seals > 0) for number in numbers]
            _check_part(part, pages, across)


def find_seals(pdf: Source) -> tuple[SealPlace, ...]:
    """Give the outlines for seals in a PDF: dashed, at least 45 × 45 mm."""
    with opened(pdf) as document:
        return tuple(
            seal for number in range(len(document)) for seal in _read(document, number, "", True).seals
        )


def _check_part(part: PartCheck, pages: Sequence[_Page], across: str) -> None:
    printed = {ch for passage in part.passages for each in passage.texts for ch in each.text}
    for number, page in enumerate(pages, part.first + 1):
        if STAND_IN in page.body and STAND_IN not in printed:
            raise AppError("paper_stand_in", part=part.title, page=number)
        for seal in page.seals:
            if not _DATE_LINES.match(_without(seal.words, part.passages, across)):
                raise AppError("paper_seal_covered", part=part.title, page=number, text=seal.words.strip())
    if sum(len(page.seals) for page in pages) < part.seals:
        raise AppError("paper_seal_missing", part=part.title)
    bodies = [page.body for page in pages]
    text = "".join(bodies)
    for passage in part.passages:
        missing = _missing(_cleared(passage, across), text, bodies)
        if missing is not None:
            text_at, place = missing
            raise AppError(
                "paper_differs",
                part=part.title,
                place=text_at.place,
                expected=text_at.text,
                page=part.first + _page_of(place, bodies) + 1,
            )


def _without(words: str, passages: Iterable[Passage], across: str) -> str:
    """Return what stands in an outline without what is meant to lie under the seal and what lies across."""
    words = plain(words)
    for passage in passages:
        for under in passage.under:
            words = words.replace(plain(under), "")
    return "".join(ch for ch in words if ch not in across)


def _cleared(passage: Passage, across: str) -> Passage:
    """Return a passage without the word that stands across: a reader may meet that anywhere."""
    if not across:
        return passage
    texts = [Expected(each.place, plain(each.text).replace(across, "")) for each in passage.texts]
    return replace(passage, head=plain(passage.head).replace(across, ""), texts=texts)


def _page_of(place: int, bodies: Sequence[str]) -> int:
    """Return the page (from 0) on which a place of the whole text is."""
    for page, body in enumerate(bodies):
        place -= len(body)
        if place < 0:
            return page
    return max(0, len(bodies) - 1)


def _missing(passage: Passage, text: str, bodies: Sequence[str]) -> tuple[Expected, int] | None:
    """Return the first text of a passage that was not printed, tried from each place its head stands.

    With it comes up to where in the text all was read.
    """
    start, furthest = 0, -1
    failed: tuple[Expected, int] | None = None
    head = plain(passage.head)
    while (found := text.find(head, start)) >= 0:
        read, reached = _follow(passage, text, found + len(head), bodies)
        if read == len(passage.texts):
            return None
        if read > furthest:
            furthest, failed = read, (passage.texts[read], max(0, reached - 1))
        if not head:
            break
        start = found + 1
    return failed or (Expected(passage.head, passage.head), 0)


def _follow(passage: Passage, text: str, cursor: int, bodies: Sequence[str]) -> tuple[int, int]:
    """Read texts one after the other from ``cursor``; return how many come, and up to where."""
    # what has no head is looked for everywhere
    reach = passage.apart if passage.head else len(text)
    for number, each in enumerate(passage.texts):
        wanted = plain(each.text)
        if not wanted:
            continue
        close = slice(max(0, cursor - _BESIDE), cursor + _BESIDE + len(wanted))
        scrambled = _ARABIC.search(text[close]) or _ARABIC.search(wanted)
        if scrambled and (place := text.find(wanted, close.start, close.stop)) >= 0:
            cursor = max(cursor, place + len(wanted))
            continue
        if scrambled and _scattered(each.text, text[max(0, cursor - _BEFORE) : cursor + reach + len(wanted)]):
            continue
        found = text.find(wanted, cursor, cursor + reach + len(wanted))
        if found >= 0:
            cursor = found + len(wanted)
        elif not _flows(wanted, bodies):
            return number, cursor
    return len(passage.texts), cursor


def _scattered(wanted: str, around: str) -> bool:
    """Tell whether a text is there word by word, number by number, mark by mark.

    PDFium gives a line with Arabic script in parts, in the order that it takes for the right one: each part
    is whole, and what follows in the cells may come before.
    """
    return all(plain(part) in around for part in _PARTS.findall(wanted))


def _flows(wanted: str, bodies: Sequence[str]) -> bool:
    """Tell whether a text begins on one page and goes on over the next ones, other cells between."""
    if len(wanted) < 2 * _LEAST_PIECE or any(wanted in body for body in bodies):
        return False
    for first, body in enumerate(bodies[:-1]):
        rest = wanted
        for following in (body, *bodies[first + 1 :]):
            length = _begins(rest, following)
            if length < min(_LEAST_PIECE, len(rest)):
                break
            rest = rest[length:]
            if not rest:
                return True
    return False


def _begins(wanted: str, body: str) -> int:
    """Return how many characters at the beginning of ``wanted`` stand together somewhere in ``body``."""
    low, high = 0, len(wanted)
    while low < high:
        middle = (low + high + 1) // 2
        if wanted[:middle] in body:
            low = middle
        else:
            high = middle - 1
    return low


def _read(document: pypdfium2.PdfDocument, number: int, across: str, seals: bool) -> _Page:
    page = document[number]
    reader = page.get_textpage()
    try:
        width, height = page.get_size()
        bounds = (0.0, BOTTOM_BAND, width, height - TOP_BAND)
        if width > height:
            bounds = (BOTTOM_BAND, 0.0, width - RIGHT_BAND, height)
        body = plain(reader.get_text_bounded(*bounds))
        body = _OWN_NUMBER.sub("", body.replace(across, "") if across else body)
        return _Page(body, tuple(_seals(page, reader, number)) if seals else ())
    finally:
        reader.close()
        page.close()


def _seals(page: pypdfium2.PdfPage, reader: pypdfium2.PdfTextPage, number: int) -> Iterable[SealPlace]:
    for shape in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1):
        if pdfium.FPDFPageObj_GetDashCount(shape) <= 0:
            continue
        weight = c_float()
        pdfium.FPDFPageObj_GetStrokeWidth(shape, byref(weight))
        # bounds are wider than the line they hold by its weight at every side
        inset = weight.value
        left, bottom, right, top = shape.get_bounds()
        left, bottom, right, top = left + inset, bottom + inset, right - inset, top - inset
        if min(right - left, top - bottom) >= SEAL_SIDE - _TOLERANCE:
            inner = reader.get_text_bounded(left, bottom, right, top)
            yield SealPlace(number, left, bottom, right, top, inner)
