"""参考自评: points line by line, off until switched on in 设置, always marked 非官方."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.rules.score import Score, score
from app.services.scoring import tell_points, tell_score
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.draft_model import DraftModel
from ui.parts import Button, heading, scrolled, words


class ScoreButton(Button):
    """Opens the self-score; seen where it is switched on, or the programme means it to be used."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.messages.text("window", "checks.score"), context.look)
        self._context = context
        self._model: DraftModel | None = None
        self.clicked.connect(self._open)
        self.hide()

    def show_draft(self, model: DraftModel | None) -> None:
        """Belong to another report."""
        self._model = model
        profile = model.session.programme.score if model is not None else None
        on = self._context.settings.get("self_score", False) is True
        self.setVisible(profile is not None and (on or profile.enabled))

    def _open(self) -> None:
        if self._model is None:
            return
        self._model.settle()
        session = self._model.session
        found = score(session.programme, session.view)
        if found is not None:
            SelfScoreDialog(self, self._context, found).open()


class SelfScoreDialog(Dialog):
    """The score of a report as it stands: the whole, vetoes, each line with its points and advice."""

    def __init__(self, parent: QWidget, context: PageContext, found: Score) -> None:
        self._context = context
        super().__init__(parent, context, self._word("score_title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = context.look
        self.total = words(tell_score(found, context.messages), look)
        self.total.setFont(look.font(bold=True))
        self.column.addWidget(self.total)
        for veto in found.vetoes:
            text = context.messages.text("replies", "veto", label=veto)
            self.column.addWidget(words(text, look, colour=look.error))
        self.column.addWidget(words(self._word("score_note"), look, faint=True))
        self.column.addWidget(scrolled(self._table(found)), 1)
        close = Button(self._word("score_close"), look, primary=True)
        close.clicked.connect(self.accept)
        self.add_buttons((close,))
        self.fit(100, 80)

    def _word(self, key: str) -> str:
        return self._context.messages.text("window", f"checks.{key}")

    def _table(self, found: Score) -> QWidget:
        look = self._context.look
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, look.space(1), 0)
        grid.setHorizontalSpacing(look.space(2))
        grid.setVerticalSpacing(look.space(0.75))
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(2, 5)
        group, at = "", 0
        for line in found.lines:
            if line.line.group != group:
                group = line.line.group
                grid.addWidget(heading(group, look, 11), at, 0, 1, 3)
                at += 1
            full = line.points is not None and line.missing <= 0
            colour = look.good if full else look.faint if line.points is None else look.text
            points = words(tell_points(line, self._context.messages), look, colour=colour)
            points.setWordWrap(False)
            grid.addWidget(words(line.line.label, look), at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(points, at, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words("" if full else line.line.advice, look, faint=True), at, 2)
            at += 1
        grid.setRowStretch(at, 1)
        return holder
