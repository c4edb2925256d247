"""What a check names: items, columns, tables, expressions, numbers.

Every mistake is a ``SpecError`` that names the parameter; a mistake inside an expression stays an
``ExpressionError``, with the parameter added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

from app.model.form import Item, Table
from app.model.programme import CheckSpec, Programme, Stage
from app.model.value import NUMBER_TYPES, TEXT_TYPES, ItemType, is_number
from app.rules.expression import Expression, ExpressionError, Scope, compile_expression, scope_of
from app.rules.expression import Kind as Type
from app.rules.kinds.operands import Operand, name_of, operand_of
from app.rules.rule import Kind, Rule, SpecError, Target

Number: TypeAlias = int | Decimal
Wanted: TypeAlias = Callable[[Item], bool]

WRITTEN_TYPES = frozenset({ItemType.TEXT, ItemType.LONG_TEXT})
_PLAIN = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?")
_ZERO_OF = re.compile(r"zero\(\s*(?P<item>[a-z][a-z0-9_]*)\s*\)")
_KIND_NAMES = {
    Type.NUMBER: "number",
    Type.DATE: "date",
    Type.TEXT: "text",
    Type.BOOLEAN: "condition",
    Type.CHOICE: "choice",
    Type.SET: "choices",
}


def define(
    name: str,
    compiled: Callable[[Programme, CheckSpec], Sequence[Rule]],
    required: str = "",
    optional: str = "",
) -> Kind:
    """Give a kind; ``required`` and ``optional`` name its parameters, separated by spaces."""
    return Kind(name, frozenset(required.split()), frozenset(optional.split()), compiled)


def number_of(value: object) -> Decimal | None:
    """Give a value when it is a number, else None."""
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, int) and is_number(value) else None


def total_of(numbers: Iterable[Decimal]) -> Decimal:
    """Add numbers up."""
    return sum(numbers, Decimal(0))


def numbers_of(values: Iterable[object]) -> list[Decimal] | None:
    """Give the values when all of them are numbers, else None: nothing can be decided."""
    numbers = []
    for value in values:
        if value.__class__ is Decimal:
            numbers.append(value)
        elif value.__class__ is int:
            numbers.append(Decimal(value))
        else:
            return None
    return numbers


def day_of(value: object) -> date | None:
    """Give a value when it is a date, else None."""
    return value if isinstance(value, date) else None


def is_empty(value: object) -> bool:
    """Tell whether nothing was answered; 0 and 否 are answers."""
    return value in (None, "", ())


def of_types(types: Collection[ItemType]) -> Wanted:
    """Give the test whether an item is of one of these types."""
    return lambda item: item.type in types


is_numeric = of_types(NUMBER_TYPES)
is_money = of_types({ItemType.MONEY})
is_day = of_types({ItemType.DATE})
is_text = of_types(TEXT_TYPES)
is_written = of_types(WRITTEN_TYPES)
is_choice = of_types({ItemType.CHOICE})


is_answer = of_types({ItemType.YES_NO})
is_percent = of_types({ItemType.PERCENT})
is_code = of_types({ItemType.CREDIT_CODE})

_WORDS: Mapping[Wanted, str] = {
    is_numeric: "number",
    is_money: "money",
    is_day: "date",
    is_text: "text",
    is_written: "text",
    is_choice: "choice",
    is_answer: "yes_no",
    is_percent: "percent",
    is_code: "credit_code",
}


def any_item(_item: Item) -> bool:
    """Accept every item."""
    return True


class Params:
    """Reads the parameters of one check; every getter raises ``SpecError`` that names the parameter."""

    def __init__(self, programme: Programme, spec: CheckSpec) -> None:
        self.programme = programme
        self.spec = spec
        self.form = programme.form

    @cached_property
    def scope(self) -> Scope:
        """Give the names that expressions may use."""
        return scope_of(self.form)

    def has(self, name: str) -> bool:
        """Tell whether the parameter is given."""
        return name in self.spec.params

    def text(self, name: str, default: str | None = None) -> str:
        """Give a text parameter, not empty."""
        value = self.spec.params.get(name, default)
        if not isinstance(value, str) or (not value.strip() and value != default):
            raise SpecError("parameter_type", parameter=name, wanted="text", value=value)
        return value

    def texts(self, name: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Give a list of texts, not empty; one text counts as a list of one."""
        value = self.spec.params.get(name, default)
        entries = [value] if isinstance(value, str) else value
        if not isinstance(entries, (list, tuple)) or not all(isinstance(e, str) and e for e in entries):
            raise SpecError("parameter_type", parameter=name, wanted="texts", value=value)
        if not entries and default != ():
            raise SpecError("list_empty", parameter=name)
        return tuple(str(entry) for entry in entries)

    def number(self, name: str, default: Number | None = None) -> Decimal:
        """Give a number parameter; TOML floats are taken as written."""
        value = self.spec.params.get(name, default)
        if isinstance(value, float):
            value = Decimal(str(value))
        number = number_of(value)
        if number is None or not number.is_finite():
            raise SpecError("parameter_type", parameter=name, wanted="number", value=value)
        return number

    def number_or_none(self, name: str) -> Decimal | None:
        """Give a number parameter, or None where it is not given."""
        return self.number(name) if self.has(name) else None

    def integer(self, name: str, default: int | None = None) -> int:
        """Give a whole number of at least 0."""
        value = self.spec.params.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise SpecError("parameter_type", parameter=name, wanted="integer", value=value)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Give a true/false parameter."""
        value = self.spec.params.get(name, default)
        if not isinstance(value, bool):
            raise SpecError("parameter_type", parameter=name, wanted="flag", value=value)
        return value

    def table(self, name: str) -> Table:
        """Give the table a parameter names."""
        value = self.text(name)
        if value not in self.form.tables:
            raise SpecError("unknown_table", parameter=name, value=value)
        return self.form.tables[value]

    def find(self, name: str, address: str, table: Table | None = None) -> Target:
        """Give the item at an address; in the scope of a table its bare column ids come first."""
        target = self._lookup(address, table)
        if target is None:
            raise SpecError("unknown_item", parameter=name, value=address)
        return target

    def _lookup(self, address: str, table: Table | None) -> Target | None:
        table_id, dot, column_id = address.partition(".")
        if not dot and table is not None and any(column.id == address for column in table.columns):
            return Target(table.column(address), table)
        if not dot:
            item = self.form.fields.get(address)
            return Target(item) if item is not None else None
        holder = self.form.tables.get(table_id)
        if holder is None or not any(column.id == column_id for column in holder.columns):
            return None
        return Target(holder.column(column_id), holder)

    def target(
        self, name: str, wanted: Wanted = any_item, what: str = "", table: Table | None = None
    ) -> Target:
        """Give the item a parameter names; ``what`` names the wanted kind of item for the error."""
        return self._checked(name, self.find(name, self.text(name), table), wanted, what)

    def field(self, name: str, wanted: Wanted = any_item, what: str = "") -> Target:
        """Give the field a parameter names; a column will not do."""
        target = self.target(name, wanted, what)
        if target.table is not None:
            raise SpecError("item_type", parameter=name, value=target.address, wanted="field")
        return target

    def column(
        self, name: str, table: Table | None = None, wanted: Wanted = any_item, what: str = ""
    ) -> Target:
        """Give the column a parameter names, of one table where it is given."""
        target = self.target(name, wanted, what, table)
        if target.table is None:
            raise SpecError("item_type", parameter=name, value=target.address, wanted="column")
        if table is not None and target.table is not table:
            raise SpecError("other_table", parameter=name, value=target.address, wanted=table.id)
        return target

    def targets(
        self,
        name: str = "items",
        wanted: Wanted = any_item,
        what: str = "",
        default: Wanted | None = None,
        default_columns: bool = True,
    ) -> tuple[Target, ...]:
        """Give the items of a list parameter, or all items that ``default`` accepts."""
        if not self.has(name) and default is not None:
            fields = [Target(item) for item in self.form.fields.values() if default(item)]
            tables = self.form.tables.values() if default_columns else ()
            columns = [Target(item, table) for table in tables for item in table.columns if default(item)]
            return (*fields, *columns)
        found = [self._checked(name, self.find(name, address), wanted, what) for address in self.texts(name)]
        if len({target.address for target in found}) < len(found):
            raise SpecError("list_repeats", parameter=name)
        return tuple(found)

    def fields(
        self,
        name: str = "items",
        wanted: Wanted = any_item,
        what: str = "",
        default: Wanted | None = None,
    ) -> tuple[Target, ...]:
        """Give the fields of a list parameter; columns will not do."""
        found = self.targets(name, wanted, what, default, default_columns=False)
        for target in found:
            if target.table is not None:
                raise SpecError("item_type", parameter=name, value=target.address, wanted="field")
        return found

    def _checked(self, name: str, target: Target, wanted: Wanted, what: str) -> Target:
        if not wanted(target.item):
            raise SpecError(
                "item_type",
                parameter=name,
                value=target.address,
                wanted=what or _WORDS.get(wanted, "of_kind"),
            )
        return target

    def expression(
        self, name: str, source: str, table: Table | None = None, kind: Type | None = None
    ) -> Expression:
        """Compile an expression, over the rows of a table where one is given, and check what it gives."""
        try:
            expression = compile_expression(source, self.scope, table=table.id if table else None)
        except ExpressionError as error:
            params = {**error.params, "parameter": name}
            raise ExpressionError(error.code, error.position, **params) from error
        if kind is not None and expression.type is not kind:
            raise SpecError("expression_type", parameter=name, value=source, wanted=_KIND_NAMES[kind])
        return expression

    def condition(self, name: str, table: Table | None = None) -> Expression | None:
        """Compile an optional condition."""
        return self.expression(name, self.text(name), table, Type.BOOLEAN) if self.has(name) else None

    def operand(
        self, name: str, source: str, table: Table | None = None, kind: Type | None = Type.NUMBER
    ) -> Operand:
        """Give an item or an expression as an operand of the wanted type."""
        target = self._lookup(source.strip(), table) if _PLAIN.fullmatch(source.strip()) else None
        if target is not None and (target.table is None or target.table is table):
            operand = operand_of(target)
            if kind is not None and operand.type is not kind:
                raise SpecError("item_type", parameter=name, value=source, wanted=_KIND_NAMES[kind])
            return operand
        if target is not None:
            raise SpecError("other_table", parameter=name, value=source, wanted=table.id if table else "")
        expression = self.expression(name, source, table, kind)
        return Operand(
            self._label(source, table) or expression.describe(),
            expression.type,
            expression.reads,
            expression.evaluate_rows,
            None,
            expression.aggregates,
        )

    def _label(self, source: str, table: Table | None) -> str:
        """Give the item's name for ``zero(item)``: a part that may be left empty is still that part."""
        match = _ZERO_OF.fullmatch(source.strip())
        target = self._lookup(match["item"], table) if match else None
        return name_of(target.item) if target is not None else ""

    def operands(
        self, name: str, table: Table | None = None, kind: Type | None = Type.NUMBER
    ) -> tuple[Operand, ...]:
        """Give a list parameter of items and expressions."""
        return tuple(self.operand(name, source, table, kind) for source in self.texts(name))

    def stage(self, name: str) -> Stage:
        """Give the stage a parameter names."""
        value = self.text(name)
        for stage in self.programme.stages:
            if stage.id == value:
                return stage
        raise SpecError("unknown_stage", parameter=name, value=value)

    def evidence(self, name: str, default: Sequence[str]) -> tuple[str, ...]:
        """Give a list of evidence ids."""
        known = {kind.id for kind in self.programme.evidence}
        found = self.texts(name, default) if self.has(name) else tuple(default)
        for value in found:
            if value not in known:
                raise SpecError("unknown_evidence", parameter=name, value=value)
        return found
