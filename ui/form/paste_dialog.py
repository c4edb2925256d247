"""Before a block is pasted: which columns it fills, what every cell becomes, what should be known first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.messages import Messages
from app.model.finding import Severity
from app.model.form import Table
from app.model.value import NUMBER_TYPES
from app.services.pasting import Options, Problem, Proposal
from app.services.pasting_cells import Cell
from ui.form.table_edits import is_typed
from ui.form.table_grid import quiet_palette
from ui.form.table_header import HeadingRow
from ui.form.table_model import blend, heading, typing_text
from ui.form.table_signs import make_signs
from ui.style import Look

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_NOWHERE = QModelIndex()


class PreviewModel(QAbstractTableModel):
    """The block as it would stand in the table: headings grey, refused cells struck, changed ones tinted."""

    def __init__(self, table: Table, messages: Messages, look: Look) -> None:
        super().__init__()
        self._table = table
        self._messages = messages
        self._look = look
        self.proposal: Proposal | None = None
        self._marks: dict[tuple[int, int], Severity] = {}

    def show_proposal(self, proposal: Proposal) -> None:
        """Show another proposal."""
        self.beginResetModel()
        self.proposal = proposal
        self._marks = {}
        for problem in reversed(proposal.problems):
            for place in problem.places:
                self._marks[place] = problem.severity
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Give the number of rows of the block."""
        return 0 if parent.isValid() or self.proposal is None else len(self.proposal.block.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Give the number of columns of the block."""
        return 0 if parent.isValid() or self.proposal is None else self.proposal.block.width

    def _cell(self, row: int, column: int) -> Cell | None:
        assert self.proposal is not None
        place = row - self.proposal.heading
        if place < 0 or place >= len(self.proposal.cells) or not self.proposal.targets[column]:
            return None
        return self.proposal.cells[place][column]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Give one aspect of a cell of the preview."""
        if self.proposal is None:
            return None
        row, column = index.row(), index.column()
        if role == Role.DisplayRole:
            return self._shown(row, column)
        if role == Role.BackgroundRole:
            mark = self._marks.get((row, column))
            if mark is None:
                return self._look.raised if self._cell(row, column) is None else None
            return blend(getattr(self._look, mark.value), self._look.surface, 0.16)
        if role == Role.ForegroundRole:
            cell = self._cell(row, column)
            left_out = cell is None or (cell.refused and not self.proposal.options.trust)
            return QBrush(self._look.faint) if left_out else None
        if role == Role.ToolTipRole:
            return self.proposal.block.rows[row][column]
        if role == Role.TextAlignmentRole:
            target = self.proposal.targets[column]
            right = target and self._table.column(target).type in NUMBER_TYPES
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _shown(self, row: int, column: int) -> str:
        assert self.proposal is not None
        cell = self._cell(row, column)
        text = self.proposal.block.rows[row][column]
        if cell is not None and cell.value is not None and not cell.refused:
            text = typing_text(self._table.column(self.proposal.targets[column]), cell.value)
        return text.replace("\n", " ")

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Give the column a block column goes to, and the row's number in the block."""
        if self.proposal is None or role != Role.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        target = self.proposal.targets[section]
        return (
            heading(self._table.column(target))
            if target
            else self._messages.text("window", "paste.no_target")
        )


class PasteDialog(QDialog):
    """Shows a proposal and lets the clerk change it; ``agreed(Proposal)`` when it is to be done.

    ``propose(options)`` gives the proposal for other choices.
    """

    agreed = Signal(object)

    def __init__(
        self,
        propose: Callable[[Options], Proposal],
        table: Table,
        messages: Messages,
        look: Look,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._propose = propose
        self._table = table
        self._messages = messages
        self._look = look
        self._signs = make_signs(look)
        self._steps = 0
        self.proposal = propose(Options())
        self._found_heading = self.proposal.heading
        self.preview = QTableView()
        self.model = PreviewModel(table, messages, look)
        self.problems = QListWidget()
        self.summary = QLabel()
        self.boxes = {
            name: QCheckBox(self) for name in ("heading", "by_label", "transpose", "shift", "clear", "trust")
        }
        self.column_label, self.column = QLabel(), QComboBox()
        self._build()
        self._show()

    def _text(self, code: str, **params: object) -> str:
        return self._messages.text("window", f"paste.{code}", **params)

    # -------------------------------------------------------------------------------- making
    def _build(self) -> None:
        look = self._look
        self.setWindowTitle(self._text("title", table=self._table.label))
        self._build_preview()
        self.problems.setAccessibleName(self._text("problems_name"))
        self.problems.setWordWrap(True)
        self.problems.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.problems.setMinimumHeight(self.fontMetrics().lineSpacing() * 7)
        self.problems.currentRowChanged.connect(self._go_to_problem)
        self.summary.setWordWrap(True)
        self.summary.setFont(look.font(bold=True))
        choices = QGridLayout()
        choices.setHorizontalSpacing(look.space(3))
        self._choices = choices
        for box in self.boxes.values():
            box.clicked.connect(self._chosen)
        self.column.addItem(self._text("leave_out"), "")
        for item in self._table.columns:
            if is_typed(item):
                self.column.addItem(item.label, item.id)
        self.column.activated.connect(self._retarget)
        self.column_label.setBuddy(self.column)
        aim = QHBoxLayout()
        aim.addWidget(self.column_label)
        aim.addWidget(self.column)
        aim.addStretch(1)
        buttons = QDialogButtonBox()
        self.accept_button = buttons.addButton(self._text("accept"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._text("cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(look.space(2),) * 4)
        layout.setSpacing(look.space(1.25))
        layout.addWidget(self.summary)
        layout.addWidget(self.problems, 3)
        layout.addLayout(choices)
        layout.addWidget(self.preview, 5)
        layout.addLayout(aim)
        layout.addWidget(buttons)
        self.resize(look.space(110), look.space(80))
        self.accept_button.setDefault(True)
        self.accept_button.setFocus()

    def _build_preview(self) -> None:
        view = self.preview
        view.setHorizontalHeader(HeadingRow(self._look, view))
        view.setModel(self.model)
        view.setPalette(quiet_palette(view, self._look))
        view.setAccessibleName(self._text("preview_name"))
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(self.fontMetrics().lineSpacing() + self._look.space())
        view.setMinimumHeight(self.fontMetrics().lineSpacing() * 9)
        view.selectionModel().currentColumnChanged.connect(lambda _new, _old: self._show_column())
        view.horizontalHeader().sectionClicked.connect(self._head_clicked)

    # -------------------------------------------------------------------------------- showing
    def _show(self) -> None:
        proposal = self.proposal
        current = max(self.preview.currentIndex().column(), 0)
        self.model.show_proposal(proposal)
        wide = self.fontMetrics().horizontalAdvance("宽") * 8
        for at in range(self.model.columnCount()):
            self.preview.setColumnWidth(at, wide)
        text = self._text(
            "summary", rows=len(proposal.cells), new=proposal.new_rows, overwritten=proposal.overwritten
        )
        self.summary.setText(text if proposal.cells else self._text("summary_nothing"))
        self.accept_button.setEnabled(bool(proposal.cells) and any(proposal.targets))
        self._show_boxes()
        self._show_problems(proposal.problems)
        if self.model.columnCount():
            self.preview.setCurrentIndex(self.model.index(0, min(current, self.model.columnCount() - 1)))
        self._show_column()

    def _show_boxes(self) -> None:
        proposal, options = self.proposal, self.proposal.options
        self._steps = proposal.shift_offered or self._steps
        side = self._text("right" if self._steps > 0 else "left")
        refused = any(cell.refused for row in proposal.cells for cell in row)
        empties = proposal.kept if not options.clear else max(proposal.kept, 1)
        shown = {
            "heading": (self._text("heading", count=max(proposal.heading, self._found_heading, 1)), True),
            "by_label": (self._text("by_label"), bool(self._found_heading)),
            "transpose": (self._text("transpose"), True),
            "shift": (self._text("shift", side=side, steps=abs(self._steps)), bool(self._steps)),
            "clear": (self._text("clear", count=proposal.kept), bool(empties)),
            "trust": (self._text("trust"), refused),
        }
        states = {
            "heading": proposal.heading > 0,
            "by_label": proposal.by_label,
            "transpose": options.transpose,
            "shift": bool(options.shift),
            "clear": options.clear,
            "trust": options.trust,
        }
        place = 0
        for name, box in self.boxes.items():
            self._choices.removeWidget(box)
            if shown[name][1]:
                self._choices.addWidget(box, place // 2, place % 2)
                place += 1
            box.setText(shown[name][0])
            box.setVisible(shown[name][1])
            box.setChecked(states[name])

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        self.problems.clear()
        for problem in problems:
            word = self._messages.text("window", f"table.sign.{problem.severity.value}")
            item = QListWidgetItem(f"{word}  {self._text(problem.code, **problem.params)}")
            item.setIcon(self._signs[problem.severity])
            self.problems.addItem(item)
        if not problems:
            self.problems.addItem(self._text("problems_none"))

    def _go_to_problem(self, row: int) -> None:
        if 0 <= row < len(self.proposal.problems) and (places := self.proposal.problems[row].places):
            self.preview.setCurrentIndex(self.model.index(*places[0]))

    def _show_column(self) -> None:
        at = self.preview.currentIndex().column()
        self.column.setEnabled(at >= 0)
        if at >= 0:
            self.column_label.setText(self._text("column", number=at + 1))
            self.column.setAccessibleName(self.column_label.text())
            self.column.setCurrentIndex(max(self.column.findData(self.proposal.targets[at]), 0))

    def _head_clicked(self, column: int) -> None:
        self.preview.setCurrentIndex(self.model.index(0, column))
        self.column.setFocus(Qt.FocusReason.OtherFocusReason)

    # -------------------------------------------------------------------------------- choosing
    def _chosen(self) -> None:
        boxes, before = self.boxes, self.proposal.options
        turned = boxes["transpose"].isChecked() != before.transpose
        heading = max(self._found_heading, 1) if boxes["heading"].isChecked() else 0
        options = replace(
            before,
            heading=None if turned else heading,
            transpose=boxes["transpose"].isChecked(),
            by_label=turned or boxes["by_label"].isChecked(),
            shift=0 if turned or not boxes["shift"].isChecked() else self._steps,
            clear=boxes["clear"].isChecked(),
            trust=boxes["trust"].isChecked(),
            targets={} if turned or boxes["shift"].isChecked() != bool(before.shift) else before.targets,
        )
        self.proposal = self._propose(options)
        if turned:
            self._found_heading, self._steps = self.proposal.heading, 0
        self._show()

    def _retarget(self) -> None:
        at = self.preview.currentIndex().column()
        wanted = str(self.column.currentData())
        targets = dict(enumerate(self.proposal.targets))
        for place, target in targets.items():
            if wanted and target == wanted:
                targets[place] = ""
        targets[at] = wanted
        self.proposal = self._propose(replace(self.proposal.options, targets=targets))
        self._show()

    def accept(self) -> None:
        """Close and hand the proposal over."""
        super().accept()
        self.agreed.emit(self.proposal)
