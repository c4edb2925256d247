"""填报助手: a small window that stays on top and hands over one value after the other to the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent, QResizeEvent, QShowEvent
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
_MINUTE = 60_000
OWN_ENTRY = "application/x-shenbao-entry"
"""Marks what this window put on the clipboard; its content is the entry's id."""

_PLAIN, _CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


class HandFiling(QWidget):
    """Shows one entry at a time.  ``kept`` carries the ``Filing`` after every copy and every change.

    Enter brings the next entry *and* puts it on the clipboard, so that what is shown is what is pasted.
    ``reread`` asks for the filing anew (a table cell by cell, or as a block again), ``register`` for the
    dialog that puts the submission on record.
    """

    kept = Signal(object)
    reread = Signal()
    register = Signal()

    def __init__(self, context: PageContext, filing: Filing, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self._context = context
        self.filing = filing
        self.open_folder: Callable[[QUrl], object] = QDesktopServices.openUrl
        self._at = self._first_open()
        self._held = ""
        self.setWindowTitle(f"{self._word('title')} — {filing.short}")
        self._arrange()
        self._keys = self._make_keys()
        clipboard = QGuiApplication.clipboard()
        clipboard.dataChanged.connect(self._clipboard_changed)
        self._clock = QTimer(self)
        self._clock.setInterval(_MINUTE)
        self._clock.timeout.connect(self._show_window)
        self._show_window()
        self._show()

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
        self.value.installEventFilter(self)
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
        self.list.chosen.connect(self._go_to)
        self.list.moved.connect(self.move_entry)
        self.list.skipped.connect(self.toggle_skipped)
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
        self.register_button.clicked.connect(self.register)
        column.addWidget(self.register_button)
        self.handing.setMinimumWidth(max(look.space(54), self.handing.minimumSizeHint().width()))
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

    def _table_row(self) -> QHBoxLayout:
        """Give what is only for tables and files."""
        look = self._context.look
        self.with_heads = QCheckBox(self._word("with_heads"))
        self.by_cell = QCheckBox(self._word("by_cell"))
        self.by_cell.clicked.connect(self.set_by_cell)
        self.folder_button = Button(self._word("folder"), look)
        self.folder_button.clicked.connect(self._open_folder)
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
        for button, act in (
            (self.list_button, self.toggle_list),
            (self.previous_button, self.go_back),
            (self.skip_button, self.skip),
            (self.copy_button, self.copy),
            (self.next_button, self.copy_next),
        ):
            button.clicked.connect(lambda _checked=False, act=act: self._clicked(act))
            row.addWidget(button, 2 if button is self.next_button else 1)
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

    def _first_open(self) -> int:
        return self._next_open(0)

    def _next_open(self, start: int) -> int:
        """Give the place of the first entry from ``start`` on, then from the first, that was not copied."""
        entries = self.filing.entries
        order = [*range(start, len(entries)), *range(min(start, len(entries)))]
        return next((at for at in order if not self.filing.is_done(entries[at])), min(start, len(entries)))

    def _section_at(self) -> int:
        """Give the section of the entry that is shown."""
        entry = self.entry
        for place, section in enumerate(self.filing.sections):
            if entry is not None and any(own.id == entry.id for own in section.entries):
                return place
        return 0

    def showEvent(self, event: QShowEvent) -> None:
        """Tell the time left as long as the window is seen."""
        super().showEvent(event)
        self._show_window()
        self._clock.start()

    def take(self, filing: Filing) -> None:
        """Show a filing that was read anew, at the entry that was shown or the first one left to copy."""
        before = self.entry
        self.filing = replace(filing, done={**filing.done, **self.filing.done})
        wanted = (before.table or before.id) if before is not None else ""
        places = (at for at, one in enumerate(filing.entries) if wanted in (one.id, one.table))
        self._at = next(places, self._first_open())
        self._show()

    def _show(self) -> None:
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

    # -------------------------------------------------------------------------------------- copying
    def copy(self) -> None:
        """Put the value on the clipboard and note it as copied."""
        entry = self.entry
        if entry is None:
            return
        heads = self.with_heads.isChecked() and entry.kind is FilingKind.TABLE
        data = QMimeData()
        data.setText(entry.with_heads if heads else entry.text)
        html = entry.html(with_heads=heads)
        if html:
            data.setHtml(html)
        data.setData(OWN_ENTRY, entry.id.encode())
        QGuiApplication.clipboard().setMimeData(data)
        self._held = entry.id
        self.filing = self.filing.with_done(entry)
        self.kept.emit(self.filing)
        self._show()

    def copy_next(self) -> None:
        """Copy what is shown; where that is on the clipboard already, go on and copy the next one."""
        entry = self.entry
        if entry is not None and entry.id == self._held:
            if self._at + 1 >= len(self.filing.entries):
                return
            self._at += 1
        self.copy()

    def _clipboard_changed(self) -> None:
        if self._held and self._held_now() != self._held:
            self._held = ""
            self._show_clipboard()

    def _held_now(self) -> str:
        # PySide6 says that there is always data; a clipboard that another program holds may give none
        found: QMimeData | None = QGuiApplication.clipboard().mimeData()
        if found is None or not found.hasFormat(OWN_ENTRY):
            return ""
        return bytes(found.data(OWN_ENTRY).data()).decode()

    def skip(self) -> None:
        """Show the next entry without copying it; the last one stays."""
        self._go(self._at + 1)

    def go_back(self) -> None:
        """Show the entry before."""
        self._go(self._at - 1)

    def go_open(self) -> None:
        """Show the next entry that was not copied yet."""
        self._go(self._next_open(self._at + 1))

    def _go(self, at: int) -> None:
        if 0 <= at < len(self.filing.entries):
            self._at = at
            self._show()

    def _go_to(self, entry_id: str) -> None:
        self._go(next((at for at, one in enumerate(self.filing.entries) if one.id == entry_id), -1))
        self.value.setFocus()

    def _clicked(self, act: Callable[[], None]) -> None:
        act()
        if act != self.toggle_list:
            self.value.setFocus()

    def _choose_section(self, place: int) -> None:
        own = {one.id for one in self.filing.sections[place].entries}
        at = next((at for at, one in enumerate(self.filing.entries) if one.id in own), -1)
        if at >= 0:
            self._go(at)
        else:
            self._show_sections()

    def _open_folder(self) -> None:
        self.open_folder(QUrl.fromLocalFile(str(self.filing.folder)))

    # -------------------------------------------------------------------------------- the portal's way
    def move_section(self, steps: int) -> None:
        """Move the section of this entry up or down: the order of the portal."""
        section = self.filing.sections[self._section_at()]
        self._change(self.filing.moved(section.id, steps))

    def move_entry(self, entry_id: str, steps: int) -> None:
        """Move an entry up or down inside its section."""
        entry = self._find(entry_id)
        if entry is not None:
            self._change(self.filing.moved_entry(entry, steps))
            self.list.choose(entry_id)

    def toggle_skipped(self, entry_id: str) -> None:
        """Leave an entry out because the portal does not ask for it, or take it in again."""
        entry = self._find(entry_id)
        if entry is not None:
            self._change(self.filing.skipping(entry, skip=entry.id not in self.filing.skipped))
            self.list.choose(entry_id)

    def skip_for_good(self) -> None:
        """Leave the entry that is shown out, and show the one after it."""
        entry = self.entry
        if entry is not None and len(self.filing.entries) > 1:
            at = self._at
            self._change(self.filing.skipping(entry, skip=True))
            self._go(min(at, len(self.filing.entries) - 1))

    def set_by_cell(self, by_cell: bool) -> None:
        """Take a table cell by cell, for portals without a grid to paste into, or as a block again."""
        entry = self.entry
        if entry is not None:
            self.filing = self.filing.by_cell(entry.table or entry.id, by_cell=by_cell)
            self.kept.emit(self.filing)
            self.reread.emit()
        self.value.setFocus()

    def _find(self, entry_id: str) -> FilingEntry | None:
        found = (one for section in self.filing.sections for one in section.entries if one.id == entry_id)
        return next(found, None)

    def _change(self, filing: Filing) -> None:
        entry = self.entry
        self.filing = filing
        if entry is not None:
            ids = [one.id for one in filing.entries]
            self._at = ids.index(entry.id) if entry.id in ids else self._at
        self.kept.emit(filing)
        self._show()

    def toggle_list(self) -> None:
        """Show or hide the list of all entries."""
        shown, width = not self.list.isVisible(), self.width()
        self.list.setVisible(shown)
        self.list_button.setChecked(shown)
        if shown:
            self.list.show_filing(self.filing, self.entry)
            self.list.view.setFocus()
        else:
            self.value.setFocus()
        self._fit()
        wide = self.list.minimumWidth() + self._context.look.space(1.5)
        self.resize(width + (wide if shown else -wide), self.height())

    # --------------------------------------------------------------------------------------- keys
    def _make_keys(self) -> dict[tuple[Qt.KeyboardModifier, int], Callable[[], None]]:
        key = Qt.Key
        plain = {
            key.Key_Return: self.copy_next,
            key.Key_Enter: self.copy_next,
            key.Key_Space: self.copy_next,
            key.Key_Down: self.skip,
            key.Key_Up: self.go_back,
            key.Key_Backspace: self.go_back,
            key.Key_F2: self.toggle_list,
            key.Key_F3: self.go_open,
            key.Key_F4: self.skip_for_good,
        }
        keys: dict[tuple[Qt.KeyboardModifier, int], Callable[[], None]] = {
            (_PLAIN, int(one)): act for one, act in plain.items()
        }
        keys[(_CONTROL, int(key.Key_C))] = self.copy
        return keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of the assistant; a key held down counts once, so that nothing is passed over."""
        if watched is self.value and isinstance(event, QKeyEvent):
            act = self._act_of(event)
            if act is not None:
                if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
                    act()
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take F2 also where the list has the keys."""
        if event.key() == Qt.Key.Key_F2:
            self.toggle_list()
        else:
            super().keyPressEvent(event)

    def _act_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return self._keys.get((modifiers, event.key()))
