"""Connections whose far end has gone without a word: the system notices it before patience runs out."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest

from app.transport.http import LineError, PlatformHttp
from app.transport.sockets import IDLE, socket_options
from app.transport.wire import Wire
from tests.adapters.faulty_line import line
from tests.adapters.platform_fixture import running

TCP_REPAIR = 19
"""Linux: a connection closed under repair is forgotten without FIN or RST, as by a modem that re-dials."""


def forget(connection: socket.socket) -> None:
    """Take a connection away without telling the other end; skips where the system does not allow it."""
    try:
        connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except OSError:
        pytest.skip("只有 Linux 的 root 能让一条连接无声消失")
    connection.close()


@pytest.mark.parametrize("kind", ["wire", "requests"])
def test_a_forgotten_connection_is_noticed_while_its_answer_is_awaited(kind: str) -> None:
    """Issue 5: a break takes the answer and the connection; the sender used to sit out all its patience."""
    listener = socket.create_server(("127.0.0.1", 0))
    outcome: list[str] = []
    platform = PlatformHttp(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def ask() -> None:
        try:
            if kind == "requests":
                platform.ask("GET", "/platform")
            else:
                with closing(Wire(platform, 600.0)) as wire:
                    wire.ask("POST", "/complete", {})
                    wire.answer()
        except LineError as error:
            outcome.append(error.code)

    with listener:
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        far, _ = listener.accept()
        while b"\r\n\r\n" not in far.recv(4096):
            pass
        forget(far)
        # requests alone would wait 10 s, the wire ten minutes
        asking.join(4.0 * IDLE)
    platform.close()
    assert outcome == ["platform_unreachable"]


def test_both_ways_of_asking_open_such_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option is accepted by this system and stands on the connections that are really used."""
    opened: list[socket.socket] = []
    create = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        opened.append(self)
        create(self, address)  # type: ignore[arg-type]

    with running(tmp_path / "platform") as platform:
        port = int(platform.url.rpartition(":")[2])
        with line(port, lambda _n, _w, _s, content: content) as url:
            asking = PlatformHttp(url)
            monkeypatch.setattr(socket.socket, "connect", connect)
            wire = Wire(asking, 5.0)
            asking.ask("GET", "/platform")
            monkeypatch.undo()
            mine = [one for one in opened if one.getpeername()[1] == int(url.rpartition(":")[2])]
            assert len(mine) == 2
            for one in mine:
                for level, name, value in socket_options():
                    assert bool(one.getsockopt(level, name)) is bool(value)
            wire.close()
            asking.close()
