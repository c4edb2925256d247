"""Kinds of names and lists (checks.md FMT-13, FMT-16, LOG-07 to LOG-15; seed 002 title)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.model.value import Invalid
from tests.unit.forms import Case, find
from tests.unit.kind_world import WORLD

CENTRE = "泸州市科技创新服务中心"
OTHERS = {"other_reports": {"孵化器报告": frozenset({"天山智能有限公司"}), "园区报告": frozenset({"昆仑"})}}


def same_name(**values: str) -> Case:
    found = {"story": "same_name.text"} if values.pop("found", "") else {}
    return Case("same_name", {"item": "name", "others": ["story"]}, found, values=values)


CASES = [
    same_name(name=CENTRE, story="2017年，泸州科技创新服务中心完成了任务。", found="yes"),
    same_name(name=CENTRE, story="泸州市科技创新服务中心（以下简称中心）成立于1998年。"),
    same_name(name=CENTRE, story="泸州市 科技创新 服务中心，以下简称科技创新服务中心。"),
    same_name(name=CENTRE, story="由泸州市科技创薪服务中心承办", found="yes"),
    same_name(name="乌鲁木齐天山众创空间", story="参观了乌鲁木齐昆仑众创空间。"),
    same_name(name="天山众创空间", story="本空间设在天山区。"),
    same_name(story="泸州科技创新服务中心"),
    same_name(name="甲乙", story="甲丙"),
    Case(
        "same_name",
        {"item": "name", "others": ["t1.note"]},
        {"t1/r1/note": "same_name.text_row"},
        values={"name": CENTRE},
        tables={"t1": [{"note": "泸州科技创新服务中心"}, {"note": CENTRE}]},
    ),
    # equal
    Case(
        "equal",
        {"item": "name", "other": "other"},
        {"name": "equal.text"},
        values={"name": "甲公司", "other": "乙公司"},
    ),
    Case(
        "equal",
        {"item": "name", "other": "other"},
        {},
        values={"name": "甲（乌市） 公司", "other": "甲(乌市)公司"},
    ),
    Case("equal", {"item": "name", "other": "other"}, {}, values={"name": "甲公司"}),
    Case(
        "equal",
        {"item": "m1", "other": "m2"},
        {"m1": "equal.number"},
        values={"m1": Decimal(100), "m2": Decimal(200)},
    ),
    Case(
        "equal",
        {"item": "m1", "other": "m2", "tolerance": 100},
        {},
        values={"m1": Decimal(100), "m2": Decimal(200)},
    ),
    Case("equal", {"item": "m1", "other": "m2"}, {}, values={"m1": Decimal(100), "m2": Invalid("约200")}),
    Case(
        "equal",
        {"item": "t1.a", "other": "t1.b"},
        {"t1/r2/a": "equal.number_row"},
        tables={"t1": [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {}]},
    ),
    Case(
        "equal",
        {"item": "t1.name", "other": "other"},
        {"t1/r1/name": "equal.text_row"},
        values={"other": "甲"},
        tables={"t1": [{"name": "乙"}]},
    ),
    # unique
    Case(
        "unique",
        {"columns": ["t1.name"]},
        {"t1/r3/name": "unique.text_row", "t1/r4/name": "unique.text_row"},
        tables={
            "t1": [
                {"name": "天山（乌市）有限公司"},
                {"name": "昆仑"},
                {"name": "天山(乌市) 有限责任公司"},
                {"name": "天山（乌市）"},
                {},
                {},
            ]
        },
    ),
    Case("unique", {"columns": ["t1.name", "t1.start"]}, {}, tables={"t1": [{"name": "甲"}, {"name": "甲"}]}),
    Case(
        "unique",
        {"columns": ["t1.name", "t1.n"]},
        {"t1/r2/name": "unique.text_row"},
        tables={"t1": [{"name": "甲", "n": 1}, {"name": "甲", "n": 1}, {"name": "甲", "n": 2}]},
    ),
    Case(
        "unique",
        {"columns": ["t1.name"], "condition": 'status = "resident"'},
        {},
        tables={
            "t1": [{"name": "甲", "status": "resident"}, {"name": "甲", "status": "gone"}, {"name": "甲"}]
        },
    ),
    Case("unique", {"columns": ["t1.name"]}, {}),
    # unique_across
    Case(
        "unique_across",
        {"addresses": ["name", "t1.name"]},
        {"name": "unique_across.text", "t1/r2/name": "unique_across.text_row"},
        values={"name": "昆仑"},
        tables={"t1": [{"name": "甲"}, {"name": "天山智能"}, {}]},
        context=OTHERS,
    ),
    Case("unique_across", {"addresses": ["name"]}, {}, values={"name": "昆仑"}),
    # subset, disjoint, staff and mentors
    Case(
        "subset",
        {"column": "t2.name", "of": "t1.name"},
        {"t2/r2/name": "subset.text_row"},
        tables={"t1": [{"name": "甲公司"}], "t2": [{"name": "甲 公司"}, {"name": "乙公司"}, {}]},
    ),
    Case(
        "subset",
        {"column": "t2.name", "of": "t1.name", "except": ["name"]},
        {},
        values={"name": "乙公司"},
        tables={"t1": [{"name": "甲公司"}], "t2": [{"name": "乙公司"}]},
    ),
    Case(
        "subset",
        {"column": "t2.name", "of": "t1.name", "condition": "hours > 0"},
        {},
        tables={"t1": [], "t2": [{"name": "乙公司"}, {"name": "丙公司", "hours": 0}]},
    ),
    Case(
        "disjoint",
        {"column": "t2.name", "other": "t1.name", "other_condition": 'status = "resident"'},
        {"t2/r1/name": "disjoint.text_row"},
        tables={
            "t1": [{"name": "甲", "status": "resident"}, {"name": "乙", "status": "gone"}],
            "t2": [{"name": "甲"}, {"name": "乙"}],
        },
    ),
    Case(
        "disjoint",
        {
            "column": "t1.name",
            "condition": 'status = "gone"',
            "other": "t1.name",
            "other_condition": 'status = "resident"',
        },
        {"t1/r2/name": "disjoint.text_row"},
        tables={"t1": [{"name": "甲", "status": "resident"}, {"name": "甲", "status": "gone"}]},
    ),
    Case(
        "disjoint",
        {"column": "t2.name", "other": "t1.name"},
        {},
        tables={"t1": [{}], "t2": [{}, {"name": "甲"}]},
    ),
    Case(
        "staff_mentor",
        {"table": "t2", "name": "name", "other": "t1.name"},
        {"t2/r1/name": "staff_mentor.text_row"},
        tables={"t1": [{"name": "阿不都·热合曼"}], "t2": [{"name": "阿不都•热合曼"}, {"name": "李四"}]},
    ),
    # own_investor
    Case(
        "own_investor",
        {"table": "t1", "name": "name", "own": "t1.own", "unit_item": "name"},
        {"t1/r1/own": "own_investor.text_row"},
        values={"name": "天山有限公司"},
        tables={"t1": [{"name": "天山"}, {"name": "天山", "own": True}, {"name": "昆仑"}, {}]},
    ),
    Case(
        "own_investor",
        {"table": "t1", "name": "name", "own": "t1.own", "unit_item": "name"},
        {},
        tables={"t1": [{"name": "天山"}]},
    ),
]

REFUSED = [
    ("same_name", {"item": "t1.name", "others": ["story"]}, "item_type"),
    ("same_name", {"item": "name", "others": ["n1"]}, "item_type"),
    ("equal", {"item": "name", "other": "n1"}, "item_type"),
    ("equal", {"item": "name", "other": "t1.name"}, "other_table"),
    ("unique", {"columns": ["name"]}, "other_table"),
    ("unique", {"columns": ["t1.name", "t2.name"]}, "other_table"),
    ("unique_across", {"addresses": ["n1"]}, "item_type"),
    ("subset", {"column": "name", "of": "t1.name"}, "item_type"),
    ("subset", {"column": "t2.name", "of": "t1.name", "except": ["t1.name"]}, "item_type"),
    ("disjoint", {"column": "t2.name", "other": "name"}, "item_type"),
    ("staff_mentor", {"table": "t2", "name": "t1.name", "other": "t1.name"}, "other_table"),
    ("own_investor", {"table": "t1", "name": "name", "own": "n", "unit_item": "name"}, "item_type"),
]


@pytest.mark.parametrize(
    ("story", "spelling"),
    [
        ("泸州科技创新服务中心完成了任务", "泸州科技创新服务中心"),
        ("由泸州市科技创薪服务中心承办", "泸州市科技创薪服务中心"),
    ],
)
def test_the_other_spelling_is_quoted(story: str, spelling: str) -> None:
    """FMT-13: the finding shows both spellings."""
    case = Case("same_name", {"item": "name", "others": ["story"]}, values={"name": CENTRE, "story": story})
    params = find(case, WORLD)[0].params
    assert (params["spelling"], params["name"]) == (spelling, CENTRE)


def test_a_repeated_row_names_the_first() -> None:
    """LOG-07: the later row says which row it repeats."""
    case = Case("unique", {"columns": ["t1.name"]}, tables={"t1": [{}, {"name": "甲"}, {"name": "甲"}]})
    params = find(case, WORLD)[0].params
    assert (params["row"], params["first"], params["value"]) == ("3", "2", "甲")
