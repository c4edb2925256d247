"""The reference self-score: what is known is told, what is not known is never a bad grade."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from app.model.programme import ScoreLine, ScoreProfile
from app.model.value import Value
from app.rules.score import Score, score
from tests.unit.forms import Case, make_item, make_programme, view_of

GRADES = (("优", "90"), ("良", "60"), ("差", "0"))


def score_of(values: Mapping[str, Value], vetoes: tuple[tuple[str, str], ...] = ()) -> Score:
    lines = (
        ScoreLine("l1", "甲", "第一行", "70", "a"),
        ScoreLine("l2", "甲", "第二行", "20", "b"),
        ScoreLine("l3", "乙", "第三行", "10", "c"),
    )
    profile = ScoreProfile("参考自评", "自拟", False, True, lines, GRADES, vetoes)
    programme = make_programme([make_item(one) for one in "abc"], score=profile)
    found = score(programme, view_of(programme, Case("", values=values)))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("values", "total", "grade"),
    [
        ({}, None, ""),
        ({"a": 70, "b": 20, "c": 10}, "100", "优"),
        ({"a": 0, "b": 0, "c": 0}, "0", "差"),
        ({"b": 0, "c": 0}, "0", ""),
        ({"a": 70}, "70", ""),
        ({"a": 70, "b": 20}, "90", "优"),
        ({"a": 65, "b": 10}, "75", "良"),
        ({"a": 900}, "70", ""),
    ],
)
def test_a_grade_is_told_only_where_open_lines_cannot_change_it(
    values: Mapping[str, Value], total: str | None, grade: str
) -> None:
    """Issue 3, self-score: a report that is not filled in is not a bad one."""
    found = score_of(values)
    assert found.total == (None if total is None else Decimal(total))
    assert (found.grade, found.complete) == (grade, len(values) == 3)


def test_a_veto_gives_the_lowest_grade_whatever_is_open() -> None:
    """Seed 000: some facts give the lowest grade whatever the points."""
    found = score_of({"a": 70, "b": 20}, vetoes=(("a = 70", "发生重大事故"),))
    assert (found.grade, found.vetoes) == ("差", ("发生重大事故",))
