"""Pages of a PDF as pixels, for the screen and for printers that take no PDF."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import AppError
from app.paper.assemble import Source

POINTS_PER_INCH = 72.0
MOST_PIXELS = 60_000_000
"""A4 at 600 dpi is 35 million; more would be an error of the caller or a hostile page size."""

# PDFium is one library for the whole process and must not be entered by two threads at a time
_PDFIUM = Lock()


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as pixels: rows of ``stride`` bytes, each pixel blue, green, red and one unused byte."""

    width: int
    height: int
    stride: int
    data: bytes


def page_sizes(pdf: Source) -> tuple[tuple[float, float], ...]:
    """Give width and height of every page in points, as it is shown (turned pages turned).

    Raises ``AppError("pdf_unreadable")``.
    """
    with opened(pdf) as document:
        return tuple(document.get_page_size(number) for number in range(len(document)))


def page_pixels(pdf: Source, page: int, dpi: float) -> Raster:
    """Give one page (counted from 0) on white at a resolution; the resolution is lowered for huge pages.

    Raises ``AppError("pdf_unreadable")``, and ``IndexError`` where there is no such page.
    """
    with opened(pdf) as document:
        if not 0 <= page < len(document):
            raise IndexError(page)
        shown = document[page]
        try:
            width, height = shown.get_size()
            scale = dpi / POINTS_PER_INCH
            scale *= min(1.0, (MOST_PIXELS / max(1.0, width * height * scale * scale)) ** 0.5)
            bitmap = shown.render(scale=scale, prefer_bgrx=True, maybe_alpha=False)
            try:
                return Raster(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
            finally:
                bitmap.close()
        except pypdfium2.PdfiumError as error:
            raise AppError("pdf_unreadable", name="PDF", reason="broken") from error
        finally:
            shown.close()


@dataclass(frozen=True, slots=True)
class Hit:
    """A place of a text: its page (from 0) and boxes in points from the page's upper left corner as shown.

    A box is left, top, width, height.
    """

    page: int
    boxes: tuple[tuple[float, float, float, float], ...]


def find_text(pdf: Source, text: str, most: int = 500) -> tuple[Hit, ...]:
    """Find a text in a PDF, small and capital letters alike; at most so many places, in order.

    Raises ``AppError("pdf_unreadable")``.
    """
    if not text.strip():
        return ()
    found: list[Hit] = []
    with opened(pdf) as document:
        for number in range(len(document)):
            page = document[number]
            reader = page.get_textpage()
            search = reader.search(text)
            try:
                while len(found) < most and (place := search.get_next()) is not None:
                    boxes = (reader.get_rect(at) for at in range(reader.count_rects(*place)))
                    found.append(Hit(number, tuple(_shown_box(page, box) for box in boxes)))
            finally:
                search.close()
                reader.close()
                page.close()
            if len(found) >= most:
                break
    return tuple(found)


def _shown_box(
    page: pypdfium2.PdfPage, box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """Give a box of page coordinates where it is seen, on a page that may be turned."""
    left, bottom, right, top = box
    width, height = page.get_size()
    x0, y0, _, _ = page.get_cropbox()
    left, right, bottom, top = left - x0, right - x0, bottom - y0, top - y0
    turned = page.get_rotation() % 360
    if turned == 90:
        return bottom, left, top - bottom, right - left
    if turned == 180:
        return width - right, bottom, right - left, top - bottom
    if turned == 270:
        return width - top, height - right, top - bottom, right - left
    return left, height - top, right - left, top - bottom


@contextmanager
def opened(pdf: Source) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF while no other thread does; raises ``AppError("pdf_unreadable")``."""
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except (pypdfium2.PdfiumError, OSError) as error:
            raise AppError("pdf_unreadable", name="PDF", reason="broken") from error
        try:
            yield document
        finally:
            document.close()


def picture_rasters(path: Path) -> Iterator[Raster]:
    """Give every picture of an image file as pixels, turned as the camera says, huge ones made smaller.

    Raises ``AppError("picture_unreadable")`` (``name``).
    """
    try:
        with Image.open(path) as picture:
            for frame in range(getattr(picture, "n_frames", 1)):
                picture.seek(frame)
                if picture.width * picture.height > MOST_PIXELS:
                    picture.draft("RGB", (picture.width // 2, picture.height // 2))
                shown = ImageOps.exif_transpose(picture).convert("RGB")
                if shown.width * shown.height > MOST_PIXELS:
                    raise AppError("picture_unreadable", name=path.name)
                data = shown.tobytes("raw", "BGRX")
                yield Raster(shown.width, shown.height, shown.width * 4, data)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise AppError("picture_unreadable", name=path.name) from error


_STRIP_DPI = 50.0
_STRIP_MM, _STRIP_SIDE_MM = 6.0, 75.0
_INK = 170
"""A dot darker than this is print and not a watermark."""


def empty_strips(pdf: Source, pages: Collection[int], heights: Sequence[float]) -> tuple[float, ...]:
    """Give those ``heights`` (mm above the lower edge) at which all ``pages`` leave room for a page number.

    A strip of 6 mm at the left and at the right edge is looked at; light watermarks do not count.

    Raises ``AppError("pdf_unreadable")``.
    """
    free = list(heights)
    for page in pages:
        raster = page_pixels(pdf, page, _STRIP_DPI)
        dots = _STRIP_DPI / 25.4
        side = min(raster.width // 2, int(_STRIP_SIDE_MM * dots))
        free = [height for height in free if _is_empty(raster, height * dots, _STRIP_MM * dots, side)]
        if not free:
            break
    return tuple(free)


def _is_empty(raster: Raster, low: float, high: float, side: int) -> bool:
    bottom, top = raster.height - int(low - high / 3), raster.height - int(low + high * 2 / 3) - 1
    for row in range(max(0, top), min(raster.height, bottom)):
        line = raster.data[row * raster.stride + 1 : row * raster.stride + raster.width * 4 : 4]
        if min(line[:side], default=255) < _INK or min(line[-side:], default=255) < _INK:
            return False
    return True
