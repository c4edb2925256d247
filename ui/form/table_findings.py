"""The line below a table: what was found in the current row, and the reasons for it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.model.finding import Finding
from ui.draft_model import DraftModel
from ui.form.editors import Kit
from ui.form.finding_line import FindingLine
from ui.form.inputs import LineInput
from ui.form.table_model import TableModel


class RowFindings(QScrollArea):
    """Findings of one row, gravest first; made anew only when they are others."""

    def __init__(self, model: TableModel, draft: DraftModel, kit: Kit, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._draft = draft
        self._kit = kit
        self._shown: tuple[object, ...] = ("nothing yet",)
        self.lines: list[FindingLine] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(kit.look.space(0.5))
        self._column.addWidget(self.verdict)
        self.setWidget(self._body)
        # One height for all rows: the grid above must not jump while the cursor moves
        line = LineInput().sizeHint().height() + self.fontMetrics().lineSpacing()
        self.setFixedHeight(line + kit.look.space(2) + self.fontMetrics().lineSpacing())
        self._column.addStretch(1)
        self.show_row("")

    def show_row(self, row_id: str) -> None:
        """Show what was found in a row; nothing is rebuilt while the same findings stand."""
        row = self._model.rows.find(row_id) if row_id else -1
        findings = self._model.rows.findings(row) if row >= 0 else []
        shown = (row_id, self._model.rows.position(row) if row >= 0 else -1, *map(_sameness, findings))
        if shown == self._shown:
            for line in self.lines:
                line.refresh()
            return
        self.settle()
        if self._shown == shown:
            return  # settling a reason has come back here
        self._shown = shown
        self._rebuild(row, findings)

    def _rebuild(self, row: int, findings: list[Finding]) -> None:
        for line in self.lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = [FindingLine(finding, self._draft, self._kit, self._body) for finding in findings]
        last: QWidget = self
        for line in self.lines:
            self._column.insertWidget(self._column.count() - 1, line)
            last = line.follow(last)
        words = self._kit.messages
        number = self._model.rows.position(row) + 1 if row >= 0 else 0
        if row < 0:
            self.verdict.setText(words.text("window", "table.row_none"))
        else:
            self.verdict.setText(words.text("window", "table.row_good", row=number))
        self.verdict.setVisible(not self.lines)
        self.setAccessibleName(words.text("window", "table.row_name", row=number) if number else "")

    def settle(self) -> None:
        """Hand over reasons being typed."""
        for line in self.lines:
            line.settle()


def _sameness(finding: Finding) -> object:
    return (finding.key, finding.severity, finding.message, tuple(finding.params.items()))
