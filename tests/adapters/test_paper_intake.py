"""The platform's report looked at: the right one, a scan, a draft, another year, one digit changed."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from app.clock import BEIJING
from app.errors import AppError
from app.messages import load_messages
from app.model.answers import read_answers, read_document
from app.model.packet import PartKind
from app.model.value import ItemType
from app.paper.fonts import Fonts
from app.paper.intake import Answer, inspect_report, require_final
from app.paper.marks import AcrossWord, Marks, stamp
from app.paper.page import Document
from app.paper.raster import page_pixels
from app.paper.report import render_report
from app.programmes.loader import load
from app.rules.calculate import compile_calculations, effective
from app.rules.view import Context, View

ROOT = Path(__file__).resolve().parents[2]
FONTS = Fonts(ROOT / "resources" / "fonts")
MESSAGES = load_messages(ROOT / "resources" / "messages")
NOW = datetime(2023, 1, 3, 9, 0, tzinfo=BEIJING)


@cache
def _sample() -> View:
    programme = load(ROOT / "resources" / "programmes" / "xj-makerspace-2022")
    document = read_document(programme.samples["complete.json"], "complete.json")
    answers = read_answers(document, programme.form, "complete.json")
    return effective(compile_calculations(programme), answers, Context(NOW), None)


def _report(view: View) -> bytes:
    part = next(part for part in view.programme.packet.parts if part.kind is PartKind.REPORT)
    return render_report(view.programme, view, part, FONTS, MESSAGES)


@cache
def _platform(word: AcrossWord | None = AcrossWord.REHEARSAL) -> bytes:
    """The rehearsal platform's report: a line of its own at the foot and a word across every page."""
    return stamp(_report(_sample()), Marks(revision="平台核验码 8842-1190", across=word), FONTS, "自评报告")


def test_the_right_report() -> None:
    """Issue 4: a watermarked report of this year with every sealed value is fine."""
    found = inspect_report(_platform(), _sample(), "自评报告.pdf")
    assert (found.watermarked, found.year, found.agrees, found.says_draft) == (
        Answer.YES,
        Answer.YES,
        Answer.YES,
        Answer.NO,
    )
    assert found.missing == () and found.draft == () and not found.doubtful
    assert found.pages == 58 and len(found.found) > 4000
    assert all(1 <= page <= found.pages for page in found.found.values())
    require_final(found.name, found.draft)


def test_a_report_without_a_watermark() -> None:
    """A report that is the same but for the watermark is named as such."""
    found = inspect_report(_report(_sample()), _sample())
    assert (found.watermarked, found.agrees) == (Answer.NO, Answer.YES)
    assert found.doubtful


def test_a_draft_is_held_back_unless_a_reason_is_written() -> None:
    """Issue 4: 草稿 anywhere; a written reason overrides."""
    found = inspect_report(_platform(AcrossWord.DRAFT), _sample(), "报告.pdf")
    assert found.says_draft is Answer.YES and found.draft == tuple(range(1, 59))
    with pytest.raises(AppError) as caught:
        require_final(found.name, found.draft, "  ")
    assert (caught.value.code, caught.value.params) == ("report_is_draft", {"name": "报告.pdf", "page": 1})
    assert "第 1 页" in MESSAGES.error(caught.value)
    require_final(found.name, found.draft, "平台本年只提供这一版，已电话核实")


def _scan(pdf: bytes, pages: int) -> bytes:
    pictures = []
    for page in range(pages):
        raster = page_pixels(pdf, page, 40)
        size = (raster.width, raster.height)
        pictures.append(Image.frombuffer("RGB", size, raster.data, "raw", "BGRX", raster.stride))
    out = BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def test_a_scan_cannot_be_told() -> None:
    """Issue 4: pictures without text; watermark, year and values cannot be told, nothing is refused."""
    found = inspect_report(_scan(_platform(), 3), _sample())
    assert found.pictures == (1, 2, 3)
    assert {found.watermarked, found.year, found.agrees, found.says_draft} == {Answer.UNKNOWN}
    assert found.missing == () and found.doubtful
    require_final(found.name, found.draft)


def test_another_year() -> None:
    """Issue 4: last year's report is told by the year that it names."""
    view = _sample()
    found = inspect_report(_platform(), replace(view, programme=replace(view.programme, report_year=2023)))
    assert found.year is Answer.NO and found.years[0] == 2022
    assert found.doubtful


def test_one_digit_changed() -> None:
    """Issue 4: one digit that differs from the sealed values is named by its path."""
    view = _sample()
    changed = 0
    for path, item in view.programme.form.fields.items():
        value = view.values.get(path)
        if item.type is ItemType.INTEGER and isinstance(value, int) and value >= 100:
            other = replace(view, values={**view.values, path: value + 10})
            found = inspect_report(_platform(), other)
            assert found.agrees is Answer.NO and path in found.missing
            changed += 1
        if changed == 3:
            break
    assert changed == 3
    table = next(table for table in view.programme.form.tables.values() if len(view.rows(table.id)) > 20)
    column = next(column for column in table.columns if column.type is ItemType.MONEY)
    rows = list(view.rows(table.id))
    place = next(place for place, row in enumerate(rows) if column.id in row.cells)
    value = rows[place].cells[column.id] + 123456700  # type: ignore[operator]
    rows[place] = replace(rows[place], cells={**rows[place].cells, column.id: value})
    other = replace(view, tables={**view.tables, table.id: tuple(rows)})
    assert inspect_report(_platform(), other).missing == (f"{table.id}/{rows[place].id}/{column.id}",)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no PDF", b"%PDF-1.7 cut"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    """Issue 4: a file that is no PDF is refused whatever reason is given."""
    with pytest.raises(AppError) as caught:
        inspect_report(data, _sample(), "报告.pdf")
    assert caught.value.code == "pdf_unreadable"


def test_the_same_picture_on_every_page_is_a_watermark() -> None:
    """A form or picture shared by all pages, or an annotation for it, looks like a watermark."""
    texts = Document(FONTS, "报告")
    for number in range(3):
        texts.paragraph(f"2022年度自评报告第{number}页，众创空间服务企业情况如下所述。")
        texts.page_break()
    out = BytesIO()
    with pikepdf.open(BytesIO(texts.build())) as pdf:
        form = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9])
        for page in pdf.pages:
            page.add_resource(form, pikepdf.Name.XObject)
        pdf.save(out)
    assert inspect_report(out.getvalue(), _sample()).watermarked is Answer.YES
    assert inspect_report(texts.build(), _sample()).watermarked is Answer.NO
