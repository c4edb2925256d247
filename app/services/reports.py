"""The list of reports with where each stands, and the programmes that a new one can be made from."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.errors import AppError, UsageError
from app.model.programme import Programme
from app.model.submission import Event
from app.programmes.loader import load
from app.programmes.source import read_folder, read_zip
from app.rules.stages import StageState, next_stage, stages
from app.services.drafting import load_answers, new_draft
from app.services.workplace import Workplace
from app.store.drafts import DraftSummary

_SAMPLE = "complete.json"


@dataclass(frozen=True, slots=True)
class Report:
    """One report: its line in the store, its programme, its stages and the next of them.

    ``error`` says why more is not known (damaged draft, programme gone); programme and stages are empty
    then.
    """

    summary: DraftSummary
    programme: Programme | None
    states: tuple[StageState, ...] = ()
    events: tuple[Event, ...] = ()
    error: AppError | None = None

    @property
    def next(self) -> StageState | None:
        """Give the stage at which somebody must act now."""
        return next_stage(self.states)

    def at(self, now: datetime) -> Report:
        """Give the report as it stands at another moment."""
        if self.programme is None:
            return self
        return replace(self, states=stages(self.programme, self.events, now))

    @property
    def searchable(self) -> str:
        """Give all that the report can be found by."""
        programme = self.programme
        about = (programme.title, programme.issuer, str(programme.report_year)) if programme else ()
        return " ".join((self.summary.title, self.summary.id, *about)).casefold()


def list_reports(workplace: Workplace, now: datetime, *, hidden: bool = False) -> tuple[Report, ...]:
    """Give all reports, the one changed last first; ``hidden``: the archived and deleted ones too."""
    return tuple(_report(workplace, line, now) for line in workplace.store.drafts.list(hidden=hidden))


def _report(workplace: Workplace, line: DraftSummary, now: datetime) -> Report:
    if line.damaged:
        return Report(line, None, error=AppError("draft_head_damaged", title=line.title))
    try:
        programme = workplace.programme_by(line.programme_id, line.form_version)
        events = workplace.store.events.list(line.id)
    except AppError as error:
        return Report(line, None, error=error)
    return Report(line, programme, stages(programme, events, now), events)


def list_programmes(workplace: Workplace) -> tuple[tuple[Programme, ...], tuple[UsageError, ...]]:
    """Give all programmes in their newest form, and what is wrong with those that cannot be used."""
    good, bad = workplace.library.load_all()
    return tuple(sorted(good, key=lambda one: (-one.report_year, one.title))), tuple(bad)


def add_programme(workplace: Workplace, source: Path) -> Programme:
    """Take a programme in from a folder or zip (a USB stick), after it was loaded without a defect.

    The same version again changes nothing.  Raises ``UsageError`` (``file_not_found``, or
    ``DefectiveProgrammeError`` naming the places) and ``AppError("cannot_write")``.
    """
    if not source.exists():
        raise UsageError("file_not_found", name=str(source))
    programme = load(source)
    files = read_folder(source) if source.is_dir() else read_zip(source)
    name = f"{programme.id}@{programme.form_version}-{programme.notice_revision}"
    home = workplace.folder / "programmes"
    target, temporary = home / name, home / f".{name}.part"
    if target.exists():
        return programme
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        for path, content in files.items():
            place = temporary / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        temporary.rename(target)
    except OSError as error:
        raise AppError("cannot_write", name=str(target), reason=error.strerror or "") from error
    workplace.loaded.clear()
    return programme


def has_sample(programme: Programme) -> bool:
    """Tell whether a programme brings a complete report to rehearse with."""
    return _SAMPLE in programme.samples


def rehearse(workplace: Workplace, programme: Programme) -> str:
    """Make a report from the programme's complete sample and give its id."""
    folder = workplace.folder / "samples" / f"{programme.id}@{programme.form_version}"
    try:
        for name, content in programme.samples.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    except OSError as error:
        raise AppError("cannot_write", name=str(folder), reason=error.strerror or "") from error
    draft_id = new_draft(workplace, programme, load_answers(folder / _SAMPLE, programme), folder)
    title = workplace.messages.text("words", "rehearsal_title", title=programme.short_title)
    workplace.store.drafts.rename(draft_id, title)
    shutil.rmtree(folder, ignore_errors=True)
    return draft_id


def of_kind(programmes: Sequence[Programme], kind: str) -> tuple[Programme, ...]:
    """Give the programmes meant for a kind of unit; all of them where the kind is not known."""
    return tuple(one for one in programmes if not kind or one.unit_kind == kind)
