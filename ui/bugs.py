"""Bugs of ours: the drafts are saved, a report without answers can be copied, go on or quit."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout

from app.clock import format_moment, system_clock
from app.messages import Messages
from ui.parts import Button

if TYPE_CHECKING:
    from ui.main_window import MainWindow

_HERE = Path(__file__).resolve().parent.parent


def own_version() -> str:
    """Give the version of the program: as its installer noted it, as pip knows it, or of its source tree."""
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that no start should wait for

    from app import paths
    from app.release import read_release

    release = read_release(paths.resources())
    if release is not None:
        return release.version
    try:
        return version("shenbao")
    except PackageNotFoundError:
        import tomllib

        file = _HERE / "pyproject.toml"
        if not file.is_file():
            return ""
        return str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"])


def describe_bug(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Give the report: versions and places in the code, no message and no value (they may hold answers)."""
    import platform
    import traceback

    lines = [
        f"shenbao {own_version()}  {format_moment(system_clock())}",
        f"{platform.system()} {platform.release()}  Python {platform.python_version()}  Qt {qVersion()}",
        kind.__name__,
    ]
    for frame in traceback.extract_tb(trace):
        file = Path(frame.filename)
        inside = file.is_relative_to(_HERE)
        place = file.relative_to(_HERE).as_posix() if inside else file.name
        lines.append(f"  {place}:{frame.lineno} {frame.name}")
    return "\n".join(lines)


class BugReport(QDialog):
    """Tells that something of ours broke; ``rejected`` is to quit."""

    def __init__(self, text: str, messages: Messages, window: MainWindow) -> None:
        super().__init__(window)
        look = window.context.look

        def word(key: str) -> str:
            return messages.text("window", f"bug.{key}")

        self.setWindowTitle(word("title"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(look.space(2),) * 4)
        column.setSpacing(look.space(1.5))
        said = QLabel(word("text"))
        said.setWordWrap(True)
        self.record = QPlainTextEdit(text)
        self.record.setReadOnly(True)
        self.record.setAccessibleName(word("title"))
        row = QHBoxLayout()
        copy = Button(word("copy"), look)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        self.go_on = Button(word("go_on"), look, primary=True)
        self.go_on.clicked.connect(self.accept)
        leave = Button(word("quit"), look)
        leave.clicked.connect(self.reject)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(leave)
        row.addWidget(self.go_on)
        column.addWidget(said)
        column.addWidget(self.record, 1)
        column.addLayout(row)
        self.resize(look.space(80), look.space(50))


def report_bugs(window: MainWindow, messages: Messages) -> None:
    """Show every exception that nobody caught; one at a time, the first tells most."""
    shown: list[BugReport] = []

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        if shown:
            return
        report = BugReport(describe_bug(kind, trace), messages, window)
        shown.append(report)
        report.rejected.connect(lambda: QTimer.singleShot(0, window, window.close))
        report.finished.connect(lambda _result: shown.clear())
        report.open()

    sys.excepthook = show
