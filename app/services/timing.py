"""Stages and time left, worded for people, with the PC's own clock explained where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.clock import BEIJING, format_moment, to_beijing
from app.messages import Messages
from app.model.programme import Programme
from app.model.submission import Event
from app.rules.stages import StageState, State, stages, workdays_between, year_is_known


def describe_stages(
    programme: Programme, events: Sequence[Event], now: datetime, messages: Messages
) -> dict[str, object]:
    """Give every stage's state as the JSON document of ``shenbao stages``.

    ``now`` may carry any offset: it is what the PC shows, and is explained where it is not Beijing's.
    """
    states = stages(programme, events, now)
    return {
        "now": format_moment(now),
        "stages": [_describe(state, programme, now, messages) for state in states],
    }


def _describe(
    state: StageState, programme: Programme, now: datetime, messages: Messages
) -> dict[str, object]:
    stage = state.stage
    return {
        "id": stage.id,
        "label": stage.label,
        "actor": stage.actor,
        "action": stage.action.value,
        "opens": _iso(state.opens),
        "closes": _iso(state.closes),
        "notice_closes": _iso(state.notice_closes),
        "counts": stage.counts.value,
        "state": state.state.value,
        "seconds_left": state.seconds_left,
        "workdays_left": None
        if state.closes is None
        else workdays_between(now, state.closes, programme.calendar),
        "calendar_known": state.closes is None or year_is_known(state.closes.date(), programme.calendar),
        "done_at": _iso(state.done_at),
        "done_late": state.done_late,
        "extension": None
        if state.extension is None
        else {"closes": _iso(state.extension.closes), "source": state.extension.source},
        "readings": [
            {"closes": _iso(one.closes), "text": one.text, "source": one.source} for one in state.readings
        ],
        "note": stage.note,
        "source": stage.source,
        "message": explain_stage(state, now, messages),
    }


def explain_stage(state: StageState, now: datetime, messages: Messages) -> str:
    """Give one sentence on where a stage stands and why, in Beijing time."""
    params: dict[str, object] = {"label": state.stage.label, "now": show_moment(now)}
    code: str = state.state.value
    if state.closes is not None:
        params["closes"] = show_moment(state.closes)
        params["span"] = show_span(abs(state.closes - to_beijing(now)))
        params["counts"] = messages.text("words", f"counts.{state.stage.counts.value}")
    if state.opens is not None:
        params["opens"] = show_moment(state.opens)
    if state.done_at is not None:
        params["done"] = show_moment(state.done_at)
        code = "done_late" if state.done_late else "done"
    elif state.state is State.UPCOMING:
        opening = state.opens is not None and to_beijing(now) < state.opens
        code = "upcoming_by_date" if opening else "upcoming_by_stage"
    elif state.closes is None:
        code = "open_without_end"
    text = messages.text("timing", code, **params)
    offset = now.utcoffset()
    if state.closes is not None and offset is not None and offset != BEIJING.utcoffset(None):
        text += messages.text(
            "timing",
            "other_clock",
            zone=show_offset(offset),
            here=show_clock(now),
            now=show_moment(now),
            closes_here=show_clock(state.closes.astimezone(now.tzinfo)),
        )
    return text


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else format_moment(moment)


def show_moment(moment: datetime) -> str:
    """Give a moment in Beijing time as people write it."""
    beijing = to_beijing(moment)
    return f"{beijing.year}年{beijing.month}月{beijing.day}日 {beijing:%H:%M}"


def show_clock(moment: datetime) -> str:
    """Give what a clock in the moment's own zone shows."""
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def show_offset(offset: timedelta) -> str:
    """Give an offset as UTC±h or UTC±h:mm."""
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def show_span(span: timedelta) -> str:
    """Give a length of time in its two greatest units."""
    minutes = int(span.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    return f"{minutes} 分钟" if minutes else "不到 1 分钟"
