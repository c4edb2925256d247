"""设置 › 版本与更新: the next version from a USB stick (issue 7, «Offline update»)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.services.recording import seal
from tests.adapters.test_release import INSTALLED, lay_out
from tests.ui.report_world import ReportWorld, report_world
from ui.pages.settings_update import UpdateGroup

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SETUP = "shenbao-0.2.0-setup.exe"


@pytest.fixture
def world(qapp: QApplication, tmp_path: Path) -> Iterator[ReportWorld]:
    with report_world(tmp_path / "data") as made:
        yield made


def make_group(qtbot: QtBot, world: ReportWorld, folder: Path, platform: str) -> UpdateGroup:
    group = UpdateGroup(world.context, platform)
    group.resources = folder
    note = f'version = "{INSTALLED.version}"\nkey = "{INSTALLED.key}"\n'
    (folder / "release.toml").write_text(note, encoding="utf-8")
    qtbot.addWidget(group)
    group.resize(900, 300)
    group.show()
    return group


def press(world: ReportWorld, button: QWidget) -> None:
    QTest.keyClick(button, Qt.Key.Key_Space)
    world.settle()


def test_a_good_update_is_backed_up_for_and_started(qtbot: QtBot, world: ReportWorld, tmp_path: Path) -> None:
    """Checked, backed up, then started with one press; until then nothing is started."""
    group = make_group(qtbot, world, tmp_path, "win32")
    started: list[Path] = []
    group.picker = lambda *_: lay_out(tmp_path, SETUP)
    group.starter = started.append
    press(world, group.check_button)
    assert "0.2.0" in group.told.text()
    assert len(world.on_store(lambda workplace: workplace.store.list_backups())) == 1
    assert started == []
    press(world, group.go_button)
    assert started == [tmp_path / SETUP]


def test_a_report_on_its_way_is_named_first(qtbot: QtBot, world: ReportWorld, tmp_path: Path) -> None:
    """Sealed and not handed in: the clerk is asked, and «later» leaves everything as it was."""
    model = world.make_model()
    world.on_store(lambda workplace: seal(workplace, model.draft_id, world.now, "已核对"))
    group = make_group(qtbot, world, tmp_path, "win32")
    asked: list[str] = []

    def later(_parent: object, _context: object, text: str, _yes: str, _no: str) -> bool:
        asked.append(text)
        return False

    group.asker = later  # type: ignore[assignment]
    group.picker = lambda *_: lay_out(tmp_path, SETUP)
    press(world, group.check_button)
    assert "众创空间" in asked[0]
    assert group.go_button.isHidden()
    assert world.on_store(lambda workplace: workplace.store.list_backups()) == ()


def test_a_damaged_copy_is_refused_with_words(qtbot: QtBot, world: ReportWorld, tmp_path: Path) -> None:
    """A file that was not copied whole from the stick is never started."""
    group = make_group(qtbot, world, tmp_path, "linux")
    path = lay_out(tmp_path)
    path.write_bytes(b"installe")
    group.check(path)
    world.settle()
    assert world.told == [
        (f"「{path.name}」的内容与校验值清单不符，可能没有拷全。请重新拷贝后再核对。", "error")
    ]
    assert group.go_button.isHidden()


def test_on_linux_the_line_for_an_administrator_is_copied(
    qtbot: QtBot, world: ReportWorld, tmp_path: Path
) -> None:
    """A package is installed by who may: the program gives the line and starts nothing."""
    group = make_group(qtbot, world, tmp_path, "linux")
    path = lay_out(tmp_path)
    group.check(path)
    world.settle()
    press(world, group.go_button)
    assert QApplication.clipboard().text() == f'sudo apt install "{path}"'
