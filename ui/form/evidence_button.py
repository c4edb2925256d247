"""The button that joins evidence files to an item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from app.errors import AppError
from app.model.draft import Answers, Attachment
from app.model.edit import file_key
from app.model.form import Item
from app.services.drafting import add_file
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.form.editors import Kit

PickFiles = Callable[[QWidget, str], Sequence[Path]]
"""Asks the user for files: (window, title) -> paths."""


def ask_for_files(parent: QWidget, title: str) -> Sequence[Path]:
    """Ask for files with the system's dialog."""
    names, _ = QFileDialog.getOpenFileNames(parent, title)
    return [Path(name) for name in names]


def joined(answers: Answers, file: Attachment) -> Answers:
    """Give answers with a file joined; the same file under the same name proves more, it is not doubled."""
    files = list(answers.attachments)
    for place, known in enumerate(files):
        if file_key(known) == file_key(file):
            items = tuple(dict.fromkeys((*known.items, *file.items)))
            files[place] = replace(known, items=items)
            break
    else:
        files.append(file)
    return replace(answers, attachments=tuple(files))


def parted(answers: Answers, key: str, items: Sequence[str]) -> Answers:
    """Give answers in which a file proves none of these; one that proves nothing more is taken out."""
    files = []
    for file in answers.attachments:
        if file_key(file) == key:
            rest = tuple(item for item in file.items if item not in items)
            if rest:
                files.append(replace(file, items=rest))
        else:
            files.append(file)
    return replace(answers, attachments=tuple(files))


class EvidenceButton(QToolButton):
    """Shows how many files prove an item; its menu adds and removes."""

    def __init__(
        self, context: PageContext, model: DraftModel, item: Item, kit: Kit, pick_files: PickFiles
    ) -> None:
        super().__init__()
        self._context, self._model, self._item, self._kit = context, model, item, kit
        self.pick_files = pick_files
        self._shown: tuple[Attachment, ...] | None = None
        kinds = {kind.id: kind.label for kind in model.session.programme.evidence}
        self._labels = "、".join(kinds[one] for one in item.evidence if one in kinds)
        self.setAutoRaise(True)
        self.setAccessibleName(kit.text("evidence_of", label=item.label))
        self.setAccessibleDescription(self._labels)
        self.clicked.connect(self.open_menu)
        self.refresh()

    def _files(self) -> list[Attachment]:
        wanted = {self._item.id, *self._item.evidence}
        return [file for file in self._model.answers.attachments if wanted.intersection(file.items)]

    def refresh(self) -> None:
        """Show the files as they stand in the report."""
        if self._shown is self._model.answers.attachments:
            return
        self._shown = self._model.answers.attachments
        count = len(self._files())
        self.setText(self._kit.text("evidence_count", count=count) if count else self._kit.text("evidence"))
        self.setToolTip(self._kit.text("evidence_tip", kinds=self._labels))

    def open_menu(self) -> None:
        """Show the menu of now below the button."""
        menu = self.build_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def build_menu(self) -> QMenu:
        """Give the menu: add files, and take out each one that is joined."""
        menu = QMenu(self)
        menu.addAction(self._kit.text("evidence_add", kinds=self._labels)).triggered.connect(self.add_files)
        files = self._files()
        if files:
            menu.addSeparator()
        for file in files:
            action = menu.addAction(self._kit.text("evidence_remove", name=file.name.replace("&", "&&")))
            action.triggered.connect(partial(self._remove, file_key(file)))
        return menu

    def add_files(self) -> None:
        """Ask for files, copy each into the store and join it."""
        title = self._kit.text("evidence_of", label=self._item.label)
        for path in self.pick_files(self.window(), title):
            self._context.tasks.store(
                self,
                lambda workplace, path=path: add_file(workplace, path),  # type: ignore[misc]
                lambda added, path=path: self._join(path, *added),  # type: ignore[misc]
                self._refuse,
            )

    def _join(self, path: Path, sha256: str, size: int) -> None:
        self._model.settle()
        file = Attachment(path.name, sha256, size, self._item.evidence)
        label = self._kit.text("undo_attach", name=path.name)
        self._model.change(joined(self._model.answers, file), label)

    def _remove(self, key: str, _checked: bool = False) -> None:
        self._model.settle()
        items = (self._item.id, *self._item.evidence)
        label = self._kit.text("undo_detach")
        self._model.change(parted(self._model.answers, key, items), label)

    def _refuse(self, error: AppError) -> None:
        self._context.tell(self._kit.messages.error(error), "error")
