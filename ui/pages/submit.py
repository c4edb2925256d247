"""上报: filing by hand first, then where the report stands, the last return, sending, receipts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.errors import AppError
from app.model.submission import EventSource
from app.services.corrections import Corrections, read_corrections
from app.services.filing import Filing, keep_progress, lay_out_files
from app.services.portal import read_filing
from app.services.standing import Return, Standing, Step, read_standing
from app.services.timing import show_moment
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Picker, pick
from ui.draft_model import DraftModel, SaveState, Saving
from ui.icons import pixmap
from ui.pages.corrections import CorrectionsCard
from ui.pages.deliveries import DeliveriesCard
from ui.pages.hand_filing import HandFiling
from ui.pages.receipts import ReceiptsCard
from ui.pages.report_taking import ReportTaking
from ui.pages.sending import SendCard
from ui.pages.stick import StickCard
from ui.pages.submitted import SubmittedDialog
from ui.parts import Button, Card, heading, left_row, scrolled, tint, words

_TONES = {
    Step.UNSEALED: "info",
    Step.WAITING: "clock",
    Step.SENDING: "submit",
    Step.RECEIVED: "good",
    Step.SUBMITTED: "good",
    Step.UNIT_APPROVED: "good",
    Step.APPROVED: "good",
    Step.RETURNED: "warning",
}

_THERE = frozenset({Step.SUBMITTED, Step.UNIT_APPROVED, Step.APPROVED})


class SubmitPage(QWidget):
    """The page 上报.  ``picker`` asks for files and folders."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self.picker: Picker = pick
        self._model: DraftModel | None = None
        self._round = 0
        self._stale = True
        self._filing: Filing | None = None
        self.standing: Standing | None = None
        self.assistant: HandFiling | None = None
        self.dialog: SubmittedDialog | None = None
        self.intake: QDialog | None = None
        self.taking = ReportTaking(self, context, self._show_intake, self.reload)
        look = context.look
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space(3), look.space(2), 0, 0)
        whole.setSpacing(look.space(1.5))
        whole.addWidget(heading(self._word("title"), look))
        self.hint = words(self._word("no_draft"), look, faint=True)
        whole.addWidget(self.hint)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, look.space(3), look.space(3))
        column.setSpacing(look.space(1.5))
        self.sending = SendCard(context)
        self.sending.moved.connect(self.reload)
        self.sending.picker = self._pick
        self.stick = StickCard(context, self._pick)
        self.stick.moved.connect(self.reload)
        self.receipts = ReceiptsCard(context, self._pick)
        self.returned = Card(look, edge=look.warning)
        self.corrections = CorrectionsCard(context)
        self.deliveries = DeliveriesCard(context, self._pick)
        self.deliveries.moved.connect(self._registered)
        cards = (self.returned, self.corrections, self.deliveries, self.sending, self.stick, self.receipts)
        for card in (self._hand_card(), self._state_card(), *cards):
            column.addWidget(card)
        column.addStretch(1)
        self.body = scrolled(inner)
        whole.addWidget(self.body, 1)
        whole.addStretch(0)
        self.show_draft(None)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.{key}", **params)

    def _pick(self, parent: QWidget, title: str, kinds: str) -> Path | None:
        return self.picker(parent, title, kinds)

    # ------------------------------------------------------------------------------------ building
    def _hand_card(self) -> Card:
        look = self._context.look
        card = Card(look)
        card.column.addWidget(heading(self._word("hand"), look, 12))
        self.hand_why = words("", look, faint=True)
        self.portal = words("", look)
        self.progress = words("", look)
        for label in (self.hand_why, self.portal, self.progress):
            card.column.addWidget(label)
        self.assistant_button = Button(self._word("assistant"), look, primary=True)
        self.assistant_button.clicked.connect(self.open_assistant)
        self.register_button = Button(self._word("register_now"), look)
        self.register_button.clicked.connect(self.register)
        self.address_button = Button(self._word("copy_address"), look)
        self.address_button.clicked.connect(self._copy_address)
        self.report_button = Button(self._word("compare_report"), look)
        self.report_button.clicked.connect(self._compare_report)
        self.checks_button = Button(self._word("to_checks"), look)
        self.checks_button.clicked.connect(lambda: self._context.go("checks", ""))
        card.column.addWidget(
            left_row(
                self.assistant_button,
                self.register_button,
                self.report_button,
                self.address_button,
                self.checks_button,
            )
        )
        return card

    def _state_card(self) -> Card:
        look = self._context.look
        card = Card(look)
        card.column.addWidget(heading(self._word("state"), look, 12))
        self.sign, self.state = QLabel(), QLabel()
        self.state.setFont(look.font(13, bold=True))
        self.state.setWordWrap(True)
        self.rehearsal = QLabel(self._word("rehearsal"))
        self.rehearsal.setFont(look.font(13, bold=True))
        tint(self.rehearsal, look.warning)
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        row.addWidget(self.sign)
        row.addWidget(self.rehearsal)
        row.addWidget(self.state, 1)
        card.column.addLayout(row)
        self.about = words("", look, faint=True)
        self.warning = words("", look, colour=look.warning)
        card.column.addWidget(self.about)
        card.column.addWidget(self.warning)
        return card

    # --------------------------------------------------------------------------------------- drafts
    def show_draft(self, model: DraftModel | None) -> None:
        """Show another report, or the hint that none is open."""
        if self._model is not None:
            self._model.save_state.disconnect(self._saved)
            self._model.changed.disconnect(self._changed)
        self._leave_assistant()
        self.taking.leave()
        self._model, self._filing, self.standing = model, None, None
        self._round += 1
        self._stale = True
        self.hint.setVisible(model is None)
        self.body.setVisible(model is not None)
        if model is not None:
            model.save_state.connect(self._saved)
            model.changed.connect(self._changed)
            if self.isVisible():
                self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        """Read again what may have changed while another page was shown."""
        super().showEvent(event)
        if self._model is not None and self._stale:
            self.reload()

    def _changed(self, _changes: object) -> None:
        self._stale = True

    def _saved(self, state: SaveState) -> None:
        if self._stale and self.isVisible() and state.saving is Saving.SAVED:
            self.reload()

    def reload(self) -> None:
        """Read where the report stands."""
        model = self._model
        if model is None:
            return
        self._stale = False
        self._round += 1
        token, draft_id, files = self._round, model.draft_id, self._word("hand_filing.files")

        def read(workplace: Workplace) -> tuple[Standing, Filing | None, Corrections | None]:
            standing = read_standing(workplace, draft_id)
            under_way = standing.returned is not None and standing.step is not Step.APPROVED
            corrections = read_corrections(workplace, draft_id) if under_way else None
            if standing.snapshot is None:
                return standing, None, corrections
            return standing, read_filing(workplace, draft_id, workplace.now(), files), corrections

        self._context.tasks.store(self, read, lambda found: self._take(token, *found), self._refused)

    def _take(
        self, token: int, standing: Standing, filing: Filing | None, corrections: Corrections | None
    ) -> None:
        if token != self._round or self._model is None:
            return
        self.standing, self._filing = standing, filing
        self._show_hand()
        self._show_state(standing)
        self._show_return(standing.returned)
        self.corrections.show_corrections(corrections)
        self.sending.show_standing(self._model.draft_id, standing)
        self.stick.show_standing(self._model.draft_id, standing)
        self.receipts.show_standing(standing)
        self.deliveries.show_draft(self._model.draft_id)

    def _show_hand(self) -> None:
        model, filing = self._model, self._filing
        assert model is not None
        portal = model.session.programme.upload
        sealed = filing is not None
        self.hand_why.setText(self._word("hand_why" if sealed else "hand_unsealed"))
        lines = [
            f"{self._word(key)}：{text}"
            for key, text in (
                ("portal", portal.portal),
                ("portal_address", portal.address),
                ("portal_path", portal.path),
            )
            if text
        ]
        self.portal.setText("\n".join(lines))
        self.portal.setVisible(bool(lines))
        self.address_button.setVisible(bool(portal.address))
        if self.assistant is not None and (filing is None or self.assistant.filing.short != filing.short):
            if self.assistant.isVisible():
                self._context.tell(self._word("sealed_anew"), "warning")
            self._leave_assistant()
        self.assistant_button.setEnabled(sealed)
        self.register_button.setEnabled(sealed)
        self.checks_button.setVisible(not sealed)
        self.report_button.setVisible(self.standing is not None and self.standing.step in _THERE)
        self.progress.setVisible(sealed)
        if filing is not None:
            done, count = filing.count_done, len(filing.entries)
            self.progress.setText(self._word("progress", done=done, count=count))

    def _show_state(self, standing: Standing) -> None:
        look = self._context.look
        self.state.setText(self._word(f"step.{standing.step.value}", number=standing.number))
        sign = _TONES[standing.step]
        colour = {"good": look.good, "warning": look.warning}.get(sign, look.info)
        side = round(22 * (1 + (look.scale - 1) / 2))
        self.sign.setPixmap(pixmap(sign, colour, side, self.devicePixelRatioF()))
        tint(self.state, look.text if sign not in ("good", "warning") else colour)
        self.rehearsal.setVisible(standing.rehearsal)
        about = []
        if standing.event is not None:
            about.append(self._word("at", at=show_moment(standing.event.at)))
        if standing.number and standing.step is not Step.RECEIVED:
            about.append(self._word("number", number=standing.number))
        if standing.event is not None and standing.event.who:
            about.append(standing.event.who)
        if standing.event is not None and standing.event.source is EventSource.HAND:
            about.append(self._word("by_hand_file" if standing.event.file else "by_hand"))
        if standing.snapshot is not None:
            about.append(self._word("fingerprint", short=standing.snapshot.short))
        self.about.setText("　".join(about))
        self.about.setVisible(bool(about))
        warnings = [
            self._word(key)
            for key, there in (("changed", standing.changed), ("interrupted", standing.interrupted))
            if there
        ]
        self.warning.setText("\n".join(warnings))
        self.warning.setVisible(bool(warnings))

    def _show_return(self, returned: Return | None) -> None:
        column, look = self.returned.column, self._context.look
        while (item := column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.returned.setVisible(returned is not None)
        if returned is None:
            return
        column.addWidget(heading(self._word("returned"), look, 12))
        at = show_moment(returned.at)
        line = self._word("returned_line", at=at, who=returned.who) if returned.who else at
        column.addWidget(words(line, look, faint=True))
        column.addWidget(words(returned.reason, look))
        for mark in returned.marks:
            page = f"{self._word('mark_page', page=mark.page)}　" if mark.page else ""
            text = words(page + mark.text, look)
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(look.space(2), 0, 0, 0)
            row.addWidget(text, 1)
            if mark.path:
                button = Button(self._word("go_to"), look)
                button.setAccessibleName(f"{self._word('go_to')}：{mark.text}")
                button.clicked.connect(lambda _checked=False, path=mark.path: self._context.go("draft", path))
                row.addWidget(button)
            column.addWidget(holder)

    # ------------------------------------------------------------------------------- filing by hand
    def open_assistant(self) -> None:
        """Open the small window that stays on top, or bring it forward."""
        filing = self._filing
        if filing is None:
            return
        if self.assistant is None:
            self.assistant = HandFiling(self._context, filing)
            self.assistant.kept.connect(self._keep)
            self.assistant.reread.connect(self._reread)
            self.assistant.register.connect(self.register)
            self._context.tasks.work(self, lambda: lay_out_files(filing), lambda _folder: None, self._refused)
        self.assistant.show()
        self.assistant.raise_()
        self.assistant.activateWindow()
        self.assistant.value.setFocus()

    def _leave_assistant(self) -> None:
        if self.assistant is not None:
            self.assistant.close()
            self.assistant.deleteLater()
            self.assistant = None

    def _reread(self) -> None:
        """Read the filing anew for the assistant: a table cell by cell, or as a block again."""
        model, assistant, files = self._model, self.assistant, self._word("hand_filing.files")
        if model is not None and assistant is not None:
            draft_id = model.draft_id
            self._context.tasks.store(
                assistant,
                lambda workplace: read_filing(workplace, draft_id, workplace.now(), files),
                assistant.take,
                self._refused,
            )

    def _keep(self, filing: Filing) -> None:
        self._filing = filing
        self._show_hand()
        self._context.tasks.store(
            self, lambda workplace: keep_progress(workplace, filing), lambda _nothing: None, self._refused
        )

    def register(self) -> None:
        """Put on record that the report was submitted in the portal."""
        model = self._model
        if model is None:
            return
        asking = self.assistant if self.assistant is not None and self.assistant.isVisible() else self
        self.dialog = SubmittedDialog(asking, self._context, model.draft_id, self.picker)
        self.dialog.registered.connect(self._registered)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def _registered(self) -> None:
        if self.assistant is not None:
            self.assistant.close()
        self._context.refresh()
        self.reload()

    def _compare_report(self) -> None:
        """Hold the portal's watermarked report against the sealed values, and take it home."""
        if self._model is not None:
            self.taking.take(self._model.draft_id, self._pick)

    def _show_intake(self, dialog: QDialog) -> None:
        self.intake = dialog
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _copy_address(self) -> None:
        if self._model is not None:
            QGuiApplication.clipboard().setText(self._model.session.programme.upload.address)
            self._context.tell(self._word("copied"), "info")

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
