"""调整表单 in the window: rename, move, leave out, add, undo, restart (issue 3, 首页)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.model.draft import Path as Place
from app.model.form import Item
from app.model.form_changes import NO_CHANGES, OWN, can_leave_out
from app.model.packet import PartKind
from app.model.value import ItemType
from app.services.files import open_bundle_draft
from app.services.importing import import_bundle
from app.services.printing import read_proof, render_part
from app.services.recording import seal
from app.services.submitting import make_bundle
from app.services.workplace import Workplace, view_of
from tests.ui.window_world import WindowWorld
from ui.draft_model import DraftModel
from ui.form.form_dialog import FormDialog
from ui.form.own_field_dialog import OwnFieldDialog
from ui.pages.draft import DraftPage

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def world(tmp_path: Path, qtbot: object) -> Iterator[WindowWorld]:
    made = WindowWorld(tmp_path)
    made.window.resize(1366, 768)
    made.window.show()
    made.window.start()
    made.settled()
    yield made
    made.close()


def page_of(world: WindowWorld) -> DraftPage:
    world.window.go("draft", "")
    page = world.window.built_page("draft")
    assert isinstance(page, DraftPage)
    return page


def dialog_of(page: DraftPage) -> FormDialog:
    page.form_button.click()
    return next(one for one in page.findChildren(FormDialog) if one.isVisible())


def choose(dialog: FormDialog, key: str) -> None:
    for place in range(dialog.list.topLevelItemCount()):
        line = dialog.list.topLevelItem(place)
        if line is not None and line.data(0, Qt.ItemDataRole.UserRole) == key:
            dialog.list.setCurrentItem(line)
            return
    raise AssertionError(key)


def test_a_clerk_renames_moves_leaves_out_and_adds_items(world: WindowWorld) -> None:
    """One step in the report: pages, findings, answers follow; undo puts all back, numbers stay."""
    model: DraftModel = world.make_model()
    page = page_of(world)
    base = model.session.programme.form
    first, second, third = base.sections[1].fields[:3]
    page.show_section(1)
    dialog = dialog_of(page)
    assert dialog.section.currentIndex() == 1
    choose(dialog, first.id)
    dialog.rename()
    editor = dialog.list.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("改过的名称")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    world.settled()
    choose(dialog, first.id)
    dialog.down_button.click()
    choose(dialog, third.id)
    line = dialog.list.currentItem()
    assert line is not None
    line.setCheckState(0, Qt.CheckState.Unchecked)
    dialog.add_button.click()
    own = next(one for one in dialog.findChildren(OwnFieldDialog) if one.isVisible())
    assert not own.save_button.isEnabled()
    own.name.insert("宿舍床位数")
    own.type.setCurrentIndex(own.type.findData(ItemType.INTEGER.value))
    own.unit.setCurrentText("张")
    own.required.setChecked(True)
    own.save_button.click()
    dialog.save_button.click()
    world.settled()
    own_id = _is_changed(page, model, first, second, third)
    model.undo()
    model.undo()
    world.settled()
    assert model.session.programme.form is base
    assert model.answers.form_changes == NO_CHANGES
    model.redo()
    model.redo()
    world.settled()
    again = world.open(model.draft_id)
    assert again.answers.values[own_id] == 36
    assert again.session.undo_label
    assert again.session.programme.form.fields[first.id].label == "改过的名称"


def _is_changed(page: DraftPage, model: DraftModel, first: Item, second: Item, third: Item) -> str:
    """See that page and findings have followed, fill the own item, and give its id."""
    fields = model.session.programme.form.sections[1].fields
    assert [one.id for one in fields[:2]] == [second.id, first.id]
    assert (fields[1].label, fields[1].number) == ("改过的名称", first.number)
    key = fields[-1].id
    assert key.startswith(OWN)
    assert page.current == 1
    rows = page.section_pages[1].rows
    page.section_pages[1].finish()
    assert not rows[third.id].isVisibleTo(page)
    assert rows[key].label.text() == "宿舍床位数"
    required = [one.code for one in model.session.findings if one.path == key]
    assert required, "an added required item without an answer is a finding"
    QTest.keyClicks(rows[key].editor.controls()[0], "36")
    page.settle()
    assert model.answers.values[key] == 36
    assert not [one for one in model.session.findings if one.path == key and one.code == required[0]]
    return key


def leave_out_and_add(page: DraftPage, key: str) -> None:
    """Leave an item of the second section out and add a text of one's own."""
    dialog = dialog_of(page)
    dialog.section.setCurrentIndex(1)
    choose(dialog, key)
    line = dialog.list.currentItem()
    assert line is not None
    line.setCheckState(0, Qt.CheckState.Unchecked)
    dialog.add_button.click()
    own = next(one for one in dialog.findChildren(OwnFieldDialog) if one.isVisible())
    own.name.insert("夜间开放说明")
    own.save_button.click()
    dialog.save_button.click()


def own_word(model: DraftModel, table_id: str, column_id: str = "") -> str:
    """Give a text of a table (of one of its columns) that stands nowhere else in the report."""
    answers = model.answers
    elsewhere = " ".join(
        str(value)
        for key, rows in answers.tables.items()
        for row in rows
        for name, value in row.cells.items()
        if key != table_id or (column_id and name != column_id)
    ) + " ".join(map(str, answers.values.values()))
    rows = answers.tables[table_id]
    cells = (value for row in rows for key, value in row.cells.items() if column_id in ("", key))
    texts = (value for value in cells if isinstance(value, str) and len(value) > 3 and not value.isascii())
    return next("".join(text.split()) for text in texts if text not in elsewhere)


def test_paper_and_bundle_follow_the_reports_own_form(world: WindowWorld, tmp_path: Path) -> None:
    """Added items appear in paper and bundle, left-out ones do not; the bundle is read elsewhere."""
    model = world.make_model()
    page = page_of(world)
    form = model.session.programme.form
    section = form.sections[1]
    filled = [
        form.tables[key] for one in form.sections for key in one.tables if model.answers.tables.get(key)
    ]
    gone, renamed = (one for one in filled[:2])
    hidden = next(one for one in section.fields if one.required == "true" and one.type is ItemType.INTEGER)
    leave_out_and_add(page, hidden.id)
    world.settled()
    key = model.session.programme.form.sections[1].fields[-1].id
    model.set_text(Place(key), "每晚开放到十点", "填")
    changes = model.answers.form_changes
    labels = {**changes.labels, f"{renamed.id}.{renamed.columns[0].id}": "改名的列"}
    dropped = next(
        one for one in renamed.columns[1:] if one.type is ItemType.TEXT and can_leave_out(renamed, one)
    )
    secret = own_word(model, renamed.id, dropped.id)
    column = f"{renamed.id}.{dropped.id}"
    changes = replace(changes, labels=labels, hidden=changes.hidden | {gone.id, column})
    model.change(replace(model.answers, form_changes=changes), "调整表单")
    world.settled()
    page.show_place(renamed.id)
    world.settled()
    shown = page.section_pages[page.current].tables[renamed.id].model.columns
    assert [one.id for one in shown] == [one.id for one in renamed.columns if one is not dropped]
    assert shown[0].label == "改名的列"
    told = [one for one in model.session.findings if one.code == "FRM-01"]
    assert {hidden.id, gone.id} <= {one.path for one in told} <= {hidden.id, gone.id, renamed.id}
    world.settled()
    draft_id = model.draft_id

    def work(workplace: Workplace) -> tuple[str, str, object, str]:
        now = workplace.now()
        source = read_proof(workplace, draft_id, now)
        view = view_of(source.programme, source.draft, workplace.fonts, now)
        part = next(one for one in source.programme.packet.parts if one.kind is PartKind.REPORT)
        paper = render_part(part, source.programme, view, workplace.fonts, workplace.messages)
        with pypdfium2.PdfDocument(paper) as pdf:
            text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
        sealed = seal(workplace, draft_id, now, "已核对")
        assert sealed.snapshot is not None
        make_bundle(workplace, draft_id, tmp_path / "out.shenbao")
        programme, read = open_bundle_draft(tmp_path / "out.shenbao", workplace.library)
        label = programme.form.fields[key].label
        other = workplace.draft(import_bundle(workplace, tmp_path / "out.shenbao"))
        return text, label, other.answers.values[key], read.answers.reasons[told[0].key]

    text, label, value, reason = world.on_store(work)
    plain = "".join(text.split())
    assert "夜间开放说明" in plain
    assert "每晚开放到十点" in plain
    assert (label, value, reason) == ("夜间开放说明", "每晚开放到十点", "已核对")
    assert f"{hidden.number}{hidden.label}" not in plain
    assert "改名的列" in plain
    assert own_word(model, renamed.id) in plain
    assert own_word(model, gone.id) not in plain
    assert secret not in plain
