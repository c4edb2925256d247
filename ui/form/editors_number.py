"""The editor for whole numbers, decimals, money and percents."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.model.form import Item
from app.model.value import Value, in_unit, plain_decimal
from ui.form.editors import Kit
from ui.form.editors_text import LineEditor


class NumberEditor(LineEditor):
    """A number in the item's own unit; money typed in 万元 is handed on in 元.  Nothing is rounded.

    Thousands commas stand while nobody types; while somebody does, the plain number stands.
    """

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.input.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.keep_short(self.input)

    def shown_for_typing(self, value: Value | None) -> str:
        """Give the number without commas, as it is typed."""
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return plain_decimal(in_unit(value, self.item.type, self.item.unit))
        return self.shown(value)
