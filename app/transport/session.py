"""A signed-in conversation with one platform whose key is known."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.clock import Clock, parse_moment
from app.errors import AppError, UsageError
from app.transport.base import PlatformTime
from app.transport.http import MAX_JSON, Answer, LineError, PlatformHttp, read_object, retry_after
from app.transport.receipts import CONTRACT, clean_fingerprint

_TOLD = frozenset({"window_closed", "window_not_open", "already_submitted"})
_BUSY = frozenset({408, 423, 425, 429, 500, 502, 503, 504, 507})


class TokenRefusedError(AppError):
    """The session has run out; somebody has to sign in again."""

    def __init__(self) -> None:
        super().__init__("sign_in_refused", account="")


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What the platform says of itself.  ``key``: fingerprint of its signing key, ``sha256:<hex>``."""

    name: str
    key: str
    rehearsal: bool
    max_chunk: int
    time: PlatformTime


class PlatformSession:
    """Knows address, account and trusted key; signs in when needed.

    The password is sent only after the platform has shown the trusted key's fingerprint, and stands in no
    text of this object.  Either ``password`` or ``token`` is given.
    """

    def __init__(
        self,
        address: str,
        account: str,
        *,
        trusted_key: str | None,
        password: str | None = None,
        token: str | None = None,
        extra_root: Path | None = None,
        now: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.http = PlatformHttp(address, extra_root=extra_root, monotonic=monotonic, now=now)
        self.http.token = token or ""
        self.account = account
        self.trusted_key = None if trusted_key is None else clean_fingerprint(trusted_key)
        self._password = password
        self._facts: PlatformFacts | None = None

    def __repr__(self) -> str:
        return f"PlatformSession({self.http.address!r}, {self.account!r})"

    def facts(self) -> PlatformFacts:
        """Ask who answers, without account and without trusting any key.

        Raises ``LineError`` and ``AppError("certificate_refused")`` as ``PlatformHttp.ask``.
        """
        answer = self.http.ask("GET", "/platform")
        if answer.status != 200:
            raise refusal(answer)
        try:
            body = read_object(answer.body, self.http.host)
            key = body["key"]
            if body["contract"] != CONTRACT or not isinstance(key, dict) or key["algorithm"] != "ed25519":
                raise ValueError("contract")
            raw = base64.b64decode(str(key["public_key"]), validate=True)
            largest = body["max_chunk"]
            if len(raw) != 32 or not isinstance(largest, int) or largest < 1:
                raise ValueError("key")
            name, rehearsal = str(body["name"]), body["rehearsal"] is not False
        except (KeyError, ValueError, binascii.Error):
            raise LineError("not_a_platform", host=self.http.host) from None
        fingerprint = "sha256:" + hashlib.sha256(raw).hexdigest()
        return PlatformFacts(name, fingerprint, rehearsal, largest, self._time(answer))

    @property
    def ahead(self) -> timedelta | None:
        """Give how far the platform's clock was ahead of the PC's at its latest answer, None without one."""
        return self.http.ahead

    def contact(self) -> PlatformFacts:
        """Make sure the platform is the trusted one.

        Raises ``AppError``: ``platform_key_unconfirmed`` (``fingerprint``) on first contact without a
        confirmed key, ``platform_key_changed`` (``fingerprint``) where another key answers.
        """
        if self._facts is None:
            facts = self.facts()
            if self.trusted_key is None:
                raise AppError("platform_key_unconfirmed", fingerprint=facts.key)
            if facts.key != self.trusted_key:
                raise AppError("platform_key_changed", fingerprint=facts.key)
            self._facts = facts
        return self._facts

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
        """Ask as the signed-in account; signs in first, and once more where the token has run out.

        Gives the platform's answer, also a refusal.  Raises ``LineError``, ``AppError`` as ``contact``, and
        ``AppError("sign_in_refused")``.
        """
        self.contact()
        for is_last in (False, True):
            if not self.http.token:
                self._sign_in()
            answer = self.http.ask(
                method, path, accept=accept, headers=headers, content=content, body=body, limit=limit
            )
            if answer.code != "token_refused":
                return answer
            self.http.token = ""
            if is_last or self._password is None:
                break
        raise AppError("sign_in_refused", account=self.account)

    def ask_json(
        self, method: str, path: str, content: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Ask and give the JSON of the answer; a refusal of the platform is raised as ``AppError``."""
        answer = self.ask(method, path, content=content)
        if answer.status not in (200, 201):
            raise refusal(answer)
        return read_object(answer.body, self.http.host)

    def renew(self) -> None:
        """Sign in again; raises as ``ask``."""
        self.contact()
        self.http.token = ""
        self._sign_in()

    def sign_out(self) -> None:
        """End the session on the platform; over a dead line it is only forgotten here and runs out there."""
        if self.http.token and self.http.is_answering:
            with suppress(AppError):
                self.http.ask("DELETE", "/sessions/current")
        self.http.token = ""

    def _sign_in(self) -> None:
        if self._password is None:
            raise AppError("sign_in_refused", account=self.account)
        answer = self.http.ask(
            "POST", "/sessions", content={"account": self.account, "password": self._password}
        )
        if answer.status != 201:
            if answer.code == "sign_in_refused":
                raise AppError("sign_in_refused", account=self.account)
            raise refusal(answer)
        token = read_object(answer.body, self.http.host).get("token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise LineError("not_a_platform", host=self.http.host)
        self.http.token = token

    def _time(self, answer: Answer) -> PlatformTime:
        return PlatformTime(answer.platform_time, self.ahead or timedelta())


def refusal(answer: Answer) -> AppError:
    """Turn a refusal of the platform into ours; ``LineError`` where trying again may help.

    A success of another kind than the contract's own is none: ``not_a_platform``.
    """
    if answer.status < 400:
        return LineError("not_a_platform", status=answer.status, host=answer.host)
    if answer.status in _BUSY and answer.code not in _TOLD:
        return LineError("platform_busy", after=retry_after(answer.headers), status=answer.status)
    named = {"code": answer.code, "title": answer.code or str(answer.status)}
    problem = {**named, **(answer.problem or {})}
    return refusal_error(problem, answer.platform_time.isoformat())


def refusal_error(problem: Mapping[str, object], now: str) -> AppError:
    """Turn a refusal (``Problem`` of the contract) into ours; ``now`` is the platform's clock in ISO 8601."""
    code = _short(problem.get("code"))
    if code == "window_closed":
        return AppError(code, closes=_moment(problem.get("closes")), now=_moment(now))
    if code == "window_not_open":
        return AppError(code, opens=_moment(problem.get("opens")), now=_moment(now))
    if code == "already_submitted":
        return AppError(code, number=_short(problem.get("number")))
    return AppError("rejected", reason=_short(problem.get("title")) or code, problem=code)


def _moment(text: object) -> str:
    try:
        return _plain(parse_moment(str(text)).isoformat())
    except UsageError:
        return _short(text)


def _plain(iso: str) -> str:
    return iso[:16].replace("T", " ")


def _short(text: object) -> str:
    """Give a platform's text as one printable line of at most 200 characters."""
    return "".join(c for c in str(text or "") if c.isprintable())[:200]


def fetch(session: PlatformSession, path: str, kind: str, limit: int = 1 << 20) -> bytes:
    """Fetch a document of this content type, at most ``limit`` bytes; raises as ``ask_json``."""
    answer = session.ask("GET", path, accept=kind, limit=limit)
    if answer.status != 200:
        raise refusal(answer)
    return answer.body


def segment(submission_id: str) -> str:
    """Give an id that is safe inside an address; raises ``AppError("rejected")`` for any other."""
    if not submission_id.isascii() or not submission_id.replace("-", "").replace("_", "").isalnum():
        raise AppError("rejected", reason=_short(submission_id)[:40], problem="not_found")
    return submission_id
