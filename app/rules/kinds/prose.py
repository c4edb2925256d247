"""Arithmetic inside written texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, zip_longest

from app.model.programme import CheckSpec, Programme
from app.model.value import ItemType, Value
from app.rules.kinds.report import Verdict, show_number, value_rule
from app.rules.kinds.targets import Params, define, is_text, of_types
from app.rules.rule import Rule, Target

_NUMBER = r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
_UNIT = "亿元|万元|千元|元|人次|人|家|个|项|件|场次|场|次|名|户|篇|台|套|件次|平方米|㎡|%|％"
_AMOUNT = re.compile(rf"(?<![0-9.,]){_NUMBER}\s*(?P<unit>{_UNIT})")
_MONEY = re.compile(rf"(?<![0-9.,]){_NUMBER}\s*(?P<unit>亿元|万元|千元|元)")
_YUAN = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10000), "亿元": Decimal(10**8)}
_LARGE = Decimal(100000)
_MOST_AMOUNTS = 10

_SENTENCES = re.compile(r"[。；;\n]")
# 公共, 共享, 共同 and the like announce no total
_TOTAL = re.compile(r"(?:合计|共计|总计|总共|(?<!公)共(?![享同建用青]))[^0-9，,、。；;\n]{0,8}$")
_AMONG = re.compile(r"其中[:：,，]?")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit in a text; ``start`` and ``end`` are its place."""

    value: Decimal
    unit: str
    start: int
    end: int
    text: str


def amounts_in(text: str, money_only: bool = False) -> list[Amount]:
    """Give the numbers with units of a text, in order."""
    found = []
    for match in (_MONEY if money_only else _AMOUNT).finditer(text):
        value = Decimal(match["number"].replace(",", ""))
        found.append(Amount(value, match["unit"], match.start(), match.end(), match[0]))
    return found


def _texts(programme: Programme, spec: CheckSpec) -> Sequence[Target]:
    return Params(programme, spec).targets(wanted=is_text, default=of_types({ItemType.LONG_TEXT}))


def compile_prose_money(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find 「{n}万元」 with six or more digits before the point (checks.md MAG-06, seed 002).

    ``items``: default all long texts.  Where the amounts of the paragraph add up only when 元 is read for
    万元 the wording says so.  Large amounts can be right: this should never block.
    """

    def judge(value: Value) -> Verdict | None:
        for paragraph in value.split("\n") if isinstance(value, str) else ():
            amounts = amounts_in(paragraph, money_only=True)
            for amount in amounts:
                if amount.unit == "万元" and amount.value >= _LARGE:
                    about = {"text": amount.text, "about": show_number(amount.value / 10000)}
                    balanced = _balances(amounts, amount, Decimal(1)) and not _balances(
                        amounts, amount, Decimal(10000)
                    )
                    return "balanced" if balanced else "text", about
        return None

    return [value_rule(spec, target, judge) for target in _texts(programme, spec)]


def _balances(amounts: Sequence[Amount], doubted: Amount, factor: Decimal) -> bool:
    """Tell whether some amount is the sum of others, the doubted one among them, counted by ``factor``."""
    yuan = [(a, a.value * (factor if a is doubted else _YUAN[a.unit])) for a in amounts[:_MOST_AMOUNTS]]
    for size in (2, 3, 4):
        for parts in combinations(yuan, size):
            total = sum(value for _, value in parts)
            wholes = [
                amount for amount, value in yuan if value == total and all(amount is not p for p, _ in parts)
            ]
            if wholes and any(amount is doubted for amount in (*(p for p, _ in parts), *wholes)):
                return True
    return False


def compile_prose_sum(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find sums in sentences that do not add up (checks.md ARI-15, seed 003: 1366 万元).

    ``items``: default all long texts.  Two forms are read: 「a、b，共 c」, where c must be the
    sum, and 「c，其中 a、b」, where the parts may not exceed c.  Only numbers of one unit are added; anything
    else is passed over.
    """

    def judge(value: Value) -> Verdict | None:
        if not isinstance(value, str):
            return None
        for sentence in _SENTENCES.split(value):
            for verdict in (*_listed_total(sentence), *_parts_above(sentence)):
                return verdict
        return None

    return [value_rule(spec, target, judge) for target in _texts(programme, spec)]


def _verdict(variant: str, parts: Sequence[Amount], total: Amount) -> Verdict:
    summed = sum(part.value for part in parts)
    return variant, {
        "parts": "＋".join(part.text for part in parts),
        "sum": show_number(summed, 6) + total.unit,
        "total": total.text,
        "difference": show_number(abs(summed - total.value), 6) + total.unit,
    }


def _listed_total(sentence: str) -> Iterator[Verdict]:
    """Read 「a、b，共 c」: the total is announced right before it, the parts stand before it in one unit."""
    amounts = amounts_in(sentence)
    for index, total in enumerate(amounts):
        if not _TOTAL.search(sentence[: total.start]):
            continue
        among = [match.end() for match in _AMONG.finditer(sentence, 0, total.start)]
        parts: list[Amount] = []
        for amount in reversed(amounts[:index]):
            if (
                amount.unit != total.unit
                or (among and amount.start < among[-1])
                or _TOTAL.search(sentence[: amount.start])
            ):
                break
            parts.insert(0, amount)
        if len(parts) > 1 and sum(part.value for part in parts) != total.value:
            yield _verdict("total", parts, total)


def _parts_above(sentence: str) -> Iterator[Verdict]:
    """Read 「c，其中 a、b」: parts of the same unit up to the next total may not exceed c."""
    marks = list(_AMONG.finditer(sentence))
    for mark, following in zip_longest(marks, marks[1:]):
        before = amounts_in(sentence[: mark.start()])
        if not before or _TOTAL.search(sentence[: mark.start()]):
            continue
        total = before[-1]
        end = following.start() if following else len(sentence)
        parts = [
            amount
            for amount in amounts_in(sentence)
            if mark.end() <= amount.start < end and amount.unit == total.unit
        ]
        stop = next((i for i, part in enumerate(parts) if _TOTAL.search(sentence[: part.start])), len(parts))
        if len(parts[:stop]) > 1 and sum(part.value for part in parts[:stop]) > total.value:
            yield _verdict("among", parts[:stop], total)


KINDS = (
    define("prose_money", compile_prose_money, "", "items"),
    define("prose_sum", compile_prose_sum, "", "items"),
)
