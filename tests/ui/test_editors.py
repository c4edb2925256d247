"""Each editor by hand: what is typed arrives in stored form, what is shown emits nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCalendarWidget, QCompleter, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.messages import load_messages
from app.model.form import Item
from app.model.value import Invalid, ItemType, Value
from tests.ui.draft_world import RESOURCES
from ui.form.editors import Editor, Kit, make_editor
from ui.form.editors_choice import ChoiceEditor, MultiChoiceEditor, YesNoEditor
from ui.form.editors_code import CodeEditor
from ui.form.editors_date import DateEditor
from ui.form.editors_shown import ShownEditor
from ui.form.editors_text import LineEditor, LongTextEditor
from ui.form.editors_years import YearRangeEditor
from ui.form.initials import initials
from ui.style import make_look

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

CHOICES = {"national": "国家备案", "region": "自治区级", "prefecture": "地州市级"}
Make = Callable[[Item], Editor]


class Stage(QWidget):
    """A window with one editor and a place to go to."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.addWidget(editor)
        self.other = LineEditor(Item("x", "别处", ItemType.TEXT), editor.kit)
        layout.addWidget(self.other)


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    kit = Kit(load_messages(RESOURCES / "messages"), make_look(dark=False))
    stages: list[Stage] = []

    def build(item: Item) -> Editor:
        editor = make_editor(item, kit)
        stage = Stage(editor)
        stages.append(stage)
        qtbot.addWidget(stage)
        with qtbot.waitActive(stage):
            stage.show()
            stage.activateWindow()
        stage.other.give_focus()
        return editor

    return build


def leave(editor: Editor) -> None:
    stage = editor.window()
    assert isinstance(stage, Stage)
    stage.other.give_focus()


def compose(widget: QWidget, preedit: str, commit: str = "") -> None:
    """Type through an input method: half-typed text, then what is committed."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(widget, event)


def offered(editor: ChoiceEditor) -> QWidget:
    """What the search of a list offers."""
    completer = editor.list.completer()
    assert isinstance(completer, QCompleter)
    popup = completer.popup()
    assert popup is not None
    return popup


def heard(editor: Editor) -> list[object]:
    values: list[object] = []
    editor.edited.connect(values.append)
    return values


CREDIT, PERSON = "91652301MAX000015E", "11010519491231002X"
TYPED: list[tuple[Item, str, Value | None, str]] = [
    (Item("a", "名称", ItemType.TEXT), "abc ", "abc", "abc"),
    (Item("a", "人数", ItemType.INTEGER, unit="人"), "1234", 1234, "1,234"),
    (Item("a", "人数", ItemType.INTEGER), "12.5", Invalid("12.5"), "12.5"),
    (Item("a", "面积", ItemType.DECIMAL), "1234.50", Decimal("1234.50"), "1,234.5"),
    (Item("a", "收入", ItemType.MONEY, unit="万元"), "271.5", Decimal(2715000), "271.5"),
    (Item("a", "收入", ItemType.MONEY, unit="万元"), "12345.6789", Decimal("123456789"), "12,345.6789"),
    (Item("a", "金额", ItemType.MONEY, unit="元"), "1,234.56", Decimal("1234.56"), "1,234.56"),
    (Item("a", "金额", ItemType.MONEY, unit="元"), "12abc", Invalid("12abc"), "12abc"),
    (Item("a", "占比", ItemType.PERCENT, unit="%"), "41.5%", Decimal("41.5"), "41.5"),
    (Item("a", "日期", ItemType.DATE), "2022-6-30", date(2022, 6, 30), "2022年6月30日"),
    (Item("a", "日期", ItemType.DATE), "2022/06/30", date(2022, 6, 30), "2022年6月30日"),
    (Item("a", "日期", ItemType.DATE), "20220630", date(2022, 6, 30), "2022年6月30日"),
    (Item("a", "日期", ItemType.DATE), "20221330", Invalid("2022-13-30"), "2022-13-30"),
    (
        Item("a", "代码", ItemType.CREDIT_CODE),
        "91652301max000015e",
        "91652301MAX000015E",
        "91652301MAX000015E",
    ),
    (Item("a", "证号", ItemType.ID_NUMBER), "11010519491231002x", "11010519491231002X", "11010519491231002X"),
    (Item("a", "电话", ItemType.PHONE), "0994-2345678", "0994-2345678", "0994-2345678"),
    (Item("a", "邮箱", ItemType.EMAIL), "a@b.cn", "a@b.cn", "a@b.cn"),
    (Item("a", "网址", ItemType.WEB_ADDRESS), "www.b.cn", "www.b.cn", "www.b.cn"),
    (Item("a", "邮编", ItemType.POSTCODE), "831100", "831100", "831100"),
]


@pytest.mark.parametrize(("item", "keys", "value", "shown"), TYPED)
def test_typed_keys_arrive_as_stored(
    qtbot: QtBot, make: Make, item: Item, keys: str, value: Value, shown: str
) -> None:
    """Issue 3, editors: typed 万元 is stored as 元, nothing is rounded, garbage is kept as Invalid."""
    editor = make(item)
    assert isinstance(editor, LineEditor)
    values = heard(editor)
    editor.give_focus()
    QTest.keyClicks(editor.input, keys)
    assert (type(editor.value), editor.value) == (type(value), value)
    assert values[-1] == value
    leave(editor)
    assert editor.input.text() == shown
    assert editor.value == value


def test_chinese_dates_come_through_the_input_method(make: Make) -> None:
    """Issue 3: typed as 2022年6月30日; full-width digits too."""
    editor = make(Item("a", "日期", ItemType.DATE))
    assert isinstance(editor, DateEditor)
    editor.give_focus()
    compose(editor.input, "", "2022年6月30日")
    assert editor.value == date(2022, 6, 30)
    editor.input.clear()
    compose(editor.input, "", "２０２２０６３０")
    assert editor.value == date(2022, 6, 30)


def test_a_number_is_plain_while_typed_at(qtbot: QtBot, make: Make) -> None:
    """Issue 3: thousands commas stand only while nobody types; coming and going changes nothing."""
    editor = make(Item("a", "收入", ItemType.MONEY, unit="万元"))
    assert isinstance(editor, LineEditor)
    values = heard(editor)
    editor.show_value(Decimal("12345000.5"))
    assert editor.input.text() == "1,234.50005"
    editor.give_focus()
    assert editor.input.text() == "1234.50005"
    leave(editor)
    assert editor.input.text() == "1,234.50005"
    assert values == []


@pytest.mark.parametrize("kind", list(ItemType))
def test_showing_a_value_emits_nothing(make: Make, kind: ItemType) -> None:
    """Issue 3: loading changes nothing; every editor takes a value, garbage and nothing silently."""
    editor = make(Item("a", "项", kind, unit="万元" if kind is ItemType.MONEY else "", choices=CHOICES))
    values = heard(editor)
    samples: dict[ItemType, Value] = {
        ItemType.INTEGER: 5, ItemType.DECIMAL: Decimal("1.50"), ItemType.MONEY: Decimal(30000),
        ItemType.PERCENT: Decimal(5), ItemType.DATE: date(2022, 1, 2), ItemType.YES_NO: True,
        ItemType.CHOICE: "region", ItemType.MULTI_CHOICE: ("national", "region"),
    }  # fmt: skip
    for value in (samples.get(kind, "文字 123"), Invalid("不明"), None, samples.get(kind, "文字 123")):
        editor.show_value(value)
        editor.give_focus()
        leave(editor)
        assert editor.value == value
    assert values == []


def test_half_typed_text_is_kept_when_the_focus_goes(make: Make) -> None:
    """Issue 3, input methods: preedit is committed before a switch; it is told while it is being typed."""
    for kind in (ItemType.TEXT, ItemType.LONG_TEXT):
        editor = make(Item("a", "名称", kind))
        assert isinstance(editor, LineEditor | LongTextEditor)
        values = heard(editor)
        editor.give_focus()
        compose(editor.input, "", "新疆")
        compose(editor.input, "ka'shi")
        assert values[-1] == "新疆ka'shi"
        leave(editor)
        assert editor.value == "新疆ka'shi"
        assert editor.input.whole_text() == "新疆ka'shi"
        editor.give_focus()
        compose(editor.input, "zhong")
        compose(editor.input, "", "𠮷众")
        assert str(editor.value).count("𠮷众") == 1
        assert "zhong" not in str(editor.value)


def test_the_undo_keys_are_left_to_the_report(qtbot: QtBot, make: Make) -> None:
    """Issue 3: undo goes across fields, so no box keeps an undo of its own."""
    for kind in (ItemType.TEXT, ItemType.LONG_TEXT):
        editor = make(Item("a", "名称", kind))
        assert isinstance(editor, LineEditor | LongTextEditor)
        editor.give_focus()
        QTest.keyClicks(editor.input, "abc")
        QTest.keyClick(editor.input, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert editor.value == "abc"


def test_long_text_counts_like_the_checks(qtbot: QtBot, make: Make) -> None:
    """Issue 3: count of characters without spaces and line ends, as CMP-02 and CMP-03 count."""
    item = replace(Item("a", "说明", ItemType.LONG_TEXT), min_length=5, max_length=8)
    editor = make(item)
    assert isinstance(editor, LongTextEditor)
    editor.give_focus()
    compose(editor.input, "", "一 二\n三")
    assert "3 字" in editor.count.text()
    assert "还差 2" in editor.count.text()
    compose(editor.input, "", "四五六七八九")
    assert "超出 1" in editor.count.text()
    assert editor.value == "一 二\n三四五六七八九"


def test_a_long_text_grows_with_its_lines(make: Make) -> None:
    """Issue 3: no fixed heights that clip words; a long text is seen without a tiny box."""
    editor = make(Item("a", "说明", ItemType.LONG_TEXT))
    assert isinstance(editor, LongTextEditor)
    before = editor.input.height()
    editor.show_value("\n".join(["一行"] * 10))
    assert editor.input.minimumHeight() > before
    editor.show_value("字" * 300)
    editor.window().resize(900, 400)
    QApplication.processEvents()
    wide = editor.input.minimumHeight()
    editor.window().resize(360, 400)
    QApplication.processEvents()
    assert editor.input.minimumHeight() > wide


def test_yes_no_by_keys(qtbot: QtBot, make: Make) -> None:
    """Issue 3: space answers, arrows change, Delete takes the answer back."""
    editor = make(Item("a", "是否", ItemType.YES_NO))
    assert isinstance(editor, YesNoEditor)
    values = heard(editor)
    editor.give_focus()
    QTest.keyClick(editor.yes, Qt.Key.Key_Space)
    QTest.keyClick(editor.yes, Qt.Key.Key_Right)
    QTest.keyClick(editor.no, Qt.Key.Key_Delete)
    assert values == [True, False, None]
    assert not editor.yes.isChecked()
    assert not editor.no.isChecked()


def test_multi_choice_by_keys(qtbot: QtBot, make: Make) -> None:
    """Issue 3: ids in the order of the choices, whatever the order of ticking; none left is no answer."""
    editor = make(Item("a", "多选", ItemType.MULTI_CHOICE, choices=CHOICES))
    assert isinstance(editor, MultiChoiceEditor)
    values = heard(editor)
    boxes = list(editor.boxes.values())
    for place in (2, 0, 2, 0):
        QTest.keyClick(boxes[place], Qt.Key.Key_Space)
    assert values == [("prefecture",), ("national", "prefecture"), ("national",), None]


def test_a_choice_is_found_by_label_and_initials(qtbot: QtBot, make: Make) -> None:
    """Issue 3: combo with keyboard search; what cannot be meant is kept as it was typed."""
    editor = make(Item("a", "级别", ItemType.CHOICE, choices=CHOICES))
    assert isinstance(editor, ChoiceEditor)
    for keys, value in (("zzqj", "region"), ("gjba", "national")):
        editor.give_focus()
        editor.input.selectAll()
        QTest.keyClicks(editor.list, keys)
        QTest.keyClick(offered(editor), Qt.Key.Key_Tab)
        leave(editor)
        assert editor.value == value
        assert editor.list.currentText() == CHOICES[value]
    editor.give_focus()
    editor.input.selectAll()
    QTest.keyClicks(editor.list, "xyz")
    leave(editor)
    assert editor.value == Invalid("xyz")


def test_a_choice_is_picked_from_the_list(qtbot: QtBot, make: Make) -> None:
    """Issue 3: picking from the drop-down or from what the search offers answers with the id."""
    editor = make(Item("a", "级别", ItemType.CHOICE, choices=CHOICES))
    assert isinstance(editor, ChoiceEditor)
    editor.give_focus()
    QTest.keyClick(editor.list, Qt.Key.Key_Down)
    assert editor.value == "national"
    editor.input.selectAll()
    QTest.keyClicks(editor.list, "dzs")
    offers = offered(editor)
    qtbot.waitUntil(offers.isVisible)
    QTest.keyClick(offers, Qt.Key.Key_Down)
    QTest.keyClick(offers, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editor.value == "prefecture")
    assert editor.input.text() == CHOICES["prefecture"]


def test_the_calendar_answers(qtbot: QtBot, make: Make) -> None:
    """Issue 3: a date can be picked from a calendar."""
    editor = make(Item("a", "日期", ItemType.DATE))
    assert isinstance(editor, DateEditor)
    editor.show_value(date(2022, 3, 5))
    values = heard(editor)
    QTest.mouseClick(editor.button, Qt.MouseButton.LeftButton)
    assert editor.popup is not None
    calendar = editor.popup.findChild(QCalendarWidget)
    assert isinstance(calendar, QCalendarWidget)
    assert calendar.selectedDate() == QDate(2022, 3, 5)
    calendar.clicked.emit(QDate(2022, 6, 30))
    assert values == [date(2022, 6, 30)]
    qtbot.waitUntil(lambda: editor.popup is None)


def test_credit_code_tells_its_check_digit(qtbot: QtBot, make: Make) -> None:
    """Issue 3, GB 32100: with 17 characters the last one is told, with 18 it is judged."""
    editor = make(Item("a", "代码", ItemType.CREDIT_CODE))
    assert isinstance(editor, CodeEditor)
    editor.give_focus()
    QTest.keyClicks(editor.input, "91652301MAX000015")
    assert "应为 E" in editor.hint.text()
    QTest.keyClicks(editor.input, "1")
    assert "现为 1" in editor.hint.text()
    QTest.keyClick(editor.input, Qt.Key.Key_Backspace)
    QTest.keyClicks(editor.input, "E")
    assert "正确" in editor.hint.text()


def test_what_is_worked_out_cannot_be_typed(qtbot: QtBot, make: Make) -> None:
    """Issue 3: calculated items are readonly and selectable."""
    editor = make(Item("a", "合计", ItemType.INTEGER, calculate="1 + 1"))
    assert isinstance(editor, ShownEditor)
    values = heard(editor)
    editor.show_value(1234)
    QTest.keyClicks(editor.input, "9")
    assert editor.input.text() == "1,234"
    assert values == []


def test_the_wheel_answers_nothing(make: Make) -> None:
    """Issue 3: scrolling a page over a list changes no answer."""
    from PySide6.QtGui import QWheelEvent

    editor = make(Item("a", "级别", ItemType.CHOICE, choices=CHOICES))
    assert isinstance(editor, ChoiceEditor)
    editor.show_value("national")
    event = QWheelEvent(
        QPoint(5, 5), editor.list.mapToGlobal(QPoint(5, 5)), QPoint(0, -120), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(editor.list, event)
    assert editor.value == "national"
    assert editor.list.currentIndex() == 0


def test_initials_of_common_characters() -> None:
    """Issue 3: pinyin initials from the order of GB 2312 level 1; ASCII stays."""
    assert initials("众创空间总面积") == "zckjzmj"
    assert initials("期末在驻合计") == "qmzzhj"
    assert initials("啊八擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝座") == "abcdefghjklmnopqrstwxyzz"
    assert initials("A01 鑫（1）") == "a01" + "1"


def test_a_range_of_years_is_typed_as_two_years(make: Make) -> None:
    """Issue 3, 填报: year range by hand; one stay over both boxes, half of it is kept, never lost."""
    editor = make(Item("a", "任期", ItemType.YEAR_RANGE))
    assert isinstance(editor, YearRangeEditor)
    values, stays = heard(editor), []
    editor.entered.connect(lambda: stays.append("in"))
    editor.left.connect(lambda: stays.append("out"))
    editor.give_focus()
    QTest.keyClicks(editor.first, "2021")
    assert values[-1:] == [Invalid("2021")]
    QTest.keyClick(editor.first, Qt.Key.Key_Tab)
    assert editor.last.hasFocus()
    QTest.keyClicks(editor.last, "2023")
    assert values[-1:] == ["2021-2023"]
    assert stays == ["in"]
    leave(editor)
    assert stays == ["in", "out"]
    count = len(values)
    editor.show_value("2019-2020")
    assert (editor.first.text(), editor.last.text()) == ("2019", "2020")
    editor.show_value(Invalid("去年"))
    assert (editor.first.text(), editor.last.text()) == ("去年", "")
    editor.show_value(None)
    assert (editor.first.text(), editor.last.text(), len(values)) == ("", "", count)
    QApplication.clipboard().setText("2020—2022年")
    editor.give_focus()
    QTest.keyClick(editor.first, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert values[-1:] == ["2020-2022"]
    assert (editor.first.text(), editor.last.text()) == ("2020", "2022")
    editor.last.setText("")
    editor.last.textEdited.emit("")
    assert values[-1:] == [Invalid("2020")]
    editor.name_controls("A3 任期", "按文件填")
    assert editor.last.accessibleName() == "A3 任期：终止年"
