"""The last step: frames and a finished piece become two Python functions.

The code that is compiled here is built from the whitelist only; it runs without builtins and reaches
nothing but ``runtime.NAMESPACE`` and its arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from app.rules.expression.pieces import (
    Frame,
    Piece,
    any_of,
    assign,
    attribute,
    call,
    each,
    function,
    load,
    negate,
)
from app.rules.expression.program import FalseRun, ValuesRun
from app.rules.expression.runtime import NAMESPACE
from app.rules.expression.scope import Kind


def link(
    piece: Piece, top: Frame, row: Frame | None, constants: Mapping[str, Decimal | date]
) -> tuple[ValuesRun, FalseRun]:
    """Give the function that gives values for rows, and the one that gives the false rows."""
    false_body: list[ast.stmt] = [ast.Pass()]
    if piece.kind is Kind.BOOLEAN:
        wrong: ast.expr = negate(piece.node)
        if piece.guards:
            wrong = ast.BoolOp(ast.And(), [negate(any_of(piece.guards.values())), wrong])
        false_body = [ast.If(wrong, [ast.Expr(call("keep", load("row")))], [])]
    values = _loop("values", top, row, [ast.Expr(call("keep", piece.whole))])
    module = ast.Module([values, _loop("rows_false", top, row, false_body)], [])
    for node in ast.walk(module):
        if isinstance(node, (ast.expr, ast.stmt, ast.arg)):
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0
    namespace: dict[str, Any] = {"__builtins__": {}, **NAMESPACE, **constants}
    exec(compile(module, "<expression>", "exec"), namespace)
    return cast(ValuesRun, namespace["values"]), cast(FalseRun, namespace["rows_false"])


def _loop(name: str, top: Frame, row: Frame | None, body: list[ast.stmt]) -> ast.FunctionDef:
    reads: list[ast.stmt] = []
    if row:
        reads = [assign("get", attribute("row", "cells", "get")), *row.statements]
    start = [assign("kept", ast.List([], ast.Load())), assign("keep", attribute("kept", "append"))]
    loop = each("row", load("rows"), [*reads, *body])
    return function(name, [*top.statements, *start, loop, ast.Return(load("kept"))])
