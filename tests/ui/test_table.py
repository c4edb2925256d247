"""A detail table edited with real keys, input methods and undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.model.value import Invalid
from tests.ui.table_world import TableWorld, firm_rows
from ui.form.table_edits import without_rows

Key = Qt.Key
CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", r"raise\(\)", "grabbing the keyboard")
Make = Callable[..., TableWorld]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    worlds: list[TableWorld] = []

    def build(count: int = 5, **more: object) -> TableWorld:
        world = TableWorld(tmp_path / str(len(worlds)), firm_rows(count), **more)  # type: ignore[arg-type]
        world.show()
        worlds.append(world)
        return world

    yield build
    for world in worlds:
        world.close()


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(focused(), key, modifiers)


def type_text(text: str) -> None:
    for character in text:
        QTest.keyClicks(focused(), character)


def test_typing_and_moving(make: Make) -> None:
    """Issue 3, tables: edit in place; Enter goes down, Tab right, back to the column where the run began."""
    world = make()
    world.go(0, "phone")
    type_text("13900001111")
    press(Key.Key_Tab)
    assert world.cell(0, "phone") == "13900001111"
    type_text("2022/3/5")
    press(Key.Key_Tab)
    type_text("12")
    press(Key.Key_Return)
    assert world.cell(0, "day") == date(2022, 3, 5)
    assert world.cell(0, "staff") == 12
    assert (world.grid.currentIndex().row(), world.grid.currentIndex().column()) == (1, world.column("phone"))
    press(Key.Key_Backtab)
    assert world.grid.currentIndex().column() == world.column("person")


def test_one_undo_step_for_one_cell(make: Make) -> None:
    """Issue 3: one undo step per action, its name in Chinese."""
    world = make()
    before = world.draft.answers
    world.go(1, "amount")
    type_text("271.5")
    press(Key.Key_Return)
    assert world.cell(1, "amount") == Decimal(2715000)
    assert world.session.undo_label == "修改「入驻企业清单」第 2 行「投资额」"
    world.draft.undo()
    assert world.draft.answers == before
    world.draft.redo()
    assert world.cell(1, "amount") == Decimal(2715000)


def test_wrong_text_is_kept_and_shown(make: Make) -> None:
    """Architecture: a typed text that is no number stays, is shown in the error colour, and says why."""
    world = make()
    world.go(0, "staff")
    type_text("12x")
    press(Key.Key_Return)
    assert world.cell(0, "staff") == Invalid("12x")
    index = world.index(0, "staff")
    assert index.data(Qt.ItemDataRole.ForegroundRole).color() == world.look.error
    assert "这里要填整数" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_escape_takes_nothing(make: Make) -> None:
    """Issue 3: Escape gives up the typing."""
    world = make()
    before = world.draft.answers
    world.go(0, "name")
    type_text("abc")
    press(Key.Key_Escape)
    assert world.draft.answers == before
    assert world.session.undo_label is None


def test_typing_reaches_the_report_after_a_pause(make: Make, qtbot: QtBot) -> None:
    """Issue 3: what is older than a second survives a power cut; still one undo step, and Escape works."""
    world = make()
    before = world.draft.answers
    world.go(0, "name")
    type_text("abc")
    qtbot.waitUntil(lambda: world.cell(0, "name") == "abc", timeout=3000)
    type_text("def")
    press(Key.Key_Return)
    assert world.cell(0, "name") == "abcdef"
    world.draft.undo()
    assert world.draft.answers == before
    world.go(0, "name")
    type_text("xyz")
    qtbot.waitUntil(lambda: world.cell(0, "name") == "xyz", timeout=3000)
    press(Key.Key_Escape)
    assert world.draft.answers == before


def test_bare_commit_of_an_input_method(make: Make) -> None:
    """Seed of testing.md: a commit without preedit into a cell is not lost (Qt loses it)."""
    world = make()
    world.go(0, "name")
    world.commit("喀什众创")
    press(Key.Key_Return)
    assert world.cell(0, "name") == "喀什众创"


def test_preedit_and_commit(make: Make) -> None:
    """Issue 3: composed text reaches the cell."""
    world = make()
    world.go(0, "name")
    world.commit("喀什众创", preedit="kashi")
    press(Key.Key_Return)
    assert world.cell(0, "name") == "喀什众创"


def test_half_typed_text_is_not_lost(make: Make) -> None:
    """Asks 33: half-typed text is taken over before the table is shut or undo is asked for."""
    world = make()
    world.go(0, "name")
    world.commit("新", preedit="xin")
    QApplication.sendEvent(focused(), QInputMethodEvent("疆", []))
    world.draft.settle()
    assert world.cell(0, "name") == "新疆"


def test_choices(make: Make) -> None:
    """Issue 3: choices by a list that can be typed into; an unknown word is kept as typed."""
    world = make()
    world.go(0, "kind")
    world.commit("团队")
    press(Key.Key_Return)
    assert world.cell(0, "kind") == "team"
    world.commit("个人")
    press(Key.Key_Return)
    assert world.cell(1, "kind") == Invalid("个人")
    world.go(2, "listed")
    press(Key.Key_F2)
    press(Key.Key_Down)
    press(Key.Key_Return)
    assert world.cell(2, "listed") is True


def test_enter_on_the_last_row_adds_one(make: Make) -> None:
    """Issue 3: a new row at the end by Enter on the last row, quiet until it is left."""
    world = make(2)
    world.go(1, "name")
    press(Key.Key_Return)
    assert len(world.rows) == 3
    assert world.grid.currentIndex().row() == 2
    world.go(2, "staff")
    type_text("5")
    press(Key.Key_Tab)
    assert world.model.rows.worst(2, world.column("name")) is None
    assert any(one.path.startswith(f"t1/{world.rows[2].id}") for one in world.session.findings)
    assert world.model.rows.row_worst(2) is None
    world.go(0, "name")
    assert world.model.rows.row_worst(2) is not None


@pytest.mark.parametrize(
    ("key", "modifiers"), [(Key.Key_Insert, Qt.KeyboardModifier.NoModifier), (Key.Key_Return, CTRL)]
)
def test_adding_by_keys(make: Make, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    """Issue 3: Insert and Ctrl+Enter add a row at the end."""
    world = make(2)
    world.go(0, "name")
    press(key, modifiers)
    assert [row.id for row in world.rows][:2] == ["r1", "r2"]
    assert len(world.rows) == 3


def test_rows_inserted_moved_deleted(make: Make) -> None:
    """Issue 3: insert above, move, delete; each one undo step; row ids stay."""
    world = make(4)
    start = world.draft.answers
    world.go(2, "name")
    press(Key.Key_I, CTRL)
    new = world.rows[2].id
    assert [row.id for row in world.rows] == ["r1", "r2", new, "r3", "r4"]
    world.go(3, "name")
    press(Key.Key_Up, ALT)
    assert [row.id for row in world.rows] == ["r1", "r2", "r3", new, "r4"]
    assert world.model.rows.row_id(world.grid.currentIndex().row()) == "r3"
    press(Key.Key_Down, ALT)
    world.go(2, "name")
    press(Key.Key_Delete, CTRL)
    assert [row.id for row in world.rows] == ["r1", "r2", "r3", "r4"]
    assert world.session.undo_label == "「入驻企业清单」删除 1 行"
    for _ in range(4):
        world.draft.undo()
    assert world.draft.answers == start
    assert [world.model.rows.row_id(row) for row in range(4)] == ["r1", "r2", "r3", "r4"]


def test_cursor_follows_its_row(make: Make) -> None:
    """Issue 3: model index and row id belong together after deleting and undo."""
    world = make(6)
    world.go(4, "phone")
    world.draft.change(without_rows(world.draft.answers, "t1", {"r1", "r3"}), "删除")
    assert world.model.rows.row_id(world.grid.currentIndex().row()) == "r5"
    world.draft.undo()
    assert world.model.rows.row_id(world.grid.currentIndex().row()) == "r5"
    assert world.shown("name") == [f"天山企业{n:04}" for n in range(1, 7)]


def test_fill_down_and_clear(make: Make) -> None:
    """Issue 3: fill down (Ctrl+D) and Delete are one step each."""
    world = make(5)
    world.go(0, "staff")
    for _ in range(4):
        press(Key.Key_Down, SHIFT)
    press(Key.Key_D, CTRL)
    assert {world.cell(row, "staff") for row in range(5)} == {2}
    assert world.session.undo_label == "「入驻企业清单」向下填充 4 格"
    press(Key.Key_Delete)
    assert {world.cell(row, "staff") for row in range(5)} == {None}
    world.draft.undo()
    world.draft.undo()
    assert [world.cell(row, "staff") for row in range(5)] == [2, 3, 4, 5, 6]


def test_sorting_and_filtering_change_no_data(make: Make, qtbot: QtBot) -> None:
    """Issue 3: sort and filter are of the view; rearranging is an edit with one undo step."""
    world = make(9)
    before = world.draft.answers
    world.editor.sort_by(world.column("amount"), True)
    assert world.shown("name")[0] == "天山企业0009"
    assert world.model.headerData(0, Qt.Orientation.Vertical) == "9"
    world.editor.filter.setText("团队")
    qtbot.waitUntil(lambda: world.model.rowCount() == 3)
    assert world.shown("name") == ["天山企业0009", "天山企业0006", "天山企业0003"]
    assert world.draft.answers is before
    world.go(0, "staff")
    type_text("77")
    press(Key.Key_Return)
    assert world.cell(8, "staff") == 77
    world.editor.filter.clear()
    world.editor.sort_by(-1)
    qtbot.waitUntil(lambda: world.model.rowCount() == 9)
    world.editor.sort_by(world.column("staff"), True)
    world.editor.rearrange(world.column("staff"))
    assert [row.id for row in world.rows][:2] == ["r9", "r8"]
    assert world.session.undo_label == "「入驻企业清单」按「人数」重排"
    world.draft.undo()
    assert [row.id for row in world.rows] == [f"r{n}" for n in range(1, 10)]


def test_new_rows_show_while_filtered(make: Make, qtbot: QtBot) -> None:
    """Issue 3: a row added while filtering stays in sight."""
    world = make(6)
    world.editor.filter.setText("0003")
    qtbot.waitUntil(lambda: world.model.rowCount() == 1)
    world.act("add")
    assert world.model.rowCount() == 2
    world.editor.show_place("r5", "phone")
    assert world.model.rowCount() == 7
    assert world.model.rows.row_id(world.grid.currentIndex().row()) == "r5"


def test_findings_in_place(make: Make) -> None:
    """Issue 3: findings tint the cell, stand in its tooltip and in the line below; reasons too."""
    world = make(3)
    world.go(1, "staff")
    type_text("4000")
    press(Key.Key_Return)
    index = world.index(1, "staff")
    assert index.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert index.data(Qt.ItemDataRole.DecorationRole) is not None
    world.go(1, "name")
    lines = world.editor.findings.lines
    assert len(lines) == 1
    assert lines[0].words.text() in index.data(Qt.ItemDataRole.ToolTipRole)
    reason = lines[0].reason
    assert reason is not None
    reason.setFocus()
    world.commit("集团口径", reason)
    world.draft.settle()
    world.grid.setFocus()
    assert list(world.draft.answers.reasons.values()) == ["集团口径"]


def test_calculated_and_derived_cells_are_locked(make: Make) -> None:
    """Issue 3: calculated cells are readonly; a derived table takes no rows but typed cells."""
    world = make(3)
    world.go(0, "share")
    type_text("5")
    assert not world.editor.delegate.editing
    assert world.model.rows.text(0, world.column("share")) == "0.75"
    fixed = make(0, table_id="t2")
    assert not fixed.editor.actions_by_name["add"].isEnabled()
    fixed.go(1, "target")
    type_text("8.5")
    press(Key.Key_Return)
    assert fixed.draft.answers.tables["t2"][0].cells == {"target": Decimal("8.5")}
    assert fixed.model.rowCount() == 2


def test_a_cell_that_does_not_apply_keeps_its_text(make: Make) -> None:
    """Architecture: what is typed is never lost; a team has no credit code, the text rests."""
    world = make(3)
    world.go(2, "code")
    type_text("91650100MA7ABCDE0X")
    press(Key.Key_Return)
    assert world.cell(2, "code") == "91650100MA7ABCDE0X"
    assert world.model.rows.rests(2, world.column("code"))
    assert "不适用于本行" in world.index(2, "code").data(Qt.ItemDataRole.ToolTipRole)


def test_finding_a_text(make: Make) -> None:
    """Issue 3: find in the table with Ctrl+Shift+F, forwards and back."""
    world = make(9)
    press(Key.Key_F, CTRL | SHIFT)
    assert world.editor.find_line.line.hasFocus()
    QTest.keyClicks(world.editor.find_line.line, "139900000")
    press(Key.Key_Return)
    assert world.grid.currentIndex().row() == 1
    press(Key.Key_Return, SHIFT)
    assert world.grid.currentIndex().row() == 0
    assert world.editor.find_line.place.text() == "第 1 处，共 9 处"
    press(Key.Key_Escape)
    assert world.grid.hasFocus()


def test_totals(make: Make, qtbot: QtBot) -> None:
    """Issue 3: sums of the columns that the form adds up, of the rows shown."""
    world = make(3)
    assert "「投资额」7.5万元" in world.editor.totals.accessibleDescription()
    assert "人数" not in world.editor.totals.accessibleDescription()
    world.editor.filter.setText("团队")
    qtbot.waitUntil(lambda: "「投资额」3.5万元" in world.editor.totals.accessibleDescription())
    assert world.model.rowCount() == 1


def test_loading_changes_nothing(make: Make) -> None:
    """Issue 3: loading, looking, switching and shutting change nothing in the data."""
    world = make(5)
    before = world.draft.answers
    for row in range(5):
        for column in world.model.columns:
            world.go(row, column.id)
            press(Key.Key_F2)
            if world.editor.delegate.editing:
                press(Key.Key_Tab)
    world.editor.show_place("r3", "day")
    world.draft.recheck()
    assert world.draft.answers is before
    assert world.session.undo_label is None


def test_names_for_those_who_hear(make: Make) -> None:
    """Issue 3: every control has an accessible name."""
    world = make(2)
    assert world.grid.accessibleName() == "附表「入驻企业清单」"
    world.go(0, "name")
    press(Key.Key_F2)
    assert world.open_editor().accessibleName()
    press(Key.Key_Escape)
    assert all(button.accessibleName() for button in world.editor.buttons.values())
    assert all(
        line.accessibleName() or line.isHidden() or not line.isVisible()
        for line in world.editor.findChildren(QLineEdit)
    )


def test_tab_leaves_the_table(make: Make) -> None:
    """Issue 3, keyboard: Tab leaves at the last cell, Ctrl+Tab anywhere."""
    world = make(2)
    world.go(0, "name")
    press(Key.Key_Tab, CTRL)
    assert not world.grid.hasFocus()


def test_key_column_stays_in_sight(make: Make) -> None:
    """Issue 3: the key column is frozen while the grid is scrolled aside."""
    world = make(30)
    world.editor.resize(600, 500)
    world.go(3, "share")
    QApplication.processEvents()
    frozen = world.grid.frozen
    assert frozen.isVisible()
    assert not frozen.isColumnHidden(world.column("name"))
    world.grid.verticalScrollBar().setValue(100)
    assert frozen.verticalScrollBar().value() == 100
    for _ in range(len(world.model.columns)):
        press(Key.Key_Left)
        index = world.grid.currentIndex()
        left = world.grid.visualRect(index).left()
        assert left >= (frozen.covered if index.column() != frozen.column else 0)
    assert not frozen.isVisible()
