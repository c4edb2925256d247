"""Numbers that must add up, agree with lists, or go together.

A missing part leaves a sum undecided, and nothing is said; write ``zero(item)`` for a part that may be
left empty.  Sums are exact; differences are shown in the unit of the item at which they are reported.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from decimal import Decimal

from app.model.form import Table
from app.model.programme import CheckSpec, Programme
from app.model.value import ItemType, Value, in_unit
from app.rules.expression import ExpressionError
from app.rules.kinds.operands import Operand, name_of, operand_of
from app.rules.kinds.report import Verdict, added, listed, show, show_number, values_rule
from app.rules.kinds.targets import Params, define, is_numeric, is_percent, number_of, numbers_of, total_of
from app.rules.rule import Rule, SpecError, Target

MONEY_TOLERANCE = Decimal("0.01")
"""元; amounts are compared to the cent (checks.md, head)."""


def tolerance_for(params: Params, target: Target) -> Decimal:
    """Give the parameter ``tolerance`` (元 or units), by default a cent for money and nothing else."""
    default = MONEY_TOLERANCE if target.item.type is ItemType.MONEY else Decimal(0)
    tolerance = params.number("tolerance", default)
    if tolerance < 0:
        raise SpecError("parameter_type", parameter="tolerance", wanted="number", value=tolerance)
    return tolerance


def _total_and_parts(params: Params) -> tuple[Target, tuple[Operand, ...]]:
    total = params.target("total", is_numeric)
    return total, params.operands("parts", total.table)


def compile_sum_equals(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find totals that are not the sum of their parts (checks.md ARI-02 to ARI-05, ARI-09, ARI-11).

    ``total``: a field or column.  ``parts``: items and expressions of the same form or row.  ``tolerance``.
    """
    params = Params(programme, spec)
    total, parts = _total_and_parts(params)
    tolerance, item, names = tolerance_for(params, total), total.item, added(part.label for part in parts)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None:
            return None
        summed = total_of(numbers[1:])
        difference = numbers[0] - summed
        if abs(difference) <= tolerance:
            return None
        variant = "more" if difference > 0 else "less"
        return variant, {"parts": names, "sum": show(item, summed), "difference": show(item, abs(difference))}

    return (values_rule(spec, total, (operand_of(total), *parts), judge),)


def compile_sum_at_most(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find parts that together exceed their whole (checks.md ARI-01, ARI-06, LOG-11).

    ``total``, ``parts``, ``tolerance`` as for ``sum_equals``.
    """
    params = Params(programme, spec)
    total, parts = _total_and_parts(params)
    tolerance, item, names = tolerance_for(params, total), total.item, added(part.label for part in parts)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None:
            return None
        summed = total_of(numbers[1:])
        if summed - numbers[0] <= tolerance:
            return None
        return "text", {
            "parts": names,
            "sum": show(item, summed),
            "difference": show(item, summed - numbers[0]),
        }

    return (values_rule(spec, total, (operand_of(total), *parts), judge),)


def compile_at_most(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find a subset larger than its set (checks.md LOG-01, LOG-02, LOG-05, ARI-12).

    ``item``: a number.  ``limit``: item or expression of the same form or row.  ``strict``: equal is wrong
    too (default false).
    """
    params = Params(programme, spec)
    target = params.target("item", is_numeric)
    limit, strict = params.operand("limit", params.text("limit"), target.table), params.flag("strict")
    shown = limit.target.item if limit.target is not None else target.item

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        value, most = number_of(values[0]), number_of(values[1])
        if value is None or most is None or value < most or (value == most and not strict):
            return None
        variant = "equal" if value == most else "text"
        slots = {"limit": limit.label, "limit_value": show(shown, most), "limit_unit": shown.unit}
        return variant, {**slots, "difference": show(target.item, value - most)}

    suspicion = operator.ge if strict else operator.gt
    return (values_rule(spec, target, (operand_of(target), limit), judge, suspicion=suspicion),)


def compile_rows_equal(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find counts that differ from the rows of a list (checks.md ARI-10, makerspace R2).

    ``item``: a number field.  ``table``; ``condition`` over the row says which rows count; ``distinct``: a
    column whose different values are counted in place of rows.
    """
    params = Params(programme, spec)
    target, table = params.field("item", is_numeric), params.table("table")
    counted = table.id
    if params.has("distinct"):
        counted = params.column("distinct", table).address
    function = "distinct" if params.has("distinct") else "count"
    rows = _over_rows(params, table, function, counted)
    variant = "distinct" if params.has("distinct") else "condition" if params.has("condition") else "text"

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        value, count = number_of(values[0]), number_of(values[1])
        if value is None or count is None or value == count:
            return None
        difference = show_number(abs(value - count))
        return variant, {"list": name_of(table), "count": show_number(count, 0), "difference": difference}

    return (values_rule(spec, target, (operand_of(target), rows), judge),)


def _over_rows(params: Params, table: Table, function: str, counted: str) -> Operand:
    if not params.has("condition"):
        return params.operand("condition", f"{function}({counted})")
    try:
        return params.operand("condition", f"{function}({counted}, {params.text('condition')})")
    except ExpressionError:
        # Compiled by itself a mistake is shown where the author wrote it
        params.condition("condition", table)
        raise


def compile_column_sum_equals(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find totals that differ from the sum of a list's column (checks.md ARI-04, ARI-09, LOG-22).

    ``item``: a number field.  ``column``: ``table.column``; its empty cells are passed over when it is not
    required and leave the sum undecided when it is.  ``condition`` over the row; ``tolerance``.
    """
    params = Params(programme, spec)
    target = params.field("item", is_numeric)
    column = params.column("column", None, is_numeric)
    assert column.table is not None
    table, tolerance = column.table, tolerance_for(params, target)
    summed = _over_rows(params, table, "sum", column.address)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None or abs(numbers[0] - numbers[1]) <= tolerance:
            return None
        slots = {"list": name_of(table), "column": column.item.label, "sum": show(target.item, numbers[1])}
        return "text", {**slots, "difference": show(target.item, abs(numbers[0] - numbers[1]))}

    return (values_rule(spec, target, (operand_of(target), summed), judge),)


def compile_ratio_equals(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find shown ratios that differ from the recomputed ones (checks.md ARI-08, seed 003 row 12).

    ``item``: a number.  ``numerator`` and ``denominator``: items or expressions of the same form or row.
    ``percent``: the item is in percentage points (default: it is a percent item).  ``tolerance``: default
    half of the last shown digit, by the item's ``decimals`` or else by what was typed.
    """
    params = Params(programme, spec)
    target = params.target("item", is_numeric)
    parts = [params.operand(name, params.text(name), target.table) for name in ("numerator", "denominator")]
    factor = 100 if params.flag("percent", target.item.type is ItemType.PERCENT) else 1
    fixed, decimals = params.number_or_none("tolerance"), target.item.decimals

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None or not numbers[2]:
            return None
        value, expected = Decimal(numbers[0]), Decimal(numbers[1]) / Decimal(numbers[2]) * factor
        places = decimals if decimals is not None else _places(value)
        tolerance = fixed if fixed is not None else Decimal("0.5").scaleb(-places)
        if abs(value - expected) <= tolerance:
            return None
        slots = {"numerator": parts[0].label, "denominator": parts[1].label}
        return "text", {**slots, "expected": show_number(expected, max(places, 2))}

    return (values_rule(spec, target, (operand_of(target), *parts), judge),)


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def compile_shares_sum(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find percentages of one split that do not add up to 100 (checks.md ARI-07).

    ``items``: percent items of the form or of one table.  ``tolerance``: percentage points, default 0.1
    for each item.  Path: the first item.  Shares that are all 0 are no split.
    """
    params = Params(programme, spec)
    targets = params.targets(wanted=is_percent)
    if len(targets) < 2:
        raise SpecError("list_too_short", parameter="items", least=2)
    for target in targets:
        if target.table is not targets[0].table:
            raise SpecError("other_table", parameter="items", value=target.address, wanted=targets[0].address)
    tolerance = params.number("tolerance", Decimal("0.1") * len(targets))
    names = added(name_of(target.item) for target in targets)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None or not any(numbers) or abs(total_of(numbers) - 100) <= tolerance:
            return None
        summed = total_of(numbers)
        return "text", {
            "parts": names,
            "sum": show_number(summed),
            "difference": show_number(abs(summed - 100)),
        }

    return (values_rule(spec, targets[0], [operand_of(target) for target in targets], judge),)


def compile_zero_together(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find numbers of which some are 0 and some are not (checks.md LOG-03, makerspace R7).

    ``items``: two or more items or expressions of the form or of one table; the first is an item: there the
    finding stands.
    """
    params = Params(programme, spec)
    sources = params.texts("items")
    if len(sources) < 2:
        raise SpecError("list_too_short", parameter="items", least=2)
    place = params.find("items", sources[0])
    operands = [params.operand("items", source, place.table) for source in sources]

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None or all(numbers) or not any(numbers):
            return None
        pairs = list(zip(operands, numbers, strict=True))
        zeros, others = [o.label for o, n in pairs if not n], [o.label for o, n in pairs if n]
        return "text", {"zeros": listed(zeros), "others": listed(others)}

    return (values_rule(spec, place, operands, judge),)


def compile_average_between(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find averages outside what is usual (checks.md ARI-14, LOG-21, MAG-03, MAG-04; makerspace §5).

    ``numerator`` and ``denominator``: items or expressions.  ``least`` and ``most``: at least one of them.
    ``label``: what the average is called.  ``unit``: text shown after the numbers; with 千元, 万元 or 亿元
    the bounds count in it, otherwise money counts in 元.  ``item``: where the finding stands; default
    the numerator, which then must be an item.
    """
    params = Params(programme, spec)
    source = params.text("item" if params.has("item") else "numerator")
    place = params.find("item" if params.has("item") else "numerator", source)
    parts = [params.operand(name, params.text(name), place.table) for name in ("numerator", "denominator")]
    least, most = limits_of(params)
    label, unit = params.text("label"), params.text("unit", "")

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None or not numbers[1]:
            return None
        average = in_unit(Decimal(numbers[0]) / Decimal(numbers[1]), ItemType.MONEY, unit)
        verdict = beyond(average, least, most)
        if verdict is None:
            return None
        variant, limit = verdict
        slots = {"average": label, "value": show_number(average), "unit": unit, "limit": show_number(limit)}
        return variant, {**slots, "numerator": parts[0].label, "denominator": parts[1].label}

    return (values_rule(spec, place, parts, judge),)


def limits_of(params: Params) -> tuple[Decimal | None, Decimal | None]:
    """Give ``least`` and ``most``, of which one at least must be given, in order."""
    least, most = params.number_or_none("least"), params.number_or_none("most")
    if least is None and most is None:
        raise SpecError("parameter_missing", parameter="least")
    if least is not None and most is not None and least > most:
        raise SpecError("limits_crossed", parameter="least", least=least, most=most)
    return least, most


def beyond(value: Decimal, least: Decimal | None, most: Decimal | None) -> tuple[str, Decimal] | None:
    """Give ``least`` or ``most`` with the bound that a value crosses, or None."""
    if least is not None and value < least:
        return "least", least
    if most is not None and value > most:
        return "most", most
    return None


KINDS = (
    define("sum_equals", compile_sum_equals, "total parts", "tolerance"),
    define("sum_at_most", compile_sum_at_most, "total parts", "tolerance"),
    define("at_most", compile_at_most, "item limit", "strict"),
    define("rows_equal", compile_rows_equal, "item table", "condition distinct"),
    define("column_sum_equals", compile_column_sum_equals, "item column", "condition tolerance"),
    define("ratio_equals", compile_ratio_equals, "item numerator denominator", "percent tolerance"),
    define("shares_sum", compile_shares_sum, "items", "tolerance"),
    define("zero_together", compile_zero_together, "items"),
    define("average_between", compile_average_between, "numerator denominator label", "least most item unit"),
)
