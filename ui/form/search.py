"""Finding an item by its number, a part of its label, or the first letters of its pinyin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.model.form import Form
from ui.form.editors import Kit
from ui.form.initials import initials
from ui.form.inputs import LineInput

MOST_HITS = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that can be found: where it stands and what is searched."""

    place: str
    shown: str
    number: str
    label: str
    initials: str


def index_of(form: Form) -> tuple[Entry, ...]:
    """Give all fields and tables, and columns under their table, in the order of the form."""
    entries: list[Entry] = []
    for section in form.sections:
        for item in section.fields:
            entries.append(_entry(item.id, item.number, item.label))
        for table_id in section.tables:
            table = form.tables[table_id]
            entries.append(_entry(table_id, table.number, table.label))
            for column in table.columns:
                number = column.number or table.number
                found = _entry(table_id, number, column.label)
                shown = f"{number}  {table.label} · {column.label}"
                entries.append(Entry(found.place, shown, found.number, found.label, found.initials))
    return tuple(entries)


def _entry(place: str, number: str, label: str) -> Entry:
    return Entry(place, f"{number}  {label}", number.lower(), label.lower(), initials(label))


def find(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Give what fits, best first: number, then beginning of label or initials, then a part of them."""
    wanted = "".join(text.lower().split())
    if not wanted:
        return []
    ranked = [
        (rank, place) for place, entry in enumerate(entries) if (rank := _rank(entry, wanted)) is not None
    ]
    return [entries[place] for _, place in sorted(ranked)][:MOST_HITS]


def _rank(entry: Entry, wanted: str) -> int | None:
    number = entry.number.replace("-", "")
    plain = wanted.replace("-", "")
    tests = (
        plain == number,
        bool(plain) and number.startswith(plain),
        entry.label.startswith(wanted) or entry.initials.startswith(wanted),
        wanted in entry.label,
        wanted in entry.initials,
    )
    return next((rank for rank, fits in enumerate(tests) if fits), None)


class SearchBox(QWidget):
    """A line and, while something is typed, what fits.  ``chosen(place)`` on Enter or click.

    ``searching(bool)`` tells whether something is typed, so that the outline can make room.
    """

    chosen = Signal(str)
    searching = Signal(bool)

    def __init__(self, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kit = kit
        self._entries: tuple[Entry, ...] = ()
        self.input = LineInput()
        self.input.setPlaceholderText(kit.text("search"))
        self.input.setAccessibleName(kit.text("search_name"))
        self.input.setClearButtonEnabled(True)
        self.input.setToolTip(kit.text("search"))
        self.input.textChanged.connect(self._search)
        self.input.returnPressed.connect(self._choose_current)
        self.input.installEventFilter(self)
        self.hits = QListWidget()
        self.hits.setAccessibleName(kit.text("search_results"))
        self.hits.setFrameShape(QListWidget.Shape.NoFrame)
        self.hits.setWordWrap(True)
        self.hits.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hits.itemClicked.connect(self._choose)
        self.hits.itemActivated.connect(self._choose)
        self.none = QLabel(kit.text("search_none"))
        self.none.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.input)
        layout.addWidget(self.none)
        layout.addWidget(self.hits, 1)
        self.hits.hide()
        self.none.hide()

    def show_form(self, form: Form) -> None:
        """Search another form."""
        self._entries = index_of(form)
        self.input.clear()

    def open(self) -> None:
        """Put the cursor into the line."""
        self.input.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.input.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the hits with the arrows while the cursor stays in the line; Esc ends the search."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.hits.count():
                row = min(max(self.hits.currentRow() + step, 0), self.hits.count() - 1)
                self.hits.setCurrentRow(row)
                return True
            if event.key() == Qt.Key.Key_Escape and self.input.text():
                self.input.clear()
                return True
        return super().eventFilter(watched, event)

    def _search(self, text: str) -> None:
        found = find(self._entries, text)
        self.hits.clear()
        for entry in found:
            hit = QListWidgetItem(entry.shown)
            hit.setData(Qt.ItemDataRole.UserRole, entry.place)
            self.hits.addItem(hit)
        if found:
            self.hits.setCurrentRow(0)
        busy = bool(text.strip())
        self.hits.setVisible(bool(found))
        self.none.setVisible(busy and not found)
        self.searching.emit(busy)

    def _choose_current(self) -> None:
        if self.hits.count() and self.input.text().strip():
            self._choose(self.hits.currentItem())

    def _choose(self, hit: QListWidgetItem) -> None:
        place = str(hit.data(Qt.ItemDataRole.UserRole))
        self.input.clear()
        self.chosen.emit(place)
