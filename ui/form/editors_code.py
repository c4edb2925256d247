"""The editor for codes with a check digit: credit codes and id numbers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from app.model.form import Item
from app.model.value import ItemType, Value
from app.rules.identity import credit_code_digit, id_number_digit
from ui.form.editors import Kit
from ui.form.editors_text import LineEditor

_PLACES = 18


class CodeEditor(LineEditor):
    """18 characters; as soon as 17 stand there the last one that belongs to them is told."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.input.setInputMethodHints(Qt.InputMethodHint.ImhPreferLatin)
        self.keep_short(self.input)
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.line.addWidget(self.hint, 1)
        self.wide = True

    def display(self) -> None:
        """Show the code and what its last character should be."""
        super().display()
        self._tell_digit(self.value)

    def answer(self, value: Value | None) -> None:
        """Take the user's answer and tell what its last character should be."""
        self._tell_digit(value)
        super().answer(value)

    def _tell_digit(self, value: Value | None) -> None:
        words, wrong = self._words(value if isinstance(value, str) else "")
        self.hint.setText(words)
        palette = QPalette(self.hint.palette())
        look = self.kit.look
        palette.setColor(QPalette.ColorRole.WindowText, look.warning if wrong else look.good)
        self.hint.setPalette(palette)

    def _words(self, code: str) -> tuple[str, bool]:
        if not code:
            return "", False
        if len(code) < _PLACES - 1:
            return self.kit.text("code_short", count=len(code)), True
        try:
            digit = (credit_code_digit if self.item.type is ItemType.CREDIT_CODE else id_number_digit)(code)
        except ValueError:
            return self.kit.text("code_odd"), True
        if len(code) > _PLACES:
            return self.kit.text("code_long", count=len(code)), True
        if len(code) < _PLACES:
            return self.kit.text("code_next", digit=digit), True
        if code[-1] == digit:
            return self.kit.text("code_right"), False
        return self.kit.text("code_wrong", digit=digit, found=code[-1]), True
