"""One window per data folder: a second start raises the first and hands over the file it was given."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 1500
_TRIES, _PAUSE_MS = 15, 100
_MOST_BYTES = 64 << 10


def channel_of(folder: Path) -> str:
    """Give the name of the channel that belongs to a data folder."""
    return "shenbao-" + hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:24]


def hand_over(folder: Path, file: str) -> bool:
    """Ask the window that is open on this data folder to come forward; False where it does not answer.

    It may just be starting and not listen yet, so it is asked for a second and a half.
    """
    socket = QLocalSocket()
    for _ in range(_TRIES):
        socket.connectToServer(channel_of(folder))
        if socket.waitForConnected(_WAIT_MS):
            break
        QThread.msleep(_PAUSE_MS)
    else:
        return False
    socket.write(json.dumps({"file": file}).encode() + b"\n")
    taken = socket.waitForBytesWritten(_WAIT_MS) and socket.waitForReadyRead(_WAIT_MS)
    socket.disconnectFromServer()
    return taken


class SingleWindow(QObject):
    """Listens for second starts.  ``asked`` carries the path of a file, or an empty text."""

    asked = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        name = channel_of(folder)
        if not self._server.listen(name):
            # left behind by a window that was killed: nobody answered, or we would not be here
            QLocalServer.removeServer(name)
            self._server.listen(name)

    def _answer(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.readyRead.connect(lambda: self._read(socket))
        socket.disconnected.connect(socket.deleteLater)
        if socket.bytesAvailable():
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MOST_BYTES:
                socket.abort()
            return
        try:
            told = json.loads(bytes(socket.readLine(_MOST_BYTES).data()))
            file = told["file"]
        except (ValueError, KeyError, TypeError):
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.asked.emit(str(file))

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
