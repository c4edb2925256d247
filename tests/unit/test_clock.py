"""Beijing time, whatever zone the PC shows (seed 000 §四.1: every deadline is a Beijing moment)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import BEIJING, format_moment, parse_moment, system_clock, to_beijing
from app.errors import UsageError

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def test_urumqi_clocks() -> None:
    """Seed 000: a PC on Xinjiang time (UTC+6) showing 19:00 stands at 21:00 Beijing time."""
    local = datetime(2023, 1, 5, 19, 0, tzinfo=timezone(timedelta(hours=6)))
    assert to_beijing(local) == datetime(2023, 1, 5, 21, 0, tzinfo=BEIJING)
    assert format_moment(local) == "2023-01-05T21:00:00+08:00"


def test_the_system_clock_has_an_offset() -> None:
    """House: naive times are refused, so the clock never gives one."""
    assert system_clock().utcoffset() == timedelta(hours=8)
    assert abs(system_clock() - datetime.now(tz=timezone.utc)) < timedelta(minutes=1)  # noqa: UP017


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2023-01-05T21:00:00+08:00", "2023-01-05T21:00:00+08:00"),
        ("2023-01-05T13:00:00Z", "2023-01-05T21:00:00+08:00"),
        ("2023-01-05 19:00+06:00", "2023-01-05T21:00:00+08:00"),
        ("2023-01-05T21:00:00.999+08:00", "2023-01-05T21:00:00+08:00"),
    ],
)
def test_moments_with_an_offset(text: str, shown: str) -> None:
    """Files: ISO 8601 with any offset comes in, +08:00 to the second goes out."""
    assert format_moment(parse_moment(text)) == shown


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2023-01-05T21:00:00", "time_without_offset"),
        ("2023-01-05", "time_without_offset"),
        ("", "time_unreadable"),
        ("5日21点", "time_unreadable"),
        ("2023-02-30T00:00:00+08:00", "time_unreadable"),
        ("9999-12-31T23:59:59-12:00", "time_unreadable"),
        ("0001-01-01T00:00:00+14:00", "time_unreadable"),
        ("\ud800", "time_unreadable"),
    ],
)
def test_moments_that_are_none(text: str, code: str) -> None:
    """House: a naive or impossible time is a UsageError, never a guess."""
    with pytest.raises(UsageError) as caught:
        parse_moment(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(2023, 1, 5, 21), "time_without_offset"),  # noqa: DTZ001
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), "time_unreadable"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "time_unreadable"),
    ],
)
def test_moments_that_beijing_does_not_know(moment: datetime, code: str) -> None:
    """House: whose clock was it?  And no OverflowError ever escapes."""
    for read in (to_beijing, format_moment):
        with pytest.raises(UsageError) as caught:
            read(moment)
        assert caught.value.code == code


@given(st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1), timezones=ZONES))  # noqa: DTZ001
def test_zones_do_not_move_a_moment(moment: datetime) -> None:
    """Seed 000: all comparisons are between moments, so the PC's zone cannot shift a deadline."""
    assert to_beijing(moment) == moment
    assert parse_moment(format_moment(moment)) == moment.replace(microsecond=0)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_a_usage_error(text: str) -> None:
    """House: nothing else escapes."""
    try:
        moment = parse_moment(text)
    except UsageError:
        return
    assert moment.utcoffset() == timedelta(hours=8)
