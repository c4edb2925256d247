"""打印装订: what can be printed now, its pages, the printer, the record of what was printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.services.previewing import (
    Edition,
    Paper,
    PaperDesk,
    PaperSource,
    in_copy_order,
    lay_out_papers,
    read_desk,
    read_source,
    take_platform_report,
)
from app.services.printing import record_printed, write_papers
from app.services.workplace import Workplace
from ui.context import PageContext, Tone
from ui.dialogs import Picker, pick
from ui.draft_model import DraftModel, SaveState, Saving
from ui.pages.paper_choice import ChoiceCard
from ui.pages.paper_parts import PartsCard, RecordCard
from ui.pages.pdf_view import PdfView
from ui.pages.printer import PrinterPort, PrintOrder, SystemPrinter
from ui.parts import heading, scrolled, words
from ui.tasks import Cancel

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class PaperPage(QWidget):
    """The page 打印装订.  ``picker`` asks for files and folders, ``printer`` is the way to printers."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self.picker: Picker = pick
        self.printer: PrinterPort = SystemPrinter()
        self._model: DraftModel | None = None
        self._desk: PaperDesk | None = None
        self._source: PaperSource | None = None
        self.papers: tuple[Paper, ...] = ()
        self._wanted: Edition | None = None
        self._round = 0
        self._stale = True
        self._cancel: Cancel | None = None
        self._arrange()
        self.show_draft(None)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _arrange(self) -> None:
        look = self._context.look
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space(3), look.space(2), look.space(3), look.space(2))
        whole.setSpacing(look.space(1.5))
        whole.addWidget(heading(self._word("title"), look))
        self.hint = words(self._word("no_draft"), look, faint=True)
        whole.addWidget(self.hint)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, look.space(1), 0)
        column.setSpacing(look.space(1.5))
        self.choice = ChoiceCard(self._context)
        self.choice.chosen.connect(self.choose)
        for button, act in (
            (self.choice.print_button, self.print),
            (self.choice.save_button, self.save),
            (self.choice.import_button, self.take_report),
            (self.choice.cancel_button, self.cancel),
        ):
            button.clicked.connect(lambda _checked=False, act=act: act())
        column.addWidget(self.choice)
        self.parts = PartsCard(self._context)
        self.record = RecordCard(self._context)
        column.addWidget(self.parts)
        column.addWidget(self.record)
        column.addStretch(1)
        area = scrolled(left)
        area.setMinimumWidth(look.space(34))
        right = QWidget()
        view = QVBoxLayout(right)
        view.setContentsMargins(look.space(1), 0, 0, 0)
        view.setSpacing(look.space(0.75))
        self.document = QComboBox()
        self.document.setAccessibleName(self._word("document"))
        self.document.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.document.currentIndexChanged.connect(self._show_paper)
        self.view = PdfView(self._context)
        view.addWidget(self.document)
        view.addWidget(self.view, 1)
        self.body = QSplitter(Qt.Orientation.Horizontal)
        self.body.addWidget(area)
        self.body.addWidget(right)
        self.body.setChildrenCollapsible(False)
        self.body.setStretchFactor(1, 1)
        self.body.setSizes([look.space(46), look.space(80)])
        whole.addWidget(self.body, 1)

    # --------------------------------------------------------------------------------------- drafts
    def show_draft(self, model: DraftModel | None) -> None:
        """Show another report, or the hint that none is open."""
        if self._model is not None:
            self._model.changed.disconnect(self._changed)
            self._model.save_state.disconnect(self._saved)
        self._model = model
        self._desk, self._source, self.papers, self._wanted = None, None, (), None
        self._round += 1
        self._stale = True
        self.hint.setVisible(model is None)
        self.body.setVisible(model is not None)
        self.view.show_pdf(b"", self._word("reading"))
        self._show_papers()
        if model is not None:
            model.changed.connect(self._changed)
            model.save_state.connect(self._saved)
            if self.isVisible():
                self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out what changed while another page was shown."""
        super().showEvent(event)
        if self._model is not None and self._stale:
            self.reload()

    def _changed(self, _changes: object) -> None:
        # laid out again when the edit is on the disk, or when the page is shown the next time
        self._stale = True

    def _saved(self, state: SaveState) -> None:
        if self._stale and self.isVisible() and state.saving is Saving.SAVED:
            self.reload()

    def reload(self) -> None:
        """Read where the report stands and lay its paper out again."""
        model = self._model
        if model is None:
            return
        self._stale = False
        self._round += 1
        token, draft_id = self._round, model.draft_id
        self._context.tasks.store(
            self,
            lambda workplace: read_desk(workplace, draft_id),
            lambda desk: self._take_desk(token, desk),
            self._refused,
        )

    def _take_desk(self, token: int, desk: PaperDesk) -> None:
        if token != self._round:
            return
        self._desk = desk
        self._show_desk(desk)
        wanted = self._wanted if self._wanted in desk.editions else desk.editions[-1]
        self.choose(wanted)

    def _show_desk(self, desk: PaperDesk) -> None:
        self.choice.show_desk(desk)
        self.record.show_desk(desk)

    def choose(self, edition: Edition) -> None:
        """Lay out one of the editions."""
        model = self._model
        if model is None:
            return
        self._wanted = edition
        self.choice.editions[edition].setChecked(True)
        self._round += 1
        token, draft_id = self._round, model.draft_id
        self.papers, self._source = (), None
        self._show_papers()
        self.view.show_pdf(b"", self._word("laying_out"))
        self._context.tasks.store(
            self,
            lambda workplace: read_source(workplace, draft_id, edition, workplace.now()),
            lambda source: self._lay_out(token, source),
            lambda error: self._no_paper(token, error),
        )

    def _lay_out(self, token: int, source: PaperSource) -> None:
        def job() -> tuple[Paper, ...]:
            # laying out a long report takes seconds: one that nobody waits for is left out
            return in_copy_order(lay_out_papers(source)) if token == self._round else ()

        if token == self._round:
            self._context.tasks.work(
                self,
                job,
                lambda papers: self._take_papers(token, source, papers),
                lambda error: self._no_paper(token, error),
            )

    def _no_paper(self, token: int, error: AppError) -> None:
        if token == self._round:
            text = self._context.messages.error(error)
            self.view.show_pdf(b"", self._word("failed", reason=text))

    def _take_papers(self, token: int, source: PaperSource, papers: Sequence[Paper]) -> None:
        if token != self._round:
            return
        self._source, self.papers = source, tuple(papers)
        self._show_papers()
        self._show_paper(0)

    def _show_papers(self) -> None:
        self.document.blockSignals(True)
        self.document.clear()
        for paper in self.papers:
            key = "entry_copy" if paper.copy else "entry"
            line = self._word(key, title=paper.title, copy=paper.copy, pages=paper.pages)
            self.document.addItem(line)
        self.document.blockSignals(False)
        self.document.setEnabled(bool(self.papers))
        self._show_running(self._cancel)
        if self._desk is not None:
            self.parts.show_parts(self._desk.programme.packet, self.papers)

    def _show_paper(self, index: int) -> None:
        if 0 <= index < len(self.papers):
            self.document.setToolTip(self.document.itemText(index))
            self.view.show_pdf(self.papers[index].pdf)

    # --------------------------------------------------------------------------------------- saving
    def _file_name(self, paper: Paper) -> str:
        title = _UNSAFE.sub("_", paper.title)
        if paper.copy:
            return self._word("file_copy", title=title, copy=paper.copy)
        return self._word(f"file_{(self._wanted or Edition.PROOF).value}", title=title)

    def save(self) -> None:
        """Write the papers as PDF files into a folder the person chooses."""
        folder = self.picker(self, self._word("choose_folder"), "")
        source, papers = self._source, self.papers
        if folder is None or source is None:
            return
        named = [replace(paper, name=self._file_name(paper)) for paper in papers]

        def saved(_printed: object) -> None:
            self._context.tell(self._word("saved", folder=folder, count=len(papers)), "good")
            self._record(source, papers)

        self._context.tasks.work(self, lambda: write_papers(named, folder), saved, self._refused)

    def _record(self, source: PaperSource, papers: Sequence[Paper]) -> None:
        model = self._model
        if source.across is not None or model is None or self._desk is None:
            return
        draft_id = model.draft_id

        def put(workplace: Workplace) -> PaperDesk:
            record_printed(workplace, draft_id, source, papers, workplace.now())
            return read_desk(workplace, draft_id)

        def done(desk: PaperDesk) -> None:
            if self._model is model:
                self._desk = desk
                self._show_desk(desk)
            self._context.refresh()

        self._context.tasks.store(self, put, done, self._refused)

    # ------------------------------------------------------------------------------------- printing
    def print(self) -> None:
        """Ask for a printer and print the papers, whole copies one after the other."""
        source, papers = self._source, self.papers
        if source is None or self._cancel is not None:
            return
        order = self.printer.choose(self)
        if order is None:
            return
        cancel = Cancel()
        self._show_running(cancel)
        printer, tasks = self.printer, self._context.tasks

        def report(done: int, total: int) -> None:
            tasks.in_window(self, lambda: self.choice.show_progress(done, total))

        def job() -> bool:
            return printer.print_papers(papers, order, report, cancel)

        tasks.work(self, job, lambda done: self._printed(done, source, papers, order), self._print_failed)

    def cancel(self) -> None:
        """Stop printing before the next page."""
        if self._cancel is not None:
            self._cancel.set()
            self.choice.cancel_button.setEnabled(False)

    def _show_running(self, cancel: Cancel | None) -> None:
        self._cancel = cancel
        self.choice.show_running(cancel is not None, ready=bool(self.papers))

    def _printed(self, done: bool, source: PaperSource, papers: Sequence[Paper], order: PrintOrder) -> None:
        self._show_running(None)
        if not done:
            self._context.tell(self._word("print_cancelled"), "info")
            return
        pages = sum(paper.pages for paper in papers) * order.copies
        tone: Tone = "good" if order.duplex else "warning"
        text = self._word("print_done", count=len(papers), pages=pages)
        self._context.tell(text if order.duplex else text + self._word("single_sided"), tone)
        self._record(source, papers)

    def _print_failed(self, error: AppError) -> None:
        self._show_running(None)
        self._refused(error)

    # -------------------------------------------------------------------------- the platform's report
    def take_report(self) -> None:
        """Register the report that was downloaded from the platform."""
        model = self._model
        file: Path | None = self.picker(self, self._word("import_title"), self._word("pdf_files"))
        if file is None or model is None:
            return
        draft_id = model.draft_id

        def taken(pages: int) -> None:
            self._context.tell(self._word("imported", pages=pages), "good")
            self._wanted = None
            self._context.refresh()
            self.reload()

        self._context.tasks.store(
            self,
            lambda workplace: take_platform_report(workplace, draft_id, file, workplace.now()),
            taken,
            self._refused,
        )

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
