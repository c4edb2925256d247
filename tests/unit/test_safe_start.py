"""The latest safe start under each rule of what counts (asks 39), at its edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.clock import parse_moment
from app.model.programme import Action, Counts, Programme, Stage
from app.model.submission import Event, EventKind, EventSource
from app.rules.safe_start import EARLY, MARGIN, REVIEW, UNMEASURED, SafeStart, Urgency, safe_start
from app.rules.stages import stages
from tests.adapters.platform_fixture import programme

CLOSES = parse_moment("2023-01-05T21:00:00+08:00")
SIZE, SPEED = 6_000_000, 10_000.0
LASTING = timedelta(seconds=600)


def with_counts(counts: Counts, action: Action = Action.FILL) -> Programme:
    first, *others = programme().stages
    return replace(programme(), stages=(replace(first, counts=counts, action=action), *others))


def find(
    of: Programme, now: datetime, events: tuple[Event, ...] = (), speed: float = SPEED
) -> SafeStart | None:
    return safe_start(stages(of, events, now), now, SIZE, speed)


@pytest.mark.parametrize(
    ("counts", "needed"),
    [
        (Counts.STARTED, MARGIN),
        (Counts.RECEIVED, MARGIN + 2 * LASTING),
        (Counts.APPROVED, MARGIN + 2 * LASTING + REVIEW),
    ],
)
def test_what_counts_decides(counts: Counts, needed: timedelta) -> None:
    """Asks 39: begun, arrived or approved by the end; the speed is allowed to halve."""
    latest = CLOSES - needed
    expected = {
        latest - EARLY - timedelta(seconds=1): Urgency.CALM,
        latest - EARLY: Urgency.SOON,
        latest - timedelta(seconds=1): Urgency.SOON,
        latest: Urgency.NOW,
        CLOSES - timedelta(seconds=1): Urgency.NOW,
        CLOSES: Urgency.LATE,
    }
    for now, urgency in expected.items():
        found = find(with_counts(counts), now)
        assert found is not None
        assert (found.latest, found.urgency, found.closes) == (latest, urgency, CLOSES)
        assert (found.lasting, found.measured) == (LASTING, True)


def test_without_a_measured_speed_a_poor_line_is_taken() -> None:
    """Nothing measured: the cautious figure, and it is said that it is one."""
    found = find(with_counts(Counts.RECEIVED), CLOSES - timedelta(days=3), speed=0.0)
    assert found is not None
    assert (found.measured, found.lasting) == (False, timedelta(seconds=SIZE / UNMEASURED))


def test_an_uploading_stage_goes_before_filling_in() -> None:
    """The platform's window is that of uploading where there is one, the strictest first."""
    fill, *others = programme().stages
    late = replace(fill, id="upload", action=Action.UPLOAD, closes=CLOSES + timedelta(days=2))
    early = replace(late, id="scan", closes=CLOSES + timedelta(days=1))
    of = replace(programme(), stages=(fill, late, early, *others))
    found = find(of, CLOSES)
    assert found is not None and found.stage == "scan"


def test_nothing_to_be_in_time_for() -> None:
    """No end, or already sent: no warning at all."""
    fill, *others = programme().stages
    endless: tuple[Stage, ...] = (replace(fill, closes=None), *others)
    assert find(replace(programme(), stages=endless), CLOSES) is None
    sent = Event(EventKind.SUBMITTED, CLOSES - timedelta(days=1), EventSource.HAND, params={"number": "1"})
    assert find(programme(), CLOSES, (sent,)) is None


def test_an_extension_moves_the_end() -> None:
    """A registered extension counts (issue 2: 延期)."""
    later = CLOSES + timedelta(days=1)
    event = Event(
        EventKind.EXTENDED,
        CLOSES - timedelta(hours=1),
        EventSource.HAND,
        params={"stage": "fill", "closes": later.isoformat()},
    )
    found = find(with_counts(Counts.RECEIVED), CLOSES, (event,))
    assert found is not None and found.closes == later
