"""Edits: apply, invert, diff (architecture: every edit gives a new revision, undoable)."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from app.model.draft import Answers, Row, parse_path, with_rows, with_value
from app.model.edit import (
    MOST_EDITS_OF_A_TABLE,
    Edit,
    Operation,
    PlacedRow,
    apply_edit,
    apply_edits,
    diff,
    invert,
)
from tests.adapters.store_world import ANSWERS, make_answers


@settings(max_examples=60, deadline=None)
@given(ANSWERS, ANSWERS)
def test_diff_leads_from_one_state_to_the_other_and_back(old: Answers, new: Answers) -> None:
    """Architecture: an edit is a value; undo takes exactly it back."""
    edits = diff(old, new)
    assert apply_edits(old, edits) == new
    assert apply_edits(new, [invert(edit) for edit in reversed(edits)]) == old
    assert diff(new, apply_edits(old, edits)) == ()


@settings(max_examples=30, deadline=None)
@given(ANSWERS, ANSWERS)
def test_one_by_one_is_the_same_as_all_at_once(old: Answers, new: Answers) -> None:
    """Architecture: replay is the fold of apply_edit; each single edit can be taken back."""
    state = old
    for edit in diff(old, new):
        after = apply_edit(state, edit)
        assert apply_edit(after, invert(edit)) == state
        state = after
    assert state == new


@given(ANSWERS)
@settings(max_examples=30, deadline=None)
def test_same_object_gives_no_edits(answers: Answers) -> None:
    """Architecture: by identity first, then by value."""
    assert diff(answers, answers) == ()
    assert diff(answers, Answers(**{name: getattr(answers, name) for name in Answers.__slots__})) == ()


def test_a_cell_edit_touches_one_cell() -> None:
    """Seed 000: the journal names the cell a clerk changed, with what stood there."""
    old = make_answers()
    new = with_value(old, parse_path("t1/r7/people"), 99)
    assert diff(old, new) == (Edit(Operation.SET, "t1/r7/people", 7, 99),)


def test_a_moved_row_is_one_edit() -> None:
    """Architecture: row ids are permanent, they survive sorting."""
    old = make_answers()
    rows = old.tables["t1"]
    new = with_rows(old, "t1", (*rows[1:], rows[0]))
    assert diff(old, new) == (Edit(Operation.MOVE_ROW, "t1/r0", 0, 29),)


def test_values_equal_to_python_but_of_other_kind_differ() -> None:
    """``dump_value`` writes yes and 1 differently, so they are different answers."""
    old = Answers(values={"e04": 1})
    assert diff(old, Answers(values={"e04": True})) == (Edit(Operation.SET, "e04", 1, True),)
    assert diff(Answers(values={"e02": Decimal("1.50")}), Answers(values={"e02": Decimal("1.5")})) == ()


def test_empty_and_absent_table_are_the_same() -> None:
    """A table without rows stands nowhere."""
    one = Answers(tables={"t1": (Row("r1", {"day": date(2022, 1, 1)}),)})
    edit = Edit(Operation.DELETE_ROW, "t1/r1", PlacedRow(one.tables["t1"][0], 0), None)
    assert apply_edit(one, edit) == Answers()
    assert diff(Answers(), Answers(tables={"t1": ()})) == ()


@pytest.mark.parametrize(
    "edit",
    [
        Edit(Operation.SET, "t1/none/name", None, "x"),
        Edit(Operation.DELETE_ROW, "t1/none"),
        Edit(Operation.MOVE_ROW, "t1/none", 0, 1),
        Edit(Operation.INSERT_ROW, "t1/r1", None, PlacedRow(Row("r1", {}), 0)),
        Edit(Operation.DETACH, "x/y"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(edit: Edit) -> None:
    """``app.model.draft.with_value`` raises KeyError too."""
    with pytest.raises(KeyError):
        apply_edit(make_answers(), edit)


def test_ten_thousand_edits_of_a_long_table_are_quick() -> None:
    """Reliability: replaying a journal is not quadratic; a naive fold takes half a minute here."""
    rows = tuple(Row(f"r{n}", {"name": "x", "people": n}) for n in range(2000))
    answers = Answers(tables={"t1": rows})
    edits = [Edit(Operation.SET, f"t1/r{n * 7 % 2000}/people", 0, n) for n in range(10_000)]
    start = time.process_time()
    result = apply_edits(answers, edits)
    assert time.process_time() - start < 2
    assert len(result.tables["t1"]) == 2000
    assert answers.tables["t1"][0].cells["people"] == 0


def test_many_changes_of_a_table_become_one_edit() -> None:
    """A pasted table is one entry of the journal, not thousands."""
    old = Answers(tables={"t1": tuple(Row(f"r{n}", {"people": n}) for n in range(2000))})
    new = Answers(tables={"t1": tuple(Row(f"r{n}", {"people": n + 1}) for n in range(2000))})
    edits = diff(old, new)
    assert [edit.operation for edit in edits] == [Operation.REPLACE_ROWS]
    assert MOST_EDITS_OF_A_TABLE < 2000
    assert apply_edits(new, [invert(edits[0])]) == old
