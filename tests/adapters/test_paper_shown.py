"""Pictures of tables and listings of chosen columns, read back from the PDF (seed 001 附件2, seed 003 七)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pypdfium2
import pytest

from app.clock import BEIJING
from app.messages import load_messages
from app.model.draft import Answers, Row
from app.model.packet import Diagram, Listing, Part, PartKind, StampPlace
from app.model.programme import Programme
from app.model.value import Value
from app.paper.assemble import page_texts
from app.paper.cover import divide_title
from app.paper.diagram import render_diagram
from app.paper.expected import plain
from app.paper.expected_parts import expected_texts
from app.paper.fonts import TITLE, Fonts
from app.paper.listing import render_listing
from app.paper.preflight import PartCheck, check_paper, find_seals
from app.rules.view import Context, View
from tests.unit.forms import make_item, make_programme, make_table

ROOT = Path(__file__).resolve().parents[2]
FONTS = Fonts(ROOT / "resources" / "fonts")
MESSAGES = load_messages(ROOT / "resources" / "messages")
NOW = datetime(2023, 4, 5, 9, 0, tzinfo=BEIJING)
LANES = {"up": "上游", "middle": "中游", "down": "下游"}
CHAIN = make_table(
    "chain",
    make_item("segment", "choice", "环节", choices=LANES),
    make_item("name", "text", "细分环节"),
    make_item("made", "text", "产品"),
    make_item("firms", label="企业数", unit="家"),
    make_item("gap", "yes_no", "断点"),
)
DIAGRAM = Diagram("chain", "segment", "name", ("made", "firms"), "gap")
PICTURE = Part("picture", PartKind.DIAGRAM, "产业链全景图", diagram=DIAGRAM)
SEAL = StampPlace("u", "自评表：实施单位公章", "实施单位")
LISTED = Part(
    "listed",
    PartKind.LISTING,
    "环节一览表",
    text="facts",
    stamp_places=(SEAL,),
    listing=Listing("chain", ("firms", "name")),
)
PROGRAMME: Programme = make_programme(
    (make_item("n", label="总数", unit="家"),), (CHAIN,), texts={"facts": "企业总数：{n} 家\n说明"}
)


def view_of(*rows: dict[str, Value]) -> View:
    tables = {"chain": tuple(Row(f"r{number}", cells) for number, cells in enumerate(rows, 1))}
    return View(PROGRAMME, Answers({"n": 7}, tables), Context(NOW), {"n": 7}, tables)


def drawn(view: View) -> bytes:
    return render_diagram(PROGRAMME, view, PICTURE, FONTS, MESSAGES)


def segments(pdf: bytes) -> int:
    """Count the straight lines on the first page."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return sum(
        pypdfium2.raw.FPDFPath_CountSegments(shape)
        for shape in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_PATH])
    )


ONE: dict[str, Value] = {"segment": "up", "name": "特种钢", "made": "主轴锻件", "firms": 14, "gap": False}


def test_every_lane_and_row_is_there() -> None:
    """Seed 001 附件2: each 环节 stands in the picture, also the one that nobody fills."""
    view = view_of(ONE, {"segment": "down", "name": "整机", "firms": 3, "gap": False})
    pdf = drawn(view)
    assert pdf == drawn(view)
    (page,) = page_texts(pdf)
    text = plain(page)
    for wanted in ("上游", "中游", "下游", "特种钢", "产品：主轴锻件；企业数：14家", "整机", "尚无内容"):
        assert wanted in text, wanted
    assert "断点）" not in text
    check = PartCheck(PICTURE.title, 0, 1, expected_texts(PROGRAMME, view, PICTURE, MESSAGES))
    check_paper(pdf, [check])


def test_a_gap_has_a_broken_frame() -> None:
    """A row marked as a gap is named so and drawn broken: many short lines in place of four."""
    solid, broken = drawn(view_of(ONE)), drawn(view_of({**ONE, "gap": True}))
    assert "特种钢（断点）" in plain(page_texts(broken)[0])
    assert segments(broken) > segments(solid) + 60


@pytest.mark.parametrize("count", [3, 60])
def test_nothing_is_cut(count: int) -> None:
    """A long chain goes on over pages, a box taller than a page between its lines; every word is printed."""
    rows = [{**ONE, "name": f"环节{number:02}", "made": f"产品甲{number:02}" * 3} for number in range(count)]
    view = view_of(*rows, {**ONE, "name": "长环节", "made": "自制与外购并行、" * 700 + "末尾"})
    pdf = drawn(view)
    text = "".join(map(plain, page_texts(pdf)))
    assert all(f"环节{number:02}" in text and f"产品甲{number:02}" in text for number in range(count))
    assert text.count("自制与外购并行") >= 600
    assert "末尾" in text
    assert len(page_texts(pdf)) > 2


def test_a_missing_row_is_noticed() -> None:
    """Preflight: a picture that lost a row is not given out."""
    view, fuller = view_of(ONE), view_of(ONE, {**ONE, "name": "电芯"})
    check = PartCheck(PICTURE.title, 0, 1, expected_texts(PROGRAMME, fuller, PICTURE, MESSAGES))
    with pytest.raises(Exception, match="paper_differs"):
        check_paper(drawn(view), [check])


def test_a_listing_shows_its_columns_in_order() -> None:
    """Seed 003 七: chosen columns, facts above, the place of the seal below; nothing else of the table."""
    view = view_of(ONE, {**ONE, "name": "电芯", "firms": 11})
    pdf = render_listing(PROGRAMME, view, LISTED, FONTS, MESSAGES)
    text = plain("".join(page_texts(pdf)))
    assert "企业总数：7家" in text
    assert text.index("企业数") < text.index("细分环节") < text.index("特种钢") < text.index("电芯")
    assert "主轴锻件" not in text
    assert len(find_seals(pdf)) == 1
    texts = expected_texts(PROGRAMME, view, LISTED, MESSAGES)
    check_paper(pdf, [PartCheck(LISTED.title, 0, 1, texts, seals=1)])
    empty = render_listing(PROGRAMME, view_of(), LISTED, FONTS, MESSAGES)
    assert "电芯" not in plain("".join(page_texts(empty)))


def test_a_title_never_begins_a_line_with_a_closing_mark() -> None:
    """GB/T 15834: no line begins with a closing bracket, a comma or a full stop."""
    chain = FONTS.chain(TITLE)
    for title in (
        "2022年度省（市）创新型产业集群工作总结",
        "关于报送《年度工作总结》、《自评报告》的专项申报书",
    ):
        for room in (8.0, 10.0, 12.0, 14.0):
            lines = divide_title(title, chain, room).split("\n")
            assert "".join(lines) == title
            assert all(line[0] not in "）》、，。" and line[-1] not in "（《" for line in lines)
