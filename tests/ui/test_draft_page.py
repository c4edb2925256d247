"""填报: filling by keys, findings, undo, search, problems, evidence; looking changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path as File

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.model.draft import Answers, Path
from app.model.finding import Severity
from app.model.programme import Programme
from app.model.value import ItemType
from tests.ui.draft_world import DraftWorld
from ui.draft_model import DraftModel
from ui.form.editors_choice import ChoiceEditor, YesNoEditor
from ui.form.editors_code import CodeEditor
from ui.form.editors_shown import ShownEditor
from ui.form.editors_text import LineEditor
from ui.form.field_row import FieldRow
from ui.form.outline import STATE_ROLE
from ui.form.problems import Places, SectionState, State, is_open, neighbour
from ui.form.search import find, index_of
from ui.pages.draft import DraftPage

Stored = tuple[File, dict[tuple[str, int], Programme], dict[str, str]]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture(scope="module")
def stored(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """A data folder with both samples, made once; what was read of the programme; the drafts' ids."""
    made = DraftWorld(tmp_path_factory.mktemp("drafts") / "data")
    drafts = {sample: made.make_draft(sample) for sample in ("complete.json", "faulty.json")}
    drafts["one.json"] = made.make_draft("", lambda _answers: Answers(values={"a01": "甲"}))
    made.close()
    return made.folder, made.loaded, drafts


@pytest.fixture
def world(qtbot: QtBot, tmp_path: File, stored: Stored) -> Iterator[DraftWorld]:
    shutil.copytree(stored[0], tmp_path / "data")
    made = DraftWorld(tmp_path / "data", loaded=dict(stored[1]))
    yield made
    made.close()
    assert made.crashes == []


@pytest.fixture
def model(world: DraftWorld, stored: Stored) -> DraftModel:
    return world.reopen(stored[2]["complete.json"])


@pytest.fixture
def faulty(world: DraftWorld, stored: Stored) -> DraftModel:
    return world.reopen(stored[2]["faulty.json"])


@pytest.fixture
def begun(world: DraftWorld, stored: Stored) -> DraftModel:
    return world.reopen(stored[2]["one.json"])


def show(qtbot: QtBot, world: DraftWorld, model: DraftModel | None) -> DraftPage:
    page = world.make_page(model)
    world.pages.append(page)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page


@pytest.fixture
def page(qtbot: QtBot, world: DraftWorld, model: DraftModel) -> DraftPage:
    return show(qtbot, world, model)


def row(page: DraftPage, item: str) -> FieldRow:
    page.show_place(item)
    QApplication.processEvents()
    return page.section_pages[page.current].rows[item]


def has_cursor(widget: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and widget.isAncestorOf(focused)


def line(page: DraftPage, item: str) -> QLineEdit:
    editor = row(page, item).editor
    assert isinstance(editor, LineEditor)
    return editor.input


def compose(widget: QWidget, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(widget, event)


def retype(qtbot: QtBot, widget: QLineEdit, keys: str) -> None:
    widget.selectAll()
    QTest.keyClicks(widget, keys)


def test_without_a_report_a_hint_stands(qtbot: QtBot, world: DraftWorld) -> None:
    """Issue 3: every page copes with no open report and says what to do."""
    page = show(qtbot, world, None)
    assert page.hint.isVisible()
    assert "首页" in page.hint.text()
    assert not page.splitter.isVisible()


def test_looking_at_everything_changes_nothing(
    qtbot: QtBot, world: DraftWorld, model: DraftModel, page: DraftPage
) -> None:
    """Issue 3: loading, switching, scrolling, checking and closing write no single edit."""
    before = model.answers
    for number, section in enumerate(model.session.programme.form.sections):
        page.show_section(number)
        for item in section.fields:
            if item.id not in model.session.view.hidden:
                page.show_place(item.id)
        page.check_section()
        QApplication.processEvents()
    page.show_draft(None)
    assert model.answers is before
    assert world.journal(model.draft_id) == []


def test_typed_money_arrives_and_is_saved(
    qtbot: QtBot, world: DraftWorld, model: DraftModel, page: DraftPage
) -> None:
    """Issue 3: 271.5 typed at a 万元 item is 2715000 元 in the report and in the journal."""
    (item,) = [
        one.id for one in model.session.programme.form.fields.values()
        if one.number == "B07-4"
    ]  # fmt: skip
    with_lease = model.session.programme.form.fields["b07_1"]
    assert "lease" in with_lease.choices
    model.set_value(Path("b07_1"), "lease", "试")
    retype(qtbot, line(page, item), "271.5")
    qtbot.waitUntil(lambda: model.answers.values.get(item) == Decimal(2715000))
    journal = world.journal(model.draft_id)
    assert getattr(journal[-1], "edit").after == Decimal(2715000)  # noqa: B009


def test_one_stay_is_one_undo(qtbot: QtBot, model: DraftModel, page: DraftPage) -> None:
    """Issue 3: typing with pauses in one stay is one undo step, by the keys; redo brings it back."""
    before = model.answers.values["a01"]
    field = line(page, "a01")
    retype(qtbot, field, "abc")
    qtbot.waitUntil(lambda: model.answers.values["a01"] == "abc")
    QTest.keyClicks(field, "def")
    qtbot.waitUntil(lambda: model.answers.values["a01"] == "abcdef")
    QTest.keyClicks(field, "g")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert model.answers.values["a01"] == before
    assert field.text() == before
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL_SHIFT)
    assert field.text() == model.answers.values["a01"] == "abcdefg"


CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_undo_from_elsewhere_shows_and_tells_nothing(
    qtbot: QtBot, model: DraftModel, page: DraftPage
) -> None:
    """Issue 3: undo elsewhere updates the editor without an edit of its own."""
    field = line(page, "a01")
    heard: list[object] = []
    row(page, "a01").editor.edited.connect(heard.append)
    model.set_value(Path("a01"), "别处改的", "试")
    assert field.text() == "别处改的"
    model.undo()
    assert field.text() == model.answers.values["a01"]
    assert heard == []


def test_half_typed_text_survives_every_way_out(
    qtbot: QtBot, world: DraftWorld, model: DraftModel, page: DraftPage
) -> None:
    """Issue 3, input methods: preedit is kept at section switch, page switch, undo and closing."""
    field = line(page, "a01")
    for number, way_out in enumerate((lambda: page.show_section(1), page.hide, model.settle)):
        page.show()
        field = line(page, "a01")
        field.selectAll()
        compose(field, "", f"云{number}")
        compose(field, "shan'gu")
        way_out()
        assert model.answers.values["a01"] == f"云{number}shan'gu"
    page.show()
    compose(line(page, "a01"), "zhong")
    page.show_draft(None)
    assert str(model.answers.values["a01"]).count("zhong") == 1
    world.saved()


def test_half_typed_text_is_saved_while_it_is_composed(
    qtbot: QtBot, model: DraftModel, page: DraftPage
) -> None:
    """Issue 3: half-typed text is journaled by autosave and replaced by what is committed."""
    field = line(page, "a01")
    field.selectAll()
    compose(field, "", "新疆")
    compose(field, "kashi")
    qtbot.waitUntil(lambda: model.answers.values["a01"] == "新疆kashi")
    compose(field, "", "喀什")
    qtbot.waitUntil(lambda: model.answers.values["a01"] == "新疆喀什")


def test_hidden_items_come_back_with_what_was_typed(qtbot: QtBot, model: DraftModel, page: DraftPage) -> None:
    """Issue 3: an item that is not relevant vanishes and comes back as it was."""
    answer = model.answers.values["a04_2"]
    question = row(page, "a04_1").editor
    assert isinstance(question, YesNoEditor)
    dependent = page.section_pages[page.current].rows["a04_2"]
    assert dependent.isVisible()
    QTest.keyClick(question.no, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not dependent.isVisible())
    assert model.answers.values["a04_2"] == answer
    QTest.keyClick(question.yes, Qt.Key.Key_Space)
    qtbot.waitUntil(dependent.isVisible)
    assert isinstance(dependent.editor, ChoiceEditor)
    assert dependent.editor.value == answer


def test_calculated_items_follow(qtbot: QtBot, model: DraftModel, page: DraftPage) -> None:
    """Issue 3: calculated items are worked out at once and say how."""
    retype(qtbot, line(page, "b02"), "1000")
    page.settle()
    shown = page.section_pages[page.current].rows["b05"].editor
    assert isinstance(shown, ShownEditor)
    assert shown.value == model.session.view.values["b05"]
    assert shown.input.text() == f"{model.session.view.values['b05']:,}".rstrip("0").rstrip(".")


def test_findings_are_quiet_until_the_item_was_left(
    qtbot: QtBot, world: DraftWorld, faulty: DraftModel
) -> None:
    """Issue 3: findings below an item stay quiet until it was left once or 检查 was pressed."""
    page = show(qtbot, world, faulty)
    page.show_section(1)
    first, second = (page.section_pages[1].rows[key] for key in ("b01_1", "b03"))
    assert not first.lines
    assert not second.lines
    first.editor.give_focus()
    QTest.keyClick(first.editor.controls()[0], Qt.Key.Key_Tab)
    assert [one.finding.path for one in first.lines] == ["b01_1"]
    assert not second.lines
    QTest.keyClick(page, Qt.Key.Key_F7)
    assert second.lines
    assert page.section_pages[1].verdict.isVisible()


def test_a_written_reason_closes_a_warning(qtbot: QtBot, world: DraftWorld, faulty: DraftModel) -> None:
    """Issue 3: a warning is answered where it stands; the reason is one undo step and is saved."""
    page = show(qtbot, world, faulty)
    model = faulty
    page.show_place("b03")
    shown = page.section_pages[1].rows["b03"]
    (warning,) = [one for one in shown.lines if one.finding.severity is Severity.WARNING]
    assert warning.reason is not None
    assert is_open(warning.finding, model.answers)
    before = page.states[1].warnings
    warning.reason.setFocus()
    compose(warning.reason, "", "新建公共服务区")
    qtbot.waitUntil(lambda: not is_open(warning.finding, model.answers))
    assert model.answers.reasons[warning.finding.key] == "新建公共服务区"
    assert "已说明" in warning.sign.text()
    assert page.states[1].warnings == before - 1
    QTest.keyClick(warning.reason, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert is_open(warning.finding, model.answers)
    assert warning.reason.text() == ""


def test_f8_walks_all_problems_and_goes_round(qtbot: QtBot, world: DraftWorld, faulty: DraftModel) -> None:
    """Issue 3: F8 visits every problem in the order of the form, Shift+F8 the other way."""
    page = show(qtbot, world, faulty)
    model = faulty
    session = model.session
    wanted = [path for _, path in Places(session.programme.form).walk(session.findings, session.view)]
    assert len({path.partition("/")[0] for path in wanted}) > 20
    seen = []
    for _ in range(len(wanted) + 1):
        QTest.keyClick(page, Qt.Key.Key_F8)
        seen.append(page.last_place)
    assert seen == [*wanted, wanted[0]]
    QTest.keyClick(page, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert page.last_place == wanted[-1]


def test_f8_starts_from_where_the_cursor_is(qtbot: QtBot, world: DraftWorld, faulty: DraftModel) -> None:
    """Issue 3: the next problem is the next from the item being filled."""
    page = show(qtbot, world, faulty)
    page.show_place("b02")
    page.last_place = "a01"
    page.walk(1)
    assert page.last_place > "b02"
    shown = page.section_pages[1].rows[page.last_place]
    qtbot.waitUntil(lambda: has_cursor(shown))
    assert shown.lines


def test_no_problem_is_told(world: DraftWorld, begun: DraftModel, qtbot: QtBot) -> None:
    """Issue 3: where nothing is wrong, F8 says so."""
    page = show(qtbot, world, begun)
    model = begun
    model.session.findings = ()
    page.walk(1)
    assert world.told == [("没有待处理的问题。", "good")]


def test_ctrl_f_finds_by_number_label_and_initials(qtbot: QtBot, model: DraftModel, page: DraftPage) -> None:
    """Issue 3: Ctrl+F finds an item by number, label or pinyin initials."""
    for typed, item in (("b03", "b03"), ("B01-1", "b01_1"), ("gjsl", ""), ("zckjzmj", "b01_1")):
        QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert page.search.input.hasFocus()
        QTest.keyClicks(page.search.input, typed)
        assert page.search.hits.isVisible() == bool(item)
        assert page.search.none.isVisible() == (not item)
        if item:
            QTest.keyClick(page.search.input, Qt.Key.Key_Return)
            shown = page.section_pages[1].rows[item]
            assert has_cursor(shown)
        else:
            QTest.keyClick(page.search.input, Qt.Key.Key_Escape)
        assert page.outline.isVisible()
    entries = index_of(model.session.programme.form)
    assert find(entries, "公共服务面积")[0].place == "b03"
    assert any(one.place == "t2" for one in find(entries, "运营人员名单"))
    assert find(entries, "  ") == []


def test_a_section_is_built_once_and_keeps_its_place(
    qtbot: QtBot, model: DraftModel, page: DraftPage
) -> None:
    """Issue 3: sections are built at the first visit; coming back finds the same place."""
    assert list(page.section_pages) == [0]
    first = page.section_pages[0]
    first.area.verticalScrollBar().setValue(200)
    assert first.area.verticalScrollBar().value() == 200
    QTest.keyClick(page, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert page.current == 1
    model.set_value(Path("a01"), "改过", "试")
    QTest.keyClick(page, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert page.section_pages[0] is first
    assert first.area.verticalScrollBar().value() == 200
    editor = first.rows["a01"].editor
    assert isinstance(editor, LineEditor)
    assert editor.input.text() == "改过"


def test_the_outline_tells_how_far_sections_are(qtbot: QtBot, world: DraftWorld, begun: DraftModel) -> None:
    """Issue 3: done, empty, errors, warnings, changed, with counts, and in words for who cannot see."""
    page = show(qtbot, world, begun)
    model = begun
    states = page.states
    assert states[0].state is State.ERRORS
    assert (states[0].answered, states[1].state) == (1, State.EMPTY)
    assert not states[1].changed
    model.set_value(Path("b03"), Decimal(5), "试")
    assert page.states[1].changed
    index = page.outline.sections.index(1)
    assert index.data(STATE_ROLE) == page.states[1]
    words = str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert "有错误" in words
    assert "有改动" in words
    assert "已填 1 项" in words


def test_last_year_and_change_stand_beside(qtbot: QtBot, model: DraftModel, page: DraftPage) -> None:
    """Issue 3: last year's value and the change in per cent."""
    model.change(replace(model.answers, previous={"b03": Decimal(200), "b06": Decimal(40)}), "试")
    model.set_value(Path("b03"), Decimal(150), "试")
    shown = row(page, "b03")
    assert shown.previous.isVisible()
    assert shown.previous.text() == "上年 200（-25.0%）"
    assert "百分点" in page.section_pages[1].rows["b06"].previous.text()
    assert not page.section_pages[1].rows["b04"].previous.isVisible()


def test_evidence_is_joined_once_and_taken_back(
    qtbot: QtBot, world: DraftWorld, model: DraftModel, page: DraftPage, tmp_path: File
) -> None:
    """Issue 3: evidence button; the same file is not doubled; removing and undo work; bad files are told."""
    proof = tmp_path / "证明.pdf"
    proof.write_bytes(b"%PDF-1.4 proof")
    button = row(page, "a06").evidence
    assert button is not None
    before = model.answers.attachments
    page.pick_files = lambda _parent, _title: [proof]
    for _ in range(2):
        button.add_files()
        world.saved()
    assert len(model.answers.attachments) == len(before) + 1
    assert model.answers.attachments[-1].items == model.session.programme.form.fields["a06"].evidence
    actions = button.build_menu().actions()
    actions[-1].trigger()
    assert model.answers.attachments == before
    model.undo()
    assert model.answers.attachments[-1].name == "证明.pdf"
    page.pick_files = lambda _parent, _title: [tmp_path / "没有.pdf"]
    button.add_files()
    world.saved()
    assert world.told[-1][1] == "error"


FOCUSED = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractButton, QAbstractItemView)


def test_every_control_has_a_name(qtbot: QtBot, model: DraftModel, page: DraftPage) -> None:
    """Issue 3: every editor, button and list tells a screen reader what it is."""
    silent = []
    for number in range(len(model.session.programme.form.sections)):
        page.show_section(number)
        page.check_section()
    for widget in page.findChildren(QWidget):
        if isinstance(widget, FOCUSED) and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            words = widget.text() if isinstance(widget, QAbstractButton) else ""
            if not widget.accessibleName() and not words:
                silent.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert silent == []


def test_tab_goes_from_top_to_bottom(qtbot: QtBot, page: DraftPage) -> None:
    """Issue 3: the focus goes through the items in the order in which they stand."""
    shown = page.section_pages[0]
    items = [key for key, one in shown.rows.items() if one.isVisible()]
    shown.rows[items[0]].editor.give_focus()
    visited = [items[0]]
    for _ in range(200):
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        item = shown.focused_item()
        if not item:
            break
        if item != visited[-1]:
            visited.append(item)
    assert visited == items


def test_walking_goes_round() -> None:
    """Issue 3: behind the last problem comes the first, before the first the last."""
    places = [((0, 1, 0, 0), "a"), ((2, 0, 3, 1), "b")]
    assert neighbour(places, (0, 0, 0, 0), 1) == "a"
    assert neighbour(places, (0, 1, 0, 0), 1) == "b"
    assert neighbour(places, (2, 0, 3, 1), 1) == "a"
    assert neighbour(places, (0, 1, 0, 0), -1) == "b"
    assert neighbour([], (0, 0, 0, 0), 1) == ""
    assert SectionState(State.DONE).errors == 0


def test_a_section_is_never_shown_squashed(qtbot: QtBot, world: DraftWorld, faulty: DraftModel) -> None:
    """Issue 3: nothing is clipped or overlapping, in no turn of the event loop while a section is built."""
    page = show(qtbot, world, faulty)
    sections = faulty.session.programme.form.sections
    most = max(len(section.fields) for section in sections if section.tables)
    number = next(at for at, one in enumerate(sections) if one.tables and len(one.fields) == most)
    page.show_section(number)
    section = page.section_pages[number]
    for _turn in range(len(sections[number].fields) + len(sections[number].tables)):
        rows = section.rows.items()
        assert [key for key, row in rows if row.height() < row.heightForWidth(row.width())] == []
        QApplication.processEvents()
    assert len(section.rows) == len(sections[number].fields)
    assert len(section.tables) == len(sections[number].tables)


def test_a_hint_that_wraps_is_never_cut(qtbot: QtBot, tmp_path: File, stored: Stored) -> None:
    """Issue 3: nothing is clipped at 200 %; there the word about a check digit takes two lines."""
    shutil.copytree(stored[0], tmp_path / "data")
    world = DraftWorld(tmp_path / "data", scale=2.0, loaded=dict(stored[1]))
    model = world.reopen(stored[2]["complete.json"])
    page = show(qtbot, world, model)
    page.resize(1160, 700)
    fields = model.session.programme.form.fields.values()
    item = next(one.id for one in fields if one.type is ItemType.CREDIT_CODE and not one.calculated)
    page.show_place(item)
    row = page.section_pages[page.current].rows[item]
    assert isinstance(row.editor, CodeEditor)
    hint = row.editor.hint
    assert hint.heightForWidth(hint.width()) > hint.fontMetrics().lineSpacing() * 1.5
    assert hint.height() >= hint.heightForWidth(hint.width())
    world.close()
    assert world.crashes == []


def test_going_far_down_a_section_brings_the_item_into_view(
    qtbot: QtBot, world: DraftWorld, faulty: DraftModel
) -> None:
    """Issue 3, 检查: click to go there; also where the section has not been seen yet."""
    page = show(qtbot, world, faulty)
    sections = faulty.session.programme.form.sections
    longest = sorted(range(len(sections)), key=lambda one: -len(sections[one].fields))[:3]
    for number in longest:
        section = sections[number]
        key = section.tables[-1] if section.tables else section.fields[-1].id
        page.show_place(key)
        for _turn in range(3):
            QApplication.processEvents()
        shown = page.section_pages[number]
        widget = shown.rows.get(key) or shown.tables[key]
        top = widget.mapTo(shown.area.viewport(), widget.rect().topLeft()).y()
        room = shown.area.viewport().height()
        assert top >= 0 and top + min(widget.height(), room // 2) <= room, (key, top, room)
