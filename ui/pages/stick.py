"""用 U 盘报送: write the sealed report onto a stick, take the platform's signed answer from it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QProgressBar

from app.errors import AppError
from app.model.submission import Receipt
from app.services.accounts import Platform, keep_platform
from app.services.standing import Standing
from app.services.stick import (
    WRITTEN,
    Carried,
    StickAnswer,
    keep_stick,
    keep_written,
    read_carried,
    read_stick,
    stick_account,
    write_stick,
)
from app.services.submitting import Account, Prepared, Sent, SubmissionStatus, prepare
from app.services.timing import show_moment
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Picker
from ui.pages.key_dialog import KeyDialog
from ui.parts import Button, Card, heading, left_row, words
from ui.tasks import Cancel


class StickCard(Card):
    """Sends by a folder that is carried.  ``moved`` tells that the record has something new."""

    moved = Signal()

    def __init__(self, context: PageContext, picker: Picker) -> None:
        super().__init__(context.look)
        self._context, self._picker, look = context, picker, context.look
        self._draft_id = ""
        self._standing: Standing | None = None
        self._key = ""
        self._cancel: Cancel | None = None
        self.dialog: KeyDialog | None = None
        self.column.addWidget(heading(self._word("title"), look, 12))
        self.column.addWidget(words(self._word("why"), look, faint=True))
        self.account = QLineEdit()
        self.account.setAccessibleName(self._word("account"))
        self.account.setMaximumWidth(look.space(48))
        form = QFormLayout()
        form.setHorizontalSpacing(look.space(2))
        label = QLabel(self._word("account"))
        label.setBuddy(self.account)
        form.addRow(label, self.account)
        self.column.addLayout(form)
        self.write_button = Button(self._word("write"), look)
        self.read_button = Button(self._word("read"), look)
        self.stop_button = Button(self._word("stop"), look)
        self.write_button.clicked.connect(self.write)
        self.read_button.clicked.connect(self.read)
        self.stop_button.clicked.connect(self.stop)
        self.column.addWidget(left_row(self.write_button, self.read_button, self.stop_button))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self._word("title"))
        self.told = words("", look)
        self.last = words("", look, faint=True)
        for widget in (self.progress, self.told, self.last):
            self.column.addWidget(widget)
        self._show_running(False)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.stick.{key}", **params)

    @property
    def running(self) -> bool:
        """Tell whether a stick is being written or read."""
        return self._cancel is not None

    def show_standing(self, draft_id: str, standing: Standing) -> None:
        """Show a report; while a stick is written or read the card stays with it."""
        if self.running and draft_id == self._draft_id:
            return
        self._draft_id, self._standing = draft_id, standing
        if not self.account.text():
            self.account.setText(standing.platform.account)
        written = next((one for one in reversed(standing.attempts) if one.outcome == WRITTEN), None)
        waits = written is not None and standing.attempts[-1] is written
        self.last.setVisible(waits)
        if written is not None and waits:
            at = show_moment(written.ended_at)
            self.last.setText(self._word("last", at=at, folder=written.address))
        self._show_running(self.running)

    def _show_running(self, running: bool) -> None:
        for widget in (self.progress, self.told, self.stop_button):
            widget.setVisible(running)
        self.stop_button.setEnabled(running)
        standing = self._standing
        sealed = standing is not None and standing.snapshot is not None
        self.write_button.setEnabled(sealed and not running)
        self.read_button.setEnabled(sealed and not running)

    def _start(self) -> tuple[Account, Path] | None:
        """Ask for what is needed; None where the clerk has not given it."""
        standing = self._standing
        if standing is None or self.running:
            return None
        kept, name = standing.platform, self.account.text().strip()
        if not name:
            self._context.tell(self._word("need_account"), "warning")
            self.account.setFocus()
            return None
        folder = self._picker(self, self._word("folder"), "")
        if folder is None:
            return None
        return stick_account(kept.address, name, kept.trusted_key or self._key or None), folder

    def _begin(self) -> None:
        self._cancel = Cancel()
        self.progress.setRange(0, 0)
        self.told.setText(self._word("reading"))
        self._show_running(True)

    # ------------------------------------------------------------------------------------- writing
    def write(self) -> None:
        """Write the revision sealed last into a folder the clerk chooses."""
        asked = self._start()
        if asked is None:
            return
        account, folder = asked
        draft_id, tasks, clock = self._draft_id, self._context.tasks, self._context.clock
        self._begin()
        cancel = self._cancel
        assert cancel is not None

        def report(done: int, total: int) -> None:
            tasks.in_window(self, lambda: self._show_progress(done, total))

        def go(prepared: Prepared) -> None:
            job = lambda: write_stick(prepared, folder, clock, report, cancel)  # noqa: E731
            tasks.work(self, job, keep, self._refused)

        def keep(sent: Sent) -> None:
            tasks.store(self, lambda workplace: keep_written(workplace, sent), told, self._refused)

        def told(receipt: Receipt | None) -> None:
            self._end()
            if receipt is None:
                self._context.tell(self._word("written", folder=folder), "good")
            else:
                self._tell_receipt(receipt)
            self.moved.emit()

        tasks.store(self, lambda workplace: prepare(workplace, draft_id, account), go, self._refused)

    def _show_progress(self, done: int, total: int) -> None:
        if self.running and self.stop_button.isEnabled():
            self.progress.setRange(0, max(1, total // 1024))
            self.progress.setValue(done // 1024)
            sizes = {key: f"{count / (1 << 20):.1f} MB" for key, count in (("done", done), ("total", total))}
            self.told.setText(self._word("writing", **sizes))

    def stop(self) -> None:
        """Stop; what is written in part is taken away again."""
        if self._cancel is not None:
            self._cancel.set()
            self.stop_button.setEnabled(False)

    # ------------------------------------------------------------------------------------- reading
    def read(self) -> None:
        """Take the platform's answer from a folder the clerk chooses."""
        asked = self._start()
        if asked is not None:
            self._read(*asked)

    def _read(self, account: Account, folder: Path) -> None:
        draft_id, tasks = self._draft_id, self._context.tasks
        self._begin()

        def look(carried: tuple[Carried, ...]) -> None:
            tasks.work(self, lambda: read_stick(carried, account, folder), keep, failed)

        def keep(answers: tuple[StickAnswer, ...]) -> None:
            tasks.store(self, lambda workplace: put(workplace, answers), told, self._refused)

        def put(workplace: Workplace, answers: tuple[StickAnswer, ...]) -> SubmissionStatus | None:
            kept = self._standing.platform if self._standing is not None else Platform()
            platform = Platform(kept.address, account.name, account.trusted_key or "")
            keep_platform(workplace, platform)
            return keep_stick(workplace, draft_id, account, answers)

        def told(status: SubmissionStatus | None) -> None:
            self._end()
            if status is not None:
                state = self._context.messages.text("words", f"submission.{status.state.value}")
                self._context.tell(self._word("answered", state=state), "good")
            self._context.refresh()
            self.moved.emit()

        def failed(error: AppError) -> None:
            if error.code == "platform_key_unconfirmed":
                self._end()
                self._confirm_key(str(error.params["fingerprint"]), account, folder)
            else:
                self._refused(error)

        tasks.store(self, lambda workplace: read_carried(workplace, draft_id), look, self._refused)

    def _confirm_key(self, fingerprint: str, account: Account, folder: Path) -> None:
        def trusted() -> None:
            self._key = fingerprint
            self._read(Account(account.address, account.name, None, fingerprint), folder)

        self.dialog = KeyDialog(self, self._context, fingerprint)
        self.dialog.accepted.connect(trusted)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def _tell_receipt(self, receipt: Receipt) -> None:
        key = "received_rehearsal" if receipt.rehearsal else "received"
        self._context.tell(self._word(key, number=receipt.number), "good")
        self._context.refresh()

    def _end(self) -> None:
        self._cancel = None
        self._show_running(False)

    def _refused(self, error: AppError) -> None:
        self._end()
        stopped = error.code == "cancelled"
        self._context.tell(self._context.messages.error(error), "info" if stopped else "error")
        self.moved.emit()
