"""What the clerk does to a table: every action one edit, one undo step, with its name in Chinese."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QMimeData, Qt
from PySide6.QtGui import QGuiApplication

from app.exchange.clipboard import Block, read_clipboard, write_html, write_tsv
from app.model.draft import Answers
from app.model.value import TEXT_TYPES, Value
from app.services.pasting import Options, Proposal, apply_paste, propose
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.form.paste_dialog import PasteDialog
from ui.form.table_edits import (
    new_row_id,
    with_cells,
    with_moved_rows,
    with_new_row,
    with_order,
    without_rows,
)
from ui.form.table_grid import GridView
from ui.form.table_model import TableModel

OWN_CELLS = "application/x-shenbao-cells"
"""Marks cells copied from this program: they need no preview."""


class TableActions:
    """Actions on the current cell or selection of a grid."""

    def __init__(self, context: PageContext, draft: DraftModel, grid: GridView, model: TableModel) -> None:
        self._context = context
        self._draft = draft
        self._grid = grid
        self._model = model
        self._table = model.table
        self.dialog: PasteDialog | None = None

    def _text(self, code: str, **params: object) -> str:
        return self._context.messages.text("window", f"table.{code}", **params)

    def _change(self, answers: Answers, code: str, **params: object) -> None:
        self._draft.change(answers, self._text(f"undo.{code}", table=self._table.label, **params))

    @property
    def _closed(self) -> bool:
        """Tell whether rows cannot be added, taken out or moved."""
        return bool(self._table.derived) or self._model.resting

    @property
    def last_column(self) -> int:
        """Give the column of the cursor, or the first typed one."""
        current = self._grid.currentIndex()
        return current.column() if current.isValid() else self._first_column()

    def _first_column(self) -> int:
        return next((at for at in range(self._model.columnCount()) if self._model.can_edit(at)), 0)

    # -------------------------------------------------------------------------------- rows
    def add(self) -> None:
        """Add a row at the end and go there."""
        self._new_row(None, "add")

    def insert(self) -> None:
        """Put in a row above the current one and go there."""
        current = self._grid.currentIndex()
        self._new_row(self._model.rows.row_id(current.row()) if current.isValid() else None, "insert")

    def _new_row(self, before: str | None, code: str) -> None:
        if self._closed:
            return
        row_id = new_row_id()
        self._model.rows.mark_fresh(row_id)
        self._change(with_new_row(self._draft.answers, self._table.id, before, row_id), code)
        self._grid.go_to(self._model.rows.find(row_id), self._first_column())

    def delete(self) -> None:
        """Take the chosen rows out; the cursor goes to the row after them."""
        rows = self._grid.chosen_rows()
        if self._closed or not rows:
            return
        gone = {self._model.rows.row_id(row) for row in rows}
        column = self.last_column
        self._change(without_rows(self._draft.answers, self._table.id, gone), "delete", count=len(gone))
        left = self._model.rowCount()
        if left:
            self._grid.go_to(min(rows[0], left - 1), column)

    def move(self, step: int) -> None:
        """Move the chosen rows one place up or down; only while the rows stand in their own order."""
        rows = self._grid.chosen_rows()
        if self._closed or not rows:
            return
        if self._model.rows.shown is not None:
            self._context.tell(self._text("block_filtered"), "info")
            return
        moved = {self._model.rows.row_id(row) for row in rows}
        answers = with_moved_rows(self._draft.answers, self._table.id, moved, step)
        self._change(answers, "move", count=len(moved))
        self._grid.scrollTo(self._grid.currentIndex())

    def rearrange(self, column: int) -> None:
        """Put all rows into the order of a column, rising, or falling where that is shown now."""
        descending = self._model.sorting == (column, True)
        rows = self._model.rows
        order = [rows.rows[place].id for place in rows.arranged("", column, descending)]
        answers = with_order(self._draft.answers, self._table.id, order)
        self._change(answers, "rearrange", column=self._model.columns[column].label)

    # -------------------------------------------------------------------------------- cells
    def _chosen(self) -> dict[str, dict[str, Value | None]]:
        """Give the chosen cells that can be typed: row id -> column id -> None."""
        indexes = self._grid.selectionModel().selectedIndexes() or [self._grid.currentIndex()]
        chosen: dict[str, dict[str, Value | None]] = {}
        for index in indexes:
            if index.isValid() and self._model.can_edit(index.column()):
                cells = chosen.setdefault(self._model.rows.row_id(index.row()), {})
                cells[self._model.columns[index.column()].id] = None
        return chosen

    def _set(self, changes: dict[str, dict[str, Value | None]], code: str) -> None:
        count = sum(map(len, changes.values()))
        if count:
            self._change(with_cells(self._draft.answers, self._table.id, changes), code, count=count)

    def clear(self) -> None:
        """Empty the chosen cells."""
        self._set(self._chosen(), "clear")

    def fill_down(self) -> None:
        """Write the topmost chosen cell of each column into those below; alone, take the one above."""
        rows, columns = self._grid.chosen_rows(), self._grid.chosen_columns()
        if not rows:
            return
        source = rows[0] if len(rows) > 1 else rows[0] - 1
        targets = [row for row in rows if row > source]
        if source < 0:
            return
        changes = {
            self._model.rows.row_id(row): {
                self._model.columns[at].id: self._model.rows.value(source, at)
                for at in columns
                if self._model.can_edit(at)
            }
            for row in targets
        }
        self._set(changes, "fill")

    # -------------------------------------------------------------------------------- clipboard
    def copy(self) -> None:
        """Put the chosen cells on the clipboard, as plain text and for Excel, in the columns' own units."""
        rows, columns = self._grid.chosen_rows(), self._grid.chosen_columns()
        if not rows:
            return
        texts = [[self._model.edit_text(row, at) for at in columns] for row in rows]
        marked = [n for n, at in enumerate(columns) if self._model.columns[at].type in TEXT_TYPES]
        data = QMimeData()
        data.setText(write_tsv(texts))
        data.setHtml(write_html(texts, marked))
        data.setData(OWN_CELLS, b"1")
        QGuiApplication.clipboard().setMimeData(data)

    def cut(self) -> None:
        """Copy the chosen cells, then empty them."""
        self.copy()
        self._set(self._chosen(), "cut")

    def paste(self) -> None:
        """Paste the clipboard at the cursor, after a preview wherever there is something to see."""
        found: QMimeData | None = QGuiApplication.clipboard().mimeData()
        data = QMimeData() if found is None else found
        block = read_clipboard(data.text() or "", data.html() if data.hasHtml() else "")
        if not block.rows or self._model.resting:
            self._context.tell(self._text("nothing_to_paste"), "info")
            return
        if len(block.rows) == block.width == 1 and len(self._grid.selectionModel().selectedIndexes()) > 1:
            block = self._spread(block)
        own = data.hasFormat(OWN_CELLS)
        proposal = self.propose(block, Options(clear=own))
        if not any(proposal.targets):
            self._context.tell(self._text("nothing_fits"), "info")
        elif proposal.clean and (own or len(block.rows) * block.width == 1):
            self.apply(proposal)
        else:
            self._preview(block)

    def _spread(self, block: Block) -> Block:
        """Repeat a single copied cell over the selection."""
        rows, columns = self._grid.chosen_rows(), self._grid.chosen_columns()
        return Block(tuple((block.rows[0][0],) * len(columns) for _ in rows), block.exact)

    def _start(self) -> tuple[int, int]:
        rows, columns = self._grid.chosen_rows(), self._grid.chosen_columns()
        if not rows:
            return self._model.rowCount(), self._first_column()
        return rows[0], columns[0]

    def propose(self, block: Block, options: Options) -> Proposal:
        """Give what pasting a block at the cursor would do."""
        row, column = self._start()
        return propose(
            block, self._table, self._model.rows.typed_rows(), row, self._model.columns[column].id, options
        )

    def _preview(self, block: Block) -> None:
        make: Callable[[Options], Proposal] = lambda options: self.propose(block, options)  # noqa: E731
        self.dialog = PasteDialog(make, self._table, self._context.messages, self._context.look, self._grid)
        self.dialog.agreed.connect(self.apply)
        self.dialog.finished.connect(self._put_away)
        self.dialog.open()

    def _put_away(self, _result: int) -> None:
        self.dialog = None
        self._grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def apply(self, proposal: Proposal) -> None:
        """Paste as proposed, as one undo step, and choose what was pasted."""
        row = self._start()[0]
        before = {one.id for one in self._model.rows.rows}
        answers = apply_paste(self._draft.answers, proposal, new_row_id)
        count = len(proposal.cells)
        self._change(answers, "paste", count=count)
        added = [at for at, one in enumerate(self._model.rows.shown_rows()) if one.id not in before]
        first = row if proposal.row_ids else (added[0] if added else row)
        columns = [at for at, column in enumerate(self._model.columns) if column.id in proposal.targets]
        if not proposal.row_ids or len(proposal.row_ids) == count or self._model.rows.shown is None:
            self._choose(first, min(first + count, self._model.rowCount()) - 1, min(columns), max(columns))
        if count > 1:
            self._context.tell(self._text("pasted", rows=count), "good")

    def _choose(self, top: int, bottom: int, left: int, right: int) -> None:
        if 0 <= top <= bottom:
            self._grid.go_to(top, left)
            area = QItemSelection(self._model.index(top, left), self._model.index(bottom, right))
            self._grid.selectionModel().select(area, QItemSelectionModel.SelectionFlag.ClearAndSelect)
