"""This year against last year, the cumulative values and the Torch annual report."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.model.finding import Finding
from app.model.form import Item
from app.model.programme import CheckSpec, Programme
from app.model.value import ItemType, Value, in_unit
from app.rules.kinds.arithmetic import tolerance_for
from app.rules.kinds.operands import (
    Operand,
    context_operand,
    name_of,
    operand_of,
    previous_of,
    reads_of,
    torch_of,
)
from app.rules.kinds.report import (
    ONE_FORM,
    Verdict,
    added,
    field_finding,
    form_finding,
    listed,
    show,
    show_number,
    union,
    values_rule,
)
from app.rules.kinds.targets import Params, define, is_numeric, number_of, numbers_of, total_of
from app.rules.rule import Reads, Rule, SpecError, Target
from app.rules.view import View

TORCH_TOLERANCE = Decimal(500)
"""元; half of the thousand in which the Torch report counts (checks.md ARI-13)."""

_PREVIOUS = Reads(parts=frozenset({"previous"}))
_SLIPS = (10, 1000, 10000)
_SLIP_WIDTH = Decimal("0.15")
_LEAST_COUNT = 100


def is_compared(item: Item) -> bool:
    """Tell whether an item is a number with a value of last year."""
    return item.compared and is_numeric(item)


def _compared(params: Params) -> tuple[Target, ...]:
    return params.fields(wanted=is_numeric, default=is_compared)


def _year_pair(values: Sequence[Value | None]) -> tuple[Decimal, Decimal] | None:
    now, before = number_of(values[0]), number_of(values[1])
    return (now, before) if now is not None and before is not None else None


def compile_change_explained(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find large changes against last year; the written reason answers them (YOY-01, makerspace R10).

    ``items``: default all compared number fields.  ``threshold``: share of last year's value (0.3 is 30 %);
    ``least``: least change in the item's own unit; default both from ``Context``.
    From 0 see ``zero_change``.
    """
    params = Params(programme, spec)
    threshold, least = params.number_or_none("threshold"), params.number_or_none("least")
    settings = [
        context_operand("context", "", lambda view: view.context.change_threshold),
        context_operand("context", "", lambda view: view.context.change_least),
    ]

    def judge_of(target: Target) -> Rule:
        item = target.item

        def judge(values: Sequence[Value | None]) -> Verdict | None:
            pair = _year_pair(values)
            share = threshold if threshold is not None else number_of(values[2])
            units = least if least is not None else number_of(values[3])
            if pair is None or not pair[0] or not pair[1] or share is None or units is None:
                return None
            change = pair[0] - pair[1]
            moved = abs(change / pair[1])
            if moved < share or abs(in_unit(change, item.type, item.unit)) < units:
                return None
            slots = {"previous": show(item, pair[1]), "percent": show_number(moved * 100, 1)}
            return "more" if change > 0 else "less", {**slots, "difference": show(item, abs(change))}

        fixed = [_number(threshold), _number(least)]
        bounds = [own if own is not None else setting for own, setting in zip(fixed, settings, strict=True)]
        return values_rule(spec, target, (operand_of(target), previous_of(target), *bounds), judge)

    return [judge_of(target) for target in _compared(params)]


def _number(number: Decimal | None) -> Operand | None:
    if number is None:
        return None
    nothing = context_operand("context", "", lambda _view: number)
    return Operand(nothing.label, nothing.type, Reads(), nothing.values)


def compile_unchanged_many(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find reports that repeat last year's numbers (checks.md YOY-02).

    ``most``: this many equal compared fields are too many; 0 equal to 0 does not count.  Path: empty.
    """
    most = Params(programme, spec).integer("most")
    if most < 1:
        raise SpecError("parameter_type", parameter="most", wanted="positive", value=most)
    items = [item for item in programme.form.fields.values() if is_compared(item)]

    def run(view: View) -> Sequence[Finding]:
        same = []
        for item in items:
            value, before = number_of(view.values.get(item.id)), number_of(view.previous.get(item.id))
            if value and before is not None and value == before:
                same.append(item)
        if len(same) < most:
            return ()
        names = listed(name_of(item) for item in same[:5])
        return (form_finding(spec, "", "text", count=str(len(same)), items=names),)

    return (Rule(spec.code, union([_PREVIOUS, *(reads_of(Target(item)) for item in items)]), run=run),)


def compile_unit_slip(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find values about 10, 1000 or 10000 times last year's, or that part of it (checks.md YOY-03).

    ``items``: default all compared number fields.  Within 15 %.  Counts may well grow tenfold while they are
    small: other than money is judged only where the larger value is at least 100.
    """
    targets = _compared(Params(programme, spec))

    def rule_of(target: Target) -> Rule:
        item = target.item

        def judge(values: Sequence[Value | None]) -> Verdict | None:
            pair = _year_pair(values)
            if pair is None or not pair[0] or not pair[1] or (pair[0] > 0) != (pair[1] > 0):
                return None
            small, large = sorted((abs(pair[0]), abs(pair[1])))
            if item.type is not ItemType.MONEY and large < _LEAST_COUNT:
                return None
            factor = next((f for f in _SLIPS if abs(large / small / f - 1) <= _SLIP_WIDTH), None)
            if factor is None:
                return None
            variant = "times" if abs(pair[0]) > abs(pair[1]) else "part"
            return variant, {"previous": show(item, pair[1]), "factor": f"{factor:,}"}

        return values_rule(spec, target, (operand_of(target), previous_of(target)), judge)

    return [rule_of(target) for target in targets]


def compile_zero_change(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find values that came from 0 or fell to 0 (checks.md YOY-04).

    ``items``: default all compared number fields.
    """

    def rule_of(target: Target) -> Rule:
        def judge(values: Sequence[Value | None]) -> Verdict | None:
            pair = _year_pair(values)
            if pair is None or bool(pair[0]) == bool(pair[1]):
                return None
            return "appeared" if pair[0] else "vanished", {"previous": show(target.item, pair[1])}

        return values_rule(spec, target, (operand_of(target), previous_of(target)), judge)

    return [rule_of(target) for target in _compared(Params(programme, spec))]


def compile_decreased(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find cumulative values smaller than last year's (checks.md YOY-05).

    ``items``: number fields.
    """

    def rule_of(target: Target) -> Rule:
        def judge(values: Sequence[Value | None]) -> Verdict | None:
            pair = _year_pair(values)
            if pair is None or pair[0] >= pair[1]:
                return None
            slots = {"previous": show(target.item, pair[1])}
            return "text", {**slots, "difference": show(target.item, pair[1] - pair[0])}

        return values_rule(spec, target, (operand_of(target), previous_of(target)), judge)

    return [rule_of(target) for target in Params(programme, spec).fields(wanted=is_numeric)]


def compile_rollover(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find stocks that are not last year's stock plus what came minus what went (checks.md LOG-06).

    ``item``: a number field.  ``add`` and ``less``: items and expressions.  ``tolerance``.
    """
    params = Params(programme, spec)
    target = params.field("item", is_numeric)
    add, less, tolerance = params.operands("add"), params.operands("less"), tolerance_for(params, target)
    item, plus = target.item, len(add)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        numbers = numbers_of(values)
        if numbers is None:
            return None
        came, went = total_of(numbers[2 : 2 + plus]), total_of(numbers[2 + plus :])
        expected = numbers[1] + came - went
        if abs(numbers[0] - expected) <= tolerance:
            return None
        slots = {"previous": show(item, numbers[1]), "added": show(item, came), "removed": show(item, went)}
        difference = show(item, abs(numbers[0] - expected))
        return "text", {**slots, "expected": show(item, expected), "difference": difference}

    return (values_rule(spec, target, (operand_of(target), previous_of(target), *add, *less), judge),)


def compile_cumulative(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find cumulative values smaller than this year's, than last year's, or not their sum (LOG-04, R4).

    ``item``: a number field.  ``during``: this year's items and expressions.  ``exact``: the value must be
    last year's plus this year's (default false).  ``tolerance``.  One finding.
    """
    params = Params(programme, spec)
    target = params.field("item", is_numeric)
    during, exact, tolerance = params.operands("during"), params.flag("exact"), tolerance_for(params, target)
    item, names = target.item, added(operand.label for operand in during)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        value, before, this_year = number_of(values[0]), number_of(values[1]), numbers_of(values[2:])
        if value is None:
            return None
        year = total_of(this_year) if this_year is not None else None
        if year is not None and value < year - tolerance:
            slots = {"parts": names, "during": show(item, year)}
            return "during", {**slots, "difference": show(item, year - value)}
        if before is None:
            return None
        slots = {"previous": show(item, before)}
        if value < before - tolerance:
            return "previous", {**slots, "difference": show(item, before - value)}
        if not exact or year is None or abs(value - before - year) <= tolerance:
            return None
        slots |= {"parts": names, "during": show(item, year), "expected": show(item, before + year)}
        return "exact", {**slots, "difference": show(item, abs(value - before - year))}

    return (values_rule(spec, target, (operand_of(target), previous_of(target), *during), judge),)


def compile_torch_equal(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find values that differ from the imported Torch annual report (checks.md YOY-07, ARI-13).

    ``items``: default all Torch number fields.  ``same_period``: both count over the same period (default
    true); the wording differs.  ``tolerance``: default 500 元 for money, else 0.
    """
    params = Params(programme, spec)
    targets = params.fields(wanted=is_numeric, default=lambda i: i.torch_item and is_numeric(i))
    variant = "same" if params.flag("same_period", True) else "other"
    given = params.number_or_none("tolerance")

    def rule_of(target: Target) -> Rule:
        item = target.item
        usual = TORCH_TOLERANCE if item.type is ItemType.MONEY else Decimal(0)
        tolerance = usual if given is None else given

        def judge(values: Sequence[Value | None]) -> Verdict | None:
            pair = _year_pair(values)
            if pair is None or abs(pair[0] - pair[1]) <= tolerance:
                return None
            return variant, {"torch": show(item, pair[1]), "difference": show(item, abs(pair[0] - pair[1]))}

        return values_rule(spec, target, (operand_of(target), torch_of(target)), judge)

    return [rule_of(target) for target in targets]


def compile_edited_after_torch(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find fields outside the Torch report that were edited after it was locked (checks.md YOY-06).

    ``Context.edited_after_torch`` holds the ids of the edited fields.
    """
    targets = [Target(item) for item in programme.form.fields.values() if not item.torch_item]

    def run(view: View) -> Sequence[Finding]:
        edited = view.context.edited_after_torch
        return [
            field_finding(spec, target, view.values[target.item.id], ("text", {}))
            for target in targets
            if target.item.id in edited and target.item.id in view.values
        ]

    reads = union([Reads(parts=frozenset({"context"})), *(reads_of(target) for target in targets)])
    return (Rule(spec.code, reads, run=run),)


def compile_previous_grade(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Warn where last year's grade was bad (seed 000 §三.4; checks.md YOY-08).

    ``bad``: the grade, one of the programme's.  With ``score`` (item or expression) and ``below`` only where
    this year's score is known and lies below.  Path: empty.
    """
    params = Params(programme, spec)
    bad = params.text("bad")
    if programme.grades and bad not in programme.grades:
        raise SpecError("unknown_grade", parameter="bad", value=bad)
    reads = Reads(parts=frozenset({"previous_grade"}))
    for name, partner in (("score", "below"), ("below", "score")):
        if params.has(name) and not params.has(partner):
            raise SpecError("parameter_missing", parameter=partner)
    if not params.has("score"):
        alone = form_finding(spec, "", "text", grade=bad)

        def run_alone(view: View) -> Sequence[Finding]:
            return (alone,) if view.answers.previous_grade == bad else ()

        return (Rule(spec.code, reads, run=run_alone),)
    score, below = params.operand("score", params.text("score")), params.number("below")

    def run(view: View) -> Sequence[Finding]:
        value = number_of(score.values(view, ONE_FORM)[0])
        if view.answers.previous_grade != bad or value is None or value >= below:
            return ()
        slots = {"grade": bad, "score": show_number(value), "below": show_number(below)}
        return (form_finding(spec, "", "score", **slots),)

    return (Rule(spec.code, reads | score.reads, run=run),)


KINDS = (
    define("change_explained", compile_change_explained, "", "items threshold least"),
    define("unchanged_many", compile_unchanged_many, "most"),
    define("unit_slip", compile_unit_slip, "", "items"),
    define("zero_change", compile_zero_change, "", "items"),
    define("decreased", compile_decreased, "items"),
    define("rollover", compile_rollover, "item add less", "tolerance"),
    define("cumulative", compile_cumulative, "item during", "exact tolerance"),
    define("torch_equal", compile_torch_equal, "", "items same_period tolerance"),
    define("edited_after_torch", compile_edited_after_torch),
    define("previous_grade", compile_previous_grade, "bad", "score below"),
)
