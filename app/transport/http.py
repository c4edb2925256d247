"""One careful HTTP client: time-outs, the system's certificates, no redirects, no answer but the contract's.

Nothing of a request is kept in an exception: its body may hold a password.
"""

from __future__ import annotations

import errno
import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy

from app.clock import Clock, parse_moment, system_clock, to_beijing
from app.errors import AppError, UsageError
from app.transport.sockets import socket_options

CONNECT, SILENCE, LONGEST_SILENCE = 8.0, 10.0, 60.0
"""Seconds to connect and send a body, and between two parts of an answer; the latter doubled after each
request that was not answered, up to the last."""

MAX_ANSWER_TIME = 900.0
"""Seconds a whole answer may take; a line that only trickles counts as cut."""

MAX_JSON = 4 << 20
MAX_FILE = 512 << 20
_NO_NETWORK = frozenset(
    {errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the platform; ``problem`` holds the members of problem+json where it refused."""

    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    platform_time: datetime
    problem: Mapping[str, object] | None = None

    @property
    def code(self) -> str:
        """Give the problem code, empty where the platform did not refuse."""
        if self.problem is not None:
            return str(self.problem.get("code", ""))
        return self.headers.get("Problem-Code", "") if self.status >= 400 else ""


class LineError(AppError):
    """The line or what stands in it failed; the request may be tried again.

    ``after``: seconds asked for; ``status``: HTTP status of the answer that said so, 0 where none came.
    """

    def __init__(self, code: str, /, after: float = 0.0, status: int = 0, **params: object) -> None:
        super().__init__(code, **params)
        self.after = after
        self.status = status


class PlatformHttp:
    """Requests to one platform address.  ``token`` is sent once it is set.

    ``platform_time`` is the platform's clock in its latest answer, ``ahead`` how far it was ahead of the
    PC's (``now``) then, ``is_answering`` whether the latest request was answered at all, ``round_trip`` the
    quickest answer so far in seconds.

    Raises ``UsageError("address_unreadable")`` and ``AppError("address_not_secure")``: plain http is for
    this machine only.  ``extra_root`` is a PEM file with a further root certificate.
    """

    def __init__(
        self,
        address: str,
        *,
        extra_root: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        now: Clock = system_clock,
    ) -> None:
        self.address = check_address(address)
        self._now = now
        self.host = urlsplit(self.address).hostname or ""
        self.token = ""
        self.platform_time: datetime | None = None
        self.ahead: timedelta | None = None
        self.is_answering = False
        self.round_trip: float | None = None
        self._silence = SILENCE
        self._extra_root = extra_root
        tls = self.tls_context()
        self._monotonic = monotonic
        self._session = requests.Session()
        # a proxy between this machine and itself would carry the password out of it
        self._session.trust_env = not is_loopback(self.host)
        self._session.auth = self._authorise
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.mount("http://", _Lively())
        if tls is not None:
            self._session.mount("https://", _SystemRoots(tls))

    def __repr__(self) -> str:
        return f"PlatformHttp({self.address!r})"

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        content: Mapping[str, object] | None = None,
        body: bytes | None = None,
        limit: int = MAX_JSON,
    ) -> Answer:
        """Ask once and give the platform's whole answer, also a refusal.

        ``path`` is relative to the address, or a whole address that ``locate`` gave.  ``content`` is sent as
        JSON, ``body`` as it is.  Raises ``LineError`` for what may pass (``offline``,
        ``platform_unreachable``, ``platform_busy``, ``not_a_platform``, ``redirect_refused``) and
        ``AppError("certificate_refused")``.
        """
        sent = dict(headers or {})
        if content is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(content, ensure_ascii=False).encode()
        # raised outside the handler, so that no request hangs on the exception
        url = self.address + path if path.startswith("/") else self.locate(path)
        self.is_answering = False
        began = self._monotonic()
        found = self._exchange(method, url, sent, body, limit)
        if isinstance(found, AppError):
            self._silence = min(LONGEST_SILENCE, 2 * self._silence)
            raise found
        self._silence = SILENCE
        took = self._monotonic() - began
        self.round_trip = took if self.round_trip is None else min(took, self.round_trip)
        answer = self.check(*found, accept=accept, is_head=method == "HEAD")
        self.is_answering = True
        return answer

    def tls_context(self) -> ssl.SSLContext | None:
        """Give a context that trusts the system's certificates; None for plain http on this machine.

        One per connection: a shared one opens connections one after the other.
        """
        return _tls_context(self._extra_root) if self.address.startswith("https:") else None

    def is_back(self) -> bool:
        """Look, in under half a second, whether a connection opens; False behind a proxy, which hides it."""
        parts = urlsplit(self.address)
        if self.proxy():
            return False
        try:
            place = (self.host, parts.port or (443 if parts.scheme == "https" else 80))
            with socket.create_connection(place, timeout=0.4):
                return True
        except OSError:
            return False

    def proxy(self) -> str:
        """Give the address of the system's proxy for this platform, empty where there is none."""
        if is_loopback(self.host):
            return ""
        return select_proxy(self.address, get_environ_proxies(self.address)) or ""

    def locate(self, location: str) -> str:
        """Give the whole address that a ``Location`` of the platform means.

        Raises ``LineError("redirect_refused")`` for one on another host.
        """
        whole = urljoin(self.address + "/", location)
        here, there = urlsplit(self.address), urlsplit(whole)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise LineError("redirect_refused", host=there.hostname or "")
        return whole

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # set even without a token: requests would look for a password in the user's .netrc otherwise
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int
    ) -> tuple[int, Mapping[str, str], bytes] | AppError:
        try:
            with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=(CONNECT, self._silence),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, response.headers, self._read(response, limit)
        except LINE_FAILURES as error:
            return explain(error, self.host)

    def _read(self, response: requests.Response, limit: int) -> bytes:
        blocks: list[bytes] = []
        size, began = 0, self._monotonic()
        for block in response.iter_content(64 << 10):
            size += len(block)
            if size > limit or self._monotonic() - began > MAX_ANSWER_TIME:
                raise requests.ConnectionError("answer without end")
            blocks.append(block)
        return b"".join(blocks)

    def check(
        self, status: int, headers: Mapping[str, str], body: bytes, *, accept: str, is_head: bool
    ) -> Answer:
        """Take the answer for the platform's only if everything about it is as the contract says.

        Raises ``LineError``: ``redirect_refused``, ``platform_busy``, ``not_a_platform``.
        """
        if 300 <= status < 400:
            host = urlsplit(urljoin(self.address, headers.get("Location", ""))).hostname or ""
            raise LineError("redirect_refused", status=status, host=host)
        try:
            moment = parse_moment(headers.get("Platform-Time", ""))
        except UsageError:
            if status in (408, 425, 429) or status >= 500:
                # a gateway speaks for a platform that cannot
                raise LineError("platform_busy", after=retry_after(headers), status=status) from None
            raise LineError("not_a_platform", status=status, host=self.host) from None
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        problem: Mapping[str, object] | None = None
        if status >= 400 and not is_head:
            if kind != "application/problem+json":
                raise LineError("not_a_platform", status=status, host=self.host)
            problem = read_object(body, self.host)
        elif not is_head and status != 204 and accept and kind != accept:
            raise LineError("not_a_platform", status=status, host=self.host)
        self.platform_time = moment
        self.ahead = timedelta(seconds=round((moment - to_beijing(self._now())).total_seconds()))
        return Answer(self.host, status, headers, body, moment, problem)


def read_object(body: bytes, host: str) -> dict[str, object]:
    """Read a JSON object; raises ``LineError("not_a_platform")`` for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise LineError("not_a_platform", host=host) from None
    if not isinstance(found, dict):
        raise LineError("not_a_platform", host=host)
    return found


def retry_after(headers: Mapping[str, str]) -> float:
    """Give the seconds of ``Retry-After`` (a number; at most ten minutes), 0 where there are none."""
    text = headers.get("Retry-After", "").strip()
    return min(float(text), 600.0) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0


def check_address(address: str) -> str:
    """Give a platform address without trailing slash.

    Raises ``UsageError("address_unreadable")``, and ``AppError("address_not_secure")`` for plain http to
    another machine.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UsageError("address_unreadable") from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise UsageError("address_unreadable")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError("address_unreadable")
    if parts.scheme == "http" and not is_loopback(host):
        raise AppError("address_not_secure", host=host)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, without asking any name server."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tls_context(extra_root: Path | None) -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if extra_root is not None:
        try:
            context.load_verify_locations(cafile=str(extra_root))
        except (OSError, ssl.SSLError):
            raise AppError("root_certificate_unreadable", file=extra_root.name) from None
    return context


class _Lively(HTTPAdapter):
    """Opens connections that notice by themselves when the other end has gone."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **{**kwargs, "socket_options": socket_options()})

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, **{**kwargs, "socket_options": socket_options()})


class _SystemRoots(_Lively):
    """Verifies with the operating system's certificates instead of a list that came with a library."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **{**kwargs, "ssl_context": self._context})

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, **{**kwargs, "ssl_context": self._context})

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, True, None)
        return host, {"cert_reqs": "CERT_REQUIRED"}

    def cert_verify(self, conn: object, url: str, verify: object, cert: object) -> None:
        """Leave the connection as it is: the context above verifies it."""


LINE_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)
"""What the libraries raise when the line fails; ``explain`` gives it in our own words."""


def explain(error: BaseException, host: str) -> AppError:
    """Say in our own words what went wrong on the line."""
    chain = _causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        return AppError("certificate_refused", host=host)
    if any(
        "certificate verify failed" in str(cause).lower()
        for cause in chain
        if isinstance(cause, ssl.SSLError)
    ):
        return AppError("certificate_refused", host=host)
    if any(isinstance(cause, (urllib3.exceptions.NameResolutionError, socket.gaierror)) for cause in chain):
        return LineError("offline", host=host)
    if any(isinstance(cause, OSError) and cause.errno in _NO_NETWORK for cause in chain):
        return LineError("offline", host=host)
    return LineError("platform_unreachable", host=host)


def _causes(error: BaseException) -> list[BaseException]:
    """Give the error and all it came from; the libraries hide causes in arguments as well."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or any(cause is known for known in found):
            continue
        found.append(cause)
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
    return found
