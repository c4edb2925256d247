"""What a corrected report says otherwise than the returned one (issue «Sending», Return)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.draft import Attachment, Row
from app.model.form import DerivedRow
from app.model.value import Invalid, Value
from app.rules.corrections import Correction, Kind, Subject, find_corrections, follow_path, match_rows
from app.rules.view import View
from tests.unit.forms import Case, make_item, make_programme, make_rows, make_table, view_of

TABLE = make_table("t1", make_item("name", "text"), make_item("n"), make_item("m", "money"))
SUMS = replace(
    make_table("t2", make_item("total")), derived=(DerivedRow("all", {}, {}), DerivedRow("new", {}, {}))
)
FORM = make_programme((make_item("a"), make_item("b", "text"), make_item("m", "money")), (TABLE, SUMS))

Cells = Mapping[str, Value]


def view(
    values: Mapping[str, Value] | None = None, rows: Sequence[Cells] = (), ids: str = "r", **more: object
) -> View:
    case = Case("", values=values or {}, tables={"t1": list(rows)})
    made = view_of(FORM, case)
    table = tuple(Row(f"{ids}{place}", row.cells) for place, row in enumerate(make_rows(rows), 1))
    answers = replace(made.answers, tables={"t1": table}, **more)  # type: ignore[arg-type]
    return replace(made, answers=answers, tables={"t1": table})


def told(before: View, after: View) -> list[tuple[str, str, str]]:
    return [(one.subject.value, one.kind.value, one.path) for one in find_corrections(before, after)]


def test_the_same_report_has_no_corrections() -> None:
    """1.0 is 1 and a row's id says nothing: only content counts."""
    before = view({"a": 1, "m": Decimal("1.0")}, [{"name": "甲", "n": 1}])
    after = view({"a": 1, "m": Decimal(1)}, [{"name": "甲", "n": 1}], ids="01HZX")
    assert find_corrections(before, after) == ()


def test_values_are_told_in_the_order_of_the_form() -> None:
    """Changed, filled in and taken away, with what stood and what stands there."""
    before = view({"m": Decimal(5), "a": 1})
    after = view({"m": Decimal(6), "b": "新", "a": Invalid("壹")})
    assert find_corrections(before, after) == (
        Correction(Subject.VALUE, Kind.CHANGED, "a", 1, Invalid("壹")),
        Correction(Subject.VALUE, Kind.ADDED, "b", None, "新"),
        Correction(Subject.VALUE, Kind.CHANGED, "m", Decimal(5), Decimal(6)),
    )
    assert told(after, before)[1] == ("value", "removed", "b")


def test_a_row_put_before_others_is_one_correction() -> None:
    """Rows behind an insertion keep what they said: they are not told as changed."""
    rows: list[Cells] = [{"name": name, "n": place} for place, name in enumerate("甲乙丙丁")]
    after = view(rows=[{"name": "新", "n": 9}, *rows], ids="x")
    assert told(view(rows=rows), after) == [("row", "added", "t1/x1")]
    assert told(after, view(rows=rows)) == [("row", "removed", "t1/x1")]


def test_a_changed_cell_is_found_in_its_row() -> None:
    """The row most alike is the same row; its number and place are the newer report's."""
    before = view(rows=[{"name": "甲", "n": 1}, {"name": "乙", "n": 2}, {"name": "丙", "n": 3}])
    after = view(rows=[{"name": "丙", "n": 4}, {"name": "乙", "n": 2}], ids="x")
    assert find_corrections(before, after) == (
        Correction(Subject.ROW, Kind.MOVED, "t1"),
        Correction(Subject.VALUE, Kind.CHANGED, "t1/x1/n", 3, 4, row=1),
        Correction(Subject.ROW, Kind.REMOVED, "t1/r1", row=1),
    )
    swapped = view(rows=[{"name": "甲", "n": 1}, {"name": "乙", "n": 5}, {"name": "丙", "n": 3}], ids="x")
    assert find_corrections(before, swapped) == (
        Correction(Subject.VALUE, Kind.CHANGED, "t1/x2/n", 2, 5, row=2),
    )


def test_a_row_typed_over_is_the_same_row() -> None:
    """Between the same neighbours a row that kept nothing was retyped, not removed and added."""
    old: list[Cells] = [{"name": "甲"}, {"name": "乙"}, {"name": "丙"}]
    new: list[Cells] = [{"name": "甲"}, {"name": "新"}, {"name": "丙"}]
    assert told(view(rows=old), view(rows=new, ids="x")) == [("value", "changed", "t1/x2/name")]


def test_a_sorted_table_is_told_in_one_line() -> None:
    """Sorting rows is one correction of the table, not a removal and an addition for each row."""
    rows: list[Cells] = [{"name": name} for name in "丙乙甲"]
    assert told(view(rows=rows), view(rows=rows[::-1], ids="x")) == [("row", "moved", "t1")]


def test_rows_of_a_derived_table_have_names() -> None:
    """Figures the program works out are compared by the row's own name."""
    base = view()
    before = replace(base, tables={"t2": (Row("all", {"total": 3}), Row("new", {"total": 3}))})
    after = replace(base, tables={"t2": (Row("new", {"total": 4}), Row("all", {"total": 3}))})
    assert told(before, after) == [("value", "changed", "t2/new/total")]


def test_reasons_files_and_figures_of_comparison() -> None:
    """What the reviewer reads beside the values: last year, Torch, reasons, evidence."""
    one, other = Attachment("证明.pdf", "1" * 64, 5), Attachment("证明.pdf", "2" * 64, 5)
    rows: list[Cells] = [{"name": "甲", "n": 1}]
    before = view(rows=rows, reasons={"X@a": "旧", "Y@t1/r1/n": "同"}, attachments=(one,))
    after = view(
        rows=[{"name": "新", "n": 7}, *rows],
        ids="x",
        reasons={"X@a": "新", "Y@t1/x2/n": "同"},
        attachments=(other, Attachment("照片.png", "3" * 64, 9)),
        previous={"a": 2},
        torch={"a": 3},
        previous_grade="良好",
    )
    assert told(before, after) == [
        ("row", "added", "t1/x1"),
        ("previous", "added", "a"),
        ("torch", "added", "a"),
        ("grade", "added", ""),
        ("reason", "changed", "X@a"),
        ("file", "changed", "证明.pdf"),
        ("file", "added", "照片.png"),
    ]
    assert ("file", "removed", "照片.png") in told(after, before)


@pytest.mark.parametrize(
    ("written", "found"),
    [("a", "a"), ("t1", "t1"), ("t1/r2/n", "t1/x3/n"), ("t1/r1", "t1"), ("t1/r9/n", "t1"), ("a//b", "a//b")],
)
def test_a_mark_follows_its_row(written: str, found: str) -> None:
    """A mark on row 2 of the bundle leads to the clerk's own row, wherever that stands now."""
    before = view(rows=[{"name": "甲", "n": 1}, {"name": "乙", "n": 2}])
    after = view(rows=[{"name": "新", "n": 8}, {"name": "另", "n": 9}, {"name": "乙", "n": 2}], ids="x")
    assert follow_path(written, before, after) == found


CELL = st.fixed_dictionaries({"name": st.sampled_from("甲乙丙"), "n": st.integers(0, 2)})


@given(st.lists(CELL, max_size=8), st.lists(CELL, max_size=8))
def test_every_row_is_told_once(old: list[Cells], new: list[Cells]) -> None:
    """No row is lost and none is told twice, and equal tables match row by row."""
    before, after = make_rows(old), make_rows(new)
    pairs = match_rows(before, after).pairs
    assert sorted(was for was, _ in pairs if was is not None) == list(range(len(old)))
    assert [now for _, now in pairs if now is not None] == list(range(len(new)))
    assert all(was is not None or now is not None for was, now in pairs)
    left, equal = list(old), 0
    for cells in new:
        if cells in left:
            left.remove(cells)
            equal += 1
    same = [(was, now) for was, now in pairs if was is not None and now is not None and old[was] == new[now]]
    assert len(same) == equal


@given(st.lists(CELL, max_size=6), st.lists(CELL, max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_corrections_lead_from_one_report_to_the_other(
    old: list[Cells], new: list[Cells], was: int, now: int
) -> None:
    """There are none exactly where the content is the same."""
    before, after = view({"a": was}, old), view({"a": now}, new, ids="x")
    same = was == now and [dict(row) for row in old] == [dict(row) for row in new]
    assert (find_corrections(before, after) == ()) is same


def test_a_large_table_is_compared_in_order() -> None:
    """Thousands of changed rows are paired in their order instead of each with each."""
    old: list[Cells] = [{"name": f"甲{place}", "n": place} for place in range(600)]
    new: list[Cells] = [{"name": f"甲{place}", "n": place + 1000} for place in range(600)]
    found = find_corrections(view(rows=old), view(rows=new, ids="x"))
    assert [one.path for one in found] == [f"t1/x{place}/n" for place in range(1, 601)]
