"""Rules that hold for every programme without being written in it: about the report's own form and origin.

``FRM-01``: an item that the notice requires was left out of the form.  ``FRM-02``: what was taken over from
last year was not confirmed.  Both are warnings: a click, an edit or a written reason answers them.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.model.finding import Finding, Gate, Severity
from app.model.form import Form, Item, Table
from app.model.form_changes import can_leave_out
from app.model.programme import Programme
from app.rules.expression import Expression, compile_expression, scope_of
from app.rules.rule import Reads, Rule
from app.rules.view import View

LEFT_OUT, UNCONFIRMED = "FRM-01", "FRM-02"
_GATES = frozenset({Gate.FILL, Gate.SEAL})


def own_form_rules(programme: Programme) -> list[Rule]:
    """Give the rules for a programme whose form may be a report's own."""
    return [*_left_out_rules(programme.form), _unconfirmed_rule(programme.form)]


def _finding(code: str, path: str, variant: str, **params: str) -> Finding:
    return Finding(code, Severity.WARNING, path, f"own_form.{variant}", params, _GATES)


def _name(item: Item | Table) -> str:
    return f"{item.number} {item.label}".strip()


def _left_out_rules(form: Form) -> list[Rule]:
    if form.base is None or form.changes is None or not form.changes.hidden:
        return []
    scope = scope_of(form)
    rules = []
    for key in sorted(form.changes.hidden):
        item, table = form.base.fields.get(key), form.base.tables.get(key)
        if item is not None and item.required != "false" and not item.calculated:
            wanted = [source for source in (item.required, item.relevant) if source not in ("", "true")]
            finding = _finding(LEFT_OUT, key, "left_out", label=_name(item))
            rules.append(_rule(finding, [compile_expression(source, scope) for source in wanted]))
        elif table is not None:
            finding = _finding(LEFT_OUT, key, "table_left_out", table=_name(table))
            relevant = [] if table.relevant in ("", "true") else [compile_expression(table.relevant, scope)]
            rules.append(_rule(finding, relevant))
    for table in form.base.tables.values():
        rules += _columns_rule(table, form.changes.hidden)
    return rules


def _columns_rule(table: Table, hidden: frozenset[str]) -> list[Rule]:
    """Give the rule that tells of columns left out that every row must have, while there are rows."""
    columns = [
        column
        for column in table.columns
        if f"{table.id}.{column.id}" in hidden and can_leave_out(table, column)
        if column.required == "true" and not column.calculated and not column.relevant
    ]
    if not columns or table.id in hidden:
        return []
    names = "、".join(f"「{_name(column)}」" for column in columns)
    finding = _finding(LEFT_OUT, table.id, "columns_left_out", table=_name(table), columns=names)

    def run(view: View) -> Sequence[Finding]:
        return (finding,) if view.rows(table.id) else ()

    return [Rule(LEFT_OUT, Reads(columns=frozenset({(table.id, "*")})), run=run)]


def _rule(finding: Finding, conditions: Sequence[Expression]) -> Rule:
    """Give the rule that tells a finding while all conditions hold."""
    reads = Reads()
    for condition in conditions:
        reads |= condition.reads

    def run(view: View) -> Sequence[Finding]:
        return (finding,) if all(one.evaluate(view) is True for one in conditions) else ()

    return Rule(LEFT_OUT, reads, run=run)


def _unconfirmed_rule(form: Form) -> Rule:
    def run(view: View) -> Sequence[Finding]:
        waiting = view.answers.unconfirmed
        if not waiting:
            return ()
        found = [
            _finding(UNCONFIRMED, item.id, "unconfirmed", label=_name(item))
            for item in form.fields.values()
            if item.id in waiting and item.id not in view.hidden
        ]
        for table in form.tables.values():
            columns = [one.label for one in table.columns if f"{table.id}.{one.id}" in waiting]
            if columns and view.rows(table.id):
                names = "、".join(f"「{name}」" for name in columns)
                found.append(
                    _finding(UNCONFIRMED, table.id, "table_unconfirmed", table=_name(table), columns=names)
                )
        return found

    # Rows and relevance of whatever waits: read at every change, which costs nothing once nothing waits
    return Rule(UNCONFIRMED, Reads(parts=frozenset({"all"})), run=run)
