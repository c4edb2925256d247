"""Editors inside a table's cells: text, lists to choose from, long text; nothing half typed is lost."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from shiboken6 import isValid

from app.messages import Messages
from app.model.form import Item
from app.model.value import NUMBER_TYPES, ItemType
from ui.form.inputs import LineInput, TextInput
from ui.form.stretch import Stretch
from ui.form.table_model import TableModel
from ui.style import Look

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CHOSEN = (ItemType.CHOICE, ItemType.YES_NO, ItemType.MULTI_CHOICE)
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_OTHERS = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier | _SHIFT


class CellText(TextInput):
    """Several lines over a cell and its surroundings; grows with the cell editor, not by itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(False)


class ChoiceBox(QComboBox):
    """A list that can be typed into: labels are found by any part, other text is kept as typed."""

    def __init__(self, labels: list[str], several: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.line = LineInput(self)
        self.setLineEdit(self.line)
        self.addItems(["", *labels])
        self._several = several
        self._before = ""
        completer = QCompleter(labels, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        if not several:
            self.setCompleter(completer)
        self.activated.connect(self._picked)
        self.line.textEdited.connect(self.remember)

    def remember(self, text: str) -> None:
        """Keep in mind what a pick from the list is added to."""
        self._before = text

    def _picked(self, place: int) -> None:
        label = self.itemText(place)
        if self._several and label:
            parts = [part for part in self._before.split("、") if part]
            parts = [part for part in parts if part != label] if label in parts else [*parts, label]
            self.line.setText("、".join(parts))
        self.remember(self.line.text())


class CellDelegate(QStyledItemDelegate):
    """Makes the editor of a cell by its column's type.

    ``moved`` asks for the next cell after Enter (down) or Tab (right): (rows, columns).
    """

    moved = Signal(int, int)

    def __init__(self, messages: Messages, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._messages = messages
        self._look = look
        self._open: QWidget | None = None
        self._place = QPersistentModelIndex()
        self._start = self._sent = ""
        self._stretch = Stretch(self._send, self)

    # -------------------------------------------------------------------------------- editor
    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Give an editor that fits the column."""
        model = index.model()
        assert isinstance(model, TableModel)
        item = model.columns[index.column()]
        editor = self._make(item, parent)
        editor.setAccessibleName(f"{item.label} {index.row() + 1}")
        editor.setFont(option.font)
        self._stretch.begin()
        self._open = editor
        self._place = QPersistentModelIndex(index)
        self._start = self._sent = model.edit_text(index.row(), index.column())
        self._show(editor, self._start)
        self._listen(editor)
        for one in (editor, *editor.findChildren(QLineEdit)):
            one.installEventFilter(self)
        return editor

    def _make(self, item: Item, parent: QWidget) -> QWidget:
        if item.type in _CHOSEN:
            yes_no = [self._messages.text("window", f"table.{word}") for word in ("yes", "no")]
            labels = yes_no if item.type is ItemType.YES_NO else list(item.choices.values())
            return ChoiceBox(labels, item.type is ItemType.MULTI_CHOICE, parent)
        if item.type is ItemType.LONG_TEXT:
            return CellText(parent)
        line = LineInput(parent)
        line.setFrame(False)
        if item.type in NUMBER_TYPES:
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        if item.type is ItemType.DATE:
            line.setPlaceholderText(self._messages.text("window", "table.date_hint"))
        return line

    @staticmethod
    def _show(editor: QWidget, text: str) -> None:
        if isinstance(editor, ChoiceBox):
            editor.setCurrentIndex(max(editor.findText(text), 0))
            editor.line.setText(text)
            editor.remember(text)
            editor.line.selectAll()
        elif isinstance(editor, TextInput):
            editor.show_text(text)
            editor.selectAll()
        elif isinstance(editor, LineInput):
            editor.setText(text)
            editor.selectAll()

    def _listen(self, editor: QWidget) -> None:
        """Hand over what is typed after each pause, so that a power cut takes a second of it at most."""
        if isinstance(editor, ChoiceBox):
            editor.line.typed.connect(self._stretch.hold)
            editor.activated.connect(lambda _: self._stretch.hold(text_of(editor)))
        elif isinstance(editor, (LineInput, TextInput)):
            editor.typed.connect(self._stretch.hold)

    def _send(self, text: object, burst: str) -> None:
        model = self._place.model()
        if text != self._sent and self._place.isValid() and isinstance(model, TableModel):
            self._sent = str(text)
            model.put(self._place.row(), self._place.column(), self._sent, burst)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Leave an open editor alone: what is being typed there is newer than the draft."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take the text over, with what is half typed, if it is another than before."""
        if editor is self._open:
            self._stretch.hold(text_of(editor))
            self._stretch.settle()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Lay the editor over its cell, long text over more."""
        area = option.rect
        parent = editor.parentWidget()
        if isinstance(editor, TextInput) and parent is not None:
            area.setWidth(min(max(area.width(), self._look.space(45)), parent.width()))
            area.setHeight(min(max(editor.minimumHeight(), area.height()), parent.height()))
            area.moveRight(min(area.right(), parent.width() - 1))
            area.moveBottom(min(area.bottom(), parent.height() - 1))
        elif isinstance(editor, ChoiceBox):
            area.setWidth(max(area.width(), editor.minimumSizeHint().width()))
        editor.setGeometry(area)

    @property
    def editing(self) -> bool:
        """Tell whether an editor is open."""
        return self._open is not None and isValid(self._open)

    def take_in(self) -> None:
        """Make half-typed text part of what stands in the open editor."""
        editor = self._open
        if editor is not None and isValid(editor):
            box = editor.line if isinstance(editor, ChoiceBox) else editor
            if isinstance(box, (LineInput, TextInput)):
                box.take_in()

    def finish(self) -> None:
        """Take over what stands in the open editor, half-typed text too, and close it."""
        editor = self._open
        if editor is not None and isValid(editor):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
            self._open = None

    def destroyEditor(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """Forget the editor that is closed."""
        if editor is self._open:
            self._open = None
        super().destroyEditor(editor, index)

    # -------------------------------------------------------------------------------- keys
    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Move on after Enter and Tab; give up on Escape; leave the arrows to the editor."""
        owner = self._owner(editor)
        if owner is None:
            return False
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if step := self._step(owner, event):
                self.finish()
                self.moved.emit(*step)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._stretch.hold(self._start)
                self._stretch.settle()
                self._open = None
                self.closeEditor.emit(owner, QStyledItemDelegate.EndEditHint.NoHint)
                return True
            if owner is not editor or event.key() in _ENTER:
                return False
        if owner is not editor:
            return False
        return super().eventFilter(editor, event)

    def _owner(self, watched: QObject) -> QWidget | None:
        if self._open is None or not isValid(self._open):
            return None
        return self._open if watched is self._open or watched.parent() is self._open else None

    @staticmethod
    def _step(owner: QWidget, event: QKeyEvent) -> tuple[int, int] | None:
        if event.key() in _ENTER:
            if event.modifiers() & _OTHERS:
                return None if isinstance(owner, TextInput) else (0, 0)
            return (1, 0)
        if event.key() == Qt.Key.Key_Tab and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return (0, 1)
        return (0, -1) if event.key() == Qt.Key.Key_Backtab else None


def text_of(editor: QWidget) -> str:
    """Give the text of a cell's editor with what an input method has half typed."""
    if isinstance(editor, ChoiceBox):
        return editor.line.whole_text()
    if isinstance(editor, (LineInput, TextInput)):
        return editor.whole_text()
    return ""
