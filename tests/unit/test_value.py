"""Typed texts become values and go back (seed 000 §四.1: what is filled in must be true to the letter)."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.model.value import (
    NUMBER_TYPES,
    Invalid,
    ItemType,
    Value,
    clean_text,
    dump_value,
    format_value,
    in_unit,
    is_number,
    load_value,
    parse_date,
    parse_number,
    parse_value,
    plain_decimal,
)
from tests.unit.answer_world import CHOICES, UNITS, typed_texts

KINDS = list(ItemType)
KIND_AND_TEXT = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), typed_texts(kind)))


def parse(kind: ItemType, text: str, unit: str | None = None) -> Value | None:
    return parse_value(kind, text, UNITS.get(kind, "") if unit is None else unit, CHOICES)


def show(kind: ItemType, value: Value | None, unit: str | None = None) -> str:
    return format_value(value, kind, UNITS.get(kind, "") if unit is None else unit, CHOICES)


# ------------------------------------------------------------------------------------------ properties
@given(KIND_AND_TEXT)
@example((ItemType.CREDIT_CODE, "ΐ"))
@example((ItemType.CREDIT_CODE, "ª"))
@example((ItemType.DATE, "0001-01-01"))
@example((ItemType.TEXT, "e\x00\u0301"))
@example((ItemType.MULTI_CHOICE, "、、"))
@example((ItemType.MULTI_CHOICE, "国有、专利、软件著作权"))
def test_what_is_shown_can_be_typed_again(case: tuple[ItemType, str]) -> None:
    """Seed 000 §四.1: a copied or printed value typed again is the same value, for every item type."""
    kind, text = case
    value = parse(kind, text)
    shown = show(kind, value)
    assert parse(kind, shown) == value
    assert show(kind, parse(kind, shown)) == shown


@given(KIND_AND_TEXT)
@example((ItemType.DATE, "0001-01-01"))
@example((ItemType.MONEY, "-0"))
def test_dump_and_load_are_inverse(case: tuple[ItemType, str]) -> None:
    """Fingerprint: what canonical content writes is read back as the same value of the same type."""
    kind, text = case
    value = parse(kind, text)
    loaded = load_value(kind, dump_value(value))
    assert loaded == value
    assert type(loaded) is type(value)
    assert dump_value(loaded) == dump_value(value)


@given(st.sampled_from(KINDS), st.text(max_size=20))
def test_nothing_typed_is_lost(kind: ItemType, text: str) -> None:
    """Architecture: a typed text that is no value stays as it was typed; only an empty text is missing."""
    value = parse(kind, text)
    assert (value is None) == (clean_text(text) == "")
    if isinstance(value, Invalid):
        assert value.text == clean_text(text)
        assert show(kind, value) == clean_text(text)


@given(st.text())
@example("e\x00\u0301")
@example("\u1100\x01\u1161")
@example(" \ud800\t甲\r\n乙\r ")
def test_clean_text_is_clean(text: str) -> None:
    """GB 18030 / XML: no control or half characters can reach paper, database or platform."""
    clean = clean_text(text)
    assert clean_text(clean) == clean == clean.strip()
    assert unicodedata.is_normalized("NFC", clean)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in clean)
    clean.encode("utf-8")


def test_every_character_of_a_code_is_stable() -> None:
    """GB 32100: codes are kept in half-width capitals; reading one again changes nothing."""
    ideographs_apart = (*range(0x3400), *range(0xF900, 0x20000))
    for number in ideographs_apart:
        once = parse_value(ItemType.CREDIT_CODE, chr(number))
        if once is not None:
            assert isinstance(once, str)
            assert parse_value(ItemType.CREDIT_CODE, once) == once, hex(number)
            assert dump_value(once) == once, hex(number)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**11), max_value=10**11))
def test_ten_thousands_are_exact(number: Decimal) -> None:
    """Domain: money is stored in 元 and shown in 万元; 271.5 万元 is 2,715,000 元 and nothing is rounded."""
    typed = parse(ItemType.MONEY, f"{number:f}")
    assert typed == number * 10000
    assert isinstance(typed, Decimal)
    assert in_unit(typed, ItemType.MONEY, "万元") == number
    assert parse_number(show(ItemType.MONEY, typed)) == number
    assert parse(ItemType.MONEY, show(ItemType.MONEY, typed, "元"), "元") == typed


@given(st.dates())
def test_dates_survive_in_every_notation(day: date) -> None:
    """Seed 000 §二: dates as people write them, Chinese, ISO, slashes, dots."""
    for text in (
        f"{day.year:04}年{day.month}月{day.day}日",
        day.isoformat(),
        f"{day.year:04}/{day.month}/{day.day}",
        f"{day.year:04}.{day.month:02}.{day.day:02}",
    ):
        assert parse_date(text) == day
    assert parse_date(show(ItemType.DATE, day)) == day


# ------------------------------------------------------------------------------------------ numbers
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.50", "1234.5"),
        ("1,234,567.89", "1234567.89"),
        ("１２３４", "1234"),
        ("１，２３４．５", "1234.5"),
        ("－５", "-5"),
        ("−5", "-5"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("　12　", "12"),
        ("0" * 17 + "7", "7"),
        ("9" * 18, "9" * 18),
    ],
)
def test_numbers_as_clerks_type_them(text: str, number: str) -> None:
    """FMT-08: full-width digits and thousands commas are read, not refused."""
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "12,34",
        "1,2345",
        ",123",
        "1e5",
        "1E999999999",
        "NaN",
        "Infinity",
        "1_000",
        "0x10",
        "1 000",
        "三",
        "12万",
        "10²",
        "35①",
        "½",
        "9" * 19,
        "1" * 10000,
        "--5",
        "1.2.3",
    ],
)
def test_what_is_no_number_is_kept(text: str) -> None:
    """Architecture: never a guess (10² is not 102), never a crash, always the text as typed."""
    assert parse_number(text) is None
    for kind in NUMBER_TYPES:
        assert parse(kind, text) == (Invalid(text) if text else None)


def test_integers_take_no_fraction() -> None:
    """FMT-01: 12.0 家 is twelve, 12.5 家 is kept as typed."""
    assert parse(ItemType.INTEGER, "12.0") == 12
    assert type(parse(ItemType.INTEGER, "12.0")) is int
    assert parse(ItemType.INTEGER, "12.5") == Invalid("12.5")


@pytest.mark.parametrize("text", ["50%", "50％", "50 %", "５０％", "50"])
def test_percent_signs(text: str) -> None:
    """Domain: percent is stored in percentage points, with or without its sign."""
    assert parse(ItemType.PERCENT, text) == Decimal(50)


@pytest.mark.parametrize("text", ["%", "50%%", "%50", "50‰"])
def test_bad_percent_is_kept(text: str) -> None:
    """Architecture: Invalid keeps the whole text, the sign too."""
    assert parse(ItemType.PERCENT, text) == Invalid(text)


@pytest.mark.parametrize(
    ("unit", "text", "yuan"),
    [
        ("元", "271.05", "271.05"),
        ("千元", "271.5", "271500"),
        ("万元", "271.5", "2715000"),
        ("亿元", "0.00000001", "1"),
        ("万元", "0.000001", "0.01"),
        ("万元", "-3", "-30000"),
    ],
)
def test_money_in_its_unit(unit: str, text: str, yuan: str) -> None:
    """Domain: money typed in the item's unit is stored in 元 exactly and shown as it was typed."""
    value = parse(ItemType.MONEY, text, unit)
    assert value == Decimal(yuan)
    assert show(ItemType.MONEY, value, unit) == text


@pytest.mark.parametrize(
    ("unit", "amount", "decimals", "text"),
    [
        ("元", "1324615.6", 2, "1,324,615.60"),
        ("元", "1324615.6", None, "1,324,615.60"),
        ("元", "18000", 2, "18,000.00"),
        ("元", "18000", None, "18,000"),
        ("元", "-0.5", 2, "-0.50"),
        ("元", "0.125", 2, "0.125"),
        ("万元", "15000", 2, "1.5"),
        ("元", "18000", 0, "18,000"),
    ],
)
def test_yuan_are_written_to_the_fen(unit: str, amount: str, decimals: int | None, text: str) -> None:
    """Amounts in 元 stand on paper and screen as in accounts, with 角 and 分; nothing is rounded."""
    assert format_value(Decimal(amount), ItemType.MONEY, unit, None, decimals) == text
    assert parse(ItemType.MONEY, text, unit) == Decimal(amount)


@pytest.mark.parametrize("text", ["-0", "-0.00", "－０", "0", "0.000"])
def test_there_is_one_zero(text: str) -> None:
    """Fingerprint: minus zero is zero on screen, paper and in the hash."""
    for kind in NUMBER_TYPES:
        value = parse(kind, text)
        assert show(kind, value) == "0"
        assert dump_value(value) == "0"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1E+5", "100000"),
        ("1.50", "1.5"),
        ("-0.0", "0"),
        ("100", "100"),
        ("0E-9", "0"),
        ("1E-7", "0.0000001"),
    ],
)
def test_plain_decimals(number: str, text: str) -> None:
    """Fingerprint: one spelling for one number."""
    assert plain_decimal(Decimal(number)) == text


def test_thousands_commas_and_signs() -> None:
    """Print rules: thousands commas, a minus for negative fractions, nothing rounded."""
    assert show(ItemType.INTEGER, -1234567) == "-1,234,567"
    assert show(ItemType.DECIMAL, Decimal("-0.5")) == "-0.5"
    assert show(ItemType.DECIMAL, Decimal("1234.0001")) == "1,234.0001"


def test_yes_is_no_number() -> None:
    """Model: a yes/no answer never takes part in sums."""
    assert not is_number(True)
    assert is_number(1)
    assert is_number(Decimal(1))


# ------------------------------------------------------------------------------------------ dates
@pytest.mark.parametrize(
    "text", ["2022年1月5日", "2022-1-5", "2022-01-05", "2022/1/5", "2022.1.5", "２０２２年１月５日"]
)
def test_dates(text: str) -> None:
    """Seed 000: 2023年1月5日 and its other spellings; full width included."""
    assert parse_date(text) == date(2022, 1, 5)


@pytest.mark.parametrize(
    "text",
    ["22-1-5", "22年1月5日", "2022-2-30", "2022-13-1", "0000-1-1", "2022年1月", "20220105", "2022-1-1²"],
)
def test_dates_that_are_none(text: str) -> None:
    """FMT date: two-digit years, days that do not exist and half dates are kept, not guessed."""
    assert parse_date(text) is None
    assert parse(ItemType.DATE, text) == Invalid(text)


# ------------------------------------------------------------------------------------------ choices
def test_choices_by_id_or_label() -> None:
    """Format: choices by id or label; unknown ones are kept."""
    assert parse(ItemType.CHOICE, "soe") == parse(ItemType.CHOICE, " 国有 ") == "soe"
    assert parse(ItemType.CHOICE, "外资") == Invalid("外资")


def test_several_choices() -> None:
    """Fingerprint: the order of ticking says nothing; labels may hold 、 themselves; twice is once."""
    assert parse(ItemType.MULTI_CHOICE, "民营，国有；民营") == ("soe", "private")
    assert parse(ItemType.MULTI_CHOICE, "专利、软件著作权、国有") == ("soe", "mixed")
    assert parse(ItemType.MULTI_CHOICE, "soe | private\nmixed") == ("soe", "private", "mixed")
    assert parse(ItemType.MULTI_CHOICE, "国有、外资") == Invalid("国有、外资")
    assert parse(ItemType.MULTI_CHOICE, "国有民营") == Invalid("国有民营")
    assert parse(ItemType.MULTI_CHOICE, "、") == Invalid("、")


@pytest.mark.parametrize(
    ("text", "answer"), [("是", True), ("有", True), ("YES", True), ("否", False), ("0", False)]
)
def test_yes_and_no(text: str, answer: bool) -> None:
    """Domain: 是/否 and 有/无 both occur in the notices' forms."""
    assert parse(ItemType.YES_NO, text) is answer


def test_codes_in_half_width_capitals() -> None:
    """GB 32100: codes are written in half-width digits and capitals."""
    assert parse(ItemType.CREDIT_CODE, " ９１６５01aa ") == "916501AA"
    assert parse(ItemType.PHONE, "０９９１－３８２６７２７") == "0991-3826727"
    assert parse(ItemType.EMAIL, "A@b.cn") == "A@b.cn"


# ------------------------------------------------------------------------------------------ load
@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (ItemType.INTEGER, "1.5"),
        (ItemType.INTEGER, True),
        (ItemType.INTEGER, 5),
        (ItemType.DECIMAL, "1e999999"),
        (ItemType.DECIMAL, "NaN"),
        (ItemType.MONEY, ["1"]),
        (ItemType.TEXT, False),
        (ItemType.TEXT, ["a"]),
        (ItemType.DATE, "2022-02-30"),
        (ItemType.DATE, "gestern"),
        (ItemType.YES_NO, "是"),
        (ItemType.MULTI_CHOICE, "soe"),
        (ItemType.MULTI_CHOICE, [1]),
        (ItemType.TEXT, {}),
        (ItemType.TEXT, {"invalid": 5}),
        (ItemType.TEXT, {"invalid": "x", "more": 1}),
        (ItemType.TEXT, 1.5),
    ],
)
def test_what_does_not_fit_the_type_is_refused(kind: ItemType, raw: object) -> None:
    """Store: a damaged document raises ValueError and never gives a value of another type."""
    with pytest.raises(ValueError):
        load_value(kind, raw)


JSON_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    JSON_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
)


@given(st.sampled_from(KINDS), JSON)
def test_load_raises_nothing_but_value_error(kind: ItemType, raw: object) -> None:
    """Store: whatever a damaged document holds."""
    try:
        value = load_value(kind, raw)
    except ValueError:
        return
    assert load_value(kind, dump_value(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "2021-2023",
        "2021—2023年",
        "2021年至2023年",
        "２０２１～２０２３",
        "2021——2023",
        "2021年度-2023年度",
        "2021 到 2023",
    ],
)
def test_a_range_of_years_is_read_as_clerks_type_it(text: str) -> None:
    """Issue 3, 填报: year range; kept as 2021-2023, read by people as 2021—2023."""
    assert parse_value(ItemType.YEAR_RANGE, text) == "2021-2023"
    assert format_value("2021-2023", ItemType.YEAR_RANGE) == "2021—2023"
    assert load_value(ItemType.YEAR_RANGE, dump_value("2021-2023")) == "2021-2023"


@pytest.mark.parametrize("text", ["2021", "21-23", "2021-", "1821-2023", "2021-2023-2025", "去年至今年"])
def test_what_is_no_range_of_years_is_kept_as_typed(text: str) -> None:
    """What a clerk typed is never lost; a first year behind the last is a value that a check judges."""
    assert parse_value(ItemType.YEAR_RANGE, text) == Invalid(text)
    assert parse_value(ItemType.YEAR_RANGE, "2023-2021") == "2023-2021"
    with pytest.raises(ValueError, match=r".*"):
        load_value(ItemType.YEAR_RANGE, "x")
