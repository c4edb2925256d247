"""与退回的那一份相比: what was corrected since the report was returned, and which marks are still open."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.services.corrections import CorrectionLine, Corrections, MarkAnswer
from app.services.timing import show_moment
from ui.context import PageContext
from ui.parts import Button, Card, heading, words

_MOST = 40
"""Corrections shown at once; the others are counted."""


class CorrectionsCard(Card):
    """The draft as it stands held against the returned revision; not shown where nothing was returned."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.look)
        self._context = context
        self.lines: list[QWidget] = []
        self.hide()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"corrections.{key}", **params)

    def show_corrections(self, found: Corrections | None) -> None:
        """Show what was corrected."""
        while (item := self.column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.lines = []
        self.setVisible(found is not None)
        if found is None:
            return
        look = self._context.look
        count = len(found.lines)
        self.column.addWidget(heading(self._word("title" if count else "title_same", count=count), look, 12))
        self.column.addWidget(words(self._word("since", at=show_moment(found.at)), look, faint=True))
        for mark in found.marks:
            self._add(self._mark_line(mark), mark.mark.path, mark.mark.text)
        if count:
            self.column.addWidget(heading(self._word("changes"), look, 11))
        for line in found.lines[:_MOST]:
            self._add(self._line(line), line.path, line.place)
        if count > _MOST:
            self.column.addWidget(words(self._word("more", count=count - _MOST), look, faint=True))

    def _mark_line(self, answer: MarkAnswer) -> QWidget:
        look = self._context.look
        key = {True: "mark_corrected", False: "mark_same", None: "mark_unknown"}[answer.corrected]
        colour = {True: look.good, False: look.warning, None: look.text}[answer.corrected]
        state = self._context.messages.text("words", f"correction.{key}")
        return words(self._word("mark", text=answer.mark.text, state=state), look, colour=colour)

    def _line(self, line: CorrectionLine) -> QWidget:
        key = "line" if line.before and line.after else "line_new" if line.after else "line_gone"
        if not line.before and not line.after:
            key = "line_bare"
        text = self._word(key, place=line.place, kind=line.kind, before=line.before, after=line.after)
        return words(text, self._context.look)

    def _add(self, text: QWidget, path: str, about: str) -> None:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(self._context.look.space(2), 0, 0, 0)
        row.addWidget(text, 1)
        if path:
            button = Button(self._word("go_to"), self._context.look)
            button.setAccessibleName(f"{self._word('go_to')}：{about}")
            button.clicked.connect(lambda _checked=False: self._context.go("draft", path))
            row.addWidget(button)
        self.column.addWidget(holder)
        self.lines.append(holder)
