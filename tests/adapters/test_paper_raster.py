"""Pages of real PDFs as pixels (issue «The window», 打印装订: preview)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from app.errors import AppError
from app.paper.raster import MOST_PIXELS, page_pixels, page_sizes

WHITE, BLUE, RED = b"\xff\xff\xff", b"\xff\x00\x00", b"\x00\x00\xff"


def make_pdf(width: float = 200, height: float = 100) -> bytes:
    """Two pages: the upper half of the first is red, the left half of the second blue."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height))
    canvas.setFillColorRGB(1, 0, 0)
    canvas.rect(0, height / 2, width, height / 2, stroke=0, fill=1)
    canvas.showPage()
    canvas.setFillColorRGB(0, 0, 1)
    canvas.rect(0, 0, width / 2, height, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_colours_stand_where_they_belong() -> None:
    """打印装订: what is seen is what is printed; rows are BGRX of ``stride`` bytes."""
    first, second = (page_pixels(make_pdf(), page, 72) for page in (0, 1))
    assert (first.width, first.height) == (200, 100)
    assert first.stride >= 4 * first.width and len(first.data) == first.stride * first.height

    def pixel(data: bytes, stride: int, x: int, y: int) -> bytes:
        return data[y * stride + 4 * x :][:3]

    assert pixel(first.data, first.stride, 100, 10) == RED
    assert pixel(first.data, first.stride, 100, 90) == WHITE
    assert pixel(second.data, second.stride, 10, 50) == BLUE
    assert pixel(second.data, second.stride, 190, 50) == WHITE


def test_resolution_and_sizes() -> None:
    """打印装订, zoom: twice the resolution gives twice the pixels; sizes are in points."""
    pdf = make_pdf()
    assert page_sizes(pdf) == ((200, 100), (200, 100))
    assert page_pixels(pdf, 0, 144).width == 400


def test_a_turned_page_is_shown_turned() -> None:
    """A platform's report may hold turned pages: width and height are those on the screen."""
    out = BytesIO()
    with pikepdf.open(BytesIO(make_pdf())) as pdf:
        pdf.pages[0].rotate(90, relative=True)
        pdf.save(out)
    assert page_sizes(out.getvalue())[0] == (100, 200)
    assert page_pixels(out.getvalue(), 0, 72).height == 200


def test_a_huge_page_takes_bounded_memory() -> None:
    """A hostile page size (a poster of 5 m) does not exhaust the memory."""
    raster = page_pixels(make_pdf(14_000, 14_000), 0, 300)
    assert raster.width * raster.height <= MOST_PIXELS * 1.01


@pytest.mark.parametrize("pdf", [b"", b"no pdf", make_pdf()[:300]])
def test_what_is_no_pdf_is_refused(pdf: bytes) -> None:
    """errors: a damaged file is an ``AppError``, told in words."""
    with pytest.raises(AppError) as caught:
        page_pixels(pdf, 0, 72)
    assert caught.value.code == "pdf_unreadable"


def test_a_page_that_is_not_there() -> None:
    """A page beyond the end is our own bug, not a refusal of the world."""
    with pytest.raises(IndexError):
        page_pixels(make_pdf(), 2, 72)


def test_two_workers_at_once() -> None:
    """Threads: preview and printing draw at the same time and disturb each other in nothing."""
    pdf = make_pdf()
    expected = [page_pixels(pdf, page, 96) for page in (0, 1)] * 20
    with ThreadPoolExecutor(2) as pool:
        drawn = list(pool.map(lambda page: page_pixels(pdf, page, 96), [0, 1] * 20))
    assert drawn == expected
