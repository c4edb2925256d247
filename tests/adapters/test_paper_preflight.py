"""The last look before paper leaves: what was lost, cut off, covered or replaced is refused by place."""

from dataclasses import replace
from io import BytesIO

import pytest
from reportlab.lib.units import mm

from app.errors import AppError
from app.model.packet import Part, PartKind
from app.model.value import ItemType
from app.paper.assemble import page_count
from app.paper.commitment import render_commitment
from app.paper.expected import Expected, Passage, plain
from app.paper.expected_parts import expected_texts
from app.paper.fonts import SONG
from app.paper.ink import Ink, open_canvas
from app.paper.marks import AcrossWord, Marks, PageMark, stamp
from app.paper.page import Document
from app.paper.preflight import PartCheck, check_paper, find_seals
from app.paper.recommendation import render_recommendation
from app.paper.report import render_report
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.text import TextStyle, lay_out
from app.rules.view import View
from tests.adapters.test_paper_intake import FONTS, MESSAGES, _sample

RENDER = {
    PartKind.REPORT: render_report,
    PartKind.RECOMMENDATION: render_recommendation,
    PartKind.COMMITMENT: render_commitment,
}


def _part(kind: PartKind) -> Part:
    return next(part for part in _sample().programme.packet.parts if part.kind is kind)


def _printed(part: Part, view: View, across: AcrossWord | None = None) -> bytes:
    body = RENDER[part.kind](view.programme, view, part, FONTS, MESSAGES)
    known = {page: PageMark(3, part.title, bool(part.stamp_places)) for page in range(page_count(body))}
    marks = Marks(1, 2, "9F3A-27C1-0D55", "第3次修订", across, code="9F3A27C10D55")
    return stamp(body, marks, FONTS, part.title, pages=known)


def _check(part: Part, view: View, pdf: bytes, across: str = "") -> None:
    seals = sum(not place.signature for place in part.stamp_places)
    texts = expected_texts(view.programme, view, part, MESSAGES)
    check_paper(pdf, [PartCheck(part.title, 0, page_count(pdf), texts, 0, seals)], across)


def _refused(part: Part, view: View, pdf: bytes) -> AppError:
    with pytest.raises(AppError) as caught:
        _check(part, view, pdf)
    assert MESSAGES.error(caught.value).startswith(f"「{part.title}」")
    return caught.value


@pytest.mark.parametrize("kind", RENDER)
@pytest.mark.parametrize("across", [None, AcrossWord.DRAFT, AcrossWord.NOT_REVIEWED])
def test_the_complete_sample_passes(kind: PartKind, across: AcrossWord | None) -> None:
    """Issue 4: every value of the complete sample is read back from every kind of paper."""
    part = _part(kind)
    _check(part, _sample(), _printed(part, _sample(), across), across or "")
    assert expected_texts(_sample().programme, _sample(), part, MESSAGES)


def test_a_value_that_is_not_on_paper_is_named() -> None:
    """Asks 35: a field, a cell and a sentence of a long text that differ are refused with their place."""
    part, view = _part(PartKind.REPORT), _sample()
    pdf = _printed(part, view)
    fields = view.programme.form.fields
    number = next(
        name for name, value in view.values.items() if fields[name].type is ItemType.MONEY and value
    )
    long = next(name for name in view.values if fields[name].type is ItemType.LONG_TEXT)
    for name, other in ((number, view.values[number] + 7), (long, f"{view.values[long]}另加一句。")):  # type: ignore[operator]
        error = _refused(part, replace(view, values={**view.values, name: other}), pdf)
        assert error.code == "paper_differs" and fields[name].label in str(error.params["place"])
    table = next(table for table in view.programme.form.tables.values() if len(view.rows(table.id)) > 20)
    rows = list(view.rows(table.id))
    column = table.columns[1]
    rows[7] = replace(rows[7], cells={**rows[7].cells, column.id: "没有印出来的名称"})
    error = _refused(part, replace(view, tables={**view.tables, table.id: tuple(rows)}), pdf)
    assert table.label in str(error.params["place"]) and column.label in str(error.params["place"])


def test_a_row_that_is_not_on_paper_is_named() -> None:
    """Asks 35: one row more in the data than on paper is noticed in every table."""
    part, view = _part(PartKind.REPORT), _sample()
    pdf = _printed(part, view)
    tried = 0
    for table in view.programme.form.tables.values():
        rows = view.rows(table.id)
        if rows and not table.derived:
            more = replace(view, tables={**view.tables, table.id: (*rows, replace(rows[0], id="again"))})
            assert _refused(part, more, pdf).code == "paper_differs"
            tried += 1
    assert tried > 5


def _sheet(text: str, x: float, y: float, box: float = 0.0) -> bytes:
    out = BytesIO()
    canvas = open_canvas(out, FONTS.chain(SONG).first)
    canvas.setPageSize((210 * mm, 297 * mm))
    ink, style = Ink(canvas), TextStyle(SONG, 12, 16)
    ink.line(lay_out(text, FONTS.chain(SONG), style, 500 * mm)[0], x * mm, y * mm, style)
    ink.flush()
    if box:
        canvas.setDash(4, 3)
        canvas.rect(100 * mm, 100 * mm, box * mm, box * mm)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _code(pdf: bytes, **check: object) -> str:
    part = PartCheck("件", 0, page_count(pdf), **check)  # type: ignore[arg-type]
    try:
        check_paper(pdf, [part])
    except AppError as error:
        assert MESSAGES.error(error)
        return error.code
    return ""


def test_text_beyond_the_edge_is_noticed() -> None:
    """Asks 34: what runs off the page is not on paper."""
    wanted = [Passage("", (Expected("处", "一二三四五六七八九十"),))]
    assert _code(_sheet("一二三四五六七八九十", 40, 150), passages=wanted) == ""
    assert _code(_sheet("一二三四五六七八九十", 190, 150), passages=wanted) == "paper_differs"


def test_stand_ins_are_noticed() -> None:
    """Asks 36: a character that no font has never leaves as a stand-in."""
    assert _code(_sheet("名称\U0010fffd", 40, 150)) == "paper_stand_in"
    meant = [Passage("", (Expected("处", "标记〓"),))]
    assert _code(_sheet("标记〓", 40, 150), passages=meant) == ""


def test_seal_places() -> None:
    """Issue 4: places of at least 45 × 45 mm, free of text but for the date line."""
    free = _sheet("＿＿＿年＿＿月＿＿日", 105, 120, 45)
    assert _code(free, seals=1) == ""
    (place,) = find_seals(free)
    assert (place.page, round((place.right - place.left) / mm)) == (0, 45)
    assert _code(_sheet("正文", 105, 120, 45), seals=1) == "paper_seal_covered"
    assert _code(_sheet("＿年＿月＿日", 105, 120, 44), seals=1) == "paper_seal_missing"
    assert _code(free, seals=2) == "paper_seal_missing"


def test_page_limits() -> None:
    """Issue 4: a part that must keep to its pages is refused beyond them."""
    document = Document(FONTS, "件", DATA_PAGE, DATA_SHEET)
    for number in range(2):
        document.paragraph(f"第{number}")
        document.page_break()
    pdf = document.build()
    assert _code(pdf, limit=1) == "paper_too_long"
    assert _code(pdf, limit=2) == ""


def test_long_cells_that_flow_over_pages_are_read() -> None:
    """A cell that goes on over the next page, other cells between, is read piece by piece."""
    from app.paper.table import Column, Table

    one = "甲乙丙丁戊己庚辛" * 120 + "完"
    two = "子丑寅卯辰巳午未" * 150 + "终"
    document = Document(FONTS, "件", DATA_PAGE, DATA_SHEET)
    document.table(Table((Column("左", 1), Column("右", 1)), [(one, two)], "附表"))
    pdf = document.build()
    assert page_count(pdf) > 1
    assert _code(pdf, passages=[Passage("附表", (Expected("左", one), Expected("右", two)))]) == ""
    lost = [Passage("附表", (Expected("左", f"{one[:300]}缺{one[300:]}"),))]
    assert _code(pdf, passages=lost) == "paper_differs"


def test_texts_are_compared_without_white_space() -> None:
    """Loose values compare without white space and invisible characters."""
    assert plain("一 二\u3000三\n四\u200b五\x02") == "一二三四五-"
