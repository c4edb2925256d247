"""The real window killed while somebody types: what was typed a second before is there, and can be undone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.clock import system_clock
from tests.ui.window_world import WindowWorld

ROOT = Path(__file__).parents[2]
MOMENTS = int(os.environ.get("SHENBAO_KILLS", "2"))
"""How often the window is killed; ``SHENBAO_KILLS=30`` for the long run."""
PROMISED = 1.0
"""What is older than so many seconds is on the disk."""


def start(folder: Path, seed: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.ui.typing_window", str(seed)]
    environ = {**os.environ, "SHENBAO_DATA_DIR": str(folder)}
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)


def type_and_kill(folder: Path, seed: int, lines: int) -> tuple[list[dict[str, Any]], float]:
    """Let the window run until it has told so many lines, kill it, and give its account and the moment."""
    with start(folder, seed) as window:
        assert window.stdout is not None
        told = [window.stdout.readline() for _ in range(lines)]
        moment = time.monotonic()
        window.send_signal(signal.SIGKILL)
        told += window.stdout.readlines()
    assert window.returncode == -signal.SIGKILL
    # a line cut by the kill was not read by anyone
    return [json.loads(line) for line in told if line.endswith("\n")], moment


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_what_was_typed_survives_a_kill_of_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    """issue 3, done when: SIGKILL of the real program at random moments while a script types.

    After the restart everything older than a second is there, undo works, and nothing is asked or warned of.
    """
    world = WindowWorld(tmp_path, now=system_clock())
    world.window.show()
    world.make_model()
    world.close()
    chance = random.Random(20221231)
    account: list[dict[str, Any]] = []
    moment = 0.0
    typed = saved = 0
    for turn in range(MOMENTS + 1):
        lines = chance.randrange(120, 300) if turn < MOMENTS else 1
        new, killed = type_and_kill(tmp_path, turn, lines)
        stands = new[0]
        assert stands["kind"] == "stands"
        assert (stands["undo"], stands["redo"], stands["asked"]) == (True, True, [])
        if account:
            typed += sum(line["kind"] == "key" for line in account)
            saved += held_up(account, moment, stands["digest"])
            assert stands["steps"]
        account, moment = new, killed
    print(f"\n{MOMENTS} kills, {typed} keys, {saved} of them on the disk")


def held_up(account: list[dict[str, Any]], moment: float, digest: str) -> int:
    """Check a restart against what the killed window told; give how many of its keys were on the disk."""
    states = [{"digest": account[0]["digest"], "at": 0.0, "keys": 0}]
    states += [line for line in account if line["kind"] == "state"]
    found = [place for place, state in enumerate(states) if state["digest"] == digest]
    assert found, "the report is in a state that was never shown"
    place = found[-1]
    due = max(at for at, state in enumerate(states) if state["at"] <= moment - PROMISED)
    assert place >= due, f"{due - place} states are lost"
    keys = [line["number"] for line in account if line["kind"] == "key" and line["at"] <= moment - PROMISED]
    held = int(states[place]["keys"])
    assert held >= max(keys, default=0), f"{max(keys) - held} keys are lost"
    return held
