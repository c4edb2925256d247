"""Editors for texts: one line (names, phones, addresses) and long texts with their count of characters."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.model.form import Item
from app.model.value import ItemType, Value, format_value, parse_value
from app.rules.kinds.completeness import count_characters
from ui.form.editors import Editor, Kit
from ui.form.inputs import LineInput, TextInput

_PLAIN_ZI = {ItemType.PHONE: 14, ItemType.POSTCODE: 8}
_LATIN = frozenset({ItemType.PHONE, ItemType.POSTCODE, ItemType.EMAIL, ItemType.WEB_ADDRESS})


class LineEditor(Editor):
    """An editor around one line; subclasses say how a text is read and shown."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.input = LineInput()
        self.line.addWidget(self.input)
        self.setFocusProxy(self.input)
        self.input.typed.connect(self._typed)
        self.input.entered.connect(self._enter)
        self.input.paused.connect(self.paused)
        self.input.left.connect(self._leave)

    def read(self, text: str) -> Value | None:
        """Give the answer that a typed text is."""
        item = self.item
        return parse_value(item.type, text, item.unit, item.choices)

    def shown(self, value: Value | None) -> str:
        """Give the text of an answer while nobody types."""
        return format_value(value, self.item.type, self.item.unit, self.item.choices, self.item.decimals)

    def shown_for_typing(self, value: Value | None) -> str:
        """Give the text of an answer while it is typed at."""
        return self.shown(value)

    def display(self) -> None:
        """Show the answer, as it is typed while the cursor is here."""
        shown = self.shown_for_typing if self.input.hasFocus() else self.shown
        self._put(shown(self.value))

    def take_in(self) -> None:
        """Make half-typed text part of the answer."""
        self.input.take_in()

    def controls(self) -> list[QWidget]:
        """Give the line."""
        return [self.input]

    def _put(self, text: str) -> None:
        if self.input.text() != text:
            self.input.setText(text)
            self.input.setCursorPosition(0)

    def _typed(self, text: str) -> None:
        self.answer(self.read(text))

    def _enter(self) -> None:
        self._put(self.shown_for_typing(self.value))
        self.entered.emit()

    def _leave(self) -> None:
        self._put(self.shown(self.value))
        self.left.emit()


class TextEditor(LineEditor):
    """One line of text; phones and postcodes in a short box."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.wide = item.type not in _PLAIN_ZI
        if not self.wide:
            self.keep_short(self.input, _PLAIN_ZI[item.type])
        if item.type in _LATIN:
            self.input.setInputMethodHints(Qt.InputMethodHint.ImhPreferLatin)


class LongTextEditor(Editor):
    """Several lines with a count as 字数 is counted: without spaces and line ends."""

    wide = True

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.input = TextInput()
        self.setFocusProxy(self.input)
        self.count = QLabel()
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.count.setWordWrap(True)
        column = QVBoxLayout()
        column.setSpacing(kit.look.space(0.25))
        column.addWidget(self.input)
        column.addWidget(self.count)
        self.line.addLayout(column)
        self.input.typed.connect(self._typed)
        self.input.entered.connect(self.entered)
        self.input.paused.connect(self.paused)
        self.input.left.connect(self._leave)
        self._tell_count("")

    def display(self) -> None:
        """Show the text and its count."""
        text = format_value(self.value, self.item.type)
        self.input.show_text(text)
        self._tell_count(text)

    def take_in(self) -> None:
        """Make half-typed text part of the answer."""
        self.input.take_in()

    def controls(self) -> list[QWidget]:
        """Give the box."""
        return [self.input]

    def _typed(self, text: str) -> None:
        self._tell_count(text)
        self.answer(parse_value(self.item.type, text))

    def _leave(self) -> None:
        if self.input.toPlainText() != format_value(self.value, self.item.type):
            self.display()
        self.left.emit()

    def _tell_count(self, text: str) -> None:
        count = count_characters(text)
        least, most = self.item.min_length, self.item.max_length
        look, wrong = self.kit.look, False
        if most and count > most:
            words, wrong = self.kit.text("count_over", count=count, most=most, over=count - most), True
        elif least and 0 < count < least:
            words, wrong = self.kit.text("count_under", count=count, least=least, short=least - count), True
        elif least and most:
            words = self.kit.text("count_between", count=count, least=least, most=most)
        elif most:
            words = self.kit.text("count_up_to", count=count, most=most)
        else:
            words = self.kit.text("count", count=count)
        self.count.setText(words)
        palette = QPalette(self.count.palette())
        palette.setColor(QPalette.ColorRole.WindowText, look.warning if wrong else look.faint)
        self.count.setPalette(palette)
