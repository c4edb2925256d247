"""Uyghur names in Arabic script: joined, right to left, read back letter by letter (issue 4, «Type»)."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.paper.assemble import page_texts
from app.paper.expected import Expected, Passage
from app.paper.fonts import FANG, HEI, KAI, SONG, STAND_IN, TITLE, Fonts
from app.paper.page import Document, FormRow
from app.paper.preflight import PartCheck, check_paper
from app.paper.shaping import GLYPHS, visual_order
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table
from app.paper.text import Line, TextStyle, lay_out

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "fonts"
FONTS = Fonts(FOLDER)
AHMATJAN, TURSUN, LAMINJAN = "ئەخمەتجان", "تۇرسۇن", "لامىنجان"
LETTERS = "ئاەبپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىي"
PLAIN = TextStyle(SONG, 12, 18)


def _set(text: str, width: float = 400) -> tuple[Line, ...]:
    return lay_out(text, FONTS.chain(SONG), PLAIN, width)


def _words(line: Line) -> list[str]:
    return [piece.word.text for piece in line.pieces if piece.word]


@pytest.mark.parametrize("role", [SONG, TITLE, HEI, KAI, FANG])
def test_every_letter_is_printed_in_every_role(role: str) -> None:
    """The whole Uyghur alphabet and its marks print; a script that no font has is still named."""
    assert FONTS.missing(LETTERS + "،؟؛") == ""
    assert STAND_IN not in FONTS.chain(role).printable(LETTERS)
    assert FONTS.missing("བོད་") == "བོད་"


def test_letters_are_joined() -> None:
    """A letter at the beginning, in the middle and by itself has three shapes (HarfBuzz), not one."""
    joined = {piece.text for text in ("ب", "بب", "ببب") for piece in _set(text)[0].pieces}
    assert len({glyph for glyphs in joined for glyph in glyphs}) == 4
    (line,) = _set(LAMINJAN)
    assert len(line.pieces[0].text) == len(LAMINJAN)
    assert all(ord(glyph) >= GLYPHS[0] for glyph in line.pieces[0].text)


def test_names_stand_from_right_to_left_among_chinese() -> None:
    """Two names change places, a number between them keeps its digits, Chinese around stays (UAX #9 §2.7)."""
    (line,) = _set(f"负责人{AHMATJAN} {TURSUN}（{LAMINJAN}）等3人")
    assert line.text == f"负责人{AHMATJAN} {TURSUN}（{LAMINJAN}）等3人"
    assert _words(line) == [TURSUN, AHMATJAN, LAMINJAN]
    assert (line.pieces[0].text, line.pieces[-1].text) == ("负责人", "）等3人")
    (line,) = _set(f"{AHMATJAN} (12.5%) {TURSUN}")
    assert [piece.text for piece in line.pieces if not piece.word] == [" (12.5%) "]
    assert _words(line) == [TURSUN, AHMATJAN]


@given(st.text(f"甲乙（）。 12.{chr(0x100000)}{chr(0x100001)}", max_size=30))
def test_visual_order_moves_characters_only(text: str) -> None:
    """Turning an island loses nothing, and what is outside it stays where it was."""
    order, seen = visual_order(text)
    assert sorted(order) == list(range(len(text))) and len(seen) == len(text)
    assert [text[place] for place in order] == list(seen)
    for place, (index, character) in enumerate(zip(order, text, strict=True)):
        if character in "甲乙（）。":
            assert index == place


@given(st.lists(st.text(LETTERS, min_size=1, max_size=30), min_size=1, max_size=8), st.integers(40, 300))
def test_no_word_is_wider_than_its_line(words: list[str], width: int) -> None:
    """A word that no line holds is divided and keeps its joined shape; no letter is lost."""
    lines = _set("，".join(words), width)
    assert "".join(line.text for line in lines).replace("\u200d", "") == "，".join(words)
    assert all(line.x + line.width <= width + 0.02 for line in lines)


def _document() -> bytes:
    document = Document(FONTS, "文", DATA_PAGE, DATA_SHEET)
    document.paragraph(f"负责人{AHMATJAN}，主管{LAMINJAN}。")
    document.form([FormRow("B01", "姓名", f"{AHMATJAN} {TURSUN}")])
    document.table(Table((Column("姓名"), Column("备注")), [(LETTERS, "喆堃镕䶮𬭎·甲")]))
    return document.build()


def test_words_come_back_letter_by_letter() -> None:
    """Copied out of the PDF, each word reads in the order of its letters; rare characters come back too.

    The order of two names among Chinese is the reader's guess: PDFium takes what stands left for the first.
    """
    text = "".join(page_texts(_document()))
    assert f"负责人{AHMATJAN}，主管{LAMINJAN}。" in text.replace("\n", "")
    assert all(word in text for word in (AHMATJAN, TURSUN, LETTERS, "喆堃镕䶮𬭎·甲"))
    document = Document(FONTS, "文", DATA_PAGE, DATA_SHEET)
    document.paragraph(f"{AHMATJAN} {TURSUN}")
    assert page_texts(document.build()) == [f"{AHMATJAN} {TURSUN}"]
    # ە and ه share a glyph but not their meaning
    document = Document(FONTS, "文", DATA_PAGE, DATA_SHEET)
    document.paragraph("مە\nمه")
    assert page_texts(document.build())[0].split() == ["مە", "مه"]


@pytest.mark.skipif(which("pdftotext") is None, reason="需要 poppler-utils（pdftotext）")
def test_another_reader_gives_the_same_words(tmp_path: Path) -> None:
    """Poppler reads the same letters in the same order as PDFium."""
    path = tmp_path / "文.pdf"
    path.write_bytes(_document())
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True).stdout.decode()
    assert all(word in text for word in (AHMATJAN, TURSUN, LAMINJAN, LETTERS, "喆堃镕䶮", "甲"))


def test_paper_with_names_passes_the_last_look() -> None:
    """Pre-flight finds names among Chinese whatever the reader's order of words; a wrong one is named."""
    sentence = f"负责人{AHMATJAN} {TURSUN}（{LAMINJAN}），2022年到任。"
    document = Document(FONTS, "文", DATA_PAGE, DATA_SHEET)
    document.paragraph(sentence)
    document.form([FormRow("B01", "姓名", f"{AHMATJAN} {TURSUN}")])
    data = document.build()
    texts = [Expected("甲", sentence), Expected("乙", "姓名"), Expected("乙", f"{AHMATJAN} {TURSUN}")]
    check_paper(data, [PartCheck("文", 0, 1, [Passage("", texts)])])
    for wrong in (sentence.replace(TURSUN, "تۇرغۇن"), sentence.replace("2022", "2023")):
        with pytest.raises(AppError, match="paper_differs"):
            check_paper(data, [PartCheck("文", 0, 1, [Passage("", [Expected("甲", wrong)])])])


def test_tables_with_names_pass_the_last_look() -> None:
    """Rows that PDFium reads in parts pass, with the same names in many rows; a wrong cell is still named."""
    names = [f"{AHMATJAN} {TURSUN}", LAMINJAN, "李喆堃", f"{LAMINJAN}（喀什）{TURSUN}"]
    rows = [
        (str(row), names[row % 4], "男" if row % 3 else "女", f"{row * 37}.5", "工程师") for row in range(60)
    ]
    columns = tuple(Column(title) for title in ("序号", "姓名", "性别", "金额", "职务"))
    document = Document(FONTS, "文", DATA_PAGE, DATA_SHEET)
    document.table(Table(columns, rows, "名单"))
    data = document.build()
    pages = len(page_texts(data))

    def passage(rows: Sequence[tuple[str, ...]]) -> PartCheck:
        cells = [Expected(f"第{row[0]}行", cell) for row in rows for cell in row]
        return PartCheck("文", 0, pages, [Passage("名单", cells, apart=300)])

    check_paper(data, [passage(rows)])
    for wrong in ((1, 4, "法律顾问"), (0, 1, f"{AHMATJAN} {LETTERS}"), (30, 3, "1111.5")):
        changed = [list(row) for row in rows]
        changed[wrong[0]][wrong[1]] = wrong[2]
        with pytest.raises(AppError, match="paper_differs"):
            check_paper(data, [passage([tuple(row) for row in changed])])


def test_two_runs_give_equal_bytes() -> None:
    """The same names give the same bytes, with fonts opened anew."""
    first = _document()
    assert first == _document()


def test_a_typed_private_character_is_no_word() -> None:
    """Characters that stand for words inside cannot be typed from outside: they print as 〓."""
    _set(AHMATJAN)
    (line,) = _set("甲\U00100000乙")
    assert line.text == f"甲{STAND_IN}乙"
