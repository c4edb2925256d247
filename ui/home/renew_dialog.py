"""沿用哪些内容: per section and table what is kept, kept until confirmed, or asked again; items on demand."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QComboBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.model.form import Form, Item, Section
from app.services.renewing import Choice, Mode, choices_of, section_items, table_items
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.form.inputs import ListInput
from ui.parts import Button, words

_SECTION_MODES = (Mode.USUAL, Mode.KEEP, Mode.CONFIRM, Mode.BLANK)
_TABLE_MODES = (Mode.USUAL, Mode.NAMES, Mode.KEEP, Mode.CONFIRM)
_MIXED = ""


class RenewDialog(Dialog):
    """``choices`` by address; the boxes of a section's items are made when it is unfolded first."""

    def __init__(self, parent: QWidget, context: PageContext, form: Form, choices: dict[str, Choice]) -> None:
        super().__init__(parent, context, context.messages.text("window", "renew.title"))
        self._context, self._form = context, form
        self.choices = dict(choices)
        self.groups: dict[str, QComboBox] = {}
        self.boxes: dict[str, QComboBox] = {}
        self._waiting: dict[int, Section] = {}
        look = context.look
        self.column.addWidget(words(self._word("why"), look, faint=True))
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels([self._word("what"), self._word("how")])
        self.tree.setAccessibleName(self._word("title"))
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        self.tree.itemExpanded.connect(self._unfold)
        self.column.addWidget(self.tree, 1)
        for place, section in enumerate(form.sections):
            self._add_section(place, section)
        cancel = Button(self._word("cancel"), look)
        cancel.clicked.connect(self.reject)
        self.save_button = Button(self._word("save"), look, primary=True)
        self.save_button.clicked.connect(self.accept)
        self.usual_button = Button(self._word("reset"), look, quiet=True)
        self.usual_button.clicked.connect(self.reset)
        self.buttons.insertWidget(0, self.usual_button)
        self.add_buttons((cancel, self.save_button))
        self.fit(100, 66)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"renew.{key}", **params)

    def _add_section(self, place: int, section: Section) -> None:
        items = list(section_items(self._form, section))
        line = QTreeWidgetItem([f"{section.number}  {section.label}", ""])
        self.tree.addTopLevelItem(line)
        if not items:
            line.setText(1, self._word("nothing"))
            return
        line.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        self._waiting[place] = section
        box = self._make_group(section.id, section.label, items, _SECTION_MODES)
        self.tree.setItemWidget(line, 1, box)

    def _unfold(self, line: QTreeWidgetItem) -> None:
        section = self._waiting.pop(self.tree.indexOfTopLevelItem(line), None)
        if section is None:
            return
        own = {item.id for item in section.fields}
        for address, item in section_items(self._form, section):
            if address in own:
                self._add_item(line, address, item)
        for table_id in section.tables:
            table = self._form.tables[table_id]
            items = list(table_items(table))
            if not items:
                continue
            head = QTreeWidgetItem([f"{table.number}  {table.label}", ""])
            line.addChild(head)
            self.tree.setItemWidget(head, 1, self._make_group(table.id, table.label, items, _TABLE_MODES))
            for address, item in items:
                self._add_item(head, address, item)
        self._show_groups()

    def _add_item(self, parent: QTreeWidgetItem, address: str, item: Item) -> None:
        line = QTreeWidgetItem([f"{item.number}  {item.label}".strip(), ""])
        parent.addChild(line)
        box = ListInput()
        for choice in Choice:
            box.addItem(self._word(f"choice.{choice.value}"), choice.value)
        box.setCurrentIndex(box.findData(self.choices[address].value))
        box.setAccessibleName(item.label)
        box.activated.connect(lambda _index, key=address, made=box: self._choose(key, made))
        self.boxes[address] = box
        self.tree.setItemWidget(line, 1, box)

    def _make_group(
        self, key: str, label: str, items: list[tuple[str, Item]], modes: tuple[Mode, ...]
    ) -> QComboBox:
        kind = "table" if modes is _TABLE_MODES else "section"
        box = ListInput()
        for mode in modes:
            box.addItem(self._word(f"{kind}.{mode.value}"), mode.value)
        box.addItem(self._word("mixed"), _MIXED)
        box.setAccessibleName(label)
        box.activated.connect(lambda _index: self._choose_group(key, items))
        self.groups[key] = box
        self._show_group(key, items, modes)
        return box

    def _show_group(self, key: str, items: Iterable[tuple[str, Item]], modes: tuple[Mode, ...]) -> None:
        """Show the mode that means what is chosen; where none does, that items were chosen one by one."""
        items = list(items)
        now = {address: self.choices[address] for address, _ in items}
        fitting = next((mode for mode in modes if choices_of(items, mode) == now), None)
        box = self.groups[key]
        box.setCurrentIndex(box.findData(fitting.value if fitting else _MIXED))

    def _show_groups(self) -> None:
        for section in self._form.sections:
            if section.id in self.groups:
                self._show_group(section.id, section_items(self._form, section), _SECTION_MODES)
        for key, table in self._form.tables.items():
            if key in self.groups:
                self._show_group(key, table_items(table), _TABLE_MODES)
        for address, box in self.boxes.items():
            box.setCurrentIndex(box.findData(self.choices[address].value))

    # ---------------------------------------------------------------------------------------- acts
    def _choose(self, address: str, box: QComboBox) -> None:
        self.choices[address] = Choice(box.currentData())
        self._show_groups()

    def _choose_group(self, key: str, items: list[tuple[str, Item]]) -> None:
        mode = self.groups[key].currentData()
        if mode != _MIXED:
            self.choices |= choices_of(items, Mode(mode))
        self._show_groups()

    def reset(self) -> None:
        """Choose what is usual everywhere."""
        for section in self._form.sections:
            self.choices |= choices_of(section_items(self._form, section), Mode.USUAL)
        self._show_groups()
