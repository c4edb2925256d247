"""Accounts, sign-in and who is asking."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from app.clock import format_moment, parse_moment
from app.practice.database import transaction
from app.practice.platform import Platform, answer_json, platform_of, read_json, text_of
from app.practice.problems import ProblemError
from app.practice.site import Account, Role

SESSION = timedelta(hours=12)
LEAST_PASSWORD = 8
_NAME = re.compile(r"[A-Za-z0-9_.@\u4e00-\u9fff-]+")
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
    session = open_session(platform, text_of(body, "account", 200), text_of(body, "password", 1000))
    expires = format_moment(session.expires_at)
    return answer_json({"token": session.token, "expires_at": expires, **_show(session.user)}, 201)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has just begun; ``token`` stands nowhere else."""

    token: str = field(repr=False)
    user: User
    expires_at: datetime


def open_session(platform: Platform, name: str, password: str) -> Session:
    """Begin a session; refuses with ``sign_in_refused``."""
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
    return Session(token, _user(row), expires)


async def sign_out(request: Request) -> Response:
    """Answer ``DELETE /sessions/current``."""
    platform = platform_of(request)
    require_user(platform, request)
    end_session(platform, _token(request))
    return Response(status_code=204)


def end_session(platform: Platform, token: str) -> None:
    """Make a token worth nothing."""
    platform.database.execute("delete from sessions where token_hash = ?", (_token_hash(token),))


def require_user(platform: Platform, request: Request) -> User:
    """Give who asks; refuses with ``token_refused``."""
    return user_of(platform, _token(request))


def user_of(platform: Platform, token: str) -> User:
    """Give whose session a token is; refuses with ``token_refused``."""
    row = platform.database.execute(
        "select a.*, s.expires_at from sessions s join accounts a on a.name = s.account"
        " where s.token_hash = ?",
        (_token_hash(token),),
    ).fetchone()
    if row is None or parse_moment(row["expires_at"]) < platform.now():
        raise ProblemError("token_refused")
    return _user(row)


def find_user(platform: Platform, name: str) -> User | None:
    """Give whose account a name is, None where there is none."""
    row = platform.database.execute("select * from accounts where name = ?", (name,)).fetchone()
    return None if row is None else _user(row)


def label_of(platform: Platform, name: str) -> str:
    """Give how an account is called, its name where it has no other."""
    row = platform.database.execute("select label from accounts where name = ?", (name,)).fetchone()
    return name if row is None else row["label"] or name


async def list_accounts(request: Request) -> Response:
    """Answer ``GET /accounts``: the unit's own accounts, for its administrator."""
    platform = platform_of(request)
    user = _require_admin(platform, request)
    rows = platform.database.execute("select * from accounts where unit = ? order by rowid", (user.unit,))
    return answer_json({"accounts": [_show(_user(row)) for row in rows]})


async def open_account(request: Request) -> Response:
    """Answer ``POST /accounts``: the administrator opens a filler's account (seed 000 §三.1).

    The same name of the unit's own filler gives it a new password; any other known name is refused.
    """
    platform = platform_of(request)
    user = _require_admin(platform, request)
    body = await read_json(request)
    name, password = text_of(body, "account", 200), text_of(body, "password", 1000)
    label = text_of(body, "label", 200, "").strip()
    good = {"account": _NAME.fullmatch(name) is not None, "password": len(password) >= LEAST_PASSWORD}
    for key, is_good in good.items():
        if not is_good:
            raise ProblemError("request_unreadable", detail=key)
    row = platform.database.execute("select * from accounts where name = ?", (name,)).fetchone()
    if row is not None and (row["unit"] != user.unit or row["role"] != Role.FILLER):
        raise ProblemError("account_taken")
    account = Account(name, password, Role.FILLER, user.unit, label)
    seed_accounts(platform.database, (account,))
    # a new password ends what was begun with the old one
    platform.database.execute("delete from sessions where account = ?", (name,))
    return answer_json(_show(User(name, Role.FILLER, user.unit, label, ())), 201)


def _require_admin(platform: Platform, request: Request) -> User:
    user = require_user(platform, request)
    if user.role is not Role.UNIT_ADMIN:
        raise ProblemError("forbidden")
    return user


def _show(user: User) -> dict[str, object]:
    return {
        "account": user.name,
        "label": user.label,
        "unit": user.unit,
        "role": user.role.value,
        "stages": list(user.stages),
        "rehearsal": True,
    }


def _user(row: sqlite3.Row) -> User:
    return User(row["name"], Role(row["role"]), row["unit"], row["label"], tuple(json.loads(row["stages"])))


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=1 << 14, r=8, p=1)
