"""What is said of an item beside its findings: a reviewer's words, last year's content, not as printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.rules.signs import Remark
from ui.draft_model import DraftModel
from ui.form.editors import Kit
from ui.form.finding_line import tint
from ui.parts import Button

MOST_REMARKS = 4
"""With more remarks than this at one place the rest are only counted; the page 上报 shows all."""

_NOTHING: frozenset[str] = frozenset()


class ItemSigns(QWidget):
    """Lines of words, and a button where content of last year waits to be confirmed.  Never changes."""

    def __init__(
        self, model: DraftModel, kit: Kit, lines: Sequence[tuple[str, bool]], waiting: frozenset[str]
    ) -> None:
        super().__init__()
        self._model, self._kit, self._waiting = model, kit, waiting
        look = kit.look
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space(0.5))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.lines = [self._line(text, look.error if grave else look.info) for text, grave in lines]
        for line in self.lines:
            self._column.addWidget(line)
        self.confirm: Button | None = self._make_confirm() if waiting else None

    def _line(self, text: str, colour: QColor) -> QLabel:
        line = QLabel(text)
        line.setWordWrap(True)
        line.setTextFormat(Qt.TextFormat.PlainText)
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        tint(line, colour)
        return line

    def _make_confirm(self) -> Button:
        button = Button(self._kit.text("confirm"), self._kit.look)
        button.setAccessibleDescription(self._kit.text("unconfirmed"))
        button.clicked.connect(self._confirm)
        row = QHBoxLayout()
        row.setSpacing(self._kit.look.space(1.5))
        row.addWidget(button)
        row.addWidget(self._line(self._kit.text("unconfirmed"), self._kit.look.warning), 1)
        self._column.addLayout(row)
        return button

    def _confirm(self) -> None:
        answers = self._model.answers
        left = replace(answers, unconfirmed=answers.unconfirmed - self._waiting)
        self._model.change(left, self._kit.text("undo_confirm"))


class SignsPlace:
    """Where an item's signs stand in a layout; they are made anew only when they are others.

    ``index()``: the place in the layout.  ``signs``: what is shown, or None.
    """

    def __init__(self, model: DraftModel, kit: Kit, layout: QVBoxLayout, index: Callable[[], int]) -> None:
        self._model, self._kit = model, kit
        self._layout, self._index = layout, index
        self._shown: tuple[object, ...] = ((), _NOTHING)
        self.signs: ItemSigns | None = None

    def refresh(
        self, remarks: Sequence[Remark], changed: str = "", waiting: frozenset[str] = _NOTHING
    ) -> None:
        """Show remarks, the words ``changed`` that say since when the item is another, and the addresses
        ``waiting`` to be confirmed."""
        if not (remarks or changed or waiting) and self.signs is None:
            return
        lines = [(self._word(one), True) for one in remarks[:MOST_REMARKS]]
        if len(remarks) > MOST_REMARKS:
            lines.append((self._kit.text("remark_more", count=len(remarks) - MOST_REMARKS), True))
        if changed:
            lines.append((changed, False))
        shown = (tuple(lines), waiting)
        if shown == self._shown:
            return
        self._shown = shown
        self.remove()
        if lines or waiting:
            self.signs = ItemSigns(self._model, self._kit, lines, waiting)
            self._layout.insertWidget(self._index(), self.signs)

    def remove(self) -> None:
        """Take the signs away."""
        if self.signs is not None:
            self._layout.removeWidget(self.signs)
            self.signs.hide()
            self.signs.deleteLater()
            self.signs = None

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
