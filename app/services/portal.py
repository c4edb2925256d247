"""The sealed report as a web portal wants it: order, names and units of the portal, values as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from app.exchange.clipboard import write_tsv
from app.messages import Messages, fill
from app.model.draft import Attachment
from app.model.fingerprint import read_content
from app.model.form import Item, Table
from app.model.form_changes import programme_with
from app.model.portal import FILES, Portal, PortalItem
from app.model.programme import Programme
from app.model.submission import EventKind
from app.model.value import TEXT_TYPES, Value, format_value, in_unit, is_number, plain_decimal
from app.rules.stages import State, stages
from app.rules.view import View
from app.services.filing import (
    CELLWISE,
    ITEMS,
    ORDER,
    PROGRESS,
    SKIPPED,
    Filing,
    FilingEntry,
    FilingKind,
    FilingSection,
)
from app.services.recording import find_snapshot
from app.services.timing import explain_stage
from app.services.workplace import Workplace, view_of
from app.transport.manual import PortalFile, clean_names

_AS_IN_FORM = PortalItem()
_PRESSING = frozenset({State.CLOSING, State.LATE})

Thing = TypeVar("Thing", FilingEntry, FilingSection)


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
    own = workplace.store.settings
    cellwise = _ids(own.get(f"{CELLWISE}/{programme.id}"))
    folder = workplace.folder / PROGRESS / draft_id
    files = tuple(
        PortalFile(workplace.store.attachments.open(one.sha256), name, one.sha256)
        for one, name in zip(view.attachments, portal_names(programme, view.attachments), strict=True)
    )
    entries = tuple(
        FilingEntry(
            f"file:{one.sha256}:{one.name}", "", one.name, str(folder / one.name), "", FilingKind.FILE
        )
        for one in files
    )
    made = _Sections(view, workplace.messages, frozenset(cellwise))
    sections = [*made.all()]
    if entries:
        label = next((one.label for one in programme.portal.sections if one.id == FILES), "") or files_label
        place = next((at for at, one in enumerate(made.order) if one == FILES), len(sections))
        sections.insert(place, FilingSection(FILES, "", label, entries))
    items = own.get(f"{ITEMS}/{programme.id}")
    chosen = items if isinstance(items, dict) else {}
    sections = [
        replace(one, entries=_ordered(one.entries, _ids(chosen.get(one.id)), _stem)) for one in sections
    ]
    return Filing(
        draft_id,
        programme.id,
        snapshot.short,
        programme.upload,
        _ordered(sections, _ids(own.get(f"{ORDER}/{programme.id}")), lambda one: one.id),
        own.get(f"{PROGRESS}/{draft_id}", {}),
        files,
        folder,
        frozenset(_ids(own.get(f"{SKIPPED}/{programme.id}"))),
        frozenset(cellwise),
        programme,
        workplace.store.events.list(draft_id),
    )


def explain_window(filing: Filing, now: datetime, messages: Messages) -> tuple[str, bool]:
    """Say until when the portal takes the report, and whether that presses or is over; empty if unknown.

    A window that has closed is said and stops nothing: the portal decides, and an extension may be granted.
    """
    if filing.programme is None:
        return "", False
    for state in stages(filing.programme, filing.events, now):
        if EventKind.SUBMITTED in state.stage.done_by:
            return explain_stage(state, now, messages), state.state in _PRESSING
    return "", False


def _ids(kept: object) -> list[str]:
    return [str(one) for one in kept] if isinstance(kept, list) else []


def _stem(entry: FilingEntry) -> str:
    return entry.table or entry.id


def _ordered(
    things: Sequence[Thing], wanted: Sequence[str], key: Callable[[Thing], str]
) -> tuple[Thing, ...]:
    """Give things in the wanted order, those that it does not name behind the one they stood behind."""
    places = {one: place for place, one in enumerate(wanted)}
    ranks: list[int] = []
    rank = -1
    for thing in things:
        rank = places.get(key(thing), rank)
        ranks.append(rank)
    return tuple(things[at] for at in sorted(range(len(things)), key=lambda at: (ranks[at], at)))


class _Sections:
    """The sections of the portal, filled from the sealed values."""

    def __init__(self, view: View, messages: Messages, cellwise: frozenset[str]) -> None:
        self._view, self._messages, self._cellwise = view, messages, cellwise
        self._portal: Portal = view.programme.portal
        self.order = _section_order(view.programme)

    def all(self) -> Iterator[FilingSection]:
        """Give the sections that hold something, attachments left out."""
        form, portal = self._view.programme.form, self._portal
        own = {one.id: one for one in form.sections}
        named = {one.id: one for one in portal.sections}
        taken = {item for one in portal.sections for item in one.items}
        for section_id in self.order:
            if section_id == FILES:
                continue
            wished, formed = named.get(section_id), own.get(section_id)
            items = list(wished.items) if wished is not None else []
            if formed is not None:
                rest = [*(item.id for item in formed.fields), *formed.tables]
                items += [one for one in rest if one not in taken]
            entries: list[FilingEntry] = []
            empty = 0
            for item_id in items:
                found, without = self._entries(item_id)
                entries += found
                empty += without
            number = formed.number if formed is not None else ""
            label = (wished.label if wished is not None else "") or (formed.label if formed else "")
            yield FilingSection(section_id, number, label, tuple(entries), empty)

    def _entries(self, item_id: str) -> tuple[list[FilingEntry], int]:
        form, view = self._view.programme.form, self._view
        if item_id in self._portal.skipped or item_id in view.hidden:
            return [], 0
        if item_id in form.tables:
            return self._table(form.tables[item_id].shown), 0
        if item_id not in form.fields:  # a newer notice's portal beside an older form
            return [], 0
        item = self._named(form.fields[item_id], item_id)
        text = portal_text(item, view.values.get(item_id))
        return ([FilingEntry(item_id, item.number, item.label, text, item.unit)], 0) if text else ([], 1)

    def _named(self, item: Item, address: str) -> Item:
        known = self._portal.items.get(address, _AS_IN_FORM)
        return replace(
            item,
            number=known.number or item.number,
            label=known.label or item.label,
            unit=known.unit or item.unit,
        )

    def _table(self, table: Table) -> list[FilingEntry]:
        rows = self._view.rows(table.id)
        columns = [
            self._named(one, f"{table.id}.{one.id}")
            for one in table.columns
            if f"{table.id}.{one.id}" not in self._portal.skipped
        ]
        if not rows or not columns:
            return []
        named = self._portal.items.get(table.id, _AS_IN_FORM)
        number, label = named.number or table.number, named.label or table.label
        texts = [tuple(portal_text(one, row.cells.get(one.id)) for one in columns) for row in rows]
        if table.id in self._cellwise:
            return [
                FilingEntry(
                    f"{table.id}/{row.id}/{column.id}",
                    self._messages.text("words", "filing.row", table=number or label, row=place),
                    column.label,
                    text,
                    column.unit,
                    table=table.id,
                )
                for place, (row, line) in enumerate(zip(rows, texts, strict=True), 1)
                for column, text in zip(columns, line, strict=True)
                if text
            ]
        heads = tuple(f"{one.label}（{one.unit}）" if one.unit else one.label for one in columns)
        exact = frozenset(at for at, one in enumerate(columns) if one.type in TEXT_TYPES)
        block = write_tsv(texts)
        return [FilingEntry(table.id, number, label, block, "", FilingKind.TABLE, heads, tuple(texts), exact)]


def _section_order(programme: Programme) -> list[str]:
    named = [one.id for one in programme.portal.sections]
    return [*named, *(one.id for one in programme.form.sections if one.id not in named)]


def portal_text(item: Item, value: Value | None) -> str:
    """Give a value as a web form takes it: numbers plain in the item's unit, dates as 2022-12-20.

    Nothing is rounded or hidden; a missing value is an empty text.
    """
    if isinstance(value, (int, Decimal)) and is_number(value):
        return plain_decimal(in_unit(value, item.type, item.unit))
    if isinstance(value, date):
        return value.isoformat()
    return format_value(value, item.type, item.unit, item.choices)


def portal_names(programme: Programme, attachments: Sequence[Attachment]) -> tuple[str, ...]:
    """Give the names under which attachments are offered to the portal, by its ``file_name``."""
    proofs = {one.id: one for one in programme.evidence}
    wished = []
    for order, one in enumerate(attachments, 1):
        plain = one.name.replace("\\", "/").rpartition("/")[2]
        stem, dot, suffix = plain.rpartition(".")
        if not dot or not stem:
            stem, suffix = plain, ""
        proof = next((proofs[item] for item in one.items if item in proofs), None)
        slots: Mapping[str, object] = {
            "name": stem,
            "order": f"{order:02}",
            "number": proof.number if proof is not None else "",
            "label": proof.label if proof is not None else stem,
            "report_year": programme.report_year,
        }
        wished.append(fill(programme.portal.file_name, slots) + (f".{suffix}" if suffix else ""))
    return clean_names(wished)
