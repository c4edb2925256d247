"""设置 › 打印: the office's own fonts are named and chosen with one key press (issue 4, «Type»)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.services.workplace import OFFICE_FONTS
from tests.ui.window_world import WindowWorld
from ui.pages.settings import SettingsPage

pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.qt_log_ignore("propagateSizeHints")]


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowWorld]:
    found: dict[str, Path] = {"fang": tmp_path / "simfang.ttf", "hei": tmp_path / "simhei.ttf"}
    monkeypatch.setattr("app.services.accounts.find_office_fonts", lambda _folders: found)
    world = WindowWorld(tmp_path / "data")
    world.window.show()
    world.window.start()
    world.settled()
    yield world
    world.close()


def test_office_fonts_are_chosen(world: WindowWorld) -> None:
    """The fonts of this PC are named; choosing them is remembered, and nothing is chosen before."""
    world.window.go("settings", "")
    world.settled()
    (page,) = world.window.findChildren(SettingsPage)
    group = page.paper
    assert "仿宋、黑体" in group.found.text()
    assert group.office_fonts.isEnabled() and not group.office_fonts.isChecked()
    group.office_fonts.setFocus()
    QTest.keyClick(group.office_fonts, Qt.Key.Key_Space)
    world.settled()
    assert world.on_store(lambda workplace: workplace.store.settings.get(OFFICE_FONTS)) is True
    page.show_draft(None)
    world.settled()
    assert group.office_fonts.isChecked()
