"""关于: versions and licences."""

from __future__ import annotations

import platform
import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app import paths
from ui.bugs import own_version
from ui.context import PageContext
from ui.dialogs import Dialog
from ui.icons import OWN, pixmap
from ui.parts import Button, heading, scrolled, tint, words

_LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_LINES = 7
_LICENCE = re.compile(r"^(licen[cs]e|copying|notice|copyright|lgpl|gpl)", re.IGNORECASE)


def components() -> list[Distribution]:
    """Give what the program is built upon: every component of the lock that is installed, by name.

    The installed program carries no lock and nothing but its own components; in the source tree the lock
    leaves out what only tests use.
    """
    lock = paths.resources().parent / "installers" / "requirements.txt"
    wanted = {_plain(name) for name in _LOCKED.findall(lock.read_text("utf-8"))} if lock.is_file() else set()
    found = {_plain(one.name): one for one in distributions() if one.name}
    own = _plain("shenbao")
    return [one for name, one in sorted(found.items()) if name != own and (not wanted or name in wanted)]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class About(Dialog):
    """Versions of the program and its parts, the licences of what it brings along."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        self._context = context
        super().__init__(parent, context, self._word("title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = context.look
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space(1.25))
        self.column.addWidget(scrolled(inner), 1)
        head = QHBoxLayout()
        sign = QLabel()
        sign.setPixmap(pixmap(OWN, QColor(), look.space(8), self.devicePixelRatioF()))
        head.addWidget(sign)
        names = QVBoxLayout()
        names.addWidget(heading(context.messages.text("window", "shell.name"), look, 20))
        version = QLabel(self._word("version", version=own_version()))
        tint(version, look.faint)
        names.addWidget(version)
        head.addSpacing(look.space(2))
        head.addLayout(names)
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(words(self._word("about"), look))
        column.addWidget(words(self._word("paper"), look, faint=True))
        column.addWidget(heading(self._word("parts"), look, 11.5))
        self.parts = components()
        self.rows = self._versions()
        column.addWidget(_with_lines(scrolled(self._table())))
        self._add_licences(column)
        copy = Button(self._word("copy"), look)
        copy.clicked.connect(self._copy)
        close = Button(self._word("close"), look, primary=True)
        close.clicked.connect(self.accept)
        self.add_buttons((copy, close))
        self.fit(90, 80)

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"about.{key}", **params)

    def _versions(self) -> list[tuple[str, str, str]]:
        rows = [
            ("Python", platform.python_version(), "PSF-2.0"),
            ("Qt", str(qVersion()), "LGPL-3.0"),
        ]
        for one in self.parts:
            told = one.metadata
            named = [*(told.get_all("License-Expression") or ()), *(told.get_all("License") or ())]
            trove = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
            short = [one for one in named if one and "\n" not in one and len(one) <= 60]
            licence = short[0] if short else trove[0].rpartition(":: ")[2] if trove else self._word("unknown")
            rows.append((one.name, one.version, licence))
        return rows

    def _table(self) -> QWidget:
        look = self._context.look
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, look.space(1), 0)
        grid.setHorizontalSpacing(look.space(3))
        grid.setColumnStretch(2, 1)
        titles = (self._word("part"), self._word("part_version"), self._word("licence"))
        for line, row in enumerate((titles, *self.rows)):
            for place, text in enumerate(row):
                label = words(text, look, faint=line == 0)
                label.setWordWrap(place == 2)
                grid.addWidget(label, line, place)
        return holder

    def _add_licences(self, column: QVBoxLayout) -> None:
        look = self._context.look
        folder = paths.resources() / "licenses"
        row = QHBoxLayout()
        row.addWidget(heading(self._word("licences"), look, 11.5))
        row.addStretch(1)
        self.licence = QComboBox()
        self.licence.setAccessibleName(self._word("licences"))
        for file in sorted(folder.glob("*.txt")):
            self.licence.addItem(file.stem, str(file))
        for one in self.parts:
            for file in _licence_files(one):
                self.licence.addItem(self._word("licence_of", name=one.name, file=file.name), str(file))
        row.addWidget(self.licence)
        column.addLayout(row)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self._word("licences"))
        column.addWidget(_with_lines(self.text))
        self.licence.currentIndexChanged.connect(lambda _index: self._show_licence())
        self._show_licence()

    def _show_licence(self) -> None:
        file = self.licence.currentData()
        self.text.setPlainText(Path(file).read_text(encoding="utf-8", errors="replace") if file else "")

    def _copy(self) -> None:
        lines = [f"shenbao {own_version()}", f"{platform.system()} {platform.release()}"]
        lines += [f"{name} {version}" for name, version, _ in self.rows]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self._context.tell(self._word("copied"), "good")


def _with_lines(widget: QWidget) -> QWidget:
    """Give a list or a text some lines; on a small screen the whole page scrolls."""
    widget.setFixedHeight(_LINES * widget.fontMetrics().lineSpacing())
    return widget


def _licence_files(part: Distribution) -> list[Path]:
    """Give the licences that a component brings along; the installed program keeps no list of its files."""
    site = Path(str(part.locate_file("")))
    names = {f"{name}-{part.version}.dist-info" for name in (part.name, re.sub(r"[-.]+", "_", part.name))}
    names |= {name.lower() for name in names}
    folders = [site / name / inner for name in sorted(names) for inner in ("", "licenses")]
    return sorted(
        {
            one.resolve()
            for folder in folders
            if folder.is_dir()
            for one in folder.iterdir()
            if _is_licence(one)
        }
    )


def _is_licence(file: Path) -> bool:
    return bool(_LICENCE.search(file.name)) and file.is_file()
