"""The way of a report in time: its record read, its plan worded, its calendar file, its reminders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from app.clock import to_beijing
from app.errors import AppError
from app.exchange.ics import ALARMS, Entry, write_calendar
from app.messages import Messages
from app.model.draft import Answers, Draft
from app.model.programme import Action, Programme
from app.model.submission import Event, EventKind
from app.rules.backplan import Plan, StagePlan, plan
from app.rules.stages import StageState, State, stages
from app.services.listing import save_file
from app.services.recording import Registration, register
from app.services.timing import explain_stage, show_moment
from app.services.workplace import Workplace
from app.store.drafts import DraftSummary

LEAVING = frozenset({Action.DELIVER, Action.POST})
"""Actions with a way to go: their latest start is when to leave."""

REMIND_BEFORE = ALARMS
"""How long before a deadline people are reminded, in the calendar file and by the window."""

PREVIOUS_SOURCE = "previous_source"
"""``params["about"]`` of the note that says where last year's values come from."""


@dataclass(frozen=True)
class Record:
    """A draft's events, and how far the platform's clock is ahead of the PC's."""

    events: tuple[Event, ...]
    ahead: timedelta


def read_record(workplace: Workplace, draft_id: str) -> Record:
    """Read what happened to a draft; raises what reading the store raises."""
    events = workplace.store.events.list(draft_id)
    return Record(events, workplace.now() - to_beijing(workplace.clock()))


@dataclass(frozen=True, slots=True)
class Extended:
    """A deadline put off: the stage, its new closing moment, who said so and where it is written."""

    stage: str
    closes: datetime
    source: str
    who: str = ""


def register_extension(workplace: Workplace, draft_id: str, entry: Extended) -> Record:
    """Register an extension with its source and give the record anew; raises as ``register``."""
    register(
        workplace,
        draft_id,
        Registration(
            EventKind.EXTENDED.value,
            note=entry.source,
            who=entry.who,
            params={"stage": entry.stage, "closes": to_beijing(entry.closes).isoformat()},
        ),
        workplace.now(),
    )
    return read_record(workplace, draft_id)


def previous_source(events: tuple[Event, ...]) -> str:
    """Give where last year's values come from, as it was last written down; empty where it was not."""
    for event in reversed(events):
        if event.kind is EventKind.NOTE and event.params.get("about") == PREVIOUS_SOURCE:
            return event.note
    return ""


def write_previous_source(workplace: Workplace, draft_id: str, text: str) -> Record:
    """Write down where last year's values come from; raises as ``register``."""
    register(
        workplace,
        draft_id,
        Registration(EventKind.NOTE.value, note=text, params={"about": PREVIOUS_SOURCE}),
        workplace.now(),
    )
    return read_record(workplace, draft_id)


@dataclass(frozen=True)
class Upcoming:
    """The stages of one report, for reminders."""

    draft_id: str
    title: str
    stages: tuple[StageState, ...]


def read_upcoming(workplace: Workplace) -> tuple[datetime, tuple[Upcoming, ...]]:
    """Give the moment of now and the stages of every report; reports that cannot be read are left out."""
    now = workplace.now()
    found = []
    for summary in workplace.store.drafts.list():
        try:
            programme = workplace.programme_of(_outline(summary))
            events = workplace.store.events.list(summary.id)
        except AppError:
            continue
        found.append(Upcoming(summary.id, summary.title, stages(programme, events, now)))
    return now, tuple(found)


def _outline(summary: DraftSummary) -> Draft:
    return Draft(summary.id, summary.programme_id, summary.form_version, Answers())


def show_work(made: Plan, work: timedelta, messages: Messages) -> str:
    """Give a length of working time as people say it: hours below a day, else working days."""
    length = abs(work)
    if length < made.hours.day:
        hours, rest = divmod(length, timedelta(hours=1))
        minutes = rest // timedelta(minutes=1)
        key = "work_hours" if hours and not minutes else "work_mixed" if hours else "work_minutes"
        return messages.text("window", f"timeline.{key}", hours=hours, minutes=minutes)
    return messages.text("window", "timeline.work_days", days=str(made.in_days(length)).removesuffix(".0"))


def explain_plan(made: Plan, messages: Messages) -> str:
    """Give one paragraph on whether the plan holds, and if not since when and by how much."""
    following = made.next
    if following is None:
        return messages.text("window", "timeline.plan_done")
    params: dict[str, object] = {"label": following.stage.label}
    if not made.possible:
        params["short"] = show_work(made, made.short, messages)
        late = next((one for one in made.stages if one.late), None)
        if late is not None:
            params["label"] = late.stage.label
            return messages.text("window", "timeline.plan_late", **params)
        if made.since is None:
            return messages.text("window", "timeline.plan_never", **params)
        return messages.text("window", "timeline.plan_broken", since=show_moment(made.since), **params)
    if following.latest_start is None:
        return messages.text("window", "timeline.plan_free", **params)
    assert following.slack is not None
    return messages.text(
        "window",
        "timeline.plan_holds",
        start=show_moment(following.latest_start),
        slack=show_work(made, following.slack, messages),
        **params,
    )


def start_word(one: StagePlan) -> str:
    """Give the key of the word for a latest start: to leave, or to begin."""
    return "timeline.leave_by" if one.stage.action in LEAVING else "timeline.start_by"


def make_calendar(
    programme: Programme,
    draft_id: str,
    events: tuple[Event, ...],
    now: datetime,
    durations: Mapping[str, Decimal],
    messages: Messages,
) -> bytes:
    """Give a calendar file with the open deadlines and the latest starts of the plan.

    What is done or has no deadline is left out.  Raises ``UsageError`` for a moment without an offset.
    """
    made = plan(programme, events, now, durations)
    entries: list[Entry] = []
    address = programme.settings.get("receiver_address", "")
    for state, one in zip(stages(programme, events, now), made.stages, strict=True):
        if state.state is State.DONE:
            continue
        uid = f"{draft_id}-{state.stage.id}"
        place = address if state.stage.action is Action.DELIVER and state.closes is not None else ""
        if state.closes is not None:
            title = messages.text("window", "timeline.calendar_closes", label=state.stage.label)
            details = "\n".join([explain_stage(state, now, messages), state.stage.note, state.stage.source])
            entries.append(Entry(f"{uid}-closes@shenbao", title, state.closes, None, details, place))
        if one.latest_start is not None and one.days:
            word = messages.text("window", start_word(one))
            title = messages.text("window", "timeline.calendar_start", label=state.stage.label, word=word)
            entries.append(
                Entry(
                    f"{uid}-start@shenbao", title, one.latest_start, one.latest_end, state.stage.note, place
                )
            )
    return write_calendar(programme.short_title, entries, now)


def save_calendar(path: Path, body: bytes) -> Path:
    """Write a calendar file; raises ``AppError("cannot_write")``."""
    return save_file(path, body)
