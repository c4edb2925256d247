"""How kinds become rules and verdicts become findings.

A judge looks at values only and gives a verdict: the variant of the wording and the slots it needs beside
``label``, ``value``, ``unit`` and, in rows, ``table`` and ``row``.  The wording of a finding in a row is the
variant with ``_row`` at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import compress
from typing import Any, TypeAlias

from app.model.draft import Row
from app.model.finding import Finding
from app.model.form import Item
from app.model.programme import CheckSpec
from app.model.value import Value, format_value, plain_decimal
from app.rules.kinds.operands import Operand, name_of, reads_of
from app.rules.kinds.targets import Number
from app.rules.rule import Maker, Reads, Rule, Target
from app.rules.view import View

Verdict: TypeAlias = tuple[str, Mapping[str, str]]
Judge: TypeAlias = Callable[[Value], Verdict | None]
ValuesJudge: TypeAlias = Callable[[Sequence[Value | None]], Verdict | None]
Suspects: TypeAlias = Callable[[Sequence[Row]], Iterable[Row]]
Suspicion: TypeAlias = Callable[[Any, Any], bool]
Hits: TypeAlias = list[tuple[Row, Verdict]]

_SHOWN = 40

_FEW = 8

ONE_FORM = (Row("", {}),)
"""The one row over which operands of a form are worked out."""


def show(item: Item, value: Value | None) -> str:
    """Give a value as a person reads it, in the item's unit: one line, of a masked item only the end."""
    text = format_value(value, item.type, item.unit, item.choices)
    if item.masked and text:
        return f"…{text[-4:]}"
    return text if len(text) <= _SHOWN and "\n" not in text else shorten(text)


def shorten(text: str) -> str:
    """Give a text as one line of at most 40 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def show_number(number: Number, places: int = 2) -> str:
    """Give a number without unit, rounded half up, with thousands commas and no trailing zeros."""
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    whole, dot, fraction = plain_decimal(rounded).partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}{dot}{fraction}"


def item_slots(item: Item, value: Value | None) -> dict[str, str]:
    """Give the slots every finding at an item has."""
    return {"label": name_of(item), "value": show(item, value), "unit": item.unit}


def field_finding(spec: CheckSpec, target: Target, value: Value | None, verdict: Verdict) -> Finding:
    """Give the finding at a field."""
    variant, extra = verdict
    params = {**item_slots(target.item, value), **extra}
    return Maker(spec)(target.item.id, f"{spec.kind}.{variant}", **params)


def row_numbers(view: View, table_id: str, hits: Hits) -> dict[str, int]:
    """Give the 1-based numbers of the rows in which something was found, by row id."""
    ids = [row.id for row in view.rows(table_id)]
    if len(hits) > _FEW:
        return {row_id: number for number, row_id in enumerate(ids, 1)}
    return {row.id: ids.index(row.id) + 1 for row, _ in hits if row.id in ids}


def cell_findings(
    spec: CheckSpec, view: View, target: Target, hits: Hits, whole_row: bool = False
) -> list[tuple[str, Finding]]:
    """Give row id and finding for what was found in a column, at the cell or at the row."""
    if not hits or target.table is None:
        return []
    table, item = target.table, target.item
    numbers = row_numbers(view, table.id, hits)
    make = Maker(spec)
    found = []
    for row, (variant, extra) in hits:
        params = {
            **item_slots(item, row.cells.get(item.id)),
            "table": name_of(table),
            "row": str(numbers.get(row.id, 0)),
            **extra,
        }
        path = f"{table.id}/{row.id}" if whole_row else f"{table.id}/{row.id}/{item.id}"
        found.append((row.id, make(path, f"{spec.kind}.{variant}_row", **params)))
    return found


def value_rule(spec: CheckSpec, target: Target, judge: Judge, suspects: Suspects | None = None) -> Rule:
    """Give the rule that judges each present value of one item by itself.

    ``suspects`` picks rows that may be wrong, faster than the judge; it never leaves out a wrong one and
    never picks a row without the cell.
    """
    item_id, table = target.item.id, target.table
    if table is None:

        def run(view: View) -> Sequence[Finding]:
            value = view.values.get(item_id)
            verdict = judge(value) if value is not None else None
            return () if verdict is None else (field_finding(spec, target, value, verdict),)

        return Rule(spec.code, reads_of(target), run=run)

    def present(rows: Sequence[Row]) -> Iterable[Row]:
        return [row for row in rows if row.cells.get(item_id) is not None]

    pick = suspects or present

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        hits: Hits = []
        for row in pick(rows):
            verdict = judge(row.cells[item_id])
            if verdict is not None:
                hits.append((row, verdict))
        return cell_findings(spec, view, target, hits)

    return Rule(spec.code, reads_of(target), run_rows=run_rows, table=table.id)


def outside(item_id: str, least: Any, most: Any) -> Suspects:
    """Pick rows whose cell is not between two bounds of its type; all where some cell is of another type."""

    def suspects(rows: Sequence[Row]) -> Iterable[Row]:
        try:
            return [
                row for row in rows if (v := row.cells.get(item_id)) is not None and not least <= v <= most
            ]
        except TypeError:
            return [row for row in rows if row.cells.get(item_id) is not None]

    return suspects


def values_rule(
    spec: CheckSpec,
    place: Target,
    operands: Sequence[Operand],
    judge: ValuesJudge,
    whole_row: bool = False,
    suspicion: Suspicion | None = None,
) -> Rule:
    """Give the rule that judges several values together and reports at ``place``.

    In a table the judge sees each row.  Rows that depend on sums over their own table are all judged
    again together: the rule is then a form rule.  ``suspicion`` says of two present values, faster than
    the judge, whether they may be wrong; it never clears wrong ones, and without both nothing is wrong.
    """
    reads = union((reads_of(place), *(operand.reads for operand in operands)))
    item_id, table = place.item.id, place.table
    if table is None:

        def run(view: View) -> Sequence[Finding]:
            verdict = judge([operand.values(view, ONE_FORM)[0] for operand in operands])
            return () if verdict is None else (field_finding(spec, place, view.values.get(item_id), verdict),)

        return Rule(spec.code, reads, run=run)

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        hits: Hits = []
        columns = [operand.values(view, rows) for operand in operands]
        if suspicion is not None:
            rows, columns = _suspected(rows, columns, suspicion)
        for row, values in zip(rows, zip(*columns, strict=True), strict=True):
            verdict = judge(values)
            if verdict is not None:
                hits.append((row, verdict))
        return cell_findings(spec, view, place, hits, whole_row)

    if any(table.id in operand.aggregates for operand in operands):

        def run_all(view: View) -> Sequence[Finding]:
            return [finding for _, finding in run_rows(view, view.rows(table.id))]

        return Rule(spec.code, reads | rows_of(table.id), run=run_all)
    return Rule(spec.code, reads, run_rows=run_rows, table=table.id)


def _suspected(
    rows: Sequence[Row], columns: list[list[Value | None]], suspicion: Suspicion
) -> tuple[Sequence[Row], list[list[Value | None]]]:
    first, second = columns
    try:
        chosen = [
            a is not None and b is not None and suspicion(a, b) for a, b in zip(first, second, strict=True)
        ]
    except (TypeError, ArithmeticError):
        return rows, columns
    return list(compress(rows, chosen)), [list(compress(column, chosen)) for column in columns]


def rows_of(table_id: str) -> Reads:
    """Give the reading of a table's rows as such: their number and order."""
    return Reads(columns=frozenset({(table_id, "*")}))


def union(parts: Iterable[Reads]) -> Reads:
    """Give what any of the parts reads."""
    reads = Reads()
    for part in parts:
        reads |= part
    return reads


def form_finding(spec: CheckSpec, path: str, variant: str, **params: str) -> Finding:
    """Give a finding that is not at one item: of a stage, a file, the report as a whole."""
    return Maker(spec)(path, f"{spec.kind}.{variant}", **params)


def listed(names: Iterable[str]) -> str:
    """Join names as 「甲」、「乙」."""
    return "、".join(f"「{name}」" for name in names)


def added(names: Iterable[str]) -> str:
    """Join what is added up as 「甲」＋「乙」."""
    return "＋".join(f"「{name}」" for name in names)
