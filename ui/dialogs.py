"""Small dialogs, and the one seam through which the system's file dialogs are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.context import PageContext
from ui.parts import Button, words

Picker: TypeAlias = Callable[[QWidget, str, str], Path | None]
"""(parent, title, filter) -> the chosen path; an empty filter asks for a folder."""


class Dialog(QDialog):
    """A dialog in the look of the window: content in ``column``, buttons in a row at its foot."""

    def __init__(self, parent: QWidget, context: PageContext, title: str) -> None:
        super().__init__(parent)
        self._look = look = context.look
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(*(look.space(2.5),) * 4)
        whole.setSpacing(look.space(2))
        self.column = QVBoxLayout()
        self.column.setSpacing(look.space(1.25))
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(look.space(1))
        self.buttons.addStretch(1)
        whole.addLayout(self.column, 1)
        whole.addLayout(self.buttons)

    def fit(self, width: float, height: float) -> None:
        """Take a size in units of the look, never more than the screen has."""
        screen = self.screen().availableGeometry()
        look = self._look
        self.resize(
            min(look.space(width), screen.width() - 40), min(look.space(height), screen.height() - 60)
        )

    def add_buttons(self, buttons: Sequence[Button]) -> None:
        """Put buttons at the foot, the one that is meant last."""
        for button in buttons:
            self.buttons.addWidget(button)
        buttons[-1].setDefault(True)


def ask(parent: QWidget, context: PageContext, text: str, yes: str, no: str) -> bool:
    """Ask where work could be lost; Escape and the safe answer are the same."""
    dialog = Dialog(parent, context, context.messages.text("window", "shell.name"))
    dialog.column.addWidget(words(text, context.look))
    going, staying = Button(yes, context.look), Button(no, context.look, primary=True)
    going.clicked.connect(dialog.accept)
    staying.clicked.connect(dialog.reject)
    dialog.add_buttons((going, staying))
    dialog.setMinimumWidth(context.look.space(50))
    return dialog.exec() == QDialog.DialogCode.Accepted


def pick(parent: QWidget, title: str, kinds: str) -> Path | None:
    """Ask for a file (or, without kinds, a folder) with the system's dialog."""
    if not kinds:
        folder = QFileDialog.getExistingDirectory(parent, title)
        return Path(folder) if folder else None
    file, _ = QFileDialog.getOpenFileName(parent, title, "", kinds)
    return Path(file) if file else None
