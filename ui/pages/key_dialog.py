"""First contact with a platform: its key's fingerprint is compared with paper before it is trusted.

Two of the sixteen groups are left out: whoever has the fingerprint on paper fills them in, whoever only wants
the dialog gone cannot.
"""

from __future__ import annotations

import secrets

from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QWidget

from ui.context import PageContext
from ui.dialogs import Dialog
from ui.parts import Button, words

GROUP = 4
MISSING = 2


class KeyDialog(Dialog):
    """Accepted only where the groups left out were typed as the platform has them."""

    def __init__(self, parent: QWidget, context: PageContext, fingerprint: str) -> None:
        self._context = context
        super().__init__(parent, context, self._word("key_title"))
        digits = fingerprint.partition(":")[2].upper()
        groups = [digits[at : at + GROUP] for at in range(0, len(digits), GROUP)]
        places = sorted(secrets.SystemRandom().sample(range(len(groups)), MISSING))
        self.wanted = {place: groups[place] for place in places}
        shown = [self._word("key_blank") if at in self.wanted else text for at, text in enumerate(groups)]
        lines = ["　".join(shown[at : at + 4]) for at in range(0, len(shown), 4)]
        self.column.addWidget(words(self._word("key_why"), context.look))
        self.digits = words("\n".join(lines), context.look)
        self.digits.setFont(context.look.font(13, bold=True))
        self.column.addWidget(self.digits)
        form = QFormLayout()
        form.setHorizontalSpacing(context.look.space(2))
        self.editors: dict[int, QLineEdit] = {}
        for place in self.wanted:
            editor, label = QLineEdit(), QLabel(self._word("key_group", place=place + 1))
            editor.setMaxLength(GROUP)
            editor.setMaximumWidth(context.look.space(14))
            editor.setAccessibleName(label.text())
            editor.textChanged.connect(lambda _text: self._fit())
            label.setBuddy(editor)
            form.addRow(label, editor)
            self.editors[place] = editor
        self.column.addLayout(form)
        self.wrong = words(self._word("key_wrong"), context.look, colour=context.look.error)
        self.column.addWidget(self.wrong)
        self.trust_button = Button(self._word("key_trust"), context.look)
        self.refuse_button = Button(self._word("key_refuse"), context.look, primary=True)
        self.trust_button.clicked.connect(self.accept)
        self.refuse_button.clicked.connect(self.reject)
        self.add_buttons((self.trust_button, self.refuse_button))
        self.setMinimumWidth(context.look.space(60))
        self._fit()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.send.{key}", **params)

    def _fit(self) -> None:
        typed = {place: editor.text().strip().upper() for place, editor in self.editors.items()}
        whole = all(len(text) == GROUP for text in typed.values())
        self.trust_button.setEnabled(typed == self.wanted)
        self.wrong.setVisible(whole and typed != self.wanted)
