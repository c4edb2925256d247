"""This year's report from last year's: names stay, flows are cleared, figures become last year's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.model.draft import Answers, Attachment, Row
from app.model.form import Form, Item, PeriodKind, Section, Table
from app.model.form_changes import FormChanges, OwnField, with_changes
from app.model.value import Invalid, ItemType
from app.services.renewing import Choice, Mode, choices_of, renew_answers, section_items, table_items

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


COLUMNS = (
    Item("name", "名称", ItemType.TEXT),
    Item("kind", "类型", ItemType.CHOICE, choices={"a": "甲"}, period_kind=PeriodKind.AT_END),
    Item("income", "收入", ItemType.MONEY, unit="万元", period_kind=PeriodKind.DURING),
    Item("per", "人均", ItemType.DECIMAL, calculate="income / 2"),
)
LIST = Table("t2", "2", "清单", COLUMNS)
BOTH = Form((Section("s", "一", "基本", FIELDS, ("t1", "t2")),), {"t1": TABLE, "t2": LIST})
ROWS = (
    Row("r1", {"name": "甲", "kind": "a", "income": Decimal(30000), "per": Decimal(1)}),
    Row("r9", {"income": Decimal(500)}),
)
FULL = replace(ANSWERS, tables={"t1": (Row("r1", {"name": "甲"}),), "t2": ROWS})


def test_a_section_can_be_kept_blanked_or_kept_until_confirmed() -> None:
    """Issue 3, 首页: keep / blank / confirm per section; figures too, calculated items never."""
    items = list(section_items(BOTH, BOTH.sections[0]))
    assert [address for address, _ in items][-4:] == ["t1.name", "t2.name", "t2.kind", "t2.income"]
    kept = renew_answers(FULL, BOTH, BOTH, choices=choices_of(items, Mode.KEEP))
    assert kept.values == {key: FULL.values[key] for key in ("a1", "a2", "a3", "a4", "a5", "a6", "a7")}
    assert kept.unconfirmed == frozenset()
    blank = renew_answers(FULL, BOTH, BOTH, choices=choices_of(items, Mode.BLANK))
    assert (blank.values, blank.tables) == ({}, {})
    assert blank.previous == kept.previous
    sure = renew_answers(FULL, BOTH, BOTH, choices=choices_of(items, Mode.CONFIRM))
    assert (sure.values, sure.tables) == (kept.values, kept.tables)
    assert sure.unconfirmed == {*kept.values, "t1.name", "t2.name", "t2.kind", "t2.income"}


def test_columns_that_describe_can_stay_as_rows() -> None:
    """Issue 3: per column; rows stay with their names, their flows are cleared, empty rows go."""
    choices = {**choices_of(table_items(LIST), Mode.NAMES), "t2.kind": Choice.CONFIRM}
    new = renew_answers(FULL, BOTH, BOTH, choices=choices)
    assert new.tables == {"t2": (Row("r1", {"name": "甲", "kind": "a"}),)}
    assert new.unconfirmed == {"t2.kind"}
    assert new.values == renew_answers(FULL, BOTH, BOTH).values


def test_nobody_is_asked_to_confirm_what_is_not_there() -> None:
    """An item without last year's value, or a name nobody knows, waits for nothing."""
    few = Answers(values={"a1": "天山"}, tables={"t2": (Row("r1", {"name": "甲"}),), "gone": ROWS})
    choices = {**choices_of(section_items(BOTH, BOTH.sections[0]), Mode.CONFIRM), "zz": Choice.CONFIRM}
    new = renew_answers(few, BOTH, BOTH, choices=choices)
    assert new.unconfirmed == {"a1", "t2.name"}


def test_a_clerks_own_items_go_along_and_new_official_names_win() -> None:
    """What was added or left out last year is so this year; a rename gives way to a new official name."""
    own = OwnField("own-1", "s", "宿舍", ItemType.TEXT)
    changes = FormChanges({"a1": "单位", "a2": "成立", "own-1": ""}, {}, frozenset({"a6"}), (own,))
    old = replace(FULL, values={**FULL.values, "own-1": "三栋"}, form_changes=changes)
    renamed = tuple(replace(one, label="众创空间名称") if one.id == "a1" else one for one in FIELDS)
    form = Form((Section("s", "一", "基本", renamed, ()),), {})
    new = renew_answers(old, BOTH, form)
    assert new.form_changes == FormChanges({"a2": "成立"}, {}, frozenset({"a6"}), (own,))
    assert new.values["own-1"] == new.previous["own-1"] == "三栋"
    assert renew_answers(old, with_changes(BOTH, changes), form) == new
