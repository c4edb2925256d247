"""平台要的文件: each with its state, what to do about it, the scan to register, the folder to upload from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.errors import AppError
from app.model.programme import DeliverySource
from app.model.submission import EventKind
from app.services.delivering import (
    FOLDER,
    Deliverable,
    Delivered,
    Readiness,
    deliver,
    explain_delivery,
    read_deliveries,
)
from app.services.recording import Registration, register
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Picker
from ui.icons import pixmap
from ui.parts import Button, Card, heading, left_row, words


class DeliveriesCard(Card):
    """The files that the platform wants with a report.  ``picker`` asks for the scan.

    ``moved`` is sent when the record has changed.  Where a programme names no files the card is not shown.
    """

    moved = Signal()

    def __init__(self, context: PageContext, picker: Picker) -> None:
        super().__init__(context.look)
        self._context, look = context, context.look
        self.picker = picker
        self.open_folder: Callable[[QUrl], object] = QDesktopServices.openUrl
        self._draft_id = ""
        self._round = 0
        self.deliverables: tuple[Deliverable, ...] = ()
        self.rows: list[QWidget] = []
        self.column.addWidget(heading(self._word("title"), look, 12))
        self.column.addWidget(words(self._word("why"), look, faint=True))
        self.folder_button = Button(self._word("make"), look)
        self.folder_button.clicked.connect(self.make)
        self.scan_button = Button(self._word("scan"), look)
        self.scan_button.clicked.connect(self.register_scan)
        self.column.addWidget(left_row(self.folder_button, self.scan_button))
        self.hide()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.deliveries.{key}", **params)

    def show_draft(self, draft_id: str) -> None:
        """Read how far the files of a report are, and show it."""
        self._draft_id = draft_id
        self._round += 1
        token = self._round

        def take(found: tuple[Deliverable, ...]) -> None:
            if token == self._round:
                self._show(found)

        self._context.tasks.store(
            self, lambda workplace: read_deliveries(workplace, draft_id), take, self._refused
        )

    def _show(self, found: tuple[Deliverable, ...]) -> None:
        if found and found == self.deliverables:
            return
        for row in self.rows:
            self.column.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        self.deliverables = found
        self.rows = [self._row(one) for one in found]
        for place, row in enumerate(self.rows):
            self.column.insertWidget(place + 2, row)
        sealed = any(one.readiness is not Readiness.UNSEALED for one in found)
        self.folder_button.setEnabled(any(one.readiness is Readiness.READY for one in found))
        self.scan_button.setVisible(any(one.delivery.source is DeliverySource.SCAN for one in found))
        self.scan_button.setEnabled(sealed)
        self.setVisible(bool(found))

    def _row(self, one: Deliverable) -> QWidget:
        look, messages = self._context.look, self._context.messages
        ready = one.readiness is Readiness.READY
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space(1))
        name, colour = ("good", look.good) if ready else ("warning", look.warning)
        if not ready and not one.lacks:
            name, colour = "info", look.info
        sign = QLabel()
        sign.setPixmap(pixmap(name, colour, round(18 * look.scale), self.devicePixelRatioF()))
        row.addWidget(sign)
        label = one.delivery.label + ("" if one.delivery.required else self._word("optional"))
        text = messages.text("deliveries", f"state.{one.readiness.value}")
        line = self._word("ready", label=label, state=text, name=one.name)
        if not ready:
            todo = explain_delivery(one, messages)
            line = self._word("not_ready", label=label, state=text, todo=todo)
        row.addWidget(words(line, look), 1)
        return holder

    def make(self) -> None:
        """Lay all that is ready into one folder and open it."""
        draft_id = self._draft_id

        def made(found: Delivered) -> None:
            self._context.tell(self._word("made", count=len(found.files)), "good")
            self.open_folder(QUrl.fromLocalFile(str(found.folder)))

        self._context.tasks.store(
            self,
            lambda workplace: deliver(workplace, draft_id, workplace.folder / FOLDER / draft_id),
            made,
            self._refused,
        )

    def register_scan(self) -> None:
        """Put the scan of the stamped paper on record."""
        file = self.picker(self, self._word("scan_title"), self._word("scan_kinds"))
        if file is None:
            return
        draft_id = self._draft_id

        def write(workplace: Workplace, chosen: Path = file) -> object:
            entry = Registration(EventKind.SCANNED.value, file=chosen)
            return register(workplace, draft_id, entry, workplace.now())

        self._context.tasks.store(self, write, lambda _event: self.moved.emit(), self._refused)

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
