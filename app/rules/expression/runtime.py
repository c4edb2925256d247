"""What compiled expressions call while they run.  None always means: cannot be decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from types import MappingProxyType
from typing import Any, TypeAlias

from app.model.value import Value
from app.rules.expression.scope import Kind
from app.rules.goals import attainment, measured

Number: TypeAlias = int | Decimal
Picked: TypeAlias = list[Value | None] | None
"""Cells chosen by an aggregate function; None where a row could not be decided."""

CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
ZERO = Decimal(0)
_NONE = type(None)

CLASSES: Mapping[Kind, frozenset[type]] = MappingProxyType(
    {
        Kind.NUMBER: frozenset({int, Decimal}),
        Kind.TEXT: frozenset({str}),
        Kind.DATE: frozenset({date}),
        Kind.BOOLEAN: frozenset({bool}),
        Kind.CHOICE: frozenset({str}),
        Kind.SET: frozenset({tuple}),
    }
)
"""The exact classes a usable value of a type has: ``Invalid`` is none of them, and ``True`` no number."""


def _usable(picked: Picked, classes: frozenset[type], required: bool) -> list[Any] | None:
    if picked is None:
        return None
    odd = set(map(type, picked)) - classes
    if not odd:
        return picked
    if required or odd != {_NONE}:
        return None
    return [value for value in picked if value is not None]


def total(picked: Picked, classes: frozenset[type], required: bool) -> Decimal | None:
    """Add up; nothing adds up to 0."""
    values = _usable(picked, classes, required)
    return None if values is None else sum(values, ZERO)


def least(picked: Picked, classes: frozenset[type], required: bool) -> Any:
    """Give the smallest; None of nothing."""
    values = _usable(picked, classes, required)
    return min(values) if values else None


def greatest(picked: Picked, classes: frozenset[type], required: bool) -> Any:
    """Give the greatest; None of nothing."""
    values = _usable(picked, classes, required)
    return max(values) if values else None


def average(picked: Picked, classes: frozenset[type], required: bool) -> Decimal | None:
    """Give the mean; None of nothing."""
    values = _usable(picked, classes, required)
    return sum(values, ZERO) / len(values) if values else None


def variety(picked: Picked, classes: frozenset[type], required: bool) -> int | None:
    """Count the different values."""
    values = _usable(picked, classes, required)
    try:
        return None if values is None else len(set(values))
    except TypeError:  # a signaling NaN has no hash
        return None


def size(picked: Picked) -> int | None:
    """Count what was chosen."""
    return None if picked is None else len(picked)


def round_half_up(value: Number, places: int) -> Decimal:
    """Round as money is rounded (四舍五入); raises ``InvalidOperation`` beyond 28 digits."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def floor(value: Number) -> Decimal:
    """Give the whole number not above a value."""
    return Decimal(value).to_integral_value(rounding=ROUND_FLOOR)


def ceiling(value: Number) -> Decimal:
    """Give the whole number not below a value."""
    return Decimal(value).to_integral_value(rounding=ROUND_CEILING)


def make_date(year: Number, month: Number, day: Number) -> date | None:
    """Give a date, or None where the numbers name none."""
    parts = (year, month, day)
    if not all(1 <= part <= 9999 and part == int(part) for part in parts):
        return None
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def days_between(first: date, second: date) -> int:
    """Count days from the first date to the second."""
    return (second - first).days


def months_between(first: date, second: date) -> int:
    """Count whole months from the first date to the second, negative when the second is earlier.

    A month ends on the day of the same number, or on the last day of a month without that day
    (《民法典》第二百零二条).
    """
    if second < first:
        return -months_between(second, first)
    months = (second.year - first.year) * 12 + second.month - first.month
    last_of_month = second == date.max or (second + timedelta(days=1)).day == 1
    return months - (second.day < first.day and not last_of_month)


NAMESPACE: Mapping[str, Callable[..., Any] | frozenset[type]] = MappingProxyType(
    {
        "Decimal": Decimal,
        "abs": abs,
        "len": len,
        "min": min,
        "max": max,
        "total": total,
        "least": least,
        "greatest": greatest,
        "average": average,
        "variety": variety,
        "size": size,
        "round_half_up": round_half_up,
        "floor": floor,
        "ceiling": ceiling,
        "make_date": make_date,
        "days_between": days_between,
        "months_between": months_between,
        "attainment": attainment,
        "measured": measured,
        **{f"{kind.value}_classes": classes for kind, classes in CLASSES.items()},
    }
)
"""All that compiled code can reach besides its arguments."""
