"""A real pinyin input method at the real window: nothing half-typed is lost on the way elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programmes.programme_folder import write_folder

ROOT = Path(__file__).parents[2]
PROGRAMS = ("dbus-run-session", "ibus-daemon", "ibus", "xvfb-run", "xdotool")
ENGINE = Path("/usr/share/ibus/component/libpinyin.xml")


def missing() -> str:
    """Name what is not on this machine."""
    names = [name for name in PROGRAMS if shutil.which(name) is None]
    return " ".join(names + ([] if ENGINE.is_file() else ["ibus-libpinyin"]))


@pytest.mark.alone
@pytest.mark.skipif(bool(missing()), reason=f"a real input method needs what is not here: {missing()}")
def test_a_real_pinyin_input_method(tmp_path: Path) -> None:
    """issue 3, Chinese input methods: a real one is driven once, through the X server.

    Half-typed words are kept at autosave, page switch and window switch, in fields and in table cells.
    """
    write_folder(tmp_path / "data" / "programmes" / "mini")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("QT_", "WAYLAND"))}
    environ |= {"HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path / "run"), "LC_ALL": "C.UTF-8"}
    for name in ("home", "run"):
        (tmp_path / name).mkdir(mode=0o700)
    words = ["dbus-run-session", "--", "xvfb-run", "-a", sys.executable, "-m", "tests.ui.pinyin_window"]
    words.append(str(tmp_path / "data"))
    done = subprocess.run(
        words, cwd=ROOT, env=environ, capture_output=True, check=False, timeout=240, text=True
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "chosen": "新疆",
        "autosaved": "喀什",
        "page": "喀什",
        "window": "伊宁",
        "cell": "新疆",
        "half a cell": "喀什",
    }
