"""The shell: pages by key, undo and redo, saving, looks, place, leaving."""

from __future__ import annotations

import re
import socket
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app import paths
from app.errors import AppError
from app.model.draft import Path as AnswerPath
from app.model.value import ItemType
from app.services.workplace import PLATFORM_AHEAD
from tests.ui.window_world import WindowWorld
from ui.draft_model import DraftModel, SaveState, Saving
from ui.line_probe import LineProbe
from ui.pages.about import About
from ui.pages.first_start import FirstStart

# the offscreen screen cannot tell a window manager about the size of a dialog, and says so
pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.qt_log_ignore("propagateSizeHints")]


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[WindowWorld]:
    world = WindowWorld(tmp_path)
    world.window.resize(1366, 768)
    world.window.show()
    world.window.start()
    world.settled()
    yield world
    world.close()


def text_field(model: DraftModel) -> AnswerPath:
    fields = model.session.programme.form.fields.values()
    return AnswerPath(next(one.id for one in fields if one.type is ItemType.TEXT and not one.calculated))


def press(window: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    QTest.keyClick(window, key, modifier)


def test_pages_are_reached_by_key(world: WindowWorld) -> None:
    """issue 3, Shell: all actions by keyboard; Ctrl and a number shows a page, built at its first visit."""
    window = world.window
    assert set(window.pages) >= {"home", "settings"}
    for number, page in enumerate(window.pages, 1):
        press(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.page == page
        assert window.stack.currentWidget() is window.built_page(page)
        assert window.rail.buttons[page].isChecked()
        world.settled()


def test_arrow_keys_walk_the_rail(world: WindowWorld) -> None:
    """issue 3, Shell: the rail is one stop of the tab key and is walked with the arrows."""
    window = world.window
    window.rail.buttons["home"].setFocus()
    QTest.keyClick(window.rail.buttons["home"], Qt.Key.Key_Down)
    assert window.page == window.pages[1]
    assert window.rail.buttons[window.pages[1]].hasFocus()
    QTest.keyClick(window.rail.buttons[window.pages[1]], Qt.Key.Key_Up)
    assert window.page == "home"
    stops = [one for one in window.rail.buttons.values() if one.focusPolicy() is Qt.FocusPolicy.StrongFocus]
    assert len(stops) == 1
    world.settled()


def test_undo_and_redo_by_key_and_saving_is_told(world: WindowWorld) -> None:
    """issue 3, Shell: Ctrl+Z and Ctrl+Y over all pages; the status line says 已保存 with the time."""
    model = world.make_model()
    window = world.window
    path = text_field(model)
    before = model.answers.get(path)
    assert not window.top.undo_button.isEnabled()
    model.set_text(path, "新的内容", "名称")
    assert "正在保存" in window.status.saving.text()
    world.settled()
    assert window.status.saving.text() == "✓ 已保存 10:00:00"
    assert "名称" in window.top.undo_button.toolTip()
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert model.answers.get(path) == before
    press(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert model.answers.get(path) == "新的内容"
    world.settled()
    again = world.open(model.draft_id)
    assert again is not model
    assert again.answers.get(path) == "新的内容"
    assert again.session.undo_label == "名称"


def test_what_cannot_be_saved_is_said_and_tried_again(world: WindowWorld) -> None:
    """issue 3, Shell: 未能保存 with the reason and what to do; nothing typed is lost meanwhile."""
    model = world.make_model()
    window = world.window
    path = text_field(model)
    world.on_store(lambda workplace: workplace.store.drafts.rename(model.draft_id, "甲"))
    other = world.on_store(lambda workplace: workplace.draft(model.draft_id))
    model.state = SaveState(Saving.FAILED, world.clock(), AppError("disk_full", file="shenbao.db"))
    model.save_state.emit(model.state)
    assert window.status.saving.accessibleName().startswith("✕ 未能保存：")
    assert window.status.retry_button.isVisible()
    model.set_text(path, "没有丢", "名称")
    world.settled()
    assert not window.status.retry_button.isVisible()
    stored = world.on_store(lambda workplace: workplace.draft(model.draft_id))
    assert (other.answers.get(path), stored.answers.get(path))[1] == "没有丢"


def test_opening_and_switching_change_nothing(world: WindowWorld) -> None:
    """issue 3: loading, switching and closing change nothing in the data."""
    first, second = world.make_draft(), world.make_draft("faulty.json")
    before = world.on_store(lambda workplace: [workplace.draft(one) for one in (first, second)])
    for draft in (first, second, first):
        world.open(draft)
        for page in world.window.pages:
            world.window.go(page, "")
            world.settled()
    world.window.open_draft("")
    world.settled()
    assert world.window.report.model is None
    assert world.on_store(lambda workplace: [workplace.draft(one) for one in (first, second)]) == before


def test_looks_change_at_once_and_the_report_stays_open(world: WindowWorld) -> None:
    """issue 3, Shell: light and dark, one text size up to 200 %; pages are made anew, the draft is kept."""
    model = world.make_model()
    window = world.window
    window.settings.put("scale", 2.0)
    window.settings.put("dark", True)
    world.settled()
    world.until(lambda: window.context.look.dark)
    assert window.context.look.scale == 2.0
    assert window.report.model is model
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    assert application.palette().window().color() == window.context.look.window
    assert window.status.saving.text().startswith("✓")


def test_the_rehearsal_switch_colours_the_window(world: WindowWorld) -> None:
    """issue 3: the rehearsal switch is seen in the whole window, on every page."""
    assert not world.window.strip.isVisible()
    world.window.settings.put("rehearsal", True)
    assert world.window.strip.isVisible()
    assert "演练" in world.window.strip.accessibleName()


def test_size_page_and_report_are_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    """issue 3, Shell: size, page and the last open report come back at the next start."""
    world = WindowWorld(tmp_path)
    world.window.show()
    world.window.start()
    world.settled()
    model = world.make_model()
    world.window.resize(790, 555)
    world.window.go("settings", "")
    world.close()
    again = WindowWorld(tmp_path, unit=None)
    again.window.show()
    again.window.start()
    again.until(lambda: again.window.report.model is not None)
    assert again.window.report.model is not None
    assert again.window.report.model.draft_id == model.draft_id
    assert again.window.page == "settings"
    assert (again.window.width(), again.window.height()) == (790, 555)
    again.close()


def test_the_unit_is_asked_for_once(qtbot: QtBot, tmp_path: Path) -> None:
    """issue 3, First start: name, code, kind, contacts, once; the credit code's check digit is hinted."""
    world = WindowWorld(tmp_path, unit=None)
    world.window.show()
    world.window.start()
    world.settled()
    page = world.window.stack.currentWidget()
    assert isinstance(page, FirstStart)
    assert not world.window.rail.isEnabled()
    QTest.mouseClick(page.done_button, Qt.MouseButton.LeftButton)
    assert page.trouble.isVisible()
    event = QInputMethodEvent("tian", [])
    event.setCommitString("天山众创空间")
    QApplication.sendEvent(page.form.name, event)
    QTest.keyClicks(page.form.code, "91650100ma7abcde0")
    assert page.form.code_told.text() == "还差 1 位"
    QTest.keyClicks(page.form.code, "q")
    assert "最后一位应为" in page.form.code_told.text()
    page.form.kind.setCurrentIndex(page.form.kind.findData("makerspace"))
    QTest.mouseClick(page.done_button, Qt.MouseButton.LeftButton)
    world.settled()
    assert world.window.page == "home"
    assert world.window.rail.isEnabled()
    assert world.window.stack.currentWidget() is world.window.built_page("home")
    world.close()
    again = WindowWorld(tmp_path, unit=None)
    again.window.start()
    again.settled()
    assert not isinstance(again.window.stack.currentWidget(), FirstStart)
    again.close()


def test_platform_time_is_set_against_the_pc(world: WindowWorld) -> None:
    """issue 3, Shell: platform time against PC time stands in the status line, Beijing time beside it."""
    status = world.window.status
    assert status.line.text() == "未设置平台"
    assert status.time.text() == "北京时间 12月28日 10:00"
    world.on_store(lambda workplace: workplace.store.settings.put(PLATFORM_AHEAD, 130.0))
    world.window.refresh()
    world.settled()
    assert status.platform.text() == "平台时间比本机快 2 分钟"
    status.show_platform("https://example.cn", -timedelta(seconds=30))
    status.show_line("unknown")
    assert (status.line.text(), status.platform.text()) == ("已设置平台，离线填报", "平台时间比本机慢 30 秒")


def test_about_names_versions_and_licences(world: WindowWorld, qtbot: QtBot) -> None:
    """issue 3, Shell: F1 opens the about page with versions and licences, also of the fonts."""
    press(world.window, Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier)
    about = world.window.findChild(About)
    assert about is not None
    names = {name for name, _, _ in about.rows}
    project = tomllib.loads((paths.resources().parent / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[=<>]", one)[0].lower() for one in project["dependencies"]}
    assert needed | {"python", "qt"} <= {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    assert "pytest" not in names
    assert all(version and licence for _, version, licence in about.rows)
    texts = {about.licence.itemText(place) for place in range(about.licence.count())}
    assert any("Jinja2" in text for text in texts) and any("LGPL" in text for text in texts)
    assert "SIL" in "".join(
        Path(about.licence.itemData(place)).read_text("utf-8") for place in range(about.licence.count())
    )
    about.reject()


def test_every_editor_and_button_has_a_name(world: WindowWorld) -> None:
    """issue 3: every editor has an accessible name; so do the buttons without words."""
    QAccessible.setActive(True)
    nameless: list[str] = []
    for page in ("home", "settings"):
        world.window.go(page, "")
        world.settled()
        widget = world.window.built_page(page)
        assert widget is not None
        for kind in (QLineEdit, QComboBox, QAbstractButton):
            for one in widget.findChildren(kind):
                own = one.objectName().startswith("qt_") or isinstance(one.parent(), QComboBox | QLineEdit)
                named = one.accessibleName() or (isinstance(one, QAbstractButton) and one.text())
                if not own and not named:
                    nameless.append(f"{page}: {type(one).__name__} in {type(one.parent()).__name__}")
    assert nameless == []


def send_in_vain() -> None:
    raise AppError("offline")


def test_the_line_is_asked_beside_the_window(world: WindowWorld) -> None:
    """issue 3, Shell: line state; another address is unknown at once, answers of the old one are dropped."""
    window, probe = world.window, world.window.findChild(LineProbe)
    assert isinstance(probe, LineProbe)
    closed = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    closed.close()
    probe.watch(address)
    assert window.status.line.text() == "已设置平台，离线填报"
    probe.ask()
    probe.ask()
    world.until(lambda: window.status.line.text() == "平台连不上，可离线填报")
    window.status.show_line("up")
    window.tasks.work(window, send_in_vain, lambda _sent: None, lambda _error: None)
    world.until(lambda: window.status.line.text() == "平台连不上，可离线填报")
    probe.ask()
    probe.watch("")
    world.settled()
    assert window.status.line.text() == "未设置平台"
