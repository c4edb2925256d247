"""The stress report is checked rightly: all faults and no others, and after any edits as from nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.draft import Answers, Row, parse_path, with_rows, with_value
from app.model.finding import Gate, Severity
from app.model.programme import CheckSpec, Programme
from app.model.value import Invalid, Value
from app.rules.checker import Checker, CheckSet, check, compile_checks
from app.rules.difference import changed_span, compare_rows
from app.rules.identity import (
    credit_code_digit,
    is_credit_code,
    is_right_credit_code,
    normalise_name,
    normalise_names,
)
from tests.benchmarks.plain_check import PlainData, compile_plain
from tests.benchmarks.stress import ROWS, Stress, make_cells, make_code, make_stress, wrong_digit

SMALL = 30


@pytest.fixture(scope="module")
def stress() -> Stress:
    """Give the stress report."""
    return make_stress()


def test_the_stress_report_is_as_large_as_asked(stress: Stress) -> None:
    """180 values, six tables of 8 to 10 columns with 5,200 rows, 220 checks (issue, speed of checking)."""
    form = stress.programme.form
    assert len(form.fields) == 180
    assert [len(stress.answers.tables[table_id]) for table_id in form.tables] == [
        2000,
        1000,
        200,
        300,
        200,
        1500,
    ]
    assert {len(table.columns) for table in form.tables.values()} == {8, 9, 10}
    assert len(stress.programme.checks) == 220
    assert len(stress.faults) == 24


def test_exactly_the_planted_faults_are_found(stress: Stress) -> None:
    """Every fault that was put in is found once, and nothing else (issue, speed of checking)."""
    found = check(compile_checks(stress.programme), stress.answers, stress.context)
    assert tuple(sorted(finding.key for finding in found)) == stress.faults


def test_plain_closures_find_the_same(stress: Stress) -> None:
    """The yardstick of the figures does the same work."""
    data = PlainData(stress.answers)
    assert (
        tuple(sorted(key for rule in compile_plain(stress.programme) for key in rule(data))) == stress.faults
    )


# ------------------------------------------------------------------------------------------ after edits
def _more_checks(programme: Programme) -> Programme:
    gates, more = frozenset({Gate.FILL}), []
    plans: list[tuple[str, dict[str, object], str]] = [
        ("unique", {"columns": ["t1.name"], "condition": "count > 500"}, ""),
        ("unique", {"columns": ["t2.name"], "condition": "count > avg(t2.count)"}, ""),
        ("unique", {"columns": ["t6.mark"]}, "n49 > 100"),
        ("range", {"items": ["t1.count"], "most": 1000}, "n50 > 100"),
        ("range", {"items": ["t3.part"], "most": 1000}, "sum(t3.count) > 60000"),
        ("at_most", {"item": "t4.count", "limit": "n51"}, ""),
        ("at_most", {"item": "t4.count", "limit": "avg(t4.count) * 2"}, ""),
        ("subset", {"column": "t5.name", "of": "t3.name"}, ""),
        ("required", {"items": ["t1.code"]}, ""),
    ]
    for number, (kind, params, when) in enumerate(plans):
        more.append(CheckSpec(f"MORE-{number}", kind, Severity.WARNING, gates, params, when=when))
    return replace(programme, checks=(*programme.checks, *more))


def _value(chance: random.Random, value: Value | None) -> Value | None:
    """Give what someone may type next: nothing, nonsense, or a value of the type that stood there."""
    other = chance.random()
    if other < 0.15:
        return None
    if other < 0.25:
        return Invalid("一二三")
    match value:
        case str() if value.startswith("9165"):
            return wrong_digit(value) if other < 0.5 else make_code(chance.randrange(60))
        case str() if value in ("firm", "team"):
            return chance.choice(("firm", "team"))
        case str():
            return chance.choice((value.replace("（", "("), f"ZL2022-{chance.randrange(20):05}", value + "x"))
        case date():
            return date(2022, chance.randrange(1, 13), chance.randrange(1, 29)).replace(
                year=chance.choice((2021, 2022))
            )
        case Decimal():
            return Decimal(chance.randrange(100_000_000))
        case _:
            return chance.choice((0, 50, 150, 5001, chance.randrange(5000)))


def _edited_rows(chance: random.Random, table_id: str, rows: tuple[Row, ...], step: int) -> tuple[Row, ...]:
    place = chance.randrange(len(rows) + 1)
    match chance.randrange(6):
        case 0:
            return rows[:place] + rows[place + 1 :]
        case 1:
            copied = Row(f"c{step}", rows[place - 1].cells if rows else make_cells(table_id, step))
            return (*rows[:place], copied, *rows[place:])
        case 2:
            pasted = (Row(f"p{step}_{n}", make_cells(table_id, chance.randrange(200))) for n in range(5))
            return (*rows[:place], *pasted, *rows[place:])
        case 3:
            return tuple(sorted(rows, key=lambda row: str(row.cells.get("mark"))))
        case 4:
            return (*rows[:place], Row(f"e{step}", {}), *rows[place:])
        case _:
            return rows[::-1] if place % 7 == 0 else rows[place // 2 :][:SMALL]


def _states(chance: random.Random, answers: Answers, steps: int) -> Iterator[Answers]:
    for step in range(steps):
        for turn in range(chance.choice((1, 1, 1, 2, 5))):
            table_id = chance.choice(tuple(ROWS))
            rows = answers.tables[table_id]
            kind = chance.random()
            if kind < 0.3:
                key = chance.choice((*answers.values, "n49", "n50", "n51"))
                answers = with_value(answers, parse_path(key), _value(chance, answers.values.get(key)))
            elif kind < 0.75 and rows:
                row = chance.choice(rows)
                column = chance.choice((*row.cells, "name", "count"))
                path = parse_path(f"{table_id}/{row.id}/{column}")
                answers = with_value(answers, path, _value(chance, row.cells.get(column)))
            elif kind < 0.95:
                answers = with_rows(answers, table_id, _edited_rows(chance, table_id, rows, step * 10 + turn))
            else:
                answers = replace(
                    answers, previous={**answers.previous, "m10": Decimal(chance.randrange(10**8))}
                )
        yield answers


@pytest.fixture(scope="module")
def checks(stress: Stress) -> CheckSet:
    """Give the checks of the stress report and some whose rules depend on more."""
    return compile_checks(_more_checks(stress.programme))


@pytest.mark.parametrize("seed", range(6))
def test_after_random_edits_all_is_found_as_from_nothing(stress: Stress, checks: CheckSet, seed: int) -> None:
    """Checking after edits gives what checking from nothing gives, in the same order (architecture)."""
    chance = random.Random(seed)
    tables = {table_id: rows[:SMALL] for table_id, rows in stress.answers.tables.items()}
    checker = Checker(checks)
    for answers in _states(chance, replace(stress.answers, tables=tables), 60):
        assert checker.check(answers, stress.context) == check(checks, answers, stress.context)


def test_edits_of_the_whole_report_are_found_as_from_nothing(stress: Stress) -> None:
    """The same for some edits of the full report: a cell under each kind of check, rows in and out."""
    checks, answers = compile_checks(stress.programme), stress.answers
    checker = Checker(checks)
    checker.check(answers, stress.context)
    for path, value in (
        ("t1/r1999/name", "新疆天山（t1）第20科技有限公司"),
        ("t1/r5/amount", Decimal(5)),
        ("t2/r3/code", wrong_digit(make_code(5))),
        ("t6/r1400/mark", "ZL2022-09999"),
    ):
        answers = with_value(answers, parse_path(path), value)
        checker.check(answers, stress.context)
    rows = answers.tables["t1"]
    answers = with_rows(answers, "t1", (*rows[:700], Row("new", make_cells("t1", 8)), *rows[701:]))
    found = checker.check(answers, stress.context)
    assert found == check(checks, answers, stress.context)
    assert len(found) > len(stress.faults)


def test_a_failed_check_leaves_nothing_half_remembered(stress: Stress, checks: CheckSet) -> None:
    """A check that fails half-way does not spoil the next one."""
    checker = Checker(checks)
    checker.check(stress.answers, stress.context)
    rows = stress.answers.tables["t1"]
    answers = with_rows(stress.answers, "t1", rows[5:])
    broken = with_rows(answers, "t6", (*answers.tables["t6"], Row("bad", {"mark": ["unhashable"]})))  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        checker.check(broken, stress.context)
    assert checker.check(answers, stress.context) == check(checks, answers, stress.context)


# ------------------------------------------------------------------------------------------ shortcuts
@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_a_change_of_rows_covers_all_that_differs(first: list[int], second: list[int]) -> None:
    """What lies outside the span is the same; rows inside that are not named were there before."""
    pool = [Row(f"r{n}", {"a": n}) for n in range(10)]
    old, new = (tuple(pool[n] for n in dict.fromkeys(places)) for places in (first, second))
    start, old_stop, stop = changed_span(old, new)
    assert old[:start] == new[:start]
    assert old[old_stop:] == new[stop:]
    assert 0 <= start <= min(old_stop, stop)
    change = compare_rows(old, new)
    assert set(map(id, new)) - set(map(id, old)) <= set(map(id, change.rows))


@given(st.lists(st.text(alphabet="新疆aÅﬁ（）() \u0301①\0１有限公司责任", max_size=12)))
def test_names_are_normalised_together_as_one_by_one(texts: list[str]) -> None:
    """Normalising a column at once gives the same keys (checks.md LOG-07)."""
    assert normalise_names(texts) == [normalise_name(text) for text in texts]


@given(st.integers(0, 10**10), st.integers(0, 17), st.sampled_from("0123456789ABCIO中"))
def test_the_quick_test_of_credit_codes_agrees(number: int, place: int, character: str) -> None:
    """The quick test is right exactly where shape and check character are (GB 32100-2015)."""
    code = make_code(number)
    assert is_right_credit_code(code)
    code = code[:place] + character + code[place + 1 :]
    assert is_right_credit_code(code) == (is_credit_code(code) and credit_code_digit(code) == code[17])
