"""向平台发送: account and password, the sending with its progress, and what every try came to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar

from app.clock import to_beijing
from app.errors import AppError
from app.model.submission import Attempt, Receipt
from app.services.accounts import Platform, keep_platform, read_password
from app.services.deadline import Urgency, explain_safe_start
from app.services.pace import keep_limit
from app.services.proving import account_for, outcome_word, write_account
from app.services.standing import Standing
from app.services.submitting import (
    Account,
    Answer,
    Prepared,
    Question,
    Sent,
    SubmissionStatus,
    ask_platform,
    finish,
    keep_alive,
    keep_answer,
    prepare,
    read_question,
    send,
)
from app.services.timing import show_moment
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Picker, pick
from ui.pages.key_dialog import KeyDialog
from ui.pages.sending_form import Nudge, SendForm
from ui.parts import Button, Card, heading, left_row, tint, words
from ui.tasks import Cancel

_ALIVE_MS = 45_000


class SendCard(Card):
    """Sends the sealed report.  ``moved`` is sent when the record has changed.

    ``read_password`` asks the keyring, away from the window.
    """

    moved = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.look)
        self._context, look = context, context.look
        self.read_password: Callable[[Platform], str | None] = read_password
        self.picker: Picker = pick
        self._nudge = Nudge()
        self._draft_id = ""
        self._standing: Standing | None = None
        self._key: tuple[str, str] = ("", "")
        self._cancel: Cancel | None = None
        self._prepared: Prepared | None = None
        self.dialog: KeyDialog | None = None
        self.column.addWidget(heading(self._word("title"), look, 12))
        self.about = words("", look, faint=True)
        self.in_time = words("", look)
        self.refused = words("", look, colour=look.warning)
        for label in (self.about, self.in_time, self.refused):
            self.column.addWidget(label)
        form = SendForm(context)
        self.account, self.password, self.limit = form.account, form.password, form.limit
        self.limit.editingFinished.connect(self._keep_limit)
        self.column.addLayout(form)
        self.send_button = Button(self._word("send"), look, primary=True)
        self.ask_button = Button(self._word("ask"), look)
        self.cancel_button = Button(self._word("cancel"), look)
        self.send_button.clicked.connect(self.send)
        self.ask_button.clicked.connect(self.ask)
        self.cancel_button.clicked.connect(self.cancel)
        self.hurry_button = Button(self._word("hurry"), look)
        self.hurry_button.clicked.connect(self._nudge.set)
        self.column.addWidget(
            left_row(self.send_button, self.ask_button, self.cancel_button, self.hurry_button)
        )
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self._word("title"))
        self.told = words("", look)
        self.attempts = words("", look, faint=True)
        self.account_button = Button(self._word("account_for"), look)
        self.account_button.clicked.connect(self._account_for)
        for widget in (self.progress, self.told, self.attempts, left_row(self.account_button)):
            self.column.addWidget(widget)
        self._alive = QTimer(self)
        self._alive.setInterval(_ALIVE_MS)
        self._alive.timeout.connect(self._keep_alive)
        self._show_running(False)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.send.{key}", **params)

    # ------------------------------------------------------------------------------------- showing
    @property
    def running(self) -> bool:
        """Tell whether a sending or a question is under way."""
        return self._cancel is not None

    def show_standing(self, draft_id: str, standing: Standing) -> None:
        """Show what was tried; without a platform the card is not shown at all."""
        if draft_id != self._draft_id:
            self.cancel()
            self.password.clear()
        self._draft_id, self._standing = draft_id, standing
        platform = standing.platform
        self.setVisible(bool(platform.address))
        self.about.setText(self._word("why", address=platform.address))
        if not self.account.text():
            self.account.setText(platform.account)
        self.send_button.setText(self._word("again" if standing.receipts else "send"))
        self._show_in_time(standing)
        if not self.limit.hasFocus():
            self.limit.setValue(standing.limit)
        lines = [self._line(one) for one in reversed(standing.attempts[-10:])]
        self.attempts.setText("\n".join([self._word("attempts"), *lines]) if lines else "")
        self.attempts.setVisible(bool(lines))
        self.account_button.setVisible(bool(lines))
        self._show_running(self.running)

    def _show_in_time(self, standing: Standing) -> None:
        """Show until when to begin, and why the platform has not taken what was sent."""
        found, look = standing.safe_start, self._context.look
        self.in_time.setVisible(found is not None)
        if found is not None:
            self.in_time.setText(explain_safe_start(found, self._context.messages))
            tint(self.in_time, look.faint if found.urgency is Urgency.CALM else look.warning)
        self.refused.setVisible(bool(standing.quarantine))
        if standing.quarantine:
            reason = outcome_word(standing.quarantine, self._context.messages)
            self.refused.setText(self._word("quarantined", reason=reason))

    def _keep_limit(self) -> None:
        limit = self.limit.value()
        self._context.tasks.store(
            self,
            lambda workplace: keep_limit(workplace, limit),
            lambda _nothing: None,
            self._refused_quietly,
        )

    def _account_for(self) -> None:
        """Print the account of what went wrong (申报异常情况说明) into a folder the user chooses."""
        folder = self.picker(self, self._word("account_for_title"), "")
        if folder is None:
            return
        draft_id, tasks = self._draft_id, self._context.tasks
        target = folder / f"申报异常情况说明-{to_beijing(self._context.clock()):%Y%m%d-%H%M}.pdf"

        def told(_nothing: None) -> None:
            self._context.tell(self._word("account_made", name=target), "good")

        def write(pdf: bytes) -> None:
            tasks.work(self, lambda: write_account(pdf, target), told, self._refused_quietly)

        tasks.store(self, lambda workplace: account_for(workplace, draft_id), write, self._refused_quietly)

    def _line(self, attempt: Attempt) -> str:
        outcome = outcome_word(attempt.outcome, self._context.messages)
        line = self._word(
            "attempt",
            at=show_moment(attempt.started_at),
            outcome=outcome,
            size=self._size(attempt.bytes_sent),
        )
        if attempt.platform_time is None:
            return line
        return f"{line}（{self._word('clock', time=show_moment(attempt.platform_time))}）"

    def _size(self, count: int) -> str:
        if count < 1024:
            return self._word("bytes", count=count)
        if count < 1 << 20:
            return self._word("kilobytes", count=f"{count / 1024:.0f}")
        return self._word("megabytes", count=f"{count / (1 << 20):.1f}")

    def _show_running(self, running: bool) -> None:
        self.progress.setVisible(running)
        self.cancel_button.setVisible(running)
        self.hurry_button.setVisible(running)
        self.cancel_button.setEnabled(running)
        standing = self._standing
        sealed = standing is not None and standing.snapshot is not None
        self.send_button.setEnabled(sealed and not running)
        self.ask_button.setVisible(standing is not None and bool(standing.receipts))
        self.ask_button.setEnabled(not running)
        self.told.setVisible(running)
        if not running:
            self._alive.stop()

    def _tell(self, key: str, /, **params: object) -> None:
        self.told.setText(self._word(key, **params))
        self.told.show()

    # ------------------------------------------------------------------------------------- sending
    def _platform(self) -> Platform | None:
        """Give the platform with the account as typed, or None while it is missing."""
        if self._standing is None or self.running:
            return None
        kept, name = self._standing.platform, self.account.text().strip()
        if not name:
            self._context.tell(self._word("need_account"), "warning")
            self.account.setFocus()
            return None
        trusted = kept.trusted_key
        if not trusted and self._key[0] == kept.address:
            trusted = self._key[1]
        return Platform(kept.address, name, trusted)

    def _with_password(self, platform: Platform, go: Callable[[Account], None]) -> None:
        """Find the password, typed or kept, and go on with the account."""
        self._cancel = Cancel()
        self._show_running(True)
        self.progress.setRange(0, 0)
        self._tell("connecting")
        typed = self.password.text()

        def found(password: str | None) -> None:
            if password:
                go(platform.with_password(password))
                return
            self._end()
            self._context.tell(self._word("need_password"), "warning")
            self.password.setFocus()

        if typed:
            found(typed)
        else:
            self._context.tasks.work(self, lambda: self.read_password(platform), found, self._refused)

    def send(self) -> None:
        """Send the revision sealed last."""
        platform = self._platform()
        if platform is not None:
            self._with_password(platform, self._prepare)

    def _prepare(self, account: Account) -> None:
        draft_id = self._draft_id
        self._tell("preparing")

        self._context.tasks.store(
            self,
            lambda workplace: prepare(workplace, draft_id, account),
            lambda prepared: self._send(prepared, account),
            self._refused,
        )

    def _send(self, prepared: Prepared, account: Account) -> None:
        cancel, tasks, clock = self._cancel, self._context.tasks, self._context.clock
        assert cancel is not None
        self._prepared = prepared
        self._alive.start()
        nudge = self._nudge
        nudge()
        self._tell("connecting")

        def report(done: int, total: int) -> None:
            tasks.in_window(self, lambda: self._show_progress(done, total))

        tasks.work(
            self,
            lambda: send(prepared, account, clock, report, cancel, nudge),
            self._finish,
            self._refused,
        )

    def _show_progress(self, done: int, total: int) -> None:
        if self.running and self.cancel_button.isEnabled():
            self.progress.setRange(0, max(1, total))
            self.progress.setValue(done)
            self._tell("sending", done=self._size(done), total=self._size(total))

    def _keep_alive(self) -> None:
        prepared = self._prepared
        if prepared is not None:
            self._context.tasks.store(
                self,
                lambda workplace: keep_alive(workplace, prepared),
                lambda _nothing: None,
                self._refused_quietly,
            )

    def _refused_quietly(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "warning")

    def _finish(self, sent: Sent) -> None:
        account = sent.prepared.account

        def keep(workplace: Workplace) -> Receipt:
            receipt = finish(workplace, sent)
            keep_platform(workplace, Platform(account.address, account.name, account.trusted_key or ""))
            return receipt

        self._context.tasks.store(self, keep, self._received, self._refused)

    def _received(self, receipt: Receipt) -> None:
        self.password.clear()
        self._end()
        key = "done_rehearsal" if receipt.rehearsal else "done"
        self._context.tell(self._word(key, number=receipt.number), "good")
        self._context.refresh()
        self.moved.emit()

    def cancel(self) -> None:
        """Stop; what has arrived stays on the platform and is not sent twice."""
        if self._cancel is not None:
            self._cancel.set()
            self.cancel_button.setEnabled(False)
            self._tell("stopping")

    def _end(self) -> None:
        self._cancel = self._prepared = None
        self._show_running(False)

    def _refused(self, error: AppError) -> None:
        self._end()
        if error.code == "platform_key_unconfirmed":
            self._confirm_key(str(error.params["fingerprint"]))
        else:
            stopped = error.code == "cancelled"
            self._context.tell(self._context.messages.error(error), "info" if stopped else "error")
        self.moved.emit()

    def _confirm_key(self, fingerprint: str) -> None:
        assert self._standing is not None
        address = self._standing.platform.address

        def trusted() -> None:
            self._key = (address, fingerprint)
            self.send()

        self.dialog = KeyDialog(self, self._context, fingerprint)
        self.dialog.accepted.connect(trusted)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    # -------------------------------------------------------------------------------------- asking
    def ask(self) -> None:
        """Ask how the submission stands; an approved one brings its report home."""
        platform = self._platform()
        if platform is not None:
            self._with_password(platform, self._ask)

    def _ask(self, account: Account) -> None:
        draft_id, tasks, clock = self._draft_id, self._context.tasks, self._context.clock
        self._tell("asking")

        def ask(question: Question) -> None:
            asking = self._cancel or Cancel()
            tasks.work(self, lambda: ask_platform(question, account, clock, asking), keep, self._refused)

        def keep(answer: Answer) -> None:
            tasks.store(self, lambda workplace: keep_answer(workplace, draft_id, answer), told, self._refused)

        def told(status: SubmissionStatus) -> None:
            self.password.clear()
            self._end()
            state = self._context.messages.text("words", f"submission.{status.state.value}")
            self._context.tell(self._word("answered", state=state), "info")
            self._context.refresh()
            self.moved.emit()

        tasks.store(
            self, lambda workplace: read_question(workplace, draft_id, account.address), ask, self._refused
        )
