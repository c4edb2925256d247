"""Whatever is typed comes out whole: random documents, tables of any length, rare characters (issue 4)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.units import mm

from app.paper.assemble import page_texts
from app.paper.fonts import Fonts
from app.paper.page import Document, FormRow
from app.paper.signature import Seal, SignLine
from app.paper.styles import DATA_PAGE, DATA_SHEET, TEXT_PAGE, TEXT_SHEET, WIDE_PAGE, Geometry, StyleSheet
from app.paper.table import Column, Table
from app.paper.text import NO_END, NO_START

FONTS = Fonts(Path(__file__).resolve().parents[2] / "resources" / "fonts")
RARE = "喆堃镕䶮𬭎𠮷㛃䥽·"
SENTENCE = st.lists(
    st.one_of(
        st.text(f"本年度众创空间服务企业团队{RARE}", min_size=1, max_size=20),
        st.sampled_from(("，", "。", "；", "（甲）", "“乙”", "《丙》", "——", "……", "、", "％")),
        st.from_regex(r"[0-9]{1,3}(,[0-9]{3}){0,2}(\.[0-9]{1,2})?%?", fullmatch=True),
        st.sampled_from(("PySide", "91652301MAX000015E", "https://a.example.gov.cn/b?c=1", "☑", "☐")),
    ),
    min_size=1,
    max_size=40,
).map("".join)
LINE = SENTENCE.map(lambda text: text.lstrip("".join(NO_START)) or "甲")


class _Piece(NamedTuple):
    kind: str
    text: str
    size: int


PIECES = st.lists(
    st.builds(
        _Piece,
        st.sampled_from(("heading", "text", "form", "table", "wide", "note", "empty")),
        LINE,
        st.integers(1, 30),
    ),
    max_size=8,
)


def _build(pieces: list[_Piece], geometry: Geometry, sheet: StyleSheet) -> tuple[bytes, str]:
    """Return the document and all that must be read in it."""
    document = Document(FONTS, "文", geometry, sheet)
    wanted = []
    for number, (kind, text, count) in enumerate(pieces):
        if kind == "heading":
            document.heading(f"题{number}", count % 3 + 1)
            wanted.append(f"题{number}")
        elif kind == "text":
            document.paragraph(text * (count % 7 + 1))
            wanted.append(text * (count % 7 + 1))
        elif kind == "note":
            document.note(text)
            wanted.append(text)
        elif kind == "form":
            document.form([FormRow("", "项", text)] * (count % 5 + 1))
            wanted += [f"项{text}"] * (count % 5 + 1)
        elif kind == "empty":
            document.paragraph("")
            document.form([])
            document.table(Table((Column("甲"),), []))
            wanted.append("甲")
        else:
            rows = [(str(row), text) for row in range(count)]
            document.table(Table((Column("序"), Column("文")), rows), across=kind == "wide")
            wanted += [f"{row}{text}" for row in range(count)]
    document.paragraph("正文末段。")
    document.signature([SignLine("签字：", rule=5)], Seal(("某单位",)))
    return document.build(), "".join([*wanted, "正文末段。"])


def _outside(pdf: bytes, upright: Geometry) -> list[str]:
    """Name what stands outside the type area of its page; ink may reach a point over its own edge."""
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for index, page in enumerate(document):
        across = page.get_width() > page.get_height()
        area = WIDE_PAGE if across else upright
        left, top = area.corner(index % 2 == 0)
        right, bottom = left + area.body_width, top - area.body_height
        for thing in page.get_objects():
            box = thing.get_bounds()
            if box[2] - box[0] > 0 and not (
                left - 2 <= box[0] and box[2] <= right + 2 and bottom - 2 <= box[1] and box[3] <= top + 2
            ):
                found.append(f"{index}: {[round(value / mm, 1) for value in box]}")
        page.close()
    document.close()
    return found


@pytest.mark.parametrize(
    ("geometry", "sheet"), [(TEXT_PAGE, TEXT_SHEET), (DATA_PAGE, DATA_SHEET)], ids=("texts", "data")
)
@settings(max_examples=25)
@given(pieces=PIECES)
def test_random_documents_lose_nothing(geometry: Geometry, sheet: StyleSheet, pieces: list[_Piece]) -> None:
    """No text is lost or clipped, no signature block and no heading stands alone, whatever comes together."""
    pdf, wanted = _build(pieces, geometry, sheet)
    pages = page_texts(pdf)
    read = Counter("".join("".join(pages).replace("\ufffe", "-").split()))
    assert not Counter("".join(wanted.split())) - read
    assert _outside(pdf, geometry) == []
    assert [number for number, page in enumerate(pages) if "签字：" in page] == [len(pages) - 1]
    assert len("".join(pages[-1].split())) > len("签字：盖章处某单位")
    for page in pages:
        last = page.strip().splitlines()[-1].strip()
        assert not (last.startswith("题") and last[1:].isdigit())


@settings(max_examples=40)
@given(LINE, st.integers(20, 60))
def test_no_printed_line_breaks_the_rules(text: str, times: int) -> None:
    """GB/T 15834-2011 §5.1 on paper: 0 lines begin with a closing mark, 0 end with an opening one."""
    document = Document(FONTS, "文")
    document.paragraph(text * times)
    lines = [line for page in page_texts(document.build()) for line in page.split("\n") if line.strip()]
    paragraph = "".join(lines)
    if not any(mark * 2 in paragraph for mark in "，。、；％"):  # a row of marks alone has to break somewhere
        assert [line for line in lines[1:] if line.strip()[0] in NO_START] == []
        assert [line for line in lines[:-1] if line.strip()[-1] in NO_END] == []


@settings(max_examples=8)
@given(st.sampled_from((1, 2, 37, 400, 3000)), LINE, st.booleans())
def test_tables_of_any_length_are_whole(rows: int, text: str, across: bool) -> None:
    """1 to 3,000 rows: every row once and in order, its number beside its text, the header on each page."""
    document = Document(FONTS, "附表", DATA_PAGE, DATA_SHEET)
    own = text[:30]
    cells = [(f"No{row}e", own if row % 3 else "短") for row in range(rows)]
    document.table(Table((Column("编号"), Column("内容", 1)), cells, "附表", "万元"), across)
    pdf = document.build()
    pages = ["".join(page.split()) for page in page_texts(pdf)]
    numbers = [row for page in pages for row in page.split("No")[1:]]
    assert [row.partition("e")[0] for row in numbers] == [str(row) for row in range(rows)]
    assert all("编号内容" in page and "单位：万元" in page for page in pages)
    assert all("续表" in page for page in pages[1:])
    assert "".join(pages).replace("\ufffe", "-").count("".join(own.split())) >= sum(
        1 for row in range(rows) if row % 3
    )
    assert _outside(pdf, DATA_PAGE) == []
