"""Kinds of sums, lists, ratios and averages (checks.md ARI, LOG-01 to LOG-03; seeds 002 and 003)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.model.value import Invalid, Value
from tests.unit.forms import Case, find
from tests.unit.kind_world import WORLD

W = Decimal(10000)
SUM: dict[str, object] = {"total": "m1", "parts": ["m2", "m3"]}
ROW_SUM: dict[str, object] = {"total": "t1.n", "parts": ["t1.a", "b"]}
RATIO: dict[str, object] = {"item": "p1", "numerator": "n1", "denominator": "n2"}
AVERAGE: dict[str, object] = {
    "numerator": "y1",
    "denominator": "n2",
    "least": 20000,
    "most": 600000,
    "label": "人均费用",
    "unit": "元",
}


def rows(*cells: dict[str, Value]) -> dict[str, list[dict[str, Value]]]:
    return {"t1": list(cells)}


CASES = [
    Case(
        "sum_equals",
        SUM,
        {"m1": "sum_equals.more"},
        values={"m1": Decimal("271.5") * W, "m2": 200 * W, "m3": 70 * W},
    ),
    Case(
        "sum_equals",
        SUM,
        {"m1": "sum_equals.less"},
        values={"m1": 270 * W, "m2": Decimal("200.02") * W, "m3": 70 * W},
    ),
    Case("sum_equals", SUM, {}, values={"m1": Decimal("270.01"), "m2": Decimal("200"), "m3": Decimal("70")}),
    Case("sum_equals", SUM, {}, values={"m1": 270 * W, "m2": 200 * W}),
    Case(
        "sum_equals",
        {"total": "m1", "parts": ["m2", "zero(m3)"]},
        {"m1": "sum_equals.more"},
        values={"m1": 270 * W, "m2": 200 * W},
    ),
    Case(
        "sum_equals",
        {**SUM, "tolerance": 5},
        {},
        values={"m1": Decimal(100), "m2": Decimal(60), "m3": Decimal(45)},
    ),
    Case(
        "sum_equals",
        {"total": "n1", "parts": ["n2", "n3"]},
        {"n1": "sum_equals.more"},
        values={"n1": 3, "n2": 1, "n3": 1},
    ),
    Case("sum_equals", SUM, {}, values={"m1": Invalid("约"), "m2": 200 * W, "m3": 0}),
    Case(
        "sum_equals",
        ROW_SUM,
        {"t1/r1/n": "sum_equals.more_row", "t1/r2/n": "sum_equals.less_row"},
        tables=rows(
            {"n": 3, "a": 1, "b": 1}, {"n": 1, "a": 1, "b": 1}, {"n": 2, "a": 1, "b": 1}, {"n": 2, "a": 1}
        ),
    ),
    Case(
        "sum_equals",
        {"total": "t1.n", "parts": ["a", "sum(t1.b)"]},
        {"t1/r2/n": "sum_equals.less_row"},
        tables=rows({"n": 5, "a": 1, "b": 2}, {"n": 4, "a": 1, "b": 2}),
    ),
    Case("sum_at_most", SUM, {"m1": "sum_at_most.text"}, values={"m1": 200 * W, "m2": 150 * W, "m3": 60 * W}),
    Case("sum_at_most", SUM, {}, values={"m1": 200 * W, "m2": 150 * W, "m3": 10 * W}),
    Case("sum_at_most", SUM, {}, values={"m1": 200 * W, "m2": 250 * W}),
    Case(
        "sum_at_most",
        ROW_SUM,
        {"t1/r1/n": "sum_at_most.text_row"},
        tables=rows({"n": 1, "a": 1, "b": 1}, {"n": 2, "a": 1, "b": 1}),
    ),
    Case("at_most", {"item": "n2", "limit": "n1"}, {"n2": "at_most.text"}, values={"n1": 3, "n2": 4}),
    Case("at_most", {"item": "n2", "limit": "n1"}, {}, values={"n1": 3, "n2": 3}),
    Case(
        "at_most",
        {"item": "n2", "limit": "n1", "strict": True},
        {"n2": "at_most.equal"},
        values={"n1": 3, "n2": 3},
    ),
    Case("at_most", {"item": "n2", "limit": "n1 + n3"}, {}, values={"n1": 3, "n2": 4}),
    Case("at_most", {"item": "p1", "limit": "100"}, {"p1": "at_most.text"}, values={"p1": Decimal("113.3")}),
    Case(
        "at_most",
        {"item": "t1.a", "limit": "t1.n"},
        {"t1/r1/a": "at_most.text_row"},
        tables=rows({"a": 2, "n": 1}, {"a": 1, "n": 1}, {"a": 9}),
    ),
    Case(
        "at_most",
        {"item": "t1.a", "limit": "t1.n", "strict": True},
        {"t1/r1/a": "at_most.equal_row"},
        tables=rows({"a": 1, "n": 1}, {"n": 1}),
    ),
    Case(
        "rows_equal",
        {"item": "n1", "table": "t1"},
        {"n1": "rows_equal.text"},
        values={"n1": 3},
        tables=rows({"name": "甲"}, {"name": "乙"}),
    ),
    Case(
        "rows_equal",
        {"item": "n1", "table": "t1"},
        {},
        values={"n1": 2},
        tables=rows({"name": "甲"}, {"name": "乙"}),
    ),
    Case("rows_equal", {"item": "n1", "table": "t1"}, {}, tables=rows({"name": "甲"})),
    Case(
        "rows_equal",
        {"item": "n1", "table": "t1", "condition": 'kind = "team" and status = "resident"'},
        {"n1": "rows_equal.condition"},
        values={"n1": 2},
        tables=rows({"kind": "team", "status": "resident"}, {"kind": "firm", "status": "resident"}),
    ),
    Case(
        "rows_equal",
        {"item": "n1", "table": "t1", "distinct": "t1.name"},
        {"n1": "rows_equal.distinct"},
        values={"n1": 2},
        tables=rows({"name": "甲"}, {"name": "甲"}),
    ),
    Case(
        "column_sum_equals",
        {"item": "m1", "column": "t1.m"},
        {"m1": "column_sum_equals.text"},
        values={"m1": 5 * W},
        tables=rows({"m": 2 * W}, {"m": 2 * W}, {}),
    ),
    Case(
        "column_sum_equals",
        {"item": "m1", "column": "t1.m"},
        {},
        values={"m1": 4 * W},
        tables=rows({"m": 2 * W}, {"m": 2 * W}),
    ),
    Case(
        "column_sum_equals",
        {"item": "m1", "column": "t1.m"},
        {},
        values={"m1": 4 * W},
        tables=rows({"m": 2 * W}, {"m": Invalid("多")}),
    ),
    Case(
        "column_sum_equals",
        {"item": "m1", "column": "t1.m", "condition": "own = true"},
        {"m1": "column_sum_equals.text"},
        values={"m1": 4 * W},
        tables=rows({"m": 2 * W, "own": True}, {"m": 2 * W, "own": False}),
    ),
    # seed 003 row 12: 45 of 52 is 86.54 %, not 90 %
    Case("ratio_equals", RATIO, {"p1": "ratio_equals.text"}, values={"p1": Decimal(90), "n1": 45, "n2": 52}),
    Case("ratio_equals", RATIO, {}, values={"p1": Decimal("86.5"), "n1": 45, "n2": 52}),
    Case("ratio_equals", {**RATIO, "item": "p2"}, {}, values={"p2": Decimal(87), "n1": 45, "n2": 52}),
    Case("ratio_equals", RATIO, {}, values={"p1": Decimal(90), "n1": 45, "n2": 0}),
    Case("ratio_equals", {**RATIO, "tolerance": 4}, {}, values={"p1": Decimal(90), "n1": 45, "n2": 52}),
    Case(
        "ratio_equals",
        {**RATIO, "item": "q1"},
        {"q1": "ratio_equals.text"},
        values={"q1": Decimal("1.5"), "n1": 45, "n2": 52},
    ),
    Case(
        "ratio_equals",
        {"item": "t1.p", "numerator": "a", "denominator": "n"},
        {"t1/r1/p": "ratio_equals.text_row"},
        tables=rows(
            {"p": Decimal(40), "a": 1, "n": 2}, {"p": Decimal(50), "a": 1, "n": 2}, {"p": Decimal(50)}
        ),
    ),
    Case(
        "shares_sum",
        {"items": ["p1", "p2"]},
        {"p1": "shares_sum.text"},
        values={"p1": Decimal(60), "p2": Decimal("40.3")},
    ),
    Case("shares_sum", {"items": ["p1", "p2"]}, {}, values={"p1": Decimal("59.9"), "p2": Decimal(40)}),
    Case("shares_sum", {"items": ["p1", "p2"]}, {}, values={"p1": Decimal(0), "p2": Decimal(0)}),
    Case("shares_sum", {"items": ["p1", "p2"]}, {}, values={"p1": Decimal(60)}),
    Case(
        "shares_sum",
        {"items": ["t1.p", "t1.r"]},
        {"t1/r1/p": "shares_sum.text_row"},
        tables=rows({"p": Decimal(60), "r": Decimal(50)}, {"p": Decimal(60), "r": Decimal(40)}),
    ),
    Case("zero_together", {"items": ["n1", "m1"]}, {"n1": "zero_together.text"}, values={"n1": 0, "m1": W}),
    Case(
        "zero_together",
        {"items": ["n1", "n2 + n3"]},
        {"n1": "zero_together.text"},
        values={"n1": 1, "n2": 0, "n3": 0},
    ),
    Case("zero_together", {"items": ["n1", "m1"]}, {}, values={"n1": 0, "m1": Decimal(0)}),
    Case("zero_together", {"items": ["n1", "m1"]}, {}, values={"n1": 0}),
    Case(
        "zero_together",
        {"items": ["t1.n", "t1.m"]},
        {"t1/r1/n": "zero_together.text_row"},
        tables=rows({"n": 1, "m": Decimal(0)}, {"n": 1, "m": W}),
    ),
    # seed 002: 74,657.71 元 per head makes sense in 元 only
    Case(
        "average_between",
        AVERAGE,
        {"y1": "average_between.most"},
        values={"y1": Decimal("2239731200"), "n2": 3},
    ),
    Case("average_between", AVERAGE, {"y1": "average_between.least"}, values={"y1": Decimal(30000), "n2": 3}),
    Case("average_between", AVERAGE, {}, values={"y1": Decimal("223973.12"), "n2": 3}),
    Case("average_between", AVERAGE, {}, values={"y1": Decimal("223973.12"), "n2": 0}),
    Case(
        "average_between",
        {**AVERAGE, "unit": "万元", "least": 2, "most": 60, "item": "n2"},
        {"n2": "average_between.least"},
        values={"y1": Decimal(30000), "n2": 3},
    ),
    Case(
        "average_between",
        {"numerator": "t1.n", "denominator": "a", "least": 1, "most": 20, "label": "每人"},
        {"t1/r1/n": "average_between.most_row", "t1/r2/n": "average_between.least_row"},
        tables=rows({"n": 50, "a": 1}, {"n": 1, "a": 2}, {"n": 5, "a": 1}, {"n": 5}),
    ),
]

REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("sum_equals", {"total": "name", "parts": ["n1"]}, "item_type"),
    ("sum_equals", {"total": "n1", "parts": ["name"]}, "item_type"),
    ("sum_equals", {"total": "n1", "parts": ["t1.n"]}, "other_table"),
    ("sum_equals", {"total": "n1", "parts": ["n2"], "tolerance": -1}, "parameter_type"),
    ("sum_at_most", {"total": "n1"}, "parameter_missing"),
    ("sum_at_most", {"total": "n1", "parts": ["n1 > 2"]}, "expression_type"),
    ("at_most", {"item": "n1", "limit": 5}, "parameter_type"),
    ("at_most", {"item": "n1", "limit": "day"}, "item_type"),
    ("rows_equal", {"item": "t1.n", "table": "t1"}, "item_type"),
    ("rows_equal", {"item": "n1", "table": "t1", "distinct": "t2.name"}, "other_table"),
    ("rows_equal", {"item": "n1", "table": "t1", "condition": "n"}, "expression_type"),
    ("column_sum_equals", {"item": "n1", "column": "n2"}, "item_type"),
    ("ratio_equals", {"item": "p1", "numerator": "n1"}, "parameter_missing"),
    (
        "ratio_equals",
        {"item": "p1", "numerator": "n1", "denominator": "n2", "percent": "no"},
        "parameter_type",
    ),
    ("shares_sum", {"items": ["p1"]}, "list_too_short"),
    ("shares_sum", {"items": ["p1", "n1"]}, "item_type"),
    ("shares_sum", {"items": ["p1", "t1.p"]}, "other_table"),
    ("zero_together", {"items": ["n1"]}, "list_too_short"),
    ("zero_together", {"items": ["n1 + 1", "n2"]}, "unknown_item"),
    ("average_between", {"numerator": "n1", "denominator": "n2", "label": "均值"}, "parameter_missing"),
    (
        "average_between",
        {"numerator": "n1", "denominator": "n2", "label": "均值", "least": 5, "most": 1},
        "limits_crossed",
    ),
]


@pytest.mark.parametrize(
    ("case", "params"),
    [
        (
            Case("sum_equals", SUM, values={"m1": Decimal("271.5") * W, "m2": 200 * W, "m3": 70 * W}),
            {
                "label": "M1 收入",
                "value": "271.5",
                "unit": "万元",
                "sum": "270",
                "difference": "1.5",
                "parts": "「M2 服务收入」＋「M3 其他收入」",
            },
        ),
        (
            Case("sum_equals", {"total": "m1", "parts": ["m2", "zero(m3)"]}, values={"m1": W, "m2": 2 * W}),
            {"sum": "2", "difference": "1", "parts": "「M2 服务收入」＋「M3 其他收入」"},
        ),
        (
            Case("ratio_equals", RATIO, values={"p1": Decimal(90), "n1": 45, "n2": 52}),
            {"value": "90", "expected": "86.54"},
        ),
        (
            Case("change_explained", {}, values={"m1": 50 * W}, previous={"m1": 80 * W}),
            {"percent": "37.5", "previous": "80"},
        ),
        (
            Case("range", {"items": ["m1"], "most": 5000}, values={"m1": 5001 * W}),
            {"value": "5,001", "limit": "5,000"},
        ),
        (
            Case("average_between", AVERAGE, values={"y1": Decimal(30000), "n2": 3}),
            {"value": "10,000", "limit": "20,000", "unit": "元"},
        ),
        (
            Case("unit_slip", {}, values={"m1": Decimal(2715000)}, previous={"m1": Decimal(270)}),
            {"factor": "10,000"},
        ),
        (Case("magnitude", {}, values={"m1": 100000 * W}), {"about": "10"}),
        (
            Case("prose_sum", {}, values={"story": "甲617万元、乙244万元、丙184万元，共1366万元"}),
            {
                "parts": "617万元＋244万元＋184万元",
                "sum": "1,045万元",
                "total": "1366万元",
                "difference": "321万元",
            },
        ),
        (
            Case("zero_together", {"items": ["n1", "m1"]}, values={"n1": 0, "m1": W}),
            {"zeros": "「N1 甲数」", "others": "「M1 收入」"},
        ),
    ],
)
def test_numbers_are_told_in_the_items_unit(case: Case, params: dict[str, str]) -> None:
    """ARI, YOY, MAG: findings show sums and differences in the unit that was typed."""
    found = find(case, WORLD)[0].params
    assert {name: found[name] for name in params} == params
