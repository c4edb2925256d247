"""One connection on which requests follow each other without waiting for their answers.

Where an answer takes long, most of the time of a line is lost between one request and the next.  HTTP/1.1
allows asking on (RFC 9112 §9.3.2); answers come in the order of the requests.  Every request that is sent
here may be repeated without harm, by the contract.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
from base64 import b64encode
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection

from app.errors import AppError
from app.transport.http import LINE_FAILURES, MAX_JSON, Answer, LineError, PlatformHttp, explain
from app.transport.sockets import socket_options

_TARGET = re.compile(r"/[!-~]*")
_VALUE = re.compile(r"[ -~]*")


class Wire:
    """A connection to the platform, opened at once by the system's proxy and certificates.

    ``seconds`` bounds the opening; ``patience`` may be set and bounds the waiting for each answer.  One
    thread asks and reads; ``break_off`` may come from any other.  Raises ``LineError`` and
    ``AppError("certificate_refused")``.
    """

    def __init__(self, platform: PlatformHttp, seconds: float) -> None:
        self._platform = platform
        self._base = urlsplit(platform.address)
        self._asked: deque[tuple[str, str]] = deque()
        # raised outside the handler, so that no request hangs on the exception
        failure: AppError | None = None
        self._connection = self._prepare(seconds)
        try:
            self._connection.connect()
        except LINE_FAILURES as error:
            failure = explain(error, platform.host)
        if failure is not None:
            self._connection.close()
            raise failure
        self._socket: socket.socket = self._connection.sock
        self._stream = self._socket.makefile("rb", buffering=0)
        self._reader = _Answers(self._stream)

    @property
    def waiting(self) -> int:
        """Give the number of requests whose answers are still to come."""
        return len(self._asked)

    @property
    def patience(self) -> float:
        """Give the seconds an answer may take."""
        return self._socket.gettimeout() or 0.0

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._socket.settimeout(seconds)

    def ask(
        self, method: str, place: str, headers: Mapping[str, str], body: bytes = b"", accept: str = ""
    ) -> None:
        """Send a request; ``place`` is relative to the address, or a whole address that ``locate`` gave."""
        url = self._platform.address + place if place.startswith("/") else self._platform.locate(place)
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = {"Host": self._base.netloc, **headers}
        if self._platform.token:
            lines["Authorization"] = f"Bearer {self._platform.token}"
        if body or method in ("POST", "PATCH"):
            lines["Content-Length"] = str(len(body))
        if not _TARGET.fullmatch(target) or not all(map(_VALUE.fullmatch, lines.values())):
            raise LineError("not_a_platform", host=self._platform.host)
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        failure: AppError | None = None
        try:
            self._socket.sendall(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body)
        except LINE_FAILURES as error:
            failure = explain(error, self._platform.host)
        if failure is not None:
            raise failure
        self._asked.append((method, accept))

    def answer(self) -> Answer:
        """Give the next answer in the order of the requests; raises as ``PlatformHttp.ask``."""
        method, accept = self._asked.popleft()
        failure: AppError | None = None
        status, body = 0, b""
        headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        try:
            response = http.client.HTTPResponse(self._reader, method=method)  # type: ignore[arg-type]
            response.begin()
            body = response.read(MAX_JSON) if method != "HEAD" else b""
            status, headers = response.status, CaseInsensitiveDict(response.headers.items())
            if response.length or (not response.isclosed() and response.read(1)):
                raise http.client.HTTPException("answer cut off or without end")
            if response.will_close and self._asked:
                failure = LineError("platform_unreachable", status=status, host=self._platform.host)
        except LINE_FAILURES as error:
            failure = explain(error, self._platform.host)
        if failure is not None:
            raise failure
        return self._platform.check(status, headers, body, accept=accept, is_head=method == "HEAD")

    def break_off(self) -> None:
        """Wake whoever waits on this connection with an error; it is of no use afterwards."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        self._connection.close()

    def _prepare(self, seconds: float) -> HTTPConnection:
        base, proxy = self._base, self._platform.proxy()
        host, port = base.hostname or "", base.port or (443 if base.scheme == "https" else 80)
        way = urlsplit(proxy if "://" in proxy or not proxy else f"http://{proxy}")
        near = (way.hostname or host, way.port or 8080) if proxy else (host, port)
        tls = self._platform.tls_context()
        options = socket_options()
        if tls is None:
            return HTTPConnection(*near, timeout=seconds, socket_options=options)
        connection = HTTPSConnection(*near, timeout=seconds, ssl_context=tls, socket_options=options)
        if proxy:
            if way.scheme != "http":
                raise LineError("proxy_unsupported", kind=way.scheme)
            headers: dict[str, str] = {}
            if way.username:
                pair = f"{unquote(way.username)}:{unquote(way.password or '')}"
                headers["Proxy-Authorization"] = "Basic " + b64encode(pair.encode()).decode()
            connection.set_tunnel(host, port, headers)
        return connection


class _Answers(io.BufferedReader):
    """The stream of answers, which the end of one answer does not close."""

    def makefile(self, _mode: str) -> _Answers:
        return self

    def close(self) -> None:
        """Stay open: the next answer comes on the same stream."""
