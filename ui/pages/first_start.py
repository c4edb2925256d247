"""First start: the unit is asked for once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from app.services.accounts import Unit, keep_unit
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.parts import Button, Card, heading, scrolled, words
from ui.unit_form import UnitForm


class FirstStart(QWidget):
    """Who fills in here?  ``done`` is called when it is known or was put off."""

    def __init__(self, context: PageContext, done: Callable[[], None]) -> None:
        super().__init__()
        self._context, self._done = context, done
        look = context.look
        card = Card(look)
        card.setMaximumWidth(look.space(85))
        card.column.setContentsMargins(*(look.space(4),) * 4)
        card.column.setSpacing(look.space(1.5))
        card.column.addWidget(heading(self._word("title"), look, 17))
        card.column.addWidget(words(self._word("why"), look, faint=True))
        self.form = UnitForm(context)
        card.column.addWidget(self.form)
        self.trouble = words("", look, colour=look.error)
        self.trouble.hide()
        card.column.addWidget(self.trouble)
        row = QHBoxLayout()
        self.later_button = Button(self._word("later"), look, quiet=True)
        self.later_button.clicked.connect(done)
        self.done_button = Button(self._word("done"), look, primary=True)
        self.done_button.clicked.connect(self._keep)
        row.addStretch(1)
        row.addWidget(self.later_button)
        row.addWidget(self.done_button)
        card.column.addLayout(row)
        inner = QWidget()
        middle = QHBoxLayout(inner)
        middle.addStretch(1)
        middle.addWidget(card, 10, Qt.AlignmentFlag.AlignVCenter)
        middle.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def _word(self, key: str) -> str:
        return self._context.messages.text("window", f"first.{key}")

    def begin(self) -> None:
        """Put the cursor where the first answer goes."""
        self.form.name.setFocus()

    def _keep(self) -> None:
        unit: Unit = self.form.unit()
        if not unit.name:
            self.trouble.setText(self._word("need_name"))
            self.trouble.show()
            self.form.name.setFocus()
            return

        def keep(workplace: Workplace) -> None:
            keep_unit(workplace, unit)

        self._context.tasks.store(self, keep, lambda _nothing: self._done(), self._refused)

    def _refused(self, error: AppError) -> None:
        self.trouble.setText(self._context.messages.error(error))
        self.trouble.show()
