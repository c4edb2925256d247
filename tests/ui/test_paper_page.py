"""打印装订: preview, saving, printing, the platform's report (issue «The window»)."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Event as Flag

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from app.errors import AppError
from app.model.draft import Path as Place
from app.model.submission import EventKind
from app.paper.assemble import page_count, page_texts
from app.paper.codes import read_file
from app.services.arranging import read_choice
from app.services.previewing import Edition, Paper, read_desk
from app.services.printing import print_packet
from app.services.recording import seal
from tests.ui.report_world import ReportWorld, report_world
from ui.draft_model import DraftModel
from ui.pages.paper import PaperPage
from ui.pages.paper_book import BookDialog
from ui.pages.paper_intake import IntakeDialog
from ui.pages.paper_pages import PagesDialog
from ui.pages.printer import Cancelled, PrintOrder, Report, SystemPrinter, spool_words

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@dataclass
class FakePrinter:
    """Takes papers as a printer would; ``hold`` lets it wait after the first one."""

    order: PrintOrder | None = field(default_factory=lambda: PrintOrder("测试打印机"))
    hold: Flag | None = None
    refuses: AppError | None = None
    taken: list[Paper] = field(default_factory=list)
    orders: list[PrintOrder] = field(default_factory=list)

    def choose(self, parent: QWidget) -> PrintOrder | None:
        return self.order

    def print_papers(
        self, papers: Sequence[Paper], order: PrintOrder, report: Report, cancelled: Cancelled
    ) -> bool:
        self.orders.append(order)
        if self.refuses is not None:
            raise self.refuses
        for done, paper in enumerate(papers):
            if self.hold is not None and done:
                assert self.hold.wait(20)
            if cancelled():
                return False
            self.taken.append(paper)
            report(done + 1, len(papers))
        return True


@pytest.fixture
def world(qapp: QApplication, tmp_path: Path) -> Iterator[ReportWorld]:
    with report_world(tmp_path / "data") as made:
        yield made


def make_report(pages: int = 3) -> bytes:
    """What a platform might give back."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    for page in range(pages):
        canvas.drawString(72, 700, f"platform page {page + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def seal_now(world: ReportWorld, model: DraftModel) -> None:
    done = world.on_store(lambda workplace: seal(workplace, model.draft_id, world.now, "已核对"))
    assert done.snapshot is not None


Open = Callable[[DraftModel | None], PaperPage]


@pytest.fixture
def open_page(qtbot: QtBot, world: ReportWorld) -> Open:
    def build(model: DraftModel | None) -> PaperPage:
        page = PaperPage(world.context)
        page.printer = FakePrinter()
        qtbot.addWidget(page)
        page.resize(1100, 680)
        page.show_draft(model)
        page.show()
        world.settle()
        return page

    return build


@pytest.fixture
def booked(world: ReportWorld, open_page: Open, tmp_path: Path, qtbot: QtBot) -> PaperPage:
    """A page with the platform's report taken home."""
    model = world.make_model()
    seal_now(world, model)
    page = open_page(model)
    file = tmp_path / "平台报告.pdf"
    file.write_bytes(make_report())
    page.picker = lambda _parent, _title, _kinds: file
    QTest.mouseClick(page.choice.import_button, Qt.MouseButton.LeftButton)
    world.settle()
    dialog = page.dialog
    assert isinstance(dialog, IntakeDialog)
    dialog.seen.setChecked(True)
    QTest.mouseClick(dialog.take_button, Qt.MouseButton.LeftButton)
    world.settle()
    return page


def test_without_a_report(open_page: Open) -> None:
    """Pages cope with None: a short hint."""
    page = open_page(None)
    assert page.hint.isVisible() and not page.body.isVisible()


def test_the_proof_shows_its_pages(world: ReportWorld, open_page: Open, qtbot: QtBot) -> None:
    """打印装订: before sealing there are proofs only; every page is shown, with thumbnails."""
    page = open_page(world.make_model())
    assert [one for one, button in page.choice.editions.items() if button.isEnabled()] == [
        Edition.PROOF,
        Edition.WHOLE,
    ]
    longest = max(range(len(page.papers)), key=lambda at: page.papers[at].pages)
    assert page.papers[longest].pages > 2
    page.document.setCurrentIndex(longest)
    world.settle()
    view = page.view
    assert view.page_count == page.papers[longest].pages == view.thumbnails.count()
    qtbot.waitUntil(lambda: view.sheet.picture is not None)
    first = view.sheet.picture
    assert first is not None
    colours = {
        first.toImage().pixelColor(x, y).lightness() for x in range(60, 300, 3) for y in range(60, 300, 3)
    }
    assert max(colours) == 255 and min(colours) < 128
    QTest.keyClick(view.area, Qt.Key.Key_End)
    assert view.page == view.page_count - 1
    qtbot.waitUntil(lambda: view.sheet.picture is not None)
    assert view.sheet.picture is not first
    world.settle()
    assert view.thumbnails.item(0).data(Qt.ItemDataRole.UserRole) is True
    assert "草稿" in page_texts(page.papers[longest].pdf)[0]


def test_zoom(world: ReportWorld, open_page: Open, qtbot: QtBot) -> None:
    """打印装订: zoom by keys and list; the page is drawn sharp again."""
    page = open_page(world.make_model())
    view = page.view
    view.zoom.setCurrentIndex(view.zoom.findData(100))
    qtbot.waitUntil(lambda: view.sheet.picture is not None and view.sheet.picture.width() in (793, 794, 795))
    QTest.keyClick(view.area, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom.currentData() == 125
    picture = view.sheet.picture
    qtbot.waitUntil(lambda: view.sheet.picture is not picture)
    assert view.sheet.picture is not None and view.sheet.picture.width() > 950


def test_saving_writes_files(world: ReportWorld, open_page: Open, qtbot: QtBot, tmp_path: Path) -> None:
    """打印装订: 保存 PDF writes each paper under a Chinese name; a proof leaves no record."""
    model = world.make_model()
    page = open_page(model)
    folder = tmp_path / "out"
    page.picker = lambda _parent, _title, _kinds: folder
    QTest.mouseClick(page.choice.save_button, Qt.MouseButton.LeftButton)
    world.settle()
    files = sorted(folder.glob("*.pdf"))
    assert len(files) == len(page.papers) and all("（草稿）" in one.name for one in files)
    assert sorted(map(page_count, files)) == sorted(paper.pages for paper in page.papers)
    assert world.told[-1][1] == "good"
    assert world.on_store(lambda workplace: read_desk(workplace, model.draft_id)).printed == ()


def test_sealed_and_not_reviewed(world: ReportWorld, open_page: Open) -> None:
    """打印装订: sealed without the platform's report: 未审核，不得盖章 across, the book waits."""
    model = world.make_model()
    seal_now(world, model)
    page = open_page(model)
    assert page.choice.editions[Edition.UNREVIEWED].isChecked()
    assert not page.choice.editions[Edition.BOOK].isEnabled()
    assert page.papers, page.view.message.text()
    assert "不得盖章" in page_texts(page.papers[0].pdf)[0]
    snapshot = world.on_store(lambda workplace: read_desk(workplace, model.draft_id)).snapshot
    assert snapshot is not None and snapshot.short in page.choice.state.text()


def test_the_book_is_printed_collated_and_two_sided(
    world: ReportWorld, booked: PaperPage, qtbot: QtBot
) -> None:
    """打印装订: with the platform's report the book of two copies goes out copy after copy, long edge."""
    page = booked
    assert page.choice.editions[Edition.BOOK].isChecked()
    QTest.mouseClick(page.choice.print_button, Qt.MouseButton.LeftButton)
    world.settle()
    printer = page.printer
    assert isinstance(printer, FakePrinter)
    (order,) = printer.orders
    assert order.duplex and order.collate
    copies = [paper.copy for paper in printer.taken]
    assert copies == sorted(copies) and {1, 2} <= set(copies) <= {0, 1, 2}
    assert copies.count(1) == copies.count(2)
    first = page_texts(next(paper for paper in printer.taken if paper.copy == 1).pdf)
    assert first[0].strip() == "platform page 1"
    assert any("第1份" in text for text in first)
    desk = world.on_store(lambda workplace: read_desk(workplace, page._model.draft_id))  # type: ignore[union-attr]
    (printed,) = desk.printed
    assert printed.copies == 2 and printed.pages == sum(paper.pages for paper in printer.taken)
    assert not desk.stale and world.refreshed == 2
    assert "与定稿一致" in page.record.lines[0].text()


def test_sealed_anew_after_printing_warns(world: ReportWorld, booked: PaperPage, qtbot: QtBot) -> None:
    """打印装订: a red hint when the sealed fingerprint is newer than what was printed."""
    page, model = booked, booked._model
    assert model is not None
    page.print()
    world.settle()
    assert not page.choice.warning.isVisible()
    world.pass_time(hours=1)
    field_id = model.session.programme.form.sections[0].fields[0].id
    model.set_text(Place(field_id), "改名后的众创空间", "改名")
    world.settle()
    assert "改动" in page.choice.state.text()
    seal_now(world, model)
    page.reload()
    world.settle()
    assert page.choice.warning.isVisible() and "旧的定稿" in page.choice.warning.text()
    assert "旧版" in page.record.lines[0].text()


def test_printing_can_be_cancelled(world: ReportWorld, booked: PaperPage, qtbot: QtBot) -> None:
    """打印装订: progress is shown, cancel works, and nothing is put on record then."""
    page = booked
    hold = Flag()
    printer = FakePrinter(hold=hold)
    page.printer = printer
    QTest.mouseClick(page.choice.print_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.choice.progress.value() == 1)
    assert page.choice.cancel_button.isVisible() and not page.choice.print_button.isEnabled()
    QTest.mouseClick(page.choice.cancel_button, Qt.MouseButton.LeftButton)
    hold.set()
    world.settle()
    assert len(printer.taken) == 1
    assert page.choice.print_button.isEnabled() and not page.choice.progress.isVisible()
    assert page._desk is not None and page._desk.printed == ()


def test_a_printer_that_refuses(world: ReportWorld, booked: PaperPage) -> None:
    """Errors: what the printer says is told; nothing is put on record; it can be tried again."""
    booked.printer = FakePrinter(refuses=AppError("cannot_print", name="甲", reason="缺纸"))
    booked.print()
    world.settle()
    assert "缺纸" in world.told[-1][0] and world.told[-1][1] == "error"
    assert booked.choice.print_button.isEnabled()


def test_one_sided_printers_are_told(world: ReportWorld, booked: PaperPage) -> None:
    """desktop/widgets: a queue without duplex drops it in silence, so the page says it."""
    booked.printer = FakePrinter(order=PrintOrder("单面", duplex=False))
    booked.print()
    world.settle()
    assert world.told[-1][1] == "warning" and "单面" in world.told[-1][0]


def test_a_file_that_is_no_pdf_is_not_registered(world: ReportWorld, open_page: Open, tmp_path: Path) -> None:
    """打印装订: an import that cannot be read is refused before anything stands on record."""
    model = world.make_model()
    seal_now(world, model)
    page = open_page(model)
    file = tmp_path / "假.pdf"
    file.write_bytes(b"not a pdf")
    page.picker = lambda _parent, _title, _kinds: file
    page.errands.take_report()
    world.settle()
    assert world.told[-1][1] == "error"
    kinds = world.on_store(
        lambda workplace: [one.kind for one in workplace.store.events.list(model.draft_id)]
    )
    assert EventKind.DOWNLOADED not in kinds


def test_looking_changes_nothing(world: ReportWorld, open_page: Open) -> None:
    """Loading, switching and closing change nothing in the data; late results are dropped."""
    model = world.make_model()
    page = open_page(model)
    page.choose(Edition.PROOF)
    page.show_draft(None)
    world.settle()
    assert page.papers == () and page.view.page_count == 0
    page.show_draft(model)
    world.settle()
    revision, events = world.on_store(
        lambda workplace: (
            workplace.draft(model.draft_id).revision,
            workplace.store.events.list(model.draft_id),
        )
    )
    assert revision == model.session.draft.revision and events == ()
    assert page.papers


def platform_copy(world: ReportWorld, model: DraftModel, folder: Path) -> Path:
    """What the platform gives back of the revision sealed last: every value, words across each page."""
    world.on_store(lambda workplace: print_packet(workplace, model.draft_id, folder, world.now))
    return folder / "unreviewed-report.pdf"


def test_a_report_that_differs_is_shown_page_by_page(
    world: ReportWorld, open_page: Open, tmp_path: Path
) -> None:
    """Issue 4, intake: a wrong report is caught, each difference leads to its page, a reason lets it pass."""
    model = world.make_model()
    seal_now(world, model)
    file = platform_copy(world, model, tmp_path / "old")
    model = world.reopen(model.draft_id)
    model.set_text(Place("f01"), "4321", "改")
    world.settle()
    seal_now(world, model)
    page = open_page(world.reopen(model.draft_id))
    page.picker = lambda _parent, _title, _kinds: file
    page.errands.take_report()
    world.settle()
    dialog = page.dialog
    assert isinstance(dialog, IntakeDialog)
    assert dialog.reason.isVisible() and not dialog.take_button.isEnabled()
    assert "不一致" in dialog.answers["agrees"].text() and "每页都有" in dialog.answers["watermarked"].text()
    first = dialog.differences.item(0).text()
    assert "4,321" in first and "26场" in first
    shown = dialog.found.found.differences[0].page
    assert dialog.view.page == shown - 1
    QTest.mouseClick(dialog.leave_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.dialog is None and Edition.BOOK not in read_editions(page)
    page.errands.take_report()
    world.settle()
    again = page.dialog
    assert isinstance(again, IntakeDialog)
    again.reason.setPlainText("平台数据次日更正")
    QTest.mouseClick(again.take_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert Edition.BOOK in read_editions(page)
    event = world.on_store(lambda workplace: workplace.store.events.list(model.draft_id))[-1]
    assert event.note == "平台数据次日更正" and json.loads(event.params["intake"])["agrees"] == "no"


def read_editions(page: PaperPage) -> tuple[Edition, ...]:
    assert page._desk is not None
    return page._desk.editions


def test_the_right_report_is_taken_at_once(world: ReportWorld, open_page: Open, tmp_path: Path) -> None:
    """Issue 4, intake: where everything is right, nobody is asked."""
    model = world.make_model()
    seal_now(world, model)
    file = platform_copy(world, model, tmp_path / "now")
    page = open_page(world.reopen(model.draft_id))
    page.picker = lambda _parent, _title, _kinds: file
    page.errands.take_report()
    world.settle()
    assert page.dialog is None and Edition.BOOK in read_editions(page)


def test_the_office_arranges_its_book(world: ReportWorld, open_page: Open, tmp_path: Path) -> None:
    """Issue 4: parts added, moved, put into another volume, replaced by an official PDF; kept."""
    model = world.make_model()
    page = open_page(model)
    QTest.mouseClick(page.choice.arrange_button, Qt.MouseButton.LeftButton)
    world.settle()
    dialog = page.dialog
    assert isinstance(dialog, BookDialog)
    ids = [line.part.id for line in dialog._lines]
    dialog.list.setCurrentRow(ids.index("cover"))
    dialog.where["bound"].click()
    for _ in range(ids.index("cover")):
        QTest.mouseClick(dialog.up_button, Qt.MouseButton.LeftButton)
    assert dialog.choice.order[0] == "cover" and not dialog.up_button.isEnabled()
    official = tmp_path / "主管部门.pdf"
    official.write_bytes(make_report(1))
    dialog._picker = lambda _parent, _title, _kinds: official
    QTest.mouseClick(dialog.official_button, Qt.MouseButton.LeftButton)
    assert "主管部门" in dialog.official_name.toolTip() + dialog.official_name.text()
    dialog.volume.setValue(2)
    dialog.marks["code"].setChecked(False)
    dialog.numbered.setChecked(True)
    QTest.mouseClick(dialog.keep_button, Qt.MouseButton.LeftButton)
    world.settle()
    kept = world.on_store(lambda workplace: read_choice(workplace, model.draft_id))
    assert kept.order[0] == "cover" and kept.volumes["cover"] == 2 and kept.numbered
    assert kept.without == {"code"} and kept.official["cover"].read_bytes() == official.read_bytes()
    page.choose(Edition.WHOLE)
    world.settle()
    assert page.papers[0].parts[0] == "cover" and page_texts(page.papers[0].pdf)[0].startswith("platform")
    page.errands.arrange_book()
    world.settle()
    again = page.dialog
    assert isinstance(again, BookDialog)
    QTest.mouseClick(again.reset_button, Qt.MouseButton.LeftButton)
    assert "cover" not in again.choice.order
    for line in range(2):
        again.list.setCurrentRow(line)
        again._change(where="beside")
    assert not again.keep_button.isEnabled() and again.empty.isVisible()


def printed_page(world: ReportWorld, open_page: Open, folder: Path) -> PaperPage:
    """A page whose book was printed."""
    model = world.make_model()
    seal_now(world, model)
    file = platform_copy(world, model, folder / "now")
    page = open_page(world.reopen(model.draft_id))
    page.picker = lambda _parent, _title, _kinds: file
    page.errands.take_report()
    world.settle()
    page.print()
    world.settle()
    return page


def test_stale_pages_are_listed_and_printed_anew(world: ReportWorld, open_page: Open, tmp_path: Path) -> None:
    """Issue 4: red until printed again; only what is stale is reprinted; codes tell pages."""
    page = printed_page(world, open_page, tmp_path)
    QTest.mouseClick(page.parts.buttons[EventKind.SIGNED, "recommendation", 1], Qt.MouseButton.LeftButton)
    world.settle()
    assert any("签字" in line.text() and "第 1 份" in line.text() for line in page.parts.lines)
    assert (EventKind.SIGNED, "recommendation", 1) not in page.parts.buttons
    code = read_file(saved(page, tmp_path, "recommendation"))[-1]
    assert code is not None
    model = page._model
    assert model is not None
    world.pass_time(hours=1)
    model.set_text(Place("a01"), "改名后的众创空间", "改名")
    world.settle()
    assert any("须重印" in line.text() for line in page.parts.lines)
    QTest.mouseClick(page.choice.pages_button, Qt.MouseButton.LeftButton)
    world.settle()
    dialog = page.dialog
    assert isinstance(dialog, PagesDialog)
    listed = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert any("审查推荐表" in line and "内容已变" in line for line in listed)
    dialog.code.setText(code.typed)
    QTest.mouseClick(dialog.code_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert "请换成新版" in dialog.told.item(0).text()
    dialog.code.setText("1234")
    QTest.keyClick(dialog.code, Qt.Key.Key_Return)
    assert "不是本软件打印" in dialog.told.item(0).text()
    scan = saved(page, tmp_path, "recommendation")
    dialog._picker = lambda _parent, _title, _kinds: scan
    QTest.mouseClick(dialog.scan_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert dialog.told.count() == page_count(scan)
    dialog.reject()
    seal_now(world, model)
    page.show_draft(world.reopen(model.draft_id))
    world.settle()
    # the platform's report is of the revision before: paper is made of it only for a reason
    assert page.choice.reason_button.isVisible() and page.papers == ()
    page.choice.reason.setText("平台已同步更名")
    QTest.mouseClick(page.choice.reason_button, Qt.MouseButton.LeftButton)
    world.settle()
    assert page.papers
    printer = FakePrinter()
    page.printer = printer
    page.errands.check_pages()
    world.settle()
    again = page.dialog
    assert isinstance(again, PagesDialog)
    QTest.mouseClick(again.reprint_button, Qt.MouseButton.LeftButton)
    world.settle()
    names = {paper.name for paper in printer.taken}
    assert {"packet-copy-1-again.pdf", "packet-copy-2-again.pdf", "commitment-copy-1-again.pdf"} <= names
    assert sum(paper.pages for paper in printer.taken) < 10
    assert not any("须重印" in line.text() and "推荐" in line.text() for line in page.parts.lines)


def saved(page: PaperPage, folder: Path, part: str) -> Path:
    """A scan of what was printed of a part for the first copy."""
    paper = next(one for one in page.papers if one.copy == 1 and part in one.parts)
    path = folder / "scan.pdf"
    path.write_bytes(paper.pdf if isinstance(paper.pdf, bytes) else paper.pdf.read_bytes())
    return path


def test_search(world: ReportWorld, open_page: Open) -> None:
    """打印装订, preview: the search goes from place to place and marks it on the page."""
    page = open_page(world.make_model())
    page.choose(Edition.WHOLE)
    world.settle()
    view = page.view
    QTest.keyClick(view.area, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert view.search.hasFocus()
    view.search.setText("法定代表人（签字）")
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    world.settle()
    assert view.page == view.page_count - 1 and view.found.text().startswith("1 /")
    assert any(current for _, current in view.sheet.marked)
    view.search.setText("没有这样的文字")
    assert view.sheet.marked == ()
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    world.settle()
    assert "没有找到" in view.found.text()


def make_paper(name: str = "proof-report.pdf", pages: int = 2) -> Paper:
    return Paper(name, "自评报告", make_report(pages), pages, 0, ("report",))


def test_lp_gets_the_pdf_unchanged(tmp_path: Path) -> None:
    """desktop/widgets: on Linux the PDF goes to ``lp`` as it is, with copies, sides and collation."""
    taken, words = tmp_path / "taken.pdf", tmp_path / "words"
    command = tmp_path / "lp"
    command.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{words}"\nfor last; do :; done\ncp "$last" "{taken}"\n'
    )
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    paper, told = make_paper(), []
    order = PrintOrder("Office-1", copies=2)
    done = SystemPrinter(str(command)).print_papers(
        [paper], order, lambda *pages: told.append(pages), lambda: False
    )
    assert done and told == [(2, 2)]
    assert taken.read_bytes() == paper.pdf
    given = words.read_text().splitlines()
    assert given[:-1] == spool_words("lp", paper, order, "x")[1:-1]
    assert given[:4] == ["-d", "Office-1", "-n", "2"]
    assert {"sides=two-sided-long-edge", "collate=true"} <= set(given)


def test_lp_that_fails(tmp_path: Path) -> None:
    """Errors: what ``lp`` says reaches the person."""
    command = tmp_path / "lp"
    command.write_text("#!/bin/sh\necho 'lp: no such queue' >&2\nexit 1\n")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(AppError) as caught:
        SystemPrinter(str(command)).print_papers(
            [make_paper()], PrintOrder("x"), lambda _done, _total: None, lambda: False
        )
    assert caught.value.code == "cannot_print" and "no such queue" in str(caught.value.params["reason"])


def test_pages_are_drawn_where_there_is_no_lp(qapp: QApplication, tmp_path: Path) -> None:
    """打印装订: without ``lp`` each page is drawn; whole copies one after the other; cancel between pages."""
    target, told = tmp_path / "out.pdf", []
    order = PrintOrder("", copies=2, file=str(target))
    printer = SystemPrinter()
    assert printer.print_papers([make_paper()], order, lambda *pages: told.append(pages), lambda: False)
    assert page_count(target) == 4 and told[-1] == (2, 2)
    answers = iter([False, False, True])
    assert not printer.print_papers([make_paper()], order, lambda _done, _total: None, lambda: next(answers))


def test_a_printer_that_is_gone(qapp: QApplication) -> None:
    """Errors: a printer that was unplugged since it was chosen is named."""
    printer = SystemPrinter()
    printer._lp = None
    with pytest.raises(AppError) as caught:
        printer.print_papers(
            [make_paper()], PrintOrder("没有这台"), lambda _done, _total: None, lambda: False
        )
    assert caught.value.code == "printer_missing"
