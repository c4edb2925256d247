"""检查: every finding with its place, its step and its written reason; the list on paper; sealing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.model.finding import Finding, Gate, Severity
from app.rules.checker import counts, open_findings
from app.services.listing import earlier_reasons, offered_reasons
from app.services.session import Changes
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.pages.finding_model import (
    GATES,
    NO_SECTION,
    REASON,
    TEXT,
    Filter,
    FindingModel,
    RoomyDelegate,
    answerable,
    build_tree,
    with_reasons,
)
from ui.pages.finding_reason import ReasonPanel
from ui.pages.seal_desk import SealDesk
from ui.pages.self_score import ScoreButton
from ui.parts import Button, heading, scrolled, tint, words

_REST_MS = 120
"""How long typing has to rest before the list follows."""


class FindingTree(QTreeView):
    """A tree that leaves Enter to the page."""

    def __init__(self, page: ChecksPage) -> None:
        super().__init__()
        self._page = page

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the place on Enter; everything else is the tree's own."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._page.go_there()
            event.accept()
            return
        super().keyPressEvent(event)


class ChecksPage(QWidget):
    """The list of what was found."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._model: DraftModel | None = None
        self._earlier: Mapping[str, str] = {}
        self._stale = True
        self.rest = QTimer(self)
        self.rest.setSingleShot(True)
        self.rest.setInterval(_REST_MS)
        self.rest.timeout.connect(self._update)
        self.choose_file = self._ask_for_file
        self._build()
        self.show_draft(None)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"checks.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _build(self) -> None:
        look = self._context.look
        self.findings = FindingModel(self._context.messages, look, self)
        self.hint = words(self._word("no_draft"), look, faint=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(look.space(3), look.space(2), look.space(3), look.space(2))
        column.setSpacing(look.space(1.25))
        column.addLayout(self._build_head())
        self.desk = SealDesk(self._context)
        self.desk.sealed.connect(self._context.refresh)
        column.addWidget(self.desk.line)
        column.addLayout(self._build_filters())
        column.addWidget(self._build_tree(), 1)
        column.addWidget(self._build_panel())
        self._stack = QStackedWidget()
        self._stack.addWidget(self.hint)
        self._stack.addWidget(scrolled(body))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self._order_tabs()

    def _build_head(self) -> QHBoxLayout:
        look = self._context.look
        row = QHBoxLayout()
        row.setSpacing(look.space(1.5))
        row.addWidget(heading(self._word("title"), look))
        self.totals: dict[Severity, QLabel] = {}
        colours = {Severity.ERROR: look.error, Severity.WARNING: look.warning, Severity.INFO: look.info}
        for severity in Severity:
            label = QLabel()
            label.setFont(look.font(bold=True))
            tint(label, colours[severity])
            self.totals[severity] = label
            row.addWidget(label)
        row.addStretch(1)
        self.list_button = Button(self._word("save_list"), look, "paper")
        self.list_button.clicked.connect(self.save_list)
        self.seal_button = Button(self._word("seal"), look, primary=True)
        self.seal_button.clicked.connect(self.seal)
        row.addWidget(self.list_button)
        row.addWidget(self.seal_button)
        return row

    def _build_filters(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._context.look.space(1))
        self.severity_box = self._combo("severity_filter")
        self.severity_box.addItem(self._word("all_severities"), None)
        for severity in Severity:
            word = self._context.messages.text("words", f"severity.{severity.value}")
            self.severity_box.addItem(word, severity.value)
        self.section_box = self._combo("section_filter")
        self.gate_box = self._combo("gate_filter")
        self.gate_box.addItem(self._word("all_gates"), None)
        for gate in Gate:
            self.gate_box.addItem(self._word(f"gate_{gate.value}"), gate.value)
        self.only_open = QCheckBox(self._word("only_open"))
        self.only_open.toggled.connect(self._update)
        for box in (self.severity_box, self.section_box, self.gate_box):
            box.currentIndexChanged.connect(self._update)
            row.addWidget(box)
        row.addWidget(self.only_open)
        row.addStretch(1)
        self.score_button = ScoreButton(self._context)
        row.addWidget(self.score_button)
        return row

    def _combo(self, key: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self._word(key))
        box.setToolTip(self._word(key))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        return box

    def _build_tree(self) -> QWidget:
        look = self._context.look
        self.tree = FindingTree(self)
        tree = self.tree
        tree.setModel(self.findings)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setExpandsOnDoubleClick(False)
        tree.setAccessibleName(self._word("tree_name"))
        tree.setAccessibleDescription(self._word("tree_help"))
        tree.doubleClicked.connect(lambda _index: self.go_there())
        tree.selectionModel().selectionChanged.connect(lambda *_: self._show_chosen())
        self.findings.rowsInserted.connect(self._open_new)
        head = tree.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        metrics = QFontMetrics(look.font())
        shown = 2 if look.scale >= 1.5 else len(Gate)  # large letters: what is wrong needs the room
        gates = "、".join(self._word(f"gate_{gate.value}") for gate in list(Gate)[:shown])
        for column, text in ((GATES, gates), (REASON, self._word("reason_impossible") * shown)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            head.resizeSection(column, metrics.horizontalAdvance(text) + look.space(2))
        tree.setItemDelegate(RoomyDelegate(look.space(1), tree))
        tree.setMinimumHeight(round(metrics.height() * 9))
        self.clean = words("", look, faint=True)
        self.clean.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._list = QStackedWidget()
        self._list.addWidget(tree)
        self._list.addWidget(self.clean)
        return self._list

    def _build_panel(self) -> QWidget:
        self.panel = ReasonPanel(self._context)
        self.panel.go.connect(self.go_there)
        self.panel.given.connect(self.give_reason)
        return self.panel

    def _order_tabs(self) -> None:
        chain: list[QWidget] = [self.list_button, self.seal_button, self.severity_box, self.section_box]
        chain += [self.gate_box, self.only_open, self.score_button, self.tree, *self.panel.tab_chain()]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self.panel.give)

    # ------------------------------------------------------------------------------------- showing
    def show_draft(self, model: DraftModel | None) -> None:
        """Show the findings of another report, or the hint that none is open."""
        if self._model is not None:
            self._model.changed.disconnect(self._changed)
        self._model = model
        self._earlier = {}
        self._stack.setCurrentIndex(0 if model is None else 1)
        self.desk.show_draft(model)
        self.score_button.show_draft(model)
        if model is None:
            self.rest.stop()
            return
        model.changed.connect(self._changed)
        self._fill_sections(model)
        self.panel.clear()
        self._update()
        draft_id = model.draft_id
        self._context.tasks.store(
            self,
            lambda workplace: earlier_reasons(workplace, draft_id),
            lambda found: self._take_earlier(draft_id, found),
            self._refused,
        )

    def _take_earlier(self, draft_id: str, found: Mapping[str, str]) -> None:
        if self._model is not None and self._model.draft_id == draft_id:
            self._earlier = found
            self._show_chosen()

    def _fill_sections(self, model: DraftModel) -> None:
        box = self.section_box
        box.blockSignals(True)
        box.clear()
        box.addItem(self._word("all_sections"), "")
        for section in model.session.programme.form.sections:
            title = self._context.messages.text("paper", "named", number=section.number, label=section.label)
            box.addItem(title, section.id)
        box.addItem(self._word("no_section"), NO_SECTION)
        box.blockSignals(False)

    def _changed(self, _changes: Changes) -> None:
        """Follow an edit when typing rests; a hidden page follows when it is shown again."""
        self._stale = True
        if self.isVisible():
            self.rest.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was typed on another page."""
        super().showEvent(event)
        self.score_button.show_draft(self._model)
        if self._stale and self._model is not None:
            self._update()

    def _filter(self) -> Filter:
        severity, gate = self.severity_box.currentData(), self.gate_box.currentData()
        return Filter(
            Severity(severity) if severity else None,
            self.section_box.currentData() or "",
            Gate(gate) if gate else None,
            self.only_open.isChecked(),
        )

    def _update(self) -> None:
        self._stale = False
        model = self._model
        if model is None:
            return
        findings, answers = model.session.findings, model.answers
        tree = build_tree(
            model.session.programme.form, findings, answers.reasons, self._filter(), self._context.messages
        )
        place = self.tree.verticalScrollBar().value()
        self._list.setCurrentIndex(0 if tree.children else 1)
        self.findings.show(tree, answers.reasons)
        self.tree.verticalScrollBar().setValue(place)
        self.clean.setText(self._word("clean_filtered" if findings else "clean"))
        for severity, count in counts(findings).items():
            word = self._context.messages.text("words", f"severity.{severity}")
            self.totals[Severity(severity)].setText(self._word("count_one", severity=word, count=count))
        self.desk.show_waiting(len(open_findings(findings, answers, Gate.SEAL)))
        self._show_chosen()

    def _open_new(self, parent: QModelIndex, first: int, last: int) -> None:
        for row in range(first, last + 1):
            self.tree.expandRecursively(self.findings.index(row, 0, parent))

    # -------------------------------------------------------------------------------------- acting
    def chosen(self) -> list[Finding]:
        """Give the findings that are selected; a selected heading means all below it."""
        found: dict[int, Finding] = {}
        for index in self.tree.selectionModel().selectedRows():
            for finding in self._below(index):
                found[id(finding)] = finding
        return list(found.values())

    def _below(self, index: QModelIndex) -> list[Finding]:
        finding = self.findings.finding_at(index)
        if finding is not None:
            return [finding]
        rows = range(self.findings.rowCount(index))
        return [one for row in rows for one in self._below(self.findings.index(row, 0, index))]

    def _show_chosen(self) -> None:
        model = self._model
        if model is None:
            return
        chosen = self.chosen()
        offered: Sequence[str] = ()
        if len(chosen) == 1:
            offered = offered_reasons(model.answers, self._earlier, chosen[0])
        self.panel.show_findings(chosen, model.answers.reasons, offered)

    def go_there(self) -> None:
        """Go to the place of the current finding."""
        finding = self.findings.finding_at(self.tree.currentIndex())
        if finding is not None:
            self._context.go("draft", finding.path)

    def give_reason(self, text: str) -> None:
        """Answer all selected findings that a reason can answer; an empty text takes reasons back."""
        model = self._model
        if model is None:
            return
        keys = [finding.key for finding in self.chosen() if answerable(finding)]
        if not keys:
            return
        model.change(with_reasons(model.answers, keys, text), self._word("step_reason"))
        self._update()
        word = "given" if text else "taken_back"
        self._context.tell(self._word(word, count=len(set(keys))), "good" if text else "info")

    def show_place(self, place: str) -> None:
        """Select the first finding at a place."""
        index = self.findings.find(lambda finding: finding.path == place)
        if index.isValid():
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)

    def seal(self) -> None:
        """Seal, or show what stands in the way."""
        self.desk.begin(self)

    def save_list(self) -> None:
        """Lay the list out as a PDF beside the window and save it where the user chooses."""
        model = self._model
        path = self.choose_file() if model is not None else ""
        if model is None or not path:
            return
        from app.services.listing import ListWork, render_list, save_file

        target = Path(path)
        work = ListWork(model.session.programme, model.answers, model.session.findings, self._context.clock())
        messages, tasks = self._context.messages, self._context.tasks

        def saved(_path: Path) -> None:
            self.list_button.setEnabled(True)
            self._context.tell(self._word("list_saved", name=target.name), "good")

        self.list_button.setEnabled(False)
        tasks.store(
            self,
            lambda workplace: workplace.fonts,
            lambda fonts: tasks.work(
                self,
                lambda: save_file(target, render_list(work, fonts, messages)),
                saved,
                self._list_refused,
            ),
            self._list_refused,
        )

    def _list_refused(self, error: AppError) -> None:
        self.list_button.setEnabled(True)
        self._refused(error)

    def _ask_for_file(self) -> str:
        name, kinds = f"{self._word('list_file')}.pdf", f"{self._word('pdf_files')} (*.pdf)"
        path, _ = QFileDialog.getSaveFileName(self, self._word("choose_list"), name, kinds)
        return path if not path or path.lower().endswith(".pdf") else f"{path}.pdf"

    def _refused(self, error: AppError) -> None:
        self._context.tell(self._context.messages.error(error), "error")
