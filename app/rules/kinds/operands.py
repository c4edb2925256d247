"""What has a value in a form or in each row: items, last year's and Torch values, settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.model.draft import Row
from app.model.form import Item, Table
from app.model.value import Value
from app.rules.expression import Kind as Type
from app.rules.expression.scope import kind_of
from app.rules.rule import Reads, Target
from app.rules.view import View


@dataclass(frozen=True, slots=True)
class Operand:
    """Something with a value, in a form or in each row: an item or an expression.

    ``aggregates`` names the tables it reads as a whole.
    """

    label: str
    type: Type
    reads: Reads
    values: Callable[[View, Sequence[Row]], list[Value | None]]
    target: Target | None = None
    aggregates: frozenset[str] = frozenset()


def name_of(item: Item | Table) -> str:
    """Give number and label as printed."""
    return f"{item.number} {item.label}".strip()


def reads_of(target: Target) -> Reads:
    """Give what looking at one item reads."""
    if target.table is None:
        return Reads(fields=frozenset({target.item.id}))
    return Reads(columns=frozenset({(target.table.id, target.item.id)}))


def operand_of(target: Target) -> Operand:
    """Give an item as an operand."""
    item_id = target.item.id
    if target.table is None:
        return Operand(
            name_of(target.item),
            kind_of(target.item.type),
            reads_of(target),
            lambda view, rows: [view.values.get(item_id)] * len(rows),
            target,
        )
    return Operand(
        name_of(target.item),
        kind_of(target.item.type),
        reads_of(target),
        lambda _view, rows: [row.cells.get(item_id) for row in rows],
        target,
    )


def previous_of(target: Target) -> Operand:
    """Give last year's value of a field as an operand."""
    return _part_operand(target, "previous", lambda view: view.previous.get(target.item.id))


def torch_of(target: Target) -> Operand:
    """Give the Torch report's value of a field as an operand."""
    return _part_operand(target, "torch", lambda view: view.torch.get(target.item.id))


def context_operand(part: str, label: str, get: Callable[[View], Value | None]) -> Operand:
    """Give something of the context (today, a setting) as an operand."""
    reads = Reads(parts=frozenset({part}))
    return Operand(label, Type.TEXT, reads, lambda view, rows: [get(view)] * len(rows))


def _part_operand(target: Target, part: str, get: Callable[[View], Value | None]) -> Operand:
    reads = Reads(parts=frozenset({part}))
    kind = kind_of(target.item.type)
    return Operand(name_of(target.item), kind, reads, lambda view, rows: [get(view)] * len(rows), target)
