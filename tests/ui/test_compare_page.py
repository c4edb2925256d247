"""The page 上年对照: last year's column typed and pasted, reasons, filter, chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.model.value import Invalid, ItemType
from app.services.planning import previous_source, read_record
from tests.ui.report_world import ReportWorld, report_world
from ui.draft_model import DraftModel
from ui.pages.bar_chart import Pair, spans_of
from ui.pages.compare import ComparePage
from ui.pages.compare_model import CHANGE, MARK, PERCENT, PREVIOUS, REASON, VALUE, main_lines, read_lines

# the offscreen platform says so of every window with a smallest size; it is no word of ours
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[ReportWorld]:
    with report_world(tmp_path / "data") as made:
        yield made


def open_page(world: ReportWorld, qtbot: QtBot, model: DraftModel | None) -> ComparePage:
    page = ComparePage(world.context)
    qtbot.addWidget(page)
    page.resize(1160, 700)
    page.show_draft(model)
    page.show()
    world.settle()
    return page


def row_of(page: ComparePage, item_id: str) -> int:
    return next(row for row, line in enumerate(page.cells.lines) if line.item.id == item_id)


def text(page: ComparePage, item_id: str, column: int) -> str:
    return str(page.cells.index(row_of(page, item_id), column).data())


def stand_on(page: ComparePage, row: int, column: int) -> None:
    page.table.setFocus()
    page.table.setCurrentIndex(page.cells.index(row, column))


def count_item(page: ComparePage) -> str:
    return next(line.item.id for line in page.cells.lines if line.item.type is ItemType.INTEGER)


def test_two_columns_change_and_threshold(world: ReportWorld, qtbot: QtBot) -> None:
    """Issue «The window», Year-on-year desk: two columns, change, threshold, reason."""
    model = world.make_model("complete.json")
    page = open_page(world, qtbot, model)
    item = count_item(page)
    answers = model.answers
    model.change(
        replace(answers, values={**answers.values, item: 150}, previous={**answers.previous, item: 100}),
        "改",
    )
    qtbot.waitUntil(lambda: not page.rest.isActive())
    assert text(page, item, PREVIOUS) == "100"
    assert text(page, item, VALUE) == "150"
    assert text(page, item, CHANGE) == "+50"
    assert text(page, item, PERCENT) == "+50.0%"
    assert text(page, item, MARK) == "变动大，待写原因"
    world.settle()


def test_last_year_is_typed_into_the_table(world: ReportWorld, qtbot: QtBot) -> None:
    """Last year's column can be typed by a unit that starts this year; one undo step; bad text is kept."""
    model = world.make_model("complete.json", lambda answers: replace(answers, previous={}))
    page = open_page(world, qtbot, model)
    page.activateWindow()
    item = count_item(page)
    stand_on(page, row_of(page, item), PREVIOUS)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    editor = page.table.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "1,234")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: item in model.answers.previous)
    assert model.answers.previous == {item: 1234}
    assert model.session.undo_label == "填写上年数"
    page.cells.setData(page.cells.index(row_of(page, item), PREVIOUS), "约一千")
    assert model.answers.previous[item] == Invalid("约一千")
    model.undo()
    model.undo()
    assert model.answers.previous == {}
    world.settle()


def test_a_column_is_pasted_from_a_table(world: ReportWorld, qtbot: QtBot) -> None:
    """Pasted as one undo step; money in the item's own unit; what is not to be filled is said."""
    model = world.make_model("complete.json", lambda answers: replace(answers, previous={}))
    page = open_page(world, qtbot, model)
    QApplication.clipboard().setText("1\r\n2\r\n３\r\n")
    stand_on(page, 0, PREVIOUS)
    QTest.keyClick(page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    wanted = [line.item.id for line in page.cells.lines[:3]]
    assert list(model.answers.previous) == wanted
    assert model.answers.previous[wanted[2]] == 3
    assert world.told[-1] == ("已粘贴 3 格。", "good")
    model.undo()
    assert model.answers.previous == {}
    money = next(row for row, line in enumerate(page.cells.lines) if line.item.unit == "万元")
    QApplication.clipboard().setText("12.5\t99")
    stand_on(page, money, PREVIOUS)
    page.paste()
    assert model.answers.previous[page.cells.lines[money].item.id] == Decimal(125000)
    assert world.told[-1] == ("已粘贴 1 格，另有 1 格不在可以填写的位置，未粘贴。", "warning")
    stand_on(page, money, VALUE)
    page.paste()
    assert world.told[-1] == ("没有可以粘贴的内容。请选中上年或变动原因的一格，再粘贴。", "info")
    world.settle()


def test_a_reason_takes_chinese_without_preedit(world: ReportWorld, qtbot: QtBot) -> None:
    """A bare commit into a table cell is not lost; the reason answers the finding of that item."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    line = next(one for one in page.cells.lines if one.large and not one.reason)
    stand_on(page, row_of(page, line.item.id), REASON)
    commit = QInputMethodEvent("", [])
    commit.setCommitString("新增场地二百平方米")
    QApplication.sendEvent(page.table, commit)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert line.asks is not None
    key = line.asks.key
    qtbot.waitUntil(lambda: key in model.answers.reasons)
    assert model.answers.reasons[key] == "新增场地二百平方米"
    assert text(page, line.item.id, MARK) == "变动大，已写原因"
    world.settle()


def test_only_large_changes(world: ReportWorld, qtbot: QtBot) -> None:
    """Filter 只看变动大的; only those rows take a reason."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    whole = len(page.cells.lines)
    QTest.keyClick(page.only_large, Qt.Key.Key_Space)
    assert 0 < len(page.cells.lines) < whole
    assert all(line.large for line in page.cells.lines)
    page.only_large.setChecked(False)
    small = next(row for row, line in enumerate(page.cells.lines) if not line.large)
    assert not page.cells.flags(page.cells.index(small, REASON)) & Qt.ItemFlag.ItemIsEditable
    assert not page.cells.flags(page.cells.index(small, VALUE)) & Qt.ItemFlag.ItemIsEditable


def test_showing_changes_nothing(world: ReportWorld, qtbot: QtBot) -> None:
    """Loading, switching and closing change nothing; an edit that types the same text is none."""
    model = world.make_model("complete.json")
    page = open_page(world, qtbot, model)
    item = page.cells.lines[0].item.id
    assert not page.cells.setData(page.cells.index(0, PREVIOUS), text(page, item, PREVIOUS))
    page.show_draft(None)
    page.show_draft(model)
    assert model.session.undo_label is None
    assert world.on_store(lambda workplace: workplace.draft(model.draft_id).revision) == 0


def test_the_source_of_last_year_is_kept(world: ReportWorld, qtbot: QtBot) -> None:
    """Last year's column with its source: kept in the record of the report."""
    model = world.make_model("complete.json")
    page = open_page(world, qtbot, model)
    page.source.setFocus()
    QApplication.clipboard().setText("2021年度自评报告")
    page.source.paste()
    page.source.textEdited.emit(page.source.text())
    QTest.keyClick(page.source, Qt.Key.Key_Return)
    world.settle()
    record = world.on_store(lambda workplace: read_record(workplace, model.draft_id))
    assert previous_source(record.events) == "2021年度自评报告"
    assert not page.source_button.isEnabled()
    again = open_page(world, qtbot, model)
    assert again.source.text() == "2021年度自评报告"


def test_the_table_is_copied(world: ReportWorld, qtbot: QtBot) -> None:
    """Copy back to a table program, with headings."""
    page = open_page(world, qtbot, world.make_model("complete.json"))
    QTest.mouseClick(page.copy_button, Qt.MouseButton.LeftButton)
    lines = QApplication.clipboard().text().split("\n")
    assert lines[0].split("\t")[:2] == ["编号", "指标"]
    assert len(lines) == len(page.cells.lines) + 1


def test_the_chart_shows_what_the_programme_compares(world: ReportWorld, qtbot: QtBot) -> None:
    """Chart of the main indicators against last year, and the same in words."""
    model = world.make_model("complete.json")
    page = open_page(world, qtbot, model)
    lines = main_lines(model.session.programme, read_lines(model.session))
    assert lines
    assert all(line.change is not None for line in lines)
    spoken = page.chart.accessibleDescription()
    assert all(line.item.label in spoken for line in lines)


@given(st.decimals(-(10**9), 10**9, places=2), st.decimals(-(10**9), 10**9, places=2))
def test_bars_are_honest(before: Decimal, now: Decimal) -> None:
    """Honest scale: bars begin at zero and their lengths are as the numbers are."""
    zero, (left, long), (right, wide) = spans_of(Pair("", before, now, "", ""), 300.0)
    assert -1e-6 <= left <= left + long <= 300.001
    assert -1e-6 <= right <= right + wide <= 300.001
    assert abs(long * abs(float(now)) - wide * abs(float(before))) <= 1e-6 * (1 + abs(float(now * before)))
    for number, edge, length in ((before, left, long), (now, right, wide)):
        assert abs((edge + length if number < 0 else edge) - zero) < 1e-6


def test_no_report(world: ReportWorld, qtbot: QtBot) -> None:
    """Pages cope with no report."""
    page = open_page(world, qtbot, None)
    assert "首页" in page.hint.text()
    assert page.table.accessibleName()
