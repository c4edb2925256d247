"""The dialog in which an extension is registered with its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QDate, QDateTime, QLocale, QTime
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QLabel, QLineEdit, QWidget

from app.clock import BEIJING, to_beijing
from app.model.value import clean_text
from app.rules.stages import StageState, State
from app.services.planning import Extended
from app.services.timing import show_moment
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.parts import Button, words


class ExtensionDialog(Dialog):
    """Asks for stage, new deadline and source; ``entry`` gives them once it was accepted."""

    def __init__(self, parent: QWidget, context: PageContext, states: Sequence[StageState]) -> None:
        super().__init__(parent, context, context.messages.text("window", "timeline.extend_title"))
        self._context, look = context, context.look
        self._states = [one for one in states if one.closes is not None and one.state is not State.DONE]
        self.column.addWidget(words(self._word("extend_text"), look, faint=True))
        self.stage = QComboBox()
        for one in self._states:
            self.stage.addItem(one.stage.label, one.stage.id)
        self.closes = QDateTimeEdit()
        self.closes.setLocale(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        self.closes.setDisplayFormat("yyyy年M月d日 HH:mm")
        self.closes.setCalendarPopup(True)
        self.source = QLineEdit()
        self.who = QLineEdit()
        for key, editor in (
            ("extend_stage", self.stage),
            ("extend_closes", self.closes),
            ("extend_source", self.source),
            ("extend_who", self.who),
        ):
            label = QLabel(self._word(key))
            label.setBuddy(editor)
            editor.setAccessibleName(self._word(key))
            self.column.addWidget(label)
            self.column.addWidget(editor)
        self.problem = words("", look, colour=look.error)
        self.column.addWidget(self.problem)
        self.cancel = Button(self._word("extend_cancel"), look)
        self.save = Button(self._word("extend_save"), look, primary=True)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self.accept)
        self.add_buttons((self.cancel, self.save))
        self.stage.currentIndexChanged.connect(self._propose)
        self.closes.dateTimeChanged.connect(self._judge)
        self.source.textChanged.connect(self._judge)
        self._propose()
        self.setMinimumWidth(look.space(62))

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"timeline.{key}", **params)

    def _present(self) -> datetime | None:
        place = self.stage.currentIndex()
        return self._states[place].closes if 0 <= place < len(self._states) else None

    def _propose(self) -> None:
        """Propose the present deadline, a week later."""
        present = self._present()
        if present is not None:
            later = to_beijing(present) + timedelta(days=7)
            self.closes.setDateTime(
                QDateTime(QDate(later.year, later.month, later.day), QTime(later.hour, later.minute))
            )
        self._judge()

    def _moment(self) -> datetime:
        shown = self.closes.dateTime()
        day, time = shown.date(), shown.time()
        return datetime(day.year(), day.month(), day.day(), time.hour(), time.minute(), tzinfo=BEIJING)

    def _judge(self) -> None:
        present = self._present()
        wrong = present is not None and self._moment() <= present
        self.problem.setText(self._word("extend_same", at=show_moment(present)) if present and wrong else "")
        self.save.setEnabled(present is not None and not wrong and bool(clean_text(self.source.text())))

    @property
    def entry(self) -> Extended:
        """Give what was typed."""
        return Extended(
            str(self.stage.currentData()),
            self._moment(),
            clean_text(self.source.text()),
            clean_text(self.who.text()),
        )

    @property
    def label(self) -> str:
        """Give the name of the chosen stage."""
        return self.stage.currentText()
