"""Where a report stands on its way, and how much time each stage has left.

Status is a fold over events, never stored.  All comparisons are between moments with an offset, so
the PC's zone cannot shift a deadline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.clock import BEIJING, parse_moment, to_beijing
from app.errors import UsageError
from app.model.programme import Calendar, Programme, Reading, Stage
from app.model.submission import Event, EventKind


class State(StrEnum):
    """State of a stage: 未开始, 进行中, 即将截止, 已逾期, 已完成."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSING = "closing"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Extension:
    """A deadline that was changed for this report, with its source; the notice's own one is kept."""

    closes: datetime
    source: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage as it stands.

    ``closes`` is what is planned for: an extension if there is one, else the strictest reading of the
    notice; ``notice_closes`` is the notice's plain deadline.  ``seconds_left`` is None without a
    deadline and negative after it.  ``done_late``: it was finished after its deadline.
    """

    stage: Stage
    state: State
    opens: datetime | None
    closes: datetime | None
    notice_closes: datetime | None
    seconds_left: int | None
    done_at: datetime | None = None
    done_late: bool = False
    extension: Extension | None = None
    readings: tuple[Reading, ...] = ()
    returned: Event | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The fold of a record: which stages are done by what, extensions, and the open return if any."""

    done: Mapping[str, Event] = field(default_factory=dict)
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    returned: Event | None = None


def fold(programme: Programme, events: Sequence[Event]) -> Progress:
    """Fold events into progress.

    A return undoes the stages from its stage's ``returns_to`` on (from the first stage where none is
    named): what was sealed, printed or stamped before belongs to an older revision.  An event that
    could end several stages ends the one named in ``params["stage"]``, else the first that is not done; once
    all are done it changes nothing, so that a later event cannot make a timely one late.
    """
    done: dict[str, Event] = {}
    extensions: dict[str, Extension] = {}
    returned: Event | None = None
    order = [stage.id for stage in programme.stages]
    by_id = {stage.id: stage for stage in programme.stages}
    for event in events:
        if event.kind is EventKind.EXTENDED:
            extension = _extension(event)
            if extension is not None and event.params.get("stage") in by_id:
                extensions[event.params["stage"]] = extension
        elif event.kind is EventKind.RETURNED:
            stage = by_id.get(event.params.get("stage", ""))
            target = stage.returns_to if stage and stage.returns_to else order[0] if order else ""
            for stage_id in order[order.index(target) :] if target in order else ():
                done.pop(stage_id, None)
            returned = event
        else:
            ended = _ended_by(programme, event, done)
            if ended:
                done[ended] = event
                if returned is not None and ended == _first_after_return(by_id, returned, order):
                    returned = None
    return Progress(done, extensions, returned)


def _first_after_return(by_id: Mapping[str, Stage], returned: Event, order: Sequence[str]) -> str:
    stage = by_id.get(returned.params.get("stage", ""))
    return stage.returns_to if stage and stage.returns_to else order[0]


def _extension(event: Event) -> Extension | None:
    try:
        closes = parse_moment(event.params.get("closes", ""))
    except UsageError:
        return None
    return Extension(closes, event.note, event.at)


def _ended_by(programme: Programme, event: Event, done: Mapping[str, Event]) -> str:
    if event.params.get("copies") == "0":
        return ""  # one part of one copy, or some pages: the stage waits for the rest
    candidates = [stage.id for stage in programme.stages if event.kind in stage.done_by]
    named = event.params.get("stage", "")
    if named in candidates:
        return named
    for stage_id in candidates:
        if stage_id not in done:
            return stage_id
    return ""


def stages(programme: Programme, events: Sequence[Event], now: datetime) -> tuple[StageState, ...]:
    """Give every stage's state at a moment (any offset; the platform's time when it is known).

    A stage without an opening opens when the stages in ``after`` are done.  The closing moment itself
    is already too late (seed 000 §四.1: 21:00 is when the system closes).  Raises ``UsageError`` for a
    moment without an offset.
    """
    now = to_beijing(now)
    progress = fold(programme, events)
    return tuple(_stage_state(stage, progress, now) for stage in programme.stages)


def _stage_state(stage: Stage, progress: Progress, now: datetime) -> StageState:
    extension = progress.extensions.get(stage.id)
    closes = _planned_close(stage, extension)
    event = progress.done.get(stage.id)
    left = None if closes is None else (closes - now) // timedelta(seconds=1)
    return StageState(
        stage=stage,
        state=_state(stage, progress, now, closes),
        opens=stage.opens,
        closes=closes,
        notice_closes=stage.closes,
        seconds_left=left,
        done_at=event.at if event else None,
        done_late=bool(event and closes and event.at >= closes),
        extension=extension,
        readings=stage.readings,
        returned=progress.returned,
    )


def _planned_close(stage: Stage, extension: Extension | None) -> datetime | None:
    if extension is not None:
        return extension.closes
    moments = [reading.closes for reading in stage.readings]
    if stage.closes is not None:
        moments.append(stage.closes)
    return min(moments) if moments else None


def _state(stage: Stage, progress: Progress, now: datetime, closes: datetime | None) -> State:
    if stage.id in progress.done:
        return State.DONE
    if closes is not None and now >= closes:
        return State.LATE
    if stage.opens is not None and now < stage.opens:
        return State.UPCOMING
    if any(before not in progress.done for before in stage.after):
        return State.UPCOMING
    if closes is not None and closes - now <= stage.warn_before:
        return State.CLOSING
    return State.OPEN


def next_stage(states: Sequence[StageState]) -> StageState | None:
    """Give the first stage that is not done: who must act now."""
    for state in states:
        if state.state is not State.DONE:
            return state
    return None


def failed_twice(events: Sequence[Event], previous_grade: str, bad: str) -> bool:
    """Tell whether this and last year's results are both the bad grade (seed 000 §三.4)."""
    grades = [event.params.get("grade", "") for event in events if event.kind is EventKind.RESULT]
    return bool(bad) and previous_grade == bad and bool(grades) and grades[-1] == bad


def is_workday(day: date, calendar: Calendar) -> bool:
    """Tell whether offices work on a day: shifted workdays count, holidays and weekends do not."""
    if day in calendar.workdays:
        return True
    return day not in calendar.holidays and day.weekday() < 5


def workdays_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Count Beijing working days after the day of ``start`` up to and including the day of ``end``."""
    day, last = start.astimezone(BEIJING).date(), end.astimezone(BEIJING).date()
    total = 0
    while day < last:
        day += timedelta(days=1)
        total += is_workday(day, calendar)
    return total


def year_is_known(day: date, calendar: Calendar) -> bool:
    """Tell whether the holidays of a day's year have been published in the programme's calendar."""
    return day.year in calendar.known_years
