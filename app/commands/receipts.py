"""The receipts of a report: listed, and written out as the signed file and as a sheet to print."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from app.clock import format_moment
from app.commands.setting import put, say, workplace_of
from app.errors import AppError
from app.messages import Messages
from app.services.standing import list_receipts, save_printed_receipt, save_receipt
from app.services.timing import show_moment


def run_receipts(arguments: Namespace, messages: Messages) -> int:
    """List the receipts of a report; with ``--out`` write each as ``receipt-NUMBER.json`` and ``.pdf``."""
    out = Path(arguments.out) if arguments.out else None
    shown: list[dict[str, object]] = []
    with workplace_of(arguments, messages) as workplace:
        for receipt in list_receipts(workplace, arguments.draft):
            entry: dict[str, object] = {
                "number": receipt.number,
                "received_at": format_moment(receipt.received_at),
                "fingerprint": receipt.fingerprint,
                "bundle_sha256": receipt.bundle_sha256,
                "rehearsal": receipt.rehearsal,
                "receipt": json.loads(receipt.document),
            }
            if out is not None:
                _make_folder(out)
                name = f"receipt-{receipt.number}"
                save_receipt(receipt, out / f"{name}.json")
                save_printed_receipt(receipt, out / f"{name}.pdf", workplace.fonts, messages)
                entry["files"] = [str(out / f"{name}.json"), str(out / f"{name}.pdf")]
            shown.append(entry)
            if not arguments.json:
                line = messages.text(
                    "replies", "received", number=receipt.number, at=show_moment(receipt.received_at)
                )
                say(line + (messages.text("replies", "rehearsal") if receipt.rehearsal else ""))
    if arguments.json:
        put(shown)
    elif not shown:
        say(messages.text("replies", "no_receipts"))
    elif out is not None:
        say(messages.text("replies", "receipts_written", folder=out))
    return 0


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError("cannot_create_folder", name=str(folder), reason=error.strerror or "") from error
