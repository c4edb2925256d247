"""Conditions the programme writes itself: one assertion, or a list of thresholds."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.draft import Row
from app.model.finding import Finding
from app.model.programme import CheckSpec, Programme
from app.rules.expression import Kind as Type
from app.rules.kinds.operands import reads_of
from app.rules.kinds.report import Verdict, cell_findings, field_finding, form_finding, listed, rows_of, union
from app.rules.kinds.targets import Params, define
from app.rules.rule import Rule, SpecError
from app.rules.view import View


def compile_assert(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find where an expression is decidedly false.

    ``expression``: over the form, or over each row where ``table`` is given.  ``item``: where the finding
    stands: a field, or a column of the table.  It should come with the check's own ``message``; the
    default one shows the expression with labels.
    """
    params = Params(programme, spec)
    table = params.table("table") if params.has("table") else None
    expression = params.expression("expression", params.text("expression"), table, Type.BOOLEAN)
    place = params.column("item", table) if table is not None else params.field("item")
    verdict: Verdict = ("text", {"rule": expression.describe()})
    reads = expression.reads | reads_of(place)
    if table is None:

        def run(view: View) -> Sequence[Finding]:
            if expression.evaluate(view) is not False:
                return ()
            return (field_finding(spec, place, view.values.get(place.item.id), verdict),)

        return (Rule(spec.code, reads, run=run),)

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        return cell_findings(spec, view, place, [(row, verdict) for row in expression.rows_false(view, rows)])

    if table.id in expression.aggregates:
        table_id = table.id

        def run_all(view: View) -> Sequence[Finding]:
            return [finding for _, finding in run_rows(view, view.rows(table_id))]

        return (Rule(spec.code, reads | rows_of(table_id), run=run_all),)
    return (Rule(spec.code, reads, run_rows=run_rows, table=table.id),)


def compile_thresholds_met(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find conditions of a scheme that are not met, in one finding (checks.md LOG-20, makerspace R8).

    ``lines``: tables with ``label`` and ``expression``; undecided ones are passed over.  Path: empty.
    """
    params = Params(programme, spec)
    raw = spec.params.get("lines")
    if not isinstance(raw, (list, tuple)) or not raw:
        raise SpecError("parameter_type", parameter="lines", wanted="lines", value=raw)
    lines = []
    for line in raw:
        if not isinstance(line, dict) or set(line) != {"label", "expression"}:
            raise SpecError("parameter_type", parameter="lines", wanted="lines", value=line)
        label, source = line["label"], line["expression"]
        if not isinstance(label, str) or not label or not isinstance(source, str):
            raise SpecError("parameter_type", parameter="lines", wanted="lines", value=line)
        lines.append((label, params.expression("lines", source, None, Type.BOOLEAN)))

    def run(view: View) -> Sequence[Finding]:
        unmet = [label for label, expression in lines if expression.evaluate(view) is False]
        return (form_finding(spec, "", "text", count=str(len(unmet)), lines=listed(unmet)),) if unmet else ()

    return (Rule(spec.code, union(expression.reads for _, expression in lines), run=run),)


KINDS = (
    define("assert", compile_assert, "expression item", "table"),
    define("thresholds_met", compile_thresholds_met, "lines"),
)
