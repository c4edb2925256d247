"""Signs on outline and items: returned with a reviewer's words, changed since print (issue 3, 填报)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.model.draft import Path as Place
from app.model.submission import Event, EventKind, EventSource
from app.services.recording import seal
from app.services.workplace import Workplace
from tests.ui.window_world import WindowWorld
from ui.form.item_signs import SignsPlace
from ui.pages.draft import DraftPage


@pytest.fixture
def world(tmp_path: Path, qtbot: object) -> Iterator[WindowWorld]:
    made = WindowWorld(tmp_path)
    made.window.show()
    made.window.start()
    made.settled()
    yield made
    made.close()


def words(place: SignsPlace | None) -> list[str]:
    assert place is not None
    return [line.text() for line in place.signs.lines] if place.signs else []


def page_of(world: WindowWorld) -> DraftPage:
    world.window.go("draft", "")
    page = world.window.built_page("draft")
    assert isinstance(page, DraftPage)
    return page


def put(world: WindowWorld, draft_id: str, kind: EventKind, fingerprint: str = "", **params: str) -> None:
    event = Event(
        kind,
        world.clock(),
        EventSource.PLATFORM,
        "科技局",
        params.pop("note", ""),
        fingerprint,
        params=params,
    )
    world.on_store(lambda workplace: workplace.store.events.append(draft_id, event))
    world.window.refresh()
    world.settled()


def sealed(workplace: Workplace, draft_id: str) -> str:
    found = seal(workplace, draft_id, workplace.now(), "演练")
    assert found.snapshot is not None, [one.key for one in found.open]
    return found.snapshot.fingerprint


def test_a_return_is_shown_where_it_was_marked_and_ends_with_the_next_seal(world: WindowWorld) -> None:
    """Asks 24: the reviewer's words stand at the item; a later seal takes them away."""
    model = world.make_model()
    page = page_of(world)
    field = model.session.programme.form.sections[0].fields[0].id
    table = next(
        one for one in model.session.programme.form.tables.values() if model.answers.tables.get(one.id)
    )
    row = model.answers.tables[table.id][1].id
    marks = [
        {"path": field, "page": 2, "text": "与证照不一致"},
        {"path": f"{table.id}/{row}/{table.columns[0].id}", "page": 0, "text": "名称有误"},
    ]
    put(world, model.draft_id, EventKind.RETURNED, note="请修改后重报", marks=json.dumps(marks))
    assert page.states[0].remarks == 1
    line = page.section_pages[0].rows[field].signs
    assert ["与证照不一致" in one and "第 2 页" in one for one in words(line)] == [True]
    assert words(page.whole) == ["退回意见（科技局，12月28日）：请修改后重报"]
    tip = page.outline.sections.index(0).data(3)
    assert "审核意见 1 条" in str(tip)
    page.show_place(table.id)
    world.settled()
    (said,) = words(page.section_pages[page.current].table_signs[table.id])
    assert "第 2 行" in said and "名称有误" in said
    world.on_store(lambda workplace: sealed(workplace, model.draft_id))
    world.window.refresh()
    world.settled()
    assert not any(state.remarks for state in page.states)
    page.show_section(0)
    assert words(page.section_pages[0].rows[field].signs) == []
    assert words(page.whole) == []


def test_what_was_edited_after_printing_is_marked_until_it_is_as_on_paper(world: WindowWorld) -> None:
    """Issue 3: «changed since print» is derived; undoing the edit takes the sign away."""
    model = world.make_model()
    page = page_of(world)
    fingerprint = world.on_store(lambda workplace: sealed(workplace, model.draft_id))
    world.open(model.draft_id)
    model = world.window.report.model or model
    field = next(one for one in model.session.programme.form.sections[0].fields if one.type == "text")
    assert not any(state.outdated for state in page.states)
    model.set_value(Place(field.id), "另一个名称", "改")
    assert [state.outdated for state in page.states][:2] == [True, False]
    assert "定稿后有改动" in words(page.section_pages[0].rows[field.id].signs)[0]
    world.settled()
    put(world, model.draft_id, EventKind.PRINTED, fingerprint)
    assert "打印后有改动" in words(page.section_pages[0].rows[field.id].signs)[0]
    assert "打印后有改动" in str(page.outline.sections.index(0).data(3))
    model.undo()
    assert not any(state.outdated for state in page.states)
    assert words(page.section_pages[0].rows[field.id].signs) == []


def test_last_years_content_waits_for_a_click_or_an_edit(world: WindowWorld) -> None:
    """Asks 27: what was taken over unseen is cleared only by a person; the click is one undo step."""
    model = world.make_model()
    page = page_of(world)
    first, second = (one for one in model.session.programme.form.sections[0].fields[:2])
    table = next(key for key, rows in model.answers.tables.items() if rows)
    column = model.session.programme.form.tables[table].columns[0].id
    waiting = frozenset({first.id, second.id, f"{table}.{column}"})
    model.change(replace(model.answers, unconfirmed=waiting), "沿用")
    rows = page.section_pages[0].rows
    signs = rows[first.id].signs.signs
    assert signs is not None and signs.confirm is not None
    rows[first.id].reveal()
    assert not [line for line in rows[first.id].lines if line.finding.code == "FRM-02"]
    QTest.keyClick(signs.confirm, Qt.Key.Key_Space)
    assert model.answers.unconfirmed == waiting - {first.id}
    assert rows[first.id].signs.signs is None
    page.show_place(table)
    world.settled()
    above = page.section_pages[page.current].table_signs[table].signs
    assert above is not None and above.confirm is not None
    above.confirm.click()
    assert model.answers.unconfirmed == {second.id}
    model.undo()
    assert model.answers.unconfirmed == waiting - {first.id}
