"""Pages of a PDF as pixels, for the screen and for printers that take no PDF."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import pypdfium2

from app.errors import AppError

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


def page_sizes(pdf: bytes) -> tuple[tuple[float, float], ...]:
    """Give width and height of every page in points, as it is shown (turned pages turned).

    Raises ``AppError("pdf_unreadable")``.
    """
    with opened(pdf) as document:
        return tuple(document.get_page_size(number) for number in range(len(document)))


def page_pixels(pdf: bytes, page: int, dpi: float) -> Raster:
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


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF while no other thread does; raises ``AppError("pdf_unreadable")``."""
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise AppError("pdf_unreadable", name="PDF", reason="broken") from error
        try:
            yield document
        finally:
            document.close()
