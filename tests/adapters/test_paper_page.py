"""Documents that flow over pages (GB/T 9704-2012 §5, §7): read back from the PDF itself."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.units import mm

from app.paper.assemble import page_count, page_texts
from app.paper.fonts import SONG, Fonts
from app.paper.page import Document, FormRow
from app.paper.signature import SEAL_SIDE, Seal, SignLine
from app.paper.styles import DATA_PAGE, DATA_SHEET, TEXT_PAGE, WIDE_PAGE
from app.paper.table import Column, Table
from app.paper.text import TextStyle

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "fonts"
FONTS = Fonts(FOLDER)
NAMES = "负责人喆堃镕䶮𬭎，买买提·艾力"
SENTENCE = "本年度共服务创业团队和初创企业，举办创新创业活动，帮助入驻团队获得融资。"


def _report(fonts: Fonts) -> bytes:
    document = Document(fonts, "年度工作自评报告")
    document.title("年度工作自评报告")
    document.heading("一、基本情况")
    document.paragraph(f"{NAMES}。☑是 ☐否\n{SENTENCE * 30}")
    document.heading("（一）机制", 2)
    document.heading("1. 服务", 3)
    document.paragraph(SENTENCE)
    document.form([FormRow("B01", "名称", NAMES), FormRow("B02", "注册资本", "1,280.50", "万元")])
    document.table(Table((Column("甲"), Column("乙")), [("子", "1")], "附表", "元"), across=True)
    document.note("注：保留两位小数。")
    document.signature([SignLine("法定代表人（签字）：", rule=6)], Seal(("某某有限公司", "2022年5月10日")))
    return document.build()


def test_fonts_are_embedded_subsets() -> None:
    """Every font of every page is embedded as a subset; no Helvetica is asked from the reader's machine."""
    data = _report(FONTS)
    with pikepdf.open(BytesIO(data)) as pdf:
        seen = set()
        for page in pdf.pages:
            for font in page.resources.Font.values():
                name = str(font.BaseFont)
                assert name[7] == "+" and name[1:7].isupper()
                assert "/FontFile2" in font.FontDescriptor
                seen.add(name[8:].split("-", maxsplit=1)[0])
        assert {"FandolFang", "LXGWWenKai", "NotoSerifSC", "NotoSansSC"} <= seen
        assert pdf.Root.Lang == "zh-CN"
        assert pdf.docinfo["/Title"] == "年度工作自评报告"
        assert b"Helvetica" not in b"".join(item.unparse() for item in pdf.objects)
    assert len(data) < 600_000


def test_text_comes_back_exactly() -> None:
    """Rare names, the interpunct, tick boxes and units read back as they were typed (read-back check)."""
    text = "".join(page_texts(_report(FONTS)))
    bare = text.replace("\n", "")
    assert bare.count(NAMES) == 2
    assert "☑是 ☐否" in bare
    assert "1,280.50" in bare and "单位：元" in bare and "盖章处" in bare
    assert SENTENCE * 30 in bare


def test_two_runs_give_equal_bytes() -> None:
    """The same content gives the same bytes, with fonts opened anew (brief: deterministic output)."""
    assert _report(Fonts(FOLDER)) == _report(Fonts(FOLDER))


def test_a_page_holds_22_lines_of_28_characters() -> None:
    """Type area 156 × 225 mm with 22 lines of 28 characters (GB/T 9704-2012 §5.2.2)."""
    document = Document(FONTS, "文")
    document.paragraph("\n".join(["汉" * 26] * 44))
    pages = page_texts(document.build())
    assert [page.count("汉" * 26) for page in pages] == [22, 22]
    document.paragraph("再")
    assert page_count(document.build()) == 3


@settings(max_examples=30)
@given(st.lists(st.integers(1, 120), min_size=1, max_size=12))
def test_a_heading_never_ends_a_page(lengths: list[int]) -> None:
    """A heading stands on a page only with text under it (brief: headings never alone at a page end)."""
    document = Document(FONTS, "文")
    for number, length in enumerate(lengths):
        document.heading(f"第{number}题")
        document.heading(f"（{number}）分题", 2)
        document.paragraph("汉" * (length * 5))
    for page in page_texts(document.build()):
        assert page.strip().splitlines()[-1].strip("汉") == ""


@settings(max_examples=30)
@given(st.integers(1, 60), st.sampled_from(["text", "table", "lines"]))
def test_a_signature_never_stands_alone(count: int, kind: str) -> None:
    """A page with a signature block has text above it (no page with only a seal)."""
    document = Document(FONTS, "文", DATA_PAGE, DATA_SHEET)
    if kind == "text":
        document.paragraph("汉" * (count * 35))
    elif kind == "lines":
        document.paragraph("\n".join(["汉字"] * count))
    else:
        document.table(Table((Column("头"),), [("汉",)] * count))
    document.signature([SignLine("签字：", rule=5)], Seal(("某单位", "2022年1月1日")))
    pages = page_texts(document.build())
    signed = [page for page in pages if "签字" in page]
    assert len(signed) == 1 and signed[0] is pages[-1]
    assert "汉" in signed[0]
    assert "某单位" in signed[0]


@settings(max_examples=20)
@given(st.integers(0, 30))
def test_a_group_stays_together(before: int) -> None:
    """Blocks of a group stand on one page."""
    document = Document(FONTS, "文")
    document.paragraph("\n".join(["前"] * before))
    with document.group():
        document.heading("组的标题")
        document.paragraph("组文" * 30)
        document.paragraph("组的末尾")
    for page in page_texts(document.build()):
        assert ("组的标题" in page) == ("组的末尾" in page)


def test_a_group_taller_than_a_page_flows() -> None:
    """A group that no page can hold is not lost and does not leave empty pages."""
    document = Document(FONTS, "文")
    document.paragraph("前文")
    with document.group():
        document.paragraph("\n".join(f"第{number}行" for number in range(60)))
    pages = page_texts(document.build())
    assert len(pages) <= 4
    assert all(f"第{number}行" in "".join(pages) for number in range(60))


def test_geometries() -> None:
    """Upright and landscape pages have their own sizes, and a turned table returns to upright pages."""
    document = Document(FONTS, "文")
    document.paragraph("前")
    document.table(Table((Column("甲"),), [("1",)]), across=True)
    document.paragraph("后")
    with pikepdf.open(BytesIO(document.build())) as pdf:
        sizes = [(round(float(p.mediabox[2])), round(float(p.mediabox[3]))) for p in pdf.pages]
    assert sizes == [(595, 842), (842, 595), (595, 842)]
    assert TEXT_PAGE.body_width == pytest.approx(442.2, abs=0.1)
    assert WIDE_PAGE.body_width > DATA_PAGE.body_width > TEXT_PAGE.body_width


def _left_edges(document: Document) -> list[float]:
    """Where the text of each page begins, in mm from the left edge of the page."""
    pdf = pypdfium2.PdfDocument(document.build())
    edges = []
    for page in pdf:
        boxes = [thing.get_bounds() for thing in page.get_objects()]
        edges.append(round(min(box[0] for box in boxes) / mm, 1))
        page.close()
    pdf.close()
    return edges


def test_margins_are_mirrored_for_two_sided_paper() -> None:
    """The binding edge is at the left of right-hand pages and at the right of the others (print_rules §3)."""
    document = Document(FONTS, "文")
    document.paragraph("\n".join(["汉" * 26] * 44), TextStyle(SONG, 16, 28.95))
    first, second = _left_edges(document)
    assert (first, second) == pytest.approx((28, 26), abs=0.5)


def test_the_head_of_a_page_across_stands_at_the_left_of_the_bound_sheet() -> None:
    """Head at the binding edge of right-hand pages, at the fore-edge of others (GB/T 9704-2012 §8)."""
    document = Document(FONTS, "文", WIDE_PAGE, DATA_SHEET)
    for _ in range(2):
        document.form([FormRow("", "甲", "乙")])
        document.page_break()
    pdf = pypdfium2.PdfDocument(document.build())
    tops = []
    for page in pdf:
        tops.append(210 - max(thing.get_bounds()[3] for thing in page.get_objects()) / mm)
        page.close()
    pdf.close()
    assert tops == pytest.approx([28, 20], abs=0.4)


def test_a_table_across_keeps_its_company() -> None:
    """Headings above a landscape table and the signature below it stand on its pages, not alone on others."""
    document = Document(FONTS, "文", DATA_PAGE, DATA_SHEET)
    document.paragraph("前文")
    document.heading("附表的标题")
    document.table(Table((Column("甲"),), [("子",)]), across=True)
    document.signature([SignLine("签字：", rule=5)], Seal())
    document.paragraph("后文")
    first, middle, last = page_texts(document.build())
    assert (first.strip(), last.strip()) == ("前文", "后文")
    assert middle.index("附表的标题") < middle.index("子") < middle.index("签字")


def test_a_stamp_place_is_an_outline_only() -> None:
    """The place of a seal is a dashed square of 45 mm; there is no picture and no red (never a seal)."""
    document = Document(FONTS, "文")
    document.paragraph("正文")
    document.stamp_place("申报单位：", ("某单位", "2022年1月1日"))
    assert pytest.approx(127.56, abs=0.01) == SEAL_SIDE
    with pikepdf.open(BytesIO(document.build())) as pdf:
        (page,) = pdf.pages
        assert "/XObject" not in page.resources
        steps = pikepdf.parse_content_stream(page)
    squares = [
        step.operands
        for step in steps
        if str(step.operator) == "re" and float(step.operands[2]) == pytest.approx(127.56, abs=0.01)
    ]
    assert len(squares) == 1
    dashes = [step.operands[0] for step in steps if str(step.operator) == "d"]
    assert [float(part) for part in dashes[0]] == [4, 3]
    colours = {str(step.operator) for step in steps} & {"rg", "RG", "k", "K", "sc", "scn"}
    values = {float(v) for step in steps if str(step.operator) in colours for v in step.operands}
    assert values <= {0.0}


def test_breaks_and_empty_documents() -> None:
    """A page break at the top of a page adds none; a document without blocks is one empty page."""
    document = Document(FONTS, "文")
    assert page_texts(document.build()) == [""]
    document.page_break()
    document.paragraph("甲")
    document.page_break()
    document.page_break()
    document.paragraph("乙")
    document.page_break()
    assert [page.strip() for page in page_texts(document.build())] == ["甲", "乙"]
