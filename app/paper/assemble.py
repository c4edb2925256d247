"""Finished PDFs put together into one packet, and PDFs read back.

Pages are taken over as they are: what stands on a page that the platform made stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2

from app.errors import AppError

A4 = (595.276, 841.89)

Source = bytes | Path


@dataclass(frozen=True, slots=True)
class PacketPart:
    """One PDF of a packet: its name (a bookmark, 目录) and its bytes or file."""

    title: str
    pdf: Source


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """Where a part stands in the packet: ``first`` counts from 0, blank pages before it are not its own."""

    title: str
    first: int
    pages: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """A packet without marks; ``blank`` are the indexes of empty left-hand pages, which bear no number."""

    pdf: bytes
    parts: tuple[PlacedPart, ...]
    blank: tuple[int, ...]
    pages: int


def merge(parts: Sequence[PacketPart], title: str, right_hand: bool = False) -> Assembly:
    """Put parts into one PDF with a bookmark for each; equal parts give equal bytes.

    ``right_hand`` begins every part on an odd page (two-sided printing) by adding blank pages.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason`` = broken, encrypted or empty).
    """
    placed: list[PlacedPart] = []
    blank: list[int] = []
    with pikepdf.new() as packet:
        for part in parts:
            with open_pdf(part.pdf, part.title) as source:
                if right_hand and len(packet.pages) % 2:
                    blank.append(len(packet.pages))
                    packet.add_blank_page(page_size=A4)
                placed.append(PlacedPart(part.title, len(packet.pages), len(source.pages)))
                packet.pages.extend(source.pages)
        with packet.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(part.title, part.first) for part in placed)
        pages = len(packet.pages)
        return Assembly(finished(packet, title), tuple(placed), tuple(blank), pages)


def finished(pdf: pikepdf.Pdf, title: str, archival: bool = False) -> bytes:
    """Name a PDF (title, language zh-CN) and return its bytes; nothing in them depends on time or place.

    ``archival`` saves it as PDF/A-1 demands (``make_archival``): larger, for older readers.
    """
    pdf.Root.Lang = pikepdf.String("zh-CN")
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = pikepdf.Name.UseOutlines if "/Outlines" in pdf.Root else pikepdf.Name.UseNone
    for key in list(pdf.docinfo.keys()):
        del pdf.docinfo[key]
    pdf.docinfo["/Title"] = title
    out = BytesIO()
    mode = pikepdf.ObjectStreamMode.disable if archival else pikepdf.ObjectStreamMode.generate
    version = "1.4" if archival else ""
    pdf.save(out, deterministic_id=True, object_stream_mode=mode, force_version=version)
    return out.getvalue()


@contextmanager
def open_pdf(source: Source, name: str) -> Iterator[pikepdf.Pdf]:
    """Open a PDF of others; ``name`` is what people call it.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason`` = broken, encrypted or empty).
    """
    data = _read(source, name)
    try:
        pdf = pikepdf.open(BytesIO(data))
    except pikepdf.PasswordError as error:
        raise AppError("pdf_unreadable", name=name, reason="encrypted") from error
    except pikepdf.PdfError as error:
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


def _read(source: Source, name: str) -> bytes:
    """Return the file's bytes; one that was cut off is refused, because repairing it would lose pages."""
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise AppError("pdf_unreadable", name=name, reason="broken") from error
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-2048:]:
        raise AppError("pdf_unreadable", name=name, reason="broken")
    return data


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
