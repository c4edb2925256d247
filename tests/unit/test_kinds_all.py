"""What holds for every check kind: findings, wording, refusals, exact readings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.model.draft import Attachment, Row
from app.model.finding import Finding, Gate, Severity
from app.model.form import Item
from app.model.programme import Programme
from app.model.value import Invalid, ItemType, Value
from app.rules.expression import ExpressionError
from app.rules.kinds import KINDS
from app.rules.kinds.prose_goals import PROSE
from app.rules.rule import Rule, SpecError
from app.rules.view import View
from tests.unit import (
    test_kinds_arithmetic,
    test_kinds_compare,
    test_kinds_completeness,
    test_kinds_dates,
    test_kinds_formats,
    test_kinds_indicators,
    test_kinds_names,
    test_kinds_prose,
    test_kinds_sizes,
)
from tests.unit.forms import Case, find, make_check, rules_of, run_rules, view_of
from tests.unit.kind_world import WORLD

MODULES = (
    test_kinds_completeness,
    test_kinds_dates,
    test_kinds_formats,
    test_kinds_names,
    test_kinds_arithmetic,
    test_kinds_compare,
    test_kinds_prose,
    test_kinds_sizes,
    test_kinds_indicators,
)
CASES: list[Case] = [case for module in MODULES for case in module.CASES]
REFUSED: list[tuple[str, dict[str, object], str]] = [entry for module in MODULES for entry in module.REFUSED]
MESSAGES = Path(__file__).parents[2] / "resources" / "messages"
WORDING: dict[str, dict[str, str]] = tomllib.loads((MESSAGES / "findings.toml").read_text(encoding="utf-8"))
CHECKS: dict[str, object] = tomllib.loads((MESSAGES / "checks.toml").read_text(encoding="utf-8"))
REPORTS_ONLY = frozenset(PROSE)
"""Kinds that read written reports only: ``test_prose_goals`` holds that each of their wordings is said."""
SLOT = re.compile(r"\{([a-z_]+)\}")


def name_of(case: Case) -> str:
    return f"{case.kind}-{'-'.join(case.found) or 'silent'}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_finds_exactly_this(case: Case) -> None:
    """checks.md A: each kind fires, keeps silent, and keeps silent where nothing can be decided."""
    found = find(case, WORLD)
    assert {finding.path: finding.message for finding in found} == case.found
    assert len(found) == len(case.found)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_wording_is_complete(case: Case) -> None:
    """seed 000 §四: every finding has a Chinese wording with all its slots filled."""
    for finding in find(case, WORLD):
        kind, variant = finding.message.split(".")
        text = WORDING[kind][variant]
        assert set(SLOT.findall(text)) <= finding.params.keys()
        shown = text.format_map(finding.params)
        assert "{" not in shown
        assert "None" not in shown
        assert shown.endswith("。")


def test_no_wording_is_unused() -> None:
    """Every entry of findings.toml is the wording of some finding, and every kind fires in a case."""
    said = {message for case in CASES for message in case.found.values()}
    words = {kind: variants for kind, variants in WORDING.items() if kind not in REPORTS_ONLY}
    assert said == {f"{kind}.{variant}" for kind, variants in words.items() for variant in variants}
    assert {case.kind for case in CASES} == set(KINDS) == set(words)


@pytest.mark.parametrize("kind", sorted(WORDING))
def test_wording_is_plain_chinese(kind: str) -> None:
    """People see short Chinese sentences: no Latin words but the letters a code lacks, no exclamation."""
    for text in WORDING[kind].values():
        plain = SLOT.sub("", text).replace("没有 I、O、S、V、Z", "")
        assert not re.search("[A-Za-z!！]", plain)
        assert len(text) <= 110


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.found and case.kind != "thresholds_met"], ids=name_of
)
def test_silent_kinds_have_a_firing_case(case: Case) -> None:
    """A kind that only keeps silent would prove nothing."""
    assert any(other.found for other in CASES if other.kind == case.kind)


@pytest.mark.parametrize(
    ("kind", "params", "code"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_refuses_a_wrong_check(kind: str, params: dict[str, object], code: str) -> None:
    """A defect of checks.toml is named by code and parameter, in words (CONVENTIONS: every defect named)."""
    with pytest.raises(SpecError) as caught:
        rules_of(WORLD, make_check(kind, params))
    assert caught.value.code == code
    assert caught.value.params["parameter"]
    wording = str(CHECKS[code])
    wanted = CHECKS["wanted"]
    assert isinstance(wanted, dict)
    assert set(SLOT.findall(wording)) <= caught.value.params.keys()
    assert caught.value.params.get("wanted", "text") in wanted or code == "other_table"


def test_every_kind_refuses_something() -> None:
    """Each kind has a refused check, and each wording of checks.toml but the loader's is used."""
    assert {kind for kind, _, _ in REFUSED} == set(KINDS)
    elsewhere = {"wanted", "unknown_kind", "unknown_table", "notice_without_date"}
    assert {code for _, _, code in REFUSED} | elsewhere == set(CHECKS) | {"unknown_table"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_unknown_parameters_are_refused(kind: str) -> None:
    """A misspelt parameter is never silently ignored."""
    params = dict.fromkeys(KINDS[kind].required, "x")
    with pytest.raises(SpecError) as caught:
        rules_of(WORLD, make_check(kind, {**params, "surplus": 1}))
    assert (caught.value.code, caught.value.params["parameter"]) == ("parameter_unknown", "surplus")


def test_mistakes_in_expressions_name_the_parameter() -> None:
    """The place in the expression and the parameter are both told."""
    with pytest.raises(ExpressionError) as caught:
        rules_of(WORLD, make_check("assert", {"expression": "n1 > nowhere", "item": "n1"}))
    assert (caught.value.params["parameter"], caught.value.position) == ("expression", 6)
    params = {"item": "n1", "table": "t1", "condition": "n > nowhere"}
    with pytest.raises(ExpressionError) as caught:
        rules_of(WORLD, make_check("rows_equal", params))
    assert (caught.value.params["parameter"], caught.value.position) == ("condition", 5)


def test_a_notice_without_date_cannot_be_late() -> None:
    """DAT-03 needs the notice's date."""
    with pytest.raises(SpecError) as caught:
        rules_of(replace(WORLD, notice_date=None), make_check("notice_late", {"stage": "fill"}))
    assert caught.value.code == "notice_without_date"


def test_findings_carry_the_checks_settings() -> None:
    """Severity, gates, blocking and an own wording come from checks.toml."""
    spec = make_check(
        "range", {"items": ["n1"], "most": 1}, message="{label}太大", severity=Severity.WARNING,
        gates=frozenset({Gate.PRINT}), blocks=True, code="MAG-02",
    )  # fmt: skip
    case = Case("range", values={"n1": 2})
    finding = run_rules(rules_of(WORLD, spec), view_of(WORLD, case))[0]
    assert finding.message == "={label}太大"
    assert (finding.code, finding.severity, finding.blocks) == ("MAG-02", Severity.WARNING, True)
    assert finding.gates == frozenset({Gate.PRINT})
    assert finding.key == "MAG-02@n1"


# ------------------------------------------------------------------------------------------- readings


def other_values(item: Item) -> list[Value]:
    """Give values of an item's type and others, so that whatever looks at the item would notice."""
    if item.type in (ItemType.INTEGER, ItemType.DECIMAL, ItemType.MONEY, ItemType.PERCENT):
        kind = int if item.type is ItemType.INTEGER else Decimal
        return [kind(0), kind(7), kind(10**9), Invalid("１２")]
    if item.type is ItemType.DATE:
        return [date(1900, 1, 1), date(2022, 6, 1), date(2050, 1, 1), Invalid("昨")]
    if item.type is ItemType.YES_NO:
        return [True, False]
    if item.type is ItemType.CHOICE:
        return [*item.choices, "nowhere"]
    if item.type is ItemType.MULTI_CHOICE:
        return [(), ("nowhere",)]
    return ["甲公司", "（乱码????XX", "甲" * 70]


def field_changes(view: View, rules: Iterable[Rule]) -> Iterable[View]:
    read = {name for rule in rules for name in rule.reads.fields}
    for item in view.programme.form.fields.values():
        if item.id in read:
            continue
        for value in other_values(item):
            yield replace(view, values={**view.values, item.id: value})
        yield replace(view, values={key: value for key, value in view.values.items() if key != item.id})
        yield replace(view, hidden=view.hidden ^ {item.id})


def cell_changes(view: View, rules: Iterable[Rule]) -> Iterable[View]:
    read = {column for rule in rules for column in rule.reads.columns}
    for table in view.programme.form.tables.values():
        rows = view.rows(table.id)
        for column in table.columns:
            if (table.id, column.id) in read:
                continue
            for value in other_values(column):
                changed = tuple(Row(row.id, {**row.cells, column.id: value}) for row in rows)
                yield replace(view, tables={**view.tables, table.id: changed})
        if not any(table_id == table.id for table_id, _ in read):
            yield replace(view, tables={**view.tables, table.id: (*rows, Row("new", {}))})
            yield replace(view, tables={**view.tables, table.id: ()})


def part_changes(view: View, rules: Iterable[Rule]) -> Iterable[View]:
    read = {part for rule in rules for part in rule.reads.parts}
    numbers: dict[str, Value] = {"n1": 1, "n2": 10**6, "n3": 0, "m1": Decimal(3)}
    answers, context = view.answers, view.context
    if "previous" not in read:
        yield replace(view, answers=replace(answers, previous=numbers))
    if "torch" not in read:
        yield replace(view, answers=replace(answers, torch=numbers))
    if "previous_grade" not in read:
        yield replace(view, answers=replace(answers, previous_grade="不合格"))
    if "attachments" not in read:
        linked = (Attachment("新.pdf", "cc", 1, ("01", "02", "n1", "t1/r1")), Attachment("空.pdf", "dd", 1))
        yield replace(view, answers=replace(answers, attachments=linked))
        yield replace(view, answers=replace(answers, attachments=()))
    if "now" not in read:
        yield replace(view, context=replace(context, now=context.now + timedelta(days=400)))
        yield replace(view, context=replace(context, now=context.now - timedelta(days=400)))
    if "context" not in read:
        everything = replace(
            context,
            missing_glyphs=lambda text: text[:1],
            broken_files={"aa": "missing"},
            file_faults={"aa": "type"},
            other_reports={"别的": frozenset({"甲公司", "天山众创空间", "乙公司"})},
            change_threshold=Decimal(0),
            change_least=Decimal(0),
            last_saved=context.now + timedelta(days=1),
            events=(),
            edited_after_torch=frozenset({"n1", "n2"}),
        )
        yield replace(view, context=everything)
    yield replace(view, answers=replace(answers, reasons={"TST-01@n1": "已核"}))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_readings_are_complete(case: Case) -> None:
    """Nothing a rule does not declare can change what it finds: an edit elsewhere needs no new check."""
    programme: Programme = case.programme or WORLD
    rules = rules_of(programme, make_check(case.kind, case.params))
    view = view_of(programme, case)
    for rule in rules:
        before: list[Finding] = run_rules([rule], view)
        for changes in (field_changes, cell_changes, part_changes):
            for changed in changes(view, [rule]):
                assert run_rules([rule], changed) == before


@pytest.mark.parametrize("case", [case for case in CASES if case.tables], ids=name_of)
def test_rows_are_judged_by_themselves(case: Case) -> None:
    """A row rule finds the same in each row alone as in all rows together."""
    programme = case.programme or WORLD
    view = view_of(programme, case)
    for rule in rules_of(programme, make_check(case.kind, case.params)):
        if rule.run_rows is None:
            assert rule.run is not None
            continue
        rows = view.rows(rule.table)
        together = list(rule.run_rows(view, rows))
        alone = [found for row in rows for found in rule.run_rows(view, [row])]
        assert sorted(map(repr, together)) == sorted(map(repr, alone))
        assert all(finding.path.split("/")[:2] == [rule.table, row_id] for row_id, finding in together)


@pytest.mark.parametrize("case", [case for case in CASES if case.found and not case.context], ids=name_of)
def test_answers_are_left_alone(case: Case) -> None:
    """Kinds look only; running twice gives the same."""
    programme = case.programme or WORLD
    view = view_of(programme, case)
    rules = rules_of(programme, make_check(case.kind, case.params))
    assert run_rules(rules, view) == run_rules(rules, view)
    assert view == view_of(programme, case)
