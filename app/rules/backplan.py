"""Planning backwards from the deadlines: when each stage has to start at the latest, in working time.

Working time is the office's hours on the programme's working days, in Beijing time.  A deadline at night
or on a day off therefore means the last office hour before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from app.clock import BEIJING, to_beijing
from app.model.programme import Calendar, Programme, Stage
from app.model.submission import Event
from app.rules.stages import StageState, State, is_workday, stages

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-—–~～至到]+\s*(\d{1,2})[:：](\d{2})")
_USUAL = ((time(9), time(12)), (time(14), time(18)))
_NOTHING = timedelta(0)
_FARTHEST = 3660
"""Days looked at for the next working day; no calendar has a longer rest."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours of a working day, in order and without overlap.  ``known``: they come from the notice."""

    spans: tuple[tuple[time, time], ...] = _USUAL
    known: bool = False

    @property
    def day(self) -> timedelta:
        """Give the working time of one day."""
        return sum((_length(span) for span in self.spans), _NOTHING)


def read_hours(text: str) -> OfficeHours:
    """Read ``10:00—14:00，15:30—19:30``; the usual 9–12 and 14–18 stand in for an unreadable text."""
    spans: list[tuple[time, time]] = []
    for match in _SPAN.finditer(text):
        numbers = [int(part) for part in match.groups()]
        if max(numbers[0], numbers[2]) > 23 or max(numbers[1], numbers[3]) > 59:
            return OfficeHours()
        span = (time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))
        if span[0] >= span[1] or (spans and spans[-1][1] > span[0]):
            return OfficeHours()
        spans.append(span)
    return OfficeHours(tuple(spans), known=True) if spans else OfficeHours()


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Reckons in working time.  All moments are in Beijing time."""

    calendar: Calendar
    hours: OfficeHours

    def last_before(self, moment: datetime) -> datetime:
        """Give the moment itself within office hours, else the end of the office hours before it."""
        for start, end in self._spans_back(moment):
            if start < moment:
                return min(end, moment)
        return moment

    def first_after(self, moment: datetime) -> datetime:
        """Give the moment itself within office hours, else the beginning of the next ones."""
        for start, end in self._spans_on(moment):
            if moment < end:
                return max(start, moment)
        return moment

    def back(self, moment: datetime, work: timedelta) -> datetime:
        """Give the latest moment from which ``work`` fits before ``moment``; nothing needs no time."""
        left = work
        if left <= _NOTHING:
            return moment
        for start, end in self._spans_back(moment):
            room = min(end, moment) - start
            if room >= left:
                return min(end, moment) - left
            left -= max(room, _NOTHING)
        return moment

    def on(self, moment: datetime, work: timedelta) -> datetime:
        """Give the moment at which ``work`` begun at ``moment`` is done."""
        left = work
        if left <= _NOTHING:
            return moment
        for start, end in self._spans_on(moment):
            room = end - max(start, moment)
            if room >= left:
                return max(start, moment) + left
            left -= max(room, _NOTHING)
        return moment

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Give the working time from ``start`` to ``end``; negative where ``end`` comes first."""
        if end < start:
            return -self.between(end, start)
        whole = self._workdays(start.date(), end.date()) * self.hours.day
        return whole - self._worked(start) + self._worked(end)

    def _worked(self, moment: datetime) -> timedelta:
        if not is_workday(moment.date(), self.calendar):
            return _NOTHING
        return sum(
            (max(min(moment, end) - start, _NOTHING) for start, end in self._spans(moment.date())), _NOTHING
        )

    def _workdays(self, first: date, last: date) -> int:
        """Count the working days from ``first`` up to, and without, ``last``."""
        weeks, rest = divmod((last - first).days, 7)
        total = weeks * 5 + sum((first.weekday() + step) % 7 < 5 for step in range(rest))
        for day in {*self.calendar.holidays, *self.calendar.workdays}:
            if first <= day < last:
                total += is_workday(day, self.calendar) - (day.weekday() < 5)
        return total

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (datetime.combine(day, start, BEIJING), datetime.combine(day, end, BEIJING))
            for start, end in self.hours.spans
        ]

    def _spans_back(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        for day in self._days(moment.date(), -1):
            yield from reversed(self._spans(day))

    def _spans_on(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        for day in self._days(moment.date(), 1):
            yield from self._spans(day)

    def _days(self, day: date, step: int) -> Iterator[date]:
        for distance in range(_FARTHEST):
            other = day + timedelta(days=step * distance)
            if is_workday(other, self.calendar):
                yield other


def _length(span: tuple[time, time]) -> timedelta:
    return datetime.combine(date.min, span[1]) - datetime.combine(date.min, span[0])


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage in the plan.

    ``days``: working days it still needs.  ``latest_end``: the last office moment at which it may end,
    ``latest_start`` the last at which it may begin; both None where no deadline follows.
    ``earliest_start``/``earliest_end``: when it can begin and end if nothing rests from now on.  ``slack``:
    working time between earliest and latest start, negative where it is missing.  ``late``: its deadline
    has passed.
    """

    stage: Stage
    days: Decimal
    done: bool = False
    latest_start: datetime | None = None
    latest_end: datetime | None = None
    earliest_start: datetime | None = None
    earliest_end: datetime | None = None
    slack: timedelta | None = None
    late: bool = False

    @property
    def possible(self) -> bool:
        """Tell whether the stage can still be in time."""
        return not self.late and (self.slack is None or self.slack >= _NOTHING)


@dataclass(frozen=True, slots=True)
class Plan:
    """The way planned backwards from its deadlines.

    ``short``: the working time that is missing, 0 where none is (a deadline may still have passed after
    office hours).  ``since``: from when on it was impossible, or None where the notice never left enough
    time (or nothing is missing).  ``unknown_years``: reckoned with weekends only.
    """

    stages: tuple[StagePlan, ...]
    short: timedelta
    since: datetime | None
    hours: OfficeHours
    unknown_years: tuple[int, ...] = ()

    @property
    def possible(self) -> bool:
        """Tell whether everything can still be in time."""
        return all(one.possible for one in self.stages)

    @property
    def next(self) -> StagePlan | None:
        """Give the first stage that is not done."""
        return next((one for one in self.stages if not one.done), None)

    def in_days(self, work: timedelta) -> Decimal:
        """Give working time in working days, to the tenth."""
        return (Decimal(work // timedelta(minutes=1)) / (self.hours.day // timedelta(minutes=1))).quantize(
            Decimal("0.1")
        )


def plan(
    programme: Programme, events: Sequence[Event], now: datetime, durations: Mapping[str, Decimal]
) -> Plan:
    """Plan the stages that are not done backwards from the deadlines that are in force.

    ``durations``: working days by stage id, else the stage's ``usual_days``.  ``now`` may carry any offset;
    raises ``UsageError`` for one without.  Deadlines are the planned ones of ``stages`` (extension, else
    the strictest reading); a stage ends before the stages that name it in ``after`` begin.  Office hours
    are the programme's setting ``office_hours`` (seed 000 §四 sets Beijing times after office hours).
    """
    now = to_beijing(now)
    work = WorkingTime(programme.calendar, read_hours(programme.settings.get("office_hours", "")))
    states = stages(programme, events, now)
    days = {s.id: _days_of(s, durations) for s in programme.stages}
    latest = _plan_back(states, days, work)
    earliest = _plan_on(states, days, work, now)
    planned = tuple(_stage_plan(state, days[state.stage.id], latest, earliest, work) for state in states)
    short = max((-one.slack for one in planned if one.slack is not None), default=_NOTHING)
    short = max(short, _NOTHING)
    since = work.back(work.last_before(now), short) if short else None
    if since is not None and not _was_possible(states, days, latest, work, since):
        since = None
    return Plan(planned, short, since, work.hours, _unknown_years(programme.calendar, planned))


def _days_of(stage: Stage, durations: Mapping[str, Decimal]) -> Decimal:
    return max(Decimal(durations.get(stage.id, stage.usual_days)), Decimal(0))


def _in_time(days: Decimal, work: WorkingTime) -> timedelta:
    return timedelta(minutes=round(days * (work.hours.day // timedelta(minutes=1))))


_Spans = Mapping[str, tuple[datetime, datetime]]
"""Start and end by stage id."""


def _plan_back(states: Sequence[StageState], days: Mapping[str, Decimal], work: WorkingTime) -> _Spans:
    planned: dict[str, tuple[datetime, datetime]] = {}
    for state in reversed(states):
        if state.state is State.DONE:
            continue
        ends = [
            planned[other.stage.id][0]
            for other in states
            if _follows(other, state) and other.stage.id in planned
        ]
        if state.closes is not None:
            ends.append(state.closes)
        if ends:
            end = work.last_before(min(ends))
            planned[state.stage.id] = (work.back(end, _in_time(days[state.stage.id], work)), end)
    return planned


def _follows(other: StageState, state: StageState) -> bool:
    return state.stage.id in other.stage.after


def _plan_on(
    states: Sequence[StageState], days: Mapping[str, Decimal], work: WorkingTime, now: datetime
) -> _Spans:
    planned: dict[str, tuple[datetime, datetime]] = {}
    for state in states:
        if state.state is State.DONE:
            continue
        begins = [now, *(planned[before][1] for before in state.stage.after if before in planned)]
        if state.opens is not None:
            begins.append(state.opens)
        length = _in_time(days[state.stage.id], work)
        start = work.first_after(max(begins)) if length else max(begins)
        planned[state.stage.id] = (start, work.on(start, length))
    return planned


def _stage_plan(
    state: StageState, days: Decimal, latest: _Spans, earliest: _Spans, work: WorkingTime
) -> StagePlan:
    key = state.stage.id
    if state.state is State.DONE:
        return StagePlan(state.stage, days, done=True)
    first_start, first_end = earliest[key]
    if key not in latest:
        return StagePlan(state.stage, days, earliest_start=first_start, earliest_end=first_end)
    last_start, last_end = latest[key]
    slack = work.between(first_start, last_start)
    return StagePlan(
        state.stage,
        days,
        False,
        last_start,
        last_end,
        first_start,
        first_end,
        slack,
        state.state is State.LATE,
    )


def _was_possible(
    states: Sequence[StageState],
    days: Mapping[str, Decimal],
    latest: _Spans,
    work: WorkingTime,
    moment: datetime,
) -> bool:
    then = _plan_on(states, days, work, moment)
    return all(work.between(then[key][0], span[0]) >= _NOTHING for key, span in latest.items())


def _unknown_years(calendar: Calendar, planned: Sequence[StagePlan]) -> tuple[int, ...]:
    moments = [
        moment
        for one in planned
        if one.latest_end is not None
        for moment in (one.latest_start, one.latest_end)
        if moment is not None
    ]
    return tuple(sorted({moment.year for moment in moments} - calendar.known_years))
