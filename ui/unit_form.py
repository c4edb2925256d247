"""The unit's own particulars: on first start and in the settings."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from app.model.value import clean_text
from app.rules.identity import credit_code_digit, is_right_credit_code
from app.services.accounts import Unit
from ui.context import PageContext
from ui.parts import tint, with_hint, words

KINDS = (
    "makerspace",
    "incubator",
    "accelerator",
    "park",
    "cluster",
    "department",
    "enterprise",
    "institute",
    "other",
)
"""Kinds of unit, as programmes name them in ``unit_kind``."""

_CODE_LENGTH = 18


class UnitForm(QWidget):
    """Editors for a unit.  ``edited`` is sent for a person's own edits only."""

    edited = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        look = context.look
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(look.space(2))
        form.setVerticalSpacing(look.space(1.25))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.name, self.code, self.contact, self.phone = (QLineEdit() for _ in range(4))
        self.kind = QComboBox()
        self.kind.addItem(context.messages.text("window", "kind.all"), "")
        for one in KINDS:
            self.kind.addItem(context.messages.text("window", f"kind.{one}"), one)
        self.name.setPlaceholderText(self._word("name_hint"))
        self.name.setMaxLength(120)
        self.code.setPlaceholderText(self._word("code_hint"))
        self.code_told = QLabel()
        self.code_told.hide()
        code = with_hint(self.code, self.code_told)
        self.kind.setAccessibleDescription(self._word("kind_why"))
        kind = with_hint(self.kind, words(self._word("kind_why"), look, faint=True))
        rows: tuple[tuple[str, QWidget, QWidget], ...] = (
            ("name", self.name, self.name),
            ("code", self.code, code),
            ("kind", self.kind, kind),
            ("contact", self.contact, self.contact),
            ("phone", self.phone, self.phone),
        )
        for key, editor, shown in rows:
            label = QLabel(self._word(key))
            label.setBuddy(editor)
            editor.setAccessibleName(self._word(key))
            form.addRow(label, shown)
        for line in (self.name, self.code, self.contact, self.phone):
            line.textEdited.connect(lambda _text: self.edited.emit())
        self.kind.activated.connect(lambda _index: self.edited.emit())
        self.code.textChanged.connect(self._check_code)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"first.{key}", **params)

    def _check_code(self, text: str) -> None:
        """Say what is wrong with the credit code while it is typed (GB 32100-2015)."""
        look = self._context.look
        code = clean_text(text).upper().replace(" ", "")
        if not code:
            self.code_told.hide()
            return
        told, colour = self._word("code_right"), look.good
        if len(code) < _CODE_LENGTH:
            told, colour = self._word("code_short", count=_CODE_LENGTH - len(code)), look.faint
        elif not is_right_credit_code(code):
            colour = look.warning
            try:
                told = self._word("code_wrong", digit=credit_code_digit(code))
            except ValueError:
                told = self._word("code_shape")
            if len(code) > _CODE_LENGTH:
                told = self._word("code_long", count=len(code) - _CODE_LENGTH)
        self.code_told.setText(told)
        tint(self.code_told, colour)
        self.code_told.show()

    def show_unit(self, unit: Unit) -> None:
        """Show a unit; this is no edit."""
        self.name.setText(unit.name)
        self.code.setText(unit.code)
        self.contact.setText(unit.contact)
        self.phone.setText(unit.phone)
        if unit.kind and self.kind.findData(unit.kind) < 0:
            self.kind.addItem(self._context.messages.text("window", "kind.other"), unit.kind)
        self.kind.setCurrentIndex(max(0, self.kind.findData(unit.kind)))

    def unit(self) -> Unit:
        """Give the unit as it is typed."""
        return Unit(
            clean_text(self.name.text()),
            clean_text(self.code.text()).upper().replace(" ", ""),
            str(self.kind.currentData() or ""),
            clean_text(self.contact.text()),
            clean_text(self.phone.text()),
        )
