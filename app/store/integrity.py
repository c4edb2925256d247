"""Canonical JSON and digests: a flipped bit in what is stored is never silent."""

from __future__ import annotations

import hashlib
import json


def canonical(content: object) -> bytes:
    """Give the one JSON form: keys sorted, no spaces, UTF-8.

    A text with a lone surrogate (half an emoji pasted by mistake) is no UTF-8; it is written escaped.
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    """Give SHA-256 in lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def digest(*fields: object) -> str:
    """Give SHA-256 in hex over the fields of a row in order.

    Takes whatever a damaged file may hold in a column, so that comparing never fails.
    """
    text = json.dumps(fields, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()
