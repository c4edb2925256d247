"""The rules of the stress report as plain closures, written as directly as Python allows.

The yardstick for ``bench_check``: no messages, no memory of the last check, only which keys are found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.model.draft import Answers
from app.model.programme import CheckSpec, Programme
from app.rules.identity import CREDIT_ALPHABET

Table = Sequence[tuple[str, Mapping[str, Any]]]
PlainRule = Callable[["PlainData"], list[str]]

_VALUE = {character: place for place, character in enumerate(CREDIT_ALPHABET)}
_WEIGHTS = [3**place % 31 for place in range(17)]
_MARKS = re.compile(r"[\s()]+")
_FORMS = ("有限责任公司", "股份有限公司", "有限公司")


class PlainData:
    """Answers as plain dictionaries and lists."""

    def __init__(self, answers: Answers) -> None:
        self.values: dict[str, Any] = dict(answers.values)
        self.previous: Mapping[str, Any] = answers.previous
        self.tables: dict[str, Table] = {
            table_id: [(row.id, row.cells) for row in rows] for table_id, rows in answers.tables.items()
        }

    def cells(self, address: str) -> Iterator[tuple[str, Any]]:
        """Give path and content of a field or of every cell of a column; None where nothing stands."""
        table_id, _, column = address.rpartition(".")
        if not table_id:
            yield column, self.values.get(column)
            return
        for row_id, cells in self.tables[table_id]:
            yield f"{table_id}/{row_id}/{column}", cells.get(column)


def compile_plain(programme: Programme) -> list[PlainRule]:
    """Give one closure a check."""
    return [_KINDS[spec.kind](programme, spec) for spec in programme.checks]


def _each(spec: CheckSpec, wrong: Callable[[Any], bool]) -> PlainRule:
    code, address = spec.code, _first(spec)

    def rule(data: PlainData) -> list[str]:
        return [f"{code}@{path}" for path, value in data.cells(address) if wrong(value)]

    return rule


def _first(spec: CheckSpec) -> str:
    items = spec.params["items"]
    assert isinstance(items, list)
    return str(items[0])


def _required(_programme: Programme, spec: CheckSpec) -> PlainRule:
    return _each(spec, lambda value: value is None)


def _range(programme: Programme, spec: CheckSpec) -> PlainRule:
    factor = 10000 if _first(spec).endswith("amount") else 1
    least, most = (int(str(spec.params[name])) * factor for name in ("least", "most"))
    return _each(spec, lambda value: value is not None and not least <= value <= most)


def _pattern(_programme: Programme, spec: CheckSpec) -> PlainRule:
    fullmatch = re.compile(str(spec.params["pattern"])).fullmatch
    return _each(spec, lambda value: value is not None and not fullmatch(value))


def _date_within(programme: Programme, spec: CheckSpec) -> PlainRule:
    first, last = programme.period_start, programme.period_end
    return _each(spec, lambda value: value is not None and not first <= value <= last)


def _credit_code_digit(_programme: Programme, spec: CheckSpec) -> PlainRule:
    def wrong(value: str | None) -> bool:
        if value is None or len(value) != 18 or any(c not in _VALUE for c in value):
            return False
        total = sum(_VALUE[c] * weight for c, weight in zip(value, _WEIGHTS, strict=False))
        return CREDIT_ALPHABET[-total % 31] != value[17]

    return _each(spec, wrong)


def _pair(spec: CheckSpec, shown: str, other: str, wrong: Callable[[Any, Any], bool]) -> PlainRule:
    code = spec.code
    table_id, _, column = shown.rpartition(".")
    other = other.rpartition(".")[2]

    def in_rows(data: PlainData) -> list[str]:
        return [
            f"{code}@{table_id}/{row_id}/{column}"
            for row_id, cells in data.tables[table_id]
            if (a := cells.get(column)) is not None and (b := cells.get(other)) is not None and wrong(a, b)
        ]

    def in_form(data: PlainData) -> list[str]:
        a, b = data.values.get(column), data.values.get(other)
        return [f"{code}@{column}"] if a is not None and b is not None and wrong(a, b) else []

    return in_rows if table_id else in_form


def _date_order(_programme: Programme, spec: CheckSpec) -> PlainRule:
    return _pair(spec, str(spec.params["second"]), str(spec.params["first"]), lambda a, b: a < b)


def _at_most(_programme: Programme, spec: CheckSpec) -> PlainRule:
    return _pair(spec, str(spec.params["item"]), str(spec.params["limit"]), lambda a, b: a > b)


def _assert(_programme: Programme, spec: CheckSpec) -> PlainRule:
    shown = str(spec.params["item"])
    wrong: dict[str, Callable[[Any, Any], bool]] = {
        "amount": lambda amount, count: not (amount == 0 or count > 0),
        "end": lambda end, start: not (end - start).days <= 500,
        "count": lambda count, amount: not amount <= (count + 1) * 100_000_000,
    }
    others = {"amount": "count", "end": "start", "count": "amount"}
    column = shown.rpartition(".")[2]
    return _pair(spec, shown, others[column], wrong[column])


def _sum_equals(_programme: Programme, spec: CheckSpec) -> PlainRule:
    total, parts = str(spec.params["total"]), spec.params["parts"]
    assert isinstance(parts, list)

    def rule(data: PlainData) -> list[str]:
        numbers = [data.values.get(name) for name in (total, *parts)]
        if None in numbers or numbers[0] == sum(number for number in numbers[1:] if number is not None):
            return []
        return [f"{spec.code}@{total}"]

    return rule


def _column_sum_equals(_programme: Programme, spec: CheckSpec) -> PlainRule:
    item, column = str(spec.params["item"]), str(spec.params["column"])

    def rule(data: PlainData) -> list[str]:
        total = data.values.get(item)
        if total is None:
            return []
        summed = sum((value for _, value in data.cells(column) if value is not None), Decimal(0))
        return [] if abs(total - summed) <= Decimal("0.01") else [f"{spec.code}@{item}"]

    return rule


def _name_key(value: str | date) -> str | date:
    if isinstance(value, date):
        return value
    plain = _MARKS.sub("", unicodedata.normalize("NFKC", value).casefold())
    return next((plain.removesuffix(form) for form in _FORMS if plain.endswith(form)), plain)


def _unique(_programme: Programme, spec: CheckSpec) -> PlainRule:
    columns = spec.params["columns"]
    assert isinstance(columns, list)
    table_id = columns[0].partition(".")[0]
    names = [str(address).partition(".")[2] for address in columns]

    def rule(data: PlainData) -> list[str]:
        seen: set[tuple[object, ...]] = set()
        found = []
        for row_id, cells in data.tables[table_id]:
            values = [cells.get(name) for name in names]
            if None in values:
                continue
            key = tuple(_name_key(value) for value in values if value is not None)
            if key in seen:
                found.append(f"{spec.code}@{table_id}/{row_id}/{names[0]}")
            seen.add(key)
        return found

    return rule


def _year_on_year(wrong: Callable[[Decimal, Decimal], bool]) -> Callable[[Programme, CheckSpec], PlainRule]:
    def build(_programme: Programme, spec: CheckSpec) -> PlainRule:
        item = _first(spec)

        def rule(data: PlainData) -> list[str]:
            now, before = data.values.get(item), data.previous.get(item)
            return (
                [f"{spec.code}@{item}"]
                if now is not None and before is not None and wrong(now, before)
                else []
            )

        return rule

    return build


def _changed(now: Decimal, before: Decimal) -> bool:
    change = now - before
    return bool(now and before) and abs(change / before) >= Decimal("0.3") and abs(change) >= 50000


def _slipped(now: Decimal, before: Decimal) -> bool:
    if not now or not before:
        return False
    ratio = max(now, before) / min(now, before)
    return any(abs(ratio / factor - 1) <= Decimal("0.15") for factor in (10, 1000, 10000))


_KINDS: Mapping[str, Callable[[Programme, CheckSpec], PlainRule]] = {
    "required": _required,
    "range": _range,
    "pattern": _pattern,
    "date_within": _date_within,
    "date_order": _date_order,
    "at_most": _at_most,
    "assert": _assert,
    "sum_equals": _sum_equals,
    "column_sum_equals": _column_sum_equals,
    "unique": _unique,
    "change_explained": _year_on_year(_changed),
    "unit_slip": _year_on_year(_slipped),
    "zero_change": _year_on_year(lambda now, before: bool(now) is not bool(before)),
    "decreased": _year_on_year(lambda now, before: now < before),
    "credit_code_digit": _credit_code_digit,
}
