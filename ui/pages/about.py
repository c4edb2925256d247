"""关于: versions and licences."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, metadata

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

PARTS = (
    "PySide6-Essentials",
    "reportlab",
    "pikepdf",
    "pypdfium2",
    "uharfbuzz",
    "zxing-cpp",
    "segno",
    "sqlite-utils",
    "requests",
    "truststore",
    "keyring",
    "cryptography",
    "jinja2",
    "starlette",
    "uvicorn",
)
"""What the program is built upon, by the names under which it is installed."""


class About(Dialog):
    """Versions of the program and its parts, the licences of what it brings along."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        self._context = context
        super().__init__(parent, context, self._word("title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = context.look
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
        # all of it scrolls: at 200 % a small screen has no room for two lists and the words above them
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, look.space(1), 0)
        column.setSpacing(look.space(1.5))
        column.addLayout(head)
        column.addWidget(words(self._word("about"), look))
        column.addWidget(words(self._word("paper"), look, faint=True))
        column.addWidget(heading(self._word("parts"), look, 11.5))
        self.rows = self._versions()
        column.addWidget(self._table())
        self._add_licences(column)
        self.column.addWidget(scrolled(inner), 1)
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
        for name in PARTS:
            try:
                told = metadata(name)
            except PackageNotFoundError:
                continue
            named = [*(told.get_all("License-Expression") or ()), *(told.get_all("License") or ())]
            trove = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
            short = [one for one in named if one and "\n" not in one and len(one) <= 60]
            licence = short[0] if short else trove[0].rpartition(":: ")[2] if trove else self._word("unknown")
            rows.append((name, str(told["Version"]), licence))
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
        row.addWidget(self.licence)
        column.addLayout(row)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self._word("licences"))
        self.text.setMinimumHeight(self.text.fontMetrics().lineSpacing() * 10)
        column.addWidget(self.text)
        self.licence.currentIndexChanged.connect(lambda _index: self._show_licence())
        self._show_licence()

    def _show_licence(self) -> None:
        from pathlib import Path

        file = self.licence.currentData()
        self.text.setPlainText(Path(file).read_text(encoding="utf-8", errors="replace") if file else "")

    def _copy(self) -> None:
        lines = [f"shenbao {own_version()}", f"{platform.system()} {platform.release()}"]
        lines += [f"{name} {version}" for name, version, _ in self.rows]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self._context.tell(self._word("copied"), "good")
