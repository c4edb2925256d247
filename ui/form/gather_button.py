"""The button that brings other units' bundles into a table, and the dialog that shows what would change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QToolButton, QWidget

from app.errors import AppError
from app.services.gathering import (
    Gathered,
    ReadReport,
    place_reports,
    read_reports,
    record_gathered,
    tell_gathered,
)
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.draft_model import DraftModel
from ui.form.evidence_button import PickFiles, ask_for_files
from ui.parts import Button, words


class GatherButton(QToolButton):
    """Asks for bundles, shows what differs report by report, and writes it as one undo step if wished.

    ``pick_files`` may be replaced where no dialog can be shown; ``dialog`` is the one that was opened last.
    """

    def __init__(self, context: PageContext, model: DraftModel) -> None:
        super().__init__()
        self._context, self._model = context, model
        self.pick_files: PickFiles = ask_for_files
        self.dialog: GatherDialog | None = None
        self.setText(self._word("open"))
        self.setToolTip(self._word("open_tip"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self.gather)

    def _word(self, code: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"gather.{code}", **params)

    def gather(self) -> None:
        """Ask for files and read them beside the window."""
        files = list(self.pick_files(self.window(), self._word("pick")))
        if not files:
            return
        programme, now = self._model.session.programme, self._context.clock()

        def read(workplace: Workplace) -> None:
            library, fonts = workplace.library, workplace.fonts
            self._context.tasks.work(
                self,
                lambda: read_reports(library, fonts, programme, files, now),
                self._show,
                self._refuse,
            )

        self._context.tasks.store(self, lambda workplace: workplace, read, self._refuse)

    def _refuse(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")

    def _show(self, reports: Sequence[ReadReport]) -> None:
        programme = self._model.session.programme
        _, found = place_reports(programme, self._model.answers, reports)
        self.dialog = GatherDialog(self.window(), self._context, found)
        self.dialog.accepted.connect(lambda: self._write(reports))
        self.dialog.open()

    def _write(self, reports: Sequence[ReadReport]) -> None:
        self._model.settle()
        answers, found = place_reports(self._model.session.programme, self._model.answers, reports)
        self._model.change(answers, self._word("undo", count=len(found)))
        draft_id, now = self._model.draft_id, self._context.clock()
        self._context.tasks.store(
            self,
            lambda workplace: record_gathered(workplace, draft_id, found, now),
            lambda _none: self._context.tell(self._word("done", count=len(found)), "good"),
            self._refuse,
        )


class GatherDialog(Dialog):
    """Shows report by report what is new and what differs; accepted, it is written into the table."""

    def __init__(self, parent: QWidget, context: PageContext, found: Sequence[Gathered]) -> None:
        super().__init__(parent, context, context.messages.text("window", "gather.title"))
        look = context.look

        def word(code: str) -> str:
            return context.messages.text("window", f"gather.{code}")

        self.column.addWidget(words(word("explain"), look, faint=True))
        self.list = QPlainTextEdit("\n".join(tell_gathered(context.messages, found)))
        self.list.setReadOnly(True)
        self.list.setAccessibleName(word("list_name"))
        self.column.addWidget(self.list, 1)
        self.cancel = Button(word("cancel"), look)
        self.write = Button(word("write"), look, primary=True)
        self.write.setEnabled(any(one.fresh or one.differences for one in found))
        self.cancel.clicked.connect(self.reject)
        self.write.clicked.connect(self.accept)
        self.add_buttons((self.cancel, self.write))
        self.setMinimumSize(look.space(80), look.space(48))
