"""The real window with a real pinyin input method at it; started by the test on a screen and bus of its own.

Usage: ``dbus-run-session -- xvfb-run -a python -m tests.ui.pinyin_window FOLDER``.  Types with ``xdotool``
through the X server and writes one JSON object: what stood in the report after each act.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.model.draft import Answers
from app.services.drafting import new_draft
from app.services.workplace import Workplace
from tests.ui.window_world import WindowWorld
from ui.draft_model import DraftModel
from ui.form.inputs import LineInput, TextInput
from ui.pages.draft import DraftPage
from ui.program import make_application

ENGINE = "libpinyin"


class Session:
    """A window with a small report, and a keyboard in front of it."""

    def __init__(self, folder: Path) -> None:
        self.world = WindowWorld(folder)
        window = self.world.window
        window.resize(1100, 700)
        window.show()
        window.start()
        self.world.settled()
        self.model: DraftModel = self.world.open(self.world.on_store(make_draft))
        window.go("draft", "")
        window.activateWindow()
        self.world.until(lambda: QApplication.activeWindow() is window)
        run("ibus", "engine", ENGINE)

    def type(self, *words: str) -> None:
        """Type with the window alive beside it."""
        typing = subprocess.Popen(["xdotool", *words])
        self.world.until(lambda: typing.poll() is not None)
        self.world.settled()

    def compose(self, letters: str, words: str) -> None:
        """Type letters and wait until the input method shows what they mean, half-typed."""
        self.type("type", "--delay", "60", letters)
        self.world.until(lambda: half_typed() == words)

    def value(self, item: str) -> str:
        """Give what the report holds of a field."""
        return str(self.model.answers.values.get(item, ""))

    def reach(self, condition: Callable[[], bool]) -> None:
        """Wait for something to come true."""
        self.world.until(condition)
        self.world.settled()

    def go(self, place: str) -> None:
        """Put the cursor at an item, its text chosen."""
        self.world.window.go("draft", place)
        self.world.settled()
        focus = QApplication.focusWidget()
        if isinstance(focus, LineInput):
            focus.selectAll()


def half_typed() -> str:
    """Give what stands half-typed; Qt leaves the focus at the table while a cell's first word is composed."""
    boxes = [one for one in QApplication.allWidgets() if isinstance(one, LineInput | TextInput)]
    return "".join(one.preedit for one in boxes)


def make_draft(workplace: Workplace) -> str:
    """Store an empty report of the small programme."""
    return new_draft(workplace, workplace.find_programme("mini"), Answers())


def run(*words: str) -> None:
    """Run a program to its end."""
    subprocess.run(words, check=False, capture_output=True, timeout=60)


def play(session: Session) -> dict[str, object]:
    """Type in all the ways that could lose a word, and give what was kept."""
    told: dict[str, object] = {}
    window, model = session.world.window, session.model
    session.go("a01")
    session.compose("xinjiang", "新疆")
    session.type("key", "space")
    session.reach(lambda: not half_typed() and bool(session.value("a01")))
    told["chosen"] = session.value("a01")

    session.go("a01")
    session.compose("kashi", "喀什")
    session.reach(lambda: session.value("a01") == "喀什")
    told["autosaved"] = session.value("a01")
    window.go("home", "")
    session.world.settled()
    told["page"] = session.value("a01")

    session.go("a01")
    session.compose("yining", "伊宁")
    other: QWidget = QLabel("别的窗口")
    other.show()
    other.activateWindow()
    session.reach(lambda: QApplication.activeWindow() is other)
    told["window"] = session.value("a01")
    other.close()
    window.activateWindow()
    session.reach(lambda: QApplication.activeWindow() is window)

    session.go("t1")
    page = window.built_page("draft")
    assert isinstance(page, DraftPage)
    page.section_pages[page.current].tables["t1"].actions_by_name["add"].trigger()
    session.world.settled()
    session.compose("xinjiang", "新疆")
    session.type("key", "space")
    session.type("key", "Return")
    session.reach(lambda: bool(model.answers.tables["t1"][0].cells))
    told["cell"] = model.answers.tables["t1"][0].cells.get("name")
    session.world.window.go("draft", f"t1/{model.answers.tables['t1'][0].id}/name")
    session.world.settled()
    session.compose("kashi", "喀什")
    window.go("home", "")
    session.world.settled()
    told["half a cell"] = model.answers.tables["t1"][0].cells.get("name")
    return told


def main() -> int:
    """Start the input method, play, tell."""
    os.environ["QT_IM_MODULE"] = "ibus"
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    daemon = subprocess.Popen(["ibus-daemon", "--panel", "disable"])
    try:
        for _ in range(50):
            done = subprocess.run(["ibus", "engine", ENGINE], check=False, capture_output=True, timeout=30)
            if done.returncode == 0:
                break
        application = make_application(["pinyin"])
        session = Session(Path(sys.argv[1]))
        print(json.dumps(play(session)), flush=True)
        session.world.close()
        application.quit()
    finally:
        daemon.terminate()
        daemon.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
