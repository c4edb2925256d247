"""登记已在门户提交: number, moment, person and a screenshot of what the portal said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDateTimeEdit, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.clock import BEIJING, format_moment, to_beijing
from app.errors import AppError
from app.model.submission import Event, EventKind
from app.services.recording import Registration, register
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog, Picker
from ui.parts import Button, ElidedLabel, tint, words


class SubmittedDialog(Dialog):
    """Puts a submission by hand on record.  ``registered`` is sent when it stands there."""

    registered = Signal()

    def __init__(self, parent: QWidget, context: PageContext, draft_id: str, picker: Picker) -> None:
        self._context, self._draft_id, self._picker = context, draft_id, picker
        super().__init__(parent, context, self._word("title"))
        look = context.look
        self.file: Path | None = None
        self.column.addWidget(words(self._word("why"), look, faint=True))
        self.number, self.who = QLineEdit(), QLineEdit()
        self.number.setMaxLength(60)
        self.who.setMaxLength(60)
        self.at = _moment_edit(to_beijing(context.clock()))
        self.file_button = Button(self._word("choose"), look)
        self.file_button.clicked.connect(self._choose)
        self.paste_button = Button(self._word("paste"), look)
        self.paste_button.clicked.connect(self._paste)
        self.file_name = ElidedLabel(self._word("no_file"))
        self._pictures: Path | None = None
        self.finished.connect(self._throw_pictures)
        form = QFormLayout()
        form.setHorizontalSpacing(look.space(2))
        form.setVerticalSpacing(look.space(1.25))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        hint = QLabel(self._word("at_hint"))
        tint(hint, look.faint)
        for key, editor, beside in (
            ("number", self.number, None),
            ("at", self.at, hint),
            ("who", self.who, None),
            ("file", self.file_button, _beside(self.paste_button, self.file_name)),
        ):
            label = QLabel(self._word(key))
            label.setBuddy(editor)
            editor.setAccessibleName(self._word(key))
            form.addRow(label, editor if beside is None else _beside(editor, beside))
        self.column.addLayout(form)
        self.missing = words("", look, colour=look.warning)
        self.column.addWidget(self.missing)
        cancel = Button(self._word("cancel"), look)
        cancel.clicked.connect(self.reject)
        self.save_button = Button(self._word("save"), look, primary=True)
        self.save_button.clicked.connect(self._save)
        self.add_buttons((cancel, self.save_button))
        self.number.textChanged.connect(lambda _text: self._fit())
        self.setMinimumWidth(look.space(64))
        self._fit()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.registering.{key}", **params)

    def _fit(self) -> None:
        given = bool(self.number.text().strip())
        self.missing.setText("" if given else self._word("need_number"))
        self.missing.setVisible(not given)
        self.save_button.setEnabled(given)

    def _choose(self) -> None:
        chosen = self._picker(self, self._word("choose"), self._word("files"))
        if chosen is not None:
            self.file = chosen
            self.file_name.set_whole(chosen.name)

    def _paste(self) -> None:
        """Take the picture that the Print Screen key left on the clipboard."""
        image = QGuiApplication.clipboard().image()
        at = to_beijing(self._context.clock())
        if self._pictures is None:
            self._pictures = Path(mkdtemp(prefix="shenbao-"))
        target = self._pictures / self._word("picture", at=f"{at:%Y%m%d-%H%M%S}")
        if image.isNull() or not image.save(str(target)):
            self.missing.setText(self._word("no_picture"))
            self.missing.show()
            return
        self.file = target
        self.file_name.set_whole(target.name)
        self._fit()

    def _throw_pictures(self) -> None:
        # kept with the report by now, or not wanted
        if self._pictures is not None:
            rmtree(self._pictures, ignore_errors=True)

    def _save(self) -> None:
        date, time = self.at.date(), self.at.time()
        at = datetime(date.year(), date.month(), date.day(), time.hour(), time.minute(), tzinfo=BEIJING)
        entry = Registration(
            EventKind.SUBMITTED.value,
            format_moment(at),
            who=self.who.text().strip(),
            file=self.file,
            params={"number": self.number.text().strip()},
        )
        draft_id = self._draft_id
        self.save_button.setEnabled(False)

        def put(workplace: Workplace) -> Event:
            return register(workplace, draft_id, entry, workplace.now())

        self._context.tasks.store(self, put, self._done, self._refused)

    def _done(self, event: Event) -> None:
        self._context.tell(self._word("done", number=event.params["number"]), "good")
        self.registered.emit()
        self.accept()

    def _refused(self, error: AppError) -> None:
        self.save_button.setEnabled(True)
        self.missing.setText(self._context.messages.error(error))
        self.missing.show()


def _beside(editor: QWidget, hint: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(editor)
    row.addWidget(hint, 1)
    return holder


def _moment_edit(moment: datetime) -> QDateTimeEdit:
    """Give an editor that knows no zone: what it shows is Beijing time."""
    edit = QDateTimeEdit()
    edit.setTimeZone(QTimeZone(QTimeZone.Initialization.UTC))
    edit.setDisplayFormat("yyyy年M月d日 HH:mm")
    edit.setCalendarPopup(True)
    date, time = QDate(moment.year, moment.month, moment.day), QTime(moment.hour, moment.minute)
    edit.setDateTime(QDateTime(date, time, QTimeZone(QTimeZone.Initialization.UTC)))
    return edit
