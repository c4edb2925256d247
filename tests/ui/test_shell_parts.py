"""Parts of the shell without a window: input method, one instance, small settings, bug reports, screens."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from ui.__main__ import has_screen
from ui.bugs import describe_bug
from ui.input_method import translate_input_method
from ui.pages.settings_platform import is_safe_address
from ui.program import claim
from ui.settings import IniSettings
from ui.single import SingleWindow, hand_over
from ui.style import make_look

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from ui.single import hand_over
application = QCoreApplication([])
print(hand_over(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"QT_IM_MODULE": "fcitx"}, {"QT_IM_MODULE": "ibus", "IBUS_USE_PORTAL": "1"}),
        ({"QT_IM_MODULE": "fcitx5"}, {"QT_IM_MODULE": "ibus", "IBUS_USE_PORTAL": "1"}),
        ({"QT_IM_MODULE": "ibus"}, {"QT_IM_MODULE": "ibus"}),
        ({"QT_IM_MODULES": "wayland;fcitx"}, {"QT_IM_MODULES": "wayland;ibus", "IBUS_USE_PORTAL": "1"}),
        ({}, {}),
    ],
)
def test_fcitx_is_reached_through_ibus(given: dict[str, str], expected: dict[str, str]) -> None:
    """issue 3, Chinese input methods: the wheels have no fcitx plugin; ibus with the portal reaches it."""
    linux, windows = dict(given), dict(given)
    translate_input_method(linux, "linux")
    translate_input_method(windows, "win32")
    assert (linux, windows) == (expected, given)


@pytest.mark.parametrize(
    ("environ", "platform", "seen"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "win32", True),
    ],
)
def test_a_screen_is_known(environ: dict[str, str], platform: str, seen: bool) -> None:
    """issue 3, «What to build»: the window opens where there is a screen, and only there."""
    assert has_screen(environ, platform) is seen


def test_a_data_folder_belongs_to_one_window(tmp_path: Path) -> None:
    """issue 3, Shell: one instance; the mark of a window that was killed keeps nobody out."""
    folder = tmp_path / "资料"
    killed = (
        "import os, signal, sys; from pathlib import Path; from ui.program import claim;"
        "lock = claim(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", killed, str(folder)], check=False)
    assert any(folder.iterdir())
    lock = claim(folder)
    assert lock is not None
    assert claim(folder) is None
    lock.unlock()
    again = claim(folder)
    assert again is not None
    again.unlock()


def test_a_second_start_raises_the_first_and_hands_its_file_over(qtbot: QtBot, tmp_path: Path) -> None:
    """issue 3, Shell: one instance; the second start gives its .shenbao file to the first."""
    assert not hand_over(tmp_path, "")
    single = SingleWindow(tmp_path)
    words = [sys.executable, "-c", SECOND, str(tmp_path), "资料/甲.shenbao"]
    with (
        qtbot.waitSignal(single.asked, timeout=20_000) as told,
        subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8") as second,
    ):
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
        assert second.stdout is not None
        assert second.stdout.read().strip() == "True"
    assert told.args == ["资料/甲.shenbao"]
    single.close()
    assert not hand_over(tmp_path, "")


def test_a_channel_left_by_a_killed_window_is_taken_over(qtbot: QtBot, tmp_path: Path) -> None:
    """issue 3, done: SIGKILL of the program; the next start must not find a dead window in its way."""
    words = (
        "import os, signal, sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication;"
        "application = QCoreApplication([]); from ui.single import SingleWindow;"
        "single = SingleWindow(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", words, str(tmp_path)], check=False, timeout=30)
    assert not hand_over(tmp_path, "")
    single = SingleWindow(tmp_path)
    code = SECOND.replace("print(", "assert ").replace("))\n", ")\n")
    second = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), ""])
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    assert second.returncode == 0
    single.close()


def test_small_settings_come_back_and_rubbish_is_the_default(qtbot: QtBot, tmp_path: Path) -> None:
    """issue 3, Shell: remembers size and place; a damaged INI file is no reason not to start."""
    settings = IniSettings(tmp_path)
    with qtbot.waitSignal(settings.changed) as changed:
        settings.put("plan", {"天": [1, 2.5, None, True]})
    assert changed.args == ["plan"]
    with qtbot.assertNotEmitted(settings.changed):
        settings.put("plan", {"天": [1, 2.5, None, True]})
    settings.close()
    assert IniSettings(tmp_path).get("plan") == {"天": [1, 2.5, None, True]}
    (tmp_path / "window.ini").write_text('[General]\nplan=@@{broken\ngeometry="zz"\n', "utf-8")
    again = IniSettings(tmp_path)
    assert again.get("plan", 7) == 7
    assert again.get_bytes("geometry").isEmpty()


def test_a_report_of_a_bug_holds_no_answers() -> None:
    """architecture, «Errors»: our bugs give a copyable report without answers."""

    def fail(answer: str) -> None:
        raise ValueError(answer)

    trace: TracebackType | None = None
    try:
        fail("某某公司的收入")
    except ValueError as error:
        trace = error.__traceback__
    text = describe_bug(ValueError, trace)
    assert "某某公司" not in text
    assert "ValueError" in text
    assert "tests/ui/test_shell_parts.py" in text
    assert "fail" in text


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://platform.example.cn/api", True),
        ("http://127.0.0.1:8640", True),
        ("http://platform.example.cn", False),
        ("platform.example.cn", False),
        ("https://user:word@example.cn", False),
        ("", False),
    ],
)
def test_a_password_travels_only_where_nobody_reads_it(address: str, safe: bool) -> None:
    """issue 3, 设置: the platform's address; plain HTTP only for the rehearsal platform on this PC."""
    assert is_safe_address(address) is safe


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_their_ground(dark: bool) -> None:
    """issue 3, Shell: light and dark; WCAG 2.1 §1.4.3 wants 4.5 to 1 for text."""
    look = make_look(dark=dark)

    def light(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [one / 12.92 if one <= 0.03928 else math.pow((one + 0.055) / 1.055, 2.4) for one in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: QColor, other: QColor) -> float:
        high, low = sorted((light(one), light(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for ground in (look.window, look.surface, look.raised):
        for ink in (look.text, look.faint, look.error, look.warning, look.info, look.good, look.accent):
            assert contrast(ink, ground) >= 4.5, (ink.name(), ground.name())
    assert contrast(look.on_accent, look.accent) >= 4.5
