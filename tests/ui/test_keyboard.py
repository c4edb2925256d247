"""Everything by keyboard alone, and everything with a name: every page of the window is walked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QButtonGroup,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.events import put_on_clipboard
from tests.ui.window_world import WindowWorld
from ui.context import Page
from ui.form.editors_choice import YesNoEditor
from ui.form.table_grid import GridView
from ui.form.table_header import FrozenColumn
from ui.main_window import PAGES
from ui.pages.draft import DraftPage
from ui.pages.home import HomePage
from ui.rail import RailButton

pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.qt_log_ignore("propagateSizeHints")]

ACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)
MOST_TABS = 600


def show_of(widget: QWidget) -> str:
    words = widget.text() if isinstance(widget, QAbstractButton | QLineEdit) else ""
    return f"{type(widget).__name__} «{widget.accessibleName() or words}» in {type(widget.parent()).__name__}"


def is_part(widget: QWidget) -> bool:
    """Tell whether a widget is a piece of another that takes the keys for it, or shows only."""
    parent = widget.parent()
    if parent is not None and parent.metaObject().className() == "QComboBoxPrivateContainer":
        return True
    inner = isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit | QAbstractItemView | QTabBar)
    return inner or widget.objectName().startswith("qt_") or isinstance(widget, FrozenColumn)


def active_parts(root: QWidget) -> list[QWidget]:
    """Give what a mouse could work on: shown, switched on, and no piece of something else."""
    return [
        one
        for one in root.findChildren(QWidget)
        if isinstance(one, ACTIVE) and one.isVisibleTo(root) and one.isEnabled() and not is_part(one)
    ]


def owner_of(widget: QWidget | None, parts: list[QWidget]) -> QWidget | None:
    while widget is not None and widget not in parts:
        widget = widget.parentWidget()
    return widget


def walk(window: QWidget, parts: list[QWidget]) -> set[QWidget]:
    """Press Tab until the walk comes round, and give what had the focus on the way."""
    start = QApplication.focusWidget()
    if start is None:
        QTest.keyClick(window, Qt.Key.Key_Tab)
        start = QApplication.focusWidget()
    found: set[QWidget] = set()
    seen = 0
    for _ in range(MOST_TABS):
        focus = QApplication.focusWidget()
        owner = owner_of(focus, parts)
        seen = 0 if owner is not None and owner not in found else seen + 1
        if owner is not None:
            found.add(owner)
        if seen > 60:
            break
        # Tab goes through the cells of a table; Ctrl and Tab leave it
        inside = isinstance(focus, GridView)
        modifier = Qt.KeyboardModifier.ControlModifier if inside else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(focus or window, Qt.Key.Key_Tab, modifier)
    return found


def has_key(widget: QWidget, found: set[QWidget]) -> bool:
    """Tell whether a widget that Tab does not reach has a key of its own."""
    if isinstance(widget, RailButton):
        return bool(widget.accessibleDescription())  # Ctrl and a number, and the arrows in the rail
    if isinstance(widget.parent(), YesNoEditor):
        return True  # Delete on 是 or 否 empties the answer
    if isinstance(widget, QToolButton) and widget.defaultAction() is not None:
        return bool(widget.defaultAction().shortcuts())
    if isinstance(widget, QAbstractButton):
        group: QButtonGroup | None = widget.group()
        together = group is not None and any(one in found for one in group.buttons())
        exclusive = widget.autoExclusive() and any(one.parent() is widget.parent() for one in found)
        return bool(widget.shortcut().toString()) or together or exclusive
    return False


def is_reached(action: QAction, found: set[QWidget]) -> bool:
    """Tell whether an action has a key, or stands in a menu or on a button that has one."""
    if action.objectName().startswith("_q_"):  # the cross in a line that Escape or Delete empties as well
        return True
    if action.shortcuts() or action.isSeparator() or not action.isEnabled() or not action.isVisible():
        return True
    for holder in action.associatedObjects():
        if isinstance(holder, QMenu):
            owners = [one for one in found if isinstance(one, QToolButton) and one.menu() is holder]
            if owners or holder.menuAction().associatedObjects():
                return True
        if holder in found:
            return True
    return False


def nameless(root: QWidget) -> list[str]:
    return [
        show_of(one)
        for one in root.findChildren(QWidget)
        if isinstance(one, ACTIVE)
        and one.isVisibleTo(root)
        and not is_part(one)
        and not one.accessibleName()
        and not (isinstance(one, QAbstractButton) and one.text())
        and not (isinstance(one, QTabBar) and one.count() and all(map(one.tabText, range(one.count()))))
    ]


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[WindowWorld]:
    world = WindowWorld(tmp_path)
    world.window.resize(1366, 768)
    world.window.show()
    world.window.start()
    world.settled()
    world.window.activateWindow()
    QTest.qWaitForWindowActive(world.window)
    yield world
    world.close()


@pytest.mark.parametrize("opened", [False, True])
def test_every_action_is_reached_by_keyboard_and_named(world: WindowWorld, opened: bool) -> None:
    """issue 3, done when: every action reachable by keyboard alone; every editor has an accessible name."""
    if opened:
        world.make_model("faulty.json")
    window = world.window
    missed: list[str] = []
    silent: list[str] = []
    for page in PAGES:
        window.go(page, "")
        world.settled()
        missed += [f"{page}: {one}" for one in unreached(world, page)]
        silent += [f"{page}: {one}" for one in nameless(window)]
    assert missed == [], "\n".join(sorted(set(missed)))
    assert silent == [], "\n".join(sorted(set(silent)))


def unreached(world: WindowWorld, page: Page) -> list[str]:
    window = world.window
    parts = active_parts(window)
    focus = QApplication.focusWidget()
    if focus is not None:
        focus.clearFocus()
    found = walk(window, parts)
    world.settled()
    missed = [show_of(one) for one in parts if one not in found and not has_key(one, found)]
    shown = window.built_page(page)
    assert shown is not None
    holders = [one for one in (shown, *shown.findChildren(QWidget)) if one.isVisibleTo(window)]
    actions = [one for holder in holders for one in holder.actions()]
    return missed + [f"action «{one.text()}»" for one in actions if not is_reached(one, found)]


def test_every_section_is_reached_by_keyboard(world: WindowWorld) -> None:
    """issue 3: Tab goes through every editor, button and table of every section, and out again."""
    world.make_model("faulty.json")
    window = world.window
    window.go("draft", "")
    page = window.built_page("draft")
    assert isinstance(page, DraftPage)
    missed = []
    for number in range(len(page.states)):
        page.show_section(number)
        page.check_section()
        world.settled()
        missed += unreached(world, "draft")
        missed += nameless(page)
    assert missed == [], "\n".join(sorted(set(missed)))


def test_dialogs_are_named_and_reached(world: WindowWorld) -> None:
    """issue 3: the same holds for what opens over the pages."""
    world.make_model("faulty.json")
    window = world.window
    window.go("home", "")
    world.settled()
    home = window.built_page("home")
    assert isinstance(home, HomePage)
    home.make_report()
    missed = take_dialogs(world)
    window.show_about()
    missed += take_dialogs(world)
    window.go("draft", "")
    page = window.built_page("draft")
    assert isinstance(page, DraftPage)
    page.show_place("t1")
    world.settled()
    put_on_clipboard("甲公司\t1\n乙公司\t2")
    editor = page.section_pages[page.current].tables["t1"]
    editor.actions_by_name["paste"].trigger()
    missed += take_dialogs(world)
    assert missed == [], "\n".join(sorted(set(missed)))


def take_dialogs(world: WindowWorld) -> list[str]:
    world.settled()
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    assert dialogs
    missed = []
    for dialog in dialogs:
        dialog.activateWindow()
        QTest.qWaitForWindowActive(dialog)
        parts = active_parts(dialog)
        found = walk(dialog, parts)
        missed += [show_of(one) for one in parts if one not in found and not has_key(one, found)]
        missed += nameless(dialog)
        dialog.reject()
    world.settled()
    return missed
