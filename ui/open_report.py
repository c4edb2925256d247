"""The one report that is open in the window: opened, kept up to date, left without losing a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, Signal

from app.clock import Clock
from app.errors import AppError
from ui.tasks import Tasks

if TYPE_CHECKING:
    from app.rules.signs import Paper
    from app.rules.view import Context
    from app.services.opening import OpenedReport
    from app.services.workplace import Workplace
    from ui.draft_model import DraftModel


class OpenReport(QObject):
    """Holds the open draft.

    ``switched`` carries the new ``DraftModel`` or None; ``refused`` an ``AppError``; ``state`` every
    ``SaveState`` of the open draft; ``changed`` its ``Changes``.  Where its form was changed it is
    ``switched`` to once more, so that all pages begin anew.
    """

    switched = Signal(object)
    changed = Signal(object)
    refused = Signal(object)
    state = Signal(object)

    def __init__(self, tasks: Tasks, clock: Clock) -> None:
        super().__init__()
        self._tasks, self._clock = tasks, clock
        self.model: DraftModel | None = None
        self.title = ""
        self._opened: OpenedReport | None = None
        self._leaving: list[DraftModel] = []
        self._asked = ""

    def open(self, draft_id: str) -> None:
        """Open a draft; the one that was asked for last wins."""
        self._asked = draft_id
        self._tasks.store(
            self,
            lambda workplace: _open(workplace, draft_id),
            lambda opened: self._arrived(draft_id, opened),
            self.refused.emit,
        )

    def _arrived(self, draft_id: str, opened: OpenedReport) -> None:
        if draft_id != self._asked:
            return
        from ui.draft_model import DraftModel

        self._leave()
        model = DraftModel(opened.session, self._tasks, self._clock, opened.paper)
        model.save_state.connect(self.state)
        model.changed.connect(self._look_at_files)
        model.changed.connect(self.changed)
        model.reformed.connect(self._show_again)
        self.model, self._opened, self.title = model, opened, opened.title
        self._attachments = model.answers.attachments
        self.switched.emit(model)

    def _show_again(self) -> None:
        self.switched.emit(self.model)

    def close(self) -> None:
        """Close the open draft; what is not yet on the disk is still being written."""
        self._asked = ""
        self._leave()
        self.switched.emit(None)

    def _leave(self) -> None:
        """Let go of the open draft; it lives on until its last edit is on the disk."""
        if self.model is not None:
            self.model.settle()
        old, self.model, self._opened, self.title = self.model, None, None, ""
        if old is None:
            return
        old.save_state.disconnect(self.state)
        old.changed.disconnect(self._look_at_files)
        old.changed.disconnect(self.changed)
        old.reformed.disconnect(self._show_again)
        if old.state.saving == "saved":
            old.deleteLater()
            return
        self._leaving.append(old)
        old.save_state.connect(lambda state, left=old: self._left(left, state))

    def _left(self, model: DraftModel, state: object) -> None:
        if getattr(state, "saving", "") == "saved":
            self._leaving.remove(model)
            model.deleteLater()
        else:
            error = getattr(state, "error", None)
            if isinstance(error, AppError):
                self.refused.emit(error)

    def retry(self) -> None:
        """Try again to save what could not be saved."""
        for model in (*self._leaving, self.model):
            if model is not None:
                model.retry()

    def settle(self) -> bool:
        """Wait until everything typed is on the disk; False where it cannot be saved."""
        for model in (*self._leaving, *((self.model,) if self.model is not None else ())):
            model.settle()
            if model.state.saving == "failed":
                model.retry()
            loop = QEventLoop()
            model.save_state.connect(loop.quit)
            while model.state.saving == "saving":
                loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            model.save_state.disconnect(loop.quit)
            if model.state.saving == "failed":
                return False
        return True

    def renew(self) -> None:
        """Look again at the open draft's files, record and thresholds, and check with them."""
        model, opened = self.model, self._opened
        if model is None or opened is None:
            return
        session, draft_id = model.session, model.draft_id
        answers = model.answers

        def look(workplace: Workplace) -> tuple[Context, Paper | None]:
            from app.services.opening import read_context, read_paper

            context = read_context(workplace, session.programme, draft_id, answers)
            return context, read_paper(workplace, session.programme, draft_id)

        def take(found: tuple[Context, Paper | None]) -> None:
            context, model.paper = found
            opened.surroundings.renew(context)
            if self.model is model:
                model.recheck()

        self._tasks.store(model, look, take, self.refused.emit)

    def _look_at_files(self, _changes: object) -> None:
        if self.model is not None and self.model.answers.attachments is not self._attachments:
            self._attachments = self.model.answers.attachments
            self.renew()


def _open(workplace: Workplace, draft_id: str) -> OpenedReport:
    from app.services.opening import open_report

    return open_report(workplace, draft_id)
