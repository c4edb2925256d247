"""Clipboard blocks of spreadsheets: TSV and HTML, back and forth, and what nobody should copy."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.clipboard import (
    MAX_COLUMNS,
    MAX_ROWS,
    Block,
    read_clipboard,
    read_html,
    read_tsv,
    write_html,
    write_tsv,
)

CHARACTERS = st.characters(
    exclude_categories=["Cs"], exclude_characters="\0\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
)
CELLS = st.one_of(st.text(CHARACTERS, max_size=12), st.text('a"\t\n ', max_size=6))
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
)
PLAIN = st.text(st.characters(categories=("L", "N", "P", "Sm")), max_size=10)


@given(TABLES)
def test_plain_text_back_and_forth(rows: list[list[str]]) -> None:
    """Issue 3, tables: quoted cells, tabs and line ends survive the clipboard."""
    assert [list(row) for row in read_tsv(write_tsv(rows)).rows] == rows


@given(st.lists(st.lists(PLAIN, min_size=3, max_size=3), min_size=1, max_size=5))
def test_html_back_and_forth(rows: list[list[str]]) -> None:
    """Issue 3: what is copied here as HTML is read back cell by cell."""
    assert [list(row) for row in read_html(write_html(rows, {0})).rows] == rows


@given(st.text(st.sampled_from("ab\n &<>\"'"), max_size=12).map(lambda text: text.strip(" \n")))
def test_html_cell_back_and_forth(text: str) -> None:
    """Issue 3: line ends within a cell and marks of HTML survive."""
    lines = "\n".join(line.strip(" ") for line in text.split("\n")).strip("\n")
    assert read_html(write_html([[lines, "x"]])).rows[0][0] == lines


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """How we build: a parser never fails on what others wrote."""
    for block in (read_tsv(text), read_html(text), read_clipboard(text, text)):
        assert len({len(row) for row in block.rows}) <= 1


@given(
    st.lists(
        st.sampled_from(
            [
                "<table>",
                "</table>",
                "<tr>",
                "<td>",
                "<td rowspan=3>",
                "<th colspan=2>",
                "</td>",
                "x",
                "<br>",
                "<!--",
                "-->",
                "<style>",
                "</style>",
                "&nbsp;",
                "<",
                "'",
            ]
        ),
        max_size=40,
    )
)
def test_any_soup_is_square(parts: list[str]) -> None:
    """How we build: broken HTML gives a rectangle, marked places lie within it."""
    block = read_html("".join(parts))
    assert len({len(row) for row in block.rows}) <= 1
    assert all(row < len(block.rows) and column < block.width for row, column in block.joined)


def test_excel_text() -> None:
    """Excel's TSV: CRLF between rows, LF within a quoted cell, doubled quotes, a lone quote counts."""
    block = read_tsv('名称\t屏幕\r\n"第一行\n第二行"\t5" 屏\r\n"他说""好"""\t"没有结束\r\n')
    assert block.rows == (("名称", "屏幕"), ("第一行\n第二行", '5" 屏'), ('他说"好"', '"没有结束'))


def test_merged_cells() -> None:
    """Issue 3: rowspan and colspan keep columns in place; covered cells are empty and known."""
    block = read_html(
        "<table><tr><td rowspan=2>甲</td><td colspan=2>乙</td></tr><tr><td>1</td><td>2</td></tr></table>"
    )
    assert block.rows == (("甲", "乙", ""), ("", "1", "2"))
    assert block.joined == {(0, 2), (1, 0)}


def test_excel_html() -> None:
    """Excel's HTML: comments, styles, hidden helper rows, exact numbers, unclosed tags, spaces of layout."""
    block = read_html(
        """<html xmlns:x="urn:office:excel"><head><style><!--td{x}--></style></head><body>
        <table border=0><!--StartFragment--><col width=72>
        <tr height=19><td height=19 class=xl65 x:num="650102199001011234">6.50102E+17</td>
          <td>多 行<br style='mso-data-placement:same-cell'>文字</td></tr>
        <tr height=0 style='display:none'><td></td><td></td></tr>
        <tr><td x:num>12</td><td sdval="3.14159">3.14<!--EndFragment--></table>"""
    )
    assert block.rows == (("6.50102E+17", "多 行\n文字"), ("12", "3.14"))
    assert block.exact == {(0, 0): "650102199001011234", (1, 1): "3.14159"}


def test_html_before_text() -> None:
    """Issue 3: the HTML table counts; without one the plain text does."""
    assert read_clipboard("a\tb", "<p>nothing</p>").rows == (("a", "b"),)
    assert read_clipboard("a\tb", "<table><tr><td>c</td></tr></table>").rows == (("c",),)
    assert read_clipboard("").rows == ()


def test_transposed() -> None:
    """Issue 3: a block on its side is turned with everything known about it."""
    block = Block((("a", "b"), ("c", "d")), {(0, 1): "2"}, frozenset({(1, 0)}))
    assert block.transposed() == Block((("a", "c"), ("b", "d")), {(1, 0): "2"}, frozenset({(0, 1)}))


def test_limits() -> None:
    """How we build: more than a table can hold is cut and said to be cut."""
    assert len(read_tsv("x\n" * (MAX_ROWS + 5)).rows) == MAX_ROWS
    assert read_tsv("x\n" * (MAX_ROWS + 5)).cut
    wide = read_tsv("\t" * (MAX_COLUMNS * 3))
    assert (wide.width, wide.cut) == (MAX_COLUMNS, True)
    assert read_html("<tr>" + "<td colspan=99999999>x</td>" * 9).width == MAX_COLUMNS


@pytest.mark.parametrize(
    "text",
    [
        '"a\t' * 60_000,
        "<a " * 100_000,
        "<!--" * 100_000,
        "<td " + "a" * 300_000 + ">",
        "<td " + "a='" * 100_000 + ">",
        "<td colspan=999999999 rowspan=99999999>" * 5_000,
        "<table>" * 50_000 + "<td>x",
        "<td>&" + "&#" * 100_000,
        "\t" * 300_000,
    ],
    ids=lambda text: text[:8].strip(),
)
def test_hostile_texts_take_no_longer(text: str) -> None:
    """How we build: time grows with length only, whatever is on the clipboard."""
    started = time.perf_counter()
    read_tsv(text)
    read_html(text)
    assert time.perf_counter() - started < 3
