"""Calendar files, read back by a plain reader of RFC 5545."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import BEIJING
from app.errors import UsageError
from app.exchange.ics import ALARMS, Entry, write_calendar

STAMP = datetime(2022, 12, 23, 9, tzinfo=BEIJING)
CLOSES = datetime(2023, 1, 5, 21, tzinfo=BEIJING)


def unfold(data: bytes) -> list[str]:
    return data.replace(b"\r\n ", b"").decode("utf-8").split("\r\n")


def read_text(value: str) -> str:
    out, rest = "", iter(value)
    for character in rest:
        if character == "\\":
            escaped = next(rest)
            out += "\n" if escaped == "n" else escaped
        else:
            out += character
    return out


def test_a_deadline_with_its_four_reminders() -> None:
    """Issue «The window», 时限: export to .ics; reminders at 7, 3, 1 days and 3 hours."""
    lines = unfold(write_calendar("时限", [Entry("fill@report", "网上填报截止", CLOSES)], STAMP))
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//shenbao//shenbao//ZH"]
    assert "DTSTART:20230105T130000Z" in lines
    assert "DTSTAMP:20221223T010000Z" in lines
    assert [line for line in lines if line.startswith("TRIGGER")] == [
        "TRIGGER:-P7D",
        "TRIGGER:-P3D",
        "TRIGGER:-P1D",
        "TRIGGER:-PT3H",
    ]
    assert lines.count("BEGIN:VALARM") == lines.count("END:VALARM") == len(ALARMS)
    assert lines[-2:] == ["END:VCALENDAR", ""]


def test_a_span_and_a_place() -> None:
    """Leave-by entries have a length and say where to go."""
    entry = Entry(
        "u", "送达", CLOSES, CLOSES + timedelta(hours=26, minutes=30), "以送达为准", "一街328号", []
    )
    lines = unfold(write_calendar("时限", [entry], STAMP))
    assert "DTEND:20230106T153000Z" in lines
    assert "DESCRIPTION:以送达为准" in lines
    assert "LOCATION:一街328号" in lines
    assert "BEGIN:VALARM" not in lines


def test_the_same_moment_in_any_zone_is_the_same_file() -> None:
    """Times stand in UTC, so a PC set to Xinjiang time reads the same moment."""
    there = CLOSES.astimezone(timezone(timedelta(hours=6)))
    files = {write_calendar("时限", [Entry("u", "截止", moment)], STAMP) for moment in (CLOSES, there)}
    files.add(write_calendar("时限", [Entry("u", "截止", CLOSES.astimezone(UTC))], STAMP))
    assert len(files) == 1


def test_a_time_without_an_offset_is_refused() -> None:
    """House: naive times are refused."""
    with pytest.raises(UsageError):
        write_calendar("时限", [Entry("u", "截止", CLOSES.replace(tzinfo=None))], STAMP)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_comes_back_and_no_line_is_long(text: str) -> None:
    """RFC 5545 §3.1 and §3.3.11: 75 octets, cut between characters, marks escaped."""
    data = write_calendar("时限", [Entry("u", "截止", CLOSES, details="始" + text)], STAMP)
    physical = data.split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert all(line.decode("utf-8") is not None for line in physical)
    found = next(line for line in unfold(data) if line.startswith("DESCRIPTION:始"))
    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in wanted if c in "\n\t" or not (ord(c) < 32 or ord(c) == 127))
    assert read_text(found.removeprefix("DESCRIPTION:始")) == kept
