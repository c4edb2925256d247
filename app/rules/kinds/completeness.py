"""What must be there: required fields, whole rows, enough text, enough rows."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.draft import Row
from app.model.finding import Finding
from app.model.form import Item, Table
from app.model.programme import CheckSpec, Programme
from app.model.value import NUMBER_TYPES, Value
from app.rules.expression import Expression
from app.rules.expression import Kind as Type
from app.rules.kinds.operands import name_of, reads_of
from app.rules.kinds.report import (
    Hits,
    Verdict,
    cell_findings,
    field_finding,
    form_finding,
    listed,
    rows_of,
    union,
    value_rule,
)
from app.rules.kinds.targets import Params, define, is_empty, is_text
from app.rules.rule import Reads, Rule, SpecError, Target
from app.rules.view import View


def count_characters(text: str) -> int:
    """Count a text's characters without spaces and line ends, as word processors count 字数."""
    return len("".join(text.split()))


def compile_required(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find required items without an answer; 0 and 否 are answers (checks.md CMP-01).

    ``items``: fields or columns; default all fields whose ``required`` is not false.  An item named here
    is required even where its own ``required`` says false; a condition there still counts.  Items that are
    not relevant, rows without any cell and calculated items are never required.
    """
    params = Params(programme, spec)
    targets = params.targets(
        default=lambda item: item.required != "false" and not item.calculated, default_columns=False
    )
    return [_required_rule(params, target) for target in targets]


def _required_rule(params: Params, target: Target) -> Rule:
    spec, item, table, item_id = params.spec, target.item, target.table, target.item.id
    verdict: Verdict = ("number" if item.type in NUMBER_TYPES else "text", {})
    conditions = _conditions(params, item, table)
    reads = union((reads_of(target), *(condition.reads for condition in conditions)))
    if table is None:

        def run(view: View) -> Sequence[Finding]:
            if item.id in view.hidden or not is_empty(view.values.get(item.id)):
                return ()
            if not all(condition.evaluate(view) is True for condition in conditions):
                return ()
            return (field_finding(spec, target, None, verdict),)

        return Rule(spec.code, reads, run=run)

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        # ``not value`` spares a call for each filled cell
        empty = [
            row for row in rows if not (value := row.cells.get(item_id)) and is_empty(value) and row.cells
        ]
        for condition in conditions:
            empty = _rows_true(condition, view, empty)
        return cell_findings(spec, view, target, [(row, verdict) for row in empty])

    columns = frozenset((table.id, column.id) for column in table.columns)
    return Rule(spec.code, reads | Reads(columns=columns), run_rows=run_rows, table=table.id)


def _conditions(params: Params, item: Item, table: Table | None) -> tuple[Expression, ...]:
    sources = [item.required] if item.required not in ("", "true", "false") else []
    if table is not None and item.relevant:
        sources.append(item.relevant)
    return tuple(params.expression("items", source, table, Type.BOOLEAN) for source in sources)


def _rows_true(condition: Expression, view: View, rows: list[Row]) -> list[Row]:
    values = condition.evaluate_rows(view, rows)
    return [row for row, value in zip(rows, values, strict=True) if value is True]


def compile_row_complete(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find rows that were begun but lack required columns; one finding a row (checks.md CMP-05).

    ``tables``: default all.  Columns that are calculated or readonly, and columns a derived row fills by
    itself, are not asked for.
    """
    params = Params(programme, spec)
    names = params.texts("tables") if params.has("tables") else tuple(programme.form.tables)
    rules = []
    for name in names:
        if name not in programme.form.tables:
            raise SpecError("unknown_table", parameter="tables", value=name)
        rule = _row_complete_rule(params, programme.form.tables[name])
        if rule is not None:
            rules.append(rule)
    return rules


def _row_complete_rule(params: Params, table: Table) -> Rule | None:
    spec = params.spec
    filled = {row.id: frozenset((*row.texts, *row.expressions)) for row in table.derived}
    asked = [c for c in table.columns if c.required != "false" and not c.calculated and not c.readonly]
    if not asked:
        return None
    conditions = {column.id: _conditions(params, column, table) for column in asked}
    always = frozenset(column.id for column in asked if not conditions[column.id])
    sometimes = [column.id for column in asked if conditions[column.id]]

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        missing: dict[str, set[str]] = {}
        begun = [row for row in rows if row.cells]
        lacking = {row.id: row for row in begun if not row.cells.keys() >= always}
        for row in lacking.values():
            missing[row.id] = set(always - row.cells.keys())
        for column_id in sometimes:
            empty = [row for row in begun if is_empty(row.cells.get(column_id))]
            for condition in conditions[column_id]:
                empty = _rows_true(condition, view, empty)
            for row in empty:
                missing.setdefault(row.id, set()).add(column_id)
                lacking[row.id] = row
        hits: Hits = []
        for row_id, columns in missing.items():
            names = [c.label for c in asked if c.id in columns - filled.get(row_id, frozenset())]
            if names:
                hits.append((lacking[row_id], ("text", {"columns": listed(names)})))
        return cell_findings(spec, view, Target(asked[0], table), hits, whole_row=True)

    columns = Reads(columns=frozenset((table.id, column.id) for column in table.columns))
    reads = union((columns, *(condition.reads for found in conditions.values() for condition in found)))
    return Rule(spec.code, reads, run_rows=run_rows, table=table.id)


def compile_text_short(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find texts shorter than ``min_length`` characters or left as the prompt (checks.md CMP-02).

    ``items``: default all texts with ``min_length`` or ``prompt``.  Empty ones are for ``required``.
    """
    params = Params(programme, spec)
    targets = params.targets(
        wanted=is_text,
        default=lambda item: is_text(item) and bool(item.min_length or item.prompt),
    )
    return [_text_short_rule(spec, target) for target in targets]


def _text_short_rule(spec: CheckSpec, target: Target) -> Rule:
    least, prompt = target.item.min_length, "".join(target.item.prompt.split())

    def judge(value: Value) -> Verdict | None:
        if not isinstance(value, str):
            return None
        if prompt and "".join(value.split()) == prompt:
            return "prompt", {}
        count = count_characters(value)
        return ("text", {"count": str(count), "least": str(least)}) if count < least else None

    return value_rule(spec, target, judge)


def compile_text_long(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find texts longer than ``max_length`` characters (checks.md CMP-03).

    ``items``: default all texts with ``max_length``.
    """
    params = Params(programme, spec)
    targets = params.targets(
        wanted=lambda item: is_text(item) and item.max_length > 0,
        what="text_with_limit",
        default=lambda item: is_text(item) and item.max_length > 0,
    )
    return [_text_long_rule(spec, target) for target in targets]


def _text_long_rule(spec: CheckSpec, target: Target) -> Rule:
    most, item_id = target.item.max_length, target.item.id

    def judge(value: Value) -> Verdict | None:
        count = count_characters(value) if isinstance(value, str) else 0
        if count <= most:
            return None
        return "text", {"count": str(count), "most": str(most), "over": str(count - most)}

    def suspects(rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if isinstance(v := row.cells.get(item_id), str) and len(v) > most]

    return value_rule(spec, target, judge, suspects)


def compile_rows_least(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find tables with fewer than ``least`` rows (checks.md CMP-04).

    ``table``; ``condition`` over the row says which rows count.  Rows without any cell do not count; a
    table that is not relevant needs no rows.  Path: the table.
    """
    params = Params(programme, spec)
    table, least, condition = params.table("table"), params.integer("least"), None
    condition = params.condition("condition", table)
    relevant = params.expression("table", table.relevant, None, Type.BOOLEAN) if table.relevant else None

    def run(view: View) -> Sequence[Finding]:
        if relevant is not None and relevant.evaluate(view) is not True:
            return ()
        rows = [row for row in view.rows(table.id) if row.cells]
        if condition is not None:
            rows = _rows_true(condition, view, rows)
        if len(rows) >= least:
            return ()
        name = name_of(table)
        slots = {"label": name, "table": name, "count": str(len(rows)), "least": str(least)}
        return (form_finding(spec, table.id, "condition" if condition else "text", **slots),)

    columns = Reads(columns=frozenset((table.id, column.id) for column in table.columns))
    reads = [rows_of(table.id), columns, *(e.reads for e in (condition, relevant) if e is not None)]
    return (Rule(spec.code, union(reads), run=run),)


KINDS = (
    define("required", compile_required, "", "items"),
    define("row_complete", compile_row_complete, "", "tables"),
    define("text_short", compile_text_short, "", "items"),
    define("text_long", compile_text_long, "", "items"),
    define("rows_least", compile_rows_least, "table least", "condition"),
)
