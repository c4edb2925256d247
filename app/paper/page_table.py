"""What stands on every page of a laid-out book, as digests that leave the program's own marks out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pypdfium2

from app.paper.assemble import Source
from app.paper.book import Book
from app.paper.expected import plain
from app.paper.raster import opened
from app.rules.stale_pages import BookPage

Sides = tuple[BookPage | None, ...]
"""For every side of a PDF the page that it is; None for a blank one."""

_LEAST_TEXT = 20
"""Characters on a page of others below which it is taken for a picture."""


def read_book(book: Book, foreign: Mapping[str, Path]) -> tuple[Sides, ...]:
    """Give the pages of every volume, before marks are put on.

    A page's digest is that of its text, line by line.  A proof document is known by its file; so are pages of
    others (``foreign``, by part id) that are pictures.

    Raises:
        AppError: ``pdf_unreadable``.
    """
    enclosed = {
        pages.first + offset: f"{sha256}/{offset}"
        for sha256, pages in book.plan.files.items()
        for offset in range(pages.pages)
    }
    names = {part_id: _digest_of_file(path) for part_id, path in foreign.items()}
    places: dict[str, int] = {}
    volumes = []
    for volume in book.volumes:
        sides: list[BookPage | None] = [None] * sum_sides(volume.parts)
        number = volume.first
        with opened(volume.pdf) as document:
            for part_id, first, count in volume.parts:
                for side in range(first, first + count):
                    if side in volume.blank:
                        continue
                    place = places[part_id] = places.get(part_id, 0) + 1
                    name = enclosed.get(number, "")
                    if not name:
                        name = _text_of(document, side)
                        if part_id in names and len(name) < _LEAST_TEXT:
                            name = f"{names[part_id]}/{place}"
                    sides[side] = BookPage(part_id, place, number, book.plan.total, _short(name))
                    number += 1
        volumes.append(tuple(sides))
    return tuple(volumes)


def sum_sides(parts: tuple[tuple[str, int, int], ...]) -> int:
    """Return how many sides a volume has up to the end of its last part."""
    return max((first + count for _, first, count in parts), default=0)


def read_loose(part_id: str, pdf: Source, official: Path | None = None) -> Sides:
    """Give the pages of a paper that stands by itself; they have no place in the book's numbers."""
    whole = "" if official is None else _digest_of_file(official)
    found = []
    with opened(pdf) as document:
        for side in range(len(document)):
            name = f"{whole}/{side}" if whole else _text_of(document, side)
            found.append(BookPage(part_id, side + 1, side + 1, 0, _short(name)))
    return tuple(found)


def _text_of(document: pypdfium2.PdfDocument, side: int) -> str:
    page = document[side]
    reader = page.get_textpage()
    try:
        read: Callable[[], str] = reader.get_text_range
        return "\n".join(filter(None, map(plain, read().splitlines())))
    finally:
        reader.close()
        page.close()


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _short(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
