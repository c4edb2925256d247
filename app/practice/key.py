"""The rehearsal platform's signing key and what it signs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.errors import AppError
from app.practice.files import write_file


def open_key(path: Path) -> Ed25519PrivateKey:
    """Read the key file (32 raw bytes, 0600) or make a new key.

    Raises ``AppError("practice_damaged")`` for a file of another length: a platform that quietly took a
    new key would make every earlier receipt look forged.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        key = Ed25519PrivateKey.generate()
        write_file(path, key.private_bytes_raw(), mode=0o600)
        return key
    if len(raw) != 32:
        raise AppError("practice_damaged", file=path.name)
    if os.name == "posix":
        path.chmod(0o600)
    return Ed25519PrivateKey.from_private_bytes(raw)


def public_key(key: Ed25519PrivateKey) -> str:
    """Give the base64 of the 32 public bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def key_fingerprint(key: Ed25519PrivateKey) -> str:
    """Give ``sha256:<hex>`` over the 32 public bytes, which the user confirms once."""
    return "sha256:" + hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()


def sign_document(key: Ed25519PrivateKey, kind: str, content: Mapping[str, object]) -> bytes:
    """Give the signed document of openapi.yaml (``SignedReceipt``, ``SignedApproval``), canonical JSON.

    ``kind`` is ``receipt`` or ``approval``; it is signed too, so that one can never pass for the other.
    """
    signed = f"shenbao-{kind}-v1\n".encode() + _canonical(content)
    signature = {
        "algorithm": "ed25519",
        "public_key": public_key(key),
        "value": base64.b64encode(key.sign(signed)).decode(),
    }
    return _canonical({kind: content, "signature": signature})


def _canonical(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
