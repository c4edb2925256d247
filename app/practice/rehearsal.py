"""What only a rehearsal platform has: a clock that can be set, extensions, lenient review windows.

Also what any platform tells about itself: name, key, programmes.
"""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from app.clock import format_moment, parse_moment
from app.errors import UsageError
from app.model.programme import Programme
from app.practice.accounts import require_user
from app.practice.database import write_setting
from app.practice.key import key_fingerprint, public_key
from app.practice.platform import (
    CONTRACT,
    MAX_CHUNK,
    MAX_SIZE,
    Platform,
    answer_json,
    platform_of,
    read_json,
    show_moment,
    text_of,
)
from app.practice.problems import ProblemError
from app.practice.site import bundle_delivery, deliveries_of


async def read_platform(request: Request) -> Response:
    """Answer ``GET /platform``."""
    platform = platform_of(request)
    content = {
        "contract": CONTRACT,
        "name": platform.site.words.platform("name"),
        "time": format_moment(platform.now()),
        "max_chunk": MAX_CHUNK,
        "max_size": MAX_SIZE,
        "key": {
            "algorithm": "ed25519",
            "public_key": public_key(platform.key),
            "fingerprint": key_fingerprint(platform.key),
        },
    }
    return answer_json(content)


async def list_programmes(request: Request) -> Response:
    """Answer ``GET /programmes``."""
    platform = platform_of(request)
    require_user(platform, request)
    shown = [_show_programme(platform, programme) for programme in platform.site.programmes.values()]
    return answer_json({"programmes": shown})


async def read_programme(request: Request) -> Response:
    """Answer ``GET /programmes/{id}``."""
    platform = platform_of(request)
    require_user(platform, request)
    return answer_json(_show_programme(platform, platform.programme(request.path_params["programme_id"])))


async def read_clock(request: Request) -> Response:
    """Answer ``GET /rehearsal/clock``."""
    return answer_json({"now": format_moment(platform_of(request).now())})


async def set_clock(request: Request) -> Response:
    """Answer ``POST /rehearsal/clock``."""
    platform = platform_of(request)
    moment = _read_time(text_of(await read_json(request), "now", 64))
    platform.set_now(moment)
    return answer_json({"now": format_moment(platform.now())})


async def set_window(request: Request) -> Response:
    """Answer ``PUT /rehearsal/windows``."""
    platform = platform_of(request)
    body = await read_json(request)
    programme = platform.programme(text_of(body, "programme_id", 200))
    wanted = text_of(body, "stage", 200)
    stage = next((stage for stage in programme.stages if stage.id == wanted), None)
    if stage is None:
        raise ProblemError("stage_unknown")
    present = platform.window(programme, stage)
    ends: list[str | None] = []
    for key, moment in (("opens", present.opens), ("closes", present.closes)):
        if key not in body:
            ends.append(show_moment(moment))
        elif body[key] is None:
            ends.append(None)
        else:
            ends.append(format_moment(_read_time(text_of(body, key, 64))))
    platform.database.execute(
        "insert or replace into windows values (?, ?, ?, ?)", (programme.id, stage.id, *ends)
    )
    return answer_json(_show_programme(platform, programme))


async def set_rules(request: Request) -> Response:
    """Answer ``PUT /rehearsal/rules``."""
    platform = platform_of(request)
    late = (await read_json(request)).get("late_reviews")
    if not isinstance(late, bool):
        raise ProblemError("request_unreadable", detail="late_reviews")
    write_setting(platform.database, "late_reviews", "yes" if late else "")
    return answer_json({"late_reviews": late})


def _read_time(text: str) -> datetime:
    try:
        return parse_moment(text)
    except UsageError:
        raise ProblemError("clock_unreadable") from None


def _show_programme(platform: Platform, programme: Programme) -> dict[str, object]:
    now = platform.now()
    sending = platform.sending_window(programme)
    bundle = bundle_delivery(platform.site, programme).id
    stages: list[dict[str, object]] = []
    for stage in programme.stages:
        window = platform.window(programme, stage)
        stages.append(
            {
                "id": stage.id,
                "label": stage.label,
                "reviewer": stage.reviewer,
                "opens": show_moment(window.opens),
                "closes": show_moment(window.closes),
                "open": window.holds(now),
            }
        )
    return {
        "id": programme.id,
        "form_version": programme.form_version,
        "notice_revision": programme.notice_revision,
        "title": programme.title,
        "report_year": programme.report_year,
        "submission_window": {"opens": show_moment(sending.opens), "closes": show_moment(sending.closes)},
        "stages": stages,
        "deliveries": [
            {
                "id": delivery.id,
                "label": delivery.label,
                "media_type": delivery.media_type,
                "required": delivery.at_once,
                "bundle": delivery.id == bundle,
            }
            for delivery in deliveries_of(platform.site, programme)
        ],
        "rehearsal": True,
    }
