"""The functions of the language: how each checks its arguments and what code it becomes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from app.rules.expression.pieces import (
    Frame,
    Loaded,
    Piece,
    any_of,
    assign,
    attribute,
    call,
    constant,
    each,
    is_none,
    load,
    local,
    negate,
    strict,
)
from app.rules.expression.scope import Kind, Known

if TYPE_CHECKING:
    from app.rules.expression.compiler import Compiler

Handler: TypeAlias = Callable[["Compiler", ast.Call, int], Piece]

_NUMBER = Known(Kind.NUMBER, "")
_MAX_PLACES = 10


def _arguments(compiler: Compiler, node: ast.Call, least: int, most: int) -> list[ast.expr]:
    if not least <= len(node.args) <= most:
        compiler.fail("arguments", node, name=compiler.token(node).text, least=least, most=most)
    return node.args


# ------------------------------------------------------------------------------------------ choice
def _if(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
    condition_node, first_node, second_node = _arguments(compiler, node, 3, 3)
    condition = compiler.of_kind(Kind.BOOLEAN, "not_boolean", condition_node, depth)
    first, second = compiler.piece(first_node, depth), compiler.piece(second_node, depth)
    if first.kind is not second.kind:
        compiler.fail("branches", second_node)
    exact = first.exact and second.exact
    choices = {**first.choices, **second.choices}
    branches = ast.IfExp(condition.node, first.whole, second.whole)
    if first.guards or second.guards:
        made = compiler.names.nullable(first.kind, branches, condition, exact=exact)
    else:
        made = strict(first.kind, branches, condition, exact=exact)
    return replace(made, choices=choices)


# ------------------------------------------------------------------------------------------ tables
def _pick(compiler: Compiler, node: ast.Call, depth: int, table: str, column: str) -> str:
    """Write the code that collects a column's cells, or rows, into a list; give the list's name."""
    if compiler.in_condition:
        compiler.fail("nested", node)
    compiler.aggregates.add(table)
    picked, row = compiler.names.new(), compiler.names.new()
    rows = call(attribute("view", "rows"), constant(table))
    frame = Frame(lambda _place, item: call(attribute(row, "cells", "get"), constant(item)), table)
    cell = frame.source("", column) if column else constant(1)
    if len(node.args) == 1:
        loop = ast.comprehension(ast.Name(row, ast.Store()), rows, [], 0)
        compiler.top.statements.append(assign(picked, ast.ListComp(cell, [loop])))
        return picked
    outer, compiler.row, compiler.in_condition = compiler.row, frame, True
    condition = compiler.of_kind(Kind.BOOLEAN, "not_boolean", node.args[1], depth)
    compiler.row, compiler.in_condition = outer, False
    keep: list[ast.stmt] = [ast.Expr(call(attribute(picked, "append"), cell))]
    undecided: list[ast.stmt] = [assign(picked, constant(None)), ast.Break()]
    body: list[ast.stmt] = [*frame.statements]
    if condition.guards:
        body.append(ast.If(any_of(condition.guards.values()), undecided, []))
    body.append(ast.If(condition.node, keep, []))
    compiler.columns.add((table, "*"))
    compiler.top.statements += [assign(picked, ast.List([], ast.Load())), each(row, rows, body)]
    return picked


def _count(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
    first = _arguments(compiler, node, 1, 2)[0]
    if isinstance(first, ast.Attribute):
        compiler.fail("count_column", first)
    table = compiler.table(first)
    compiler.columns.add((table, "*"))
    picked = _pick(compiler, node, depth, table, "")
    return _once(compiler, Kind.NUMBER, call("size", load(picked)))


def _aggregate(function: str, kinds: frozenset[Kind], gives: Kind | None, exact: bool = False) -> Handler:
    def build(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
        first = _arguments(compiler, node, 1, 2)[0]
        if not isinstance(first, ast.Attribute):
            compiler.fail("aggregate_first", first, name=compiler.token(node).text)
        table, column = compiler.address(first)
        known = compiler.scope.tables[table].columns[column]
        if known.kind not in kinds:
            compiler.fail("aggregate_kind", first)
        compiler.columns.add((table, column))
        if known.required:
            compiler.columns.add((table, "*"))
        picked = _pick(compiler, node, depth, table, column)
        classes = load(f"{known.kind.value}_classes")
        code = call(function, load(picked), classes, constant(known.required))
        return _once(compiler, gives or known.kind, code, exact)

    return build


def _once(compiler: Compiler, kind: Kind, code: ast.expr, exact: bool = False) -> Piece:
    name = compiler.names.new()
    compiler.top.statements.append(assign(name, code))
    return local(kind, name, exact)


def _extreme(function: str, aggregate: str) -> Handler:
    over_table = _aggregate(aggregate, frozenset({Kind.NUMBER, Kind.DATE}), None)

    def build(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
        if len(node.args) < 2 or isinstance(node.args[0], ast.Attribute):
            return over_table(compiler, node, depth)
        parts = [compiler.number(argument, depth) for argument in node.args]
        exact = all(part.exact for part in parts)
        return strict(Kind.NUMBER, call(function, *(part.node for part in parts)), *parts, exact=exact)

    return build


# ------------------------------------------------------------------------------------------ items
def _item(compiler: Compiler, node: ast.Call, depth: int) -> tuple[Kind, Loaded, dict[str, ast.expr]]:
    """Give the item an argument names, with the guard against a text that is no value of its type."""
    argument = _arguments(compiler, node, 1, 1)[0]
    piece = compiler.piece(argument, depth)
    if piece.item is None:
        compiler.fail("not_item", argument)
    item = piece.item
    unusable = ast.BoolOp(ast.And(), [is_none(load(item.usable)), negate(is_none(load(item.raw)))])
    return piece.kind, item, {f"{item.raw} unusable": unusable}


def _emptiness(empty: bool) -> Handler:
    def build(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
        kind, item, guards = _item(compiler, node, depth)
        hollow = kind in (Kind.TEXT, Kind.SET, Kind.CHOICE)
        missing: ast.expr = negate(load(item.raw)) if hollow else is_none(load(item.raw))
        return Piece(Kind.BOOLEAN, missing if empty else negate(missing), guards)

    return build


def _zero(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
    kind, item, guards = _item(compiler, node, depth)
    if kind is not Kind.NUMBER:
        compiler.fail("not_number", node.args[0])
    value = ast.IfExp(is_none(load(item.raw)), constant(0), load(item.usable))
    return Piece(Kind.NUMBER, value, guards)


def _other_source(place: str) -> Handler:
    def build(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
        argument = _arguments(compiler, node, 1, 1)[0]
        token = compiler.token(argument)
        known = compiler.scope.fields.get(token.text)
        if not isinstance(argument, ast.Name) or token.kind != "name" or known is None:
            compiler.fail("not_field", argument, name=token.text)
        compiler.parts.add(place)
        compiler.shown[compiler.index(argument)] = known.label
        return compiler.item(compiler.top, place, known, token.text)

    return build


# ------------------------------------------------------------------------------------------ values
def _plain(function: str, takes: tuple[Kind, ...], gives: Kind, exact: bool = False) -> Handler:
    codes = {Kind.NUMBER: "not_number", Kind.DATE: "not_date"}

    def build(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
        arguments = _arguments(compiler, node, len(takes), len(takes))
        parts = [
            compiler.of_kind(kind, codes[kind], argument, depth)
            for kind, argument in zip(takes, arguments, strict=True)
        ]
        return strict(gives, call(function, *(part.node for part in parts)), *parts, exact=exact)

    return build


def _round(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
    arguments = _arguments(compiler, node, 1, 2)
    value = compiler.number(arguments[0], depth)
    places = 0
    if len(arguments) == 2:
        token = compiler.token(arguments[1])
        simple = isinstance(arguments[1], ast.Name) and token.kind == "number" and token.text.isdecimal()
        if not simple or int(token.text) > _MAX_PLACES:
            compiler.fail("places", arguments[1], most=_MAX_PLACES)
        places = int(token.text)
    return strict(Kind.NUMBER, call("round_half_up", value.node, constant(places)), value, exact=True)


def _length(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
    argument = _arguments(compiler, node, 1, 1)[0]
    piece = compiler.piece(argument, depth)
    if piece.kind not in (Kind.TEXT, Kind.SET):
        compiler.fail("not_text", argument)
    return strict(Kind.NUMBER, call("len", piece.node), piece)


def _date(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
    arguments = _arguments(compiler, node, 3, 3)
    parts = [compiler.number(argument, depth) for argument in arguments]
    if all(isinstance(part.node, ast.Constant) for part in parts):
        year, month, day = (int(compiler.token(argument).text) for argument in arguments)
        try:
            known = date(year, month, day)
        except (ValueError, OverflowError):
            compiler.fail("no_such_date", node)
        compiler.show_as(node, f"{year}年{month}月{day}日")
        return Piece(Kind.DATE, compiler.keep(known))
    return compiler.names.nullable(Kind.DATE, call("make_date", *(part.node for part in parts)), *parts)


def _year(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
    argument = _arguments(compiler, node, 1, 1)[0]
    piece = compiler.of_kind(Kind.DATE, "not_date", argument, depth)
    return strict(Kind.NUMBER, ast.Attribute(piece.node, "year", ast.Load()), piece)


def _written(function: str, most: int) -> Handler:
    """Read values as they are written: one text or two, then a condition where three are allowed."""

    def build(compiler: Compiler, node: ast.Call, depth: int) -> Piece:
        arguments = _arguments(compiler, node, 2 if most > 2 else 1, most)
        parts = [
            compiler.of_kind(Kind.TEXT, "not_text", argument, depth)
            if place < 2
            else compiler.of_kind(Kind.BOOLEAN, "not_boolean", argument, depth)
            for place, argument in enumerate(arguments)
        ]
        code = call(function, *(part.node for part in parts))
        return compiler.names.nullable(Kind.NUMBER, code, *parts, exact=True)

    return build


_NUMBERS = frozenset({Kind.NUMBER})

FUNCTIONS: Mapping[str, Handler] = MappingProxyType(
    {
        "if": _if,
        "count": _count,
        "sum": _aggregate("total", _NUMBERS, Kind.NUMBER, exact=True),
        "avg": _aggregate("average", _NUMBERS, Kind.NUMBER, exact=True),
        "distinct": _aggregate("variety", frozenset(Kind), Kind.NUMBER),
        "min": _extreme("min", "least"),
        "max": _extreme("max", "greatest"),
        "empty": _emptiness(True),
        "filled": _emptiness(False),
        "zero": _zero,
        "prev": _other_source("previous"),
        "torch": _other_source("torch"),
        "abs": _plain("abs", (Kind.NUMBER,), Kind.NUMBER),
        "floor": _plain("floor", (Kind.NUMBER,), Kind.NUMBER, exact=True),
        "ceil": _plain("ceiling", (Kind.NUMBER,), Kind.NUMBER, exact=True),
        "round": _round,
        "len": _length,
        "date": _date,
        "year": _year,
        "attainment": _written("attainment", 3),
        "measured": _written("measured", 2),
        "days": _plain("days_between", (Kind.DATE, Kind.DATE), Kind.NUMBER),
        "months": _plain("months_between", (Kind.DATE, Kind.DATE), Kind.NUMBER),
    }
)
"""Every function by its name."""
