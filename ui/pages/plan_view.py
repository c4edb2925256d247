"""The back-plan: days each stage still needs, and what they mean for when to begin and when to leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.clock import to_beijing
from app.model.programme import Programme
from app.rules.backplan import Plan, StagePlan
from app.services.planning import LEAVING, explain_plan, show_work
from app.services.timing import show_moment
from ui.context import PageContext
from ui.pages.time_line import plain
from ui.parts import Button, Card, tint, words

_MOST_DAYS = 60
_HEADS = ("plan_stage", "plan_days", "plan_start", "plan_end", "plan_slack")


class DaysBox(QDoubleSpinBox):
    """Working days in halves; the wheel scrolls the page unless the box was entered."""

    def __init__(self) -> None:
        super().__init__()
        self.setLocale(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        self.setRange(0, _MOST_DAYS)
        self.setSingleStep(0.5)
        self.setDecimals(1)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page while the box has no focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class PlanView(QWidget):
    """Shows a plan.  ``edited`` carries the days by stage id when the clerk has changed one."""

    edited = Signal(object)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        look = context.look
        self._programme: Programme | None = None
        self.boxes: dict[str, DaysBox] = {}
        self._cells: dict[str, tuple[QLabel, QLabel, QLabel]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, look.space(2), 0, look.space(2))
        column.setSpacing(look.space(1.5))
        self.card = Card(look)
        self.verdict = words("", look)
        self.verdict.setFont(look.font(11.5, bold=True))
        self.intro = words("", look, faint=True)
        self.years = words("", look, colour=look.warning)
        for label in (self.verdict, self.intro, self.years):
            self.card.column.addWidget(label)
        column.addWidget(self.card)
        self._table = Card(look)
        column.addWidget(self._table)
        self._grid_host: QWidget | None = None
        self.reset_button = Button(self._word("plan_reset"), look)
        self.reset_button.clicked.connect(self.reset)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.reset_button)
        column.addLayout(foot)
        column.addStretch(1)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"timeline.{key}", **params)

    def show_programme(self, programme: Programme, days: Mapping[str, Decimal]) -> None:
        """Make a line for every stage, with the days the clerk has set or the usual ones."""
        self._programme = programme
        look = self._context.look
        if self._grid_host is not None:
            self._table.column.removeWidget(self._grid_host)
            self._grid_host.hide()
            self._grid_host.deleteLater()
        self._grid_host = QWidget()
        grid = QGridLayout(self._grid_host)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.space(2.5))
        grid.setVerticalSpacing(look.space(1))
        for place, key in enumerate(_HEADS):
            head = words(self._word(key), look, faint=True)
            grid.addWidget(head, 0, place)
        self.boxes, self._cells = {}, {}
        for row, stage in enumerate(programme.stages, 1):
            box = DaysBox()
            box.setAccessibleName(self._word("plan_days_of", label=stage.label))
            box.setValue(float(days.get(stage.id, Decimal(stage.usual_days))))
            box.valueChanged.connect(lambda _value: self.edited.emit(self.days()))
            cells = (plain("", look), plain("", look), plain("", look))
            grid.addWidget(plain(stage.label, look), row, 0)
            grid.addWidget(box, row, 1, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            for place, cell in enumerate(cells, 2):
                grid.addWidget(cell, row, place)
            self.boxes[stage.id], self._cells[stage.id] = box, cells
        for column, stretch in enumerate((4, 0, 3, 3, 3)):
            grid.setColumnStretch(column, stretch)
        self._table.column.addWidget(self._grid_host)

    def days(self) -> dict[str, Decimal]:
        """Give the days as they stand in the boxes."""
        return {key: Decimal(str(round(box.value(), 1))) for key, box in self.boxes.items()}

    def reset(self) -> None:
        """Give every stage its usual days again."""
        if self._programme is None:
            return
        for stage in self._programme.stages:
            box = self.boxes[stage.id]
            box.blockSignals(True)
            box.setValue(float(stage.usual_days))
            box.blockSignals(False)
        self.edited.emit(self.days())

    def show_plan(self, made: Plan) -> None:
        """Show what the days mean."""
        look, messages = self._context.look, self._context.messages
        self.verdict.setText(explain_plan(made, messages))
        tint(self.verdict, look.good if made.possible else look.error)
        self.card.set_edge(look.good if made.possible else look.error)
        hours = "，".join(
            self._word("plan_span", start=f"{start:%H:%M}", end=f"{end:%H:%M}")
            for start, end in made.hours.spans
        )
        self.intro.setText(self._word("plan_intro" if made.hours.known else "plan_intro_usual", hours=hours))
        self.years.setText(self._word("plan_years", years="、".join(map(str, made.unknown_years))))
        self.years.setVisible(bool(made.unknown_years))
        for one in made.stages:
            if one.stage.id in self._cells:
                self._show_stage(one, made)

    def _show_stage(self, one: StagePlan, made: Plan) -> None:
        look = self._context.look
        start, end, slack = self._cells[one.stage.id]
        self.boxes[one.stage.id].setEnabled(not one.done)
        begin = self._short(one.latest_start)
        leaving = one.stage.action in LEAVING and one.latest_start is not None and one.days
        start.setText(self._word("plan_leave", at=begin) if leaving else begin)
        end.setText(self._short(one.latest_end))
        for cell, moment in ((start, one.latest_start), (end, one.latest_end)):
            cell.setToolTip(show_moment(moment) if moment else "")
        if one.done:
            text, colour = self._word("slack_done"), look.faint
        elif one.late:
            text, colour = self._word("slack_late"), look.error
        elif one.slack is None:
            text, colour = self._word("slack_free"), look.faint
        else:
            word = "slack_left" if one.possible else "slack_short"
            text = self._word(word, work=show_work(made, one.slack, self._context.messages))
            colour = look.good if one.possible else look.error
        slack.setText(text)
        tint(slack, colour)

    def _short(self, moment: datetime | None) -> str:
        if moment is None:
            return self._word("plan_none")
        beijing = to_beijing(moment)
        return f"{beijing.month}月{beijing.day}日 {beijing:%H:%M}"
