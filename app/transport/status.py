"""Reading a submission as the platform tells it; whatever does not fit the contract is not the platform's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.clock import parse_moment
from app.errors import UsageError
from app.transport.base import Mark, State, Step, SubmissionStatus
from app.transport.http import LineError


def read_status(body: Mapping[str, object], host: str) -> SubmissionStatus:
    """Give the submission; raises ``LineError("not_a_platform")``."""
    try:
        return SubmissionStatus(
            id=_text(body, "id"),
            programme_id=_text(body, "programme_id"),
            title=_text(body, "title"),
            fingerprint=_text(body, "fingerprint"),
            state=State(_text(body, "state")),
            stage=_text(body, "stage"),
            stage_label=_text(body, "stage_label"),
            reason=_text(body, "reason"),
            marks=_marks(body),
            replaces=_text(body, "replaces"),
            received_at=_moment(body, "received_at"),
            approved_at=_moment(body, "approved_at"),
            verification_code=_text(body, "verification_code"),
            history=tuple(_step(entry) for entry in _list(body, "history")),
            rehearsal=body["rehearsal"] is not False,
        )
    except (KeyError, ValueError, UsageError):
        raise LineError("not_a_platform", host=host) from None


def _step(entry: Mapping[str, object]) -> Step:
    return Step(
        kind=_text(entry, "kind"),
        stage=_text(entry, "stage"),
        at=parse_moment(_text(entry, "at")),
        who=_text(entry, "who"),
        reason=_text(entry, "reason"),
        marks=_marks(entry),
    )


def _marks(body: Mapping[str, object]) -> tuple[Mark, ...]:
    found: list[Mark] = []
    for mark in _list(body, "marks"):
        page = mark.get("page", 0)
        if not isinstance(page, int):
            raise ValueError("page")
        found.append(Mark(_text(mark, "text"), str(mark.get("path", "")), page))
    return tuple(found)


def _list(body: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    listed = body[key]
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ValueError(key)
    return listed


def _text(body: Mapping[str, object], key: str) -> str:
    value = body[key]
    if not isinstance(value, str):
        raise ValueError(key)
    return value


def _moment(body: Mapping[str, object], key: str) -> datetime | None:
    return None if body[key] is None else parse_moment(_text(body, key))
