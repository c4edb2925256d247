"""上报 by USB stick in the window, against the rehearsal platform (issue «Sending», the third transport)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.commands.sending import make_site
from app.practice import create_app
from app.practice.accounts import User
from app.practice.folders import take_folder
from app.practice.key import key_fingerprint
from app.practice.platform import Platform
from app.practice.reviews import Notes, decide
from app.practice.site import Role
from app.practice.submissions import find_submission
from app.services.recording import seal
from app.services.standing import Step
from app.services.workplace import make_library
from tests.adapters.platform_fixture import PASSWORD
from tests.ui.report_world import MORNING, RESOURCES, ReportWorld, report_world
from ui.pages.submit import SubmitPage
from ui.parts import Button

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def world(qapp: QApplication, tmp_path: Path) -> Iterator[ReportWorld]:
    with report_world(tmp_path / "data") as made:
        yield made


@pytest.fixture
def platform(world: ReportWorld, tmp_path: Path) -> Iterator[Platform]:
    site = make_site(make_library(RESOURCES, tmp_path / "none"), world.messages, PASSWORD)
    made = create_app(site, tmp_path / "platform", lambda: MORNING).state.platform
    yield made
    made.database.close()


def click(button: Button, world: ReportWorld) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    world.settle()


def test_there_and_back(world: ReportWorld, platform: Platform, qtbot: QtBot, tmp_path: Path) -> None:
    """Written: still 待发送; read: the key is compared with paper, then 平台已收; returned: its marks."""
    model = world.make_model()
    world.on_store(lambda workplace: seal(workplace, model.draft_id, world.now, "已核对"))
    stick = tmp_path / "U盘"
    stick.mkdir()
    page = SubmitPage(world.context)
    page.picker = lambda _parent, _title, _kinds: stick
    qtbot.addWidget(page)
    page.resize(1100, 680)
    page.show_draft(model)
    page.show()
    world.settle()
    card = page.stick
    click(card.write_button, world)
    assert world.told[-1] == ("请填写平台账号，受理时要用。", "warning") and not list(stick.iterdir())
    QTest.keyClicks(card.account, "filler")
    click(card.write_button, world)
    assert world.told[-1][1] == "good" and "仍是待发送" in world.told[-1][0]
    standing = page.standing
    assert standing is not None and standing.step is Step.WAITING
    assert page.state.text() == "待发送" and card.last.isVisible() and str(stick) in card.last.text()
    click(card.read_button, world)
    assert "没有这份材料的回复" in world.told[-1][0] and page.state.text() == "待发送"

    (taken,) = take_folder(platform, stick)
    click(card.read_button, world)
    dialog = card.dialog
    assert dialog is not None and dialog.isVisible() and not dialog.trust_button.isEnabled()
    digits = key_fingerprint(platform.key).partition(":")[2]
    for place, editor in dialog.editors.items():
        QTest.keyClicks(editor, digits[4 * place : 4 * place + 4])
    click(dialog.trust_button, world)
    standing = page.standing
    assert standing is not None and standing.step is Step.RECEIVED and standing.rehearsal
    assert standing.number == taken.number
    assert page.rehearsal.isVisible() and not card.last.isVisible()
    assert standing.platform.trusted_key == key_fingerprint(platform.key)

    unit = User("unit", Role.UNIT_ADMIN, "", "单位管理员", ("unit_review",))
    notes = Notes("请核对", ({"text": "名称不全", "path": "a01", "page": 0},))
    row = find_submission(platform, taken.number)
    decide(platform, unit, row, "unit_review", notes, approved=False)
    take_folder(platform, stick)
    click(card.read_button, world)
    standing = page.standing
    assert standing is not None and standing.step is Step.RETURNED and standing.returned is not None
    assert [one.path for one in standing.returned.marks] == ["a01"]
