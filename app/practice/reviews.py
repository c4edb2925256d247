"""What reviewers do: notes, approval or return at each stage in turn, the watermarked report."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.clock import format_moment
from app.errors import AppError
from app.practice.accounts import User, require_user
from app.practice.database import read_setting, transaction
from app.practice.files import write_file
from app.practice.key import sign_document
from app.practice.platform import (
    CONTRACT,
    Platform,
    answer_json,
    check_window,
    read_json,
    text_of,
    whole_number,
)
from app.practice.problems import ProblemError
from app.practice.site import Window, bundle_delivery, reviewing_stages
from app.practice.submissions import (
    add_history,
    find_submission,
    require_submission,
    show_submission,
    whole_upload,
)
from app.services.reviewing import Review

MAX_REASON, MAX_TEXT, MAX_MARKS, MAX_PAGE = 4000, 2000, 500, 10_000
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_MARK_PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}")
_BLANK = " \t\r\n\u3000"

Mark = dict[str, object]
"""``text``, ``path`` and ``page`` of a comment, as in the contract."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What a reviewer wrote and has not decided upon."""

    reason: str = ""
    marks: tuple[Mark, ...] = ()


async def read_review_draft(request: Request) -> Response:
    """Answer ``GET /submissions/{id}/review``."""
    platform, row = require_submission(request)
    notes = read_notes(platform, require_user(platform, request), row["id"])
    return answer_json({"reason": notes.reason, "marks": list(notes.marks)})


async def save_review_draft(request: Request) -> Response:
    """Answer ``PUT /submissions/{id}/review``."""
    platform, row = require_submission(request)
    user = require_user(platform, request)
    body = await read_json(request)
    notes = Notes(text_of(body, "reason", MAX_REASON), read_marks(body.get("marks")))
    keep_notes(platform, user, find_submission(platform, row["id"]), notes)
    return answer_json({"reason": notes.reason, "marks": list(notes.marks)})


def read_notes(platform: Platform, user: User, submission_id: str) -> Notes:
    """Give what this reviewer has noted; empty notes if there are none."""
    draft = platform.database.execute(
        "select * from review_drafts where submission_id = ? and account = ?", (submission_id, user.name)
    ).fetchone()
    return Notes() if draft is None else Notes(draft["reason"], tuple(json.loads(draft["marks"])))


def keep_notes(platform: Platform, user: User, row: sqlite3.Row, notes: Notes) -> None:
    """Keep notes without deciding; refuses as ``check_turn``."""
    check_turn(platform, user, row, row["stage"])
    platform.database.execute(
        "insert or replace into review_drafts values (?, ?, ?, ?)",
        (row["id"], user.name, notes.reason, json.dumps(notes.marks, ensure_ascii=False)),
    )


async def decide_review(request: Request) -> Response:
    """Answer ``POST /submissions/{id}/reviews``; a return without a reason is refused."""
    platform, row = require_submission(request)
    user = require_user(platform, request)
    body = await read_json(request)
    # reading the body took time: someone else may have decided meanwhile
    row = find_submission(platform, row["id"])
    stage, decision = text_of(body, "stage", 200), text_of(body, "decision", 20)
    notes = Notes(text_of(body, "reason", MAX_REASON, "").strip(), read_marks(body.get("marks", [])))
    if decision not in ("approve", "return"):
        raise ProblemError("request_unreadable", detail="decision")
    decide(platform, user, row, stage, notes, approved=decision == "approve")
    return answer_json(show_submission(platform, row["id"]), 201)


def decide(
    platform: Platform, user: User, row: sqlite3.Row, stage: str, notes: Notes, *, approved: bool
) -> None:
    """Approve or return at the stage whose turn it is.

    Refuses as ``check_turn``, with ``reason_missing`` and, where the report cannot be laid out,
    ``bundle_refused``.
    """
    check_turn(platform, user, row, stage)
    now = platform.now()
    if not approved and not notes.reason.strip():
        raise ProblemError("reason_missing")
    change = _approve(platform, row, stage, now) if approved else {"state": "returned"}
    with transaction(platform.database):
        columns = ", ".join(f"{column} = ?" for column in change)
        platform.database.execute(
            f"update submissions set {columns} where id = ?", (*change.values(), row["id"])
        )
        platform.database.execute("delete from review_drafts where submission_id = ?", (row["id"],))
        kind = "approved" if approved else "returned"
        written = json.dumps(notes.marks, ensure_ascii=False)
        add_history(platform, row["id"], kind, stage, user.label or user.name, now, notes.reason, written)


async def read_changes(request: Request) -> Response:
    """Answer ``GET /submissions/{id}/changes``: found by the platform itself, from the two bundles."""
    platform, row = require_submission(request)
    if row["received_at"] is None:
        raise ProblemError("wrong_state", state=row["state"])
    review = await review_of(platform, row)
    changes = [
        {
            "subject": line.correction.subject.value,
            "kind": line.correction.kind.value,
            "path": line.path,
            "place": line.place,
            "before": line.before,
            "after": line.after,
        }
        for line in review.corrections
    ]
    return answer_json({"since": row["replaces"], "changes": changes})


async def review_of(platform: Platform, row: sqlite3.Row) -> Review:
    """Give a received report for a reviewer; read once, away from the requests of others.

    Refuses with ``bundle_refused`` where the bundle cannot be read any more.
    """
    if row["id"] not in platform.reviews:
        bundle, returned = bundle_path(platform, row), None
        if row["replaces"]:
            returned = bundle_path(platform, find_submission(platform, row["replaces"]))
        now = platform.now()
        try:
            review = await run_in_threadpool(platform.site.read_review, bundle, returned, now)
        except AppError as error:
            raise ProblemError("bundle_refused", reason=error.code) from error
        platform.keep_review(row["id"], review)
    return platform.reviews[row["id"]]


def bundle_path(platform: Platform, row: sqlite3.Row) -> Path:
    """Give the file of a received report's bundle; refuses with ``not_found``."""
    delivery = bundle_delivery(platform.site, platform.programme(row["programme_id"]))
    upload = whole_upload(platform, row["id"], delivery.id)
    if upload is None:
        raise ProblemError("not_found")
    return platform.upload_path(upload["id"])


async def read_approval(request: Request) -> Response:
    """Answer ``GET /submissions/{id}/approval``."""
    _, row = require_submission(request)
    if row["approval"] is None:
        raise ProblemError("wrong_state", state=row["state"])
    return Response(row["approval"], media_type="application/vnd.shenbao.approval+json")


async def read_report(request: Request) -> Response:
    """Answer ``GET /submissions/{id}/report``."""
    platform, row = require_submission(request)
    if not row["report"]:
        raise ProblemError("wrong_state", state=row["state"])
    return FileResponse(platform.folder / "reports" / row["report"], media_type="application/pdf")


def check_turn(platform: Platform, user: User, row: sqlite3.Row, stage_id: str) -> None:
    """Refuse where this reviewer may not act on this submission at this stage now."""
    programme = platform.programme(row["programme_id"])
    stage = next((stage for stage in reviewing_stages(programme) if stage.id == stage_id), None)
    if stage is None and row["state"] == "in_review":
        raise ProblemError("stage_unknown")
    if stage is None or row["state"] != "in_review" or row["stage"] != stage.id:
        raise ProblemError("wrong_state", state=row["state"])
    if stage.id not in user.stages:
        raise ProblemError("forbidden")
    window = platform.window(programme, stage)
    if read_setting(platform.database, "late_reviews", "") == "yes":
        window = Window(window.opens, None)
    check_window(window, platform.now())


def _approve(platform: Platform, row: sqlite3.Row, stage_id: str, now: datetime) -> dict[str, object]:
    """Give what changes: the next stage's turn, or at the last one the code, the report and its signature."""
    programme = platform.programme(row["programme_id"])
    chain = [stage.id for stage in reviewing_stages(programme)]
    position = chain.index(stage_id) + 1
    if position < len(chain):
        return {"stage": chain[position]}
    code = _verification_code()
    try:
        pdf = platform.site.render_report(bundle_path(platform, row), code, now)
    except AppError as error:
        raise ProblemError("bundle_refused", reason=error.code) from error
    name = f"{row['id']}.pdf"
    write_file(platform.folder / "reports" / name, pdf)
    content = {
        "contract": CONTRACT,
        "number": row["id"],
        "platform": platform.site.words.platform("name"),
        "rehearsal": True,
        "programme_id": programme.id,
        "fingerprint": row["fingerprint"],
        "verification_code": code,
        "approved_at": format_moment(now),
        "report_sha256": hashlib.sha256(pdf).hexdigest(),
    }
    return {
        "state": "approved",
        "stage": "",
        "approved_at": format_moment(now),
        "verification_code": code,
        "approval": sign_document(platform.key, "approval", content),
        "report": name,
    }


def _verification_code() -> str:
    """Give a code of the rehearsal (YL for 演练) without characters that are mistaken on paper."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    return "YL-" + "-".join(groups)


def read_marks(listed: object) -> tuple[Mark, ...]:
    """Read marks as the contract writes them; refuses with ``request_unreadable``."""
    if not isinstance(listed, list) or len(listed) > MAX_MARKS:
        raise ProblemError("request_unreadable", detail="marks")
    return tuple(_read_mark(mark) for mark in listed)


def _read_mark(mark: object) -> Mark:
    if not isinstance(mark, dict):
        raise ProblemError("request_unreadable", detail="marks")
    text, path = text_of(mark, "text", MAX_TEXT), text_of(mark, "path", 200, "")
    if not text.strip(_BLANK) or (path and not _MARK_PATH.fullmatch(path)):
        raise ProblemError("request_unreadable", detail="marks")
    return {"text": text, "path": path, "page": whole_number(mark, "page", MAX_PAGE, 0)}
