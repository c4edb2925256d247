"""What is said of an item beside its findings: a reviewer's words, last year's content, not as printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.rules.signs import Remark
from ui.draft_model import DraftModel
from ui.form.editors import Kit
from ui.form.finding_line import tint
from ui.parts import Button

MOST_REMARKS = 4
"""With more remarks than this at one place the rest are only counted; the page 上报 shows all."""


class ItemSigns(QWidget):
    """Lines of words, hidden while there are none.  They are made anew only when they are others."""

    def __init__(self, model: DraftModel, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._kit = model, kit
        self._shown: tuple[tuple[str, bool], ...] = ()
        self._waiting: frozenset[str] = frozenset()
        self.confirm: Button | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(kit.look.space(0.5))
        self.lines: list[QLabel] = []
        self.hide()

    def refresh(
        self, remarks: Sequence[Remark], changed: str = "", waiting: frozenset[str] = frozenset()
    ) -> None:
        """Show remarks; in ``changed`` the words that say since when the item is another; what is
        ``waiting`` (addresses) to be confirmed, with the button that does it."""
        self._show_lines(remarks, changed)
        if waiting != self._waiting:
            self._waiting = waiting
            self._show_confirm()
        self.setVisible(bool(self._shown or self._waiting))

    def _show_confirm(self) -> None:
        if self.confirm is None:
            self.confirm = Button(self._kit.text("confirm"), self._kit.look)
            self.confirm.clicked.connect(self._confirm)
            words = QLabel(self._kit.text("unconfirmed"))
            words.setWordWrap(True)
            tint(words, self._kit.look.warning)
            self._offer = QWidget(self)
            row = QHBoxLayout(self._offer)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(words, 1)
            row.addWidget(self.confirm)
            self._column.addWidget(self._offer)
        self._offer.setVisible(bool(self._waiting))

    def _confirm(self) -> None:
        answers = self._model.answers
        left = replace(answers, unconfirmed=answers.unconfirmed - self._waiting)
        self._model.change(left, self._kit.text("undo_confirm"))

    def _show_lines(self, remarks: Sequence[Remark], changed: str) -> None:
        shown = tuple((self._word(one), True) for one in remarks[:MOST_REMARKS])
        if len(remarks) > MOST_REMARKS:
            shown += ((self._kit.text("remark_more", count=len(remarks) - MOST_REMARKS), True),)
        if changed:
            shown += ((changed, False),)
        if shown == self._shown:
            return
        self._shown = shown
        for line in self.lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        look = self._kit.look
        self.lines = []
        for text, grave in shown:
            self.lines.append(self._line(text, look.error if grave else look.info))

    def _line(self, text: str, colour: QColor) -> QLabel:
        line = QLabel(text)
        line.setWordWrap(True)
        line.setTextFormat(Qt.TextFormat.PlainText)
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        tint(line, colour)
        self._column.insertWidget(len(self.lines), line)
        return line

    def _word(self, remark: Remark) -> str:
        page = self._kit.text("remark_page", page=remark.page) if remark.page else ""
        place = "，".join(part for part in (self._place(remark), page) if part)
        code = "remark_at" if place else "remark"
        who = remark.who or self._kit.text("remark_nobody")
        date = f"{remark.at.month}月{remark.at.day}日"
        return self._kit.text(code, who=who, date=date, place=place, text=remark.text)

    def _place(self, remark: Remark) -> str:
        """Give row and column in words: a bundle knows rows by their position, the draft by their ids."""
        table_id, _, rest = remark.path.partition("/")
        row_id, _, column_id = rest.partition("/")
        table = self._model.session.programme.form.tables.get(table_id)
        if table is None or not row_id:
            return ""
        ids = [row.id for row in self._model.session.view.rows(table_id)]
        position = row_id.lstrip("#r")
        if row_id in ids:
            position = str(ids.index(row_id) + 1)
        words = self._kit.text("remark_row", row=position) if position.isdigit() else ""
        column = next((one.label for one in table.columns if one.id == column_id), "")
        return words + (self._kit.text("remark_column", column=column) if column else "")
