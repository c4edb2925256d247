"""填报助手: a small window that stays on top and hands over one value after the other to the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.services.filing import Filing, FilingEntry, FilingKind
from ui.context import PageContext
from ui.pages.hand_filing_view import HandFilingView

_MINUTE = 60_000
OWN_ENTRY = "application/x-shenbao-entry"
"""Marks what this window put on the clipboard; its content is the entry's id."""

_PLAIN, _CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


class HandFiling(HandFilingView):
    """Shows one entry at a time.  ``kept`` carries the ``Filing`` after every copy and every change.

    Enter brings the next entry *and* puts it on the clipboard, so that what is shown is what is pasted.
    ``reread`` asks for the filing anew (a table cell by cell, or as a block again), ``register`` for the
    dialog that puts the submission on record.
    """

    kept = Signal(object)
    reread = Signal()
    register = Signal()

    def __init__(self, context: PageContext, filing: Filing, parent: QWidget | None = None) -> None:
        super().__init__(context, filing, parent)
        self.open_folder: Callable[[QUrl], object] = QDesktopServices.openUrl
        self._at = self._first_open()
        self._keys = self._make_keys()
        self._connect()
        self._clock = QTimer(self)
        self._clock.setInterval(_MINUTE)
        self._clock.timeout.connect(self._show_window)
        self._show_window()
        self._show_all()

    def _connect(self) -> None:
        self.value.installEventFilter(self)
        QGuiApplication.clipboard().dataChanged.connect(self._clipboard_changed)
        for button, act in (
            (self.list_button, self.toggle_list),
            (self.previous_button, self.go_back),
            (self.skip_button, self.skip),
            (self.copy_button, self.copy),
            (self.next_button, self.copy_next),
        ):
            button.clicked.connect(lambda _checked=False, act=act: self._clicked(act))
        self.section.activated.connect(self._choose_section)
        self.up_button.clicked.connect(lambda: self.move_section(-1))
        self.down_button.clicked.connect(lambda: self.move_section(1))
        self.by_cell.clicked.connect(self.set_by_cell)
        self.with_heads.clicked.connect(lambda _checked: self.value.setFocus())
        self.folder_button.clicked.connect(self._open_folder)
        self.list.chosen.connect(self._go_to)
        self.list.moved.connect(self.move_entry)
        self.list.skipped.connect(self.toggle_skipped)
        self.register_button.clicked.connect(self.register)

    # ------------------------------------------------------------------------------------- place
    def _first_open(self) -> int:
        return self._next_open(0)

    def _next_open(self, start: int) -> int:
        """Give the place of the first entry from ``start`` on, then from the first, that was not copied."""
        entries = self.filing.entries
        order = [*range(start, len(entries)), *range(min(start, len(entries)))]
        return next((at for at in order if not self.filing.is_done(entries[at])), min(start, len(entries)))

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
        self._show_all()

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
        self._show_all()

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
            self._show_all()

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
        self._show_all()

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
