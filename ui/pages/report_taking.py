"""Taking the platform's or portal's report home: looked at beside the sealed values, then kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from app.errors import AppError
from app.model.submission import EventKind
from app.services.recording import Registration
from app.services.taking import Look, look_at, read_intake, take_platform_report
from ui.context import PageContext
from ui.dialogs import Picker
from ui.pages.paper_intake import IntakeDialog


class ReportTaking(QObject):
    """Asks for the file, shows what differs value by value, and takes it when it is right or answered for.

    ``show`` opens a dialog on the page; ``taken`` is called once the report is on record.
    """

    def __init__(
        self,
        page: QWidget,
        context: PageContext,
        show: Callable[[QDialog], None],
        taken: Callable[[], None],
    ) -> None:
        super().__init__(page)
        self._page, self._context, self._show, self._taken = page, context, show, taken
        self._draft_id = ""

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.{key}", **params)

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")

    def leave(self) -> None:
        """Another report is shown: what is still being looked at is not taken."""
        self._draft_id = ""

    def take(self, draft_id: str, picker: Picker) -> None:
        """Look at the report that was downloaded, and take it when it is right."""
        file: Path | None = picker(self._page, self._word("import_title"), self._word("pdf_files"))
        if file is None:
            return
        self._draft_id = draft_id
        self._context.tell(self._word("report_looking", name=file.name), "info")
        self._context.tasks.store(
            self,
            lambda workplace: read_intake(workplace, draft_id, workplace.now()),
            lambda source: self._context.tasks.work(
                self, lambda: look_at(source, file), lambda look: self._looked(draft_id, look), self._refused
            ),
            self._refused,
        )

    def _looked(self, draft_id: str, look: Look) -> None:
        if draft_id != self._draft_id:
            return
        if not look.found.doubtful:
            self._put(draft_id, look, "")
            return
        dialog = IntakeDialog(self._page, self._context, look)
        dialog.accepted.connect(lambda: self._put(draft_id, look, dialog.text))
        self._show(dialog)

    def _put(self, draft_id: str, look: Look, reason: str) -> None:
        entry = Registration(EventKind.DOWNLOADED.value, file=look.file, note=reason)

        def taken(_event: object) -> None:
            self._context.tell(self._word("imported", pages=look.found.pages), "good")
            self._context.refresh()
            if draft_id == self._draft_id:
                self._taken()

        self._context.tasks.store(
            self,
            lambda workplace: take_platform_report(
                workplace, draft_id, entry, workplace.now(), look, confirmed=True
            ),
            taken,
            self._refused,
        )
