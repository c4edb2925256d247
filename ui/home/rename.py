"""Giving a report another name."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from app.errors import AppError
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.parts import Button


class RenameDialog(Dialog):
    """Asks for the name of a report."""

    def __init__(self, parent: QWidget, context: PageContext, draft_id: str, title: str) -> None:
        super().__init__(parent, context, context.messages.text("window", "home.rename_title"))
        self._context, self._id = context, draft_id
        self.name = QLineEdit(title)
        self.name.setMaxLength(120)
        self.name.setMinimumWidth(context.look.space(55))
        label = QLabel(context.messages.text("window", "home.name"))
        label.setBuddy(self.name)
        self.name.setAccessibleName(label.text())
        self.column.addWidget(label)
        self.column.addWidget(self.name)
        cancel = Button(context.messages.text("window", "home.cancel"), context.look)
        cancel.clicked.connect(self.reject)
        self.save_button = Button(context.messages.text("window", "home.ok"), context.look, primary=True)
        self.save_button.clicked.connect(self._save)
        self.name.textChanged.connect(lambda text: self.save_button.setEnabled(bool(text.strip())))
        self.add_buttons((cancel, self.save_button))

    def _save(self) -> None:
        title, draft_id = self.name.text().strip(), self._id

        def rename(workplace: Workplace) -> None:
            workplace.store.drafts.rename(draft_id, title)

        self._context.tasks.store(self, rename, self._done, self._refused)

    def _done(self, _nothing: None) -> None:
        self._context.refresh()
        self.accept()

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
