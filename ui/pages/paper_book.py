"""装订安排: which parts are bound, in which order and volume, what stands beside the book, official PDFs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.services.binding import AS_ASKED, MARKS, MOST_VOLUMES, BookChoice, arranged
from ui.context import PageContext
from ui.dialogs import Dialog, Picker
from ui.parts import Button, ElidedLabel, heading, left_row, words

BOUND, BESIDE, ABSENT = "bound", "beside", "absent"


@dataclass(frozen=True)
class _Line:
    """One part as the dialog has it."""

    part: Part
    where: str
    volume: int
    official: Path | None = None


class BookDialog(Dialog):
    """Changes the arrangement of the book; ``choice`` is what was arranged.  ``picker`` asks for a PDF."""

    def __init__(
        self, parent: QWidget, context: PageContext, programme: Programme, choice: BookChoice, picker: Picker
    ) -> None:
        super().__init__(parent, context, context.messages.text("window", "paper.book_dialog.title"))
        self._context, self._programme, self._picker = context, programme, picker
        self._lines: list[_Line] = []
        self._arrange()
        self._take(choice)
        self.fit(104, 78)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.book_dialog.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _arrange(self) -> None:
        look = self._context.look
        self.column.addWidget(words(self._word("why"), look, faint=True))
        body = QHBoxLayout()
        body.setSpacing(look.space(2))
        left = QVBoxLayout()
        self.list = QListWidget()
        self.list.setAccessibleName(self._word("parts"))
        self.list.currentRowChanged.connect(lambda _row: self._show_line())
        self.up_button, self.down_button = Button(self._word("up"), look), Button(self._word("down"), look)
        self.up_button.clicked.connect(lambda: self.shift(-1))
        self.down_button.clicked.connect(lambda: self.shift(1))
        left.addWidget(self.list, 1)
        left.addWidget(left_row(self.up_button, self.down_button))
        body.addLayout(left, 3)
        body.addLayout(self._details(), 2)
        self.column.addLayout(body, 1)
        self.numbered = QCheckBox(self._word("numbered"))
        self.column.addWidget(self.numbered)
        self.column.addWidget(words(self._word("marks"), look))
        grid = QGridLayout()
        self.marks: dict[str, QCheckBox] = {}
        for place, mark in enumerate(MARKS):
            box = QCheckBox(self._context.messages.text("words", f"mark.{mark}"))
            self.marks[mark] = box
            grid.addWidget(box, place // 6, place % 6)
        self.column.addLayout(grid)
        self.empty = words(self._word("empty"), look, colour=look.error)
        self.column.addWidget(self.empty)
        reset, cancel = Button(self._word("reset"), look), Button(self._word("cancel"), look)
        self.reset_button = reset
        self.keep_button = Button(self._word("keep"), look, primary=True)
        reset.clicked.connect(lambda: self._take(AS_ASKED))
        cancel.clicked.connect(self.reject)
        self.keep_button.clicked.connect(self.accept)
        self.add_buttons((reset, cancel, self.keep_button))

    def _details(self) -> QVBoxLayout:
        look = self._context.look
        right = QVBoxLayout()
        self.name = heading("", look, 12)
        self.name.setWordWrap(True)
        self.note = words("", look, faint=True)
        right.addWidget(self.name)
        right.addWidget(self.note)
        self._group = QButtonGroup(self)
        self.where: dict[str, QRadioButton] = {}
        for key in (BOUND, BESIDE, ABSENT):
            button = QRadioButton(self._word(key))
            button.clicked.connect(lambda _checked=False, key=key: self._change(where=key))
            self._group.addButton(button)
            self.where[key] = button
            right.addWidget(button)
        self.volume = QSpinBox()
        self.volume.setRange(1, MOST_VOLUMES)
        self.volume.setAccessibleName(self._word("volume"))
        self.volume.setPrefix(self._word("volume_before"))
        self.volume.setSuffix(self._word("volume_after"))
        self.volume.valueChanged.connect(lambda value: self._change(volume=value))
        right.addWidget(left_row(self.volume))
        self.official_button = Button(self._word("official"), look)
        self.own_button = Button(self._word("own"), look)
        self.official_name = ElidedLabel()
        self.official_button.clicked.connect(self._choose_official)
        self.own_button.clicked.connect(lambda: self._change(official=None))
        right.addWidget(left_row(self.official_button, self.own_button))
        right.addWidget(self.official_name)
        right.addStretch(1)
        return right

    # ------------------------------------------------------------------------------------- showing
    def _take(self, choice: BookChoice) -> None:
        packet = arranged(self._programme, replace(choice, official={})).packet
        self._lines = [
            _Line(
                part,
                BOUND if part.in_book else ABSENT if part.optional else BESIDE,
                part.volume,
                choice.official.get(part.id),
            )
            for part in packet.parts
        ]
        self.numbered.setChecked(choice.numbered)
        for mark, box in self.marks.items():
            box.setChecked(mark not in choice.without)
        self._show_list(0)

    def _show_list(self, row: int) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for line in self._lines:
            self.list.addItem(QListWidgetItem(self._text(line)))
        self.list.blockSignals(False)
        self.list.setCurrentRow(row)
        self._show_line()
        bound = any(line.where == BOUND for line in self._lines)
        self.empty.setVisible(not bound)
        self.keep_button.setEnabled(bound)

    def _text(self, line: _Line) -> str:
        text = self._word(f"line_{line.where}", title=line.part.title, volume=line.volume)
        return text + self._word("line_official") if line.official else text

    @property
    def line(self) -> _Line | None:
        """Give the part that is chosen in the list."""
        row = self.list.currentRow()
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def _show_line(self) -> None:
        line = self.line
        if line is None:
            return
        theirs = line.part.kind is PartKind.PLATFORM_REPORT
        self.name.setText(line.part.title)
        self.note.setText(line.part.note)
        self.note.setVisible(bool(line.part.note))
        self.where[line.where].setChecked(True)
        needed = any(part.id == line.part.id and not part.optional for part in self._programme.packet.parts)
        self.where[ABSENT].setVisible(not needed)
        self.where[BESIDE].setVisible(not theirs)
        self.volume.blockSignals(True)
        self.volume.setValue(line.volume)
        self.volume.blockSignals(False)
        self.volume.setEnabled(line.where == BOUND)
        for widget in (self.official_button, self.own_button, self.official_name):
            widget.setVisible(not theirs)
        self.own_button.setEnabled(line.official is not None)
        file = line.official
        # a file that is kept with the report has its sum for a name
        text = "" if file is None else self._word("official_kept")
        if file is not None and file.suffix:
            text = self._word("official_name", name=file.name)
        self.official_name.set_whole(text)
        row = self.list.currentRow()
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(row + 1 < len(self._lines))

    # ------------------------------------------------------------------------------------ changing
    def shift(self, steps: int) -> None:
        """Move the chosen part up (negative) or down."""
        row = self.list.currentRow()
        if 0 <= row + steps < len(self._lines):
            self._lines.insert(row + steps, self._lines.pop(row))
            self._show_list(row + steps)

    def _change(self, **what: object) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._lines):
            self._lines[row] = replace(self._lines[row], **what)  # type: ignore[arg-type]
            self._show_list(row)

    def _choose_official(self) -> None:
        kinds = self._context.messages.text("window", "paper.pdf_files")
        file = self._picker(self, self._word("official_title"), kinds)
        if file is not None:
            self._change(official=file)

    @property
    def choice(self) -> BookChoice:
        """Give what was arranged."""
        return BookChoice(
            tuple(line.part.id for line in self._lines if line.where == BOUND),
            tuple(line.part.id for line in self._lines if line.where == BESIDE),
            {line.part.id: line.official for line in self._lines if line.official is not None},
            {line.part.id: line.volume for line in self._lines if line.where == BOUND},
            self.numbered.isChecked(),
            frozenset(mark for mark, box in self.marks.items() if not box.isChecked()),
        )
