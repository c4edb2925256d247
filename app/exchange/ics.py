"""Calendar files (iCalendar, RFC 5545) that Outlook, WPS, phones and mail programs open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.clock import to_beijing

ALARMS = (timedelta(days=7), timedelta(days=3), timedelta(days=1), timedelta(hours=3))
"""How long before an entry begins its reminders ring."""

_LONGEST = 75
"""Octets of a content line without its line end (RFC 5545 §3.1)."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a calendar.  ``uid`` stays the same when the entry is exported again.

    ``start`` and ``end`` carry an offset; a moment (a deadline) has no ``end``.
    """

    uid: str
    title: str
    start: datetime
    end: datetime | None = None
    details: str = ""
    place: str = ""
    alarms: Sequence[timedelta] = field(default=ALARMS)


def write_calendar(name: str, entries: Sequence[Entry], stamp: datetime) -> bytes:
    """Give a calendar file in UTF-8: times in UTC, lines folded at 75 octets, an alarm for each reminder.

    ``stamp`` is when the file was made.  Equal entries give equal bytes.  Raises ``UsageError`` for a time
    without an offset.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//shenbao//shenbao//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for entry in entries:
        lines += _event(entry, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(_fold(line) for line in lines)


def _event(entry: Entry, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"DTSTAMP:{_moment(stamp)}"
    yield f"DTSTART:{_moment(entry.start)}"
    if entry.end is not None:
        yield f"DTEND:{_moment(entry.end)}"
    yield f"SUMMARY:{_text(entry.title)}"
    if entry.details:
        yield f"DESCRIPTION:{_text(entry.details)}"
    if entry.place:
        yield f"LOCATION:{_text(entry.place)}"
    yield "TRANSP:TRANSPARENT"
    for before in entry.alarms:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_text(entry.title)}"
        yield f"TRIGGER:-{_duration(before)}"
        yield "END:VALARM"
    yield "END:VEVENT"


def _moment(moment: datetime) -> str:
    return f"{to_beijing(moment).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _duration(span: timedelta) -> str:
    days, rest = divmod(span, timedelta(days=1))
    hours, rest = divmod(rest, timedelta(hours=1))
    minutes = rest // timedelta(minutes=1)
    parts = "".join(f"{count}{letter}" for count, letter in ((hours, "H"), (minutes, "M")) if count)
    text = f"{days}D" if days else ""
    return f"P{text}T{parts}" if parts or not text else f"P{text}"


def _text(text: str) -> str:
    """Give a text value: escaped, without what a content line cannot hold (RFC 5545 §3.3.11)."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", plain).translate(_ESCAPES)


def _fold(line: str) -> bytes:
    """Cut a line between characters so that no piece is longer than 75 octets."""
    pieces: list[bytes] = []
    current = b""
    for character in line:
        octets = character.encode("utf-8", "replace")
        if len(current) + len(octets) > _LONGEST:
            pieces.append(current)
            current = b" "
        current += octets
    return b"\r\n".join([*pieces, current]) + b"\r\n"
