"""Stories of the whole window, by key, input method and clipboard: from nothing to a sealed report."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.exchange.clipboard import write_html, write_tsv
from app.model.finding import Severity
from app.model.value import Invalid
from app.services.recording import latest_snapshot
from tests.programmes.programme_folder import changed, write_folder
from tests.ui.events import compose, put_on_clipboard
from tests.ui.window_world import WindowWorld
from ui.draft_model import DraftModel
from ui.form.table_view import TableEditor
from ui.home.new_report import NewReport
from ui.pages.checks import ChecksPage
from ui.pages.draft import DraftPage
from ui.pages.first_start import FirstStart
from ui.pages.home import HomePage

pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.qt_log_ignore("propagateSizeHints")]

CONTROL, NO_MODIFIER = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
ROWS = 500


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in which a small programme lies, its money and its table to be warned about."""
    files = changed("checks.toml", 'gates = ["fill"]', 'gates = ["fill", "seal"]')
    write_folder(tmp_path / "programmes" / "mini", files)
    return tmp_path


@pytest.fixture
def worlds(qtbot: QtBot, folder: Path) -> Iterator[list[WindowWorld]]:
    opened: list[WindowWorld] = []
    yield opened
    for world in opened:
        world.close()


def start(worlds: list[WindowWorld], folder: Path) -> WindowWorld:
    """Start the program, after the last one has been closed."""
    for before in worlds:
        before.close()
    worlds.clear()
    world = WindowWorld(folder, unit=None)
    worlds.append(world)
    world.window.resize(1366, 768)
    world.window.show()
    world.window.start()
    world.settled()
    come_forward(world)
    return world


def come_forward(world: WindowWorld) -> None:
    """Do what a desktop does when a dialog or another window has closed."""
    world.window.activateWindow()
    QTest.qWaitForWindowActive(world.window)


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(world: WindowWorld, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    QTest.keyClick(QApplication.focusWidget() or world.window, key, modifier)
    world.settled()


def type_words(world: WindowWorld, words: str) -> None:
    """Type: Latin letters and digits by key, Chinese by the input method."""
    if words.isascii():
        QTest.keyClicks(focus(), words)
    else:
        compose(focus(), "pin", words)
    world.settled()


def fill_in_unit(world: WindowWorld) -> None:
    page = world.window.stack.currentWidget()
    assert isinstance(page, FirstStart)
    type_words(world, "天山众创空间")
    page.form.code.setFocus()
    type_words(world, "91650100MA7ABCDE0Q")
    page.form.kind.setCurrentIndex(page.form.kind.findData("makerspace"))
    page.done_button.setFocus()
    press(world, Qt.Key.Key_Space)


def make_report(world: WindowWorld) -> DraftModel:
    home = world.window.built_page("home")
    assert isinstance(home, HomePage)
    home.make_report()
    world.settled()
    dialog = next(one for one in world.window.findChildren(NewReport) if one.isVisible())
    dialog.programmes.setFocus()
    titles = [dialog.programmes.item(row).text() for row in range(dialog.programmes.count())]
    while "2022年度自评报告" not in titles[dialog.programmes.currentRow()]:
        row = dialog.programmes.currentRow()
        press(world, Qt.Key.Key_Down)
        assert dialog.programmes.currentRow() > row
    dialog.blank.setChecked(True)
    dialog.make_button.setFocus()
    press(world, Qt.Key.Key_Space)
    model = reopened(world)
    come_forward(world)
    return model


def reopened(world: WindowWorld) -> DraftModel:
    """Wait for the report that was open last time."""
    world.until(lambda: world.window.report.model is not None)
    world.settled()
    model = world.window.report.model
    assert model is not None
    return model


def draft_page(world: WindowWorld) -> DraftPage:
    page = world.window.built_page("draft")
    assert isinstance(page, DraftPage)
    return page


def table_of(world: WindowWorld, table_id: str) -> TableEditor:
    world.window.go("draft", table_id)
    world.settled()
    page = draft_page(world)
    return page.section_pages[page.current].tables[table_id]


def errors(model: DraftModel) -> list[str]:
    return [one.path for one in model.session.findings if one.severity is Severity.ERROR]


def test_a_report_is_filled_from_empty_to_sealed(worlds: list[WindowWorld], folder: Path) -> None:
    """issue 3, done when: a report from empty to sealed, F8 to zero errors, a warning with its reason."""
    world = start(worlds, folder)
    fill_in_unit(world)
    model = make_report(world)
    press(world, Qt.Key.Key_2, CONTROL)
    assert world.window.page == "draft"
    page = draft_page(world)

    assert errors(model) == ["a01"]
    page.outline.setFocus()
    press(world, Qt.Key.Key_F8)
    assert page.last_place == "a01"
    type_words(world, "天山众创空间有限公司")
    press(world, Qt.Key.Key_F8)
    assert errors(model) == ["a02"], "an item that another makes necessary"
    assert page.last_place == "a02"
    type_words(world, "-12.5")
    press(world, Qt.Key.Key_Tab)
    assert model.answers.values["a02"] == Decimal(-125000)
    assert errors(model) == []

    press(world, Qt.Key.Key_F8)
    assert page.last_place == "a02", "what is left is the warning"
    (line,) = page.section_pages[0].rows["a02"].lines
    assert line.reason is not None
    for _ in range(3):  # help, evidence, and there it is
        if not line.reason.hasFocus():
            press(world, Qt.Key.Key_Tab)
    assert line.reason.hasFocus()
    type_words(world, "当年退款，已附说明")
    press(world, Qt.Key.Key_Tab)
    (reason,) = model.answers.reasons.values()
    assert reason == "当年退款，已附说明"
    press(world, Qt.Key.Key_F8)
    assert "没有" in world.window.banner.message.text()

    editor = table_of(world, "t1")
    rows = [["喀什团队", "3"], ["伊宁团队", "12"]]
    put_on_clipboard(write_tsv(rows), write_html(rows, [0]))
    press(world, Qt.Key.Key_V, CONTROL)
    assert editor.doing.dialog is not None
    editor.doing.dialog.accept()
    world.settled()
    come_forward(world)
    assert [row.cells["name"] for row in model.answers.tables["t1"]] == ["喀什团队", "伊宁团队"]

    press(world, Qt.Key.Key_3, CONTROL)
    checks = world.window.built_page("checks")
    assert isinstance(checks, ChecksPage)
    checks.seal_button.setFocus()
    press(world, Qt.Key.Key_Space)
    world.settled()
    draft_id = model.draft_id
    snapshot = world.on_store(lambda workplace: latest_snapshot(workplace, draft_id))
    assert snapshot is not None
    assert snapshot.short in checks.desk.state.text()

    world = start(worlds, folder)
    again = reopened(world)
    assert again.answers == model.answers
    while again.session.undo_label is not None:
        press(world, Qt.Key.Key_Z, CONTROL)
    assert not again.answers.values
    assert not again.answers.reasons
    assert not again.answers.tables.get("t1")


def test_500_rows_from_excel_are_pasted_and_taken_back_after_a_restart(
    worlds: list[WindowWorld], folder: Path
) -> None:
    """issue 3, done when: paste 500 rows from an Excel clipboard, undo, redo, restart, undo."""
    world = start(worlds, folder)
    fill_in_unit(world)
    model = make_report(world)
    editor = table_of(world, "t1")
    rows = [[f"团队{number}", str(number % 40 + 1)] for number in range(ROWS)]
    rows[7][1] = "１２"  # full-width digits are read, with a hint
    rows[9][1] = "约 5"  # no number: kept as typed, found by the check
    put_on_clipboard(write_tsv(rows), write_html(rows, [0]))
    press(world, Qt.Key.Key_V, CONTROL)
    dialog = editor.doing.dialog
    assert dialog is not None, "what is not clean is shown before it is taken over"
    dialog.accept()
    world.settled()
    come_forward(world)
    pasted = model.answers.tables["t1"]
    assert len(pasted) == ROWS
    assert (pasted[7].cells["people"], pasted[9].cells["people"]) == (12, Invalid("约 5"))

    press(world, Qt.Key.Key_Z, CONTROL)
    assert not model.answers.tables.get("t1")
    press(world, Qt.Key.Key_Y, CONTROL)
    assert model.answers.tables["t1"] == pasted

    world = start(worlds, folder)
    again = reopened(world)
    assert again.answers.tables["t1"] == pasted
    press(world, Qt.Key.Key_Z, CONTROL)
    assert not again.answers.tables.get("t1")
    press(world, Qt.Key.Key_Y, CONTROL)
    assert again.answers.tables["t1"] == pasted


def test_half_typed_words_are_kept_wherever_one_goes(worlds: list[WindowWorld], folder: Path) -> None:
    """issue 3, Chinese input methods: preedit is kept at section, page and window switch and while typing."""
    world = start(worlds, folder)
    fill_in_unit(world)
    model = make_report(world)
    page = draft_page(world)

    def half_type(words: str) -> None:
        world.window.go("draft", "a01")
        world.settled()
        line = focus()
        assert isinstance(line, QLineEdit)
        line.selectAll()
        compose(line, words)

    half_type("喀什")
    world.until(lambda: model.answers.values.get("a01") == "喀什")  # after a pause, nothing pressed
    half_type("伊宁")
    page.show_section(0)
    world.window.go("home", "")
    world.settled()
    assert model.answers.values["a01"] == "伊宁"
    half_type("和田")
    other = QWidget()
    other.show()
    other.activateWindow()
    QTest.qWaitForWindowActive(other)
    world.settled()
    assert model.answers.values["a01"] == "和田"
    other.close()
    come_forward(world)

    editor = table_of(world, "t1")
    editor.actions_by_name["add"].trigger()
    world.settled()
    compose(focus(), "", "阿克苏")  # chosen at once, without a preedit
    compose(focus(), "pin")
    world.window.go("home", "")
    world.settled()
    assert [row.cells.get("name") for row in model.answers.tables["t1"]] == ["阿克苏pin"]
    stored = world.on_store(lambda workplace: workplace.draft(model.draft_id))
    assert stored.answers == model.answers
