"""The finished book of an office: every part read back, copies compared, evidence from file to file."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from app.errors import AppError
from app.model.draft import Answers, Attachment, Draft
from app.model.packet import Part, PartKind
from app.paper.assemble import page_count, page_texts
from app.paper.enclosure import enclose
from app.paper.evidence import lay_out_evidence
from app.paper.expected_parts import expected_texts
from app.paper.marks import AcrossWord
from app.paper.plan import Plan, Surroundings
from app.paper.preflight import check_paper
from app.paper.raster import empty_strips, find_text, page_pixels, page_sizes
from app.services.binding import BookChoice, arranged, bind, rehearsed
from app.services.laying_out import Paper, PaperSource, lay_out_papers, list_pages
from app.services.marking import part_checks
from app.services.workplace import view_of
from tests.adapters.test_paper_book import (
    FONTS,
    NOW,
    PROGRAMMES,
    ROOT,
    _foreign,
    _loaded,
    _messages,
    _photograph,
    _sample,
    _saved,
    _view,
)

ORDER = (
    "cover",
    "catalogue",
    "notes",
    "commitment",
    "report",
    "explanations",
    "recommendation",
    "evidence_list",
    "evidence",
)
BESIDE = ("stamping", "changes", "approval", "spine", "print_order")


def _source(choice: BookChoice, approved: Path | None = None, scratch: Path | None = None) -> PaperSource:
    programme = arranged(_loaded(PROGRAMMES[0]), choice)
    answers, files = _sample(PROGRAMMES[0])
    return PaperSource(
        programme,
        Draft("d", programme.id, programme.form_version, answers),
        "ABCD-EF01-2345",
        3,
        None,
        "sha256:" + "abcdef012345" + "0" * 52,
        approved,
        FONTS,
        _messages(),
        NOW,
        Surroundings(files=files, scratch=scratch),
        choice,
    )


@cache
def _whole() -> tuple[Paper, ...]:
    return lay_out_papers(_source(BookChoice(ORDER, BESIDE)))


def test_every_part_of_the_finished_book_is_read_back() -> None:
    """Issue 4, pre-flight: text of the finished PDF is compared with the data for every kind of part."""
    source = _source(BookChoice(ORDER, BESIDE))
    view = view_of(source.programme, source.draft, FONTS, NOW)
    papers = {paper.parts: paper for paper in _whole() if paper.copy in (0, 1)}
    assert {part for parts in papers for part in parts} == {*ORDER, *BESIDE}
    plan = _plan()
    around = replace(source.around, plan=plan)
    for part in source.programme.packet.parts:
        if part.kind is not PartKind.PLATFORM_REPORT and not part.optional:
            assert expected_texts(source.programme, view, part, _messages(), around), part.id
    # a wrong page in the catalogue, a wrong file in the list, a wrong change: each is named with its page
    book = next(paper for paper in _whole() if paper.copy == 1 and "catalogue" in paper.parts)
    placed = []
    for part_id in book.parts:
        sides = [side for side, page in enumerate(book.sheets) if page and page.part == part_id]
        placed.append((part_id, sides[0], sides[-1] - sides[0] + 1))
    check_paper(book.pdf, part_checks(source.programme, view, _messages(), placed, (), around))
    moved = replace(plan.parts[2], ranges=(replace(plan.parts[2].ranges[0], first=2),))
    false = replace(around, plan=replace(plan, parts=(*plan.parts[:2], moved, *plan.parts[3:])))
    with pytest.raises(AppError) as caught:
        check_paper(book.pdf, part_checks(source.programme, view, _messages(), placed, (), false))
    assert (caught.value.code, caught.value.params["part"]) == ("paper_differs", "目录")
    assert caught.value.params["page"] == 3
    assert "第 3 页" in _messages().error(caught.value)


def _plan() -> Plan:
    source = _source(BookChoice(ORDER, BESIDE))
    view = view_of(source.programme, source.draft, FONTS, NOW)
    return bind(source.programme, view, FONTS, _messages(), source.around, {}).plan


def test_a_reason_that_is_not_on_paper_is_named() -> None:
    """Asks 35: what the data says and the paper does not is refused, in explanations and changes too."""
    source = _source(BookChoice(("explanations",), ("changes",)))
    view = view_of(source.programme, source.draft, FONTS, NOW)
    answers = replace(view.answers, reasons={**view.answers.reasons, "YOY-01@f01": "没有印出来的理由"})
    other = replace(view, answers=answers)
    for paper in lay_out_papers(source):
        if paper.parts[0] in ("explanations", "changes") and paper.copy in (0, 1):
            placed = ((paper.parts[0], 0, paper.pages),)
            with pytest.raises(AppError) as caught:
                check_paper(paper.pdf, part_checks(source.programme, other, _messages(), placed))
            assert caught.value.params["expected"] == "没有印出来的理由"


def test_both_copies_differ_only_in_the_copy_mark() -> None:
    """Issue 4: equal but for the copy mark and the code that names it, proven by the rendered pages."""
    pairs: dict[tuple[str, ...], list[Paper]] = {}
    for paper in _whole():
        if paper.copy:
            pairs.setdefault(paper.parts, []).append(paper)
    assert len(pairs) == 2  # the book in two volumes
    compared = 0
    for one, two in pairs.values():
        assert one.pages == two.pages and one.sheets == two.sheets
        for side in range(0, one.pages, 3):
            first, second = (page_pixels(paper.pdf, side, 50) for paper in (one, two))
            wide = first.width > first.height
            for row in range(first.height):
                start = row * first.stride
                a, b = (each.data[start : start + first.width * 4] for each in (first, second))
                if a != b:
                    columns = [at // 4 for at in range(0, len(a), 4) if a[at : at + 4] != b[at : at + 4]]
                    # the copy mark and the code stand in the outer band of the head or, across, of an edge
                    near = row < first.height * 0.1 or row > first.height * 0.86
                    beside = wide and min(columns) > first.width * 0.86
                    assert near or beside, (side, row)
                    compared += 1
    assert compared > 50


def test_pages_are_listed_as_they_are_printed() -> None:
    """Issue 4: what the program lists page by page are the pages of the papers."""
    source = _source(BookChoice(ORDER, BESIDE))
    listed = set(list_pages(source))
    printed = {(paper.copy, page) for paper in _whole() for page in paper.sheets if page is not None}
    assert listed == printed
    numbers = [page.number for copy, page in printed if copy == 1 and page.total]
    assert sorted(numbers) == list(range(1, max(numbers) + 1))


def test_numbers_stand_where_the_platform_left_room(tmp_path: Path) -> None:
    """Issue 4: one numbering through the book; numbers only into the margin of the platform's pages."""
    path = tmp_path / "平台.pdf"
    path.write_bytes(_foreign(210, 297, "平台报告"))
    plain = lay_out_papers(_source(BookChoice(), path))[0]
    assert "".join(page_texts(plain.pdf)[0].split()) == "平台报告"
    numbered = lay_out_papers(_source(BookChoice(numbered=True), path))[0]
    text = page_texts(numbered.pdf)[0]
    assert "1" in text.replace("平台报告", "") and "第1份" not in text and "校验码" not in text
    with pikepdf.open(path) as theirs:
        contents = theirs.pages[0].obj.Contents.read_bytes()
    with pikepdf.open(BytesIO(_bytes(numbered))) as pdf:
        streams = [each.read_bytes() for each in pdf.pages[0].obj.Contents]
    assert contents in streams
    # a page with print at the usual height leaves less room
    heights = (15.0, 12.5, 10.0, 7.5, 5.0)
    assert empty_strips(path, [0], heights) == heights
    foot = tmp_path / "脚注.pdf"
    own = next(paper for paper in _whole() if "report" in paper.parts and paper.copy == 1)
    foot.write_bytes(_bytes(own))
    assert set(empty_strips(foot, [own.pages - 1], heights)) < set(heights)


def _bytes(paper: Paper) -> bytes:
    return paper.pdf if isinstance(paper.pdf, bytes) else paper.pdf.read_bytes()


def test_papers_are_equal_in_memory_and_on_disk(tmp_path: Path) -> None:
    """Large books are put together from file to file; nothing of them looks different for that."""
    choice = BookChoice(("cover", "recommendation", "evidence_list", "evidence"), volumes={"evidence": 1})
    held = lay_out_papers(_source(choice))
    filed = lay_out_papers(_source(choice, scratch=tmp_path))
    assert [paper.name for paper in held] == [paper.name for paper in filed]
    for one, two in zip(held, filed, strict=True):
        assert (one.sheets, one.pages) == (two.sheets, two.pages)
        assert page_texts(one.pdf) == page_texts(two.pdf)
        assert page_sizes(one.pdf) == page_sizes(two.pdf)
    assert isinstance(filed[0].pdf, Path)


def test_a_whole_proof_has_our_report_in_the_platforms_place() -> None:
    """Issue 4: proofs say 草稿 and bear no copy number; the platform's watermark is never imitated."""
    source = _source(BookChoice())
    source = replace(source, programme=rehearsed(source.programme), across=AcrossWord.DRAFT, whole=True)
    (paper,) = lay_out_papers(source)
    assert paper.parts == ("platform_report", "recommendation") and paper.copy == 0
    texts = page_texts(paper.pdf)
    assert all("草稿" in "".join(texts[side].split()) for side, page in enumerate(paper.sheets) if page)
    assert not any("第1份" in text for text in texts)


def test_evidence_that_is_damaged_gets_its_named_sheet(tmp_path: Path) -> None:
    """Issue 4: a damaged file costs its own pages and nothing else, on disk as in memory."""
    good = tmp_path / "好.pdf"
    good.write_bytes(_foreign(210, 297, "完好"))
    cut = tmp_path / "断.pdf"
    cut.write_bytes(good.read_bytes()[:400])
    broken = tmp_path / "坏.jpg"
    broken.write_bytes(_saved(_photograph(300, 400), "JPEG")[:900])
    files = {path.name: path for path in (good, cut, broken)}
    view = _view(_loaded(PROGRAMMES[0]), Answers(attachments=tuple(Attachment(n, n, 1, ()) for n in files)))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    part = Part("e", PartKind.EVIDENCE, "佐证材料")
    laid = lay_out_evidence(view, part, FONTS, _messages(), files, scratch)
    assert isinstance(laid.pdf, tuple) and laid.count("佐证材料") == 4
    texts = ["".join("".join(page_texts(piece)).split()) for piece in laid.pdf]
    assert texts[1] == "完好"
    for place, name in ((2, "断.pdf"), (3, "坏.jpg")):
        assert texts[place].startswith(name) and "不能由软件直接装入" in texts[place]


def test_photographs_are_read_no_larger_than_paper_shows(tmp_path: Path) -> None:
    """Issue 4: images scaled to the type area, turned by EXIF, reduced without visible loss."""
    picture = _photograph(6000, 4000)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "照片.jpg"
    picture.save(path, "JPEG", quality=90, exif=exif)
    pdf = enclose(path, path.name)
    assert isinstance(pdf, bytes)
    with pikepdf.open(BytesIO(pdf)) as opened:
        form = opened.pages[0].obj.Resources.XObject.Proof
        image, box = form.Resources.XObject.Picture, [float(value) for value in form.BBox]
    # held upright: 4 to 3 high, 300 dots per inch of the size on paper
    assert box[3] > box[2] and 2600 < int(image.Height) < 3100
    assert abs(int(image.Height) / (box[3] / 72) - 300) < 60


EVIDENCE = """
import resource, sys
from pathlib import Path
from tests.adapters.test_paper_whole import FONTS, _messages, _loaded, PROGRAMMES, _view
from app.model.draft import Answers, Attachment
from app.model.packet import Part, PartKind
from app.paper.book import compose
from app.paper.enclosure import enclose
from app.paper.evidence import lay_out_evidence
from app.paper.marks import Marks, stamp_copies
folder = Path(sys.argv[1])
files = {path.name: path for path in sorted(folder.glob("*.pdf"))}
view = _view(_loaded(PROGRAMMES[0]), Answers(attachments=tuple(Attachment(n, n, 1, ()) for n in files)))
part = Part("e", PartKind.EVIDENCE, "佐证材料")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
laid = lay_out_evidence(view, part, FONTS, _messages(), files, folder / "scratch")
book = compose([part], lambda _part, _plan: laid, "册", 9999, folder / "scratch")
targets = [folder / "scratch" / f"{copy}.pdf" for copy in (1, 2)]
stamp_copies(book.volumes[0].pdf, [Marks(1, 2), Marks(2, 2)], FONTS, "册", targets=targets)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_evidence_is_not_held_in_memory(tmp_path: Path) -> None:
    """Issue 4: memory ≤ 300 MB for 150 MB of evidence; here 60 MB may cost a small part of their size."""
    (tmp_path / "scratch").mkdir()
    noise = Image.effect_noise((1500, 2000), 90)
    body = _saved(noise, "JPEG", quality=90)
    for number in range(-(-60_000_000 // (10 * len(body)))):
        with pikepdf.new() as pdf:
            for page in range(10):
                pdf.add_blank_page(page_size=(595, 842))
                image = pdf.make_stream(body + bytes([page]))
                image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
                image.Width, image.Height, image.BitsPerComponent = 1500, 2000, 8
                image.ColorSpace, image.Filter = pikepdf.Name.DeviceGray, pikepdf.Name.DCTDecode
                own = pdf.pages[-1].obj
                own.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
                own.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
            pdf.save(tmp_path / f"{number:02}.pdf")
    words = [sys.executable, "-c", EVIDENCE, str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert page_count(tmp_path / "scratch" / "2.pdf") > 30
    assert int(done.stdout) / 1024 < 30


def test_text_is_found_where_it_is_seen() -> None:
    """打印装订, preview: search gives page and place, on pages turned any way."""
    pdf = b""
    for rotate in (0, 90, 180, 270):
        pdf = _foreign(210, 297, "查找这里", rotate)
        (hit,) = find_text(pdf, "这里")
        (box,) = hit.boxes
        width, height = page_sizes(pdf)[0]
        raster = page_pixels(pdf, 0, 72)
        left, top, wide, high = (int(value) for value in box)
        assert left >= 0 and left + wide <= width and top >= 0 and top + high <= height
        rows = range(max(0, top - 2), min(raster.height, top + high + 2))
        inked = [
            raster.data[row * raster.stride + 4 * column] < 128
            for row in rows
            for column in range(left, left + wide + 1)
        ]
        assert sum(inked) > 10
    assert find_text(pdf, "没有") == () and find_text(pdf, "  ") == ()
