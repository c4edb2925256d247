"""时限: the chain of stages with now, the back-plan, extensions, the calendar file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.clock import BEIJING, to_beijing
from app.errors import AppError
from app.model.programme import Programme
from app.model.submission import Event
from app.rules.backplan import plan
from app.rules.stages import State, next_stage, stages
from app.services.planning import Record, make_calendar, read_record, register_extension, save_calendar
from app.services.timing import explain_stage, show_clock, show_moment, show_offset
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.home.leaving import kept_days
from ui.pages.extension import ExtensionDialog
from ui.pages.plan_view import PlanView
from ui.pages.time_line import Mark, StageRow, TimeAxis, colour_of, plain
from ui.parts import Button, Card, heading, scrolled, tint, words
from ui.reminders import SETTING

_SECOND_MS = 1000


class TimelinePage(QWidget):
    """What is due, when, and who must act."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._model: DraftModel | None = None
        self._record = Record((), timedelta(0))
        self._rows: list[StageRow] = []
        self._minute: object = None
        self.dialog: ExtensionDialog | None = None
        self.choose_file = self._ask_for_file
        self.clock = QTimer(self)
        self.clock.setInterval(_SECOND_MS)
        self.clock.timeout.connect(self.tick)
        self._build()
        self.show_draft(None)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"timeline.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _build(self) -> None:
        look = self._context.look
        hint = words(self._word("no_draft"), look, faint=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(look.space(3), look.space(2), look.space(3), look.space(1))
        column.setSpacing(look.space(1))
        column.addLayout(self._build_head())
        self.next = words("", look)
        column.addWidget(self.next)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._build_line(), self._word("tab_line"))
        self.plan_view = PlanView(self._context)
        self.plan_view.edited.connect(self._days_edited)
        self.plan_view.setParent(self)
        self.plan_view.hide()
        self._plan_area = scrolled(QWidget())
        self.tabs.addTab(self._plan_area, self._word("tab_plan"))
        self.tabs.currentChanged.connect(self._show_tab)
        column.addWidget(self.tabs, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(hint)
        self._stack.addWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _show_tab(self, _place: int) -> None:
        """Lay the plan out when it is seen first: its wrapped cells cost more than the rest of the page."""
        if self.tabs.currentWidget() is self._plan_area:
            self._plan_area.setWidget(self.plan_view)
            self.plan_view.show()
            self.tabs.currentChanged.disconnect(self._show_tab)

    def _build_head(self) -> QVBoxLayout:
        look = self._context.look
        head = QVBoxLayout()
        row = QHBoxLayout()
        row.setSpacing(look.space(1.5))
        row.addWidget(heading(self._word("title"), look))
        row.addStretch(1)
        self.remind = QCheckBox(self._word("remind"))
        self.remind.setToolTip(self._word("remind_help"))
        self.remind.setAccessibleDescription(self._word("remind_help"))
        self.remind.setChecked(self._context.settings.get(SETTING, True) is not False)
        self.remind.clicked.connect(lambda on: self._context.settings.put(SETTING, bool(on)))
        self.export_button = Button(self._word("export"), look, "timeline")
        self.export_button.clicked.connect(self.export)
        self.extend_button = Button(self._word("extend"), look, primary=True)
        self.extend_button.clicked.connect(self.extend)
        for widget in (self.remind, self.export_button, self.extend_button):
            row.addWidget(widget)
        head.addLayout(row)
        self.now = words("", look)
        self.now.setFont(look.font(11.5))
        head.addWidget(self.now)
        return head

    def _build_line(self) -> QWidget:
        look = self._context.look
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, look.space(2), 0, look.space(2))
        column.setSpacing(look.space(2))
        self.axis = TimeAxis(look, self._context.messages)
        column.addWidget(self.axis)
        row = QHBoxLayout()
        row.setSpacing(look.space(3))
        self._stages = QVBoxLayout()
        self._stages.setSpacing(0)
        left = QVBoxLayout()
        left.addLayout(self._stages)
        left.addStretch(1)
        row.addLayout(left, 5)
        self.notes = Card(look)
        self.notes.column.addWidget(heading(self._word("notes_title"), look, 11.5))
        self._notes = QVBoxLayout()
        self._notes.setSpacing(look.space(1.25))
        self.notes.column.addLayout(self._notes)
        right = QVBoxLayout()
        right.addWidget(self.notes)
        right.addStretch(1)
        row.addLayout(right, 3)
        column.addLayout(row)
        column.addStretch(1)
        return scrolled(inner)

    # ------------------------------------------------------------------------------------- showing
    def show_draft(self, model: DraftModel | None) -> None:
        """Show the way of another report, or the hint that none is open."""
        self._model = model
        self._record = Record((), self._record.ahead)
        self._stack.setCurrentIndex(0 if model is None else 1)
        if self.dialog is not None:
            self.dialog.reject()
        if model is None:
            return
        programme = model.session.programme
        self._make_rows(programme)
        self._show_notes(programme)
        self.plan_view.show_programme(programme, kept_days(self._context.settings, programme))
        self._record = Record(model.session.view.context.events, self._record.ahead)
        if self.isVisible():
            self._show_all()
            self.reload()

    def reload(self) -> None:
        """Read the record of the open report again."""
        model = self._model
        if model is None:
            return
        draft_id = model.draft_id
        self._context.tasks.store(
            self,
            lambda workplace: read_record(workplace, draft_id),
            lambda record: self._take_record(draft_id, record),
            self._refused,
        )

    def _take_record(self, draft_id: str, record: Record) -> None:
        if self._model is not None and self._model.draft_id == draft_id and record != self._record:
            self._record = record
            self._show_all()

    def _make_rows(self, programme: Programme) -> None:
        _empty(self._stages)
        self._rows = []
        for place, stage in enumerate(programme.stages):
            last = place == len(programme.stages) - 1
            row = StageRow(self._context.look, self._context.messages, last=last)
            row.setObjectName(stage.id)
            self._rows.append(row)
            self._stages.addWidget(row)

    def _show_notes(self, programme: Programme) -> None:
        _empty(self._notes)
        look = self._context.look
        if not programme.notes:
            self._notes.addWidget(words(self._word("notes_none"), look, faint=True))
        for note in programme.notes:
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(look.space(0.25))
            title = plain(note.about, look)
            title.setFont(look.font(bold=True))
            column.addWidget(title)
            column.addWidget(plain(note.text, look))
            if note.source:
                column.addWidget(plain(self._word("note_source", source=note.source), look, faint=True))
            self._notes.addWidget(box)

    def moment(self) -> datetime:
        """Give now, by the platform's clock where it has answered, with the PC's offset kept."""
        return self._context.clock() + self._record.ahead

    @property
    def _events(self) -> tuple[Event, ...]:
        return self._record.events

    def _show_all(self) -> None:
        model = self._model
        if model is None:
            return
        programme, now, look = model.session.programme, self.moment(), self._context.look
        self._minute = to_beijing(now).replace(second=0, microsecond=0)
        states = stages(programme, self._events, now)
        for row, state in zip(self._rows, states, strict=True):
            row.show_state(state, programme, now)
        marks = [Mark(one.closes, one.stage.label, one.state) for one in states if one.closes is not None]
        opens = [one.opens for one in states if one.opens is not None]
        self.axis.show_marks(marks, opens, programme.calendar, now)
        following = next_stage(states)
        if following is None:
            self.next.setText(self._word("everything_done"))
        else:
            self.next.setText(explain_stage(following, now, self._context.messages))
        tint(self.next, colour_of(following.state if following else State.DONE, look))
        can_extend = any(one.closes is not None and one.state is not State.DONE for one in states)
        self.extend_button.setEnabled(can_extend)
        self.plan_view.show_plan(plan(programme, self._events, now, self.plan_view.days()))
        self._show_now(now)

    def tick(self) -> None:
        """Move now by a second; every minute all that depends on it."""
        if self._model is None:
            return
        now = self.moment()
        if to_beijing(now).replace(second=0, microsecond=0) != self._minute:
            self._show_all()
        self._show_now(now)

    def _show_now(self, now: datetime) -> None:
        text = self._word("now", now=f"{show_moment(now)}:{to_beijing(now):%S}")
        offset = now.utcoffset()
        if offset is not None and offset != BEIJING.utcoffset(None):
            text += self._word("here", here=show_clock(now), zone=show_offset(offset))
        self.now.setText(text)
        self.axis.set_now(now)

    def showEvent(self, event: QShowEvent) -> None:
        """Let the clock run, and read again what another page may have registered."""
        super().showEvent(event)
        self.clock.start()
        self.remind.setChecked(self._context.settings.get(SETTING, True) is not False)
        self._show_all()
        self.reload()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop the clock."""
        self.clock.stop()
        super().hideEvent(event)

    # ---------------------------------------------------------------------------------------- plan
    def _key(self, programme: Programme) -> str:
        return f"backplan.{programme.id}"

    def _days_edited(self, days: Mapping[str, Decimal]) -> None:
        model = self._model
        if model is None:
            return
        programme = model.session.programme
        usual = {stage.id: Decimal(stage.usual_days) for stage in programme.stages}
        own = {key: str(value) for key, value in days.items() if value != usual.get(key)}
        self._context.settings.put(self._key(programme), own)
        self.plan_view.show_plan(plan(programme, self._events, self.moment(), days))

    # -------------------------------------------------------------------------------------- acting
    def extend(self) -> None:
        """Ask for an extension and register it."""
        model = self._model
        if model is None:
            return
        states = stages(model.session.programme, self._events, self.moment())
        self.dialog = ExtensionDialog(self, self._context, states)
        self.dialog.accepted.connect(self._register)
        self.dialog.finished.connect(self._close_dialog)
        self.dialog.open()

    def _close_dialog(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _register(self) -> None:
        model, dialog = self._model, self.dialog
        if model is None or dialog is None:
            return
        draft_id, entry, label = model.draft_id, dialog.entry, dialog.label

        def registered(record: Record) -> None:
            self._take_record(draft_id, record)
            text = self._word("extend_done", label=label, at=show_moment(entry.closes))
            self._context.tell(text, "good")
            self._context.refresh()

        self._context.tasks.store(
            self, lambda workplace: register_extension(workplace, draft_id, entry), registered, self._refused
        )

    def export(self) -> None:
        """Save deadlines and latest starts as a calendar file where the user chooses."""
        model = self._model
        path = self.choose_file() if model is not None else ""
        if model is None or not path:
            return
        target = Path(path)
        body = make_calendar(
            model.session.programme,
            model.draft_id,
            self._events,
            self.moment(),
            self.plan_view.days(),
            self._context.messages,
        )
        self._context.tasks.work(
            self,
            lambda: save_calendar(target, body),
            lambda _path: self._context.tell(self._word("calendar_saved", name=target.name), "good"),
            self._refused,
        )

    def _ask_for_file(self) -> str:
        name, kinds = f"{self._word('calendar_file')}.ics", f"{self._word('calendar_files')} (*.ics)"
        path, _ = QFileDialog.getSaveFileName(self, self._word("choose_calendar"), name, kinds)
        return path if not path or path.lower().endswith(".ics") else f"{path}.ics"

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
