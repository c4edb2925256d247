"""A report's own form: renamed, reordered, left out, added to (issue 3, 首页); pure parts and the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import BEIJING
from app.errors import UsageError
from app.model.answers import read_answers, write_answers
from app.model.draft import Answers, Draft, Path, Row
from app.model.edit import apply_edits, diff, invert
from app.model.finding import Gate, Severity
from app.model.fingerprint import canonical_content, draft_fingerprint, read_content
from app.model.form import Form
from app.model.form_changes import (
    NO_CHANGES,
    FormChanges,
    OwnField,
    dump_changes,
    load_changes,
    programme_with,
    tidy_changes,
    with_changes,
)
from app.model.programme import CheckSpec
from app.model.value import ItemType
from app.rules.checker import Checker, check, compile_checks, open_findings
from app.rules.view import Context
from app.services.carrying import carry_answers
from app.services.session import DraftSession
from app.store import open_store
from app.store.drafts import Drafts
from tests.unit.forms import make_item, make_programme, make_table

NOW = datetime(2022, 12, 28, 9, 0, tzinfo=BEIJING)
FIELDS = (
    make_item("a1", "text", "名称", required="true"),
    make_item("a2", "integer", "人数"),
    make_item("a3", "integer", "合计", calculate="a2 + 1"),
    make_item("a4", "text", "说明", required="a2 > 3"),
)
TABLE = make_table(
    "t1",
    make_item("name", "text", "企业"),
    make_item("boss", "text", "负责人", required="true"),
    make_item("note", "text", "备注"),
    label="清单",
    key=("name",),
)
CHECKS = (
    CheckSpec("CMP-01", "required", Severity.ERROR, frozenset({Gate.SEAL}), {}),
    CheckSpec(
        "LOG-01", "assert", Severity.ERROR, frozenset({Gate.SEAL}), {"expression": "a2 > 5", "item": "a2"}
    ),
)
PROGRAMME = make_programme(FIELDS, (TABLE,), CHECKS)
FORM = PROGRAMME.form
OWN = OwnField("own-1", "s", "宿舍床位", ItemType.INTEGER, "张", True)
CHANGES = FormChanges(
    {"a1": "单位名称", "t1.name": "入驻企业"},
    {"s": ("a2", "own-1", "a1", "a3", "a4")},
    frozenset({"a2"}),
    (OWN,),
)
ANSWERS = Answers(
    {"a1": "天山", "a2": 9, "own-1": 40}, {"t1": (Row("r1", {"name": "甲"}),)}, form_changes=CHANGES
)


def found(answers: Answers) -> dict[str, str]:
    programme = programme_with(PROGRAMME, answers.form_changes)
    return {one.code: one.path for one in check(compile_checks(programme), answers, Context(NOW))}


def test_the_overlay_names_places_leaves_out_and_adds() -> None:
    """Issue 3, 首页: rename, reorder, hide, add; official numbers stay."""
    form = with_changes(FORM, CHANGES)
    assert [item.id for item in form.sections[0].fields] == ["a2", "own-1", "a1", "a3", "a4"]
    assert (form.fields["a1"].label, form.fields["a1"].number) == ("单位名称", "A1")
    assert form.tables["t1"].columns[0].label == "入驻企业"
    assert form.fields["a2"].relevant == "false"
    own = form.fields["own-1"]
    assert (own.label, own.type, own.unit, own.required) == ("宿舍床位", ItemType.INTEGER, "张", "true")
    assert own.compared
    assert with_changes(form, CHANGES) is form
    assert with_changes(form, NO_CHANGES) is FORM
    assert with_changes(FORM, NO_CHANGES) is FORM
    assert FORM.fields["a1"].label == "名称"


def test_names_of_things_that_are_not_there_do_no_harm() -> None:
    """A newer form version may have lost items; the overlay passes over them."""
    odd = FormChanges({"zz": "x"}, {"s": ("zz", "a2"), "gone": ("q",)}, frozenset({"zz"}), ())
    assert [item.id for item in with_changes(FORM, odd).sections[0].fields] == ["a2", "a1", "a3", "a4"]
    lost = FormChanges(added=(replace(OWN, section="gone"),))
    assert "own-1" not in with_changes(FORM, lost).fields


def test_what_changes_nothing_is_no_change() -> None:
    """A form put back as it was gives the fingerprint it had."""
    back = FormChanges(
        {"a1": "名称", "a2": "", "nowhere": "x", "t1": "清单"},
        {"s": ("a1", "a2", "a3", "a4")},
        frozenset({"nowhere"}),
    )
    assert tidy_changes(back, FORM) == NO_CHANGES
    assert not tidy_changes(back, FORM)
    assert tidy_changes(CHANGES, with_changes(FORM, CHANGES)) == CHANGES
    partial = tidy_changes(replace(CHANGES, order={"s": ("a4", "a4")}), FORM)
    assert partial.order == {"s": ("a4", "a1", "a2", "a3", "own-1")}


KEYS = st.sampled_from(["a1", "a2", "a3", "a4", "t1", "t1.name", "s", "own-1", "own-2", "zz"])
OWNS = st.builds(
    OwnField,
    st.sampled_from(["own-1", "own-2"]),
    st.sampled_from(["s", "gone"]),
    st.text("名单位", min_size=1, max_size=4),
    st.sampled_from(list(ItemType)),
    st.sampled_from(["", "万元", "个"]),
    st.booleans(),
    st.dictionaries(st.sampled_from(["o1", "o2"]), st.text("甲乙", min_size=1, max_size=2), max_size=2),
)
ALL_CHANGES = st.builds(
    FormChanges,
    st.dictionaries(KEYS, st.text("名称甲", max_size=3), max_size=4),
    st.dictionaries(st.sampled_from(["s", "gone"]), st.lists(KEYS, max_size=6).map(tuple), max_size=2),
    st.frozensets(KEYS, max_size=4),
    st.lists(OWNS, max_size=2, unique_by=lambda own: own.id).map(tuple),
)


@given(ALL_CHANGES)
def test_any_overlay_can_be_applied_stored_and_checked(changes: FormChanges) -> None:
    """Checks that name a left-out item stay undecided; nothing an overlay says can break a report."""
    assert load_changes(json.loads(json.dumps(dump_changes(changes)))) == changes
    tidy = tidy_changes(changes, FORM)
    assert tidy_changes(tidy, FORM) == tidy
    answers = Answers({"a1": "天山", "a2": 9}, ANSWERS.tables, form_changes=changes)
    found(answers)
    content = canonical_content(Draft("D", "p", 1, answers), FORM)
    assert read_content(content, FORM, "D").answers.form_changes == changes


@pytest.mark.parametrize("bad", ["a1", "own-1/x", "OWN-1"])
def test_an_added_item_never_takes_an_official_id(bad: str) -> None:
    """The overlay of a foreign bundle cannot put its own item in an official one's place."""
    raw = dump_changes(FormChanges(added=(replace(OWN, id=bad),)))
    with pytest.raises(ValueError, match=bad):
        load_changes(raw)


@pytest.mark.parametrize("label", ["两\n行", "名\x07称", " 前后 ", "长" * 201])
def test_a_foreign_overlay_brings_no_name_that_cannot_be_printed(label: str) -> None:
    """A bundle from elsewhere cannot break the layout or hide control characters in a name."""
    for changes in (FormChanges({"a1": label}), FormChanges(added=(replace(OWN, label=label),))):
        with pytest.raises(ValueError, match=r"(?s).*"):
            load_changes(dump_changes(changes))


def test_the_fingerprint_counts_changes_and_only_where_there_are_any() -> None:
    """Reports without changes keep their 校验码 byte for byte; the content brings its own form along."""
    plain = Draft("D", "p", 1, replace(ANSWERS, values={"a1": "天山"}, form_changes=NO_CHANGES))
    assert b"form_changes" not in canonical_content(plain, FORM)
    assert b"unconfirmed" not in canonical_content(
        replace(plain, answers=replace(plain.answers, unconfirmed=frozenset({"a1"}))), FORM
    )
    draft = Draft("D", "p", 1, ANSWERS)
    changed = with_changes(FORM, CHANGES)
    content = canonical_content(draft, FORM)
    assert content == canonical_content(draft, changed)
    assert draft_fingerprint(draft, FORM) != draft_fingerprint(
        replace(draft, answers=replace(ANSWERS, form_changes=NO_CHANGES)), FORM
    )
    for form in (FORM, changed, with_changes(FORM, FormChanges(hidden=frozenset({"a1"})))):
        back = read_content(content, form, "D").answers
        assert (back.form_changes, back.values) == (CHANGES, ANSWERS.values)


def test_checks_of_a_left_out_item_stay_undecided_and_the_leaving_out_is_told() -> None:
    """A required item that is hidden is a warning that can be answered in writing; nothing crashes."""
    whole = replace(ANSWERS, values={"a1": "天山", "a2": 3, "own-1": 40}, form_changes=NO_CHANGES)
    assert found(whole) == {"LOG-01": "a2"}
    assert found(replace(whole, form_changes=FormChanges(hidden=frozenset({"a2"})))) == {}
    hidden = FormChanges(hidden=frozenset({"a1", "a3", "t1"}))
    answers = replace(whole, values={"a2": 9, "a4": "无"}, form_changes=hidden)
    findings = check(compile_checks(programme_with(PROGRAMME, hidden)), answers, Context(NOW))
    assert [(one.code, one.path, one.message) for one in findings] == [
        ("FRM-01", "a1", "own_form.left_out"),
        ("FRM-01", "t1", "own_form.table_left_out"),
    ]
    assert {one.params.get("label") or one.params["table"] for one in findings} == {"A1 名称", "T1 清单"}
    reasons = {one.key: "本事项不涉及" for one in findings}
    assert open_findings(findings, replace(answers, reasons=reasons), Gate.SEAL) == []


def test_a_conditionally_required_item_counts_only_while_its_condition_holds() -> None:
    """``required`` may be an expression; leaving the item out is told only where it would be asked."""
    hidden = FormChanges(hidden=frozenset({"a4"}))
    assert "FRM-01" not in found(Answers({"a1": "天山", "a2": 2}, form_changes=hidden))
    assert found(Answers({"a1": "天山", "a2": 8}, form_changes=hidden)) == {"FRM-01": "a4"}


def test_a_column_can_be_left_out_but_for_what_tells_rows_apart() -> None:
    """Checks see no cell of it, tables show it no more, required ones are told once a table."""
    hidden = FormChanges(hidden=frozenset({"t1.boss", "t1.note", "t1.name"}))
    table = with_changes(FORM, hidden).tables["t1"]
    assert [column.id for column in table.columns] == ["name", "boss", "note"]
    assert [column.id for column in table.shown.columns] == ["name"]
    assert FORM.tables["t1"].shown is FORM.tables["t1"]
    assert tidy_changes(hidden, FORM).hidden == {"t1.boss", "t1.note"}
    rows = (Row("r1", {"name": "甲", "boss": "王"}),)
    answers = Answers({"a1": "天山", "a2": 9, "a4": "无"}, {"t1": rows}, form_changes=hidden)
    findings = check(compile_checks(programme_with(PROGRAMME, hidden)), answers, Context(NOW))
    assert [(one.code, one.path, one.params["columns"]) for one in findings] == [
        ("FRM-01", "t1", "「BOSS 负责人」")
    ]
    assert found(replace(answers, tables={})) == {}
    optional = FormChanges(hidden=frozenset({"t1.note"}))
    assert found(replace(answers, form_changes=optional)) == {}


def test_what_is_counted_in_a_left_out_table_is_undecided() -> None:
    """Nothing is counted where nothing is asked: no false 0 on paper, no finding about hidden rows."""
    fields = (
        make_item("n", "integer", "企业数"),
        make_item("m", "integer", "人数"),
        make_item("c", "integer", "清单数", calculate="count(t1)"),
        make_item("d", "text", "说明", relevant="count(t1) > 5"),
    )
    table = make_table(
        "t1", make_item("name", "text", "企业"), make_item("p", "integer", "人数"), key=("name",)
    )
    checks = (
        CheckSpec("A-01", "rows_equal", Severity.ERROR, frozenset(Gate), {"item": "n", "table": "t1"}),
        CheckSpec(
            "A-02", "column_sum_equals", Severity.ERROR, frozenset(Gate), {"item": "m", "column": "t1.p"}
        ),
        CheckSpec("A-03", "rows_least", Severity.ERROR, frozenset(Gate), {"table": "t1", "least": 3}),
        CheckSpec(
            "A-04", "assert", Severity.ERROR, frozenset(Gate), {"expression": "n = count(t1)", "item": "n"}
        ),
    )
    programme = make_programme(fields, (table,), checks)
    answers = Answers({"n": 5, "m": 9, "d": "无"}, {"t1": (Row("r1", {"name": "甲", "p": 4}),)})

    def codes(hidden: str) -> tuple[set[str], dict[str, object]]:
        changes = FormChanges(hidden=frozenset({hidden} - {""}))
        own = programme_with(programme, changes)
        checker = Checker(compile_checks(own))
        findings = checker.check(replace(answers, form_changes=changes), Context(NOW))
        assert checker.view is not None
        return {one.code for one in findings}, dict(checker.view.values)

    found_whole, values = codes("")
    assert (found_whole, values["c"], "d" in values) == ({"A-01", "A-02", "A-03", "A-04"}, 1, False)
    found_table, values = codes("t1")
    assert (found_table, "c" in values, values["d"]) == ({"FRM-01"}, False, "无")
    found_column, values = codes("t1.p")
    assert (found_column, values["c"]) == ({"A-01", "A-03", "A-04"}, 1)


def test_an_added_item_is_checked_like_any_other() -> None:
    """Issue 3: added items appear in checks: required, and the value's own type."""
    answers = replace(ANSWERS, values={"a1": "天山", "a2": 9}, form_changes=FormChanges(added=(OWN,)))
    assert found(answers) == {"CMP-01": "own-1"}


def test_changes_are_edits_that_can_be_taken_back() -> None:
    """One undo step; a diff finds it, its inverse takes it away."""
    old = replace(ANSWERS, form_changes=NO_CHANGES, unconfirmed=frozenset({"a1"}))
    new = replace(ANSWERS, unconfirmed=frozenset({"t1.name"}))
    edits = diff(old, new)
    assert apply_edits(old, edits) == new
    assert apply_edits(new, [invert(one) for one in reversed(edits)]) == old


@contextmanager
def store(folder: FilePath) -> Iterator[Drafts]:
    with open_store(folder, clock=lambda: NOW) as opened:
        yield opened.drafts


def form_of(_programme: str, _version: int) -> Form:
    return FORM


def test_the_store_keeps_changes_journal_and_undo(tmp_path: FilePath) -> None:
    """Own answers are read with the report's own form; undo brings a removed field's answer back typed."""
    start = Answers({"a1": "天山"})
    with store(tmp_path) as drafts:
        drafts.create(Draft("DRAFT22222", "p", 1, start), FORM, "报告")
        session = DraftSession(
            PROGRAMME, drafts.get("DRAFT22222", form_of), compile_checks(PROGRAMME), lambda _: Context(NOW)
        )
        session.change(replace(start, form_changes=CHANGES), "调整表单")
        assert session.form_is_outdated
        session.reform(compile_checks(session.next_programme()))
        assert not session.form_is_outdated
        session.set_value(Path("own-1"), 40, "填")
        removed = replace(session.answers, form_changes=NO_CHANGES, values={"a1": "天山"})
        session.change(removed, "调整表单")
        for step in session.take_unsaved():
            drafts.apply("DRAFT22222", step.edits, group=step.group, expected_revision=step.revision)
        assert drafts.get("DRAFT22222", form_of).answers == removed
        drafts.checkpoint("DRAFT22222")
    with store(tmp_path) as drafts:
        draft = drafts.get("DRAFT22222", form_of)
        again = DraftSession(PROGRAMME, draft, compile_checks(PROGRAMME), lambda _: Context(NOW))
        entries = drafts.history("DRAFT22222", FORM)
        again.remember(
            (one.group, tuple(e.edit for e in entries if e.group == one.group))
            for one in {e.group: e for e in entries}.values()
        )
        again.undo()
        assert again.form_is_outdated
        assert again.answers.form_changes == CHANGES
        assert again.answers.values["own-1"] == 40
        for step in again.take_unsaved():
            drafts.apply("DRAFT22222", step.edits, group=step.group, expected_revision=step.revision)
        drafts.checkpoint("DRAFT22222")
        back = drafts.get("DRAFT22222", form_of).answers
        assert (back.form_changes, back.values["own-1"]) == (CHANGES, 40)


def test_answers_documents_carry_the_form_along() -> None:
    """What is written out can be read in again with the programme's form alone."""
    answers = replace(ANSWERS, unconfirmed=frozenset({"a1", "t1.name"}))
    document = json.loads(json.dumps(write_answers("p", answers, FORM)))
    assert read_answers(document, FORM, "x.json") == answers
    assert "form_changes" not in write_answers("p", Answers(), FORM)
    odd: tuple[object, ...] = ({"labels": {}}, {"added": [{}]}, 3)
    for broken in odd:
        with pytest.raises(UsageError):
            read_answers({"form_changes": broken}, FORM, "x.json")
    with pytest.raises(UsageError):
        read_answers({"unconfirmed": ["zz"]}, FORM, "x.json")


def test_carrying_to_a_newer_form_keeps_own_items() -> None:
    """A newer form version must not lose what the clerk added."""
    carried, told = carry_answers(ANSWERS, FORM, make_programme(FIELDS[:2], (TABLE,)).form)
    assert (carried.values, told.lost) == ({"a1": "天山", "a2": 9, "own-1": 40}, ())


def test_an_edit_confirms_what_was_taken_over() -> None:
    """Renewal with «confirm»: a warning until a click or an edit; the click is one undo step."""
    start = Answers(
        {"a1": "天山", "a2": 9, "a4": "无"},
        {"t1": (Row("r1", {"name": "甲"}),)},
        unconfirmed=frozenset({"a1", "t1.name"}),
    )
    draft = Draft("D", "p", 1, start)
    session = DraftSession(PROGRAMME, draft, compile_checks(PROGRAMME), lambda _: Context(NOW))
    assert [(one.code, one.path) for one in session.findings] == [("FRM-02", "a1"), ("FRM-02", "t1")]
    assert session.findings[1].params["columns"] == "「企业」"
    session.set_value(Path("a2"), 10, "填")
    assert session.answers.unconfirmed == {"a1", "t1.name"}
    session.set_value(Path("a1"), "天池", "填")
    assert session.answers.unconfirmed == {"t1.name"}
    session.change(replace(session.answers, tables={"t1": (Row("n1", {"name": "乙"}),)}), "粘贴")
    assert session.answers.unconfirmed == frozenset()
    session.undo()
    assert session.answers.unconfirmed == {"t1.name"}
    session.change(replace(session.answers, unconfirmed=frozenset()), "确认")
    assert session.findings == ()
    session.undo()
    session.undo()
    assert session.answers.values["a1"] == "天山"
    assert session.answers.unconfirmed == {"a1", "t1.name"}
