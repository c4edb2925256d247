"""The page 检查 with a real store, real keys and a real PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.model.draft import Answers
from app.model.draft import Path as Place
from app.model.finding import Finding, Gate, Severity
from app.model.value import ItemType
from app.paper.assemble import page_texts
from app.rules.checker import open_findings
from app.services.copying import copy_programme
from app.services.drafting import new_draft
from app.services.listing import earlier_reasons, group_findings, offered_reasons
from app.services.recording import latest_snapshot
from app.services.workplace import Workplace
from tests.ui.report_world import PROGRAMME, ReportWorld, report_world
from ui.draft_model import DraftModel
from ui.pages.checks import ChecksPage
from ui.pages.finding_model import FindingModel, answerable
from ui.pages.self_score import SelfScoreDialog

# the offscreen platform says so of every window with a smallest size; it is no word of ours
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[ReportWorld]:
    with report_world(tmp_path / "data") as made:
        yield made


def open_page(world: ReportWorld, qtbot: QtBot, model: DraftModel | None) -> ChecksPage:
    page = ChecksPage(world.context)
    qtbot.addWidget(page)
    page.resize(1160, 700)
    page.show_draft(model)
    page.show()
    world.settle()
    return page


def test_the_self_score_is_offered_where_it_is_switched_on(world: ReportWorld, qtbot: QtBot) -> None:
    """Issue 3, self-score: off until switched on, each line's points, always marked 非官方."""
    model = world.make_model()
    page = open_page(world, qtbot, model)
    assert not page.score_button.isVisible()
    world.context.settings.put("self_score", True)
    page.hide()
    page.show()
    assert page.score_button.isVisible()
    QTest.mouseClick(page.score_button, Qt.MouseButton.LeftButton)
    dialog = page.findChild(SelfScoreDialog)
    assert dialog is not None and "非官方" in dialog.windowTitle() and "非官方" in dialog.total.text()
    profile = model.session.programme.score
    assert profile is not None
    texts = {label.text() for label in dialog.findChildren(QLabel)}
    assert {line.label for line in profile.lines} <= texts
    dialog.accept()


def choose(page: ChecksPage, *findings: Finding) -> None:
    selection = page.tree.selectionModel()
    selection.clear()
    for finding in findings:
        index = page.findings.find(finding.__eq__)
        assert index.isValid()
        selection.setCurrentIndex(index, selection.SelectionFlag.Select | selection.SelectionFlag.Rows)


def shown(model: FindingModel) -> list[Finding]:
    found = []
    for top in range(model.rowCount()):
        severity = model.index(top, 0)
        for part in range(model.rowCount(severity)):
            section = model.index(part, 0, severity)
            for row in range(model.rowCount(section)):
                finding = model.finding_at(model.index(row, 0, section))
                assert finding is not None
                found.append(finding)
    return found


def waiting(model: DraftModel) -> list[Finding]:
    return open_findings(model.session.findings, model.answers, Gate.SEAL)


def test_all_findings_stand_in_groups_with_counts(world: ReportWorld, qtbot: QtBot) -> None:
    """Issue «The window», 检查: all findings grouped by severity and section, counts."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    assert sorted(one.key for one in shown(page.findings)) == sorted(
        one.key for one in model.session.findings
    )
    tops = [page.findings.index(row, 0).data() for row in range(page.findings.rowCount())]
    errors = [one for one in model.session.findings if one.severity is Severity.ERROR]
    assert [top[:2] for top in tops] == ["错误", "警告", "提示"]
    assert str(len(errors)) in tops[0]
    assert str(len(errors)) in page.totals[Severity.ERROR].text()
    groups = group_findings(model.session.programme.form, model.session.findings)
    assert sum(len(group.findings) for group in groups) == len(model.session.findings)


def test_filters_narrow_the_list(world: ReportWorld, qtbot: QtBot) -> None:
    """检查: filters by severity, section, step, and only without a reason."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    page.severity_box.setCurrentIndex(page.severity_box.findData("warning"))
    assert {one.severity for one in shown(page.findings)} == {Severity.WARNING}
    page.gate_box.setCurrentIndex(page.gate_box.findData("deliver"))
    assert all(Gate.DELIVER in one.gates for one in shown(page.findings))
    page.gate_box.setCurrentIndex(0)
    section = model.session.programme.form.sections[1]
    page.section_box.setCurrentIndex(page.section_box.findData(section.id))
    ids = {item.id for item in section.fields} | set(section.tables)
    assert {one.path.partition("/")[0] for one in shown(page.findings)} <= ids
    page.section_box.setCurrentIndex(0)
    first = shown(page.findings)[0]
    choose(page, first)
    page.give_reason("本年新建，情况属实")
    QTest.keyClick(page.only_open, Qt.Key.Key_Space)
    assert first.key not in {one.key for one in shown(page.findings)}


def test_enter_and_double_click_go_there(world: ReportWorld, qtbot: QtBot) -> None:
    """检查: click to go there; all by keyboard."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    finding = next(one for one in model.session.findings if one.severity is Severity.ERROR and one.path)
    choose(page, finding)
    QTest.keyClick(page.tree, Qt.Key.Key_Return)
    page.tree.doubleClicked.emit(page.tree.currentIndex())
    QTest.mouseClick(page.panel.go_button, Qt.MouseButton.LeftButton)
    assert world.gone == [("draft", finding.path)] * 3


def test_one_reason_for_several_is_one_undo_step(world: ReportWorld, qtbot: QtBot) -> None:
    """检查: a warning's written reason is typed here, one for several; Chinese through an input method."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    chosen = [one for one in model.session.findings if answerable(one)][:3]
    choose(page, *chosen)
    commit = QInputMethodEvent("", [])
    commit.setCommitString("已与台账核对")
    QApplication.sendEvent(page.panel.edit, commit)
    QTest.mouseClick(page.panel.give_button, Qt.MouseButton.LeftButton)
    assert {model.answers.reasons[one.key] for one in chosen} == {"已与台账核对"}
    assert model.session.undo_label == "写明原因"
    model.undo()
    assert not set(model.answers.reasons) & {one.key for one in chosen}
    world.settle()


def test_last_years_reason_is_offered(world: ReportWorld, qtbot: QtBot) -> None:
    """检查: last year's reason is offered; a reason for the same code and item too, of another unit never."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    finding = next(one for one in model.session.findings if answerable(one) and "/" not in one.path)
    page._earlier = {finding.key: "上年同样口径", "OTHER-01@x": "别的"}
    choose(page, finding)
    page._show_chosen()
    assert len(page.panel.offers) == 1
    QTest.mouseClick(page.panel.offers[0], Qt.MouseButton.LeftButton)
    assert page.panel.edit.toPlainText() == "上年同样口径"
    assert finding.key not in model.answers.reasons

    row = Finding("A-1", Severity.WARNING, "t1/r9/name", "required.text")
    answers = Answers(reasons={"A-1@t1/r2/name": "同名的两家", "A-1@t1/r2/code": "别的列"})
    assert offered_reasons(answers, {}, row) == ("同名的两家",)


def test_only_an_earlier_year_of_the_same_unit_is_asked(world: ReportWorld) -> None:
    """Last year's reason comes from last year's report of this unit, not from another draft of this year."""
    key, code = "YOY-01@e03", "91650100MA7TEST01X"

    def make(workplace: Workplace) -> list[str]:
        copy_programme(workplace.library, PROGRAMME, "older", -1, workplace.folder / "programmes")
        field = next(
            item.id
            for item in workplace.find_programme(PROGRAMME).form.fields.values()
            if item.type is ItemType.CREDIT_CODE
        )
        answers = Answers(values={field: code}, reasons={key: "去年的原因"})
        this_year = replace(answers, reasons={key: "今年另一份"})
        foreign = Answers(values={field: "91650100MA7TEST02Y"})
        older, mine = (workplace.find_programme(name) for name in ("older", PROGRAMME))
        new_draft(workplace, older, answers)
        new_draft(workplace, mine, this_year)
        return [new_draft(workplace, mine, one) for one in (answers, foreign, Answers())]

    own, foreign, empty = world.on_store(make)
    assert world.on_store(lambda workplace: earlier_reasons(workplace, own)) == {key: "去年的原因"}
    assert world.on_store(lambda workplace: earlier_reasons(workplace, foreign)) == {}
    assert world.on_store(lambda workplace: earlier_reasons(workplace, empty)) == {}


def test_typing_keeps_selection_and_scroll(world: ReportWorld, qtbot: QtBot) -> None:
    """检查: the list updates while typing without a stutter; what is selected stays."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    kept = [one for one in model.session.findings if one.severity is Severity.WARNING][10]
    choose(page, kept)
    page.tree.scrollTo(page.tree.currentIndex())
    place = page.tree.verticalScrollBar().value()
    resets: list[int] = []
    page.findings.modelReset.connect(lambda: resets.append(1))
    field = next(
        one for one in model.session.findings if one.severity is Severity.ERROR and "/" not in one.path
    )
    before = len(shown(page.findings))
    model.set_text(Place(field.path), "改了又改", "输入")
    qtbot.waitUntil(lambda: not page.rest.isActive())
    assert resets == []
    assert page.chosen() == [kept]
    assert abs(page.tree.verticalScrollBar().value() - place) <= abs(len(shown(page.findings)) - before) * 60
    fresh = FindingModel(world.messages, world.context.look)
    assert sorted(one.key for one in shown(page.findings)) == sorted(
        one.key for one in model.session.findings
    )
    assert fresh.rowCount() == 0
    world.settle()


def test_a_half_typed_reason_survives_an_update(world: ReportWorld, qtbot: QtBot) -> None:
    """Loading changes nothing: a re-check must not wipe what is being typed."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    choose(page, next(one for one in model.session.findings if answerable(one)))
    page.panel.edit.setPlainText("写到一半")
    model.recheck()
    page._update()
    assert page.panel.edit.toPlainText() == "写到一半"
    assert world.on_store(lambda workplace: workplace.draft(model.draft_id).revision) == 0


def test_what_blocks_takes_no_reason(world: ReportWorld, qtbot: QtBot) -> None:
    """What would make the paper false blocks for good (house, Finding)."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    blocking = next(one for one in model.session.findings if one.blocks)
    choose(page, blocking)
    assert not page.panel.edit.isEnabled()
    page.give_reason("无论如何")
    assert blocking.key not in model.answers.reasons
    page.seal()
    assert page.desk.dialog is not None
    assert not page.desk.dialog.anyway.isVisible()
    QTest.mouseClick(page.desk.dialog.back, Qt.MouseButton.LeftButton)
    assert world.on_store(lambda workplace: latest_snapshot(workplace, model.draft_id)) is None


def test_sealing_with_open_findings(world: ReportWorld, qtbot: QtBot) -> None:
    """检查: 带问题定稿 with one reason for all and a question first; the fingerprint is shown afterwards."""
    model = world.make_model("complete.json")
    name = next(
        item
        for item in model.session.programme.form.fields.values()
        if item.required == "true"
        and not item.calculated
        and item.compared
        and item.id in model.answers.values
    )
    model.set_text(Place(name.id), "", "清除")
    world.settle()
    page = open_page(world, qtbot, model)
    assert waiting(model)
    assert not any(one.blocks for one in waiting(model))
    page.seal()
    dialog = page.desk.dialog
    assert dialog is not None
    assert dialog.list.count() == len(waiting(model))
    assert not dialog.anyway.isEnabled()
    dialog.reason.setPlainText("原始凭证正在补办")
    QTest.mouseClick(dialog.anyway, Qt.MouseButton.LeftButton)
    assert page.desk.dialog is dialog
    assert str(len(dialog.waiting)) in dialog.confirm.text()
    QTest.mouseClick(dialog.anyway, Qt.MouseButton.LeftButton)
    world.settle()
    snapshot = world.on_store(lambda workplace: latest_snapshot(workplace, model.draft_id))
    assert snapshot is not None
    assert snapshot.short in page.desk.state.text()
    assert ("已定稿，校验码 " + snapshot.short + "。", "good") in world.told
    assert world.refreshed == 1
    model.set_text(Place(name.id), "3", "输入")
    world.settle()
    assert "定稿后内容有改动" in page.desk.state.text()
    model.undo()
    world.settle()
    assert "内容与定稿一致" in page.desk.state.text()


def test_a_clean_report_is_sealed_at_once(world: ReportWorld, qtbot: QtBot) -> None:
    """检查: sealing by key; edits on the way to the disk are waited for."""
    model = world.make_model("complete.json")
    if waiting(model):
        keys = {one.key: "已核对" for one in waiting(model)}
        model.change(replace(model.answers, reasons=keys), "写明原因")
    page = open_page(world, qtbot, model)
    QTest.keyClick(page.seal_button, Qt.Key.Key_Space)
    world.settle()
    snapshot = world.on_store(lambda workplace: latest_snapshot(workplace, model.draft_id))
    assert snapshot is not None
    again = open_page(world, qtbot, model)
    assert snapshot.short in again.desk.state.text()
    assert "内容与定稿一致" in again.desk.state.text()
    QTest.mouseClick(again.desk.copy_button, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == snapshot.fingerprint


def test_the_list_on_paper(world: ReportWorld, qtbot: QtBot, tmp_path: Path) -> None:
    """检查: a button that makes a PDF of the list; every finding stands in it."""
    model = world.make_model("faulty.json")
    page = open_page(world, qtbot, model)
    target = tmp_path / "清单.pdf"
    page.choose_file = lambda: str(target)
    QTest.mouseClick(page.list_button, Qt.MouseButton.LeftButton)
    world.settle()
    text = "".join(page_texts(target)).replace("\n", "").replace(" ", "")
    assert "检查结果清单" in text
    finding = next(one for one in model.session.findings if one.severity is Severity.ERROR)
    wanted = world.messages.finding(finding).replace(" ", "")
    assert wanted[:12] in text
    assert world.told == [("清单已存为「清单.pdf」。", "good")]


def test_a_list_that_cannot_be_written_is_told(world: ReportWorld, qtbot: QtBot, tmp_path: Path) -> None:
    """Errors of the world are a banner that says what to do."""
    page = open_page(world, qtbot, world.make_model("complete.json"))
    page.choose_file = lambda: str(tmp_path / "nowhere" / "a.pdf")
    page.save_list()
    world.settle()
    assert [tone for _, tone in world.told] == ["error"]
    assert page.list_button.isEnabled()


def test_no_report_and_every_editor_named(world: ReportWorld, qtbot: QtBot) -> None:
    """Pages cope with no report; every editor has an accessible name."""
    page = open_page(world, qtbot, None)
    assert "首页" in page.hint.text()
    page.show_draft(world.make_model("complete.json"))
    world.settle()
    named: list[QWidget] = [page.tree, page.severity_box, page.section_box, page.gate_box, page.panel.edit]
    assert all(one.accessibleName() for one in named)
    page.show_draft(None)
    assert page._stack.currentIndex() == 0
