"""Small programmes, answers and views for tests, and the runner for cases of check kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.clock import BEIJING
from app.model.draft import Answers, Attachment, Row
from app.model.finding import Finding, Gate, Severity
from app.model.form import Form, Item, Section, Table
from app.model.packet import PacketSpec
from app.model.programme import CheckSpec, Programme, UploadTarget
from app.model.value import ItemType, Value
from app.rules.checker import compile_spec
from app.rules.rule import Rule
from app.rules.view import Context, View

NOW = datetime(2023, 1, 3, 9, 0, tzinfo=BEIJING)
"""A Tuesday morning within the filling time of the 2022 round."""


def make_item(item_id: str, kind: str = "integer", label: str = "", **more: Any) -> Item:
    """Give an item; the label says its id where none is given, the number is made of it."""
    return Item(
        item_id, label or f"项{item_id}", ItemType(kind), number=more.pop("number", item_id.upper()), **more
    )


def make_table(table_id: str, *columns: Item, **more: Any) -> Table:
    """Give a table."""
    return Table(table_id, table_id.upper(), more.pop("label", f"附表{table_id}"), columns, **more)


def make_programme(
    fields: Sequence[Item] = (), tables: Sequence[Table] = (), checks: Sequence[CheckSpec] = (), **more: Any
) -> Programme:
    """Give a programme with one section; other parts by name."""
    form = Form(
        (Section("s", "一", "部分", tuple(fields), tuple(t.id for t in tables)),), {t.id: t for t in tables}
    )
    standard: dict[str, Any] = {
        "id": "test",
        "form_version": 1,
        "notice_revision": 1,
        "title": "2022年度绩效评价自评报告",
        "short_title": "自评报告",
        "issuer": "科技厅",
        "report_year": 2022,
        "period_start": date(2022, 1, 1),
        "period_end": date(2022, 12, 20),
        "unit_kind": "makerspace",
        "stages": (),
        "packet": PacketSpec((), 2, "胶装"),
        "upload": UploadTarget("平台", "", ""),
    }
    return Programme(form=form, checks=tuple(checks), **{**standard, **more})


def make_check(kind: str, params: Mapping[str, object] | None = None, **more: Any) -> CheckSpec:
    """Give a check of a kind."""
    return CheckSpec(
        more.pop("code", "TST-01"),
        kind,
        more.pop("severity", Severity.ERROR),
        more.pop("gates", frozenset({Gate.FILL})),
        params or {},
        **more,
    )


def make_rows(cells: Iterable[Mapping[str, Value]]) -> tuple[Row, ...]:
    """Give rows r1, r2 …"""
    return tuple(Row(f"r{number}", dict(entry)) for number, entry in enumerate(cells, 1))


@dataclass(frozen=True)
class Case:
    """A check on some answers and what it must find: ``path`` -> message name."""

    kind: str
    params: Mapping[str, object] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    previous: Mapping[str, Value] = field(default_factory=dict)
    torch: Mapping[str, Value] = field(default_factory=dict)
    previous_grade: str = ""
    attachments: Sequence[Attachment] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    programme: Programme | None = None


def rules_of(programme: Programme, spec: CheckSpec) -> list[Rule]:
    """Compile one check as the checker does."""
    return [bound.rule for bound in compile_spec(programme, spec)]


def view_of(programme: Programme, case: Case) -> View:
    """Give the view of a case; nothing is calculated."""
    tables = {table_id: make_rows(rows) for table_id, rows in case.tables.items()}
    answers = Answers(
        case.values,
        tables,
        previous=case.previous,
        torch=case.torch,
        previous_grade=case.previous_grade,
        attachments=tuple(case.attachments),
    )
    context = Context(**{"now": NOW, **case.context})
    return View(programme, answers, context, case.values, tables, case.hidden)


def run_rules(rules: Iterable[Rule], view: View) -> list[Finding]:
    """Run rules over the whole view."""
    found: list[Finding] = []
    for rule in rules:
        if rule.run is not None:
            found.extend(rule.run(view))
        else:
            assert rule.run_rows is not None
            found.extend(finding for _, finding in rule.run_rows(view, view.rows(rule.table)))
    return found


def find(case: Case, programme: Programme) -> list[Finding]:
    """Give what the check of a case finds."""
    programme = case.programme or programme
    spec = make_check(case.kind, case.params)
    return run_rules(rules_of(programme, spec), view_of(programme, case))
