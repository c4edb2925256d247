"""What sending asks of the clerk: account, password, how much of the line it may take, and 立即重试."""

from __future__ import annotations

import threading

from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QSpinBox

from ui.context import PageContext

_MOST_LIMIT = 100_000


class Nudge:
    """A flag the user raises to have it tried again at once; asking takes it down."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self) -> bool:
        """Tell whether it was raised since last asked."""
        raised = self._event.is_set()
        self._event.clear()
        return raised

    def set(self) -> None:
        """Raise it."""
        self._event.set()


class SendForm(QFormLayout):
    """Account, password and limit; the password is kept nowhere here."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        look = context.look

        def word(key: str) -> str:
            return context.messages.text("window", f"submit.send.{key}")

        self.account, self.password, self.limit = QLineEdit(), QLineEdit(), QSpinBox()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(word("password_hint"))
        self.limit.setRange(0, _MOST_LIMIT)
        self.limit.setSingleStep(10)
        self.limit.setSpecialValueText(word("no_limit"))
        self.limit.setSuffix(word("limit_unit"))
        self.setHorizontalSpacing(look.space(2))
        for key, editor, width in (
            ("account", self.account, 48),
            ("password", self.password, 48),
            ("limit", self.limit, 24),
        ):
            label = QLabel(word(key))
            label.setBuddy(editor)
            editor.setAccessibleName(word(key))
            editor.setMaximumWidth(look.space(width))
            self.addRow(label, editor)
