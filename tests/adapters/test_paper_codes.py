"""Codes of pages: read back under a red seal, from slanting scans, and typed by hand (asks 37)."""

import math
import random
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from app.paper.assemble import PacketPart, Source, merge, page_texts
from app.paper.codes import DIGITS, PageCode, check_characters, modules, parse_code, read_code, read_pages
from app.paper.fonts import Fonts
from app.paper.marks import LARGE_CODE, SMALL_CODE, Marks, PageMark, stamp, stamp_copies
from app.paper.page import Document
from app.paper.raster import Raster, page_pixels
from app.paper.styles import DATA_PAGE, DATA_SHEET, TEXT_PAGE, WIDE_PAGE
from tests.adapters.paper_pdf import in_memory

FONTS = Fonts(Path(__file__).resolve().parents[2] / "resources" / "fonts")
PRINT = "9f3a27c10d55"
CODES = st.builds(
    PageCode,
    st.text("0123456789ABCDEF", min_size=8, max_size=8),
    st.integers(1, 99),
    st.just(1),
    st.integers(1, 999),
    st.integers(0, 9),
)


def _packet(pages: int = 4) -> bytes:
    texts = Document(FONTS, "文")
    for number in range(pages):
        texts.paragraph(f"正文第{number}面，服务企业一百二十六家。" * 30)
        texts.page_break()
    sheets = Document(FONTS, "表", DATA_PAGE, DATA_SHEET)
    sheets.paragraph("表")
    wide = Document(FONTS, "宽", WIDE_PAGE, DATA_SHEET)
    wide.paragraph("宽表")
    parts = [
        PacketPart("文", texts.build()),
        PacketPart("表", sheets.build()),
        PacketPart("宽", wide.build()),
    ]
    return in_memory(merge(parts, "册").pdf)


def _marks(copy: int = 1, **other: object) -> Marks:
    return Marks(copy, 2, "9F3A-27C1-0D55", "第3次修订", code=PRINT, **other)  # type: ignore[arg-type]


def _known(pages: int, returning: bool = False) -> dict[int, PageMark]:
    return {page: PageMark(7, "审查推荐表", returning) for page in range(pages)}


@given(CODES)
def test_what_is_written_is_read(code: PageCode) -> None:
    """A payload and its typed form give the same page again, in small letters and full width too."""
    assert parse_code(code.payload) == code
    assert parse_code(f" {code.typed.lower()} ") == code
    assert parse_code(code.typed.replace("-", "－").replace("0", "０").replace("1", "１")) == code


@given(CODES, st.data())
def test_one_wrong_character_is_noticed(code: PageCode, data: st.DataObject) -> None:
    """Every single wrong character makes a code none of ours (ISO/IEC 7064 MOD 1271-36)."""
    place = data.draw(st.integers(0, len(code.typed) - 1))
    was = code.typed[place]
    if was == "-":
        return
    other = data.draw(st.sampled_from([digit for digit in DIGITS if digit not in (was, "O", "Q", "I", "L")]))
    assert parse_code(code.typed[:place] + other + code.typed[place + 1 :]) != code


@given(st.text(max_size=60))
def test_codes_of_others_are_none_of_ours(text: str) -> None:
    """A barcode of somebody else on the page is passed over, whatever it says."""
    found = parse_code(text)
    assert found is None or parse_code(found.payload) == found


def test_check_characters_are_those_of_the_standard() -> None:
    """ISO/IEC 7064 MOD 1271-36: the sum with both check characters is 1."""
    text = "ISO79" + check_characters("ISO79")
    assert text == "ISO793W"
    assert sum(DIGITS.index(ch) * 36**power for power, ch in enumerate(reversed(text))) % 1271 == 1


def test_modules_are_those_of_another_encoder() -> None:
    """The modules are a QR code of level Q, 25 a side, equal to one that segno makes with some mask."""
    payload = PageCode("9F3A27C1", 7, 12, 40, 1).payload
    assert len(payload) <= 29
    ours = modules(payload)
    assert len(ours) == 25
    others = [segno.make(payload, error="q", micro=False, boost_error=False, mask=mask) for mask in range(8)]
    assert ours in [tuple("".join(map(str, row)) for row in other.matrix) for other in others]


def _seal(
    shown: Image.Image,
    box: tuple[float, float, float, float],
    strength: float,
    colour: tuple[int, int, int] = (205, 30, 40),
) -> Image.Image:
    """Press a red round seal with a star on a raster: ink that lets through what lies below."""
    ink = Image.new("L", shown.size, 0)
    draw = ImageDraw.Draw(ink)
    left, top, right, bottom = box
    amount = round(255 * strength)
    draw.ellipse(box, outline=amount, width=round((right - left) / 34))
    x, y, radius = (left + right) / 2, (top + bottom) / 2, (right - left) / 6
    points = [
        (x + radius * math.sin(k * 0.8 * math.pi), y - radius * math.cos(k * 0.8 * math.pi)) for k in range(5)
    ]
    draw.polygon(points, fill=amount)
    for turn in range(-120, 121, 20):
        away = (right - left) * 0.37
        spot = (x + away * math.sin(math.radians(turn)), y - away * math.cos(math.radians(turn)))
        draw.rectangle((spot[0] - 14, spot[1] - 14, spot[0] + 14, spot[1] + 14), outline=amount, width=5)
    return Image.composite(Image.new("RGB", shown.size, colour), shown, ink)


def _image(pdf: bytes, page: int) -> Image.Image:
    raster = page_pixels(pdf, page, 200)
    return Image.frombuffer("RGB", (raster.width, raster.height), raster.data, "raw", "BGRX", raster.stride)


def _raster(shown: Image.Image) -> Raster:
    data = shown.convert("RGB").tobytes("raw", "BGRX")
    return Raster(shown.width, shown.height, shown.width * 4, data)


@pytest.mark.parametrize("seed", [77, 4242])
def test_codes_are_read_under_seals_nobody_tuned_for(seed: int) -> None:
    """Issue 4: seals of other reds, sizes, places and strengths, scans out of focus and stored as JPEG."""
    chance = random.Random(seed)
    dots = 200 / 25.4
    for returning in (False, True):
        marked = stamp(_packet(2), _marks(), FONTS, "册", pages=_known(4, returning))
        shown = [_image(marked, page) for page in range(4)]
        for _ in range(5):
            page = chance.randrange(4)
            left, top, side = _code_box(shown[page], page, returning)
            x, y = (edge + side / 2 + chance.uniform(-15, 15) * dots for edge in (left, top))
            radius = chance.choice((38, 40, 42, 45)) / 2 * dots
            ink = chance.choice(((205, 30, 40), (190, 25, 55), (220, 60, 50), (200, 40, 30), (225, 70, 90)))
            box = (x - radius, y - radius, x + radius, y + radius)
            sealed = _seal(shown[page], box, chance.uniform(0.3, 0.8), ink)
            turn = chance.uniform(-3, 3)
            turned = sealed.rotate(turn, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
            turned = turned.filter(ImageFilter.GaussianBlur(chance.uniform(0.0, 0.9)))
            out = BytesIO()
            turned.save(out, "JPEG", quality=chance.randrange(50, 90))
            assert read_code(_raster(Image.open(out))) == PageCode("9F3A27C1", 7, page + 1, 4, 1)


def _code_box(shown: Image.Image, page: int, returning: bool) -> tuple[float, float, float]:
    """Where the code of a page of ``_packet`` is, in dots at 200 dpi: left, top, side."""
    dots = 200 / 25.4
    wide = shown.width > shown.height
    side = (22 if returning and not wide else 15) * dots
    if wide:
        return (shown.width - side) / 2, shown.height - 5 * dots - side, side
    left = shown.width - 10 * dots - side if page % 2 == 0 else 10 * dots
    return left, (5.5 if returning else 7) * dots, side


@pytest.mark.parametrize("returning", [False, True])
@pytest.mark.parametrize("angle", [-3.0, -1.3, 0.0, 1.7, 3.0])
def test_codes_are_read_under_a_red_seal(angle: float, returning: bool) -> None:
    """Issue 4: all codes of pages at 200 dpi with a translucent red seal over them, turned by up to 3°."""
    marked = stamp(_packet(2), _marks(), FONTS, "册", pages=_known(4, returning))
    dots = 200 / 25.4
    for page in range(4):
        shown = _image(marked, page)
        wide = shown.width > shown.height
        side = (22 if returning and not wide else 15) * dots
        left = shown.width - 10 * dots - side if page % 2 == 0 else 10 * dots
        top = (5.5 if returning else 7) * dots
        if wide:
            # bound with its head to the left, the upper outer corner of page 4 is this one
            left, top = shown.width - 7 * dots - side, 10 * dots
        for shift, strength in ((0.0, 0.45), (6 * dots, 0.6), (-10 * dots, 0.75)):
            x, y, radius = left + side / 2 + shift, top + side / 2 + shift, 20 * dots
            sealed = _seal(shown, (x - radius, y - radius, x + radius, y + radius), strength)
            turned = sealed.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
            assert read_code(_raster(turned)) == PageCode("9F3A27C1", 7, page + 1, 4, 1)


def test_a_page_without_a_code_is_none() -> None:
    """No code, or one of somebody else: none, never an error."""
    plain = stamp(_packet(1), _marks(), FONTS, "册")
    assert read_pages(plain) == (None, None, None)
    foreign = segno.make("https://example.cn/9F3A27C1", error="q")
    page = Image.new("RGB", (1654, 2339), "white")
    for y, row in enumerate(foreign.matrix):
        for x, dark in enumerate(row):
            if dark:
                page.paste((0, 0, 0), (200 + x * 6, 200 + y * 6, 206 + x * 6, 206 + y * 6))
    assert read_code(_raster(page)) is None


def test_pages_of_two_copies_name_themselves() -> None:
    """Each page of each copy says its own page, part and copy; the typed form stands beside the code."""
    both = stamp_copies(_packet(2), [_marks(1), _marks(2)], FONTS, "册", pages=_known(4))
    for copy, pdf in enumerate(both, 1):
        found = read_pages(pdf)
        assert [(code.part, code.page, code.pages, code.copy) for code in found if code] == [
            (7, page, 4, copy) for page in range(1, 5)
        ]
        for code, text in zip(found, page_texts(pdf), strict=True):
            assert code and code.typed in text and "审查推荐表" in text


def test_copies_differ_in_copy_mark_and_code_only() -> None:
    """The second copy is marked anew: without copy mark and typed code both texts are equal."""
    packet = _packet(2)
    one, two = stamp_copies(packet, [_marks(1), _marks(2)], FONTS, "册", pages=_known(4))
    first, second = page_texts(one), page_texts(two)
    for number, (a, b) in enumerate(zip(first, second, strict=True), 1):
        codes = [PageCode("9F3A27C1", 7, number, 4, copy).typed for copy in (1, 2)]
        assert a.replace(codes[0], codes[1]).replace("第1份", "第2份") == b
    for number in range(4):
        unlike = [
            (row, column)
            for row, (a, b) in enumerate(zip(*(_rows(pdf, number) for pdf in (one, two)), strict=True))
            for column in range(0, len(a), 4)
            if a[column : column + 4] != b[column : column + 4]
        ]
        high, wide = len(_rows(one, number)), len(_rows(one, number)[0])
        assert unlike
        assert all(row < high * 0.1 if high > wide / 4 else column > wide * 0.9 for row, column in unlike)


def _rows(pdf: Source, page: int) -> list[bytes]:
    raster = page_pixels(pdf, page, 72)
    return [raster.data[row * raster.stride : (row + 1) * raster.stride] for row in range(raster.height)]


@pytest.mark.parametrize(
    ("off", "gone"),
    [
        ({"code": ""}, "9F3A27C1-"),
        ({"typed": False}, "9F3A27C1-"),
        ({"copy": 0}, "第1份"),
        ({"numbered": False}, "— 1 —"),
        ({"fingerprint": ""}, "校验码"),
        ({"revision": ""}, "修订"),
    ],
)
def test_each_mark_can_be_left_out(off: dict[str, object], gone: str) -> None:
    """Issue 4: each mark can be switched off by itself."""
    settings: dict[str, object] = {
        "copy": 1,
        "copies": 2,
        "fingerprint": "9F3A-27C1-0D55",
        "revision": "第3次修订",
        "code": PRINT,
    }
    kept = stamp(_packet(1), Marks(**settings), FONTS, "册", pages=_known(3))  # type: ignore[arg-type]
    less = stamp(_packet(1), Marks(**settings | off), FONTS, "册", pages=_known(3))  # type: ignore[arg-type]
    assert gone in page_texts(kept)[0]
    assert gone not in page_texts(less)[0]
    assert (read_pages(less)[0] is None) == (off == {"code": ""})


def test_marks_stand_outside_every_type_area() -> None:
    """Codes and marks keep clear of the type area of every page that the program lays out."""
    for page in (TEXT_PAGE, DATA_PAGE):
        assert page.top >= 28 and page.bottom >= 21
    # bound, the head of a page across is at the left: its own left side is the foot, its right the head
    assert WIDE_PAGE.left >= 21 and WIDE_PAGE.right >= 22.5
    empty = in_memory(
        merge([PacketPart("空", _blank(210, 297)), PacketPart("宽", _blank(297, 210))], "册").pdf
    )
    marked = stamp(empty, _marks(), FONTS, "册", pages=_known(2, returning=True))
    for number in range(2):
        rows = _rows(marked, number)
        dots = 72 / 25.4
        head, foot = 28 * dots, 21 * dots
        if number == 1:
            rows = [b"".join(line[x : x + 4] for line in rows) for x in range(0, len(rows[0]), 4)][::-1]
            head = 23 * dots
        inked = [row for row, line in enumerate(rows) if min(line[0::4]) < 200]
        assert inked and all(row <= head or row >= len(rows) - foot for row in inked)
    assert (round(SMALL_CODE / 72 * 25.4), round(LARGE_CODE / 72 * 25.4)) == (15, 22)


def _blank(width: float, height: float) -> bytes:
    document = Document(FONTS, "空", WIDE_PAGE if width > height else DATA_PAGE, DATA_SHEET)
    return document.build()


def test_official_page_numbers() -> None:
    """GB/T 9704-2012 §7.5: 四号, a dash at each side, right on right-hand pages, 7 mm below the text."""
    known = {page: PageMark(7, "说明", official=TEXT_PAGE.bottom) for page in range(4)}
    marked = stamp(_packet(2), _marks(), FONTS, "册", pages=known)
    assert ["— 1 —" in page_texts(marked)[0], "— 2 —" in page_texts(marked)[1]] == [True, True]
    for page, right in ((0, True), (1, False)):
        rows = _rows(marked, page)
        dots = 72 / 25.4
        band = rows[int(len(rows) - 31 * dots) : int(len(rows) - 25 * dots)]
        columns = [x // 4 for line in band for x in range(0, len(line), 4) if line[x] < 200]
        assert columns and (min(columns) > len(rows[0]) // 8) is right


def test_bare_pages_bear_a_number_only() -> None:
    """A platform's report in a book with one numbering gets a number in its margin and nothing else."""
    marked = stamp(_packet(1), _marks(), FONTS, "册", pages={0: PageMark(7, "报告", bare=True)})
    text = page_texts(marked)[0]
    assert "— 1 —" in text and "共 3 页" not in text and "校验码" not in text and "第1份" not in text


def test_own_pages_hold_embedded_subsets_only() -> None:
    """Issue 4: nothing but embedded subset fonts on our own pages, as pdffonts would show it."""
    marked = stamp(_packet(1), _marks(), FONTS, "册", pages=_known(3))
    names = []
    with pikepdf.open(BytesIO(marked)) as pdf:
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font":
                descriptor = thing.get("/FontDescriptor")
                assert descriptor is not None and "/FontFile2" in descriptor
                names.append(str(thing.BaseFont))
    assert names and all(name[7:8] == "+" and name[1:7].isupper() for name in names)
