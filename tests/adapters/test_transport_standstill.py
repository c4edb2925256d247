"""A sending never stands still: whatever the platform answers, somebody goes on with every part."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.transport import tus
from app.transport.lanes import Pace
from tests.adapters.platform_fixture import package, running, transport


class AppliedBefore:
    """Does the first piece twice: as if one sent over a connection that broke had still been on its way.

    The client, which had asked before that, hears that the platform stands elsewhere, and then that its
    next piece was taken.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.conflicts = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "PATCH" or self.conflicts:
            await self.app(scope, receive, send)
            return
        self.conflicts += 1
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break

        async def again() -> Message:
            return {"type": "http.request", "body": body}

        async def unheard(message: Message) -> None:
            assert message.get("status", 204) == 204

        async def heard(message: Message) -> None:
            assert message.get("status", 409) == 409
            await send(message)

        await self.app(scope, again, unheard)
        await self.app(scope, again, heard)


def test_a_piece_that_was_there_already_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: with one lane, nobody but it can settle a part it is in doubt about."""
    found: list[AppliedBefore] = []

    def around(app: Starlette) -> ASGIApp:
        found.append(AppliedBefore(app))
        return found[0]

    monkeypatch.setattr(tus, "FIRST_CHUNK", 4 << 10)
    parcel = package(tmp_path, "早到", 30_000 + (2 << 10))
    looks = count()
    with (
        running(tmp_path / "platform", around=around) as platform,
        transport(platform.url, platform.key) as filler,
    ):
        filler.pace = Pace(lanes=1)
        # looked at about ten times a second; a sending that stands still ends here
        receipt = filler.send(parcel, report=lambda _d, _t: None, cancelled=lambda: next(looks) > 150)
        assert filler.status(receipt.number).fingerprint == parcel.fingerprint
    assert found[0].conflicts == 1
