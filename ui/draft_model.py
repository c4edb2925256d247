"""The open draft as the pages see it: edits in, signals out, saving in the background."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.clock import Clock
from app.errors import AppError
from app.model.draft import Answers, Path
from app.model.value import Value
from app.rules.checker import CheckSet, compile_checks
from app.rules.signs import Paper
from app.services.session import Changes, DraftSession, Unsaved
from ui.tasks import Tasks

if TYPE_CHECKING:  # loading it takes longer than painting the window
    from app.services.workplace import Workplace


class Saving(StrEnum):
    """State of the last edits: 已保存, 正在保存, 未能保存."""

    SAVED = "saved"
    SAVING = "saving"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SaveState:
    """Whether what is shown is on the disk, since when, and what stands in the way."""

    saving: Saving
    at: datetime | None = None
    error: AppError | None = None


class DraftModel(QObject):
    """One open draft for all pages.

    ``changed`` carries ``Changes`` after every edit, undo, redo or re-check; ``save_state`` is told when
    saving begins, succeeds or fails.  What could not be saved is kept and tried again by ``retry``.
    ``settling`` asks the editors for what was typed and not yet handed over.  ``paper``: the revision that
    was printed (or sealed) last.  ``reformed``: the report's form is another now, pages begin anew.
    """

    settling = Signal()
    changed = Signal(object)
    reformed = Signal()
    save_state = Signal(object)

    def __init__(self, session: DraftSession, tasks: Tasks, clock: Clock, paper: Paper | None = None) -> None:
        super().__init__()
        self.session = session
        self.paper = paper
        self._tasks = tasks
        self._clock = clock
        self._queue: list[Unsaved] = []
        self._in_flight = False
        self._reforming = False
        self.state = SaveState(Saving.SAVED)

    @property
    def draft_id(self) -> str:
        """Give the id of the open draft."""
        return self.session.draft.id

    @property
    def answers(self) -> Answers:
        """Give the answers as they stand now."""
        return self.session.answers

    def set_value(self, path: Path, value: Value | None, label: str, burst: str = "") -> None:
        """Set one field or cell; see ``DraftSession.set_value``."""
        self._edited(self.session.set_value(path, value, label, burst))

    def set_text(self, path: Path, text: str, label: str, burst: str = "") -> None:
        """Set one field or cell from a typed text."""
        self._edited(self.session.set_text(path, text, label, burst))

    def change(self, answers: Answers, label: str, burst: str = "") -> None:
        """Replace the answers by others made from them, as one undo step (one for all of a ``burst``)."""
        self._edited(self.session.change(answers, label, burst))

    def settle(self) -> None:
        """Have the editors hand over at once what is half typed: before undo, switching, closing."""
        self.settling.emit()

    def undo(self) -> None:
        """Take the last step back."""
        self.settle()
        changes = self.session.undo()
        if changes is not None:
            self._edited(changes)

    def redo(self) -> None:
        """Bring the last step back."""
        self.settle()
        changes = self.session.redo()
        if changes is not None:
            self._edited(changes)

    def recheck(self) -> None:
        """Check again with the context of now (time, events, files)."""
        self.changed.emit(self.session.recheck())

    def _edited(self, changes: Changes) -> None:
        self._queue.extend(self.session.take_unsaved())
        self.changed.emit(changes)
        self._save()
        self._reform()

    def _reform(self) -> None:
        """Compile the checks of a changed form beside the window, and go on with them when they are ready."""
        if self._reforming or not self.session.form_is_outdated:
            return
        self._reforming = True
        programme = self.session.next_programme()
        self._tasks.work(self, lambda: compile_checks(programme), self._take_form, self._not_compiled)

    def _take_form(self, checks: CheckSet) -> None:
        self._reforming = False
        self.settle()
        self.session.reform(checks)
        self.reformed.emit()
        self._reform()

    def _not_compiled(self, error: AppError) -> None:
        raise error

    def retry(self) -> None:
        """Try again to save what could not be saved."""
        self._save()

    def _save(self) -> None:
        if self._in_flight or not self._queue:
            return
        self._in_flight = True
        batch = tuple(self._queue)
        self._tell(SaveState(Saving.SAVING))
        self._tasks.store(
            self,
            lambda workplace: _write(workplace, self.draft_id, batch),
            self._saved,
            self._failed,
        )

    def _saved(self, count: int) -> None:
        del self._queue[:count]
        self._in_flight = False
        if self._queue:
            self._save()
        else:
            self._tell(SaveState(Saving.SAVED, self._clock()))

    def _failed(self, error: AppError) -> None:
        self._in_flight = False
        self._tell(SaveState(Saving.FAILED, self._clock(), error))

    def _tell(self, state: SaveState) -> None:
        self.state = state
        self.save_state.emit(state)


def _write(workplace: Workplace, draft_id: str, batch: tuple[Unsaved, ...]) -> int:
    """Write steps in order; a step stored before an error is recognised when it is tried again."""
    for step in batch:
        workplace.store.drafts.apply(draft_id, step.edits, group=step.group, expected_revision=step.revision)
    return len(batch)
