"""What reviewers do: notes, approval or return at each stage in turn, the watermarked report."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.clock import format_moment
from app.errors import AppError
from app.practice.accounts import User, require_user
from app.practice.database import read_setting, transaction
from app.practice.files import write_file
from app.practice.key import sign_document
from app.practice.platform import CONTRACT, Platform, answer_json, check_window, read_json, text_of
from app.practice.problems import ProblemError
from app.practice.site import Window, bundle_delivery, reviewing_stages
from app.practice.submissions import add_history, require_submission, show_submission, whole_upload

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_MARK_PATH = re.compile(r"[^/\s]+(/[^/\s]+){0,2}")


async def read_review_draft(request: Request) -> Response:
    """Answer ``GET /submissions/{id}/review``."""
    platform, row = require_submission(request)
    user = require_user(platform, request)
    draft = platform.database.execute(
        "select * from review_drafts where submission_id = ? and account = ?", (row["id"], user.name)
    ).fetchone()
    if draft is None:
        return answer_json({"reason": "", "marks": []})
    return answer_json({"reason": draft["reason"], "marks": json.loads(draft["marks"])})


async def save_review_draft(request: Request) -> Response:
    """Answer ``PUT /submissions/{id}/review``."""
    platform, row = require_submission(request)
    user = require_user(platform, request)
    body = await read_json(request)
    reason, marks = text_of(body, "reason", 4000), _read_marks(body)
    _check_turn(platform, user, row, row["stage"])
    platform.database.execute(
        "insert or replace into review_drafts values (?, ?, ?, ?)",
        (row["id"], user.name, reason, json.dumps(marks, ensure_ascii=False)),
    )
    return answer_json({"reason": reason, "marks": marks})


async def decide_review(request: Request) -> Response:
    """Answer ``POST /submissions/{id}/reviews``; a return without a reason is refused."""
    platform, row = require_submission(request)
    user = require_user(platform, request)
    body = await read_json(request)
    # reading the body took time: someone else may have decided meanwhile
    platform, row = require_submission(request)
    stage, decision = text_of(body, "stage", 200), text_of(body, "decision", 20)
    reason, marks = text_of(body, "reason", 4000, "").strip(), _read_marks(body)
    if decision not in ("approve", "return"):
        raise ProblemError("request_unreadable", detail="decision")
    _check_turn(platform, user, row, stage)
    now = platform.now()
    if decision == "return":
        if not reason:
            raise ProblemError("reason_missing")
        change: dict[str, object] = {"state": "returned"}
    else:
        change = _approve(platform, row, stage, now)
    with transaction(platform.database):
        columns = ", ".join(f"{column} = ?" for column in change)
        platform.database.execute(
            f"update submissions set {columns} where id = ?", (*change.values(), row["id"])
        )
        platform.database.execute("delete from review_drafts where submission_id = ?", (row["id"],))
        kind = "returned" if decision == "return" else "approved"
        written = json.dumps(marks, ensure_ascii=False)
        add_history(platform, row["id"], kind, stage, user.label or user.name, now, reason, written)
    return answer_json(show_submission(platform, row["id"]), 201)


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


def _check_turn(platform: Platform, user: User, row: sqlite3.Row, stage_id: str) -> None:
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
    upload = whole_upload(platform, row["id"], bundle_delivery(platform.site, programme).id)
    if upload is None:
        raise ProblemError("not_found")
    code = _verification_code()
    try:
        pdf = platform.site.render_report(platform.upload_path(upload["id"]), code, now)
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


def _read_marks(body: Mapping[str, object]) -> list[dict[str, object]]:
    listed = body.get("marks", [])
    if not isinstance(listed, list) or len(listed) > 500:
        raise ProblemError("request_unreadable", detail="marks")
    marks: list[dict[str, object]] = []
    for mark in listed:
        if not isinstance(mark, dict):
            raise ProblemError("request_unreadable", detail="marks")
        text, path, page = text_of(mark, "text", 2000), text_of(mark, "path", 200, ""), mark.get("page", 0)
        if not text.strip() or (path and not _MARK_PATH.fullmatch(path)):
            raise ProblemError("request_unreadable", detail="marks")
        if not isinstance(page, int) or isinstance(page, bool) or page < 0:
            raise ProblemError("request_unreadable", detail="marks")
        marks.append({"text": text, "path": path, "page": page})
    return marks
