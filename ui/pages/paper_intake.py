"""导入平台报告: what was found about the file, the differences page by page, and the clerk's decision."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.model.value import clean_text
from app.services.taking import Answer, Look
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.pages.finding_reason import ReasonEdit
from ui.pages.pdf_view import PdfView
from ui.parts import Button, words


class IntakeDialog(Dialog):
    """Shows a report that is not plainly right.  ``text`` is the reason that the clerk wrote."""

    def __init__(self, parent: QWidget, context: PageContext, look: Look) -> None:
        super().__init__(parent, context, context.messages.text("window", "paper.intake.title"))
        self._context, self.found = context, look
        style = context.look
        wrong = look.wrong
        self.column.addWidget(
            words(self._word("wrong" if wrong else "doubtful", name=look.found.name), style)
        )
        self.column.addLayout(self._answers())
        self.differences = QListWidget()
        self.differences.setWordWrap(True)
        self.differences.setAlternatingRowColors(True)
        self.differences.setAccessibleName(self._word("differences"))
        for one, place in zip(look.found.differences, look.places, strict=True):
            key = "difference_read" if one.read else "difference"
            item = QListWidgetItem(
                self._word(key, page=one.page or "？", place=place, expected=one.expected, read=one.read)
            )
            item.setData(Qt.ItemDataRole.UserRole, one.page)
            self.differences.addItem(item)
        self.differences.currentRowChanged.connect(self._show_page)
        self.view = PdfView(context)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        self.heading = words(self._word("differ", count=len(look.found.differences)), style)
        column.addWidget(self.heading)
        column.addWidget(self.differences, 1)
        left.setVisible(bool(look.found.differences))
        self.body = QSplitter(Qt.Orientation.Horizontal)
        self.body.addWidget(left)
        self.body.addWidget(self.view)
        self.body.setStretchFactor(1, 1)
        self.body.setChildrenCollapsible(False)
        self.body.setSizes([style.space(42), style.space(60)])
        self.column.addWidget(self.body, 1)
        self.reason = ReasonEdit()
        self.reason.setAccessibleName(self._word("reason"))
        self.reason.setPlaceholderText(self._word("reason"))
        self.reason.setMaximumHeight(self.reason.fontMetrics().lineSpacing() * 4)
        self.reason.setVisible(wrong)
        self.seen = QCheckBox(self._word("seen"))
        self.seen.setVisible(not wrong)
        self.column.addWidget(self.reason)
        self.column.addWidget(self.seen)
        self.take_button = Button(self._word("take_anyway" if wrong else "take"), style)
        self.leave_button = Button(self._word("leave"), style, primary=True)
        self.take_button.setEnabled(False)
        self.take_button.clicked.connect(self.accept)
        self.leave_button.clicked.connect(self.reject)
        self.reason.textChanged.connect(lambda: self.take_button.setEnabled(bool(self.text)))
        self.seen.toggled.connect(self.take_button.setEnabled)
        self.add_buttons((self.take_button, self.leave_button))
        self.view.opened.connect(lambda: self._show_page(self.differences.currentRow()))
        self.view.show_pdf(look.file)
        if look.found.differences:
            self.differences.setCurrentRow(0)
        self.fit(126, 84)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.intake.{key}", **params)

    def _answers(self) -> QFormLayout:
        found, style = self.found.found, self._context.look
        form = QFormLayout()
        form.setHorizontalSpacing(style.space(2))
        questions = {
            "watermarked": (found.watermarked, ()),
            "draft": (_turned(found.says_draft), found.draft),
            "year": (found.year, ()),
            "agrees": (found.agrees, ()),
        }
        colours = {Answer.YES: style.good, Answer.NO: style.error, Answer.UNKNOWN: style.warning}
        self.answers = {}
        for key, (answer, pages) in questions.items():
            text = self._word(
                f"{key}_{answer.value}",
                pages="、".join(map(str, pages[:8])),
                years="、".join(map(str, found.years)) or "？",
            )
            self.answers[key] = words(text, style, colour=colours[answer])
            form.addRow(self._word(key), self.answers[key])
        return form

    @property
    def text(self) -> str:
        """Give the reason as it is kept."""
        return clean_text(self.reason.toPlainText())

    def _show_page(self, row: int) -> None:
        item = self.differences.item(row) if row >= 0 else None
        page = item.data(Qt.ItemDataRole.UserRole) if item is not None else 0
        if page:
            self.view.show_page(int(page) - 1)


def _turned(answer: Answer) -> Answer:
    """Give the answer to «is it free of 草稿»."""
    return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(answer, answer)
