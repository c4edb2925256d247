"""A small form and the views of it that the tests of expressions and calculations share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from app.clock import BEIJING
from app.model.draft import Answers, Row
from app.model.form import Form, Item, Section, Table
from app.model.packet import PacketSpec
from app.model.programme import Programme, UploadTarget
from app.model.value import ItemType, Value
from app.rules.expression import Scope, scope_of
from app.rules.view import Context, View

NOW = datetime(2023, 1, 5, 20, 30, tzinfo=BEIJING)
NATURES = {"firm": "企业", "office": "事业单位"}

FIELDS = (
    Item("staff", "专职导师", ItemType.INTEGER),
    Item("guests", "兼职导师", ItemType.INTEGER),
    Item("area", "场地面积", ItemType.DECIMAL),
    Item("income", "收入", ItemType.MONEY, unit="万元"),
    Item("share", "占比", ItemType.PERCENT),
    Item("name", "单位名称", ItemType.TEXT),
    Item("nature", "单位性质", ItemType.CHOICE, choices=NATURES),
    Item("grade", "级别", ItemType.CHOICE, choices={"high": "高", "low": "低"}),
    Item("served", "服务内容", ItemType.MULTI_CHOICE, choices={"train": "培训", "fund": "融资"}),
    Item("open", "对外开放", ItemType.YES_NO),
    Item("since", "成立日期", ItemType.DATE),
    Item("until", "到期日期", ItemType.DATE),
)
TEAMS = Table(
    "t5",
    "T5",
    "融资明细",
    (
        Item("who", "名称", ItemType.TEXT, required="true"),
        Item("amount", "金额", ItemType.MONEY, required="true"),
        Item("spent", "已用", ItemType.MONEY),
        Item("own", "自有资金", ItemType.YES_NO),
        Item("kind", "类型", ItemType.CHOICE, choices={"team": "团队", "firm": "企业"}),
        Item("moved_in", "入驻日期", ItemType.DATE),
    ),
)


def form_of(fields: Iterable[Item] = FIELDS, tables: Iterable[Table] = (TEAMS,)) -> Form:
    """Give a form with one section."""
    return Form((Section("s1", "一", "基本情况", tuple(fields)),), {table.id: table for table in tables})


def programme_of(form: Form) -> Programme:
    """Give a programme of 2022 around a form."""
    return Programme(
        id="example",
        form_version=1,
        notice_revision=1,
        title="",
        short_title="",
        issuer="",
        report_year=2022,
        period_start=date(2022, 1, 1),
        period_end=date(2022, 12, 20),
        unit_kind="",
        form=form,
        checks=(),
        stages=(),
        packet=PacketSpec((), 1, ""),
        upload=UploadTarget("", "", ""),
    )


FORM = form_of()
PROGRAMME = programme_of(FORM)
SCOPE: Scope = scope_of(FORM)


def rows_of(*cells: Mapping[str, Value]) -> tuple[Row, ...]:
    """Give rows ``r1``, ``r2``…"""
    return tuple(Row(f"r{number}", row) for number, row in enumerate(cells, 1))


def view_of(
    values: Mapping[str, Value] | None = None,
    rows: Iterable[Mapping[str, Value]] = (),
    *,
    previous: Mapping[str, Value] | None = None,
    torch: Mapping[str, Value] | None = None,
) -> View:
    """Give a view of the small form; ``rows`` are those of its table."""
    tables = {"t5": rows_of(*rows)}
    answers = Answers(values or {}, tables, previous=previous or {}, torch=torch or {})
    return View(PROGRAMME, answers, Context(NOW), answers.values, answers.tables)
