"""设置: looks, the unit, thresholds, the platform, folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from app.services.accounts import WindowState, keep_unit, window_state
from ui.context import PageContext
from ui.pages.settings_groups import ChecksGroup, FoldersGroup, Group, LooksGroup, PaperGroup
from ui.pages.settings_platform import PlatformGroup
from ui.pages.settings_update import UpdateGroup
from ui.parts import Button, heading, scrolled
from ui.unit_form import UnitForm

if TYPE_CHECKING:
    from app.services.workplace import Workplace
    from ui.draft_model import DraftModel


class UnitGroup(Group):
    """The unit, as it was asked for at first."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "unit")
        self.editors = UnitForm(context)
        self.save_button = Button(self.word("save_unit"), context.look)
        self.save_button.setEnabled(False)
        self.save_button.clicked.connect(self._save)
        self.editors.edited.connect(lambda: self.save_button.setEnabled(bool(self.editors.unit().name)))
        self.column.addWidget(self.editors)
        self.add_row(self.save_button)

    def show_state(self, state: WindowState) -> None:
        """Show what is set, unless it is being edited."""
        if not self.save_button.isEnabled():
            self.editors.show_unit(state.unit)

    def _save(self) -> None:
        unit = self.editors.unit()
        self.save_button.setEnabled(False)

        def keep(workplace: Workplace) -> None:
            keep_unit(workplace, unit)

        def kept(_nothing: None) -> None:
            self.context.tell(self.word("unit_saved"), "good")
            self.context.refresh()

        self.context.tasks.store(self, keep, kept, self.refused)


class SettingsPage(QWidget):
    """All that can be set.  What is asked from the store arrives after the page is shown."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        look = context.look
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(look.space(3), look.space(2), look.space(3), look.space(3))
        column.setSpacing(look.space(2))
        head = QHBoxLayout()
        head.addWidget(heading(context.messages.text("window", "settings.title"), look))
        head.addStretch(1)
        about = context.messages.text("window", "settings.about")
        self.about_button = Button(about, look, "info", quiet=True)
        self.about_button.setToolTip("F1")
        self.about_button.clicked.connect(self._show_about)
        head.addWidget(self.about_button)
        column.addLayout(head)
        self.looks = LooksGroup(context)
        self.unit = UnitGroup(context)
        self.checks = ChecksGroup(context)
        self.platform = PlatformGroup(context)
        self.paper = PaperGroup(context)
        self.folders = FoldersGroup(context)
        self.update_group = UpdateGroup(context)
        groups = (self.looks, self.unit, self.checks, self.platform, self.paper, self.folders)
        for group in (*groups, self.update_group):
            group.setMaximumWidth(look.space(120))
            column.addWidget(group)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))
        self._read()

    def show_draft(self, model: DraftModel | None) -> None:
        """Nothing here belongs to a report; what is set is read again."""
        self._read()

    def _read(self) -> None:
        self._context.tasks.store(self, window_state, self._take, self._refused)

    def _take(self, state: WindowState) -> None:
        for group in (self.unit, self.checks, self.platform, self.paper, self.folders):
            group.show_state(state)

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")

    def _show_about(self) -> None:
        from ui.pages.about import About

        About(self._context, self).open()
