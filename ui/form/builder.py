"""From a section of the form to its page: heading, one row per item, its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.model.finding import Finding
from app.model.form import Section
from app.rules.expression import Expression, compile_expression
from ui.form.field_row import FieldRow, FormKit, changed_words, label_width
from ui.form.finding_line import tint
from ui.form.item_signs import SignsPlace
from ui.form.problems import SectionState, Signs
from ui.garbage import forget_layout_items
from ui.parts import lay_out_now

if TYPE_CHECKING:
    from ui.form.table_view import TableEditor

STACKED_ZI = 34
"""With less room than this many Chinese characters beside the labels, they stand above their editors."""

FIRST_ROWS, NEXT_ROWS = 14, 6
"""How many items are built before a section is first seen, and in each later turn of the event loop."""

WIDEST_ZI = 90
"""Rows of a wide window stay this many Chinese characters wide, so that eyes and mouse need not wander."""

TABLE_LINES = 20
"""A table's least height, in lines of text."""


class _Body(QWidget):
    """What scrolls.  It takes the height it needs before its rows could be painted squashed into the old one.

    The scroll area would give it that height a turn of the event loop later.
    """

    def event(self, event: QEvent) -> bool:
        """Grow as soon as the layout asks for more."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.fit()
        return done

    def fit(self) -> None:
        """Take the height the layout needs, where it is more than there is."""
        layout = self.layout()
        needed = layout.totalHeightForWidth(self.width()) if layout is not None else 0
        if needed > self.height():
            self.resize(self.width(), needed)


class SectionPage(QWidget):
    """One section, built when it is first visited, what lies below the fold a moment later.

    ``found`` are the findings by item, ``signs`` what is said beside them.  ``step(±1)``: the user wants
    the next or last one.
    """

    step = Signal(int)

    def __init__(
        self, form: FormKit, section: Section, found: Mapping[str, Sequence[Finding]], signs: Signs
    ) -> None:
        super().__init__()
        self.section = section
        self._form = form
        self._kit = form.kit
        self.rows: dict[str, FieldRow] = {}
        self.tables: dict[str, TableEditor] = {}
        self._relevant: dict[str, Expression] = {}
        self._stacked: bool | None = None
        self._checked = False
        self._found, self._signs = found, signs
        self.table_signs: dict[str, SignsPlace] = {}
        self._waiting = [*(item.id for item in section.fields), *section.tables]
        self._build()

    # ------------------------------------------------------------------------------------ building
    def _build(self) -> None:
        look = self._kit.look
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._make_head())
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        tint(line, look.line)
        outer.addWidget(line)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body = _Body()
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(look.space(3), look.space(2.5), look.space(3), look.space(4))
        self.column.setSpacing(look.space(2))
        if self.section.note:
            note = QLabel(self.section.note)
            note.setWordWrap(True)
            tint(note, look.faint)
            self.column.addWidget(note)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(look.space(2))
        self.column.addLayout(self._fields)
        if not self.section.tables:
            self.column.addStretch(1)
        self._build_some(FIRST_ROWS)
        self.area.setWidget(self.body)
        outer.addWidget(self.area, 1)

    def _build_some(self, most: int) -> None:
        """Build the next items, so that no section, however long, keeps the window from answering."""
        built = 0
        while self._waiting and built < most:
            key = self._waiting.pop(0)
            if key in self.section.tables:
                if built:
                    self._waiting.insert(0, key)
                    break
                self._add_table(key)
                built = most
            else:
                self._add_row(key)
                built += 1
        forget_layout_items()
        self.lay_out()
        if self._waiting:
            QTimer.singleShot(0, self, lambda: self._build_some(NEXT_ROWS))

    def lay_out(self) -> None:
        """Give all that is built its place now, where the section can be seen.

        Qt would hand a new height up one nested layout per turn of the event loop, and paint each turn:
        long texts would stand squashed for a blink, and places to scroll to would be wrong.
        """
        if not self.isVisible():
            return
        lay_out_now()

    def finish(self) -> None:
        """Build at once what has not been built yet."""
        while self._waiting:
            self._build_some(len(self._waiting))

    def _add_row(self, key: str) -> None:
        row = FieldRow(self._form, self._form.model.session.programme.form.fields[key])
        self.rows[key] = row
        if self._stacked is not None:
            row.set_stacked(self._stacked)
        self._fields.addWidget(row)
        row.refresh(self._found.get(key, ()), self._signs)
        if self._checked:
            row.reveal()

    def _make_head(self) -> QWidget:
        look, kit, section = self._kit.look, self._kit, self.section
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(look.space(3), look.space(2), look.space(3), look.space(1.5))
        column.setSpacing(look.space(0.5))
        self.head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.head.setSpacing(look.space())
        title = QLabel(f"{section.number}  {section.label}")
        title.setFont(look.font(14, bold=True))
        title.setWordWrap(True)
        self.head.addWidget(title, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.space())
        self.check = QPushButton(kit.text("check_section"))
        self.check.setToolTip(kit.text("check_section_tip"))
        self.check.clicked.connect(self.reveal)
        before, after = QPushButton(kit.text("previous_section")), QPushButton(kit.text("next_section"))
        before.clicked.connect(lambda: self.step.emit(-1))
        after.clicked.connect(lambda: self.step.emit(1))
        for button in (self.check, before, after):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.head.addLayout(buttons)
        column.addLayout(self.head)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.hide()
        column.addWidget(self.verdict)
        return head

    def _add_table(self, table_id: str) -> None:
        from ui.form.table_view import TableEditor

        table = self._form.model.session.programme.form.tables[table_id]
        if table.relevant not in ("", "true"):
            self._relevant[table_id] = compile_expression(table.relevant, self._form.scope)
        editor = TableEditor(self._form.context, self._form.model, table_id)
        least = editor.fontMetrics().lineSpacing() * TABLE_LINES
        editor.setMinimumHeight(max(editor.minimumSizeHint().height(), least))
        self.tables[table_id] = editor
        self.column.addWidget(editor, 1)
        condition = self._relevant.get(table_id)
        view = self._form.model.session.view
        # Shown at once, not in a later turn: its room is needed before the rows above are painted
        editor.setVisible(condition is None or condition.evaluate(view) is not False)
        self.table_signs[table_id] = SignsPlace(
            self._form.model, self._kit, self.column, lambda: self.column.indexOf(editor)
        )
        self._show_table_signs(table_id)

    def _show_table_signs(self, table_id: str) -> None:
        words = changed_words(self._kit, self._signs, table_id)
        answers = self._form.model.answers
        waiting = frozenset(one for one in answers.unconfirmed if one.startswith(f"{table_id}."))
        if not answers.tables.get(table_id):
            waiting = frozenset()
        self.table_signs[table_id].refresh(self._signs.remarks.get(table_id, ()), words, waiting)

    # ------------------------------------------------------------------------------------- running
    def refresh(self, found: Mapping[str, Sequence[Finding]], state: SectionState, signs: Signs) -> None:
        """Show all items as they stand in the report; ``found`` are the findings by item."""
        self._found, self._signs = found, signs
        self.body.setUpdatesEnabled(False)
        for key, row in self.rows.items():
            row.refresh(found.get(key, ()), signs)
        for table_id in self.table_signs:
            self._show_table_signs(table_id)
        view = self._form.model.session.view
        for table_id, condition in self._relevant.items():
            self.tables[table_id].setVisible(condition.evaluate(view) is not False)
        lay_out_now()
        self.body.setUpdatesEnabled(True)
        if self._checked:
            self._tell_verdict(state)

    def _tell_verdict(self, state: SectionState) -> None:
        look = self._kit.look
        clean = not state.errors and not state.warnings
        code = "section_clean" if clean else "section_counts"
        self.verdict.setText(self._kit.text(code, errors=state.errors, warnings=state.warnings))
        tint(self.verdict, look.good if clean else look.error if state.errors else look.warning)
        self.verdict.show()

    def settle(self) -> None:
        """Hand over what is typed or half typed in this section."""
        for row in self.rows.values():
            row.settle()
        for table in self.tables.values():
            table.settle()

    def reveal(self) -> None:
        """Show every finding of the section from now on (检查)."""
        self._form.model.settle()
        self.finish()
        self._checked = True
        for row in self.rows.values():
            row.reveal()
        self._form.model.recheck()

    def show_item(self, item: str, row: str = "", column: str = "") -> None:
        """Put the cursor at an item or a cell and bring it into view."""
        self.finish()
        if item in self.tables:
            table = self.tables[item]
            signs = self.table_signs[item].signs
            self._bring(signs if signs is not None and not row else table)
            table.show_place(row, column)
        elif item in self.rows:
            self.rows[item].show_place()
            self._bring(self.rows[item])

    def _bring(self, widget: QWidget) -> None:
        # A page that was just built or shown knows its places only after its layout was done
        QTimer.singleShot(0, widget, lambda: self._scroll_to(widget))
        QTimer.singleShot(0, widget, lambda: QTimer.singleShot(0, widget, lambda: self._scroll_to(widget)))

    def _scroll_to(self, widget: QWidget) -> None:
        self.lay_out()
        top = widget.mapTo(self.body, widget.rect().topLeft()).y()
        bar, room = self.area.verticalScrollBar(), self.area.viewport().height()
        if top < bar.value() or top + min(widget.height(), room) > bar.value() + room:
            bar.setValue(max(top - self._kit.look.space(3), 0))

    def take_focus(self) -> None:
        """Take the focus where it was last, or at the head: left to Qt it may go nowhere, and Tab with it."""
        last: QWidget | None = self.focusWidget()
        (last if last is not None and last.isVisibleTo(self) else self.check).setFocus()

    def focused_item(self) -> str:
        """Give the item that has the cursor, or nothing."""
        widget = QApplication.focusWidget()
        if widget is None:
            return ""
        shown: dict[str, QWidget] = {**self.rows, **self.tables}
        return next((key for key, row in shown.items() if row is widget or row.isAncestorOf(widget)), "")

    def shut(self) -> None:
        """Let go of the report: it was closed."""
        self._waiting.clear()
        for table in self.tables.values():
            table.shut()

    # -------------------------------------------------------------------------------------- looks
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put labels above their editors where the window is narrow."""
        super().resizeEvent(event)
        zi = self.fontMetrics().horizontalAdvance("国")
        self._fields.setContentsMargins(0, 0, max(self.width() - zi * WIDEST_ZI, 0), 0)
        stacked = self.width() < label_width(self) + zi * STACKED_ZI
        if stacked != self._stacked:
            self._stacked = stacked
            direction = QBoxLayout.Direction
            self.head.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)
            for row in self.rows.values():
                row.set_stacked(stacked)
