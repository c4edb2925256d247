"""Arithmetic inside written texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, zip_longest

from app.model.programme import CheckSpec, Programme
from app.rules.kinds.prose_reading import Reader, each_paragraph, text_rules
from app.rules.kinds.report import Verdict, show_number
from app.rules.kinds.targets import Params, define
from app.rules.rule import Rule

_NUMBER = r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
_UNIT = "亿元|万元|千元|元|人次|人|家|个|项|件|场次|场|次|名|户|篇|台|套|件次|平方米|㎡|%|％"
_AMOUNT = re.compile(rf"(?<![0-9.,]){_NUMBER}\s*(?P<unit>{_UNIT})")
_MONEY = re.compile(rf"(?<![0-9.,]){_NUMBER}\s*(?P<unit>亿元|万元|千元|元)")
_YUAN = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10000), "亿元": Decimal(10**8)}
_LARGE = Decimal(100000)
_MOST_AMOUNTS = 10
_MOST_WAYS = 64
_NEAR = 24
"""Characters; longer than any word that announces a total and what may follow it."""

_PASSAGES = re.compile(r"[。\n]")
_SENTENCES = re.compile(r"[；;]")
# 公共, 共享, 共同 and the like announce no total
_TOTAL = re.compile(r"(?:合计|共计|总计|总共|(?<!公)共(?![享同建用青]))[^0-9，,、。；;\n]{0,8}$")
_AMONG = re.compile(r"其中[:：,，]?")
_CLAUSES = re.compile(r"[；;]")


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


def compile_prose_money(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find 「{n}万元」 with six or more digits before the point (checks.md MAG-06, seed 002).

    ``items``: default all long texts.  Where the amounts of the paragraph add up only when 元 is read for
    万元 the wording says so.  Large amounts can be right: this should never block.
    """

    return text_rules(programme, spec, make_prose_money)


def make_prose_money(_params: Params, _label: str) -> Reader:
    """Read each paragraph for 「{n}万元」 with six or more digits before the point."""
    return each_paragraph(_large_money)


def _large_money(text: str) -> Iterator[Verdict]:
    amounts = amounts_in(text, money_only=True)
    for amount in amounts:
        if amount.unit == "万元" and amount.value >= _LARGE:
            about = {"text": amount.text, "about": show_number(amount.value / 10000)}
            balanced = _balances(amounts, amount, Decimal(1)) and not _balances(
                amounts, amount, Decimal(10000)
            )
            yield "balanced" if balanced else "text", about


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

    ``items``: default all long texts.  Three forms are read: 「a、b，共 c」, where c must be the sum;
    「c，其中 a、b」, where the parts may not exceed c; and 「c，其中：…a；…b」, one part in each clause,
    where the parts must be the sum when another unit of the same clauses adds up exactly.  Numbers of one
    unit are added, money of any unit; anything else is passed over.
    """
    return text_rules(programme, spec, make_prose_sum)


def make_prose_sum(_params: Params, _label: str) -> Reader:
    """Read each paragraph for sums that do not add up."""

    def judge(text: str) -> Iterator[Verdict]:
        for passage in _PASSAGES.split(text):
            clauses = list(_clause_sums(passage))
            yield from clauses
            if not clauses:
                for sentence in _SENTENCES.split(passage):
                    yield from _listed_total(sentence)
                    yield from _parts_above(sentence)

    return each_paragraph(judge)


def _verdict(variant: str, parts: Sequence[Amount], total: Amount) -> Verdict:
    factor = _YUAN.get(total.unit, Decimal(1))
    summed = sum((_base(part) for part in parts), Decimal(0)) / factor
    return variant, {
        "parts": "＋".join(part.text for part in parts),
        "sum": show_number(summed, 6) + total.unit,
        "total": total.text,
        "difference": show_number(abs(summed - total.value), 6) + total.unit,
    }


def _base(amount: Amount) -> Decimal:
    """Give money in 元, anything else as it stands."""
    return amount.value * _YUAN.get(amount.unit, Decimal(1))


def _announces(sentence: str, place: int) -> bool:
    """Tell whether 合计, 共 or the like stands right before a place."""
    return _TOTAL.search(sentence, max(place - _NEAR, 0), place) is not None


def _class(amount: Amount) -> str:
    return "元" if amount.unit in _YUAN else amount.unit


def _clause_sums(passage: str) -> Iterator[Verdict]:
    """Read 「c，其中：…a；…b；…」: the amounts of each clause before a 其中 of its own."""
    mark = _AMONG.search(passage)
    clauses = _CLAUSES.split(passage[mark.end() :]) if mark else []
    if mark is None or len(clauses) < 2 or _CLAUSES.search(passage, 0, mark.start()):
        return
    totals = {_class(amount): amount for amount in amounts_in(passage[: mark.start()])}
    columns = [_choices(clauses, unit) for unit in totals]
    exact = [
        bool(choices) and any(sum(map(_base, parts)) == _base(total) for parts in choices)
        for total, choices in zip(totals.values(), columns, strict=True)
    ]
    if not any(exact):
        return
    for total, choices, right in zip(totals.values(), columns, exact, strict=True):
        if choices and not right:
            off = [abs(sum(map(_base, parts)) - _base(total)) for parts in choices]
            yield _verdict("total", choices[off.index(min(off))], total)


def _choices(clauses: Sequence[str], unit: str) -> list[list[Amount]]:
    """Give the ways to take one amount of a unit from each clause; none where a clause has none or several.

    A clause with a 其中 of its own offers its first part in place of its amount.
    """
    ways: list[list[Amount]] = [[]]
    for clause in clauses:
        inner = _AMONG.search(clause)
        own = [a for a in amounts_in(clause[: inner.start()] if inner else clause) if _class(a) == unit]
        if len(own) != 1:
            return []
        nested = [a for a in amounts_in(clause[inner.end() :]) if _class(a) == unit][:1] if inner else []
        ways = [[*way, one] for way in ways for one in (*own, *nested)][:_MOST_WAYS]
    return ways


def _listed_total(sentence: str) -> Iterator[Verdict]:
    """Read 「a、b，共 c」: the total is announced right before it, the parts stand before it in one unit."""
    amounts = amounts_in(sentence)
    for index, total in enumerate(amounts):
        if not _announces(sentence, total.start):
            continue
        among = [match.end() for match in _AMONG.finditer(sentence, 0, total.start)]
        parts: list[Amount] = []
        for amount in reversed(amounts[:index]):
            if (
                amount.unit != total.unit
                or (among and amount.start < among[-1])
                or _announces(sentence, amount.start)
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
        if not before or _announces(sentence, mark.start()):
            continue
        total = before[-1]
        unit = _class(total)
        end = following.start() if following else len(sentence)
        parts = [
            amount
            for amount in amounts_in(sentence)
            if mark.end() <= amount.start < end and _class(amount) == unit
        ]
        stop = next((i for i, part in enumerate(parts) if _announces(sentence, part.start)), len(parts))
        parts = parts[:stop]
        several = len(parts) > 1 or any(part.unit != total.unit for part in parts)
        if several and sum(map(_base, parts)) > _base(total):
            yield _verdict("among", parts, total)


PROSE = {"prose_money": make_prose_money, "prose_sum": make_prose_sum}
KINDS = (
    define("prose_money", compile_prose_money, "", "items"),
    define("prose_sum", compile_prose_sum, "", "items"),
)
