"""打印装订: what can be printed now, its pages, the printer, the record of what was printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.rules.stale_pages import StalePage
from app.services.paging import find_stale, read_now
from app.services.previewing import (
    Edition,
    Paper,
    PaperDesk,
    PaperSource,
    in_copy_order,
    read_desk,
    read_source,
)
from app.services.printing import (
    EXCUSABLE,
    lay_out_checked,
    record_printed,
)
from app.services.workplace import Workplace
from ui.context import PageContext, Tone
from ui.dialogs import Picker, pick
from ui.draft_model import DraftModel, SaveState, Saving
from ui.pages.paper_choice import ChoiceCard
from ui.pages.paper_errands import PaperErrands
from ui.pages.paper_parts import PartsCard, RecordCard
from ui.pages.paper_scratch import Scratch
from ui.pages.pdf_view import PdfView
from ui.pages.printer import PrinterPort, PrintOrder, SystemPrinter
from ui.parts import heading, scrolled, words
from ui.tasks import Cancel


class PaperPage(QWidget):
    """The page 打印装订.  ``picker`` asks for files and folders, ``printer`` is the way to printers."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self.picker: Picker = pick
        self.printer: PrinterPort = SystemPrinter()
        self._model: DraftModel | None = None
        self._desk: PaperDesk | None = None
        self.source: PaperSource | None = None
        self.papers: tuple[Paper, ...] = ()
        self.wanted: Edition | None = None
        self._round = 0
        self._stale = True
        self._cancel: Cancel | None = None
        self.reason = ""
        self._stale_pages: tuple[StalePage, ...] = ()
        self.scratch = Scratch(self)
        self.errands = PaperErrands(self, context)
        self._arrange()
        self.show_draft(None)

    @property
    def model(self) -> DraftModel | None:
        """Give the open report."""
        return self._model

    @property
    def desk(self) -> PaperDesk | None:
        """Give where the open report stands, once that is read."""
        return self._desk

    @property
    def dialog(self) -> QDialog | None:
        """Give the dialog that is open."""
        return self.errands.dialog

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
            (self.choice.save_button, self.errands.save),
            (self.choice.import_button, self.errands.take_report),
            (self.choice.cancel_button, self.cancel),
            (self.choice.arrange_button, self.errands.arrange_book),
            (self.choice.pages_button, self.errands.check_pages),
            (self.choice.reason_button, self.lay_out_anyway),
        ):
            button.clicked.connect(lambda _checked=False, act=act: act())
        column.addWidget(self.choice)
        self.parts = PartsCard(self._context)
        self.parts.act.connect(self.errands.register)
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
        self._desk, self.source, self.papers, self.wanted = None, None, (), None
        self.reason, self._stale_pages = "", ()
        self.errands.leave()
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
        self._read_stale()
        wanted = self.wanted if self.wanted in desk.editions else desk.editions[-1]
        self.choose(wanted)

    def take_fresh(self, desk: PaperDesk) -> None:
        """Show where the report stands after something was put on record."""
        self._desk = desk
        self._show_desk(desk)
        self._read_stale()
        self._show_papers_of(desk)

    def _show_desk(self, desk: PaperDesk) -> None:
        self.choice.show_desk(desk)
        self.record.show_desk(desk)

    def _read_stale(self) -> None:
        """Find out beside the window which printed pages are not what would be printed now."""
        model, desk = self._model, self._desk
        self._stale_pages = ()
        if model is None or desk is None or not desk.copies:
            return
        draft_id = model.draft_id

        def take(stale: tuple[StalePage, ...]) -> None:
            if self._model is model and self._desk is desk:
                self._stale_pages = stale
                self._show_papers_of(desk)

        self._context.tasks.store(
            self,
            lambda workplace: read_now(workplace, draft_id, workplace.now()),
            lambda source: self._context.tasks.work(
                self, lambda: find_stale(source) if self._desk is desk else (), take, self._refused
            ),
            self._refused,
        )

    def lay_out_anyway(self) -> None:
        """Lay the paper out once more; the written reason goes on record with it."""
        if self.wanted is not None:
            self.choose(self.wanted, self.choice.reason.text().strip())

    def choose(self, edition: Edition, reason: str = "") -> None:
        """Lay out one of the editions; ``reason`` is why, though something was found in it."""
        model = self._model
        if model is None:
            return
        self.wanted, self.reason = edition, reason
        self.choice.ask_reason(False)
        self.choice.editions[edition].setChecked(True)
        self._round += 1
        token, draft_id = self._round, model.draft_id
        self.papers, self.source = (), None
        self._show_papers()
        self.view.show_pdf(b"", self._word("laying_out"))
        self._context.tasks.store(
            self,
            lambda workplace: read_source(workplace, draft_id, edition, workplace.now()),
            lambda source: self._lay_out(token, replace(source, reason=reason)),
            lambda error: self._no_paper(token, error),
        )

    def _lay_out(self, token: int, source: PaperSource) -> None:
        source = source.in_folder(self.scratch.fresh())

        def job() -> tuple[Paper, ...]:
            # laying out a long report takes seconds: one that nobody waits for is left out
            return in_copy_order(lay_out_checked(source)) if token == self._round else ()

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
            self.choice.ask_reason(error.code in EXCUSABLE)

    def _take_papers(self, token: int, source: PaperSource, papers: Sequence[Paper]) -> None:
        if token != self._round:
            return
        self.source, self.papers = source, tuple(papers)
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
            self._show_papers_of(self._desk)

    def _show_papers_of(self, desk: PaperDesk) -> None:
        self.parts.show_parts(desk, self.papers, self._stale_pages)

    def _show_paper(self, index: int) -> None:
        if 0 <= index < len(self.papers):
            self.document.setToolTip(self.document.itemText(index))
            self.view.show_pdf(self.papers[index].pdf)

    # ------------------------------------------------------------------------------------- recording
    def keep_record(self, source: PaperSource, papers: Sequence[Paper]) -> None:
        """Put on record that the book went to paper, unless a word stands across it."""
        model = self._model
        if source.across is not None or model is None or self._desk is None:
            return
        draft_id = model.draft_id

        def put(workplace: Workplace) -> PaperDesk:
            record_printed(workplace, draft_id, source, papers, workplace.now())
            return read_desk(workplace, draft_id)

        def done(desk: PaperDesk) -> None:
            if self._model is model:
                self.take_fresh(desk)
            self._context.refresh()

        self._context.tasks.store(self, put, done, self._refused)

    # ------------------------------------------------------------------------------------- printing
    def print(self) -> None:
        """Ask for a printer and print the papers, whole copies one after the other."""
        if self.source is not None:
            self.print_papers(self.source, self.papers)

    def print_papers(
        self,
        source: PaperSource,
        papers: Sequence[Paper],
        recorded: Callable[[PrintOrder], None] | None = None,
    ) -> None:
        """Print papers and put that on record, by ``recorded`` where they are not the whole book."""
        if self._cancel is not None:
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

        def ended(done: bool) -> None:
            if done and recorded is not None:
                self._show_running(None)
                recorded(order)
            else:
                self._printed(done, source, papers, order)

        tasks.work(self, job, ended, self._print_failed)

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
        self.keep_record(source, papers)

    def _print_failed(self, error: AppError) -> None:
        self._show_running(None)
        self._refused(error)

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
