"""Whether the platform can be reached at all: one small question, soon given up.  Nothing is signed in."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

import requests

from app.errors import AppError
from app.transport.http import check_address, is_loopback

PROBE_SECONDS = (3.0, 3.0)
"""How long to wait for a connection and for an answer: a status line must not hold anything up."""


class LineState(StrEnum):
    """The line to the platform: no address set, not yet tried, answered, not answered."""

    NONE = "none"
    UNKNOWN = "unknown"
    UP = "up"
    DOWN = "down"


def probe_line(address: str) -> LineState:
    """Ask whether anything answers at the platform's address; never raises.

    Any answer counts, also a refusal or a certificate this PC does not know: whom one talks to is for the
    sending to make sure of.  No account, no token and no cookie is sent.
    """
    try:
        base = check_address(address)
    except AppError:
        return LineState.UNKNOWN
    with requests.Session() as session:
        session.trust_env = not is_loopback(urlsplit(base).hostname or "")
        session.auth = _unsigned
        try:
            with session.get(f"{base}/platform", timeout=PROBE_SECONDS, allow_redirects=False, stream=True):
                return LineState.UP
        except requests.exceptions.SSLError:
            return LineState.UP
        except (requests.RequestException, OSError, ValueError):
            return LineState.DOWN


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from looking for a password in the user's .netrc."""
    return request
