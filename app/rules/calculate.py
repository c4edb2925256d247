"""Effective answers: relevance, calculated items and derived tables, worked out in order of need.

An item is left out only when its condition is decidedly false: while the condition cannot be decided,
what the clerk typed still counts.  A calculated item that cannot be decided is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from graphlib import CycleError, TopologicalSorter

from app.model.draft import Answers, Row
from app.model.form import Form, Item, Table
from app.model.programme import Programme
from app.model.value import MONEY_UNITS, ItemType, Value
from app.rules.difference import TableChange, changed_span, compare_rows
from app.rules.expression.compiler import compile_expression
from app.rules.expression.program import Expression
from app.rules.expression.runtime import CONTEXT
from app.rules.expression.scope import Kind, Scope, kind_of, scope_of
from app.rules.expression.source import ExpressionError
from app.rules.keys import ColumnKeys
from app.rules.rule import Reads, SpecError
from app.rules.view import Context, View

_ROWS = "*"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to work out: a field, a column, or which rows a table has.

    ``table`` is empty for a field; ``id`` is ``*`` for the rows of a table.  ``cells`` holds the
    expressions of a derived table's column by row id.
    """

    table: str
    id: str
    item: Item | None = None
    relevant: Expression | None = None
    calculate: Expression | None = None
    cells: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Give ``field``, ``table`` or ``table.column``."""
        if not self.table:
            return self.id
        return self.table if self.id == _ROWS else f"{self.table}.{self.id}"

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Give all expressions of the step."""
        return (*filter(None, (self.relevant, self.calculate)), *self.cells.values())

    @property
    def reads(self) -> Reads:
        """Give all that the step reads."""
        reads = Reads()
        for expression in self.expressions:
            reads |= expression.reads
        return reads

    @property
    def aggregates(self) -> frozenset[str]:
        """Give the tables that the step reads as a whole."""
        return frozenset().union(*(expression.aggregates for expression in self.expressions))


@dataclass(frozen=True, slots=True)
class Plan:
    """A step with what it reads, worked out once.

    ``own``: columns of its own row.  ``tables``: those it reads as a whole, with the columns it reads there.
    """

    step: Step
    fields: tuple[str, ...]
    own: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, frozenset[str]], ...]
    parts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Calculations:
    """All steps of a programme in an order in which each finds ready what it reads."""

    programme: Programme
    plans: tuple[Plan, ...]


# ------------------------------------------------------------------------------------------ compile
def compile_calculations(programme: Programme) -> Calculations:
    """Compile relevance, calculations and derived tables of a programme.

    Raises ``SpecError``: ``calculation_cycle`` (``items``: the addresses of the circle),
    ``calculation_unreadable`` (``item``, ``property``, ``position``, ``reason``: code of the expression
    error), ``calculation_type`` (``item``) where an expression gives no value of the item's type, and
    ``relevant_type`` (``item``) where a condition gives no truth value.
    """
    steps = {(step.table, step.id): step for step in _steps(programme.form)}
    graph = {key: [need for need in _needs(step) if need in steps] for key, step in steps.items()}
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(steps[key].address for key in reversed(error.args[1]))
        raise SpecError("calculation_cycle", items=circle) from error
    return Calculations(programme, tuple(_plan(steps[key]) for key in order))


def _steps(form: Form) -> list[Step]:
    scope = scope_of(form)
    steps = []
    for item in form.fields.values():
        step = _item_step(scope, item, None)
        if step.expressions:
            steps.append(step)
    for table in form.tables.values():
        columns = [_item_step(scope, column, table) for column in table.columns]
        columns = [step for step in columns if step.expressions]
        relevant = _compile_relevant(scope, table.id, table.relevant, None)
        if relevant or table.derived or columns:
            steps += [Step(table.id, _ROWS, relevant=relevant), *columns]
    return steps


def _item_step(scope: Scope, item: Item, table: Table | None) -> Step:
    table_id = table.id if table else None
    address = f"{table_id}.{item.id}" if table else item.id
    calculate = None
    if item.calculate:
        calculate = _compile(scope, address, "calculate", item.calculate, table_id)
    cells = {
        row.id: _compile(scope, f"{address}/{row.id}", "derived", row.expressions[item.id], None)
        for row in (table.derived if table else ())
        if item.id in row.expressions
    }
    relevant = _compile_relevant(scope, address, item.relevant, table_id)
    step = Step(table_id or "", item.id, item, relevant, calculate, cells)
    for expression in (*cells.values(), *filter(None, (calculate,))):
        fitting = {kind_of(item.type), Kind.TEXT} if item.type is ItemType.CHOICE else {kind_of(item.type)}
        if expression.type not in fitting:
            raise SpecError("calculation_type", item=address)
    return step


def _compile_relevant(scope: Scope, address: str, source: str, table: str | None) -> Expression | None:
    if source in ("", "true"):
        return None
    expression = _compile(scope, address, "relevant", source, table)
    if expression.type is not Kind.BOOLEAN:
        raise SpecError("relevant_type", item=address)
    return expression


def _compile(scope: Scope, address: str, name: str, source: str, table: str | None) -> Expression:
    try:
        return compile_expression(source, scope, table=table)
    except ExpressionError as error:
        raise SpecError(
            "calculation_unreadable", item=address, property=name, position=error.position, reason=error.code
        ) from error


def _needs(step: Step) -> list[tuple[str, str]]:
    reads = step.reads
    needs = [("", name) for name in sorted(reads.fields)]
    for table, column in sorted(reads.columns):
        needs += [(table, column), (table, _ROWS)]
    if step.table and step.id != _ROWS:
        needs.append((step.table, _ROWS))
    return needs


def _plan(step: Step) -> Plan:
    reads, aggregates = step.reads, step.aggregates
    own = tuple(sorted(address for address in reads.columns if address[0] not in aggregates))
    tables = tuple(
        (table, frozenset(column for place, column in reads.columns if place == table))
        for table in sorted(aggregates)
    )
    return Plan(step, tuple(sorted(reads.fields)), own, tables, reads.parts)


# ------------------------------------------------------------------------------------------ run
def effective(
    calculations: Calculations, answers: Answers, context: Context, last: View | None = None
) -> View:
    """Give the effective answers.

    ``last`` is an earlier view of the same draft: tables, rows and calculated cells that cannot have
    changed since are taken from it as the same objects.  Without anything to work out the answers'
    own mappings are handed on.  Rows that miss nothing are the answers' own rows.
    """
    if last is not None and last.programme is not calculations.programme:
        last = None
    keys = last.keys if last is not None else ColumnKeys()
    view = View(calculations.programme, answers, context, answers.values, answers.tables, keys=keys)
    if not calculations.plans:
        return view
    run = _Run(view, last)
    for plan in calculations.plans:
        run.do(plan)
    return replace(run.view, hidden=frozenset(run.hidden))


class _Run:
    """One working out.  ``values`` and ``tables`` grow into those of the finished view."""

    def __init__(self, view: View, last: View | None) -> None:
        self.last = last
        self.values = dict(view.values)
        self.tables = dict(view.tables)
        self.view = replace(view, values=self.values, tables=self.tables)
        self.hidden: set[str] = set()
        self.base: dict[str, tuple[Row, ...]] = {}
        self.fresh: dict[str, Sequence[int]] = {}
        self.moved: set[tuple[str, str]] = set()
        self.changes: dict[str, tuple[tuple[Row, ...], TableChange]] = {}

    def do(self, plan: Plan) -> None:
        """Work out one step; the steps it needs have been done."""
        if not plan.step.table:
            self._field(plan)
        elif plan.step.id == _ROWS:
            self._rows(plan.step)
        else:
            self._column(plan)

    def _earlier(self, plan: Plan) -> View | None:
        """Give the last view if all that a step reads beside changed rows is as it was then."""
        last = self.last
        if last is None:
            return None
        same = (
            all(_same(self.values.get(name), last.values.get(name)) for name in plan.fields)
            and all(self._unchanged(table, columns, last) for table, columns in plan.tables)
            and self.moved.isdisjoint(plan.own)
            and ("previous" not in plan.parts or self.view.previous is last.previous)
            and ("torch" not in plan.parts or self.view.torch is last.torch)
            and ("now" not in plan.parts or self.view.context.today == last.context.today)
        )
        return last if same else None

    def _unchanged(self, table: str, columns: frozenset[str], last: View) -> bool:
        """Tell whether a table has the same rows as then, with the same cells in some columns."""
        old, new = last.rows(table), self.tables.get(table, ())
        if old is new:
            return True
        seen = self.changes.get(table)
        if seen is None or seen[0] is not new:
            seen = self.changes[table] = new, compare_rows(old, new)
        return not seen[1].reshaped and seen[1].columns.isdisjoint(columns)

    def _field(self, plan: Plan) -> None:
        step, name = plan.step, plan.step.id
        earlier = self._earlier(plan)
        if earlier:
            relevant = name not in earlier.hidden
        else:
            relevant = step.relevant is None or step.relevant.evaluate(self.view) is not False
        if relevant and step.calculate is None:
            return
        value: Value | None = None
        if not relevant:
            self.hidden.add(name)
        elif step.calculate and step.item:
            if earlier:
                value = earlier.values.get(name)
            else:
                value = fit(step.item, step.calculate.evaluate(self.view))
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value

    def _rows(self, step: Step) -> None:
        """Say which rows a table has, taking from the last view the rows that are the same objects."""
        table = self.view.programme.form.tables[step.table]
        typed = self.view.answers.tables.get(table.id, ())
        base = _derived_rows(table, typed) if table.derived else typed
        if step.relevant and step.relevant.evaluate(self.view) is False:
            base = ()
        self.base[table.id] = base
        self.tables[table.id] = base
        self.fresh[table.id] = range(len(base))
        if self.last is None or not base:
            return
        old_typed = self.last.answers.tables.get(table.id, ())
        old = self.last.tables.get(table.id, ())
        if table.derived:
            if typed is old_typed and len(old) == len(base):
                self.tables[table.id], self.fresh[table.id] = old, ()
        elif len(old) != len(old_typed):
            return
        elif typed is old_typed:
            self.tables[table.id], self.fresh[table.id] = old, ()
        else:
            start, old_stop, stop = changed_span(old_typed, base)
            earlier = zip(old_typed[start:old_stop], old[start:old_stop], strict=True)
            known = {id(row): done for row, done in earlier}
            middle = base[start:stop]
            done = (known.get(id(row), row) for row in middle)
            self.tables[table.id] = (*old[:start], *done, *old[old_stop:])
            self.fresh[table.id] = [index for index, row in enumerate(middle, start) if id(row) not in known]

    def _column(self, plan: Plan) -> None:
        step = plan.step
        rows = self.tables[step.table]
        fresh = self.fresh[step.table]
        todo = fresh if self._earlier(plan) else range(len(rows))
        if not todo:
            return
        new = list(rows)
        for index, value in zip(todo, self._cells(step, rows, todo), strict=True):
            if not _same(rows[index].cells.get(step.id), value):
                new[index] = _with_cell(rows[index], step.id, value)
        changed = {index for index in todo if new[index] is not rows[index]}
        if changed:
            self.tables[step.table] = tuple(new)
        if changed.difference(fresh):
            self.moved.add((step.table, step.id))

    def _cells(self, step: Step, rows: Sequence[Row], todo: Sequence[int]) -> list[Value | None]:
        base = self.base[step.table]
        chosen = [rows[index] for index in todo]
        cells = [base[index].cells.get(step.id) for index in todo]
        if step.calculate and step.item:
            cells = [fit(step.item, value) for value in step.calculate.evaluate_rows(self.view, chosen)]
        for place, row in enumerate(chosen):
            if row.id in step.cells and step.item:
                cells[place] = fit(step.item, step.cells[row.id].evaluate(self.view))
        if step.relevant:
            kept = step.relevant.evaluate_rows(self.view, chosen)
            cells = [None if shown is False else cell for shown, cell in zip(kept, cells, strict=True)]
        return cells


def _derived_rows(table: Table, typed: Sequence[Row]) -> tuple[Row, ...]:
    """Give the rows of a derived table before its expressions: texts, and cells typed for them."""
    by_id = {row.id: row.cells for row in typed}
    rows = []
    for row in table.derived:
        cells: dict[str, Value] = {
            column: value
            for column, value in by_id.get(row.id, {}).items()
            if column not in row.texts and column not in row.expressions
        }
        rows.append(Row(row.id, {**row.texts, **cells}))
    return tuple(rows)


def _with_cell(row: Row, column: str, value: Value | None) -> Row:
    cells = dict(row.cells)
    cells.pop(column, None)
    if value is not None:
        cells[column] = value
    return Row(row.id, cells)


def _same(left: Value | None, right: Value | None) -> bool:
    return left is right or (left.__class__ is right.__class__ and left == right)


def fit(item: Item, value: Value | None) -> Value | None:
    """Give a calculated value as the item holds it: numbers rounded half-up to its ``decimals``.

    Money is rounded in the item's own unit (two decimals of 万元 are 100 元).  A text that is no choice
    of the item, and a number too long to round, are no value.
    """
    if isinstance(value, str) and item.type is ItemType.CHOICE:
        return value if value in item.choices else None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return value
    number = Decimal(value)
    places = 0 if item.type is ItemType.INTEGER else item.decimals
    if places is None:
        return number
    unit = MONEY_UNITS.get(item.unit, Decimal(1)) if item.type is ItemType.MONEY else Decimal(1)
    try:
        quantum = Decimal(1).scaleb(unit.adjusted() - places)
        rounded = number.quantize(quantum, ROUND_HALF_UP, CONTEXT)
    except ArithmeticError:
        return None
    return int(rounded) if item.type is ItemType.INTEGER else CONTEXT.add(rounded, Decimal(0))
