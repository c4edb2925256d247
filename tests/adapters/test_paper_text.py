"""Chinese text in lines: line breaking (GB/T 15834-2011 §5.1), justification, nothing lost."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paper.fonts import FANG, HEI, KAI, SONG, Fonts
from app.paper.text import NO_END, NO_START, Line, Span, TextStyle, lay_out, lines_that_stay

FONTS = Fonts(Path(__file__).resolve().parents[2] / "resources" / "fonts")
BODY = TextStyle(FANG, 16, 28.95, "justify", 2)
PLAIN = TextStyle(SONG, 10, 14)

HAN = st.text("年度工作报告众创空间喀什镕䶮𬭎一", min_size=1, max_size=12)
CLOSING = st.text("，。、；：？！）】》”’…%", min_size=1, max_size=3)
OPENING = st.text("（【《“‘￥", min_size=1, max_size=2)
WORD = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.\-/@]{0,14}", fullmatch=True)
SENTENCES = st.lists(
    st.one_of(HAN, st.tuples(HAN, CLOSING).map("".join), st.tuples(OPENING, HAN).map("".join), WORD, HAN),
    min_size=1,
    max_size=40,
).map("".join)


def _joined(lines: tuple[Line, ...]) -> str:
    return "".join(line.text for line in lines)


def _set(text: str, width: float, style: TextStyle = PLAIN) -> list[str]:
    return [line.text for line in lay_out(text, FONTS.chain(style.role), style, width)]


@given(SENTENCES, st.integers(260, 460))
def test_no_line_begins_with_a_closing_mark(text: str, width: int) -> None:
    """No closing mark at a line's start, no opening mark at its end (GB/T 15834-2011 §5.1)."""
    lines = lay_out(text, FONTS.chain(BODY.role), BODY, width)
    for before, after in pairwise(lines):
        assert after.text[0] not in NO_START
        assert before.text[-1] not in NO_END


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(30, 300))
def test_nothing_is_lost(text: str, width: int) -> None:
    """Whatever is typed comes out, spaces at line ends aside, and no line is wider than its room."""
    chain = FONTS.chain(SONG)
    lines = lay_out(text, chain, PLAIN, width)
    printed = "".join(chain.printable(line) for line in (text + "|").splitlines())[:-1]
    shown = _joined(lines).replace("\u200d", "")  # where a word of Arabic script was divided
    assert "".join(shown.split()) == "".join(chain.spoken(printed).replace("\u200d", "").split())
    for line in lines:
        drawn = "".join(piece.word.text if piece.word else piece.text for piece in line.pieces)
        assert drawn == line.text or any(piece.word for piece in line.pieces)
        assert len(drawn) == len(line.text)
    assert all(line.x + line.width <= width + 0.02 for line in lines if len(line.text) > 1)


@given(SENTENCES, st.integers(120, 400))
def test_justified_lines_fill_the_width(text: str, width: int) -> None:
    """All lines but the last end at the same edge, unless they would be torn wide open."""
    lines = lay_out(text, FONTS.chain(BODY.role), BODY, width)
    assert _joined(lines) == text
    for place, line in enumerate(lines[:-1]):
        room = width - (32 if place == 0 else 0)
        assert line.width == pytest.approx(room, abs=0.03) or line.width < room


def test_words_numbers_and_dashes_stay_whole() -> None:
    """ASCII words, numbers, —— and …… are not divided."""
    assert _set("投入1,280.50万元", 50) == ["投入", "1,280.50万", "元"]
    assert _set("甲乙丙——丁", 40) == ["甲乙丙", "——丁"]
    assert _set("甲乙丙丁……", 50) == ["甲乙丙", "丁……"]
    assert _set("我们 use PySide", 55) == ["我们 use", "PySide"]


def test_names_are_divided_behind_their_dot() -> None:
    """古丽米热·赛里克 is divided behind the dot where that costs two characters at most."""
    assert _set("古丽米热·赛里克", 72) == ["古丽米热·", "赛里克"]
    assert _set("古丽·阿不都热合曼", 72) == ["古丽·阿不都热", "合曼"]


def test_a_word_longer_than_a_line_breaks_inside() -> None:
    """An address of the web begins where it stands and goes on over lines; no character falls away."""
    url = "https://www.example.gov.cn/a/very/long/path?id=20220510"
    lines = _set(f"见{url}。", 100)
    assert "".join(lines) == f"见{url}。"
    assert len(lines[0]) > 10


def test_a_full_width_mark_may_give_up_its_empty_half() -> None:
    """A closing mark whose ink fits still stands on the line; two marks in a row share their white."""
    assert _set("甲乙丙，丁", 36) == ["甲乙丙，", "丁"]
    (line,) = lay_out("（甲）。", FONTS.chain(SONG), PLAIN, 100)
    assert line.width == pytest.approx(35)


def test_paragraphs_and_indents() -> None:
    """Each line end begins an indented paragraph; typed indents and empty lines do not add to ours."""
    lines = lay_out("　　甲甲\r\n\n  乙乙\u2028丙", FONTS.chain(FANG), BODY, 200)
    assert [(line.text, line.x) for line in lines] == [("甲甲", 32.0), ("乙乙", 32.0), ("丙", 32.0)]
    assert lay_out(" \n\t", FONTS.chain(FANG), BODY, 200) == ()


def test_alignment() -> None:
    """Right and centred lines stand where their width says."""
    for align, x in (("right", 80.0), ("center", 40.0), ("left", 0.0)):
        style = TextStyle(SONG, 10, 14, align)  # type: ignore[arg-type]
        (line,) = lay_out("甲乙", FONTS.chain(SONG), style, 100)
        assert line.x == pytest.approx(x)


def test_spans_have_their_own_fonts() -> None:
    """A run-in heading keeps its font inside a paragraph, over the line break too."""
    spans = [Span("（一）机制。", FONTS.chain(KAI)), Span("本年度", FONTS.chain(FANG))]
    lines = lay_out(spans, FONTS.chain(FANG), BODY, 130)
    assert _joined(lines) == "（一）机制。本年度"
    fonts = [piece.font.split("-")[0] for line in lines for piece in line.pieces]
    assert fonts[0] == "LXGWWenKai" and fonts[-1] == "FandolFang"


def test_tick_boxes_are_pieces_of_their_own() -> None:
    """☐ and ☑ are drawn as shapes, not taken from a font."""
    (line,) = lay_out("☑是☐否", FONTS.chain(HEI), PLAIN, 200)
    assert [piece.text for piece in line.pieces if piece.box] == ["☑", "☐"]
    assert line.width == pytest.approx(40)


@pytest.mark.parametrize(
    ("count", "room", "stay"),
    [(5, 9, 5), (5, 5, 5), (5, 4, 3), (5, 1, 0), (3, 2, 0), (2, 1, 0), (4, 3, 2), (4, 1, 0), (9, 0, 0)],
)
def test_no_line_of_a_paragraph_stays_alone(count: int, room: int, stay: int) -> None:
    """Neither the first nor the last line of a paragraph stands alone on a page."""
    assert lines_that_stay(count, room) == stay
