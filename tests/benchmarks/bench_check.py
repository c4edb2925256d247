"""Measures checking on the stress report and prints the figures.

Run from the project folder: ``python -m tests.benchmarks.bench_check``.  Every figure stands beside the
time that plain closures over the same rules take in the same run (``plain_check``).
"""

from __future__ import annotations

import gc
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from app.clock import system_clock
from app.model.draft import Answers, Draft, Row, parse_path, with_rows, with_value
from app.model.edit import Edit, Operation
from app.model.value import Value
from app.rules.checker import Checker, CheckSet, compile_checks
from app.store import open_store
from app.store.document import document_of, write
from app.store.drafts import new_draft_id
from tests.benchmarks.bench_store import make_draft, make_form
from tests.benchmarks.plain_check import PlainData, compile_plain
from tests.benchmarks.stress import ROWS, Stress, make_cells, make_stress

COLUMNS = ("name", "mark", "start", "end", "count", "part", "amount", "paid", "code")
ROUNDS = 9
EDITS = 240


def milliseconds(action: Callable[[], object]) -> float:
    """Give the time of one call."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def times(action: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Give the times of some calls."""
    return [milliseconds(action) for _ in range(rounds)]


def line(label: str, found: Iterable[float], plain: float = 0.0, target: float = 0.0) -> None:
    """Print one figure: median, best, 95th percentile, worst, and how it stands to plain closures."""
    ordered = sorted(found)
    middle = statistics.median(ordered)
    text = (
        f"{label:<34}{middle:9.3f}{ordered[0]:9.3f}{ordered[len(ordered) * 19 // 20]:9.3f}{ordered[-1]:9.3f}"
    )
    text += f"{plain:10.3f}{middle / plain:9.4f}" if plain else " " * 19
    print(text + (f"{target:8.0f} {'ok' if middle <= target else 'OVER'}" if target else ""))


def another(value: Value, step: int) -> Value:
    """Give a value of the same type that is different."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, Decimal)):
        return value + 1 + step % 7
    if isinstance(value, date):
        return value + timedelta(days=1 + step % 3)
    if isinstance(value, str):
        return f"{value[:-2]}{step % 90 + 10}"
    return value


def checking(checker: Checker, stress: Stress, states: Iterator[Answers]) -> list[float]:
    """Give the times from new answers to all findings, state by state."""
    found = []
    for answers in states:
        start = time.perf_counter()
        checker.check(answers, stress.context)
        found.append((time.perf_counter() - start) * 1000)
    return found


def scalar_edits(answers: Answers, count: int) -> Iterator[Answers]:
    """Give answers again and again, each time with one more field edited."""
    fields = [(key, value) for key, value in answers.values.items() if key[0] in "nmdxc"]
    for step in range(count):
        key, value = fields[step * 7 % len(fields)]
        answers = with_value(answers, parse_path(key), another(value, step))
        yield answers


def cell_edits(answers: Answers, table_id: str, column: str, count: int) -> Iterator[Answers]:
    """Give answers again and again, each time with one more cell of a column edited."""
    rows = [row for row in answers.tables[table_id] if column in row.cells]
    for step in range(count):
        row = rows[step * 37 % len(rows)]
        path = parse_path(f"{table_id}/{row.id}/{column}")
        answers = with_value(answers, path, another(row.cells[column], step))
        yield answers


def row_edits(answers: Answers, table_id: str, count: int) -> Iterator[Answers]:
    """Give answers with rows put in and taken out in turn, at various places."""
    for step in range(count):
        rows = answers.tables[table_id]
        place = step // 2 * 97 % len(rows)
        new = Row(f"new{step}", make_cells(table_id, 60_000 + step))
        rest = rows[place:] if step % 2 == 0 else rows[place + 1 :]
        answers = with_rows(answers, table_id, (*rows[:place], *([new] if step % 2 == 0 else []), *rest))
        yield answers


def pastes(answers: Answers, table_id: str, count: int) -> Iterator[Answers]:
    """Give answers each with 500 other rows put at the end."""
    for step in range(count):
        pasted = (Row(f"p{step}_{n}", make_cells(table_id, 70_000 + step * 500 + n)) for n in range(500))
        yield with_rows(answers, table_id, (*answers.tables[table_id], *pasted))
        yield answers


def measure_checks(stress: Stress) -> None:
    """Print the figures of whole checks and of edits."""
    line("compile the checks", times(lambda: compile_checks(stress.programme)))
    checks = compile_checks(stress.programme)
    first = Checker(checks)
    started = times(partial(first.check, stress.answers, stress.context), 1)
    rules, data = compile_plain(stress.programme), PlainData(stress.answers)
    fresh, plainly = [], []
    for _ in range(ROUNDS):
        # In turn, so that a busy machine is as hard on the one as on the other
        fresh.append(milliseconds(lambda: _fresh(checks, stress)))
        plainly.append(milliseconds(lambda: [key for rule in rules for key in rule(data)]))
    plain = statistics.median(plainly)
    line("full check, first of the process", started, plain, 40)
    line("full check, fresh checker", fresh, plain, 40)
    line(
        "check again, nothing new", times(partial(first.check, stress.answers, stress.context), 200), plain, 1
    )
    checker = _fresh(checks, stress)
    line("edit one field", checking(checker, stress, scalar_edits(stress.answers, EDITS)), plain, 1)
    everything: list[float] = []
    for table_id in ROWS:
        for column in COLUMNS:
            if any(column in row.cells for row in stress.answers.tables[table_id][:3]):
                checker = _fresh(checks, stress)
                found = checking(checker, stress, cell_edits(stress.answers, table_id, column, EDITS // 6))
                everything += found
                if table_id == "t1":
                    line(f"edit one cell, t1 (2,000), {column}", found, plain, 1)
    line("edit one cell, all tables", everything, plain, 1)
    for table_id in ("t1", "t3"):
        checker = _fresh(checks, stress)
        line(
            f"insert, delete a row, {table_id}",
            checking(checker, stress, row_edits(stress.answers, table_id, EDITS)),
            plain,
        )
    checker = _fresh(checks, stress)
    line("paste, take back 500 rows, t1", checking(checker, stress, pastes(stress.answers, "t1", 10)), plain)
    line(
        "new answers, one cell of t1",
        times(lambda: with_value(stress.answers, parse_path("t1/r1999/count"), 3), 99),
    )


def _fresh(checks: CheckSet, stress: Stress) -> Checker:
    checker = Checker(checks)
    checker.check(stress.answers, stress.context)
    return checker


def measure_store() -> None:
    """Print the figures of saving and opening a draft of 5 MB."""
    form, draft = make_form(), make_draft()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "store", clock=system_clock) as store,
    ):
        store.drafts.create(draft, form, "基准")
        edits = [Edit(Operation.SET, f"t3/r3_{n}/people", 1, n) for n in range(EDITS)]
        saves = [
            milliseconds(partial(store.drafts.apply, draft.id, [edit], group=f"g{n}"))
            for n, edit in enumerate(edits)
        ]
        line("save one edit, durable", saves, target=2)
        size = len(write(document_of(draft))) / 1e6
        line(
            f"open a draft of {size:.1f} MB",
            times(lambda: store.drafts.get(draft.id, lambda *_: form)),
            target=150,
        )


def measure_stress_draft(stress: Stress) -> None:
    """Print the figures of saving and opening the stress report itself."""
    form = stress.programme.form
    draft = Draft(new_draft_id(), "stress", 1, stress.answers)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "store", clock=system_clock) as store,
    ):
        store.drafts.create(draft, form, "压力")
        size = len(write(document_of(draft))) / 1e6
        found = times(lambda: store.drafts.get(draft.id, lambda *_: form))
        line(f"open the stress report, {size:.1f} MB", found, target=150)


def main() -> None:
    """Measure and print."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stress = make_stress()
    gc.collect()
    print(
        f"{'milliseconds':<34}{'median':>9}{'best':>9}{'p95':>9}{'worst':>9}{'plain':>10}{'ratio':>9}  target"
    )
    measure_checks(stress)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory at most {peak / 1024:.0f} MiB, {before / 1024:.0f} MiB of it before the report was made")
    measure_store()
    measure_stress_draft(stress)


if __name__ == "__main__":
    main()
