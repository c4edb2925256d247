"""What schemathesis must be told to speak the contract's tus; loaded by its own process."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import schemathesis

OFFSET_BYTES = "application/offset+octet-stream"


@schemathesis.serializer(OFFSET_BYTES)
def write_bytes(_context: object, value: Any) -> bytes:
    """Send what was generated as it is."""
    return bytes_of(value)


def bytes_of(value: Any) -> bytes:
    """Give a generated body as bytes."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else repr(value).encode()


@schemathesis.hook("before_call")
def before_call(_context: object, case: Any, _kwargs: object) -> None:
    """Give a body its own checksum where one of the right form was made up: it is no free choice."""
    made_up = str((case.headers or {}).get("Upload-Checksum", ""))
    if case.media_type == OFFSET_BYTES and made_up.startswith("sha256 ") and len(made_up) == 51:
        body = bytes_of(case.body) if case.body else b""
        case.headers["Upload-Checksum"] = "sha256 " + base64.b64encode(hashlib.sha256(body).digest()).decode()
