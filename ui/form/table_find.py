"""Finding a text in a table: a line above the grid, forwards and back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QTableView, QToolButton, QWidget

from app.messages import Messages
from app.rules.identity import plain_name
from ui.form.table_model import TableModel
from ui.style import Look


class FindLine(QWidget):
    """Looks for a text in the shown rows; Enter goes on, Shift+Enter back, Escape closes."""

    def __init__(
        self, grid: QTableView, model: TableModel, messages: Messages, look: Look, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._grid = grid
        self._model = model
        self._messages = messages
        self.line = QLineEdit()
        self.line.setPlaceholderText(self._text("find_hint"))
        self.line.setAccessibleName(self._text("find"))
        self.place = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space(0.75))
        row.addWidget(self.line, 1)
        for code, act in (
            ("find_next", self.next),
            ("find_previous", self.previous),
            ("find_close", self.close_line),
        ):
            button = QToolButton()
            button.setText(self._text(code))
            button.setAccessibleName(self._text(code))
            button.clicked.connect(act)
            row.addWidget(button)
        row.addWidget(self.place)
        self.line.textChanged.connect(lambda _: self._go(0))
        self.hide()

    def _text(self, code: str, **params: object) -> str:
        return self._messages.text("window", f"table.{code}", **params)

    def open(self) -> None:
        """Show the line, ready to type."""
        self.show()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def close_line(self) -> None:
        """Hide the line and go back to the cells."""
        self.hide()
        self._grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def next(self) -> None:
        """Go to the next place after the cursor, round the end."""
        self._go(1)

    def previous(self) -> None:
        """Go to the place before the cursor, round the start."""
        self._go(-1)

    def _go(self, step: int) -> None:
        wanted = plain_name(self.line.text())
        places = self._places(wanted) if wanted else []
        if not places:
            self.place.setText(self._text("find_none") if wanted else "")
            return
        current = self._grid.currentIndex()
        here = (current.row(), current.column())
        if step < 0:
            at = max((n for n, place in enumerate(places) if place < here), default=len(places) - 1)
        else:
            at = next(
                (n for n, place in enumerate(places) if place > here or (not step and place == here)), 0
            )
        self._grid.setCurrentIndex(self._model.index(*places[at]))
        self.place.setText(self._text("find_place", number=at + 1, count=len(places)))

    def _places(self, wanted: str) -> list[tuple[int, int]]:
        columns, rows = range(self._model.columnCount()), self._model.rows
        return [
            (row, column)
            for row in rows.holding(wanted)
            for column in columns
            if wanted in plain_name(rows.text(row, column))
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, Shift+Enter back, Escape closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_line()
        else:
            super().keyPressEvent(event)
