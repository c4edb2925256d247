"""The window as a program: application, workers, one instance, reports of bugs."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QLockFile, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from app import paths
from app.clock import Clock, system_clock
from app.messages import Messages, load_messages
from ui.bugs import report_bugs
from ui.garbage import Collector
from ui.input_method import translate_input_method
from ui.main_window import MainWindow
from ui.settings import IniSettings
from ui.style import bring_font
from ui.tasks import Tasks

if TYPE_CHECKING:
    from app.services.workplace import Workplace
    from ui.single import SingleWindow

NAME = "申报"
_LOCK = "window.lock"


def run_window(file: str = "") -> int:
    """Open the window and give the exit code when it was closed.

    Where a window is open on the same data folder already, that one comes forward (with the file) instead.
    """
    translate_input_method(os.environ, sys.platform)
    folder = paths.user_data(os.environ, sys.platform)
    application = make_application(sys.argv[:1])
    path = str(Path(file).absolute()) if file else ""
    lock = claim(folder)
    if lock is None:
        from ui.single import hand_over

        if hand_over(folder, path):
            return 0
    messages = load_messages(paths.resources() / "messages")
    window = make_window(folder, messages, system_clock)
    report_bugs(window, messages)
    collector = Collector(window)
    singles: list[SingleWindow] = []

    def begin() -> None:
        singles.append(_listen(window, folder))
        window.start(path)

    window.seen.connect(begin)
    window.show()
    try:
        return application.exec()
    finally:
        for single in singles:
            single.close()
        collector.stop()
        window.tasks.close()


def claim(folder: Path) -> QLockFile | None:
    """Take the data folder for this window; None where another window has it.

    Asking a lock costs nothing; what speaks to another window is loaded only where there is one.
    """
    with suppress(OSError):  # the store tells of a folder that cannot be written
        folder.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(folder / _LOCK))
    lock.setStaleLockTime(0)
    taken = lock.tryLock(0) or lock.error() is not QLockFile.LockError.LockFailedError
    return lock if taken else None


def _listen(window: MainWindow, folder: Path) -> SingleWindow:
    """Let later starts bring this window forward."""
    from ui.single import SingleWindow

    single = SingleWindow(folder)
    single.asked.connect(lambda asked: come_forward(window, asked))
    return single


def make_application(words: list[str]) -> QApplication:
    """Give the application: Fusion, Chinese standard buttons, nothing of the desktop's own looks."""
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus, False)
    application = QApplication(words)
    application.setApplicationName("shenbao")
    application.setApplicationDisplayName(NAME)
    application.setDesktopFileName("shenbao")
    application.setStyle("Fusion")
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load("qtbase_zh_CN", folder):
        application.installTranslator(translator)
    bring_font(paths.resources() / "fonts")
    return application


def make_window(folder: Path, messages: Messages, clock: Clock) -> MainWindow:
    """Put the window together over a data folder; the store is opened by its worker at the first verb."""
    stack = ExitStack()

    def open_it() -> Workplace:
        from app.services.workplace import open_workplace

        return stack.enter_context(open_workplace(folder, paths.resources(), messages, clock))

    tasks = Tasks(open_it, stack.close)
    return MainWindow(tasks, messages, clock, IniSettings(folder))


def come_forward(window: MainWindow, file: str) -> None:
    """Bring the window to the front, and open the file that the second start was given."""
    if window.isMinimized():
        window.showNormal()
    window.show()
    window.raise_()
    window.activateWindow()
    if file:
        window.open_file(file)
