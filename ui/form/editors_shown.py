"""What the program works out: shown, selectable, never typed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from app.model.form import Item
from app.model.value import NUMBER_TYPES, format_value
from ui.form.editors import Editor, Kit


class ShownEditor(Editor):
    """A grey line with the value; it can be selected and copied."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.input = QLineEdit()
        self.input.setReadOnly(True)
        self.input.setPlaceholderText(kit.text("not_yet_known"))
        palette = QPalette(self.input.palette())
        palette.setColor(QPalette.ColorRole.Base, kit.look.window)
        palette.setColor(QPalette.ColorRole.Text, kit.look.faint)
        self.input.setPalette(palette)
        self.line.addWidget(self.input)
        self.setFocusProxy(self.input)
        self.wide = item.type not in NUMBER_TYPES
        if not self.wide:
            self.input.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.keep_short(self.input)

    def display(self) -> None:
        """Show the value."""
        item = self.item
        self.input.setText(format_value(self.value, item.type, item.unit, item.choices, item.decimals))
        self.input.setCursorPosition(0)

    def controls(self) -> list[QWidget]:
        """Give the line."""
        return [self.input]
