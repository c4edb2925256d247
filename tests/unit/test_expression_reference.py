"""Compiled expressions agree with a plain interpreter that works the same trees out step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.value import Invalid, Value
from app.rules.expression import compile_expression
from app.rules.view import View
from tests.unit.expression_world import SCOPE, view_of

Cells: TypeAlias = Mapping[str, Value]
DIGITS = Context(prec=28)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
CLASSES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("staff", "area", "share", "amount", "spent"), (int, Decimal)),
    **dict.fromkeys(("open", "own"), (bool,)),
    **dict.fromkeys(("nature", "kind"), (str,)),
    **dict.fromkeys(("since", "until", "moved_in"), (date,)),
}
REQUIRED = frozenset({"amount"})


@dataclass(frozen=True)
class Node:
    """A tree: an operation and its parts; leaves hold their text."""

    op: str
    parts: tuple[Any, ...] = ()

    def __str__(self) -> str:
        texts = [str(part) for part in self.parts]
        if self.op in ("item", "literal"):
            return texts[0]
        if self.op in ("not", "negative"):
            return f"{'not' if self.op == 'not' else '-'} ({texts[0]})"
        if self.op == "date":
            return f"date({self.parts[0].year}, {self.parts[0].month}, {self.parts[0].day})"
        if self.op in ("+", "-", "*", "/", "and", "or", *COMPARISONS):
            return "(" + f" {self.op} ".join(texts) + ")"
        if self.op == "in":
            return f"{texts[0]} in ('{texts[1]}', '{texts[2]}')"
        return f"{self.op}({', '.join(text for text in texts if text)})"


class Interpreter:
    """Works a tree out over a view; ``row`` while inside a condition or a row rule."""

    def __init__(self, view: View) -> None:
        self.view = view

    def value(self, node: Node, row: Cells | None) -> Any:
        if node.op in ("sum", "min", "max", "avg", "distinct", "count") and self._over_rows(node):
            return self._aggregate(node)
        if node.op in ("and", "or"):
            return self._logic(node, row)
        if node.op in ("empty", "filled", "zero"):
            return self._presence(node, row)
        if node.op == "if":
            condition = self.value(node.parts[0], row)
            return None if condition is None else self.value(node.parts[1 if condition else 2], row)
        if node.op in ("literal", "date"):
            return Decimal(node.parts[0]) if node.op == "literal" else node.parts[0]
        if node.op == "item":
            raw = self._raw(node.parts[0], row)
            return raw if type(raw) in CLASSES[node.parts[0]] else None
        parts = [self.value(part, row) if isinstance(part, Node) else part for part in node.parts]
        return None if None in parts else self._operate(node.op, parts)

    def _over_rows(self, node: Node) -> bool:
        return str(node.parts[0]).startswith("t5")

    def _raw(self, name: str, row: Cells | None) -> Value | None:
        known = SCOPE.tables["t5"].columns
        return row.get(name) if row is not None and name in known else self.view.values.get(name)

    def _logic(self, node: Node, row: Cells | None) -> bool | None:
        deciding = node.op == "or"
        parts = [self.value(part, row) for part in node.parts]
        return deciding if deciding in parts else None if None in parts else not deciding

    def _presence(self, node: Node, row: Cells | None) -> Any:
        name = node.parts[0].parts[0]
        raw = self._raw(name, row)
        if raw is not None and type(raw) not in CLASSES[name]:
            return None
        if node.op == "zero":
            return 0 if raw is None else raw
        return (raw is None) is (node.op == "empty")

    def _aggregate(self, node: Node) -> Any:
        picked = []
        for row in self.view.rows("t5"):
            chosen = self.value(node.parts[1], row.cells) if isinstance(node.parts[1], Node) else True
            if chosen is None:
                return None
            if chosen:
                picked.append(row.cells)
        if node.op == "count":
            return len(picked)
        column = str(node.parts[0]).partition(".")[2]
        cells = [row.get(column) for row in picked]
        present: list[Any] = [cell for cell in cells if cell is not None]
        if any(type(cell) not in CLASSES[column] for cell in present):
            return None
        if column in REQUIRED and len(present) < len(cells):
            return None
        if node.op == "distinct":
            return len(set(present))
        if node.op == "sum":
            return sum(present, Decimal(0))
        if not present:
            return None
        if node.op == "avg":
            return DIGITS.divide(sum(present, Decimal(0)), len(present))
        return min(present) if node.op == "min" else max(present)

    def _operate(self, op: str, parts: list[Any]) -> Any:
        if op in COMPARISONS:
            return COMPARISONS[op](parts[0], parts[1])
        if op == "in":
            return parts[0] in parts[1:]
        if op == "not":
            return not parts[0]
        if op == "days":
            return parts[1].toordinal() - parts[0].toordinal()
        if op == "year":
            return parts[0].year
        numbers = [Decimal(part) for part in parts]
        if op == "/":
            return DIGITS.divide(*numbers) if numbers[1] else None
        if op in ("floor", "ceil"):
            return numbers[0].to_integral_value(ROUND_FLOOR if op == "floor" else ROUND_CEILING)
        if op == "round":
            return numbers[0].quantize(Decimal(1).scaleb(-int(parts[1])), ROUND_HALF_UP)
        plain: dict[str, Callable[..., Decimal]] = {
            "+": DIGITS.add,
            "-": DIGITS.subtract,
            "*": DIGITS.multiply,
            "negative": DIGITS.minus,
            "abs": DIGITS.abs,
            "min": lambda *many: min(many),
            "max": lambda *many: max(many),
        }
        return plain[op](*numbers)


# ------------------------------------------------------------------------------------------ strategies
def items(*names: str) -> st.SearchStrategy[Node]:
    return st.sampled_from(names).map(lambda name: Node("item", (name,)))


def nodes(op: str, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Node]:
    return st.tuples(*parts).map(lambda found: Node(op, found))


LITERALS = st.sampled_from(["0", "1", "3", "0.5", "10000", "2.75"]).map(lambda text: Node("literal", (text,)))
DATES = st.dates(date(2019, 1, 1), date(2023, 12, 31))


@cache
def numbers(depth: int, columns: bool, tables: bool) -> st.SearchStrategy[Node]:
    names = ("staff", "area", "share", *(("amount", "spent") if columns else ()))
    if depth == 0:
        return items(*names) | LITERALS
    deeper = numbers(depth - 1, columns, tables)
    choices = [
        items(*names),
        LITERALS,
        *(nodes(op, deeper, deeper) for op in ("+", "-", "*", "/", "min", "max")),
        *(nodes(op, deeper) for op in ("negative", "abs", "floor", "ceil")),
        nodes("round", deeper, st.integers(0, 3)),
        nodes("zero", items(*names)),
        nodes("if", truths(depth - 1, columns, tables), deeper, deeper),
        nodes("days", dates(columns), dates(columns)),
        nodes("year", dates(columns)),
    ]
    if tables:
        condition = st.just("") | truths(min(depth - 1, 2), True, False)
        column = st.sampled_from(["t5.amount", "t5.spent"])
        choices += [nodes(op, column, condition) for op in ("sum", "min", "max", "avg", "distinct")]
        choices.append(nodes("count", st.just("t5"), condition))
    return st.one_of(choices)


def dates(columns: bool) -> st.SearchStrategy[Node]:
    return items("since", "until", *(("moved_in",) if columns else ())) | nodes("date", DATES)


@cache
def truths(depth: int, columns: bool, tables: bool) -> st.SearchStrategy[Node]:
    flags = items("open", *(("own",) if columns else ()))
    member = nodes("in", items("nature"), st.just("firm"), st.just("office"))
    if columns:
        member |= nodes("in", items("kind"), st.just("team"), st.just("firm"))
    if depth == 0:
        return flags | member
    deeper = truths(depth - 1, columns, tables)
    number = numbers(depth - 1, columns, tables)
    signs = st.sampled_from(sorted(COMPARISONS))
    anything = items("staff", "open", "nature", "since", *(("spent", "kind") if columns else ()))
    return (
        flags
        | member
        | st.builds(lambda sign, a, b: Node(sign, (a, b)), signs, number, number)
        | st.builds(lambda sign, a, b: Node(sign, (a, b)), signs, dates(columns), dates(columns))
        | nodes("and", deeper, deeper, deeper)
        | nodes("or", deeper, deeper)
        | nodes("not", deeper)
        | nodes("empty", anything)
        | nodes("filled", anything)
        | nodes("if", deeper, deeper, deeper)
    )


AMOUNTS = st.integers(-3, 3) | st.decimals(-100, 100, places=2)
BROKEN = st.just(Invalid("?"))


def answers(present: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional={name: values | BROKEN for name, values in present.items()})


FIELD_VALUES = answers(
    {
        "staff": st.integers(0, 4),
        "area": AMOUNTS,
        "share": AMOUNTS,
        "open": st.booleans(),
        "nature": st.sampled_from(["firm", "office"]),
        "since": DATES,
        "until": DATES,
    }
)
ROW_VALUES = answers(
    {
        "amount": AMOUNTS,
        "spent": AMOUNTS,
        "own": st.booleans(),
        "kind": st.sampled_from(["team", "firm"]),
        "moved_in": DATES,
    }
)
VIEWS = st.builds(view_of, FIELD_VALUES, st.lists(ROW_VALUES, max_size=4))


def compiles(node: Node) -> bool:
    return len(str(node)) <= 500


def check(node: Node, got: Value | None, expected: Any) -> None:
    assert got == expected, str(node)
    assert isinstance(got, bool) is isinstance(expected, bool), str(node)


@settings(max_examples=500)
@given((numbers(3, False, True) | truths(3, False, True)).filter(compiles), VIEWS)
def test_form_expressions_agree_with_the_reference(node: Node, view: View) -> None:
    """FORMAT, Expressions: decimals, Kleene logic, missing and invalid answers, sums with conditions."""
    check(node, compile_expression(str(node), SCOPE).evaluate(view), Interpreter(view).value(node, None))


@settings(max_examples=300)
@given(truths(3, True, True).filter(compiles), VIEWS)
def test_row_expressions_agree_with_the_reference(node: Node, view: View) -> None:
    """FORMAT, Expressions: each row alone, all rows at once and the false rows say the same."""
    expression = compile_expression(str(node), SCOPE, table="t5")
    rows = view.rows("t5")
    expected = [Interpreter(view).value(node, row.cells) for row in rows]
    for row, got, wanted in zip(rows, expression.evaluate_rows(view, rows), expected, strict=True):
        check(node, got, wanted)
        check(node, expression.evaluate(view, row), wanted)
    assert expression.rows_false(view, rows) == [
        row for row, wanted in zip(rows, expected, strict=True) if wanted is False
    ]


@settings(max_examples=100)
@given(numbers(3, False, True).filter(compiles), VIEWS)
def test_what_is_not_read_does_not_matter(node: Node, view: View) -> None:
    """Architecture, data flow: an answer that an expression does not declare cannot change it."""
    expression = compile_expression(str(node), SCOPE)
    values = {name: value for name, value in view.values.items() if name in expression.reads.fields}
    columns = {column for _, column in expression.reads.columns}
    rows = [{name: cell for name, cell in row.cells.items() if name in columns} for row in view.rows("t5")]
    bare = view_of(values, rows if columns else ())
    assert expression.evaluate(bare) == expression.evaluate(view)
