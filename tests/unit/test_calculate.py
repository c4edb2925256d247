"""Effective answers: relevance, calculated items, derived tables, and the same again after an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.draft import Answers, Row
from app.model.form import DerivedRow, Item, Table
from app.model.programme import Programme
from app.model.value import Invalid, ItemType, Value
from app.rules.calculate import compile_calculations, effective
from app.rules.rule import SpecError
from app.rules.view import Context, View
from tests.unit.expression_world import FIELDS, NOW, form_of, programme_of, rows_of

CONTEXT = Context(NOW)
WHOLE, REAL, YES, TEXT = ItemType.INTEGER, ItemType.DECIMAL, ItemType.YES_NO, ItemType.TEXT


def item(item_id: str, kind: ItemType = REAL, **properties: Any) -> Item:
    return Item(item_id, item_id, kind, **properties)


def table(table_id: str, *columns: Item, **properties: Any) -> Table:
    return Table(table_id, table_id, table_id, columns, **properties)


def programme(*parts: Item | Table) -> Programme:
    fields = [part for part in parts if isinstance(part, Item)]
    return programme_of(form_of(fields, [part for part in parts if isinstance(part, Table)]))


def view_of(
    whole: Programme,
    values: Mapping[str, Value] | None = None,
    tables: Mapping[str, tuple[Row, ...]] | None = None,
) -> View:
    return effective(compile_calculations(whole), Answers(values or {}, tables or {}), CONTEXT)


def cells_of(view: View, table_id: str) -> list[dict[str, Value]]:
    return [dict(row.cells) for row in view.rows(table_id)]


# ------------------------------------------------------------------------------------------ relevance
@pytest.mark.parametrize(
    ("opened", "shown"), [(True, True), (False, False), (None, True), (Invalid("?"), True)]
)
def test_an_item_is_left_out_only_when_decidedly_irrelevant(opened: Value | None, shown: bool) -> None:
    """architecture, Words: relevance; what was typed counts while its condition cannot be decided."""
    whole = programme(item("open", YES), item("hours", relevant="open = true"))
    typed: dict[str, Value] = {"hours": Decimal(8)}
    view = view_of(whole, typed if opened is None else {**typed, "open": opened})
    assert ("hours" in view.values) is shown
    assert view.hidden == (frozenset() if shown else {"hours"})
    assert view.answers.values["hours"] == 8


def test_relevance_goes_on_through_what_it_hides() -> None:
    """architecture, Words: an irrelevant answer counts as missing for conditions and sums after it."""
    whole = programme(
        item("total", calculate="zero(b) + zero(c)"),
        item("c", relevant="filled(b)"),
        item("b", relevant="a = true"),
        item("a", YES),
    )
    values: dict[str, Value] = {"a": False, "b": Decimal(2), "c": Decimal(3)}
    view = view_of(whole, values)
    assert view.values == {"a": False, "total": 0}
    assert view.hidden == {"b", "c"}
    assert view_of(whole, {**values, "a": True}).values["total"] == 5


def test_tables_and_cells_that_are_not_relevant() -> None:
    """architecture, Words: an irrelevant table has no rows, an irrelevant cell is left out."""
    whole = programme(
        item("open", YES),
        item("rows", WHOLE, calculate="count(t1)"),
        table("t1", item("own", YES), item("why", TEXT, relevant="own = false"), relevant="open = true"),
    )
    rows = {"t1": rows_of({"own": True, "why": "甲"}, {"own": False, "why": "乙"}, {"why": "丙"})}
    view = view_of(whole, {"open": True}, rows)
    assert cells_of(view, "t1") == [{"own": True}, {"own": False, "why": "乙"}, {"why": "丙"}]
    assert view.values["rows"] == 3
    assert view.rows("t1")[1] is rows["t1"][1]
    closed = view_of(whole, {"open": False}, rows)
    summed = programme(
        item("sum", calculate="sum(t1.x)"), item("open", YES), table("t1", item("x"), relevant="open = true")
    )
    assert view_of(summed, {"open": False}, {"t1": rows_of({"x": Decimal(3)})}).values["sum"] == 0
    assert closed.rows("t1") == ()
    assert closed.values["rows"] == 0


# ------------------------------------------------------------------------------------------ calculation
def test_items_are_worked_out_in_the_order_of_their_needs() -> None:
    """FORMAT, form.toml: calculate; wherever the items stand."""
    whole = programme(
        item("c", calculate="b * 2"),
        item("b", calculate="a + sum(t1.double)"),
        item("a", WHOLE),
        table("t1", item("double", calculate="one * 2 + a"), item("one")),
    )
    view = view_of(
        whole, {"a": 1, "c": Decimal(99)}, {"t1": rows_of({"one": Decimal(3)}, {"one": Decimal(4)})}
    )
    assert cells_of(view, "t1") == [{"one": 3, "double": 7}, {"one": 4, "double": 9}]
    assert view.values == {"a": 1, "b": 17, "c": 34}


def test_what_cannot_be_decided_is_missing() -> None:
    """FORMAT, Expressions: a text typed where the program calculates never counts."""
    whole = programme(
        item("a"), item("b", calculate="a + 1"), table("t1", item("x"), item("y", calculate="1 / x"))
    )
    rows = {"t1": rows_of({"x": Decimal(0), "y": Decimal(5)}, {"x": Decimal(4)})}
    view = view_of(whole, {"a": Invalid("一"), "b": Decimal(7)}, rows)
    assert view.values == {"a": Invalid("一")}
    assert cells_of(view, "t1") == [{"x": 0}, {"x": 4, "y": Decimal("0.25")}]


ROUNDED: tuple[tuple[Item, str, Value | None], ...] = (
    (item("x", decimals=2), "1.005", Decimal("1.01")),
    (item("x", decimals=2), "-1.005", Decimal("-1.01")),
    (item("x", decimals=0), "2.5", Decimal(3)),
    (item("x"), "2.5", Decimal("2.5")),
    (item("x", WHOLE), "2.5", 3),
    (item("x", WHOLE), "1 + 1", 2),
    (item("x", ItemType.PERCENT, decimals=1), "100 / 3", Decimal("33.3")),
    (item("x", ItemType.MONEY, unit="元", decimals=2), "0.125", Decimal("0.13")),
    (item("x", ItemType.MONEY, unit="万元", decimals=2), "12345.5", Decimal(12300)),
    (item("x", ItemType.MONEY, unit="万元", decimals=4), "12345.5", Decimal(12346)),
    (item("x", ItemType.MONEY, unit="万元"), "12345.5", Decimal("12345.5")),
    (item("x", decimals=10), "100000000000000 * 100000000000000", None),
    (item("x", YES), "1 > 2", False),
    (item("x", TEXT), "if(1 > 2, '甲', '乙')", "乙"),
    (item("x", ItemType.DATE), "period_end", programme().period_end),
    (item("x", ItemType.CHOICE, choices={"a": "甲"}), "if(1 > 2, 'b', 'a')", "a"),
    (item("x", ItemType.CHOICE, choices={"a": "甲"}), "if(1 < 2, 'b', 'a')", None),
)


@pytest.mark.parametrize(("asked", "source", "expected"), ROUNDED)
def test_calculated_values_fit_their_items(asked: Item, source: str, expected: Value | None) -> None:
    """FORMAT, form.toml: decimals is the declared rounding, half-up, in the item's own unit."""
    view = view_of(programme(replace(asked, calculate=source)))
    assert view.values.get("x") == expected
    assert type(view.values.get("x")) is type(expected)
    if isinstance(expected, Decimal):
        assert "E" not in str(view.values["x"])


def test_derived_tables() -> None:
    """FORMAT, tables: rows of texts and expressions; the other cells are typed and kept."""
    derived = (
        DerivedRow("staff", {"what": "导师"}, {"have": "a"}),
        DerivedRow("rest", {"what": "其他", "note": "无"}, {"have": "a * 2"}),
    )
    whole = programme(
        item("a", calculate="b + 1"),
        item("b"),
        item("sum_of_table", calculate="sum(t9.have)"),
        table(
            "t9",
            item("what", TEXT),
            item("have", decimals=1),
            item("target"),
            item("note", TEXT),
            derived=derived,
        ),
    )
    typed = (
        Row("rest", {"target": Decimal(5), "note": "改写", "have": Decimal(77)}),
        Row("gone", {"target": Decimal(6)}),
    )
    view = view_of(whole, {"b": Decimal("1.26")}, {"t9": typed})
    assert [row.id for row in view.rows("t9")] == ["staff", "rest"]
    assert cells_of(view, "t9") == [
        {"what": "导师", "have": Decimal("2.3")},
        {"what": "其他", "note": "无", "target": 5, "have": Decimal("4.5")},
    ]
    assert view.values["sum_of_table"] == Decimal("6.8")


# ------------------------------------------------------------------------------------------ defects
CYCLES = (
    ((item("a", calculate="b"), item("b", calculate="a")), {"a", "b"}),
    ((item("a", calculate="a + 1"),), {"a"}),
    ((item("a", relevant="filled(a)"),), {"a"}),
    (
        (item("a", calculate="b"), item("b"), item("c", relevant="d > 1"), item("d", relevant="c > 1")),
        {"c", "d"},
    ),
    ((item("a", calculate="sum(t1.x)"), table("t1", item("x", calculate="a"))), {"a", "t1.x"}),
    ((table("t1", item("x", calculate="y"), item("y", calculate="x + 1")),), {"t1.x", "t1.y"}),
    ((table("t1", item("x"), relevant="count(t1) > 1"),), {"t1"}),
    ((item("a", WHOLE, calculate="count(t1)"), table("t1", item("x"), relevant="a > 1")), {"a", "t1"}),
    ((table("t1", item("x"), derived=(DerivedRow("d", {}, {"x": "sum(t1.x)"}),)),), {"t1.x"}),
)


@pytest.mark.parametrize(("parts", "circle"), CYCLES)
def test_a_circle_is_a_defect_of_the_programme(parts: tuple[Item | Table, ...], circle: set[str]) -> None:
    """Brief: items that need each other are refused when the programme is loaded, with their addresses."""
    parts = tuple(
        replace(part, type=REAL) if isinstance(part, Item) and part.id == "b" else part for part in parts
    )
    with pytest.raises(SpecError) as caught:
        compile_calculations(programme(*parts))
    assert caught.value.code == "calculation_cycle"
    named = str(caught.value.params["items"]).split(" → ")
    assert set(named) == circle
    assert named[0] == named[-1]


DEFECTS = (
    (item("a", calculate="'甲'"), "calculation_type", {"item": "a"}),
    (item("a", TEXT, calculate="1"), "calculation_type", {"item": "a"}),
    (item("a", relevant="1 + 1"), "relevant_type", {"item": "a"}),
    (table("t1", item("x", calculate="today")), "calculation_type", {"item": "t1.x"}),
    (table("t1", item("x"), relevant="3"), "relevant_type", {"item": "t1"}),
    (
        item("a", calculate="b +"),
        "calculation_unreadable",
        {"item": "a", "property": "calculate", "position": 4, "reason": "operand_missing"},
    ),
    (
        table("t1", item("x"), derived=(DerivedRow("d", {}, {"x": "zz"}),)),
        "calculation_unreadable",
        {"item": "t1.x/d", "property": "derived", "position": 1, "reason": "unknown_name"},
    ),
)


@pytest.mark.parametrize(("part", "code", "params"), DEFECTS)
def test_defects_name_their_item(part: Item | Table, code: str, params: dict[str, object]) -> None:
    """architecture, Errors: a bad programme is refused, with the place of its defect."""
    with pytest.raises(SpecError) as caught:
        compile_calculations(programme(part))
    assert (caught.value.code, caught.value.params) == (code, params)


# ------------------------------------------------------------------------------------------ again
def test_nothing_to_work_out_costs_nothing() -> None:
    """architecture, data flow: without relevance and calculation the answers' own mappings are handed on."""
    calculations = compile_calculations(programme(*FIELDS, table("t1", item("x"))))
    answers = Answers({"staff": 1}, {"t1": rows_of({"x": Decimal(1)})})
    view = effective(calculations, answers, CONTEXT)
    assert view.values is answers.values
    assert view.tables is answers.tables
    assert not calculations.plans


BIG = programme(
    item("a", WHOLE),
    item("b"),
    item("open", YES),
    item("rate", calculate="if(open = true, a, 2)"),
    item("extra", relevant="open = true"),
    item("total", calculate="sum(t1.worth) + zero(extra)", decimals=2),
    item("age", WHOLE, calculate="days(period_end, today)"),
    item("grown", calculate="b - prev(b) + zero(torch(b))"),
    table(
        "t1",
        item("x"),
        item("own", YES),
        item("worth", calculate="zero(x) * rate"),
        item("part", calculate="worth / sum(t1.worth)", decimals=3),
        item("why", TEXT, relevant="own = false and worth > 1"),
        item("high", YES, calculate="worth > average"),
    ),
    item("average", calculate="avg(t1.x)", decimals=1),
    table("t2", item("y"), item("z", calculate="y + 1"), relevant="open = true"),
    table("t3", item("x")),
    table(
        "t9",
        item("what", TEXT),
        item("have"),
        item("target"),
        derived=(
            DerivedRow("d1", {"what": "合计"}, {"have": "total"}),
            DerivedRow("d2", {"what": "个数"}, {"have": "count(t2)"}),
        ),
    ),
)
CALCULATIONS = compile_calculations(BIG)


def test_what_did_not_change_stays_the_same_object() -> None:
    """Brief: an edit reworks the edited row only; other rows and tables are the last view's objects."""
    rows = rows_of({"x": Decimal(1)}, {"x": Decimal(2)}, {"x": Decimal(3)})
    answers = Answers({"a": 1, "open": True}, {"t1": rows, "t3": rows, "t2": rows_of({"y": Decimal(1)})})
    first = effective(CALCULATIONS, answers, CONTEXT)
    again = effective(
        CALCULATIONS, replace(answers, values={**answers.values, "b": Decimal(1)}), CONTEXT, first
    )
    for table_id in ("t1", "t2", "t3", "t9"):
        assert again.tables[table_id] is first.tables[table_id]
    edited = replace(
        answers, tables={**answers.tables, "t2": (*answers.tables["t2"], Row("r9", {"y": Decimal(4)}))}
    )
    second = effective(CALCULATIONS, edited, CONTEXT, first)
    assert second.rows("t2")[0] is first.rows("t2")[0]
    assert second.rows("t2")[1].cells["z"] == 5
    assert second.tables["t1"] is first.tables["t1"]
    assert second.rows("t9")[1].cells["have"] == 2


def test_a_view_of_another_programme_is_not_reused() -> None:
    """architecture, data flow: a new version of a programme starts afresh."""
    answers = Answers({"a": 1}, {"t1": rows_of({"x": Decimal(1)})})
    old = effective(
        compile_calculations(programme(item("a", WHOLE), item("rate", calculate="a + 9"))), answers, CONTEXT
    )
    assert effective(CALCULATIONS, answers, CONTEXT, old) == effective(CALCULATIONS, answers, CONTEXT)


NUMBERS = st.sampled_from([Decimal(0), Decimal(1), Decimal("2.5"), Decimal(7), Invalid("?")])
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "x": NUMBERS,
        "y": NUMBERS,
        "own": st.booleans(),
        "why": st.just("因为"),
        "worth": NUMBERS,
        "have": NUMBERS,
        "target": NUMBERS,
    },
)


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Give a row of edits; each is a kind and what it needs."""
    one = st.one_of(
        st.tuples(st.just("value"), st.tuples(st.sampled_from(["a", "rate"]), st.integers(0, 3))),
        st.tuples(st.just("value"), st.tuples(st.sampled_from(["b", "extra"]), NUMBERS)),
        st.tuples(st.just("value"), st.tuples(st.just("open"), st.booleans())),
        st.tuples(st.just("clear"), st.sampled_from(["a", "b", "open", "extra"])),
        st.tuples(
            st.just("insert"), st.tuples(st.sampled_from(["t1", "t2", "t3"]), st.integers(0, 3), CELLS)
        ),
        st.tuples(st.just("remove"), st.tuples(st.sampled_from(["t1", "t2"]), st.integers(0, 3))),
        st.tuples(st.just("edit"), st.tuples(st.sampled_from(["t1", "t2"]), st.integers(0, 3), CELLS)),
        st.tuples(st.just("swap"), st.sampled_from(["t1", "t2"])),
        st.tuples(st.just("derived"), CELLS),
        st.tuples(st.just("previous"), NUMBERS),
        st.tuples(st.just("torch"), NUMBERS),
        st.tuples(st.just("day"), st.integers(0, 2)),
    )
    return draw(st.lists(one, max_size=12))


def _edited(answers: Answers, kind: str, what: Any, serial: int) -> Answers:
    if kind == "value":
        return replace(answers, values={**answers.values, what[0]: what[1]})
    if kind == "clear":
        return replace(answers, values={key: value for key, value in answers.values.items() if key != what})
    if kind == "previous":
        return replace(answers, previous={"b": what})
    if kind == "torch":
        return replace(answers, torch={"b": what})
    if kind == "derived":
        return replace(answers, tables={**answers.tables, "t9": (Row("d1", what),)})
    table_id = what if isinstance(what, str) else what[0]
    rows = list(answers.tables.get(table_id, ()))
    if kind == "insert":
        rows.insert(what[1], Row(f"n{serial}", what[2]))
    elif kind == "swap":
        rows.reverse()
    elif rows and kind == "remove":
        del rows[what[1] % len(rows)]
    elif rows:
        place = what[1] % len(rows)
        rows[place] = Row(rows[place].id, what[2])
    return replace(answers, tables={**answers.tables, table_id: tuple(rows)})


START = Answers(
    {"a": 1, "open": True, "extra": Decimal(2)},
    {
        "t1": rows_of({"x": Decimal(1), "own": False, "why": "因为"}, {"x": Decimal(7), "own": True}),
        "t2": rows_of({"y": Decimal(1)}, {"y": Decimal(2)}),
    },
)
AGAIN: tuple[tuple[tuple[str, Any], ...], ...] = (
    (("value", ("open", False)), ("value", ("open", True))),
    (("value", ("a", 3)), ("value", ("a", 1))),
    (("value", ("open", False)), ("insert", ("t2", 0, {"y": Decimal(5)})), ("value", ("open", True))),
    (("derived", {"target": Decimal(1)}), ("value", ("a", 3)), ("day", 1), ("torch", Decimal(1))),
)


def agree(changes: Sequence[tuple[str, Any]]) -> None:
    answers, context, last = START, CONTEXT, effective(CALCULATIONS, START, CONTEXT)
    for serial, (kind, what) in enumerate(changes):
        if kind == "day":
            context = Context(NOW + timedelta(days=what))
        else:
            answers = _edited(answers, kind, what, serial)
        view = effective(CALCULATIONS, answers, context, last)
        assert view == effective(CALCULATIONS, answers, context)
        last = view


@pytest.mark.parametrize("changes", AGAIN)
def test_edits_there_and_back(changes: Sequence[tuple[str, Any]]) -> None:
    """Brief: what an edit hid or worked out comes back when the edit is taken back."""
    agree(changes)


@settings(max_examples=150)
@given(edits())
def test_after_every_edit_the_view_is_as_if_made_afresh(changes: list[tuple[str, Any]]) -> None:
    """Brief: the incremental view equals the fresh one, whatever was edited in whatever order."""
    agree(changes)
