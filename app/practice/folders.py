"""Reports that come in a folder on a stick, and the answers that go back in it (openapi.yaml, «Folders»).

Whoever carries the stick is known at the counter; the rehearsal believes the account that the request names.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.clock import format_moment
from app.errors import AppError
from app.practice.accounts import User, find_user
from app.practice.files import hash_file, join_files, write_file
from app.practice.handing_in import hand_in
from app.practice.key import sign_document
from app.practice.platform import CONTRACT, MAX_JSON, Platform, text_of
from app.practice.problems import ProblemError
from app.practice.site import Role
from app.practice.submissions import announce_once, find_submission, show_submission, whole_upload

REQUEST, ANSWER = "request.json", "answer"
LEAST_KEY = 16
_IN_ORDER = ("report.pdf", "approval.json", "status.json", "receipt.json", "refusal.json")
"""What an answer rests on is written before it: a stick pulled out in the middle misleads nobody."""

PAUSE = 2.0
"""Seconds between two looks at the folder while the platform runs."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one request: its folder's name, the submission's number, or why not (code, words)."""

    place: str
    number: str = ""
    refused: str = ""
    why: str = ""


def take_folder(platform: Platform, folder: Path) -> tuple[Taken, ...]:
    """Take in every request below a folder and bring all answers there up to date.

    Repeating it changes nothing.  Raises ``AppError``: ``cannot_read``, ``cannot_write``.
    """
    try:
        places = sorted(path.parent for path in folder.glob(f"*/{REQUEST}"))
        return tuple(_take(platform, place) for place in places)
    except OSError as error:
        raise AppError("cannot_write", name=str(folder), reason=error.strerror or "") from error


async def take_for_ever(platform: Platform, folder: Path) -> None:
    """Look into a folder again and again while the platform runs; a stick may come and go."""
    while True:
        # pulled out in the middle: what is not whole is done at the next look
        with suppress(AppError):
            take_folder(platform, folder)
        await asyncio.sleep(PAUSE)


def _take(platform: Platform, place: Path) -> Taken:
    raw = b""
    try:
        raw = _read_request(place / REQUEST)
        number = _hand_over(platform, place, raw)
    except ProblemError as problem:
        _write_refusal(platform, place, raw, problem)
        why = platform.site.words.problem(problem.code, problem.params)
        return Taken(place.name, refused=problem.code, why=why)
    _write_answer(platform, place, number)
    return Taken(place.name, number)


def _read_request(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(MAX_JSON + 1)
    if len(raw) > MAX_JSON:
        raise ProblemError("request_unreadable", detail="length")
    return raw


def _hand_over(platform: Platform, place: Path, raw: bytes) -> str:
    """Announce and hand in as over HTTP; give the submission's number."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise ProblemError("request_unreadable", detail="json") from None
    if not isinstance(body, dict) or body.get("contract") != CONTRACT:
        raise ProblemError("request_unreadable", detail="contract")
    user = _filler(platform, body)
    key = text_of(body, "idempotency_key", 128)
    if len(key) < LEAST_KEY:
        raise ProblemError("idempotency_key_missing")
    wish = {name: body.get(name) for name in ("programme_id", "title", "fingerprint", "files")}
    number, _ = announce_once(platform, user, key, wish)
    row = find_submission(platform, number)
    if row["received_at"] is None:
        for file in platform.database.execute("select * from files where submission_id = ?", (number,)):
            _copy(platform, place, file)
        hand_in(platform, find_submission(platform, number))
    return number


def _filler(platform: Platform, body: Mapping[str, object]) -> User:
    user = find_user(platform, text_of(body, "account", 200))
    if user is None:
        raise ProblemError("sign_in_refused")
    if user.role is Role.REVIEWER:
        raise ProblemError("forbidden")
    return user


def _copy(platform: Platform, place: Path, file: sqlite3.Row) -> None:
    """Bring an announced file in; its hash is proved by ``hand_in``, as that of every upload."""
    if whole_upload(platform, file["submission_id"], file["delivery_id"]) is not None:
        return
    source = place / Path(file["name"]).name
    if not source.is_file() or source.is_symlink() or source.stat().st_size != file["size"]:
        raise ProblemError("delivery_missing", delivery=file["delivery_id"], label=file["name"])
    if hash_file(source) != file["sha256"]:
        raise ProblemError("whole_file_mismatch", delivery=file["delivery_id"], label=file["name"])
    upload_id = secrets.token_hex(16)
    join_files([source], platform.upload_path(upload_id))
    platform.database.execute(
        "insert into uploads (id, submission_id, delivery_id, part, length, position)"
        " values (?, ?, ?, null, ?, ?)",
        (upload_id, file["submission_id"], file["delivery_id"], file["size"], file["size"]),
    )


def _write_answer(platform: Platform, place: Path, number: str) -> None:
    """Write what a client would be told over HTTP, signed; what stands there already is left alone."""
    row = find_submission(platform, number)
    status = {"contract": CONTRACT, **show_submission(platform, number)}
    answers = {"receipt.json": row["receipt"], "status.json": sign_document(platform.key, "status", status)}
    if row["approval"] is not None:
        answers["approval.json"] = row["approval"]
        answers["report.pdf"] = (platform.folder / "reports" / row["report"]).read_bytes()
    _put(place, answers)
    (place / ANSWER / "refusal.json").unlink(missing_ok=True)


def _write_refusal(platform: Platform, place: Path, raw: bytes, problem: ProblemError) -> None:
    digest = hashlib.sha256(raw).hexdigest()
    if _refused_before(place / ANSWER / "refusal.json", digest, problem.code):
        return
    content = {
        **problem.params,
        "contract": CONTRACT,
        "code": problem.code,
        "title": platform.site.words.problem(problem.code, problem.params),
        "request_sha256": digest,
        "at": format_moment(platform.now()),
        "rehearsal": True,
    }
    _put(place, {"refusal.json": sign_document(platform.key, "refusal", content)})


def _refused_before(path: Path, digest: str, code: str) -> bool:
    try:
        content = json.loads(path.read_bytes())["refusal"]
        return bool((content["request_sha256"], content["code"]) == (digest, code))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _put(place: Path, answers: Mapping[str, bytes]) -> None:
    (place / ANSWER).mkdir(exist_ok=True)
    for name in _IN_ORDER:
        path = place / ANSWER / name
        if name in answers and not (path.is_file() and path.read_bytes() == answers[name]):
            write_file(path, answers[name])
