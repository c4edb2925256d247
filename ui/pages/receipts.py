"""Receipts of the platform: shown, verified once more, saved byte for byte."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QWidget

from app.errors import AppError
from app.model.submission import Receipt
from app.services.standing import Standing, check_receipt, save_printed_receipt, save_receipt
from app.services.timing import show_moment
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog, Picker
from ui.parts import Button, Card, heading, words


class ReceiptDialog(Dialog):
    """What a receipt says."""

    def __init__(self, parent: QWidget, context: PageContext, receipt: Receipt) -> None:
        def word(key: str) -> str:
            return context.messages.text("window", f"submit.{key}")

        super().__init__(parent, context, word("receipt_title"))
        look = context.look
        form = QFormLayout()
        form.setHorizontalSpacing(look.space(2))
        form.setVerticalSpacing(look.space(1))
        for key, text in (
            ("receipt_kind", word("rehearsal" if receipt.rehearsal else "receipt_real")),
            ("receipt_number", receipt.number),
            ("receipt_at", show_moment(receipt.received_at)),
            ("receipt_fingerprint", _spaced(receipt.fingerprint)),
            ("receipt_bundle", _spaced(receipt.bundle_sha256)),
        ):
            warns = key == "receipt_kind" and receipt.rehearsal
            form.addRow(QLabel(word(key)), words(text, look, colour=look.warning if warns else None))
        self.column.addLayout(form)
        close = Button(word("close"), look, primary=True)
        close.clicked.connect(self.accept)
        self.add_buttons((close,))
        self.setMinimumWidth(look.space(64))


def _spaced(digits: str) -> str:
    plain = digits.partition(":")[2] or digits
    return " ".join(plain[at : at + 4].upper() for at in range(0, len(plain), 4))


class ReceiptsCard(Card):
    """The receipts, the newest first.  ``picker`` asks where to save one (a folder)."""

    def __init__(self, context: PageContext, picker: Picker) -> None:
        super().__init__(context.look)
        self._context = context
        self.picker = picker
        self.rows: list[QWidget] = []
        self.dialog: ReceiptDialog | None = None
        self.column.addWidget(heading(self._word("receipts"), context.look, 12))

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.{key}", **params)

    def show_standing(self, standing: Standing) -> None:
        """Show the receipts of a report."""
        for row in self.rows:
            self.column.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        self.rows = [self._row(receipt, standing) for receipt in reversed(standing.receipts)]
        if not self.rows:
            self.rows = [words(self._word("no_receipts"), self._context.look, faint=True)]
        for row in self.rows:
            self.column.addWidget(row)

    def _row(self, receipt: Receipt, standing: Standing) -> QWidget:
        look = self._context.look
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space(1))
        line = self._word("receipt_line", number=receipt.number, at=show_moment(receipt.received_at))
        if receipt.rehearsal:
            mark = QLabel(self._word("rehearsal"))
            mark.setFont(look.font(bold=True))
            palette = mark.palette()
            palette.setColor(mark.foregroundRole(), look.warning)
            mark.setPalette(palette)
            row.addWidget(mark)
        row.addWidget(words(line, look), 1)
        for key, act in (
            ("show", lambda: self._show(receipt)),
            ("verify", lambda: self._verify(receipt, standing)),
            ("save", lambda: self._save(receipt)),
            ("print", lambda: self._print(receipt)),
        ):
            button = Button(self._word(key), look)
            button.setAccessibleName(f"{self._word(key)} {line}")
            button.clicked.connect(lambda _checked=False, act=act: act())
            row.addWidget(button)
        return holder

    def _show(self, receipt: Receipt) -> None:
        self.dialog = ReceiptDialog(self, self._context, receipt)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def _verify(self, receipt: Receipt, standing: Standing) -> None:
        def verified(sound: Receipt) -> None:
            key = "verified_rehearsal" if sound.rehearsal else "verified"
            self._context.tell(self._word(key, number=sound.number), "good")

        platform = standing.platform
        self._context.tasks.work(self, lambda: check_receipt(receipt, platform), verified, self._refused)

    def _save(self, receipt: Receipt) -> None:
        folder = self.picker(self, self._word("save_title"), "")
        if folder is None:
            return
        target = folder / f"receipt-{receipt.number}.json"

        def saved(_nothing: None) -> None:
            self._context.tell(self._word("saved", name=target), "good")

        self._context.tasks.work(self, lambda: save_receipt(receipt, target), saved, self._refused)

    def _print(self, receipt: Receipt) -> None:
        folder = self.picker(self, self._word("print_title"), "")
        if folder is None:
            return
        target = folder / f"receipt-{receipt.number}.pdf"

        def write(workplace: Workplace) -> Path:
            return save_printed_receipt(receipt, target, workplace.fonts, workplace.messages)

        def written(path: Path) -> None:
            self._context.tell(self._word("printed", name=path), "good")

        self._context.tasks.store(self, write, written, self._refused)

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
