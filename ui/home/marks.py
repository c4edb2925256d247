"""批注: what a reviewer marked on a return, put on record place by place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLineEdit, QListWidget, QVBoxLayout, QWidget

from app.messages import Messages
from app.model.form import Form
from app.services.recording import PAGE_PLACE
from ui.parts import Button
from ui.style import Look

_LINES = 3
_LONGEST = 500


class MarksEditor(QWidget):
    """Takes marks one by one: the place (an item, a table, 第3页, or the whole report) and what it says.

    ``marks`` gives them as ``read_mark`` takes them, with one that is typed and not added yet.
    ``changed``: they are others than before.
    """

    changed = Signal()

    def __init__(self, form: Form | None, look: Look, messages: Messages) -> None:
        super().__init__()
        self._messages = messages
        self._added: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space(0.75))
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        self.place = self._make_place(form)
        self.text = QLineEdit()
        self.text.setMaxLength(_LONGEST)
        self.text.setPlaceholderText(self._word("mark_text"))
        self.text.setAccessibleName(self._word("mark_text"))
        self.add_button = Button(self._word("mark_add"), look)
        self.add_button.clicked.connect(self.add)
        row.addWidget(self.place, 2)
        row.addWidget(self.text, 3)
        row.addWidget(self.add_button)
        column.addLayout(row)
        self.list = QListWidget()
        self.list.setAccessibleName(self._word("marks"))
        self.list.setWordWrap(True)
        self.list.setFixedHeight((_LINES + 1) * self.list.fontMetrics().lineSpacing())
        self.remove_button = Button(self._word("mark_remove"), look)
        self.remove_button.clicked.connect(self.remove)
        self.shown = QWidget()
        shown = QHBoxLayout(self.shown)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.addWidget(self.list, 1)
        shown.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)
        self.shown.hide()
        column.addWidget(self.shown)
        remove = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.remove)
        self.text.textChanged.connect(self._judge)
        self.place.editTextChanged.connect(self._judge)
        self._judge()

    def _word(self, key: str) -> str:
        return self._messages.text("window", f"register.{key}")

    def _make_place(self, form: Form | None) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setAccessibleName(self._word("mark_place"))
        box.setToolTip(self._word("mark_place_tip"))
        box.setMinimumContentsLength(12)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.addItem(self._word("mark_whole"), "")
        for section in form.sections if form else ():
            for item in section.fields:
                box.addItem(f"{item.number} {item.label}".strip(), item.id)
            for table_id in section.tables:
                table = form.tables[table_id] if form else None
                if table is not None:
                    box.addItem(f"{table.number} {table.label}".strip(), table_id)
        completer = QCompleter(box.model(), box)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        box.setCompleter(completer)
        line = box.lineEdit()
        if line is not None:
            line.setAccessibleName(self._word("mark_place"))
        return box

    def _at(self) -> str | None:
        """Give the place as ``read_mark`` takes it, or None for a text that names none."""
        text = self.place.currentText().strip()
        found = self.place.findText(text, Qt.MatchFlag.MatchFixedString)
        if not text:
            return ""
        if found >= 0:
            return str(self.place.itemData(found))
        return text if PAGE_PLACE.fullmatch(text) else None

    def _judge(self) -> None:
        self.add_button.setEnabled(bool(self.text.text().strip()) and self._at() is not None)
        self.changed.emit()

    def add(self) -> None:
        """Put what is typed into the list."""
        place, text = self._at(), self.text.text().strip()
        if place is None or not text:
            return
        self._added.append(f"{place}={text}")
        self.list.addItem(f"{self.place.currentText().strip() or self._word('mark_whole')}：{text}")
        self.list.setCurrentRow(self.list.count() - 1)
        self.shown.show()
        self.text.clear()
        self.place.setFocus()

    def remove(self) -> None:
        """Take the marked line out of the list."""
        at = self.list.currentRow()
        if at >= 0:
            self.list.takeItem(at)
            del self._added[at]
            self.shown.setVisible(bool(self._added))
            self.changed.emit()

    @property
    def sound(self) -> bool:
        """Tell whether what is typed names a place, so that nothing typed is left behind."""
        return not self.text.text().strip() or self._at() is not None

    @property
    def marks(self) -> tuple[str, ...]:
        """Give the marks, the one that is typed as the last."""
        typed, place = self.text.text().strip(), self._at()
        return (*self._added, f"{place}={typed}") if typed and place is not None else tuple(self._added)
