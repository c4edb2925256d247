"""One form with every item type, and the typed texts and answers that can stand in it."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import strategies as st

from app.model.draft import Answers, Attachment, Row
from app.model.form import DerivedRow, Form, Item, Section, Table
from app.model.value import ItemType, Value, clean_text, parse_value

CHOICES = {"soe": "国有", "private": "民营", "yes": "是", "mixed": "专利、软件著作权"}
UNITS = {ItemType.MONEY: "万元", ItemType.INTEGER: "家", ItemType.PERCENT: "%", ItemType.DECIMAL: "平方米"}


def make_item(kind: ItemType, prefix: str = "f", **more: Any) -> Item:
    choices = CHOICES if kind in (ItemType.CHOICE, ItemType.MULTI_CHOICE) else {}
    return Item(f"{prefix}_{kind}", f"项{kind}", kind, unit=UNITS.get(kind, ""), choices=choices, **more)


FIELDS = (
    *(make_item(kind) for kind in ItemType),
    Item("yuan", "金额", ItemType.MONEY, unit="元"),
    Item("worked_out", "合计", ItemType.INTEGER, calculate="f_integer + 1"),
)
COLUMNS = (
    *(make_item(kind, "c") for kind in ItemType),
    Item("c_sum", "合计", ItemType.INTEGER, calculate="c_integer + 1"),
)
ORDINARY = Table("t1", "T1", "附表一", COLUMNS)
DERIVED = Table(
    "t2",
    "T2",
    "附表二",
    (Item("subject", "科目", ItemType.TEXT, readonly=True), Item("target", "目标", ItemType.DECIMAL)),
    derived=(DerivedRow("income", {"subject": "收入"}, {}), DerivedRow("staff", {"subject": "人数"}, {})),
)
FORM = Form((Section("s", "一", "部分", FIELDS, ("t1", "t2")),), {"t1": ORDINARY, "t2": DERIVED})

_DIGITS = st.sampled_from("0123456789０１２３４５６７８９")
_NUMBERS = st.one_of(
    st.decimals(-(10**13), 10**13, places=4, allow_nan=False).map(str),
    st.integers(-(10**15), 10**15).map("{:,}".format),
    st.lists(_DIGITS, min_size=1, max_size=12).map("".join),
    st.sampled_from(
        ["-0", "0.00", "+5", ".5", "5.", "－１２．５０", "１，２３４", "12abc", "1e5", "10²", "35①"]
    ),
)
_DATES = st.one_of(
    st.dates().map(lambda day: f"{day.year:04}年{day.month}月{day.day}日"),
    st.dates().map(lambda day: day.isoformat()),
    st.dates().map(lambda day: f"{day.year:04}/{day.month}/{day.day}"),
    st.sampled_from(["22-1-1", "2022年2月30日", "2022.13.1", "去年", "２０２２．１．５"]),
)
_LABELS = st.lists(st.sampled_from([*CHOICES, *CHOICES.values(), "不知道"]), min_size=1, max_size=5)
_SPECIAL: dict[ItemType, st.SearchStrategy[str]] = {
    ItemType.INTEGER: _NUMBERS,
    ItemType.DECIMAL: _NUMBERS,
    ItemType.MONEY: _NUMBERS,
    ItemType.PERCENT: st.one_of(_NUMBERS, _NUMBERS.map("{}%".format), _NUMBERS.map("{} ％".format)),
    ItemType.DATE: _DATES,
    ItemType.YES_NO: st.sampled_from(["是", "否", "有", "无", "True", "no", "1", "0", "对"]),
    ItemType.CHOICE: st.sampled_from([*CHOICES, *CHOICES.values(), "不知道"]),
    ItemType.MULTI_CHOICE: _LABELS.flatmap(
        lambda parts: st.sampled_from("、,，;；|\n").map(lambda s: s.join(parts))
    ),
}


def typed_texts(kind: ItemType) -> st.SearchStrategy[str]:
    """Give what clerks type and paste into an item of the type, sense and nonsense."""
    return st.one_of(_SPECIAL.get(kind, st.nothing()), st.text(max_size=15))


def values_of(item: Item) -> st.SearchStrategy[Value]:
    """Give every value typing can leave in an item."""
    typed = typed_texts(item.type).map(lambda text: parse_value(item.type, text, item.unit, item.choices))
    return typed.filter(lambda value: value is not None).map(lambda value: cast(Value, value))


def cells_of(items: tuple[Item, ...]) -> st.SearchStrategy[dict[str, Value]]:
    values = {item.id: values_of(item) for item in items if not item.calculated}
    return st.lists(st.sampled_from(list(values)), unique=True, max_size=4).flatmap(
        lambda some: st.fixed_dictionaries({item_id: values[item_id] for item_id in some})
    )


_ROW_IDS = [*(f"r{number}" for number in range(1, 6)), "7f3a", "#1", "行"]
_ROWS = st.lists(st.sampled_from(_ROW_IDS), unique=True, min_size=1, max_size=4).flatmap(
    lambda ids: st.tuples(*(st.builds(Row, st.just(row_id), cells_of(COLUMNS)) for row_id in ids))
)
_TARGETS = st.lists(st.sampled_from(["income", "staff"]), unique=True, min_size=1).flatmap(
    lambda ids: st.tuples(
        *(st.builds(Row, st.just(row_id), cells_of((DERIVED.column("target"),))) for row_id in ids)
    )
)
_PATHS = st.one_of(
    st.sampled_from(["yuan", "t1", "evidence:05", "attachment:a/#2.pdf", "attachment:报告@1.pdf", "", "05"]),
    st.sampled_from(_ROW_IDS).map("t1/{}".format),
    st.sampled_from(_ROW_IDS).map("t1/{}/c_text".format),
    st.sampled_from(["t2/income/target", "t2/staff", "t2/gone"]),
)
_TEXTS = st.text(min_size=1, max_size=8).map(clean_text).filter(bool)
_FILES = st.builds(
    Attachment,
    st.sampled_from(["营业执照.pdf", "佐证/#2.pdf", "a@b.jpg"]),
    st.just(""),
    st.just(0),
    st.lists(_PATHS.filter(bool), max_size=3).map(tuple),
)

ANSWERS = st.builds(
    Answers,
    values=cells_of(FIELDS),
    tables=st.fixed_dictionaries({}, optional={"t1": _ROWS, "t2": _TARGETS}),
    reasons=st.dictionaries(_PATHS.map("ARI-01@{}".format), _TEXTS, max_size=3),
    previous=cells_of(FIELDS),
    previous_grade=st.sampled_from(["", "良好"]),
    torch=cells_of(FIELDS),
    attachments=st.lists(_FILES, max_size=3, unique=True).map(tuple),
)
"""Any answers that typing, the command line and files can leave in ``FORM``."""
