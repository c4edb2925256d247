"""The panel below the list of findings: the whole text of one, and the written reason for all chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.model.finding import Finding
from app.model.value import clean_text
from ui.context import PageContext
from ui.pages.finding_model import answerable
from ui.parts import Button, Card, tint, words

_OFFERS = 2
"""How many earlier reasons are offered."""


class ReasonEdit(QPlainTextEdit):
    """A few lines of text; the tab key leaves it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)


class ReasonPanel(Card):
    """Shows what is chosen.  ``given`` carries the reason (empty: taken back), ``go`` asks to go there."""

    given = Signal(str)
    go = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.look)
        self._context = context
        self._shown: tuple[str, ...] = ()
        look = context.look
        top = QHBoxLayout()
        self.text = words("", look)
        top.addWidget(self.text, 1)
        self.go_button = Button(self._word("go"), look)
        self.go_button.clicked.connect(self.go)
        top.addWidget(self.go_button)
        self.column.addLayout(top)
        self.note = words("", look, faint=True)
        self.column.addWidget(self.note)
        self._offers = QVBoxLayout()
        self.column.addLayout(self._offers)
        self.offers: list[Button] = []
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        self.edit = ReasonEdit()
        self.edit.setAccessibleName(self._word("reason_label"))
        self.edit.setAccessibleDescription(self._word("reason_help"))
        self.edit.setPlaceholderText(self._word("reason_help"))
        line = QFontMetrics(look.font()).lineSpacing()
        self.edit.setMinimumHeight(round(line * 2.6))
        self.edit.setMaximumHeight(round(line * 3.6))
        row.addWidget(self.edit, 1)
        self.give_button = Button(self._word("give"), look)
        self.give_button.setToolTip("Ctrl+Enter")
        self.give_button.clicked.connect(self.give)
        row.addWidget(self.give_button)
        self.column.addLayout(row)
        self.clear()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"checks.{key}", **params)

    def tab_chain(self) -> list[QWidget]:
        """Give the editors and buttons in the order of the tab key."""
        return [self.go_button, self.edit, self.give_button]

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._shown = ("?",)
        self.show_findings((), {}, ())

    def show_findings(
        self, chosen: Sequence[Finding], reasons: Mapping[str, str], offered: Sequence[str]
    ) -> None:
        """Show what is chosen; a reason that is being typed for the same findings stays as it is."""
        look = self._context.look
        answering = [finding for finding in chosen if answerable(finding)]
        single = chosen[0] if len(chosen) == 1 else None
        if single is not None:
            self.text.setText(self._context.messages.finding(single))
        elif chosen:
            self.text.setText(self._word("many_chosen", count=len(chosen), answerable=len(answering)))
        else:
            self.text.setText(self._word("nothing_chosen"))
        tint(self.text, look.text if chosen else look.faint)
        note = ""
        if single is not None and not answering:
            note = self._word("blocks" if single.blocks else "needless")
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.go_button.setEnabled(single is not None)
        self.edit.setEnabled(bool(answering))
        self.give_button.setEnabled(bool(answering))
        self._offer(offered if answering else (), reasons.get(single.key, "") if single else "")
        keys = tuple(finding.key for finding in chosen)
        if keys != self._shown:
            self._shown = keys
            texts = {reasons.get(finding.key, "") for finding in answering}
            self.edit.setPlainText(texts.pop() if len(texts) == 1 else "")

    def _offer(self, offered: Sequence[str], present: str) -> None:
        while (item := self._offers.takeAt(0)) is not None:
            row = item.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        self.offers = []
        for text in [text for text in offered if text != present][:_OFFERS]:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            label: QLabel = words(self._word("earlier", text=text), self._context.look, faint=True)
            button = Button(self._word("use_earlier"), self._context.look)
            button.setAccessibleDescription(text)
            button.clicked.connect(lambda _checked=False, text=text: self._use(text))
            line.addWidget(label, 1)
            line.addWidget(button)
            self._offers.addWidget(row)
            self.offers.append(button)

    def _use(self, text: str) -> None:
        self.edit.setPlainText(text)
        self.edit.setFocus()

    def give(self) -> None:
        """Write the reason into the report."""
        if self.edit.isEnabled():
            self.given.emit(clean_text(self.edit.toPlainText()))
