"""A pasted block: where each column goes, what each cell becomes, what the clerk should know first.

Pure.  ``propose`` changes nothing; ``apply_paste`` turns a proposal into answers, for one undo step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.exchange.clipboard import Block
from app.model.draft import Answers, Row, with_rows
from app.model.finding import Severity
from app.model.form import Table
from app.model.value import ItemType, Value
from app.services.pasting_cells import EMPTY, Cell, date_form, read_cell
from app.services.pasting_columns import (
    columns_by_place,
    find_heading,
    find_shift,
    heading_units,
    is_counting,
    is_transposed,
)

MOST_ROWS = 5000
"""Rows taken from one block."""

_WHOLE = frozenset({"shifted", "transposed", "columns_over", "column_unknown", "rows_over"})
_SEVERITY = {
    "damaged": Severity.ERROR,
    "hashes": Severity.ERROR,
    "formula": Severity.ERROR,
    "cut": Severity.ERROR,
    "unit": Severity.WARNING,
    "heading_unit": Severity.WARNING,
    "serial": Severity.WARNING,
    "invalid": Severity.WARNING,
    "choice_unknown": Severity.WARNING,
    "shifted": Severity.WARNING,
    "neighbour": Severity.WARNING,
    "transposed": Severity.WARNING,
    "columns_over": Severity.WARNING,
    "column_unknown": Severity.WARNING,
    "rows_over": Severity.WARNING,
    "joined": Severity.WARNING,
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the clerk decided.  ``heading``: rows left out at the top, None to find out.

    ``targets`` maps block columns to column ids (empty: left out) against what was found out.
    ``clear`` lets empty cells clear what stands; ``trust`` takes refused cells over as they are.
    """

    heading: int | None = None
    transpose: bool = False
    by_label: bool = True
    shift: int = 0
    targets: Mapping[int, str] = field(default_factory=dict)
    clear: bool = False
    trust: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to know before pasting: ``places`` are (row, column) of the block, from 0.

    ``params`` are texts for the sentence ``window.paste.<code>``.
    """

    code: str
    severity: Severity
    places: tuple[tuple[int, int], ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a paste would do.  ``cells`` are those below the heading, one row per pasted row.

    ``row_ids``: rows that are written over; further rows are new.  ``overwritten`` counts answers
    that would change, ``kept`` answers that empty cells would clear if they were let.
    """

    table_id: str
    block: Block
    options: Options
    heading: int
    targets: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    row_ids: tuple[str, ...]
    problems: tuple[Problem, ...]
    overwritten: int = 0
    kept: int = 0
    shift_offered: int = 0
    by_label: bool = False

    @property
    def new_rows(self) -> int:
        """Give how many rows would be added."""
        return len(self.cells) - len(self.row_ids)

    @property
    def clean(self) -> bool:
        """Tell whether there is nothing to be told."""
        return not self.problems and not self.heading


def propose(
    block: Block, table: Table, rows: Sequence[Row], row: int, column_id: str, options: Options | None = None
) -> Proposal:
    """Give what pasting a block at a cell would do.

    ``rows``: the rows as shown, with the cells as typed; ``row`` an index into them, ``len(rows)`` for
    a new row.  Rows beyond the last are added at the end of the table, except to a derived table.
    """
    options = options or Options()
    if options.transpose:
        block = block.transposed()
    found, label_targets = find_heading(block, table)
    heading = found if options.heading is None else min(options.heading, len(block.rows))
    by_label = options.by_label and bool(label_targets) and heading >= found > 0
    start = [column.id for column in table.columns].index(column_id) + options.shift
    targets = list(label_targets) if by_label else columns_by_place(table, start, block.width)
    for place, target in options.targets.items():
        if place < len(targets):
            targets[place] = target
    data = _data_rows(block, heading)
    left = len(rows) - row
    room = min(MOST_ROWS, left if table.derived else MOST_ROWS)
    used = data[:room]
    units = heading_units(block, heading, table, targets)
    cells = tuple(_read_row(table, block, at, targets, units) for at in used)
    row_ids = tuple(one.id for one in rows[row : row + len(used)])
    problems = [
        *_whole_problems(block, table, heading, targets, start, by_label, len(data) - len(used)),
        *_cell_problems(block, table, used, targets, cells),
    ]
    shift = 0
    if not by_label and not options.targets:
        shift, misplaced = find_shift(block, table, used, targets, start)
        problems += _place_problems(shift, misplaced, used)
    if not options.transpose and not found and is_transposed(block, table):
        problems.insert(
            0, Problem("transposed", Severity.WARNING, tuple((r, 0) for r in range(len(block.rows))))
        )
    problems.sort(key=lambda one: (list(Severity).index(one.severity), one.code not in _WHOLE))
    proposal = Proposal(
        table.id,
        block,
        options,
        heading,
        tuple(targets),
        cells,
        row_ids,
        tuple(problems),
        shift_offered=shift,
        by_label=by_label,
    )
    overwritten, kept = _count_effects(proposal, rows[row : row + len(used)])
    return replace(proposal, overwritten=overwritten, kept=kept)


def apply_paste(answers: Answers, proposal: Proposal, new_id: Callable[[], str]) -> Answers:
    """Give the answers after a paste.  ``new_id`` gives ids for new rows (see ``Row``)."""
    present = answers.tables.get(proposal.table_id, ())
    writes: dict[str, Mapping[str, Value]] = {}
    typed = {row.id: row for row in present}
    added: list[Row] = []
    for index, cells in enumerate(proposal.cells):
        row_id = proposal.row_ids[index] if index < len(proposal.row_ids) else new_id()
        before = typed[row_id].cells if row_id in typed else {}
        after = _written(before, proposal, cells)
        if row_id not in typed:
            added.append(Row(row_id, after))
        elif after is not before:
            writes[row_id] = after
    rows = tuple(Row(row.id, writes[row.id]) if row.id in writes else row for row in present)
    return with_rows(answers, proposal.table_id, (*rows, *added))


def _written(before: Mapping[str, Value], proposal: Proposal, cells: Sequence[Cell]) -> Mapping[str, Value]:
    after = dict(before)
    for target, cell in zip(proposal.targets, cells, strict=True):
        if not target or (cell.refused and not proposal.options.trust):
            continue
        if cell.value is not None:
            after[target] = cell.value
        elif proposal.options.clear:
            after.pop(target, None)
    same = after.keys() == before.keys() and all(
        type(after[key]) is type(before[key]) and after[key] == before[key] for key in after
    )
    return before if same else after


def _count_effects(proposal: Proposal, rows: Sequence[Row]) -> tuple[int, int]:
    overwritten = kept = 0
    for row, cells in zip(rows, proposal.cells, strict=False):
        for target, cell in zip(proposal.targets, cells, strict=True):
            before = row.cells.get(target) if target else None
            if before is None or (cell.refused and not proposal.options.trust):
                continue
            if cell.value is None:
                kept += 1
            elif cell.value != before:
                overwritten += 1
    return overwritten, kept


# ------------------------------------------------------------------------------------------ cells
def _data_rows(block: Block, heading: int) -> list[int]:
    """Give the numbers of the rows below the heading, without the empty ones at the end."""
    numbers = list(range(heading, len(block.rows)))
    while numbers and not any(text.strip() for text in block.rows[numbers[-1]]):
        numbers.pop()
    return numbers


def _read_row(
    table: Table, block: Block, number: int, targets: Sequence[str], units: Sequence[str]
) -> tuple[Cell, ...]:
    cells = []
    for at, (text, target) in enumerate(zip(block.rows[number], targets, strict=True)):
        if not target or not text:
            cells.append(EMPTY)
            continue
        column = table.column(target)
        if column.calculated or column.readonly:
            cells.append(EMPTY)
        else:
            cells.append(read_cell(column, text, block.exact.get((number, at), ""), units[at]))
    return tuple(cells)


# ------------------------------------------------------------------------------------------ problems
def _whole_problems(
    block: Block, table: Table, heading: int, targets: Sequence[str], start: int, by_label: bool, over: int
) -> Iterator[Problem]:
    if block.cut:
        yield Problem("cut", Severity.ERROR)
    if over > 0:
        yield _problem("rows_over", (), count=str(over))
    heads = block.rows[heading - 1] if heading else ("",) * block.width
    left_out = [
        at
        for at, target in enumerate(targets)
        if not target and any(row[at].strip() for row in block.rows[heading:]) and not is_counting(heads[at])
    ]
    if left_out and by_label:
        names = "、".join(f"“{heads[at] or at + 1}”" for at in left_out[:6])
        yield _problem("column_unknown", tuple((heading - 1, at) for at in left_out), columns=names)
    elif left_out and start + left_out[-1] >= len(table.columns):
        yield _problem("columns_over", tuple((0, at) for at in left_out), count=str(len(left_out)))
    for at, target in enumerate(targets):
        column = table.column(target) if target else None
        if column and (column.calculated or column.readonly):
            yield _problem("readonly", ((heading, at),), column=column.label)
    joined = tuple(sorted(place for place in block.joined if place[0] >= heading))
    if joined:
        yield _problem("joined", joined, rows=_row_words(joined))


def _cell_problems(
    block: Block, table: Table, used: Sequence[int], targets: Sequence[str], cells: Sequence[Sequence[Cell]]
) -> Iterator[Problem]:
    for at, target in enumerate(targets):
        if not target:
            continue
        column = table.column(target)
        by_code: dict[str, list[int]] = {}
        seen: dict[str, list[str]] = {}
        for number, row in zip(used, cells, strict=True):
            if code := row[at].code:
                by_code.setdefault(code, []).append(number)
                if row[at].seen and row[at].seen not in seen.setdefault(code, []):
                    seen[code].append(row[at].seen)
        for code, numbers in by_code.items():
            places = tuple((number, at) for number in numbers)
            words = "、".join(f"“{word}”" for word in seen.get(code, ())[:4])
            yield _problem(
                code,
                places,
                column=column.label,
                rows=_row_words(places),
                seen=words,
                unit=column.unit,
                choices="、".join(list(column.choices.values())[:8]),
            )
        if column.type is ItemType.DATE:
            forms = {form for number in used if (form := date_form(block.rows[number][at]))}
            if len(forms) > 1:
                yield _problem("date_forms", (), column=column.label)


def _row_words(places: Sequence[tuple[int, int]]) -> str:
    """Name rows as the preview numbers them: 第 3、5、9 行, or 第 3、5、9 行等 12 处."""
    numbers = list(dict.fromkeys(row + 1 for row, _ in places))
    words = f"第 {'、'.join(map(str, numbers[:5]))} 行"
    return words if len(numbers) <= 5 else f"{words}等 {len(places)} 处"


def _problem(code: str, places: tuple[tuple[int, int], ...], **params: str) -> Problem:
    return Problem(code, _SEVERITY.get(code, Severity.INFO), places, params)


def _place_problems(
    shift: int, misplaced: Sequence[tuple[int, str, str]], used: Sequence[int]
) -> Iterator[Problem]:
    if shift:
        places = tuple((used[0], at) for at, _, _ in misplaced)
        labels = "、".join(f"「{label}」" for _, label, _ in misplaced[:4])
        side = "右" if shift > 0 else "左"
        yield _problem("shifted", places, columns=labels, steps=str(abs(shift)), side=side)
    else:
        for at, label, near in misplaced:
            yield _problem("neighbour", ((used[0], at),), column=label, near=near)
