"""The shell: rail, top line, banner, pages, status line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.clock import Clock
from app.errors import AppError
from app.messages import Messages
from ui.context import Page, PageContext, Tone
from ui.frame import Frame
from ui.garbage import forget_layout_items
from ui.icons import own_icon
from ui.input_method import commit_typing
from ui.open_report import OpenReport
from ui.settings import IniSettings
from ui.style import Look, apply_look, make_look
from ui.tasks import Tasks

if TYPE_CHECKING:
    from app.services.accounts import WindowState
    from app.services.workplace import Workplace
    from ui.draft_model import DraftModel

PAGES: Mapping[Page, str] = {
    "home": "ui.pages.home:HomePage",
    "draft": "ui.pages.draft:DraftPage",
    "checks": "ui.pages.checks:ChecksPage",
    "compare": "ui.pages.compare:ComparePage",
    "timeline": "ui.pages.timeline:TimelinePage",
    "paper": "ui.pages.paper:PaperPage",
    "submit": "ui.pages.submit:SubmitPage",
    "settings": "ui.pages.settings:SettingsPage",
}
"""Where each page lives; it is loaded when it is visited first."""

_BACKUP_MS = 5 * 60 * 1000
_SMALLEST = (760, 480)
_USUAL = (1200, 700)
_FIND = "Ctrl+F"


class PageWidget(Protocol):
    """What the shell asks of a page.  ``show_place`` and ``focus_search`` are there where a page has them."""

    def show_draft(self, model: DraftModel | None) -> None:
        """Show another report, or the hint that none is open."""


def _search_of(page: QWidget) -> Any:
    """Give what puts the cursor into a page's own search, or None."""
    for action in page.actions():
        if action.shortcut() == QKeySequence(_FIND):
            return action.trigger
    return getattr(page, "focus_search", None)


class MainWindow(QMainWindow):
    """The window.  ``start`` reads the store after the first paint."""

    def __init__(self, tasks: Tasks, messages: Messages, clock: Clock, settings: IniSettings) -> None:
        super().__init__()
        self.tasks, self._messages, self._clock = tasks, messages, clock
        self.settings = settings
        self.report = OpenReport(tasks, clock)
        self.report.switched.connect(self._show_report)
        self.report.changed.connect(self._show_top)
        self.report.refused.connect(self._refused)
        self._missing: Any = lambda _text: ""
        self._built: dict[str, QWidget] = {}
        self._waiting = ("", "")
        self._state: WindowState | None = None
        self.page: Page = "home"
        self.pages: list[Page] = list(PAGES)
        self.setWindowTitle(self._word("name"))
        self.setMinimumSize(*_SMALLEST)
        self.context: PageContext = self._make_context(self._make_look())
        self._build()
        self._add_keys()
        self._restore_place()
        settings.changed.connect(self._setting_changed)
        tasks.crashed.connect(_raise_again)
        self._backups = QTimer(self)
        self._backups.timeout.connect(self._back_up)
        self._backups.start(_BACKUP_MS)

    def _word(self, key: str, /, **params: object) -> str:
        return self._messages.text("window", f"shell.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _make_look(self) -> Look:
        scale = self.settings.get("scale", 1.0)
        return make_look(
            dark=self.settings.get("dark", False) is True,
            scale=float(scale) if isinstance(scale, int | float) else 1.0,
        )

    def _make_context(self, look: Look) -> PageContext:
        return PageContext(
            tasks=self.tasks,
            messages=self._messages,
            missing_glyphs=lambda text: str(self._missing(text)),
            clock=self._clock,
            look=look,
            settings=self.settings,
            go=self.go,
            tell=self.tell,
            open_draft=self.open_draft,
            refresh=self.refresh,
        )

    def _build(self) -> None:
        look = self.context.look
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_look(application, look)
        frame = Frame(self.pages, self._word, self._messages, self._clock, look, self.tasks)
        self.rail, self.strip, self.top = frame.rail, frame.strip, frame.top
        self.banner, self.stack, self.status = frame.banner, frame.stack, frame.status
        self.setCentralWidget(frame)
        self.seen = frame.seen
        self.rail.chosen.connect(lambda page: self.go(cast(Page, page), ""))
        self.top.undo_button.clicked.connect(self.undo)
        self.top.redo_button.clicked.connect(self.redo)
        self.top.find_button.clicked.connect(self.search)
        self.status.retry.connect(self.report.retry)
        self.report.state.connect(self.status.show_state)
        self.strip.setVisible(self.settings.get("rehearsal", False) is True)
        self._show_page(self.page)
        self._show_top()
        self.status.show_state(self.report.model.state if self.report.model else None)

    def _add_keys(self) -> None:
        keys: list[tuple[str, Any]] = [
            ("Ctrl+Z", self.undo),
            ("Ctrl+Y", self.redo),
            ("Ctrl+Shift+Z", self.redo),
            (_FIND, self.search),
            ("F1", self.show_about),
        ]
        for number, page in enumerate(self.pages, 1):
            keys.append((f"Ctrl+{number}", lambda name=page: self.go(name, "")))
        self._keys = {key: QShortcut(QKeySequence(key), self) for key, _ in keys}
        for key, act in keys:
            self._keys[key].activated.connect(act)
        self._leave_find_to_page()

    def _leave_find_to_page(self) -> None:
        """Two takers of one key would both stay silent: a page's own search comes first."""
        own = any(action.shortcut() == QKeySequence(_FIND) for action in self._built[self.page].actions())
        self._keys[_FIND].setEnabled(not own)

    def _restore_place(self) -> None:
        place = self.settings.get_bytes("geometry")
        if place.isEmpty() or not self.restoreGeometry(place):
            screen = QGuiApplication.primaryScreen().availableGeometry()
            scale = self.context.look.scale
            self.resize(
                min(round(_USUAL[0] * scale), screen.width()), min(round(_USUAL[1] * scale), screen.height())
            )

    # ----------------------------------------------------------------------------------- beginning
    def start(self, file: str = "") -> None:
        """Read the store and go on where the last session ended; ``file`` is a bundle to open instead."""
        QApplication.setWindowIcon(own_icon())
        self._waiting = (file, str(self.settings.get("draft", "")))
        self.tasks.store(self, _read_state, self._started, self._refused)

    def _started(self, state: WindowState) -> None:
        self._take_state(state)
        file, draft = self._waiting
        if not state.unit.name and not file:
            self._ask_for_unit()
            return
        wanted = self.settings.get("page", "home")
        self.go(next((page for page in self.pages if page == wanted), "home"), "")
        self._start_reminders()
        if file:
            self.open_file(file)
        elif draft and draft in state.drafts:
            self.open_draft(draft)

    def _start_reminders(self) -> None:
        from ui.reminders import Reminders

        self.reminders = Reminders(self.context)
        self.reminders.start()

    def _take_state(self, state: WindowState) -> None:
        self._state = state
        self.status.show_platform(state.platform.address, state.ahead)

    def _ask_for_unit(self) -> None:
        from ui.pages.first_start import FirstStart

        page = FirstStart(self.context, self._unit_known)
        self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
        self.rail.setEnabled(False)
        page.begin()

    def _unit_known(self) -> None:
        page = self.stack.currentWidget()
        self.rail.setEnabled(True)
        self.go("home", "")
        if page is not None and page is not self._built.get("home"):
            self.stack.removeWidget(page)
            page.deleteLater()
        self.refresh()
        self._start_reminders()

    # --------------------------------------------------------------------------------------- pages
    def go(self, page: Page, place: str = "") -> None:
        """Show a page and bring a place of the report into view."""
        if page not in self.pages or not self.rail.isEnabled():
            return
        commit_typing()
        self._show_page(page)
        self.settings.put("page", page)
        if place:
            show_place = getattr(self._built[page], "show_place", None)
            if show_place is not None:
                show_place(place)

    def _show_page(self, page: Page) -> None:
        self.page = page
        if page not in self._built:
            module, _, name = PAGES[page].partition(":")
            made: QWidget = getattr(import_module(module), name)(self.context)
            made.setAccessibleName(self._word(f"page.{page}"))
            self._built[page] = made
            self.stack.addWidget(made)
            cast(PageWidget, made).show_draft(self.report.model)
            forget_layout_items()
        self.stack.setCurrentWidget(self._built[page])
        self.rail.show_page(page)
        if hasattr(self, "_keys"):
            self._leave_find_to_page()

    def built_page(self, page: Page) -> QWidget | None:
        """Give a page that was visited, or None."""
        return self._built.get(page)

    # -------------------------------------------------------------------------------------- report
    def open_draft(self, draft_id: str) -> None:
        """Open a report in all pages; with an empty id the open one is closed."""
        commit_typing()
        if draft_id:
            self.report.open(draft_id)
        else:
            self.report.close()

    def open_file(self, file: str) -> None:
        """Take a .shenbao file in as a new report and open it."""
        from pathlib import Path

        def take_in(workplace: Workplace) -> str:
            from app.services.importing import import_bundle

            return import_bundle(workplace, Path(file))

        def taken(draft_id: str) -> None:
            self.tell(self._word("file_taken", name=Path(file).name), "good")
            self.refresh()
            self.open_draft(draft_id)

        self.tasks.store(self, take_in, taken, self._refused)

    def _show_report(self, model: DraftModel | None) -> None:
        if model is not None:
            opened = self.report
            self._missing = model.session.view.context.missing_glyphs
            self.settings.put("draft", model.draft_id)
            self.setWindowTitle(f"{opened.title} — {self._word('name')}")
        else:
            self.settings.put("draft", "")
            self.setWindowTitle(self._word("name"))
        for page in self._built.values():
            cast(PageWidget, page).show_draft(model)
        self.status.show_state(model.state if model is not None else None)
        self._show_top()

    def _show_top(self, _changes: object = None) -> None:
        model = self.report.model
        session = model.session if model is not None else None
        self.top.show_report(
            self.report.title,
            session.undo_label if session else None,
            session.redo_label if session else None,
        )

    def undo(self) -> None:
        """Take the last step back."""
        commit_typing()
        if self.report.model is not None:
            self.report.model.undo()

    def redo(self) -> None:
        """Bring the last step back."""
        commit_typing()
        if self.report.model is not None:
            self.report.model.redo()

    def search(self) -> None:
        """Put the cursor into the search of this page, or of the form."""
        if _search_of(self._built[self.page]) is None:
            self.go("draft", "")
        search = _search_of(self._built[self.page])
        if search is not None:
            search()

    # ------------------------------------------------------------------------------------- telling
    def tell(self, text: str, tone: Tone = "info") -> None:
        """Show a banner."""
        self.banner.tell(text, tone)

    def _refused(self, error: AppError) -> None:
        self.tell(self._messages.error(error), "error")

    def show_about(self) -> None:
        """Show versions and licences."""
        from ui.pages.about import About

        About(self.context, self).open()

    def refresh(self) -> None:
        """Read the list of reports and what belongs to the open one again."""
        home = self._built.get("home")
        reload = getattr(home, "reload", None)
        if reload is not None:
            reload()
        self.report.renew()
        self.tasks.store(self, _read_state, self._take_state, self._refused)

    def _setting_changed(self, key: str) -> None:
        if key in ("dark", "scale"):
            QTimer.singleShot(0, self, self._wear_look)
        elif key == "rehearsal":
            self.strip.setVisible(self.settings.get("rehearsal", False) is True)

    def _wear_look(self) -> None:
        """Build everything anew in another look; the report stays open."""
        self.context = replace(self.context, look=self._make_look())
        for page in self._built.values():
            cast(PageWidget, page).show_draft(None)
        self._built.clear()
        self._build()
        if self._state is not None:
            self._take_state(self._state)

    def _back_up(self) -> None:
        self.tasks.store(self, _back_up_if_due, lambda _made: None, self._refused)

    # --------------------------------------------------------------------------------------- events
    def changeEvent(self, event: QEvent) -> None:
        """Keep half-typed words when another window comes forward."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            commit_typing()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave only when everything is on the disk, or the person says so."""
        commit_typing()
        focus = self.focusWidget()
        if focus is not None:
            focus.clearFocus()
        if not self.report.settle() and not self._leave_anyway():
            event.ignore()
            return
        self.settings.put_bytes("geometry", self.saveGeometry())
        self.settings.close()
        event.accept()

    def _leave_anyway(self) -> bool:
        from ui.dialogs import ask

        return ask(self, self.context, self._word("unsaved"), self._word("leave"), self._word("stay"))


def _raise_again(error: BaseException) -> None:
    """A bug of ours in a worker is reported like one in the window."""
    raise error


def _read_state(workplace: Workplace) -> WindowState:
    from app.services.accounts import window_state

    return window_state(workplace)


def _back_up_if_due(workplace: Workplace) -> object:
    return workplace.store.back_up_if_due()
