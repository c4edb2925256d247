"""The window used hard for a while: sections, tables, paste, undo, looks, pages, again and again."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLayout, QLayoutItem, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from app.model.draft import Answers
from tests.ui.events import compose, put_on_clipboard
from tests.ui.window_world import WindowWorld
from ui.draft_model import DraftModel
from ui.form.table_view import TableEditor
from ui.garbage import Collector
from ui.pages.draft import DraftPage

pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.qt_log_ignore("propagateSizeHints")]

TURNS = int(os.environ.get("SHENBAO_TURNS", "30"))
"""How many things are done; ``SHENBAO_TURNS=5000`` for the long run."""


class Windows(QObject):
    """Notes what becomes a window: a part shown before it has a parent flashes up and takes the keys away."""

    def __init__(self) -> None:
        super().__init__()
        self.stray: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            popup = watched.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
            if not popup and not isinstance(watched, QDialog | QMainWindow):
                self.stray.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


class Hands:
    """Does one thing after the other, by chance."""

    def __init__(self, world: WindowWorld, drafts: list[str], seed: int) -> None:
        self.world, self.window = world, world.window
        self.drafts = drafts
        self.chance = random.Random(seed)
        self.collector = Collector(world.window)
        self.acts: list[Callable[[], None]] = [
            self.section, self.section, self.table, self.table, self.cell, self.cell, self.paste,
            self.undo, self.redo, self.page, self.look, self.report, self.collect, self.sort, self.delete,
        ]  # fmt: skip

    @property
    def model(self) -> DraftModel:
        model = self.window.report.model
        assert model is not None
        return model

    @property
    def form(self) -> DraftPage:
        self.window.go("draft", "")
        page = self.window.built_page("draft")
        assert isinstance(page, DraftPage)
        return page

    def turn(self) -> str:
        act = self.chance.choice(self.acts)
        act()
        for _ in range(self.chance.randrange(3)):
            QApplication.processEvents()
        return act.__name__

    def section(self) -> None:
        self.form.show_section(self.chance.randrange(len(self.model.session.programme.form.sections)))

    def editor(self) -> TableEditor:
        table_id = self.chance.choice(list(self.model.session.programme.form.tables))
        page = self.form
        page.show_place(table_id)
        return page.section_pages[page.current].tables[table_id]

    def table(self) -> None:
        editor = self.editor()
        if editor.model.rowCount():
            row = self.chance.randrange(editor.model.rowCount())
            editor.grid.go_to(row, self.chance.randrange(editor.model.columnCount()))

    def cell(self) -> None:
        self.table()
        target = QApplication.focusWidget()
        if target is not None:
            compose(target, self.chance.choice(("", "ka")), "喀什")
            target = QApplication.focusWidget() or target
            QTest.keyClicks(target, "12")
            if self.chance.random() < 0.7:
                key = self.chance.choice((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape))
                QTest.keyClick(QApplication.focusWidget() or target, key)

    def paste(self) -> None:
        editor = self.editor()
        rows = self.chance.randrange(1, 40)
        put_on_clipboard("\n".join(f"企业{n}\t{n}" for n in range(rows)))
        editor.actions_by_name["paste"].trigger()
        dialog = editor.doing.dialog
        if dialog is not None:
            QApplication.processEvents()
            agreed = self.chance.random() < 0.7
            if shiboken6.isValid(dialog):  # another look, asked for before, takes it away
                dialog.accept() if agreed else dialog.reject()

    def delete(self) -> None:
        self.table()
        self.editor().actions_by_name[self.chance.choice(("delete", "add", "insert", "up", "fill"))].trigger()

    def sort(self) -> None:
        editor = self.editor()
        editor.sort_by(self.chance.randrange(-1, editor.model.columnCount()), self.chance.random() < 0.5)
        editor.filter.setText(self.chance.choice(("", "企", "9")))
        editor.filter.returnPressed.emit()

    def undo(self) -> None:
        self.window.undo()

    def redo(self) -> None:
        self.window.redo()

    def page(self) -> None:
        self.window.go(self.chance.choice(self.window.pages), "")

    def look(self) -> None:
        self.window.settings.put("dark", self.chance.random() < 0.5)
        self.window.settings.put("scale", self.chance.choice((1.0, 1.5)))

    def report(self) -> None:
        if self.chance.random() < 0.4:
            self.world.settled()
            self.world.open(self.chance.choice(self.drafts))

    def collect(self) -> None:
        self.collector._collect()


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[WindowWorld]:
    world = WindowWorld(tmp_path)
    world.window.show()
    world.window.start()
    world.settled()
    yield world
    world.close()


def test_the_window_outlives_hard_use(world: WindowWorld) -> None:
    """issue 3: nothing breaks however sections, tables, looks and reports follow each other.

    What stands at the end is on the disk, and everything can be taken back.
    """
    drafts = [world.make_draft(), world.make_draft("faulty.json")]
    before = {one: world.open(one).answers for one in drafts}
    hands = Hands(world, drafts, TURNS)
    for _ in range(TURNS):
        hands.turn()
    world.settled()
    for draft in drafts:
        model = world.open(draft)
        assert stored_answers(world, draft) == model.answers
        while model.session.undo_label is not None:
            model.undo()
        assert model.answers == before[draft]
    world.settled()
    hands.collector.stop()


def stored_answers(world: WindowWorld, draft: str) -> Answers:
    return world.on_store(lambda workplace: workplace.draft(draft)).answers


def test_items_of_layouts_are_let_go(world: WindowWorld) -> None:
    """issue 3: PySide takes a new widget for a dead item of a layout at the same address, and breaks.

    Every page and section is built, and rows go over to their narrow form: no such item is kept in mind, and
    no part of a page becomes a window on the way.
    """
    windows = Windows()
    QApplication.instance().installEventFilter(windows)  # type: ignore[union-attr]
    world.make_model()
    for page in world.window.pages:
        world.window.go(page, "")
        world.settled()
    hands = Hands(world, [], 0)
    for section in range(len(hands.model.session.programme.form.sections)):
        hands.form.show_section(section)
        world.settled()
    for width in (800, 1366):
        world.window.resize(width, 700)
        world.settled()
    hands.collect()
    hands.collector.stop()
    assert windows.stray == []
    kept = [one for one in shiboken6.getAllValidWrappers() if isinstance(one, QLayoutItem)]
    assert [one for one in kept if not isinstance(one, QLayout)] == []
