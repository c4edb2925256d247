"""What holds for every test: no screen, no user's data, no network beyond this machine, no chance."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "tests" / "benchmarks"
HERE_ONLY = ("127.", "::1", "localhost")

# the budget of an example is no property of ours on a shared machine; the same examples everywhere
settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all benchmarks `alone`: their milliseconds count only without companions."""
    for item in items:
        if BENCHMARKS in item.path.parents:
            item.add_marker("alone")


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the source tree."""
    return ROOT


@pytest.fixture(autouse=True)
def _own_user_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test, and what it starts, away from the drafts of whoever runs the suite."""
    folder = tmp_path_factory.getbasetemp() / "user-data-untouched"
    monkeypatch.setenv("SHENBAO_DATA_DIR", str(folder))


@pytest.fixture(autouse=True, scope="session")
def _this_machine_only() -> Iterator[None]:
    """Refuse every connection that leaves the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host and not str(host).startswith(HERE_ONLY):
            raise ConnectionRefusedError(f"a test wants to leave the machine: {host}")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
