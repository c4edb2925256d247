"""新建报告: from a programme, from an older report, from the sample, from a bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError, UsageError
from app.model.draft import Answers
from app.model.programme import Programme
from app.services.accounts import window_state
from app.services.drafting import new_draft
from app.services.importing import import_bundle
from app.services.renewing import Choice, renew, usual_choices
from app.services.reports import Report, add_programme, has_sample, list_programmes, of_kind, rehearse
from app.services.workplace import Workplace
from ui.context import PageContext
from ui.dialogs import Dialog, Picker, pick
from ui.parts import Button, heading, left_row, scrolled, tint, words

_MOST_DEFECTS = 8


class NewReport(Dialog):
    """Asks from what a report is made.  ``made`` carries its id."""

    made = Signal(str)

    def __init__(self, parent: QWidget, context: PageContext, reports: Sequence[Report]) -> None:
        self._context = context
        super().__init__(parent, context, self._word("title"))
        self.picker: Picker = pick
        self._reports = [one for one in reports if one.error is None]
        self._programmes: tuple[Programme, ...] = ()
        self._kind = ""
        self._choices: dict[str, dict[str, Choice]] = {}
        look = context.look
        body = QHBoxLayout()
        body.setSpacing(look.space(3))
        body.addLayout(self._programme_side(), 3)
        content = QWidget()
        side = self._content_side()
        side.setContentsMargins(0, 0, 0, 0)
        content.setLayout(side)
        area = scrolled(content)  # large text on a small screen: nothing is clipped
        bar = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(content.minimumSizeHint().width() + bar)
        body.addWidget(area, 2)
        self.column.addLayout(body, 1)
        self.trouble = words("", look, colour=look.warning)
        self.trouble.hide()
        self.column.addWidget(self.trouble)
        self.bundle_button = Button(self._word("from_bundle"), look, "load")
        self.bundle_button.clicked.connect(self._from_bundle)
        self.buttons.insertWidget(0, self.bundle_button)
        cancel = Button(self._word("cancel"), look)
        cancel.clicked.connect(self.reject)
        self.make_button = Button(self._word("make"), look, primary=True)
        self.make_button.clicked.connect(self._make)
        self.add_buttons((cancel, self.make_button))
        self.fit(110, 62)
        self._choose(None)
        self.read()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"new.{key}", **params)

    def _programme_side(self) -> QVBoxLayout:
        look = self._context.look
        side = QVBoxLayout()
        side.setSpacing(look.space(1))
        head = QHBoxLayout()
        head.addWidget(heading(self._word("programme"), look, 11.5))
        head.addStretch(1)
        self.own = QRadioButton(self._word("own"))
        self.every = QRadioButton(self._word("all"))
        self.own.setChecked(True)
        self._scope = QButtonGroup(self)
        for button in (self.own, self.every):
            self._scope.addButton(button)
            head.addWidget(button)
        self._scope.buttonToggled.connect(lambda _button, on: self._show_programmes() if on else None)
        side.addLayout(head)
        self.programmes = QListWidget()
        self.programmes.setAccessibleName(self._word("programme"))
        self.programmes.setWordWrap(True)
        self.programmes.setSpacing(2)
        self.programmes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.programmes.currentRowChanged.connect(lambda _row: self._choose(self.programme()))
        side.addWidget(self.programmes, 1)
        row = QHBoxLayout()
        self.folder_button = Button(self._word("load_folder"), look, "open", quiet=True)
        self.folder_button.clicked.connect(lambda: self._load(self._word("load_folder"), ""))
        self.zip_button = Button(self._word("load_zip"), look, "archive", quiet=True)
        self.zip_button.clicked.connect(
            lambda: self._load(self._word("load_zip"), f"{self._word('zip_files')} (*.zip)")
        )
        row.addWidget(self.folder_button)
        row.addWidget(self.zip_button)
        row.addStretch(1)
        side.addLayout(row)
        return side

    def _content_side(self) -> QVBoxLayout:
        look = self._context.look
        side = QVBoxLayout()
        side.setSpacing(look.space(1))
        side.addWidget(heading(self._word("how"), look, 11.5))
        self.blank = QRadioButton(self._word("blank"))
        self.last_year = QRadioButton(self._word("last_year"))
        self.sample = QRadioButton(self._word("sample"))
        self.older = QComboBox()
        self.older.setAccessibleName(self._word("last_year"))
        self.older.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for report in self._reports:
            self.older.addItem(report.summary.title, report.summary.id)
        self.older.setEnabled(False)
        self.last_year.setEnabled(bool(self._reports))
        self.last_year.toggled.connect(self.older.setEnabled)
        self.renew_button = Button(
            self._context.messages.text("window", "renew.open"), look, "settings", quiet=True
        )
        self.renew_button.setEnabled(False)
        self.renew_button.clicked.connect(self.choose_content)
        self.last_year.toggled.connect(self.renew_button.setEnabled)
        self.blank.setChecked(True)
        self._way = QButtonGroup(self)
        for button, hint in (
            (self.blank, ""),
            (self.last_year, "last_year_hint"),
            (self.sample, "sample_hint"),
        ):
            self._way.addButton(button)
            side.addWidget(button)
            if hint:
                button.setAccessibleDescription(self._word(hint))
                text = words(self._word(hint), look, faint=True)
                text.setContentsMargins(look.space(3), 0, 0, 0)
                side.addWidget(text)
            if button is self.last_year:
                indented = QVBoxLayout()
                indented.setContentsMargins(look.space(3), 0, 0, look.space(0.5))
                indented.addWidget(self.older)
                indented.addWidget(left_row(self.renew_button))
                side.addLayout(indented)
        side.addSpacing(look.space(1))
        self.period = QLabel()
        self.period.setWordWrap(True)
        tint(self.period, look.faint)
        side.addWidget(self.period)
        side.addStretch(1)
        return side

    # --------------------------------------------------------------------------------------- reading
    def read(self) -> None:
        """Read the programmes that there are."""

        def look_up(
            workplace: Workplace,
        ) -> tuple[tuple[Programme, ...], tuple[UsageError, ...], str]:
            good, bad = list_programmes(workplace)
            return good, bad, window_state(workplace).unit.kind

        self._context.tasks.store(self, look_up, self._take, self._refused)

    def _take(self, found: tuple[tuple[Programme, ...], tuple[UsageError, ...], str]) -> None:
        self._programmes, bad, self._kind = found
        if bad:
            first = self._context.messages.error(bad[0])
            self._say(self._word("bad", count=len(bad), first=first))
        if self._programmes and not of_kind(self._programmes, self._kind):
            self.every.setChecked(True)
            self._say(self._word("none_own"))
        self._show_programmes()

    def _show_programmes(self) -> None:
        chosen = self.programme()
        shown = self._programmes if self.every.isChecked() else of_kind(self._programmes, self._kind)
        self.programmes.clear()
        for one in shown:
            line = self._word("label_line", year=one.report_year, issuer=one.issuer, label=one.label)
            item = QListWidgetItem(f"{one.title}\n{line}")
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            item.setToolTip(one.title)
            self.programmes.addItem(item)
        ids = [one.id for one in shown]
        if ids:
            self.programmes.setCurrentRow(ids.index(chosen.id) if chosen and chosen.id in ids else 0)
        else:
            self._choose(None)
            if not self._programmes:
                self._say(self._word("none"))

    def programme(self) -> Programme | None:
        """Give the programme that is chosen."""
        row = self.programmes.currentRow()
        wanted = self.programmes.item(row).data(Qt.ItemDataRole.UserRole) if row >= 0 else ""
        return next((one for one in self._programmes if one.id == wanted), None)

    def _choose(self, programme: Programme | None) -> None:
        self.make_button.setEnabled(programme is not None)
        sample = programme is not None and has_sample(programme)
        self.sample.setEnabled(sample)
        if self.sample.isChecked() and not sample:
            self.blank.setChecked(True)
        self.period.setText(
            self._word("period", start=programme.period_start, end=programme.period_end) if programme else ""
        )

    # ------------------------------------------------------------------------------------------ acts
    def _make(self) -> None:
        programme = self.programme()
        if programme is None:
            return
        self._run(self._verb(programme))

    def _verb(self, programme: Programme) -> Callable[[Workplace], str]:
        if self.sample.isChecked():
            return lambda workplace: rehearse(workplace, programme)
        if self.last_year.isChecked():
            older = str(self.older.currentData())
            choices = self._choices.get(programme.id)
            return lambda workplace: renew(workplace, older, programme, choices)
        return lambda workplace: new_draft(workplace, programme, Answers())

    def choose_content(self) -> None:
        """Ask what of the older report is kept, kept until confirmed, or asked again."""
        programme = self.programme()
        if programme is None:
            return
        from ui.home.renew_dialog import RenewDialog

        choices = self._choices.get(programme.id) or usual_choices(programme.form)
        dialog = RenewDialog(self, self._context, programme.form, choices)
        dialog.accepted.connect(lambda: self._choices.update({programme.id: dialog.choices}))
        dialog.open()

    def _from_bundle(self) -> None:
        file = self.picker(self, self._word("from_bundle"), f"{self._word('bundle_files')} (*.shenbao)")
        if file is not None:
            self._run(lambda workplace: import_bundle(workplace, file))

    def _run(self, verb: Callable[[Workplace], str]) -> None:
        self.make_button.setEnabled(False)
        self._context.tasks.store(self, verb, self._done, self._refused)

    def _done(self, draft_id: str) -> None:
        self._context.tell(self._word("made"), "good")
        self.made.emit(draft_id)
        self.accept()

    def _load(self, title: str, kinds: str) -> None:
        source = self.picker(self, title, kinds)
        if source is None:
            return

        def loaded(programme: Programme) -> None:
            self.every.setChecked(True)
            self._say(self._word("loaded", title=programme.title))
            self.read()

        self._context.tasks.store(
            self,
            lambda workplace: add_programme(workplace, source),
            loaded,
            lambda error: self._refused(error, source),
        )

    def _refused(self, error: AppError, source: Path | None = None) -> None:
        self.make_button.setEnabled(self.programme() is not None)
        messages = self._context.messages
        defects = list(getattr(error, "defects", ()))
        if defects:
            lines = [f"{one.file} {one.place}：{messages.defect(one.code, one.params)}" for one in defects]
            shown = lines[:_MOST_DEFECTS]
            if len(lines) > len(shown):
                shown.append(self._word("more_defects", count=len(lines) - len(shown)))
            name = source.name if source else ""
            self._say(self._word("defects", name=name, count=len(lines), lines="\n".join(shown)))
        else:
            self._say(messages.error(error))

    def _say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.show()
