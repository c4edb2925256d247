"""通知原文 on a report's card: opened with the system's viewer, attached, taken off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from app.errors import AppError
from app.services.notices import Notice, keep_notice, list_notices, view_notice, withdraw_notice
from app.services.reports import Report
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Picker, pick
from ui.parts import Button

FILES = "*.pdf *.doc *.docx *.wps *.ofd *.html *.htm *.txt *.jpg *.jpeg *.png"
"""What notices come as."""


class NoticeButton(Button):
    """Opens a menu of the notices kept with a report.  ``kept``: the report has others now.

    ``picker`` and ``open_url`` may be replaced where no dialog and no viewer can be shown.
    """

    kept = Signal()

    def __init__(self, report: Report, context: PageContext) -> None:
        self._report, self._context = report, context
        self.notices = list_notices(report.programme, report.events)
        count = len(self.notices)
        words = self._word("some" if count > 1 else "one" if count else "none", count=count)
        super().__init__(words, context.look, "paper" if count else "", quiet=True)
        self.picker: Picker = pick
        self.open_url: Callable[[QUrl], bool] = QDesktopServices.openUrl
        self.setToolTip("\n".join(one.name for one in self.notices))
        self.setAccessibleDescription(report.summary.title)
        self.clicked.connect(self._act)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"notice.{key}", **params)

    def _act(self) -> None:
        if self.notices:
            self.make_menu().popup(self.mapToGlobal(self.rect().bottomLeft()))
        else:
            self.attach()

    def make_menu(self) -> QMenu:
        """Give the menu: each notice, attach another, take own ones off."""
        menu = QMenu(self)
        for one in self.notices:
            menu.addAction(self._word("open", name=one.name)).triggered.connect(
                lambda _on=False, notice=one: self.show_notice(notice)
            )
        menu.addSeparator()
        menu.addAction(self._word("attach")).triggered.connect(lambda _on=False: self.attach())
        for one in self.notices:
            if one.own:
                menu.addAction(self._word("withdraw", name=one.name)).triggered.connect(
                    lambda _on=False, notice=one: self.withdraw(notice)
                )
        return menu

    def attach(self) -> None:
        """Ask for a file and keep it with the report."""
        file = self.picker(self, self._word("attach"), f"{self._word('files')} ({FILES})")
        if file is not None:
            draft_id = self._report.summary.id
            self._do(lambda workplace: keep_notice(workplace, draft_id, file), self._word("attached"))

    def withdraw(self, notice: Notice) -> None:
        """Take an attached notice off the report."""
        draft_id = self._report.summary.id
        self._do(lambda workplace: withdraw_notice(workplace, draft_id, notice), self._word("withdrawn"))

    def _do(self, verb: Callable[[Workplace], None], done: str) -> None:
        def told(_nothing: None) -> None:
            self._context.tell(done, "good")
            self.kept.emit()

        self._context.tasks.store(self, verb, told, self._refused)

    def show_notice(self, notice: Notice) -> None:
        """Open a notice with the program that the system has for its kind."""
        draft_id = self._report.summary.id

        def shown(path: Path) -> None:
            if not self.open_url(QUrl.fromLocalFile(str(path))):
                self._context.tell(self._word("no_viewer", path=path), "warning")

        self._context.tasks.store(
            self, lambda workplace: view_notice(workplace, draft_id, notice), shown, self._refused
        )

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
