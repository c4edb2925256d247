"""The tree of findings: severity, part of the form, finding.

A new set of findings is compared with the shown one group by group, so that only what vanished or came is
told to the view: what is selected, open or scrolled to stays where it is while someone types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.messages import Messages
from app.model.draft import Answers
from app.model.finding import Finding, Gate, Severity
from app.model.form import Form
from app.services.listing import group_findings, section_title
from ui.icons import pixmap
from ui.style import Look

Index = QModelIndex | QPersistentModelIndex
TEXT, GATES, REASON = range(3)
_COLUMNS = ("column_text", "column_gates", "column_reason")
_ROOT = QModelIndex()


@dataclass(eq=False)
class Node:
    """A line of the tree.  ``key`` tells it from its neighbours from one check to the next."""

    key: tuple[str, ...]
    parent: Node | None = None
    finding: Finding | None = None
    title: str = ""
    severity: Severity = Severity.INFO
    count: int = 0
    children: list[Node] = field(default_factory=list)

    def add(self, child: Node) -> Node:
        """Add a line below this one and give it."""
        child.parent = self
        self.children.append(child)
        return child


@dataclass(frozen=True)
class Filter:
    """What is shown: empty texts and None show everything."""

    severity: Severity | None = None
    section: str = ""
    gate: Gate | None = None
    only_open: bool = False

    def lets(self, finding: Finding, section: str, reasons: Mapping[str, str]) -> bool:
        """Tell whether a finding is shown; ``section`` is the id of its part, ``-`` for none."""
        if self.severity is not None and finding.severity is not self.severity:
            return False
        if self.section and section != self.section:
            return False
        if self.gate is not None and self.gate not in finding.gates:
            return False
        return not self.only_open or needs_reason(finding, reasons)


NO_SECTION = "-"
"""Section id of what belongs to no part of the form."""


def answerable(finding: Finding) -> bool:
    """Tell whether a written reason answers a finding."""
    return not finding.blocks and finding.severity is not Severity.INFO


def needs_reason(finding: Finding, reasons: Mapping[str, str]) -> bool:
    """Tell whether a finding still waits to be corrected or explained."""
    if finding.severity is Severity.INFO:
        return False
    return finding.blocks or not reasons.get(finding.key, "").strip()


def with_reasons(answers: Answers, keys: Sequence[str], text: str) -> Answers:
    """Give answers with one reason for several findings, or without it for an empty text."""
    reasons = {key: kept for key, kept in answers.reasons.items() if key not in keys}
    if text.strip():
        reasons.update(dict.fromkeys(keys, text.strip()))
    return replace(answers, reasons=reasons)


def build_tree(
    form: Form,
    findings: Sequence[Finding],
    reasons: Mapping[str, str],
    wanted: Filter,
    messages: Messages,
) -> Node:
    """Arrange what the filter lets through."""
    root = Node(())
    for group in group_findings(form, findings):
        section = group.section.id if group.section else NO_SECTION
        shown = [finding for finding in group.findings if wanted.lets(finding, section, reasons)]
        if not shown:
            continue
        if not root.children or root.children[-1].severity is not group.severity:
            word = messages.text("words", f"severity.{group.severity.value}")
            root.add(Node((group.severity.value,), title=word, severity=group.severity))
        top = root.children[-1]
        part = top.add(
            Node((section,), title=section_title(group.section, messages), severity=group.severity)
        )
        seen: dict[str, int] = {}
        for finding in shown:
            seen[finding.key] = seen.get(finding.key, 0) + 1
            key = (finding.key, str(seen[finding.key]))
            part.add(Node(key, finding=finding, severity=finding.severity))
        part.count = len(shown)
        top.count += len(shown)
    return root


class FindingModel(QAbstractItemModel):
    """Shows a tree of ``build_tree``; ``show`` replaces it with as few changes as there are."""

    def __init__(self, messages: Messages, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages, self._look = messages, look
        self._root = Node(())
        self._reasons: Mapping[str, str] = {}
        self._bold = QFont(look.font(bold=True))
        side = round(16 * (1 + (look.scale - 1) / 2))
        self._colours = {Severity.ERROR: look.error, Severity.WARNING: look.warning, Severity.INFO: look.info}
        self._signs = {kind: QIcon(pixmap(kind.value, self._colours[kind], side, 2)) for kind in Severity}

    def show(self, root: Node, reasons: Mapping[str, str]) -> None:
        """Show another tree."""
        self._reasons = reasons
        self._merge(self._root, root)

    def _merge(self, old: Node, new: Node) -> None:
        before, after = old.children, new.children
        parent = self._index_of(old)
        keys = [node.key for node in after]
        wanted = set(keys)
        survivors = [node.key for node in before if node.key in wanted]
        if survivors != [key for key in keys if key in set(survivors)]:
            survivors = []  # their order changed: this group is shown anew
        self._remove(before, parent, set(survivors))
        self._insert(old, before, after, parent)
        for mine, theirs in zip(before, after, strict=True):
            mine.count, mine.title, mine.finding = theirs.count, theirs.title, theirs.finding
            if mine is not theirs and mine.finding is None:
                self._merge(mine, theirs)
        if before:
            last = len(before) - 1
            self.dataChanged.emit(
                self.createIndex(0, TEXT, before[0]), self.createIndex(last, REASON, before[last])
            )

    def _remove(self, nodes: list[Node], parent: QModelIndex, kept: set[tuple[str, ...]]) -> None:
        last = len(nodes) - 1
        while last >= 0:
            if nodes[last].key in kept:
                last -= 1
                continue
            first = last
            while first > 0 and nodes[first - 1].key not in kept:
                first -= 1
            self.beginRemoveRows(parent, first, last)
            del nodes[first : last + 1]
            self.endRemoveRows()
            last = first - 1

    def _insert(self, old: Node, nodes: list[Node], after: list[Node], parent: QModelIndex) -> None:
        place = 0
        while place < len(after):
            if place < len(nodes) and nodes[place].key == after[place].key:
                place += 1
                continue
            stop = place
            following = nodes[place].key if place < len(nodes) else None
            while stop < len(after) and after[stop].key != following:
                stop += 1
            self.beginInsertRows(parent, place, stop - 1)
            for node in after[place:stop]:
                node.parent = old
            nodes[place:place] = after[place:stop]
            self.endInsertRows()
            place = stop

    # --------------------------------------------------------------------------------- Qt's questions
    def _node(self, index: Index) -> Node:
        node: Node = index.internalPointer() if index.isValid() else self._root
        return node

    def _index_of(self, node: Node) -> QModelIndex:
        if node.parent is None:
            return QModelIndex()
        return self.createIndex(node.parent.children.index(node), 0, node)

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Give the index of a line below another."""
        children = self._node(parent).children
        if not (0 <= row < len(children) and 0 <= column < len(_COLUMNS)):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    def parent(self, child: Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        """Give the line above one."""
        node = self._node(child)
        if not child.isValid() or node.parent is None:
            return QModelIndex()
        return self._index_of(node.parent)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Count the lines below one."""
        return 0 if parent.column() > 0 else len(self._node(parent).children)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Count the columns: text, steps, reason."""
        return len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Name the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._word(_COLUMNS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give texts, signs and colours."""
        node = self._node(index)
        reading = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if role in reading or role == Qt.ItemDataRole.AccessibleTextRole:
            return self._text(node, index.column()) or None
        if role == Qt.ItemDataRole.DecorationRole and index.column() == TEXT:
            top_or_finding = node.finding is not None or node.parent is self._root
            return self._signs[node.severity] if top_or_finding else None
        if role == Qt.ItemDataRole.FontRole and node.finding is None:
            return self._bold
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(node, index.column())
        return None

    def _text(self, node: Node, column: int) -> str:
        finding = node.finding
        if finding is None:
            return self._word("group", label=node.title, count=node.count) if column == TEXT else ""
        if column == TEXT:
            return self._messages.finding(finding)
        if column == GATES:
            return "、".join(self._word(f"gate_{gate.value}") for gate in Gate if gate in finding.gates)
        if finding.severity is Severity.INFO:
            return self._word("reason_needless")
        if finding.blocks:
            return self._word("reason_impossible")
        return self._reasons.get(finding.key, "").strip() or self._word("reason_missing")

    def _colour(self, node: Node, column: int) -> object:
        if node.finding is None:
            return self._colours[node.severity] if node.parent is self._root else None
        if column == REASON and needs_reason(node.finding, self._reasons):
            return self._colours[node.severity]
        return self._look.faint if column != TEXT else None

    def _word(self, key: str, /, **params: object) -> str:
        return self._messages.text("window", f"checks.{key}", **params)

    def finding_at(self, index: Index) -> Finding | None:
        """Give the finding of a line, or None for a heading."""
        return self._node(index).finding if index.isValid() else None

    def find(self, wanted: Callable[[Finding], bool]) -> QModelIndex:
        """Give the first line whose finding fits, or an invalid index."""
        for top in self._root.children:
            for part in top.children:
                for node in part.children:
                    if node.finding is not None and wanted(node.finding):
                        return self._index_of(node)
        return QModelIndex()


class RoomyDelegate(QStyledItemDelegate):
    """Lines with some air above and below; ``air`` in pixels."""

    def __init__(self, air: int, parent: QObject) -> None:
        super().__init__(parent)
        self._air = air

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Add the air to the height."""
        return super().sizeHint(option, index) + QSize(0, self._air)
