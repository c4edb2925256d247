"""One hand-made editor per type of item: a value in, ``edited(value)`` out.

Editors know nothing of the report.  ``edited`` comes only from what the user does; showing a value never
emits.  What is typed and is no value of the type is kept as ``Invalid``.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.messages import Messages
from app.model.form import Item
from app.model.value import ItemType, Value
from ui.style import Look

SHORT_ZI = 14
"""Width of an editor for short answers, in Chinese characters."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What every editor is made with: words and looks."""

    messages: Messages
    look: Look

    def text(self, code: str, **params: object) -> str:
        """Give wording of this page."""
        return self.messages.text("window", f"draft.{code}", **params)


def same_value(left: Value | None, right: Value | None) -> bool:
    """Tell whether two values are the same answer: ``True`` is not ``1``."""
    return left is right or (type(left) is type(right) and left == right)


class Editor(QWidget):
    """Base of all editors.

    ``edited(value)``: the user's newest answer, None for none.  ``entered``: a stay begins; ``paused``:
    what is typed must be handed over now; ``left``: the stay is over.  ``wide``: takes the whole line.
    """

    edited = Signal(object)
    entered = Signal()
    paused = Signal()
    left = Signal()
    wide = False

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        self.kit = kit
        self._value: Value | None = None
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(kit.look.space(0.5))

    @property
    def value(self) -> Value | None:
        """Give the answer as it stands in the editor."""
        return self._value

    def show_value(self, value: Value | None) -> None:
        """Show an answer; what already stands there, the cursor too, stays untouched."""
        if not same_value(self._value, value):
            self._value = value
            self.display()

    def display(self) -> None:
        """Draw ``value``; emits nothing."""
        raise AssertionError("every editor draws itself")

    def take_in(self) -> None:
        """Make half-typed text part of the answer."""

    def name_controls(self, name: str, description: str) -> None:
        """Give what a screen reader says to every part that takes the focus."""
        for control in self.controls():
            control.setAccessibleName(name)
            control.setAccessibleDescription(description)

    def controls(self) -> list[QWidget]:
        """Give the parts that take the focus, in tab order."""
        raise AssertionError("every editor has a part to type in")

    def give_focus(self) -> None:
        """Put the cursor here."""
        self.controls()[0].setFocus()

    def answer(self, value: Value | None) -> None:
        """Take the user's answer and tell it, unless it is the one that stands."""
        if not same_value(self._value, value):
            self._value = value
            self.edited.emit(value)

    def keep_short(self, widget: QWidget, zi: int = SHORT_ZI) -> None:
        """Give a part the width of short answers."""
        most = SHORT_ZI if self.kit.look.scale >= 1.5 else zi
        width = widget.fontMetrics().horizontalAdvance("国") * min(zi, most)
        widget.setFixedWidth(width)
        widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


def make_editor(item: Item, kit: Kit, parent: QWidget | None = None) -> Editor:
    """Give the editor for an item; calculated and readonly items get one that only shows."""
    from ui.form.editors_choice import ChoiceEditor, MultiChoiceEditor, YesNoEditor
    from ui.form.editors_code import CodeEditor
    from ui.form.editors_date import DateEditor
    from ui.form.editors_number import NumberEditor
    from ui.form.editors_shown import ShownEditor
    from ui.form.editors_text import LongTextEditor, TextEditor
    from ui.form.editors_years import YearRangeEditor

    if item.calculated or item.readonly:
        return ShownEditor(item, kit, parent)
    makers: dict[ItemType, type[Editor]] = {
        ItemType.LONG_TEXT: LongTextEditor,
        ItemType.INTEGER: NumberEditor,
        ItemType.DECIMAL: NumberEditor,
        ItemType.MONEY: NumberEditor,
        ItemType.PERCENT: NumberEditor,
        ItemType.DATE: DateEditor,
        ItemType.YEAR_RANGE: YearRangeEditor,
        ItemType.YES_NO: YesNoEditor,
        ItemType.CHOICE: ChoiceEditor,
        ItemType.MULTI_CHOICE: MultiChoiceEditor,
        ItemType.CREDIT_CODE: CodeEditor,
        ItemType.ID_NUMBER: CodeEditor,
    }
    return makers.get(item.type, TextEditor)(item, kit, parent)
