"""Signed receipts and approvals, verified without a line to anybody.

A document counts only in its canonical writing (keys sorted, no blanks, UTF-8): there is exactly one
sequence of bytes for one receipt, and any other is refused, even where it would mean the same.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.clock import parse_moment
from app.errors import AppError, UsageError
from app.model.submission import Receipt

CONTRACT = "shenbao-platform/1"
MAX_BYTES = 1 << 20
MAX_STATUS = 8 << 20
"""Most bytes of a signed status: a return may carry hundreds of marks."""

_KEY = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Approval:
    """A verified approval: which PDF (SHA-256, hex) the platform approved, when, under which code."""

    number: str
    programme_id: str
    fingerprint: str
    verification_code: str
    approved_at: datetime
    report_sha256: str
    rehearsal: bool
    document: bytes


def verify_receipt(document: bytes, trusted_key: str | None) -> Receipt:
    """Give the receipt if its Ed25519 signature is by the trusted key.

    ``trusted_key`` is the key's fingerprint, ``sha256:<hex>``, as the user confirmed it.  Raises
    ``AppError``: ``receipt_forged`` for anything altered or by another key, and
    ``platform_key_unconfirmed`` (with ``fingerprint``) for a sound receipt while no key is trusted.
    """
    content = _verify(document, "receipt", trusted_key)
    try:
        return Receipt(
            number=_text(content, "number"),
            received_at=parse_moment(_text(content, "received_at")),
            bundle_sha256=_text(content, "bundle_sha256"),
            fingerprint=_text(content, "fingerprint"),
            rehearsal=_flag(content, "rehearsal"),
            document=document,
        )
    except (ValueError, UsageError):
        raise AppError("receipt_forged") from None


def verify_approval(document: bytes, trusted_key: str | None) -> Approval:
    """Give the approval if its signature is by the trusted key; raises as ``verify_receipt``."""
    content = _verify(document, "approval", trusted_key)
    try:
        return Approval(
            number=_text(content, "number"),
            programme_id=_text(content, "programme_id"),
            fingerprint=_text(content, "fingerprint"),
            verification_code=_text(content, "verification_code"),
            approved_at=parse_moment(_text(content, "approved_at")),
            report_sha256=_text(content, "report_sha256"),
            rehearsal=_flag(content, "rehearsal"),
            document=document,
        )
    except (ValueError, UsageError):
        raise AppError("receipt_forged") from None


def verify_signed(
    document: bytes, kind: str, trusted_key: str | None, limit: int = MAX_BYTES
) -> Mapping[str, object]:
    """Give the content of a signed document of another kind: ``status``, ``refusal`` of a folder.

    Raises as ``verify_receipt``.
    """
    return _verify(document, kind, trusted_key, limit)


def read_programme_id(receipt: Receipt) -> str:
    """Give the programme a verified receipt is for; raises ``AppError("receipt_forged")`` if none."""
    try:
        return _text(json.loads(receipt.document)["receipt"], "programme_id")
    except (ValueError, KeyError, TypeError):
        raise AppError("receipt_forged") from None


def clean_fingerprint(text: str) -> str:
    """Give a key fingerprint as typed or pasted (blanks, capitals, with or without ``sha256:``) in one form.

    Raises ``UsageError("key_unreadable")`` if it is none.
    """
    plain = re.sub(r"[\s\-]", "", text).lower()
    whole = plain if plain.startswith("sha256:") else f"sha256:{plain}"
    if not _KEY.fullmatch(whole):
        raise UsageError("key_unreadable")
    return whole


def _verify(
    document: bytes, kind: str, trusted_key: str | None, limit: int = MAX_BYTES
) -> Mapping[str, object]:
    try:
        content, public = _open(document, kind, limit)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error, InvalidSignature):
        raise AppError("receipt_forged") from None
    found = "sha256:" + hashlib.sha256(public).hexdigest()
    if trusted_key is None:
        raise AppError("platform_key_unconfirmed", fingerprint=found)
    if found != clean_fingerprint(trusted_key):
        raise AppError("receipt_forged")
    return content


def _open(document: bytes, kind: str, limit: int) -> tuple[dict[str, object], bytes]:
    """Give content and public key of a document whose signature holds, else raise one of many errors."""
    if len(document) > limit:
        raise ValueError("length")
    whole = json.loads(document)
    if not isinstance(whole, dict) or set(whole) != {kind, "signature"} or _canonical(whole) != document:
        raise ValueError("form")
    content, signature = whole[kind], whole["signature"]
    if set(signature) != {"algorithm", "public_key", "value"} or signature["algorithm"] != "ed25519":
        raise ValueError("signature")
    if not isinstance(content, dict) or content["contract"] != CONTRACT:
        raise ValueError("contract")
    public, value = _decode(signature["public_key"], 32), _decode(signature["value"], 64)
    signed = f"shenbao-{kind}-v1\n".encode() + _canonical(content)
    Ed25519PublicKey.from_public_bytes(public).verify(value, signed)
    return content, public


def _decode(text: str, length: int) -> bytes:
    raw = base64.b64decode(text, validate=True)
    # base64 has spare bits at its end: several texts for the same bytes
    if len(raw) != length or base64.b64encode(raw).decode() != text:
        raise ValueError("base64")
    return raw


def _canonical(content: Mapping[str, object]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _text(content: Mapping[str, object], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str):
        raise ValueError(key)
    return value


def _flag(content: Mapping[str, object], key: str) -> bool:
    value = content.get(key)
    if not isinstance(value, bool):
        raise ValueError(key)
    return value
