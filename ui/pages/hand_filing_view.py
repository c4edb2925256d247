"""What the clerk sees of the 填报助手: one entry, what lies on the clipboard, how far it has come."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.services.filing import Filing, FilingEntry, FilingKind
from app.services.portal import explain_window
from ui.context import PageContext
from ui.pages.hand_filing_list import FilingList
from ui.parts import Button, ElidedLabel, heading, tint, words

_SHOWN = 4000
"""Characters of a value that are shown; all of it is copied."""


class HandFilingView(QWidget):
    """Builds and shows; what the keys and buttons do is the assistant's."""

    def __init__(self, context: PageContext, filing: Filing, parent: QWidget | None) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self._context = context
        self.filing = filing
        self._at = 0
        self._held = ""
        self.setWindowTitle(f"{self._word('title')} — {filing.short}")
        self._arrange()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.hand_filing.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _arrange(self) -> None:
        look = self._context.look
        whole = QHBoxLayout(self)
        whole.setContentsMargins(look.space(2), look.space(1.5), look.space(2), look.space(1.5))
        whole.setSpacing(look.space(1.5))
        self.handing = QWidget()
        column = QVBoxLayout(self.handing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space(1))
        self.window_line = words("", look, faint=True)
        column.addWidget(self.window_line)
        column.addLayout(self._section_row())
        self.number = QLabel()
        self.number.setFont(look.font(10.5, bold=True))
        tint(self.number, look.accent)
        self.label = heading("", look, 12.5)
        self.label.setWordWrap(True)
        self.value = QPlainTextEdit()
        self.value.setReadOnly(True)
        self.value.setFont(look.font(12))
        self.value.setAccessibleName(self._word("value"))
        self.value.setAccessibleDescription(self._word("keys"))
        self.value.setTabChangesFocus(True)
        self.value.setMinimumHeight(self.value.fontMetrics().lineSpacing() * 3)
        self.unit = words("", look, faint=True)
        self.on_clipboard = ElidedLabel()
        self.about = words("", look, faint=True)
        for widget in (self.number, self.label, self.value, self.unit):
            column.addWidget(widget, 2 if widget is self.value else 0)
        column.addLayout(self._table_row())
        column.addWidget(self.on_clipboard)
        column.addWidget(self.about)
        column.addLayout(self._button_row())
        self.keys = words(self._word("keys"), look, faint=True)
        column.addWidget(self.keys)
        self.list = FilingList(self._context)
        self.list.hide()
        whole.addWidget(self.handing, 3)
        whole.addWidget(self.list, 1)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(look.space(1))
        self.told = words("", look)
        self.told.setAccessibleName(self._word("title"))
        column.addWidget(self.progress)
        column.addWidget(self.told)
        self.register_button = Button(self._word("register"), look)
        column.addWidget(self.register_button)
        self.handing.setMinimumWidth(max(look.space(54), self.handing.minimumSizeHint().width()))
        self.setFocusProxy(self.value)

    def _section_row(self) -> QHBoxLayout:
        look = self._context.look
        self.section = QComboBox()
        self.section.setAccessibleName(self._word("section"))
        self.section.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.up_button = Button(self._word("up"), look, quiet=True)
        self.down_button = Button(self._word("down"), look, quiet=True)
        row = QHBoxLayout()
        row.addWidget(self.section, 1)
        for button, name in ((self.up_button, "up_name"), (self.down_button, "down_name")):
            button.setAccessibleName(self._word(name))
            button.setToolTip(self._word(name))
            row.addWidget(button)
        return row

    def _table_row(self) -> QHBoxLayout:
        """Give what is only for tables and files."""
        look = self._context.look
        self.with_heads = QCheckBox(self._word("with_heads"))
        self.by_cell = QCheckBox(self._word("by_cell"))
        self.folder_button = Button(self._word("folder"), look)
        row = QHBoxLayout()
        row.setSpacing(look.space(2))
        for widget in (self.with_heads, self.by_cell, self.folder_button):
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _button_row(self) -> QHBoxLayout:
        look = self._context.look
        self.next_button = Button("", look, primary=True)
        self.copy_button = Button(self._word("copy"), look)
        self.previous_button = Button(self._word("previous"), look)
        self.skip_button = Button(self._word("skip"), look)
        self.list_button = Button(self._word("list"), look)
        self.list_button.setCheckable(True)
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        row.addWidget(self.list_button, 1)
        row.addWidget(self.previous_button, 1)
        row.addWidget(self.skip_button, 1)
        row.addWidget(self.copy_button, 1)
        row.addWidget(self.next_button, 2)
        widths = []
        for key in ("copy_this", "copy_next"):
            self.next_button.setText(self._word(key))
            widths.append(self.next_button.sizeHint().width())
        self.next_button.setMinimumWidth(max(widths))
        return row

    # ------------------------------------------------------------------------------------- showing
    @property
    def entry(self) -> FilingEntry | None:
        """Give the entry that is shown; None where there is nothing to file."""
        entries = self.filing.entries
        return entries[self._at] if entries else None

    def _section_at(self) -> int:
        """Give the section of the entry that is shown."""
        entry = self.entry
        for place, section in enumerate(self.filing.sections):
            if entry is not None and any(own.id == entry.id for own in section.entries):
                return place
        return 0

    def _show_all(self) -> None:
        self._at = max(0, min(self._at, len(self.filing.entries) - 1))
        self._show_sections()
        self._show_entry()
        if self.list.isVisible():
            self.list.show_filing(self.filing, self.entry)
        done, count = self.filing.count_done, len(self.filing.entries)
        self.progress.setRange(0, max(1, count))
        self.progress.setValue(done)
        complete = bool(count) and done == count
        key = "all_done" if complete else "progress"
        self.told.setText(self._word(key, done=done, count=count))
        tint(self.told, self._context.look.good if complete else self._context.look.text)
        self.progress.setAccessibleName(self.told.text())
        self._fit()

    def _fit(self) -> None:
        """Keep room for every line: labels that wrap need more height in a narrow window."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setMinimumHeight(layout.totalMinimumHeightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the height to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _show_window(self) -> None:
        """Say until when the portal takes the report; a closed window is said and stops nothing."""
        text, presses = explain_window(self.filing, self._context.clock(), self._context.messages)
        self.window_line.setText(text)
        self.window_line.setVisible(bool(text))
        look = self._context.look
        tint(self.window_line, look.warning if presses else look.faint)
        self._fit()

    def _show_sections(self) -> None:
        self.section.clear()
        skipped = self.filing.skipped
        for section in self.filing.sections:
            wanted = [one for one in section.entries if one.id not in skipped]
            left = sum(not self.filing.is_done(one) for one in wanted)
            named = self._word("section_line", number=section.number, label=section.label).strip()
            key = "section_left" if left else "section_done"
            self.section.addItem(self._word(key, label=named, left=left), section.id)
        place = self._section_at()
        self.section.setCurrentIndex(place)
        self.section.setToolTip(self.section.currentText())
        self.up_button.setEnabled(place > 0)
        self.down_button.setEnabled(place + 1 < len(self.filing.sections))

    def _show_entry(self) -> None:
        entry = self.entry
        for button in (self.next_button, self.copy_button, self.skip_button):
            button.setEnabled(entry is not None)
        self.previous_button.setEnabled(self._at > 0)
        is_table = entry is not None and entry.kind is FilingKind.TABLE
        self.with_heads.setVisible(is_table)
        self.by_cell.setVisible(is_table or (entry is not None and bool(entry.table)))
        self.by_cell.setChecked(entry is not None and bool(entry.table))
        self.folder_button.setVisible(entry is not None and entry.kind is FilingKind.FILE)
        self._show_clipboard()
        if entry is None:
            self.label.setText(self._word("nothing"))
            return
        empty = self.filing.sections[self._section_at()].empty
        self.about.setText(self._word("empty", count=empty) if empty else "")
        self.about.setVisible(bool(empty))
        mark = f"　{self._word('done_mark')}" if self.filing.is_done(entry) else ""
        self.number.setText(entry.number + mark)
        self.number.setVisible(bool(self.number.text()))
        self.label.setText(entry.label)
        whole = QPlainTextEdit.LineWrapMode
        self.value.setLineWrapMode(whole.NoWrap if is_table else whole.WidgetWidth)
        self.value.setPlainText(entry.text[:_SHOWN])
        self.unit.setText(self._about(entry))
        self.unit.setVisible(bool(self.unit.text()))
        self.value.setAccessibleName(f"{entry.number} {entry.label}，{self.unit.text()}")

    def _about(self, entry: FilingEntry) -> str:
        if entry.kind is FilingKind.TABLE:
            return self._word("table", rows=entry.rows, columns=len(entry.heads))
        if entry.kind is FilingKind.FILE:
            return self._word("file")
        return self._word("unit", unit=entry.unit) if entry.unit else ""

    def _show_clipboard(self) -> None:
        """Say what will be pasted: a value in the wrong box is worse than none."""
        entry = self.entry
        held = next((one for one in self.filing.entries if one.id == self._held), None)
        look = self._context.look
        if held is None:
            self.on_clipboard.set_whole(self._word("clipboard_other"))
            tint(self.on_clipboard, look.faint)
        else:
            name = f"{held.number} {held.label}".strip()
            self.on_clipboard.set_whole(self._word("clipboard", name=name))
            tint(self.on_clipboard, look.good if entry is not None and held.id == entry.id else look.warning)
        here = entry is not None and entry.id == self._held
        self.next_button.setText(self._word("copy_next" if here else "copy_this"))
