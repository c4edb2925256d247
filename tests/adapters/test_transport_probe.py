"""The line probe: answered, not answered, nothing to ask; on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.transport import probe
from app.transport.probe import LineState, probe_line
from tests.adapters.platform_fixture import running


@contextmanager
def answering(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Answer each connection with some bytes, or with nothing at all; gives address and what was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        near, _ = listener.accept()
        with near:
            asked.append(near.recv(1 << 16))
            if answer is None:
                near.recv(1)
            else:
                near.sendall(answer)

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        listener.close()
        worker.join(5)


def test_a_platform_that_answers_is_up(tmp_path: Path) -> None:
    """Issue 3, Shell: line state; asked without account, token or cookie."""
    with running(tmp_path) as server:
        assert probe_line(server.url) is LineState.UP


@pytest.mark.parametrize(
    "status", [b"404 Not Found", b"503 Busy", b"302 Found\r\nLocation: http://x.invalid/"]
)
def test_any_answer_is_a_line(status: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Asks 17: whether there is a line; a redirect is not followed, nothing secret is sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    with answering(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as (address, asked):
        assert probe_line(address) is LineState.UP
    assert asked[0].startswith(b"GET /platform ")
    assert b"uthorization" not in asked[0] and b"ookie" not in asked[0]


def test_no_answer_is_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks 13: a silent server is given up soon; a closed port and nonsense are no line either."""
    monkeypatch.setattr(probe, "PROBE_SECONDS", (0.2, 0.2))
    with answering(None) as (address, _):
        assert probe_line(address) is LineState.DOWN
    with answering(b"no HTTP at all\r\n\r\n") as (address, _):
        assert probe_line(address) is LineState.DOWN
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    assert probe_line(f"http://127.0.0.1:{port}") is LineState.DOWN


@pytest.mark.parametrize("address", ["", "platform", "http://far.example.cn", "ftp://x"])
def test_an_address_that_may_not_be_asked_says_nothing(address: str) -> None:
    """Plain http is for this machine only: such an address is not asked at all."""
    assert probe_line(address) is LineState.UNKNOWN
