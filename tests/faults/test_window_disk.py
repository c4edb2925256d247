"""The window on a disk that is full: it says so, keeps what was typed, saves it when there is room."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.draft import Answers
from app.model.draft import Path as AnswerPath
from app.services.drafting import new_draft
from app.services.workplace import Workplace
from tests.faults.test_store_disk import mount
from tests.programmes.programme_folder import write_folder
from tests.ui.window_world import WindowWorld
from ui.draft_model import DraftModel, Saving

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

A01 = AnswerPath("a01")
LONG = "字" * 2000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    mount(folder, "size=3m")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def make_draft(workplace: Workplace) -> str:
    return new_draft(workplace, workplace.find_programme("mini"), Answers())


def type_until_full(world: WindowWorld, model: DraftModel) -> int:
    for number in range(3000):
        model.set_text(A01, f"{LONG}{number}", "名称")
        world.settled()
        if model.state.saving is Saving.FAILED:
            return number
    raise AssertionError("the disk is never full")


def test_a_full_disk_is_told_and_tried_again(qtbot: QtBot, disk: Path) -> None:
    """issue 3, Shell: 未能保存 with the reason and what to do; 重试 works; nothing is lost, undo neither."""
    write_folder(disk / "programmes" / "mini")
    world = WindowWorld(disk)
    window = world.window
    window.show()
    model = world.open(world.on_store(make_draft))
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 1_000_000)
    number = type_until_full(world, model)
    status = window.status
    assert status.saving.accessibleName().startswith("✕ 未能保存：")
    assert "空间" in status.saving.accessibleName()
    assert status.retry_button.isVisible()

    model.set_text(A01, "满了也没有丢", "名称")
    world.settled()
    assert status.retry_button.isVisible()
    QTest.mouseClick(status.retry_button, Qt.MouseButton.LeftButton)
    world.settled()
    assert status.retry_button.isVisible(), "there is still no room"

    ballast.unlink()
    QTest.mouseClick(status.retry_button, Qt.MouseButton.LeftButton)
    world.settled()
    assert not status.retry_button.isVisible()
    assert status.saving.text().startswith("✓ 已保存")
    draft_id = model.draft_id
    assert world.on_store(lambda workplace: workplace.draft(draft_id)).answers == model.answers
    world.close()

    again = WindowWorld(disk, unit=None)
    opened = again.open(draft_id)
    assert opened.answers.values["a01"] == "满了也没有丢"
    opened.undo()
    assert opened.answers.values["a01"] == f"{LONG}{number}"
    again.close()
