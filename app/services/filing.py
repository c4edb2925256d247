"""Filing by hand in a web portal: what is to be brought there, in its order, and how far it has come."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from app.exchange.clipboard import write_html, write_tsv
from app.model.programme import Programme, UploadTarget
from app.model.submission import Event
from app.services.workplace import Workplace
from app.transport.manual import PortalFile, lay_out

PROGRESS, ORDER = "filing", "filing_order"
ITEMS, SKIPPED, CELLWISE = "filing_items", "filing_skipped", "filing_cellwise"


class FilingKind(StrEnum):
    """What an entry is in the portal: a box, a grid, a file to choose."""

    VALUE = "value"
    TABLE = "table"
    FILE = "file"


@dataclass(frozen=True)
class FilingEntry:
    """One thing to bring into the portal.

    ``text`` is what is copied: a value in the portal's ``unit`` without thousands commas (web forms refuse
    them), a table as tab-separated lines, a file as its path.  ``heads`` are a table's columns, ``cells`` its
    texts; columns ``exact`` hold digits that a spreadsheet must not take for a number.  ``table`` is the
    table that a single cell is of.
    """

    id: str
    number: str
    label: str
    text: str
    unit: str = ""
    kind: FilingKind = FilingKind.VALUE
    heads: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    exact: frozenset[int] = frozenset()
    table: str = ""

    @property
    def rows(self) -> int:
        """Give the number of rows of a table."""
        return len(self.cells)

    @property
    def with_heads(self) -> str:
        """Give a table's text under a line of its column names."""
        return write_tsv([self.heads]) + self.text if self.heads else self.text

    def html(self, *, with_heads: bool = False) -> str:
        """Give a table as HTML, the form that web grids and Excel take first; empty for what is no table."""
        if self.kind is not FilingKind.TABLE:
            return ""
        return write_html([self.heads, *self.cells] if with_heads else self.cells, self.exact)

    @cached_property
    def digest(self) -> str:
        """Give what tells this very text apart: an entry that changes has to be filed anew."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class FilingSection:
    """A page of the portal with its entries; ``empty`` counts items that have no value to copy."""

    id: str
    number: str
    label: str
    entries: tuple[FilingEntry, ...]
    empty: int = 0


@dataclass(frozen=True)
class Filing:
    """All that is to be filed of one sealed revision, and how far it has come.

    ``done`` maps entry ids to the digest of the text that was copied; ``portal`` says where.  ``skipped``
    are entries the portal does not ask for, ``cellwise`` tables that it wants cell by cell.  Attachments lie
    in ``folder`` under the portal's names once ``lay_out_files`` was called.  ``programme`` and ``events``
    tell until when the portal takes the report.
    """

    draft_id: str
    programme_id: str
    short: str
    portal: UploadTarget
    sections: tuple[FilingSection, ...]
    done: Mapping[str, str]
    files: tuple[PortalFile, ...] = ()
    folder: Path = field(default_factory=Path)
    skipped: frozenset[str] = frozenset()
    cellwise: frozenset[str] = frozenset()
    programme: Programme | None = None
    events: tuple[Event, ...] = ()

    @cached_property
    def entries(self) -> tuple[FilingEntry, ...]:
        """Give all entries the portal asks for, in order."""
        return tuple(
            entry for section in self.sections for entry in section.entries if entry.id not in self.skipped
        )

    @property
    def count_done(self) -> int:
        """Give how many of the entries have been copied."""
        return sum(self.is_done(entry) for entry in self.entries)

    def is_done(self, entry: FilingEntry) -> bool:
        """Tell whether this very text has been copied."""
        return self.done.get(entry.id) == entry.digest

    def with_done(self, entry: FilingEntry) -> Filing:
        """Give the filing with one more entry copied."""
        return replace(self, done={**self.done, entry.id: entry.digest})

    def section_of(self, entry: FilingEntry) -> FilingSection:
        """Give the section an entry stands in."""
        return next(one for one in self.sections if any(own.id == entry.id for own in one.entries))

    def moved(self, section_id: str, steps: int) -> Filing:
        """Give the filing with a section moved up (negative) or down, no further than the ends."""
        sections = list(self.sections)
        at = next(place for place, one in enumerate(sections) if one.id == section_id)
        sections.insert(max(0, min(len(sections) - 1, at + steps)), sections.pop(at))
        return replace(self, sections=tuple(sections))

    def moved_entry(self, entry: FilingEntry, steps: int) -> Filing:
        """Give the filing with an entry moved up or down in its section; a single cell stays in its table."""
        if entry.table:
            return self
        own = self.section_of(entry)
        entries = list(own.entries)
        at = entries.index(entry)
        entries.insert(max(0, min(len(entries) - 1, at + steps)), entries.pop(at))
        new = replace(own, entries=tuple(entries))
        return replace(self, sections=tuple(new if one.id == own.id else one for one in self.sections))

    def skipping(self, entry: FilingEntry, *, skip: bool) -> Filing:
        """Give the filing with an entry left out because the portal does not ask for it, or taken back."""
        changed = self.skipped | {entry.id} if skip else self.skipped - {entry.id}
        return replace(self, skipped=changed)

    def by_cell(self, table_id: str, *, by_cell: bool) -> Filing:
        """Give the filing with a table wanted cell by cell or as a block; takes effect when read again."""
        changed = self.cellwise | {table_id} if by_cell else self.cellwise - {table_id}
        return replace(self, cellwise=changed)


def lay_out_files(filing: Filing) -> Path | None:
    """Copy the attachments under their portal names into one folder; needs no store.

    Gives the folder, None without attachments; raises as ``lay_out``.
    """
    if not filing.files:
        return None
    lay_out(filing.files, filing.folder)
    return filing.folder


def keep_progress(workplace: Workplace, filing: Filing) -> None:
    """Remember what was copied; order, omissions and tables by cell are the portal's, so the programme's."""
    own, programme = workplace.store.settings, filing.programme_id
    own.put(f"{PROGRESS}/{filing.draft_id}", dict(filing.done))
    own.put(f"{ORDER}/{programme}", [section.id for section in filing.sections])
    items = {one.id: [entry.id for entry in one.entries if not entry.table] for one in filing.sections}
    own.put(f"{ITEMS}/{programme}", items)
    own.put(f"{SKIPPED}/{programme}", sorted(filing.skipped))
    own.put(f"{CELLWISE}/{programme}", sorted(filing.cellwise))
