"""填报: the outline of the sections at the left, the section being filled at the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.model.draft import Answers
from app.model.finding import Finding
from app.rules.expression import scope_of
from app.rules.signs import Comparison, Remark, open_remarks
from app.services.session import Changes
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.form.builder import SectionPage
from ui.form.editors import Kit
from ui.form.evidence_button import PickFiles, ask_for_files
from ui.form.field_row import FormKit
from ui.form.item_signs import SignsPlace
from ui.form.outline import Outline
from ui.form.problems import Places, SectionState, Signs, by_item, neighbour, section_state
from ui.form.search import SearchBox
from ui.parts import Button, has_focus, tint

OUTLINE_ZI = 15


class DraftPage(QWidget):
    """The page 填报.

    ``pick_files`` may be replaced where no dialog can be shown.  ``section_pages`` holds the sections
    visited so far, ``states`` how far all sections are, ``last_place`` where ``show_place`` went last.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._kit = Kit(context.messages, context.look)
        self._model: DraftModel | None = None
        self._form: FormKit | None = None
        self._places: Places | None = None
        self._baseline = Answers()
        self._found: dict[str, list[Finding]] = {}
        self.signs = Signs()
        self._comparison: Comparison | None = None
        self.states: list[SectionState] = []
        self.section_pages: dict[int, SectionPage] = {}
        self._stale: set[int] = set()
        self.current = -1
        self.last_place = ""
        self.pick_files: PickFiles = ask_for_files
        self._arrange()
        self._add_actions()
        self.show_draft(None)

    # ------------------------------------------------------------------------------------ building
    def _arrange(self) -> None:
        look = self._context.look
        self.setAccessibleName(self._kit.text("page_name"))
        self.search = SearchBox(self._kit)
        self.search.chosen.connect(self.show_place)
        self.outline = Outline(self._kit, look)
        self.search.searching.connect(self.outline.setHidden)
        self.outline.chosen.connect(self.show_section)
        self.side = QWidget()
        self.side.setMinimumWidth(self.fontMetrics().horizontalAdvance("国") * 10)
        side = QVBoxLayout(self.side)
        side.setContentsMargins(look.space(), look.space(1.5), 0, look.space())
        side.setSpacing(look.space())
        side.addWidget(self.search)
        side.addWidget(self.outline, 1)
        self.form_button = Button(self._context.messages.text("window", "form.open"), look, quiet=True)
        self.form_button.setToolTip(self._context.messages.text("window", "form.open_tip"))
        self.form_button.clicked.connect(self.change_form)
        side.addWidget(self.form_button)
        self.stack = QStackedWidget()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.side)
        self.splitter.addWidget(self.stack)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self._moved = False
        self.splitter.splitterMoved.connect(self._note_moved)
        self.hint = QLabel(self._kit.text("no_draft"))
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        tint(self.hint, look.faint)
        self.remarks = QVBoxLayout()
        self.remarks.setContentsMargins(look.space(3), look.space(1), look.space(3), 0)
        self.whole: SignsPlace | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.remarks)
        layout.addWidget(self.hint)
        layout.addWidget(self.splitter, 1)

    def _note_moved(self) -> None:
        self._moved = True

    def _add_actions(self) -> None:
        keys = QKeySequence
        for code, key, call in (
            ("find", keys(QKeySequence.StandardKey.Find), self.search.open),
            ("check", keys("F7"), self.check_section),
            ("next_problem", keys("F8"), lambda: self.walk(1)),
            ("previous_problem", keys("Shift+F8"), lambda: self.walk(-1)),
            ("next_section", keys("Ctrl+PgDown"), lambda: self._step(1)),
            ("previous_section", keys("Ctrl+PgUp"), lambda: self._step(-1)),
        ):
            action = QAction(self._kit.text(f"action_{code}"), self)
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)  # from the rail too, while shown
            action.triggered.connect(lambda _checked=False, call=call: call())
            self.addAction(action)

    # -------------------------------------------------------------------------------------- drafts
    def show_draft(self, model: DraftModel | None) -> None:
        """Show a report, or a hint where none is open.  Changes nothing in either."""
        again = model is not None and model is self._model  # its form was changed
        section, baseline = self.current, self._baseline
        self._let_go()
        self._model = model
        self.hint.setVisible(model is None)
        self.splitter.setVisible(model is not None)
        if model is None:
            return
        form = model.session.programme.form
        self._form = FormKit(self._context, model, self._kit, scope_of(form), self._ask_files)
        self._places = Places(form)
        self._baseline = baseline if again else model.answers
        self.search.show_form(form)
        self.outline.sections.show_sections(form.sections)
        self.whole = SignsPlace(model, self._kit, self.remarks, lambda: 0)
        model.changed.connect(self._changed)
        model.settling.connect(self.settle)
        self._take_findings(model.session.findings)
        if form.sections:
            self.show_section(max(section, 0) if again else 0)

    def _let_go(self) -> None:
        if self._model is not None:
            self._model.settle()
            self._model.changed.disconnect(self._changed)
            self._model.settling.disconnect(self.settle)
        for page in self.section_pages.values():
            page.shut()
            self.stack.removeWidget(page)
            page.deleteLater()
        self.section_pages.clear()
        if self.whole is not None:
            self.whole.remove()
            self.whole = None
        self._comparison = None
        self._stale.clear()
        self.states = []
        self.current, self.last_place = -1, ""

    def _ask_files(self, parent: QWidget, title: str) -> Sequence[Path]:
        return self.pick_files(parent, title)

    def _changed(self, changes: Changes) -> None:
        self._take_findings(changes.findings)
        self._stale.update(self.section_pages)
        self._refresh_current()

    def _take_findings(self, findings: tuple[Finding, ...]) -> None:
        assert self._model is not None
        view = self._model.session.view
        self._found = by_item(findings)
        self.signs = self._read_signs(self._model)
        self.states = [
            section_state(section, view, self._found, self._baseline, self.signs)
            for section in self._model.session.programme.form.sections
        ]
        self.outline.sections.show_states(self.states, printed=self.signs.printed)
        if self.whole is not None:
            self.whole.refresh(self.signs.remarks.get("", ()))

    def _read_signs(self, model: DraftModel) -> Signs:
        """Fold what reviewers marked from the record, and compare the draft with what was printed."""
        remarks: dict[str, list[Remark]] = {}
        for remark in open_remarks(model.session.view.context.events):
            known = self._places is not None and self._places.section(remark.path) is not None
            remarks.setdefault(remark.item if known else "", []).append(remark)
        paper = model.paper
        if paper is None:
            return Signs(remarks)
        if self._comparison is None or self._comparison.paper is not paper:
            self._comparison = Comparison(paper, model.session.programme.form)
        return Signs(remarks, self._comparison.changed(model.answers), paper.printed)

    def _refresh_current(self) -> None:
        page = self.section_pages.get(self.current)
        if page is not None and self.current in self._stale:
            self._stale.discard(self.current)
            page.refresh(self._found, self.states[self.current], self.signs)

    def settle(self) -> None:
        """Hand over what is typed or half typed."""
        page = self.section_pages.get(self.current)
        if page is not None:
            page.settle()

    # ------------------------------------------------------------------------------------ sections
    def show_section(self, number: int) -> None:
        """Show a section, built on the first visit; its scroll position is kept."""
        if self._model is None or self._form is None:
            return
        if number != self.current:
            self.settle()
        if number not in self.section_pages:
            section = self._model.session.programme.form.sections[number]
            page = SectionPage(self._form, section, self._found, self.signs)
            page.step.connect(self._step)
            self.section_pages[number] = page
            self._stale.add(number)
            self.current = number
            self._refresh_current()
            self.stack.addWidget(page)
        self.current = number
        self._refresh_current()
        shown, page = self.stack.currentWidget(), self.section_pages[number]
        inside = shown is not None and shown is not page and has_focus(shown)
        self.stack.setCurrentWidget(page)
        page.lay_out()
        if inside and not has_focus(page):
            page.take_focus()
        self.outline.mark(number)

    def change_form(self) -> None:
        """Ask which items of this report's form are named, placed or asked otherwise."""
        if self._model is not None:
            from ui.form.form_dialog import FormDialog

            self.settle()
            FormDialog(self, self._context, self._model, max(self.current, 0)).open()

    def _step(self, step: int) -> None:
        if self._model is not None:
            last = len(self._model.session.programme.form.sections) - 1
            self.show_section(min(max(self.current + step, 0), last))

    def check_section(self) -> None:
        """Show all findings of the section that is shown."""
        page = self.section_pages.get(self.current)
        if page is not None:
            page.reveal()

    def show_place(self, place: str) -> None:
        """Bring an item (``e03``), a table (``t1``) or a cell (``t1/r7/name``) into view, cursor there."""
        number = self._places.section(place) if self._places else None
        if number is None:
            return
        self.show_section(number)
        self.last_place = place
        item, _, rest = place.partition("/")
        row, _, column = rest.partition("/")
        self.section_pages[number].show_item(item, row, column)

    def walk(self, step: int) -> None:
        """Go to the next (1) or previous (-1) problem of the report, going round."""
        if self._model is None or self._places is None:
            return
        self._model.settle()
        session = self._model.session
        problems = self._places.walk(session.findings, session.view)
        page = self.section_pages.get(self.current)
        item = page.focused_item() if page is not None else ""
        start = item if item and item != self.last_place.partition("/")[0] else self.last_place
        rows = {row.id: number for number, row in enumerate(session.view.rows(start.partition("/")[0]))}
        at = (self._places.order(start, rows) if start else None) or (max(self.current, 0), -1, 0, 0)
        place = neighbour(problems, at, step)
        if place:
            self.show_place(place)
        else:
            self._context.tell(self._kit.text("no_problems"), "good")

    # -------------------------------------------------------------------------------------- events
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo over the whole report, where the window has not done it already."""
        if self._model is not None and event.matches(QKeySequence.StandardKey.Undo):
            self._model.undo()
        elif self._model is not None and event.matches(QKeySequence.StandardKey.Redo):
            self._model.redo()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the outline its usual width, never more than a quarter, until the user has moved it."""
        super().resizeEvent(event)
        if not self._moved:
            width = self.fontMetrics().horizontalAdvance("国") * OUTLINE_ZI
            width = min(width, event.size().width() // 4)
            self.splitter.setSizes([width, event.size().width() - width])

    def hideEvent(self, event: QHideEvent) -> None:
        """Hand over what is half typed before another page is shown."""
        self.settle()
        super().hideEvent(event)
