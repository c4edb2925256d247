"""The entry points: one program, the same words everywhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def without_screen() -> dict[str, str]:
    seen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {key: value for key, value in os.environ.items() if key not in seen}


def run(module: str, *words: str, cwd: Path, root: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", module, *words], cwd=cwd,
        env=without_screen() | {"PYTHONPATH": str(root), "PYTHONUTF8": "1"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a Linux machine may have no screen")
def test_without_words_and_screen_the_help_is_shown(root: Path, tmp_path: Path) -> None:
    """issue 3, «What to build»: `shenbao` alone opens the window; without a screen it says so and helps."""
    code, words = run("ui", cwd=tmp_path, root=root)
    assert code == 0
    assert words.startswith("这里没有可用的屏幕")
    assert "demo" in words
    assert words.endswith(run("ui", "--help", cwd=tmp_path, root=root)[1])


@pytest.mark.parametrize("word", ["--help", "no-such-command"])
def test_words_reach_the_command_line_unchanged(root: Path, tmp_path: Path, word: str) -> None:
    """`python -m ui WORDS` answers as `python -m app WORDS` does, exit code included."""
    assert run("ui", word, cwd=tmp_path, root=root) == run("app", word, cwd=tmp_path, root=root)


def test_ci_runs_what_the_readme_names(root: Path) -> None:
    """One test command for people and machines, from any folder."""
    command = "python3 installers/start.py test"
    script = root / ".ci" / "run"
    assert command in (root / "README.md").read_text(encoding="utf-8").splitlines()
    assert script.read_text(encoding="utf-8").splitlines()[-1] == f"exec {command}"
    assert os.access(script, os.X_OK)
