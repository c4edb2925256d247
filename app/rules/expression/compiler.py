"""From tokens to running code, through Python's parser and a typed whitelist.

Python's parser sees placeholders (``_0 + _1``) for all names, numbers and texts, so that nothing an author
writes is ever part of Python code, and every placeholder leads back to its place in the text.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NoReturn

from app.rules.expression.assembly import link
from app.rules.expression.description import describe_tokens
from app.rules.expression.functions import FUNCTIONS
from app.rules.expression.pieces import (
    Frame,
    Names,
    Piece,
    any_of,
    assign,
    attribute,
    bind,
    call,
    compare,
    constant,
    is_none,
    load,
    local,
    negate,
    strict,
)
from app.rules.expression.program import Expression, undecided
from app.rules.expression.scope import Kind, Known, Scope
from app.rules.expression.source import MAX_DEPTH, ExpressionError, Token, read_tokens
from app.rules.rule import Reads

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_EQUALITY = (ast.Eq, ast.NotEq)
_ORDERED = (Kind.NUMBER, Kind.DATE)
_MISPLACED = {Kind.TEXT: "text_arithmetic", Kind.CHOICE: "text_arithmetic", Kind.DATE: "date_arithmetic"}


def compile_expression(source: str, scope: Scope, *, table: str | None = None) -> Expression:
    """Turn a text into a running expression, or raise ``ExpressionError``.

    With ``table`` the expression looks at one row of that table: bare names are its columns first, then
    fields.  All names and types are checked here, so that running it cannot fail.
    """
    kept = scope.compiled.get((source, table))
    if isinstance(kept, Expression):
        return kept
    expression = _compile(source, scope, table)
    scope.compiled[source, table] = expression
    return expression


def _compile(source: str, scope: Scope, table: str | None) -> Expression:
    if table is not None and table not in scope.tables:
        raise ExpressionError("unknown_table", 1, name=table)
    tokens = read_tokens(source)
    compiler = Compiler(tokens, scope, table)
    try:
        piece = compiler.piece(_parse(tokens, compiler.starts), 0)
        values_run, false_run = link(piece, compiler.top, compiler.row, compiler.constants)
    except (RecursionError, MemoryError) as error:
        raise ExpressionError("deep", 1) from error
    reads = Reads(frozenset(compiler.fields), frozenset(compiler.columns), frozenset(compiler.parts))
    if scope.lacks(reads.columns):
        values_run, false_run = undecided, None
    return Expression(
        source,
        piece.kind,
        reads,
        table,
        frozenset(compiler.aggregates),
        describe_tokens(tokens, compiler.shown),
        values_run,
        false_run,
    )


def _placeholder(index: int, token: Token) -> str:
    if token.kind != "operator":
        return f"_{index}"
    return "==" if token.text == "=" else token.text


def _parse(tokens: Sequence[Token], starts: Sequence[int]) -> ast.expr:
    words = [_placeholder(index, token) for index, token in enumerate(tokens)]
    try:
        return ast.parse(" ".join(words), mode="eval").body
    except SyntaxError as error:
        place = max(bisect_right(starts, (error.offset or 1) - 1) - 1, 0)
        raise ExpressionError("syntax", tokens[place].position) from error


class Compiler:
    """Builds the code of one expression; used once."""

    def __init__(self, tokens: Sequence[Token], scope: Scope, table: str | None) -> None:
        self.tokens = tokens
        self.scope = scope
        self.names = Names()
        self.constants: dict[str, Decimal | date] = {}
        self.shown: dict[int, str] = {}
        self.fields: set[str] = set()
        self.columns: set[tuple[str, str]] = set()
        self.parts: set[str] = set()
        self.aggregates: set[str] = set()
        self.top = Frame(_read_view)
        self.row = Frame(_read_cell, table) if table else None
        self.in_condition = False
        lengths = [len(_placeholder(index, token)) + 1 for index, token in enumerate(tokens)]
        self.starts = [0, *accumulate(lengths)][:-1]

    # ------------------------------------------------------------------------------------- nodes
    def piece(self, node: ast.expr, depth: int) -> Piece:
        """Give the typed code of a node; raises ``ExpressionError``."""
        if depth > MAX_DEPTH:
            self.fail("deep", node)
        match node:
            case ast.Name():
                return self._leaf(node)
            case ast.Attribute():
                return self._cell(node)
            case ast.BinOp():
                return self._arithmetic(node, depth + 1)
            case ast.UnaryOp():
                return self._unary(node, depth + 1)
            case ast.BoolOp():
                return self._logic(node, depth + 1)
            case ast.Compare():
                return self._comparison(node, depth + 1)
            case ast.Call():
                return self._call(node, depth + 1)
            case _:
                return self.fail("unsupported", node)

    def fail(self, code: str, node: ast.AST, **params: object) -> NoReturn:
        """Refuse the expression because of a node."""
        raise ExpressionError(code, self.token(node).position, **params)

    def token(self, node: ast.AST) -> Token:
        """Give the first token of a node."""
        return self.tokens[self.index(node)]

    def index(self, node: ast.AST) -> int:
        """Give the index of the first token of a node."""
        return bisect_right(self.starts, getattr(node, "col_offset", 0)) - 1

    def show_as(self, node: ast.expr, text: str) -> None:
        """Describe all of a node by one text."""
        first, last = self.index(node), bisect_right(self.starts, (node.end_col_offset or 1) - 1) - 1
        self.shown.update(dict.fromkeys(range(first, last + 1), ""))
        self.shown[first] = text

    def of_kind(self, kind: Kind, code: str, node: ast.expr, depth: int) -> Piece:
        """Give the code of a node that must be of a type, else refuse it with ``code``."""
        piece = self.piece(node, depth)
        if piece.kind is not kind:
            self.fail(code, node)
        return piece

    # ------------------------------------------------------------------------------------- leaves
    def _leaf(self, node: ast.Name) -> Piece:
        index = int(node.id[1:])
        token = self.tokens[index]
        if token.kind == "text":
            return Piece(Kind.TEXT, constant(token.text), literal=token.text, token=index)
        if token.kind == "number":
            return self._number(token.text)
        return self._column(token.text, index) or self._field(token.text, index) or self._constant(token)

    def _number(self, text: str) -> Piece:
        if "." not in text:
            return Piece(Kind.NUMBER, constant(int(text)))
        return Piece(Kind.NUMBER, self.keep(Decimal(text)), exact=True)

    def keep(self, value: Decimal | date) -> ast.Name:
        """Give the code that reads a constant Python has no literal for."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return load(name)

    def _column(self, name: str, index: int) -> Piece | None:
        if self.row is None or name not in self.scope.tables[self.row.table].columns:
            return None
        known = self.scope.tables[self.row.table].columns[name]
        self.columns.add((self.row.table, name))
        self.shown[index] = known.label
        return self.item(self.row, "cells", known, name)

    def _field(self, name: str, index: int) -> Piece | None:
        known = self.scope.fields.get(name)
        if known is None:
            return None
        self.fields.add(name)
        self.shown[index] = known.label
        return self.item(self.top, "values", known, name)

    def item(self, frame: Frame, place: str, known: Known, item_id: str) -> Piece:
        """Give the code that reads an item of the form, of last year or of the Torch report."""
        item = frame.read(self.names, place, known, item_id)
        return replace(local(known.kind, item.usable), item=item, choices=known.choices)

    def _constant(self, token: Token) -> Piece:
        match token.text:
            case "true" | "false":
                return Piece(Kind.BOOLEAN, constant(token.text == "true"))
            case "today":
                self.parts.add("now")
                return self._once(Kind.DATE, "context", "today")
            case "period_start" | "period_end":
                return self._once(Kind.DATE, "programme", token.text)
            case "report_year":
                return self._once(Kind.NUMBER, "programme", token.text)
            case name:
                raise ExpressionError("unknown_name", token.position, name=name)

    def _once(self, kind: Kind, *path: str) -> Piece:
        name = self.names.new()
        self.top.statements.append(assign(name, attribute("view", *path)))
        return Piece(kind, load(name))

    def _cell(self, node: ast.Attribute) -> Piece:
        table, column = self.address(node)
        piece = self._column(column, int(node.attr[1:])) if self.row and self.row.table == table else None
        if piece is None:
            self.fail("column_outside", node)
        self.shown[self.index(node)] = ""
        return piece

    def address(self, node: ast.Attribute) -> tuple[str, str]:
        """Give table and column of ``t.c``; both are known when this returns."""
        table = self.table(node.value)
        index = int(node.attr[1:])
        column = self.tokens[index]
        known = self.scope.tables[table]
        if column.text not in known.columns or column.kind != "name":
            raise ExpressionError("unknown_column", column.position, name=column.text, table=known.label)
        self.shown[index] = known.columns[column.text].label
        return table, column.text

    def table(self, node: ast.expr) -> str:
        """Give the table a node names; refuses anything else."""
        token = self.token(node)
        if not isinstance(node, ast.Name) or token.kind != "name" or token.text not in self.scope.tables:
            self.fail("unknown_table", node, name=token.text)
        self.shown[self.index(node)] = self.scope.tables[token.text].label
        return token.text

    # ------------------------------------------------------------------------------------- operators
    def _arithmetic(self, node: ast.BinOp, depth: int) -> Piece:
        steps: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            steps.append(left)
            left = left.left
        piece = self.number(left, depth)
        for step in reversed(steps):
            if not isinstance(step.op, _ARITHMETIC):
                self.fail("unsupported", step.right)
            piece = self._operate(piece, step.op, self.number(step.right, depth))
        return piece

    def number(self, node: ast.expr, depth: int) -> Piece:
        """Give the code of a node that must be a number."""
        piece = self.piece(node, depth)
        if piece.kind is not Kind.NUMBER:
            self.fail(_MISPLACED.get(piece.kind, "not_number"), node)
        return piece

    def _operate(self, left: Piece, operator: ast.operator, right: Piece) -> Piece:
        exact = left.exact or right.exact
        if isinstance(operator, (ast.Add, ast.Sub)):
            return strict(Kind.NUMBER, ast.BinOp(left.node, operator, right.node), left, right, exact=exact)
        first = left.node if exact else call("Decimal", left.node)
        if isinstance(operator, ast.Mult):
            return strict(Kind.NUMBER, ast.BinOp(first, operator, right.node), left, right, exact=True)
        divisor = self.names.new()
        guards = {divisor: compare(bind(divisor, right.node), ast.Eq(), constant(0))}
        node = ast.BinOp(first, operator, load(divisor))
        return strict(Kind.NUMBER, node, left, right, guards=guards, exact=True)

    def _unary(self, node: ast.UnaryOp, depth: int) -> Piece:
        if isinstance(node.op, ast.Not):
            piece = self.of_kind(Kind.BOOLEAN, "not_boolean", node.operand, depth)
            return strict(Kind.BOOLEAN, negate(piece.node), piece)
        piece = self.number(node.operand, depth)
        return strict(Kind.NUMBER, ast.UnaryOp(node.op, piece.node), piece, exact=piece.exact)

    def _logic(self, node: ast.BoolOp, depth: int) -> Piece:
        """Three-valued after Kleene: one false decides ``and``, one true decides ``or``."""
        parts = [self.of_kind(Kind.BOOLEAN, "not_boolean", value, depth) for value in node.values]
        if not any(part.guards for part in parts):
            return Piece(Kind.BOOLEAN, ast.BoolOp(node.op, [part.node for part in parts]))
        deciding = isinstance(node.op, ast.Or)
        tests: list[ast.expr] = []
        unknown: list[ast.expr] = []
        for part in parts:
            if not part.guards:
                tests.append(part.node if deciding else negate(part.node))
                continue
            name = self.names.new()
            tests.append(compare(bind(name, part.whole), ast.Is(), constant(deciding)))
            unknown.append(is_none(load(name)))
        open_or_rest = ast.IfExp(any_of(unknown), constant(None), constant(not deciding))
        return self.names.nullable(Kind.BOOLEAN, ast.IfExp(any_of(tests), constant(deciding), open_or_rest))

    def _comparison(self, node: ast.Compare, depth: int) -> Piece:
        if len(node.ops) > 1:
            self.fail("chained", node.comparators[1])
        operator, second = node.ops[0], node.comparators[0]
        if isinstance(operator, (ast.In, ast.NotIn)):
            return self._membership(node.left, operator, second, depth)
        left, right = self.piece(node.left, depth), self.piece(second, depth)
        if left.kind is Kind.CHOICE or right.kind is Kind.CHOICE:
            self._check_choices(left, right, second)
        elif left.kind is not right.kind:
            self.fail("compare_kinds", second)
        if left.kind is Kind.SET:
            self.fail("compare_set", node.left)
        if not isinstance(operator, _EQUALITY) and left.kind not in _ORDERED:
            self.fail("compare_order", second)
        return strict(Kind.BOOLEAN, compare(left.node, operator, right.node), left, right)

    def _check_choices(self, left: Piece, right: Piece, second: ast.expr) -> None:
        for choice, other in ((left, right), (right, left)):
            if choice.kind is Kind.CHOICE and other.literal is not None:
                self._show_choice(choice, other)
                return
        if left.kind is not right.kind:
            self.fail("compare_kinds", second)
        if not left.choices.keys() & right.choices.keys():
            self.fail("compare_choices", second)

    def _show_choice(self, choice: Piece, literal: Piece) -> None:
        text = literal.literal or ""
        if text not in choice.choices:
            raise ExpressionError("unknown_choice", self.tokens[literal.token].position, choice=text)
        self.shown[literal.token] = choice.choices[text]

    def _membership(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, depth: int) -> Piece:
        first = self.piece(left, depth)
        literals = right.elts if isinstance(right, ast.Tuple) else [right]
        if not literals:
            self.fail("not_literal", right)
        others = [self.piece(element, depth) for element in literals]
        if len(others) == 1 and others[0].kind is Kind.SET:
            if first.literal is None:
                self.fail("not_literal", left)
            self._show_choice(others[0], first)
            return strict(Kind.BOOLEAN, compare(first.node, operator, others[0].node), first, others[0])
        for element, other in zip(literals, others, strict=True):
            if other.literal is None and self.token(element).kind != "number":
                self.fail("not_literal", element)
            if first.kind is Kind.CHOICE and other.literal is not None:
                self._show_choice(first, other)
            elif first.kind is not other.kind or first.kind not in (Kind.TEXT, Kind.NUMBER):
                self.fail("compare_kinds", element)
        values = ast.Tuple([other.node for other in others], ast.Load())
        return strict(Kind.BOOLEAN, compare(first.node, operator, values), first, *others)

    def _call(self, node: ast.Call, depth: int) -> Piece:
        token = self.token(node.func)
        handler = FUNCTIONS.get(token.text) if token.kind == "name" else None
        if handler is None or not isinstance(node.func, ast.Name):
            self.fail("unknown_function", node.func, name=token.text)
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                self.fail("unsupported", argument)
        return handler(self, node, depth)


def _read_view(place: str, item_id: str) -> ast.expr:
    return call(attribute("view", place, "get"), constant(item_id))


def _read_cell(_place: str, item_id: str) -> ast.expr:
    return call("get", constant(item_id))
