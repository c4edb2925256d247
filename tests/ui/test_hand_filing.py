"""填报助手 driven by key presses, the clipboard really read (issue «Sending», by hand, the way of today)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.exchange.clipboard import Block, read_clipboard, read_html, read_tsv
from app.model.draft import Answers, Row
from app.model.fingerprint import read_content
from app.services.filing import Filing, FilingEntry, FilingKind, keep_progress
from app.services.pasting import Options, apply_paste, propose
from app.services.portal import read_filing
from app.services.recording import find_snapshot, seal
from app.services.workplace import Workplace
from app.store.drafts import new_draft_id
from tests.ui.report_world import ReportWorld, report_world
from ui.draft_model import DraftModel
from ui.pages.hand_filing import OWN_ENTRY, HandFiling

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
FILES = "附件"
Key = Qt.Key


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


def read(world: ReportWorld, model: DraftModel) -> Filing:
    return world.on_store(lambda workplace: read_filing(workplace, model.draft_id, world.now, FILES))


def keep(world: ReportWorld, filing: Filing) -> None:
    world.on_store(lambda workplace: keep_progress(workplace, filing))


Open = Callable[[Filing], HandFiling]


@pytest.fixture
def open_assistant(qtbot: QtBot, world: ReportWorld) -> Open:
    def build(filing: Filing) -> HandFiling:
        made = HandFiling(world.context, filing)
        qtbot.addWidget(made)
        made.show()
        made.activateWindow()
        qtbot.waitUntil(made.isVisible)
        made.value.setFocus()
        return made

    return build


def clipboard() -> QMimeData:
    return QGuiApplication.clipboard().mimeData()


def press(assistant: HandFiling, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(assistant.value, key, modifier or Qt.KeyboardModifier.NoModifier)


def pasted_rows(workplace: Workplace, model: DraftModel, table_id: str, block: Block) -> list[Row]:
    """Paste a block into the empty table of another report, as a clerk would there."""
    programme = workplace.programme_of(workplace.draft(model.draft_id))
    table = programme.form.tables[table_id]
    proposal = propose(block, table, (), 0, table.columns[0].id, Options(heading=0, by_label=False))
    assert not [one for one in proposal.problems if one.severity.value == "error"], proposal.problems
    return list(apply_paste(Answers(), proposal, new_draft_id).tables[table_id])


def test_a_whole_report_by_key_presses(world: ReportWorld, sealed: DraftModel, open_assistant: Open) -> None:
    """It is done when: the manual assistant was driven by key presses for a whole report.

    Every item stands on the clipboard once, in order, and is what is shown; every table pasted back says
    what was sealed, as text and as HTML.
    """
    assistant = open_assistant(read(world, sealed))
    entries = assistant.filing.entries
    assert len(entries) > 100 and len({one.id for one in entries}) == len(entries)
    copied: list[str] = []
    blocks: dict[str, tuple[str, str]] = {}
    for place, entry in enumerate(entries):
        press(assistant, (Key.Key_Return, Key.Key_Space, Key.Key_Enter)[place % 3])
        data = clipboard()
        assert assistant.entry is not None and assistant.entry.id == entry.id
        assert bytes(data.data(OWN_ENTRY).data()).decode() == entry.id
        copied.append(data.text())
        assert entry.label in assistant.on_clipboard.accessibleName()
        if entry.kind is FilingKind.TABLE:
            blocks[entry.id] = (data.text(), data.html())
        else:
            assert not data.hasHtml()
    press(assistant, Key.Key_Return)
    assert copied == [one.text for one in entries]
    assert assistant.filing.count_done == len(entries)
    assert assistant.told.text().startswith(f"全部 {len(entries)} 项")

    def check(workplace: Workplace) -> int:
        programme = workplace.programme_of(workplace.draft(sealed.draft_id))
        content = find_snapshot(workplace, sealed.draft_id).content
        answers = read_content(content, programme.form, sealed.draft_id).answers
        checked = 0
        for table_id, (text, html) in blocks.items():
            assert read_tsv(text).rows == read_html(html).rows
            table = programme.form.tables[table_id]
            if table.derived:
                continue
            typed = [one.id for one in table.columns if not one.calculate]
            wanted = [{key: row.cells.get(key) for key in typed} for row in answers.tables[table_id]]
            rows = pasted_rows(workplace, sealed, table_id, read_clipboard(text, html))
            assert [{key: row.cells.get(key) for key in typed} for row in rows] == wanted, table_id
            checked += 1
        return checked

    assert world.on_store(check) >= 10


def test_progress_survives_closing(world: ReportWorld, sealed: DraftModel, open_assistant: Open) -> None:
    """Progress kept: after a restart the assistant goes on at the first item that is left."""
    assistant = open_assistant(read(world, sealed))
    assistant.kept.connect(lambda filing: keep(world, filing))
    ids = [one.id for one in assistant.filing.entries]
    for _ in range(3):
        press(assistant, Key.Key_Return)
    world.settle()
    assistant.close()
    again = open_assistant(read(world, sealed))
    assert again.filing.count_done == 3
    assert again.entry is not None and again.entry.id == ids[3]
    press(again, Key.Key_Up)
    assert again.number.text().endswith("已复制")
    press(again, Key.Key_F3)
    assert again.entry.id == ids[3]


def test_looking_copies_nothing(world: ReportWorld, sealed: DraftModel, open_assistant: Open) -> None:
    """Keys: arrows only look; Ctrl+C copies and stays; a key held down counts once."""
    QGuiApplication.clipboard().setText("别的内容")
    assistant = open_assistant(read(world, sealed))
    first, second = assistant.filing.entries[:2]
    press(assistant, Key.Key_Down)
    assert assistant.entry == second and clipboard().text() == "别的内容"
    assert assistant.on_clipboard.accessibleName() == "剪贴板上不是本助手复制的内容。"
    press(assistant, Key.Key_Backspace)
    assert assistant.entry == first
    press(assistant, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert assistant.entry == first and clipboard().text() == first.text
    assert assistant.next_button.text().startswith("复制下一项")
    press(assistant, Key.Key_Return)
    assert assistant.entry == second and clipboard().text() == second.text
    # somebody copies something else meanwhile: Enter hands over this very item again, and does not pass it
    QGuiApplication.clipboard().setText("网页上的文字")
    assert assistant.next_button.text().startswith("复制本项")
    press(assistant, Key.Key_Return)
    assert assistant.entry == second and clipboard().text() == second.text


def test_the_clerk_takes_the_portals_way(
    world: ReportWorld, sealed: DraftModel, open_assistant: Open
) -> None:
    """In the portal's order, which the clerk can change: move, leave out, take in again; all kept."""
    assistant = open_assistant(read(world, sealed))
    assistant.kept.connect(lambda filing: keep(world, filing))
    first, second, third = assistant.filing.entries[:3]
    count = len(assistant.filing.entries)
    press(assistant, Key.Key_F2)
    view = assistant.list.view
    assert view.isVisible() and view.count() == count and assistant.list.entry_id == first.id
    QTest.keyClick(view, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [one.id for one in assistant.filing.entries[:2]] == [second.id, first.id]
    QTest.keyClick(view, Key.Key_Down)
    assert assistant.list.entry_id == third.id
    QTest.keyClick(view, Key.Key_Delete)
    assert third.id not in {one.id for one in assistant.filing.entries}
    assert view.currentItem().text().endswith("（门户不填）")
    world.settle()
    again = read(world, sealed)
    assert [one.id for one in again.entries[:2]] == [second.id, first.id]
    assert again.skipped == {third.id} and len(again.entries) == count - 1
    QTest.keyClick(view, Key.Key_Delete)
    assert len(assistant.filing.entries) == count
    QTest.keyClick(view, Key.Key_Return)
    assert assistant.entry == third
    press(assistant, Key.Key_F4)
    assert assistant.entry != third and len(assistant.filing.entries) == count - 1
    press(assistant, Key.Key_F2)
    assert not assistant.list.isVisible()


def test_a_table_cell_by_cell(world: ReportWorld, sealed: DraftModel, open_assistant: Open) -> None:
    """Portals without a grid to paste into: the same table cell by cell, each named by row and column."""
    assistant = open_assistant(read(world, sealed))

    def reread() -> None:
        keep(world, assistant.filing)
        assistant.take(read(world, sealed))

    assistant.reread.connect(reread)
    table = next(one for one in assistant.filing.entries if one.kind is FilingKind.TABLE)
    assistant._go_to(table.id)
    assistant.by_cell.click()
    cell = assistant.entry
    assert cell is not None and cell.table == table.id and cell.number.endswith("第 1 行")
    cells = [one for one in assistant.filing.entries if one.table == table.id]
    assert [one.text for one in cells] == [text for row in table.cells for text in row if text]
    press(assistant, Key.Key_Return)
    press(assistant, Key.Key_Return)
    assert clipboard().text() == cells[1].text and assistant.filing.is_done(cells[0])
    assert assistant.by_cell.isChecked()
    assistant.by_cell.click()
    assert assistant.entry is not None and assistant.entry.id == table.id


def test_files_lie_ready(world: ReportWorld, sealed: DraftModel, open_assistant: Open) -> None:
    """Attachments named as the portal wants them: the folder opens from the entry of a file."""
    assistant = open_assistant(read(world, sealed))
    opened: list[str] = []
    assistant.open_folder = lambda url: opened.append(url.toLocalFile())
    file = next(one for one in assistant.filing.entries if one.kind is FilingKind.FILE)
    assert not assistant.folder_button.isVisible()
    assistant._go_to(file.id)
    assistant.folder_button.click()
    assert opened == [str(assistant.filing.folder)] and Path(file.text).parent == assistant.filing.folder


def test_a_closed_window_is_said(world: ReportWorld, sealed: DraftModel, open_assistant: Open) -> None:
    """The deadline stands in the assistant; after it the assistant says so and stops nothing."""
    assistant = open_assistant(read(world, sealed))
    assert "2023年1月5日 21:00" in assistant.window_line.text()
    world.pass_time(days=30)
    assistant._show_window()
    late = assistant.window_line.text()
    assert "逾期" in late or "已过" in late or "截止" in late
    press(assistant, Key.Key_Return)
    assert assistant.filing.count_done == 1


def test_every_control_has_a_name(world: ReportWorld, sealed: DraftModel, open_assistant: Open) -> None:
    """Accessibility: what has no words on it has a name."""
    assistant = open_assistant(read(world, sealed))
    entry = assistant.entry
    assert isinstance(entry, FilingEntry)
    for widget in (assistant.value, assistant.section, assistant.list.view, assistant.progress):
        assert widget.accessibleName()
    assert entry.label in assistant.value.accessibleName()
