"""The time line: an axis of days with deadlines and now, and the stages one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.clock import BEIJING, to_beijing
from app.messages import Messages
from app.model.programme import Calendar, Programme
from app.rules.stages import StageState, State, is_workday, workdays_between, year_is_known
from app.services.timing import show_moment, show_span
from ui.parts import tint
from ui.style import Look

_DAY = timedelta(days=1)
_MOST_DAYS = 60


@dataclass(frozen=True)
class Mark:
    """A moment on the axis with its label."""

    at: datetime
    label: str
    state: State


def colour_of(state: State, look: Look) -> QColor:
    """Give the colour of a state; a word always stands beside it."""
    return {
        State.UPCOMING: look.faint,
        State.OPEN: look.accent,
        State.CLOSING: look.warning,
        State.LATE: look.error,
        State.DONE: look.good,
    }[state]


def axis_of(marks: Sequence[Mark], opens: Sequence[datetime], now: datetime) -> tuple[datetime, datetime]:
    """Give the first and the last midnight shown: all marks and, if it is near, now."""
    moments = [to_beijing(mark.at) for mark in marks] + [to_beijing(moment) for moment in opens]
    moments = moments or [to_beijing(now)]
    first, last = min(moments), max(moments)
    if first - timedelta(days=14) <= now <= last + timedelta(days=14):
        first, last = min(first, to_beijing(now)), max(last, to_beijing(now))
    start = first.replace(hour=0, minute=0, second=0, microsecond=0)
    end = last.replace(hour=0, minute=0, second=0, microsecond=0) + 2 * _DAY
    return max(start, end - _MOST_DAYS * _DAY), end


class TimeAxis(QWidget):
    """Days from left to right, days off shaded, a flag for every deadline, and now."""

    def __init__(self, look: Look, messages: Messages) -> None:
        super().__init__()
        self._look, self._messages = look, messages
        self._marks: tuple[Mark, ...] = ()
        self._opens: tuple[datetime, ...] = ()
        self._calendar = Calendar()
        self._now = datetime(2000, 1, 1, tzinfo=BEIJING)
        self._font = look.font(9.5)
        self._metrics = QFontMetricsF(self._font)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(messages.text("window", "timeline.strip_name"))

    def show_marks(
        self, marks: Sequence[Mark], opens: Sequence[datetime], calendar: Calendar, now: datetime
    ) -> None:
        """Show deadlines; ``opens`` widens the axis to where things begin."""
        # Several stages may end at one moment: they share a flag, the first open one names it
        shared: dict[datetime, Mark] = {}
        for mark in marks:
            shared.setdefault(mark.at, mark)
        self._marks = tuple(sorted(shared.values(), key=lambda mark: mark.at))
        self._opens, self._calendar, self._now = tuple(opens), calendar, to_beijing(now)
        spoken = [
            self._messages.text("window", "timeline.strip_spoken", label=mark.label, at=show_moment(mark.at))
            for mark in self._marks
        ]
        self.setAccessibleDescription("\n".join(spoken))
        self.updateGeometry()
        self.update()

    def set_now(self, now: datetime) -> None:
        """Move now."""
        self._now = to_beijing(now)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a line of days, a rail, and a line for each flag."""
        lines = 3.4 + max(1, len(self._marks)) * 1.15
        return QSize(self._look.space(60), round(self._metrics.height() * lines))

    def minimumSizeHint(self) -> QSize:
        """Never clip a flag."""
        return QSize(self._look.space(30), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the axis."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        start, end = axis_of(self._marks, self._opens, self._now)
        line = self._metrics.height()
        top, foot = line * 1.2, line * 2.6
        self._draw_days(painter, start, end, QRectF(0, top, self.width(), foot - top))
        for place, mark in enumerate(self._marks):
            if mark.at < start:
                continue
            x = self._x(mark.at, start, end)
            y = foot + line * (0.6 + 1.15 * place)
            colour = colour_of(mark.state, self._look)
            painter.setPen(QPen(colour, 1.6))
            painter.drawLine(QPointF(x, top), QPointF(x, y + line * 0.5))
            self._draw_label(painter, x, y, f"{_short(mark.at)}　{mark.label}", colour)
        if start <= self._now <= end:
            self._draw_now(painter, self._x(self._now, start, end), top, foot)

    def _x(self, moment: datetime, start: datetime, end: datetime) -> float:
        return (to_beijing(moment) - start) / (end - start) * self.width()

    def _draw_days(self, painter: QPainter, start: datetime, end: datetime, box: QRectF) -> None:
        look, day = self._look, start
        width = self.width() / max(1, (end - start) // _DAY)
        step = max(1, round(self._metrics.horizontalAdvance("12/30 ") / width + 0.5))
        painter.fillRect(box, look.surface)
        count = 0
        while day < end:
            x = self._x(day, start, end)
            if not is_workday(day.date(), self._calendar):
                shade = QColor(look.faint)
                shade.setAlpha(60)
                painter.fillRect(QRectF(x, box.top(), width, box.height()), shade)
            painter.setPen(QPen(look.line, 1))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            if count % step == 0:
                painter.setPen(look.faint)
                spot = QRectF(x, 0, width * step, box.top())
                painter.drawText(spot, int(Qt.AlignmentFlag.AlignLeft), f"{day.month}/{day.day}")
            day += _DAY
            count += 1
        painter.setPen(QPen(look.line, 1))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw_label(self, painter: QPainter, x: float, y: float, text: str, colour: QColor) -> None:
        width = self._metrics.horizontalAdvance(text)
        gap = self._look.space(0.75)
        # To the left no other flag passes: those before end higher, those after stand further right
        left = x - gap - width if x - gap - width >= 0 else min(x + gap, self.width() - width)
        painter.setPen(colour)
        painter.drawText(
            QRectF(left, y, width + 1, self._metrics.height()), int(Qt.AlignmentFlag.AlignLeft), text
        )

    def _draw_now(self, painter: QPainter, x: float, top: float, foot: float) -> None:
        look, size = self._look, self._look.space(0.75)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.text)
        painter.drawPolygon(
            QPolygonF([QPointF(x - size, top), QPointF(x + size, top), QPointF(x, top + size * 1.2)])
        )
        painter.setPen(QPen(look.text, 2))
        painter.drawLine(QPointF(x, top), QPointF(x, foot))
        word = self._messages.text("window", "timeline.strip_now")
        width = self._metrics.horizontalAdvance(word)
        room = x + size + width <= self.width()
        spot = QRectF(x + size if room else x - size - width, top, width + 1, foot - top)
        painter.drawText(spot, int(Qt.AlignmentFlag.AlignVCenter), word)


def _short(moment: datetime) -> str:
    beijing = to_beijing(moment)
    return f"{beijing.month}月{beijing.day}日 {beijing:%H:%M}"


class _Plain(QLabel):
    """A text that wraps in the width it is given, and asks for none.

    ``QLabel`` lays its text out at four widths to find one it likes: most of the time of a page of many.
    """

    def sizeHint(self) -> QSize:
        """Ask for a line of a few characters; the height comes from ``heightForWidth``."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("国") * 8, metrics.lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """As ``sizeHint``."""
        return self.sizeHint()


def plain(text: str, look: Look, *, faint: bool = False) -> QLabel:
    """Give a text that wraps; a page of many opens faster where they cannot be selected."""
    label = _Plain(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    tint(label, look.faint if faint else look.text)
    return label


class StageRow(QWidget):
    """One stage: its state in colour and words, its times, what has to be done before it."""

    def __init__(self, look: Look, messages: Messages, *, last: bool) -> None:
        super().__init__()
        self._look, self._messages, self._last = look, messages, last
        self._state = State.UPCOMING
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space(4), look.space(0.75), 0, look.space(1.25))
        column = QVBoxLayout()
        column.setSpacing(look.space(0.5))
        row.addLayout(column, 1)
        head = QGridLayout()
        head.setHorizontalSpacing(look.space(1.5))
        self.title = QLabel()
        self.title.setFont(look.font(11.5, bold=True))
        self.state = QLabel()
        self.state.setFont(look.font(bold=True))
        self.left = plain("", look)
        head.addWidget(self.title, 0, 0)
        head.addWidget(self.state, 0, 1)
        head.setColumnStretch(2, 1)
        column.addLayout(head)
        self.times = plain("", look)
        self.details = plain("", look, faint=True)
        for label in (self.times, self.left, self.details):
            column.addWidget(label)

    def _word(self, key: str, /, **params: object) -> str:
        return self._messages.text("window", f"timeline.{key}", **params)

    def show_state(self, state: StageState, programme: Programme, now: datetime) -> None:
        """Show how a stage stands at a moment."""
        look = self._look
        self._state = state.state
        self.title.setText(state.stage.label)
        self.state.setText(self._messages.text("words", f"state.{state.state.value}"))
        tint(self.state, colour_of(state.state, look))
        self.times.setText(self._times(state))
        self.show_left(state, programme, now)
        labels = {stage.id: stage.label for stage in programme.stages}
        lines = [self._word("actor", actor=state.stage.actor)]
        before = [labels[key] for key in state.stage.after if key in labels]
        if before:
            lines.append(self._word("before", labels="、".join(before)))
        lines += [state.stage.note] if state.stage.note else []
        lines += [
            self._word("reading", at=show_moment(one.closes), text=one.text, source=one.source)
            for one in state.readings
        ]
        if state.stage.source:
            lines.append(self._word("source", source=state.stage.source))
        self.details.setText("\n".join(lines))
        self.setAccessibleName(f"{state.stage.label}，{self.state.text()}")
        self.setAccessibleDescription("\n".join([self.times.text(), self.left.text(), *lines]))
        self.update()

    def show_left(self, state: StageState, programme: Programme, now: datetime) -> None:
        """Say again how much time is left."""
        text = ""
        if state.closes is not None and state.state is not State.DONE:
            span = show_span(abs(state.closes - to_beijing(now)))
            if state.state is State.LATE:
                text = self._word("past", span=span)
            else:
                days = workdays_between(now, state.closes, programme.calendar)
                known = year_is_known(state.closes.date(), programme.calendar)
                text = self._word("left" if known else "left_weekends", span=span, days=days)
        self.left.setText(text)
        self.left.setVisible(bool(text))
        strong = state.state in (State.CLOSING, State.LATE)
        tint(self.left, colour_of(state.state, self._look) if strong else self._look.text)

    def _times(self, state: StageState) -> str:
        parts = []
        if state.done_at is not None:
            word = "done_late" if state.done_late else "done"
            parts.append(self._word(word, at=show_moment(state.done_at)))
        if state.opens is not None:
            parts.append(self._word("opens", at=show_moment(state.opens)))
        if state.closes is not None:
            counts = self._messages.text("words", f"counts.{state.stage.counts.value}")
            parts.append(self._word("closes", at=show_moment(state.closes), counts=counts))
        if state.extension is not None:
            was = show_moment(state.notice_closes) if state.notice_closes else self._word("no_close")
            parts.append(self._word("extended", at=was, source=state.extension.source))
        return "；".join(parts) or self._word("no_close")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rail and the point of this stage."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = float(look.space(1.5))
        y = look.space(0.75) + self.title.height() / 2
        painter.setPen(QPen(look.line, 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, y if self._last else self.height()))
        colour = colour_of(self._state, look)
        radius = float(look.space(0.75))
        painter.setPen(QPen(colour, 2))
        hollow = self._state is State.UPCOMING
        painter.setBrush(look.window if hollow else colour)
        painter.drawEllipse(QPointF(x, y), radius, radius)
