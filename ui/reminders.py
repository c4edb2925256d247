"""Reminders 7, 3 and 1 days and 3 hours before the next open deadline, each once, until switched off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from app.clock import format_moment, to_beijing
from app.errors import AppError
from app.rules.stages import StageState, State
from app.services.planning import REMIND_BEFORE, Upcoming, read_upcoming
from app.services.timing import show_moment, show_span
from ui.context import PageContext

SETTING = "reminders"
"""Settings key: false switches reminders off."""
_TOLD = "reminders_told"
_EVERY_MS = 5 * 60 * 1000
_KEPT = 200
_SHOWN_MS = 15_000


@dataclass(frozen=True)
class Reminder:
    """A reminder that is due.  ``key`` tells it from every other, so that it comes once."""

    key: str
    state: StageState
    closes: datetime


def next_deadline(states: Sequence[StageState]) -> StageState | None:
    """Give the stage with the nearest deadline among those neither done nor late, or None."""
    waiting = [one for one in states if one.closes is not None and one.state not in (State.DONE, State.LATE)]
    return min(waiting, key=lambda one: one.seconds_left or 0, default=None)


def due_reminder(
    draft_id: str, states: Sequence[StageState], now: datetime, told: Collection[str]
) -> Reminder | None:
    """Give the reminder that should be shown at a moment, or None.

    Only the nearest of the passed reminder times counts: who opens the program two days before a deadline is
    reminded once, not twice.  ``told`` holds the keys of what was shown.
    """
    state = next_deadline(states)
    if state is None or state.closes is None:
        return None
    left = state.closes - to_beijing(now)
    passed = [before for before in REMIND_BEFORE if left <= before]
    if not passed:
        return None
    hours = round(min(passed).total_seconds() / 3600)
    key = f"{draft_id}/{state.stage.id}/{format_moment(state.closes)}/{hours}"
    return None if key in told else Reminder(key, state, state.closes)


class Reminders(QObject):
    """Looks at all reports every few minutes and tells what is due, by the desktop or by the banner."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._tray: QSystemTrayIcon | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now and from now on."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        if self._tray is not None:
            self._tray.hide()

    def look(self) -> None:
        """Read the stages of all reports and tell what is due."""
        if self._context.settings.get(SETTING, True) is not False:
            self._context.tasks.store(self, read_upcoming, self._take, self._refused)

    def _take(self, found: tuple[datetime, tuple[Upcoming, ...]]) -> None:
        now, reports = found
        kept = self._context.settings.get(_TOLD, [])
        told = [str(key) for key in kept] if isinstance(kept, list) else []
        for report in reports:
            reminder = due_reminder(report.draft_id, report.stages, now, told)
            if reminder is not None:
                told.append(reminder.key)
                self._tell(report, reminder, now)
        if told != kept:
            self._context.settings.put(_TOLD, told[-_KEPT:])

    def _tell(self, report: Upcoming, reminder: Reminder, now: datetime) -> None:
        messages = self._context.messages
        text = messages.text(
            "window",
            "timeline.reminder",
            title=report.title,
            label=reminder.state.stage.label,
            closes=show_moment(reminder.closes),
            span=show_span(reminder.closes - to_beijing(now)),
        )
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            if self._tray is None:
                self._tray = QSystemTrayIcon(QApplication.windowIcon(), self)
            self._tray.show()
            sign = QSystemTrayIcon.MessageIcon.Warning
            self._tray.showMessage(messages.text("window", "timeline.reminder_title"), text, sign, _SHOWN_MS)
        self._context.tell(text, "warning")

    def _refused(self, error: AppError) -> None:
        """A report that cannot be read is told of where it is opened, not every five minutes."""
        self._context.tell(self._context.messages.error(error), "error")
        self._timer.stop()
