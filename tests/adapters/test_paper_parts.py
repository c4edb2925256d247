"""The parts of our own on paper, read back from the PDF: report, recommendation form, letter."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clock import BEIJING
from app.errors import AppError
from app.messages import Messages, load_messages
from app.model.answers import read_answers, read_document
from app.model.draft import Answers, Attachment
from app.model.form import Form, Item, Section
from app.model.packet import PacketSpec, Part, PartKind, StampPlace
from app.model.programme import EvidenceKind, Programme
from app.model.value import Invalid, ItemType, Value
from app.paper.assemble import page_count, page_texts
from app.paper.boxes import LEAST_BOX, Cell, OpinionBox
from app.paper.commitment import render_commitment
from app.paper.fonts import STAND_IN, Fonts
from app.paper.places import group_places, signature_of
from app.paper.recommendation import render_recommendation
from app.paper.report import render_report
from app.paper.signature import SEAL_SIDE, lay_out_signature
from app.paper.text import TextStyle
from app.paper.wording import fill_text, masked, place_name, read_passages, shown
from app.programmes.loader import load
from app.rules.calculate import compile_calculations, effective
from app.rules.view import Context, View
from tests.unit.forms import make_item, make_programme, make_rows, make_table

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources"
FONTS = Fonts(RESOURCES / "fonts")
NOW = datetime(2023, 1, 3, 9, 0, tzinfo=BEIJING)
RENDER = {
    PartKind.REPORT: render_report,
    PartKind.RECOMMENDATION: render_recommendation,
    PartKind.COMMITMENT: render_commitment,
}
ONE_PAGE = (PartKind.RECOMMENDATION, PartKind.COMMITMENT)
SIGN = StampPlace("s", "承诺书：负责人签字", "负责人", signature=True)
SEAL = StampPlace("u", "承诺书：申报单位公章", "申报单位")
BUREAU = StampPlace("b", "推荐表：主管部门公章", "主管部门")


@cache
def _messages() -> Messages:
    return load_messages(RESOURCES / "messages")


@cache
def _makerspace() -> Programme:
    return load(RESOURCES / "programmes" / "xj-makerspace-2022")


@cache
def _sample() -> Answers:
    document = read_document(_makerspace().samples["complete.json"], "complete.json")
    return read_answers(document, _makerspace().form, "complete.json")


def _view(programme: Programme, answers: Answers) -> View:
    return effective(compile_calculations(programme), answers, Context(NOW), None)


def _part(programme: Programme, kind: PartKind) -> Part:
    return next(part for part in programme.packet.parts if part.kind is kind)


def _render(view: View, part: Part, fonts: Fonts = FONTS) -> bytes:
    return RENDER[part.kind](view.programme, view, part, fonts, _messages())


def _bare(text: str) -> str:
    # PDFium gives a hyphen at a line's end as U+FFFE
    return "".join(text.replace("\ufffe", "-").split())


def _text(pdf: bytes) -> str:
    return _bare("".join(page_texts(pdf)))


def _small(values: Mapping[str, Value], *fields: Item, **more: Any) -> View:
    texts = more.pop("texts", {})
    answers = more.pop("answers", Answers(values))
    return _view(make_programme(fields, more.pop("tables", ()), texts=texts, **more), answers)


# ------------------------------------------------------------------------------------------- report
def _expected(view: View) -> Iterator[str]:
    form = view.programme.form
    for section in form.sections:
        yield section.label
    for item in form.fields.values():
        if item.id not in view.hidden:
            yield item.number + item.label
            yield shown(item, view.values.get(item.id))
    for table in form.tables.values():
        for row in view.rows(table.id):
            for column in table.columns:
                value = row.cells.get(column.id)
                if column.masked_by and row.cells.get(column.masked_by) is True:
                    continue
                yield value.isoformat() if isinstance(value, date) else shown(column, value)


def test_every_answer_of_the_sample_stands_on_paper() -> None:
    """architecture, «paper»: the report holds the effective answers, calculated and derived ones too."""
    view = _view(_makerspace(), _sample())
    pdf = _render(view, _part(_makerspace(), PartKind.REPORT))
    text = _text(pdf)
    lost = [each for each in _expected(view) if each and _bare(each) not in text]
    assert lost == []
    assert "内置参考模板" in text and STAND_IN not in text
    for table in _makerspace().form.tables.values():
        assert _bare(table.number + table.label) in text


def test_items_that_do_not_apply_are_left_out() -> None:
    """XForms ``relevant``: what does not apply is neither asked nor printed."""
    view = _view(_makerspace(), _sample())
    assert view.hidden
    hidden = [view.programme.form.fields[name] for name in view.hidden]
    text = _text(_render(view, _part(_makerspace(), PartKind.REPORT)))
    assert [item.number for item in hidden if _bare(item.number + item.label) in text] == []


def test_numbers_of_people_are_masked() -> None:
    """Notes of the form: numbers of papers of people are covered on paper, wrong ones too."""
    card, other = "65900120000101076X", "E12345678"
    fields = (make_item("card", "id_number", masked=True), make_item("count", masked=True))
    table = make_table("t", make_item("card", "id_number", masked=True))
    answers = Answers(
        {"card": card, "count": Invalid(other)}, {"t": make_rows([{"card": card}, {"card": other}])}
    )
    view = _small({}, *fields, tables=(table,), answers=answers, texts={"x": "证件号{card}"})
    part = Part("x", PartKind.REPORT, "报告")
    text = _text(_render(view, part))
    assert card not in text and other not in text
    assert text.count("659***********076X") == 2 and text.count("E********") == 2
    assert "659***********076X" in _text(_render(view, Part("x", PartKind.COMMITMENT, "书", text="x")))


def test_names_that_a_row_keeps_secret_are_stars_on_paper() -> None:
    """makerspace_report T5: trade secrets may be replaced by stars, row by row."""
    table = make_table(
        "deals",
        make_item("who", "text", masked_by="secret"),
        make_item("secret", "yes_no"),
    )
    programme = make_programme(tables=[table])
    rows = make_rows([{"who": "甲公司", "secret": True}, {"who": "乙公司", "secret": False}])
    text = _text(
        _render(_view(programme, Answers(tables={"deals": rows})), Part("r", PartKind.REPORT, "报告"))
    )
    assert "甲公司" not in text
    assert "***" in text
    assert "乙公司" in text


def test_columns_of_numbers_have_their_sum_under_them() -> None:
    """Issue 4, «subtotals»: 合计 in the column's own unit; empty cells count nothing."""
    table = make_table(
        "deals",
        make_item("who", "text"),
        make_item("amount", "money", unit="万元", total=True),
        make_item("people", "integer", total=True),
        make_item("year", "integer"),
    )
    programme = make_programme(tables=[table])
    deals: list[dict[str, Value]] = [
        {"who": "甲", "amount": Decimal(12345), "people": 3, "year": 2021},
        {"who": "乙", "amount": Decimal("1000.5"), "people": 4, "year": 2022},
        {"who": "丙"},
    ]

    def printed(count: int) -> str:
        answers = Answers(tables={"deals": make_rows(deals[:count])})
        return _text(_render(_view(programme, answers), Part("r", PartKind.REPORT, "报告")))

    assert "3丙合计1.334557" in printed(3)
    assert "合计" not in printed(1)


@given(st.text("0123456789X", max_size=30))
def test_a_mask_hides_most(number: str) -> None:
    """At most the first three and the last four characters stay; the length stays."""
    cover = masked(number)
    assert len(cover) == max(len(number), 2 if len(number) == 1 else 0)
    assert cover.count("*") >= min(6, max(1, len(number) - 1)) or not number


def test_a_missing_mask_is_never_the_number() -> None:
    """A single character is hidden by a star behind it, nothing by nothing."""
    assert (masked(""), masked("1"), masked("12345678901234")) == ("", "1*", "123*******1234")


def test_tables_say_nothing_unit_and_number() -> None:
    """An empty table says 无; one unit of all money stands in the corner, other units in the headings."""
    money = make_item("m", "money", "金额", unit="万元")
    people = make_item("p", "integer", "人数", unit="人")
    other = make_item("o", "money", "合同额", unit="元")
    tables = (make_table("a", money, people), make_table("b", money, other), make_table("c", people))
    cells: list[dict[str, Value]] = [{"m": 15000, "p": 3, "o": 7}]
    answers = Answers({}, {"a": make_rows(cells), "b": make_rows(cells)})
    text = _text(_render(_small({}, tables=tables, answers=answers), Part("r", PartKind.REPORT, "报告")))
    assert text.count("单位：万元") == 1 and "金额人数（人）11.53" in text
    assert "金额（万元）合同额（元）11.57" in text
    assert "C附表c无" in text


def test_a_table_with_many_columns_goes_on_in_bands() -> None:
    """No column is squeezed until words break: keys and row numbers stand in every band."""
    columns = [make_item(f"c{number}", "text", f"列{number}") for number in range(30)]
    table = make_table("w", *columns, key=("c0",), landscape=True)
    cells: dict[str, Value] = {column.id: f"值{column.id}" for column in columns}
    answers = Answers({}, {"w": make_rows([cells, cells])})
    pages = page_texts(
        _render(_small({}, tables=(table,), answers=answers), Part("r", PartKind.REPORT, "报"))
    )
    text = _bare("".join(pages))
    count = text.count("列0")
    assert count >= 2 and text.count("值c0") == 2 * count and f"附表w（{count}/{count}）" in text
    assert all(text.count(f"值c{number}") == 2 for number in range(10, 30))
    assert "见文后，共2行" in _bare(pages[0]) and "值c1" not in pages[0]


def test_rows_with_long_texts_are_records() -> None:
    """Cases of 500 characters are printed one below the other, not in narrow columns."""
    story = "辅导团队完成样机" * 60
    table = make_table("k", make_item("n", "text", "名称"), make_item("s", "long_text", "经过"))
    answers = Answers({}, {"k": make_rows([{"n": "甲", "s": story}, {"n": "乙", "s": story}])})
    pdf = _render(_small({}, tables=(table,), answers=answers), Part("r", PartKind.REPORT, "报告"))
    text = _text(pdf)
    assert "第1项名称甲经过" in text and "第2项名称乙经过" in text and story in text


def test_reasons_and_proofs_stand_with_names() -> None:
    """The bureau reads reasons first (seed 000 三-2): by code, place and text, no id among them."""
    table = make_table("t", make_item("amount", "money", "金额", unit="元"))
    answers = Answers(
        {"x1": 3},
        {"t": make_rows([{"amount": 1}, {"amount": 2}])},
        reasons={"YOY-01@x1": "活动停办", "TAB-02@t/r2/amount": "到账较晚", "OLD-03@t/r9": "行已删"},
        attachments=(Attachment("执照.pdf", "0" * 64, 3 << 20, ("01", "x1", "t.amount")),),
    )
    view = _small({}, make_item("x1", label="场次"), tables=(table,), answers=answers,
                  evidence=(EvidenceKind("01", "01", "营业执照"),))  # fmt: skip
    text = _text(_render(view, Part("r", PartKind.REPORT, "报告")))
    assert "YOY-01X1场次活动停办" in text
    assert "TAB-02T附表t，第2行，金额到账较晚" in text
    assert "OLD-03T附表t，已删除的行行已删" in text
    assert "1执照.pdf01营业执照X1场次T附表t，金额3.0MB" in text


def test_places_have_names() -> None:
    """Reasons may be about stages, files and records; where there is no name, the whole report is meant."""
    view = _view(_makerspace(), Answers())
    names = [
        place_name(view, path, _messages())
        for path in (
            "stage:fill",
            "evidence:01",
            "attachment:甲.pdf",
            "event:sealed",
            "",
            "gone",
            "a/b/c/d",
            "q:z",
        )
    ]
    assert names[0] == "环节：网上填报并提交"
    assert names[1].startswith("佐证材料：01") and names[2] == "文件：甲.pdf" and names[3] == "办理记录：定稿"
    assert names[4:] == ["整份报告"] * 4


def test_an_empty_report_prints() -> None:
    """A proof may be printed at any moment, with nothing filled in."""
    view = _view(_makerspace(), Answers())
    for part in _makerspace().packet.parts:
        if part.kind in RENDER:
            assert page_count(_render(view, part)) >= 1


def test_a_section_without_items_says_so() -> None:
    """A heading never stands above nothing."""
    programme = replace(make_programme(), form=Form((Section("s", "一", "空的部分", ()),), {}))
    assert "一空的部分无" in _text(_render(_view(programme, Answers()), Part("r", PartKind.REPORT, "报告")))


def test_a_report_may_be_signed() -> None:
    """Places of the packet are drawn on whatever part they belong to."""
    part = Part("r", PartKind.REPORT, "报告", stamp_places=(SIGN, SEAL))
    text = _text(_render(_small({"a": 1}, make_item("a")), part))
    assert "负责人（签字）：" in text and "申报单位公章" in text


# ----------------------------------------------------------------------------------- one-page papers
def _longest(draw_text: Any) -> Answers:
    values = dict(_sample().values)
    for item in _makerspace().form.fields.values():
        if item.type is ItemType.TEXT and item.max_length and not item.calculated:
            values[item.id] = draw_text(item.max_length)
    return replace(_sample(), values=values)


@settings(max_examples=12)
@given(st.data())
def test_forms_keep_to_one_page(data: st.DataObject) -> None:
    """审查推荐表 and 信用承诺书 are one page each, whatever the names; and no character of them is lost."""
    alphabet = "新疆昌吉创业服务有限公司（）·，WmX2022䶮𬭎"

    def text(length: int) -> str:
        seed = data.draw(st.text(alphabet, min_size=1, max_size=12))
        return (seed * length)[: data.draw(st.sampled_from((length, length // 2, 3)))]

    view = _view(_makerspace(), _longest(text))
    for kind in ONE_PAGE:
        part = _part(_makerspace(), kind)
        pdf = _render(view, part)
        assert page_count(pdf) == 1
        printed = _text(pdf)
        for passage in read_passages(_makerspace().texts[part.text]):
            for label, template in passage.rows:
                assert _bare(label) in printed
                assert _bare(fill_text(template, view, _messages(), "")) in printed
            for line in () if passage.rows else passage.lines:
                assert _bare(fill_text(line, view, _messages())) in printed


@pytest.mark.parametrize("kind", ONE_PAGE)
def test_what_does_not_fit_is_refused_not_cut(kind: PartKind) -> None:
    """Below the floor of 小五 and 五号 nothing is set: people are asked to shorten instead."""
    view = _small({"n": "很长的名称" * 900}, make_item("n", "text"), texts={"x": "名称：{n}"})
    with pytest.raises(AppError) as caught:
        _render(view, Part("x", kind, "某某表", text="x"))
    assert (caught.value.code, caught.value.params) == ("form_does_not_fit", {"title": "某某表"})
    assert "某某表" in _messages().error(caught.value)


def test_the_form_holds_no_opinion() -> None:
    """seed 000 asks for no printed score and nobody ticks for the bureau: neither score nor tick box."""
    view = _view(_makerspace(), _sample())
    text = _text(_render(view, _part(_makerspace(), PartKind.RECOMMENDATION)))
    assert not set("☐☑☒□") & set(text)
    assert "得分" not in text and "同意" not in text
    assert "经办人（签字）：" in text and "法定代表人（签字）：" in text


def test_missing_answers_leave_room_to_write() -> None:
    """A missing answer is a line in running text and a white cell in a form."""
    texts = {"x": "[信息]\n名称：{n}\n[意见]\n我单位{n}属实。"}
    view = _small({}, make_item("n", "text"), texts=texts)
    text = _text(_render(view, Part("x", PartKind.RECOMMENDATION, "表", text="x", stamp_places=(SIGN, SEAL))))
    assert "名称意见" in text.replace("我单位＿＿＿＿属实。", "") and "我单位＿＿＿＿属实。" in text


def test_rows_that_do_not_apply_are_left_out() -> None:
    """A row of the form whose only item does not apply is not printed."""
    fields = (make_item("a", "yes_no"), make_item("b", "text", relevant="a = true"))
    view = _small({"a": False}, *fields, texts={"x": "[信息]\n是否：{a}\n园区：{b}"})
    text = _text(_render(view, Part("x", PartKind.RECOMMENDATION, "表", text="x")))
    assert "是否否" in text and "园区" not in text


def test_places_beyond_the_text_get_boxes_of_their_own() -> None:
    """No stamp place of the packet is forgotten because the text has no box for it."""
    view = _small({"a": 1}, make_item("a"), texts={"x": "[信息]\n数：{a}"})
    part = Part("x", PartKind.RECOMMENDATION, "表", text="x", stamp_places=(SIGN, SEAL, BUREAU))
    assert "申报单位公章" in _text(_render(view, part)) and "主管部门公章" in _text(_render(view, part))


def test_stamped_boxes_are_high_enough() -> None:
    """The bureau's box is at least 60 mm high with the outline of 45 × 45 mm inside."""
    (group,) = group_places([BUREAU])
    style = TextStyle("song", 9, 30)
    signature = lay_out_signature(signature_of(group, _messages(), handlers=True), FONTS, style, 350)
    box = OpinionBox(Cell(0, 80, (), style), 450, (), signature)
    assert box.height >= LEAST_BOX and signature.height >= SEAL_SIDE


def test_signatures_stand_with_the_seal_that_follows() -> None:
    """Sign first, then stamp: groups follow the order of the packet."""
    assert group_places([SIGN, SEAL, BUREAU]) == [(SIGN, SEAL), (BUREAU,)]
    assert group_places([SEAL, SIGN]) == [(SEAL,), (SIGN,)]
    lonely = signature_of((SIGN,), _messages())
    assert lonely.seal is None and [line.label for line in lonely.lines] == [
        "负责人（签字）：",
        "＿＿＿年＿＿月＿＿日",
    ]


def _outlines_and_letters(
    pdf: bytes,
) -> tuple[list[tuple[float, float, float, float]], list[tuple[str, float, float]]]:
    """Give the square outlines of a one-page PDF and the middle of each letter."""
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    page = document[0]
    boxes = [each.get_bounds() for each in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_PATH])]
    squares = [
        box for box in boxes if abs(box[2] - box[0] - SEAL_SIDE) < 2 and abs(box[3] - box[1] - SEAL_SIDE) < 2
    ]
    reader = page.get_textpage()
    text = reader.get_text_range()
    letters = []
    for place in range(reader.count_chars()):
        left, bottom, right, top = reader.get_charbox(place)
        letters.append((text[place] if place < len(text) else "", (left + right) / 2, (bottom + top) / 2))
    reader.close()
    page.close()
    document.close()
    return squares, letters


@pytest.mark.parametrize("kind", ONE_PAGE)
def test_nothing_but_the_hint_and_the_date_lies_under_a_seal(kind: PartKind) -> None:
    """45 × 45 mm outlines, one for each seal of the part, on no text but what the seal shall cover."""
    part = _part(_makerspace(), kind)
    squares, letters = _outlines_and_letters(_render(_view(_makerspace(), _sample()), part))
    seals = [place for place in part.stamp_places if not place.signature]
    assert len(squares) == len(seals) > 0
    allowed = set("年月日＿ \r\n").union(*(place.label for place in seals))
    for left, bottom, right, top in squares:
        inside = [letter for letter, x, y in letters if left < x < right and bottom < y < top]
        assert inside and set(inside) <= allowed


# ----------------------------------------------------------------------------------------- all parts
def test_two_runs_give_equal_bytes() -> None:
    """The same content gives the same bytes, with fonts opened anew (brief: deterministic output)."""
    view = _view(_makerspace(), _sample())
    for kind in RENDER:
        part = _part(_makerspace(), kind)
        assert _render(view, part) == _render(view, part, Fonts(RESOURCES / "fonts"))


def test_what_no_font_has_is_marked() -> None:
    """A character without a glyph never vanishes silently; checks report it, paper shows 〓."""
    rare = "\U0002ebf0"
    assert FONTS.missing(rare) == rare
    view = _small(
        {"n": f"甲{rare}乙"}, make_item("n", "text"), texts={"x": "[信息]\n名称：{n}", "y": "我{n}"}
    )
    for kind, text in ((PartKind.REPORT, ""), (PartKind.RECOMMENDATION, "x"), (PartKind.COMMITMENT, "y")):
        assert f"甲{STAND_IN}乙" in _text(_render(view, Part("x", kind, "件", text=text)))


def test_slots_are_filled_as_people_read_them() -> None:
    """Values in their own unit, invalid ones as typed, braces in answers left alone."""
    fields = (make_item("m", "money", unit="万元"), make_item("n", "text"), make_item("d", "date"))
    view = _small({"m": 2715000, "n": "{m}\n乙", "d": Invalid("去年")}, *fields)
    template = "{m}|{n}|{d}|{report_year}|{period}|{issuer}|{title}|{short_title}|{label}|{period_end}"
    assert fill_text(template, view, _messages()).split("|") == [
        "271.5", "{m} 乙", "去年", "2022", "2022年1月1日至2022年12月20日", "科技厅",
        "2022年度绩效评价自评报告", "自评报告", "内置参考模板", "2022年12月20日",
    ]  # fmt: skip


def test_texts_are_told_apart() -> None:
    """``[title]`` begins a block; only blocks made of ``label：{slot}`` lines alone are rows."""
    first, info, words = read_passages(
        "开头\n[甲]\n 名称：{n}\n\n年度：{y}年度\n[乙]\n名称：{n}\n结论：属实。"
    )
    assert (first.title, first.lines, first.rows) == ("", ("开头",), ())
    assert info.rows == (("名称", "{n}"), ("年度", "{y}年度"))
    assert words.title == "乙" and words.rows == ()
    assert read_passages(" \n") == ()


def test_the_letter_puts_a_name_under_the_seal() -> None:
    """GB/T 9704-2012 §7.3.5.1: the seal covers name and date; a block of the text gives the name."""
    view = _small({"n": "某某有限公司"}, make_item("n", "text"), texts={"x": "厅：\n承诺。\n[落款]\n{n}"})
    part = Part("x", PartKind.COMMITMENT, "书", text="x", stamp_places=(SIGN, SEAL))
    squares, letters = _outlines_and_letters(_render(view, part))
    (left, bottom, right, top) = squares[0]
    assert "某某有限公司" in "".join(
        letter for letter, x, y in letters if left < x < right and bottom < y < top
    )


def test_each_part_may_lack_its_text() -> None:
    """A programme may name no text for a part: title, label and places still stand."""
    programme = make_programme(packet=PacketSpec((), 2, "胶装"))
    for kind in RENDER:
        part = Part("x", kind, "空白件", stamp_places=(SEAL,))
        assert "内置参考模板" in _text(_render(_view(programme, Answers()), part))


def test_wide_tables_never_hide_behind_others() -> None:
    """A table across and a table upright in one section are both there, each once."""
    tables = (
        make_table("w", make_item("a", "text", "横列"), landscape=True),
        make_table("u", make_item("b", "text", "竖列")),
    )
    answers = Answers({}, {"w": make_rows([{"a": "横值"}]), "u": make_rows([{"b": "竖值"}])})
    text = _text(_render(_small({}, tables=tables, answers=answers), Part("r", PartKind.REPORT, "报告")))
    assert text.count("横值") == 1 and text.count("竖值") == 1 and text.index("竖值") < text.index("横值")
