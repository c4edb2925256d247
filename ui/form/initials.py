"""First letters of pinyin, for finding items as they are spoken.

The 3,755 common characters of GB 2312 (level 1) stand in the order of their pinyin, so the code alone
tells the first letter; the rarer ones are passed over.
"""

from __future__ import annotations

from bisect import bisect_right

_STARTS = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8,
    0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)  # fmt: skip
_LETTERS = "abcdefghjklmnopqrstwxyz"
_END = 0xD7FA


def initials(text: str) -> str:
    """Give the first letters of the pinyin of a text; ASCII letters and digits stay, the rest falls away."""
    return "".join(map(_initial, text))


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        raw = character.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    code = int.from_bytes(raw, "big")
    place = bisect_right(_STARTS, code)
    return _LETTERS[place - 1] if place and code < _END else ""
