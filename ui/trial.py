"""The window tried once, out of sight: whether it can be built and painted on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from app.errors import AppError

WORD = "--try-window"
"""The word by which this program starts itself for a trial."""

_SECONDS = 60


def try_window() -> str:
    """Open the window in a process of its own, because Qt ends the process where it cannot start.

    Raises ``AppError("self_test_failed")`` with the last line the process said.
    """
    command = [sys.executable, "-X", "utf8", "-m", "ui", WORD]
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    try:
        done = subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AppError("self_test_failed", reason=str(error)) from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise AppError("self_test_failed", reason=lines[-1] if lines else str(done.returncode))
    return done.stdout.strip()


def show_trial() -> int:
    """Build the window over an empty folder, paint it, say its size in pixels; 0 when it was painted."""
    from app import paths
    from app.clock import system_clock
    from app.messages import load_messages
    from ui.program import make_application, make_window

    application = make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        window = make_window(Path(folder), load_messages(paths.resources() / "messages"), system_clock)
        window.show()
        application.processEvents()
        picture = window.grab()
        window.tasks.close()
        window.close()
    print(f"{picture.width()}×{picture.height()}")
    return 1 if picture.isNull() else 0
