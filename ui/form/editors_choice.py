"""Editors for answers that are chosen: yes or no, one of several, several of several."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QCompleter,
    QGridLayout,
    QLabel,
    QRadioButton,
    QToolButton,
    QWidget,
)

from app.model.form import Item
from app.model.value import Invalid, format_value, parse_value
from ui.form.editors import Editor, Kit
from ui.form.initials import initials
from ui.form.inputs import LineInput, ListInput, is_passing

_SEARCHED = Qt.ItemDataRole.UserRole + 1
_CLEARING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class ButtonsEditor(Editor):
    """Base of editors made of buttons: one stay over all of them, and room for what is no choice."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.odd = QLabel()
        palette = QPalette(self.odd.palette())
        palette.setColor(QPalette.ColorRole.WindowText, kit.look.error)
        self.odd.setPalette(palette)
        self.odd.hide()

    def watch(self, button: QAbstractButton) -> None:
        """Follow the focus and the clearing keys of a button."""
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell stays, and let Delete take the answer back."""
        kind = event.type()
        if kind is QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and not is_passing(event):
            self.entered.emit()
        elif kind is QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            self._go_out(event)
        elif kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _CLEARING:
            self.clear_answer()
            return True
        return super().eventFilter(watched, event)

    def _go_out(self, event: QFocusEvent) -> None:
        target = QApplication.focusWidget()
        self.paused.emit()
        if not is_passing(event) and (target is None or not self.isAncestorOf(target)):
            self.left.emit()

    def clear_answer(self) -> None:
        """Take the user's answer back."""
        self.answer(None)
        self.display()

    def display_odd(self) -> None:
        """Show what stands there and is no choice."""
        odd = self.value.text if isinstance(self.value, Invalid) else ""
        self.odd.setText(self.kit.text("odd_choice", text=odd) if odd else "")
        self.odd.setVisible(bool(odd))


class YesNoEditor(ButtonsEditor):
    """是 or 否, or nothing yet."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.yes, self.no = QRadioButton(kit.text("yes")), QRadioButton(kit.text("no"))
        self.group = QButtonGroup(self)
        self.clear = QToolButton()
        self.clear.setText(kit.text("clear"))
        self.clear.setAutoRaise(True)
        self.clear.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.clear.clicked.connect(self.clear_answer)
        policy = self.clear.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.clear.setSizePolicy(policy)
        self.clear.hide()
        self.line.setSpacing(kit.look.space(2))
        for button in (self.yes, self.no):
            self.group.addButton(button)
            self.line.addWidget(button)
            self.watch(button)
            button.clicked.connect(self._click)
        self.watch(self.clear)
        self.line.addWidget(self.clear)
        self.line.addWidget(self.odd)
        self.line.addStretch(1)

    def display(self) -> None:
        """Mark the answer."""
        self.group.setExclusive(False)
        self.yes.setChecked(self.value is True)
        self.no.setChecked(self.value is False)
        self.group.setExclusive(True)
        self.clear.setVisible(self.value is not None)
        self.display_odd()

    def controls(self) -> list[QWidget]:
        """Give both buttons."""
        return [self.yes, self.no, self.clear]

    def name_controls(self, name: str, description: str) -> None:
        """Say question and answer with each button."""
        super().name_controls(name, description)
        for button in (self.yes, self.no, self.clear):
            button.setAccessibleName(self.kit.text("choice_of", name=name, choice=button.text()))

    def give_focus(self) -> None:
        """Put the focus on the answer that stands, else on the first."""
        (self.no if self.no.isChecked() else self.yes).setFocus()

    def _click(self) -> None:
        self.answer(self.yes.isChecked())
        self.clear.setVisible(True)
        self.display_odd()


class MultiChoiceEditor(ButtonsEditor):
    """Check boxes; the answer lists the ids in the order of the choices."""

    wide = True

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.boxes: dict[str, QCheckBox] = {}
        longest = max((len(label) for label in item.choices.values()), default=0)
        columns = 3 if longest <= 8 and kit.look.scale < 1.5 else 2 if longest <= 12 else 1
        grid = QGridLayout()
        grid.setHorizontalSpacing(kit.look.space(3))
        grid.setVerticalSpacing(kit.look.space(0.75))
        for place, (key, label) in enumerate(item.choices.items()):
            box = QCheckBox(label)
            box.clicked.connect(self._click)
            self.watch(box)
            grid.addWidget(box, place // columns, place % columns)
            self.boxes[key] = box
        grid.addWidget(self.odd, grid.rowCount(), 0, 1, columns)
        grid.setColumnStretch(columns, 1)
        self.line.addLayout(grid)

    def display(self) -> None:
        """Tick the answers."""
        chosen = self.value if isinstance(self.value, tuple) else ()
        for key, box in self.boxes.items():
            box.setChecked(key in chosen)
        self.display_odd()

    def controls(self) -> list[QWidget]:
        """Give the boxes."""
        return list(self.boxes.values())

    def name_controls(self, name: str, description: str) -> None:
        """Say question and answer with each box."""
        super().name_controls(name, description)
        for box in self.boxes.values():
            box.setAccessibleName(self.kit.text("choice_of", name=name, choice=box.text()))

    def _click(self) -> None:
        unknown = (
            [key for key in self.value if key not in self.boxes] if isinstance(self.value, tuple) else []
        )
        chosen = [key for key, box in self.boxes.items() if box.isChecked()]
        self.answer((*chosen, *unknown) or None)
        self.display_odd()


class _Completer(QCompleter):
    """Finds a choice by a part of its label or its pinyin initials and gives its label."""

    def pathFromIndex(  # noqa: N802 - Qt's own name
        self, index: QModelIndex | QPersistentModelIndex
    ) -> str:
        """Give the label, not what was searched."""
        return str(index.data(Qt.ItemDataRole.DisplayRole))


class ChoiceEditor(Editor):
    """A list that is searched by typing: a part of the label or pinyin initials."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.keys = list(item.choices)
        self._typed_here = False
        self.list = ListInput()
        self.input = LineInput()
        self.list.setEditable(True)
        self.list.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.list.setLineEdit(self.input)
        for place, label in enumerate(item.choices.values()):
            self.list.addItem(label)
            self.list.setItemData(place, f"{label} {initials(label)}", _SEARCHED)
        completer = _Completer(self.list.model(), self.list)
        completer.setCompletionRole(_SEARCHED)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list.setCompleter(completer)
        self.list.setCurrentIndex(-1)
        self.input.setPlaceholderText(kit.text("choose"))
        longest = max((len(label) for label in item.choices.values()), default=0)
        self.keep_short(self.list, min(max(longest + 4, 14), 22))
        self.line.addWidget(self.list)
        self.setFocusProxy(self.list)
        self.list.activated.connect(self._pick)
        self.input.typed.connect(self._typed)
        self.input.entered.connect(self.entered)
        self.input.paused.connect(self._pause)
        self.input.left.connect(self.left)

    def display(self) -> None:
        """Show the label of the answer, or what stands there instead."""
        place = self.keys.index(str(self.value)) if self.value in self.keys else -1
        self.list.setCurrentIndex(place)
        if place < 0:
            self.list.setEditText(format_value(self.value, self.item.type, "", self.item.choices))
        self.input.setCursorPosition(0)

    def take_in(self) -> None:
        """Make half-typed text part of the answer."""
        self.input.take_in()
        self._take_meant()

    def controls(self) -> list[QWidget]:
        """Give the list; its line is a part of it."""
        return [self.list, self.input]

    def name_controls(self, name: str, description: str) -> None:
        """Name the list, its line and what drops down."""
        super().name_controls(name, description)
        self.list.view().setAccessibleName(name)

    def give_focus(self) -> None:
        """Put the cursor here."""
        self.list.setFocus()

    def _pick(self, place: int) -> None:
        if 0 <= place < len(self.keys):
            self.answer(self.keys[place])

    def _typed(self, text: str) -> None:
        self._typed_here = True
        self.answer(parse_value(self.item.type, text, "", self.item.choices))

    def _pause(self) -> None:
        self._take_meant()
        self.paused.emit()

    def _take_meant(self) -> None:
        """Take the one choice that what was typed can only mean; what was loaded is not guessed at."""
        typed, self._typed_here = self._typed_here, False
        if not typed or not isinstance(self.value, Invalid):
            return
        wanted = self.value.text.lower()
        meant = [
            key
            for key, label in self.item.choices.items()
            if wanted in label.lower() or initials(label).startswith(wanted)
        ]
        if len(meant) == 1:
            self.answer(meant[0])
            self.display()
