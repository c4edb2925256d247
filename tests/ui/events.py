"""What a person does that QTest has no key for: composed text, and the clipboard of another program."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget


def compose(target: QWidget, preedit: str, commit: str = "") -> None:
    """Send what an input method sends: half-typed text first where there is one, then what was chosen."""
    if preedit:
        QApplication.sendEvent(target, QInputMethodEvent(preedit, []))
        target = QApplication.focusWidget() or target
    if commit:
        event = QInputMethodEvent()
        event.setCommitString(commit)
        QApplication.sendEvent(target, event)


def put_on_clipboard(text: str, html: str = "") -> None:
    """Put cells on the clipboard as Excel does: plain text, and the same as HTML."""
    data = QMimeData()
    data.setText(text)
    if html:
        data.setHtml(html)
    QGuiApplication.clipboard().setMimeData(data)
