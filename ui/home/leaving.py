"""When somebody has to set out at the latest, from the plan backwards with the clerk's own durations."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation

from app.model.programme import Programme
from app.rules.backplan import StagePlan, plan
from app.services.planning import LEAVING
from app.services.reports import Report
from ui.context import Settings


def kept_days(settings: Settings, programme: Programme) -> dict[str, Decimal]:
    """Give the durations in working days that the clerk set on the page 时限, by stage id."""
    kept = settings.get(f"backplan.{programme.id}", {})
    days: dict[str, Decimal] = {}
    for key, text in kept.items() if isinstance(kept, dict) else ():
        try:
            days[str(key)] = Decimal(str(text))
        except InvalidOperation:
            continue
    return {key: value for key, value in days.items() if value.is_finite() and value >= 0}


def leaving(report: Report, settings: Settings, now: datetime) -> StagePlan | None:
    """Give the next way to an office or post office with its latest start, or None where none is ahead."""
    programme = report.programme
    if programme is None:
        return None
    made = plan(programme, report.events, now, kept_days(settings, programme))
    for one in made.stages:
        if not one.done and one.stage.action in LEAVING and one.latest_start is not None:
            return one
    return None
