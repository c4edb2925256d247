"""The running rehearsal platform as one value, and how requests are read and answered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request
from starlette.responses import Response

from app.clock import Clock, format_moment, parse_moment, to_beijing
from app.model.programme import Programme, Stage
from app.practice.database import read_setting, write_setting
from app.practice.problems import ProblemError
from app.practice.site import Site, Window, sending_stages
from app.services.reviewing import Review

CONTRACT = "shenbao-platform/1"
MAX_CHUNK = 8 << 20
MAX_SIZE = 2 << 30
MAX_JSON = 4 << 20
MOST_REVIEWS = 8


@dataclass(frozen=True)
class Platform:
    """What every request needs.  ``clock`` is the PC's; ``now`` is the rehearsal's own.

    ``reviews`` remembers the reports read last, by submission.
    """

    site: Site
    folder: Path
    database: sqlite3.Connection
    clock: Clock
    key: Ed25519PrivateKey
    reviews: dict[str, Review] = field(default_factory=dict, repr=False)

    def now(self) -> datetime:
        """Give the platform's moment, to the second as it is shown."""
        ahead = timedelta(seconds=float(read_setting(self.database, "clock_ahead", "0")))
        return (to_beijing(self.clock()) + ahead).replace(microsecond=0)

    def set_now(self, moment: datetime) -> None:
        """Set the platform's clock; it runs on from there and survives a restart."""
        ahead = (to_beijing(moment) - to_beijing(self.clock())).total_seconds()
        write_setting(self.database, "clock_ahead", repr(ahead))

    def keep_review(self, submission_id: str, review: Review) -> None:
        """Remember a report that was read; a received report never changes."""
        while len(self.reviews) >= MOST_REVIEWS:
            del self.reviews[next(iter(self.reviews))]
        self.reviews[submission_id] = review

    def programme(self, programme_id: str) -> Programme:
        """Give a programme; refuses with ``programme_unknown``."""
        try:
            return self.site.programmes[programme_id]
        except KeyError:
            raise ProblemError("programme_unknown") from None

    def window(self, programme: Programme, stage: Stage) -> Window:
        """Give a stage's window: the rehearsal's own where one was set, else the notice's."""
        row = self.database.execute(
            "select opens, closes from windows where programme_id = ? and stage = ?", (programme.id, stage.id)
        ).fetchone()
        if row is None:
            return Window(stage.opens, stage.closes)
        return Window(read_moment(row["opens"]), read_moment(row["closes"]))

    def sending_window(self, programme: Programme) -> Window:
        """Give the window for handing in: from the first opening to the last closing of its stages."""
        windows = [self.window(programme, stage) for stage in sending_stages(programme)]
        opens = [w.opens for w in windows if w.opens is not None]
        closes = [w.closes for w in windows if w.closes is not None]
        return Window(min(opens, default=None), max(closes, default=None))

    def upload_path(self, upload_id: str) -> Path:
        """Give the file that holds an upload's bytes."""
        return self.folder / "uploads" / upload_id


def platform_of(request: Request) -> Platform:
    """Give the platform that serves this request."""
    platform = request.app.state.platform
    if not isinstance(platform, Platform):
        raise TypeError(type(platform).__name__)
    return platform


def check_window(window: Window, moment: datetime) -> None:
    """Refuse with ``window_not_open`` or ``window_closed``."""
    if window.opens is not None and window.is_early(moment):
        raise ProblemError("window_not_open", opens=format_moment(window.opens))
    if window.closes is not None and window.is_late(moment):
        raise ProblemError("window_closed", closes=format_moment(window.closes))


async def read_body(request: Request, limit: int, refusal: ProblemError) -> bytes:
    """Give the body, refusing as soon as it is longer than the limit in bytes."""
    blocks: list[bytes] = []
    size = 0
    async for block in request.stream():
        size += len(block)
        if size > limit:
            raise refusal
        blocks.append(block)
    return b"".join(blocks)


async def read_json(request: Request) -> dict[str, object]:
    """Give the body as a JSON object; refuses with ``wrong_type`` or ``request_unreadable``.

    The content type is insisted on: a web page in a browser cannot send it to another site unasked.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ProblemError("wrong_type")
    raw = await read_body(request, MAX_JSON, ProblemError("request_unreadable", detail="length"))
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise ProblemError("request_unreadable", detail="json") from None
    if not isinstance(body, dict):
        raise ProblemError("request_unreadable", detail="object")
    return body


def text_of(body: Mapping[str, object], key: str, limit: int, default: str | None = None) -> str:
    """Give a text member; refuses with ``request_unreadable`` and the member's name."""
    value = body.get(key, default)
    if not isinstance(value, str) or len(value) > limit:
        raise ProblemError("request_unreadable", detail=key)
    return value


def whole_number(body: Mapping[str, object], key: str, most: int, default: int | None = None) -> int:
    """Give a whole number from 0 to ``most``; refuses with ``request_unreadable`` and the member's name.

    ``5.0`` is one too: JSON Schema does not tell it from ``5``.
    """
    value = body.get(key, default)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ProblemError("request_unreadable", detail=key)
    return value


def read_moment(text: str | None) -> datetime | None:
    """Read a stored moment."""
    return None if text is None else parse_moment(text)


def show_moment(moment: datetime | None) -> str | None:
    """Give a moment as JSON shows it."""
    return None if moment is None else format_moment(moment)


def answer_json(content: Mapping[str, object], status: int = 200) -> Response:
    """Give a JSON answer marked as a rehearsal's, so that nobody takes it for a real platform's."""
    body = json.dumps({**content, "rehearsal": True}, ensure_ascii=False).encode()
    return Response(body, status, media_type="application/json")
