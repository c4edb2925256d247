"""Fonts of the paper: what comes along, what it covers, what cannot be printed (brief: fonts by role)."""

import hashlib
import shutil
import tomllib
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics

from app.errors import AppError
from app.paper.fonts import FANG, HEI, KAI, SONG, STAND_IN, TITLE, Fonts

NAMES = "喆堃镕䶮𬭎·"


@pytest.fixture(scope="module")
def fonts(root: Path) -> Fonts:
    return Fonts(root / "resources" / "fonts")


def test_files_are_the_listed_ones(root: Path, fonts: Fonts) -> None:
    """Every font has its pinned sha256 and its licence; none is over 50 MB, all are below 70 MB."""
    folder = root / "resources" / "fonts"
    listing = tomllib.loads((folder / "fonts.toml").read_text("utf-8"))["fonts"]
    assert {entry["file"] for entry in listing} == {path.name for path in folder.glob("*.ttf")}
    total = 0
    for entry in listing:
        data = (folder / entry["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"] == fonts.sums()[entry["file"]]
        assert len(data) < 50_000_000
        total += len(data)
        assert (root / "resources" / "licenses" / entry["licence"]).stat().st_size > 3000
    assert total < 70_000_000


def test_fonts_with_a_reserved_name_are_unchanged(root: Path) -> None:
    """OFL-1.1 §3: an altered LXGW WenKai would have to be renamed; ours is the file of its makers."""
    listing = tomllib.loads((root / "resources" / "fonts" / "fonts.toml").read_text("utf-8"))["fonts"]
    assert [entry["changes"] for entry in listing if entry["file"].startswith("LXGW")] == ["none"]


@pytest.mark.parametrize("role", [SONG, TITLE, HEI, KAI, FANG])
def test_every_role_prints_rare_names(fonts: Fonts, role: str) -> None:
    """Names of people with rare characters print in every role (GB 18030-2022 level 2)."""
    chain = fonts.chain(role)
    assert chain.unknown(NAMES) == set()
    for glyph in chain.glyphs(NAMES):
        assert glyph.font in pdfmetrics.getRegisteredFontNames()
        assert glyph.width > 0
    assert chain.printable(NAMES) == NAMES


def test_coverage_agrees_with_the_fonts(fonts: Fonts) -> None:
    """The precomputed coverage never names a character that the font itself lacks."""
    for file in fonts.sums():
        has = fonts.load(file).face.charToGlyph
        claimed = [code for code in range(0x20, 0x32000) if fonts.prints(file, chr(code))]
        assert len(claimed) > (200 if "Arabic" in file else 9000)
        assert not [code for code in claimed if code not in has]


def test_fallback_is_per_character(fonts: Fonts) -> None:
    """仿宋 lacks 喆, so 楷体 prints that one character and nothing else."""
    first, second, third = fonts.chain(FANG).glyphs("国喆年")
    assert first.font == third.font != second.font
    assert first.font.startswith("FandolFang")
    assert second.font.startswith("LXGWWenKai")


def test_missing_names_each_character_once(fonts: Fonts) -> None:
    """What no font prints is named in order of appearance; line ends, spaces and tick boxes are no fault."""
    text = f"申报😀单位\nئۇيغۇر\t☐☑☒{NAMES}　\u200b😀ཀ\r\n"
    assert fonts.missing(text) == "😀ཀ"
    assert fonts.missing("") == ""


def test_missing_needs_no_font_file(root: Path, tmp_path: Path) -> None:
    """Checks ask while somebody types: only the two small files are read (brief: coverage file)."""
    for name in ("fonts.toml", "coverage.json"):
        shutil.copy(root / "resources" / "fonts" / name, tmp_path)
    assert Fonts(tmp_path).missing("众创空间\U0001f600" * 5000) == "\U0001f600"


def test_a_missing_character_prints_a_stand_in(fonts: Fonts) -> None:
    """Nothing vanishes silently from paper: what cannot be printed becomes 〓."""
    chain = fonts.chain(SONG)
    assert chain.printable("甲😀乙\u200b\xa0丙") == f"甲{STAND_IN}乙 丙"


def test_figures_align(fonts: Fonts) -> None:
    """Digits of 宋体 and the title font are half an em wide each, so columns of money align."""
    for role in (SONG, TITLE):
        assert {glyph.width for glyph in fonts.chain(role).glyphs("0123456789")} == {0.5}
    assert len({glyph.width for glyph in fonts.chain(HEI).glyphs("0123456789")}) == 1


def test_chinese_quotation_marks_fill_the_em(fonts: Fonts) -> None:
    """Quotation marks and dashes are Chinese ones in every role, also where the font has Latin ones."""
    for role in (SONG, TITLE, HEI, KAI, FANG):
        assert {glyph.width for glyph in fonts.chain(role).glyphs("“”‘’—…")} == {1.0}


def test_a_damaged_folder_is_said(tmp_path: Path) -> None:
    """An incomplete installation is an expected failure with the path in it."""
    with pytest.raises(AppError) as caught:
        Fonts(tmp_path)
    assert caught.value.code == "fonts_unreadable"
    (tmp_path / "fonts.toml").write_text(
        '[roles]\nsong = ["x.ttf"]\n[[fonts]]\nfile = "x.ttf"\nsha256 = "0123456789"\n', "utf-8"
    )
    (tmp_path / "coverage.json").write_text('{"x.ttf":[65,66]}', "utf-8")
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with pytest.raises(AppError) as caught:
        Fonts(tmp_path).chain(SONG).glyphs("A")
    assert caught.value.params["path"] == str(tmp_path / "x.ttf")
