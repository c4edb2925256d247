"""Settings: which version this is, and taking the next one from a USB stick."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from app import paths
from app.services.updating import UpdatePlan, back_up_for, plan_update
from ui.bugs import own_version
from ui.context import PageContext
from ui.dialogs import Picker, ask, pick
from ui.pages.settings_groups import Group
from ui.parts import Button, words

if TYPE_CHECKING:
    from app.services.workplace import Workplace

Starter = Callable[[Path], None]
"""Starts an installer and does not wait for it."""


def start_installer(path: Path) -> None:
    """Start a Windows installer on its own; it asks the user to close this program."""
    subprocess.Popen([str(path)], close_fds=True)


class UpdateGroup(Group):
    """The version, and a way to check and start an update.  ``platform`` is ``sys.platform``."""

    def __init__(self, context: PageContext, platform: str = sys.platform) -> None:
        super().__init__(context, "update")
        self._platform = platform
        self.picker: Picker = pick
        self.starter: Starter = start_installer
        self.asker = ask
        self.resources = paths.resources()
        self._plan: UpdatePlan | None = None
        self._line = ""
        self.form.addRow(QLabel(self.word("version")), QLabel(own_version()))
        self.check_button = Button(self.word("update_check"), context.look, "open")
        self.check_button.setAccessibleDescription(self.word("update_hint"))
        self.check_button.clicked.connect(self._choose)
        self.go_button = Button(self.word("update_start"), context.look, primary=True)
        self.go_button.clicked.connect(self._start)
        self.go_button.hide()
        self.add_row(self.check_button, self.go_button)
        self.told = words(self.word("update_hint"), context.look, faint=True)
        self.column.addWidget(self.told)

    def _choose(self) -> None:
        file = self.picker(self, self.word("update_check"), self.word("update_kinds"))
        if file is not None:
            self.check(file)

    def check(self, file: Path) -> None:
        """Check an installer; where it is good, ask about reports on their way, then back up."""
        self.go_button.hide()

        def look(workplace: Workplace) -> UpdatePlan:
            return plan_update(workplace, file, self.resources, self._platform)

        self.context.tasks.store(self, look, self._checked, self.refused)

    def _checked(self, plan: UpdatePlan) -> None:
        if plan.under_way:
            titles = "\n".join(f"「{title}」" for title in plan.under_way)
            question = self.word("update_under_way", titles=titles)
            if not self.asker(
                self, self.context, question, self.word("update_anyway"), self.word("update_later")
            ):
                return

        def save(workplace: Workplace) -> tuple[Path, str]:
            return back_up_for(workplace, plan)

        self.context.tasks.store(self, save, lambda made: self._ready(plan, *made), self.refused)

    def _ready(self, plan: UpdatePlan, backup: Path, line: str) -> None:
        self._plan, self._line = plan, line
        windows = self._platform == "win32"
        key = "update_ready_windows" if windows else "update_ready_linux"
        self.told.setText(self.word(key, version=plan.update.version, backup=backup, line=line))
        self.go_button.setText(self.word("update_start" if windows else "update_copy"))
        self.go_button.show()

    def _start(self) -> None:
        if self._plan is None:
            return
        if self._platform == "win32":
            self.starter(self._plan.update.path)
            self.window().close()
            return
        QGuiApplication.clipboard().setText(self._line)
        self.context.tell(self.word("update_copied"), "good")
