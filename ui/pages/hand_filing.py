"""填报助手: a small window that stays on top and hands over one value after the other to the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
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
from ui.context import PageContext
from ui.parts import Button, heading, tint, words

_NEXT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_SHOWN = 4000


class HandFiling(QWidget):
    """Shows one entry at a time.  ``kept`` carries the ``Filing`` after every copy and every move.

    ``register`` asks for the dialog that puts the submission on record.
    """

    kept = Signal(object)
    register = Signal()

    def __init__(self, context: PageContext, filing: Filing, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self._context = context
        self.filing = filing
        self._at = self._first_open()
        self.setWindowTitle(f"{self._word('title')} — {filing.short}")
        self._arrange()
        self._show()

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"submit.hand_filing.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _arrange(self) -> None:
        look = self._context.look
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space(2), look.space(1.5), look.space(2), look.space(1.5))
        column.setSpacing(look.space(1))
        column.addLayout(self._section_row())
        self.about = words("", look, faint=True)
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
        self.value.installEventFilter(self)
        self.unit = words("", look, faint=True)
        self.with_heads = QCheckBox(self._word("with_heads"))
        for widget in (self.number, self.label, self.value, self.unit, self.with_heads, self.about):
            column.addWidget(widget, 1 if widget is self.value else 0)
        self.next_button = Button(self._word("copy_next"), look, primary=True)
        self.copy_button = Button(self._word("copy"), look)
        self.previous_button = Button(self._word("previous"), look)
        self.skip_button = Button(self._word("skip"), look)
        row = QHBoxLayout()
        row.setSpacing(look.space(1))
        for button, act in (
            (self.previous_button, self.go_back),
            (self.skip_button, self.skip),
            (self.copy_button, self.copy),
            (self.next_button, self.copy_and_go),
        ):
            button.clicked.connect(lambda _checked=False, act=act: self._clicked(act))
            row.addWidget(button, 1)
        column.addLayout(row)
        self.keys = words(self._word("keys"), look, faint=True)
        column.addWidget(self.keys)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(look.space(1))
        self.told = words("", look)
        self.told.setAccessibleName(self._word("title"))
        column.addWidget(self.progress)
        column.addWidget(self.told)
        self.register_button = Button(self._word("register"), look)
        self.register_button.clicked.connect(self.register)
        column.addWidget(self.register_button)
        self.setMinimumWidth(look.space(56))
        self.setFocusProxy(self.value)

    def _section_row(self) -> QHBoxLayout:
        look = self._context.look
        self.section = QComboBox()
        self.section.setAccessibleName(self._word("section"))
        self.section.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.section.activated.connect(self._choose_section)
        self.up_button = Button(self._word("up"), look, quiet=True)
        self.down_button = Button(self._word("down"), look, quiet=True)
        row = QHBoxLayout()
        row.addWidget(self.section, 1)
        for button, step, name in ((self.up_button, -1, "up_name"), (self.down_button, 1, "down_name")):
            button.setAccessibleName(self._word(name))
            button.setToolTip(self._word(name))
            button.clicked.connect(lambda _checked=False, step=step: self.move_section(step))
            row.addWidget(button)
        return row

    # ------------------------------------------------------------------------------------- showing
    @property
    def entry(self) -> FilingEntry | None:
        """Give the entry that is shown; None where there is nothing to file."""
        entries = self.filing.entries
        return entries[self._at] if entries else None

    def _first_open(self) -> int:
        entries = self.filing.entries
        return next((at for at, one in enumerate(entries) if not self.filing.is_done(one)), 0)

    def _section_at(self) -> int:
        """Give the section of the entry that is shown."""
        last = 0
        for place, section in enumerate(self.filing.sections):
            last += len(section.entries)
            if self._at < last:
                return place
        return 0

    def _show(self) -> None:
        self._show_sections()
        self._show_entry()
        entries = self.filing.entries
        done = sum(self.filing.is_done(entry) for entry in entries)
        self.progress.setRange(0, max(1, len(entries)))
        self.progress.setValue(done)
        complete = bool(entries) and done == len(entries)
        self.told.setText(
            self._word("all_done", count=done)
            if complete
            else self._word("progress", done=done, count=len(entries))
        )
        tint(self.told, self._context.look.good if complete else self._context.look.text)
        self.progress.setAccessibleName(self.told.text())

    def _show_sections(self) -> None:
        self.section.clear()
        for section in self.filing.sections:
            left = sum(not self.filing.is_done(entry) for entry in section.entries)
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
        self.with_heads.setVisible(entry is not None and entry.kind is FilingKind.TABLE)
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
        self.value.setLineWrapMode(whole.NoWrap if entry.kind is FilingKind.TABLE else whole.WidgetWidth)
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

    # -------------------------------------------------------------------------------------- copying
    def copy(self) -> None:
        """Put the value on the clipboard and note it as copied."""
        entry = self.entry
        if entry is None:
            return
        QGuiApplication.clipboard().setText(entry.with_heads if self.with_heads.isChecked() else entry.text)
        self.filing = self.filing.with_done(entry)
        self.kept.emit(self.filing)
        self._show()

    def copy_and_go(self) -> None:
        """Copy, and show the next entry."""
        self.copy()
        self.skip()

    def skip(self) -> None:
        """Show the next entry; the last one stays."""
        self._go(self._at + 1)

    def go_back(self) -> None:
        """Show the entry before."""
        self._go(self._at - 1)

    def _go(self, at: int) -> None:
        if 0 <= at < len(self.filing.entries):
            self._at = at
            self._show()

    def _clicked(self, act: Callable[[], None]) -> None:
        act()
        self.value.setFocus()

    def _choose_section(self, place: int) -> None:
        before = sum(len(section.entries) for section in self.filing.sections[:place])
        if self.filing.sections[place].entries:
            self._go(before)
        else:
            self._show_sections()

    def move_section(self, steps: int) -> None:
        """Move the section of this entry up or down: the order of the portal."""
        section, entry = self.filing.sections[self._section_at()], self.entry
        self.filing = self.filing.moved(section.id, steps)
        if entry is not None:
            self._at = [one.id for one in self.filing.entries].index(entry.id)
        self.kept.emit(self.filing)
        self._show()

    # --------------------------------------------------------------------------------------- keys
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter or space copies and goes on, Ctrl+C copies all of the value, backspace goes back."""
        if watched is self.value and isinstance(event, QKeyEvent):
            act = self._act_of(event)
            if act is not None:
                if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
                    act()
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def _act_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control:
            return self.copy if event.key() == Qt.Key.Key_C else None
        if event.key() in _NEXT_KEYS:
            return self.copy_and_go
        return self.go_back if event.key() == Qt.Key.Key_Backspace else None
