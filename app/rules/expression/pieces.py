"""Building blocks of generated code: expressions of Python's ``ast`` that know when they are undecided.

A ``Piece`` is a node plus guards.  Guards run first and in order; while any is true the piece is undecided
and its node must not run.  Strict operations join guards, so that a long sum asks once, before it starts,
whether anything is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from app.rules.expression.scope import Kind, Known


@dataclass(frozen=True, slots=True)
class Loaded:
    """An item read into a local variable: as it stands, and None instead of what is no usable value."""

    raw: str
    usable: str
    known: Known


@dataclass(frozen=True, slots=True)
class Piece:
    """A typed part of an expression.  ``whole`` is the code that gives None when undecided.

    ``literal`` is a text written in the expression, at token ``token``; ``item`` an item named directly;
    ``exact``: surely a ``Decimal``.
    """

    kind: Kind
    node: ast.expr
    guards: Mapping[str, ast.expr] = field(default_factory=dict)
    direct: ast.expr | None = None
    item: Loaded | None = None
    literal: str | None = None
    token: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False

    @property
    def whole(self) -> ast.expr:
        """Give the code whose value is None when undecided."""
        if not self.guards:
            return self.node
        return self.direct or ast.IfExp(any_of(self.guards.values()), constant(None), self.node)


def strict(
    kind: Kind,
    node: ast.expr,
    *parts: Piece,
    guards: Mapping[str, ast.expr] | None = None,
    exact: bool = False,
) -> Piece:
    """Give an operation that is undecided whenever a part is, or a further guard is true."""
    joined: dict[str, ast.expr] = {}
    for part in parts:
        joined.update(part.guards)
    joined.update(guards or {})
    return Piece(kind, node, joined, exact=exact)


class Names:
    """Gives out names of local variables; authors' names never become Python names."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """Give a name nobody uses yet."""
        self._count += 1
        return f"v{self._count}"

    def nullable(self, kind: Kind, code: ast.expr, *parts: Piece, exact: bool = False) -> Piece:
        """Give the piece for code that may come out as None."""
        name = self.new()
        guards = {name: is_none(bind(name, code))}
        joined = strict(kind, load(name), *parts, guards=guards, exact=exact)
        alone = not any(part.guards for part in parts)
        return replace(joined, direct=code) if alone else joined


def local(kind: Kind, name: str, exact: bool = False) -> Piece:
    """Give the piece that reads a local variable, undecided while that is None."""
    return Piece(kind, load(name), {name: is_none(load(name))}, direct=load(name), exact=exact)


@dataclass(slots=True)
class Frame:
    """Statements that run before an expression: once, or once for each row of ``table``."""

    source: Callable[[str, str], ast.expr]
    table: str = ""
    statements: list[ast.stmt] = field(default_factory=list)
    loaded: dict[tuple[str, str], Loaded] = field(default_factory=dict)

    def read(self, names: Names, place: str, known: Known, item_id: str) -> Loaded:
        """Read an item into local variables, once a frame."""
        key = (place, item_id)
        if key not in self.loaded:
            item = Loaded(names.new(), names.new(), known)
            classes = load(f"{known.kind.value}_classes")
            usable = compare(attribute(item.raw, "__class__"), ast.In(), classes)
            self.statements.append(assign(item.raw, self.source(place, item_id)))
            self.statements.append(assign(item.usable, ast.IfExp(usable, load(item.raw), constant(None))))
            self.loaded[key] = item
        return self.loaded[key]


def load(name: str) -> ast.Name:
    """Give the code that reads a variable."""
    return ast.Name(name, ast.Load())


def constant(value: str | int | bool | None) -> ast.Constant:
    """Give a constant."""
    return ast.Constant(value)


def assign(name: str, value: ast.expr) -> ast.Assign:
    """Give the statement ``name = value``."""
    return ast.Assign([ast.Name(name, ast.Store())], value)


def bind(name: str, value: ast.expr) -> ast.NamedExpr:
    """Give ``(name := value)``."""
    return ast.NamedExpr(ast.Name(name, ast.Store()), value)


def call(function: str | ast.expr, *arguments: ast.expr) -> ast.Call:
    """Give a call."""
    return ast.Call(load(function) if isinstance(function, str) else function, list(arguments), [])


def attribute(name: str, *path: str) -> ast.expr:
    """Give ``name.a.b``; the parts are ours, never an author's."""
    node: ast.expr = load(name)
    for part in path:
        node = ast.Attribute(node, part, ast.Load())
    return node


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    """Give a comparison of two sides."""
    return ast.Compare(left, [operator], [right])


def is_none(node: ast.expr) -> ast.Compare:
    """Give ``node is None``."""
    return compare(node, ast.Is(), constant(None))


def negate(node: ast.expr) -> ast.UnaryOp:
    """Give ``not node``."""
    return ast.UnaryOp(ast.Not(), node)


def any_of(nodes: Collection[ast.expr]) -> ast.expr:
    """Give ``a or b or …``; there must be at least one."""
    listed = list(nodes)
    return listed[0] if len(listed) == 1 else ast.BoolOp(ast.Or(), listed)


def each(variable: str, rows: ast.expr, body: list[ast.stmt]) -> ast.For:
    """Give a loop."""
    return ast.For(ast.Name(variable, ast.Store()), rows, body, [])


def function(name: str, body: list[ast.stmt]) -> ast.FunctionDef:
    """Give ``def name(view, rows): body``."""
    parameters = [ast.arg("view"), ast.arg("rows")]
    arguments = ast.arguments([], parameters, None, [], [], None, [])
    return ast.FunctionDef(name, arguments, body, [])
