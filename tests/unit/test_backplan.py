"""The plan backwards from the deadlines, with the dates of seed 000 (New Year 2023)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import BEIJING
from app.errors import UsageError
from app.model.programme import Calendar, Programme
from app.model.submission import Event, EventKind, EventSource
from app.programmes.loader import load
from app.rules.backplan import OfficeHours, Plan, StagePlan, WorkingTime, plan, read_hours

HOURS = OfficeHours(((time(10), time(14)), (time(15, 30), time(19, 30))), known=True)
"""Winter hours of offices in Xinjiang, 8 hours a day."""


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2022 if month == 12 else 2023, month, day, hour, minute, tzinfo=BEIJING)


def happened(kind: EventKind, moment: datetime, **params: str) -> Event:
    return Event(kind, moment, EventSource.HAND, note="电话通知", params=params)


@pytest.fixture(scope="module")
def programme(root: Path) -> Programme:
    return load(root / "resources" / "programmes" / "xj-makerspace-2022")


@pytest.fixture(scope="module")
def work(programme: Programme) -> WorkingTime:
    return WorkingTime(programme.calendar, HOURS)


def of(made: Plan, stage_id: str) -> StagePlan:
    return next(one for one in made.stages if one.stage.id == stage_id)


def test_the_chain_of_2022_backwards(programme: Programme) -> None:
    """Issue «The window», 时限: leave-by and start-by in working time; seed 000 §四, New Year 2022-12-31 to
    2023-01-02 off, 1 January 7 and 8 a weekend.
    """
    made = plan(programme, (), at(12, 22, 10), {})
    spans = {one.stage.id: (one.latest_start, one.latest_end) for one in made.stages}
    assert spans["deliver"] == (at(1, 6, 12), at(1, 10, 12))
    assert spans["bind"] == (at(1, 5, 12), at(1, 6, 12))
    assert spans["bureau_stamp"] == (at(1, 4, 12), at(1, 5, 12))
    assert spans["to_bureau"] == (at(1, 3, 12), at(1, 4, 12))
    assert spans["stamp"] == (at(1, 3, 12), at(1, 3, 12))
    assert spans["sign"] == (at(12, 30, 12), at(1, 3, 12))
    assert spans["prefecture_review"] == (at(12, 28, 12), at(12, 30, 12))
    assert spans["unit_review"] == (at(12, 27, 12), at(12, 28, 12))
    assert spans["fill"] == (at(12, 22, 12), at(12, 27, 12))
    assert spans["result"] == (None, None)
    assert made.possible
    assert of(made, "fill").slack == timedelta(hours=2)


def test_it_became_impossible_on_the_day_before_the_notice(programme: Programme) -> None:
    """时限: says when the plan has become impossible and by how much."""
    made = plan(programme, (), at(12, 23, 12), {})
    assert not made.possible
    assert made.since == at(12, 22, 12)
    assert made.short == timedelta(hours=8)
    assert made.in_days(made.short) == Decimal("1.0")


def test_shorter_durations_make_it_possible_again(programme: Programme) -> None:
    """时限: durations the clerk can change; half days count."""
    days = {"deliver": Decimal("0.5"), "bind": Decimal("0.5"), "fill": Decimal(2)}
    made = plan(programme, (), at(12, 23, 12), days)
    assert made.possible
    assert of(made, "deliver").latest_start == at(1, 9, 17, 30)
    assert of(made, "bind").latest_start == at(1, 9, 12)


def test_a_deadline_on_a_saturday_evening_means_friday(programme: Programme) -> None:
    """Seed 000 §四.3: 7 January 2023, 21:00, is a Saturday; offices close on Friday at 19:30."""
    quick = {stage.id: Decimal(0) for stage in programme.stages}
    made = plan(programme, (), at(12, 23, 12), quick)
    assert of(made, "prefecture_review").latest_end == at(1, 6, 19, 30)
    assert of(made, "fill").latest_end == at(1, 5, 19, 30)


def test_work_never_begins_during_new_year(programme: Programme, work: WorkingTime) -> None:
    """Calendar of the programme: 31 December to 2 January are holidays."""
    assert work.back(at(1, 3, 12), timedelta(hours=3)) == at(12, 30, 18, 30)
    assert work.last_before(at(1, 1, 12)) == at(12, 30, 19, 30)
    assert work.first_after(at(12, 31, 8)) == at(1, 3, 10)
    assert work.on(at(12, 30, 19), timedelta(hours=1)) == at(1, 3, 10, 30)


def test_a_shifted_sunday_is_worked(work: WorkingTime) -> None:
    """Calendar of the programme: 28 and 29 January 2023 are worked for the Spring Festival."""
    assert work.between(at(1, 20, 19, 30), at(1, 30, 10)) == timedelta(hours=16)


def test_what_is_done_needs_no_time(programme: Programme) -> None:
    """时限: the plan starts from the record."""
    events = (
        happened(EventKind.SUBMITTED, at(12, 26, 11), number="1"),
        happened(EventKind.UNIT_APPROVED, at(12, 26, 12)),
    )
    made = plan(programme, events, at(12, 26, 13), {})
    assert of(made, "fill").done
    assert made.next is not None
    assert made.next.stage.id == "prefecture_review"
    assert made.possible


def test_an_extension_moves_the_plan(programme: Programme) -> None:
    """时限: extensions with their source count instead of the notice's deadline."""
    extension = happened(EventKind.EXTENDED, at(12, 23), stage="deliver", closes="2023-01-13T12:00:00+08:00")
    made = plan(programme, (extension,), at(12, 22, 10), {})
    assert of(made, "deliver").latest_end == at(1, 13, 12)
    assert of(made, "deliver").latest_start == at(1, 11, 12)


def test_a_deadline_that_passed_after_office_hours_is_impossible(programme: Programme) -> None:
    """The closing moment itself is too late (seed 000 §四.1), even though no office hour was lost."""
    quick = {stage.id: Decimal(0) for stage in programme.stages}
    made = plan(programme, (), at(1, 5, 20), quick)
    assert made.possible
    late = plan(programme, (), at(1, 5, 21), quick)
    assert not late.possible
    assert late.short == timedelta(0)


def test_a_notice_that_never_left_enough_time(programme: Programme) -> None:
    """时限: not the clerk's delay where the notice itself was too tight."""
    made = plan(programme, (), at(12, 23, 12), {"prefecture_review": Decimal(20)})
    assert made.since is None
    assert made.short > timedelta(days=3)


def test_a_year_without_a_calendar_is_flagged(programme: Programme) -> None:
    """Weekends only where the year's holidays are unknown, and the user is told so."""
    bare = replace(programme, calendar=Calendar())
    made = plan(bare, (), at(12, 22, 10), {})
    assert made.unknown_years == (2022, 2023)
    assert plan(programme, (), at(12, 22, 10), {}).unknown_years == ()
    assert of(made, "sign").latest_start == at(1, 2, 12)


def test_the_pc_zone_changes_nothing(programme: Programme) -> None:
    """Beijing time whatever the PC shows; a naive moment is refused."""
    here = at(12, 23, 12).astimezone(timezone(timedelta(hours=6)))
    assert plan(programme, (), here, {}) == plan(programme, (), at(12, 23, 12), {})
    with pytest.raises(UsageError):
        plan(programme, (), here.replace(tzinfo=None), {})


@pytest.mark.parametrize(
    ("text", "known", "day"),
    [
        ("10:00—14:00，15:30—19:30", True, timedelta(hours=8)),
        ("9:30-13:30，15:00至18:30", True, timedelta(hours=7, minutes=30)),
        ("", False, timedelta(hours=7)),
        ("全天", False, timedelta(hours=7)),
        ("25:00-26:00", False, timedelta(hours=7)),
        ("14:00-10:00", False, timedelta(hours=7)),
        ("10:00-14:00，13:00-18:00", False, timedelta(hours=7)),
    ],
)
def test_office_hours_are_read(text: str, known: bool, day: timedelta) -> None:
    """Setting ``office_hours`` of a programme; an unreadable one gives usual hours and says so."""
    hours = read_hours(text)
    assert (hours.known, hours.day) == (known, day)


moments = st.integers(0, 120 * 24 * 60).map(lambda minutes: at(12, 1) + timedelta(minutes=minutes))


@given(moments, st.integers(0, 60 * 100))
def test_back_and_on_agree_with_between(moment: datetime, minutes: int) -> None:
    """Working time is one measure, in both directions."""
    calendar = Calendar({at(1, 2).date(): "元旦"}, {at(1, 8).date(): "调休"}, frozenset({2022, 2023}))
    work = WorkingTime(calendar, HOURS)
    length = timedelta(minutes=minutes)
    assert work.between(work.back(moment, length), moment) == length
    assert work.between(moment, work.on(moment, length)) == length
    assert work.between(moment, moment + length) == -work.between(moment + length, moment)
