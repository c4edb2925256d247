"""Beijing time, the only time of the program.

China has had one zone without daylight saving since 1991, so a fixed offset is exact and no zone
database is needed (Windows has none of its own).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from app.errors import UsageError

BEIJING = timezone(timedelta(hours=8), "UTC+08:00")

Clock = Callable[[], datetime]
"""Gives the present moment with an offset.  Passed in, never looked up."""


def system_clock() -> datetime:
    """Give the PC's moment in Beijing time, whatever zone the PC is set to."""
    return datetime.now(BEIJING)


def to_beijing(moment: datetime) -> datetime:
    """Give the same moment in Beijing time.

    Raises ``UsageError`` with ``time_without_offset`` for a naive time: whose clock it was cannot be
    known; and ``time_unreadable`` for a moment that no calendar day in Beijing holds (year 0 or 10000).
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise UsageError("time_without_offset", text=moment.isoformat())
    try:
        return moment.astimezone(BEIJING)
    except OverflowError as error:
        raise UsageError("time_unreadable", text=moment.isoformat()) from error


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment with an offset and give it in Beijing time.

    Raises ``UsageError`` with ``time_unreadable`` or ``time_without_offset``.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("time_unreadable", text=text) from error
    return to_beijing(moment)


def format_moment(moment: datetime) -> str:
    """Give ISO 8601 to the second with +08:00, the form of every file and JSON answer."""
    return to_beijing(moment).isoformat(timespec="seconds")
