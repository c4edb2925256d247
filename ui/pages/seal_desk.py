"""定稿 in the window: the line that says how things stand, the list of what is in the way, the sealing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QWidget

from app.errors import AppError
from app.model.draft import Answers
from app.model.finding import Finding, Gate
from app.model.fingerprint import draft_fingerprint
from app.model.submission import Snapshot
from app.model.value import clean_text
from app.rules.checker import open_findings
from app.services.recording import Sealed, latest_snapshot, seal
from app.services.session import Changes
from app.services.timing import show_moment
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.draft_model import DraftModel, SaveState, Saving
from ui.pages.finding_model import answerable, with_reasons
from ui.pages.finding_reason import ReasonEdit
from ui.parts import Button, tint, words


@dataclass(frozen=True)
class _Last:
    """The snapshot sealed last, and whether the stored draft is still the same."""

    snapshot: Snapshot | None
    same: bool


def _read_last(workplace: Workplace, draft_id: str) -> _Last:
    snapshot = latest_snapshot(workplace, draft_id)
    if snapshot is None:
        return _Last(None, False)
    draft = workplace.draft(draft_id)
    form = workplace.programme_of(draft).form
    return _Last(snapshot, draft_fingerprint(draft, form) == snapshot.fingerprint)


class SealDialog(Dialog):
    """What stands in the way of sealing, and one reason for all of it."""

    def __init__(self, parent: QWidget, context: PageContext, waiting: Sequence[Finding]) -> None:
        super().__init__(parent, context, context.messages.text("window", "checks.seal_title"))
        self._context, look = context, context.look
        self.waiting = waiting
        blocked = any(finding.blocks for finding in waiting)
        self.column.addWidget(
            words(self._word("seal_blocked" if blocked else "seal_waiting", count=len(waiting)), look)
        )
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setAlternatingRowColors(True)
        self.list.setAccessibleName(self._word("tree_name"))
        ordered = sorted(waiting, key=lambda finding: not finding.blocks)
        self.list.addItems([self._line(finding) for finding in ordered])
        self.column.addWidget(self.list, 1)
        label = QLabel(self._word("seal_reason"))
        self.reason = ReasonEdit()
        self.reason.setAccessibleName(self._word("seal_reason"))
        self.reason.setPlaceholderText(self._word("reason_help"))
        self.reason.setMaximumHeight(self.reason.fontMetrics().lineSpacing() * 5)
        self.confirm = words("", look, colour=look.warning)
        for widget in (label, self.reason, self.confirm):
            self.column.addWidget(widget)
            widget.setVisible(not blocked)
        self.confirm.hide()
        self.anyway = Button(self._word("seal_anyway"), look)
        self.back = Button(self._word("seal_back"), look, primary=True)
        self.anyway.setVisible(not blocked)
        self.anyway.setEnabled(False)
        self.reason.textChanged.connect(self._typed)
        self.anyway.clicked.connect(self._ask_or_go)
        self.back.clicked.connect(self.reject)
        self.add_buttons((self.anyway, self.back))
        self._asked = False
        self.resize(look.space(84), look.space(62))

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"checks.{key}", **params)

    def _line(self, finding: Finding) -> str:
        severity = self._context.messages.text("words", f"severity.{finding.severity.value}")
        fixed = f"（{self._word('reason_impossible')}）" if finding.blocks else ""
        return f"{severity}{fixed}　{self._context.messages.finding(finding)}"

    @property
    def text(self) -> str:
        """Give the reason as it is kept."""
        return clean_text(self.reason.toPlainText())

    def _typed(self) -> None:
        self.anyway.setEnabled(bool(self.text))
        self._asked = False
        self.confirm.hide()
        self.anyway.setText(self._word("seal_anyway"))

    def _ask_or_go(self) -> None:
        """The first press asks in words what will happen, the second does it."""
        if self._asked:
            self.accept()
            return
        self._asked = True
        self.confirm.setText(self._word("seal_confirm", count=len(self.waiting)))
        self.confirm.show()
        self.anyway.setText(self._word("seal_confirm_yes"))


class SealDesk(QObject):
    """Seals one draft after the other.  ``line`` is what the page shows; ``sealed`` tells of a new seal."""

    sealed = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._model: DraftModel | None = None
        self._snapshot: Snapshot | None = None
        self._base: Answers | None = None
        self._going = False
        self.dialog: SealDialog | None = None
        self.line = QWidget()
        look = context.look
        row = QHBoxLayout(self.line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space(2))
        self.waiting = words("", look)
        self.state = words("", look, faint=True)
        self.copy_button = Button(self._word("copy_fingerprint"), look, quiet=True)
        self.copy_button.clicked.connect(self._copy)
        row.addWidget(self.waiting, 1)
        row.addWidget(self.state, 1)
        row.addWidget(self.copy_button)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"checks.{key}", **params)

    # ------------------------------------------------------------------------------------- showing
    def show_draft(self, model: DraftModel | None) -> None:
        """Show how another report stands."""
        if self._model is not None:
            self._model.changed.disconnect(self._changed)
            if self._going:
                self._model.save_state.disconnect(self._saved)
        self._model, self._snapshot, self._base, self._going = model, None, None, False
        if self.dialog is not None:
            self.dialog.reject()
        self._show_state()
        if model is not None:
            model.changed.connect(self._changed)
            self._read(model)

    def _read(self, model: DraftModel) -> None:
        answers, draft_id = model.answers, model.draft_id
        self._context.tasks.store(
            self,
            lambda workplace: _read_last(workplace, draft_id),
            lambda last: self._take(model, answers, last),
            self._refused,
        )

    def _take(self, model: DraftModel, answers: Answers, last: _Last) -> None:
        if model is self._model:
            self._snapshot = last.snapshot
            self._base = answers if last.same else None
            self._show_state()

    def show_waiting(self, count: int) -> None:
        """Say how many findings still stand in the way."""
        look = self._context.look
        self.waiting.setText(self._word("waiting", count=count) if count else self._word("ready"))
        tint(self.waiting, look.text if count else look.good)

    def _changed(self, changes: Changes) -> None:
        if changes.label:
            self._show_state()

    def _show_state(self) -> None:
        snapshot, model = self._snapshot, self._model
        self.copy_button.setVisible(snapshot is not None)
        if snapshot is None or model is None:
            self.state.setText(self._word("not_sealed"))
            tint(self.state, self._context.look.faint)
            return
        same = self._base is not None and self._base == model.answers
        text = self._word("sealed_at", short=snapshot.short, at=show_moment(snapshot.sealed_at))
        self.state.setText(f"{text}，{self._word('sealed_same' if same else 'sealed_changed')}")
        tint(self.state, self._context.look.good if same else self._context.look.warning)

    def _copy(self) -> None:
        if self._snapshot is not None:
            QGuiApplication.clipboard().setText(self._snapshot.fingerprint)

    # ------------------------------------------------------------------------------------- sealing
    def begin(self, parent: QWidget) -> None:
        """Seal when nothing is in the way, else show what is."""
        model = self._model
        if model is None or self._going:
            return
        waiting = open_findings(model.session.findings, model.answers, Gate.SEAL)
        if not waiting:
            self._seal_when_saved()
            return
        self.dialog = SealDialog(parent, self._context, waiting)
        self.dialog.accepted.connect(self._seal_anyway)
        self.dialog.finished.connect(self._close_dialog)
        self.dialog.open()

    def _close_dialog(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _seal_anyway(self) -> None:
        """Write the reason into the open draft first: the store's copy and this one stay the same."""
        model, dialog = self._model, self.dialog
        if model is None or dialog is None:
            return
        keys = [finding.key for finding in dialog.waiting if answerable(finding)]
        model.change(with_reasons(model.answers, keys, dialog.text), self._word("seal_anyway"))
        self._seal_when_saved()

    def _seal_when_saved(self) -> None:
        model = self._model
        if model is None:
            return
        self._going = True
        model.save_state.connect(self._saved)
        if model.state.saving is Saving.FAILED:
            model.retry()
        else:
            self._saved(model.state)

    def _saved(self, state: SaveState) -> None:
        model = self._model
        if model is None or not self._going or state.saving is Saving.SAVING:
            return
        self._going = False
        model.save_state.disconnect(self._saved)
        if state.saving is Saving.FAILED:
            self._context.tell(self._word("seal_unsaved"), "error")
            return
        answers, draft_id = model.answers, model.draft_id
        self._context.tasks.store(
            self,
            lambda workplace: seal(workplace, draft_id, workplace.now()),
            lambda sealed: self._sealed(model, answers, sealed),
            self._refused,
        )

    def _sealed(self, model: DraftModel, answers: Answers, outcome: Sealed) -> None:
        if model is not self._model:
            return
        if outcome.snapshot is None:
            self.show_waiting(len(outcome.open))
            self._context.tell(self._word("waiting", count=len(outcome.open)), "warning")
            return
        self._snapshot, self._base = outcome.snapshot, answers
        self._show_state()
        self._context.tell(self._word("sealed_now", short=outcome.snapshot.short), "good")
        self.sealed.emit()

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
