"""What 打印装订 does in dialogs: taking the platform's report, arranging the book, reprinting pages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from app.errors import AppError
from app.model.programme import Programme
from app.model.submission import EventKind
from app.services.arranging import keep_choice, read_choice
from app.services.binding import BookChoice
from app.services.handling import register_act
from app.services.paging import PageSource, Reprint, lay_out_stale, read_now
from app.services.previewing import Edition, Paper, PaperDesk, PaperSource, read_desk
from app.services.printing import read_packet, record_printed, write_papers
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.pages.paper_book import BookDialog
from ui.pages.paper_pages import PagesDialog
from ui.pages.printer import PrintOrder
from ui.pages.report_taking import ReportTaking

if TYPE_CHECKING:
    from ui.pages.paper import PaperPage

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class PaperErrands(QObject):
    """Errands of one page; ``dialog`` is the one that is open.  It goes with its page."""

    def __init__(self, page: PaperPage, context: PageContext) -> None:
        super().__init__(page)
        self._page, self._context = page, context
        self.dialog: QDialog | None = None
        self.taking = ReportTaking(page, context, self._open, self._report_taken)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.{key}", **params)

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")

    def leave(self) -> None:
        """Close what is open, because another report is shown."""
        self.taking.leave()
        if self.dialog is not None:
            self.dialog.reject()

    def _file_name(self, paper: Paper) -> str:
        title = _UNSAFE.sub("_", paper.title)
        if paper.copy:
            return self._word("file_copy", title=title, copy=paper.copy)
        return self._word(f"file_{(self._page.wanted or Edition.PROOF).value}", title=title)

    def save(self) -> None:
        """Write the papers as PDF files into a folder the person chooses."""
        folder = self._page.picker(self._page, self._word("choose_folder"), "")
        source, papers = self._page.source, self._page.papers
        if folder is None or source is None:
            return
        named = [replace(paper, name=self._file_name(paper)) for paper in papers]

        def saved(_printed: object) -> None:
            self._context.tell(self._word("saved", folder=folder, count=len(papers)), "good")
            self._page.keep_record(source, papers)

        self._context.tasks.work(self, lambda: write_papers(named, folder), saved, self._refused)

    # -------------------------------------------------------------------------- the platform's report
    def take_report(self) -> None:
        """Look at the report that was downloaded from the platform, and take it when it is right."""
        if self._page.model is not None:
            self.taking.take(self._page.model.draft_id, self._page.picker)

    def _report_taken(self) -> None:
        self._page.wanted = None
        self._page.reload()

    def _open(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(lambda _result: self._close_dialog(dialog))
        dialog.open()

    def _close_dialog(self, dialog: QDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    # ------------------------------------------------------------------------------ book and pages
    def arrange_book(self) -> None:
        """Let the office arrange its book; what it wants is kept with the report."""
        model = self._page.model
        if model is None:
            return
        draft_id = model.draft_id

        def read(workplace: Workplace) -> tuple[Programme, BookChoice]:
            programme = workplace.programme_of(workplace.draft(draft_id))
            return programme, read_choice(workplace, draft_id)

        def show(found: tuple[Programme, BookChoice]) -> None:
            if model is self._page.model:
                dialog = BookDialog(self._page, self._context, *found, self._page.picker)
                dialog.accepted.connect(lambda: self._keep(model, dialog.choice))
                self._open(dialog)

        self._context.tasks.store(self, read, show, self._refused)

    def _keep(self, model: DraftModel, choice: BookChoice) -> None:
        draft_id = model.draft_id

        def kept(_choice: BookChoice) -> None:
            self._context.tell(self._word("arranged"), "good")
            if model is self._page.model:
                self._page.reload()

        self._context.tasks.store(
            self, lambda workplace: keep_choice(workplace, draft_id, choice), kept, self._refused
        )

    def check_pages(self) -> None:
        """Show which printed pages are stale, and tell pages by their codes."""
        model, desk = self._page.model, self._page.desk
        if model is not None and desk is not None:
            copies = desk.programme.packet.copies
            dialog = PagesDialog(self._page, self._context, model.draft_id, copies, self._page.picker)
            dialog.reprint.connect(lambda codes: self._reprint(model, codes))
            self._open(dialog)

    def _reprint(self, model: DraftModel, codes: bool) -> None:
        """Print only the sheets that went stale, of each copy."""
        if self.dialog is not None:
            self.dialog.accept()
        draft_id, scratch, reason = model.draft_id, self._page.scratch.fresh(), self._page.reason

        def read(workplace: Workplace) -> tuple[PaperSource, PageSource]:
            source = read_packet(workplace, draft_id, workplace.now()).in_folder(scratch)
            source = replace(source, reason=reason)
            return source, read_now(workplace, draft_id, workplace.now())

        def lay_out(found: tuple[PaperSource, PageSource]) -> Reprint:
            return lay_out_stale(*found, codes=codes)

        def show(source: PaperSource, again: Reprint) -> None:
            if model is not self._page.model:
                return
            if again.papers:
                self._page.print_papers(
                    source, again.papers, lambda order: self._reprinted(model, source, again, order)
                )
            else:
                self._reprinted(model, source, again, None)

        self._context.tasks.store(
            self,
            read,
            lambda found: self._context.tasks.work(
                self, lambda: lay_out(found), lambda again: show(found[0], again), self._refused
            ),
            self._refused,
        )

    def _reprinted(
        self, model: DraftModel, source: PaperSource, again: Reprint, order: PrintOrder | None
    ) -> None:
        draft_id = model.draft_id

        def put(workplace: Workplace) -> None:
            record_printed(
                workplace, draft_id, source, again.every, workplace.now(), again.pages, again.taken_out
            )

        def done(_nothing: None) -> None:
            pages = sum(paper.pages for paper in again.papers)
            text = self._word("reprinted", pages=pages) if order is not None else self._word("taken_out")
            single = order is not None and not order.duplex
            self._context.tell(
                text + self._word("single_sided") if single else text, "warning" if single else "good"
            )
            self._context.refresh()
            self._page.reload()

        self._context.tasks.store(self, put, done, self._refused)

    def register(self, kind: EventKind, part_id: str, copy: int) -> None:
        """Put on record that one part of one copy was signed or stamped."""
        model, desk = self._page.model, self._page.desk
        if model is None or desk is None:
            return
        draft_id = model.draft_id
        part = next(one for one in desk.programme.packet.parts if one.id == part_id)

        def put(workplace: Workplace) -> PaperDesk:
            register_act(workplace, draft_id, kind, part_id, copy, workplace.now())
            return read_desk(workplace, draft_id)

        def done(fresh: PaperDesk) -> None:
            act = self._context.messages.text("words", f"event.{kind.value}")
            self._context.tell(self._word("act_done", part=part.title, copy=copy, act=act), "good")
            if model is self._page.model:
                self._page.take_fresh(fresh)
            self._context.refresh()

        self._context.tasks.store(self, put, done, self._refused)
