"""Submissions: announcing, handing in, reading, the signed receipt."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.clock import format_moment
from app.model.programme import Programme
from app.practice.accounts import User, require_user
from app.practice.database import read_setting, transaction, write_setting
from app.practice.platform import (
    MAX_SIZE,
    Platform,
    answer_json,
    check_window,
    platform_of,
    read_json,
    text_of,
    whole_number,
)
from app.practice.problems import ProblemError
from app.practice.site import (
    Role,
    bundle_delivery,
    deliveries_of,
    reviewing_stages,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_BYTES = 1 << 62
"""More is no size of a file, and more than the database could hold."""
_LIVE = ("received", "in_review", "approved")


async def create_submission(request: Request) -> Response:
    """Answer ``POST /submissions``; repeating it with the same key and content gives the same one."""
    platform = platform_of(request)
    user = require_user(platform, request)
    if user.role is Role.REVIEWER:
        raise ProblemError("forbidden")
    key = request.headers.get("idempotency-key", "")
    if not 16 <= len(key) <= 128:
        raise ProblemError("idempotency_key_missing")
    submission_id, is_new = announce_once(platform, user, key, await read_json(request))
    return answer_json(show_submission(platform, submission_id), 201 if is_new else 200)


def announce_once(platform: Platform, user: User, key: str, body: Mapping[str, object]) -> tuple[str, bool]:
    """Give the submission that a key stands for, announced now if need be, and whether it is new.

    Refuses as the contract says; nothing is written down then.
    """
    wanted = json.dumps(body, sort_keys=True)
    known = platform.database.execute(
        "select submission_id, request from idempotency where account = ? and key = ?", (user.name, key)
    ).fetchone()
    if known is not None:
        if known["request"] != wanted:
            raise ProblemError("idempotency_key_reused")
        row = find_submission(platform, known["submission_id"])
        if row["state"] == "given_up":
            _take_up_again(platform, row)
        return str(known["submission_id"]), False
    programme = platform.programme(text_of(body, "programme_id", 200))
    files = _read_files(platform, programme, body)
    check_window(platform.sending_window(programme), platform.now())
    wish = Wish(programme.id, text_of(body, "title", 500), _fingerprint(body), files, wanted)
    with transaction(platform.database):
        make_room(platform, user.unit, programme.id, "")
        submission_id = announce(platform, wish, user)
        platform.database.execute(
            "insert into idempotency values (?, ?, ?, ?)", (user.name, key, submission_id, wanted)
        )
    return submission_id, True


@dataclass(frozen=True, slots=True)
class Wish:
    """What a unit wants to hand in; ``files`` are delivery id, name, size and SHA-256."""

    programme_id: str
    title: str
    fingerprint: str
    files: Sequence[tuple[str, str, int, str]]
    request: str = ""


def announce(platform: Platform, wish: Wish, user: User) -> str:
    """Write down a new submission whose files are awaited, inside a transaction; give its number."""
    submission_id = _next_number(platform)
    platform.database.execute(
        "insert into submissions (id, programme_id, title, fingerprint, unit, account, state, request,"
        " created_at) values (?, ?, ?, ?, ?, ?, 'uploading', ?, ?)",
        (
            submission_id,
            wish.programme_id,
            wish.title,
            wish.fingerprint,
            user.unit,
            user.name,
            wish.request,
            format_moment(platform.now()),
        ),
    )
    platform.database.executemany(
        "insert into files values (?, ?, ?, ?, ?)", [(submission_id, *file) for file in wish.files]
    )
    return submission_id


async def list_submissions(request: Request) -> Response:
    """Answer ``GET /submissions``, newest first."""
    platform = platform_of(request)
    user = require_user(platform, request)
    waiting = request.query_params.get("waiting", "false")
    if waiting not in ("true", "false"):
        raise ProblemError("request_unreadable", detail="waiting")
    rows = seen_submissions(platform, user, waiting=waiting == "true")
    return answer_json({"submissions": [show_submission(platform, row["id"]) for row in rows]})


async def read_submission(request: Request) -> Response:
    """Answer ``GET /submissions/{id}``."""
    platform, row = require_submission(request)
    return answer_json(show_submission(platform, row["id"]))


async def read_receipt(request: Request) -> Response:
    """Answer ``GET /submissions/{id}/receipt``."""
    _, row = require_submission(request)
    if row["receipt"] is None:
        raise ProblemError("wrong_state", state=row["state"])
    return Response(row["receipt"], media_type="application/vnd.shenbao.receipt+json")


async def read_file(request: Request) -> Response:
    """Answer ``GET /submissions/{id}/files/{delivery_id}``."""
    platform, row = require_submission(request)
    upload = whole_upload(platform, row["id"], request.path_params["delivery_id"])
    if upload is None or row["received_at"] is None:
        raise ProblemError("not_found")
    return FileResponse(platform.upload_path(upload["id"]), media_type="application/octet-stream")


def require_submission(request: Request, *, own: bool = False) -> tuple[Platform, sqlite3.Row]:
    """Give the submission the path names, if the user may see it; ``own``: only to the unit that sends it."""
    platform = platform_of(request)
    user = require_user(platform, request)
    row = seen_submission(platform, user, request.path_params["submission_id"])
    if own and (user.role is Role.REVIEWER or user.unit != row["unit"]):
        raise ProblemError("forbidden")
    return platform, row


def seen_submission(platform: Platform, user: User, submission_id: str) -> sqlite3.Row:
    """Give a submission if the user may see it; else it is not there for him (``not_found``)."""
    row = find_submission(platform, submission_id)
    if not _may_see(platform, user, row):
        raise ProblemError("not_found")
    return row


def seen_submissions(platform: Platform, user: User, *, waiting: bool = False) -> list[sqlite3.Row]:
    """Give what the user may see, newest first; ``waiting``: only what waits for this reviewer now."""
    rows = platform.database.execute("select * from submissions order by rowid desc").fetchall()
    seen = [row for row in rows if _may_see(platform, user, row)]
    return [row for row in seen if waits_for(user, row)] if waiting else seen


def waits_for(user: User, row: sqlite3.Row) -> bool:
    """Tell whether a submission waits for this reviewer."""
    return bool(row["state"] == "in_review" and row["stage"] in user.stages)


def find_submission(platform: Platform, submission_id: str) -> sqlite3.Row:
    """Give a submission's row; refuses with ``not_found``."""
    row = platform.database.execute("select * from submissions where id = ?", (submission_id,)).fetchone()
    if not isinstance(row, sqlite3.Row):
        raise ProblemError("not_found")
    return row


def whole_upload(platform: Platform, submission_id: str, delivery_id: str) -> sqlite3.Row | None:
    """Give the complete upload of a file, or None."""
    row = platform.database.execute(
        "select * from uploads where submission_id = ? and delivery_id = ? and part is null"
        " and position = length",
        (submission_id, delivery_id),
    ).fetchone()
    return row if isinstance(row, sqlite3.Row) else None


def add_history(
    platform: Platform,
    submission_id: str,
    kind: str,
    stage: str,
    who: str,
    at: datetime,
    reason: str = "",
    marks: str = "[]",
) -> None:
    """Append to a submission's history; ``marks`` is JSON text."""
    platform.database.execute(
        "insert into history select ?, count(*) + 1, ?, ?, ?, ?, ?, ? from history where submission_id = ?",
        (submission_id, kind, stage, format_moment(at), who, reason, marks, submission_id),
    )


def show_submission(platform: Platform, submission_id: str) -> dict[str, object]:
    """Give a submission as the contract's ``Submission``."""
    row = find_submission(platform, submission_id)
    programme = platform.site.programmes.get(row["programme_id"])
    labels = {stage.id: stage.label for stage in programme.stages} if programme else {}
    query = platform.database.execute
    history = [
        {
            **{k: entry[k] for k in ("kind", "stage", "at", "who", "reason")},
            "marks": json.loads(entry["marks"]),
        }
        for entry in query("select * from history where submission_id = ? order by number", (submission_id,))
    ]
    returns = [entry for entry in history if entry["kind"] == "returned"]
    files = [
        {
            **{k: file[k] for k in ("delivery_id", "name", "size", "sha256")},
            "received": whole_upload(platform, submission_id, file["delivery_id"]) is not None,
        }
        for file in query(
            "select * from files where submission_id = ? order by delivery_id", (submission_id,)
        )
    ]
    plain = ("id", "programme_id", "title", "fingerprint", "unit", "account", "state", "stage", "replaces")
    return {
        **{key: row[key] for key in plain},
        "stage_label": labels.get(row["stage"], ""),
        "reason": returns[-1]["reason"] if returns else "",
        "marks": returns[-1]["marks"] if returns else [],
        "files": files,
        "created_at": row["created_at"],
        "received_at": row["received_at"],
        "approved_at": row["approved_at"],
        "verification_code": row["verification_code"],
        "history": history,
        "rehearsal": True,
    }


def _may_see(platform: Platform, user: User, row: sqlite3.Row) -> bool:
    if user.role is not Role.REVIEWER:
        return bool(user.unit == row["unit"])
    if user.unit and user.unit != row["unit"]:
        return False
    programme = platform.site.programmes.get(row["programme_id"])
    chain = {stage.id for stage in reviewing_stages(programme)} if programme else set()
    return row["received_at"] is not None and not chain.isdisjoint(user.stages)


def make_room(platform: Platform, unit: str, programme_id: str, submission_id: str) -> str:
    """Settle what else the unit has for the programme; give the returned one that is being corrected."""
    others = platform.database.execute(
        "select id, state from submissions where unit = ? and programme_id = ? and id <> ?"
        " order by rowid desc",
        (unit, programme_id, submission_id),
    ).fetchall()
    for other in others:
        if other["state"] in _LIVE:
            raise ProblemError("already_submitted", number=other["id"])
        if other["state"] == "uploading":
            platform.database.execute(
                "update submissions set state = 'given_up' where id = ?", (other["id"],)
            )
    return next((str(other["id"]) for other in others if other["state"] == "returned"), "")


def _take_up_again(platform: Platform, row: sqlite3.Row) -> None:
    check_window(platform.sending_window(platform.programme(row["programme_id"])), platform.now())
    with transaction(platform.database):
        make_room(platform, row["unit"], row["programme_id"], row["id"])
        platform.database.execute("update submissions set state = 'uploading' where id = ?", (row["id"],))


def _next_number(platform: Platform) -> str:
    """Give the next number: 演练 in pinyin initials, the year, a running number."""
    number = int(read_setting(platform.database, "last_number", "0")) + 1
    write_setting(platform.database, "last_number", str(number))
    return f"YL{platform.now().year}-{number:06d}"


def _read_files(
    platform: Platform, programme: Programme, body: Mapping[str, object]
) -> list[tuple[str, str, int, str]]:
    wanted = {delivery.id: delivery for delivery in deliveries_of(platform.site, programme)}
    listed = body.get("files")
    if not isinstance(listed, list):
        raise ProblemError("request_unreadable", detail="files")
    files: list[tuple[str, str, int, str]] = []
    for file in listed:
        if not isinstance(file, dict):
            raise ProblemError("request_unreadable", detail="files")
        delivery, sha256 = text_of(file, "delivery_id", 200), text_of(file, "sha256", 64)
        size = whole_number(file, "size", MOST_BYTES)
        if delivery not in wanted or any(delivery == known[0] for known in files):
            raise ProblemError("delivery_unknown", delivery=delivery)
        if size < 1 or not _SHA256.fullmatch(sha256):
            raise ProblemError("request_unreadable", detail="files")
        if size > MAX_SIZE:
            raise ProblemError("too_large", max_size=MAX_SIZE)
        files.append((delivery, text_of(file, "name", 255), size, sha256))
    bundle = bundle_delivery(platform.site, programme).id
    for missing in wanted.values():
        if (missing.at_once or missing.id == bundle) and not any(missing.id == known[0] for known in files):
            raise ProblemError("delivery_missing", delivery=missing.id, label=missing.label)
    return files


def _fingerprint(body: Mapping[str, object]) -> str:
    text = text_of(body, "fingerprint", 71)
    kind, _, digits = text.partition(":")
    if kind != "sha256" or not _SHA256.fullmatch(digits):
        raise ProblemError("request_unreadable", detail="fingerprint")
    return text
