"""Kinds of size, written sums and conditions (checks.md MAG, ARI-15, LOG-20; seeds 002 and 003)."""

from __future__ import annotations

from decimal import Decimal

from app.model.value import Invalid, Value
from tests.unit.forms import Case

W = Decimal(10000)
SEED_002 = (
    "用于基本支出241,973.12元,其中:人员经费223,973.12万元。日常公用支出:18,000.00元,项目支出为281,269.07元。"
)
SEED_003 = "新上项目428项，资助资金1366万元，其中：面上61项，安排244万元；青年46项，安排184万元"


def rows(*cells: dict[str, Value]) -> dict[str, list[dict[str, Value]]]:
    return {"t1": list(cells)}


CASES = [
    # conditions
    Case(
        "assert",
        {"expression": "n1 > n2 or empty(n2)", "item": "n1"},
        {"n1": "assert.text"},
        values={"n1": 1, "n2": 2},
    ),
    Case("assert", {"expression": "n1 > n2", "item": "n1"}, {}, values={"n1": 1}),
    Case(
        "assert",
        {"expression": 'kind = "firm" or empty(code)', "item": "code", "table": "t1"},
        {"t1/r2/code": "assert.text_row"},
        tables=rows({"kind": "firm", "code": "x"}, {"kind": "team", "code": "x"}, {"code": "x"}),
    ),
    Case(
        "assert",
        {"expression": "n <= sum(t1.a)", "item": "t1.n", "table": "t1"},
        {"t1/r1/n": "assert.text_row"},
        tables=rows({"n": 5, "a": 1}, {"n": 2, "a": 2}),
    ),
    Case(
        "thresholds_met",
        {
            "lines": [
                {"label": "导师不少于 3 人", "expression": "n1 >= 3"},
                {"label": "活动不少于 10 场", "expression": "n2 >= 10"},
                {"label": "面积不少于 500 平方米", "expression": "q1 >= 500"},
            ]
        },
        {"": "thresholds_met.text"},
        values={"n1": 2, "n2": 10},
    ),
    Case("thresholds_met", {"lines": [{"label": "导师", "expression": "n1 >= 3"}]}, {}, values={"n1": 3}),
    # size
    Case(
        "range",
        {"items": ["n1", "m1"], "least": 1, "most": 5000},
        {"n1": "range.least", "m1": "range.most"},
        values={"n1": 0, "m1": 5001 * W},
    ),
    Case("range", {"items": ["n1", "m1"], "least": 1, "most": 5000}, {}, values={"n1": 1, "m1": 5000 * W}),
    Case("range", {"items": ["n1"], "most": 5}, {}, values={"n1": Invalid("9")}),
    Case("range", {"items": ["years"], "least": 2019}, {"years": "range.least"}, {"years": "2018-2022"}),
    Case("range", {"items": ["years"], "most": 2022}, {"years": "range.most"}, {"years": "2018-2023"}),
    Case("range", {"items": ["years"], "least": 2018, "most": 2023}, {}, {"years": "2018-2023"}),
    Case("range", {"items": ["years"], "least": 2018}, {}, {"years": Invalid("去年")}),
    Case(
        "range",
        {"items": ["t1.n", "t1.m"], "least": 1, "most": 20},
        {
            "t1/r1/n": "range.least_row",
            "t1/r2/n": "range.most_row",
            "t1/r1/m": "range.most_row",
            "t1/r2/m": "range.least_row",
        },
        tables=rows({"n": 0, "m": 21 * W}, {"n": 21, "m": Decimal(0)}, {"n": 20, "m": W}, {}),
    ),
    Case(
        "range",
        {"items": ["t1.n"], "most": 1.5},
        {"t1/r1/n": "range.most_row"},
        tables=rows({"n": 2}, {"n": 1}),
    ),
    Case(
        "range",
        {"items": ["t1.m"], "least": 1},
        {"t1/r1/m": "range.least_row"},
        tables=rows({"m": Decimal(1)}, {"m": W}),
    ),
    Case(
        "magnitude",
        {},
        {"y1": "magnitude.small", "m1": "magnitude.large"},
        values={"y1": Decimal(22), "m1": 100000 * W, "m2": Decimal(5)},
    ),
    Case(
        "magnitude",
        {},
        {"y1": "magnitude.large"},
        values={"y1": Decimal(10) ** 11, "m1": 99999 * W, "m2": Decimal(0)},
    ),
    Case("magnitude", {}, {}, values={"y1": Decimal(0), "m1": Invalid("多")}),
    Case(
        "magnitude",
        {"items": ["t1.m"]},
        {"t1/r1/m": "magnitude.large_row"},
        tables=rows({"m": 100000 * W}, {"m": W}),
    ),
    Case(
        "magnitude",
        {},
        {"t1/r1/fee": "magnitude.small_row"},
        tables=rows({"fee": Decimal(22)}, {"fee": Decimal(2200)}),
    ),
    Case(
        "round_numbers",
        {"least": 3},
        {"": "round_numbers.text"},
        values={"n1": 20, "n2": 100, "m1": 30 * W, "n3": 0, "p1": Decimal(3)},
    ),
    Case("round_numbers", {"least": 3}, {}, values={"n1": 20, "n2": 100, "m1": 31 * W}),
    Case("round_numbers", {"least": 3}, {}, values={"n1": 20, "n2": 100}),
    Case(
        "round_numbers",
        {"least": 2, "items": ["t1.n"]},
        {"": "round_numbers.text"},
        tables=rows({"n": 10}, {"n": 20}, {}),
    ),
    # prose
    Case("prose_money", {}, {"story": "prose_money.text"}, values={"story": "完成投资313877.98万元。"}),
    Case("prose_money", {}, {"story": "prose_money.balanced"}, values={"story": SEED_002}),
    Case(
        "prose_money",
        {},
        {"story": "prose_money.text"},
        values={"story": "投资200000万元，其中甲120000万元、乙80000万元。"},
    ),
    Case("prose_money", {}, {}, values={"story": "投资99999.99万元，共200,000元。"}),
    Case(
        "prose_money",
        {"items": ["t1.note"]},
        {"t1/r1/note": "prose_money.text_row"},
        tables=rows({"note": "313,877.98万元"}, {"note": "3万元"}),
    ),
    Case(
        "prose_money",
        {"items": ["t1.note"]},
        {"t1/r1/note": "prose_money.balanced_row"},
        tables=rows({"note": SEED_002}),
    ),
    Case(
        "prose_sum",
        {},
        {"story": "prose_sum.total"},
        values={"story": "其中：一项617万元、二项244万元、三项184万元，共1366万元。"},
    ),
    Case("prose_sum", {}, {}, values={"story": "其中：一项617万元、二项244万元、三项184万元，共1045万元。"}),
    Case("prose_sum", {}, {}, values={"story": "一项617万元、培训3场，共1366万元。"}),
    # 公共, 共享 and 共建 announce no total
    Case(
        "prose_sum",
        {},
        {},
        values={"story": "一项617万元、二项244万元，购置共享设备184万元，公共服务9万元。"},
    ),
    Case(
        "prose_sum",
        {},
        {"story": "prose_sum.among"},
        values={"story": "服务企业30家，其中新增20家、毕业15家。"},
    ),
    Case("prose_sum", {}, {}, values={"story": SEED_003}),
    Case("prose_sum", {}, {}, values={"story": "服务企业30家，其中新增10家、毕业15家。全年共5场。"}),
    Case(
        "prose_sum",
        {"items": ["t1.note"]},
        {"t1/r1/note": "prose_sum.total_row", "t1/r2/note": "prose_sum.among_row"},
        tables=rows(
            {"note": "甲3人、乙4人，共8人"},
            {"note": "共有5人，其中甲3人、乙4人"},
            {"note": "甲3人、乙4人，共7人"},
        ),
    ),
]

REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("assert", {"expression": "n1 + 1", "item": "n1"}, "expression_type"),
    ("assert", {"expression": "n1 > 1", "item": "t1.n"}, "item_type"),
    ("assert", {"expression": "n > 1", "item": "n1", "table": "t1"}, "item_type"),
    ("thresholds_met", {"lines": []}, "parameter_type"),
    ("thresholds_met", {"lines": [{"label": "甲"}]}, "parameter_type"),
    ("thresholds_met", {"lines": [{"label": "甲", "expression": "n1"}]}, "expression_type"),
    ("range", {"items": ["n1"]}, "parameter_missing"),
    ("range", {"items": ["name"], "most": 1}, "item_type"),
    ("range", {"items": ["n1"], "least": 2, "most": 1}, "limits_crossed"),
    ("magnitude", {"items": ["n1"]}, "item_type"),
    ("round_numbers", {"least": 0}, "parameter_type"),
    ("prose_money", {"items": ["n1"]}, "item_type"),
    ("prose_sum", {"items": ["n1"]}, "item_type"),
]
