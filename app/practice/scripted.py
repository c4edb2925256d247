"""A reviewer that needs nobody: for practising alone and for demonstrations.

It returns the first report that a unit hands in for a programme, with a reason, a mark on an item and one
on a page, and approves every later one at each stage.  It decides as any reviewer does, under the same
windows.
"""

from __future__ import annotations

import asyncio
import sqlite3

from app.model.programme import Programme, Stage
from app.practice.accounts import User
from app.practice.platform import Platform
from app.practice.problems import ProblemError
from app.practice.reviews import Mark, Notes, decide
from app.practice.site import Role, reviewing_stages

PAUSE = 3.0
"""Seconds from one look at the list to the next."""


async def review_for_ever(platform: Platform, pause: float = PAUSE) -> None:
    """Decide on what waits, one report at a time, until cancelled."""
    while True:
        await asyncio.sleep(pause)
        review_next(platform)


def review_next(platform: Platform) -> str:
    """Decide on the report that has waited longest; give its number, or nothing where none waits.

    One that cannot be decided now (its stage's window is closed) is left waiting.
    """
    rows = platform.database.execute(
        "select * from submissions where state = 'in_review' order by received_at, rowid"
    ).fetchall()
    for row in rows:
        programme = platform.site.programmes.get(row["programme_id"])
        stage = next((one for one in programme.stages if one.id == row["stage"]), None) if programme else None
        if programme is None or stage is None:
            continue
        try:
            _decide(platform, programme, stage, row)
        except ProblemError:
            continue
        return str(row["id"])
    return ""


def _decide(platform: Platform, programme: Programme, stage: Stage, row: sqlite3.Row) -> None:
    words = platform.site.words
    reviewer = User("", Role.REVIEWER, "", words.platform("reviewer", stage=stage.label), (stage.id,))
    is_first = stage.id == reviewing_stages(programme)[0].id and not row["replaces"]
    if not is_first:
        decide(platform, reviewer, row, stage.id, Notes(), approved=True)
        return
    fields = [item for section in programme.form.sections for item in section.fields if not item.calculate]
    marks: list[Mark] = [{"text": words.platform("scripted_page"), "path": "", "page": 1}]
    if fields:
        marks.insert(0, {"text": words.platform("scripted_mark"), "path": fields[0].id, "page": 0})
    notes = Notes(words.platform("scripted_reason"), tuple(marks))
    decide(platform, reviewer, row, stage.id, notes, approved=False)
