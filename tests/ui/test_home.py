"""首页: cards, time left, registering, new reports, backups, archive, search."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.clock import BEIJING
from app.model.submission import EventKind
from app.services.recording import seal, status
from app.services.submitting import make_bundle
from app.services.workplace import Workplace
from tests.ui.window_world import WindowWorld
from ui.home.card import ReportCard
from ui.home.new_report import NewReport
from ui.home.register import RegisterDialog
from ui.home.rename import RenameDialog
from ui.home.renew_dialog import RenewDialog
from ui.pages.home import HomePage

pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.qt_log_ignore("propagateSizeHints")]


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[WindowWorld]:
    world = WindowWorld(tmp_path / "data")
    world.window.resize(1366, 768)
    world.window.show()
    world.window.start()
    world.settled()
    yield world
    world.close()


def home_of(world: WindowWorld) -> HomePage:
    world.window.go("home", "")
    home = world.window.built_page("home")
    assert isinstance(home, HomePage)
    home.reload()
    world.settled()
    return home


def cards_of(world: WindowWorld) -> list[ReportCard]:
    return [card for card in home_of(world).cards if isinstance(card, ReportCard)]


def texts_of(card: ReportCard) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in card.findChildren(QLabel) if not label.isHidden())


def test_a_card_says_who_must_act_and_how_long_there_is(world: WindowWorld) -> None:
    """issue 3, 首页: programme, next act, who must act, countdown in Beijing time and on the local clock."""
    world.make_draft()
    (card,) = cards_of(world)
    card.show_time(world.clock())
    told = texts_of(card)
    assert "由填报人办理" in told
    assert "2023年1月5日 21:00 截止" in told
    assert "还剩 8 天 11 小时" in told
    assert "您的电脑显示" not in told
    elsewhere = timezone(timedelta(hours=6))
    world.clock.now += timedelta(days=8)
    (card,) = cards_of(world)
    card.show_time(world.clock().astimezone(elsewhere))
    told = texts_of(card)
    assert "只剩 11 小时" in told
    assert "您的电脑显示 1月5日 08:00（UTC+6），此刻北京时间是 2023年1月5日 10:00" in told
    assert "截止时刻在您的电脑上显示为 1月5日 19:00" in told


def test_what_happened_outside_is_registered(world: WindowWorld, tmp_path: Path) -> None:
    """issue 3, 首页: 登记 asks for what the kind needs; an extension moves the deadline on the card."""
    draft_id = world.make_draft()
    (card,) = cards_of(world)
    card.register_button.click()
    dialog = home_of(world).findChild(RegisterDialog)
    assert dialog is not None
    assert dialog.chosen_kind() in (EventKind.SUBMITTED, EventKind.UPLOADED)
    dialog.kind.setCurrentIndex(dialog.kind.findData("extended"))
    assert not dialog.save_button.isEnabled()
    paper = tmp_path / "延期通知.pdf"
    paper.write_bytes(b"%PDF-1.7 extension")
    dialog.picker = lambda _parent, _title, _kinds: paper
    dialog.file_button.click()
    dialog.note.setPlainText("科技厅电话通知")
    dialog.who.setText("李四")
    assert dialog.save_button.isEnabled()
    from PySide6.QtCore import QDate, QTime

    dialog.closes.setDate(QDate(2023, 1, 10))
    dialog.closes.setTime(QTime(20, 30))
    dialog.save_button.click()
    world.settled()
    (event,) = world.on_store(lambda workplace: workplace.store.events.list(draft_id))
    assert (event.kind, event.who, event.note) == (EventKind.EXTENDED, "李四", "科技厅电话通知")
    assert event.at == datetime(2022, 12, 28, 10, 0, tzinfo=BEIJING)
    assert event.params["closes"] == "2023-01-10T20:30:00+08:00"
    assert event.file
    (card,) = cards_of(world)
    assert "2023年1月10日 20:30 截止" in texts_of(card)


def test_marks_of_a_return_are_registered_by_hand(world: WindowWorld) -> None:
    """issue 3, 首页: 登记 takes what a reviewer marked; one that is typed and not added is kept too."""
    draft_id = world.make_draft()
    (card,) = cards_of(world)
    card.register_button.click()
    dialog = home_of(world).findChild(RegisterDialog)
    assert dialog is not None
    marks = dialog.marks
    assert not marks.isVisible()
    dialog.kind.setCurrentIndex(dialog.kind.findData("returned"))
    assert marks.isVisible()
    dialog.note.setPlainText("电话通知退回")
    item = marks.place.itemData(1)
    marks.place.setEditText(marks.place.itemText(1))
    QTest.keyClicks(marks.text, "98")
    marks.add_button.click()
    marks.place.setEditText("第3页")
    QTest.keyClicks(marks.text, "77")
    marks.add_button.click()
    marks.list.setCurrentRow(0)
    marks.remove_button.click()
    marks.place.setEditText("没有的地方")
    QTest.keyClicks(marks.text, "65")
    assert not marks.add_button.isEnabled() and not dialog.save_button.isEnabled()
    marks.place.setEditText(marks.place.itemText(1))
    assert dialog.save_button.isEnabled()
    dialog.save_button.click()
    world.settled()
    (event,) = world.on_store(lambda workplace: workplace.store.events.list(draft_id))
    written = [(one["path"], one["page"], one["text"]) for one in json.loads(event.params["marks"])]
    assert written == [("", 3, "77"), (item, 0, "65")]


def test_a_moment_in_the_future_is_refused_in_the_dialog(world: WindowWorld) -> None:
    """architecture, «Errors»: what is refused is said where it was typed, and nothing is lost."""
    draft_id = world.make_draft()
    (card,) = cards_of(world)
    card.register_button.click()
    dialog = home_of(world).findChild(RegisterDialog)
    assert dialog is not None
    dialog.kind.setCurrentIndex(dialog.kind.findData("signed"))
    dialog.at.setDate(dialog.at.date().addDays(3))
    dialog.save_button.click()
    world.settled()
    assert dialog.isVisible()
    assert world.on_store(lambda workplace: workplace.store.events.list(draft_id)) == ()
    dialog.reject()


def new_report(world: WindowWorld) -> NewReport:
    home = home_of(world)
    world.window.activateWindow()
    QTest.qWaitForWindowActive(world.window)
    QTest.keyClick(home, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    world.settled()
    dialog = next(one for one in home.findChildren(NewReport) if one.isVisible())
    assert dialog.programme() is not None
    return dialog


def test_a_blank_report_is_made_and_opened(world: WindowWorld) -> None:
    """issue 3, 首页: a new report from a programme; it is opened on the page 填报."""
    dialog = new_report(world)
    dialog.make_button.click()
    world.settled()
    model = world.window.report.model
    assert model is not None
    assert not model.answers.values
    assert world.window.page == "draft"
    assert len(cards_of(world)) == 1


def test_a_report_is_made_from_the_sample_and_from_last_year(world: WindowWorld) -> None:
    """issue 3, 首页: from the rehearsal sample; from last year's report: names stay, flows are cleared."""
    dialog = new_report(world)
    dialog.sample.setChecked(True)
    dialog.make_button.click()
    world.settled()
    first = world.window.report.model
    assert first is not None
    assert "演练样例" in world.window.report.title
    old = first.answers
    dialog = new_report(world)
    assert dialog.last_year.isEnabled()
    dialog.last_year.setChecked(True)
    dialog.make_button.click()
    world.settled()
    second = world.window.report.model
    assert second is not None
    assert second.draft_id != first.draft_id
    assert second.answers.previous.keys() <= old.values.keys()
    assert len(second.answers.previous) > 100
    assert not second.answers.attachments
    assert not second.answers.tables
    assert 0 < len(second.answers.values) < len(old.values)


def test_the_clerk_chooses_what_is_taken_over(world: WindowWorld) -> None:
    """issue 3, 首页: keep / blank / confirm per section and column; the details are opened on demand."""
    model = world.make_model()
    world.window.refresh()
    world.settled()
    old, form = model.answers, model.session.programme.form
    section = next(one for one in form.sections if one.tables and old.tables.get(one.tables[0]))
    table = form.tables[section.tables[0]]
    number = next(one.id for one in section.fields if one.type == "integer" and one.id in old.values)
    dialog = new_report(world)
    assert not dialog.renew_button.isEnabled()
    dialog.last_year.setChecked(True)
    dialog.renew_button.click()
    choice = next(one for one in dialog.findChildren(RenewDialog) if one.isVisible())
    assert choice.boxes == {}
    group = choice.groups[section.id]
    group.setCurrentIndex(group.findData("confirm"))
    group.activated.emit(group.currentIndex())
    line = choice.tree.topLevelItem(form.sections.index(section))
    assert line is not None
    line.setExpanded(True)
    assert choice.groups[table.id].currentData() == "confirm"
    box = choice.boxes[number]
    box.setCurrentIndex(box.findData("blank"))
    box.activated.emit(box.currentIndex())
    assert group.currentText() == "逐项选择"
    names = choice.groups[table.id]
    names.setCurrentIndex(names.findData("names"))
    names.activated.emit(names.currentIndex())
    choice.save_button.click()
    dialog.make_button.click()
    world.settled()
    made = world.window.report.model
    assert made is not None and made.draft_id != model.draft_id
    assert number not in made.answers.values
    assert len(made.answers.tables[table.id]) == len(old.tables[table.id])
    waiting = {one.id for one in section.fields if one.id in made.answers.unconfirmed}
    assert waiting == {one.id for one in section.fields if one.id in made.answers.values}
    assert not [one for one in made.answers.unconfirmed if one.startswith(f"{table.id}.")]
    told = [one.path for one in made.session.findings if one.code == "FRM-02"]
    assert set(told) == made.answers.unconfirmed
    other = next(one for one in form.sections if one is not section)
    assert not made.answers.unconfirmed & {one.id for one in other.fields}


def test_the_original_notice_is_kept_opened_and_taken_off(world: WindowWorld, tmp_path: Path) -> None:
    """issue 3, 首页: the notice stands on the card; it is no content: the 校验码 stays as it is."""
    draft_id = world.make_draft()
    world.window.refresh()
    world.settled()
    before = world.on_store(lambda workplace: status(workplace, draft_id, workplace.now())["fingerprint"])
    notice = tmp_path / "关于开展绩效评价的通知.pdf"
    notice.write_bytes(b"%PDF-1.4 notice")
    button = cards_of(world)[0].notice_button
    assert button is not None and button.text() == "附上通知原文"
    button.picker = lambda _parent, _title, _kinds: notice
    button.click()
    world.settled()
    button = cards_of(world)[0].notice_button
    assert button is not None and button.text() == "通知原文"
    opened: list[Path] = []

    def no_viewer(url: QUrl) -> bool:
        opened.append(Path(url.toLocalFile()))
        return False

    button.open_url = no_viewer
    menu = button.make_menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == [f"打开“{notice.name}”", "附上通知原文", f"移出“{notice.name}”"]
    menu.actions()[0].trigger()
    world.settled()
    assert (opened[0].name, opened[0].read_bytes()) == (notice.name, notice.read_bytes())
    assert "没有能打开" in world.window.banner.message.text()
    after = world.on_store(lambda workplace: status(workplace, draft_id, workplace.now())["fingerprint"])
    assert after == before
    menu.actions()[-1].trigger()
    world.settled()
    button = cards_of(world)[0].notice_button
    assert button is not None and button.text() == "附上通知原文"


def test_a_bundle_becomes_a_report_with_its_files(world: WindowWorld, tmp_path: Path) -> None:
    """issue 3, 首页: from a .shenbao file, evidence included; also one that a second start hands over."""
    draft_id = world.make_draft()
    bundle = tmp_path / "甲.shenbao"

    def pack(workplace: Workplace) -> int:
        sealed = seal(workplace, draft_id, workplace.now(), "演练")
        assert sealed.snapshot is not None, [one.code for one in sealed.open]
        make_bundle(workplace, draft_id, bundle)
        return len(workplace.draft(draft_id).answers.attachments)

    files = world.on_store(pack)
    shutil.rmtree(world.folder / "attachments")
    world.window.open_file(str(bundle))
    world.until(lambda: world.window.report.model is not None)
    world.settled()
    model = world.window.report.model
    assert model is not None
    assert model.draft_id != draft_id
    assert len(model.answers.attachments) == files > 0
    wanted = [one.sha256 for one in model.answers.attachments]
    assert world.on_store(lambda workplace: workplace.store.attachments.check(wanted)) == {}


def test_a_programme_from_a_stick_is_taken_in_or_its_defects_are_named(
    world: WindowWorld, tmp_path: Path, root: Path
) -> None:
    """issue 3, 首页: programmes from a folder on a USB stick, copied after loading without defects."""
    chosen = tomllib.loads((root / "resources" / "settings.toml").read_text("utf-8"))["demo_programme"]
    source = root / "resources" / "programmes" / chosen
    stick = tmp_path / "stick" / "another-programme"
    shutil.copytree(source, stick)
    toml = stick / "programme.toml"
    toml.write_text(
        toml.read_text("utf-8").replace(f'id = "{source.name}"', 'id = "another-programme"', 1), "utf-8"
    )
    for sample in (stick / "samples").glob("*.json"):
        sample.write_text(sample.read_text("utf-8").replace(source.name, "another-programme"), "utf-8")
    all_and_one = len(list((root / "resources" / "programmes").glob("*/programme.toml"))) + 1
    dialog = new_report(world)
    dialog.picker = lambda _parent, _title, _kinds: stick
    dialog.folder_button.click()
    world.settled()
    assert dialog.trouble.text().startswith("已载入"), dialog.trouble.text()
    assert dialog.programmes.count() == all_and_one
    shutil.rmtree(stick)
    dialog.read()
    world.settled()
    assert dialog.programmes.count() == all_and_one
    broken = tmp_path / "stick" / "broken"
    broken.mkdir()
    (broken / "programme.toml").write_text('id = "broken"\n', "utf-8")
    dialog.picker = lambda _parent, _title, _kinds: broken
    dialog.folder_button.click()
    world.settled()
    assert "没有载入" in dialog.trouble.text()
    assert "programme.toml" in dialog.trouble.text()
    dialog.reject()


def test_only_programmes_of_the_units_kind_are_listed_first(qtbot: QtBot, tmp_path: Path) -> None:
    """issue 3, First start: only the programmes of that kind; the rest under 全部."""
    from dataclasses import replace

    from tests.ui.window_world import UNIT

    world = WindowWorld(tmp_path, unit=replace(UNIT, kind="incubator"))
    world.window.show()
    world.window.start()
    world.settled()
    dialog = new_report(world)
    assert dialog.every.isChecked()
    assert "已列出全部" in dialog.trouble.text()
    dialog.own.setChecked(True)
    assert dialog.programmes.count() == 0
    assert not dialog.make_button.isEnabled()
    dialog.reject()
    world.close()


def test_backups_are_made_and_their_age_is_told(world: WindowWorld, tmp_path: Path) -> None:
    """issue 3, 首页: age of the last backup; a copy goes to the folder that is set."""
    from app.services.accounts import keep_backup_folder

    world.make_draft()
    outside = tmp_path / "U 盘"
    world.on_store(lambda workplace: keep_backup_folder(workplace, str(outside)))
    home = home_of(world)
    assert home.backup_age.text() == "尚未备份"
    home.backup_button.click()
    world.settled()
    assert home.backup_age.text() == "刚刚备份过"
    assert [path.suffix for path in sorted(outside.iterdir())] == [".db", ".json"]
    world.clock.now += timedelta(days=2, hours=3)
    home.reload()
    world.settled()
    assert home.backup_age.text() == "上次备份：2 天 3 小时前"


def test_reports_are_found_renamed_archived_and_brought_back(world: WindowWorld) -> None:
    """issue 3, 首页: search over reports; nothing is destroyed by archiving."""
    first, _second = world.make_draft(), world.make_draft("faulty.json")
    home = home_of(world)
    assert len(cards_of(world)) == 2
    card = next(one for one in cards_of(world) if one.report.summary.id == first)
    card.chosen.emit("rename")
    dialog = home.findChild(RenameDialog)
    assert dialog is not None
    dialog.name.setText("天山园区报告")
    dialog.save_button.click()
    world.settled()
    QTest.keyClick(world.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    home.search.setText("天山")
    (card,) = cards_of(world)
    assert card.title.accessibleName() == "天山园区报告"
    card.chosen.emit("archive")
    world.settled()
    assert cards_of(world) == []
    home.archived.setChecked(True)
    world.settled()
    (card,) = cards_of(world)
    assert "已归档" in texts_of(card)
    card.chosen.emit("restore")
    world.settled()
    home.archived.setChecked(False)
    world.settled()
    assert len(cards_of(world)) == 1
    home.search.setText("没有这个")
    assert cards_of(world) == []
