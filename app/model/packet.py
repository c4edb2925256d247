"""The bound paper book (胶装册) as data: its parts, copies, stamp places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class PartKind(StrEnum):
    """The kinds of parts that the program can put into a book."""

    REPORT = "report"
    RECOMMENDATION = "recommendation"
    COMMITMENT = "commitment"
    PLATFORM_REPORT = "platform_report"
    COVER = "cover"
    CATALOGUE = "catalogue"
    NOTES = "notes"
    EXPLANATIONS = "explanations"
    EVIDENCE_LIST = "evidence_list"
    EVIDENCE = "evidence"
    SPINE = "spine"
    STAMPING = "stamping"
    APPROVAL = "approval"
    CHANGES = "changes"
    PRINT_ORDER = "print_order"
    DIAGRAM = "diagram"
    LISTING = "listing"


@dataclass(frozen=True, slots=True)
class StampPlace:
    """A place (盖章位) where a party stamps or signs by hand; the program prints the place only."""

    id: str
    label: str
    party: str
    signature: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """A table drawn as a picture: a lane for each choice of the column ``lanes``, a box for each row.

    ``head`` is the column in bold, ``lines`` those under it; ``gap``: the yes/no column of rows that are gaps
    (断点); empty where there is none.
    """

    table: str
    lanes: str
    head: str
    lines: tuple[str, ...] = ()
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Columns of a table, in order, that are printed as a paper of their own."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One component (组成件) of the book.

    ``text`` names a file of the programme's ``texts``; ``in_book`` is false for loose papers and for parts
    that an office may add.  ``optional`` parts are printed only where an office asks for them.
    ``volume``: the part stands in this volume or a later one.  ``diagram`` and ``listing``
    say what parts of these kinds show.
    """

    id: str
    kind: PartKind
    title: str
    in_book: bool = True
    text: str = ""
    stamp_places: tuple[StampPlace, ...] = ()
    note: str = ""
    volume: int = 1
    optional: bool = False
    diagram: Diagram | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class PacketSpec:
    """The book: parts in order, number of copies, binding, spine text (with {slots}).

    A volume (册) holds at most ``volume_sheets`` sheets of paper.
    """

    parts: tuple[Part, ...]
    copies: int
    binding: str
    spine: str = ""
    note: str = ""
    volume_sheets: int = 200


def arrange(packet: PacketSpec, order: Sequence[str]) -> PacketSpec:
    """Give the book an office wants: the parts with these ids bound in this order, all others loose.

    Raises ``KeyError`` for an id that the packet does not know.
    """
    by_id = {part.id: part for part in packet.parts}
    bound = [replace(by_id[name], in_book=True, optional=False) for name in dict.fromkeys(order)]
    loose = [replace(part, in_book=False) for part in packet.parts if part.id not in order]
    return replace(packet, parts=(*bound, *loose))
