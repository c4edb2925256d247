"""The expression language: meaning, types, missing data, what is read, descriptions (FORMAT, Expressions)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, getcontext

import pytest

from app.model.draft import Row
from app.model.value import Invalid, Value
from app.rules.expression import Kind, compile_expression
from app.rules.rule import Reads
from app.rules.view import View
from tests.unit.expression_world import SCOPE, rows_of, view_of

VALUES: Mapping[str, Value] = {
    "staff": 3,
    "guests": 4,
    "area": Decimal("0.1"),
    "income": Decimal(2715000),
    "share": Decimal("12.5"),
    "name": "创新空间",
    "nature": "firm",
    "grade": "high",
    "served": ("train",),
    "open": True,
    "since": date(2020, 1, 31),
}
ROWS: tuple[Mapping[str, Value], ...] = (
    {"who": "甲", "amount": Decimal("0.1"), "spent": Decimal(1), "own": True, "kind": "team"},
    {"who": "乙", "amount": Decimal("0.2"), "own": False, "kind": "firm"},
    {"who": "甲", "amount": Decimal(5), "spent": Decimal(3), "own": True, "kind": "firm"},
)


def value_of(source: str, view: View | None = None) -> Value | None:
    return compile_expression(source, SCOPE).evaluate(view or view_of(VALUES, ROWS))


MEANINGS: tuple[tuple[str, Value | None], ...] = (
    ("staff + guests * 2", 11),
    ("(staff + guests) * 2", 14),
    ("staff - guests - 1", -2),
    ("-staff + +guests", 1),
    ("staff / guests", Decimal("0.75")),
    ("area + 0.2 = 0.3", True),
    ("income = 2715000", True),
    ("share * 2", Decimal(25)),
    ("staff = guests", False),
    ("staff == 3", True),
    ("staff != guests", True),
    ("staff < guests and staff <= 3", True),
    ("staff > guests or staff >= 4", False),
    ("not open", False),
    ("open = true", True),
    ("open != false", True),
    ("name = '创新空间'", True),
    ("nature = 'firm'", True),
    ("'office' = nature", False),
    ("nature in ('firm', 'office')", True),
    ("nature not in ('firm')", False),
    ("staff in (1, 2, 3)", True),
    ("name in ('甲', '乙')", False),
    ("'train' in served", True),
    ("'fund' in served", False),
    ("'fund' not in served", True),
    ("if(open, staff, guests)", 3),
    ("if(open = false, staff, guests / 0)", None),
    ("if(staff > 0, 'a', 'b')", "a"),
    ("sum(t5.amount)", Decimal("5.3")),
    ("sum(t5.amount, own = true)", Decimal("5.1")),
    ("sum(t5.spent)", Decimal(4)),
    ("avg(t5.spent)", Decimal(2)),
    ("min(t5.amount)", Decimal("0.1")),
    ("max(t5.amount, kind = 'firm')", Decimal(5)),
    ("distinct(t5.who)", 2),
    ("distinct(t5.who, own = true)", 1),
    ("count(t5)", 3),
    ("count(t5, kind = 'firm' and own = true)", 1),
    ("count(t5, amount > area)", 2),
    ("count(t5, t5.amount > 1)", 1),
    ("min(staff, guests, 2)", 2),
    ("max(staff, guests)", 4),
    ("abs(staff - guests)", 1),
    ("round(2.5)", Decimal(3)),
    ("round(-2.5)", Decimal(-3)),
    ("round(staff / 7, 2)", Decimal("0.43")),
    ("floor(-0.5)", Decimal(-1)),
    ("ceil(staff / 2)", Decimal(2)),
    ("empty(until)", True),
    ("filled(until)", False),
    ("filled(since)", True),
    ("zero(staff) + 1", 4),
    ("len(name)", 4),
    ("len(served)", 1),
    ("date(2022, 2, 28) < period_start", False),
    ("date(report_year, 1, 1) = period_start", True),
    ("date(report_year, staff - 1, 30)", None),
    ("days(period_start, period_end)", 353),
    ("months(since, date(2020, 2, 29))", 1),
    ("months(since, date(2020, 3, 30))", 1),
    ("months(date(2020, 3, 30), since)", -1),
    ("year(since) = 2020", True),
    ("today", date(2023, 1, 5)),
    ("report_year", 2022),
    ("true and not false", True),
)


@pytest.mark.parametrize(("source", "expected"), MEANINGS)
def test_meaning(source: str, expected: Value | None) -> None:
    """FORMAT, Expressions: operators, functions and constants on a filled form."""
    result = value_of(source)
    assert result == expected
    assert isinstance(result, bool) is isinstance(expected, bool)


UNDECIDED_VIEW = view_of({"staff": 3, "open": True, "income": Invalid("三百"), "served": ()}, ROWS)
UNDECIDED: tuple[tuple[str, Value | None], ...] = (
    ("staff + guests", None),
    ("guests = guests", None),
    ("staff / 0", None),
    ("staff / (staff - 3) > 1", None),
    ("income > 1", None),
    ("empty(income)", None),
    ("filled(income)", None),
    ("zero(income)", None),
    ("zero(guests)", 0),
    ("empty(guests)", True),
    ("empty(served)", True),
    ("'train' in served", False),
    ("nature in ('firm')", None),
    ("guests > 1 and staff > 9", False),
    ("staff > 9 and guests > 1", False),
    ("guests > 1 and staff > 1", None),
    ("guests > 1 or staff > 1", True),
    ("staff > 1 or guests > 1", True),
    ("guests > 1 or staff > 9", None),
    ("not guests > 1", None),
    ("guests > 1 or staff / 0 > 1 or open", True),
    ("if(guests > 1, 1, 1)", None),
    ("if(open, 1, guests)", 1),
    ("if(not open, 1, guests)", None),
    ("days(since, today)", None),
    ("len(name)", None),
    ("abs(guests)", None),
    ("round(guests)", None),
    ("min(staff, guests)", None),
    ("count(t5, amount > guests)", None),
    ("sum(t5.amount, amount > guests)", None),
    ("count(t5, own = true and amount > 1)", 1),
    ("count(t5, spent > 1)", None),
    ("count(t5, filled(spent) and spent > 1)", 1),
    ("max(t5.moved_in)", None),
)


@pytest.mark.parametrize(("source", "expected"), UNDECIDED)
def test_missing_data_gives_cannot_be_decided(source: str, expected: Value | None) -> None:
    """FORMAT, Expressions: three-valued after Kleene; a missing or invalid answer is never guessed."""
    result = value_of(source, UNDECIDED_VIEW)
    assert result == expected
    assert isinstance(result, bool) is isinstance(expected, bool)


@pytest.mark.parametrize("function", ["sum", "min", "max", "avg", "distinct"])
def test_missing_cells_of_a_column(function: str) -> None:
    """FORMAT, Expressions: skipped when the column may be empty, undecided when it must be filled."""
    view = view_of({}, ({"amount": Decimal(2), "spent": Decimal(2)}, {"who": "甲"}))
    expected = 1 if function == "distinct" else 2
    assert value_of(f"{function}(t5.spent)", view) == expected
    assert value_of(f"{function}(t5.amount)", view) is None
    invalid = view_of({}, ({"spent": Decimal(2)}, {"spent": Invalid("二")}))
    assert value_of(f"{function}(t5.spent)", invalid) is None


def test_tables_without_rows() -> None:
    """FORMAT, Expressions: nothing adds up to 0, and has no least, greatest or mean."""
    view = view_of()
    assert value_of("sum(t5.amount)", view) == 0
    assert value_of("count(t5)", view) == 0
    assert value_of("distinct(t5.who)", view) == 0
    assert [value_of(f"{name}(t5.amount)", view) for name in ("min", "max", "avg")] == [None, None, None]


def test_a_value_of_another_type_counts_as_missing() -> None:
    """FORMAT, Expressions: answers of an older form or a damaged file never break a rule."""
    view = view_of({"staff": "三", "open": 1, "since": "2020", "area": True})
    assert value_of("staff + 1", view) is None
    assert value_of("open = true", view) is None
    assert value_of("days(since, today)", view) is None
    assert value_of("area + 1", view) is None


def test_overflow_is_undecided() -> None:
    """FORMAT, Expressions: overflow is undecided, never an exception, and hurts no other row."""
    area = Decimal("9e999999")
    view = view_of({"area": area, "since": date(2020, 1, 1)}, ({"amount": Decimal(1)}, {"amount": area}))
    for source in ("area * area > 1", "area / 0.01 > 1", "round(area, 2) > 1", "date(area, 1, 1) = today"):
        assert value_of(source, view) is None
    rule = compile_expression("amount * amount < 0", SCOPE, table="t5")
    assert rule.rows_false(view, view.rows("t5")) == [view.rows("t5")[0]]
    assert rule.evaluate_rows(view, view.rows("t5")) == [False, None]


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_nothing_escapes_from_evaluate(text: str) -> None:
    """FORMAT, Expressions: not even numbers that no answer can hold raise."""
    view = view_of({"area": Decimal(text), "staff": 2}, ({"spent": Decimal(text)},))
    for source in ("area < 1", "area * 0 > area", "round(area) > 1", "date(area, 1, 1) = today"):
        assert value_of(source, view) in (None, True, False)
    for source in ("max(t5.spent) > 1", "distinct(t5.spent) = 1", "min(area, staff) > 0", "area in (1, 2)"):
        assert value_of(source, view) in (None, True, False)


def test_the_callers_decimal_context_does_not_matter() -> None:
    """FORMAT, Expressions: 28 digits whoever calls, and the caller's context stays as it was."""
    before = getcontext().prec
    getcontext().prec = 3
    try:
        assert value_of("1 / 3") == Decimal("0.3333333333333333333333333333")
        assert getcontext().prec == 3
    finally:
        getcontext().prec = before


def test_last_year_and_torch() -> None:
    """FORMAT, Expressions: prev(item) and torch(item) read the other sources."""
    view = view_of({"staff": 5}, previous={"staff": 4}, torch={"staff": 6, "name": "旧名"})
    assert value_of("staff - prev(staff)", view) == 1
    assert value_of("torch(staff) - staff", view) == 1
    assert value_of("empty(prev(name))", view) is True
    assert value_of("zero(prev(guests))", view) == 0


READS = (
    ("staff + guests > 1", Reads(frozenset({"staff", "guests"}))),
    ("sum(t5.spent) = staff", Reads(frozenset({"staff"}), frozenset({("t5", "spent")}))),
    ("sum(t5.amount) = 1", Reads(columns=frozenset({("t5", "amount"), ("t5", "*")}))),
    ("count(t5) = 1", Reads(columns=frozenset({("t5", "*")}))),
    (
        "count(t5, own and amount > area) = 1",
        Reads(frozenset({"area"}), frozenset({("t5", "*"), ("t5", "own"), ("t5", "amount")})),
    ),
    ("prev(staff) = torch(guests)", Reads(parts=frozenset({"previous", "torch"}))),
    ("today > period_start", Reads(parts=frozenset({"now"}))),
    ("staff = report_year", Reads(frozenset({"staff"}))),
)


@pytest.mark.parametrize(("source", "reads"), READS)
def test_reads_are_known_without_running(source: str, reads: Reads) -> None:
    """Architecture, data flow: a rule is run again only when something it reads has changed."""
    assert compile_expression(source, SCOPE).reads == reads


def test_types_are_known_without_running() -> None:
    """FORMAT, Expressions: every expression has one type."""
    types = {
        "staff / 2": Kind.NUMBER,
        "name": Kind.TEXT,
        "nature": Kind.CHOICE,
        "served": Kind.SET,
        "max(t5.moved_in)": Kind.DATE,
        "if(open, since, today)": Kind.DATE,
        "staff > 1": Kind.BOOLEAN,
    }
    assert {source: compile_expression(source, SCOPE).type for source in types} == types


DESCRIPTIONS = (
    ("staff = guests + 1", "专职导师 = 兼职导师 + 1"),
    ("staff*2>=guests/3", "专职导师 × 2 ≥ 兼职导师 ÷ 3"),
    ("sum(t5.amount, own=true) <= income", "合计（融资明细·金额，自有资金 = 是） ≤ 收入"),
    ("count(t5, kind in ('team','firm'))", "计数（融资明细，类型 属于 （团队，企业））"),
    ("'train' not in served or nature != 'firm'", "培训 不属于 服务内容 或 单位性质 ≠ 企业"),
    ("if(not open, -1, prev(staff))", "如果（非对外开放，-1，上年（专职导师））"),
    ("since < date(2022, 1, 1) and since<today", "成立日期 < 2022年1月1日 且 成立日期 < 今天"),
    ("name = '甲'", "单位名称 = “甲”"),
    ("report_year = year(since)", "报告年度 = 年份（成立日期）"),
    ("count(t5, t5.amount > 1)", "计数（融资明细，金额 > 1）"),
)


@pytest.mark.parametrize(("source", "text"), DESCRIPTIONS)
def test_descriptions_hold_labels(source: str, text: str) -> None:
    """Architecture, check kinds: item ids in the files, labels where a person reads it."""
    expression = compile_expression(source, SCOPE)
    assert expression.describe() == text
    assert expression.source == source


FULL_WIDTH = (
    ("staff＝guests－１", "staff = guests - 1"),
    ("（staff＋guests）×２÷7≥1", "(staff + guests) * 2 / 7 >= 1"),
    ("staff≠guests 且 非 open", "staff != guests and not open"),
    ("nature 属于（“firm”，‘office’）", "nature in ('firm', 'office')"),
    ("nature不属于（“firm”）或者staff不等于1", "nature not in ('firm') or staff != 1"),
    ("staff＞＝３并且guests≤４或open", "staff >= 3 and guests <= 4 or open"),
    ("合计（t5．amount，own＝true）＞０．５", "sum(t5.amount, own = true) > 0.5"),
    ("staff　−\n1", "staff - 1"),
    ("ｓｔａｆｆ！＝1", "staff != 1"),
    ("如果（open，1，2）", "if(open, 1, 2)"),
)


@pytest.mark.parametrize(("written", "plain"), FULL_WIDTH)
def test_full_width_signs_and_words(written: str, plain: str) -> None:
    """FORMAT, Expressions: full-width signs and Chinese words are accepted."""
    first, second = compile_expression(written, SCOPE), compile_expression(plain, SCOPE)
    view = view_of(VALUES, ROWS)
    assert first.evaluate(view) == second.evaluate(view)
    assert first.describe() == second.describe()
    assert first.reads == second.reads


def test_quoted_text_is_never_replaced() -> None:
    """FORMAT, Expressions: words and signs are replaced outside quotes only."""
    text = "甲且乙或＝（１）"
    assert value_of(f"name = “{text}”", view_of({"name": text})) is True
    assert value_of("if(open, '不等于\\n{x}', '')", view_of(VALUES)) == "不等于\\n{x}"


def test_row_rules_see_columns_first_then_fields() -> None:
    """FORMAT, Expressions: bare names are columns of the table first, then fields."""
    rule = compile_expression("spent <= amount + area", SCOPE, table="t5")
    assert rule.reads == Reads(frozenset({"area"}), frozenset({("t5", "spent"), ("t5", "amount")}))
    assert not rule.aggregates
    view = view_of(VALUES, ROWS)
    first, second, third = view.rows("t5")
    assert [rule.evaluate(view, row) for row in (first, second, third)] == [False, None, True]
    assert rule.rows_false(view, view.rows("t5")) == [first]
    assert rule.rows_false(view, (third,)) == []
    assert rule.evaluate_rows(view, (third, first)) == [True, False]
    assert rule.evaluate(view) is None
    assert rule.describe() == "已用 ≤ 金额 + 场地面积"


def test_row_rules_with_logic_and_whole_tables() -> None:
    """FORMAT, Expressions: row rules are three-valued too; a sum inside them is worked out once."""
    view = view_of(VALUES, ROWS)
    _, second, third = view.rows("t5")
    rule = compile_expression("own = true and (empty(spent) or spent < 3)", SCOPE, table="t5")
    assert rule.rows_false(view, view.rows("t5")) == [second, third]
    whole = compile_expression("amount * 2 < sum(t5.amount)", SCOPE, table="t5")
    assert whole.aggregates == {"t5"}
    assert whole.rows_false(view, view.rows("t5")) == [third]
    number = compile_expression("amount * 2", SCOPE, table="t5")
    assert number.rows_false(view, view.rows("t5")) == []


def test_invalid_cells_leave_a_row_undecided() -> None:
    """FORMAT, Expressions: a typed text that is no number is another check's business."""
    rule = compile_expression("spent <= amount", SCOPE, table="t5")
    rows = rows_of({"spent": Invalid("x"), "amount": Decimal(1)}, {"spent": Decimal(2), "amount": Decimal(1)})
    assert rule.rows_false(view_of(), rows) == [rows[1]]
    assert rule.rows_false(view_of(), (Row("r9", {"spent": True, "amount": Decimal(0)}),)) == []


def test_long_sums_are_fine() -> None:
    """FORMAT, Expressions: a sum of ninety items is no deep nesting."""
    source = "+".join(["staff"] * 80) + "-1" * 10
    assert value_of(source) == 230


@pytest.mark.parametrize("month", range(1, 13))
def test_whole_months_end_on_the_same_day_or_the_last(month: int) -> None:
    """《民法典》第二百零二条: the corresponding day, else the last day of the month."""
    start = date(2021, month, 28) + timedelta(days=3)
    end = date(start.year + 1, start.month, start.day)
    view = view_of({"since": start, "until": end})
    assert value_of("months(since, until)", view) == 12
    assert value_of("months(until, since)", view) == -12
    earlier = view_of({"since": start, "until": end - timedelta(days=1)})
    assert value_of("months(since, until)", earlier) == 11
