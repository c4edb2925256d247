"""A compiled expression: what it reads, what it gives, how it is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import localcontext
from typing import TypeAlias

from app.model.draft import Row
from app.model.value import Value
from app.rules.expression.runtime import CONTEXT
from app.rules.expression.scope import Kind
from app.rules.rule import Reads
from app.rules.view import View

ValuesRun: TypeAlias = Callable[[View, Sequence[Row]], list[Value | None]]
"""Runs an expression for each row handed in; sums over whole tables are worked out once."""

FalseRun: TypeAlias = Callable[[View, Sequence[Row]], list[Row]]

_NO_ROW = Row("", {})


def undecided(_view: View, rows: Sequence[Row]) -> list[Value | None]:
    """Decide nothing for any row: for expressions over what was left out of the form."""
    return [None] * len(rows)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression ready to run.

    ``type`` is what it gives.  ``reads`` is known without running it.  ``table`` is the table whose rows it
    looks at, when it is an expression over a row.  ``aggregates`` names the tables read as a whole: a row
    expression that has any depends on more than its own row.
    """

    source: str
    type: Kind
    reads: Reads
    table: str | None
    aggregates: frozenset[str]
    description: str = field(repr=False)
    values_run: ValuesRun = field(repr=False)
    false_run: FalseRun | None = field(repr=False)

    def evaluate(self, view: View, row: Row | None = None) -> Value | None:
        """Give the value, or None where it cannot be decided; never raises.

        An expression over a row wants that row; without one all its columns count as missing.
        """
        return self.evaluate_rows(view, (row or _NO_ROW,))[0]

    def evaluate_rows(self, view: View, rows: Sequence[Row]) -> list[Value | None]:
        """Give the value for each row, in order; never raises."""
        try:
            with localcontext(CONTEXT):
                return self.values_run(view, rows)
        except ArithmeticError:
            if len(rows) == 1:
                return [None]
            return [self.evaluate(view, row) for row in rows]

    def rows_false(self, view: View, rows: Sequence[Row]) -> list[Row]:
        """Give the rows for which the expression is decidedly false; never raises.

        A value that is no truth value is never false.
        """
        try:
            if self.false_run:
                with localcontext(CONTEXT):
                    return self.false_run(view, rows)
        except ArithmeticError:
            pass
        values = self.evaluate_rows(view, rows)
        return [row for row, value in zip(rows, values, strict=True) if value is False]

    def describe(self) -> str:
        """Give the expression with labels instead of ids, for people."""
        return self.description
