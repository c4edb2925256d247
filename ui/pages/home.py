"""首页: all reports with where each stands, what was backed up, and the way to a new report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.clock import to_beijing
from app.errors import AppError
from ui.context import PageContext
from ui.parts import Button, Card, heading, scrolled, tint, words

if TYPE_CHECKING:
    from app.services.reports import Report
    from app.services.safety import Safety
    from app.services.workplace import Workplace
    from ui.draft_model import DraftModel

_MINUTE_MS = 60_000
_OLD = timedelta(days=1)


class HomePage(QWidget):
    """The page the program opens with."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._reports: tuple[Report, ...] | None = None
        self._ahead = timedelta(0)
        self._open_id = ""
        self.cards: list[QWidget] = []
        look = context.look
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(look.space(3), look.space(2), 0, 0)
        self._column.setSpacing(look.space(1.5))
        self._add_head()
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, look.space(3), look.space(3))
        self._rows.setSpacing(look.space(1.5))
        self._rows.addStretch(1)
        self._column.addWidget(scrolled(self._list), 1)
        self._show_list()
        self._minute = QTimer(self)
        self._minute.timeout.connect(self._tick)
        self._minute.start(_MINUTE_MS)
        self._painted = False

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"home.{key}", **params)

    def _add_head(self) -> None:
        look = self._context.look
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, look.space(3), 0)
        row.setSpacing(look.space(1.5))
        self.search = QLineEdit()
        self.search.setPlaceholderText(self._word("search"))
        self.search.setAccessibleName(self._word("search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._show_list())
        self.archived = QCheckBox(self._word("archived"))
        self.archived.toggled.connect(lambda _on: self.reload())
        self.new_button = Button(self._word("new"), look, "", primary=True)
        QShortcut(QKeySequence("Ctrl+N"), self).activated.connect(self.make_report)
        self.new_button.setToolTip("Ctrl+N")
        self.new_button.clicked.connect(self.make_report)
        row.addWidget(heading(self._word("title"), look))
        row.addWidget(self.search, 1)
        row.addWidget(self.archived)
        row.addWidget(self.new_button)
        self._column.addLayout(row)
        safety = QHBoxLayout()
        safety.setContentsMargins(0, 0, look.space(3), 0)
        self.backup_age = QLabel("")
        tint(self.backup_age, look.faint)
        self.backup_button = Button(self._word("backup"), look, "backup", quiet=True)
        self.backup_button.clicked.connect(self.back_up)
        safety.addWidget(self.backup_age)
        safety.addWidget(self.backup_button)
        safety.addStretch(1)
        self._column.addLayout(safety)

    # --------------------------------------------------------------------------------------- reading
    def paintEvent(self, event: QPaintEvent) -> None:
        """Read the store only after the first paint: a window that is seen waits for nothing."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.reload)

    def show_draft(self, model: DraftModel | None) -> None:
        """Mark the report that is open."""
        self._open_id = model.draft_id if model is not None else ""
        known = {report.summary.id for report in self._reports or ()}
        if self._open_id and self._open_id not in known:
            self.reload()
        elif self._reports is not None:
            self._show_list()

    def reload(self) -> None:
        """Read the list of reports again."""
        hidden = self.archived.isChecked()
        self._context.tasks.store(
            self, lambda workplace: _read(workplace, hidden=hidden), self._take, self._refused
        )

    def _take(self, read: tuple[tuple[Report, ...], Safety, timedelta]) -> None:
        self._reports, self._safety, self._ahead = read
        self._show_list()
        self._show_safety()

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")

    def _now(self) -> datetime:
        """Give the best clock's moment with this PC's own offset, so that another zone is explained."""
        return (self._context.clock() + self._ahead).astimezone()

    def _show_list(self) -> None:
        for card in self.cards:
            self._rows.removeWidget(card)
            card.deleteLater()
        self.cards.clear()
        look = self._context.look
        if self._reports is None:
            self._put(words(self._word("reading"), look, faint=True))
            return
        wanted = self.search.text().casefold().split()
        shown = [one for one in self._reports if all(part in one.searchable for part in wanted)]
        if not self._reports:
            self._put(self._welcome())
        elif not shown:
            self._put(words(self._word("none_found", text=self.search.text().strip()), look, faint=True))
        now = self._now()
        from ui.home.card import ReportCard

        for report in shown:
            card = ReportCard(report, self._context, now, is_open=report.summary.id == self._open_id)
            card.chosen.connect(lambda act, one=report: self._act(act, one))
            self._put(card)

    def _put(self, widget: QWidget) -> None:
        self._rows.insertWidget(len(self.cards), widget)
        self.cards.append(widget)

    def _welcome(self) -> Card:
        look = self._context.look
        card = Card(look)
        card.column.setSpacing(look.space(1.5))
        card.column.addWidget(heading(self._word("empty_title"), look, 13))
        card.column.addWidget(words(self._word("empty_text"), look))
        button = Button(self._word("new"), look, "plus")
        button.clicked.connect(self.make_report)
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        card.column.addLayout(row)
        return card

    def _tick(self) -> None:
        from ui.home.card import ReportCard

        if self._reports is None:
            return
        now = self._now()
        reports = tuple(report.at(now) for report in self._reports)
        moved = [_stands(one) for one in reports] != [_stands(one) for one in self._reports]
        self._reports = reports
        if moved:
            self._show_list()
        for card in self.cards:
            if isinstance(card, ReportCard):
                card.show_time(now)
        self._show_safety()

    def _show_safety(self) -> None:
        from app.services.timing import show_span

        made = self._safety.newest
        if made is None:
            text, colour = self._word("backup_none"), self._context.look.warning
        elif not self._safety.verified:
            text, colour = self._word("backup_unsure"), self._context.look.warning
        else:
            age = max(to_beijing(self._context.clock()) - made, timedelta(0))
            recent = age < timedelta(minutes=1)
            text = self._word("backup_now") if recent else self._word("backup_age", span=show_span(age))
            colour = self._context.look.warning if age > _OLD else self._context.look.faint
        self.backup_age.setText(text)
        tint(self.backup_age, colour)

    # ------------------------------------------------------------------------------------------ acts
    def focus_search(self) -> None:
        """Put the cursor into the search over reports."""
        self.search.setFocus()
        self.search.selectAll()

    def back_up(self) -> None:
        """Make a backup now."""
        self.backup_button.setEnabled(False)
        self.backup_age.setText(self._word("backing_up"))
        self._context.tasks.store(self, _back_up, self._backed_up, self._not_backed_up)

    def _backed_up(self, name: str) -> None:
        self.backup_button.setEnabled(True)
        self._context.tell(self._word("backup_done", name=name), "good")
        self.reload()

    def _not_backed_up(self, error: AppError) -> None:
        self.backup_button.setEnabled(True)
        self._show_safety()
        self._refused(error)

    def make_report(self) -> None:
        """Ask for a new report."""
        from ui.home.new_report import NewReport

        dialog = NewReport(self, self._context, self._reports or ())
        dialog.made.connect(self._made)
        dialog.open()

    def _made(self, draft_id: str) -> None:
        self._context.refresh()
        self._context.open_draft(draft_id)
        self._context.go("draft", "")

    def _act(self, act: str, report: Report) -> None:
        if act == "open":
            if report.summary.id != self._open_id:
                self._context.open_draft(report.summary.id)
            self._context.go("draft", "")
        elif act == "notice":
            self._context.refresh()
        elif act == "close":
            self._context.open_draft("")
        elif act == "register":
            from ui.home.register import RegisterDialog

            dialog = RegisterDialog(self, self._context, report, self._now())
            dialog.registered.connect(self._context.refresh)
            dialog.open()
        elif act == "rename":
            from ui.home.rename import RenameDialog

            RenameDialog(self, self._context, report.summary.id, report.summary.title).open()
        else:
            self._hide(report, hide=act == "archive")

    def _hide(self, report: Report, *, hide: bool) -> None:
        draft_id, title = report.summary.id, report.summary.title

        def move(workplace: Workplace) -> None:
            drafts = workplace.store.drafts
            (drafts.archive if hide else drafts.restore)(draft_id)

        def moved(_nothing: None) -> None:
            key = "archived_done" if hide else "restored_done"
            self._context.tell(self._word(key, title=title), "good")
            if hide and draft_id == self._open_id:
                self._context.open_draft("")
            self.reload()

        self._context.tasks.store(self, move, moved, self._refused)


def _stands(report: Report) -> list[str]:
    return [one.state.value for one in report.states]


def _read(workplace: Workplace, *, hidden: bool) -> tuple[tuple[Report, ...], Safety, timedelta]:
    from app.services.reports import list_reports
    from app.services.safety import safety

    now = workplace.now()
    ahead = now - to_beijing(workplace.clock())
    return list_reports(workplace, now, hidden=hidden), safety(workplace), ahead


def _back_up(workplace: Workplace) -> str:
    from app.services.safety import back_up_now

    return back_up_now(workplace).name
