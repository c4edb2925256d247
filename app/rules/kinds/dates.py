"""Dates: real ones, within the period, in order."""

from __future__ import annotations

import operator
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from app.model.programme import CheckSpec, Programme
from app.model.value import Invalid, ItemType, Value, format_value
from app.rules.expression import Kind as Type
from app.rules.kinds.operands import Operand, context_operand, name_of, operand_of
from app.rules.kinds.report import Verdict, outside, value_rule, values_rule
from app.rules.kinds.targets import Params, day_of, define, is_choice, is_day
from app.rules.rule import Reads, Rule, SpecError, Target

EARLIEST_YEAR = 1949
LATEST_YEAR = 2100


def show_day(day: date) -> str:
    """Give a date as people write it."""
    return format_value(day, ItemType.DATE)


def compile_date_valid(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find dates that do not exist or lie before 1949 or after 2100 (checks.md FMT-12).

    ``items``: default all dates that are not calculated.
    """
    targets = Params(programme, spec).targets(
        wanted=is_day, default=lambda item: is_day(item) and not item.calculated
    )
    first, last = date(EARLIEST_YEAR, 1, 1), date(LATEST_YEAR, 12, 31)

    def judge(value: Value) -> Verdict | None:
        if isinstance(value, Invalid):
            return "text", {}
        day = day_of(value)
        if day is None or first <= day <= last:
            return None
        return (
            ("early", {"year": str(EARLIEST_YEAR)}) if day < first else ("late", {"year": str(LATEST_YEAR)})
        )

    return [value_rule(spec, target, judge, outside(target.item.id, first, last)) for target in targets]


def compile_date_within(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find dates outside a span (checks.md DAT-01, LOG-12).

    ``items``: dates.  ``from`` and ``to``: items or expressions, both days belong to the span; in a table
    they may name its columns.  With neither the span is the programme's period; with one the other side is
    open.
    """
    params = Params(programme, spec)
    targets = params.targets(wanted=is_day)
    if not params.has("from") and not params.has("to"):
        return [
            value_rule(
                spec,
                target,
                lambda value: _outside(value, programme.period_start, programme.period_end),
                outside(target.item.id, programme.period_start, programme.period_end),
            )
            for target in targets
        ]
    return [_span_rule(params, target) for target in targets]


def _span_rule(params: Params, target: Target) -> Rule:
    operands = [operand_of(target)]
    for name in ("from", "to"):
        operands.append(
            params.operand(name, params.text(name), target.table, Type.DATE) if params.has(name) else _NO_DAY
        )
    return values_rule(params.spec, target, operands, lambda values: _outside(*values))


_NO_DAY = Operand("", Type.DATE, Reads(), lambda _view, rows: [None] * len(rows))


def _outside(value: Value | None, start: Value | None, end: Value | None) -> Verdict | None:
    day, first, last = day_of(value), day_of(start), day_of(end)
    if day is None:
        return None
    early, late = first is not None and day < first, last is not None and day > last
    if not early and not late:
        return None
    slots = {"from": show_day(first) if first else "", "to": show_day(last) if last else ""}
    if first is not None and last is not None:
        return "text", slots
    return ("early" if early else "late"), slots


def compile_date_order(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find a second date that lies before the first (checks.md DAT-07, DAT-08).

    ``first`` and ``second``: two fields or two columns of one table (``first`` may be a field where
    ``second`` is a column).  ``allow_equal``: the same day is right (default true).  Path: ``second``.
    """
    params = Params(programme, spec)
    second = params.target("second", is_day)
    first = params.target("first", is_day, table=second.table)
    if first.table is not None and first.table is not second.table:
        raise SpecError("other_table", parameter="first", value=first.address, wanted=second.address)
    allow_equal = params.flag("allow_equal", True)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        a, b = day_of(values[0]), day_of(values[1])
        if a is None or b is None or a < b or (a == b and allow_equal):
            return None
        return "text" if b < a else "equal", {"other": name_of(first.item), "other_value": show_day(a)}

    suspicion = operator.gt if allow_equal else operator.ge
    operands = (operand_of(first), operand_of(second))
    return (values_rule(spec, second, operands, judge, suspicion=suspicion),)


def compile_date_covers(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find a term that ends before a day it must reach (checks.md DAT-09).

    ``item``: the end of the term.  ``until``: item or expression, e.g. ``period_end``.
    """
    params = Params(programme, spec)
    target = params.target("item", is_day)
    until = params.operand("until", params.text("until"), target.table, Type.DATE)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        day, last = day_of(values[0]), day_of(values[1])
        return ("text", {"until": show_day(last)}) if day and last and day < last else None

    return (values_rule(spec, target, (operand_of(target), until), judge),)


def compile_date_future(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find dates later than today in Beijing (checks.md DAT-15).

    ``items``: default all dates that are not calculated.  ``except``: dates that may lie ahead.
    """
    params = Params(programme, spec)
    targets = params.targets(wanted=is_day, default=lambda item: is_day(item) and not item.calculated)
    allowed = {t.address for t in params.targets("except", is_day)} if params.has("except") else set()
    today = context_operand("now", "", lambda view: view.context.today)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        day, now = day_of(values[0]), day_of(values[1])
        return ("text", {"today": show_day(now)}) if day and now and day > now else None

    return [
        values_rule(spec, target, (operand_of(target), today), judge)
        for target in targets
        if target.address not in allowed
    ]


def compile_term_overlaps(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find terms without a day in the period (checks.md DAT-10).

    ``from`` and ``to``: two fields or two columns of one table; one alone decides when it is enough.
    Path: the one that lies outside.
    """
    params = Params(programme, spec)
    start = params.target("from", is_day)
    end = params.target("to", is_day, table=start.table)
    if end.table is not start.table:
        raise SpecError("other_table", parameter="to", value=end.address, wanted=start.address)
    first, last = programme.period_start, programme.period_end
    slots = {"from": show_day(first), "to": show_day(last)}

    def ended(value: Value) -> Verdict | None:
        day = day_of(value)
        return ("ended", slots) if day is not None and day < first else None

    def begun(value: Value) -> Verdict | None:
        day = day_of(value)
        return ("begun", slots) if day is not None and day > last else None

    return (value_rule(spec, end, ended), value_rule(spec, start, begun))


def compile_resident_long(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find tenants resident for more than ``months`` months at the end of the period (checks.md DAT-11).

    ``table``; ``from``: column of the day of moving in; ``status``: choice column; ``resident``: its choice
    id of 在驻.
    """
    params = Params(programme, spec)
    table = params.table("table")
    start, status = (
        params.column("from", table, is_day),
        params.column("status", table, is_choice),
    )
    resident, months = params.text("resident"), params.integer("months")
    if resident not in status.item.choices:
        raise SpecError("unknown_choice", parameter="resident", value=resident)
    end = programme.period_end

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        day = day_of(values[0])
        if day is None or values[1] != resident:
            return None
        if end <= _months_later(day, months):
            return None
        whole = (end.year - day.year) * 12 + end.month - day.month - (end.day < day.day)
        return "text", {"months": str(months), "actual": str(whole)}

    return (values_rule(spec, start, (operand_of(start), operand_of(status)), judge),)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = min(day.year + years, date.max.year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


KINDS = (
    define("date_valid", compile_date_valid, "", "items"),
    define("date_within", compile_date_within, "items", "from to"),
    define("date_order", compile_date_order, "first second", "allow_equal"),
    define("date_covers", compile_date_covers, "item until"),
    define("date_future", compile_date_future, "", "items except"),
    define("term_overlaps", compile_term_overlaps, "from to"),
    define("resident_long", compile_resident_long, "table from status resident months"),
)
