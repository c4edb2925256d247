"""Stages of a report's way, with the chain and the deadlines of seed 000."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import BEIJING
from app.errors import UsageError
from app.model.programme import Action, Calendar, Counts, Programme, Reading, Stage
from app.model.submission import Event, EventKind, EventSource
from app.rules.stages import (
    Extension,
    StageState,
    State,
    failed_twice,
    fold,
    is_workday,
    next_stage,
    stages,
    workdays_between,
    year_is_known,
)
from tests.unit.forms import make_programme


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    year = 2022 if month == 12 else 2023
    return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)


FILL_CLOSES = at(1, 5, 21)
AUDIT_CLOSES = at(1, 7, 21)
BOOK_CLOSES = at(1, 10, 12)
MORNING = at(1, 3, 10)


def make_stage(stage_id: str, action: Action, *done_by: EventKind, **more: Any) -> Stage:
    return Stage(stage_id, stage_id, "单位", action, done_by, **more)


CHAIN = (
    make_stage(
        "fill",
        Action.FILL,
        EventKind.SUBMITTED,
        EventKind.UPLOADED,
        opens=at(12, 22),
        closes=FILL_CLOSES,
        warn_before=timedelta(hours=72),
    ),
    make_stage(
        "own_review",
        Action.REVIEW,
        EventKind.UNIT_APPROVED,
        after=("fill",),
        reviewer=True,
        returns_to="fill",
        readings=(Reading(FILL_CLOSES, "系统关闭后不能审核", "四-1"),),
    ),
    make_stage(
        "bureau_review",
        Action.REVIEW,
        EventKind.APPROVED,
        after=("own_review",),
        closes=AUDIT_CLOSES,
        counts=Counts.APPROVED,
        reviewer=True,
        returns_to="fill",
    ),
    make_stage("download", Action.PRINT, EventKind.DOWNLOADED, after=("bureau_review",)),
    make_stage("print_report", Action.PRINT, EventKind.PRINTED, after=("download",)),
    make_stage("stamp", Action.STAMP, EventKind.STAMPED, after=("print_report",)),
    make_stage(
        "bureau_stamp",
        Action.STAMP,
        EventKind.STAMPED_BY_BUREAU,
        after=("stamp",),
        returns_to="download",
        readings=(
            Reading(AUDIT_CLOSES, "纸面盖章也以此为限", "四-3"),
            Reading(BOOK_CLOSES, "只管网上审核", "四-4"),
        ),
    ),
    make_stage("bind", Action.BIND, EventKind.BOUND, after=("bureau_stamp",)),
    make_stage("deliver", Action.DELIVER, EventKind.DELIVERED, after=("bind",), closes=BOOK_CLOSES),
)
PROGRAMME = make_programme(stages=CHAIN)
DONE_IN_ORDER = (
    EventKind.SUBMITTED,
    EventKind.UNIT_APPROVED,
    EventKind.APPROVED,
    EventKind.DOWNLOADED,
    EventKind.PRINTED,
    EventKind.STAMPED,
    EventKind.STAMPED_BY_BUREAU,
    EventKind.BOUND,
    EventKind.DELIVERED,
)


def event(kind: EventKind, when: datetime = MORNING, /, note: str = "", **params: str) -> Event:
    return Event(kind, when, EventSource.HAND, note=note, params=params)


def states_of(
    now: datetime, events: Sequence[Event] = (), programme: Programme = PROGRAMME
) -> dict[str, StageState]:
    return {one.stage.id: one for one in stages(programme, events, now)}


def walked(count: int) -> list[Event]:
    return [event(kind) for kind in DONE_IN_ORDER[:count]]


# ------------------------------------------------------------------------------------------ states
@pytest.mark.parametrize(
    ("now", "state"),
    [
        (at(12, 21, 23, 59, 59), State.UPCOMING),
        (at(12, 22), State.OPEN),
        (at(1, 2, 20, 59, 59), State.OPEN),
        (at(1, 2, 21), State.CLOSING),
        (at(1, 5, 20, 59, 59), State.CLOSING),
        (at(1, 5, 21), State.LATE),
        (at(1, 9), State.LATE),
    ],
)
def test_the_filling_window(now: datetime, state: State) -> None:
    """Seed 000 §四.1: from 22 December 2022 to 5 January 2023 21:00; 21:00 itself is too late."""
    assert states_of(now)["fill"].state is state


def test_a_done_stage_stays_done_after_its_closing() -> None:
    """Seed 000 §四.1: what was submitted in time is not late later."""
    fill = states_of(at(1, 9), [event(EventKind.SUBMITTED, at(1, 5, 20, 59))])["fill"]
    assert (fill.state, fill.done_at, fill.done_late) == (State.DONE, at(1, 5, 20, 59), False)


def test_the_closing_moment_itself_is_late() -> None:
    """Seed 000 §四.1: 21:00 is when the system closes."""
    assert states_of(at(1, 9), [event(EventKind.SUBMITTED, FILL_CLOSES)])["fill"].done_late
    just = FILL_CLOSES - timedelta(microseconds=1)
    assert not states_of(at(1, 9), [event(EventKind.SUBMITTED, just)])["fill"].done_late


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (at(1, 5, 20, 59, 59), 1),
        (FILL_CLOSES - timedelta(milliseconds=1), 0),
        (FILL_CLOSES, 0),
        (FILL_CLOSES + timedelta(milliseconds=1), -1),
        (at(1, 5, 21, 0, 1), -1),
        (at(1, 5, 20), 3600),
    ],
)
def test_seconds_left(now: datetime, left: int) -> None:
    """Time left is rounded down, so it is negative as soon as the closing is past."""
    assert states_of(now)["fill"].seconds_left == left


def test_a_stage_without_deadline_has_no_time_left() -> None:
    """Seed 000 §四.2: printing has no deadline of its own."""
    state = states_of(at(1, 9))["print_report"]
    assert (state.closes, state.notice_closes, state.seconds_left) == (None, None, None)


@pytest.mark.parametrize("count", range(len(DONE_IN_ORDER) + 1))
def test_the_chain(count: int) -> None:
    """Seed 000 §三, §四: each step opens when those before it are done, and only then."""
    states = stages(PROGRAMME, walked(count), at(1, 3))
    assert [one.state is State.DONE for one in states] == [True] * count + [False] * (len(CHAIN) - count)
    assert all(one.state is State.UPCOMING for one in states[count + 1 :])
    following = next_stage(states)
    if count == len(CHAIN):
        assert following is None
    else:
        assert following is not None
        assert following.stage is CHAIN[count]
        assert following.state in (State.OPEN, State.CLOSING)


def test_urumqi_clock_at_half_past_eight() -> None:
    """Seed 000 §四.1: a PC on UTC+6 shows 20:30 on 5 January, but in Beijing 21:00 has passed."""
    shown = datetime(2023, 1, 5, 20, 30, tzinfo=timezone(timedelta(hours=6)))
    fill = states_of(shown)["fill"]
    assert (fill.state, fill.seconds_left) == (State.LATE, -90 * 60)


def test_a_naive_now_is_refused() -> None:
    """House: naive datetimes are refused, with or without a deadline in the programme."""
    for programme in (PROGRAMME, make_programme()):
        with pytest.raises(UsageError, match="time_without_offset"):
            stages(programme, (), datetime(2023, 1, 5, 20, 30))  # noqa: DTZ001


@given(st.datetimes(datetime(2022, 12, 1), datetime(2023, 2, 1)), st.integers(-14, 14), st.integers(0, 9))  # noqa: DTZ001
def test_the_zone_of_the_clock_says_nothing(moment: datetime, hours: int, count: int) -> None:
    """Seed 000: the same moment in any zone gives the same states."""
    now = moment.replace(tzinfo=BEIJING)
    elsewhere = now.astimezone(timezone(timedelta(hours=hours)))
    assert stages(PROGRAMME, walked(count), now) == stages(PROGRAMME, walked(count), elsewhere)


# ------------------------------------------------------------------------------------------ deadlines
def test_readings_are_kept_and_the_strictest_is_planned() -> None:
    """Seed 000 §四.3: an unclear deadline is shown with all its readings; the strictest is planned for."""
    stamp = states_of(at(1, 3))["bureau_stamp"]
    assert (stamp.closes, stamp.notice_closes) == (AUDIT_CLOSES, None)
    assert stamp.readings == CHAIN[6].readings
    own = replace(CHAIN[6], closes=at(1, 6))
    assert states_of(at(1, 3), (), replace(PROGRAMME, stages=(own,)))["bureau_stamp"].closes == at(1, 6)


def test_an_extension_is_planned_for_and_the_old_deadline_kept() -> None:
    """Events: a deadline put off for this report counts, with its source; the notice's own stays visible."""
    registered = at(1, 5, 22)
    put_off = event(
        EventKind.EXTENDED, registered, note="电话通知", stage="fill", closes="2023-01-06T12:00:00+06:00"
    )
    fill = states_of(at(1, 6, 13, 59), [put_off])["fill"]
    assert (fill.state, fill.closes, fill.notice_closes) == (State.CLOSING, at(1, 6, 14), FILL_CLOSES)
    assert fill.extension == Extension(at(1, 6, 14), "电话通知", registered)
    assert states_of(at(1, 6, 14), [put_off])["fill"].state is State.LATE
    assert states_of(at(1, 6), [put_off])["bureau_review"].extension is None


def test_the_last_extension_counts_also_over_readings() -> None:
    """Events: a second extension replaces the first, and beats every reading."""
    first = event(EventKind.EXTENDED, stage="bureau_stamp", closes="2023-01-08T21:00:00+08:00")
    second = event(EventKind.EXTENDED, stage="bureau_stamp", closes="2023-01-09T21:00:00+08:00")
    assert states_of(at(1, 3), [first, second])["bureau_stamp"].closes == at(1, 9, 21)


@pytest.mark.parametrize(
    "params",
    [
        {"stage": "fill", "closes": "2023-01-06T12:00:00"},
        {"stage": "fill", "closes": "明天"},
        {"stage": "fill"},
        {"stage": "gone", "closes": "2023-01-06T12:00:00+08:00"},
        {"closes": "2023-01-06T12:00:00+08:00"},
    ],
)
def test_an_unclear_extension_changes_nothing(params: dict[str, str]) -> None:
    """Events from other programs: what cannot be read must not move a deadline."""
    assert fold(PROGRAMME, [event(EventKind.EXTENDED, **params)]).extensions == {}


# ------------------------------------------------------------------------------------------ returns
def test_a_return_undoes_later_stages_and_only_those() -> None:
    """Seed 000 §三: returned at the paper stamp, the download and all after it are to be done again."""
    events = [*walked(6), event(EventKind.RETURNED, stage="bureau_stamp", note="页码不对")]
    progress = fold(PROGRAMME, events)
    assert list(progress.done) == ["fill", "own_review", "bureau_review"]
    assert progress.returned == events[-1]
    assert states_of(at(1, 3), events)["fill"].state is State.DONE


def test_a_return_by_a_reviewer_starts_at_the_filling() -> None:
    """Seed 000 §三.1–2: a report that the bureau returns is filled in and reviewed again."""
    events = [*walked(2), event(EventKind.RETURNED, at(1, 4), stage="bureau_review")]
    assert fold(PROGRAMME, events).done == {}
    states = states_of(at(1, 4), events)
    assert states["fill"].state is State.CLOSING
    assert all(one.returned == events[-1] for one in states.values())


def test_a_return_of_nobody_starts_from_the_beginning() -> None:
    """Events registered by hand may not name the stage."""
    for returned in (event(EventKind.RETURNED), event(EventKind.RETURNED, stage="gone")):
        assert fold(PROGRAMME, [*walked(4), returned]).done == {}


def test_a_return_is_over_when_its_stage_is_done_again() -> None:
    """Seed 000 §三: submitting again closes the return; the stages after it stay undone."""
    events = [*walked(6), event(EventKind.RETURNED, stage="bureau_stamp")]
    again = [*events, event(EventKind.DOWNLOADED, at(1, 8))]
    assert fold(PROGRAMME, again).returned is None
    assert list(fold(PROGRAMME, again).done) == ["fill", "own_review", "bureau_review", "download"]
    other = [*events, event(EventKind.PRINTED, at(1, 8))]
    assert fold(PROGRAMME, other).returned == events[-1]


def test_an_extension_outlives_a_return() -> None:
    """Events: what was put off stays put off when the report comes back."""
    put_off = event(EventKind.EXTENDED, stage="fill", closes="2023-01-06T12:00:00+08:00")
    events = [put_off, *walked(2), event(EventKind.RETURNED, stage="bureau_review")]
    assert states_of(at(1, 6), events)["fill"].closes == at(1, 6, 12)


# ------------------------------------------------------------------------------ one kind, two stages
TWICE = make_programme(
    stages=(
        make_stage("print_cover", Action.PRINT, EventKind.PRINTED),
        make_stage("scan", Action.SCAN, EventKind.SCANNED, after=("print_cover",)),
        make_stage("print_book", Action.PRINT, EventKind.PRINTED, after=("scan",)),
    )
)


def test_an_event_ends_the_first_stage_that_is_not_done() -> None:
    """Seed 001: the cover is printed before the scan and the book after it."""
    events = [event(EventKind.PRINTED, at(1, 1))]
    assert list(fold(TWICE, events).done) == ["print_cover"]
    events.append(event(EventKind.PRINTED, at(1, 2)))
    done = fold(TWICE, events).done
    assert {stage: one.at for stage, one in done.items()} == {"print_cover": at(1, 1), "print_book": at(1, 2)}


def test_an_event_ends_the_stage_it_names() -> None:
    """Events: a named stage is ended, done before or not; naming it again corrects the time."""
    events = [event(EventKind.PRINTED, at(1, 1), stage="print_book")]
    assert list(fold(TWICE, events).done) == ["print_book"]
    events.append(event(EventKind.PRINTED, at(1, 2), stage="print_book"))
    done = fold(TWICE, events).done
    assert {stage: one.at for stage, one in done.items()} == {"print_book": at(1, 2)}


def test_a_stage_that_the_event_cannot_end_is_not_named() -> None:
    """Events: a wrong stage name does not end a stage of another kind."""
    assert list(fold(TWICE, [event(EventKind.PRINTED, stage="scan")]).done) == ["print_cover"]


def test_what_ends_nothing_changes_nothing() -> None:
    """Events: seals, notes and results of other programmes are part of the record only."""
    events = [event(EventKind.SEALED), event(EventKind.NOTE), event(EventKind.RESULT, grade="良好")]
    progress = fold(PROGRAMME, events)
    assert (progress.done, progress.extensions, progress.returned) == ({}, {}, None)


def test_either_way_of_handing_in_ends_the_filling() -> None:
    """Seed 000 §三.1: filed at the portal by hand, or uploaded."""
    for kind in (EventKind.SUBMITTED, EventKind.UPLOADED):
        assert list(fold(PROGRAMME, [event(kind)]).done) == ["fill"]


def test_a_second_event_does_not_make_a_timely_one_late() -> None:
    """seed 000 §四.1: what was handed in by 21:00 was in time, whatever is handed in once more after it."""
    late = datetime(2023, 1, 6, 9, tzinfo=BEIJING)
    states = states_of(late, [event(EventKind.SUBMITTED), event(EventKind.UPLOADED, late)])
    assert states["fill"].state is State.DONE
    assert states["fill"].done_at == MORNING
    assert not states["fill"].done_late


def test_a_programme_without_stages() -> None:
    """A programme in the making has no way yet; nothing falls over."""
    events = [event(EventKind.RETURNED), event(EventKind.SUBMITTED)]
    assert stages(make_programme(), events, at(1, 1)) == ()
    assert next_stage(()) is None


KINDS = st.sampled_from([*DONE_IN_ORDER, EventKind.RETURNED, EventKind.UPLOADED, EventKind.SEALED])
RECORDS = st.lists(
    st.tuples(KINDS, st.sampled_from(["", "fill", "bureau_review", "bureau_stamp", "bind", "gone"])),
    max_size=12,
)


@given(RECORDS)
def test_any_record_can_be_folded(record: list[tuple[EventKind, str]]) -> None:
    """Events: what is done is done by an event that may end it, whatever order events came in."""
    events = [event(kind, stage=stage) for kind, stage in record]
    progress = fold(PROGRAMME, events)
    by_id = {stage.id: stage for stage in CHAIN}
    assert all(one.kind in by_id[stage_id].done_by for stage_id, one in progress.done.items())
    assert len(stages(PROGRAMME, events, at(1, 5))) == len(CHAIN)


# ------------------------------------------------------------------------------------------ grades
@pytest.mark.parametrize(
    ("previous", "grades", "twice"),
    [
        ("不合格", ["不合格"], True),
        ("不合格", ["合格", "不合格"], True),
        ("不合格", ["不合格", "合格"], False),
        ("合格", ["不合格"], False),
        ("不合格", [], False),
        ("", [""], False),
    ],
)
def test_two_bad_grades(previous: str, grades: list[str], twice: bool) -> None:
    """Seed 000 §三.4: failed two years running, the title is lost; a corrected result counts."""
    events = [event(EventKind.RESULT, grade=grade) for grade in grades]
    assert failed_twice(events, previous, "不合格") is twice


def test_without_a_bad_grade_nobody_fails() -> None:
    """A programme without grades takes no title away."""
    assert not failed_twice([event(EventKind.RESULT, grade="")], "", "")


# ------------------------------------------------------------------------------------------ working days
NEW_YEAR = Calendar(
    holidays={
        **{date(2022, 12, 31): "元旦", date(2023, 1, 1): "元旦", date(2023, 1, 2): "元旦"},
        **{date(2023, 1, day): "春节" for day in range(21, 28)},
    },
    workdays={date(2023, 1, 28): "春节调休", date(2023, 1, 29): "春节调休"},
    known_years=frozenset({2022, 2023}),
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2022, 12, 30), True),
        (date(2022, 12, 31), False),
        (date(2023, 1, 1), False),
        (date(2023, 1, 2), False),
        (date(2023, 1, 3), True),
        (date(2023, 1, 7), False),
        (date(2023, 1, 24), False),
        (date(2023, 1, 28), True),
        (date(2023, 1, 29), True),
        (date(2023, 1, 30), True),
    ],
)
def test_new_year_2023(day: date, works: bool) -> None:
    """State Council's calendar of 2023: New Year to 2 January, 28 and 29 January worked."""
    assert is_workday(day, NEW_YEAR) is works


def test_working_days_between() -> None:
    """Seed 000: from the notice of Friday 23 December to the closing of 5 January are 8 working days."""
    assert workdays_between(at(12, 23, 9), FILL_CLOSES, NEW_YEAR) == 8
    assert workdays_between(at(12, 30, 23, 59), at(1, 3, 0), NEW_YEAR) == 1
    assert workdays_between(at(12, 31), at(1, 2, 23), NEW_YEAR) == 0
    assert workdays_between(FILL_CLOSES, FILL_CLOSES, NEW_YEAR) == 0
    assert workdays_between(FILL_CLOSES, at(12, 23), NEW_YEAR) == 0


def test_working_days_are_beijing_days() -> None:
    """23:00 on 2 January in Urumqi is already the working 3 January in Beijing."""
    urumqi = timezone(timedelta(hours=6))
    late = datetime(2023, 1, 2, 23, 0, tzinfo=urumqi)
    assert workdays_between(at(1, 2), late, NEW_YEAR) == 1


def test_known_years() -> None:
    """A year whose holidays are not out is planned with weekends, and people are told."""
    assert year_is_known(date(2023, 5, 1), NEW_YEAR)
    assert not year_is_known(date(2024, 5, 1), NEW_YEAR)
    assert is_workday(date(2024, 5, 1), NEW_YEAR)
