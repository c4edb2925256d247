"""Proof documents (佐证材料): their catalogue, and the files themselves behind sheets that divide them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

from app.errors import AppError
from app.messages import Messages
from app.model.draft import Attachment
from app.model.packet import Part
from app.model.programme import EvidenceKind, Programme
from app.paper.assemble import A4, PacketPart, Source, finished, merge, page_count
from app.paper.enclosure import IMAGES, enclose
from app.paper.fonts import HEI, SONG, TITLE, Fonts
from app.paper.page import Document
from app.paper.pieces import LABEL_STYLE, Pieces
from app.paper.plan import PartPages, Plan, range_text
from app.paper.sheet import print_sheet
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table
from app.paper.text import TextStyle
from app.paper.wording import named, place_name
from app.rules.view import View

_NUMBER = TextStyle(HEI, 42, 60, "center")
_KIND = TextStyle(TITLE, 26, 40, "center")
_FILES = TextStyle(SONG, 12, 22, "center")
_MOST_LISTED = 12
"""Files named on a dividing sheet; the catalogue names them all."""


def sorted_files(view: View) -> list[tuple[EvidenceKind | None, tuple[Attachment, ...]]]:
    """Give the files by kinds of the programme, each once under its first kind; at last those of no kind."""
    groups: list[tuple[EvidenceKind | None, tuple[Attachment, ...]]] = []
    taken: set[int] = set()
    files = view.attachments
    for kind in view.programme.evidence:
        own = [place for place, file in enumerate(files) if place not in taken and kind.id in file.items]
        taken.update(own)
        if own:
            groups.append((kind, tuple(files[place] for place in own)))
    rest = tuple(file for place, file in enumerate(files) if place not in taken)
    return [*groups, (None, rest)] if rest else groups


def render_evidence_list(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, plan: Plan
) -> bytes:
    """Print the catalogue of proof documents: kind, file, what it proves, pages in the book.

    Kinds of which there is no file are listed too, as 无.
    """

    def word(code: str, /, **params: object) -> str:
        return messages.text("paper", code, **params)

    groups = sorted_files(view)
    present = {kind.id for kind, _ in groups if kind}
    missing = [(kind, ()) for kind in programme.evidence if kind.id not in present]
    ordered = sorted(
        [*groups, *missing],
        key=lambda group: programme.evidence.index(group[0]) if group[0] else len(programme.evidence),
    )
    rows: list[tuple[str, ...]] = []
    for kind, files in ordered:
        number = kind.number if kind else ""
        label = kind.label if kind else word("evidence.other")
        if not files:
            rows.append((number, label, word("nothing"), "", "—"))
        for file in files:
            proves = [item for item in file.items if kind is None or item != kind.id]
            rows.append(
                (
                    number,
                    label,
                    file.name,
                    "\n".join(place_name(view, item, messages) for item in proves),
                    range_text(plan.files.get(file.sha256), plan, messages),
                )
            )
    document = Document(fonts, part.title, DATA_PAGE, DATA_SHEET)
    document.title(part.title)
    document.paragraph(word("not_official", label=programme.label), LABEL_STYLE)
    columns = (
        Column(word("evidence.number"), align="center"),
        Column(word("evidence.kind"), 1.6, "left"),
        Column(word("evidence.file"), 2.2, "left"),
        Column(word("evidence.proves"), 1.4, "left"),
        Column(word("evidence.pages"), 1.0, "center"),
    )
    if rows:
        document.table(Table(columns, rows))
    else:
        document.paragraph(word("nothing"))
    return document.build()


@dataclass
class _Stack:
    """Sides put one on the other, piece by piece; ``scratch`` is where pieces lie that are not in memory."""

    scratch: Path | None
    pieces: list[Source] = field(default_factory=list)
    sides: int = 0
    blank: list[int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    files: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, piece: Source) -> tuple[int, int]:
        """Put a piece on top; return its first side and how many sides it has."""
        first, count = self.sides, page_count(piece)
        self.pieces.append(piece)
        self.sides += count
        return first, count

    def right_hand(self) -> None:
        """Go on with a right-hand side, where a new volume may begin."""
        if self.sides % 2:
            self.blank.append(self.sides)
            with pikepdf.new() as pdf:
                pdf.add_blank_page(page_size=A4)
                self.add(finished(pdf, ""))
        self.breaks.append(self.sides)

    def enclosed(self, file: Attachment, path: Path | None) -> Source | None:
        """Give the pages of a file; None where it has none, is damaged or missing."""
        if path is None or not path.is_file() or Path(file.name).suffix.lower() not in {".pdf", *IMAGES}:
            return None
        target = self.scratch and self.scratch / f"proof-{len(self.pieces)}.pdf"
        try:
            return enclose(path, file.name, target)
        except AppError as error:
            if error.code == "cannot_write":
                raise
            return None


def lay_out_evidence(
    view: View,
    part: Part,
    fonts: Fonts,
    messages: Messages,
    files: Mapping[str, Path],
    scratch: Path | None = None,
) -> PartPages:
    """Put all proof documents behind dividing sheets, one for each kind, each on a right-hand page.

    ``files`` maps SHA-256 to the stored file.  Pages are turned upright, made to fit the type area and never
    enlarged; images are as fine as paper shows (300 dpi).  What cannot be put in (another kind of file, a
    damaged or missing one) is stood in for by a sheet that names it.  With a ``scratch`` folder each file is
    read from disk to disk, never more than one page's pictures in memory.

    Raises:
        AppError: ``fonts_unreadable`` (``path``), ``cannot_write`` (``name``, ``reason``).
    """
    stack = _Stack(scratch)
    groups = sorted_files(view)
    for kind, attachments in groups:
        stack.right_hand()
        title = named(kind.number, kind.label, messages) if kind else ""
        stack.add(_divider(kind, attachments, title, fonts, messages))
        for file in attachments:
            piece = stack.enclosed(file, files.get(file.sha256))
            stack.files.setdefault(file.sha256, stack.add(piece or _stand_in(file, fonts, messages)))
    if not groups:
        stack.breaks.append(0)
        document = Document(fonts, part.title, DATA_PAGE, DATA_SHEET)
        document.title(part.title)
        document.paragraph(messages.text("paper", "nothing"))
        stack.add(document.build())
    if scratch is None:
        whole = merge([PacketPart(part.title, tuple(stack.pieces))], part.title).pdf
        return PartPages(whole, tuple(stack.blank), tuple(stack.breaks), stack.files)
    return PartPages(tuple(stack.pieces), tuple(stack.blank), tuple(stack.breaks), stack.files)


def _divider(
    kind: EvidenceKind | None, files: tuple[Attachment, ...], title: str, fonts: Fonts, messages: Messages
) -> bytes:
    pieces = Pieces(fonts, messages, DATA_PAGE.body_width)
    listed = "\n".join(file.name for file in files[:_MOST_LISTED])
    more = len(files) - _MOST_LISTED
    blocks = [
        pieces.text(kind.number if kind else "—", _NUMBER, DATA_PAGE.body_height * 0.26),
        pieces.text(kind.label if kind else pieces.word("evidence.other"), _KIND, 6.0),
        pieces.text(listed, _FILES, 30.0),
    ]
    if more > 0:
        blocks.append(pieces.text(pieces.word("evidence.more", count=more), _FILES))
    return print_sheet(fonts, title or pieces.word("evidence.other"), DATA_PAGE, blocks)


def _stand_in(file: Attachment, fonts: Fonts, messages: Messages) -> bytes:
    pieces = Pieces(fonts, messages, DATA_PAGE.body_width)
    blocks = [
        pieces.text(file.name, _KIND, DATA_PAGE.body_height * 0.3),
        pieces.text(pieces.word("evidence.stand_in"), _FILES, 20.0),
    ]
    return print_sheet(fonts, file.name, DATA_PAGE, blocks)
