"""One item of the form: number, label, editor, unit, last year, help, evidence, findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.model.draft import Path
from app.model.finding import Finding
from app.model.form import Item
from app.model.form_changes import OWN
from app.model.programme import source_words
from app.model.value import ItemType, Value, format_value, in_unit, is_number
from app.rules.expression import Expression, Scope, compile_expression
from app.rules.own_form import UNCONFIRMED
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.form.editors import Kit, make_editor
from ui.form.evidence_button import EvidenceButton, PickFiles
from ui.form.finding_line import FindingLine, tint, tint_button
from ui.form.item_signs import SignsPlace
from ui.form.problems import Signs
from ui.form.stretch import Stretch
from ui.parts import lay_out_now

LABEL_ZI = 13
"""Width of the labels' column, in Chinese characters."""


@dataclass(frozen=True)
class FormKit:
    """What all rows of an open report share."""

    context: PageContext
    model: DraftModel
    kit: Kit
    scope: Scope
    pick_files: PickFiles


class FieldRow(QWidget):
    """Shows one field of the report and carries its edits into it.

    Findings stay quiet until the item was left once, or ``reveal`` was called.
    """

    def __init__(self, form: FormKit, item: Item) -> None:
        super().__init__()
        self.item = item
        self._form = form
        self._kit = form.kit
        self._model = form.model
        self._findings: tuple[Finding, ...] = ()
        self._lines: list[FindingLine] = []
        self._quiet = True
        self._rule: QLabel | None = None
        self._stretch = Stretch(self._send, self)
        self._required = _condition(item.required, form.scope)
        self._arrange()
        self._connect()

    # ------------------------------------------------------------------------------------ building
    def _arrange(self) -> None:
        look = self._kit.look
        self.editor = make_editor(self.item, self._kit)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(look.space(2))
        self._box.addWidget(self._make_label(), 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout()
        self._column.setSpacing(look.space(0.5))
        self._line = line = QHBoxLayout()
        line.setSpacing(look.space())
        line.addWidget(self.editor, 1 if self.editor.wide else 0)
        self._add_unit(line)
        self.previous = QLabel()
        tint(self.previous, look.faint)
        self._beside = line.count()
        if not self.editor.wide:
            line.addWidget(self.previous)
            line.addStretch(1)
        self._add_buttons(line)
        self._column.addLayout(line)
        if self.editor.wide:
            self.previous.setWordWrap(True)
            self._column.addWidget(self.previous)
        self.previous.hide()
        below = self._column.count()
        self.signs = SignsPlace(self._model, self._kit, self._column, lambda: below)
        if self.item.calculate:
            self._add_explanation()
        # Not by alignment: an aligned layout never gets more than its hint, and lines that wrap are cut
        side = QVBoxLayout()
        side.setSpacing(0)
        side.addLayout(self._column)
        side.addStretch(1)
        self._box.addLayout(side, 1)

    def _make_label(self) -> QWidget:
        look, item = self._kit.look, self.item
        self.head = QWidget()
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, look.space(0.5), 0, 0)
        head.setSpacing(look.space(0.5))
        number = QLabel(self._kit.text("own_item") if item.id.startswith(OWN) else item.number)
        number.setMinimumWidth(number.fontMetrics().horizontalAdvance("W00-00"))
        tint(number, look.faint)
        self.label = QLabel(item.label)
        self.label.setWordWrap(True)
        self.label.setBuddy(self.editor.controls()[0])
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.mark = QLabel(self._kit.text("required_mark"))
        self.mark.setToolTip(self._kit.text("required"))
        tint(self.mark, look.error)
        if item.required != "true":
            self.mark.hide()
        policy = self.mark.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.mark.setSizePolicy(policy)
        head.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.label, 1, Qt.AlignmentFlag.AlignTop)
        return self.head

    def _add_unit(self, line: QHBoxLayout) -> None:
        if self.item.unit:
            unit = QLabel(self.item.unit)
            unit.setMinimumWidth(unit.fontMetrics().horizontalAdvance("平方米"))
            line.addWidget(unit)
        elif self.item.type in (ItemType.INTEGER, ItemType.DECIMAL):
            line.addSpacing(self.fontMetrics().horizontalAdvance("平方米") + self._kit.look.space())

    def _add_buttons(self, line: QHBoxLayout) -> None:
        item = self.item
        self.help: QToolButton | None = None
        if item.rule or item.prompt or item.source:
            self.help = QToolButton()
            self.help.setText(self._kit.text("help"))
            self.help.setAutoRaise(True)
            self.help.setCheckable(True)
            self.help.setAccessibleName(self._kit.text("help_of", label=item.label))
            self.help.toggled.connect(self._show_rule)
            tint_button(self.help, self._kit.look.faint)
            line.addWidget(self.help, 0, Qt.AlignmentFlag.AlignTop)
        self.evidence: EvidenceButton | None = None
        if item.evidence:
            form = self._form
            self.evidence = EvidenceButton(form.context, form.model, item, self._kit, form.pick_files)
            line.addWidget(self.evidence, 0, Qt.AlignmentFlag.AlignTop)
            tint_button(self.evidence, self._kit.look.faint)
        width = self.fontMetrics().horizontalAdvance(self._kit.text("evidence_count", count=88))
        room = width + self._kit.look.space(1.5)
        if self.evidence is not None:
            self.evidence.setFixedWidth(room)
        else:
            line.addSpacing(room + line.spacing())

    def _add_explanation(self) -> None:
        words = compile_expression(self.item.calculate, self._form.scope).describe()
        label = QLabel(self._kit.text("calculated", expression=words))
        label.setWordWrap(True)
        tint(label, self._kit.look.faint)
        self._column.addWidget(label)

    def _show_rule(self, shown: bool) -> None:
        if self._rule is None:
            item = self.item
            parts = [item.rule, item.prompt]
            if item.source:
                words = source_words(item.source, self._model.session.programme.sources)
                readable = any(not character.isascii() for character in words)
                parts.append(self._kit.text("source" if readable else "source_code", source=words))
            self._rule = QLabel("\n".join(part for part in parts if part))
            self._rule.setWordWrap(True)
            self._rule.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            tint(self._rule, self._kit.look.faint)
            self._column.insertWidget(self._column.indexOf(self._line) + 1, self._rule)
        self._rule.setVisible(shown)

    def _connect(self) -> None:
        item, editor = self.item, self.editor
        description = "".join(part for part in (item.rule, item.prompt) if part)
        editor.name_controls(f"{item.number} {item.label} {item.unit}".strip(), description)
        editor.edited.connect(self._stretch.hold)
        editor.entered.connect(self._stretch.begin)
        editor.paused.connect(self._stretch.settle)
        editor.left.connect(self._leave)

    # ------------------------------------------------------------------------------------- running
    def _send(self, value: object, burst: str) -> None:
        label = self._kit.text("undo_field", label=self.item.label)
        self._model.set_value(Path(self.item.id), cast("Value | None", value), label, burst)

    def _leave(self) -> None:
        self._stretch.settle()
        if self._quiet:
            self.reveal()
            lay_out_now()

    def settle(self) -> None:
        """Hand over what is typed or half typed."""
        self.editor.take_in()
        self._stretch.settle()
        for line in self._lines:
            line.settle()

    def reveal(self) -> None:
        """Show the findings from now on."""
        if self._quiet:
            self._quiet = False
            self._build_lines()

    def refresh(self, findings: Sequence[Finding], signs: Signs) -> None:
        """Show item, findings and signs as they stand in the report."""
        view = self._model.session.view
        hidden = self.item.id in view.hidden
        if self.isHidden() != hidden:
            self.setVisible(not hidden)
        source = view.values if self.item.calculated else view.answers.values
        value = source.get(self.item.id)
        if not self._stretch.waiting:
            self.editor.show_value(value)
        self._show_previous(value, view.previous.get(self.item.id))
        if self._required is not None:
            needed = self._required.evaluate(view) is True
            if self.mark.isHidden() == needed:
                self.mark.setVisible(needed)
        if self.evidence is not None:
            self.evidence.refresh()
        key = self.item.id
        waiting = view.answers.unconfirmed & {key}
        self.signs.refresh(signs.remarks.get(key, ()), changed_words(self._kit, signs, key), waiting)
        new = tuple(finding for finding in findings if finding.code != UNCONFIRMED)
        if new != self._findings:
            self._findings = new
            self._build_lines()
        else:
            for line in self._lines:
                line.refresh()

    def _show_previous(self, value: Value | None, previous: Value | None) -> None:
        if previous is None:
            if not self.previous.isHidden():
                self.previous.hide()
            return
        item = self.item
        text = format_value(previous, item.type, item.unit, item.choices, item.decimals)
        words = self._kit.text("previous", value=text) + self._change(value, previous)
        if self.previous.text() != words:
            self.previous.setText(words)
        if self.previous.isHidden():
            self.previous.show()

    def _change(self, value: Value | None, previous: Value) -> str:
        item = self.item
        if not (is_number(value) and is_number(previous)):
            return ""
        new = in_unit(cast("Decimal | int", value), item.type, item.unit)
        old = in_unit(cast("Decimal | int", previous), item.type, item.unit)
        if item.type is ItemType.PERCENT:
            return self._kit.text("change_points", change=f"{new - old:+.1f}") if new != old else ""
        if not old or new == old:
            return self._kit.text("change_none") if new == old else ""
        return self._kit.text("change", change=f"{(new - old) / abs(old) * 100:+,.1f}")

    def _build_lines(self) -> None:
        if self._quiet:
            return
        kept = {line.finding.key: line for line in self._lines}
        lines: list[FindingLine] = []
        for finding in self._findings:
            line = kept.get(finding.key)
            if line is not None and line.finding == finding:
                del kept[finding.key]
                line.refresh()
            else:
                line = FindingLine(finding, self._model, self._kit)
                self._column.addWidget(line)
            lines.append(line)
        last: QWidget = self.evidence or self.help or self.editor.controls()[-1]
        for line in lines:
            last = line.follow(last)
        for line in kept.values():
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = lines

    @property
    def lines(self) -> tuple[FindingLine, ...]:
        """Give the findings that are shown."""
        return tuple(self._lines)

    # -------------------------------------------------------------------------------------- looks
    def set_stacked(self, stacked: bool) -> None:
        """Put the label above the editor, where the window is narrow, or beside it."""
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)
        self._box.setSpacing(self._kit.look.space(0.25 if stacked else 2))
        if not self.editor.wide:
            # Moving a widget to another layout shows it; what was hidden stays so
            hidden = self.previous.isHidden()
            # Taken out first: PySide remembers the item of the old layout, which Qt is about to delete
            self._line.removeWidget(self.previous)
            self._column.removeWidget(self.previous)
            if stacked:
                self._column.insertWidget(1, self.previous)
            else:
                self._line.insertWidget(self._beside, self.previous)
            self.previous.setHidden(hidden)
        if stacked:
            self.head.setMinimumWidth(0)
            self.head.setMaximumWidth(16777215)
            self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        else:
            self.head.setFixedWidth(label_width(self))

    def show_place(self) -> None:
        """Put the cursor here and show what is wrong."""
        self.reveal()
        self.editor.give_focus()


def label_width(widget: QWidget) -> int:
    """Give the width of the labels' column."""
    metrics = widget.fontMetrics()
    return metrics.horizontalAdvance("W00-00") + metrics.horizontalAdvance("国") * LABEL_ZI


def changed_words(kit: Kit, signs: Signs, key: str) -> str:
    """Give the words for an item or table that is not as it was printed or sealed; empty where it is."""
    if key not in signs.outdated:
        return ""
    return kit.text("item_printed" if signs.printed else "item_sealed")


def _condition(source: str, scope: Scope) -> Expression | None:
    """Give the condition under which an item is required, None where it always or never is."""
    return None if source in ("true", "false") else compile_expression(source, scope)
