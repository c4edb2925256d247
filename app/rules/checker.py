"""From programme and answers to findings, whole or after one edit.

The whole check and the check after an edit are the same code: a ``Checker`` remembers the last view
and what each rule found, compares the new view by identity, and runs again only what reads something
that changed.  Row rules run again only over the rows that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from app.model.draft import Answers, Row
from app.model.finding import Finding, Gate, Severity
from app.model.programme import CheckSpec, Programme
from app.rules.calculate import Calculations, compile_calculations, effective
from app.rules.difference import TableChange, compare_rows
from app.rules.expression import Expression, compile_expression, scope_of
from app.rules.kinds import KINDS
from app.rules.own_form import own_form_rules
from app.rules.rule import Reads, Rule, SpecError
from app.rules.view import Context, View

_NOTHING: tuple[Finding, ...] = ()
Key = TypeVar("Key", bound=Hashable)
_WHOLE_ROWS = frozenset({"row_complete", "rows_least"})
_PARTS = ("previous", "previous_grade", "torch", "attachments", "reasons")


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with the condition under which its check applies."""

    rule: Rule
    when: Expression | None
    reads: Reads


@dataclass(frozen=True)
class CheckSet:
    """A programme's checks and calculations, compiled once."""

    programme: Programme
    calculations: Calculations
    rules: tuple[BoundRule, ...]
    by_field: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    by_column: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    by_part: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    by_table: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def compile_checks(programme: Programme) -> CheckSet:
    """Compile all checks of a programme, and those that every report has (``own_form_rules``).

    Raises ``SpecError`` (parameter, kind) or ``ExpressionError`` of the first check that cannot be
    compiled; ``lint`` lists them all.
    """
    rules = [bound for spec in programme.checks for bound in compile_spec(programme, spec)]
    rules += [BoundRule(rule, None, rule.reads) for rule in own_form_rules(programme)]
    return CheckSet(
        programme,
        compile_calculations(programme),
        tuple(rules),
        _index(rules, lambda bound: bound.reads.fields),
        _index(rules, lambda bound: bound.reads.columns),
        _index(rules, lambda bound: bound.reads.parts),
        _index(rules, lambda bound: {table for table, _ in bound.reads.columns} | {bound.rule.table} - {""}),
    )


def compile_spec(programme: Programme, spec: CheckSpec) -> list[BoundRule]:
    """Compile one check; raises ``SpecError`` or ``ExpressionError``."""
    kind = KINDS.get(spec.kind)
    if kind is None:
        raise SpecError("unknown_kind", kind=spec.kind)
    for name in sorted(kind.required - set(spec.params)):
        raise SpecError("parameter_missing", parameter=name)
    for name in sorted(set(spec.params) - kind.required - kind.optional):
        raise SpecError("parameter_unknown", parameter=name)
    when = compile_expression(spec.when, scope_of(programme.form)) if spec.when else None
    rules = kind.compile(programme, spec)
    if _asks_for_all(programme, spec):
        scope = scope_of(programme.form)
        rules = [rule for rule in rules if not scope.lacks(rule.reads.columns)]
    return [BoundRule(rule, when, rule.reads | when.reads if when else rule.reads) for rule in rules]


def _asks_for_all(programme: Programme, spec: CheckSpec) -> bool:
    """Tell whether rules of a check must go that read a table or column left out of the report's form.

    What is not there counts nothing and adds up to nothing, which is no finding.  Kinds that look at whole
    rows leave out by themselves what is not relevant.
    """
    changes = programme.form.changes
    if changes is None or not changes.hidden or not spec.params:
        return False
    return spec.kind not in _WHOLE_ROWS or "condition" in spec.params


def _index(
    rules: Sequence[BoundRule], keys_of: Callable[[BoundRule], Iterable[Key]]
) -> dict[Key, tuple[int, ...]]:
    index: dict[Key, list[int]] = {}
    for position, bound in enumerate(rules):
        for key in keys_of(bound):
            index.setdefault(key, []).append(position)
    return {key: tuple(positions) for key, positions in index.items()}


class Checker:
    """Checks one draft again and again, remembering what did not change.

    Not thread-safe; one draft, one checker.
    """

    def __init__(self, checks: CheckSet) -> None:
        self.checks = checks
        self.view: View | None = None
        self._found: list[tuple[Finding, ...]] = [_NOTHING] * len(checks.rules)
        self._by_row: list[dict[str, tuple[Finding, ...]]] = [{} for _ in checks.rules]
        self._applied = [False] * len(checks.rules)
        self._places: dict[str, dict[str, int]] = {}

    def check(self, answers: Answers, context: Context) -> tuple[Finding, ...]:
        """Give all findings, in the order of the programme's checks, rows in table order."""
        # Should a rule fail half-way, what is remembered fits no view: the next check starts from nothing
        last, self.view = self.view, None
        view = effective(self.checks.calculations, answers, context, last)
        if last is None:
            self._places.clear()
            for position in range(len(self.checks.rules)):
                self._run(position, view, None)
        else:
            self._recheck(last, view)
        self.view = view
        return tuple(chain.from_iterable(self._found))

    def _recheck(self, last: View, view: View) -> None:
        checks = self.checks
        whole: set[int] = set(checks.by_part.get("all", ()))
        for key in _changed_fields(last, view):
            whole.update(checks.by_field.get(key, ()))
        for part in _changed_parts(last, view):
            whole.update(checks.by_part.get(part, ()))
        partial: dict[int, TableChange] = {}
        for table_id, change in _changed_tables(last, view).items():
            if change.reshaped:
                self._places.pop(table_id, None)
            touched = set(checks.by_table.get(table_id, ())) if change.reshaped else set()
            for column in change.columns:
                touched.update(checks.by_column.get((table_id, column), ()))
            for position in touched:
                if checks.rules[position].rule.table == table_id:
                    partial[position] = change
                else:
                    whole.add(position)
        for position in whole:
            self._run(position, view, None)
        for position, change in partial.items():
            if position not in whole:
                self._run(position, view, change)

    def _run(self, position: int, view: View, change: TableChange | None) -> None:
        bound = self.checks.rules[position]
        rule = bound.rule
        applies = bound.when is None or bound.when.evaluate(view) is True
        if not self._applied[position]:
            change = None
        self._applied[position] = applies
        if not applies:
            self._found[position] = _NOTHING
        elif rule.run is not None:
            self._found[position] = tuple(rule.run(view))
        else:
            self._run_rows(position, rule, view, change)

    def _run_rows(self, position: int, rule: Rule, view: View, change: TableChange | None) -> None:
        assert rule.run_rows is not None
        rows = view.rows(rule.table)
        kept = self._by_row[position]
        if change is None:
            kept = {}
            selected: Sequence[Row] = rows
        elif change.reshaped:
            # Row numbers in earlier findings may be wrong now, so those rows are looked at again too.
            places = self._row_places(rule.table, rows)
            again = {row.id for row in change.rows} | kept.keys() & places.keys()
            selected = [rows[place] for place in sorted(places[row_id] for row_id in again)]
            kept = {}
        else:
            selected = change.rows
            for row in selected:
                kept.pop(row.id, None)
        gathered: dict[str, list[Finding]] = {}
        for row_id, finding in rule.run_rows(view, selected):
            gathered.setdefault(row_id, []).append(finding)
        for row_id, findings in gathered.items():
            kept[row_id] = tuple(findings)
        self._by_row[position] = kept
        if len(kept) > 1:
            places = self._row_places(rule.table, rows)
            ordered = sorted(kept, key=lambda row_id: places.get(row_id, 0))
        else:
            ordered = list(kept)
        self._found[position] = tuple(finding for row_id in ordered for finding in kept[row_id])

    def _row_places(self, table_id: str, rows: Sequence[Row]) -> dict[str, int]:
        places = self._places.get(table_id)
        if places is None:
            places = {row.id: position for position, row in enumerate(rows)}
            self._places[table_id] = places
        return places


def check(checks: CheckSet, answers: Answers, context: Context) -> tuple[Finding, ...]:
    """Check answers once, from nothing."""
    return Checker(checks).check(answers, context)


def _changed_fields(last: View, view: View) -> set[str]:
    old, new = last.values, view.values
    changed = set(last.hidden ^ view.hidden)
    if old is not new:
        changed.update(key for key, value in new.items() if old.get(key) is not value)
        changed.update(key for key in old if key not in new)
    return changed


def _changed_parts(last: View, view: View) -> list[str]:
    changed = [part for part in _PARTS if getattr(last.answers, part) is not getattr(view.answers, part)]
    if last.context is not view.context:
        if last.context.now != view.context.now:
            changed.append("now")
        if _beside_now(last.context) != _beside_now(view.context):
            changed.append("context")
    return changed


def _beside_now(context: Context) -> tuple[object, ...]:
    return tuple(getattr(context, name) for name in Context.__slots__ if name != "now")


def _changed_tables(last: View, view: View) -> dict[str, TableChange]:
    changes: dict[str, TableChange] = {}
    for table_id in last.tables.keys() | view.tables.keys():
        old, new = last.rows(table_id), view.rows(table_id)
        if old is not new:
            changes[table_id] = compare_rows(old, new)
    return changes


def open_findings(findings: Iterable[Finding], answers: Answers, gate: Gate) -> list[Finding]:
    """Give the findings that keep a step from being taken.

    Errors and warnings that count at the gate and have no written reason, and everything that blocks.
    """
    return [
        finding
        for finding in findings
        if gate in finding.gates
        and (
            finding.blocks
            or (finding.severity is not Severity.INFO and not answers.reasons.get(finding.key, "").strip())
        )
    ]


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Give the number of findings by severity; every severity is present."""
    totals = {severity.value: 0 for severity in Severity}
    for finding in findings:
        totals[finding.severity.value] += 1
    return totals
