"""From a block of texts to a proposal: columns, values, warnings, and the answers after it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.clipboard import Block, read_html, read_tsv
from app.model.draft import Answers, Row
from app.model.finding import Severity
from app.model.form import DerivedRow, Item, Table
from app.model.value import Invalid, ItemType, Value
from app.services.pasting import Options, Proposal, apply_paste, propose
from app.services.pasting_cells import read_cell

CHOICES = {"firm": "企业", "team": "团队（未注册）"}
TABLE = Table(
    "t1",
    "T1",
    "清单",
    (
        Item("name", "名称", ItemType.TEXT, required="true"),
        Item("kind", "类型", ItemType.CHOICE, choices=CHOICES),
        Item("code", "统一社会信用代码", ItemType.CREDIT_CODE),
        Item("person", "证件号", ItemType.ID_NUMBER),
        Item("phone", "联系电话", ItemType.PHONE),
        Item("day", "日期", ItemType.DATE),
        Item("staff", "人数", ItemType.INTEGER, unit="人"),
        Item("amount", "金额", ItemType.MONEY, unit="万元"),
        Item("good", "是否合格", ItemType.YES_NO),
        Item("share", "人均", ItemType.MONEY, unit="万元", calculate="amount / staff"),
    ),
)
FIXED = Table(
    "t2", "T2", "目标",
    (Item("subject", "科目", ItemType.TEXT, readonly=True), Item("target", "目标", ItemType.DECIMAL)),
    derived=(DerivedRow("a", {"subject": "收入"}, {}), DerivedRow("b", {"subject": "支出"}, {})),
)  # fmt: skip


def make(
    text: str, column: str = "name", rows: tuple[Row, ...] = (), row: int = 0, **options: object
) -> Proposal:
    return propose(read_tsv(text), TABLE, rows, row, column, Options(**options))  # type: ignore[arg-type]


def codes(proposal: Proposal) -> list[str]:
    return [problem.code for problem in proposal.problems]


def done(proposal: Proposal, rows: tuple[Row, ...] = ()) -> tuple[Row, ...]:
    numbers = count(1)
    answers = Answers(tables={proposal.table_id: rows} if rows else {})
    return apply_paste(answers, proposal, lambda: f"n{next(numbers)}").tables[proposal.table_id]


def cell(column: str, text: str, exact: str = "", unit: str = "") -> tuple[Value | None, str]:
    found = read_cell(TABLE.column(column), text, exact, unit)
    return found.value, found.code


def test_a_plain_block_from_a_place() -> None:
    """Issue 3: without headings columns go by place, rows beyond the last are added."""
    rows = (Row("r1", {"staff": 3, "name": "旧"}),)
    proposal = make("5\t1.5\n6\t2\n", "staff", rows)
    assert proposal.clean and proposal.new_rows == 1 and proposal.overwritten == 1
    assert [row.cells for row in done(proposal, rows)] == [
        {"name": "旧", "staff": 5, "amount": Decimal(15000)},
        {"staff": 6, "amount": Decimal(20000)},
    ]


def test_headings_are_recognised() -> None:
    """Issue 3: a heading row, and a title above it, are skipped; columns go by label, wherever they stand."""
    proposal = make("企业名单\t\t\n序号\t金额（万元）\t企业名称\n1\t2.5\t甲\n")
    assert (proposal.heading, proposal.targets, proposal.by_label) == (2, ("", "amount", "name"), True)
    assert done(proposal)[0].cells == {"name": "甲", "amount": Decimal(25000)}
    assert codes(proposal) == []


def test_unknown_heading_is_named() -> None:
    """Issue 3: a column that no heading matches is left out and said so."""
    proposal = make("名称\t人数\t颜色\n甲\t3\t红\n")
    assert proposal.targets == ("name", "staff", "")
    assert proposal.problems[0].params["columns"] == "“颜色”"


def test_units_in_headings() -> None:
    """Issue 3: mixed units: 元 in the heading of a 万元 column is converted exactly, and told."""
    proposal = make("名称\t金额（元）\n甲\t12345.67\n")
    assert done(proposal)[0].cells["amount"] == Decimal("12345.67")
    assert codes(proposal) == ["heading_unit"]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("12.5万元", Decimal(125000), "unit"),
        ("12.5万", Decimal(125000), "unit"),
        ("8000元", Decimal(8000), "unit"),
        ("￥3.5", Decimal(35000), "unit"),
        ("1,234.5", Decimal(12345000), "thousands"),
        ("１２．５", Decimal(125000), "full_width"),
        ("12.5", Decimal(125000), ""),
        ("1.23E+05", Invalid("1.23E+05"), "damaged"),
        ("####", Invalid("####"), "hashes"),
        ("#DIV/0!", Invalid("#DIV/0!"), "formula"),
        ("不详", Invalid("不详"), "invalid"),
    ],
)
def test_money(text: str, value: Value, code: str) -> None:
    """Issue 3: cells with units, commas and full-width digits are read, and what was done is told."""
    assert cell("amount", text) == (value, code)


@pytest.mark.parametrize(
    ("text", "exact", "value", "code"),
    [
        ("1.23E+05", "123456", Decimal(1234560000), "exact"),
        ("12.3", "12.3456", Decimal(123456), "exact"),
        ("0.3", "0.30000000000000004", Decimal(3000), ""),
        ("####", "42", Decimal(420000), ""),
        ("12", "0.12", Decimal(120000), ""),
    ],
)
def test_the_number_behind_the_text(text: str, exact: str, value: Value, code: str) -> None:
    """Issue 3: money is never rounded: the cell's own number counts where the text shows it rounded."""
    assert cell("amount", text, exact) == (value, code)


@pytest.mark.parametrize(
    ("column", "text", "exact", "code"),
    [
        ("person", "6.50102E+17", "", "damaged"),
        ("person", "650102199001011000", "", "damaged"),
        ("person", "650102199001011234", "650102199001011234", "damaged"),
        ("code", "9.1650100E+17", "", "damaged"),
        ("person", "650102199001011234", "", ""),
        ("person", "'650102199001011234", "", ""),
        ("phone", "1.39E+10", "13900001111", "exact"),
        ("name", "1.2E+15", "", "damaged"),
        ("name", "2022年度", "", ""),
    ],
)
def test_long_numbers(column: str, text: str, exact: str, code: str) -> None:
    """Asks 29: numbers a spreadsheet shortened are refused; those it only showed short are restored."""
    assert cell(column, text, exact)[1] == code


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("2022-3-1", date(2022, 3, 1), ""),
        ("2022年3月1日", date(2022, 3, 1), ""),
        ("20220301", date(2022, 3, 1), "date_form"),
        ("2022/3/1 00:00:00", date(2022, 3, 1), "date_form"),
        ("44621", date(2022, 3, 1), "serial"),
        ("３月", Invalid("３月"), "invalid"),
        ("20221301", Invalid("20221301"), "invalid"),
    ],
)
def test_dates(text: str, value: Value, code: str) -> None:
    """Issue 3: dates in several forms; a serial number of the spreadsheet becomes its date, and is told."""
    assert cell("day", text) == (value, code)


def test_choices_and_marks() -> None:
    """Issue 3: unknown labels are named with what there is; brackets and ticks are understood."""
    assert cell("kind", "团队(未注册)") == ("team", "near")
    assert cell("kind", "个人") == (Invalid("个人"), "choice_unknown")
    assert cell("good", "√") == (True, "near")
    proposal = make("甲\t个人\n")
    assert proposal.problems[0].params["choices"] == "企业、团队（未注册）"


def test_refused_cells_stay_as_they_are() -> None:
    """Asks 29: a damaged number is named by row and column and overwrites nothing, unless trusted."""
    rows = (Row("r1", {"person": "650102199001011234"}),)
    proposal = make("6.5E+17\n", "person", rows)
    (problem,) = proposal.problems
    assert (problem.code, problem.severity, problem.places) == ("damaged", Severity.ERROR, ((0, 0),))
    assert problem.params["rows"] == "第 1 行"
    assert done(proposal, rows) == rows
    assert done(make("6.5E+17\n", "person", rows, trust=True), rows)[0].cells == {"person": "6.5E+17"}


def test_empty_cells() -> None:
    """Issue 3: nothing typed is lost by an empty cell, unless the clerk wants it cleared."""
    rows = (Row("r1", {"name": "甲", "staff": 3}),)
    proposal = make("乙\t企业\t\t\t\t\t\t\n", "name", rows)
    assert (proposal.overwritten, proposal.kept) == (1, 1)
    assert done(proposal, rows)[0].cells == {"name": "乙", "kind": "firm", "staff": 3}
    cleared = make("乙\t企业\t\t\t\t\t\t\n", "name", rows, clear=True)
    assert done(cleared, rows)[0].cells == {"name": "乙", "kind": "firm"}


def test_shifted_block() -> None:
    """Issue 3: a block whose types do not fit is offered one column aside."""
    line = "甲\t企业\t91650100MA7ABCDE0X\t650102199001011234\t13900001111\t2022-01-01\t5\n"
    proposal = make(line * 3, "kind")
    assert proposal.shift_offered == -1
    assert proposal.problems[0].code == "shifted"
    better = make(line * 3, "kind", shift=-1)
    assert "shifted" not in codes(better)
    assert done(better)[0].cells["phone"] == "13900001111"


def test_one_column_that_fits_beside() -> None:
    """Issue 3: one column that is more than half wrong and would fit its neighbour is told."""
    proposal = make("甲\t企业\t91650100MA7ABCDE0X\t13900001111\t13900001112\t2022-01-01\t5\n" * 3)
    assert codes(proposal) == ["neighbour"]
    assert proposal.problems[0].params["near"] == "联系电话"


def test_transposed_block() -> None:
    """Issue 3: labels down the first column: turning is offered."""
    text = "名称\t甲\t乙\n人数\t3\t4\n金额\t1\t2\n"
    assert codes(make(text))[0] == "transposed"
    turned = make(text, transpose=True)
    assert [row.cells for row in done(turned)] == [
        {"name": "甲", "staff": 3, "amount": Decimal(10000)},
        {"name": "乙", "staff": 4, "amount": Decimal(20000)},
    ]


def test_columns_beyond_and_locked_ones() -> None:
    """Issue 3: columns beyond the table and calculated ones are left out and said so."""
    proposal = make("是\t5\t6\t7\n", "good")
    assert proposal.targets == ("good", "share", "", "")
    assert sorted(codes(proposal)) == ["columns_over", "readonly"]
    assert done(proposal)[0].cells == {"good": True}


def test_merged_cells_are_told() -> None:
    """Issue 3: a merged cell fills its first place only; amounts are never doubled."""
    block = read_html("<table><tr><td rowspan=2>甲<td>企业</tr><tr><td>企业</table>")
    proposal = propose(block, TABLE, (), 0, "name")
    assert codes(proposal) == ["joined"]
    assert [row.cells.get("name") for row in done(proposal)] == ["甲", None]


def test_derived_table_takes_no_rows() -> None:
    """Architecture: rows of a derived table are fixed; typed cells of them can be pasted."""
    rows = (Row("a", {}), Row("b", {}))
    proposal = propose(read_tsv("1\n2\n3\n"), FIXED, rows, 0, "target")
    assert codes(proposal) == ["rows_over"]
    assert [row.cells for row in done(proposal)] == [{"target": Decimal(1)}, {"target": Decimal(2)}]


def test_aimed_columns() -> None:
    """Issue 3: the clerk can send a column elsewhere or leave it out."""
    proposal = make("甲\t3\n", targets={0: "", 1: "staff"})
    assert done(proposal)[0].cells == {"staff": 3}


@given(
    st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=5),
    st.sampled_from(TABLE.columns),
)
def test_any_block_can_be_proposed(rows: list[list[str]], column: Item) -> None:
    """How we build: no block breaks the proposal; nothing but its own rows changes."""
    before = (Row("r1", {"name": "甲"}), Row("r2", {"name": "乙"}))
    proposal = propose(Block(tuple(map(tuple, rows))), TABLE, before, 1, column.id)
    after = done(proposal, before)
    assert after[0] is before[0]
    assert len(after) == max(2, 1 + len(proposal.cells))
    assert all(None not in row.cells.values() for row in after)
