"""One row of a table against the rest of the form, and choices that must all occur."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from app.model.finding import Finding
from app.model.programme import CheckSpec, Programme
from app.model.value import in_unit
from app.rules.identity import normalise_name
from app.rules.kinds.operands import name_of, reads_of
from app.rules.kinds.report import (
    ONE_FORM,
    Hits,
    cell_findings,
    form_finding,
    listed,
    rows_of,
    show,
    show_number,
    union,
)
from app.rules.kinds.targets import Params, define, is_choice, is_numeric, is_text, number_of
from app.rules.rule import Rule, SpecError
from app.rules.view import View

_HOLDS: dict[str, Callable[[Decimal, Decimal, Decimal], bool]] = {
    "equal": lambda value, limit, tolerance: abs(value - limit) <= tolerance,
    "at_most": lambda value, limit, tolerance: value <= limit + tolerance,
    "at_least": lambda value, limit, tolerance: value >= limit - tolerance,
}


def compile_row_agrees(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find a row whose number does not go with the rest of the form (checks.md LOG-19, LOG-01; seed 003).

    ``column``: ``table.column``, a number.  ``key``: the column that tells rows apart, and ``row``: its text
    in the row that is meant; without such a row nothing is said.  ``limit``: item or expression over the
    form.  ``relation``: equal, at_most or at_least.  ``against``: what the limit is called.  ``name``: the
    column that names the row (default ``key``).  ``tolerance``: in 元 or units.
    """
    params = Params(programme, spec)
    target = params.column("column", None, is_numeric)
    assert target.table is not None
    table, item = target.table, target.item
    key, wanted = params.column("key", table, is_text), normalise_name(params.text("row"))
    name = params.column("name", table, is_text) if params.has("name") else key
    limit, relation = params.operand("limit", params.text("limit")), params.text("relation")
    if relation not in _HOLDS:
        raise SpecError("parameter_type", parameter="relation", wanted="relation", value=relation)
    holds, tolerance = _HOLDS[relation], params.number("tolerance", 0)
    against = params.text("against")

    def shown(number: Decimal) -> str:
        return show_number(in_unit(number, item.type, item.unit))

    def run(view: View) -> Sequence[Finding]:
        most = number_of(limit.values(view, ONE_FORM)[0])
        if most is None:
            return ()
        hits: Hits = []
        keys = view.column_keys(table.id, key.item.id)
        for row, told in zip(view.rows(table.id), keys, strict=True):
            value = number_of(row.cells.get(item.id)) if told == wanted else None
            if value is not None and not holds(value, most, tolerance):
                slots = {
                    "name": show(name.item, row.cells.get(name.item.id)),
                    "limit": against,
                    "limit_value": shown(most),
                    "difference": shown(abs(value - most)),
                }
                hits.append((row, (relation, slots)))
        return [finding for _, finding in cell_findings(spec, view, target, hits)]

    reads = [reads_of(target), reads_of(key), reads_of(name), limit.reads, rows_of(table.id)]
    return (Rule(spec.code, union(reads), run=run),)


def compile_choices_covered(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find choices of a column that stand in no row (seed 001 附件2: every 环节 of the chain).

    ``column``: a choice column of a table.  ``condition`` over the row says which rows count.  Path: the
    table.
    """
    params = Params(programme, spec)
    target = params.column("column", None, is_choice)
    assert target.table is not None
    table, item = target.table, target.item
    condition = params.condition("condition", table)

    def run(view: View) -> Sequence[Finding]:
        rows = view.rows(table.id)
        counted = condition.evaluate_rows(view, rows) if condition is not None else [True] * len(rows)
        present = {
            row.cells.get(item.id) for row, counts in zip(rows, counted, strict=True) if counts is True
        }
        missing = [label for choice, label in item.choices.items() if choice not in present]
        if not missing:
            return ()
        slots = {"label": item.label, "table": name_of(table), "missing": listed(missing)}
        return (form_finding(spec, table.id, "text", count=str(len(missing)), **slots),)

    reads = [reads_of(target), rows_of(table.id), *([condition.reads] if condition is not None else [])]
    return (Rule(spec.code, union(reads), run=run),)


KINDS = (
    define("row_agrees", compile_row_agrees, "column key row limit relation against", "name tolerance"),
    define("choices_covered", compile_choices_covered, "column", "condition"),
)
