"""Adding sealed reports of other units up into a table of this one, as ``gather.toml`` says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import UsageError
from app.messages import Messages
from app.model.draft import Answers, Row, with_rows
from app.model.fingerprint import draft_fingerprint
from app.model.form import Item
from app.model.programme import Gathering, Programme
from app.model.submission import EventKind, short_form
from app.model.value import ItemType, Value
from app.paper.fonts import Fonts
from app.programmes.library import Library
from app.rules.calculate import compile_calculations, effective, fit
from app.rules.expression import ExpressionError, compile_expression, scope_of
from app.rules.expression.scope import kind_of
from app.rules.identity import normalise_name
from app.rules.view import View
from app.services.drafting import save, show_value
from app.services.files import open_bundle_draft
from app.services.recording import Registration, register
from app.services.workplace import Workplace, file_context


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that the report has otherwise than the table; texts as people read them, with the unit."""

    path: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """One report that was looked at: what it is called, its short 校验码, its row and what differs there."""

    file: str
    title: str
    fingerprint: str
    row: str
    fresh: bool
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A bundle that was read and worked out: the cells it gives, and which row of data asked for them."""

    file: str
    fingerprint: str
    gathering: Gathering
    cells: Mapping[str, Value]


def gather(
    workplace: Workplace, draft_id: str, files: Sequence[Path], now: datetime, *, keep: bool = True
) -> tuple[Gathered, ...]:
    """Bring the figures of bundles into the draft's tables, one row for each, and tell what differs.

    A row is found again by its key and its gathered cells are written over; other cells stay.  All in one
    step that undo takes back, and put on record with every 校验码.  ``keep`` false only compares.

    Raises as ``read_reports``; nothing is changed then.
    """
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    reports = read_reports(workplace.library, workplace.fonts, programme, files, now)
    answers, found = place_reports(programme, draft.answers, reports)
    if keep and answers is not draft.answers:
        save(workplace, draft, answers)
        record_gathered(workplace, draft_id, found, now)
    return found


def read_reports(
    library: Library, fonts: Fonts, programme: Programme, files: Sequence[Path], now: datetime
) -> tuple[ReadReport, ...]:
    """Verify bundles and work out what each gives to a programme's tables; needs no store.

    Raises ``UsageError``: ``gather_none``, ``gather_foreign``, ``gather_unfit``, ``gather_unnamed``,
    ``gather_twice``, ``file_not_found``; and what ``open_bundle_draft`` raises.
    """
    if not programme.gatherings:
        raise UsageError("gather_none")
    reports = tuple(_read(library, fonts, programme, path, now) for path in files)
    _refuse_twins(programme, reports)
    return reports


def place_reports(
    programme: Programme, answers: Answers, reports: Sequence[ReadReport]
) -> tuple[Answers, tuple[Gathered, ...]]:
    """Give answers with a row for each report, the same object where nothing differs, and the differences."""
    found = []
    for report in reports:
        answers, one = _place(programme, answers, report)
        found.append(one)
    return answers, tuple(found)


def record_gathered(workplace: Workplace, draft_id: str, found: Sequence[Gathered], now: datetime) -> None:
    """Put on record which reports were brought in, with every 校验码."""
    text = workplace.messages.text
    names = "、".join(
        text("replies", "gather_entry", title=one.title, fingerprint=one.fingerprint) for one in found
    )
    note = text("replies", "gather_note", names=names)
    register(workplace, draft_id, Registration(EventKind.NOTE.value, note=note), now)


def tell_gathered(messages: Messages, found: Sequence[Gathered]) -> list[str]:
    """Give the lines in which people read what was found, report by report."""
    lines = []
    blank = messages.text("replies", "gather_empty")
    for one in found:
        code = "gather_new" if one.fresh else "gather_changed" if one.differences else "gather_same"
        count = len(one.differences)
        lines.append(
            messages.text("replies", code, title=one.title, fingerprint=one.fingerprint, count=count)
        )
        for each in one.differences:
            before, after = each.before or blank, each.after or blank
            lines.append(
                messages.text("replies", "gather_difference", label=each.label, before=before, after=after)
            )
    return lines


def _read(library: Library, fonts: Fonts, programme: Programme, path: Path, now: datetime) -> ReadReport:
    if not path.is_file():
        raise UsageError("file_not_found", name=str(path))
    source, draft = open_bundle_draft(path, library)
    for gathering in programme.gatherings:
        if gathering.programme == source.id:
            context = file_context(source, fonts, now, {}, {})
            view = effective(compile_calculations(source), draft.answers, context)
            cells = _cells(programme, gathering, view, path.name)
            digest = short_form(draft_fingerprint(draft, source.form))
            if gathering.stamp:
                cells[gathering.stamp] = digest
            return ReadReport(path.name, digest, gathering, cells)
    raise UsageError("gather_foreign", name=path.name)


def _cells(programme: Programme, gathering: Gathering, view: View, name: str) -> dict[str, Value]:
    """Work the columns out over the effective answers of the other report."""
    scope, table = scope_of(view.programme.form), programme.form.tables[gathering.table]
    cells: dict[str, Value] = {}
    for column_id, expression in gathering.columns.items():
        column = table.column(column_id)
        try:
            compiled = compile_expression(expression, scope)
        except ExpressionError as error:
            raise UsageError("gather_unfit", name=name, column=column.label) from error
        if compiled.type is not kind_of(column.type):
            raise UsageError("gather_unfit", name=name, column=column.label)
        value = _fitted(column, compiled.evaluate(view))
        if value is not None:
            cells[column_id] = value
    if gathering.key not in cells:
        raise UsageError("gather_unnamed", name=name, column=table.column(gathering.key).label)
    return cells


def _fitted(column: Item, value: Value | None) -> Value | None:
    value = fit(column, value)
    whole = column.type is ItemType.INTEGER and not isinstance(value, (bool, str)) and value is not None
    return int(str(value)) if whole else value


def _refuse_twins(programme: Programme, reports: Sequence[ReadReport]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for report in reports:
        table, key = report.gathering.table, report.gathering.key
        name = normalise_name(str(report.cells[key]))
        other = seen.setdefault((table, name), report.file)
        if other is not report.file:
            column = programme.form.tables[table].column(key)
            raise UsageError("gather_twice", name=report.file, other=other, column=column.label)


def _place(programme: Programme, answers: Answers, report: ReadReport) -> tuple[Answers, Gathered]:
    """Give the answers with the report's row, and what was otherwise before."""
    gathering = report.gathering
    table = programme.form.tables[gathering.table]
    rows = answers.tables.get(table.id, ())
    title = str(report.cells[gathering.key])
    wanted = normalise_name(title)
    old = next((r for r in rows if normalise_name(str(r.cells.get(gathering.key, ""))) == wanted), None)
    row_id = old.id if old is not None else secrets.token_hex(5)
    gathered = [*gathering.columns, *([gathering.stamp] if gathering.stamp else [])]
    kept = {} if old is None else {key: cell for key, cell in old.cells.items() if key not in gathered}
    new = Row(row_id, {**kept, **report.cells})
    differences = () if old is None else tuple(_differences(table.id, table.columns, old, new))
    one = Gathered(report.file, title, report.fingerprint, row_id, old is None, differences)
    if old is None:
        return with_rows(answers, table.id, (*rows, new)), one
    if old.cells == new.cells:
        return answers, one
    return with_rows(answers, table.id, tuple(new if row is old else row for row in rows)), one


def _differences(table_id: str, columns: Sequence[Item], old: Row, new: Row) -> list[Difference]:
    found = []
    for column in columns:
        before, after = old.cells.get(column.id), new.cells.get(column.id)
        if before != after:
            path = f"{table_id}/{old.id}/{column.id}"
            shown = (show_value(column, before), show_value(column, after))
            found.append(Difference(path, column.label, *shown))
    return found
