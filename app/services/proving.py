"""Proof that the platform or the line failed: every attempt before an end, its chain verified, on paper."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from app.errors import AppError
from app.model.submission import Attempt
from app.paper.incident import ChainEnd, Incident, outcome_word, render_incident
from app.rules.safe_start import SafeStart
from app.services.accounts import window_state
from app.services.deadline import read_safe_start
from app.services.recording import latest_snapshot
from app.services.timing import show_moment
from app.services.workplace import Workplace

__all__ = ["HOURS", "account_for", "outcome_word", "write_account"]

HOURS = 24
"""How long before the end the account begins if nothing else is said."""


def account_for(workplace: Workplace, draft_id: str, hours: int = HOURS) -> bytes:
    """Print the account (申报异常情况说明) of the last hours before the end, or before now if that is first.

    Every chain of attempts is verified: raises ``AppError("attempts_damaged")`` where one was altered, and
    ``UsageError("draft_unknown")``.
    """
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    now = workplace.now()
    found = read_safe_start(workplace, draft_id)
    end = now if found is None or now < found.closes else found.closes
    begin = end - timedelta(hours=hours)
    items = workplace.store.outbox.list(draft_id)
    attempts: list[Attempt] = []
    chains: list[ChainEnd] = []
    for item in items:
        attempts += workplace.store.attempts.list(item.bundle_sha256)
        length, last = workplace.store.attempts.end(item.bundle_sha256)
        chains.append(ChainEnd(item.bundle_sha256, length, last))
    # a try that began before the end and went on beyond it belongs to the account, and so does what followed
    shown = [one for one in sorted(attempts, key=lambda one: one.started_at) if one.ended_at >= begin]
    own = {item.bundle_sha256 for item in items}
    receipts = [one for one in workplace.store.receipts.list() if one.bundle_sha256 in own]
    state = window_state(workplace)
    snapshot = latest_snapshot(workplace, draft_id)
    addresses = sorted({one.address for one in shown}) or [state.platform.address]
    incident = Incident(
        unit=state.unit.name,
        programme=programme.title,
        stage="" if found is None else _stage_line(workplace, found),
        fingerprint=snapshot.short if snapshot is not None else "",
        address="、".join(filter(None, addresses)),
        begin=begin,
        end=now,
        attempts=shown,
        chains=chains,
        receipt=(receipts[-1].number, receipts[-1].received_at) if receipts else None,
        ahead=state.ahead,
        rehearsal=any(one.rehearsal for one in receipts),
        made_at=now,
    )
    return render_incident(incident, workplace.fonts, workplace.messages)


def write_account(pdf: bytes, target: Path) -> None:
    """Write the account to a file; raises ``AppError("cannot_write")``."""
    try:
        target.write_bytes(pdf)
    except OSError as error:
        raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error


def _stage_line(workplace: Workplace, found: SafeStart) -> str:
    messages = workplace.messages
    return messages.text(
        "incident",
        "stage_line",
        label=found.label,
        closes=show_moment(found.closes),
        counts=messages.text("words", f"counts.{found.counts.value}"),
    )
