"""Target values (指标值) and actual values as clerks write them: ≥1401项, ≤15%, 52项≥, 10—15次, plain text.

Pure functions over texts.  Nothing is refused: what is badly written is read as far as it can be and its
faults are named (seed 003 §四.1; checks.md LOG-25 to LOG-28).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.model.value import MONEY_UNITS

_HUNDRED = Decimal(100)
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.[0-9]{1,9})?"
_UNITS = (
    "千元 元 个百分点 百分点 个月 % ‰ 人次 人天 人月 人 名 位 家 个 项 件次 件 场次 场 次 户 篇 台套 台次 台 "
    "套 条 部 份 册 亩 吨 公里 平方米 ㎡ 小时 天 日 月 年 分 级 批 处 座 门 班 期 种 头 只 辆 间 组"
)
_NAMED = "|".join(re.escape(unit) for unit in sorted(_UNITS.split(), key=len, reverse=True))
_UNIT = rf"[万亿]?(?:{_NAMED})|[万亿]"
_MANY = {"万": Decimal(10**4), "亿": Decimal(10**8)}
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}\s*[-—~至到]\s*(?:19|20)[0-9]{2}年|(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|(?:19|20)[0-9]{2}年(?:[0-9]{1,2}月(?:[0-9]{1,2}日)?)?|[0-9]{1,2}月(?:[0-9]{1,2}日|(?=[底末初份前上中下]))"
)
"""Years, months and days name a time and count nothing."""
_MEASURE = re.compile(
    rf"(?<![0-9.A-Za-z])(?P<number>-?{_DIGITS})(?![0-9A-Za-z])\s*(?P<unit>{_UNIT}|\([^()0-9]{{1,20}}\))?"
)
_LEAST = r">=|≥|≧|⩾|>|不少于|不低于|不小于|不得少于|不得低于|大于等于|大于或等于|大于|至少|达到"
_MOST = r"<=|≤|≦|⩽|<|不超过|不多于|不高于|不大于|不得超过|不得高于|小于等于|小于或等于|小于|低于|至多|控制在"
_SIGN = re.compile(rf"(?P<least>{_LEAST})|(?P<most>{_MOST})|(?P<exact>=|等于)")
_SYMBOL = r">=|<=|[≥≧⩾>≤≦⩽<=]"
_BEFORE = re.compile(rf"(?:{_LEAST}|{_MOST}|=|等于)\s*$")
_AFTER = re.compile(r"\s*(?:(?P<least>及以上|以上)|(?P<most>及以下|以下|以内|之内))")
_BEHIND = re.compile(rf"(?:{_SYMBOL})$")
_RANGE = re.compile(
    rf"(?P<low>{_DIGITS})\s*(?P<low_unit>{_UNIT})?\s*(?:[~～—–-]{{1,2}}|至|到)\s*(?P<high>{_DIGITS})\s*(?P<unit>{_UNIT})?"
)


class Sign(StrEnum):
    """How the actual value is held against the target: at least, at most, equal, between, or not said."""

    LEAST = "least"
    MOST = "most"
    EXACT = "exact"
    RANGE = "range"
    NONE = "none"


class Fault(StrEnum):
    """What is wrong with the writing: sign after the number, words between sign and number, no sign."""

    SIGN_BEHIND = "sign_behind"
    WORDS_INSIDE = "words_inside"
    SIGN_MISSING = "sign_missing"


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit (empty where none is written)."""

    number: Decimal
    unit: str = ""

    @property
    def dimension(self) -> str:
        """Give money, rate, or count; empty without a unit."""
        if self.unit in MONEY_UNITS:
            return "money"
        if self.unit in ("%", "‰"):
            return "rate"
        return "count" if self.unit else ""

    @property
    def plain(self) -> Decimal:
        """Give the number in 元, percentage points or single things, so that measures compare."""
        if self.unit == "‰":
            return self.number / 10
        return self.number * (MONEY_UNITS.get(self.unit) or _MANY.get(self.unit[:1], Decimal(1)))

    def compares(self, other: Measure) -> bool:
        """Tell whether two measures can be held against each other."""
        return self.dimension == other.dimension or "" in (self.dimension, other.dimension)


@dataclass(frozen=True, slots=True)
class Written:
    """A written value: its sign, its measures in order, its upper end (of a range), its faults.

    ``alone``: it is nothing but sign, number and unit.  ``lead`` is the measure that counts.
    """

    sign: Sign
    measures: tuple[Measure, ...]
    lead: Measure | None = None
    high: Measure | None = None
    faults: frozenset[Fault] = frozenset()
    alone: bool = False


def read_written(text: str) -> Written:
    """Read a target or actual value; never raises.  Dates (2017年, 6月30日) are no measures."""
    line = " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").split())
    line = _DATE.sub(lambda match: "年" * len(match[0]), line)
    found = _RANGE.search(line)
    if found:
        unit = found["unit"] or found["low_unit"] or ""
        low = Measure(_number(found["low"]), found["low_unit"] or unit)
        high = Measure(_number(found["high"]), unit)
        if low.plain <= high.plain:
            return Written(Sign.RANGE, (low, high), low, high, alone=found[0] == line)
    matches = list(_MEASURE.finditer(line))
    measures = tuple(Measure(_number(match["number"]), match["unit"] or "") for match in matches)
    if not matches:
        return Written(Sign.NONE, ())
    # The measure that bears a sign is the one that is meant, wherever it stands in the text.
    signed = [(index, _sign_of(line, match)) for index, match in enumerate(matches)]
    index, sign = next(((i, s) for i, s in signed if s is not Sign.NONE), (0, Sign.NONE))
    rest = _rest_of(line, matches[index])
    if sign is not Sign.NONE:
        return Written(sign, measures, measures[index], alone=not rest)
    return _unsigned(line, measures, matches[0])


def _unsigned(line: str, measures: tuple[Measure, ...], first: re.Match[str]) -> Written:
    """Read a value whose numbers bear no sign right before or after them."""
    lead = measures[0]
    behind = _BEHIND.search(line)
    if behind and len(measures) == 1:
        return Written(_meaning(behind[0]), measures, lead, faults=frozenset({Fault.SIGN_BEHIND}))
    opening = re.match(_SYMBOL, line)
    if opening:
        return Written(_meaning(opening[0]), measures, lead, faults=frozenset({Fault.WORDS_INSIDE}))
    alone = not _rest_of(line, first)
    return Written(
        Sign.NONE, measures, lead, faults=frozenset({Fault.SIGN_MISSING} if alone else ()), alone=alone
    )


def _sign_of(line: str, match: re.Match[str]) -> Sign:
    before = _BEFORE.search(line[: match.start()])
    if before:
        return _meaning(before[0].strip())
    after = _AFTER.match(line, match.end())
    if after:
        return Sign.LEAST if after["least"] else Sign.MOST
    return Sign.NONE


def _meaning(sign: str) -> Sign:
    found = _SIGN.fullmatch(sign)
    if found is None:
        return Sign.NONE
    return Sign.LEAST if found["least"] else Sign.MOST if found["most"] else Sign.EXACT


def _rest_of(line: str, match: re.Match[str]) -> str:
    before = _BEFORE.sub("", line[: match.start()])
    after = _AFTER.sub("", line[match.end() :], count=1)
    return (before + after).strip(" 。")


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def measure_like(written: Written, goal: Written | None) -> Measure | None:
    """Give the measure of an actual value that answers a target: of its unit, else comparable, else none."""
    if goal is None or goal.lead is None:
        return written.lead
    same = [one for one in written.measures if one.unit == goal.lead.unit]
    fitting = same or [one for one in written.measures if one.compares(goal.lead)]
    return fitting[0] if fitting else None


def attainment(target: str, actual: str, falling: bool = False) -> Decimal | None:
    """Give how far a target is reached, in percent, or None where numbers do not decide it.

    At least: actual ÷ target; at most: target ÷ actual; a range: from its nearer end; equal: 100 less the
    deviation (项目支出绩效目标自评表, public tables; seed 003).  100 and more is reached.  A target without a
    sign counts as «at least», or as «at most» where ``falling``.
    """
    goal, done = read_written(target), read_written(actual)
    measure = measure_like(done, goal)
    if goal.lead is None or measure is None:
        return None
    if done.sign is Sign.RANGE:
        return None
    sign = goal.sign
    if sign is Sign.NONE:
        sign = Sign.MOST if falling else Sign.LEAST
    low, value = goal.lead.plain, measure.plain
    if sign is Sign.RANGE and goal.high is not None:
        high = goal.high.plain
        return _reached(value, low) if value < low else _kept(value, high) if value > high else _HUNDRED
    if sign is Sign.MOST:
        return _kept(value, low)
    if sign is Sign.EXACT and value > low:
        return max(_HUNDRED - (value - low) / low * 100, Decimal(0)) if low > 0 else Decimal(0)
    return _reached(value, low)


def _reached(value: Decimal, least: Decimal) -> Decimal:
    if least <= 0:
        return _HUNDRED if value >= least else Decimal(0)
    return max(value, Decimal(0)) / least * 100


def _kept(value: Decimal, most: Decimal) -> Decimal:
    if value <= most:
        return most / value * 100 if value > 0 and most > 0 else _HUNDRED
    return max(most, Decimal(0)) / value * 100


def measured(text: str, like: str = "") -> Decimal | None:
    """Give the number of a written value in the unit it is written in; ``like``: the target it answers."""
    measure = measure_like(read_written(text), read_written(like) if like else None)
    return measure.number if measure is not None else None
