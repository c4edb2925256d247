"""The Qt that the product is pinned to survives ordinary work on this Python."""

import re
import subprocess
import sys
from pathlib import Path

MANY_CALLS = """
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
widget = QWidget()
for turn in range(20_000):
    widget.setEnabled(turn % 2 == 0)
print("alive")
"""


def test_twenty_thousand_calls_leave_python_alive() -> None:
    """PySide6 6.12.0 loses a reference to None on each call that returns nothing; CPython 3.11 counts
    references to None and aborts after some 5,000 calls: a form of 400 fields would not open.
    """
    done = subprocess.run(
        [sys.executable, "-c", MANY_CALLS], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr[-500:]


def test_the_lock_holds_the_small_qt_that_works(root: Path) -> None:
    """Essentials 6.11.3 only: the meta package pulls in 430 MB more, 6.12.0 aborts."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        lock = (root / "installers" / name).read_text(encoding="utf-8")
        packages = dict(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", lock, re.MULTILINE))
        assert packages["pyside6-essentials"] == "6.11.3"
        assert packages["shiboken6"] == "6.11.3"
        assert not {"pyside6", "pyside6-addons"} & packages.keys()


def test_the_locks_agree_and_name_no_registry(root: Path) -> None:
    """The suite proves what users run: same versions in both; and any mirror may serve them."""
    run, dev = (
        (root / "installers" / name).read_text(encoding="utf-8")
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    pins = [set(re.findall(r"^[a-z0-9][\w.-]*==\S+", lock, re.MULTILINE)) for lock in (run, dev)]
    assert pins[0]
    assert pins[0] < pins[1]
    assert "://" not in run + dev
    assert "--index-url" not in run + dev
