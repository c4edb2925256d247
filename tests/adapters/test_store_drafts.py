"""Drafts in a real SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import AppError
from app.model.draft import Answers, Row, parse_path, with_value
from app.model.edit import Edit, Operation, PlacedRow, apply_edits, diff, invert
from app.model.form import Form, Item, Section, Table
from app.model.value import Invalid, ItemType
from app.store import Store, open_store
from app.store.drafts import LONG_JOURNAL, new_draft_id
from tests.adapters.store_world import (
    ANSWERS,
    FORM,
    TickingClock,
    form_of,
    make_answers,
    make_draft,
)

ID = "DRAFT22222"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path, clock=TickingClock(), device="PC1") as opened:
        yield opened


def reopen(folder: Path) -> Store:
    return open_store(folder, clock=TickingClock(), device="PC1")


def test_a_draft_comes_back_as_it_was(tmp_path: Path) -> None:
    """Architecture: store.drafts.get gives document + journal, after closing too."""
    with reopen(tmp_path) as store:
        store.drafts.create(make_draft(), FORM, "某某众创空间")
    with reopen(tmp_path) as store:
        assert store.drafts.get(ID, form_of) == make_draft()
        (line,) = store.drafts.list()
    assert (line.id, line.title, line.form_version, line.revision) == (ID, "某某众创空间", 3, 0)
    assert line.created_at is not None
    assert line.created_at.isoformat() == "2022-12-01T09:00:01+08:00"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with reopen(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@settings(max_examples=20, deadline=None)
@given(states=st.lists(ANSWERS, min_size=2, max_size=4))
def test_replay_equals_the_edits_in_memory(shared: Store, states: list[Answers]) -> None:
    """Architecture: replay is the fold of apply_edit, with and without a checkpoint; undo restores."""
    drafts, draft_id = shared.drafts, new_draft_id()
    drafts.create(make_draft(draft_id, states[0]), FORM, "")
    done: list[Edit] = []
    for number, (old, new) in enumerate(pairwise(states)):
        edits = diff(old, new)
        drafts.apply(draft_id, edits, group=f"g{number}")
        done += edits
        assert drafts.get(draft_id, form_of).answers == apply_edits(states[0], done) == new
        if number == 1:
            drafts.checkpoint(draft_id)
            assert drafts.get(draft_id, form_of).answers == new
    assert tuple(entry.edit for entry in drafts.history(draft_id, FORM)) == tuple(done)
    drafts.apply(draft_id, [invert(edit) for edit in reversed(done)], group="undo")
    assert drafts.get(draft_id, form_of).answers == states[0]


def test_each_call_is_one_revision(store: Store) -> None:
    """Architecture: every edit gives a new revision; group, device and moment are journaled."""
    store.drafts.create(make_draft(), FORM, "")
    edits = [Edit(Operation.SET, "e04", None, 3), Edit(Operation.CLEAR, "e01", "某某众创空间", None)]
    assert store.drafts.apply(ID, edits, group="a", expected_revision=0) == 1
    assert store.drafts.apply(ID, [], group="b") == 1
    assert store.drafts.get(ID, form_of).revision == 1
    first, second = store.drafts.history(ID, FORM)
    assert (first.seq, first.revision, first.group, first.device, first.edit) == (1, 1, "a", "PC1", edits[0])
    assert second.at.utcoffset() == TickingClock().now.utcoffset()
    assert store.drafts.history(ID, FORM, after=1) == (second,)


def test_a_draft_changed_elsewhere_is_not_overwritten(store: Store) -> None:
    """Reliability §1 (never overwrite what changed underneath)."""
    store.drafts.create(make_draft(), FORM, "")
    store.drafts.apply(ID, [Edit(Operation.SET, "e04", None, 3)], group="a", expected_revision=0)
    with pytest.raises(AppError) as caught:
        store.drafts.apply(ID, [Edit(Operation.SET, "e04", None, 4)], group="b", expected_revision=0)
    assert (caught.value.code, caught.value.params["revision"]) == ("draft_changed_elsewhere", 1)
    assert store.drafts.get(ID, form_of).answers.values["e04"] == 3


def test_repeating_a_call_of_unknown_outcome_stores_it_once(store: Store) -> None:
    """Reliability §2.5: a commit that reports an error may still be there."""
    store.drafts.create(make_draft(), FORM, "")
    edits = [Edit(Operation.SET, "e04", None, 3), Edit(Operation.SET, "e05", None, Invalid("约一半"))]
    for _ in range(3):
        assert store.drafts.apply(ID, edits, group="a", expected_revision=0) == 1
    assert len(store.drafts.history(ID, FORM)) == 2


def test_an_impossible_edit_never_enters_the_journal(store: Store) -> None:
    """A row that could not be replayed would spoil the draft for good."""
    store.drafts.create(make_draft(), FORM, "")
    for edit in (
        Edit(Operation.SET, "t1/r1", None, "x"),
        Edit(Operation.INSERT_ROW, "t1/r99", None, None),
        Edit(Operation.MOVE_ROW, "t1/r1", 0, None),
        Edit(Operation.SET, "a/b/c/d", None, "x"),
    ):
        with pytest.raises(ValueError, match=r"/"):
            store.drafts.apply(ID, [edit], group="a")
    assert store.drafts.summary(ID).revision == 0


def test_crossing_edits_of_two_windows_do_not_spoil_the_draft(store: Store) -> None:
    """One deletes the row that the other types in: the cell is gone, the draft opens."""
    store.drafts.create(make_draft(), FORM, "")
    row = make_answers().tables["t1"][5]
    store.drafts.apply(ID, [Edit(Operation.DELETE_ROW, "t1/r5", PlacedRow(row, 5), None)], group="a")
    store.drafts.apply(ID, [Edit(Operation.SET, "t1/r5/people", 5, 6)], group="b")
    assert len(store.drafts.get(ID, form_of).answers.tables["t1"]) == 29


def test_a_long_journal_is_folded_and_kept(store: Store, tmp_path: Path) -> None:
    """Checkpoint: a new document by itself, journal rows stay, two documents are kept."""
    store.drafts.create(make_draft(), FORM, "")
    for turn in range(3):
        edits = [
            Edit(Operation.SET, f"t1/r{n % 30}/people", None, turn * 1000 + n)
            for n in range(LONG_JOURNAL + 1)
        ]
        store.drafts.apply(ID, edits, group=f"g{turn}")
        before = store.drafts.get(ID, form_of)
        assert store.drafts.get(ID, form_of) == before
    assert store.drafts.get(ID, form_of).answers.tables["t1"][0].cells["people"] == 2480
    with sqlite3.connect(tmp_path / "shenbao.db") as connection:
        assert connection.execute("SELECT count(*) FROM journal").fetchone() == (3 * (LONG_JOURNAL + 1),)
        seqs = connection.execute("SELECT seq FROM documents ORDER BY seq").fetchall()
    connection.close()
    assert seqs == [(2 * (LONG_JOURNAL + 1),), (3 * (LONG_JOURNAL + 1),)]
    assert len(store.drafts.history(ID, FORM)) == 3 * (LONG_JOURNAL + 1)


NARROW = Form(
    (
        Section(
            "s1", "一", "", (Item("e01", "名称", ItemType.TEXT), Item("e06", "", ItemType.INTEGER)), ("t1",)
        ),
    ),
    {"t1": Table("t1", "1", "", (Item("people", "人数", ItemType.INTEGER),))},
)


def test_what_a_form_does_not_know_survives(store: Store) -> None:
    """Brief: unknown items survive load, edits, undo and checkpoint; a misfit is kept as typed text."""
    whole = make_draft(answers=replace(make_answers(), tables={"t1": make_answers().tables["t1"][:3]}))
    store.drafts.create(whole, FORM, "")
    store.drafts.pin(ID, 4)

    def narrow(_programme: str, version: int) -> Form:
        return NARROW if version == 4 else FORM

    seen = store.drafts.get(ID, narrow).answers
    assert seen.tables["t1"][1] == Row("r1", {"people": 1})
    assert seen.values == {"e01": "某某众创空间", "e06": Invalid("说明\n第二行")}
    rows = seen.tables["t1"]
    edits = (
        Edit(Operation.DELETE_ROW, "t1/r1", PlacedRow(rows[1], 1), None),
        Edit(Operation.REPLACE_ROWS, "t1", (rows[0], rows[2]), (rows[2], Row("new", {"people": 8}))),
    )
    store.drafts.apply(ID, edits, group="a")
    store.drafts.checkpoint(ID)
    assert [row.id for row in store.drafts.get(ID, narrow).answers.tables["t1"]] == ["r2", "new"]
    store.drafts.apply(ID, [invert(edit) for edit in reversed(edits)], group="undo")
    store.drafts.checkpoint(ID)
    store.drafts.pin(ID, 3)
    assert store.drafts.get(ID, narrow).answers == whole.answers


def test_values_that_would_come_back_as_others_are_refused(store: Store) -> None:
    """What is saved is what is read."""
    wrong = make_draft(answers=Answers(values={"e03": "去年"}))
    with pytest.raises(ValueError, match="e03"):
        store.drafts.create(wrong, FORM, "")
    store.drafts.create(make_draft(answers=Answers(values={"later": "x", "e02": 5})), FORM, "")
    assert store.drafts.get(ID, form_of).answers.values == {"e02": 5}


def test_delete_and_archive_only_hide(store: Store) -> None:
    """Brief: never destroys."""
    store.drafts.create(make_draft(), FORM, "一")
    store.drafts.create(make_draft("DRAFT33333"), FORM, "二")
    store.drafts.delete(ID)
    store.drafts.archive("DRAFT33333")
    assert store.drafts.list() == []
    assert {(line.title, line.hidden) for line in store.drafts.list(hidden=True)} == {
        ("一", "deleted"),
        ("二", "archived"),
    }
    store.drafts.restore(ID)
    store.drafts.rename(ID, "三")
    assert [line.title for line in store.drafts.list()] == ["三"]
    assert store.drafts.get("DRAFT33333", form_of).answers == make_answers()


def test_missing_and_double_drafts_are_named(store: Store) -> None:
    """Errors carry the draft."""
    store.drafts.create(make_draft(), FORM, "")
    with pytest.raises(AppError, match="draft_exists"):
        store.drafts.create(make_draft(), FORM, "")
    with pytest.raises(AppError, match="draft_missing"):
        store.drafts.get("NONE", form_of)
    with pytest.raises(AppError, match="draft_missing"):
        store.drafts.apply("NONE", [], group="a")


def test_half_an_emoji_is_kept(store: Store) -> None:
    """What was typed is never lost, even a lone surrogate."""
    store.drafts.create(make_draft(), FORM, "")
    store.drafts.apply(ID, [Edit(Operation.SET, "e01", None, "坏\ud83d字")], group="a")
    store.drafts.checkpoint(ID)
    assert store.drafts.get(ID, form_of).answers.values["e01"] == "坏\ud83d字"


def test_ids_are_short_and_readable() -> None:
    """Brief: 10 characters without look-alikes."""
    ids = {new_draft_id() for _ in range(500)}
    assert len(ids) == 500
    assert all(len(made) == 10 and not set(made) & set("01OILU") for made in ids)


def test_with_value_and_diff_work_together(store: Store) -> None:
    """Services compute edits from two answers."""
    store.drafts.create(make_draft(), FORM, "")
    old = store.drafts.get(ID, form_of).answers
    new = with_value(old, parse_path("t1/r3/name"), "新名称")
    store.drafts.apply(ID, diff(old, new), group="a", expected_revision=0)
    assert store.drafts.get(ID, form_of).answers == new
