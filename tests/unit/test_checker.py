"""The check after an edit finds exactly what a fresh check finds, whatever was edited before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.clock import BEIJING
from app.model.draft import Answers, Attachment, Path, Row, with_reason, with_rows, with_value
from app.model.finding import Finding, Gate, Severity
from app.model.form import DerivedRow, Form, Item, Section
from app.model.programme import CheckSpec
from app.model.submission import Event, EventKind, EventSource
from app.model.value import Invalid, ItemType, Value
from app.rules.checker import Checker, CheckSet, check, compile_checks, counts, open_findings
from app.rules.rule import SpecError
from app.rules.view import Context
from tests.unit import (
    test_kinds_arithmetic,
    test_kinds_compare,
    test_kinds_completeness,
    test_kinds_dates,
    test_kinds_formats,
    test_kinds_names,
    test_kinds_sizes,
)
from tests.unit.forms import NOW, make_check, make_item, make_programme, make_table
from tests.unit.kind_world import FIELDS, STAFF, TENANTS, WORLD

MODULES = (
    test_kinds_completeness,
    test_kinds_dates,
    test_kinds_formats,
    test_kinds_names,
    test_kinds_arithmetic,
    test_kinds_compare,
    test_kinds_sizes,
)
TARGETS = make_table(
    "t3",
    make_item("what", "text", "指标", readonly=True),
    make_item("amount", "decimal", "数值", readonly=True),
    make_item("target", "decimal", "目标"),
    label="目标",
    derived=(
        DerivedRow("people", {"what": "人数"}, {"amount": "total"}),
        DerivedRow("twice", {"what": "两倍"}, {"amount": "sum(t4.twice)"}),
    ),
)
PARTS = make_table(
    "t4",
    make_item("name", "text", "名称", required="true"),
    make_item("n", label="个数", relevant='name != "免"'),
    make_item("twice", label="两倍", calculate="n * 2"),
    make_item("part", "decimal", "占比", calculate="n / sum(t4.n)", decimals=3),
    label="分项",
    relevant="yes = true",
)
MORE_FIELDS = (
    make_item("hid", label="隐项", relevant="yes = true", required="true"),
    make_item("total", label="总数", calculate="sum(t1.n)"),
    make_item("share", "decimal", "人均", calculate="total / n1", decimals=2),
)
OWN = (
    make_check("assert", {"table": "t1", "expression": "n <= n1", "item": "n"}, code="OWN-01"),
    make_check("assert", {"table": "t1", "expression": "n * 2 <= sum(t1.n)", "item": "n"}, code="OWN-02"),
    make_check("assert", {"table": "t1", "expression": "count(t2) < 2 or n < 3", "item": "n"}, code="OWN-03"),
    make_check("assert", {"table": "t4", "expression": "twice < 6", "item": "twice"}, code="OWN-04"),
    make_check("assert", {"table": "t4", "expression": "part <= 0.5", "item": "part"}, code="OWN-05"),
    make_check("assert", {"table": "t3", "expression": "target >= amount", "item": "target"}, code="OWN-06"),
    make_check("assert", {"expression": "share < 2", "item": "share"}, code="OWN-07"),
    make_check(
        "assert", {"expression": "prev(n1) <= n1 and days(day, today) > 0", "item": "n1"}, code="OWN-08"
    ),
    make_check("assert", {"table": "t1", "expression": "start <= today", "item": "start"}, code="OWN-09"),
)
WHENS = (
    "n1 > 1",
    "yes = true",
    "count(t1) > 1",
    "total > 2",
    "sum(t4.twice) > 2",
    "filled(hid)",
    "prev(n2) > 1",
)


def _checks() -> tuple[CheckSpec, ...]:
    """Give every check of every kind that the tests of kinds know, each with and without conditions."""
    found: dict[str, CheckSpec] = {}
    for module in MODULES:
        for case in module.CASES:
            if case.programme is None:
                found.setdefault(f"{case.kind} {case.params}", make_check(case.kind, case.params))
    plain = [*found.values(), *OWN]
    some = [replace(spec, when=WHENS[place % len(WHENS)]) for place, spec in enumerate(plain)]
    return tuple(
        replace(spec, code=f"TST-{place:02}" if spec.code == "TST-01" else spec.code)
        for place, spec in enumerate([*plain, *some])
    )


TABLES = {table.id: table for table in (TENANTS, STAFF, TARGETS, PARTS)}
PROGRAMME = replace(
    WORLD,
    form=Form((Section("s", "一", "部分", (*FIELDS, *MORE_FIELDS), tuple(TABLES)),), TABLES),
    checks=_checks(),
)


@cache
def compiled() -> CheckSet:
    return compile_checks(PROGRAMME)


# ------------------------------------------------------------------------------------------ edits
@dataclass(frozen=True)
class State:
    answers: Answers
    context: Context


Step = Callable[[State], State]

_NUMBERS = st.sampled_from([0, 1, 2, 3, 10, 1000])
_NAMES = st.sampled_from(
    ["甲公司", "甲有限公司", "乙", "免", "XX", "（此处填写）", "见附件《执照》", "ａｂ", "一、\n二、"]
)
_POOL: dict[ItemType, st.SearchStrategy[Value]] = {
    ItemType.INTEGER: _NUMBERS,
    ItemType.DECIMAL: _NUMBERS.map(Decimal) | st.just(Decimal("0.5")),
    ItemType.MONEY: _NUMBERS.map(lambda number: Decimal(number) * 10000) | st.just(Decimal("12.345")),
    ItemType.PERCENT: st.sampled_from([Decimal(0), Decimal(50), Decimal(100), Decimal("33.3")]),
    ItemType.DATE: st.sampled_from([date(2021, 5, 1), date(2022, 3, 1), date(2022, 9, 9), date(2023, 1, 4)]),
    ItemType.YES_NO: st.booleans(),
    ItemType.MULTI_CHOICE: st.sampled_from([("net",), ("net", "hall"), ("gone",)]),
    ItemType.CREDIT_CODE: st.sampled_from(["91650100MA775XXX1X", "916501", "91110000600037341L"]),
    ItemType.PHONE: st.sampled_from(["13800138000", "123", "0991-3826727"]),
}


def value_of(item: Item) -> st.SearchStrategy[Value]:
    pool = (
        st.sampled_from([*item.choices, "没有"])
        if item.type is ItemType.CHOICE
        else _POOL.get(item.type, _NAMES)
    )
    return st.one_of(pool, pool, pool, st.just(Invalid("约十")))


def row_of(table_id: str) -> st.SearchStrategy[Mapping[str, Value]]:
    columns = [column for column in TABLES[table_id].columns if not column.calculated]
    return st.fixed_dictionaries({}, optional={column.id: value_of(column) for column in columns})


_ITEMS = [item for item in PROGRAMME.form.fields.values() if not item.calculated]
_PLACES = st.integers(0, 6)
_TYPED = st.sampled_from(["t1", "t1", "t2", "t4"])


def set_field(part: str, item: Item, value: Value | None) -> Step:
    def step(state: State) -> State:
        if part == "values":
            return replace(state, answers=with_value(state.answers, Path(item.id), value))
        kept = {key: one for key, one in getattr(state.answers, part).items() if key != item.id}
        new = kept if value is None else {**kept, item.id: value}
        new_answers = (
            replace(state.answers, previous=new) if part == "previous" else replace(state.answers, torch=new)
        )
        return replace(state, answers=new_answers)

    return step


def change_rows(table_id: str, change: Callable[[list[Row]], None]) -> Step:
    def step(state: State) -> State:
        rows = list(state.answers.tables.get(table_id, ()))
        change(rows)
        return replace(state, answers=with_rows(state.answers, table_id, tuple(rows)))

    return step


def insert(table_id: str, place: int, cells: Mapping[str, Value]) -> Step:
    def change(rows: list[Row]) -> None:
        taken = {row.id for row in rows}
        name = next(f"n{number}" for number in range(99) if f"n{number}" not in taken)
        rows.insert(min(place, len(rows)), Row(name, cells))

    return change_rows(table_id, change)


def delete(table_id: str, place: int) -> Step:
    return change_rows(table_id, lambda rows: rows.__delitem__(slice(place, place + 1)))


def move(table_id: str, place: int, to: int) -> Step:
    def change(rows: list[Row]) -> None:
        if place < len(rows):
            rows.insert(to, rows.pop(place))

    return change_rows(table_id, change)


def set_cell(table_id: str, place: int, column: str, value: Value | None) -> Step:
    def change(rows: list[Row]) -> None:
        if rows:
            row = rows[place % len(rows)]
            cells = {key: one for key, one in row.cells.items() if key != column}
            rows[place % len(rows)] = Row(row.id, cells if value is None else {**cells, column: value})

    return change_rows(table_id, change)


def paste(table_id: str, place: int, cells: Mapping[str, Value]) -> Step:
    def change(rows: list[Row]) -> None:
        if rows:
            row = rows[place % len(rows)]
            rows[place % len(rows)] = Row(row.id, {**row.cells, **cells})

    return change_rows(table_id, change)


def set_target(row_id: str, value: Value) -> Step:
    def change(rows: list[Row]) -> None:
        rows[:] = [row for row in rows if row.id != row_id]
        rows.append(Row(row_id, {"target": value}))

    return change_rows("t3", change)


def in_answers(change: Callable[[Answers], Answers]) -> Step:
    return lambda state: replace(state, answers=change(state.answers))


def in_context(**changes: object) -> Step:
    return lambda state: replace(state, context=replace(state.context, **changes))  # type: ignore[arg-type]


def as_copy(state: State) -> State:
    """The same content in new objects, as after loading: it must change no finding."""
    old = state.answers
    tables = {key: tuple(Row(row.id, dict(row.cells)) for row in rows) for key, rows in old.tables.items()}
    answers = replace(
        old, tables=tables, values=dict(old.values), previous=dict(old.previous), reasons=dict(old.reasons)
    )
    return replace(state, answers=answers)


def _cell_steps(table_id: str) -> st.SearchStrategy[Step]:
    columns = [column for column in TABLES[table_id].columns if not column.calculated]
    return st.sampled_from(range(len(columns))).flatmap(
        lambda number: st.builds(
            set_cell,
            st.just(table_id),
            _PLACES,
            st.just(columns[number].id),
            st.none() | value_of(columns[number]),
        )
    )


_NUMBER_STEPS = st.tuples(
    st.sampled_from(["values", "previous", "torch"]), st.sampled_from(["n1", "n2", "n3", "m1"]), _NUMBERS
).map(lambda chosen: set_field(chosen[0], PROGRAMME.form.fields[chosen[1]], chosen[2]))
_FIELD_STEPS = st.tuples(
    st.sampled_from(["values", "values", "previous", "torch"]), st.sampled_from(range(len(_ITEMS)))
).flatmap(
    lambda chosen: st.builds(
        set_field,
        st.just(chosen[0]),
        st.just(_ITEMS[chosen[1]]),
        st.none() | value_of(_ITEMS[chosen[1]]),
    )
)
_FILES = st.lists(
    st.sampled_from(
        [
            Attachment("执照.pdf", "a" * 64, 9, ("01",)),
            Attachment("合同.pdf", "b" * 64, 9, ("n1", "t1/n0")),
            Attachment("空.pdf", "c" * 64, 0),
        ]
    ),
    unique=True,
).map(tuple)
_EVENTS = st.lists(
    st.sampled_from([EventKind.SUBMITTED, EventKind.APPROVED, EventKind.RETURNED, EventKind.PRINTED]),
    max_size=3,
).map(lambda kinds: tuple(Event(kind, NOW, EventSource.HAND) for kind in kinds))
_MOMENTS = st.sampled_from(
    [NOW, NOW + timedelta(seconds=1), NOW + timedelta(days=2), datetime(2022, 12, 1, tzinfo=BEIJING)]
)
_CONTEXT_STEPS = st.one_of(
    _MOMENTS.map(lambda now: in_context(now=now)),
    _MOMENTS.map(lambda now: in_context(last_saved=now)),
    _EVENTS.map(lambda events: in_context(events=events)),
    st.sampled_from([frozenset[str](), frozenset({"n1"})]).map(
        lambda some: in_context(edited_after_torch=some)
    ),
    st.sampled_from([{}, {"a" * 64: "找不到"}]).map(lambda broken: in_context(broken_files=broken)),
    st.sampled_from([{}, {"b" * 64: "加密"}]).map(lambda faults: in_context(file_faults=faults)),
    st.sampled_from([Decimal("0.3"), Decimal("0.9")]).map(lambda share: in_context(change_threshold=share)),
    st.sampled_from([{}, {"别的": frozenset({"甲"})}]).map(lambda others: in_context(other_reports=others)),
)
STEPS = st.one_of(
    _FIELD_STEPS,
    _NUMBER_STEPS,
    _TYPED.flatmap(_cell_steps),
    _TYPED.flatmap(_cell_steps),
    _TYPED.flatmap(lambda table_id: st.builds(insert, st.just(table_id), _PLACES, row_of(table_id))),
    _TYPED.flatmap(lambda table_id: st.builds(paste, st.just(table_id), _PLACES, row_of(table_id))),
    st.builds(delete, _TYPED, _PLACES),
    st.builds(move, _TYPED, _PLACES, _PLACES),
    st.builds(set_target, st.sampled_from(["people", "twice"]), _NUMBERS.map(Decimal)),
    st.sampled_from(["", "不合格", "优秀"]).map(lambda g: in_answers(lambda a: replace(a, previous_grade=g))),
    _FILES.map(lambda files: in_answers(lambda a: replace(a, attachments=files))),
    st.sampled_from(["TST-00@n1", "OWN-01@t1/n0/n"]).map(
        lambda key: in_answers(lambda a: with_reason(a, key, "说明"))
    ),
    st.sampled_from([True, False]).map(lambda yes: set_field("values", PROGRAMME.form.fields["yes"], yes)),
    _MOMENTS.map(lambda now: in_context(now=now)),
    _CONTEXT_STEPS,
    st.just(as_copy),
)


def _typical(item: Item) -> Value:
    by_type: dict[ItemType, Value] = {
        ItemType.INTEGER: 2,
        ItemType.DECIMAL: Decimal(2),
        ItemType.MONEY: Decimal(20000),
        ItemType.PERCENT: Decimal(50),
        ItemType.DATE: date(2022, 3, 1),
        ItemType.YES_NO: True,
        ItemType.MULTI_CHOICE: ("net",),
    }
    return by_type.get(item.type, next(iter(item.choices), f"{item.label}的文字"))


def _filled(items: Iterable[Item]) -> dict[str, Value]:
    return {item.id: _typical(item) for item in items if not item.calculated and not item.readonly}


START = State(
    Answers(
        _filled(_ITEMS),
        {
            name: tuple(Row(f"r{number}", _filled(TABLES[name].columns)) for number in range(3))
            for name in ("t1", "t2", "t4")
        },
        previous=_filled(_ITEMS),
        torch=_filled(_ITEMS),
    ),
    Context(NOW),
)
"""Everything is filled in, so that nearly every edit is decided by nearly every check."""


TOGGLES: tuple[tuple[str, Value | None], ...] = (("hid", None), ("yes", False), ("yes", True))


def walk(steps: list[Step], checks: CheckSet) -> None:
    """Edit step by step; after each, the remembering checker must agree with one that starts from nothing."""
    checker, state = Checker(checks), START
    for step in steps:
        state = step(state)
        assert checker.check(state.answers, state.context) == check(checks, state.answers, state.context)


# ------------------------------------------------------------------------------------------ properties
@settings(max_examples=35)
@given(st.lists(STEPS, min_size=4, max_size=12))
@example([insert("t1", 0, {"n": 5}), insert("t1", 0, {"n": 5}), delete("t1", 0), as_copy])
@example([set_field("values", PROGRAMME.form.fields[name], value) for name, value in TOGGLES])
@example([paste("t1", 1, {"a": 99, "n": 99, "start": date(2025, 1, 1)})])
@example([in_context(now=NOW + timedelta(days=2)), in_context(now=NOW - timedelta(days=30))])
@example([set_field("previous", PROGRAMME.form.fields[name], 10) for name in ("n1", "n2", "n3")])
@example([set_field("torch", PROGRAMME.form.fields[name], 10) for name in ("n1", "n2", "n3")])
def test_after_any_edits_the_findings_are_those_of_a_fresh_check(steps: list[Step]) -> None:
    """Architecture: re-check after an edit is incremental by identity and never shows a stale finding."""
    walk([lambda state: state, *steps], compiled())


@settings(max_examples=15)
@given(st.lists(STEPS, min_size=3, max_size=15), st.data())
def test_steps_may_be_taken_together(steps: list[Step], data: st.DataObject) -> None:
    """Undo, merge and replay change many things at once."""
    checks = compiled()
    checker, states = Checker(checks), [START]
    for step in steps:
        states.append(step(states[-1]))
    jumps = data.draw(st.lists(st.sampled_from(range(len(states))), min_size=2, max_size=5))
    for place in jumps:
        state = states[place]
        assert checker.check(state.answers, state.context) == check(checks, state.answers, state.context)


def test_the_world_of_these_tests_is_wide() -> None:
    """The property is worth what its checks are worth: form rules, row rules, conditions."""
    rules = compiled().rules
    assert {spec.kind for spec in PROGRAMME.checks} >= {
        "required",
        "unique",
        "subset",
        "assert",
        "row_complete",
    }
    assert len({spec.kind for spec in PROGRAMME.checks}) > 60
    assert any(bound.rule.run_rows for bound in rules)
    assert any(bound.when and bound.rule.run_rows for bound in rules)


# ------------------------------------------------------------------------------------------ one by one
SMALL = make_programme(
    (
        make_item("a", required="true"),
        make_item("b", relevant="a > 0", required="true"),
        make_item("total", calculate="sum(t1.n)"),
    ),
    (make_table("t1", make_item("name", "text"), make_item("n")),),
    (
        make_check("required", code="CMP-01"),
        make_check("assert", {"table": "t1", "expression": "n < 5", "item": "n"}, code="LOG-01"),
        make_check(
            "assert",
            {"expression": "total < 10", "item": "total"},
            code="LOG-02",
            severity=Severity.WARNING,
            when="a > 0",
        ),
    ),
)


def codes(found: tuple[Finding, ...]) -> list[str]:
    return [finding.key for finding in found]


def test_findings_come_in_order_and_keep_their_places() -> None:
    """Window: the list is in the order of the checks, rows in table order, row numbers as they stand now."""
    checker, context = Checker(compile_checks(SMALL)), Context(NOW)
    rows = tuple(Row(f"r{number}", {"n": number}) for number in (7, 1, 9))
    answers = Answers({"a": 1, "b": 2}, {"t1": rows})
    assert codes(checker.check(answers, context)) == ["LOG-01@t1/r7/n", "LOG-01@t1/r9/n", "LOG-02@total"]
    turned = with_rows(answers, "t1", tuple(reversed(rows)))
    found = checker.check(turned, context)
    assert codes(found) == ["LOG-01@t1/r9/n", "LOG-01@t1/r7/n", "LOG-02@total"]
    assert [finding.params["row"] for finding in found[:2]] == ["1", "3"]


def test_what_did_not_change_is_the_same_finding() -> None:
    """Performance: findings that nothing touched are not made again."""
    checker, context = Checker(compile_checks(SMALL)), Context(NOW)
    answers = Answers({"b": 2}, {"t1": (Row("r1", {"n": 7}),)})
    before = checker.check(answers, context)
    after = checker.check(with_value(answers, Path("b"), 3), context)
    assert codes(before) == codes(after) == ["CMP-01@a", "LOG-01@t1/r1/n"]
    assert before[1] is after[1]


def test_hidden_items_and_conditions() -> None:
    """XForms relevant: what is not relevant is not asked; a check whose condition is open does not apply."""
    checks, context = compile_checks(SMALL), Context(NOW)
    many = {"t1": (Row("r1", {"n": 4}), Row("r2", {"n": 4}), Row("r3", {"n": 4}))}
    assert codes(check(checks, Answers({"a": 0}, many), context)) == []
    assert codes(check(checks, Answers({"a": 1}, many), context)) == ["CMP-01@b", "LOG-02@total"]
    assert codes(check(checks, Answers({}, many), context)) == ["CMP-01@a", "CMP-01@b"]


def test_a_check_that_cannot_be_compiled() -> None:
    """Loader: unknown kinds and parameters are told apart; the loader names the place."""
    for spec, code in (
        (make_check("nobody"), "unknown_kind"),
        (make_check("assert", {"expression": "a > 0"}), "parameter_missing"),
        (make_check("required", {"item": "a"}), "parameter_unknown"),
    ):
        with pytest.raises(SpecError) as caught:
            compile_checks(replace(SMALL, checks=(spec,)))
        assert caught.value.code == code


# ------------------------------------------------------------------------------------------ open findings
def finding(
    code: str, severity: Severity, *, blocks: bool = False, gates: frozenset[Gate] | None = None
) -> Finding:
    return Finding(code, severity, "a", "x", {}, gates or frozenset({Gate.SEAL}), blocks)


FOUND = (
    finding("E-1", Severity.ERROR),
    finding("E-2", Severity.ERROR, blocks=True),
    finding("W-1", Severity.WARNING),
    finding("I-1", Severity.INFO),
    finding("I-2", Severity.INFO, blocks=True),
    finding("E-3", Severity.ERROR, gates=frozenset({Gate.PRINT})),
)


def open_codes(reasons: Mapping[str, str], gate: Gate = Gate.SEAL) -> list[str]:
    return [one.code for one in open_findings(FOUND, Answers(reasons=reasons), gate)]


def test_what_keeps_a_step_from_being_taken() -> None:
    """Architecture: errors and warnings want a written reason; only what blocks cannot be answered away."""
    assert open_codes({}) == ["E-1", "E-2", "W-1", "I-2"]
    assert open_codes({"E-1@a": "说明", "W-1@a": "说明"}) == ["E-2", "I-2"]
    assert open_codes({f"{one.code}@a": "说明" for one in FOUND}) == ["E-2", "I-2"]


def test_a_blank_reason_is_none_and_paths_count() -> None:
    """Format: code@path is the key of a written reason."""
    assert "E-1" in open_codes({"E-1@a": " \n　"})
    assert "E-1" in open_codes({"E-1@b": "说明", "E-1": "说明"})


def test_gates() -> None:
    """Format: a finding counts at the steps it names."""
    assert open_codes({}, Gate.PRINT) == ["E-3"]
    assert open_codes({}, Gate.DELIVER) == []


def test_counts() -> None:
    """Window: every severity has a number, zero too."""
    assert counts(()) == {"error": 0, "warning": 0, "info": 0}
    assert counts(FOUND) == {"error": 3, "warning": 1, "info": 2}
