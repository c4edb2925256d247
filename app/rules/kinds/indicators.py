"""Tables of performance indicators (绩效指标): how targets and actual values are written, what is reached.

All kinds name the columns of one table: ``target`` and ``actual``, texts as a clerk writes them, which are
read by ``app.rules.goals``.  ``name`` is the column that names the indicator in the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from app.model.draft import Row
from app.model.finding import Finding
from app.model.form import Table
from app.model.programme import CheckSpec, Programme
from app.model.value import Value, plain_decimal
from app.rules.expression import Expression
from app.rules.goals import Fault, Measure, Sign, Written, attainment, measure_like, read_written
from app.rules.identity import plain_name
from app.rules.kinds.operands import Operand, name_of, operand_of, reads_of
from app.rules.kinds.report import (
    Hits,
    Verdict,
    cell_findings,
    form_finding,
    rows_of,
    shorten,
    show,
    show_number,
    union,
    values_rule,
)
from app.rules.kinds.targets import Params, define, is_numeric, is_text, number_of
from app.rules.rule import Rule, SpecError, Target
from app.rules.view import View

_FULL = Decimal(100)
_GOAL_FAULTS = (
    *(
        "sign_behind",
        "words_inside",
        "sign_missing",
        "in_sentence",
        "unit_missing",
        "unit_mixed",
        "rate_full",
    ),
    *("number_missing", "vague"),
)
_ACTUAL_FAULTS = ("inequality", "number_missing", "rate_differs")


def _column(params: Params, name: str, table: Table | None = None) -> tuple[Target, Table]:
    target = params.column(name, table, is_text)
    assert target.table is not None
    return target, target.table


def _named(params: Params, table: Table) -> Operand:
    """Give the column that names an indicator; the first column where none is given."""
    if params.has("name"):
        return operand_of(params.column("name", table, is_text))
    return operand_of(Target(table.columns[0], table))


def _faults(params: Params, known: Sequence[str]) -> tuple[str, ...]:
    found = params.texts("faults", known)
    for fault in found:
        if fault not in known:
            raise SpecError("parameter_type", parameter="faults", wanted="texts", value=fault)
    return found


def _shown(value: Value | None) -> str:
    return shorten(value) if isinstance(value, str) else ""


def _amount(measure: Measure) -> str:
    return f"{show_number(measure.number, 4)}{measure.unit}"


def compile_goal_written(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find targets that are badly written (checks.md LOG-25, LOG-26, LOG-28; seed 003 §四.1).

    ``target``; ``faults``: which of sign_behind, words_inside, sign_missing, in_sentence (a number without a
    sign among words), unit_missing, unit_mixed, rate_full (a rate of 100 % or more that is asked for with ≥),
    number_missing and vague are looked for (default all).  ``counted``: endings of names of indicators that
    need a number; ``vague``: beginnings of targets without a number that cannot be measured.
    """
    params = Params(programme, spec)
    target, table = _column(params, "target")
    faults = _faults(params, _GOAL_FAULTS)
    counted, vague = tuple(params.texts("counted", ())), tuple(params.texts("vague", ()))

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        text, name = values
        if not isinstance(text, str):
            return None
        goal, named = read_written(text), name if isinstance(name, str) else ""
        for fault in faults:
            slots = goal_fault(fault, text, goal, named, counted, vague)
            if slots is not None:
                return fault, {"name": _shown(name), **slots}
        return None

    return (values_rule(spec, target, (operand_of(target), _named(params, table)), judge),)


def goal_fault(
    fault: str, text: str, goal: Written, name: str, counted: tuple[str, ...], vague: tuple[str, ...]
) -> Mapping[str, str] | None:
    """Give the slots of a fault where the target has it."""
    lead = goal.lead
    if lead is None:
        needs = "".join(name.split()).endswith(counted)
        if fault == "vague":
            return {} if not needs and "".join(text.split()).startswith(vague) else None
        return {} if needs and fault == "number_missing" else None
    if fault in ("sign_behind", "words_inside"):
        right = f"{'≤' if goal.sign is Sign.MOST else '≥'}{_amount(lead)}"
        return {"right": right} if Fault(fault) in goal.faults else None
    if fault == "sign_missing":
        return {} if Fault.SIGN_MISSING in goal.faults else None
    if fault == "in_sentence":
        return {"right": f"≥{_amount(lead)}"} if goal.sign is Sign.NONE and not goal.alone else None
    if fault == "unit_missing":
        return {} if goal.alone and not lead.unit else None
    if fault == "unit_mixed":
        return {"mixed": lead.unit} if "、" in lead.unit else None
    full = lead.dimension == "rate" and lead.plain >= _FULL and goal.sign is Sign.LEAST
    return {} if fault == "rate_full" and full and goal.alone else None


def compile_actual_written(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find actual values that cannot be held against their target (checks.md LOG-27, ARI-08; seed 003 r12).

    ``actual``, ``target``; ``faults``: which of inequality (≤2万元 is no result), number_missing (the target
    has a number, the result none) and rate_differs (a percentage beside the result is not result ÷ target)
    are looked for (default all).
    """
    params = Params(programme, spec)
    actual, table = _column(params, "actual")
    target, _ = _column(params, "target", table)
    faults = _faults(params, _ACTUAL_FAULTS)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        text, goal_text, name = values
        if not isinstance(text, str):
            return None
        done = read_written(text)
        goal = read_written(goal_text) if isinstance(goal_text, str) else None
        for fault in faults:
            slots = _actual_fault(fault, done, goal)
            if slots is not None:
                return fault, {"name": _shown(name), "target": _shown(goal_text), **slots}
        return None

    operands = (operand_of(actual), operand_of(target), _named(params, table))
    return (values_rule(spec, actual, operands, judge),)


def _actual_fault(fault: str, done: Written, goal: Written | None) -> Mapping[str, str] | None:
    """Give the slots of a fault where the actual value has it."""
    if fault == "inequality":
        signed = done.sign in (Sign.LEAST, Sign.MOST, Sign.RANGE) and done.alone
        return {} if signed else None
    if goal is None or goal.lead is None:
        return None
    measure = measure_like(done, goal)
    if fault == "number_missing":
        return {} if measure is None else None
    rates = [one for one in done.measures if one.dimension == "rate"]
    if measure is None or measure.dimension == "rate" or not rates or not goal.lead.plain:
        return None
    expected = measure.plain / goal.lead.plain * 100
    exponent = rates[0].number.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    if abs(rates[0].plain - expected) <= Decimal("0.5").scaleb(-places):
        return None
    return {
        "rate": f"{plain_decimal(rates[0].number)}{rates[0].unit}",
        "expected": show_number(expected),
        "actual": _amount(measure),
        "goal": _amount(goal.lead),
    }


def compile_goal_unit(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find units that do not go together (checks.md LOG-23; seed 003 r19 人员 counted in 个).

    ``target``, ``actual``; ``unit``: the column with the declared unit.  ``fits``: tables with ``words`` and
    ``units``: an indicator whose name ends with one of the words is counted in one of the units.
    """
    params = Params(programme, spec)
    target, table = _column(params, "target")
    actual, _ = _column(params, "actual", table)
    operands = [operand_of(target), operand_of(actual), _named(params, table)]
    if params.has("unit"):
        operands.append(operand_of(params.column("unit", table, is_text)))
    fits = _fits(params)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        goal, done, name = values[:3]
        units = [read_written(v).lead for v in (goal, done) if isinstance(v, str)]
        declared = values[3] if len(values) > 3 else None
        wanted, got = (one.unit if one else "" for one in (*units, None, None)[:2])
        slots = {"name": _shown(name), "first": wanted, "second": got}
        if wanted and got and wanted != got:
            return "differ", slots
        if isinstance(declared, str) and wanted and plain_name(declared) != plain_name(wanted):
            return "declared", {**slots, "second": declared}
        for words, allowed in fits:
            if isinstance(name, str) and wanted and wanted not in allowed and name.endswith(words):
                return "unfit", {**slots, "second": "、".join(allowed)}
        return None

    return (values_rule(spec, target, operands, judge),)


def _fits(params: Params) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    raw = params.spec.params.get("fits", ())
    fits = []
    for entry in raw if isinstance(raw, (list, tuple)) else (raw,):
        lists = [entry.get(name) for name in ("words", "units")] if isinstance(entry, dict) else []
        found = [tuple(map(str, one)) for one in lists if isinstance(one, list) and one]
        if len(found) != 2:
            raise SpecError("parameter_type", parameter="fits", wanted="words_and_units", value=entry)
        fits.append((found[0], found[1]))
    return fits


_Reached = Callable[[View, Sequence[Row]], list[Decimal | None]]


def _reached(target: Target, actual: Target, falling: Expression | None) -> _Reached:
    """Give the attainment of rows in percent; a target without a sign is undecided while ``falling`` is."""

    def values(view: View, rows: Sequence[Row]) -> list[Decimal | None]:
        falls = falling.evaluate_rows(view, rows) if falling is not None else [False] * len(rows)
        found = []
        for row, falls_here in zip(rows, falls, strict=True):
            goal, done = row.cells.get(target.item.id), row.cells.get(actual.item.id)
            both = isinstance(goal, str) and isinstance(done, str)
            found.append(attainment(str(goal), str(done), falls_here is True) if both else None)
        return found

    return values


def _explained_rule(
    programme: Programme, spec: CheckSpec, is_wrong: Callable[[Decimal], bool], gap: Callable[[Decimal], str]
) -> Sequence[Rule]:
    """Give the rule for attainments that want a reason: in the row, or in a text that names the indicator."""
    params = Params(programme, spec)
    target, table = _column(params, "target")
    actual, _ = _column(params, "actual", table)
    reason, _ = _column(params, "reason", table)
    text = params.field("text", is_text) if params.has("text") else None
    falling, name = params.condition("falling", table), _named(params, table)
    reached = _reached(target, actual, falling)

    def run(view: View) -> Sequence[Finding]:
        rows = view.rows(table.id)
        written = view.values.get(text.item.id) if text is not None else None
        said = plain_name(written) if isinstance(written, str) else ""
        names = name.values(view, rows)
        hits: Hits = []
        for row, rate, named in zip(rows, reached(view, rows), names, strict=True):
            if rate is None or not is_wrong(rate) or row.cells.get(reason.item.id):
                continue
            called = plain_name(named) if isinstance(named, str) else ""
            if called and called in said:
                continue
            slots = {
                "name": _shown(named),
                "target": _shown(row.cells.get(target.item.id)),
                "actual": _shown(row.cells.get(actual.item.id)),
                "rate": show_number(rate),
                "gap": gap(rate),
            }
            variant = "unnamed" if said else "text"
            hits.append((row, (variant, slots)))
        return [finding for _, finding in cell_findings(spec, view, reason, hits)]

    reads = [reads_of(one) for one in (target, actual, reason, *([text] if text else []))]
    others = [falling.reads] if falling is not None else []
    return (Rule(spec.code, union([*reads, *others, name.reads, rows_of(table.id)]), run=run),)


def compile_goal_missed(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find missed targets without a reason that names the indicator (checks.md LOG-30; seed 003 四（二）).

    ``target``, ``actual``, ``reason`` (the column for it); ``text``: the field with the written analysis.
    ``falling``: condition on the row under which less is better, for targets without a sign.
    """
    return _explained_rule(programme, spec, lambda rate: rate < _FULL, lambda rate: show_number(_FULL - rate))


def compile_goal_exceeded(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find results far above their target without a reason (checks.md LOG-31).

    Parameters as for ``goal_missed``; ``percent``: how much more is allowed (default 30).
    """
    percent = Params(programme, spec).number("percent", 30)
    return _explained_rule(
        programme, spec, lambda rate: rate > _FULL + percent, lambda rate: show_number(rate - _FULL)
    )


def compile_goals_copied(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find targets that were written after the results: as many equal as ``percent`` (checks.md LOG-29).

    ``target``, ``actual``; ``percent``: default 30; ``least``: fewer rows make no pattern (default 10).
    Path: the table.
    """
    params = Params(programme, spec)
    target, table = _column(params, "target")
    actual, _ = _column(params, "actual", table)
    percent, least = params.number("percent", 30), params.integer("least", 10)

    def run(view: View) -> Sequence[Finding]:
        pairs = [
            (row.cells.get(target.item.id), row.cells.get(actual.item.id)) for row in view.rows(table.id)
        ]
        texts = [(a, b) for a, b in pairs if isinstance(a, str) and isinstance(b, str)]
        repeats = [alike(a, b) for a, b in texts]
        equal = sum(map(bool, repeats))
        if len(texts) < least or equal * 100 < percent * len(texts):
            return ()
        slots = {
            "table": name_of(table),
            "count": str(equal),
            "rows": str(len(texts)),
            "identical": str(repeats.count("text")),
            "percent": show_number(percent),
        }
        return (form_finding(spec, table.id, "text", **slots),)

    reads = union([reads_of(target), reads_of(actual), rows_of(table.id)])
    return (Rule(spec.code, reads, run=run),)


def alike(target: str, actual: str) -> str:
    """Say how a result repeats its target: the same text, the same number, or not at all (empty)."""
    if "".join(target.split()) == "".join(actual.split()):
        return "text"
    goal = read_written(target)
    measure = measure_like(read_written(actual), goal)
    return "number" if goal.lead and measure and goal.lead.plain == measure.plain else ""


def compile_rows_round(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find groups of rows whose numbers all end in 0 (checks.md MAG-05; seed 003 r70 to r74).

    ``column``: a number column.  ``group``: columns whose cells together make a group.  ``least``: so many
    numbers other than 0 make a pattern.  Path: the first row of the group.
    """
    params = Params(programme, spec)
    target = params.column("column", None, is_numeric)
    assert target.table is not None
    table, least = target.table, params.integer("least")
    groups = params.targets("group")
    for group in groups:
        if group.table is not table:
            raise SpecError("other_table", parameter="group", value=group.address, wanted=table.id)

    def run(view: View) -> Sequence[Finding]:
        gathered: dict[tuple[object, ...], list[tuple[Row, Decimal]]] = {}
        for row in view.rows(table.id):
            number = number_of(row.cells.get(target.item.id))
            key = tuple(row.cells.get(group.item.id) for group in groups)
            if number and None not in key:
                gathered.setdefault(key, []).append((row, number))
        hits: Hits = []
        for members in gathered.values():
            if len(members) >= least and all(number % 10 == 0 for _, number in members):
                row = members[0][0]
                names = "、".join(show(g.item, row.cells.get(g.item.id)) for g in groups)
                hits.append((row, ("text", {"group": names, "count": str(len(members))})))
        return [finding for _, finding in cell_findings(spec, view, target, hits)]

    reads = union([reads_of(target), *map(reads_of, groups), rows_of(table.id)])
    return (Rule(spec.code, reads, run=run),)


KINDS = (
    define("goal_written", compile_goal_written, "target", "name faults counted vague"),
    define("actual_written", compile_actual_written, "actual target", "name faults"),
    define("goal_unit", compile_goal_unit, "target actual", "unit name fits"),
    define("goal_missed", compile_goal_missed, "target actual reason", "name text falling"),
    define("goal_exceeded", compile_goal_exceeded, "target actual reason", "name text falling percent"),
    define("goals_copied", compile_goals_copied, "target actual", "percent least"),
    define("rows_round", compile_rows_round, "column group least"),
)
