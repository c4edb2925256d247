"""Signs of the outline: a reviewer's marks, and what is no longer as it was printed (issue 3, 填报)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from app.clock import BEIJING
from app.model.draft import Answers, Attachment, Row
from app.model.form import DerivedRow, Form, Item, Section, Table
from app.model.submission import Event, EventKind, EventSource
from app.model.value import ItemType
from app.rules.signs import Comparison, Paper, open_remarks

AT = datetime(2022, 12, 5, 10, 0, tzinfo=BEIJING)
COLUMNS = (Item("name", "名称", ItemType.TEXT),)
FORM = Form(
    (Section("s", "一", "基本", (Item("a1", "名称", ItemType.TEXT),), ("t1", "t2")),),
    {
        "t1": Table("t1", "1", "企业", COLUMNS),
        "t2": Table(
            "t2", "2", "科目", COLUMNS, derived=(DerivedRow("in", {}, {}), DerivedRow("out", {}, {}))
        ),
    },
)
PRINTED = Answers(
    values={"a1": "天山", "b2": Decimal("1.0")},
    tables={"t1": (Row("r1", {"name": "甲"}), Row("r2", {"name": "乙"})), "t2": (Row("in", {"name": "收"}),)},
    reasons={"C-1@t1/r2/name": "属实"},
    attachments=(Attachment("证.pdf", "0" * 64, 1, ("a1",)),),
)


def event(kind: EventKind, note: str = "", marks: object = None) -> Event:
    params = {} if marks is None else {"marks": json.dumps(marks, ensure_ascii=False)}
    return Event(kind, AT, EventSource.PLATFORM, who="地州科技局", note=note, params=params)


def test_marks_of_a_return_stand_at_their_items_until_a_later_seal() -> None:
    """Asks 24: fields, pages and text of a return; a seal or upload after it answers it."""
    marks = [
        {"path": "a1", "page": 3, "text": "名称与证照不符"},
        {"path": "", "page": 9, "text": "第 9 页看不清"},
    ]
    events = [event(EventKind.SEALED), event(EventKind.RETURNED, "请修改", marks)]
    found = open_remarks(events)
    assert [(one.item, one.page, one.text) for one in found] == [
        ("", 0, "请修改"),
        ("a1", 3, "名称与证照不符"),
        ("", 9, "第 9 页看不清"),
    ]
    assert {one.who for one in found} == {"地州科技局"}
    for kind in (EventKind.SEALED, EventKind.UPLOADED, EventKind.SUBMITTED, EventKind.APPROVED):
        assert open_remarks([*events, event(kind)]) == ()
    assert open_remarks([*events, event(EventKind.NOTE, "x")]) == found


def test_a_return_told_twice_is_shown_once_and_two_returns_are_added_up() -> None:
    """The same return comes from the platform and by hand; different words stay."""
    first = event(EventKind.RETURNED, "请修改", [{"path": "a1", "page": 0, "text": "甲"}])
    second = event(EventKind.RETURNED, "再改", [{"path": "t1/r2/name", "page": 0, "text": "乙"}])
    assert [one.text for one in open_remarks([first, first, second])] == ["请修改", "甲", "再改", "乙"]


def test_marks_of_another_form_do_no_harm() -> None:
    """A record is never refused: what is no list of marks is passed over."""
    for raw in ("{", '"x"', "[1, {}]", '[{"path": 3, "page": "x", "text": " "}]'):
        broken = replace(event(EventKind.RETURNED), params={"marks": raw})
        assert open_remarks([broken]) == ()
    odd = event(EventKind.RETURNED, marks=[{"text": "改", "page": -2, "path": None}])
    assert [(one.path, one.page) for one in open_remarks([odd])] == [("", 0)]


def test_only_what_says_something_else_than_the_paper_is_named() -> None:
    """Issue 3: «changed since print» compares content; row ids and equal numbers do not count."""
    same = replace(
        PRINTED,
        values={"a1": "天山", "b2": Decimal(1)},
        tables={
            "t1": (Row("x9", {"name": "甲"}), Row("x7", {"name": "乙"})),
            "t2": (Row("out", {}), Row("in", {"name": "收"})),
        },
        reasons={"C-1@t1/x7/name": "属实"},
    )
    comparison = Comparison(Paper(PRINTED, printed=True), FORM)
    assert comparison.changed(same) == frozenset()
    swapped = replace(same, tables={**same.tables, "t1": same.tables["t1"][::-1]})
    assert comparison.changed(swapped) == {"t1"}
    assert comparison.changed(replace(same, values={"a1": "天池", "b2": Decimal(1)})) == {"a1"}
    assert comparison.changed(replace(same, previous={"a1": "旧"})) == {"a1"}
    assert comparison.changed(replace(same, reasons={})) == {"t1"}
    assert comparison.changed(replace(same, attachments=())) == {"a1"}
    assert comparison.changed(replace(same, tables={"t1": same.tables["t1"]})) == {"t2"}
    assert comparison.changed(same) == frozenset()
