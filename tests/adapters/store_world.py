"""A small form, drafts, a clock that ticks, and random answers for the tests of the store."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from app.clock import BEIJING
from app.model.draft import Answers, Attachment, Draft, Row
from app.model.form import Form, Item, Section, Table
from app.model.value import Invalid, ItemType, Value, clean_text

COLUMNS = (
    Item("name", "名称", ItemType.TEXT),
    Item("money", "金额", ItemType.MONEY, unit="万元"),
    Item("day", "日期", ItemType.DATE),
    Item("people", "人数", ItemType.INTEGER),
    Item("yes", "是否", ItemType.YES_NO),
    Item("many", "多选", ItemType.MULTI_CHOICE),
)
FIELDS = (
    Item("e01", "名称", ItemType.TEXT),
    Item("e02", "金额", ItemType.MONEY, unit="元"),
    Item("e03", "日期", ItemType.DATE),
    Item("e04", "人数", ItemType.INTEGER),
    Item("e05", "占比", ItemType.PERCENT),
    Item("e06", "说明", ItemType.LONG_TEXT),
)
FORM = Form(
    (Section("s1", "一", "基本情况", FIELDS, ("t1", "t2")),),
    {"t1": Table("t1", "1", "表一", COLUMNS), "t2": Table("t2", "2", "表二", COLUMNS)},
)
START = datetime(2022, 12, 1, 9, 0, tzinfo=BEIJING)


def form_of(programme_id: str, form_version: int) -> Form:
    return FORM


class TickingClock:
    """Each look is one second later."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def make_answers() -> Answers:
    rows = tuple(
        Row(
            f"r{n}",
            {
                "name": f"企业{n}",
                "money": Decimal(n) / 4,
                "day": date(2022, 1, 1 + n % 28),
                "people": n,
                "yes": n % 2 == 0,
                "many": ("a", "b"),
            },
        )
        for n in range(30)
    )
    return Answers(
        values={
            "e01": "某某众创空间",
            "e02": Decimal("1234.5"),
            "e03": Invalid("去年"),
            "e06": "说明\n第二行",
        },
        tables={"t1": rows},
        reasons={"range@e02": "原因说明"},
        previous={"e02": Decimal("1000")},
        previous_grade="良好",
        torch={"e04": 5},
        attachments=(Attachment("证明.pdf", "a" * 64, 10, ("e02",)),),
    )


def make_draft(draft_id: str = "DRAFT22222", answers: Answers | None = None) -> Draft:
    return Draft(draft_id, "some-programme", 3, make_answers() if answers is None else answers)


_TEXTS = st.text(max_size=12).map(clean_text).filter(bool)
_BY_TYPE: dict[ItemType, st.SearchStrategy[Value]] = {
    ItemType.TEXT: _TEXTS,
    ItemType.LONG_TEXT: _TEXTS,
    ItemType.MONEY: st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    ItemType.PERCENT: st.decimals(0, 100, places=3, allow_nan=False),
    ItemType.DATE: st.dates(date(1949, 10, 1), date(2100, 1, 1)),
    ItemType.INTEGER: st.integers(-(10**9), 10**9),
    ItemType.YES_NO: st.booleans(),
    ItemType.MULTI_CHOICE: st.lists(st.sampled_from("abcd"), unique=True, min_size=1).map(tuple),
}


def values_of(item: Item) -> st.SearchStrategy[Value]:
    return st.one_of(_BY_TYPE[item.type], _TEXTS.map(Invalid))


def cells_of(items: tuple[Item, ...]) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional={item.id: values_of(item) for item in items})


_ROWS = st.lists(st.sampled_from([f"r{n}" for n in range(8)]), unique=True, max_size=8).flatmap(
    lambda ids: st.tuples(*[st.builds(Row, id=st.just(key), cells=cells_of(COLUMNS)) for key in ids])
)
_FILES = st.lists(
    st.builds(
        Attachment,
        name=st.sampled_from(["一.pdf", "二.pdf", "三.pdf"]),
        sha256=st.sampled_from(["a" * 64, "b" * 64]),
        size=st.integers(1, 99),
        items=st.sampled_from([(), ("e01",)]),
    ),
    unique_by=lambda file: (file.name, file.sha256),
    max_size=4,
).map(tuple)

ANSWERS = st.builds(
    Answers,
    values=cells_of(FIELDS),
    tables=st.fixed_dictionaries({}, optional={"t1": _ROWS.filter(bool), "t2": _ROWS.filter(bool)}),
    reasons=st.dictionaries(st.sampled_from(["range@e01", "x@t1/r1/name"]), _TEXTS, max_size=2),
    previous=cells_of(FIELDS),
    previous_grade=st.sampled_from(["", "优秀", "合格"]),
    torch=cells_of(FIELDS),
    attachments=_FILES,
)
"""Any answers of ``FORM`` without empty tables; row ids come from a small set so that states overlap."""
