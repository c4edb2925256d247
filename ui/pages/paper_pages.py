"""已印的页: which printed pages are stale, printing them anew, telling a page by its code or a scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from app.errors import AppError
from app.rules.stale_pages import StalePage
from app.services.paging import (
    GOOD,
    PageFound,
    PageSource,
    find_stale,
    judge_codes,
    judge_file,
    parse_typed,
    read_now,
)
from app.services.telling import say_page, say_stale
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog, Picker
from ui.parts import Button, heading, words


class PagesDialog(Dialog):
    """Lists stale pages and tells pages of paper.

    ``reprint`` asks to print anew, with those whose code alone is older (True) or without.
    """

    reprint = Signal(bool)

    def __init__(
        self, parent: QWidget, context: PageContext, draft_id: str, copies: int, picker: Picker
    ) -> None:
        super().__init__(parent, context, context.messages.text("window", "paper.pages_dialog.title"))
        self._context, self._draft_id, self._picker = context, draft_id, picker
        self._source: PageSource | None = None
        self.stale: tuple[StalePage, ...] = ()
        self._arrange(copies)
        self.fit(96, 80)
        self._read()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.pages_dialog.{key}", **params)

    def _arrange(self, copies: int) -> None:
        look = self._context.look
        self.state = words(self._word("reading"), look)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setAccessibleName(self._word("stale"))
        self.codes = QCheckBox(self._word("codes"))
        self.codes.toggled.connect(lambda _on: self._show_button())
        self.reprint_button = Button(self._word("reprint"), look, primary=True)
        self.reprint_button.setEnabled(False)
        self.reprint_button.clicked.connect(lambda: self.reprint.emit(self.codes.isChecked()))
        row = QHBoxLayout()
        row.addWidget(self.codes, 1)
        row.addWidget(self.reprint_button)
        self.column.addWidget(self.state)
        self.column.addWidget(self.list, 1)
        self.column.addLayout(row)
        self.column.addWidget(heading(self._word("tell"), look, 12))
        self.column.addWidget(words(self._word("tell_why"), look, faint=True))
        self.copy = QComboBox()
        self.copy.setAccessibleName(self._word("copy"))
        self.copy.addItem(self._word("any_copy"), 0)
        for number in range(1, copies + 1):
            self.copy.addItem(self._word("one_copy", copy=number), number)
        self.code = QLineEdit()
        self.code.setAccessibleName(self._word("code"))
        self.code.setPlaceholderText(self._word("code"))
        self.code.returnPressed.connect(self.tell_code)
        self.code_button, self.scan_button = (
            Button(self._word("look"), look),
            Button(self._word("scan"), look),
        )
        self.code_button.clicked.connect(self.tell_code)
        self.scan_button.clicked.connect(self.tell_scan)
        line = QHBoxLayout()
        line.setSpacing(look.space(1))
        for widget, stretch in ((self.copy, 0), (self.code, 1), (self.code_button, 0), (self.scan_button, 0)):
            line.addWidget(widget, stretch)
        self.column.addLayout(line)
        self.told = QListWidget()
        self.told.setWordWrap(True)
        self.told.setAccessibleName(self._word("told"))
        self.column.addWidget(self.told, 1)
        close = Button(self._word("close"), look)
        close.clicked.connect(self.reject)
        self.add_buttons((close,))

    # ------------------------------------------------------------------------------------- reading
    def _read(self) -> None:
        draft_id = self._draft_id

        def read(workplace: Workplace) -> PageSource:
            return read_now(workplace, draft_id, workplace.now())

        self._context.tasks.store(self, read, self._compare, self._refused)

    def _compare(self, source: PageSource) -> None:
        self._source = source
        self._context.tasks.work(self, lambda: find_stale(source), self._show_stale, self._refused)

    def _refused(self, error: AppError) -> None:
        self.state.setText(self._context.messages.error(error))

    def _titles(self) -> dict[str, str]:
        if self._source is None:
            return {}
        return {part.id: part.title for part in self._source.paper.programme.packet.parts}

    def _show_stale(self, stale: tuple[StalePage, ...]) -> None:
        self.stale = stale
        look = self._context.look
        false = len({(one.copy, one.page.part, one.page.number) for one in stale if one.false})
        self.state.setText(self._word("count", count=false) if stale else self._word("none"))
        self.list.clear()
        for text, wrong in say_stale(stale, self._titles(), self._context.messages):
            item = QListWidgetItem(text)
            item.setForeground(QBrush(look.error if wrong else look.warning))
            self.list.addItem(item)
        self._show_button()

    def _show_button(self) -> None:
        wanted = [one for one in self.stale if one.false or self.codes.isChecked()]
        self.reprint_button.setEnabled(bool(wanted))

    # ------------------------------------------------------------------------------------- telling
    def tell_code(self) -> None:
        """Tell what the page with the typed code is."""
        source, copy = self._source, int(self.copy.currentData())
        if source is None or not self.code.text().strip():
            return
        try:
            code = parse_typed(self.code.text())
        except AppError as error:
            self._show_told([(self._context.messages.error(error), False)])
            return
        self._context.tasks.work(
            self,
            lambda: judge_codes(source, (code,), copy, typed=True),
            lambda found: self._take("", found),
            self._tell_error,
        )

    def tell_scan(self) -> None:
        """Tell what the pages of a scan or photograph are."""
        source, copy = self._source, int(self.copy.currentData())
        file: Path | None = self._picker(self, self._word("scan_title"), self._word("scan_kinds"))
        if source is None or file is None:
            return
        self._show_told([(self._word("looking", name=file.name), True)])
        self._context.tasks.work(
            self,
            lambda: judge_file(source, file, copy),
            lambda found: self._take(file.name, found),
            self._tell_error,
        )

    def _take(self, name: str, found: Sequence[PageFound]) -> None:
        self._show_told([(say_page(one, self._context.messages, name), one.verdict in GOOD) for one in found])

    def _tell_error(self, error: AppError) -> None:
        self._show_told([(self._context.messages.error(error), False)])

    def _show_told(self, lines: Sequence[tuple[str, bool]]) -> None:
        self.told.clear()
        for text, good in lines:
            item = QListWidgetItem(text)
            item.setForeground(QBrush(self._context.look.text if good else self._context.look.error))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsSelectable)
            self.told.addItem(item)
