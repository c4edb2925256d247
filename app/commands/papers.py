"""Commands for paper and packets: print, bundle, verify."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.bundle import verify_bundle
from app.clock import format_moment
from app.commands.setting import folder_of, moment_of, put, say, workplace_of
from app.errors import AppError, UsageError
from app.messages import Messages
from app.model.submission import Receipt
from app.services.accounts import read_platform
from app.services.delivering import deliver, explain_delivery, make_bundle
from app.services.drafting import read_file
from app.services.paging import print_stale
from app.services.printing import Printed, print_packet, print_proof
from app.transport.receipts import verify_receipt


def run_print(arguments: Namespace, messages: Messages) -> int:
    """Write proofs, or the sealed revision's paper; ``DRAFT@FINGERPRINT`` picks an older revision."""
    draft_id, _, wanted = arguments.draft.partition("@")
    out = Path(arguments.out)
    with workplace_of(arguments, messages) as workplace:
        now = moment_of(arguments, workplace)
        reason = arguments.reason or ""
        if arguments.proof or arguments.whole:
            printed = print_proof(workplace, draft_id, out, now, whole=arguments.whole)
        elif arguments.stale:
            printed = print_stale(workplace, draft_id, out, now, codes=arguments.old_codes, reason=reason)
        else:
            printed = print_packet(workplace, draft_id, out, now, wanted, reason=reason)
    if arguments.json:
        put(_describe_printed(printed, now))
    else:
        for one in printed:
            say(messages.text("replies", "printed", title=one.title, file=one.path, pages=one.pages))
    return 0


def _describe_printed(printed: Sequence[Printed], now: datetime) -> dict[str, object]:
    return {
        "at": format_moment(now),
        "files": [
            {
                "file": str(one.path),
                "title": one.title,
                "pages": one.pages,
                "copy": one.copy,
                "parts": list(one.parts),
            }
            for one in printed
        ],
    }


def run_bundle(arguments: Namespace, messages: Messages) -> int:
    """Write the bundle of the revision sealed last."""
    draft_id, _, wanted = arguments.draft.partition("@")
    with workplace_of(arguments, messages) as workplace:
        info = make_bundle(workplace, draft_id, Path(arguments.out), wanted)
    if arguments.json:
        put(
            {
                "file": str(arguments.out),
                "programme": info.programme_id,
                "form_version": info.form_version,
                "fingerprint": info.fingerprint,
                "sha256": info.sha256,
                "size": info.size,
            }
        )
    else:
        say(messages.text("replies", "bundle", file=arguments.out, fingerprint=info.fingerprint))
    return 0


def run_deliver(arguments: Namespace, messages: Messages) -> int:
    """Lay the files that the portal wants into a folder; 1 where one that it requires is missing."""
    with workplace_of(arguments, messages) as workplace:
        found = deliver(workplace, arguments.draft, Path(arguments.out), arguments.reason or "")
    if arguments.json:
        put(
            {
                "folder": str(found.folder),
                "files": [
                    {"delivery": one.delivery.id, "label": one.delivery.label, "file": str(path)}
                    for one, path in found.files
                ],
                "missing": [
                    {
                        "delivery": one.delivery.id,
                        "label": one.delivery.label,
                        "state": one.readiness.value,
                        "required": one.delivery.required,
                        "todo": explain_delivery(one, messages),
                    }
                    for one in found.missing
                ],
            }
        )
    else:
        for one, path in found.files:
            say(messages.text("deliveries", "made", label=one.delivery.label, file=path))
        for one in found.missing:
            state, todo = one.readiness.value, explain_delivery(one, messages)
            state = messages.text("deliveries", f"state.{state}")
            say(messages.text("deliveries", "not_made", label=one.delivery.label, state=state, todo=todo))
    return 1 if any(one.lacks for one in found.missing) else 0


def _kept_key(arguments: Namespace, messages: Messages) -> str | None:
    """Give the platform's key that was confirmed once, without making a data folder for it."""
    if not folder_of(arguments).is_dir():
        return None
    with workplace_of(arguments, messages) as workplace:
        return read_platform(workplace).trusted_key or None


def _verified_receipt(path: Path, content: bytes, key: str | None) -> Receipt:
    try:
        return verify_receipt(content, key)
    except AppError as error:
        if error.code != "receipt_forged":
            raise
        raise AppError("receipt_unsound", name=path.name) from error


def run_verify(arguments: Namespace, messages: Messages) -> int:
    """Verify a bundle or a receipt without a line to anybody.

    ``--key`` names the platform's key; else the one counts that was confirmed when sending.
    """
    path = Path(arguments.file)
    content = read_file(path, 4 << 30) if path.suffix == ".json" else b""
    if path.suffix == ".json":
        receipt = _verified_receipt(path, content, arguments.key or _kept_key(arguments, messages))
        if arguments.json:
            put(
                {
                    "kind": "receipt",
                    "number": receipt.number,
                    "received_at": format_moment(receipt.received_at),
                    "bundle_sha256": receipt.bundle_sha256,
                    "fingerprint": receipt.fingerprint,
                    "rehearsal": receipt.rehearsal,
                }
            )
            return 0
        text = messages.text(
            "replies", "verified_receipt", number=receipt.number, at=format_moment(receipt.received_at)
        )
        say(text + (messages.text("replies", "rehearsal") if receipt.rehearsal else ""))
        return 0
    if path.is_dir():
        raise UsageError("file_is_folder", name=str(path))
    if not path.exists():
        raise UsageError("file_not_found", name=str(path))
    info = verify_bundle(path)
    if arguments.json:
        put(
            {
                "kind": "bundle",
                "programme": info.programme_id,
                "form_version": info.form_version,
                "title": info.title,
                "fingerprint": info.fingerprint,
                "sha256": info.sha256,
                "size": info.size,
            }
        )
    else:
        say(messages.text("replies", "verified_bundle", title=info.title, fingerprint=info.fingerprint))
    return 0
