"""The card of a report: what it is, where it stands, who must act next and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QVBoxLayout

from app.clock import BEIJING, to_beijing
from app.errors import AppError
from app.messages import Messages
from app.rules.stages import StageState, State
from app.services.reports import Report
from app.services.timing import explain_stage, show_clock, show_moment, show_offset
from ui.context import PageContext
from ui.home.ladder import Ladder
from ui.home.leaving import leaving
from ui.home.notice_button import NoticeButton
from ui.icons import pixmap
from ui.parts import Button, Card, ElidedLabel, tint, words
from ui.style import Look


class ReportCard(Card):
    """One report.  ``chosen`` carries an act: open, close, register, rename, archive, restore, notice."""

    chosen = Signal(str)

    def __init__(self, report: Report, context: PageContext, now: datetime, *, is_open: bool) -> None:
        super().__init__(context.look)
        self.report, self._context = report, context
        self._messages: Messages = context.messages
        self._is_open = is_open
        self.setAccessibleName(report.summary.title)
        self._state: StageState | None = None
        self._add_head()
        if report.error is not None:
            self._add_error(report.error)
        elif report.programme is not None:
            self._add_ladder()
            self._add_acts(now)
        self.show_time(now)

    def _word(self, key: str, /, **params: object) -> str:
        return self._messages.text("window", f"home.{key}", **params)

    def _add_head(self) -> None:
        look, report = self._context.look, self.report
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        self.title = ElidedLabel(report.summary.title)
        self.title.setFont(look.font(12.5, bold=True))
        row.addWidget(self.title, 1)
        readable = report.error is None
        self.open_button = Button(self._word("opened" if self._is_open else "open"), look, "open")
        self.open_button.setEnabled(readable)
        self.open_button.clicked.connect(lambda: self.chosen.emit("open"))
        self.register_button = Button(self._word("register"), look, "event")
        self.register_button.setEnabled(readable)
        self.register_button.clicked.connect(lambda: self.chosen.emit("register"))
        self.more_button = Button("", look, "more", quiet=True)
        self.more_button.setAccessibleName(self._word("more"))
        self.more_button.setToolTip(self._word("more"))
        self.more_button.clicked.connect(self._show_menu)
        for button in (self.open_button, self.register_button, self.more_button):
            button.setAccessibleDescription(report.summary.title)
            row.addWidget(button)
        about = QLabel("　".join(self._facts()))
        about.setWordWrap(True)
        about.setFont(look.font(9.5))
        tint(about, look.faint)
        below = QHBoxLayout()
        below.setSpacing(look.space(1))
        below.addWidget(about, 1)
        self.notice_button: NoticeButton | None = None
        if readable:
            self.notice_button = NoticeButton(report, self._context)
            self.notice_button.kept.connect(lambda: self.chosen.emit("notice"))
            below.addWidget(self.notice_button)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(row)
        column.addLayout(below)
        self.column.addLayout(column)

    def _facts(self) -> list[str]:
        summary, programme = self.report.summary, self.report.programme
        facts = []
        if programme is not None:
            facts += [self._word("year", year=programme.report_year), programme.issuer]
        if summary.updated_at is not None:
            facts.append(self._word("edited", at=show_clock(summary.updated_at)))
        facts.append(summary.id)
        if summary.hidden:
            facts.append(self._word("in_archive" if summary.hidden == "archived" else "in_bin"))
        return facts

    def _add_error(self, error: AppError) -> None:
        self.set_edge(self._context.look.error)
        self.column.addWidget(
            words(self._messages.error(error), self._context.look, colour=self._context.look.error)
        )

    def _add_ladder(self) -> None:
        look, states = self._context.look, self.report.states
        texts = [
            self._word(
                "stage_line",
                number=number,
                label=one.stage.label,
                actor=one.stage.actor,
                state=self._messages.text("words", f"state.{one.state.value}"),
            )
            for number, one in enumerate(states, 1)
        ]
        done = sum(one.state is State.DONE for one in states)
        row = QHBoxLayout()
        row.setSpacing(look.space(2))
        row.addWidget(Ladder(states, texts, self._word("ladder"), look), 1)
        count = QLabel(self._word("progress", done=done, total=len(states)))
        count.setFont(look.font(9.5))
        tint(count, look.faint)
        row.addWidget(count)
        self.column.addLayout(row)

    def _add_acts(self, now: datetime) -> None:
        look = self._context.look
        waiting = [one for one in self.report.states if one.state is not State.DONE]
        if not waiting:
            self.set_edge(look.good)
            self.column.addWidget(words(self._word("all_done"), look, colour=look.good))
            return
        self.set_edge(_colour_of(waiting[0], look))
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.space(1.5))
        grid.setVerticalSpacing(look.space(0.75))
        grid.setColumnStretch(3, 1)
        self._add_now(grid, waiting[0])
        if len(waiting) > 1:
            self._add_next(grid, waiting[1])
        self._add_leaving(grid, now)
        self.column.addLayout(grid)
        self._here = words("", look, faint=True)
        self._here.setFont(look.font(9.5))
        self._here.hide()
        self.column.addWidget(self._here)

    def _add_now(self, grid: QGridLayout, state: StageState) -> None:
        look = self._context.look
        colour = _colour_of(state, look)
        sign, when = QLabel(), QLabel(self._word("act_now"))
        side = round(18 * (1 + (look.scale - 1) / 2))
        names = {State.LATE: "error", State.CLOSING: "warning"}
        sign.setPixmap(pixmap(names.get(state.state, "clock"), colour, side, self.devicePixelRatioF()))
        when.setFont(look.font(10.5, bold=True))
        tint(when, colour)
        actor = QLabel(self._word("who", actor=state.stage.actor))
        actor.setFont(look.font(10.5, bold=True))
        self._sentence = words("", look)
        for place, widget in enumerate((sign, when, actor, self._sentence)):
            grid.addWidget(widget, 0, place, Qt.AlignmentFlag.AlignTop if place < 3 else Qt.AlignmentFlag(0))
        self._state = state

    def _add_next(self, grid: QGridLayout, state: StageState) -> None:
        key = "then" if state.closes is None else "then_until"
        closes = show_moment(state.closes) if state.closes is not None else ""
        texts = (
            self._word("act_next"),
            self._word("who", actor=state.stage.actor),
            self._word(key, label=state.stage.label, closes=closes),
        )
        self._add_faint(grid, 1, texts)

    def _add_leaving(self, grid: QGridLayout, now: datetime) -> None:
        """Say until when somebody has to set out with the paper."""
        found = leaving(self.report, self._context.settings, now)
        if found is None or found.latest_start is None or found.late:
            return
        at = show_moment(found.latest_start)
        text = self._word("leave_by", label=found.stage.label, at=at)
        self._add_faint(grid, 2, (self._word("leave"), self._word("who", actor=found.stage.actor), text))

    def _add_faint(self, grid: QGridLayout, line: int, texts: tuple[str, str, str]) -> None:
        look = self._context.look
        for place, text in enumerate(texts, 1):
            label = words(text, look, faint=True) if place == 3 else _faint(text, look)
            grid.addWidget(label, line, place)

    def show_time(self, now: datetime) -> None:
        """Say anew what is left; ``now`` carries the PC's own offset, explained where it is not Beijing's."""
        state = self._state
        if state is None:
            return
        self._sentence.setText(explain_stage(state, to_beijing(now), self._messages))
        offset = now.utcoffset()
        elsewhere = offset is not None and offset != BEIJING.utcoffset(None)
        if elsewhere and state.closes is not None and offset is not None:
            here = self._messages.text(
                "timing",
                "other_clock",
                zone=show_offset(offset),
                here=show_clock(now),
                now=show_moment(now),
                closes_here=show_clock(state.closes.astimezone(now.tzinfo)),
            )
            self._here.setText(here)
        self._here.setVisible(elsewhere and state.closes is not None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the same as the button with the three points."""
        self._show_menu()

    def _show_menu(self) -> None:
        menu = QMenu(self)
        acts = ["rename", "restore" if self.report.summary.hidden else "archive"]
        if self._is_open:
            acts.append("close")
        for act in acts:
            menu.addAction(self._word(act)).triggered.connect(_send(self.chosen.emit, act))
        menu.popup(self.more_button.mapToGlobal(self.more_button.rect().bottomLeft()))


def _faint(text: str, look: Look) -> QLabel:
    label = QLabel(text)
    tint(label, look.faint)
    return label


def _send(emit: Callable[[str], object], act: str) -> Callable[[], object]:
    return lambda: emit(act)


def _colour_of(state: StageState, look: Look) -> QColor:
    if state.state is State.LATE:
        return look.error
    return look.warning if state.state is State.CLOSING else look.accent
