"""The rehearsal platform as its own program, for stories."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

INSIDE = "2022-12-29T12:00:00+08:00"
PASSWORD = "rehearsal-only"


@dataclass(frozen=True)
class Practice:
    """A running rehearsal platform."""

    address: str
    key: str


@contextmanager
def practising(root: Path, folder: Path, *more: str) -> Iterator[Practice]:
    """Run ``shenbao practice`` over a folder until the block ends."""
    words = [sys.executable, "-m", "app", "practice", "--json", "--now", INSIDE, *more]
    words += ["--data", str(folder / "platform"), "--data-dir", str(folder / "platform-data")]
    environment = os.environ | {"SHENBAO_PRACTICE_PASSWORD": PASSWORD, "PYTHONPATH": str(root)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as child:
        try:
            assert child.stdout is not None
            told = json.loads(child.stdout.readline())
            assert told["rehearsal"] is True
            yield Practice(told["address"], told["key"])
        finally:
            child.terminate()


def type_password(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD) -> None:
    """Give the next command a password on its standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
