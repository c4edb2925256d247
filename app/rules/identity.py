"""Numbers and names by which organisations and people are known: shape, check digits, spelling.

Pure functions over texts.  Texts are expected as the model keeps them (half-width, capitals); anything
else is simply not of the right shape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from operator import mul
from string import ascii_uppercase, digits

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters of a unified social credit code: no I, O, S, V, Z (GB 32100-2015 §5)."""

_CREDIT_VALUE = {character: value for value, character in enumerate(CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_SHAPE = re.compile(f"[{CREDIT_ALPHABET}]{{18}}")

_CREDIT_DIGITS = bytes(
    (digits + ascii_uppercase).encode()[_CREDIT_VALUE.get(chr(code), 35)] for code in range(256)
)
"""Every byte as a digit of its value, and Z for what no code may hold."""
_CREDIT_BODY = re.compile(f"[{CREDIT_ALPHABET}]{{17}}")

_ORGANISATION_VALUE = {character: value for value, character in enumerate(digits + ascii_uppercase)}
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_SHAPE = re.compile("[0-9A-Z]{8}")

_PERSON_SHAPE = re.compile("[1-9][0-9]{16}[0-9X]")
_PERSON_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PERSON_DIGITS = "10X98765432"

PROVINCES = frozenset(
    str(number)
    for block in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82),
    )
    for number in block
)
"""First two digits of a region code (GB/T 2260)."""

_MOBILE = re.compile(r"(?:\+?86-?)?1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?:0[0-9]{2,3}-?|\(0[0-9]{2,3}\))[1-9][0-9]{6,7}(?:-[0-9]{1,6})?")
_SERVICE = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}")
_EMAIL = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_WEB_ADDRESS = re.compile(
    r"(?:https?://)?(?:[A-Za-z0-9\u4e00-\u9fff](?:[A-Za-z0-9\u4e00-\u9fff-]{0,61}[A-Za-z0-9\u4e00-\u9fff])?\.)+"
    r"(?:[A-Za-z]{2,24}|[\u4e00-\u9fff]{2,8})(?::[0-9]{1,5})?(?:[/?#][^\s]*)?",
    re.IGNORECASE,
)
_POSTCODE = re.compile("[0-9]{6}")

_COMPANY_FORMS = ("有限责任公司", "股份有限公司", "有限公司")
_BETWEEN = "\0"
"""Divides texts that are normalised together: no text that was typed holds it, and nothing joins with it."""
_IGNORED = "()[]{}【】〔〕「」『』《》〈〉<>\"'“”‘’·•・‧.。,、，-—–_\u200b\ufeff"
"""Marks that do not tell names apart; nor do spaces of any kind."""


def is_credit_code(text: str) -> bool:
    """Tell whether a text is 18 characters of the credit-code alphabet (GB 32100-2015 §5; FMT-01)."""
    return _CREDIT_SHAPE.fullmatch(text) is not None


def credit_code_digit(code: str) -> str:
    """Give the check character that belongs at place 18 (GB 32100-2015, weights 3^(i-1) mod 31; FMT-02).

    Only the first 17 characters count.  Raises ``ValueError`` where they are no such characters.
    """
    body = code[:17]
    if len(body) < 17 or not _CREDIT_BODY.fullmatch(body):
        raise ValueError("not a credit code")
    total = sum(map(mul, map(_CREDIT_VALUE.__getitem__, body), _CREDIT_WEIGHTS))
    return CREDIT_ALPHABET[-total % 31]


def is_right_credit_code(code: str) -> bool:
    """Tell whether a credit code has the right shape and check character, quicker than asking for both."""
    # Read backwards as one number of base 34 each place weighs 34^(i-1), which modulo 31 is 3^(i-1)
    try:
        places = code.encode().translate(_CREDIT_DIGITS)
        total = int(places[16::-1], 34) + int(places[17:], 34)
    except ValueError:
        return False
    return len(places) == 18 and total % 31 == 0


def organisation_digit(body: str) -> str:
    """Give the check character of an eight-character organisation code (GB 11714, mod 11; FMT-03).

    In a credit code the body stands at places 9 to 16 and its check character at place 17.  Raises
    ``ValueError`` where the body is not eight digits or capitals.
    """
    if not _ORGANISATION_SHAPE.fullmatch(body):
        raise ValueError("not an organisation code")
    total = sum(map(mul, map(_ORGANISATION_VALUE.__getitem__, body), _ORGANISATION_WEIGHTS))
    return "0123456789X"[-total % 11]


def is_region_code(text: str) -> bool:
    """Tell whether six digits begin with a province of GB/T 2260.

    Counties are renamed and merged every year and old codes stay valid on licences, so nothing below
    the province is judged.
    """
    return _POSTCODE.fullmatch(text) is not None and text[:2] in PROVINCES


def id_number_digit(number: str) -> str:
    """Give the check character that belongs at place 18 of an id number (GB 11643, mod 11-2; FMT-05).

    Raises ``ValueError`` where the first 17 characters are not digits.
    """
    body = number[:17]
    if len(body) < 17 or not (body.isascii() and body.isdigit()):
        raise ValueError("not an id number")
    return _PERSON_DIGITS[sum(map(mul, map(int, body), _PERSON_WEIGHTS)) % 11]


def id_number_fault(number: str) -> str:
    """Say what is wrong with an 18-place id number: ``shape``, ``date``, ``digit``, or nothing (FMT-05)."""
    if not _PERSON_SHAPE.fullmatch(number):
        return "shape"
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "date"
    if born.year < 1900:
        return "date"
    return "" if id_number_digit(number) == number[17] else "digit"


def is_phone(text: str) -> bool:
    """Tell whether a text is a mobile, a landline with area code or a 400/800 number (FMT-06)."""
    plain = text.replace(" ", "")
    return bool(_MOBILE.fullmatch(plain) or _LANDLINE.fullmatch(plain) or _SERVICE.fullmatch(plain))


def is_email(text: str) -> bool:
    """Tell whether a text looks like one e-mail address (FMT-07)."""
    return ".." not in text and _EMAIL.fullmatch(text) is not None


def is_web_address(text: str) -> bool:
    """Tell whether a text looks like a web address, with or without ``http://`` (FMT-07)."""
    return len(text) <= 2000 and _WEB_ADDRESS.fullmatch(text) is not None


def is_postcode(text: str) -> bool:
    """Tell whether a text is a postcode of six digits (FMT-07)."""
    return _POSTCODE.fullmatch(text) is not None and text != "000000"


def plain_name(text: str) -> str:
    """Give a name in half-width small letters without spaces, brackets, dots and quotes.

    What the brackets hold stays: it tells 新疆（昌吉） from 新疆（伊犁）.
    """
    # Texts that need no normalising cost almost nothing, and brackets are all that most names need
    text = text.replace("（", "(").replace("）", ")")
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    for mark in _IGNORED:
        if mark in plain:
            plain = plain.replace(mark, "")
    return plain


def normalise_name(text: str) -> str:
    """Give the form of a name under which spellings of the same name are equal (LOG-07).

    As ``plain_name``, without the legal form at the end (有限公司, 有限责任公司, 股份有限公司).
    """
    return _without_form(plain_name(text))


def normalise_names(texts: Sequence[str]) -> list[str]:
    """Give ``normalise_name`` of each text; a long list takes a fraction of the time."""
    plain = plain_name(_BETWEEN.join(texts)).split(_BETWEEN)
    if len(plain) != len(texts):
        plain = list(map(plain_name, texts))
    return [_without_form(name) if name.endswith(_COMPANY_FORMS) else name for name in plain]


def _without_form(plain: str) -> str:
    for form in _COMPANY_FORMS:
        if plain.endswith(form) and len(plain) > len(form):
            return plain.removesuffix(form)
    return plain
