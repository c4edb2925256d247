"""Running the command line in this process, as a clerk's automation would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main


@dataclass(frozen=True)
class Answer:
    """What one command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A data folder and the command line over it."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str | Path) -> Answer:
        """Run one command with this desk's data folder."""
        self.capture.readouterr()
        command, *rest = [str(word) for word in words]
        code = main([command, "--data-dir", str(self.folder), *rest])
        captured = self.capture.readouterr()
        return Answer(code, captured.out, captured.err)
