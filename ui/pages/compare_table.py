"""The table of 上年对照 under hands: keys, input methods, blocks on the clipboard."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit, QTableView


class CompareTable(QTableView):
    """A table with copy, paste and clear; a bare commit of an input method opens the editor and is kept."""

    def __init__(
        self, copy: Callable[[], None], paste: Callable[[], None], clear: Callable[[], None]
    ) -> None:
        super().__init__()
        self._acts = (copy, paste, clear)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, paste, clear; Enter edits; everything else is the table's own."""
        copy, paste, clear = self._acts
        if event.matches(QKeySequence.StandardKey.Copy):
            copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            clear()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # The editor hands its own Enter on while it is closing
            editing = self.state() == QAbstractItemView.State.EditingState
            if not editing and self.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable:
                self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Keep words that an input method commits without showing them first: Qt opens the editor only."""
        closed = self.state() != QAbstractItemView.State.EditingState
        bare = bool(event.commitString()) and not event.preeditString()
        if bare and closed and self.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(self.currentIndex())
            editor = QApplication.focusWidget()
            if isinstance(editor, QLineEdit) and self.isAncestorOf(editor):
                editor.selectAll()
                QApplication.sendEvent(editor, event)
                return
        super().inputMethodEvent(event)


def read_block(text: str) -> list[list[str]]:
    """Read what a table program put on the clipboard: lines of cells divided by tabs, quoted where needed."""
    return [row for row in csv.reader(text.splitlines(keepends=True), delimiter="\t") if row]


def write_block(lines: Sequence[Sequence[str]]) -> str:
    """Write cells as table programs read them from the clipboard."""
    return "\n".join("\t".join(_quoted(text) for text in line) for line in lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in '\t\n"') else text
