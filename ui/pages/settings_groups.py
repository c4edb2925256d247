"""Groups of settings: looks, checks, folders."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from app.errors import AppError
from app.services.accounts import (
    CHANGE_LEAST,
    CHANGE_THRESHOLD,
    WindowState,
    keep_backup_folder,
    keep_office_fonts,
    keep_threshold,
)
from ui.context import PageContext
from ui.dialogs import Picker, pick
from ui.parts import Button, Card, ElidedLabel, heading, left_row, with_hint, words

if TYPE_CHECKING:
    from app.services.workplace import Workplace

SIZES = (100, 110, 125, 150, 175, 200)


class Group(Card):
    """A titled card of settings."""

    def __init__(self, context: PageContext, title: str) -> None:
        super().__init__(context.look)
        self.context = context
        look = context.look
        self.column.addWidget(heading(self.word(title), look, 12))
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(look.space(3))
        self.form.setVerticalSpacing(look.space(1))
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.column.addLayout(self.form)

    def word(self, key: str, /, **params: object) -> str:
        """Give a word of this page."""
        return self.context.messages.text("window", f"settings.{key}", **params)

    def add(self, key: str, editor: QWidget, hint: str = "") -> None:
        """Add an editor with its label, and a hint under it."""
        label = QLabel(self.word(key))
        label.setBuddy(editor)
        editor.setAccessibleName(self.word(key))
        if hint:
            editor.setAccessibleDescription(self.word(hint))
            editor = with_hint(editor, words(self.word(hint), self.context.look, faint=True))
        self.form.addRow(label, editor)

    def add_row(self, *widgets: QWidget) -> None:
        """Add widgets side by side at the left."""
        row = QHBoxLayout()
        row.setSpacing(self.context.look.space(1))
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        self.column.addLayout(row)

    def show_state(self, state: WindowState) -> None:
        """Show what is set."""

    def refused(self, error: AppError) -> None:
        """Tell what the world refused."""
        self.context.tell(self.context.messages.error(error), "error")


class LooksGroup(Group):
    """Light or dark, and the size of the text."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "looks")
        self.light = QRadioButton(self.word("light"))
        self.dark = QRadioButton(self.word("dark"))
        (self.dark if context.look.dark else self.light).setChecked(True)
        self._tone = QButtonGroup(self)
        for button in (self.light, self.dark):
            self._tone.addButton(button)
        self.add("appearance", left_row(self.light, self.dark))
        self.text_size = QComboBox()
        for percent in SIZES:
            self.text_size.addItem(self.word("percent", percent=percent), percent / 100)
        nearest = min(range(len(SIZES)), key=lambda place: abs(SIZES[place] / 100 - context.look.scale))
        self.text_size.setCurrentIndex(nearest)
        label = QLabel(self.word("size"))
        label.setBuddy(self.text_size)
        self.text_size.setAccessibleName(label.text())
        self.form.addRow(label, left_row(self.text_size))
        self.dark.toggled.connect(lambda on: context.settings.put("dark", on))
        self.text_size.activated.connect(
            lambda _index: context.settings.put("scale", self.text_size.currentData())
        )
        self.rehearsal = QCheckBox(self.word("rehearsal_switch"))
        self.rehearsal.setChecked(context.settings.get("rehearsal", False) is True)
        self.rehearsal.toggled.connect(lambda on: context.settings.put("rehearsal", on))
        self.add("rehearsal", self.rehearsal, "rehearsal_hint")


class ChecksGroup(Group):
    """Thresholds of the year-on-year checks, and the reference score."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "checks")
        self.threshold = QDoubleSpinBox()
        self.threshold.setRange(1, 500)
        self.threshold.setDecimals(1)
        self.threshold.setSuffix(" %")
        self.least = QSpinBox()
        self.least.setRange(0, 1_000_000)
        self.own_threshold = self._own("threshold", self.threshold)
        self.own_least = self._own("least", self.least)
        self.score = QCheckBox(self.word("score"))
        self.score.setChecked(context.settings.get("self_score", False) is True)
        self.score.toggled.connect(lambda on: context.settings.put("self_score", on))
        self.score.setAccessibleDescription(self.word("score_hint"))
        hint = words(self.word("score_hint"), context.look, faint=True)
        self.form.addRow(QLabel(self.word("score_title")), with_hint(self.score, hint))

    def _own(self, key: str, editor: QDoubleSpinBox | QSpinBox) -> QComboBox:
        """Offer the programme's own value or one to be set."""
        choice = QComboBox()
        choice.addItem(self.word("own_programme"))
        choice.addItem(self.word("own_value"))
        choice.setAccessibleName(self.word(key))
        choice.setAccessibleDescription(self.word(f"{key}_hint"))
        editor.setAccessibleName(self.word(key))
        editor.setEnabled(False)
        editor.setKeyboardTracking(False)
        label = QLabel(self.word(key))
        label.setBuddy(choice)
        hint = words(self.word(f"{key}_hint"), self.context.look, faint=True)
        self.form.addRow(label, with_hint(left_row(choice, editor), hint))
        choice.activated.connect(lambda index: self._chosen(key, editor, own=index == 1))
        editor.editingFinished.connect(lambda: self._chosen(key, editor, own=choice.currentIndex() == 1))
        return choice

    def show_state(self, state: WindowState) -> None:
        """Show the unit's own thresholds; this is no edit."""
        share, least = state.thresholds
        if not self.threshold.hasFocus():
            self.threshold.setValue(float(Decimal(share) * 100) if share else 30.0)
        if not self.least.hasFocus():
            self.least.setValue(int(Decimal(least)) if least else 5)
        for choice, editor, value in (
            (self.own_threshold, self.threshold, share),
            (self.own_least, self.least, least),
        ):
            choice.setCurrentIndex(0 if value is None else 1)
            editor.setEnabled(value is not None)

    def _chosen(self, key: str, editor: QDoubleSpinBox | QSpinBox, *, own: bool) -> None:
        editor.setEnabled(own)
        shown = Decimal(str(editor.value()))
        share = key == "threshold"
        text = None if not own else str(shown / 100 if share else shown)
        name = CHANGE_THRESHOLD if share else CHANGE_LEAST

        def keep(workplace: Workplace) -> None:
            keep_threshold(workplace, name, text)

        self.context.tasks.store(self, keep, lambda _nothing: self.context.refresh(), self.refused)


class PaperGroup(Group):
    """Which fonts paper is printed with."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "paper")
        self.office_fonts = QCheckBox(self.word("office_fonts_switch"))
        self.office_fonts.setEnabled(False)
        self.office_fonts.clicked.connect(self._keep)
        self.found = words("", context.look, faint=True)
        self.form.addRow(QLabel(self.word("office_fonts")), with_hint(self.office_fonts, self.found))

    def show_state(self, state: WindowState) -> None:
        """Show what is chosen and which fonts this PC has."""
        names = "、".join(self.word(f"font_{role}") for role in state.fonts_found)
        self.office_fonts.setEnabled(bool(names) or state.office_fonts)
        self.office_fonts.setChecked(state.office_fonts)
        self.found.setText(self.word("office_fonts_hint", names=names) if names else self.word("fonts_none"))

    def _keep(self, chosen: bool) -> None:
        def keep(workplace: Workplace) -> None:
            keep_office_fonts(workplace, chosen)

        def kept(_nothing: None) -> None:
            self.context.tell(self.word("office_fonts_kept"), "good")

        self.context.tasks.store(self, keep, kept, self.refused)


class FoldersGroup(Group):
    """Where the data are, and where copies go."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "folders")
        self.picker: Picker = pick
        self._data = ""
        self.data = ElidedLabel()
        self.open_button = Button(self.word("open_folder"), context.look, "open")
        self.open_button.clicked.connect(self._open_data)
        self.backup = ElidedLabel(self.word("backup_none"))
        self.choose_button = Button(self.word("choose"), context.look, "open")
        self.choose_button.clicked.connect(self._choose)
        self.clear_button = Button(self.word("clear"), context.look)
        self.clear_button.clicked.connect(lambda: self._keep(""))
        self._add_path("data", self.data, self.open_button)
        self._add_path("backup", self.backup, self.choose_button, self.clear_button, hint="backup_hint")

    def _add_path(self, key: str, label: ElidedLabel, *buttons: Button, hint: str = "") -> None:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label, 1)
        for button in buttons:
            button.setAccessibleDescription(self.word(key))
            row.addWidget(button)
        if hint:
            holder = with_hint(holder, words(self.word(hint), self.context.look, faint=True))
        self.form.addRow(QLabel(self.word(key)), holder)

    def show_state(self, state: WindowState) -> None:
        """Show the folders."""
        self._data = str(state.folder)
        self.data.set_whole(self._data)
        self.backup.set_whole(state.backup_folder or self.word("backup_none"))
        self.clear_button.setVisible(bool(state.backup_folder))

    def _open_data(self) -> None:
        if not open_url(QUrl.fromLocalFile(self._data)):
            self.context.tell(self.word("refused_open", path=self._data), "warning")

    def _choose(self) -> None:
        folder = self.picker(self, self.word("backup"), "")
        if folder is not None:
            self._keep(str(folder))

    def _keep(self, folder: str) -> None:
        def keep(workplace: Workplace) -> None:
            keep_backup_folder(workplace, folder)

        def kept(_nothing: None) -> None:
            self.backup.set_whole(folder or self.word("backup_none"))
            self.clear_button.setVisible(bool(folder))
            self.context.refresh()

        self.context.tasks.store(self, keep, kept, self.refused)


open_url: Callable[[QUrl], bool] = QDesktopServices.openUrl
