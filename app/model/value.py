"""What a cell can hold, and how a typed text becomes it and goes back.

Inside: money in 元 as ``Decimal``, percent in percentage points, dates as ``date``, choices as the
choice's id, several choices as a tuple of ids.  A text that is no number or date is kept as
``Invalid(text)``: it is a finding, never a refusal, because what a clerk typed is never lost.
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

MAX_DIGITS = 18
"""Longest number accepted, in digits; longer ones are kept as ``Invalid``."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_YES = frozenset({"是", "有", "true", "yes", "1"})
_NO = frozenset({"否", "无", "false", "no", "0"})


def is_number(value: object) -> bool:
    """Tell whether a value is a number (a yes/no answer is none)."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def clean_text(text: str) -> str:
    """Give NFC text without control characters other than line feed and tab, ends trimmed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def parse_number(text: str) -> Decimal | None:
    """Read a decimal number as clerks type it (full-width digits, thousands commas) or give None."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
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
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


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
    if kind is ItemType.YES_NO:
        lowered = text.lower()
        return True if lowered in _YES else False if lowered in _NO else Invalid(text)
    if kind is ItemType.CHOICE:
        return _find_choice(text, choices or {})
    if kind is ItemType.MULTI_CHOICE:
        parts = tuple(part for part in re.split(r"[、,，;；|\n]", text) if part.strip())
        found = [_find_choice(part.strip(), choices or {}) for part in parts]
        if not all(isinstance(choice, str) for choice in found):
            return Invalid(text)
        return tuple(dict.fromkeys(choice for choice in found if isinstance(choice, str)))
    if kind in (ItemType.CREDIT_CODE, ItemType.ID_NUMBER, ItemType.PHONE, ItemType.POSTCODE):
        return unicodedata.normalize("NFKC", text).upper().strip()
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
    value: Value | None, kind: ItemType, unit: str = "", choices: Mapping[str, str] | None = None
) -> str:
    """Give the text a person reads, in the item's unit, money and counts with thousands commas.

    The unit itself is not part of the text.  Nothing is rounded: money is what was typed.
    """
    if value is None:
        return ""
    if isinstance(value, Invalid):
        return value.text
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, tuple):
        return "、".join((choices or {}).get(part, part) for part in value)
    if isinstance(value, str):
        return (choices or {}).get(value, value) if kind is ItemType.CHOICE else value
    whole, dot, fraction = plain_decimal(in_unit(value, kind, unit)).partition(".")
    sign = "-" if whole.startswith("-") else ""
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
        return Invalid(str(raw["invalid"]))
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, list):
        return tuple(str(part) for part in raw)
    if not isinstance(raw, str):
        raise ValueError(f"unexpected JSON {type(raw).__name__}")
    if kind is ItemType.INTEGER:
        return int(raw)
    if kind in NUMBER_TYPES:
        try:
            return Decimal(raw)
        except InvalidOperation as error:
            raise ValueError(raw) from error
    if kind is ItemType.DATE:
        return date.fromisoformat(raw)
    return raw
