"""The latest moment at which sending may begin and still be in time, as far as anybody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.clock import to_beijing
from app.model.programme import Action, Counts
from app.rules.stages import StageState, State

UNMEASURED = 16_000.0
"""Bytes per second taken for granted while no sending has been measured: a poor line."""

DOUBLED = 2.0
"""The line may be half as good on the last evening, when everybody sends."""

MARGIN = timedelta(minutes=15)
"""For signing in, handing in, a corrected password, a restarted modem."""

REVIEW = timedelta(days=1)
"""Left for the reviewers where approval counts; how long they take cannot be known."""

EARLY = timedelta(hours=24)
"""How long before the latest start it is time to warn."""


class Urgency(StrEnum):
    """How pressing it is: time enough, within a day, past the latest safe start, past the end."""

    CALM = "calm"
    SOON = "soon"
    NOW = "now"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class SafeStart:
    """When sending should begin at the latest, in Beijing time.

    ``lasting``: how long the sending is expected to take; ``measured`` tells whether a speed was known.
    """

    stage: str
    label: str
    closes: datetime
    counts: Counts
    latest: datetime
    lasting: timedelta
    measured: bool
    urgency: Urgency


def safe_start(states: Sequence[StageState], now: datetime, size: int, speed: float) -> SafeStart | None:
    """Give the latest safe start for ``size`` bytes at ``speed`` bytes per second (0: not measured).

    What must be done by the end decides (asks 39): where beginning counts, only announcing has to be in
    time; where arriving counts, the whole transfer twice over; where approval counts, a day for the
    reviewers besides.  Gives None where the sending is done or no end is set.
    """
    state = _sending(states)
    if state is None or state.closes is None:
        return None
    lasting = timedelta(seconds=size / (speed or UNMEASURED))
    counts = state.stage.counts
    needed = MARGIN
    if counts is not Counts.STARTED:
        needed += lasting * DOUBLED
    if counts is Counts.APPROVED:
        needed += REVIEW
    closes, moment = to_beijing(state.closes), to_beijing(now)
    latest = closes - needed
    if moment >= closes:
        urgency = Urgency.LATE
    elif moment >= latest:
        urgency = Urgency.NOW
    else:
        urgency = Urgency.SOON if latest - moment <= EARLY else Urgency.CALM
    return SafeStart(state.stage.id, state.stage.label, closes, counts, latest, lasting, speed > 0, urgency)


def _sending(states: Sequence[StageState]) -> StageState | None:
    """Give the stage whose end bounds the sending: uploading, else filling in (seed 000 §四.1)."""
    own = [(one, one.closes) for one in states if not one.stage.reviewer and one.closes is not None]
    for action in (Action.UPLOAD, Action.FILL):
        found = [(one, closes) for one, closes in own if one.stage.action is action]
        if found:
            waiting = [(one, closes) for one, closes in found if one.state is not State.DONE]
            return min(waiting, key=lambda pair: pair[1])[0] if waiting else None
    return None
