"""Handing a report in: everything is proved before anything is signed."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from app.clock import format_moment, parse_moment
from app.errors import AppError
from app.model.programme import Counts, Delivery, Programme
from app.practice.accounts import label_of
from app.practice.database import transaction
from app.practice.files import hash_file
from app.practice.key import sign_document
from app.practice.platform import CONTRACT, Platform, answer_json, check_window
from app.practice.problems import ProblemError
from app.practice.site import (
    BundleInfo,
    Window,
    bundle_delivery,
    deliveries_of,
    reviewing_stages,
    sending_stages,
)
from app.practice.submissions import (
    add_history,
    make_room,
    require_submission,
    show_submission,
    whole_upload,
)


async def complete_submission(request: Request) -> Response:
    """Answer ``POST /submissions/{id}/complete``."""
    platform, row = require_submission(request, own=True)
    if row["received_at"] is None:
        hand_in(platform, row)
    return answer_json(show_submission(platform, row["id"]))


def hand_in(platform: Platform, row: sqlite3.Row) -> None:
    """Take a submission in; everything is proved before anything is signed.

    Refuses with ``wrong_state``, as ``check_window``, and for files and bundle as the contract says.
    """
    if row["state"] != "uploading":
        raise ProblemError("wrong_state", state=row["state"])
    now = platform.now()
    programme = platform.programme(row["programme_id"])
    _check_in_time(platform, programme, row, now)
    for delivery in deliveries_of(platform.site, programme):
        _check_file(platform, row["id"], delivery)
    info = _check_bundle(platform, programme, row)
    with transaction(platform.database):
        replaces = make_room(platform, row["unit"], programme.id, row["id"])
        stages = reviewing_stages(programme)
        receipt = sign_document(platform.key, "receipt", _receipt(platform, row, info, now, replaces))
        platform.database.execute(
            "update submissions set state = ?, stage = ?, replaces = ?, received_at = ?, receipt = ?"
            " where id = ?",
            (
                "in_review" if stages else "received",
                stages[0].id if stages else "",
                replaces,
                format_moment(now),
                receipt,
                row["id"],
            ),
        )
        if replaces:
            platform.database.execute("update submissions set state = 'replaced' where id = ?", (replaces,))
        add_history(platform, row["id"], "submitted", "", label_of(platform, row["account"]), now)


def _check_in_time(platform: Platform, programme: Programme, row: sqlite3.Row, now: datetime) -> None:
    window = platform.sending_window(programme)
    if any(stage.counts is Counts.STARTED for stage in sending_stages(programme)):
        # a notice by which beginning counts: what was announced in time may arrive later
        check_window(window, parse_moment(row["created_at"]))
        window = Window(window.opens, None)
    check_window(window, now)


def _check_file(platform: Platform, submission_id: str, delivery: Delivery) -> None:
    """Prove that an announced file is there in whole; a damaged one is thrown away to be sent again."""
    file = platform.database.execute(
        "select * from files where submission_id = ? and delivery_id = ?", (submission_id, delivery.id)
    ).fetchone()
    if file is None:
        return
    upload = whole_upload(platform, submission_id, delivery.id)
    if upload is None:
        raise ProblemError("delivery_missing", delivery=delivery.id, label=delivery.label)
    path = platform.upload_path(upload["id"])
    if hash_file(path) != file["sha256"]:
        platform.database.execute("delete from uploads where id = ?", (upload["id"],))
        path.unlink(missing_ok=True)
        raise ProblemError("whole_file_mismatch", delivery=delivery.id, label=delivery.label)
    if delivery.media_type == "application/pdf":
        with path.open("rb") as content:
            if b"%PDF-" not in content.read(1024):  # as readers do: scanners write before it
                raise ProblemError("file_refused", delivery=delivery.id, label=delivery.label)


def _check_bundle(platform: Platform, programme: Programme, row: sqlite3.Row) -> BundleInfo:
    upload = whole_upload(platform, row["id"], bundle_delivery(platform.site, programme).id)
    if upload is None:
        raise ProblemError("not_found")
    try:
        info = platform.site.verify_bundle(platform.upload_path(upload["id"]))
    except AppError as error:
        raise ProblemError("bundle_refused", reason=error.code) from error
    if info.fingerprint != row["fingerprint"] or info.programme_id != programme.id:
        raise ProblemError("fingerprint_mismatch")
    if info.form_version != programme.form_version:
        raise ProblemError("bundle_of_another_form", expected=programme.form_version, found=info.form_version)
    return info


def _receipt(
    platform: Platform, row: sqlite3.Row, info: BundleInfo, now: datetime, replaces: str
) -> dict[str, object]:
    bundle = bundle_delivery(platform.site, platform.programme(row["programme_id"])).id
    shown = show_submission(platform, row["id"])
    listed = shown["files"]
    files = [
        {k: file[k] for k in ("delivery_id", "name", "size", "sha256")}
        for file in (listed if isinstance(listed, list) else [])
    ]
    return {
        "contract": CONTRACT,
        "number": row["id"],
        "platform": platform.site.words.platform("name"),
        "rehearsal": True,
        "programme_id": info.programme_id,
        "form_version": info.form_version,
        "title": row["title"],
        "unit": row["unit"],
        "account": row["account"],
        "fingerprint": info.fingerprint,
        "bundle_sha256": next(file["sha256"] for file in files if file["delivery_id"] == bundle),
        "files": files,
        "received_at": format_moment(now),
        "replaces": replaces,
    }
