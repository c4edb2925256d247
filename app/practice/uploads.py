"""Files by tus 1.0.0: creation, checksum, expiration, termination, concatenation.

A body is read whole before anything of it counts, then checked, written and committed without waiting for
anything else: two requests for one upload can never interleave, so there is no lock a dead line could hold.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import hmac
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from email.utils import format_datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.practice.database import transaction
from app.practice.expiry import expires_at, throw_expired
from app.practice.files import join_files, write_at
from app.practice.platform import MAX_CHUNK, MAX_SIZE, Platform, read_body
from app.practice.problems import ProblemError
from app.practice.submissions import find_submission, require_submission

TUS = "1.0.0"
MAX_PARTS = 64


async def describe_uploads(request: Request) -> Response:
    """Answer ``OPTIONS /submissions/{id}/uploads``."""
    headers = {
        "Tus-Resumable": TUS,
        "Tus-Version": TUS,
        "Tus-Extension": "creation,checksum,expiration,termination,concatenation",
        "Tus-Checksum-Algorithm": "sha256",
        "Tus-Max-Size": str(MAX_SIZE),
    }
    return Response(status_code=204, headers=headers)


async def create_upload(request: Request) -> Response:
    """Answer ``POST /submissions/{id}/uploads``: begin a file, begin a part, or join parts."""
    _check_version(request)
    platform, submission = require_submission(request, own=True)
    if submission["state"] != "uploading":
        raise ProblemError("wrong_state", state=submission["state"])
    metadata = _read_metadata(request.headers.get("upload-metadata", ""))
    file = platform.database.execute(
        "select * from files where submission_id = ? and delivery_id = ?",
        (submission["id"], metadata.get("delivery", "")),
    ).fetchone()
    if file is None or metadata.get("sha256") != file["sha256"]:
        raise ProblemError("delivery_unknown", delivery=metadata.get("delivery", ""))
    concat = request.headers.get("upload-concat", "")
    part = _part_number(metadata.get("part", "")) if concat == "partial" else None
    known = platform.database.execute(
        "select * from uploads where submission_id = ? and delivery_id = ? and part is ?",
        (submission["id"], file["delivery_id"], part),
    ).fetchone()
    if known is not None and not throw_expired(platform, known):
        return _show(platform, known, 200, created=True)
    if concat.startswith("final;"):
        return _show(
            platform, _join(platform, file, concat.removeprefix("final;").split()), 201, created=True
        )
    length = _whole_number(request.headers.get("upload-length", ""))
    if (part is None and length != file["size"]) or not 0 < length <= file["size"]:
        raise ProblemError("request_unreadable", detail="Upload-Length")
    upload_id = secrets.token_hex(16)
    platform.database.execute(
        "insert into uploads values (?, ?, ?, ?, ?, 0)",
        (upload_id, submission["id"], file["delivery_id"], part, length),
    )
    return _show(platform, _find(platform, upload_id), 201, created=True)


async def read_upload(request: Request) -> Response:
    """Answer ``HEAD /uploads/{id}``."""
    platform, upload = _require_upload(request)
    return _show(platform, upload, 200)


async def append_upload(request: Request) -> Response:
    """Answer ``PATCH /uploads/{id}``: acknowledged bytes are synced to disk and the offset is committed."""
    platform, upload = _require_upload(request)
    if request.headers.get("content-type", "") != "application/offset+octet-stream":
        raise ProblemError("wrong_type")
    offset = _whole_number(request.headers.get("upload-offset", ""))
    checksum = request.headers.get("upload-checksum", "")
    if not re.fullmatch(r"sha256 [A-Za-z0-9+/]{43}=", checksum):
        raise ProblemError("checksum_missing")
    try:
        body = await read_body(request, MAX_CHUNK, ProblemError("chunk_too_large", max_chunk=MAX_CHUNK))
    except ClientDisconnect:
        # a line that broke is no fault of the platform; nobody reads this answer
        return Response(status_code=400)
    found = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if not hmac.compare_digest(found, checksum.partition(" ")[2]):
        raise ProblemError("checksum_mismatch")
    # reading the body took time: another request may have moved the upload on or ended it
    upload = _find(platform, upload["id"])
    submission = find_submission(platform, upload["submission_id"])
    if submission["state"] != "uploading":
        raise ProblemError("wrong_state", state=submission["state"])
    if offset != upload["position"]:
        raise ProblemError("offset_mismatch", headers={"Upload-Offset": str(upload["position"])})
    if offset + len(body) > upload["length"]:
        raise ProblemError("too_large", max_size=upload["length"])
    with _room_on_disk():
        write_at(platform.upload_path(upload["id"]), offset, body)
        platform.database.execute(
            "update uploads set position = ? where id = ?", (offset + len(body), upload["id"])
        )
    return _show(platform, _find(platform, upload["id"]), 204)


async def end_upload(request: Request) -> Response:
    """Answer ``DELETE /uploads/{id}``; a file that was handed in stays."""
    platform, upload = _require_upload(request)
    if find_submission(platform, upload["submission_id"])["received_at"] is not None:
        raise ProblemError("wrong_state", state="received")
    platform.database.execute("delete from uploads where id = ?", (upload["id"],))
    platform.upload_path(upload["id"]).unlink(missing_ok=True)
    return Response(status_code=204, headers={"Tus-Resumable": TUS})


def _join(platform: Platform, file: sqlite3.Row, addresses: list[str]) -> sqlite3.Row:
    """Join complete parts in the order given; the joined file is on disk before the parts are forgotten."""
    if not 0 < len(addresses) <= MAX_PARTS:
        raise ProblemError("request_unreadable", detail="Upload-Concat")
    parts = [_find(platform, address.rstrip("/").rpartition("/")[2]) for address in addresses]
    for part in parts:
        if (part["submission_id"], part["delivery_id"]) != (file["submission_id"], file["delivery_id"]):
            raise ProblemError("request_unreadable", detail="Upload-Concat")
        if part["part"] is None or part["position"] != part["length"]:
            raise ProblemError("request_unreadable", detail="Upload-Concat")
    if sum(part["length"] for part in parts) != file["size"]:
        raise ProblemError("request_unreadable", detail="Upload-Concat")
    upload_id = secrets.token_hex(16)
    with _room_on_disk():
        join_files([platform.upload_path(part["id"]) for part in parts], platform.upload_path(upload_id))
        with transaction(platform.database):
            platform.database.execute(
                "insert into uploads values (?, ?, ?, null, ?, ?)",
                (upload_id, file["submission_id"], file["delivery_id"], file["size"], file["size"]),
            )
            platform.database.executemany(
                "delete from uploads where id = ?", [(part["id"],) for part in parts]
            )
    for part in parts:
        platform.upload_path(part["id"]).unlink(missing_ok=True)
    return _find(platform, upload_id)


def _require_upload(request: Request) -> tuple[Platform, sqlite3.Row]:
    _check_version(request)
    platform = request.app.state.platform
    upload = _find(platform, request.path_params["upload_id"])
    request.scope["path_params"] = {**request.path_params, "submission_id": upload["submission_id"]}
    require_submission(request, own=True)
    if throw_expired(platform, upload):
        raise ProblemError("not_found")
    return platform, upload


def _find(platform: Platform, upload_id: str) -> sqlite3.Row:
    row = platform.database.execute("select * from uploads where id = ?", (upload_id,)).fetchone()
    if not isinstance(row, sqlite3.Row):
        raise ProblemError("not_found")
    return row


def _show(platform: Platform, upload: sqlite3.Row, status: int, *, created: bool = False) -> Response:
    headers = {
        "Tus-Resumable": TUS,
        "Upload-Offset": str(upload["position"]),
        "Upload-Length": str(upload["length"]),
        "Cache-Control": "no-store",
    }
    expires = expires_at(platform, upload)
    if expires is not None:
        headers["Upload-Expires"] = format_datetime(expires.astimezone(UTC), usegmt=True)
    if created:
        headers["Location"] = f"/uploads/{upload['id']}"
    if upload["part"] is not None:
        headers["Upload-Concat"] = "partial"
    return Response(status_code=status, headers=headers)


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable", "") != TUS:
        raise ProblemError("tus_version", headers={"Tus-Version": TUS})


def _read_metadata(header: str) -> dict[str, str]:
    metadata: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            metadata[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ProblemError("request_unreadable", detail="Upload-Metadata") from None
    return metadata


def _part_number(text: str) -> int:
    number = _whole_number(text)
    if number >= MAX_PARTS:
        raise ProblemError("request_unreadable", detail="part")
    return number


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ProblemError("request_unreadable", detail="number")
    return int(text)


@contextmanager
def _room_on_disk() -> Iterator[None]:
    """Turn a full disk into an answer the client can wait on."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ProblemError("storage_full", headers={"Retry-After": "60"}) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise ProblemError("storage_full", headers={"Retry-After": "60"}) from error
