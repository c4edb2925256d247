"""The card of the page 打印装订 that says what can be printed now and lets it be printed or saved."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QProgressBar, QRadioButton

from app.services.previewing import Edition, PaperDesk
from app.services.timing import show_moment
from ui.context import PageContext
from ui.parts import Button, Card, heading, left_row, words


class ChoiceCard(Card):
    """Where the report stands, the editions, and the buttons.  ``chosen`` carries an ``Edition``."""

    chosen = Signal(object)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.look)
        self._context, look = context, context.look
        self.column.addWidget(heading(self._word("now"), look, 12))
        self.state = words("", look)
        self.warning = words("", look, colour=look.error)
        self.column.addWidget(self.state)
        self.column.addWidget(self.warning)
        self._group = QButtonGroup(self)
        self.editions: dict[Edition, QRadioButton] = {}
        self._why: dict[Edition, QLabel] = {}
        for edition in Edition:
            button, why = QRadioButton(), words("", look, faint=True)
            why.setIndent(look.space(3))
            button.clicked.connect(lambda _checked=False, edition=edition: self.chosen.emit(edition))
            self._group.addButton(button)
            self.editions[edition], self._why[edition] = button, why
            self.column.addWidget(button)
            self.column.addWidget(why)
        self.print_button = Button(self._word("print"), look, primary=True)
        self.save_button = Button(self._word("save"), look)
        self.import_button = Button(self._word("import"), look)
        self.arrange_button = Button(self._word("arrange"), look)
        self.pages_button = Button(self._word("check_pages"), look)
        self.column.addWidget(left_row(self.print_button, self.save_button))
        self.column.addWidget(left_row(self.import_button))
        self.column.addWidget(left_row(self.arrange_button, self.pages_button))
        self.reason = QLineEdit()
        self.reason.setAccessibleName(self._word("reason_label"))
        self.reason.setPlaceholderText(self._word("reason_label"))
        self.reason_button = Button(self._word("reason_wanted"), look)
        self.reason_button.setEnabled(False)
        self.reason.textChanged.connect(lambda text: self.reason_button.setEnabled(bool(text.strip())))
        self.column.addWidget(self.reason)
        self.column.addWidget(left_row(self.reason_button))
        self.ask_reason(False)
        self.told = words("", look, faint=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self._word("progress"))
        self.cancel_button = Button(self._word("cancel"), look)
        running = QHBoxLayout()
        running.addWidget(self.progress, 1)
        running.addWidget(self.cancel_button)
        self.column.addWidget(self.told)
        self.column.addLayout(running)
        self.import_button.hide()
        self.warning.hide()
        self.show_running(False, ready=False)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.{key}", **params)

    def show_desk(self, desk: PaperDesk) -> None:
        """Say where the report stands and which editions there are."""
        snapshot = desk.snapshot
        lines = [self._word("fingerprint", short=snapshot.short) if snapshot else self._word("not_sealed")]
        if desk.changed:
            lines.append(self._word("changed"))
        if desk.approved is not None:
            lines.append(self._word("report_there", at=show_moment(desk.approved.at)))
        self.state.setText("\n".join(lines))
        self.warning.setVisible(desk.stale)
        if desk.stale and snapshot is not None:
            old = replace(snapshot, fingerprint=desk.printed[-1].fingerprint).short
            self.warning.setText(self._word("stale", printed=old, short=snapshot.short))
        for edition, button in self.editions.items():
            there = edition in desk.editions
            button.setText(self._word(edition.value, copies=desk.programme.packet.copies))
            button.setEnabled(there)
            button.setVisible(there or edition is Edition.BOOK)
            missing = "waits_seal" if snapshot is None else "waits_report"
            why = self._word(f"{edition.value}_why" if there else missing)
            button.setAccessibleDescription(why)
            self._why[edition].setText(why)
            self._why[edition].setVisible(there or edition is Edition.BOOK)
        self.import_button.setVisible(Edition.BOOK not in desk.editions and snapshot is not None)
        self.pages_button.setVisible(bool(desk.printed))

    def ask_reason(self, wanted: bool) -> None:
        """Offer to lay paper out although something was found, for a written reason."""
        self.reason.setVisible(wanted)
        self.reason_button.setVisible(wanted)
        if not wanted:
            self.reason.clear()

    def show_running(self, running: bool, *, ready: bool) -> None:
        """Show or hide what belongs to a printing that goes on; ``ready``: there is paper to print."""
        for widget in (self.told, self.progress, self.cancel_button):
            widget.setVisible(running)
        self.cancel_button.setEnabled(running)
        self.told.setText(self._word("sending"))
        self.progress.setRange(0, 0)
        self.print_button.setEnabled(ready and not running)
        self.save_button.setEnabled(ready and not running)

    def show_progress(self, done: int, total: int) -> None:
        """Show how many pages have gone to the printer."""
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.told.setText(self._word("printing", done=done, total=total))
