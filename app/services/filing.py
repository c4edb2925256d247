"""Filing by hand in a web portal: the values of the sealed report in the order the portal wants them."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from app.errors import AppError
from app.exchange.clipboard import write_tsv
from app.model.draft import Attachment
from app.model.fingerprint import read_content
from app.model.form import Item, Section, Table
from app.model.form_changes import programme_with
from app.model.programme import UploadTarget
from app.model.value import Value, format_value, in_unit, is_number, plain_decimal
from app.rules.view import View
from app.services.recording import find_snapshot
from app.services.workplace import Workplace, view_of

PROGRESS, ORDER = "filing", "filing_order"
_LONGEST_NAME = 80
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class FilingKind(StrEnum):
    """What an entry is in the portal: a box, a grid, a file to choose."""

    VALUE = "value"
    TABLE = "table"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FilingEntry:
    """One thing to bring into the portal.

    ``text`` is what is copied: a value in the item's own ``unit`` without thousands commas (web forms
    refuse them), a table as tab-separated lines, a file as its path.  ``heads`` are a table's columns.
    """

    id: str
    number: str
    label: str
    text: str
    unit: str = ""
    kind: FilingKind = FilingKind.VALUE
    heads: tuple[str, ...] = ()
    rows: int = 0

    @property
    def with_heads(self) -> str:
        """Give a table's text under a line of its column names."""
        return write_tsv([self.heads]) + self.text if self.heads else self.text

    @property
    def digest(self) -> str:
        """Give what tells this very text apart: an entry that changes has to be filed anew."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class FilingSection:
    """A section of the form with its entries; ``empty`` counts items that have no value to copy."""

    id: str
    number: str
    label: str
    entries: tuple[FilingEntry, ...]
    empty: int = 0


@dataclass(frozen=True)
class Filing:
    """All that is to be filed of one sealed revision, and how far it has come.

    ``done`` maps entry ids to the digest of the text that was copied; ``portal`` says where.
    """

    draft_id: str
    programme_id: str
    short: str
    portal: UploadTarget
    sections: tuple[FilingSection, ...]
    done: Mapping[str, str]
    files: tuple[tuple[Path, Path], ...] = ()

    @property
    def entries(self) -> tuple[FilingEntry, ...]:
        """Give all entries in order."""
        return tuple(entry for section in self.sections for entry in section.entries)

    def is_done(self, entry: FilingEntry) -> bool:
        """Tell whether this very text has been copied."""
        return self.done.get(entry.id) == entry.digest

    def with_done(self, entry: FilingEntry) -> Filing:
        """Give the filing with one more entry copied."""
        return replace(self, done={**self.done, entry.id: entry.digest})

    def moved(self, section_id: str, steps: int) -> Filing:
        """Give the filing with a section moved up (negative) or down, no further than the ends."""
        sections = list(self.sections)
        at = next(place for place, one in enumerate(sections) if one.id == section_id)
        sections.insert(max(0, min(len(sections) - 1, at + steps)), sections.pop(at))
        return replace(self, sections=tuple(sections))


def read_filing(workplace: Workplace, draft_id: str, now: datetime, files_label: str) -> Filing:
    """Read what is to be filed: the revision sealed last, never the draft, so paper and portal agree.

    ``files_label`` names the section of attachments.  Raises ``UsageError("not_sealed")`` and, for a
    damaged attachment, ``attachment_gone`` or ``attachment_altered``.
    """
    snapshot = find_snapshot(workplace, draft_id)
    programme = workplace.programme_of(workplace.draft(draft_id))
    sealed = read_content(snapshot.content, programme.form, draft_id)
    programme = programme_with(programme, sealed.answers.form_changes)
    view = view_of(programme, sealed, workplace.fonts, now)
    folder = workplace.folder / PROGRESS / draft_id
    files = tuple(
        (workplace.store.attachments.open(one.sha256), folder / name)
        for one, name in zip(view.attachments, portal_names(view.attachments), strict=True)
    )
    sections = [_section(section, view) for section in programme.form.sections]
    if files:
        entries = tuple(
            FilingEntry(
                f"file:{source.name}:{target.name}", "", target.name, str(target), kind=FilingKind.FILE
            )
            for source, target in files
        )
        sections.append(FilingSection("files", "", files_label, entries))
    own = workplace.store.settings
    return Filing(
        draft_id,
        programme.id,
        snapshot.short,
        programme.upload,
        _ordered(sections, own.get(f"{ORDER}/{programme.id}", [])),
        own.get(f"{PROGRESS}/{draft_id}", {}),
        files,
    )


def _ordered(sections: Sequence[FilingSection], order: object) -> tuple[FilingSection, ...]:
    wanted = [str(one) for one in order] if isinstance(order, list) else []
    known = {section.id: section for section in sections}
    first = [known.pop(one) for one in wanted if one in known]
    return (*first, *known.values())


def _section(section: Section, view: View) -> FilingSection:
    entries: list[FilingEntry] = []
    empty = 0
    for item in section.fields:
        if item.id in view.hidden:
            continue
        text = portal_text(item, view.values.get(item.id))
        if text:
            entries.append(FilingEntry(item.id, item.number, item.label, text, item.unit))
        else:
            empty += 1
    for table_id in section.tables:
        table = view.programme.form.tables[table_id].shown
        rows = view.rows(table_id)
        if not rows:
            continue
        entries.append(_table(table, [row.cells for row in rows]))
    return FilingSection(section.id, section.number, section.label, tuple(entries), empty)


def _table(table: Table, rows: Sequence[Mapping[str, Value]]) -> FilingEntry:
    heads = tuple(f"{one.label}（{one.unit}）" if one.unit else one.label for one in table.columns)
    lines = [[portal_text(one, cells.get(one.id)) for one in table.columns] for cells in rows]
    return FilingEntry(
        table.id, table.number, table.label, write_tsv(lines), "", FilingKind.TABLE, heads, len(rows)
    )


def portal_text(item: Item, value: Value | None) -> str:
    """Give a value as a web form takes it: numbers plain in the item's unit, dates as 2022-12-20.

    Nothing is rounded or hidden; a missing value is an empty text.
    """
    if isinstance(value, (int, Decimal)) and is_number(value):
        return plain_decimal(in_unit(value, item.type, item.unit))
    if isinstance(value, date):
        return value.isoformat()
    return format_value(value, item.type, item.unit, item.choices)


def portal_names(attachments: Iterable[Attachment]) -> tuple[str, ...]:
    """Give the names under which attachments are offered to the portal: safe on any PC, each once."""
    names: list[str] = []
    taken: set[str] = set()
    for one in attachments:
        plain = _UNSAFE.sub("_", one.name.replace("\\", "/").rpartition("/")[2]).strip(" .") or "file"
        stem, dot, suffix = plain.rpartition(".")
        if not dot or not stem:
            stem, suffix = plain, ""
        ending = f".{suffix}" if suffix else ""
        name, count = stem[:_LONGEST_NAME] + ending, 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem[:_LONGEST_NAME]}({count}){ending}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def lay_out_files(filing: Filing) -> Path | None:
    """Copy the attachments under their portal names into one folder; needs no store.

    They are copies: whatever the portal or the clerk does to them, the kept originals stay whole.  Gives
    the folder, None without attachments; raises ``AppError("cannot_write")``.
    """
    for source, target in filing.files:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
    return filing.files[0][1].parent if filing.files else None


def keep_progress(workplace: Workplace, filing: Filing) -> None:
    """Remember what was copied; the order of sections belongs to the portal, so to the programme."""
    own = workplace.store.settings
    own.put(f"{PROGRESS}/{filing.draft_id}", dict(filing.done))
    own.put(f"{ORDER}/{filing.programme_id}", [section.id for section in filing.sections])
