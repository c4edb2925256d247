"""The real window with a hand that types into it, and an account of every key; started and killed by tests.

Usage: ``python -m tests.ui.typing_window SEED``.  The data folder comes from ``SHENBAO_DATA_DIR`` and holds a
report that the window opens by itself.  Lines on stdout, each a JSON object with ``kind``:

``stands``  the report as it was found: ``digest``, ``undo`` and ``redo`` (did both work), ``asked``
``key``     a key or a commit went into an editor: ``number``, ``at`` (monotonic seconds)
``state``   the report became another, told before it is saved: ``digest``, ``at``, ``keys`` (how many keys of
            the account it holds or has taken back again)
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import ui.program
from app.model.draft import Answers
from app.model.fingerprint import canonical_content
from app.model.form import Item
from app.model.value import ItemType, parse_value
from tests.ui.events import compose, put_on_clipboard
from ui.draft_model import DraftModel
from ui.form.inputs import LineInput, TextInput
from ui.main_window import MainWindow
from ui.pages.draft import DraftPage

_EVERY_MS = 12
_WORDS = ("喀什众创", "新疆", "合同已签", "2022年", "孵化")
_TYPED = (ItemType.TEXT, ItemType.LONG_TEXT, ItemType.INTEGER, ItemType.MONEY)
_CONTROL = Qt.KeyboardModifier.ControlModifier


class Typist:
    """Types into a window until it is killed."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self._window = window
        self._chance = random.Random(seed)
        self._keys = self._held = 0
        self._place: tuple[str, Item] | None = None
        self._turn = self._work()
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._next)
        self._timer.start(_EVERY_MS)

    def _next(self) -> None:
        model = self._window.report.model
        if model is not None and self._window.tasks.idle | (self._keys > 0):
            next(self._turn)

    def _tell(self, kind: str, **more: object) -> None:
        line = json.dumps({"kind": kind, "at": time.monotonic(), **more})
        os.write(1, line.encode() + b"\n")

    # -------------------------------------------------------------------------------- looking
    @property
    def _model(self) -> DraftModel:
        model = self._window.report.model
        assert model is not None
        return model

    def _digest(self) -> str:
        return digest(self._model)

    def _changed(self, _changes: object) -> None:
        """Say what stands now; this runs before the first byte of it goes to the disk."""
        if self._place is None or self._handed_over():
            self._held = self._keys
        self._tell("state", digest=self._digest(), keys=self._held)

    def _handed_over(self) -> bool:
        assert self._place is not None
        path, item = self._place
        widget = QApplication.focusWidget()
        if not isinstance(widget, (LineInput, TextInput)):
            return True
        shown = parse_value(item.type, widget.whole_text(), item.unit, item.choices)
        return bool(shown == value_at(self._model.answers, path))

    # -------------------------------------------------------------------------------- doing
    def _work(self) -> Iterator[None]:
        yield from self._look_back()
        self._model.changed.connect(self._changed)
        page = self._window.built_page("draft")
        assert isinstance(page, DraftPage)
        acts = (self._type_field, self._type_field, self._type_cell, self._type_cell, self._paste, self._undo)
        while True:
            yield from self._chance.choice(acts)(page)

    def _look_back(self) -> Iterator[None]:
        """Say what the restart brought, and whether undo works on it."""
        found, undone, redone = self._digest(), "", ""
        if self._model.session.undo_label is not None:
            self._press(Qt.Key.Key_Z)
            undone = self._digest()
            yield
            self._press(Qt.Key.Key_Y)
            redone = self._digest()
            yield
        others = [
            one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not self._window
        ]
        banner = self._window.banner
        asked = [banner.message.text()] if banner.isVisible() else []
        self._tell(
            "stands",
            digest=found,
            undo=not undone or undone != found,
            redo=not redone or redone == found,
            steps=self._model.session.undo_label is not None,
            asked=asked + [type(one).__name__ for one in others],
        )
        self._window.go("draft", "")
        yield

    def _press(self, key: Qt.Key) -> None:
        self._window.activateWindow()
        QTest.keyClick(self._window, key, _CONTROL)

    def _type_field(self, page: DraftPage) -> Iterator[None]:
        form, hidden = self._model.session.programme.form, self._model.session.view.hidden
        items = [
            one
            for one in form.fields.values()
            if one.type in _TYPED and not one.calculated and not one.readonly and one.id not in hidden
        ]
        item = self._chance.choice(items)
        page.show_place(item.id)
        yield
        self._place = (item.id, item)
        yield from self._type(item)
        self._leave(Qt.Key.Key_Tab)

    def _type_cell(self, page: DraftPage) -> Iterator[None]:
        tables = [one for one in self._model.session.programme.form.tables.values() if not one.derived]
        table = self._chance.choice([one for one in tables if self._model.answers.tables.get(one.id)])
        row = self._chance.choice(self._model.session.view.rows(table.id))
        column = self._chance.choice([one for one in table.columns if one.type in _TYPED[::2]] or [None])
        if column is None or column.calculated or column.readonly:
            return
        page.show_place(f"{table.id}/{row.id}/{column.id}")
        yield
        self._place = (f"{table.id}/{row.id}/{column.id}", column)
        yield from self._type(column)
        self._leave(Qt.Key.Key_Return)

    def _type(self, item: Item) -> Iterator[None]:
        number = item.type in (ItemType.INTEGER, ItemType.MONEY)
        for _ in range(self._chance.choice((6, 20, 130))):
            target = QApplication.focusWidget()
            if target is None:
                return
            if number or self._chance.random() < 0.6:
                QTest.keyClicks(target, self._chance.choice("1234567890"))
            else:
                compose(target, self._chance.choice(("", "ka", "xin")), self._chance.choice(_WORDS))
            self._count()
            yield

    def _count(self) -> None:
        self._keys += 1
        self._tell("key", number=self._keys)

    def _leave(self, key: Qt.Key) -> None:
        target = QApplication.focusWidget()
        if target is not None:
            QTest.keyClick(target, key)
        self._place, self._held = None, self._keys

    def _paste(self, page: DraftPage) -> Iterator[None]:
        form = self._model.session.programme.form
        tables = [
            one for one in form.tables.values() if not one.derived and self._model.answers.tables.get(one.id)
        ]
        table = self._chance.choice(tables)
        column = next((one for one in table.columns if one.type is ItemType.TEXT), None)
        if column is None:
            return
        page.show_place(f"{table.id}/{self._model.session.view.rows(table.id)[0].id}/{column.id}")
        yield
        put_on_clipboard(self._chance.choice(_WORDS) + str(self._chance.randrange(1000)))
        self._paste_here()
        yield

    def _paste_here(self) -> None:
        target = QApplication.focusWidget()
        if target is not None:
            QTest.keyClick(target, Qt.Key.Key_V, _CONTROL)

    def _undo(self, _page: DraftPage) -> Iterator[None]:
        for _ in range(self._chance.randrange(1, 4)):
            self._press(Qt.Key.Key_Z)
            yield
        if self._chance.random() < 0.5:
            self._press(Qt.Key.Key_Y)
            yield


def value_at(answers: Answers, path: str) -> object:
    """Give what stands at ``e03`` or ``t1/r7/name``."""
    item, _, rest = path.partition("/")
    row_id, _, column = rest.partition("/")
    if not row_id:
        return answers.values.get(item)
    row = next((one for one in answers.tables.get(item, ()) if one.id == row_id), None)
    cells: Mapping[str, object] = row.cells if row is not None else {}
    return cells.get(column)


def digest(model: DraftModel) -> str:
    """Give a short sign of all answers."""
    content = canonical_content(model.session.draft, model.session.programme.form)
    return hashlib.sha256(content).hexdigest()[:16]


def main() -> int:
    """Run the program as a person would start it, with a typist at its keyboard."""
    make: Callable[..., MainWindow] = ui.program.make_window
    typists: list[Typist] = []

    def make_typed(*words: object) -> MainWindow:
        window = make(*words)
        typists.append(Typist(window, int(sys.argv[1])))
        return window

    ui.program.make_window = make_typed  # type: ignore[assignment]
    del sys.argv[2:]
    return ui.program.run_window()


if __name__ == "__main__":
    sys.exit(main())
