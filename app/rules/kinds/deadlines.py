"""The calendar of the notice: stages, closings, the year in the titles, the PC's clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from app.clock import BEIJING
from app.model.finding import Finding
from app.model.programme import CheckSpec, Programme, Stage
from app.rules.kinds.dates import show_day
from app.rules.kinds.report import form_finding
from app.rules.kinds.targets import Params, define
from app.rules.rule import Reads, Rule, SpecError
from app.rules.stages import StageState, State, is_workday, stages
from app.rules.view import View

_CLOCK = Reads(parts=frozenset({"now", "context"}))
_EVENTS = Reads(parts=frozenset({"context"}))
_ANY_YEAR = re.compile(r"((?:19|20)[0-9]{2})\s*年")
_REPORT_YEAR = re.compile(r"((?:19|20)[0-9]{2})\s*年度")


def _show_moment(moment: datetime) -> str:
    local = moment.astimezone(BEIJING)
    return f"{show_day(local.date())} {local:%H:%M}"


def compile_year_in_title(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find another year than the report's in titles and texts (checks.md DAT-02, LOG-24, seed 000).

    In the titles every 「年」 counts, in the parts' titles and the texts only 「年度」: these cite older
    papers.
    It looks at the programme alone.  Path: empty.
    """
    year = str(programme.report_year)
    found = {
        y: None for t in (programme.title, programme.short_title) for y in _ANY_YEAR.findall(t) if y != year
    }
    places = [part.title for part in programme.packet.parts] + list(programme.texts.values())
    found.update({y: None for text in places for y in _REPORT_YEAR.findall(text) if y != year})

    def run(_view: View) -> Sequence[Finding]:
        return (form_finding(spec, "", "text", years="、".join(found), report_year=year),) if found else ()

    return (Rule(spec.code, Reads(), run=run),)


def compile_notice_late(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find a stage that opened before the notice was issued (checks.md DAT-03, seed 000).

    ``stage``: its id.  It looks at the programme alone.  Path: ``stage:<id>``.
    """
    stage = Params(programme, spec).stage("stage")
    issued, opens, closes = programme.notice_date, stage.opens, stage.closes
    if opens is None or issued is None:
        raise SpecError(
            "stage_without_opening" if opens is None else "notice_without_date",
            parameter="stage",
            value=stage.id,
        )
    opened = opens.astimezone(BEIJING).date()

    def run(_view: View) -> Sequence[Finding]:
        if opened >= issued:
            return ()
        slots = {
            "stage": stage.label,
            "opens": show_day(opened),
            "notice": show_day(issued),
            "lost": str((issued - opened).days),
        }
        if closes is None:
            return (form_finding(spec, f"stage:{stage.id}", "open", **slots),)
        days = str((closes.astimezone(BEIJING).date() - issued).days)
        return (form_finding(spec, f"stage:{stage.id}", "text", days=days, **slots),)

    return (Rule(spec.code, Reads(), run=run),)


def _own_stages(programme: Programme, view: View) -> Iterator[StageState]:
    for state in stages(programme, view.context.events, view.context.now):
        if not state.stage.reviewer and state.state is not State.DONE and state.closes is not None:
            yield state


def compile_stage_deadline(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find stages of one's own that are late or close soon (checks.md DAT-04).

    ``hours``: how long before closing it counts as soon; default each stage's ``warn_hours``.  The planned
    closing is an extension, else the strictest reading of the notice.  Path: ``stage:<id>``.
    """
    params = Params(programme, spec)
    hours = timedelta(hours=params.integer("hours")) if params.has("hours") else None

    def run(view: View) -> Sequence[Finding]:
        found, now = [], view.context.now
        for state in _own_stages(programme, view):
            assert state.closes is not None
            left = state.closes - now
            if left > (state.stage.warn_before if hours is None else hours):
                continue
            late = left <= timedelta(0)
            slots = {"stage": state.stage.label, "closes": _show_moment(state.closes)}
            if not late:
                slots["left"] = str(left // timedelta(hours=1))
            found.append(form_finding(spec, f"stage:{state.stage.id}", "late" if late else "soon", **slots))
        return found

    return (Rule(spec.code, _CLOCK, run=run),)


def compile_time_left(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find stages out of reach by what the undone stages before them usually take (checks.md DAT-05).

    Counted are ``usual_days`` (calendar days) of the stage and of all undone stages it comes after.  Path:
    ``stage:<id>``.  A stage already late is a matter of ``stage_deadline``.
    """
    needed_before = {stage.id: _chain(programme, stage) for stage in programme.stages}

    def run(view: View) -> Sequence[Finding]:
        found, now = [], view.context.now
        states = stages(programme, view.context.events, now)
        undone = {state.stage.id: state.stage for state in states if state.state is not State.DONE}
        for state in _own_stages(programme, view):
            assert state.closes is not None
            left = state.closes - now
            days = sum(undone[name].usual_days for name in needed_before[state.stage.id] if name in undone)
            if left <= timedelta(0) or not days or timedelta(days=days) <= left:
                continue
            slots = {"stage": state.stage.label, "closes": _show_moment(state.closes), "days": str(days)}
            found.append(form_finding(spec, f"stage:{state.stage.id}", "text", left=str(left.days), **slots))
        return found

    return (Rule(spec.code, _CLOCK, run=run),)


def _chain(programme: Programme, stage: Stage) -> frozenset[str]:
    after: Mapping[str, tuple[str, ...]] = {entry.id: entry.after for entry in programme.stages}
    names, waiting = set(), [stage.id]
    while waiting:
        name = waiting.pop()
        if name not in names and name in after:
            names.add(name)
            waiting.extend(after[name])
    return frozenset(names)


def compile_deadline_day_off(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find closings on a day off (checks.md DAT-06, seed 000: a Saturday).

    It looks at the programme's calendar and at extensions.  Path: ``stage:<id>``.
    """
    calendar = programme.calendar

    def run(view: View) -> Sequence[Finding]:
        found = []
        for state in stages(programme, view.context.events, view.context.now):
            day = state.closes.astimezone(BEIJING).date() if state.closes else None
            if day is None or state.closes is None or is_workday(day, calendar):
                continue
            slots = {"stage": state.stage.label, "closes": _show_moment(state.closes)}
            if day in calendar.holidays:
                found.append(
                    form_finding(
                        spec, f"stage:{state.stage.id}", "holiday", name=calendar.holidays[day], **slots
                    )
                )
            else:
                variant = "saturday" if day.weekday() == 5 else "sunday"
                found.append(form_finding(spec, f"stage:{state.stage.id}", variant, **slots))
        return found

    return (Rule(spec.code, _EVENTS, run=run),)


def compile_clock_backwards(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find a clock that stands before the last saving (checks.md DAT-17).

    ``hours``: how far back is still taken for a corrected clock.  Path: empty.
    """
    allowed = timedelta(hours=Params(programme, spec).integer("hours"))

    def run(view: View) -> Sequence[Finding]:
        now, saved = view.context.now, view.context.last_saved
        if saved is None or now >= saved - allowed:
            return ()
        return (form_finding(spec, "", "text", now=_show_moment(now), saved=_show_moment(saved)),)

    return (Rule(spec.code, _CLOCK, run=run),)


KINDS = (
    define("year_in_title", compile_year_in_title),
    define("notice_late", compile_notice_late, "stage"),
    define("stage_deadline", compile_stage_deadline, "", "hours"),
    define("time_left", compile_time_left),
    define("deadline_day_off", compile_deadline_day_off),
    define("clock_backwards", compile_clock_backwards, "hours"),
)
