"""Composition root: the one place where the parts of the program are put together."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence

FINE, REFUSED = 0, 3

LIBRARIES = (
    "libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libcups2 fonts-wqy-microhei"
)
"""System packages that a window needs on Debian and its kin (the same as in ``installers/start.py``)."""

BUNDLE = ".shenbao"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with the words after its name and return the exit code.

    With words they are a command of the command line; a single .shenbao file or no word opens the window.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    file = words[0] if len(words) == 1 and words[0].lower().endswith(BUNDLE) else ""
    if words == ["--try-window"]:
        from ui.trial import show_trial

        return show_trial()
    if words and not file:
        from app.__main__ import main as command_line
        from ui.trial import try_window

        return command_line(words, try_window)
    if not has_screen(os.environ, sys.platform):
        return _without_screen()
    gc.disable()  # ui.garbage collects instead, and nothing is garbage before the first paint
    try:
        from ui.program import run_window
    except ImportError as error:
        if not (error.name or "").startswith("PySide6"):
            raise
        return _without_libraries(error)
    return run_window(file)


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a window can be seen: on Linux only with a display, or where Qt is told what to use."""
    if not platform.startswith("linux"):
        return True
    return any(environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _say(key: str, /, **params: object) -> None:
    from app import paths
    from app.messages import load_messages

    messages = load_messages(paths.resources() / "messages")
    sys.stderr.buffer.write((messages.text("window", f"shell.{key}", **params) + "\n").encode("utf-8"))
    sys.stderr.flush()


def _without_screen() -> int:
    from app.__main__ import main as command_line

    _say("no_screen")
    return command_line(["--help"])


def _without_libraries(error: ImportError) -> int:
    _say("no_libraries", reason=str(error).partition(":")[0], command=f"sudo apt-get install {LIBRARIES}")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
