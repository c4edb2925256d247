"""Kinds that read prose (checks.md ARI-12, ARI-15, CMP-11, DAT-02, DAT-13, FMT-12, FMT-13, LOG-19)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.value import Value
from app.rules.kinds.prose_reading import count_of, heading_of, read_lines
from tests.unit.forms import Case, find
from tests.unit.kind_world import WORLD

W = Decimal(10000)
YEAR_2017 = replace(
    WORLD, report_year=2017, period_start=date(2017, 1, 1), period_end=date(2017, 12, 31), title="2017年报告"
)
SIDES = "从数量、质量、时效、成本、经济、社会和生态等方面设置{count}个指标。"
BUDGET = {"parts": ["基本支出", "项目支出"], "wholes": ["收入共计"], "unless": ["结转"]}
SPENT = "收入共计461,973.12元。其中基本支出241,973.12元，项目支出有281,269.07元。"
WORDS = {"words": {"现以发展": "现已发展"}, "spellings": [["一式二份", "一式两份"]]}
CLAUSES = (
    "共资助项目428项，资金{money}万元，其中：面上61项，拨款244万元；青年46项，拨款184万元；"
    "联合321项，资金2247万元，其中：财政617万元，自筹1630万元。"
)
SIGNED = "完成。\n二〇一九年一月十一日"
EARLY = "完成。\n2017年11月1日"


def both(
    kind: str,
    wrong: str,
    right: str,
    variant: str = "text",
    params: Mapping[str, object] | None = None,
    **more: object,
) -> list[Case]:
    """Give the cases of one wording: a field and a row with a wrong text, the same with a right one."""
    given_params = params or {}
    rows: list[dict[str, Value]] = [{"note": right}, {"note": wrong}, {}]
    in_rows = {**given_params, "items": ["t1.note"]}
    return [
        Case(kind, given_params, {"story": f"{kind}.{variant}"}, values={"story": wrong}, **more),  # type: ignore[arg-type]
        Case(kind, given_params, {}, values={"story": right}, **more),  # type: ignore[arg-type]
        Case(kind, given_params, {}, **more),  # type: ignore[arg-type]
        Case(kind, in_rows, {"t1/r2/note": f"{kind}.{variant}_row"}, tables={"t1": rows}, **more),  # type: ignore[arg-type]
    ]


CASES = [
    *both("brackets", "发文字号〔〕", "发文字号〔2024〕3号", "empty"),
    *both("template_wording", "经过论证，是否符合实际，能够完成。", "重点检查了目标，是否合理由专家判断。"),
    *both("template_wording", "职能已匹配，财政资源是否合理。", "对材料进行核实，看数据是否一致。"),
    *both("prose_percent", "预算执行率达到113.26%。", "收入增长率为120%，计划完成率105%。"),
    *both("prose_percent", "其中女性占比101%", "执行率为99.5%"),
    *both(
        "figure_twice",
        "全年新聘任创新创业导师45名。年底新聘任创新创业导师54名。",
        "全年新聘任创新创业导师45名。当年新聘任创新创业导师45名，培训45人。",
    ),
    *both("prose_within", SPENT, f"{SPENT}差额用上年结转。", params=BUDGET),
    Case("prose_within", BUDGET, {}, values={"story": "收入共计461,973.12元，用于基本支出241,973.12元。"}),
    Case("prose_within", BUDGET, {}, values={"story": SPENT.replace("461,973.12", "561,973.12")}),
    Case(
        "prose_figure",
        {"item": "n2", "words": ["立项数"], "texts": ["story"]},
        {"story": "prose_figure.text"},
        values={"story": "特培项目确定立项数25人。", "n2": 30},
    ),
    Case(
        "prose_figure",
        {"item": "n2", "words": ["立项数"], "units": ["项"]},
        {"story": "prose_figure.text"},
        values={"story": "特培项目确定立项数25项。", "n2": 30},
    ),
    Case("prose_figure", {"item": "n2", "words": ["立项数"]}, {}, values={"story": "没有写。", "n2": 30}),
    Case("prose_figure", {"item": "n2", "words": ["人数"]}, {}, values={"story": "人数为30人。", "n2": 30}),
    Case(
        "prose_figure",
        {"item": "m1", "words": ["总收入"]},
        {"story": "prose_figure.text"},
        values={"story": "总收入约271万元。", "m1": Decimal("271.6") * W},
    ),
    Case(
        "prose_figure",
        {"item": "m1", "words": ["总收入"]},
        {},
        values={"story": "总收入271.6万元。", "m1": Decimal("271.58") * W},
    ),
    *both(
        "heading_repeated",
        "三、管理\n（一）决策情况。\n三、管理\n有内容。",
        "一、甲\n（一）目标\n内容。\n二、乙\n（一）目标\n内容。",
    ),
    *both("heading_repeated", "（一）说明\n内容。", "（一）做法\n内容。", "own", {"items": ["t1.note"]})[-1:],
    Case(
        "heading_repeated",
        {},
        {"story": "heading_repeated.own"},
        values={"story": "一、主要做法\n做了很多。"},
    ),
    *both("list_count", SIDES.format(count=5), SIDES.format(count="七")),
    *both(
        "list_count",
        "主要存在以下三个问题：一是人少；二是钱少。",
        "主要存在以下两个问题：一是人少；二是钱少。",
    ),
    *both("list_count", "做好下列3项工作：\n1. 招聘\n2. 培训", "做好下列2项工作：\n1. 招聘\n2. 培训"),
    *both("list_count", "包括目标、过程、产出、效果三个方面。", "包括目标、过程、产出、效果四个方面。"),
    *both("prose_date", "于2022年2月30日验收。", "于2022年2月28日验收，编号2022-13。"),
    *both("prose_date", "自2022年12月20日至2022年1月1日", "2022年1月1日至2022年12月20日", "order"),
    *both(
        "year_differs",
        "填报2021年度众创空间绩效评价自评报告。2022年度众创空间绩效评价工作",
        "2022年度众创空间绩效评价自评报告；2023年度科技基地建设专项",
    ),
    *both("year_differs", "2021年工作报告", "2022年工作报告", "title", {"title": True}),
    *both(
        "as_of", "截至2016年12月31日，在职职工3人。", "截至2017年12月31日，在职职工3人。", programme=YEAR_2017
    ),
    *both("signed_late", SIGNED, "完成。\n2018年1月11日", "late", programme=YEAR_2017),
    *both(
        "signed_late",
        "完成。\n2017年11月1日",
        "2017年11月1日召开会议，讨论全年工作安排。",
        "early",
        programme=YEAR_2017,
    ),
    *both("wrong_words", "现以发展到54家。", "现已发展到54家。", params=WORDS),
    *both("wrong_words", "一式二份。\n共一式两份。", "一式二份。\n共一式二份。", "both", WORDS),
    *both(
        "name_differs",
        "“科技计划管理公共服务平台”，“科技计划公共管理服务平台”",
        "“科技计划管理公共服务平台”，“新疆科技计划管理公共服务平台”",
    ),
    *both("prose_sum", CLAUSES.format(money=1366), CLAUSES.format(money=1045), "total"),
    Case("prose_sum", {}, {}, values={"story": CLAUSES.format(money=2675)}),
    *both(
        "prose_sum",
        "用于基本支出241,973.12元，其中：人员经费223,973.12万元。",
        "用于基本支出241,973.12元，其中：人员经费22.3万元。",
        "among",
    ),
]

REFUSED = [
    ("prose_percent", {"items": ["n1"]}, "item_type"),
    ("figure_twice", {"items": ["n1"]}, "item_type"),
    ("prose_within", {"parts": [], "wholes": ["收入"]}, "list_empty"),
    ("prose_figure", {"item": "name", "words": ["数"]}, "item_type"),
    ("prose_figure", {"item": "n3", "words": ["数"]}, "parameter_missing"),
    ("heading_repeated", {"items": ["n1"]}, "item_type"),
    ("list_count", {"items": ["n1"]}, "item_type"),
    ("prose_date", {"items": ["n1"]}, "item_type"),
    ("year_differs", {"items": ["n1"]}, "item_type"),
    ("as_of", {"items": ["n1"]}, "item_type"),
    ("signed_late", {"items": ["n1"]}, "item_type"),
    ("wrong_words", {"words": ["现以"]}, "parameter_type"),
    ("wrong_words", {"spellings": [["一式二份"]]}, "parameter_type"),
    ("name_differs", {"items": ["n1"]}, "item_type"),
]


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("一、概况", 0),
        ("（二）存在问题。", 1),
        ("3. 做法：", 2),
        ("一、去年做了三件事，都完成了。", None),
        ("2.5 亿元", None),
        ("概况", None),
    ],
)
def test_headings_are_short_and_numbered(line: str, level: int | None) -> None:
    """CMP-11: what counts as a heading."""
    heading = heading_of(line)
    assert (heading.level if heading else None) == level


@pytest.mark.parametrize(("text", "count"), [("5", 5), ("十二", 12), ("二十", 20), ("两", 2), ("多", None)])
def test_counts_are_read(text: str, count: int | None) -> None:
    """LOG-33: 五, 十二 and 7 are counts, 多 is none."""
    assert count_of(text) == count


@given(st.lists(st.integers(1, 9999), min_size=2, max_size=5), st.integers(-50, 50))
def test_a_mutated_sum_is_found(parts: list[int], change: int) -> None:
    """ARI-15: 「a、b，共 c」 is found exactly when c is not the sum."""
    names = "甲乙丙丁戊"
    listed = "、".join(f"{name}类{part}家" for name, part in zip(names, parts, strict=False))
    total = sum(parts) + change
    if total < 1:
        return
    found = find(Case("prose_sum", {}, values={"story": f"{listed}，共{total}家。"}), WORLD)
    assert bool(found) == (change != 0)


@given(
    st.text(
        alphabet="一二三（）()、。；，从等方面设置个指标共其中：1234567890万元%年月日“”〔〕\n是否",
        max_size=120,
    )
)
def test_no_text_breaks_a_reader(text: str) -> None:
    """How we build: a text that makes no sense is a text like any other."""
    for kind in sorted({case.kind for case in CASES} - {"prose_figure"}):
        params = BUDGET if kind == "prose_within" else WORDS if kind == "wrong_words" else {}
        for finding in find(Case(kind, params, values={"story": text}), WORLD):
            assert finding.path == "story"
    assert all(line.text for line in read_lines(text))


def test_figures_are_told_as_written() -> None:
    """LOG-19: both figures are named, the form's in its own unit."""
    case = Case(
        "prose_figure",
        {"item": "m1", "words": ["总收入"]},
        values={"story": "总收入2,710,000元。", "m1": Decimal("270.5") * W},
    )
    params = find(case, WORLD)[0].params
    assert (params["text"], params["other_value"], params["other_unit"]) == ("2,710,000元", "270.5", "万元")
    assert not re.search("[a-z]", params["other"])
