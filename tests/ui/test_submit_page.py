"""上报: filing by hand with keys, sending to a real rehearsal platform (issue «The window»)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from app.commands.sending import make_site
from app.model.draft import Path as PlaceInForm
from app.model.submission import EventKind
from app.paper.assemble import page_texts
from app.services.accounts import Platform, keep_platform
from app.services.printing import print_packet
from app.services.recording import Registration, register, seal
from app.services.standing import Step
from app.services.workplace import make_library
from app.transport.base import Mark
from app.transport.receipts import verify_receipt
from app.transport.review import return_report
from tests.adapters.platform_fixture import PASSWORD, RunningPlatform, reviewer, running
from tests.ui.report_world import MORNING, RESOURCES, ReportWorld, report_world
from ui.draft_model import DraftModel
from ui.pages.hand_filing import HandFiling
from ui.pages.paper_intake import IntakeDialog
from ui.pages.submit import SubmitPage

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def world(qapp: QApplication, tmp_path: Path) -> Iterator[ReportWorld]:
    with report_world(tmp_path / "data") as made:
        yield made


@pytest.fixture
def sealed(world: ReportWorld) -> DraftModel:
    model = world.make_model()
    done = world.on_store(lambda workplace: seal(workplace, model.draft_id, world.now, "已核对"))
    assert done.snapshot is not None
    return model


@pytest.fixture
def platform(world: ReportWorld, tmp_path: Path) -> Iterator[RunningPlatform]:
    library = make_library(RESOURCES, tmp_path / "none")
    site = make_site(library, world.messages, PASSWORD)
    folder = tmp_path / "practice"
    folder.mkdir()
    with running(folder, MORNING, site) as made:
        yield made


Open = Callable[[DraftModel | None], SubmitPage]


@pytest.fixture
def open_page(qtbot: QtBot, world: ReportWorld) -> Open:
    def build(model: DraftModel | None) -> SubmitPage:
        page = SubmitPage(world.context)
        page.sending.read_password = lambda _platform: None
        qtbot.addWidget(page)
        page.resize(1100, 680)
        page.show_draft(model)
        page.show()
        world.settle()
        return page

    return build


def set_platform(world: ReportWorld, platform: RunningPlatform, key: str = "") -> None:
    kept = Platform(platform.url, "filler", key)
    world.on_store(lambda workplace: keep_platform(workplace, kept))


def test_without_a_report(open_page: Open) -> None:
    """Pages cope with None: a short hint, nothing to press."""
    page = open_page(None)
    assert page.hint.isVisible() and not page.body.isVisible()


def test_unsealed_first_seal(world: ReportWorld, open_page: Open, qtbot: QtBot) -> None:
    """Seal freezes: what is filed must be what is printed, so an unsealed report is not filed."""
    page = open_page(world.make_model())
    assert page.standing is not None and page.standing.step is Step.UNSEALED
    assert not page.assistant_button.isEnabled()
    QTest.mouseClick(page.checks_button, Qt.MouseButton.LeftButton)
    assert world.gone == [("checks", "")]


def test_the_assistant_opens_with_files_ready_and_progress_is_shown(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot
) -> None:
    """上报: the assistant stays on top, what it copied is told on the page, files lie where it says."""
    page = open_page(sealed)
    QTest.mouseClick(page.assistant_button, Qt.MouseButton.LeftButton)
    assistant = page.assistant
    assert assistant is not None
    assert assistant.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    qtbot.waitUntil(assistant.isVisible)
    entries = assistant.filing.entries
    for _ in range(3):
        QTest.keyClick(assistant.value, Qt.Key.Key_Return)
    world.settle()
    again = open_page(sealed)
    told = world.messages.text("window", "submit.progress", done=3, count=len(entries))
    assert again.progress.text() == page.progress.text() == told
    files = [one for one in entries if one.kind.value == "file"]
    assert files and all(Path(one.text).is_file() for one in files)


def test_a_table_cell_by_cell_and_a_new_seal(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot
) -> None:
    """上报: the page reads the filing anew for the assistant; a new seal closes the old one."""
    page = open_page(sealed)
    page.open_assistant()
    assistant = page.assistant
    assert assistant is not None
    table = next(one for one in assistant.filing.entries if one.heads)
    assistant._go_to(table.id)
    assistant.by_cell.click()
    world.settle()
    assert assistant.entry is not None and assistant.entry.table == table.id
    sealed.set_text(PlaceInForm("a01"), "改正后的名称", "改正")
    world.settle()
    world.on_store(lambda workplace: seal(workplace, sealed.draft_id, world.now, "已核对"))
    page.reload()
    world.settle()
    assert page.assistant is None
    assert (world.messages.text("window", "submit.sealed_anew"), "warning") in world.told


def test_copy_stays_and_backspace_goes_back(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot
) -> None:
    """上报: Ctrl+C copies without moving; backspace shows the item before; a table can bring its heads."""
    page = open_page(sealed)
    page.open_assistant()
    assistant = page.assistant
    assert assistant is not None
    first, second = assistant.filing.entries[:2]
    QTest.keyClick(assistant.value, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == first.text and assistant.entry is first
    assert not assistant.filing.is_done(second)
    QTest.keyClick(assistant.value, Qt.Key.Key_Return)
    assert assistant.entry is second and QApplication.clipboard().text() == second.text
    QTest.keyClick(assistant.value, Qt.Key.Key_Backspace)
    assert assistant.entry is first
    table = next(at for at, one in enumerate(assistant.filing.entries) if one.heads)
    assistant._go(table)
    assert assistant.with_heads.isVisible()
    assistant.with_heads.click()
    assistant.copy()
    assert assistant.entry is not None
    assert QApplication.clipboard().text().startswith("\t".join(assistant.entry.heads))


def test_sections_take_the_portals_order(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot
) -> None:
    """上报: the clerk moves a section down; the order is there again the next time."""
    page = open_page(sealed)
    page.open_assistant()
    assistant = page.assistant
    assert assistant is not None
    entry = assistant.entry
    before = [section.id for section in assistant.filing.sections]
    assert not assistant.up_button.isEnabled()
    QTest.mouseClick(assistant.down_button, Qt.MouseButton.LeftButton)
    wanted = [before[1], before[0], *before[2:]]
    assert [section.id for section in assistant.filing.sections] == wanted
    assert assistant.entry == entry
    world.settle()
    page.open_assistant()
    again = open_page(sealed)
    again.open_assistant()
    assert again.assistant is not None
    assert [section.id for section in again.assistant.filing.sections] == wanted


def test_registering_ends_in_submitted(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    """上报: 登记已在门户提交 with number, person and screenshot ends in 已在门户提交."""
    shot = tmp_path / "提交成功.png"
    shot.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    page = open_page(sealed)
    page.picker = lambda _parent, _title, _kinds: shot
    page.open_assistant()
    assert isinstance(page.assistant, HandFiling)
    QTest.mouseClick(page.assistant.register_button, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None and not dialog.save_button.isEnabled()
    QTest.keyClicks(dialog.number, "XJ-2022-0042")
    dialog.who.setText("周敏")
    QTest.mouseClick(dialog.file_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.standing is not None and page.standing.step is Step.SUBMITTED
    assert page.state.text() == "已在门户提交" and "XJ-2022-0042" in page.about.text()
    event = page.standing.event
    assert event is not None and event.who == "周敏" and event.file
    assert event.at == MORNING.replace(second=0, microsecond=0)
    assert world.refreshed == 1


def test_a_screenshot_from_the_clipboard(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot
) -> None:
    """By hand: what Print Screen left on the clipboard is kept as the proof of the submission."""
    page = open_page(sealed)
    page.register()
    dialog = page.dialog
    assert dialog is not None
    QApplication.clipboard().setText("没有图片")
    QTest.mouseClick(dialog.paste_button, Qt.MouseButton.LeftButton)
    assert dialog.missing.text().startswith("剪贴板上没有图片") and dialog.file is None
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    QApplication.clipboard().setImage(picture)
    QTest.mouseClick(dialog.paste_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(dialog.number, "XJ-1")
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    pasted = dialog.file
    world.settle()
    assert page.standing is not None and page.standing.event is not None
    event = page.standing.event
    kept = world.on_store(lambda workplace: workplace.store.attachments.open(event.file).read_bytes())
    assert QImage.fromData(kept).pixelColor(5, 5) == QColor(Qt.GlobalColor.red)
    assert event.params["file_name"].startswith("提交截图-20221228-1000")
    assert pasted is not None and not pasted.exists()


def test_the_portals_report_is_held_against_the_sealed_values(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    """By hand: afterwards the portal's watermarked PDF is compared value by value, differences are shown."""
    draft_id = sealed.draft_id
    world.on_store(lambda workplace: print_packet(workplace, draft_id, tmp_path / "old", world.now))
    sealed.set_text(PlaceInForm("f01"), "4321", "改")
    world.settle()
    world.on_store(lambda workplace: seal(workplace, draft_id, world.now, "已核对"))
    page = open_page(sealed)
    page.picker = lambda _parent, _title, _kinds: tmp_path / "old" / "unreviewed-report.pdf"
    assert not page.report_button.isVisible()
    submitted = Registration("submitted", params={"number": "XJ-1"})
    world.on_store(lambda workplace: register(workplace, draft_id, submitted, world.now))
    page.reload()
    world.settle()
    QTest.mouseClick(page.report_button, Qt.MouseButton.LeftButton)
    world.settle()
    dialog = page.intake
    assert isinstance(dialog, IntakeDialog) and dialog.isVisible()
    assert "4,321" in dialog.differences.item(0).text()
    dialog.reason.setPlainText("门户次日更正")
    QTest.mouseClick(dialog.take_button, Qt.MouseButton.LeftButton)
    world.settle()
    taken = world.on_store(lambda workplace: workplace.store.events.list(draft_id))[-1]
    assert taken.kind is EventKind.DOWNLOADED and taken.note == "门户次日更正"


def test_sending_is_hidden_without_a_platform(sealed: DraftModel, open_page: Open) -> None:
    """上报: sending by API is hidden until a platform address is set; filing by hand comes first."""
    page = open_page(sealed)
    assert not page.sending.isVisible()
    assert page.state.text() == "待发送"


def test_sending_ends_in_a_receipt(
    world: ReportWorld,
    sealed: DraftModel,
    platform: RunningPlatform,
    open_page: Open,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    """上报: first contact asks for the key, then the platform's receipt is kept, marked 演练, verified."""
    set_platform(world, platform)
    page = open_page(sealed)
    page.sending.password.setText(PASSWORD)
    QTest.mouseClick(page.sending.send_button, Qt.MouseButton.LeftButton)
    world.settle()
    dialog = page.sending.dialog
    assert dialog is not None and dialog.isVisible()
    paper = platform.key.partition(":")[2].upper()
    groups = [paper[at : at + 4] for at in range(0, 64, 4)]
    shown = dialog.digits.text().replace("\n", "　").split("　")
    assert [at for at, text in enumerate(shown) if text != groups[at]] == sorted(dialog.editors)
    assert len(dialog.editors) == 2 and not dialog.trust_button.isEnabled()
    for editor in dialog.editors.values():
        QTest.keyClicks(editor, "zzzz")
    assert dialog.wrong.isVisible() and not dialog.trust_button.isEnabled()
    for place, editor in dialog.editors.items():
        editor.selectAll()
        QTest.keyClicks(editor, groups[place].lower())
    assert dialog.wrong.isHidden()
    QTest.mouseClick(dialog.trust_button, Qt.MouseButton.LeftButton)
    world.settle()
    standing = page.standing
    assert standing is not None and standing.step is Step.RECEIVED and standing.rehearsal
    assert page.state.text() == f"平台已收（回执号 {standing.number}）"
    assert page.rehearsal.isVisible()
    assert standing.platform.trusted_key == platform.key
    assert page.sending.password.text() == ""
    (receipt,) = standing.receipts
    assert receipt.rehearsal
    folder = tmp_path / "save"
    folder.mkdir()
    page.picker = lambda _parent, _title, _kinds: folder
    page.receipts._save(receipt)
    page.receipts._verify(receipt, standing)
    page.receipts._print(receipt)
    world.settle()
    saved = (folder / f"receipt-{receipt.number}.json").read_bytes()
    assert verify_receipt(saved, platform.key).number == receipt.number
    assert all("演练" in page for page in page_texts(folder / f"receipt-{receipt.number}.pdf"))
    assert any("演练" in text and tone == "good" for text, tone in world.told)
    assert [one.outcome for one in standing.attempts][-1] == "received"


def test_refusing_the_key_sends_nothing(
    world: ReportWorld, sealed: DraftModel, platform: RunningPlatform, open_page: Open, qtbot: QtBot
) -> None:
    """Sending: without a confirmed key nothing goes out; the report still waits."""
    set_platform(world, platform)
    page = open_page(sealed)
    page.sending.password.setText(PASSWORD)
    page.sending.send()
    world.settle()
    assert page.sending.dialog is not None
    QTest.mouseClick(page.sending.dialog.refuse_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.standing is not None and page.standing.step is Step.WAITING
    assert not page.standing.receipts and page.standing.platform.trusted_key == ""


def test_cancel(
    world: ReportWorld, sealed: DraftModel, platform: RunningPlatform, open_page: Open, qtbot: QtBot
) -> None:
    """上报: a sending can be stopped; it stays 待发送 and the next one goes through."""
    set_platform(world, platform, platform.key)
    page = open_page(sealed)
    page.sending.password.setText(PASSWORD)
    QTest.mouseClick(page.sending.send_button, Qt.MouseButton.LeftButton)
    assert page.sending.cancel_button.isVisible()
    QTest.mouseClick(page.sending.cancel_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.standing is not None and page.standing.step is Step.WAITING
    assert [one.outcome for one in page.standing.attempts] == ["cancelled"]
    assert not page.sending.running
    QTest.mouseClick(page.sending.send_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.state.text().startswith("平台已收")


def test_a_platform_that_is_down_leaves_proof(
    world: ReportWorld, sealed: DraftModel, open_page: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    """Sending: until when to begin is said; 立即重试 ends a pause; one click prints the account."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    kept = Platform(address, "filler", "sha256:" + "ab" * 32)
    world.on_store(lambda workplace: keep_platform(workplace, kept))
    page = open_page(sealed)
    card = page.sending
    assert page.standing is not None and page.standing.safe_start is not None
    assert card.in_time.isVisible() and "截止" in card.in_time.text()
    assert not card.account_button.isVisible() and not card.refused.isVisible()
    card.limit.setValue(40)
    card.limit.editingFinished.emit()
    card.password.setText(PASSWORD)
    card.send()
    assert card.hurry_button.isVisible()
    QTest.mouseClick(card.hurry_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.standing.step is Step.WAITING and page.standing.limit == 40
    assert [one.outcome for one in page.standing.attempts] == ["platform_unreachable"] * 3
    assert not card.hurry_button.isVisible() and "连不上平台" in card.attempts.text()
    page.picker = lambda _parent, _title, _kinds: tmp_path
    QTest.mouseClick(card.account_button, Qt.MouseButton.LeftButton)
    world.settle()
    (made,) = tmp_path.glob("申报异常情况说明-*.pdf")
    assert made.read_bytes().startswith(b"%PDF-") and world.told[-1][1] == "good"


def test_what_the_platform_refused_says_why_and_can_be_sent_again(
    world: ReportWorld, sealed: DraftModel, platform: RunningPlatform, open_page: Open
) -> None:
    """Sending: an item in quarantine has its reason, and pressing 发送 is the way back."""
    set_platform(world, platform, platform.key)
    database = platform.platform.database
    programme_id, early = sealed.session.programme.id, "2000-01-01T00:00:00+08:00"
    for one in sealed.session.programme.stages:
        database.execute(
            "insert into windows values (?, ?, ?, ?)",
            (programme_id, one.id, early, "2000-01-02T00:00:00+08:00"),
        )
    page = open_page(sealed)
    page.sending.password.setText(PASSWORD)
    page.sending.send()
    world.settle()
    assert page.standing is not None and page.standing.quarantine == "window_closed"
    assert "平台已截止受理" in page.sending.refused.text() and page.sending.refused.isVisible()
    assert page.sending.send_button.isEnabled()
    database.execute("delete from windows")
    page.sending.send()
    world.settle()
    assert page.standing.step is Step.RECEIVED and page.standing.quarantine == ""


def test_without_a_password_it_is_asked_for(
    world: ReportWorld, sealed: DraftModel, platform: RunningPlatform, open_page: Open
) -> None:
    """上报: no keyring, no typed password: the clerk is asked, nothing is sent."""
    set_platform(world, platform, platform.key)
    page = open_page(sealed)
    page.sending.send()
    world.settle()
    assert world.told[-1] == (world.messages.text("window", "submit.send.need_password"), "warning")
    assert not page.sending.running and page.standing is not None and not page.standing.attempts


def test_a_return_shows_its_marks(
    world: ReportWorld, sealed: DraftModel, platform: RunningPlatform, open_page: Open, qtbot: QtBot
) -> None:
    """上报: the last return with its marks; each mark leads to its field."""
    set_platform(world, platform, platform.key)
    page = open_page(sealed)
    page.sending.password.setText(PASSWORD)
    page.sending.send()
    world.settle()
    assert page.standing is not None
    with reviewer(platform, "unit") as session:
        return_report(session, page.standing.number, "unit_review", "请核对", (Mark("名称不全", "a01"),))
    page.sending.password.setText(PASSWORD)
    QTest.mouseClick(page.sending.ask_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.standing.step is Step.RETURNED and page.state.text() == "被退回"
    returned = page.standing.returned
    assert returned is not None and returned.reason == "请核对"
    from ui.parts import Button

    (go,) = page.returned.findChildren(Button)
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    assert world.gone == [("draft", "a01")]


def test_looking_changes_nothing(world: ReportWorld, sealed: DraftModel, open_page: Open) -> None:
    """Loading, switching and closing change nothing in the data."""

    def look() -> tuple[int, int]:
        return world.on_store(
            lambda workplace: (
                workplace.draft(sealed.draft_id).revision,
                len(workplace.store.events.list(sealed.draft_id)),
            )
        )

    before = look()
    page = open_page(sealed)
    page.open_assistant()
    page.show_draft(None)
    assert page.assistant is None
    page.show_draft(sealed)
    world.settle()
    assert look() == before


def test_files_that_the_platform_wants(
    world: ReportWorld, sealed: DraftModel, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    """Issue 5: the page lists a programme's files with state and what to do, and lays them into a folder."""
    page = open_page(sealed)
    card = page.deliveries
    assert card.isVisible()
    states = {one.delivery.id: one.readiness.value for one in card.deliverables}
    assert states == {"bundle": "ready", "word": "ready", "scan": "missing"}
    told = [label.text() for row in card.rows for label in row.findChildren(QLabel) if label.text()]
    assert len(told) == 3 and "登记" in told[2]
    scanned = tmp_path / "扫描.pdf"
    canvas = Canvas(str(scanned), invariant=True)
    canvas.showPage()
    canvas.save()
    page.picker = lambda _parent, _title, _kinds: scanned
    QTest.mouseClick(card.scan_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert {one.readiness.value for one in card.deliverables} == {"ready"}
    opened: list[Path] = []
    card.open_folder = lambda url: opened.append(Path(url.toLocalFile()))
    QTest.mouseClick(card.folder_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert sorted(path.suffix for path in opened[0].iterdir()) == [".docx", ".pdf", ".shenbao"]
