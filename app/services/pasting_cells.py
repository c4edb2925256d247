"""One pasted cell: what its text means in a column, and what had to be done or could not be done.

Spreadsheets keep 15 digits of a number, show long ones as 6.5E+17 and narrow columns as ####; such a
text is refused, because a wrong identity number that looks right is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from app.model.form import Item
from app.model.value import (
    MONEY_UNITS,
    NUMBER_TYPES,
    TEXT_TYPES,
    Invalid,
    ItemType,
    Value,
    clean_text,
    parse_number,
    parse_value,
    plain_decimal,
)
from app.rules.identity import plain_name

EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps (IEEE 754 double, as shown by Excel and WPS)."""

REFUSED = frozenset({"damaged", "hashes", "formula"})
"""Codes of cells that are not taken over unless the clerk says so."""

_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d{1,3}")
_HASHES = re.compile(r"#{2,}")
_FORMULA = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")
_LONG = re.compile(r"\d{16,}")
_WITH_UNIT = re.compile(r"[¥￥]?\s*([+-]?[\d０-９][\d０-９,，.．]*)\s*([^\d\s.,]{0,6}?)(/.{1,3})?")
_MONEY_WORDS = {
    **MONEY_UNITS,
    "万": MONEY_UNITS["万元"],
    "亿": MONEY_UNITS["亿元"],
    "千": MONEY_UNITS["千元"],
}
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WITH_TIME = re.compile(r"(.+?)[ T]+0{1,2}:00(:00(\.0+)?)?")
_SERIAL = re.compile(r"[2-6]\d{4}")
_SERIAL_START = date(1899, 12, 30)
_MARKS = {
    "√": True,
    "✓": True,
    "✔": True,
    "☑": True,
    "Y": True,
    "×": False,
    "✗": False,
    "☒": False,
    "N": False,
}
_CODES = frozenset({ItemType.CREDIT_CODE, ItemType.ID_NUMBER})


@dataclass(frozen=True, slots=True)
class Cell:
    """A pasted cell: its value, and the code of what was done to it or is wrong with it.

    ``seen`` is a detail for the sentence: the unit found, the date meant.
    """

    value: Value | None = None
    code: str = ""
    seen: str = ""

    @property
    def refused(self) -> bool:
        """Tell whether the cell is not to be trusted."""
        return self.code in REFUSED


EMPTY = Cell()


def read_cell(item: Item, text: str, exact: str = "", unit: str = "") -> Cell:
    """Give what a text from a spreadsheet means in a column.

    ``exact`` is the full number behind the cell where it is known.  ``unit`` is the money unit its
    heading names.  What is no value of the column's type is kept as ``Invalid``.
    """
    text = text.strip() if text.isprintable() else clean_text(text)
    if not text:
        return EMPTY
    if text[0] == "#" and (_HASHES.fullmatch(text) or _FORMULA.fullmatch(text)):
        if exact and not _FORMULA.fullmatch(text):
            return (
                read_cell(item, _plain(exact), "", unit)
                if _is_safe(exact)
                else Cell(Invalid(text), "damaged")
            )
        return Cell(Invalid(text), "formula" if _FORMULA.fullmatch(text) else "hashes")
    if item.type in NUMBER_TYPES:
        return _read_number(item, text, exact, unit)
    if item.type in TEXT_TYPES:
        return _read_text(item, text, exact)
    if item.type is ItemType.DATE:
        return _read_date(item, text)
    if item.type is ItemType.YEAR_RANGE:
        years = parse_value(item.type, text)
        return Cell(years, "invalid") if isinstance(years, Invalid) else Cell(years)
    value = parse_value(item.type, text, item.unit, item.choices)
    if not isinstance(value, Invalid):
        return Cell(value)
    if item.type is ItemType.YES_NO:
        mark = _MARKS.get(text.upper())
        return Cell(value, "invalid") if mark is None else Cell(mark, "near", "是" if mark else "否")
    return _near_choice(item, text, value)


def _near_choice(item: Item, text: str, value: Invalid) -> Cell:
    wanted = plain_name(text)
    near = [key for key, label in item.choices.items() if plain_name(label) == wanted]
    if item.type is ItemType.CHOICE and len(near) == 1:
        return Cell(near[0], "near", item.choices[near[0]])
    return Cell(value, "choice_unknown", text)


def _plain(exact: str) -> str:
    """Give a number of a file without exponent and without the noise behind its 15th digit."""
    try:
        number = Decimal(exact)
    except InvalidOperation:
        return exact
    if not number.is_finite() or not -30 < number.adjusted() < 30:
        return exact
    return plain_decimal(Decimal(f"{number:.{EXACT_DIGITS - 1}E}"))


def _is_safe(exact: str) -> bool:
    """Tell whether a number is short enough to have been kept whole."""
    try:
        return Decimal(exact).adjusted() < EXACT_DIGITS
    except InvalidOperation:
        return False


def _read_text(item: Item, text: str, exact: str) -> Cell:
    if item.type is not ItemType.TEXT and text[0] in "'‘`" and text[1:2].isdigit():
        text = text[1:]
    if not text[0].isdecimal() and text[0] not in "+-":
        return Cell(parse_value(item.type, text))
    plain = unicodedata.normalize("NFKC", text)
    if _SCIENTIFIC.fullmatch(plain):
        if exact and _is_safe(exact):
            return Cell(parse_value(item.type, _plain(exact)), "exact", _plain(exact))
        return Cell(parse_value(item.type, text), "damaged", text)
    if _LONG.fullmatch(plain) and (exact or (item.type in _CODES and plain.endswith("000"))):
        return Cell(parse_value(item.type, text), "damaged", text)
    if (
        plain != text
        and any(c.isdecimal() and not c.isascii() for c in text)
        and item.type is not ItemType.TEXT
    ):
        return Cell(parse_value(item.type, text), "full_width")
    return Cell(parse_value(item.type, text))


def _read_number(item: Item, text: str, exact: str, unit: str) -> Cell:
    if exact and _SCIENTIFIC.fullmatch(text):
        return Cell(_typed(item, _plain(exact), unit), "exact", _plain(exact))
    if _SCIENTIFIC.fullmatch(text):
        return Cell(Invalid(text), "damaged", text)
    value = _typed(item, text, unit)
    if isinstance(value, Invalid):
        return _with_unit(item, text, value)
    if exact:
        fuller = _fuller(text, exact)
        if fuller:
            return Cell(_typed(item, fuller, unit), "exact", fuller)
    if not text.isascii() and any(c.isdecimal() and not c.isascii() for c in text):
        return Cell(value, "full_width")
    if unit and unit != item.unit and item.type is ItemType.MONEY:
        return Cell(value, "heading_unit", unit)
    return Cell(value, "thousands") if "," in text or "，" in text else Cell(value)


def _typed(item: Item, text: str, unit: str) -> Value:
    value = parse_value(item.type, text, unit or item.unit, item.choices)
    assert value is not None
    return value


def _fuller(text: str, exact: str) -> str:
    """Give the exact number where the text shows it rounded, else nothing."""
    shown, full = parse_number(text), parse_number(_plain(exact))
    if shown is None or full is None or shown == full:
        return ""
    exponent = shown.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return plain_decimal(full) if abs(shown - full) <= Decimal(1).scaleb(-places) / 2 else ""


def _with_unit(item: Item, text: str, value: Invalid) -> Cell:
    """Read ``12.5万元`` and ``30 人``: money is worked out exactly, another unit must be the column's."""
    match = _WITH_UNIT.fullmatch(text)
    number = parse_number(match[1]) if match else None
    if match is None or number is None:
        return Cell(value, "invalid")
    word = match[2].strip()
    if item.type is ItemType.MONEY and (word in _MONEY_WORDS or not word) and not match[3]:
        factor = _MONEY_WORDS[word] if word else MONEY_UNITS.get(item.unit, Decimal(1))
        return Cell(number * factor, "unit", word or "¥")
    if word and word == item.unit:
        return Cell(_typed(item, match[1], ""), "unit", word)
    return Cell(value, "invalid")


def _read_date(item: Item, text: str) -> Cell:
    value = parse_value(item.type, text)
    if not isinstance(value, Invalid):
        return Cell(value, "" if text.isascii() or "年" in text else "full_width")
    plain = unicodedata.normalize("NFKC", text)
    timed, compact = _WITH_TIME.fullmatch(plain), _COMPACT_DAY.fullmatch(plain)
    other = timed[1] if timed else f"{compact[1]}-{compact[2]}-{compact[3]}" if compact else ""
    again = parse_value(item.type, other or text)
    if isinstance(again, date):
        return Cell(again, "date_form", again.isoformat())
    if _SERIAL.fullmatch(plain):
        day = _SERIAL_START + timedelta(days=int(plain))
        return Cell(day, "serial", day.isoformat())
    return Cell(value, "invalid")


def date_form(text: str) -> str:
    """Give how a date is written, by its first mark: ``-``, ``/``, ``.``, ``年``, or nothing."""
    return next((mark for mark in text if mark in "-/.年"), "")


def fits(item: Item, text: str, exact: str = "") -> bool:
    """Tell whether a text looks like what a column holds; any text looks like a text."""
    cell = read_cell(item, text, exact)
    if cell.value is None:
        return True
    if isinstance(cell.value, Invalid):
        return cell.code in ("damaged", "hashes")
    if not isinstance(cell.value, str) or item.type is ItemType.CHOICE:
        return True
    bare = cell.value.replace(" ", "")
    if item.type in _CODES:
        return (len(bare) in (15, 18) and bare[:14].isalnum() and bare.isascii()) or cell.refused
    if item.type is ItemType.PHONE:
        return sum(c.isdigit() for c in bare) >= 7 and not any(c.isalpha() for c in bare) and len(bare) < 16
    if item.type is ItemType.POSTCODE:
        return len(bare) == 6 and bare.isdigit()
    if item.type is ItemType.EMAIL:
        return "@" in bare
    return item.type is not ItemType.WEB_ADDRESS or "." in bare
