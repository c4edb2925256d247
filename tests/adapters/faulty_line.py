"""A line that a test may cut, stall or change, on real sockets."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """The last bytes that pass; then both ends are closed, or the near one is reset."""

    last: bytes
    resets: bool = False


Fault = Callable[[int, str, int, bytes], "bytes | Cut | None"]
"""(connection, "up" or "down", bytes so far, bytes now) -> what passes, or None to cut the connection."""


@contextmanager
def line(port: int, fault: Fault) -> Iterator[str]:
    """Stand between client and platform on a real socket; gives the address to speak to."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.01)
    over = threading.Event()

    def carry(number: int, near: socket.socket) -> None:
        with near, suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)) as far:
            passed = {"up": 0, "down": 0}
            while not over.is_set():
                ready, _, _ = select.select([near, far], [], [], 0.01)
                for end in ready:
                    way, other = ("up", far) if end is near else ("down", near)
                    try:
                        content = end.recv(1 << 16)
                    except ConnectionError:
                        return
                    out = fault(number, way, passed[way], content) if content else None
                    if out is None:
                        return
                    if isinstance(out, Cut):
                        other.sendall(out.last)
                        if out.resets:
                            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    passed[way] += len(out)
                    try:
                        other.sendall(out)
                    except ConnectionError:
                        return

    def accept() -> None:
        workers: list[threading.Thread] = []
        while not over.is_set():
            try:
                near, _ = listener.accept()
            except TimeoutError:
                continue
            near.setblocking(True)
            workers.append(threading.Thread(target=carry, args=(len(workers), near)))
            workers[-1].start()
        for worker in workers:
            worker.join()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        thread.join()
        listener.close()
