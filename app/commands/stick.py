"""The commands that send by a folder somebody carries: submit, fetch and practice with ``--folder``."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from app.clock import format_moment, system_clock
from app.commands.setting import put, say, tell, workplace_of
from app.errors import AppError, UsageError
from app.messages import Messages
from app.model.submission import Receipt
from app.practice.folders import Taken, take_folder
from app.practice.server import create_app
from app.practice.site import Site
from app.services.accounts import Platform, keep_platform, read_platform
from app.services.stick import fetch_by_stick, stick_account, submit_by_stick
from app.services.submitting import Account, SubmissionStatus
from app.services.workplace import Workplace


def submit_to_folder(arguments: Namespace, messages: Messages) -> int:
    """Write the revision sealed last onto the stick; a receipt that lies there already is told."""
    folder = Path(arguments.folder)
    with workplace_of(arguments, messages) as workplace:
        account = _account(arguments, workplace)
        receipt = submit_by_stick(
            workplace,
            arguments.draft,
            account,
            folder,
            lambda done, total: tell(messages.text("replies", "sending", done=done, total=total)),
            lambda: False,
        )
        if receipt is not None:
            _trust(workplace, account)
    if receipt is not None:
        tell_receipt(receipt, messages, arguments.json)
    elif arguments.json:
        put({"folder": str(folder), "awaiting": True})
    else:
        say(messages.text("replies", "stick_written", folder=folder))
    return 0


def fetch_from_folder(arguments: Namespace, messages: Messages) -> int:
    """Take the platform's answer from the stick and say how the submission stands."""
    folder = Path(arguments.folder)
    with workplace_of(arguments, messages) as workplace:
        account = _account(arguments, workplace)
        status = fetch_by_stick(workplace, arguments.draft, account, folder)
        _trust(workplace, account)
    if status is None:
        raise AppError("no_answer", folder=str(folder))
    tell_status(status, messages, arguments.json)
    return 0


def take_in(
    site: Site, data: Path, folder: Path, now: datetime | None, messages: Messages, *, as_json: bool
) -> int:
    """Take in and answer what lies in a folder, once.  ``now`` as in ``serve``."""
    if not folder.is_dir():
        raise UsageError("file_not_found", name=str(folder))
    platform = create_app(site, data, system_clock).state.platform
    try:
        if now is not None:
            platform.set_now(now)
        taken = take_folder(platform, folder)
    finally:
        platform.database.close()
    if as_json:
        put([asdict(one) for one in taken])
        return 0
    if not taken:
        say(messages.text("replies", "stick_empty", folder=folder))
    for one in taken:
        say(_line(one, messages))
    return 0


def _line(one: Taken, messages: Messages) -> str:
    if one.refused:
        return messages.text("replies", "stick_refused", place=one.place, why=one.why)
    return messages.text("replies", "stick_taken", place=one.place, number=one.number)


def tell_receipt(
    receipt: Receipt, messages: Messages, as_json: bool, more: Mapping[str, object] | None = None
) -> None:
    """Say that a platform has received a report; ``more`` goes into the JSON document."""
    if as_json:
        put(
            {
                "number": receipt.number,
                "received_at": format_moment(receipt.received_at),
                "fingerprint": receipt.fingerprint,
                "bundle_sha256": receipt.bundle_sha256,
                "rehearsal": receipt.rehearsal,
                **(more or {}),
                "receipt": json.loads(receipt.document),
            }
        )
        return
    text = messages.text("replies", "received", number=receipt.number, at=format_moment(receipt.received_at))
    say(text + (messages.text("replies", "rehearsal") if receipt.rehearsal else ""))


def tell_status(status: SubmissionStatus, messages: Messages, as_json: bool) -> None:
    """Say how a submission stands."""
    if as_json:
        put(
            {
                "number": status.id,
                "state": status.state.value,
                "stage": status.stage,
                "reason": status.reason,
                "marks": [{"path": one.path, "page": one.page, "text": one.text} for one in status.marks],
                "verification_code": status.verification_code,
            }
        )
        return
    word = messages.text("words", f"submission.{status.state.value}")
    say(messages.text("replies", "state", state=word, stage=status.stage_label))
    if status.reason:
        say(messages.text("replies", "returned", reason=status.reason))
    if status.approved_at is not None:
        say(messages.text("replies", "approved"))


def _account(arguments: Namespace, workplace: Workplace) -> Account:
    kept = read_platform(workplace)
    key = arguments.key or kept.trusted_key
    return stick_account(arguments.platform or kept.address, arguments.account or kept.account, key or None)


def _trust(workplace: Workplace, account: Account) -> None:
    """Remember the account and the key that the user confirmed and that has just signed something."""
    kept = read_platform(workplace)
    keep_platform(workplace, Platform(kept.address, account.name, account.trusted_key or ""))
