"""Codes, contacts and names (GB 32100-2015, GB 11714, GB 11643; checks.md FMT-01 to FMT-07, LOG-07)."""

from __future__ import annotations

from datetime import date

import pytest
import stdnum.cn.ric
import stdnum.cn.uscc
from hypothesis import given
from hypothesis import strategies as st

from app.rules.identity import (
    CREDIT_ALPHABET,
    credit_code_digit,
    id_number_digit,
    id_number_fault,
    is_credit_code,
    is_email,
    is_phone,
    is_postcode,
    is_region_code,
    is_web_address,
    normalise_name,
    organisation_digit,
    plain_name,
)

# Published licences of well-known companies: both check characters are real.
REAL = ("91110000802100433B", "9144030071526726XG", "91440300708461136T", "91110000600037341L")

digits = st.text("0123456789", min_size=8, max_size=8)
codes = st.builds(str.__add__, digits, st.text(CREDIT_ALPHABET, min_size=9, max_size=9))
people = st.builds(
    lambda region, day, order: region + day.strftime("%Y%m%d") + f"{order:03d}",
    st.sampled_from(["650102", "110105", "440305"]),
    st.dates(min_value=date(1900, 1, 1), max_value=date(2022, 1, 1)),
    st.integers(0, 999),
)


@pytest.mark.parametrize("code", REAL)
def test_real_codes_pass(code: str) -> None:
    """FMT-01 to FMT-03 on codes from real licences."""
    assert is_credit_code(code)
    assert credit_code_digit(code) == code[17]
    assert organisation_digit(code[8:16]) == code[16]
    assert is_region_code(code[2:8])


@given(codes)
def test_credit_digit_as_stdnum(body: str) -> None:
    """FMT-02: the check character is the one python-stdnum gives."""
    digit = credit_code_digit(body)
    assert digit == stdnum.cn.uscc.calc_check_digit(body)
    assert stdnum.cn.uscc.is_valid(body + digit)
    assert is_credit_code(body + digit)


@given(codes, st.integers(0, 16), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_is_seen(body: str, place: int, character: str) -> None:
    """GB 32100: a single wrong character always changes the check character."""
    changed = body[:place] + character + body[place + 1 :]
    assert (credit_code_digit(changed) == credit_code_digit(body)) == (changed == body)


@given(people)
def test_person_digit_as_stdnum(body: str) -> None:
    """FMT-05: the check character is the one python-stdnum gives."""
    digit = id_number_digit(body)
    assert digit == stdnum.cn.ric.calc_check_digit(body + "0")
    assert id_number_fault(body + digit) == ""
    wrong = "0" if digit != "0" else "1"
    assert id_number_fault(body + wrong) == "digit"


@given(st.text(max_size=20))
def test_any_text_can_be_asked(text: str) -> None:
    """Whatever was typed, the questions have answers and raise nothing."""
    answers = [is_credit_code(text), is_phone(text), is_email(text), is_web_address(text), is_postcode(text)]
    assert all(isinstance(answer, bool) for answer in answers)
    assert id_number_fault(text) in {"", "shape", "date", "digit"}
    assert plain_name(f"（{text}” ") == plain_name(text)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91110000802100433",
        "91110000802100433BB",
        "91110000802100433b",
        "9111000080210O433B",
        "９1110000802100433B",
    ],
)
def test_other_shapes_are_no_codes(code: str) -> None:
    """FMT-01: length, capitals, alphabet."""
    assert not is_credit_code(code)


def test_no_digit_for_what_is_no_code() -> None:
    """Callers ask for the shape first."""
    for ask in (credit_code_digit, organisation_digit, id_number_digit):
        with pytest.raises(ValueError, match=r"^not "):
            ask("短")


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("11010519491231002X", ""),
        ("11010519491231002x", "shape"),
        ("110105194912310021", "digit"),
        ("110105194913310020", "date"),
        ("110105189912310020", "date"),
        ("01010519491231002X", "shape"),
        ("110105491231002", "shape"),
    ],
)
def test_faults_of_id_numbers(number: str, fault: str) -> None:
    """FMT-05: shape, birthday, check character, in this order (the good one is GB 11643's example)."""
    assert id_number_fault(number) == fault


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("13899990000", True), ("138 9999 0000", True), ("+8613899990000", True), ("0991-1234567", True),
        ("01088656276", True), ("(0991)1234567", True), ("0991-1234567-801", True), ("400-123-4567", True),
        ("12899990000", False), ("1389999000", False), ("1234567", False), ("", False),
        ("010-88656276? 88656275", False),
    ],
)  # fmt: skip
def test_phones(text: str, right: bool) -> None:
    """FMT-06: mobiles, landlines with area code, service numbers."""
    assert is_phone(text) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a.b+c@mail.example.cn", True),
        ("a@b", False),
        ("a@@b.cn", False),
        ("a b@c.cn", False),
        ("a..b@c.cn", False),
        ("@b.cn", False),
    ],
)
def test_mails(text: str, right: bool) -> None:
    """FMT-07: e-mail."""
    assert is_email(text) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://www.example.cn/a/b?c=1#d", True), ("www.example.com", True), ("http://例子.中国", True),
        ("example.com:8080/x", True), ("天山", False), ("http://", False), ("www.exa mple.cn", False),
        ("ftp//x", False),
    ],
)  # fmt: skip
def test_web_addresses(text: str, right: bool) -> None:
    """FMT-07: web addresses."""
    assert is_web_address(text) is right


@pytest.mark.parametrize(
    ("text", "right"), [("830011", True), ("83001", False), ("000000", False), ("８30011", False)]
)
def test_postcodes(text: str, right: bool) -> None:
    """FMT-07: six digits."""
    assert is_postcode(text) is right


@pytest.mark.parametrize(
    ("text", "right"), [("650102", True), ("990102", False), ("65010", False), ("65010A", False)]
)
def test_regions(text: str, right: bool) -> None:
    """FMT-04: the province is judged, the county is not."""
    assert is_region_code(text) is right


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("新疆天山科技有限公司", "新疆天山科技有限责任公司"),
        ("天山（乌市）科技有限公司", "天山(乌市)科技 有限公司"),
        ("阿不都·热合曼", "阿不都•热合曼"),
        ("ＡＢＣ科技", "abc科技"),
        ("“天山”工作室", "天山工作室"),
    ],
)
def test_spellings_of_one_name(first: str, second: str) -> None:
    """LOG-07: width, brackets, spaces, dots and the legal form make no other name."""
    assert normalise_name(first) == normalise_name(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("天山（昌吉）公司", "天山（伊犁）公司"), ("有限公司", "股份有限公司"), ("甲一", "甲")],
)
def test_other_names_stay_apart(first: str, second: str) -> None:
    """LOG-07: what the brackets hold tells names apart."""
    assert normalise_name(first) != normalise_name(second)
