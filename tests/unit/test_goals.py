"""Target and actual values as written (seed 003 §四（一）; checks.md LOG-25 to LOG-28)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.value import Value
from app.rules.expression import ExpressionError, compile_expression, scope_of
from app.rules.goals import Fault, Sign, attainment, measured, read_written
from tests.unit.forms import Case, make_item, make_programme, view_of

LEAST, MOST = ("≥", ">=", "≧", "＞＝", "不少于", "不低于", "至少"), ("≤", "<=", "不超过", "不高于", "＜＝")
UNITS = ("项", "家", "万元", "%", "人次", "个", "")
numbers = st.decimals(Decimal(0), Decimal(10) ** 9, places=2, allow_nan=False, allow_infinity=False)
positive = st.decimals(Decimal(1), Decimal(10) ** 9, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "sign", "number", "unit", "faults"),
    [
        ("≥1401项", Sign.LEAST, "1401", "项", ()),
        ("≥１，４０１项", Sign.LEAST, "1401", "项", ()),
        ("≤15%", Sign.MOST, "15", "%", ()),
        ("52项≥", Sign.LEAST, "52", "项", (Fault.SIGN_BEHIND,)),
        ("15%≤", Sign.MOST, "15", "%", (Fault.SIGN_BEHIND,)),
        ("≥研发成果436项", Sign.LEAST, "436", "项", (Fault.WORDS_INSIDE,)),
        ("100%", Sign.NONE, "100", "%", (Fault.SIGN_MISSING,)),
        ("=100%", Sign.EXACT, "100", "%", ()),
        ("30项以上", Sign.LEAST, "30", "项", ()),
        ("控制在 2 万元以内", Sign.MOST, "2", "万元", ()),
        ("项目结题后持续≥3年", Sign.LEAST, "3", "年", ()),
        ("2017年立项的30项已拨付", Sign.NONE, "30", "项", ()),
        ("共369件，其中报告138件", Sign.NONE, "369", "件", ()),
        ("≥273（个、台、条）", Sign.LEAST, "273", "(个、台、条)", ()),
        ("增长≥-3.5%", Sign.LEAST, "-3.5", "%", ()),
        ("2018年12月底前完成≥20次", Sign.LEAST, "20", "次", ()),
        ("2018—2020年培训1.2万人次", Sign.NONE, "1.2", "万人次", ()),
        ("≤12个月", Sign.MOST, "12", "个月", ()),
    ],
)
def test_what_is_read(text: str, sign: Sign, number: str, unit: str, faults: tuple[Fault, ...]) -> None:
    """seed 003: every way in which its hundred targets are written."""
    written = read_written(text)
    assert written.lead is not None
    assert (written.sign, written.lead.number, written.lead.unit) == (sign, Decimal(number), unit)
    assert written.faults == frozenset(faults)


@pytest.mark.parametrize("text", ["10~15次", "10—15次", "10次至15次", "10-15次", "10～15 次"])
def test_ranges(text: str) -> None:
    """A range has two ends; its nearer end counts."""
    assert read_written(text).sign is Sign.RANGE
    assert [attainment(text, f"{n}次") for n in (10, 15, 12)] == [100] * 3
    assert attainment(text, "8次") == 80
    assert attainment(text, "20次") == 75


@pytest.mark.parametrize(
    "text",
    [
        "效果良好",
        "中长期",
        "一年内注册",
        "",
        "P2P平台",
        "2017年",
        "2018年12月31日前",
        "6月底前",
        "2018-06-30",
    ],
)
def test_texts_have_no_number(text: str) -> None:
    """What has no number decides nothing."""
    assert read_written(text).lead is None
    assert attainment(text, "30项") is None
    assert attainment("≥30项", text) is None
    assert measured(text) is None


@given(st.sampled_from((*LEAST, *MOST)), numbers, st.sampled_from(UNITS), st.sampled_from(["", " "]))
def test_written_out_and_read_back(sign: str, number: Decimal, unit: str, gap: str) -> None:
    """Sign, number and unit come back as they were written, with thousands commas too."""
    for shown in (f"{number}", f"{number:,}"):
        written = read_written(f"{sign}{gap}{shown}{gap}{unit}")
        assert written.sign is (Sign.LEAST if sign in LEAST else Sign.MOST)
        assert written.lead is not None
        assert (written.lead.number, written.lead.unit) == (number, unit)
        assert written.alone
        assert written.faults == frozenset()


@given(positive, numbers, st.sampled_from(UNITS))
def test_reached_is_what_the_numbers_say(goal: Decimal, done: Decimal, unit: str) -> None:
    """100 and more exactly when the comparison holds, for either direction, and never below 0."""
    least, most = attainment(f"≥{goal}{unit}", f"{done}{unit}"), attainment(f"≤{goal}{unit}", f"{done}{unit}")
    assert least is not None
    assert most is not None
    assert (least >= 100) is (done >= goal)
    assert (most >= 100) is (done <= goal)
    assert min(least, most) >= 0
    assert attainment(f"{goal}{unit}", f"{done}{unit}") == least
    assert attainment(f"{goal}{unit}", f"{done}{unit}", falling=True) == most


@given(positive, positive, positive)
def test_more_never_reaches_less(goal: Decimal, done: Decimal, more: Decimal) -> None:
    """A better result never has the lower attainment."""
    low, high = sorted((done, more))
    first, second = attainment(f"≥{goal}项", f"{low}项"), attainment(f"≥{goal}项", f"{high}项")
    assert first is not None
    assert second is not None
    assert first <= second


def test_units_of_money_are_brought_together() -> None:
    """亿元 and 万元 compare, a rate and a count do not."""
    assert attainment("≥2亿元", "20000万元") == 100
    assert attainment("≥80%", "45项") is None
    assert attainment("≥1.2万人次", "12600人次") == 105
    assert attainment("≥3万", "24000人") == 80
    assert attainment("≥52项", "延期4项，45家，90%") is not None
    assert measured("45项，延期4项，90%", "≥80%") == 90
    assert measured("45项，延期4项，90%") == 45


@given(st.text(alphabet="0123456789.,-~≥≤<>=%项万元年（）、至 １２ab其中", max_size=30))
def test_scribble_is_read_without_a_fault_of_ours(text: str) -> None:
    """Whatever is typed, reading it gives a value and never fails."""
    written = read_written(text)
    assert (written.lead is None) is (written.measures == ())
    attainment(text, text)
    attainment("≥1", text)


SCOPE = scope_of(
    make_programme(
        (make_item("goal", "text"), make_item("done", "text"), make_item("less", "yes_no")),
    ).form
)


@pytest.mark.parametrize(
    ("source", "values", "wanted"),
    [
        ("attainment(goal, done)", {"goal": "≥40项", "done": "30项"}, Decimal(75)),
        ("attainment(goal, done, less)", {"goal": "40天", "done": "50天", "less": True}, Decimal(80)),
        ("attainment(goal, done, less)", {"goal": "40天", "done": "50天", "less": False}, Decimal(125)),
        ("attainment(goal, done, less)", {"goal": "40天", "done": "50天"}, None),
        ("attainment(goal, done)", {"goal": "≥40项"}, None),
        ("attainment(goal, done) >= 100", {"goal": "效果良好", "done": "30项"}, None),
        ("measured(done, goal)", {"goal": "≥80%", "done": "45项，90%"}, Decimal(90)),
        ("measured(done) + 1", {"done": "45项，90%"}, Decimal(46)),
        ("完成率(goal, done)", {"goal": "≤50元", "done": "40元"}, Decimal(125)),
        ("所写数值(done)", {"done": "没有数"}, None),
    ],
)
def test_in_expressions(source: str, values: dict[str, Value], wanted: Decimal | None) -> None:
    """Architecture: what is missing or no number leaves an expression undecided."""
    view = view_of(make_programme(), Case("", values=values))
    assert compile_expression(source, SCOPE).evaluate(view) == wanted


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("attainment(goal)", "arguments"),
        ("attainment(goal, 5)", "not_text"),
        ("attainment(goal, done, goal)", "not_boolean"),
        ("measured(less)", "not_text"),
        ("measured(goal, done, less)", "arguments"),
    ],
)
def test_refused_in_expressions(source: str, code: str) -> None:
    """A wrong argument is a mistake of the programme, told with its place."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, SCOPE)
    assert caught.value.code == code
