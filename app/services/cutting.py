"""Papers cut into parts, and into the sheets that have to be printed anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from app.model.packet import PartKind
from app.model.programme import Programme
from app.paper.assemble import PacketPart, merge
from app.rules.stale_pages import ranges
from app.services.laying_out import Paper

PARTS = "parts"
"""The folder of parts by themselves."""


def cut_parts(papers: Sequence[Paper], programme: Programme, scratch: Path | None) -> tuple[Paper, ...]:
    """Give each bound part of each copy by itself: the very pages of the book, with the book's numbers.

    Proof documents are left out; they are as they were handed in.
    """
    found = []
    for paper in papers:
        for part in programme.packet.parts:
            sides = [place for place, page in enumerate(paper.sheets) if page and page.part == part.id]
            if not sides or part.kind is PartKind.EVIDENCE or len(paper.parts) < 2:
                continue
            own = cut_sides(paper, range(sides[0], sides[-1] + 1), scratch, part.id)
            name = f"{PARTS}/{part.id}-copy-{paper.copy}.pdf"
            found.append(replace(own, name=name, title=part.title, parts=(part.id,)))
    return tuple(found)


def cut_sheets(
    papers: Sequence[Paper],
    wanted: Collection[tuple[int, str, int]],
    scratch: Path | None,
    *,
    duplex: bool = True,
) -> tuple[Paper, ...]:
    """Give of each paper the sides that show wanted pages (copy, part, place), whole sheets when ``duplex``.

    A sheet has two sides: who prints a page anew prints its back anew.
    """
    found = []
    for paper in papers:
        sides = {
            place
            for place, page in enumerate(paper.sheets)
            if page is not None and (paper.copy, page.part, page.place) in wanted
        }
        if duplex:
            sides |= {side ^ 1 for side in sides if side ^ 1 < paper.pages}
        if sides:
            found.append(cut_sides(paper, sorted(sides), scratch, "again"))
    return tuple(found)


def cut_sides(paper: Paper, sides: Sequence[int], scratch: Path | None, name: str) -> Paper:
    """Give some sides (from 0, ascending) of a paper as a paper of its own."""
    pieces = [PacketPart(paper.title, paper.pdf, first, last + 1) for first, last in ranges(sides)]
    stem = paper.name.removesuffix(".pdf")
    # what is a file stays one
    large = scratch is not None and isinstance(paper.pdf, Path)
    target = scratch / f"{stem}-{name}.pdf" if scratch is not None and large else None
    cut = merge(pieces, paper.title, target=target)
    kept = tuple(paper.sheets[side] if side < len(paper.sheets) else None for side in sides)
    parts = tuple(dict.fromkeys(page.part for page in kept if page is not None))
    return replace(paper, name=f"{stem}-{name}.pdf", pdf=cut.pdf, pages=cut.pages, parts=parts, sheets=kept)
