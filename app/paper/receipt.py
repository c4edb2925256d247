"""A receipt (回执) on paper, for the binder: what the platform signed, in words.

The proof is the signed file; the sheet says so.  It is our own layout and bears no platform's emblem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.messages import Messages
from app.paper.fonts import Fonts
from app.paper.marks import AcrossWord, Marks, stamp
from app.paper.page import Document
from app.paper.pieces import LABEL_STYLE
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    """What stands on the sheet: (label, text) rows, and (name, bytes, SHA-256 hex) of every file received."""

    number: str
    rows: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, int, str]]
    rehearsal: bool


def render_receipt(sheet: ReceiptSheet, fonts: Fonts, messages: Messages) -> bytes:
    """Print a receipt as A4 pages; one of a rehearsal bears 演练 across every page.

    Raises:
        AppError: ``fonts_unreadable`` (``path``).
    """

    def word(key: str, /, **params: object) -> str:
        return messages.text("paper", f"receipt.{key}", **params)

    title = word("title_rehearsal" if sheet.rehearsal else "title")
    document = Document(fonts, title, DATA_PAGE, DATA_SHEET)
    document.title(title)
    document.paragraph(word("own_layout"), LABEL_STYLE)
    document.table(
        Table((Column(word("item"), 1.0, "left"), Column(word("content"), 3.4, "left")), list(sheet.rows))
    )
    document.heading(word("files"))
    columns = (
        Column(word("file"), 1.6, "left"),
        Column(word("size"), 0.9, "right"),
        Column(word("sha256"), 3.4, "left"),
    )
    files = [(name, f"{size:,}", grouped(digits)) for name, size, digits in sheet.files]
    document.table(Table(columns, files))
    document.note(word("proof"))
    across = AcrossWord.REHEARSAL if sheet.rehearsal else None
    return stamp(document.build(), Marks(across=across), fonts, title)


def grouped(digits: str) -> str:
    """Give hex digits in groups of four, as they are compared by eye; ``sha256:`` in front is left out."""
    plain = (digits.partition(":")[2] or digits).upper()
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))
