"""Bundles brought into a table from the window: looked at first, then one undo step (issue 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import paths
from app.bundle import write_bundle
from app.model.answers import read_answers, read_document
from app.model.draft import Answers, Draft
from app.model.fingerprint import canonical_content, fingerprint
from app.model.programme import Programme
from app.model.submission import Snapshot
from app.programmes.loader import load
from tests.ui.draft_world import NOW
from tests.ui.table_world import TableWorld
from ui.form.gather_button import GatherButton, GatherDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", r"raise\(\)", "grabbing the keyboard")
HOME = paths.resources() / "programmes"


def programme_of(name: str) -> Programme:
    return load(HOME / name)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    cluster = programme_of("torch-cluster-2022")
    document = read_document((HOME / cluster.id / "samples" / "complete.json").read_bytes(), "sample")
    answers = replace(read_answers(document, cluster.form, "sample"), attachments=())
    content = canonical_content(Draft("D", cluster.id, 1, answers), cluster.form)
    target = tmp_path / "cluster.shenbao"
    write_bundle(Snapshot("D", fingerprint(content), content, 1, NOW), "集群", {}, target)
    return target


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[TableWorld]:
    programme = programme_of("torch-cluster-province-2022")
    made = TableWorld(tmp_path / "data", programme=programme, answers=Answers(), table_id="clusters")
    made.show()
    yield made
    made.close()


def dialog_of(world: TableWorld, qtbot: QtBot, files: list[Path]) -> GatherDialog:
    button = world.editor.buttons["gather"]
    assert isinstance(button, GatherButton)
    button.dialog = None
    button.pick_files = lambda _parent, _title: files
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: button.dialog is not None)
    assert button.dialog is not None
    return button.dialog


def test_looked_at_then_written(world: TableWorld, qtbot: QtBot, bundle: Path) -> None:
    """Nothing is written before the clerk agrees; agreed, it is one row and one undo step."""
    dialog = dialog_of(world, qtbot, [bundle])
    assert "云岭新能源装备创新型产业集群" in dialog.list.toPlainText()
    assert not world.draft.answers.tables
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert not world.draft.answers.tables
    dialog = dialog_of(world, qtbot, [bundle])
    QTest.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    (row,) = world.draft.answers.tables["clusters"]
    assert (row.cells["enterprises"], row.cells["gaps"]) == (186, 2)
    assert world.draft.session.view.values["r01"] == 186
    qtbot.waitUntil(lambda: bool(world.told))
    again = dialog_of(world, qtbot, [bundle])
    assert not again.write.isEnabled()
    again.reject()
    world.draft.undo()
    assert not world.draft.answers.tables


def test_a_wrong_file_is_told(world: TableWorld, qtbot: QtBot, tmp_path: Path) -> None:
    """A file that is no bundle is a banner, and changes nothing."""
    (tmp_path / "x.shenbao").write_bytes(b"no zip")
    button = world.editor.buttons["gather"]
    assert isinstance(button, GatherButton)
    button.pick_files = lambda _parent, _title: [tmp_path / "x.shenbao"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(world.told))
    assert button.dialog is None
    assert not world.draft.answers.tables


def test_other_tables_have_no_such_button(qtbot: QtBot, tmp_path: Path) -> None:
    """Only tables that take bundles in offer it."""
    world = TableWorld(tmp_path / "plain")
    assert "gather" not in world.editor.buttons
    world.close()
