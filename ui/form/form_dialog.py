"""调整表单: names, order, what is left out and what is asked besides, in the form of one report."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.model.form import Form, Section
from app.model.form_changes import (
    NO_CHANGES,
    FormChanges,
    OwnField,
    can_leave_out,
    tidy_changes,
    with_changes,
)
from app.model.value import clean_text
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.draft_model import DraftModel
from ui.form.own_field_dialog import OwnFieldDialog
from ui.parts import Button, words

MOST_LABEL = 60
"""Longest name of an item, in characters: what fits the printed form."""

_ID = Qt.ItemDataRole.UserRole
_NUMBER, _NAME, _TYPE = range(3)


class FormDialog(Dialog):
    """Shows one section at a time; nothing changes in the report until 确定, which is one undo step.

    Official items keep their numbers.  Items of the programme can be left out, own ones also removed.
    """

    def __init__(self, parent: QWidget, context: PageContext, model: DraftModel, section: int) -> None:
        super().__init__(parent, context, context.messages.text("window", "form.title"))
        self._context, self._model = context, model
        form = model.session.programme.form
        self._base: Form = form.base or form
        self.changes: FormChanges = model.answers.form_changes
        self._filling = False
        self._add_head(section)
        self._add_list()
        self._add_buttons()
        self.fit(100, 66)
        self._fill()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"form.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _add_head(self, section: int) -> None:
        look = self._context.look
        self.column.addWidget(words(self._word("why"), look, faint=True))
        self.section = QComboBox()
        self.section.setAccessibleName(self._word("section"))
        self.section.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for one in self._base.sections:
            self.section.addItem(f"{one.number}  {one.label}", one.id)
        self.section.setCurrentIndex(section)
        self.section.currentIndexChanged.connect(lambda _index: self._fill())
        label = QLabel(self._word("section"))
        label.setBuddy(self.section)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.section, 1)
        self.column.addLayout(row)

    def _add_list(self) -> None:
        self.list = QTreeWidget()
        self.list.setHeaderLabels([self._word("number"), self._word("name"), self._word("kind")])
        self.list.setAccessibleName(self._word("list"))
        self.list.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        header = self.list.header()
        header.setSectionResizeMode(_NUMBER, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_TYPE, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        self.list.itemChanged.connect(self._taken)
        self.list.currentItemChanged.connect(lambda *_items: self._fit())
        self.list.itemDoubleClicked.connect(lambda *_item: self.rename())
        self.column.addWidget(self.list, 1)

    def _add_buttons(self) -> None:
        look = self._context.look
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        self.up_button = Button(self._word("up"), look)
        self.down_button = Button(self._word("down"), look)
        self.rename_button = Button(self._word("rename"), look)
        self.remove_button = Button(self._word("remove"), look)
        self.add_button = Button(self._word("add"), look, "plus")
        for button, act, key in (
            (self.up_button, lambda: self.shift(-1), "Alt+Up"),
            (self.down_button, lambda: self.shift(1), "Alt+Down"),
            (self.rename_button, self.rename, "F2"),
            (self.remove_button, self.remove, ""),
            (self.add_button, self.add_own, ""),
        ):
            button.clicked.connect(self.list.setFocus)  # a name being typed is handed over first
            button.clicked.connect(act)
            if key:
                button.setToolTip(key)
                QShortcut(QKeySequence(key), self).activated.connect(button.click)
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.restore_button = Button(self._word("restore"), look, quiet=True)
        self.restore_button.clicked.connect(self.restore)
        self.buttons.insertWidget(0, self.restore_button)
        cancel = Button(self._word("cancel"), look)
        cancel.clicked.connect(self.reject)
        self.save_button = Button(self._word("save"), look, primary=True)
        self.save_button.clicked.connect(self._save)
        self.add_buttons((cancel, self.save_button))

    # ------------------------------------------------------------------------------------ the list
    def shown(self) -> Section:
        """Give the section that is shown, as it would be with the changes made so far."""
        form = with_changes(self._base, self.changes)
        return form.sections[self.section.currentIndex()]

    def _fill(self, current: str = "") -> None:
        section = self.shown()
        tables = with_changes(self._base, self.changes).tables
        own = {one.id for one in self.changes.added}
        self._filling = True
        self.list.clear()
        for item in section.fields:
            number = self._word("own") if item.id in own else item.number
            self._put(item.id, number, item.label, self._word(f"types.{item.type.value}"))
        for key in section.tables:
            line = self._put(key, tables[key].number, tables[key].label, self._word("table"))
            for column in tables[key].columns:
                kind = self._word(f"types.{column.type.value}")
                fixed = not can_leave_out(tables[key], column)
                self._put(f"{key}.{column.id}", column.number, column.label, kind, line, fixed=fixed)
        self._filling = False
        for place in range(self.list.topLevelItemCount()):
            found = self.list.topLevelItem(place)
            if found is not None and (place == 0 or found.data(_NUMBER, _ID) == current):
                self.list.setCurrentItem(found)
        self._fit()

    def _put(
        self,
        key: str,
        number: str,
        name: str,
        kind: str,
        table: QTreeWidgetItem | None = None,
        *,
        fixed: bool = False,
    ) -> QTreeWidgetItem:
        line = QTreeWidgetItem([number, name, kind])
        line.setData(_NUMBER, _ID, key)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        line.setToolTip(_NAME, name)
        line.setFlags(flags if fixed else flags | Qt.ItemFlag.ItemIsUserCheckable)
        if not fixed:
            hidden = key in self.changes.hidden
            line.setCheckState(_NUMBER, Qt.CheckState.Unchecked if hidden else Qt.CheckState.Checked)
            line.setToolTip(_NUMBER, self._word("shown_tip"))
        if table is not None:
            table.addChild(line)
        else:
            self.list.addTopLevelItem(line)
        return line

    def current(self) -> str:
        """Give the field or table that is chosen, or nothing."""
        line = self.list.currentItem()
        return str(line.data(_NUMBER, _ID)) if line is not None else ""

    def _fit(self) -> None:
        key, ids = self.current(), [item.id for item in self.shown().fields]
        place = ids.index(key) if key in ids else -1
        self.up_button.setEnabled(place > 0)
        self.down_button.setEnabled(0 <= place < len(ids) - 1)
        self.rename_button.setEnabled(bool(key))
        self.remove_button.setEnabled(any(own.id == key for own in self.changes.added))
        self.restore_button.setEnabled(bool(self.changes))

    # ---------------------------------------------------------------------------------------- acts
    def _taken(self, line: QTreeWidgetItem, column: int) -> None:
        """Take over a tick or a name."""
        if self._filling:
            return
        key = str(line.data(_NUMBER, _ID))
        if column == _NUMBER:
            shown = line.checkState(_NUMBER) == Qt.CheckState.Checked
            hidden = self.changes.hidden - {key} if shown else self.changes.hidden | {key}
            self.changes = replace(self.changes, hidden=hidden)
        elif column == _NAME:
            self._name(key, " ".join(clean_text(line.text(_NAME)).split())[:MOST_LABEL])
            form = with_changes(self._base, self.changes)
            items = dict(form.items())
            self._filling = True  # the line stays: its editor is still handing over
            line.setText(_NAME, items[key].label if key in items else form.tables[key].label)
            self._filling = False
        self._fit()

    def _name(self, key: str, label: str) -> None:
        """Give an item another name; an empty one is the name it came with."""
        added = tuple(
            replace(one, label=label or one.label) if one.id == key else one for one in self.changes.added
        )
        labels = {other: text for other, text in self.changes.labels.items() if other != key}
        if label and all(one.id != key for one in self.changes.added):
            labels[key] = label
        self.changes = tidy_changes(replace(self.changes, labels=labels, added=added), self._base)

    def rename(self) -> None:
        """Edit the name of the chosen item in its place."""
        line = self.list.currentItem()
        if line is not None:
            self.list.editItem(line, _NAME)

    def shift(self, step: int) -> None:
        """Move the chosen field up (-1) or down (1) within its section."""
        section, key = self.shown(), self.current()
        ids = [item.id for item in section.fields]
        if key not in ids or not 0 <= ids.index(key) + step < len(ids):
            return
        place = ids.index(key)
        ids.insert(place + step, ids.pop(place))
        order = {**self.changes.order, section.id: tuple(ids)}
        self.changes = tidy_changes(replace(self.changes, order=order), self._base)
        self._fill(key)

    def remove(self) -> None:
        """Take an own field out again, with its answer."""
        key = self.current()
        added = tuple(own for own in self.changes.added if own.id != key)
        self.changes = tidy_changes(
            replace(self.changes, added=added, hidden=self.changes.hidden - {key}), self._base
        )
        self._fill()

    def add_own(self) -> None:
        """Ask for another field of this section."""
        dialog = OwnFieldDialog(self, self._context, self.shown().id)
        dialog.made.connect(self._take_own)
        dialog.open()

    def _take_own(self, own: OwnField) -> None:
        self.changes = replace(self.changes, added=(*self.changes.added, own))
        self._fill(own.id)

    def restore(self) -> None:
        """Put the whole form back as the programme has it."""
        self.changes = NO_CHANGES
        self._fill(self.current())

    def _save(self) -> None:
        self.list.setFocus()
        self._model.settle()
        answers = self._model.answers
        changes = tidy_changes(self.changes, self._base)
        gone = {own.id for own in answers.form_changes.added} - {own.id for own in changes.added}
        if changes != answers.form_changes:
            values = {key: value for key, value in answers.values.items() if key not in gone}
            previous = {key: value for key, value in answers.previous.items() if key not in gone}
            self._model.change(
                replace(answers, form_changes=changes, values=values, previous=previous), self._word("undo")
            )
        self.accept()
