"""This year's report from last year's: names stay, flows are cleared, figures become last year's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.model.draft import Answers, Attachment, Row
from app.model.form import Form, Item, PeriodKind, Section, Table
from app.model.value import Invalid, ItemType
from app.services.renewing import renew_answers

FIELDS = (
    Item("a1", "名称", ItemType.TEXT),
    Item("a2", "成立日期", ItemType.DATE),
    Item("a3", "收入", ItemType.MONEY, unit="万元", period_kind=PeriodKind.DURING),
    Item("a4", "在孵企业", ItemType.INTEGER, period_kind=PeriodKind.AT_END),
    Item("a5", "是否免租", ItemType.YES_NO),
    Item("a6", "本年荣誉", ItemType.TEXT, period_kind=PeriodKind.DURING),
    Item("a7", "级别", ItemType.CHOICE, choices={"x": "国家级", "y": "自治区级"}),
    Item("a8", "全称", ItemType.TEXT, calculate="a1"),
)
TABLE = Table("t1", "1", "企业", (Item("name", "名称", ItemType.TEXT),))
OLD = Form((Section("s", "一", "基本", FIELDS, ("t1",)),), {"t1": TABLE})
ANSWERS = Answers(
    values={
        "a1": "天山空间",
        "a2": date(2016, 9, 1),
        "a3": Decimal(1234500),
        "a4": 31,
        "a5": True,
        "a6": "优秀基地",
        "a7": "y",
        "a8": "天山空间",
        "gone": "x",
    },
    tables={"t1": (Row("r1", {"name": "甲"}),)},
    reasons={"C-1@a3": "搬迁"},
    attachments=(Attachment("证.pdf", "0" * 64, 1, ("a1",)),),
)


def test_names_stay_and_flows_are_cleared() -> None:
    """issue 3, 首页: from last year's report; names stay, flows are cleared, values become previous."""
    new = renew_answers(ANSWERS, OLD, OLD, "良好")
    assert new.values == {"a1": "天山空间", "a2": date(2016, 9, 1), "a5": True, "a7": "y"}
    assert new.previous == {key: value for key, value in ANSWERS.values.items() if key != "gone"}
    assert new.previous_grade == "良好"
    assert (new.tables, new.reasons, new.attachments) == ({}, {}, ())


def test_what_cannot_be_read_in_the_new_form_is_left_out() -> None:
    """architecture, «Tree»: a form may change from year to year; nothing is bent into another type."""
    fields = (Item("a1", "名称", ItemType.LONG_TEXT), Item("a4", "是否在孵", ItemType.DATE))
    new_form = Form((Section("s", "一", "基本", fields),), {})
    broken = Answers(values={"a1": "天山空间", "a4": 31, "a2": Invalid("早年")})
    new = renew_answers(broken, OLD, new_form)
    assert new.values == {"a1": "天山空间"}
    assert new.previous == {"a1": "天山空间"}
