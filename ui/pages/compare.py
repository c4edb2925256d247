"""上年对照: this year against last, the reasons for large changes, and the main indicators as bars."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.model.value import format_value, plain_decimal
from app.services.planning import Record, previous_source, read_record, write_previous_source
from app.services.session import Changes
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.pages.bar_chart import BarChart, Legend, Pair
from ui.pages.compare_model import (
    COLUMNS,
    LABEL,
    PREVIOUS,
    REASON,
    Cell,
    CompareModel,
    Line,
    main_lines,
    read_lines,
    with_cells,
)
from ui.pages.compare_table import CompareTable, read_block, write_block
from ui.parts import Button, Card, heading, scrolled, words

_REST_MS = 120


class ComparePage(QWidget):
    """The desk for this year against last."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._model: DraftModel | None = None
        self._stale = True
        self._lines: tuple[Line, ...] = ()
        self._kept_source = ""
        self.rest = QTimer(self)
        self.rest.setSingleShot(True)
        self.rest.setInterval(_REST_MS)
        self.rest.timeout.connect(self._update)
        self._build()
        self.show_draft(None)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"compare.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _build(self) -> None:
        look = self._context.look
        self.hint = words("", look, faint=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(look.space(3), look.space(2), look.space(3), look.space(2))
        column.setSpacing(look.space(1.25))
        column.addLayout(self._build_head())
        self.rule = words("", look, faint=True)
        column.addWidget(self.rule)
        column.addLayout(self._build_source())
        column.addWidget(self._build_table(), 3)
        column.addWidget(self._build_chart(), 2)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.hint)
        self._stack.addWidget(scrolled(body))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _build_head(self) -> QHBoxLayout:
        look = self._context.look
        row = QHBoxLayout()
        row.setSpacing(look.space(1.5))
        row.addWidget(heading(self._word("title"), look))
        self.count = words("", look)
        row.addWidget(self.count, 1)
        self.only_large = QCheckBox(self._word("only_large"))
        self.only_large.toggled.connect(self._update)
        self.go_button = Button(self._word("go"), look)
        self.go_button.clicked.connect(self.go_there)
        self.copy_button = Button(self._word("copy_all"), look)
        self.copy_button.clicked.connect(self.copy_all)
        for widget in (self.only_large, self.go_button, self.copy_button):
            row.addWidget(widget)
        return row

    def _build_source(self) -> QHBoxLayout:
        look = self._context.look
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        label = QLabel(self._word("source_label"))
        self.source = QLineEdit()
        self.source.setAccessibleName(self._word("source_label"))
        self.source.setAccessibleDescription(self._word("source_help"))
        self.source.setToolTip(self._word("source_help"))
        self.source.textEdited.connect(lambda _text: self._show_source_button())
        self.source.returnPressed.connect(self.save_source)
        self.source_button = Button(self._word("source_save"), look)
        self.source_button.clicked.connect(self.save_source)
        label.setBuddy(self.source)
        row.addWidget(label)
        row.addWidget(self.source, 1)
        row.addWidget(self.source_button)
        return row

    def _build_table(self) -> QWidget:
        look = self._context.look
        self.cells = CompareModel(self._context.messages, look, self)
        self.cells.typed.connect(self._typed)
        self.table = CompareTable(self.copy, self.paste, self.clear)
        table = self.table
        table.setModel(self.cells)
        table.setAccessibleName(self._word("table_name"))
        table.setAccessibleDescription(self._word("table_help"))
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, True)
        table.doubleClicked.connect(
            lambda index: None if self._editable(index.row(), index.column()) else self.go_there()
        )
        metrics = QFontMetrics(look.font())
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(metrics.height() + look.space(1.5))
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        samples = (
            "A00-0",
            "中" * 15,
            "万元中",
            "000,000,000.00",
            "000,000,000.00",
            "+000,000,000.00",
            "+0,000.0%",
            "中" * 9,
            "中" * 14,
        )
        for column, sample in enumerate(samples):
            head.resizeSection(column, metrics.horizontalAdvance(sample) + look.space(2))
        head.setSectionResizeMode(LABEL, QHeaderView.ResizeMode.Interactive)
        head.setStretchLastSection(True)
        table.setMinimumHeight(round(metrics.height() * 11))
        return table

    def _build_chart(self) -> QWidget:
        look = self._context.look
        card = Card(look)
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        row.addWidget(heading(self._word("chart_title"), look, 11.5))
        row.addStretch(1)
        for last_year, key in ((True, "legend_previous"), (False, "legend_value")):
            row.addWidget(Legend(look, last_year=last_year))
            row.addWidget(QLabel(self._word(key)))
        card.column.addLayout(row)
        self.chart_note = words(self._word("chart_note"), look, faint=True)
        card.column.addWidget(self.chart_note)
        self.chart = BarChart(look)
        self.chart.setAccessibleName(self._word("chart_title"))
        area = scrolled(self.chart)
        area.viewport().setAutoFillBackground(False)
        self.chart.setAutoFillBackground(False)
        area.setMinimumHeight(round(QFontMetrics(look.font()).height() * 6))
        card.column.addWidget(area, 1)
        return card

    # ------------------------------------------------------------------------------------- showing
    def show_draft(self, model: DraftModel | None) -> None:
        """Show another report, or the hint that none is open."""
        if self._model is not None:
            self._model.changed.disconnect(self._changed)
        self._model = model
        self._show_record("")
        self.hint.setText(self._word("no_draft"))
        if model is None:
            self.rest.stop()
            self._stack.setCurrentIndex(0)
            return
        model.changed.connect(self._changed)
        last_year = model.session.programme.report_year - 1
        self.source.setPlaceholderText(self._word("source_hint", year=last_year))
        self._update()
        draft_id = model.draft_id
        self._context.tasks.store(
            self,
            lambda workplace: read_record(workplace, draft_id),
            lambda record: self._take_record(draft_id, record),
            self._refused,
        )

    def _changed(self, _changes: Changes) -> None:
        self._stale = True
        if self.isVisible():
            self.rest.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was typed on another page."""
        super().showEvent(event)
        if self._stale and self._model is not None:
            self._update()

    def _update(self) -> None:
        self._stale = False
        model = self._model
        if model is None:
            return
        session = model.session
        self._lines = read_lines(session)
        self._stack.setCurrentIndex(1 if self._lines else 0)
        if not self._lines:
            self.hint.setText(self._word("nothing"))
        shown = tuple(line for line in self._lines if line.large or not self.only_large.isChecked())
        self.cells.show(shown)
        large = [line for line in self._lines if line.large]
        missing = sum(not line.reason.strip() for line in large)
        self.count.setText(self._word("count", all=len(self._lines), large=len(large), missing=missing))
        context = session.view.context
        percent = plain_decimal(context.change_threshold * 100)
        self.rule.setText(self._word("rule", percent=percent, least=plain_decimal(context.change_least)))
        self._show_chart(main_lines(session.programme, self._lines))

    def _show_chart(self, lines: Sequence[Line]) -> None:
        pairs, spoken = [], []
        for line in lines:
            item = line.item
            key = "chart_item" if item.unit else "chart_plain"
            label = self._word(key, label=item.label, unit=item.unit)
            texts = [
                format_value(value, item.type, item.unit, None, item.decimals)
                for value in (line.previous, line.value)
            ]
            pairs.append(
                Pair(label, Decimal(str(line.previous)), Decimal(str(line.value)), texts[0], texts[1])
            )
            spoken.append(self._word("chart_spoken", label=label, previous=texts[0], value=texts[1]))
        self.chart_note.setText(self._word("chart_note" if pairs else "chart_empty"))
        self.chart.show_pairs(pairs, spoken)

    # -------------------------------------------------------------------------------------- source
    def _take_record(self, draft_id: str, record: Record) -> None:
        if self._model is not None and self._model.draft_id == draft_id:
            self._show_record(previous_source(record.events))

    def _show_record(self, text: str) -> None:
        self._kept_source = text
        self.source.setText(text)
        self._show_source_button()

    def _show_source_button(self) -> None:
        text = self.source.text().strip()
        self.source_button.setEnabled(bool(text) and text != self._kept_source)

    def save_source(self) -> None:
        """Write down where last year's values come from."""
        model, text = self._model, self.source.text().strip()
        if model is None or not self.source_button.isEnabled():
            return
        draft_id = model.draft_id

        def kept(record: Record) -> None:
            self._take_record(draft_id, record)
            self._context.tell(self._word("source_saved"), "good")
            self._context.refresh()

        self._context.tasks.store(
            self, lambda workplace: write_previous_source(workplace, draft_id, text), kept, self._refused
        )

    # --------------------------------------------------------------------------------------- cells
    def _editable(self, row: int, column: int) -> bool:
        return 0 <= row < len(self.cells.lines) and self.cells.can_edit(row, column)

    def _typed(self, cell: Cell) -> None:
        self._change([cell], "step_reason" if cell.column == REASON else "step_previous")

    def _change(self, cells: Sequence[Cell], step: str) -> None:
        model = self._model
        if model is not None and cells:
            model.change(with_cells(model.answers, cells), self._word(step))
            self._update()

    def go_there(self) -> None:
        """Go to the item of the current row."""
        row = self.table.currentIndex().row()
        if 0 <= row < len(self.cells.lines):
            self._context.go("draft", self.cells.lines[row].item.id)

    def show_place(self, place: str) -> None:
        """Select an item's row."""
        for row, line in enumerate(self.cells.lines):
            if line.item.id == place:
                index = self.cells.index(row, REASON if line.large else PREVIOUS)
                flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
                self.table.selectionModel().setCurrentIndex(index, flag)
                self.table.scrollTo(index)

    def copy(self) -> None:
        """Copy the selected cells as a table."""
        chosen = [(index.row(), index.column()) for index in self.table.selectedIndexes()]
        if chosen:
            rows = sorted({row for row, _ in chosen})
            columns = sorted({column for _, column in chosen})
            self._to_clipboard(rows, columns, heads=False)

    def copy_all(self) -> None:
        """Copy the whole table with its headings."""
        self._to_clipboard(range(len(self.cells.lines)), range(len(COLUMNS)), heads=True)
        self._context.tell(self._word("copied", count=len(self.cells.lines)), "info")

    def _to_clipboard(self, rows: Sequence[int], columns: Sequence[int], *, heads: bool) -> None:
        orientation = Qt.Orientation.Horizontal
        lines = [[str(self.cells.headerData(column, orientation)) for column in columns]] if heads else []
        for row in rows:
            lines.append([self.cells.text(self.cells.lines[row], column) for column in columns])
        QGuiApplication.clipboard().setText(write_block(lines))

    def paste(self) -> None:
        """Paste a block from the current cell on, as one step; only cells that may be filled take it."""
        start = self.table.currentIndex()
        block = read_block(QGuiApplication.clipboard().text())
        cells, left = [], 0
        for down, row in enumerate(block):
            for across, part in enumerate(row):
                place = (start.row() + down, start.column() + across)
                if start.isValid() and self._editable(*place):
                    cells.append(Cell(self.cells.lines[place[0]], place[1], part))
                else:
                    left += 1
        if not cells:
            self._context.tell(self._word("paste_nothing"), "info")
            return
        self._change(cells, "step_paste")
        word = "paste_cut" if left else "pasted"
        self._context.tell(self._word(word, count=len(cells), left=left), "warning" if left else "good")

    def clear(self) -> None:
        """Clear the selected cells that may be filled, as one step."""
        cells = [
            Cell(self.cells.lines[index.row()], index.column(), "")
            for index in self.table.selectedIndexes()
            if self._editable(index.row(), index.column())
        ]
        self._change(cells, "step_clear")

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
