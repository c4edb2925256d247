"""One finding below its item: sign and word, what is wrong, and a line for a written reason."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.model.draft import with_reason
from app.model.finding import Finding, Severity
from app.model.value import clean_text
from ui.draft_model import DraftModel
from ui.form.editors import Kit
from ui.form.inputs import LineInput
from ui.form.stretch import Stretch
from ui.style import Look


def severity_colour(look: Look, severity: Severity) -> QColor:
    """Give the colour of a severity."""
    return {Severity.ERROR: look.error, Severity.WARNING: look.warning, Severity.INFO: look.info}[severity]


def tint(widget: QWidget, colour: QColor) -> None:
    """Write a widget's words in a colour."""
    palette = QPalette(widget.palette())
    if palette.color(QPalette.ColorRole.WindowText) != colour:
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        widget.setPalette(palette)


def tint_button(button: QWidget, colour: QColor) -> None:
    """Write a quiet button's words in a colour."""
    palette = QPalette(button.palette())
    palette.setColor(QPalette.ColorRole.ButtonText, colour)
    button.setPalette(palette)


class FindingLine(QWidget):
    """Shows a finding; errors and warnings that do not block can be answered in writing."""

    def __init__(self, finding: Finding, model: DraftModel, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self._model = model
        self._kit = kit
        self.sign = QLabel()
        self.words = QLabel(kit.messages.finding(finding))
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(kit.look.space(0.5))
        column.addWidget(self.words)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(kit.look.space())
        layout.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column, 1)
        self.reason: LineInput | None = None
        self._stretch = Stretch(self._send, self)
        if finding.severity is not Severity.INFO and not finding.blocks:
            self.reason = self._make_reason(column)
        self.refresh()

    def _make_reason(self, column: QVBoxLayout) -> LineInput:
        line = LineInput()
        line.setPlaceholderText(self._kit.text("reason_placeholder"))
        line.setAccessibleName(self._kit.text("reason_name", message=self.words.text()))
        line.typed.connect(self._stretch.hold)
        line.entered.connect(self._stretch.begin)
        line.paused.connect(self._stretch.settle)
        column.addWidget(line)
        return line

    def refresh(self) -> None:
        """Show sign, word and reason as they stand in the report."""
        written = self._model.answers.reasons.get(self.finding.key, "")
        answered = bool(written.strip()) and not self.finding.blocks
        severity = self.finding.severity
        if self.sign.text() != (text := self._kit.text("answered" if answered else f"sign_{severity.value}")):
            self.sign.setText(text)
        look = self._kit.look
        tint(self.sign, look.good if answered else severity_colour(look, severity))
        line = self.reason
        if line is not None and not self._stretch.waiting and clean_text(line.whole_text()) != written:
            line.setText(written)

    def follow(self, last: QWidget) -> QWidget:
        """Let Tab come here after another part, and give the part that the next one follows."""
        if self.reason is None:
            return last
        QWidget.setTabOrder(last, self.reason)
        return self.reason

    def settle(self) -> None:
        """Hand over what was typed."""
        if self.reason is not None:
            self.reason.take_in()
        self._stretch.settle()

    def _send(self, text: object, burst: str) -> None:
        answers = with_reason(self._model.answers, self.finding.key, clean_text(str(text)))
        self._model.change(answers, self._kit.text("undo_reason"), burst)
