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
) -> tuple[ValuesRun, FalseRun | None]:
    """Give the function that gives values for rows and, for conditions on a row, the one for false rows."""
    functions: list[ast.stmt] = [_loop("values", top, row, [ast.Expr(call("keep", piece.whole))])]
    if row and piece.kind is Kind.BOOLEAN:
        wrong: ast.expr = negate(piece.node)
        if piece.guards:
            wrong = ast.BoolOp(ast.And(), [negate(any_of(piece.guards.values())), wrong])
        keep: list[ast.stmt] = [ast.If(wrong, [ast.Expr(call("keep", load("row")))], [])]
        functions.append(_loop("rows_false", top, row, keep))
    module = ast.Module(functions, [])
    _locate(module)
    namespace: dict[str, Any] = {"__builtins__": {}, **NAMESPACE, **constants}
    exec(compile(module, "<expression>", "exec"), namespace)
    return cast(ValuesRun, namespace["values"]), cast("FalseRun | None", namespace.get("rows_false"))


def _locate(module: ast.Module) -> None:
    """Give every node the place Python wants; quicker than ``ast.walk``, which visits shared nodes again."""
    waiting: list[Any] = list(module.body)
    while waiting:
        node = waiting.pop()
        inner = vars(node)
        if "lineno" in inner:
            continue
        for child in tuple(inner.values()):
            if isinstance(child, list):
                waiting += child
            elif isinstance(child, (ast.expr, ast.arguments)):
                waiting.append(child)
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0


def _loop(name: str, top: Frame, row: Frame | None, body: list[ast.stmt]) -> ast.FunctionDef:
    reads: list[ast.stmt] = []
    if row:
        reads = [assign("get", attribute("row", "cells", "get")), *row.statements]
    start = [assign("kept", ast.List([], ast.Load())), assign("keep", attribute("kept", "append"))]
    loop = each("row", load("rows"), [*reads, *body])
    return function(name, [*top.statements, *start, loop, ast.Return(load("kept"))])
