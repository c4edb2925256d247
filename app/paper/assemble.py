"""Finished PDFs put together into one packet, and PDFs read back.

Pages are taken over as they are: what stands on a page that the platform made stays byte for byte.
A book with hundreds of scanned pages is put together from file to file; it never lies in memory as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import overload

import pikepdf
import pypdfium2

from app.errors import AppError

A4 = (595.276, 841.89)

_PADDING = b"\0\r\n\t "
_TAIL = 2048

Source = bytes | Path


@dataclass(frozen=True, slots=True)
class PacketPart:
    """One part of a packet: its name (a bookmark, 目录) and its bytes, its file, or several that follow.

    Of all their pages those from ``start`` up to ``stop`` (None: the last) are taken.
    """

    title: str
    pdf: Source | tuple[Source, ...]
    start: int = 0
    stop: int | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Give what the part is made of, in order."""
        return self.pdf if isinstance(self.pdf, tuple) else (self.pdf,)


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """Where a part stands in the packet: ``first`` counts from 0, blank pages before it are not its own."""

    title: str
    first: int
    pages: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """A packet without marks; ``blank`` are the indexes of empty left-hand pages, which bear no number."""

    pdf: Source
    parts: tuple[PlacedPart, ...]
    blank: tuple[int, ...]
    pages: int


def merge(
    parts: Sequence[PacketPart], title: str, right_hand: bool = False, target: Path | None = None
) -> Assembly:
    """Put parts into one PDF with a bookmark for each; equal parts give equal bytes.

    ``right_hand`` begins every part on an odd page (two-sided printing) by adding blank pages.  With a
    ``target`` the packet is written to that file and is not held in memory.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason`` = broken, encrypted or empty), ``cannot_write``.
    """
    placed: list[PlacedPart] = []
    blank: list[int] = []
    taken: list[tuple[Source, str, range]] = []
    sides = 0
    for part in parts:
        if right_hand and sides % 2:
            blank.append(sides)
            sides += 1
        own = list(_taken(part))
        placed.append(PlacedPart(part.title, sides, sum(len(pages) for _, _, pages in own)))
        taken += own
        sides += placed[-1].pages
    with _collected(taken, target) as packet:
        for side in blank:
            packet.add_blank_page(page_size=A4)
            packet.pages.insert(side, packet.pages[-1])
            del packet.pages[-1]
        with packet.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(part.title, part.first) for part in placed)
        return Assembly(finished(packet, title, target, last=False), tuple(placed), tuple(blank), sides)


def _taken(part: PacketPart) -> Iterator[tuple[Source, str, range]]:
    """Give what of each source of a part is taken: its pages counted from 0."""
    before = 0
    for source in part.sources:
        count = page_count(source, part.title)
        stop = before + count if part.stop is None else min(part.stop, before + count)
        pages = range(max(part.start, before) - before, stop - before)
        if pages:
            yield source, part.title, pages
        before += count


@contextmanager
def _collected(taken: Sequence[tuple[Source, str, range]], target: Path | None) -> Iterator[pikepdf.Pdf]:
    """Open a PDF made of pages of others.

    pikepdf copies what it takes from another PDF into memory; qpdf's own way to join files, which is used
    with a ``target``, reads each page when it is written.
    """
    if target is None:
        with pikepdf.new() as packet:
            for source, name, pages in taken:
                with open_pdf(source, name) as pdf:
                    packet.pages.extend(pdf.pages[pages.start : pages.stop])
            yield packet
        return
    files = [
        {"file": str(_filed(source, target, number)), "range": f"{pages.start + 1}-{pages.stop}"}
        for number, (source, _, pages) in enumerate(taken)
    ]
    job = pikepdf.Job(
        {"empty": "", "pages": files, "removeUnreferencedResources": "no", "outputFile": str(target)}
    )
    with job.create_pdf() as packet:
        yield packet


def _filed(source: Source, target: Path, number: int) -> Path:
    """Give a source as a file: bytes are written beside the ``target``."""
    if isinstance(source, Path):
        return source
    path = target.with_name(f"{target.stem}-{number}.pdf")
    try:
        path.write_bytes(source)
    except OSError as error:
        raise AppError("cannot_write", name=str(path), reason=error.strerror or "") from error
    return path


@overload
def finished(
    pdf: pikepdf.Pdf, title: str, target: None = None, *, last: bool = True, archival: bool = False
) -> bytes: ...


@overload
def finished(
    pdf: pikepdf.Pdf, title: str, target: Path | None, *, last: bool = True, archival: bool = False
) -> Source: ...


def finished(
    pdf: pikepdf.Pdf, title: str, target: Path | None = None, *, last: bool = True, archival: bool = False
) -> Source:
    """Name a PDF (title, language zh-CN) and return its bytes; nothing in them depends on time or place.

    With a ``target`` the PDF is written there and the path returned; raises ``AppError("cannot_write")``.  A
    file that is not the ``last`` one is spared the sum over all its bytes that its identifier is made of.
    ``archival`` saves it as PDF/A-1 demands (``make_archival``): larger, for older readers.
    """
    pdf.Root.Lang = pikepdf.String("zh-CN")
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = pikepdf.Name.UseOutlines if "/Outlines" in pdf.Root else pikepdf.Name.UseNone
    for key in list(pdf.docinfo.keys()):
        del pdf.docinfo[key]
    pdf.docinfo["/Title"] = title
    mode = pikepdf.ObjectStreamMode.disable if archival else pikepdf.ObjectStreamMode.generate
    version = "1.4" if archival else ""
    if target is None:
        out = BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=mode, force_version=version)
        return out.getvalue()
    try:
        pdf.save(target, deterministic_id=last, object_stream_mode=mode, force_version=version)
    except OSError as error:
        raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
    return target


@contextmanager
def open_pdf(source: Source, name: str) -> Iterator[pikepdf.Pdf]:
    """Open a PDF of others; ``name`` is what people call it.  Files are read piece by piece.

    One that was cut off is refused, because repairing it would lose pages.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason`` = broken, encrypted or empty).
    """
    try:
        if not _has_end(source):
            raise AppError("pdf_unreadable", name=name, reason="broken")
        # a mapped file would count as memory for every page of it that was ever read
        mode = pikepdf.AccessMode.stream
        pdf = pikepdf.open(BytesIO(source) if isinstance(source, bytes) else source, access_mode=mode)
    except pikepdf.PasswordError as error:
        raise AppError("pdf_unreadable", name=name, reason="encrypted") from error
    except (pikepdf.PdfError, OSError) as error:
        raise AppError("pdf_unreadable", name=name, reason="broken") from error
    with pdf:
        if pdf.is_encrypted:
            raise AppError("pdf_unreadable", name=name, reason="encrypted")
        try:
            count = len(pdf.pages)
        except pikepdf.PdfError as error:
            raise AppError("pdf_unreadable", name=name, reason="broken") from error
        if not count:
            raise AppError("pdf_unreadable", name=name, reason="empty")
        yield pdf


def _has_end(source: Source) -> bool:
    """Tell whether the last line of a whole PDF is there; zeros and white space may follow it."""
    if isinstance(source, bytes):
        return b"%%EOF" in source.rstrip(_PADDING)[-_TAIL:]
    with source.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - (1 << 20))
            file.seek(start)
            block = file.read(end - start).rstrip(_PADDING)
            if block:
                file.seek(max(0, start + len(block) - _TAIL))
                return b"%%EOF" in file.read(min(_TAIL, start + len(block)))
            end = start
    return False


def page_count(source: Source, name: str = "PDF") -> int:
    """Return the number of pages.

    Raises:
        AppError: ``pdf_unreadable``, see ``open_pdf``.
    """
    with open_pdf(source, name) as pdf:
        return len(pdf.pages)


def page_texts(source: Source, name: str = "PDF") -> list[str]:
    r"""Return the text of every page as a reader would copy it; lines end with ``\n``.

    Raises:
        AppError: ``pdf_unreadable``, see ``open_pdf``.
    """
    with open_pdf(source, name):
        pass
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise AppError("pdf_unreadable", name=name, reason="broken") from error
    texts = []
    try:
        for page in document:
            reader = page.get_textpage()
            texts.append(reader.get_text_range().replace("\r\n", "\n"))
            reader.close()
            page.close()
    finally:
        document.close()
    return texts
