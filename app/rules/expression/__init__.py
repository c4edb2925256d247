"""The small language of programme folders, version 1: read it, check it, run it quickly and safely.

``compile_expression`` turns a text such as ``a = sum(t.b, own = true)`` into an ``Expression``.  The text
is never run: its tokens are read here, Python's parser only arranges placeholders for them, and a
typed whitelist builds new code from the arrangement.
"""

from app.rules.expression.compiler import compile_expression
from app.rules.expression.program import Expression
from app.rules.expression.scope import Kind, Known, KnownTable, Scope, scope_of
from app.rules.expression.source import ExpressionError
from app.rules.expression.words import RESERVED

__all__ = [
    "RESERVED",
    "Expression",
    "ExpressionError",
    "Kind",
    "Known",
    "KnownTable",
    "Scope",
    "compile_expression",
    "scope_of",
]
