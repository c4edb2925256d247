"""A sent report as its reviewer reads it: what stands out first, then the figures nobody else reports.

seed 000 三-2: the bureau looks first at large changes against last year, then at the items that the Torch
annual report does not have, because nothing else vouches for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.messages import Messages
from app.model.form import Item, Table
from app.paper.changes import Change, difference_text, find_changes
from app.paper.fonts import Fonts
from app.paper.wording import named, shown
from app.programmes.library import Library
from app.rules.corrections import Subject, find_corrections
from app.rules.view import View
from app.services.corrections import CorrectionLine, describe_corrections
from app.services.files import open_bundle_draft
from app.services.workplace import view_of


class Group(StrEnum):
    """Why a line stands where it stands: it stands out; only this report has it; Torch has it too."""

    STANDS_OUT = "stands_out"
    OWN = "own"
    TORCH = "torch"


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One item of the form with its values as printed.

    ``previous`` and ``torch`` are last year's and the Torch report's value; ``difference`` is worded.
    ``corrected`` is what stood there in the returned report, None where nothing was changed.
    """

    path: str
    name: str
    unit: str
    value: str
    previous: str
    difference: str
    torch: str
    torch_differs: bool
    large: bool
    reasons: tuple[str, ...]
    group: Group
    corrected: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row of a table; ``cells`` are texts by column, ``corrected`` the columns that were changed."""

    path: str
    number: int
    cells: tuple[str, ...]
    corrected: frozenset[str]
    added: bool


@dataclass(frozen=True, slots=True)
class ReviewTable:
    """A table; ``columns`` are (id, label with unit)."""

    path: str
    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A whole report for a reviewer; ``corrections`` only where it replaces a returned one."""

    title: str
    label: str
    lines: tuple[ReviewLine, ...]
    tables: Mapping[str, ReviewTable]
    files: tuple[str, ...]
    corrections: tuple[CorrectionLine, ...]

    def group(self, group: Group) -> tuple[ReviewLine, ...]:
        """Give the lines of a group in the order of the form."""
        return tuple(line for line in self.lines if line.group is group)


def read_review(
    bundle: Path, returned: Path | None, library: Library, fonts: Fonts, messages: Messages, now: datetime
) -> Review:
    """Read a bundle for a reviewer, held against the bundle that was returned where there is one.

    Raises as ``open_bundle_draft``.
    """
    programme, draft = open_bundle_draft(bundle, library)
    view = view_of(programme, draft, fonts, now)
    corrections: tuple[CorrectionLine, ...] = ()
    if returned is not None:
        other, earlier = open_bundle_draft(returned, library)
        if other.form_version == programme.form_version:
            before = view_of(other, earlier, fonts, now)
            corrections = describe_corrections(before, view, find_corrections(before, view), messages)
    changes = {change.item.id: change for change in find_changes(view)}
    told = (Subject.VALUE, Subject.ROW)
    corrected = {line.correction.path: line for line in corrections if line.correction.subject in told}
    lines = tuple(
        _line(view, item, changes.get(item.id), corrected.get(item.id), messages)
        for section in programme.form.sections
        for item in section.fields
        if item.id not in view.hidden
    )
    tables = {
        key: _table(view, programme.form.tables[key], corrected, messages)
        for section in programme.form.sections
        for key in section.tables
    }
    files = tuple(dict.fromkeys(file.name for file in draft.answers.attachments))
    return Review(programme.title, programme.label, lines, tables, files, corrections)


def _line(
    view: View, item: Item, change: Change | None, correction: CorrectionLine | None, messages: Messages
) -> ReviewLine:
    usual = Group.TORCH if item.torch_item else Group.OWN
    reasons = dict.fromkeys(
        text for key, text in view.answers.reasons.items() if key.partition("@")[2] == item.id
    )
    return ReviewLine(
        item.id,
        named(item.number, item.label, messages),
        item.unit,
        shown(item, view.values.get(item.id)),
        shown(item, view.previous.get(item.id)),
        difference_text(change, messages) if change is not None else "",
        shown(item, view.torch.get(item.id)),
        change is not None and change.torch_differs,
        change is not None and change.large,
        tuple(reasons),
        usual if change is None else Group.STANDS_OUT,
        None if correction is None else correction.before,
    )


def _table(
    view: View, table: Table, corrected: Mapping[str, CorrectionLine], messages: Messages
) -> ReviewTable:
    columns = tuple(
        (column.id, f"{column.label}（{column.unit}）" if column.unit else column.label)
        for column in table.columns
    )
    rows = []
    for number, row in enumerate(view.rows(table.id), 1):
        path = f"{table.id}/{row.id}"
        cells = tuple(shown(column, row.cells.get(column.id)) for column in table.columns)
        changed = frozenset(column.id for column in table.columns if f"{path}/{column.id}" in corrected)
        rows.append(ReviewRow(path, number, cells, changed, path in corrected))
    return ReviewTable(table.id, named(table.number, table.label, messages), columns, tuple(rows))
