"""What is asked of the system for every connection, so that a dead one is noticed and a live one hurries."""

from __future__ import annotations

import socket
import sys

IDLE, BETWEEN, UNANSWERED = 2, 2, 4
"""Seconds of silence after which a waiting connection asks whether the other end is still there, seconds
between two such questions, and how many without an answer end it."""

Option = tuple[int, int, int | bytes]


def socket_options() -> list[Option]:
    """Give level, name and value of the options, as far as this system knows them.

    After a break of the line the far end may have forgotten the connection and its answer is lost: without
    questions of its own (RFC 9293 §3.8.4) a waiting client would hear nothing until its patience is out.
    A lost packet is repeated at even intervals on connections with little under way (Linux, thin streams),
    instead of after pauses that double throughout a break.
    """
    found: list[Option] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    values = {
        "TCP_KEEPIDLE": IDLE,
        "TCP_KEEPALIVE": IDLE,
        "TCP_KEEPINTVL": BETWEEN,
        "TCP_KEEPCNT": UNANSWERED,
        "TCP_THIN_LINEAR_TIMEOUTS": 1,
    }
    # socket has the names of this system only; the last one it has nowhere
    names = {**vars(socket), **({"TCP_THIN_LINEAR_TIMEOUTS": 16} if sys.platform == "linux" else {})}
    found += [(socket.IPPROTO_TCP, names[name], value) for name, value in values.items() if name in names]
    return found
