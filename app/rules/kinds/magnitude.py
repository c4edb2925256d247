"""Sizes that cannot be or are unusual."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.model.finding import Finding
from app.model.form import Item
from app.model.programme import CheckSpec, Programme
from app.model.value import (
    MAX_DIGITS,
    MONEY_UNITS,
    NUMBER_TYPES,
    ItemType,
    Value,
    in_unit,
    plain_decimal,
    split_years,
)
from app.rules.kinds.arithmetic import beyond, limits_of
from app.rules.kinds.operands import name_of, reads_of
from app.rules.kinds.report import (
    Judge,
    Verdict,
    form_finding,
    listed,
    outside,
    rows_of,
    show_number,
    union,
    value_rule,
)
from app.rules.kinds.targets import Params, define, is_money, is_numeric, number_of, of_types
from app.rules.rule import Rule, SpecError, Target
from app.rules.view import View

_HUGE = Decimal(10) ** 10
_SMALL = Decimal(1000)
_BEYOND = Decimal(10) ** (MAX_DIGITS + 9)
"""元; more than any typed number can be in any unit."""
_LARGE_IN_UNIT = {"万元": Decimal(10) ** 9, "千元": Decimal(10) ** 9}


def compile_range(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find numbers below ``least`` or above ``most`` (checks.md MAG-02, LOG-16, LOG-21).

    ``items``: numbers, or ranges of years, whose first and last year both count.  The bounds are in each
    item's own unit and belong to the range; one is enough.
    """
    params = Params(programme, spec)
    least, most = limits_of(params)
    targets = params.targets(wanted=of_types(NUMBER_TYPES | {ItemType.YEAR_RANGE}), what="number")
    return [
        _years_rule(spec, target, least, most)
        if target.item.type is ItemType.YEAR_RANGE
        else _range_rule(spec, target, least, most)
        for target in targets
    ]


def _years_rule(spec: CheckSpec, target: Target, least: Decimal | None, most: Decimal | None) -> Rule:
    def judge(value: Value) -> Verdict | None:
        for year in split_years(value) or ():
            found = beyond(Decimal(year), least, most)
            if found is not None:
                return found[0], {"limit": plain_decimal(found[1])}
        return None

    return value_rule(spec, target, judge)


def _range_rule(spec: CheckSpec, target: Target, least: Decimal | None, most: Decimal | None) -> Rule:
    item = target.item
    low, high = _stored(item, least), _stored(item, most)

    def judge(value: Value) -> Verdict | None:
        number = number_of(value)
        found = beyond(number, low, high) if number is not None else None
        if found is None:
            return None
        variant, bound = found
        return variant, {"limit": show_number(in_unit(bound, item.type, item.unit), 6)}

    suspects = outside(item.id, _bound(item, low, -_BEYOND), _bound(item, high, _BEYOND))
    return value_rule(spec, target, judge, suspects)


def _stored(item: Item, bound: Decimal | None) -> Decimal | None:
    if bound is None or item.type is not ItemType.MONEY:
        return bound
    return bound * MONEY_UNITS.get(item.unit, Decimal(1))


def _bound(item: Item, bound: Decimal | None, otherwise: Decimal) -> int | Decimal:
    """Give a bound of the type of the cells: comparing within one type is fastest."""
    exact = otherwise if bound is None else bound
    return int(exact) if item.type is ItemType.INTEGER and exact == exact.to_integral_value() else exact


def compile_magnitude(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find money that looks typed in the wrong unit (checks.md MAG-01).

    ``items``: default all money that is not calculated.  An item in 元 above 0 and below 1,000 元; an item in
    万元 or 千元 of 10 亿元 or more; any money above 100 亿元.
    """
    targets = Params(programme, spec).targets(
        wanted=is_money, default=lambda item: is_money(item) and not item.calculated
    )
    return [value_rule(spec, target, _magnitude(target.item)) for target in targets]


def _magnitude(item: Item) -> Judge:
    large = _LARGE_IN_UNIT.get(item.unit)
    in_yuan = item.unit in ("", "元")

    def judge(value: Value) -> Verdict | None:
        number = number_of(value)
        if number is None:
            return None
        if in_yuan and 0 < number < _SMALL:
            return "small", {}
        if abs(number) > _HUGE or (large is not None and abs(number) >= large):
            return "large", {"about": show_number(abs(number) / Decimal(10**8))}
        return None

    return judge


def compile_round_numbers(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find reports whose numbers all end in 0 (checks.md MAG-05, seed 003 rows 70 to 74).

    ``items``: default all number fields that are not calculated and no percentages.  ``least``: so many
    values other than 0 are needed for a pattern.  Values count in their own unit.  Path: empty.
    """
    params = Params(programme, spec)
    counted = NUMBER_TYPES - {ItemType.PERCENT}
    targets = params.targets(
        wanted=is_numeric,
        default=lambda item: item.type in counted and not item.calculated,
        default_columns=False,
    )
    least = params.integer("least")
    if least < 1:
        raise SpecError("parameter_type", parameter="least", wanted="positive", value=least)

    def run(view: View) -> Sequence[Finding]:
        count = 0
        for target in targets:
            for number in _numbers_at(view, target):
                if in_unit(number, target.item.type, target.item.unit) % 10:
                    return ()
                count += 1
        if count < least:
            return ()
        names = listed(name_of(target.item) for target in targets[:5])
        return (form_finding(spec, "", "text", count=str(count), items=names),)

    tables = [rows_of(target.table.id) for target in targets if target.table is not None]
    return (Rule(spec.code, union([*(reads_of(target) for target in targets), *tables]), run=run),)


def _numbers_at(view: View, target: Target) -> list[Decimal]:
    if target.table is None:
        values = [view.values.get(target.item.id)]
    else:
        values = [row.cells.get(target.item.id) for row in view.rows(target.table.id)]
    return [number for number in map(number_of, values) if number]


KINDS = (
    define("range", compile_range, "items", "least most"),
    define("magnitude", compile_magnitude, "", "items"),
    define("round_numbers", compile_round_numbers, "least", "items"),
)
