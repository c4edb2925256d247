"""The stress report: a programme and answers far larger than any real ones, with faults put in on purpose.

180 scalar values, six tables with 5,200 rows, 220 checks.  Made by rule, without chance: every run gives the
same answers and must find the same faults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.clock import BEIJING
from app.model.draft import Answers, Row
from app.model.finding import Gate, Severity
from app.model.form import Form, Item, Section, Table
from app.model.packet import PacketSpec
from app.model.programme import CheckSpec, Programme, UploadTarget
from app.model.value import ItemType, Value
from app.rules.identity import CREDIT_ALPHABET, credit_code_digit
from app.rules.view import Context

ROWS = {"t1": 2000, "t2": 1000, "t3": 200, "t4": 300, "t5": 200, "t6": 1500}
GROUPS = 12
COUNTS, AMOUNTS, DAYS, MARKS, CODES = 80, 40, 20, 20, 8
FIRST_DAY = date(2022, 1, 1)
SUMMED = (
    ("t1", "amount"),
    ("t1", "paid"),
    ("t2", "amount"),
    ("t2", "paid"),
    ("t3", "amount"),
    ("t4", "amount"),
    ("t4", "paid"),
    ("t5", "amount"),
    ("t5", "paid"),
    ("t6", "amount"),
)
"""Columns whose sums are the fields m00 to m09."""

_COLUMNS = (
    Item("name", "名称", ItemType.TEXT, required="true"),
    Item("mark", "编号", ItemType.TEXT, required="true"),
    Item("start", "开始日期", ItemType.DATE),
    Item("end", "结束日期", ItemType.DATE),
    Item("count", "总人数", ItemType.INTEGER, unit="人"),
    Item("part", "其中女性", ItemType.INTEGER, unit="人"),
    Item("amount", "合同金额", ItemType.MONEY, unit="万元", decimals=4, required="true"),
    Item("paid", "已付金额", ItemType.MONEY, unit="万元", decimals=4),
)
_KIND = Item("kind", "类别", ItemType.CHOICE, choices={"firm": "企业", "team": "团队"})
_CODE = Item("code", "统一社会信用代码", ItemType.CREDIT_CODE)
_FIRM_CODE = Item("code", "统一社会信用代码", ItemType.CREDIT_CODE, relevant='kind = "firm"')

_TABLES = {
    "t1": (*_COLUMNS, _KIND, _FIRM_CODE),
    "t2": (*_COLUMNS, _CODE),
    "t3": _COLUMNS,
    "t4": (*_COLUMNS, _KIND, _FIRM_CODE),
    "t5": (*_COLUMNS, _CODE),
    "t6": _COLUMNS,
}
CODED = tuple(table_id for table_id, columns in _TABLES.items() if any(c.id == "code" for c in columns))


@dataclass(frozen=True)
class Stress:
    """The stress report: ``faults`` are all keys ``code@path`` that a check must give, sorted."""

    programme: Programme
    answers: Answers
    context: Context
    faults: tuple[str, ...]


def make_stress() -> Stress:
    """Give the stress report."""
    tables = {table_id: _make_rows(table_id, size) for table_id, size in ROWS.items()}
    faults = list(_spoil_rows(tables))
    values = _make_values(tables)
    previous = {f"m{n:02}": values[f"m{n:02}"] for n in range(10, 30)}
    faults += _spoil_values(values, previous)
    answers = Answers(
        values,
        {
            table_id: tuple(Row(row_id, cells) for row_id, cells in rows.items())
            for table_id, rows in tables.items()
        },
        previous=previous,
    )
    context = Context(datetime(2023, 1, 3, 9, tzinfo=BEIJING))
    return Stress(make_programme(), answers, context, tuple(sorted(faults)))


# ------------------------------------------------------------------------------------------ programme
def make_programme() -> Programme:
    """Give the form and its 220 checks."""
    tables = {
        table_id: Table(table_id, table_id.upper(), f"附表{table_id}", _TABLES[table_id]) for table_id in ROWS
    }
    form = Form((Section("s", "一", "全部", tuple(_fields()), tuple(tables)),), tables)
    return Programme(
        id="stress",
        form_version=1,
        notice_revision=1,
        title="2022年度压力测试报告",
        short_title="压力测试报告",
        issuer="测试",
        report_year=2022,
        period_start=FIRST_DAY,
        period_end=date(2022, 12, 20),
        unit_kind="makerspace",
        stages=(),
        packet=PacketSpec((), 2, "胶装"),
        upload=UploadTarget("平台", "", ""),
        form=form,
        checks=tuple(_checks()),
    )


def _fields() -> Iterator[Item]:
    for n in range(COUNTS):
        yield Item(f"n{n:02}", f"人数{n}", ItemType.INTEGER, number=f"N{n:02}", unit="人")
    for n in range(AMOUNTS):
        yield Item(
            f"m{n:02}", f"金额{n}", ItemType.MONEY, number=f"M{n:02}", unit="万元", compared=10 <= n < 30
        )
    for n in range(DAYS):
        relevant = "n49 > 0" if n == DAYS - 1 else ""
        yield Item(f"d{n:02}", f"日期{n}", ItemType.DATE, number=f"D{n:02}", relevant=relevant)
    for n in range(MARKS):
        yield Item(f"x{n:02}", f"编号{n}", ItemType.TEXT, number=f"X{n:02}")
    for n in range(CODES):
        yield Item(f"c{n:02}", f"代码{n}", ItemType.CREDIT_CODE, number=f"C{n:02}")
    for n in range(10):
        source = " + ".join(f"n{4 * n + place:02}" for place in range(1, 4))
        yield Item(f"w{n:02}", f"合计{n}", ItemType.INTEGER, number=f"W{n:02}", calculate=source)
    yield Item("w10", "总人数合计", ItemType.INTEGER, number="W10", calculate="sum(t1.count)")
    yield Item("w11", "企业户数", ItemType.INTEGER, number="W11", calculate='count(t1, kind = "firm")')


def _checks() -> Iterator[CheckSpec]:
    numbers: dict[str, int] = {}
    for prefix, kind, params in _plans():
        number = numbers.get(prefix, 0)
        numbers[prefix] = number + 1
        gates = frozenset({Gate.FILL, Gate.SEAL})
        yield CheckSpec(f"{prefix}-{number:02}", kind, Severity.ERROR, gates, params)


Plan = tuple[str, str, Mapping[str, object]]


def _plans() -> Iterator[Plan]:
    yield from _value_plans()
    yield from _row_plans()
    yield from _whole_plans()


def _value_plans() -> Iterator[Plan]:
    """Give required 40, range 40, pattern 20, dates 24."""
    for n in range(48, 70):
        yield "REQ", "required", {"items": [f"n{n:02}"]}
    for n in range(50, 72):
        yield "RNG", "range", {"items": [f"n{n:02}"], "least": 0, "most": 100000}
    for n in range(14):
        yield "PAT", "pattern", {"items": [f"x{n:02}"], "pattern": "[A-Z]{2}[0-9]{4}-[0-9]{5}"}
    for n in range(10):
        yield "DAT", "date_within", {"items": [f"d{n:02}"]}
    for n in (10, 12):
        yield "ORD", "date_order", {"first": f"d{n:02}", "second": f"d{n + 1:02}"}
    for table_id in ROWS:
        for column in ("name", "mark", "amount"):
            yield "REQ", "required", {"items": [f"{table_id}.{column}"]}
        for column, most in (("count", 5000), ("part", 5000), ("amount", 100000)):
            yield "RNG", "range", {"items": [f"{table_id}.{column}"], "least": 0, "most": most}
        yield "PAT", "pattern", {"items": [f"{table_id}.mark"], "pattern": "[A-Z]{2}[0-9]{4}-[0-9]{5}"}
        yield "DAT", "date_within", {"items": [f"{table_id}.start"]}
        yield "ORD", "date_order", {"first": f"{table_id}.start", "second": f"{table_id}.end"}


def _row_plans() -> Iterator[Plan]:
    """Give 12 comparisons and 18 conditions over the columns of a row."""
    for table_id in ROWS:
        yield "ROW", "at_most", {"item": f"{table_id}.part", "limit": "count"}
        yield "ROW", "at_most", {"item": f"{table_id}.paid", "limit": "amount"}
        for column, source in (
            ("amount", "amount = 0 or count > 0"),
            ("end", "days(start, end) <= 500"),
            ("count", "amount <= (count + 1) * 100000000"),
        ):
            params = {"table": table_id, "item": f"{table_id}.{column}", "expression": source}
            yield "CON", "assert", params


def _whole_plans() -> Iterator[Plan]:
    """Give sums 22, uniqueness 12, year on year 20, check digits 12."""
    for n in range(GROUPS):
        parts = [f"n{4 * n + place:02}" for place in range(1, 4)]
        yield "SUM", "sum_equals", {"total": f"n{4 * n:02}", "parts": parts}
    for n, (table_id, column) in enumerate(SUMMED):
        yield "COL", "column_sum_equals", {"item": f"m{n:02}", "column": f"{table_id}.{column}"}
    for table_id in ROWS:
        yield "UNI", "unique", {"columns": [f"{table_id}.name"]}
    for table_id in CODED:
        yield "UNI", "unique", {"columns": [f"{table_id}.code"]}
    for table_id in ("t1", "t6"):
        yield "UNI", "unique", {"columns": [f"{table_id}.mark", f"{table_id}.start"]}
    kinds = ["change_explained"] * 10 + ["unit_slip"] * 4 + ["zero_change"] * 3 + ["decreased"] * 3
    for n, kind in enumerate(kinds, 10):
        yield "YOY", kind, {"items": [f"m{n:02}"]}
    for address in (*(f"c{n:02}" for n in range(CODES)), *(f"{table_id}.code" for table_id in CODED)):
        yield "CHK", "credit_code_digit", {"items": [address]}


# ------------------------------------------------------------------------------------------ answers
Cells = dict[str, Value]


def make_code(number: int) -> str:
    """Give a credit code with the right check character."""
    places = ""
    for _ in range(7):
        number, place = divmod(number, 30)
        places += CREDIT_ALPHABET[place]
    body = f"9165010{places}MA7"
    return body + credit_code_digit(body)


def make_cells(table_id: str, number: int) -> Cells:
    """Give the cells of one row without faults; every number gives other names and codes."""
    salt = int(table_id[1:]) * 7919
    start = FIRST_DAY + timedelta(days=(number * 37 + salt) % 350)
    people = (number * 13 + salt) % 4000 + 1
    amount = Decimal((number * 7907 + salt) % 90_000_000) + Decimal("123.45")
    cells: Cells = {
        "name": f"新疆天山（{table_id}）第{number}科技有限公司",
        "mark": f"ZL2022-{number % 100_000:05}",
        "start": start,
        "end": start + timedelta(days=30 + number % 60),
        "count": people,
        "part": people * 3 // 7,
        "amount": amount,
        "paid": amount / 4,
    }
    if any(column.id == "kind" for column in _TABLES[table_id]):
        cells["kind"] = "team" if number % 10 == 9 else "firm"
    if table_id in CODED and cells.get("kind") != "team":
        cells["code"] = make_code(number * 31 + salt * 100_000)
    return cells


def _make_rows(table_id: str, size: int) -> dict[str, Cells]:
    return {f"r{number}": make_cells(table_id, number) for number in range(size)}


def _make_values(tables: Mapping[str, Mapping[str, Cells]]) -> Cells:
    values: Cells = {}
    for n in range(COUNTS):
        values[f"n{n:02}"] = n * 17 % 900 + 1
    for n in range(GROUPS):
        values[f"n{4 * n:02}"] = sum((4 * n + place) * 17 % 900 + 1 for place in range(1, 4))
    for n, (table_id, column) in enumerate(SUMMED):
        cells = (row.get(column) for row in tables[table_id].values())
        values[f"m{n:02}"] = sum((cell for cell in cells if isinstance(cell, Decimal)), Decimal(0))
    for n in range(len(SUMMED), AMOUNTS):
        values[f"m{n:02}"] = Decimal(n * 1_234_500) + Decimal("0.5")
    for n in range(DAYS):
        values[f"d{n:02}"] = FIRST_DAY + timedelta(days=n * 11)
    for n in range(MARKS):
        values[f"x{n:02}"] = f"AB2022-{n:05}"
    for n in range(CODES):
        values[f"c{n:02}"] = make_code(900_000_000 + n * 7)
    return values


# ------------------------------------------------------------------------------------------ faults
def wrong_digit(code: str) -> str:
    """Give a code with another check character."""
    place = CREDIT_ALPHABET.index(code[17])
    return code[:17] + CREDIT_ALPHABET[(place + 1) % len(CREDIT_ALPHABET)]


def _spoil_rows(tables: Mapping[str, dict[str, Cells]]) -> Iterator[str]:
    del tables["t2"]["r500"]["name"]
    yield "REQ-25@t2/r500/name"
    tables["t1"]["r1999"]["count"] = 5001
    yield "RNG-22@t1/r1999/count"
    tables["t4"]["r7"]["mark"] = "zl2022-00007"
    yield "PAT-17@t4/r7/mark"
    tables["t6"]["r1234"]["start"] = date(2021, 12, 31)
    tables["t6"]["r1234"]["end"] = date(2022, 2, 1)
    yield "DAT-15@t6/r1234/start"
    tables["t3"]["r100"]["end"] = FIRST_DAY - timedelta(days=1)
    yield "ORD-04@t3/r100/end"
    tables["t5"]["r199"]["part"] = 4500
    yield "ROW-08@t5/r199/part"
    tables["t1"]["r0"]["paid"] = Decimal("200000000.01")
    yield "ROW-01@t1/r0/paid"
    tables["t2"]["r999"].update(count=0, part=0, amount=Decimal(50), paid=Decimal(50))
    yield "CON-03@t2/r999/amount"
    tables["t6"]["r3"]["end"] = date(2024, 6, 30)
    yield "CON-16@t6/r3/end"
    tables["t1"]["r1500"]["name"] = "新疆天山(T1)第20科技有限责任公司"
    yield "UNI-00@t1/r1500/name"
    tables["t4"]["r250"]["code"] = tables["t4"]["r20"]["code"]
    yield "UNI-08@t4/r250/code"
    tables["t6"]["r1400"].update({key: tables["t6"]["r40"][key] for key in ("mark", "start", "end")})
    yield "UNI-11@t6/r1400/mark"
    tables["t5"]["r5"]["code"] = wrong_digit(make_code(2))
    yield "CHK-11@t5/r5/code"


def _spoil_values(values: Cells, previous: Cells) -> Iterator[str]:
    del values["n48"]
    yield "REQ-00@n48"
    values["n70"] = 100_001
    yield "RNG-20@n70"
    values["x03"] = "AB2022-3"
    yield "PAT-03@x03"
    values["d02"] = date(2023, 1, 1)
    yield "DAT-02@d02"
    values["n08"] = 1
    yield "SUM-02@n08"
    values["m05"] = Decimal("1.23")
    yield "COL-05@m05"
    previous["m10"] = Decimal(100_000)
    yield "YOY-00@m10"
    previous["m20"] = Decimal(2_469_000)
    yield "YOY-10@m20"
    previous["m24"] = Decimal(0)
    yield "YOY-14@m24"
    previous["m27"] = Decimal(900_000_000)
    yield "YOY-17@m27"
    values["c02"] = wrong_digit(make_code(3))
    yield "CHK-02@c02"
