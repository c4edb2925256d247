"""The page 时限 and the reminders, with the dates of seed 000."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QDateTime, Qt, QTime
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.clock import BEIJING
from app.model.submission import EventKind
from app.rules.stages import StageState, State, stages
from app.services.recording import Registration, register
from tests.ui.report_world import MORNING, ReportWorld, report_world
from ui.draft_model import DraftModel
from ui.pages.time_line import Mark, axis_of
from ui.pages.timeline import TimelinePage
from ui.reminders import SETTING, Reminders, due_reminder, next_deadline

# the offscreen platform says so of every window with a smallest size; it is no word of ours
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
FILL_CLOSES = datetime(2023, 1, 5, 21, tzinfo=BEIJING)


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[ReportWorld]:
    with report_world(tmp_path / "data") as made:
        yield made


def open_page(world: ReportWorld, qtbot: QtBot, model: DraftModel | None) -> TimelinePage:
    page = TimelinePage(world.context)
    qtbot.addWidget(page)
    page.resize(1160, 700)
    page.show_draft(model)
    page.show()
    world.settle()
    return page


def states_of(model: DraftModel, now: datetime) -> tuple[StageState, ...]:
    return stages(model.session.programme, (), now)


def test_the_chain_with_state_rule_and_what_comes_before(world: ReportWorld, qtbot: QtBot) -> None:
    """Issue «The window», 时限: time line with now, deadlines in Beijing time, the rule, working days left,
    what must be done before each; doubts of the notice beside.
    """
    model = world.make_model()
    page = open_page(world, qtbot, model)
    assert [row.objectName() for row in page._rows] == [one.id for one in model.session.programme.stages]
    fill, review = page._rows[0], page._rows[1]
    assert fill.state.text() == "进行中"
    assert "2023年1月5日 21:00 截止，以送达为准" in fill.times.text()
    assert fill.left.text() == "还剩 8 天 11 小时，其中工作日 5 天"
    assert review.state.text() == "未开始"
    assert "须先完成：网上填报并提交" in review.details.text()
    assert "另有读法" in review.details.text()
    assert page.now.text() == "北京时间 2022年12月28日 10:00:00"
    first = model.session.programme.notes[0]
    texts = [label.text() for label in page.notes.findChildren(type(fill.title))]
    assert first.about in texts
    assert all(row.accessibleName() for row in page._rows)
    assert "2023年1月10日 12:00" in page.axis.accessibleDescription()


def test_now_moves(world: ReportWorld, qtbot: QtBot) -> None:
    """时限: countdown in Beijing time; the local clock beside it where it differs."""
    page = open_page(world, qtbot, world.make_model())
    world.pass_time(seconds=5)
    page.tick()
    assert page.now.text().endswith("10:00:05")
    world.now = (FILL_CLOSES + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=6)))
    page.tick()
    assert page._rows[0].state.text() == "已逾期"
    assert page._rows[0].left.text() == "已过 1 分钟"
    assert "UTC+6" in page.now.text()
    assert "北京时间 2023年1月5日 21:01:00" in page.now.text()


def test_an_extension_is_registered_with_its_source(world: ReportWorld, qtbot: QtBot) -> None:
    """时限: extensions with their source; the notice's own deadline is kept beside it."""
    model = world.make_model()
    page = open_page(world, qtbot, model)
    QTest.mouseClick(page.extend_button, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    assert not dialog.save.isEnabled()
    QTest.keyClicks(dialog.source, "0991-3826727")
    assert dialog.save.isEnabled()
    dialog.closes.setDateTime(QDateTime(QDate(2023, 1, 5), QTime(20, 0)))
    assert not dialog.save.isEnabled()
    assert "21:00" in dialog.problem.text()
    dialog.closes.setDateTime(QDateTime(QDate(2023, 1, 8), QTime(18, 0)))
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.dialog is None
    assert "2023年1月8日 18:00 截止" in page._rows[0].times.text()
    assert "原定 2023年1月5日 21:00；依据：0991-3826727" in page._rows[0].times.text()
    events = world.on_store(lambda workplace: workplace.store.events.list(model.draft_id))
    assert [event.kind for event in events] == [EventKind.EXTENDED]
    assert world.refreshed == 1
    assert world.told[-1][1] == "good"


def test_what_another_page_registered_is_shown(world: ReportWorld, qtbot: QtBot) -> None:
    """时限: status is a fold over events, read again when the page is shown."""
    model = world.make_model()
    page = open_page(world, qtbot, model)
    page.hide()
    entry = Registration("submitted", params={"number": "20221228-1"})
    world.on_store(lambda workplace: register(workplace, model.draft_id, entry, world.now))
    page.show()
    world.settle()
    assert page._rows[0].state.text() == "已完成"
    assert "单位管理员审核" in page.next.text()


def test_the_plan_follows_the_clerk(world: ReportWorld, qtbot: QtBot) -> None:
    """时限: back-plan with durations the clerk can change; says since when it is impossible, by how much."""
    model = world.make_model()
    page = open_page(world, qtbot, model)
    view = page.plan_view
    assert "自 2022年12月22日 12:00 起不够，还差 3.8 个工作日" in view.verdict.text()
    assert "10:00—14:00，15:30—19:30" in view.intro.text()
    page.tabs.setCurrentIndex(1)
    for stage_id in ("fill", "deliver", "prefecture_review"):
        box = view.boxes[stage_id]
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, "0.5")
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert view.verdict.text().startswith("来得及")
    kept = world.settings.values[f"backplan.{model.session.programme.id}"]
    assert kept == {"fill": "0.5", "deliver": "0.5", "prefecture_review": "0.5"}
    again = open_page(world, qtbot, model)
    assert again.plan_view.boxes["deliver"].value() == 0.5
    QTest.mouseClick(again.plan_view.reset_button, Qt.MouseButton.LeftButton)
    assert again.plan_view.boxes["deliver"].value() == 2.0
    assert "出发" in again.plan_view._cells["deliver"][0].text()


def test_showing_writes_nothing(world: ReportWorld, qtbot: QtBot) -> None:
    """Loading, switching and closing change nothing, neither in the store nor in the settings."""
    model = world.make_model()
    page = open_page(world, qtbot, model)
    page.tabs.setCurrentIndex(1)
    page.show_draft(None)
    page.show_draft(model)
    world.settle()
    assert world.settings.values == {}
    assert world.on_store(lambda workplace: workplace.store.events.list(model.draft_id)) == ()


def test_a_damaged_setting_is_passed_over(world: ReportWorld, qtbot: QtBot) -> None:
    """What cannot be read in the settings counts as the usual days."""
    model = world.make_model()
    key = f"backplan.{model.session.programme.id}"
    world.settings.values[key] = {"fill": "viel", "deliver": "NaN", "bind": "4"}
    page = open_page(world, qtbot, model)
    assert page.plan_view.boxes["fill"].value() == 3.0
    assert page.plan_view.boxes["bind"].value() == 4.0


def test_the_calendar_file(world: ReportWorld, qtbot: QtBot, tmp_path: Path) -> None:
    """时限: export to .ics, deadlines and leave-by moments with reminders."""
    page = open_page(world, qtbot, world.make_model())
    target = tmp_path / "时限.ics"
    page.choose_file = lambda: str(target)
    QTest.mouseClick(page.export_button, Qt.MouseButton.LeftButton)
    world.settle()
    text = target.read_bytes().replace(b"\r\n ", b"").decode("utf-8")
    assert "SUMMARY:截止：网上填报并提交" in text
    assert "DTSTART:20230105T130000Z" in text
    assert "SUMMARY:最晚出发：送达新疆科技项目服务中心" in text
    assert text.count("TRIGGER:-PT3H") == text.count("BEGIN:VEVENT")
    assert world.told[-1][1] == "good"


def test_the_axis_holds_all_marks() -> None:
    """The time line begins and ends at midnights around everything it shows."""
    marks = [Mark(FILL_CLOSES, "填报", State.OPEN)]
    start, end = axis_of(marks, [datetime(2022, 12, 22, tzinfo=BEIJING)], MORNING)
    assert start == datetime(2022, 12, 22, tzinfo=BEIJING)
    assert end == datetime(2023, 1, 7, tzinfo=BEIJING)
    far, _ = axis_of(marks, [], MORNING - timedelta(days=400))
    assert far == datetime(2023, 1, 5, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("left", "hours"),
    [
        (timedelta(days=8), None),
        (timedelta(days=7), 168),
        (timedelta(days=2), 72),
        (timedelta(hours=24), 24),
        (timedelta(hours=3, seconds=1), 24),
        (timedelta(hours=3), 3),
        (timedelta(minutes=1), 3),
    ],
)
def test_a_reminder_is_due(world: ReportWorld, left: timedelta, hours: int | None) -> None:
    """时限: reminders at 7, 3, 1 days and 3 hours, each once."""
    model = world.make_model()
    now = FILL_CLOSES - left
    reminder = due_reminder("D", states_of(model, now), now, ())
    assert (reminder and int(reminder.key.rpartition("/")[2])) == hours
    if reminder is not None:
        assert due_reminder("D", states_of(model, now), now, {reminder.key}) is None


def test_only_what_is_open_is_reminded_of(world: ReportWorld) -> None:
    """The next open deadline: late and finished stages are past."""
    model = world.make_model()
    late = states_of(model, FILL_CLOSES)
    following = next_deadline(late)
    assert following is not None
    assert following.stage.id == "prefecture_review"
    done = [replace(one, state=State.DONE) for one in late]
    assert due_reminder("D", done, FILL_CLOSES, ()) is None


def test_reminders_are_told_once_and_can_be_switched_off(world: ReportWorld, qtbot: QtBot) -> None:
    """时限: a tray or desktop reminder that can be switched off; without a tray the banner tells it."""
    world.make_model()
    world.now = FILL_CLOSES - timedelta(days=2)
    reminders = Reminders(world.context)
    reminders.look()
    world.settle()
    assert len(world.told) == 1
    assert "将于北京时间 2023年1月5日 21:00 截止，还剩 2 天" in world.told[0][0]
    reminders.look()
    world.settle()
    assert len(world.told) == 1
    page = open_page(world, qtbot, None)
    page.remind.click()
    assert world.settings.values[SETTING] is False
    world.now = FILL_CLOSES - timedelta(hours=2)
    reminders.look()
    world.settle()
    assert len(world.told) == 1


def test_no_report(world: ReportWorld, qtbot: QtBot) -> None:
    """Pages cope with no report."""
    page = open_page(world, qtbot, None)
    assert page._stack.currentIndex() == 0
    page.tick()
    assert page.dialog is None
