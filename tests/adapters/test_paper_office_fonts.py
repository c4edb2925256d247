"""The office's own fonts: found on the PC, used when chosen, ours for what they lack (issue 4, «Type»)."""

from hashlib import sha256
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from app.clock import system_clock
from app.messages import load_messages
from app.paper.assemble import page_texts
from app.paper.fonts import FANG, KAI, SONG, Fonts
from app.paper.office_fonts import find_office_fonts, font_folders, read_office_font
from app.paper.page import Document
from app.services.accounts import keep_office_fonts, window_state
from app.services.workplace import open_workplace

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
FOLDER = RESOURCES / "fonts"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder of fonts like the one of a PC: 仿宋 that covers GB 2312 only, in a folder below."""
    place = tmp_path / "fonts" / "office"
    place.mkdir(parents=True)
    font = TTFont(FOLDER / "FandolFang-Regular.ttf")
    for platform, encoding, language in ((3, 1, 0x409), (1, 0, 0)):
        font["name"].setName("FangSong", 6, platform, encoding, language)
    font.save(place / "SIMFANG.TTF")
    (tmp_path / "fonts" / "notes.txt").write_text("simkai.ttf", "utf-8")
    return tmp_path / "fonts"


def test_fonts_are_found_by_name(office: Path, tmp_path: Path) -> None:
    """Letters of either case, folders below; an absent folder has none."""
    assert find_office_fonts([tmp_path / "none", office]) == {FANG: office / "office" / "SIMFANG.TTF"}
    windows = font_folders({"WINDIR": "C:\\Windows", "LOCALAPPDATA": "L"}, "win32")
    assert len(windows) == 2 and windows[0].name == "Fonts"
    assert Path("/h/.local/share/fonts") in font_folders({"HOME": "/h"}, "linux")


def test_a_chosen_font_prints_and_ours_stand_in(office: Path) -> None:
    """The office's 仿宋 prints what it has, ours print the rest; the record names the file with its sum."""
    found = find_office_fonts([office])
    fonts = Fonts(FOLDER, found)
    common, rare = fonts.chain(FANG).glyphs("国喆")
    assert common.font.startswith("SIMFANG") and rare.font.startswith("LXGWWenKai")
    assert Fonts(FOLDER).chain(FANG).glyph("国").font.startswith("FandolFang")
    assert fonts.chain(KAI).glyph("国").font == Fonts(FOLDER).chain(KAI).glyph("国").font
    assert fonts.sums()[str(found[FANG])] == sha256(found[FANG].read_bytes()).hexdigest()
    document = Document(fonts, "文")
    document.paragraph("负责人李喆。")
    assert page_texts(document.build()) == ["负责人李喆。"]


def test_a_font_that_may_not_be_embedded_is_passed_over(office: Path) -> None:
    """OS/2 fsType 2 forbids embedding; a damaged file and one without outlines are passed over too."""
    path = office / "office" / "SIMFANG.TTF"
    font = TTFont(path)
    font["OS/2"].fsType = 2
    font.save(path)
    assert read_office_font(path) is None
    assert Fonts(FOLDER, {FANG: path}).chain(FANG).glyph("国").font.startswith("FandolFang")
    path.write_bytes(path.read_bytes()[:5000])
    assert read_office_font(path) is None
    path.write_bytes(b"no font")
    assert Fonts(FOLDER, {SONG: path}).missing("国") == ""


def test_the_choice_counts_from_the_next_start(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not chosen, ours print; chosen, the office's own do as soon as the workplace is opened again."""
    monkeypatch.setattr("app.services.workplace.font_folders", lambda: (office,))
    monkeypatch.setattr("app.services.accounts.font_folders", lambda: (office,))
    messages = load_messages(RESOURCES / "messages")
    for chosen, first in ((False, "FandolFang"), (True, "SIMFANG")):
        with open_workplace(tmp_path / "data", RESOURCES, messages, system_clock) as workplace:
            state = window_state(workplace)
            assert (state.office_fonts, state.fonts_found) == (chosen, (FANG,))
            assert workplace.fonts.chain(FANG).glyph("国").font.startswith(first)
            keep_office_fonts(workplace, True)
