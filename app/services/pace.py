"""What is known of the line: how fast the last sending went, and how much of it sending may take."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.submission import Attempt
from app.services.workplace import Workplace

UPLOAD_SPEED = "upload_bytes_per_second"
"""Setting: the speed of the last sending that was long enough to tell."""

UPLOAD_LIMIT = "upload_limit_kilobytes"
"""Setting: KB (1,000 bytes) per second that sending may use, 0 for all."""

_TELLING = 32_000
"""Bytes that a sending must have carried for its speed to be believed."""


def keep_speed(workplace: Workplace, attempts: Sequence[Attempt]) -> None:
    """Remember how fast the line was, pauses between attempts not counted."""
    count = sum(attempt.bytes_sent for attempt in attempts)
    lasting = sum((attempt.ended_at - attempt.started_at).total_seconds() for attempt in attempts)
    if count >= _TELLING and lasting > 0:
        workplace.store.settings.put(UPLOAD_SPEED, round(count / max(lasting, 0.1), 1))


def read_speed(workplace: Workplace) -> float:
    """Give the speed measured last in bytes per second, 0 where none was."""
    return float(workplace.store.settings.get(UPLOAD_SPEED, 0) or 0)


def keep_limit(workplace: Workplace, limit: int) -> None:
    """Set the bandwidth limit in KB (1,000 bytes) per second; 0 for none."""
    workplace.store.settings.put(UPLOAD_LIMIT, max(0, limit))


def read_limit(workplace: Workplace) -> int:
    """Give the bandwidth limit in KB per second, 0 for none."""
    return int(float(workplace.store.settings.get(UPLOAD_LIMIT, 0) or 0))
