"""Boxes for typing that lose nothing of an input method and leave undo to the report.

Qt throws half-typed text away when a box loses the focus and no input method answers, and its own undo
knows one box only.  Here half-typed text is taken in, and the undo keys are left to the page.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

_PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


def is_undo_key(event: QEvent) -> bool:
    """Tell whether a key event asks for undo or redo."""
    return isinstance(event, QKeyEvent) and (
        event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    )


def is_passing(event: QFocusEvent) -> bool:
    """Tell whether the focus only goes to a menu or another window and will come back."""
    return event.reason() in _PASSING


def with_preedit(text: str, place: int, preedit: str) -> str:
    """Give a text with what is half typed at the cursor, which Qt counts in UTF-16 units."""
    if not preedit:
        return text
    head = text.encode("utf-16-le")[: 2 * place].decode("utf-16-le", "ignore")
    return head + preedit + text[len(head) :]


def commit_preedit(widget: QWidget, preedit: str) -> None:
    """Turn half-typed text into text as it stands, and have the input method forget it.

    Asked to commit, ibus throws it away instead; so it is taken first, and the input method only reset.
    """
    if not preedit:
        return
    event = QInputMethodEvent()
    event.setCommitString(preedit)
    QApplication.sendEvent(widget, event)
    QApplication.inputMethod().reset()


class Dropped:
    """What an input method has just thrown away, for as long as the same act goes on.

    Before the focus goes to another window Qt has ibus commit, which drops the half-typed text; only then
    the box hears of it.  A text that the user gave up himself is forgotten with the next turn of the loop.
    """

    def __init__(self, owner: QWidget) -> None:
        self._owner = owner
        self.text = ""

    def note(self, before: str, event: QInputMethodEvent) -> None:
        """Note an event: ``before`` stood half-typed until now."""
        self.text = "" if event.preeditString() or event.commitString() else before
        if self.text:
            QTimer.singleShot(0, self._owner, self._forget)

    def _forget(self) -> None:
        self.text = ""


class LineInput(QLineEdit):
    """One line.  ``typed`` after each of the user's changes, half-typed text included.

    ``entered`` before the focus comes; ``paused`` when it goes anywhere; ``left`` when it goes for good.
    """

    typed = Signal(str)
    entered = Signal()
    paused = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preedit = ""
        self._dropped = Dropped(self)
        self.textEdited.connect(self._tell)

    def _tell(self) -> None:
        self.typed.emit(self.whole_text())

    def whole_text(self) -> str:
        """Give the text with what is half typed at its place."""
        return with_preedit(self.text(), self.cursorPosition(), self.preedit)

    def take_in(self) -> None:
        """Make half-typed text part of the text."""
        commit_preedit(self, self.preedit or self._dropped.text)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember what is half typed."""
        before, self.preedit = self.preedit, event.preeditString()
        self._dropped.note(before, event)
        super().inputMethodEvent(event)
        if before != self.preedit and not event.commitString():
            self._tell()

    def event(self, event: QEvent) -> bool:
        """Leave the undo keys to the page; take half-typed text in before the focus goes."""
        if event.type() is QEvent.Type.ShortcutOverride and is_undo_key(event):
            event.ignore()
            return False
        if event.type() is QEvent.Type.FocusAboutToChange:
            self.take_in()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the undo keys to the page."""
        if is_undo_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say that a stay begins, before anything is selected."""
        if not is_passing(event):
            self.entered.emit()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take in half-typed text and say that the stay is interrupted or over."""
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.take_in()
        super().focusOutEvent(event)
        self.paused.emit()
        if not is_passing(event):
            self.left.emit()


class TextInput(QPlainTextEdit):
    """Several lines, growing with their text; signals as ``LineInput``."""

    typed = Signal(str)
    entered = Signal()
    paused = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preedit = ""
        self._dropped = Dropped(self)
        self._lines = (4, 14)
        self._growing = False
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self.textChanged.connect(self._tell)
        self._grow()

    def _grow(self) -> None:
        if self._growing:
            return  # a new height or a scroll bar lays the text out again, which comes back here
        self._growing = True
        least, most = self._lines
        needed = self._count_lines(most + 1)
        lines = min(max(needed, least), most)
        # A scroll bar that comes and goes while the box grows would break the lines anew each time
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if needed > most else policy.ScrollBarAlwaysOff
        )
        frame = 2 * (self.frameWidth() + int(self.document().documentMargin()))
        height = lines * self.fontMetrics().lineSpacing() + frame
        if self.minimumHeight() != height:
            self.setMinimumHeight(height)
            self.setMaximumHeight(height)
        self._growing = False

    def _count_lines(self, most: int) -> int:
        """Count lines up to a number.

        The document's own size counts a paragraph that is out of sight as one line, so it would go up and
        down with the height that is made from it.
        """
        layout, block, lines = self.document().documentLayout(), self.document().firstBlock(), 0
        while block.isValid() and lines < most:
            layout.blockBoundingRect(block)  # breaks the paragraph into lines
            lines += max(block.layout().lineCount(), 1)
            block = block.next()
        return lines

    def _tell(self) -> None:
        self.typed.emit(self.whole_text())

    def show_text(self, text: str) -> None:
        """Show another text, the cursor staying about where it was, without a signal."""
        place = self.textCursor().position()
        self.blockSignals(True)
        self.setPlainText(text)
        self.blockSignals(False)
        cursor = self.textCursor()
        cursor.setPosition(min(place, len(self.toPlainText())), QTextCursor.MoveMode.MoveAnchor)
        self.setTextCursor(cursor)
        self._grow()

    def whole_text(self) -> str:
        """Give the text with what is half typed at its place."""
        return with_preedit(self.toPlainText(), self.textCursor().position(), self.preedit)

    def take_in(self) -> None:
        """Make half-typed text part of the text."""
        commit_preedit(self, self.preedit or self._dropped.text)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember what is half typed."""
        before, self.preedit = self.preedit, event.preeditString()
        self._dropped.note(before, event)
        super().inputMethodEvent(event)
        if before != self.preedit and not event.commitString():
            self._tell()

    def event(self, event: QEvent) -> bool:
        """As a ``LineInput``; a new font needs new heights."""
        if event.type() is QEvent.Type.ShortcutOverride and is_undo_key(event):
            event.ignore()
            return False
        if event.type() is QEvent.Type.FocusAboutToChange:
            self.take_in()
        done = super().event(event)
        if event.type() is QEvent.Type.FontChange:
            self._grow()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks the text into more or fewer lines."""
        super().resizeEvent(event)
        self._grow()
        QTimer.singleShot(0, self, self._grow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the undo keys to the page."""
        if is_undo_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say that a stay begins."""
        if not is_passing(event):
            self.entered.emit()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take in half-typed text and say that the stay is interrupted or over."""
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.take_in()
        super().focusOutEvent(event)
        self.paused.emit()
        if not is_passing(event):
            self.left.emit()


class ListInput(QComboBox):
    """A drop-down list that a turning wheel never changes: scrolling the page must not answer questions."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()
