"""What a cell can hold, and how a typed text becomes it and goes back.

Inside: money in 元 as ``Decimal``, percent in percentage points, dates as ``date``, ranges of years as
``2021-2023``, choices as the choice's id, several choices as a tuple of ids.  A text that is no number
or date is kept as ``Invalid(text)``: it is a finding, never a refusal, because what a clerk typed is
never lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Invalid:
    """A typed text that is no value of its item's type."""

    text: str


Value: TypeAlias = str | int | Decimal | bool | date | tuple[str, ...] | Invalid
"""A present answer.  A missing answer is the absence of the key (or None), never an empty string."""


class ItemType(StrEnum):
    """Types of items (fields and columns)."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    YEAR_RANGE = "year_range"
    YES_NO = "yes_no"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    CREDIT_CODE = "credit_code"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    EMAIL = "email"
    WEB_ADDRESS = "web_address"
    POSTCODE = "postcode"


NUMBER_TYPES = frozenset({ItemType.INTEGER, ItemType.DECIMAL, ItemType.MONEY, ItemType.PERCENT})
TEXT_TYPES = frozenset(
    {
        ItemType.TEXT,
        ItemType.LONG_TEXT,
        ItemType.CREDIT_CODE,
        ItemType.ID_NUMBER,
        ItemType.PHONE,
        ItemType.EMAIL,
        ItemType.WEB_ADDRESS,
        ItemType.POSTCODE,
    }
)

MONEY_UNITS: Mapping[str, Decimal] = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10000),
    "亿元": Decimal(100000000),
}
"""Display units of money and what one of them is in 元."""

_YUAN, _FEN_PLACES = "元", 2

MAX_DIGITS = 18
"""Longest number accepted, in digits; longer ones are kept as ``Invalid``."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_YEARS = re.compile(r"(\d{4})\s*年?(?:度)?\s*(?:[-~～—–－−]+|至|到)\s*(\d{4})\s*年?(?:度)?")
_YEAR_RANGE = re.compile(r"([0-9]{4})-([0-9]{4})")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_SEPARATORS = "、,，;；|\n\t \u3000"
_LISTED = frozenset(("", *_SEPARATORS))
_YES = frozenset({"是", "有", "true", "yes", "1"})
_NO = frozenset({"否", "无", "false", "no", "0"})


def is_number(value: object) -> bool:
    """Tell whether a value is a number (a yes/no answer is none)."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def clean_text(text: str) -> str:
    """Give NFC text without control characters other than line feed and tab, ends trimmed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).strip()


def _narrow(text: str) -> str:
    """Give text in half width; empty where NFKC would make plain digits of 10² or 35①."""
    if any(c.isnumeric() and not c.isdecimal() for c in text):
        return ""
    return unicodedata.normalize("NFKC", text).strip()


def parse_number(text: str) -> Decimal | None:
    """Read a decimal number as clerks type it (full-width digits, thousands commas) or give None."""
    plain = _narrow(text).replace("−", "-")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _NUMBER.fullmatch(plain) or sum(c.isdigit() for c in plain) > MAX_DIGITS:
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def parse_date(text: str) -> date | None:
    """Read a full date (ISO, slashes, dots or 年月日) or give None; two-digit years are none."""
    match = _DATE.fullmatch(_narrow(text))
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_years(text: str) -> str | None:
    """Read a range of years as clerks type it (2021—2023年, 2021至2023) or give None; gives ``2021-2023``.

    Years from 1900 to 2199; the first may be after the last: that is for a check to say.
    """
    match = _YEARS.fullmatch(_narrow(text))
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    inside = all(_FIRST_YEAR <= year <= _LAST_YEAR for year in (first, last))
    return f"{first}-{last}" if inside else None


def split_years(value: object) -> tuple[int, int] | None:
    """Give the first and the last year of a stored range, or None where it is none."""
    match = _YEAR_RANGE.fullmatch(value) if isinstance(value, str) else None
    return (int(match[1]), int(match[2])) if match else None


def parse_value(
    kind: ItemType, text: str, unit: str = "", choices: Mapping[str, str] | None = None
) -> Value | None:
    """Turn a typed text into a value of the type; None for an empty text; ``Invalid`` for no such value.

    ``unit`` is the item's own unit: money typed in it is stored in 元.  ``choices`` maps choice ids to
    labels; ids and labels are both accepted.
    """
    text = clean_text(text)
    if not text:
        return None
    if kind in NUMBER_TYPES:
        return _parse_typed_number(kind, text, unit)
    if kind is ItemType.DATE:
        return parse_date(text) or Invalid(text)
    if kind is ItemType.YEAR_RANGE:
        return parse_years(text) or Invalid(text)
    if kind is ItemType.YES_NO:
        lowered = text.lower()
        return True if lowered in _YES else False if lowered in _NO else Invalid(text)
    if kind is ItemType.CHOICE:
        return _find_choice(text, choices or {})
    if kind is ItemType.MULTI_CHOICE:
        return _find_choices(text, choices or {})
    if kind in (ItemType.CREDIT_CODE, ItemType.ID_NUMBER, ItemType.PHONE, ItemType.POSTCODE):
        return clean_text(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper()))
    return text


def _parse_typed_number(kind: ItemType, text: str, unit: str) -> Value:
    bare = text[:-1] if kind is ItemType.PERCENT and text[-1] in "%％" else text
    number = parse_number(bare)
    if number is None:
        return Invalid(text)
    if kind is ItemType.INTEGER:
        return int(number) if number == number.to_integral_value() else Invalid(text)
    if kind is ItemType.MONEY:
        return number * MONEY_UNITS.get(unit, Decimal(1))
    return number


def _find_choice(text: str, choices: Mapping[str, str]) -> Value:
    if text in choices:
        return text
    for key, label in choices.items():
        if label == text:
            return key
    return Invalid(text)


def _find_choices(text: str, choices: Mapping[str, str]) -> Value:
    """Give the ids named in a list, each once, in the order of the choices; labels may hold separators."""
    names = sorted({*choices, *choices.values()}, key=len, reverse=True)
    found: set[str] = set()
    rest = text.strip(_SEPARATORS)
    while rest:
        for name in names:
            if name and rest.startswith(name) and rest[len(name) :].lstrip(" ")[:1] in _LISTED:
                found.add(str(_find_choice(name, choices)))
                rest = rest[len(name) :].lstrip(_SEPARATORS)
                break
        else:
            return Invalid(text)
    return tuple(key for key in choices if key in found) or Invalid(text)


def plain_decimal(number: Decimal | int) -> str:
    """Give a number without exponent, without trailing zeros, and never ``-0``."""
    if isinstance(number, int):
        return str(number)
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def in_unit(value: Decimal | int, kind: ItemType, unit: str) -> Decimal:
    """Give a stored number in the item's own unit (money: 元 → unit)."""
    number = Decimal(value)
    return number / MONEY_UNITS.get(unit, Decimal(1)) if kind is ItemType.MONEY else number


def format_value(
    value: Value | None,
    kind: ItemType,
    unit: str = "",
    choices: Mapping[str, str] | None = None,
    decimals: int | None = None,
) -> str:
    """Give the text a person reads, in the item's unit, money and counts with thousands commas.

    The unit itself is not part of the text.  Nothing is rounded: money is what was typed.  Money in 元 that
    has 角, or whose item has ``decimals``, is written to the 分 (1,324,615.60), as accounts are.
    """
    if value is None:
        return ""
    if isinstance(value, Invalid):
        return value.text
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value.year:04}年{value.month}月{value.day}日"
    if isinstance(value, tuple):
        return "、".join((choices or {}).get(part, part) for part in value)
    if isinstance(value, str):
        if kind is ItemType.YEAR_RANGE:
            return value.replace("-", "—")
        return (choices or {}).get(value, value) if kind is ItemType.CHOICE else value
    whole, dot, fraction = plain_decimal(in_unit(value, kind, unit)).partition(".")
    sign = "-" if whole.startswith("-") else ""
    if kind is ItemType.MONEY and unit == _YUAN and (fraction or decimals):
        dot, fraction = ".", fraction.ljust(_FEN_PLACES, "0")
    return f"{sign}{int(whole.lstrip('-') or '0'):,}{dot}{fraction}"


def dump_value(value: Value | None) -> object:
    """Give the canonical JSON form of a stored value (numbers as plain strings, dates ISO).

    ``{"invalid": text}`` for an ``Invalid``.  ``load_value`` is its inverse for the same type.
    """
    if isinstance(value, Invalid):
        return {"invalid": unicodedata.normalize("NFC", value.text)}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        return plain_decimal(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [unicodedata.normalize("NFC", part) for part in value]
    return unicodedata.normalize("NFC", value)


def load_value(kind: ItemType, raw: object) -> Value | None:
    """Read what ``dump_value`` wrote for an item of this type.

    Raises ``ValueError`` where the form does not fit the type: the document was damaged or is of
    another form version.
    """
    if raw is None:
        return None
    if isinstance(raw, dict):
        text = raw.get("invalid")
        if not isinstance(text, str) or len(raw) != 1:
            raise ValueError("unexpected JSON object")
        return Invalid(text)
    if kind is ItemType.YES_NO and isinstance(raw, bool):
        return raw
    if kind is ItemType.MULTI_CHOICE and isinstance(raw, list) and all(isinstance(part, str) for part in raw):
        return tuple(raw)
    if kind in (ItemType.YES_NO, ItemType.MULTI_CHOICE):
        raise ValueError(f"unexpected JSON {type(raw).__name__}")
    if not isinstance(raw, str):
        raise ValueError(f"unexpected JSON {type(raw).__name__}")
    if kind in NUMBER_TYPES:
        # plain_decimal writes neither exponents nor NaN; a million digits of 1e999999 must not come in
        if not _NUMBER.fullmatch(raw):
            raise ValueError(raw)
        return int(raw) if kind is ItemType.INTEGER else Decimal(raw)
    if kind is ItemType.DATE:
        return date.fromisoformat(raw)
    if kind is ItemType.YEAR_RANGE and split_years(raw) is None:
        raise ValueError(raw)
    return raw
