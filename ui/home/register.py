"""登记: what happened outside the program is put on record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from app.clock import BEIJING, format_moment, to_beijing
from app.errors import AppError
from app.model.submission import Event, EventKind
from app.services.recording import Registration, needs_of, read_mark, register, registrable_kinds
from app.services.reports import Report
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog, Picker, pick
from ui.home.marks import MarksEditor
from ui.parts import Button, ElidedLabel, scrolled, tint, words

_WITH_STAGE = frozenset({EventKind.EXTENDED, EventKind.RETURNED})


class RegisterDialog(Dialog):
    """Asks for kind, moment, person, note and file, and for what the kind needs beyond.

    ``registered`` is sent when it stands in the record.  ``picker`` asks for a file.
    """

    registered = Signal()

    def __init__(self, parent: QWidget, context: PageContext, report: Report, now: datetime) -> None:
        self._context, self._report, self._now = context, report, to_beijing(now)
        super().__init__(parent, context, self._word("title", title=report.summary.title))
        self.picker: Picker = pick
        self.file: Path | None = None
        look = context.look
        self.column.addWidget(words(self._word("why"), look, faint=True))
        inner = QWidget()
        self.form = QFormLayout(inner)
        self.form.setContentsMargins(0, 0, look.space(1), 0)
        self.form.setHorizontalSpacing(look.space(2))
        self.form.setVerticalSpacing(look.space(1.25))
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.column.addWidget(scrolled(inner), 1)
        self._add_editors()
        self._missing = words("", look, colour=look.warning)
        self.column.addWidget(self._missing)
        cancel = Button(self._word("cancel"), look)
        cancel.clicked.connect(self.reject)
        self.save_button = Button(self._word("save"), look, primary=True)
        self.save_button.clicked.connect(self._save)
        self.add_buttons((cancel, self.save_button))
        self.fit(76, 74)
        self._fit()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"register.{key}", **params)

    def _add_editors(self) -> None:
        programme = self._report.programme
        waiting = self._report.next
        self.kind = QComboBox()
        suggested = waiting.stage.done_by if waiting is not None else ()
        kinds = registrable_kinds()
        for kind in sorted(kinds, key=lambda one: (one not in suggested, kinds.index(one))):
            label = self._context.messages.text("words", f"event.{kind.value}")
            self.kind.addItem(label + (self._word("suggested") if kind in suggested else ""), kind.value)
        self.kind.setMaxVisibleItems(20)
        self.at = _moment_edit(self._now)
        self.who = QLineEdit()
        self.who.setMaxLength(60)
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(4 * self.note.fontMetrics().lineSpacing())
        self.stage = QComboBox()
        for one in programme.stages if programme else ():
            self.stage.addItem(one.label, one.id)
        if waiting is not None:
            self.stage.setCurrentIndex(max(0, self.stage.findData(waiting.stage.id)))
        self.closes = _moment_edit(self._now)
        self.closes.setTime(QTime(18, 0))
        self.grade = QComboBox()
        self.grade.addItems(list(programme.grades) if programme else [])
        self.marks = MarksEditor(
            programme.form if programme else None, self._context.look, self._context.messages
        )
        self.number = QLineEdit()
        self.number.setMaxLength(60)
        for name, editor in (
            ("kind", self.kind),
            ("stage", self.stage),
            ("closes", self.closes),
            ("grade", self.grade),
            ("number", self.number),
            ("at", self.at),
            ("who", self.who),
            ("note", self.note),
            ("marks", self.marks),
            ("file", self._file_row()),
        ):
            self._add_row(name, editor)
        self.kind.currentIndexChanged.connect(lambda _index: self._fit())
        self.note.textChanged.connect(self._fit)
        self.marks.changed.connect(self._fit)
        self.number.textChanged.connect(lambda _text: self._fit())

    def _add_row(self, name: str, editor: QWidget) -> None:
        label = QLabel(self._word(name))
        label.setBuddy(editor)
        editor.setAccessibleName(self._word(name))
        if name in ("at", "closes"):
            row = QHBoxLayout()
            row.addWidget(editor)
            hint = QLabel(self._word("at_hint"))
            tint(hint, self._context.look.faint)
            row.addWidget(hint)
            row.addStretch(1)
            holder = QWidget()
            row.setContentsMargins(0, 0, 0, 0)
            holder.setLayout(row)
            self.form.addRow(label, holder)
        else:
            self.form.addRow(label, editor)

    def _file_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        self.file_button = Button(self._word("choose"), self._context.look, "open")
        self.file_button.clicked.connect(self._choose)
        self.clear_button = Button("", self._context.look, "close", quiet=True)
        self.clear_button.setAccessibleName(self._word("clear"))
        self.clear_button.setToolTip(self._word("clear"))
        self.clear_button.clicked.connect(lambda: self._set_file(None))
        self.file_name = ElidedLabel()
        row.addWidget(self.file_button)
        row.addWidget(self.file_name, 1)
        row.addWidget(self.clear_button)
        self._set_file(None)
        return holder

    def _choose(self) -> None:
        chosen = self.picker(self, self._word("choose"), f"{self._word('all_files')} (*)")
        if chosen is not None:
            self._set_file(chosen)
            self._fit()

    def _set_file(self, file: Path | None) -> None:
        self.file = file
        self.file_name.set_whole(file.name if file else self._word("no_file"))
        self.clear_button.setVisible(file is not None)
        if hasattr(self, "save_button"):
            self._fit()

    def chosen_kind(self) -> EventKind:
        """Give the kind that is chosen."""
        return EventKind(self.kind.currentData())

    def _row_of(self, editor: QWidget) -> int:
        holder = editor if self.form.indexOf(editor) >= 0 else editor.parentWidget() or editor
        place = self.form.getWidgetPosition(holder)
        assert isinstance(place, tuple)
        return int(place[0])

    def _fit(self) -> None:
        """Show the rows that the kind needs, and say what is still missing."""
        kind = self.chosen_kind()
        needs = needs_of(kind)
        for editor, shown in (
            (self.stage, kind in _WITH_STAGE),
            (self.closes, "closes" in needs),
            (self.grade, "grade" in needs),
            (self.number, "number" in needs),
            (self.marks, kind is EventKind.RETURNED),
        ):
            self.form.setRowVisible(self._row_of(editor), shown)
        given = {
            "stage": self.stage.currentData() is not None,
            "closes": True,
            "grade": bool(self.grade.currentText()),
            "number": bool(self.number.text().strip()),
            "note": bool(self.note.toPlainText().strip()),
            "file": self.file is not None,
        }
        missing = [self._word(need) for need in needs if not given[need]]
        if kind is EventKind.RETURNED and not self.marks.sound:
            missing.append(self._word("mark_place"))
        self._missing.setText(self._word("needed", what="、".join(missing)) if missing else "")
        self._missing.setVisible(bool(missing))
        self.save_button.setEnabled(not missing)

    def _registration(self) -> Registration:
        kind = self.chosen_kind()
        needs = needs_of(kind)
        params: dict[str, str] = {}
        if kind in _WITH_STAGE:
            params["stage"] = str(self.stage.currentData())
        if "closes" in needs:
            params["closes"] = format_moment(_moment_of(self.closes))
        if "grade" in needs:
            params["grade"] = self.grade.currentText()
        if "number" in needs:
            params["number"] = self.number.text().strip()
        return Registration(
            kind=kind.value,
            at=format_moment(_moment_of(self.at)),
            note=self.note.toPlainText().strip(),
            who=self.who.text().strip(),
            file=self.file,
            params=params,
            marks=tuple(map(read_mark, self.marks.marks)) if kind is EventKind.RETURNED else (),
        )

    def _save(self) -> None:
        entry, draft_id = self._registration(), self._report.summary.id
        self.save_button.setEnabled(False)

        def put(workplace: Workplace) -> Event:
            return register(workplace, draft_id, entry, workplace.now())

        self._context.tasks.store(self, put, self._done, self._refused)

    def _done(self, event: Event) -> None:
        label = self._context.messages.text("words", f"event.{event.kind.value}")
        self._context.tell(self._word("done", label=label), "good")
        self.registered.emit()
        self.accept()

    def _refused(self, error: AppError) -> None:
        self._missing.setText(self._context.messages.error(error))
        self._missing.show()
        self.save_button.setEnabled(True)


def _moment_edit(moment: datetime) -> QDateTimeEdit:
    """Give an editor that knows no zone but Beijing's: what it shows is Beijing time."""
    edit = QDateTimeEdit()
    edit.setTimeZone(QTimeZone(QTimeZone.Initialization.UTC))
    edit.setDisplayFormat("yyyy年M月d日 HH:mm")
    edit.setCalendarPopup(True)
    date, time = QDate(moment.year, moment.month, moment.day), QTime(moment.hour, moment.minute)
    edit.setDateTime(QDateTime(date, time, QTimeZone(QTimeZone.Initialization.UTC)))
    return edit


def _moment_of(edit: QDateTimeEdit) -> datetime:
    date, time = edit.date(), edit.time()
    return datetime(date.year(), date.month(), date.day(), time.hour(), time.minute(), tzinfo=BEIJING)
