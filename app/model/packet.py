"""The bound paper book (胶装册) as data: its parts, copies, stamp places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PartKind(StrEnum):
    """The kinds of parts that the program can put into a book."""

    REPORT = "report"
    RECOMMENDATION = "recommendation"
    COMMITMENT = "commitment"
    PLATFORM_REPORT = "platform_report"


@dataclass(frozen=True, slots=True)
class StampPlace:
    """A place (盖章位) where a party stamps or signs by hand; the program prints the place only."""

    id: str
    label: str
    party: str
    signature: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One component (组成件) of the book.

    ``text`` names a file of the programme's ``texts``; ``in_book`` is false for loose papers.
    """

    id: str
    kind: PartKind
    title: str
    in_book: bool = True
    text: str = ""
    stamp_places: tuple[StampPlace, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PacketSpec:
    """The book: parts in order, number of copies, binding, spine text (with {slots})."""

    parts: tuple[Part, ...]
    copies: int
    binding: str
    spine: str = ""
    note: str = ""
