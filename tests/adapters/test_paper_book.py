"""The bound book read back from the PDF: catalogue, running numbers, proof documents, papers beside it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import replace
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.clock import BEIJING
from app.errors import AppError, UsageError
from app.messages import Messages, load_messages
from app.model.answers import read_answers, read_document
from app.model.draft import Answers, Attachment, Draft
from app.model.packet import Diagram, Listing, Part, PartKind, arrange
from app.model.programme import Programme
from app.model.value import ItemType
from app.paper.assemble import page_count, page_texts
from app.paper.book import Book, compose, read_official
from app.paper.changes import find_changes
from app.paper.cover import divide_title
from app.paper.enclosure import AREA, enclose
from app.paper.evidence import lay_out_evidence, sorted_files
from app.paper.fonts import TITLE, Fonts
from app.paper.marks import Marks, stamp
from app.paper.page import Document
from app.paper.plan import PageRange, PartPages, Plan, Surroundings, VolumePlan, range_text
from app.paper.spine import render_spine
from app.paper.stamping import stamp_checks
from app.paper.styles import WIDE_PAGE
from app.programmes.loader import load
from app.rules.calculate import compile_calculations, effective
from app.rules.checker import check, compile_checks
from app.rules.view import Context, View
from app.services.binding import BookChoice, arranged, bind, lay_out_part
from app.services.printing import PaperSource, lay_out_papers
from tests.adapters.paper_pdf import in_memory

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources"
DEMO = tomllib.loads((RESOURCES / "settings.toml").read_text("utf-8"))["demo_programme"]
PROGRAMMES = sorted(
    (path.parent.parent for path in (RESOURCES / "programmes").glob("*/samples/complete.json")),
    key=lambda folder: (folder.name != DEMO, folder.name),
)
"""The folders of all programmes, the one of the demo first."""
FONTS = Fonts(RESOURCES / "fonts")
NOW = datetime(2023, 1, 3, 9, 0, tzinfo=BEIJING)
ONE_PAGE = (
    PartKind.COVER,
    PartKind.COMMITMENT,
    PartKind.RECOMMENDATION,
    PartKind.APPROVAL,
    PartKind.PRINT_ORDER,
)


@cache
def _messages() -> Messages:
    return load_messages(RESOURCES / "messages")


_loaded = cache(load)


def _shown(kind: PartKind, programme: Programme) -> dict[str, Any]:
    """What a picture or a listing shows of the first table that it can show."""
    for table in programme.form.tables.values():
        ids = tuple(column.id for column in table.columns)
        lanes = [column.id for column in table.columns if column.type is ItemType.CHOICE]
        if kind is PartKind.LISTING:
            return {"listing": Listing(table.id, ids[:3])}
        if kind is PartKind.DIAGRAM and lanes:
            return {"diagram": Diagram(table.id, lanes[0], ids[0], ids[1:3])}
    return {}


@cache
def _programme(folder: Path) -> Programme:
    """The programme with a part of every kind that is laid out here, all in the book."""
    programme = _loaded(folder)
    parts = [part for part in programme.packet.parts if part.kind is not PartKind.PLATFORM_REPORT]
    known = {part.kind for part in parts}
    parts += [
        Part(kind.value, kind, kind.value, **_shown(kind, programme))
        for kind in PartKind
        if kind not in known
        and kind is not PartKind.PLATFORM_REPORT
        and (kind is not PartKind.DIAGRAM or _shown(kind, programme))
    ]
    packet = replace(programme.packet, parts=tuple(parts))
    return replace(programme, packet=arrange(packet, [part.id for part in parts]))


@cache
def _sample(folder: Path) -> tuple[Answers, dict[str, Path]]:
    programme = _programme(folder)
    document = read_document(programme.samples["complete.json"], "complete.json")
    answers = read_answers(document, programme.form, "complete.json")
    files: dict[str, Path] = {}
    attachments = []
    for one in answers.attachments:
        path = folder / "samples" / one.name
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        files[sha256] = path
        attachments.append(replace(one, name=path.name, sha256=sha256, size=path.stat().st_size))
    return replace(answers, attachments=tuple(attachments)), files


def _view(programme: Programme, answers: Answers) -> View:
    return effective(compile_calculations(programme), answers, Context(NOW), None)


@cache
def _bound(folder: Path, empty: bool = False) -> tuple[View, Book]:
    programme = _programme(folder)
    answers, files = (Answers(), {}) if empty else _sample(folder)
    view = _view(programme, answers)
    around = Surroundings(check(compile_checks(programme), answers, Context(NOW)), files)
    return view, bind(programme, view, FONTS, _messages(), around, {})


def _bare(text: str) -> str:
    return "".join(text.replace("\ufffe", "-").split())


def _text(pdf: object) -> str:
    return _bare("".join(page_texts(in_memory(pdf))))


def _marked(book: Book) -> list[str]:
    """The text of every numbered page of all volumes, in order."""
    texts = []
    for volume in book.volumes:
        marks = Marks(1, 2, "ABCD", first=volume.first, total=book.plan.total)
        pages = page_texts(stamp(volume.pdf, marks, FONTS, "册", blank=volume.blank))
        texts += [_bare(page) for side, page in enumerate(pages) if side not in volume.blank]
    return texts


@pytest.mark.parametrize("folder", PROGRAMMES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("empty", (False, True), ids=("complete", "empty"))
def test_every_kind_of_part_is_laid_out(folder: Path, empty: bool) -> None:
    """§ Paper: all parts from the complete sample and from an empty draft; one-page papers are one page."""
    view, book = _bound(folder, empty)
    pages = {part.id: sum(each.pages for each in part.ranges) for part in book.plan.parts}
    for part in view.programme.packet.parts:
        assert pages[part.id] >= 1
        if part.kind in ONE_PAGE:
            assert pages[part.id] == 1, part.id


@pytest.mark.parametrize("folder", PROGRAMMES, ids=lambda folder: folder.name)
def test_numbers_run_and_the_catalogue_is_right(folder: Path) -> None:
    """print_rules §2: every page of the whole book is numbered, the catalogue gives ranges for each part."""
    view, book = _bound(folder)
    texts = _marked(book)
    assert len(texts) == book.plan.total
    for number, text in enumerate(texts, 1):
        assert f"—{number}—" in text and f"共{book.plan.total}页" in text
    catalogue = next(part for part in view.programme.packet.parts if part.kind is PartKind.CATALOGUE)
    listed = "".join(
        texts[page - 1] for own in book.plan.pages_of(catalogue.id) for page in range(own.first, own.last + 1)
    )
    seen = 0
    for part in book.plan.parts:
        own = next(each for each in view.programme.packet.parts if each.id == part.id)
        assert part.ranges[0].first == seen + 1
        seen = part.ranges[-1].last
        if own.kind in (PartKind.REPORT, PartKind.EVIDENCE, PartKind.COVER, PartKind.CATALOGUE):
            continue
        assert _bare(part.title) in texts[part.ranges[0].first - 1]
        printed = "".join(_bare(range_text(each, book.plan, _messages())) for each in part.ranges)
        assert _bare(part.title) + printed + str(seen - part.ranges[0].first + 1) in listed
    assert seen == book.plan.total


@pytest.mark.parametrize("folder", PROGRAMMES, ids=lambda folder: folder.name)
def test_parts_begin_on_right_hand_pages(folder: Path) -> None:
    """print_rules §3: each part starts on an odd side; blank sides show nothing and bear no number."""
    _, book = _bound(folder)
    for volume in book.volumes:
        assert [first % 2 for _, first, _ in volume.parts] == [0] * len(volume.parts)
        marked = page_texts(stamp(volume.pdf, Marks(1, 2), FONTS, "册", blank=volume.blank))
        assert [marked[side].strip() for side in sorted(volume.blank)] == [""] * len(volume.blank)


@pytest.mark.parametrize("folder", PROGRAMMES, ids=lambda folder: folder.name)
def test_proof_documents_keep_their_text_and_their_place(folder: Path) -> None:
    """§ Parts: foreign pages are put in untouched; the catalogue's page is the page they stand on."""
    view, book = _bound(folder)
    texts = _marked(book)
    _, files = _sample(folder)
    for file in view.attachments:
        place = book.plan.files[file.sha256]
        original = [_bare(text) for text in page_texts(files[file.sha256])]
        assert place.pages == len(original)
        for offset, text in enumerate(original):
            assert text and text in texts[place.first - 1 + offset]
    lists = next(part for part in view.programme.packet.parts if part.kind is PartKind.EVIDENCE_LIST)
    listed = "".join(
        texts[page - 1] for own in book.plan.pages_of(lists.id) for page in range(own.first, own.last + 1)
    )
    for kind, _ in sorted_files(view):
        assert kind is not None and _bare(kind.label) in listed


def test_the_notice_asks_for_two_parts_only() -> None:
    """seed 000 四-2: platform report and recommendation form are bound, nothing else by default."""
    packet = _loaded(PROGRAMMES[0]).packet
    bound = [part.kind for part in packet.parts if part.in_book]
    assert bound == [PartKind.PLATFORM_REPORT, PartKind.RECOMMENDATION]
    assert packet.copies == 2


def test_the_recommendation_form_bears_no_score_and_no_tick() -> None:
    """§ The book of programme 000: no self-score and no tick in anyone else's box."""
    folder = PROGRAMMES[0]
    view, _ = _bound(folder)
    part = next(part for part in view.programme.packet.parts if part.kind is PartKind.RECOMMENDATION)
    laid = lay_out_part(part, view.programme, view, FONTS, _messages(), Surroundings())
    text = _text(laid.pdf)
    assert not re.search(r"自评得分|自评等级|[☑☒√✓]", text)
    score = view.programme.form.fields["o01_1"]
    assert score.label not in text


def test_stamp_checks_are_places_times_copies() -> None:
    """recommendation_and_commitment §3: 4 checks for two stamps on two copies, and so on for all places."""
    programme = _loaded(PROGRAMMES[0])
    checks = stamp_checks(programme)
    assert [place.id for _, place in checks] == [
        "report_unit_seal",
        "recommendation_signature",
        "recommendation_unit_seal",
        "recommendation_bureau_seal",
        "commitment_signature",
        "commitment_unit_seal",
    ]
    part = next(part for part in programme.packet.parts if part.kind is PartKind.STAMPING)
    view = _view(programme, _sample(PROGRAMMES[0])[0])
    plan = Plan(volumes=(VolumePlan(4, 1, 3),))
    laid = lay_out_part(part, programme, view, FONTS, _messages(), Surroundings(plan=plan))
    text = _text(laid.pdf)
    assert "共6处，每处2份，应办12次" in text and "交接签收单" in text
    assert text.count("☐") == 12 and text.count("散页") == 6
    assert page_count(in_memory(laid.pdf)) == 1


def test_explanations_say_what_was_found_and_why() -> None:
    """§ Parts: warnings and changes against last year with their reasons, changes first."""
    view, book = _bound(PROGRAMMES[0])
    kind = next(part for part in view.programme.packet.parts if part.kind is PartKind.EXPLANATIONS)
    first = book.plan.pages_of(kind.id)[0]
    text = "".join(_marked(book)[first.first - 1 : first.last])
    for reason in view.answers.reasons.values():
        assert _bare(reason) in text
    assert text.index("减少31.6%") < text.index("二、其他检查结果的说明") < text.index("相差7.1万元")


def test_changes_show_both_years_and_the_pages_of_proof() -> None:
    """§ 变动与异常说明: last year, this year, change, Torch or additional item, reason, evidence page."""
    view, book = _bound(PROGRAMMES[0])
    changes = {change.item.id: change for change in find_changes(view)}
    assert changes["f01"].large and changes["f01"].difference == -12
    assert changes["k01"].torch_differs and not changes["k01"].large
    part = next(part for part in view.programme.packet.parts if part.kind is PartKind.CHANGES)
    own = book.plan.pages_of(part.id)[0]
    text = _marked(book)[own.first - 1]
    file = next(one for one in view.attachments if "08" in one.items)
    page = _bare(range_text(book.plan.files[file.sha256], book.plan, _messages()))
    assert f"场3826−12（−31.6%）补充填报{_bare(changes['f01'].reasons[0])}{page}" in text
    assert "火炬年报（年报为293.5）" in text


def test_the_heads_sheet_counts_what_it_cannot_name() -> None:
    """§ 领导审签单: one page; open findings are counted, the gravest are named."""
    view, book = _bound(PROGRAMMES[0], True)
    part = next(part for part in view.programme.packet.parts if part.kind is PartKind.APPROVAL)
    text = _marked(book)[book.plan.pages_of(part.id)[0].first - 1]
    total = re.search(r"尚未处理的检查结果（(\d+)项）", text)
    more = re.search(r"另有(\d+)项，见软件中的检查结果", text)
    assert total and more
    assert int(total[1]) - int(more[1]) == text.count("错误") > 5


# -------------------------------------------------------------------------------------------- spine
def _spine(sides: int, sheets: int = 200) -> str:
    programme = _loaded(PROGRAMMES[0])
    programme = replace(programme, packet=replace(programme.packet, volume_sheets=sheets))
    part = next(part for part in programme.packet.parts if part.kind is PartKind.SPINE)
    view = _view(programme, _sample(PROGRAMMES[0])[0])
    plan = Plan(volumes=(VolumePlan(sides, 1, sides),))
    return _text(render_spine(programme, view, part, FONTS, _messages(), plan))


def test_a_spine_knows_its_thickness() -> None:
    """print_rules §3: sheets × 0.1 mm + 0.5 mm; text only from 5 mm; over 40 mm or 200 sheets: volumes."""
    thin, fit, thick = _spine(60), _spine(180), _spine(402)
    assert "内页30张，书脊厚约3.5毫米" in thin and "不印文字" in thin
    assert "内页90张，书脊厚约9.5毫米" in fit and "不印文字" not in fit and "分册" not in fit
    assert "建议分册装订" in thick and "建议分册装订" in _spine(800, 500)
    name = "新疆云杉谷众创空间"
    assert [text.count(name) for text in (thin, fit)] == [1, 2]


# ------------------------------------------------------------------------------------------ volumes
def _pages(text: str, count: int, breaks: tuple[int, ...] = (0,)) -> PartPages:
    document = Document(FONTS, text)
    for number in range(count):
        document.paragraph(f"{text}第{number}面")
        document.page_break()
    return PartPages(document.build(), breaks=breaks)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 6))
def test_volumes_keep_to_their_limit(counts: list[int], most: int) -> None:
    """print_rules §3: volumes split at parts; numbers run through all of them; no page is lost."""
    parts = [Part(f"p{number}", PartKind.NOTES, f"件{number}") for number in range(len(counts))]
    laid = {part.id: _pages(part.title, count) for part, count in zip(parts, counts, strict=True)}
    book = compose(parts, lambda part, _plan: laid[part.id], "册", most)
    assert book.plan.total == sum(counts)
    texts = _marked(book)
    expected = [
        f"{part.title}第{n}面" for part, count in zip(parts, counts, strict=True) for n in range(count)
    ]
    assert all(want in text for want, text in zip(expected, texts, strict=True))
    for volume, planned in zip(book.volumes, book.plan.volumes, strict=True):
        assert planned.sheets <= most or len(volume.parts) == 1
        assert (volume.first, volume.last) == (planned.first, planned.last)
        assert page_count(volume.pdf) == planned.sides


def test_a_book_without_parts_has_no_volumes() -> None:
    """§ Parts: a programme may have loose papers only."""
    book = compose([], lambda part, _plan: _pages(part.title, 1), "册", 200)
    assert book == Book((), Plan())


def test_a_long_part_is_divided_where_it_allows() -> None:
    """§ Parts: evidence goes on in the next volume at a dividing sheet; a part may ask for its volume."""
    parts = [
        Part("a", PartKind.NOTES, "甲"),
        Part("b", PartKind.NOTES, "乙"),
        Part("c", PartKind.NOTES, "丙", volume=3),
    ]
    laid = {"a": _pages("甲", 2), "b": _pages("乙", 8, (0, 4, 6)), "c": _pages("丙", 1)}
    book = compose(parts, lambda part, _plan: laid[part.id], "册", 3)
    assert book.plan.pages_of("b") == (PageRange(3, 6, 1), PageRange(7, 10, 2))
    assert book.plan.pages_of("c") == (PageRange(11, 11, 3),)
    assert [volume.parts for volume in book.volumes] == [
        (("a", 0, 2), ("b", 2, 4)),
        (("b", 0, 4),),
        (("c", 0, 1),),
    ]
    assert book.volumes[1].sides_of(["b"]) == {0, 1, 2, 3}


def test_a_title_is_divided_behind_a_word() -> None:
    """print_rules §1: a title of two lines is divided by its sense."""
    chain = FONTS.chain(TITLE)
    title = "2022年度新疆维吾尔自治区众创空间绩效评价自评报告"
    assert divide_title(title, chain, 17.0) == "2022年度新疆维吾尔自治区\n众创空间绩效评价自评报告"
    assert divide_title("短题", chain, 17.0) == "短题"


# --------------------------------------------------------------------------------------- enclosures
def _foreign(width: float, height: float, text: str, rotate: int = 0) -> bytes:
    document = Document(
        FONTS, text, replace(WIDE_PAGE, width=width, height=height, left=10, right=10, top=10)
    )
    document.paragraph(text)
    with pikepdf.open(BytesIO(document.build())) as pdf:
        if rotate:
            pdf.pages[0].obj.Rotate = rotate
        out = BytesIO()
        pdf.save(out)
        return out.getvalue()


def _ink(pdf: bytes) -> tuple[float, float, float, float]:
    """Where anything is printed on the first page, in mm: left, top, right, bottom."""
    document = pypdfium2.PdfDocument(pdf)
    image = (
        document[0].render(scale=100 / 72).to_pil().convert("L").point(lambda grey: 255 if grey < 200 else 0)
    )
    document.close()
    box = image.getbbox()
    assert box is not None
    left, top, right, bottom = (value / 100 * 25.4 for value in box)
    return left, top, right, bottom


def _enclosed(content: bytes, name: str, folder: Path) -> bytes:
    path = folder / name
    path.write_bytes(content)
    found = enclose(path, name)
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize("rotate", (0, 90, 180, 270))
@pytest.mark.parametrize("size", ((297, 210), (210, 297), (420, 297), (100, 80)))
def test_foreign_pages_stand_upright_in_the_type_area(
    size: tuple[int, int], rotate: int, tmp_path: Path
) -> None:
    """§ Parts: scaled to the type area, rotated right (GB/T 9704 §7.4), text kept, never enlarged."""
    pdf = _enclosed(_foreign(*size, "横表一二三", rotate), "x.pdf", tmp_path)
    assert "横表一二三" in _text(pdf)
    left, top, right, bottom = _ink(pdf)
    assert AREA.left - 1 <= left and right <= 210 - AREA.right + 1
    assert AREA.top - 1 <= top and bottom <= 297 - AREA.bottom + 1
    shown = (size[1], size[0]) if rotate % 180 else size
    across = shown[0] > shown[1]
    upright = (bottom - top < right - left) == (rotate % 180 == 0)
    assert upright != across
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert [round(float(v)) for v in opened.pages[0].mediabox] == [0, 0, 595, 842]


def test_the_head_of_a_page_across_lies_at_the_left(tmp_path: Path) -> None:
    """GB/T 9704-2012 §7.4: whoever turns the book to the right reads the table."""
    left, top, right, bottom = _ink(_enclosed(_foreign(297, 210, "横表一二三四五六"), "x.pdf", tmp_path))
    assert right < 105 and bottom - top > right - left
    assert bottom > 200


def test_a_stamp_that_is_an_annotation_stays_visible(tmp_path: Path) -> None:
    """§ Foreign pages untouched otherwise: electronic seals are annotations and must come out on paper."""
    with pikepdf.open(BytesIO(_foreign(210, 297, "有章"))) as pdf:
        look = pdf.make_stream(b"1 0 0 rg 0 0 100 100 re f")
        look.Type, look.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        look.BBox = pikepdf.Array([0, 0, 100, 100])
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Stamp,
            Rect=pikepdf.Array([300, 100, 400, 200]),
            F=4,
            AP=pikepdf.Dictionary(N=look),
        )
        pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(note)])
        out = BytesIO()
        pdf.save(out)
    document = pypdfium2.PdfDocument(_enclosed(out.getvalue(), "x.pdf", tmp_path))
    colours = document[0].render(scale=0.5).to_pil().convert("RGB").getcolors(1 << 20)
    document.close()
    assert colours is not None
    assert max(count for count, colour in colours if colour == (255, 0, 0)) > 300


def _photograph(width: int, height: int) -> Image.Image:
    noise = Image.effect_noise((64, 64), 90).resize((width, height))
    return Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180).resize(noise.size), noise))


def _saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def _picture_of(pdf: bytes) -> tuple[int, int, str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        form = opened.pages[0].obj.Resources.XObject.Proof
        image = form.Resources.XObject.Picture
        return int(image.Width), int(image.Height), str(image.Filter)


def test_pictures_are_as_fine_as_paper_shows(tmp_path: Path) -> None:
    """§ Image size reduced without visible loss: 300 dpi of the size printed, drawings without loss."""
    large = _saved(_photograph(5000, 7000), "JPEG", quality=95)
    pdf = _enclosed(large, "x.jpg", tmp_path)
    width, height, coding = _picture_of(pdf)
    assert (1850 < width < 2150, 2600 < height < 2950, coding) == (True, True, "/DCTDecode")
    assert len(pdf) < len(large)
    drawing = Image.new("RGB", (800, 600), "white")
    ImageDraw.Draw(drawing).rectangle((100, 100, 300, 200), fill="black")
    assert _picture_of(_enclosed(_saved(drawing, "PNG"), "x.png", tmp_path)) == (800, 600, "/FlateDecode")
    left, top, right, bottom = _ink(_enclosed(_saved(drawing, "PNG"), "y.png", tmp_path))
    assert bottom - top > right - left


def test_pictures_are_turned_as_the_camera_says(tmp_path: Path) -> None:
    """§ Rotated right: a photograph held upright is stored lying, with a note which side is up."""
    picture = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 60, 299), fill="black")
    exif = Image.Exif()
    exif[0x0112] = 6
    pdf = _enclosed(_saved(picture, "JPEG", exif=exif, quality=95), "x.jpg", tmp_path)
    left, top, right, bottom = _ink(pdf)
    assert right - left > 3 * (bottom - top) and bottom < 150


@pytest.mark.parametrize("mode", ("1", "L", "LA", "P", "RGBA", "CMYK", "I;16"))
def test_pictures_of_all_modes_are_put_in(mode: str, tmp_path: Path) -> None:
    """§ Evidence files: scanners and screens save pictures in many ways."""
    picture = Image.new("L", (120, 200), 255)
    ImageDraw.Draw(picture).rectangle((20, 20, 100, 180), fill=0)
    kind = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    if mode == "I;16":
        odd = Image.new("I;16", picture.size, 65535)
        odd.paste(0, (20, 20, 100, 180))
    else:
        odd = picture.convert(mode) if mode != "CMYK" else picture.convert("RGB").convert("CMYK")
    left, top, right, bottom = _ink(_enclosed(_saved(odd, kind), f"x.{kind.lower()}", tmp_path))
    assert 90 < right - left < 160 and 180 < bottom - top < 249


def test_what_cannot_be_put_in_is_named(tmp_path: Path) -> None:
    """§ Evidence files: a Word file, a damaged and a missing one get a sheet; none is passed over."""
    names = ("一.docx", "二.pdf", "三.jpg", "四.png")
    files = {}
    for name in names[:3]:
        (tmp_path / name).write_bytes(b"%PDF-1.7 cut")
        files[name] = tmp_path / name
    attachments = tuple(Attachment(name, name, 1, ()) for name in names)
    view = _view(_programme(PROGRAMMES[0]), Answers(attachments=attachments))
    part = Part("e", PartKind.EVIDENCE, "佐证材料")
    laid = lay_out_evidence(view, part, FONTS, _messages(), files)
    texts = [_bare(text) for text in page_texts(in_memory(laid.pdf))]
    assert "其他材料" in texts[0] and len(texts) == 5
    for place, name in enumerate(names, 1):
        assert texts[place].startswith(name) and "不能由软件直接装入" in texts[place]
        assert laid.files[name] == (place, 1)


# ---------------------------------------------------------------------------------- official papers
def test_an_official_form_takes_the_place_of_ours(tmp_path: Path) -> None:
    """§ Any part can be replaced by an official PDF; a broken one is refused before anything is printed."""
    programme = _loaded(PROGRAMMES[0])
    path = tmp_path / "附件.pdf"
    path.write_bytes(_foreign(210, 297, "官方附件"))
    choice = BookChoice(order=("cover", "catalogue", "recommendation"), official={"recommendation": path})
    own = arranged(programme, choice)
    assert [part.id for part in own.packet.parts if part.in_book] == ["cover", "catalogue", "recommendation"]
    view = _view(own, _sample(PROGRAMMES[0])[0])
    book = bind(own, view, FONTS, _messages(), Surroundings(), choice.official)
    texts = [_bare(text) for text in page_texts(book.volumes[0].pdf)]
    assert len(texts) == 5 and texts[4] == "官方附件"
    assert "审查推荐表31" in texts[2]
    path.write_bytes(b"%PDF-1.7 cut off")
    with pytest.raises(AppError, match="pdf_unreadable"):
        arranged(programme, choice)
    with pytest.raises(AppError, match="pdf_unreadable"):
        read_official(tmp_path / "没有.pdf", "表")
    with pytest.raises(UsageError, match="packet_part_unknown"):
        arranged(programme, BookChoice(order=("q",)))


def test_optional_parts_wait_to_be_asked_for() -> None:
    """§ The book of 000: everything else exists as parts that an office can add."""
    programme = _loaded(PROGRAMMES[0])
    optional = {part.id for part in programme.packet.parts if part.optional}
    assert {"cover", "catalogue", "evidence", "approval", "changes", "spine", "print_order"} <= optional
    own = arranged(programme, BookChoice(loose=("changes",)))
    assert "changes" not in {part.id for part in own.packet.parts if part.optional}
    assert not any(part.in_book for part in own.packet.parts if part.id == "changes")


def test_an_offices_book_is_printed_in_volumes_and_copies(tmp_path: Path) -> None:
    """§ Order, copies, volumes: each copy of each volume, loose papers beside it, theirs as is."""
    path = tmp_path / "平台.pdf"
    path.write_bytes(_foreign(210, 297, "平台报告"))
    order = ("cover", "catalogue", "platform_report", "recommendation", "evidence_list", "evidence")
    programme = arranged(_loaded(PROGRAMMES[0]), BookChoice(order=order, loose=("changes",)))
    answers, files = _sample(PROGRAMMES[0])
    source = PaperSource(
        programme,
        Draft("d", programme.id, programme.form_version, answers),
        "ABCD-EF01-2345",
        3,
        None,
        "sha256:" + "ab" * 32,
        path,
        FONTS,
        _messages(),
        NOW,
        Surroundings(files=files),
    )
    papers = {paper.name: paper for paper in lay_out_papers(source)}
    books = [f"packet-copy-{copy}-volume-{volume}.pdf" for copy in (1, 2) for volume in (1, 2)]
    letters = [f"commitment-copy-{copy}.pdf" for copy in (1, 2)]
    assert sorted(papers) == sorted([*books, *letters, "stamping.pdf", "changes.pdf"])
    first, second = papers[books[0]], papers[books[1]]
    assert (first.parts, second.parts) == (order[:-1], ("evidence",))
    texts = [_bare(text) for text in page_texts(first.pdf)]
    assert texts[4] == "平台报告" and "第2册6—43" in texts[2]
    last = _bare(page_texts(second.pdf)[-1])
    assert "—43—" in last and "共43页" in last
    assert "第1册3" in _text(papers["stamping.pdf"].pdf)
