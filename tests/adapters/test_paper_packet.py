"""Marks and packets: copies that differ in the copy mark only, parts of others unchanged (print_rules)."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from app.errors import AppError
from app.paper.assemble import PacketPart, merge, page_count, page_texts
from app.paper.fonts import Fonts
from app.paper.marks import AcrossWord, Marks, stamp
from app.paper.page import Document
from app.paper.styles import WIDE_PAGE
from tests.adapters.paper_pdf import in_memory

FONTS = Fonts(Path(__file__).resolve().parents[2] / "resources" / "fonts")


def _part(text: str, pages: int, **kind: object) -> bytes:
    document = Document(FONTS, text, **kind)  # type: ignore[arg-type]
    for number in range(pages):
        document.paragraph(f"{text}第{number}面")
        document.page_break()
    return document.build()


def _foreign(rotate: int = 0) -> bytes:
    """A page of somebody else: own font names, unusual spacing in its content, an offset crop box."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(500, 700))
        page = pdf.pages[0]
        page.Contents = pdf.make_stream(b"q  0.5 g 100 100  50 50 re  f Q   % theirs\n")
        page.obj.CropBox = pikepdf.Array([20, 30, 480, 690])
        if rotate:
            page.obj.Rotate = rotate
        out = BytesIO()
        pdf.save(out)
        return out.getvalue()


def _packet() -> bytes:
    whole = [PacketPart("自评报告", _part("报告", 3)), PacketPart("平台", _foreign())]
    return in_memory(merge(whole, "胶装册").pdf)


def test_parts_are_placed_and_bookmarked() -> None:
    """Parts follow in order with a bookmark each; on paper printed on both sides each begins on the right."""
    parts = [
        PacketPart("甲件", _part("甲", 3)),
        PacketPart("乙件", _part("乙", 2)),
        PacketPart("丙件", _foreign()),
    ]
    plain = merge(parts, "册")
    assert [(part.first, part.pages) for part in plain.parts] == [(0, 3), (3, 2), (5, 1)]
    assert (plain.pages, plain.blank) == (6, ())
    bound = merge(parts, "册", right_hand=True)
    assert [(part.first, part.pages) for part in bound.parts] == [(0, 3), (4, 2), (6, 1)]
    assert (bound.pages, bound.blank) == (7, (3,))
    assert page_count(bound.pdf) == 7
    with pikepdf.open(BytesIO(in_memory(bound.pdf))) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["甲件", "乙件", "丙件"]
        assert [pdf.pages.index(item.destination[0]) for item in outline.root] == [0, 4, 6]  # type: ignore[index]
        assert pdf.Root.Lang == "zh-CN"


def test_pages_of_others_are_not_touched(tmp_path: Path) -> None:
    """What stands on the platform's pages comes byte for byte, before and after marks."""
    path = tmp_path / "平台报告.pdf"
    path.write_bytes(_foreign())
    packet = in_memory(merge([PacketPart("平台", path)], "册").pdf)
    marked = stamp(packet, Marks(1, 2, "9F3A"), FONTS, "册")
    for data in (packet, marked):
        with pikepdf.open(BytesIO(data)) as pdf:
            contents = pdf.pages[0].obj.Contents
            streams = [contents] if isinstance(contents, pikepdf.Stream) else list(contents)
            assert b"q  0.5 g 100 100  50 50 re  f Q   % theirs\n" in [each.read_bytes() for each in streams]
    skipped = stamp(packet, Marks(1, 2, "9F3A"), FONTS, "册", untouched=(0,))
    assert page_texts(skipped) == [""]


def test_marks_of_a_page() -> None:
    """Copy, page n of m, fingerprint and revision stand on every page, counted over the whole packet."""
    marked = page_texts(stamp(_packet(), Marks(1, 2, "9F3A-27C1", "第3次修订"), FONTS, "册"))
    for number, text in enumerate(marked, 1):
        assert "第1份 共2份" in text
        assert f"— {number} —" in text and "共 4 页" in text
        assert "校验码 9F3A-27C1" in text and "第3次修订" in text
    assert "报告第2面" in marked[2]


def test_both_copies_differ_only_in_the_copy_mark() -> None:
    """The second copy is the same packet marked anew: its texts and its ink are equal but for one digit."""
    packet = _packet()
    first, second = (stamp(packet, Marks(copy, 2, "9F3A"), FONTS, "册") for copy in (1, 2))
    assert first != second
    assert [text.replace("第1份", "第2份") for text in page_texts(first)] == page_texts(second)
    for index in range(4):
        one, two = _grey(first, index), _grey(second, index)
        differing = [row for row, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
        assert differing
        # all within the top 22 mm: 62 rows at 72 dpi
        assert max(differing) < 62


def _grey(pdf: bytes, index: int) -> list[bytes]:
    """Return the page's rows of pixels at 72 dpi."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[index]
    bitmap = page.render(scale=1, grayscale=True)
    data, stride = bytes(bitmap.buffer), bitmap.stride
    rows = [data[row * stride : row * stride + bitmap.width] for row in range(bitmap.height)]
    bitmap.close()
    page.close()
    document.close()
    return rows


def test_marking_twice_gives_equal_bytes() -> None:
    """Merging and marking are repeatable to the byte, with fonts opened anew."""
    other = Fonts(Path(__file__).resolve().parents[2] / "resources" / "fonts")
    marks = Marks(1, 2, "9F3A", "第3次修订", AcrossWord.DRAFT)
    assert _packet() == _packet()
    assert stamp(_packet(), marks, FONTS, "册") == stamp(_packet(), marks, other, "册")


@pytest.mark.parametrize("word", list(AcrossWord))
def test_own_words_across_the_page(word: AcrossWord) -> None:
    """Unfinished paper bears a word of ours across every page, light grey, above what is there."""
    marked = stamp(_packet(), Marks(across=word, numbered=False), FONTS, "册")
    plain = _packet()
    for index, text in enumerate(page_texts(marked)):
        assert str(word) in "".join(text.split())
        inked = b"".join(_grey(marked, index))
        assert min(inked) == min(b"".join(_grey(plain, index)))
        assert sum(200 < value < 250 for value in inked) > 1000


def test_blank_pages_bear_no_number() -> None:
    """Blank left-hand pages are not numbered and not counted."""
    bound = merge([PacketPart("甲", _part("甲", 1)), PacketPart("乙", _part("乙", 1))], "册", right_hand=True)
    marked = page_texts(stamp(bound.pdf, Marks(1, 2), FONTS, "册", bound.blank))
    assert marked[1] == ""
    assert "— 2 —" in marked[2] and "共 2 页" in marked[2]
    shifted = page_texts(stamp(bound.pdf, Marks(first=11, total=40), FONTS, "册", bound.blank))
    assert "— 11 —" in shifted[0] and "共 40 页" in shifted[0]


@pytest.mark.parametrize("data", [_foreign(), _foreign(90), _foreign(180), _foreign(270)])
def test_marks_stand_upright_inside_what_is_seen(data: bytes) -> None:
    """On turned or cropped pages, marks stand at the lower edge that is seen when the page is bound.

    A page across is bound with its head to the left (GB/T 9704-2012 §8).
    """
    rows = _bound(_grey(stamp(data, Marks(), FONTS, "册"), 0))
    plain = _bound(_grey(data, 0))
    changed = [row for row, (a, b) in enumerate(zip(rows, plain, strict=True)) if a != b]
    assert changed and min(changed) > len(rows) - 56 and max(changed) < len(rows) - 30
    assert len(rows) > len(rows[0])
    columns = [
        place
        for row in changed
        for place, (a, b) in enumerate(zip(rows[row], plain[row], strict=True))
        if a != b
    ]
    # 共 1 页 stands at the inner side, the number at the outer one
    assert min(columns) < len(rows[0]) / 4 and max(columns) > len(rows[0]) * 0.7


def _bound(rows: list[bytes]) -> list[bytes]:
    """Return a page as the sheet is bound: one that is wider than high with its head to the left."""
    if len(rows) > len(rows[0]):
        return rows
    return [bytes(column) for column in zip(*rows, strict=True)][::-1]


def test_marks_follow_the_side_of_the_sheet() -> None:
    """After a blank page outer marks stand at the outer edge, whatever the number (GB/T 9704-2012 §7.5)."""
    bound = merge([PacketPart("甲", _part("甲", 1)), PacketPart("乙", _part("乙", 2))], "册", right_hand=True)
    marked = stamp(bound.pdf, Marks(1, 2), FONTS, "册", bound.blank)
    assert bound.blank == (1,) and "— 2 —" in page_texts(marked)[2]
    for index, right in ((0, True), (2, True), (3, False)):
        band = _grey(marked, index)[30:50]
        columns = [place for row in band for place, value in enumerate(row) if value < 150]
        assert columns and (min(columns) > 300) is right and (max(columns) > 300) is right


def test_landscape_pages_are_marked_too() -> None:
    """A page across bears its marks in its own margins."""
    text = page_texts(stamp(_part("宽", 1, geometry=WIDE_PAGE), Marks(), FONTS, "册"))[0]
    assert "— 1 —" in text and "共 1 页" in text


def _encrypted() -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(_foreign())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="主", user=""))
    return out.getvalue()


def _empty() -> bytes:
    out = BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "broken"),
        (b"%PDF-1.7\nnothing", "broken"),
        (_foreign()[:300], "broken"),
        (_encrypted(), "encrypted"),
        (_empty(), "empty"),
    ],
)
def test_unreadable_files_are_said(data: bytes, reason: str, tmp_path: Path) -> None:
    """Broken, encrypted and empty PDFs are refused with the name of the part and the reason."""
    for act in (
        lambda: merge([PacketPart("好", _foreign()), PacketPart("坏件", data)], "册"),
        lambda: page_texts(data, "坏件"),
        lambda: page_count(data, "坏件"),
        lambda: stamp(data, Marks(), FONTS, "坏件"),
    ):
        with pytest.raises(AppError) as caught:
            act()
        assert caught.value.code == "pdf_unreadable"
        assert caught.value.params == {"name": "坏件", "reason": reason}
    with pytest.raises(AppError):
        page_count(tmp_path / "没有.pdf", "没有")
