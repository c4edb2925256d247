"""Tables on paper: nothing lost, header on every page, rows whole (brief: table painter)."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.paper.assemble import page_texts
from app.paper.fonts import Fonts
from app.paper.page import Document
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table, TablePiece, lay_out_table

FONTS = Fonts(Path(__file__).resolve().parents[2] / "resources" / "fonts")
CELL = st.text("企业名称，（注册）2022.5 abc䶮𬭎——☑\n", max_size=400)


def _printed(table: Table, across: bool = False) -> list[str]:
    document = Document(FONTS, "附表", DATA_PAGE, DATA_SHEET)
    document.table(table, across)
    return page_texts(document.build())


def _squeezed(texts: list[str]) -> Counter[str]:
    return Counter("".join("".join(texts).split()))


@settings(max_examples=25)
@given(st.lists(st.tuples(CELL, CELL, st.just("1,280.50")), min_size=1, max_size=12), st.booleans())
def test_nothing_is_lost(rows: list[tuple[str, str, str]], across: bool) -> None:
    """Every character of every cell is on paper, however long the cells are."""
    table = Table((Column("甲", 1), Column("乙", 3), Column("金额")), rows)
    found = _squeezed(_printed(table, across))
    assert not _squeezed([cell for row in rows for cell in row]) - found


def test_header_unit_and_continuation_on_every_page() -> None:
    """The header stands on each page, the unit in its corner, 续表 on each page but the first."""
    rows = [(str(number), f"第{number}家企业", f"{number * 1000:,}") for number in range(1, 121)]
    table = Table((Column("序号"), Column("名称", 3), Column("营业收入", 2)), rows, "附表1", "万元")
    pages = _printed(table)
    assert len(pages) >= 4
    for number, text in enumerate(pages):
        assert "序号" in text and "营业收入" in text
        assert "单位：万元" in text
        assert ("续表" in text) == (number > 0)
        assert "附表1" in text
    assert [f"第{number}家企业" in "".join(pages) for number in range(1, 121)] == [True] * 120


def test_rows_are_not_torn() -> None:
    """A row that fits on a page stands on one page."""
    rows = [(f"始{number:03}始", "长文本内容" * (number % 9 * 8), f"终{number:03}终") for number in range(60)]
    pages = _printed(Table((Column("甲"), Column("乙", 3), Column("丙")), rows))
    for number in range(60):
        assert [page for page in pages if f"始{number:03}始" in page] == [
            page for page in pages if f"终{number:03}终" in page
        ]


def test_a_row_taller_than_a_page_flows() -> None:
    """A cell of 9,000 characters goes on over pages, with the header on each."""
    text = "".join(chr(0x4E00 + number) for number in range(9000))
    pages = _printed(
        Table((Column("标记甲"), Column("标记乙", 4)), [("短", text), ("末", "行")], "附表", "元")
    )
    assert len(pages) > 3
    assert not Counter(text) - _squeezed(pages)
    assert all("标记甲" in page for page in pages)
    assert "末" in pages[-1]


def _layout(table: Table, width: float = 460) -> TablePiece:
    return lay_out_table(table, FONTS, width)


def test_numbers_stand_right_and_dashes_in_the_middle() -> None:
    """Numbers and percentages are set to the right, signs for nothing to the middle, text to the left."""
    rows = [("1,280.50", "12.5%", "—", "文字"), ("-3", "5 %", "/", "12号楼")]
    piece = _layout(Table(tuple(Column(name, 1) for name in "甲乙丙丁"), rows))
    inner = 460 / 4 - 8
    first = piece.layout.rows[0]
    assert [cell[0].x + cell[0].width for cell in first[:2]] == pytest.approx([inner, inner])
    for row in piece.layout.rows:
        assert row[2][0].x == pytest.approx((inner - row[2][0].width) / 2)
        assert row[3][0].x == 0


def test_decimal_points_stand_below_each_other() -> None:
    """Money in a column is compared at a glance: its points stand in one line, its text stays as it is."""
    cells = [("2.1",), ("1,193.86",), ("7",), ("-0.5",), ("合计",)]
    piece = _layout(Table((Column("金额"), Column("注", 9)), [(*cell, "") for cell in cells]))
    chain = FONTS.chain("song")
    points = []
    for (cell, _), (text,) in zip(piece.layout.rows[:4], cells, strict=False):
        assert cell[0].text == text
        points.append(cell[0].x + chain.width(text.partition(".")[0]) * piece.layout.style.size)
    assert points == pytest.approx([points[0]] * 4)
    assert piece.layout.rows[4][0][0].x == 0


def test_no_character_of_a_cell_stays_alone() -> None:
    """有限/公司, not 有限公/司: a last line of one character takes the one before it along."""
    table = Table((Column("名", 1), Column("注", 4)), [("装备有限公司", "甲")])
    piece = _layout(table, 310)
    assert [line.text for line in piece.layout.rows[0][0]] == ["装备有限", "公司"]


def test_headings_of_columns_are_divided_evenly() -> None:
    """佐证/编号, not 佐证编/号; a heading of one line and words stay as they are."""
    table = Table((Column("佐证编号", 1), Column("PySide代码", 1), Column("名称", 14)), [("1", "2", "3")])
    piece = _layout(table, 560)
    assert [[line.text for line in cell] for cell in piece.layout.header] == [
        ["佐证", "编号"],
        ["PySide", "代码"],
        ["名称"],
    ]


def test_columns_fill_the_width_and_numbers_stay_whole() -> None:
    """Weights share the width, but no number is broken to keep a weight."""
    rows = [("91650100MA7700001X", "文" * 200, "12,345,678.90")]
    table = Table((Column("代码", 1), Column("说明", 30), Column("金额", 1)), rows)
    piece = _layout(table)
    assert piece.layout.edges[-1] == pytest.approx(460)
    (cells,) = piece.layout.rows
    assert len(cells[0]) == len(cells[2]) == 1


def test_text_gets_smaller_only_as_far_as_needed() -> None:
    """Tables are set in 五号 where all numbers fit, else smaller, down to 小五 (9 pt)."""
    few = Table((Column("甲"), Column("乙")), [("1", "2")])
    assert _layout(few).layout.style.size == 10.5
    many = Table(tuple(Column("金额") for _ in range(9)), [tuple("1,234,567.89" for _ in range(9))])
    assert _layout(many, 550).layout.style.size == 9.5
    assert _layout(many, 300).layout.style.size == 9


def test_rows_that_stand_out() -> None:
    """The row of sums is set in 黑体."""
    piece = _layout(Table((Column("甲"),), [("分项",), ("合计",)], strong={1}))
    fonts = [row[0][0].pieces[0].font.split("-")[0] for row in piece.layout.rows]
    assert fonts == ["NotoSerifSC", "NotoSansSC"]


def test_a_table_without_rows_prints_its_header() -> None:
    """An empty table is a header on one page."""
    (text,) = _printed(Table((Column("甲"), Column("乙")), ()))
    assert "甲" in text and "乙" in text
