"""Asks for a field of the clerk's own: name, type, unit, options, whether it must be filled."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from app.model.form_changes import OWN, OwnField
from app.model.value import MONEY_UNITS, NUMBER_TYPES, ItemType, clean_text
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.parts import Button

OFFERED = (
    ItemType.TEXT,
    ItemType.LONG_TEXT,
    ItemType.INTEGER,
    ItemType.DECIMAL,
    ItemType.MONEY,
    ItemType.PERCENT,
    ItemType.DATE,
    ItemType.YEAR_RANGE,
    ItemType.YES_NO,
    ItemType.CHOICE,
    ItemType.MULTI_CHOICE,
    ItemType.PHONE,
    ItemType.CREDIT_CODE,
)
"""The types a clerk can choose from, the usual ones first."""

_CHOICES = (ItemType.CHOICE, ItemType.MULTI_CHOICE)
_MOST_LABEL, _MOST_UNIT = 60, 8


class OwnFieldDialog(Dialog):
    """``made`` carries the ``OwnField``."""

    made = Signal(object)

    def __init__(self, parent: QWidget, context: PageContext, section: str) -> None:
        super().__init__(parent, context, context.messages.text("window", "form.add_title"))
        self._context, self._section = context, section
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setHorizontalSpacing(context.look.space(2))
        self.form.setVerticalSpacing(context.look.space(1.25))
        self.column.addLayout(self.form)
        self.name = QLineEdit()
        self.name.setMaxLength(_MOST_LABEL)
        self.type = QComboBox()
        for kind in OFFERED:
            self.type.addItem(self._word(f"types.{kind.value}"), kind.value)
        self.unit = QComboBox()
        self.unit.setEditable(True)
        unit_line = self.unit.lineEdit()
        if unit_line is not None:
            unit_line.setMaxLength(_MOST_UNIT)
        self.choices = QPlainTextEdit()
        self.choices.setTabChangesFocus(True)
        self.required = QCheckBox(self._word("required"))
        for key, editor in (
            ("name", self.name),
            ("kind", self.type),
            ("unit", self.unit),
            ("choices", self.choices),
        ):
            label = QLabel(self._word(key))
            label.setBuddy(editor)
            editor.setAccessibleName(label.text())
            self.form.addRow(label, editor)
        self.form.addRow("", self.required)
        self.column.addStretch(1)
        cancel = Button(self._word("cancel"), context.look)
        cancel.clicked.connect(self.reject)
        self.save_button = Button(self._word("add_save"), context.look, primary=True)
        self.save_button.clicked.connect(self._make)
        self.add_buttons((cancel, self.save_button))
        self.name.textChanged.connect(lambda _text: self._fit())
        self.choices.textChanged.connect(self._fit)
        self.type.currentIndexChanged.connect(lambda _index: self._show_type())
        self.fit(60, 42)
        self._show_type()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"form.{key}", **params)

    def kind(self) -> ItemType:
        """Give the type that is chosen."""
        return ItemType(self.type.currentData())

    def options(self) -> list[str]:
        """Give the options, one a line, each once."""
        lines = (clean_text(line) for line in self.choices.toPlainText().splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def _show_type(self) -> None:
        kind = self.kind()
        money = kind is ItemType.MONEY
        self.form.setRowVisible(self.unit, kind in NUMBER_TYPES and kind is not ItemType.PERCENT)
        self.form.setRowVisible(self.choices, kind in _CHOICES)
        self.unit.clear()
        self.unit.addItems(list(MONEY_UNITS) if money else ["", "个", "家", "人", "平方米"])
        self.unit.setEditable(not money)
        self.unit.setCurrentIndex(2 if money else 0)  # 万元, as the notices ask
        self._fit()

    def _fit(self) -> None:
        enough = self.kind() not in _CHOICES or len(self.options()) > 1
        self.save_button.setEnabled(bool(clean_text(self.name.text())) and enough)

    def _make(self) -> None:
        kind = self.kind()
        unit = "%" if kind is ItemType.PERCENT else clean_text(self.unit.currentText())
        choices = {f"o{place}": text for place, text in enumerate(self.options(), 1)}
        own = OwnField(
            f"{OWN}{secrets.token_hex(4)}",
            self._section,
            clean_text(self.name.text()),
            kind,
            unit if kind in NUMBER_TYPES else "",
            self.required.isChecked(),
            choices if kind in _CHOICES else {},
        )
        self.made.emit(own)
        self.accept()
