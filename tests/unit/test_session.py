"""The open draft: edits, bursts, undo, redo, findings; undo survives a restart through the real journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clock import BEIJING
from app.model.draft import Answers, Attachment, Draft, Path, Row, with_reason, with_rows
from app.model.form import Form
from app.model.value import Invalid, Value
from app.rules.checker import CheckSet, check, compile_checks
from app.rules.view import Context
from app.services.session import DraftSession
from app.store import Store, open_store
from app.store.drafts import new_draft_id
from tests.adapters.store_world import TickingClock
from tests.unit.forms import make_check
from tests.unit.kind_world import WORLD

CONTEXT = Context(now=datetime(2022, 12, 1, 9, tzinfo=BEIJING))
PROGRAMME = replace(
    WORLD,
    checks=(
        make_check("required"),
        make_check("change_explained"),
        make_check("value_valid"),
        make_check("text_short", {"items": ["story"]}),
    ),
)

FIELD_VALUES: dict[str, list[Value | None]] = {
    "n1": [1, 20, Invalid("二十"), None],
    "n2": [3, None],
    "n3": [0, 5, None],
    "m1": [Decimal(2715000), Decimal(0), None],
    "name": ["甲", "众创空间/一号", None],
    "yes": [True, False, None],
    "story": ["短", "足够长的一段主要做法的说明文字", None],
}


@dataclass(frozen=True)
class Act:
    kind: str
    key: str = ""
    value: Value | None = None
    burst: str = ""


def _sets() -> st.SearchStrategy[Act]:
    def build(key: str) -> st.SearchStrategy[Act]:
        values = st.sampled_from(FIELD_VALUES[key])
        return st.builds(Act, st.just("set"), st.just(key), values, st.sampled_from(["", "b1", "b2"]))

    return st.sampled_from(sorted(FIELD_VALUES)).flatmap(build)


ACTS = st.lists(
    st.one_of(
        _sets(),
        st.builds(Act, st.just("row"), st.sampled_from(["r1", "r2", "r3"]), st.sampled_from(["甲", "乙"])),
        st.builds(Act, st.just("drop"), st.sampled_from(["r1", "r2", "r3"])),
        st.builds(Act, st.just("reason"), st.just("x@n1"), st.sampled_from(["因为", ""])),
        st.builds(Act, st.just("file"), st.sampled_from(["甲.pdf", "乙.pdf"])),
        st.builds(Act, st.just("undo")),
        st.builds(Act, st.just("redo")),
    ),
    max_size=14,
)


def act(session: DraftSession, one: Act) -> None:
    answers = session.answers
    match one.kind:
        case "set":
            session.set_value(Path(one.key), one.value, f"填写“{one.key}”", one.burst)
        case "row":
            rows = answers.tables.get("t1", ())
            if one.key in {row.id for row in rows}:
                session.set_value(Path("t1", one.key, "name"), one.value, "改单元格")
            else:
                row = Row(one.key, {"name": str(one.value)})
                session.change(with_rows(answers, "t1", (*rows, row)), "加行")
        case "drop":
            kept = tuple(row for row in answers.tables.get("t1", ()) if row.id != one.key)
            session.change(with_rows(answers, "t1", kept), "删行")
        case "reason":
            session.change(with_reason(answers, one.key, str(one.value)), "写原因", "b1")
        case "file":
            file = Attachment(one.key, "a" * 64, 3, ("01",))
            rest = tuple(known for known in answers.attachments if known.name != one.key)
            files = rest if len(rest) < len(answers.attachments) else (*rest, file)
            session.change(replace(answers, attachments=files), "佐证")
        case "undo":
            session.undo()
        case _:
            session.redo()


def form_of(_programme: str, _version: int) -> Form:
    return PROGRAMME.form


@pytest.fixture(scope="module")
def checks() -> CheckSet:
    return compile_checks(PROGRAMME)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: File = tmp_path_factory.mktemp("session")
    with open_store(folder, clock=TickingClock(), device="PC1") as opened:
        yield opened


def start(checks: CheckSet, answers: Answers | None = None) -> DraftSession:
    draft = Draft(new_draft_id(), PROGRAMME.id, PROGRAMME.form_version, answers or Answers())
    return DraftSession(PROGRAMME, draft, checks, lambda _answers: CONTEXT)


def save(store: Store, session: DraftSession) -> None:
    for step in session.take_unsaved():
        store.drafts.apply(session.draft.id, step.edits, group=step.group, expected_revision=step.revision)


def reopen(store: Store, session: DraftSession, checks: CheckSet) -> DraftSession:
    draft = store.drafts.get(session.draft.id, form_of)
    again = DraftSession(PROGRAMME, draft, checks, lambda _answers: CONTEXT)
    entries = store.drafts.history(draft.id, PROGRAMME.form)
    again.remember(
        (group, tuple(entry.edit for entry in steps))
        for group, steps in groupby(entries, key=lambda entry: entry.group)
    )
    return again


def trail(session: DraftSession) -> list[tuple[str | None, Answers]]:
    """Undo everything, then redo everything: labels and states on the way."""
    states = [(session.undo_label, session.answers)]
    while session.undo() is not None:
        states.append((session.undo_label, session.answers))
    while session.redo() is not None:
        states.append((session.redo_label, session.answers))
    return states


@settings(max_examples=60)
@given(acts=ACTS, after=ACTS)
def test_undo_survives_a_restart(store: Store, checks: CheckSet, acts: list[Act], after: list[Act]) -> None:
    """Issue 3: undo and redo without limit across fields and tables, surviving a restart at any moment."""
    session = start(checks)
    store.drafts.create(session.draft, PROGRAMME.form, "某某")
    for one in acts:
        act(session, one)
    save(store, session)
    again = reopen(store, session, checks)
    assert again.answers == session.answers
    assert (again.undo_label, again.redo_label) == (session.undo_label, session.redo_label)
    for one in after:
        act(session, one)
        act(again, one)
    assert trail(again) == trail(session)


@settings(max_examples=60)
@given(acts=ACTS)
def test_findings_are_those_of_a_fresh_check(checks: CheckSet, acts: list[Act]) -> None:
    """Architecture, data flow: what is checked after an edit is what a whole check finds."""
    session = start(checks, Answers(previous={"n1": 9, "n2": 9}))
    for one in acts:
        act(session, one)
        assert session.findings == check(checks, session.answers, CONTEXT)


@settings(max_examples=60)
@given(acts=ACTS)
def test_changes_name_what_is_shown_differently(checks: CheckSet, acts: list[Act]) -> None:
    """Issue 3: a window that repaints only what is named shows the report as it is."""
    session = start(checks)
    values, rows, hidden = dict(session.view.values), session.view.rows("t1"), session.view.hidden
    for one in acts:
        before = session.answers
        if one.kind in ("undo", "redo"):
            changes = session.undo() if one.kind == "undo" else session.redo()
            if changes is None:
                assert session.answers is before
                continue
        elif one.kind == "set":
            changes = session.set_value(Path(one.key), one.value, "填写", one.burst)
        else:
            continue
        for key in changes.fields:
            values.pop(key, None)
            if key in session.view.values:
                values[key] = session.view.values[key]
        rows = session.view.rows("t1") if "t1" in changes.tables else rows
        hidden = hidden ^ changes.relevance
        assert values == dict(session.view.values)
        assert rows is session.view.rows("t1")
        assert hidden == session.view.hidden
        assert changes.findings == session.findings


def test_one_undo_takes_a_stretch_of_typing_back(checks: CheckSet) -> None:
    """Issue 3: the steps of one burst are one undo; another burst is another."""
    session = start(checks)
    for text in ("新", "新疆", "新疆云"):
        session.set_value(Path("name"), text, "填写“名称”", "stay1")
    session.set_value(Path("name"), "新疆云杉", "填写“名称”", "stay2")
    session.undo()
    assert session.answers.values["name"] == "新疆云"
    session.undo()
    assert "name" not in session.answers.values
    assert session.undo_label is None
    session.redo()
    assert session.answers.values["name"] == "新疆云"
    session.redo()
    assert session.answers.values["name"] == "新疆云杉"
    assert session.redo_label is None


def test_calculated_items_follow_and_nothing_is_saved_for_nothing(checks: CheckSet) -> None:
    """Issue 3: calculated items update at once; setting what stands there is no step."""
    session = start(checks)
    session.set_value(Path("n1"), 2, "填写")
    changes = session.set_value(Path("n2"), 3, "填写")
    assert changes.fields == {"n2", "worked"}
    assert session.view.values["worked"] == 5
    session.take_unsaved()
    session.set_value(Path("n2"), 3, "填写")
    assert session.take_unsaved() == ()


def test_a_new_edit_ends_the_redo(checks: CheckSet) -> None:
    """Issue 3: after an undo a new edit is the newest; what was taken back is not brought back over it."""
    session = start(checks)
    session.set_text(Path("m1"), "271.5", "填写")
    assert session.answers.values["m1"] == Decimal(2715000)
    session.undo()
    session.set_text(Path("n1"), "8", "填写")
    assert session.redo() is None
    assert session.answers.values == {"n1": 8}


def test_steps_of_other_programs_can_be_taken_back(store: Store, checks: CheckSet) -> None:
    """Issue 3: what the command line wrote before is in the journal too and is undone like any step."""
    session = start(checks)
    store.drafts.create(session.draft, PROGRAMME.form, "某某")
    session.set_value(Path("n1"), 4, "填写")
    (step,) = session.take_unsaved()
    store.drafts.apply(session.draft.id, step.edits, group="cafe0123cafe0123")
    again = reopen(store, session, checks)
    assert again.answers.values == {"n1": 4}
    again.undo()
    assert again.answers.values == {}
    save(store, again)
    third = reopen(store, session, checks)
    assert third.redo() is not None
    assert third.answers.values == {"n1": 4}
