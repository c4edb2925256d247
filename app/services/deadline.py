"""When a report has to be on its way: the latest safe start from the measured speed of the line."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from app.clock import format_moment
from app.messages import Messages
from app.rules.safe_start import SafeStart, Urgency, safe_start
from app.rules.stages import stages
from app.services.delivering import scan_size
from app.services.pace import read_speed
from app.services.recording import latest_snapshot
from app.services.timing import show_moment, show_span
from app.services.workplace import Workplace

__all__ = [
    "SafeStart",
    "Urgency",
    "describe_safe_start",
    "explain_safe_start",
    "read_safe_start",
]


def read_safe_start(workplace: Workplace, draft_id: str) -> SafeStart | None:
    """Give the latest safe start by the platform's clock, None where there is nothing to be in time for."""
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    events = workplace.store.events.list(draft_id)
    now = workplace.now()
    return safe_start(stages(programme, events, now), now, _size(workplace, draft_id), read_speed(workplace))


def _size(workplace: Workplace, draft_id: str) -> int:
    """Give the bytes that have to go: the bundle where it was made, else content and evidence; and the scan.

    What the program writes itself beside them (Word file, parts as PDF) is small and not counted.
    """
    return _bundle_size(workplace, draft_id) + scan_size(workplace, draft_id)


def _bundle_size(workplace: Workplace, draft_id: str) -> int:
    snapshot = latest_snapshot(workplace, draft_id)
    if snapshot is None:
        answers = workplace.draft(draft_id).answers
        return sum(one.size for one in answers.attachments)
    for item in workplace.store.outbox.list(draft_id):
        path = Path(item.bundle_path)
        if item.fingerprint == snapshot.fingerprint and path.is_file():
            return path.stat().st_size
    files = json.loads(snapshot.content)["attachments"]
    return len(snapshot.content) + sum(int(one.get("size", 0)) for one in files)


def explain_safe_start(found: SafeStart, messages: Messages) -> str:
    """Give one sentence: until when to begin, what counts, and how long it is expected to take."""
    lasting = found.lasting if found.lasting >= timedelta(minutes=1) else timedelta(minutes=1)
    text = messages.text(
        "timing",
        f"safe_{found.urgency.value}",
        closes=show_moment(found.closes),
        counts=messages.text("words", f"counts.{found.counts.value}"),
        latest=show_moment(found.latest),
        lasting=show_span(lasting),
    )
    if found.urgency is Urgency.LATE or found.measured:
        return text
    return text + messages.text("timing", "safe_unmeasured")


def describe_safe_start(found: SafeStart) -> dict[str, object]:
    """Give the latest safe start as JSON."""
    return {
        "stage": found.stage,
        "closes": format_moment(found.closes),
        "counts": found.counts.value,
        "latest": format_moment(found.latest),
        "seconds": round(found.lasting.total_seconds()),
        "measured": found.measured,
        "urgency": found.urgency.value,
    }
