"""A compiled check: what it reads and how it is run.

A form rule runs once over the whole view.  A row rule runs over any selection of one table's rows and
reads nothing but those rows and the scalars it declares, so that after an edit only the edited rows
are looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from app.model.draft import Row
from app.model.finding import Finding
from app.model.form import Item, Table
from app.model.programme import CheckSpec, Programme
from app.rules.view import View


@dataclass(frozen=True, slots=True)
class Reads:
    """What a rule reads.  A rule is run again only when something it reads has changed.

    ``columns`` holds ``(table id, column id)``; ``("t1", "*")`` means the number, order or existence of
    rows.  ``parts`` names other parts of the draft or context: ``previous``, ``previous_grade``,
    ``torch``, ``attachments``, ``reasons``, ``now``, ``context``, ``all`` (run at every change).
    """

    fields: frozenset[str] = frozenset()
    columns: frozenset[tuple[str, str]] = frozenset()
    parts: frozenset[str] = frozenset()

    def __or__(self, other: Reads) -> Reads:
        """Give what either reads."""
        return Reads(self.fields | other.fields, self.columns | other.columns, self.parts | other.parts)


FormRun: TypeAlias = Callable[[View], Sequence[Finding]]
RowsRun: TypeAlias = Callable[[View, Sequence[Row]], Sequence[tuple[str, Finding]]]
"""Gives (row id, finding) for the rows handed in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A check ready to run: exactly one of ``run`` and ``run_rows`` is set."""

    code: str
    reads: Reads
    run: FormRun | None = None
    run_rows: RowsRun | None = None
    table: str = ""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the findings of one check: code, severity, gates and wording come from its spec."""

    spec: CheckSpec

    def __call__(self, path: str, message: str, **params: str) -> Finding:
        """Give a finding at a path; the spec's own wording wins over the kind's message name."""
        spec = self.spec
        wording = f"={spec.message}" if spec.message else message
        return Finding(spec.code, spec.severity, path, wording, params, spec.gates, spec.blocks)


class SpecError(Exception):
    """A check in a programme folder cannot be compiled: ``code`` plus what is wrong, where.

    The programme loader turns it into an ``AppError`` that names file, check and parameter.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Kind:
    """A check kind: its name, its parameters and how a spec of it becomes rules.

    ``required``/``optional`` name the parameters; anything else in a spec is a defect.
    """

    name: str
    required: frozenset[str]
    optional: frozenset[str]
    compile: Callable[[Programme, CheckSpec], Sequence[Rule]]


Kinds: TypeAlias = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Target:
    """An item a check names: a field (``table`` None) or a column of a table."""

    item: Item
    table: Table | None = None

    @property
    def address(self) -> str:
        """Give ``field`` or ``table.column``."""
        return f"{self.table.id}.{self.item.id}" if self.table else self.item.id


@dataclass(frozen=True, slots=True)
class Compiled:
    """All rules of a programme, in the order of its checks."""

    rules: tuple[Rule, ...] = field(default_factory=tuple)
