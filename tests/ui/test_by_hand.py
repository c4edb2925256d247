"""A report filed by hand goes its whole way in the window, each step registered (issue «Sending»)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app import paths
from app.model.draft import Path as Place
from app.model.submission import EventKind, EventSource
from app.services.printing import print_packet
from app.services.recording import seal
from app.services.reports import list_reports
from app.services.standing import Step
from tests.ui.window_world import WindowWorld
from ui.home.card import ReportCard
from ui.home.register import RegisterDialog
from ui.pages.home import HomePage
from ui.pages.submit import SubmitPage
from ui.parts import Button

pytestmark = [
    pytest.mark.xdist_group("window"),
    pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support"),
]


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[WindowWorld]:
    world = WindowWorld(tmp_path / "data")
    world.window.resize(1366, 768)
    world.window.show()
    world.window.start()
    world.settled()
    yield world
    world.close()


def submit_page(world: WindowWorld) -> SubmitPage:
    world.window.go("submit", "")
    world.settled()
    page = world.window.built_page("submit")
    assert isinstance(page, SubmitPage)
    page.reload()
    world.settled()
    return page


def register(
    world: WindowWorld,
    kind: str,
    *,
    note: str = "",
    stage: str = "",
    grade: str = "",
    file: Path | None = None,
) -> None:
    """Register a step on 首页, as a clerk does."""
    world.window.go("home", "")
    home = world.window.built_page("home")
    assert isinstance(home, HomePage)
    home.reload()
    world.settled()
    (card,) = [card for card in home.cards if isinstance(card, ReportCard)]
    QTest.mouseClick(card.register_button, Qt.MouseButton.LeftButton)
    dialog = home.findChild(RegisterDialog)
    assert dialog is not None
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    if stage:
        dialog.stage.setCurrentIndex(dialog.stage.findData(stage))
    if grade:
        dialog.grade.setCurrentText(grade)
    if file is not None:
        dialog.picker = lambda _parent, _title, _kinds: file
        QTest.mouseClick(dialog.file_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(dialog.who, "lisi")
    dialog.note.setPlainText(note)
    assert dialog.save_button.isEnabled()
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    world.settled()
    world.until(lambda: home.findChild(RegisterDialog) is None or not dialog.isVisible())
    dialog.deleteLater()
    world.settled()


def submit_by_hand(world: WindowWorld, shot: Path) -> SubmitPage:
    page = submit_page(world)
    page.picker = lambda _parent, _title, _kinds: shot
    QTest.mouseClick(page.register_button, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    QTest.keyClicks(dialog.number, "XJ-2022-0042")
    QTest.keyClicks(dialog.who, "zhoumin")
    QTest.mouseClick(dialog.file_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    world.settled()
    return submit_page(world)


def test_a_report_filed_by_hand_goes_its_whole_way(world: WindowWorld, tmp_path: Path) -> None:
    """§ Client: from 已在门户提交 on to review, return, approval, paper and result, with equal rank."""
    shot = tmp_path / "提交成功.png"
    shot.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    model = world.make_model()
    draft_id = model.draft_id

    def seal_it() -> None:
        done = world.on_store(lambda workplace: seal(workplace, draft_id, world.clock(), "已核对"))
        assert done.snapshot is not None

    seal_it()
    page = submit_by_hand(world, shot)
    assert page.state.text() == "已在门户提交"
    told = page.about.text()
    assert "XJ-2022-0042" in told and "zhoumin" in told and "人工登记，附截图" in told
    assert page.corrections.isHidden()

    register(world, "returned", note="名称与执照不符", stage="prefecture_review")
    page = submit_page(world)
    assert page.standing is not None and page.standing.step is Step.RETURNED
    assert page.state.text() == "被退回" and not page.corrections.isHidden()
    assert "还没有改动" in page.corrections.findChildren(QLabel)[0].text()
    model.set_value(Place("a01"), "改正后的众创空间", "名称")
    world.settled()
    page = submit_page(world)
    shown = "\n".join(label.text() for label in page.corrections.findChildren(QLabel))
    assert "有 1 处不同" in shown and "改正后的众创空间" in shown
    (go,) = page.corrections.findChildren(Button)
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    world.settled()
    assert world.window.page == "draft"

    seal_it()
    submit_by_hand(world, shot)
    for kind, step in (("unit_approved", "单位审核通过"), ("approved", "审核通过")):
        register(world, kind)
        page = submit_page(world)
        assert page.state.text() == step and "人工登记" in page.about.text()
    assert page.corrections.isHidden()
    samples = paths.resources() / "programmes" / model.session.programme.id / "samples" / "files"
    register(world, "downloaded", file=next(samples.glob("*.pdf")))
    world.on_store(
        lambda workplace: print_packet(
            workplace, draft_id, tmp_path / "paper", world.clock(), reason="已与门户逐页核对"
        )
    )
    for kind in ("signed", "stamped", "sent_for_stamp", "stamped_by_bureau", "bound", "delivered"):
        register(world, kind)
    register(world, "result", grade=model.session.programme.grades[0])
    (report,) = world.on_store(lambda workplace: list_reports(workplace, world.clock()))
    assert report.next is None
    by_hand = [event.kind for event in report.events if event.source is EventSource.HAND]
    assert by_hand[0] is EventKind.SUBMITTED and by_hand[-1] is EventKind.RESULT
    assert EventKind.UPLOADED not in {event.kind for event in report.events}
