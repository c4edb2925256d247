"""What must be read on a printed part: its texts from the data, in the order in which they stand there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.messages import Messages, slots
from app.model.form import Section
from app.model.form import Table as FormTable
from app.model.packet import Diagram, Listing, Part, PartKind
from app.model.programme import Programme
from app.model.value import ItemType
from app.paper.columns import bands, has_long_texts, printed_table, record_table
from app.paper.places import group_places, short_label
from app.paper.styles import DATA_PAGE, WIDE_PAGE
from app.paper.wording import fill_text, named, place_name, read_passages, shown
from app.rules.view import View

_SILENT = {ord(ch): None for ch in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"}
_ROW_GAP = 300
_HYPHENS = {0x02: "-", 0xFFFE: "-"}
"""PDFium gives a hyphen at a line's end as one of these."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A text that must stand on paper, and the name of its place."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Texts that follow each other behind ``head``; ``under`` may stand where a seal comes.

    Between two of the texts at most ``apart`` other characters stand (heads of tables, labels, notes).
    """

    head: str
    texts: Sequence[Expected]
    under: tuple[str, ...] = ()
    apart: int = 3000


def plain(text: str) -> str:
    """Give a text as it is compared: no white space, nothing invisible."""
    text = "".join(text.translate(_HYPHENS).translate(_SILENT).split())
    return unicodedata.normalize("NFC", text)


def report_texts(programme: Programme, view: View, messages: Messages) -> tuple[Passage, ...]:
    """Give what the report must show: every answer that applies and every cell."""
    return tuple(_Report(programme, view, messages).passages())


def under_seals(part: Part, messages: Messages) -> tuple[str, ...]:
    """Give what may stand in the outlines for seals of a part: what they are for, and the date."""
    date = messages.text("paper", "date")
    labels = (
        date if place.signature else short_label(place.label)
        for group in group_places(part.stamp_places)
        for place in group
    )
    return (*labels, date)


def picture_texts(programme: Programme, view: View, diagram: Diagram) -> Iterator[Passage]:
    """Give what a picture must show: every lane, and the name of every row."""
    table = programme.form.tables[diagram.table]
    head = table.column(diagram.head)
    names = [shown(head, row.cells.get(diagram.head)) for row in view.rows(diagram.table)]
    for name in (*table.column(diagram.lanes).choices.values(), *names):
        yield Passage("", (Expected(name, name),))


def listing_texts(
    programme: Programme, view: View, listing: Listing, messages: Messages
) -> Iterator[Passage]:
    """Give what a listing must show: every cell of its columns, row by row."""
    table = programme.form.tables[listing.table]
    columns = [table.column(column_id) for column_id in listing.columns]
    printed = printed_table(table, columns, view.rows(table.id), table.label, messages)
    texts = [Expected(table.label, cell) for row in printed.rows for cell in row if cell]
    if texts:
        yield Passage(table.label, texts, apart=_ROW_GAP)


def letter_texts(programme: Programme, view: View, part: Part, messages: Messages) -> tuple[Passage, ...]:
    """Give what a recommendation or a letter must show: every line of its text with the answers in it."""
    found = [Passage(part.title, ())]
    under = under_seals(part, messages)
    for passage in read_passages(programme.texts.get(part.text, "")):
        texts: list[Expected] = []
        lines: list[str] = []
        for label, template in passage.rows:
            if not slots(template) <= view.hidden:
                texts += [Expected(label, label), Expected(label, fill_text(template, view, messages, ""))]
        if not passage.rows:
            lines = [fill_text(line, view, messages) for line in passage.lines]
            texts = [Expected(passage.title or part.title, line) for line in lines]
        # the title of a box stands beside its text, so each line is looked for by itself
        found += [Passage("", (each,)) for each in texts]
        if part.kind is PartKind.COMMITMENT and passage.title:
            under = (*under, *lines)
    return (*found, Passage("", (), under))


class _Report:
    def __init__(self, programme: Programme, view: View, messages: Messages) -> None:
        self._programme = programme
        self._view = view
        self._messages = messages

    def passages(self) -> Iterator[Passage]:
        for section in self._programme.form.sections:
            yield self._section(section)
            for table_id in section.tables:
                yield from self._table(self._programme.form.tables[table_id].shown)
        reasons = [
            (place_name(self._view, key.partition("@")[2], self._messages), text)
            for key, text in self._view.answers.reasons.items()
        ]
        yield from (Passage("", (Expected(place, text),)) for place, text in reasons)
        yield from (Passage("", (Expected(file.name, file.name),)) for file in self._view.attachments)

    def _section(self, section: Section) -> Passage:
        texts = []
        for item in section.fields:
            if item.id in self._view.hidden:
                continue
            place = named(item.number, item.label, self._messages)
            value = shown(item, self._view.values.get(item.id))
            if item.type is ItemType.LONG_TEXT:
                texts += [Expected(place, place), *(Expected(place, line) for line in value.splitlines())]
            else:
                texts += [Expected(place, item.label), Expected(place, value)]
        return Passage(named(section.number, section.label, self._messages), texts)

    def _table(self, table: FormTable) -> Iterator[Passage]:
        rows = self._view.rows(table.id)
        name = named(table.number, table.label, self._messages)
        if not rows:
            return
        if not table.landscape and has_long_texts(table):
            texts = [
                Expected(name, cell)
                for row in rows
                for cells in record_table(table, row).rows
                for cell in cells
            ]
            yield Passage(name, texts, apart=_ROW_GAP)
            return
        parts = bands(table, (WIDE_PAGE if table.landscape else DATA_PAGE).body_width)
        for number, columns in enumerate(parts, 1):
            title = name
            if len(parts) > 1:
                title = self._messages.text(
                    "paper", "report.band", name=name, number=number, count=len(parts)
                )
            printed = printed_table(table, columns, rows, title, self._messages)
            heads = [column.title for column in printed.columns]
            texts = [
                Expected(self._messages.text("preflight", "cell", name=name, row=position, column=head), cell)
                for position, row in enumerate(printed.rows, 1)
                for head, cell in zip(heads, row, strict=True)
                if cell
            ]
            yield Passage(title, texts, apart=_ROW_GAP)
