"""Opening a report: everything a window needs to edit it, read once from the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from app.clock import Clock, to_beijing
from app.errors import AppError
from app.model.draft import Answers
from app.model.fingerprint import read_content
from app.model.programme import Programme
from app.model.submission import EventKind
from app.rules.checker import compile_checks
from app.rules.signs import Paper
from app.rules.view import Context
from app.services.session import DraftSession
from app.services.workplace import PLATFORM_AHEAD, Workplace


class Surroundings:
    """What rules must know from outside, kept between edits: files are not looked at again for a key press.

    Asked within the same minute it gives the very same object, so that nothing is checked again.
    """

    def __init__(self, context: Context, now: Clock) -> None:
        self._context = context
        self._now = now

    def __call__(self, _answers: Answers) -> Context:
        """Give the context of this minute."""
        minute = to_beijing(self._now()).replace(second=0, microsecond=0)
        if self._context.now != minute:
            self._context = replace(self._context, now=minute)
        return self._context

    def renew(self, context: Context) -> None:
        """Take over what was read anew: files, events, thresholds."""
        self._context = context


@dataclass(frozen=True)
class OpenedReport:
    """A report ready to be edited: its session, and what the session's rules know from outside."""

    session: DraftSession
    surroundings: Surroundings
    title: str
    missing_glyphs: Callable[[str], str]
    paper: Paper | None = None


def open_report(workplace: Workplace, draft_id: str) -> OpenedReport:
    """Read a draft with its journal, check it once, and give it with undo as it stood.

    Raises ``UsageError("draft_unknown")`` and what reading the store raises.
    """
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    ahead = timedelta(seconds=float(workplace.store.settings.get(PLATFORM_AHEAD, 0)))

    def now() -> datetime:
        return workplace.clock() + ahead

    surroundings = Surroundings(read_context(workplace, programme, draft_id, draft.answers), now)
    session = DraftSession(programme, draft, compile_checks(programme), surroundings)
    entries = workplace.store.drafts.history(draft_id, programme.form)
    session.remember(
        (group, tuple(entry.edit for entry in steps))
        for group, steps in groupby(entries, key=lambda entry: entry.group)
    )
    title = workplace.store.drafts.summary(draft_id).title
    paper = read_paper(workplace, programme, draft_id)
    return OpenedReport(session, surroundings, title, workplace.fonts.missing, paper)


def read_paper(workplace: Workplace, programme: Programme, draft_id: str) -> Paper | None:
    """Give the revision printed last, before any print the one sealed last.

    None before any seal, and where that revision cannot be read: a damaged one, or one of another form
    version, must not keep the report from being opened.
    """
    events = workplace.store.events.list(draft_id)
    of_kind = {event.kind: event.fingerprint for event in events if event.fingerprint}
    printed = EventKind.PRINTED in of_kind
    wanted = of_kind.get(EventKind.PRINTED) or of_kind.get(EventKind.SEALED)
    if not wanted:
        return None
    try:
        snapshot = workplace.store.snapshots.get(wanted)
        return Paper(read_content(snapshot.content, programme.form, draft_id).answers, printed)
    except (AppError, KeyError, ValueError):
        return None


def read_context(workplace: Workplace, programme: Programme, draft_id: str, answers: Answers) -> Context:
    """Look at files, record and thresholds again, for ``Surroundings.renew``."""
    events = workplace.store.events.list(draft_id)
    now = workplace.now().replace(second=0, microsecond=0)
    return workplace.context(programme, answers, now, events)
