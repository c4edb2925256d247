"""Kinds of indicator tables and of rows against the form (checks.md LOG-23 to LOG-32; seed 003)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.model.value import Invalid, Value
from tests.unit.forms import Case, make_item, make_programme, make_table

INDICATORS = make_table(
    "t1",
    make_item("name", "text", "指标"),
    make_item("target", "text", "指标值"),
    make_item("actual", "text", "完成值"),
    make_item("unit", "text", "单位"),
    make_item("reason", "text", "原因"),
    make_item("less", "yes_no", "越少越好"),
    make_item("number", "decimal", "完成数"),
    make_item("money", "money", "经费", unit="万元"),
    make_item("stage", "choice", "环节", choices={"up": "上游", "down": "下游"}),
    label="指标表",
)
PROGRAMME = make_programme(
    (
        make_item("why", "long_text", "原因分析"),
        make_item("n", label="文中的数"),
        make_item("m", label="另一数"),
    ),
    (INDICATORS,),
)


def case(
    kind: str,
    params: Mapping[str, object],
    found: Mapping[str, str],
    *rows: Mapping[str, Value],
    **values: Value,
) -> Case:
    return Case(kind, params, found, values=values, tables={"t1": rows}, programme=PROGRAMME)


BOTH = {"target": "t1.target", "actual": "t1.actual"}
WRITTEN = {"target": "t1.target", "counted": ["率", "数量"], "vague": ["效果", "提高", "中长期"]}
WHY = {**BOTH, "reason": "t1.reason"}
ROW = {"column": "t1.number", "key": "t1.name", "row": "甲 项", "limit": "n", "against": "文中的数"}


def written(text: str, variant: str = "", name: str = "项目数量", **params: object) -> Case:
    found = {"t1/r1/target": f"goal_written.{variant}_row"} if variant else {}
    return case("goal_written", {**WRITTEN, **params}, found, {"name": name, "target": text})


def reached(kind: str, target: str, actual: str, variant: str = "", **cells: Value) -> Case:
    found = {"t1/r1/reason": f"{kind}.{variant}_row"} if variant else {}
    why = {"why": str(cells.pop("why"))} if "why" in cells else {}
    params = {**WHY, "falling": "less = true", **({"text": "why"} if why else {})}
    row: dict[str, Value] = {"name": "论文数量", "target": target, "actual": actual, **cells}
    return case(kind, params, found, row, **why)


CASES = [
    # how targets are written
    written("≥52项"),
    written("不少于52项"),
    written("52项≥", "sign_behind"),
    written("≥研发成果436项", "words_inside"),
    written("80%", "sign_missing"),
    written("80%", faults=["sign_behind", "vague"]),
    written("制定规程20件", "in_sentence"),
    written("项目结束后持续≥3年"),
    written("≥1", "unit_missing"),
    written("≥273（个、台、条）", "unit_mixed"),
    written("≥100%", "rate_full"),
    written("=100%"),
    written("≥99%"),
    written("按计划完成", "number_missing"),
    written("按计划完成", name="设备共享"),
    written("提高效率", "vague", name="设备共享"),
    case(
        "goal_written",
        {"target": "t1.target"},
        {},
        {"name": "项目数量", "target": "按计划完成"},
        {"target": Invalid("x")},
    ),
    # how actual values are written
    case(
        "actual_written",
        BOTH,
        {"t1/r1/actual": "actual_written.inequality_row"},
        {"target": "≤2万元", "actual": "≤2万元"},
    ),
    case(
        "actual_written",
        BOTH,
        {"t1/r1/actual": "actual_written.number_missing_row"},
        {"target": "≥80%", "actual": "未到时间"},
    ),
    case(
        "actual_written",
        BOTH,
        {"t1/r1/actual": "actual_written.rate_differs_row"},
        {"target": "52项≥", "actual": "45项，90%"},
    ),
    case(
        "actual_written",
        BOTH,
        {},
        {"target": "≥52项", "actual": "45项，87%"},
        {"target": "≥52项", "actual": "45项，86.5%"},
    ),
    case(
        "actual_written",
        BOTH,
        {},
        {"target": "良好", "actual": "良好"},
        {"target": "≥50%", "actual": "52%"},
        {"actual": "3项"},
    ),
    # units
    case("goal_unit", BOTH, {"t1/r1/target": "goal_unit.differ_row"}, {"target": "≥30个", "actual": "31人"}),
    case(
        "goal_unit",
        {**BOTH, "unit": "t1.unit"},
        {"t1/r1/target": "goal_unit.declared_row"},
        {"target": "≥30个", "actual": "31个", "unit": "人"},
    ),
    case(
        "goal_unit",
        {**BOTH, "fits": [{"words": ["人员"], "units": ["人", "名"]}]},
        {"t1/r1/target": "goal_unit.unfit_row"},
        {"name": "科技人员", "target": "≥30个", "actual": "31个"},
    ),
    case(
        "goal_unit",
        {**BOTH, "fits": [{"words": ["人员"], "units": ["人", "名"]}], "unit": "t1.unit"},
        {},
        {"name": "人员培训", "target": "≥30次", "actual": "31次"},
        {"name": "科技人员", "target": "≥30人", "actual": "31", "unit": "人"},
        {"target": "良好"},
    ),
    # reached or not
    reached("goal_missed", "≥317项", "293项", "text"),
    reached("goal_missed", "≥317项", "293项", "unnamed", why="项目尚在执行。"),
    reached("goal_missed", "≥317项", "293项", why="论文 数量差24项，因验收延期。"),
    reached("goal_missed", "≥317项", "293项", reason="延期"),
    reached("goal_missed", "≥317项", "317项"),
    reached("goal_missed", "80%", "79%", "text"),
    reached("goal_missed", "≤15%", "14%"),
    reached("goal_missed", "≤15%", "16%", "text"),
    reached("goal_missed", "20次", "16次", less=True),
    reached("goal_missed", "20次", "26次", "text", less=True),
    reached("goal_missed", "10~15次", "16次", "text"),
    reached("goal_missed", "≥80%", "未到时间"),
    reached("goal_exceeded", "≥10项", "14项", "text"),
    reached("goal_exceeded", "≥10项", "14项", "unnamed", why="另有说明"),
    reached("goal_exceeded", "≥10项", "13项"),
    case(
        "goal_exceeded",
        {**WHY, "percent": 10},
        {"t1/r1/reason": "goal_exceeded.text_row"},
        {"target": "≥10项", "actual": "12项"},
    ),
    case(
        "goals_copied",
        {**BOTH, "least": 3},
        {"t1": "goals_copied.text"},
        {"target": "≥1项", "actual": "1项"},
        {"target": "中长期", "actual": "中长期"},
        {"target": "≥5项", "actual": "7项"},
    ),
    case(
        "goals_copied",
        {**BOTH, "least": 3, "percent": 70},
        {},
        {"target": "≥1项", "actual": "1项"},
        {"target": "中长期", "actual": "中长期"},
        {"target": "≥5项", "actual": "7项"},
    ),
    case("goals_copied", BOTH, {}, {"target": "≥1项", "actual": "1项"}),
    case(
        "rows_round",
        {"column": "t1.number", "group": ["t1.unit"], "least": 2},
        {"t1/r1/number": "rows_round.text_row"},
        {"number": Decimal(20), "unit": "项"},
        {"number": Decimal(600), "unit": "项"},
        {"number": Decimal(7), "unit": "家"},
    ),
    case(
        "rows_round",
        {"column": "t1.number", "group": ["t1.unit"], "least": 2},
        {},
        {"number": Decimal(20), "unit": "项"},
        {"number": Decimal("60.5"), "unit": "项"},
        {"number": Decimal(0), "unit": "家"},
        {"number": Decimal(30)},
    ),
    # a row against the form
    case(
        "row_agrees",
        {**ROW, "relation": "equal"},
        {"t1/r2/number": "row_agrees.equal_row"},
        {"name": "乙项", "number": Decimal(1)},
        {"name": "甲项", "number": Decimal(33)},
        n=37,
    ),
    case(
        "row_agrees",
        {**ROW, "relation": "equal", "tolerance": 4},
        {},
        {"name": "甲项", "number": Decimal(33)},
        n=37,
    ),
    case(
        "row_agrees",
        {**ROW, "relation": "at_most"},
        {"t1/r1/number": "row_agrees.at_most_row"},
        {"name": "甲项", "number": Decimal(38)},
        n=37,
    ),
    case(
        "row_agrees",
        {**ROW, "relation": "at_least", "name": "t1.unit"},
        {"t1/r1/number": "row_agrees.at_least_row"},
        {"name": "甲项", "number": Decimal(36), "unit": "项"},
        n=37,
    ),
    case(
        "row_agrees",
        {**ROW, "relation": "at_least"},
        {},
        {"name": "甲项", "number": Decimal(37)},
        {"name": "甲项"},
        n=37,
    ),
    case("row_agrees", {**ROW, "relation": "equal"}, {}, {"name": "甲项", "number": Decimal(1)}),
    case(
        "row_agrees",
        {**ROW, "relation": "equal", "limit": 'max(t1.number, name = "乙项") / m'},
        {"t1/r1/number": "row_agrees.equal_row"},
        {"name": "甲项", "number": Decimal(3)},
        {"name": "乙项", "number": Decimal(10)},
        m=2,
    ),
    case("choices_covered", {"column": "t1.stage"}, {"t1": "choices_covered.text"}, {"stage": "up"}),
    case("choices_covered", {"column": "t1.stage"}, {}, {"stage": "up"}, {"stage": "down"}),
    case(
        "choices_covered",
        {"column": "t1.stage", "condition": "filled(name)"},
        {"t1": "choices_covered.text"},
        {"stage": "up", "name": "甲"},
        {"stage": "down"},
    ),
]

TEXTS = {"target": "t1.note", "actual": "t1.mail"}
REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("goal_written", {"target": "story"}, "item_type"),
    ("goal_written", {"target": "t1.note", "faults": ["nonsense"]}, "parameter_type"),
    ("actual_written", {"actual": "t1.note", "target": "t2.name"}, "other_table"),
    ("goal_unit", {**TEXTS, "fits": "人员"}, "parameter_type"),
    ("goal_unit", {**TEXTS, "fits": [{"words": ["人员"]}]}, "parameter_type"),
    ("goal_missed", {**TEXTS, "reason": "t1.n"}, "item_type"),
    ("goal_exceeded", {**TEXTS, "reason": "t1.web", "percent": "viel"}, "parameter_type"),
    ("goals_copied", {**TEXTS, "least": -1}, "parameter_type"),
    ("rows_round", {"column": "t1.n", "group": ["t2.name"], "least": 2}, "other_table"),
    (
        "row_agrees",
        {"column": "t1.n", "key": "t1.name", "row": "甲", "limit": "n1", "relation": "near", "against": "x"},
        "parameter_type",
    ),
    ("choices_covered", {"column": "t1.name"}, "item_type"),
]
