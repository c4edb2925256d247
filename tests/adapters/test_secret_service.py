"""Passwords in a real Secret Service: gnome-keyring on a session bus of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ABSENT = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]

CLIENT = """
import json, sys
from app.credentials import open_credentials
from app.errors import AppError
kept = open_credentials()
found = {"available": kept.available}
address, account, password = "https://platform.example", "申报人", sys.stdin.read()
if kept.available:
    found["before"] = kept.get_password(address, account)
    kept.set_password(address, account, password)
    found["kept"] = open_credentials().get_password(" HTTPS://PLATFORM.example/ ", account) == password
    kept.delete_password(address, account)
    found["after"] = kept.get_password(address, account)
else:
    try:
        kept.set_password(address, account, password)
    except AppError as error:
        found["refused"] = error.code
    found["before"] = kept.get_password(address, account)
print(json.dumps(found))
"""

UNLOCK = 'printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"'


def run(folder: Path, words: list[str], password: str) -> dict[str, object]:
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DBUS", "XDG", "PYTHON"))
        },
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(folder / "data"),
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("DISPLAY", None)
    done = subprocess.run(
        words, input=password, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(bool(ABSENT), reason=f"not on this machine: {', '.join(ABSENT)}")
def test_a_real_keyring_keeps_and_forgets(tmp_path: Path) -> None:
    """Issue 5: a real Secret Service keyring; the password lies nowhere in plain text."""
    password = "密码-α-3.14-" + "长" * 500
    client = ["dbus-run-session", "--", "sh", "-c", UNLOCK, "sh", sys.executable, "-c", CLIENT]
    found = run(tmp_path, client, password)
    assert found == {"available": True, "before": None, "kept": True, "after": None}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(password[:20].encode() in path.read_bytes() for path in files)


def test_without_a_keyring_the_password_is_asked_for_each_time(tmp_path: Path) -> None:
    """Issue 5: no session bus, no keyring: nothing is kept and nothing breaks."""
    found = run(tmp_path, [sys.executable, "-c", CLIENT], "geheim")
    assert found == {"available": False, "refused": "keyring_missing", "before": None}
