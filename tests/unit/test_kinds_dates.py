"""Kinds of dates and deadlines (checks.md DAT; seed 000 §二, §四)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from app.clock import BEIJING
from app.model.packet import PacketSpec, Part, PartKind
from app.model.programme import Calendar
from app.model.submission import Event, EventKind, EventSource
from app.model.value import Invalid, Value
from tests.unit.forms import NOW, Case, find
from tests.unit.kind_world import WORLD

IN, BEFORE, AFTER = date(2022, 6, 1), date(2021, 12, 31), date(2022, 12, 21)
TENANCY: dict[str, object] = {
    "table": "t1",
    "from": "start",
    "status": "t1.status",
    "resident": "resident",
    "months": 24,
}


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=BEIJING)  # type: ignore[misc, arg-type]


def done(kind: EventKind, **params: str) -> Event:
    return Event(kind, NOW, EventSource.HAND, params=params)


def starts(*days: Value) -> dict[str, list[dict[str, Value]]]:
    return {"t1": [{"start": day} for day in days]}


TWO_DAYS: dict[str, object] = {"first": "t1.start", "second": "t1.end"}
CASES = [
    Case("date_valid", {}, {"day": "date_valid.text"}, values={"day": Invalid("22-2-30"), "day2": IN}),
    Case(
        "date_valid",
        {},
        {"day": "date_valid.early", "day2": "date_valid.late"},
        values={"day": date(1948, 1, 1), "day2": date(2202, 1, 1)},
    ),
    Case(
        "date_valid",
        {"items": ["t1.start"]},
        {
            "t1/r1/start": "date_valid.text_row",
            "t1/r2/start": "date_valid.early_row",
            "t1/r3/start": "date_valid.late_row",
        },
        tables=starts(Invalid("昨天"), date(1900, 1, 1), date(2222, 1, 1), IN),
    ),
    Case(
        "date_within",
        {"items": ["day", "day2"]},
        {"day": "date_within.text"},
        values={"day": AFTER, "day2": date(2022, 12, 20)},
    ),
    Case(
        "date_within",
        {"items": ["t1.start"]},
        {"t1/r1/start": "date_within.text_row", "t1/r3/start": "date_within.text_row"},
        tables=starts(BEFORE, IN, AFTER, Invalid("昨天")),
    ),
    Case(
        "date_within",
        {"items": ["day"], "to": "period_end"},
        {"day": "date_within.late"},
        values={"day": AFTER},
    ),
    Case(
        "date_within",
        {"items": ["day"], "from": "day2"},
        {"day": "date_within.early"},
        values={"day": BEFORE, "day2": IN},
    ),
    Case("date_within", {"items": ["day"], "from": "day2"}, {}, values={"day": BEFORE}),
    Case(
        "date_within",
        {"items": ["day"], "from": "date(2021, 1, 1)", "to": "period_start"},
        {"day": "date_within.text"},
        values={"day": IN},
    ),
    Case(
        "date_within",
        {"items": ["t1.end"], "from": "start"},
        {"t1/r1/end": "date_within.early_row"},
        tables={"t1": [{"start": IN, "end": BEFORE}, {"start": IN, "end": AFTER}]},
    ),
    Case(
        "date_within",
        {"items": ["t1.end"], "to": "day"},
        {"t1/r1/end": "date_within.late_row"},
        values={"day": IN},
        tables={"t1": [{"end": AFTER}, {}]},
    ),
    Case(
        "date_order",
        {"first": "day", "second": "day2"},
        {"day2": "date_order.text"},
        values={"day": IN, "day2": BEFORE},
    ),
    Case("date_order", {"first": "day", "second": "day2"}, {}, values={"day": IN, "day2": IN}),
    Case(
        "date_order",
        {"first": "day", "second": "day2", "allow_equal": False},
        {"day2": "date_order.equal"},
        values={"day": IN, "day2": IN},
    ),
    Case("date_order", {"first": "day", "second": "day2"}, {}, values={"day2": IN}),
    Case(
        "date_order",
        TWO_DAYS,
        {"t1/r1/end": "date_order.text_row"},
        tables={"t1": [{"start": IN, "end": BEFORE}, {"end": BEFORE}]},
    ),
    Case(
        "date_order",
        {**TWO_DAYS, "allow_equal": False},
        {"t1/r1/end": "date_order.equal_row"},
        tables={"t1": [{"start": IN, "end": IN}]},
    ),
    Case(
        "date_order",
        {"first": "day", "second": "t1.start"},
        {"t1/r1/start": "date_order.text_row"},
        values={"day": IN},
        tables=starts(BEFORE, IN),
    ),
    Case(
        "date_covers", {"item": "day", "until": "period_end"}, {"day": "date_covers.text"}, values={"day": IN}
    ),
    Case("date_covers", {"item": "day", "until": "period_end"}, {}, values={"day": date(2022, 12, 20)}),
    Case("date_covers", {"item": "day", "until": "day2"}, {}, values={"day": IN}),
    Case(
        "date_covers",
        {"item": "t1.end", "until": "period_end"},
        {"t1/r1/end": "date_covers.text_row"},
        tables={"t1": [{"end": IN}, {"end": AFTER}]},
    ),
    Case(
        "date_future",
        {},
        {"day": "date_future.text", "t1/r1/start": "date_future.text_row"},
        values={"day": date(2023, 1, 4), "day2": date(2023, 1, 3)},
        tables=starts(date(2024, 1, 1), IN),
    ),
    Case("date_future", {"except": ["day"]}, {}, values={"day": date(2030, 1, 1)}),
    Case(
        "term_overlaps",
        {"from": "day", "to": "day2"},
        {"day2": "term_overlaps.ended"},
        values={"day": date(2020, 1, 1), "day2": BEFORE},
    ),
    Case(
        "term_overlaps", {"from": "day", "to": "day2"}, {"day": "term_overlaps.begun"}, values={"day": AFTER}
    ),
    Case("term_overlaps", {"from": "day", "to": "day2"}, {}, values={"day": BEFORE, "day2": AFTER}),
    Case(
        "term_overlaps",
        {"from": "t1.start", "to": "t1.end"},
        {"t1/r1/end": "term_overlaps.ended_row", "t1/r2/start": "term_overlaps.begun_row"},
        tables={"t1": [{"end": BEFORE}, {"start": AFTER}, {"start": BEFORE}]},
    ),
    Case(
        "resident_long",
        TENANCY,
        {"t1/r1/start": "resident_long.text_row", "t1/r2/start": "resident_long.text_row"},
        tables={
            "t1": [
                {"start": date(2020, 12, 19), "status": "resident"},
                {"start": date(2020, 11, 30), "status": "resident"},
                {"start": date(2020, 12, 20), "status": "resident"},
                {"start": date(2019, 1, 1), "status": "gone"},
                {"status": "resident"},
            ]
        },
    ),
    # the notice and the clock
    Case("year_in_title", {}, {}),
    Case(
        "year_in_title",
        {},
        {"": "year_in_title.text"},
        programme=replace(WORLD, title="2021年度绩效评价自评报告"),
    ),
    Case(
        "year_in_title",
        {},
        {"": "year_in_title.text"},
        programme=replace(WORLD, packet=PacketSpec((Part("a", PartKind.REPORT, "2021年度报告"),), 2, "")),
    ),
    Case(
        "year_in_title",
        {},
        {},
        programme=replace(WORLD, texts={"commitment": "按2018年5月的办法，提供2022年度材料"}),
    ),
    Case("notice_late", {"stage": "fill"}, {"stage:fill": "notice_late.text"}),
    Case("notice_late", {"stage": "fill"}, {}, programme=replace(WORLD, notice_date=date(2022, 12, 22))),
    Case(
        "notice_late",
        {"stage": "fill"},
        {"stage:fill": "notice_late.open"},
        programme=replace(WORLD, stages=(replace(WORLD.stages[0], closes=None),)),
    ),
    Case("stage_deadline", {"hours": 48}, {}),
    Case("stage_deadline", {}, {"stage:fill": "stage_deadline.soon"}, context={"now": at(2023, 1, 3, 20)}),
    Case(
        "stage_deadline",
        {"hours": 48},
        {"stage:fill": "stage_deadline.late"},
        context={"now": at(2023, 1, 5, 20)},
    ),
    Case(
        "stage_deadline",
        {"hours": 48},
        {},
        context={"now": at(2023, 1, 5, 22), "events": (done(EventKind.SUBMITTED),)},
    ),
    Case(
        "stage_deadline",
        {"hours": 48},
        {},
        context={
            "now": at(2023, 1, 5, 22),
            "events": (done(EventKind.EXTENDED, stage="fill", closes="2023-01-09T21:00:00+08:00"),),
        },
    ),
    Case("time_left", {}, {}),
    Case("time_left", {}, {"stage:deliver": "time_left.text"}, context={"now": at(2023, 1, 4, 13)}),
    Case("time_left", {}, {}, context={"now": at(2023, 1, 4, 13), "events": (done(EventKind.SUBMITTED),)}),
    Case("deadline_day_off", {}, {"stage:review": "deadline_day_off.saturday"}),
    Case(
        "deadline_day_off",
        {},
        {"stage:fill": "deadline_day_off.holiday"},
        programme=replace(WORLD, calendar=Calendar({date(2023, 1, 5): "元旦"}, {date(2023, 1, 7): "调休"})),
    ),
    Case(
        "deadline_day_off",
        {},
        {"stage:fill": "deadline_day_off.sunday", "stage:review": "deadline_day_off.saturday"},
        context={"events": (done(EventKind.EXTENDED, stage="fill", closes="2023-01-08T21:00:00+08:00"),)},
    ),
    Case(
        "clock_backwards",
        {"hours": 1},
        {"": "clock_backwards.text"},
        context={"last_saved": at(2023, 1, 3, 10, 1)},
    ),
    Case("clock_backwards", {"hours": 1}, {}, context={"last_saved": at(2023, 1, 3, 10, 0)}),
    Case("clock_backwards", {"hours": 1}, {}),
]

REFUSED = [
    ("date_valid", {"items": ["n1"]}, "item_type"),
    ("date_within", {"items": ["name"]}, "item_type"),
    ("date_within", {"items": ["day"], "from": "n1"}, "item_type"),
    ("date_within", {"items": ["day"], "from": "t1.start"}, "other_table"),
    ("date_within", {"items": ["day"], "from": "1 + 1"}, "expression_type"),
    ("date_order", {"first": "t1.start", "second": "day"}, "other_table"),
    ("date_order", {"first": "day", "second": "day2", "allow_equal": 1}, "parameter_type"),
    ("date_covers", {"item": "day", "until": "n1 + 1"}, "expression_type"),
    ("date_future", {"except": ["n1"]}, "item_type"),
    ("term_overlaps", {"from": "day", "to": "t1.end"}, "other_table"),
    ("resident_long", {**TENANCY, "resident": "asleep"}, "unknown_choice"),
    ("resident_long", {**TENANCY, "from": "n"}, "item_type"),
    ("year_in_title", {"year": 2022}, "parameter_unknown"),
    ("notice_late", {"stage": "dance"}, "unknown_stage"),
    ("notice_late", {"stage": "deliver"}, "stage_without_opening"),
    ("stage_deadline", {"hours": "48"}, "parameter_type"),
    ("time_left", {"hours": 1}, "parameter_unknown"),
    ("deadline_day_off", {"hours": 1}, "parameter_unknown"),
    ("clock_backwards", {}, "parameter_missing"),
    ("clock_backwards", {"hours": 1.5}, "parameter_type"),
]


@pytest.mark.parametrize(
    ("now", "left"),
    [(at(2023, 1, 5, 19, 59), "0"), (at(2023, 1, 3, 20, 0), "48"), (at(2023, 1, 4, 20, 30), "23")],
)
def test_hours_left_are_told(now: datetime, left: str) -> None:
    """DAT-04: whole hours to the strictest reading of the deadline."""
    case = Case("stage_deadline", {"hours": 48}, context={"now": now})
    assert find(case, WORLD)[0].params["left"] == left


def test_lost_days_are_told() -> None:
    """DAT-03, seed 000: the notice came a day after the opening; 13 days were left to the closing day."""
    params = find(Case("notice_late", {"stage": "fill"}), WORLD)[0].params
    assert (params["lost"], params["days"], params["notice"]) == ("1", "13", "2022年12月23日")
