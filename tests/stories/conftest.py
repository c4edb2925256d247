"""A desk for each story."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.stories.commands import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path / "data", capsys)


@pytest.fixture(scope="session")
def demo_programme(root: Path) -> str:
    """The id of the programme whose complete sample the demo uses."""
    return str(tomllib.loads((root / "resources" / "settings.toml").read_text("utf-8"))["demo_programme"])


@pytest.fixture(scope="session")
def samples(root: Path, demo_programme: str) -> Path:
    return root / "resources" / "programmes" / demo_programme / "samples"
