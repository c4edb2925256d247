"""The editor for a range of years: the first and the last year, each in its own box."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.model.form import Item
from app.model.value import Invalid, parse_value, split_years
from ui.form.editors import Editor, Kit
from ui.form.inputs import LineInput

_ZI = 6


class YearRangeEditor(Editor):
    """2021—2023 as two years.  A whole range pasted into either box fills both."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.first, self.last = LineInput(), LineInput()
        for box, hint in ((self.first, "year_first"), (self.last, "year_last")):
            self.keep_short(box, _ZI)
            box.setPlaceholderText(kit.text(hint))
            box.setInputMethodHints(Qt.InputMethodHint.ImhPreferNumbers)
            box.typed.connect(lambda text, at=box: self._typed(at, text))
            box.entered.connect(self._enter)
            box.paused.connect(self.paused)
            box.left.connect(self._leave)
        self.line.addWidget(self.first)
        self.line.addWidget(QLabel(kit.text("year_to")))
        self.line.addWidget(self.last)
        self.line.addStretch(1)
        self.setFocusProxy(self.first)
        self._inside = False

    def controls(self) -> list[QWidget]:
        """Give both boxes."""
        return [self.first, self.last]

    def name_controls(self, name: str, description: str) -> None:
        """Say which of the two years a box is for."""
        for box, hint in ((self.first, "year_first"), (self.last, "year_last")):
            box.setAccessibleName(self.kit.text("year_of", name=name, year=self.kit.text(hint)))
            box.setAccessibleDescription(description)

    def display(self) -> None:
        """Show the answer; what is no range of years stands in the first box as it was typed."""
        text = self._value.text if isinstance(self._value, Invalid) else str(self._value or "")
        first, _, last = text.partition("-")
        for box, part in ((self.first, first), (self.last, last)):
            if box.text() != part:
                box.setText(part)

    def take_in(self) -> None:
        """Make half-typed text part of the answer."""
        self.first.take_in()
        self.last.take_in()

    def _typed(self, box: LineInput, text: str) -> None:
        if split_years(str(parse_value(self.item.type, text) or "")) is not None:
            self.answer(parse_value(self.item.type, text))
            self.display()
            return
        first = text if box is self.first else self.first.whole_text()
        last = text if box is self.last else self.last.whole_text()
        whole = f"{first.strip()}-{last.strip()}" if last.strip() else first.strip()
        self.answer(parse_value(self.item.type, whole))

    def _enter(self) -> None:
        if not self._inside:
            self._inside = True
            self.entered.emit()

    def _leave(self) -> None:
        if QApplication.focusWidget() not in (self.first, self.last):
            self._inside = False
            self.left.emit()
