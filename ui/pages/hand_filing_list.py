"""清单: all entries of a filing in the portal's order, to go to, to move and to leave out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.services.filing import Filing, FilingEntry
from ui.context import PageContext
from ui.parts import Button, words

_LINES, _LETTERS = 6, 22
_ID = Qt.ItemDataRole.UserRole
_ALT = Qt.KeyboardModifier.AltModifier


class FilingList(QWidget):
    """``chosen`` names an entry to show, ``moved`` one and how far, ``skipped`` one to leave out."""

    chosen = Signal(str)
    moved = Signal(str, int)
    skipped = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, look = context, context.look
        self._filing: Filing | None = None
        self._shown: list[tuple[str, str]] = []
        self.view = QListWidget()
        self.view.setAccessibleName(self._word("list_name"))
        self.view.setAccessibleDescription(self._word("list_keys"))
        self.view.setUniformItemSizes(True)
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setMinimumHeight(self.view.fontMetrics().lineSpacing() * _LINES)
        self.view.installEventFilter(self)
        self.view.itemActivated.connect(lambda item: self.chosen.emit(str(item.data(_ID))))
        self.view.currentItemChanged.connect(lambda _now, _before: self._fit())
        self.setMinimumWidth(self.view.fontMetrics().horizontalAdvance("汉") * _LETTERS)
        self.up_button = Button(self._word("entry_up"), look)
        self.down_button = Button(self._word("entry_down"), look)
        self.skip_button = Button(self._word("leave_out"), look)
        self.up_button.clicked.connect(lambda: self._move(-1))
        self.down_button.clicked.connect(lambda: self._move(1))
        self.skip_button.clicked.connect(self._skip)
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        for button in (self.up_button, self.down_button, self.skip_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space(0.75))
        column.addWidget(self.view, 1)
        column.addLayout(row)
        column.addWidget(words(self._word("list_keys"), look, faint=True))

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.hand_filing.{key}", **params)

    def show_filing(self, filing: Filing, current: FilingEntry | None) -> None:
        """Show the entries, those left out faint, the one that is handed over as the current one."""
        self._filing = filing
        entries = [entry for section in filing.sections for entry in section.entries]
        if [entry.id for entry in entries] != [one for one, _ in self._shown]:
            self._fill(entries)
        for place, entry in enumerate(entries):
            state = _state(filing, entry)
            if self._shown[place][1] != state:
                self._shown[place] = (entry.id, state)
                self._paint(self.view.item(place), entry, state)
        if current is not None:
            self.choose(current.id)
        self._fit()

    def _fill(self, entries: Sequence[FilingEntry]) -> None:
        self.view.blockSignals(True)
        self.view.clear()
        for entry in entries:
            item = QListWidgetItem(self.view)
            item.setData(_ID, entry.id)
            item.setToolTip(entry.label)
        self.view.blockSignals(False)
        self._shown = [(entry.id, "") for entry in entries]

    def _paint(self, item: QListWidgetItem, entry: FilingEntry, state: str) -> None:
        look = self._context.look
        colours = {"line_skipped": look.faint, "line_done": look.good}
        item.setText(self._word(state, name=f"{entry.number} {entry.label}".strip()))
        item.setForeground(colours.get(state, look.text))

    def choose(self, entry_id: str) -> None:
        """Bring an entry into view."""
        place = next((at for at, (one, _) in enumerate(self._shown) if one == entry_id), -1)
        if place >= 0:
            self.view.setCurrentRow(place)
            self.view.scrollToItem(self.view.item(place))

    @property
    def entry_id(self) -> str:
        """Give the entry under the cursor, empty where there is none."""
        # PySide6 says that there is always an item; there is none in an empty list
        item: QListWidgetItem | None = self.view.currentItem()
        return "" if item is None else str(item.data(_ID))

    def _fit(self) -> None:
        filing, entry_id = self._filing, self.entry_id
        is_skipped = filing is not None and entry_id in filing.skipped
        self.skip_button.setText(self._word("take_in" if is_skipped else "leave_out"))
        for button in (self.up_button, self.down_button):
            button.setEnabled(bool(entry_id) and "/" not in entry_id)
        self.skip_button.setEnabled(bool(entry_id))

    def _move(self, steps: int) -> None:
        if self.entry_id and "/" not in self.entry_id:
            self.moved.emit(self.entry_id, steps)

    def _skip(self) -> None:
        if self.entry_id:
            self.skipped.emit(self.entry_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt with an arrow moves the entry, Delete leaves it out or takes it in again, Enter shows it."""
        if watched is self.view and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key, alt = event.key(), bool(event.modifiers() & _ALT)
            if alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._move(-1 if key == Qt.Key.Key_Up else 1)
                return True
            if key == Qt.Key.Key_Delete:
                self._skip()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.chosen.emit(self.entry_id)
                return True
        return super().eventFilter(watched, event)


def _state(filing: Filing, entry: FilingEntry) -> str:
    if entry.id in filing.skipped:
        return "line_skipped"
    return "line_done" if filing.is_done(entry) else "line_open"
