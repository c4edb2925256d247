"""Accounts, sign-in and who is asking."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from app.clock import format_moment, parse_moment
from app.practice.database import transaction
from app.practice.platform import Platform, answer_json, platform_of, read_json, text_of
from app.practice.problems import ProblemError
from app.practice.site import Account, Role

SESSION = timedelta(hours=12)
_NOBODY = b"\0" * 16


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in."""

    name: str
    role: Role
    unit: str
    label: str
    stages: tuple[str, ...]


def seed_accounts(database: sqlite3.Connection, accounts: Iterable[Account]) -> None:
    """Store the given accounts, salted and hashed; one that was known takes the new password and role."""
    with transaction(database):
        for account in accounts:
            salt = secrets.token_bytes(16)
            database.execute(
                "insert or replace into accounts values (?, ?, ?, ?, ?, ?, ?)",
                (
                    account.name,
                    account.role.value,
                    account.unit,
                    account.label,
                    json.dumps(account.stages),
                    salt,
                    _hash(account.password, salt),
                ),
            )


async def sign_in(request: Request) -> Response:
    """Answer ``POST /sessions``."""
    platform = platform_of(request)
    body = await read_json(request)
    name, password = text_of(body, "account", 200), text_of(body, "password", 1000)
    row = platform.database.execute("select * from accounts where name = ?", (name,)).fetchone()
    # an unknown account costs the same time as a known one, so that names cannot be guessed
    found = _hash(password, _NOBODY if row is None else row["salt"])
    if row is None or not hmac.compare_digest(found, row["hash"]):
        raise ProblemError("sign_in_refused")
    token = secrets.token_urlsafe(32)
    platform.database.execute("delete from sessions where expires_at < ?", (format_moment(platform.now()),))
    expires = platform.now() + SESSION
    platform.database.execute(
        "insert into sessions values (?, ?, ?)", (_token_hash(token), name, format_moment(expires))
    )
    user = _user(row)
    content = {
        "token": token,
        "expires_at": format_moment(expires),
        "account": user.name,
        "label": user.label,
        "unit": user.unit,
        "role": user.role.value,
        "stages": list(user.stages),
    }
    return answer_json(content, 201)


async def sign_out(request: Request) -> Response:
    """Answer ``DELETE /sessions/current``."""
    platform = platform_of(request)
    require_user(platform, request)
    platform.database.execute("delete from sessions where token_hash = ?", (_token_hash(_token(request)),))
    return Response(status_code=204)


def require_user(platform: Platform, request: Request) -> User:
    """Give who asks; refuses with ``token_refused``."""
    row = platform.database.execute(
        "select a.*, s.expires_at from sessions s join accounts a on a.name = s.account"
        " where s.token_hash = ?",
        (_token_hash(_token(request)),),
    ).fetchone()
    if row is None or parse_moment(row["expires_at"]) < platform.now():
        raise ProblemError("token_refused")
    return _user(row)


def _user(row: sqlite3.Row) -> User:
    return User(row["name"], Role(row["role"]), row["unit"], row["label"], tuple(json.loads(row["stages"])))


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=1 << 14, r=8, p=1)
