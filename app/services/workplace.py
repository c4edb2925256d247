"""What services work with: the store, the programmes, the words, the fonts, the clock."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app import paths
from app.clock import Clock, parse_moment, to_beijing
from app.errors import AppError, UsageError
from app.messages import Messages
from app.model.draft import Answers, Draft
from app.model.form import Form
from app.model.form_changes import programme_with
from app.model.programme import Programme
from app.model.submission import Event
from app.paper.fonts import Fonts
from app.paper.office_fonts import find_office_fonts, font_folders
from app.programmes.library import Library
from app.programmes.loader import load
from app.rules.calculate import compile_calculations, effective
from app.rules.view import Context, View
from app.services.evidence import inspect_file
from app.store import Store, open_store

_WORDS = {"gone": "missing"}

PLATFORM_AHEAD = "platform_ahead_seconds"
"""Setting: how far the platform's clock was ahead of the PC's at its last answer."""

OFFICE_FONTS = "office_fonts"
"""Setting: whether paper is printed with the office's own fonts where this PC has them."""


@dataclass(frozen=True)
class Workplace:
    """One user's data folder, opened.  Used from the thread that opened it."""

    store: Store
    library: Library
    messages: Messages
    fonts: Fonts
    clock: Clock
    folder: Path
    loaded: dict[tuple[str, int], Programme] = field(default_factory=dict, repr=False)

    def now(self) -> datetime:
        """Give Beijing time, by the platform's clock where it has ever answered, else the PC's."""
        ahead = self.store.settings.get(PLATFORM_AHEAD, 0)
        return to_beijing(self.clock()) + timedelta(seconds=float(ahead))

    def programme_of(self, draft: Draft) -> Programme:
        """Give the programme a draft is pinned to, with the latest notice and the report's own form."""
        programme = self.programme_by(draft.programme_id, draft.form_version)
        return programme_with(programme, draft.answers.form_changes)

    def form_of(self, programme_id: str, form_version: int) -> Form:
        """Give the programme's form, from which a stored draft's own form is made."""
        return self.programme_by(programme_id, form_version).form

    def programme_by(self, programme_id: str, form_version: int) -> Programme:
        """Give a programme, read from disk once as long as this workplace is open."""
        key = (programme_id, form_version)
        if key not in self.loaded:
            self.loaded[key] = self.library.load(programme_id, form_version)
        return self.loaded[key]

    def draft(self, draft_id: str) -> Draft:
        """Give a draft; raises ``UsageError("draft_unknown")``."""
        self.need_draft(draft_id)
        return self.store.drafts.get(draft_id, self.form_of)

    def need_draft(self, draft_id: str) -> None:
        """Raise ``UsageError("draft_unknown")`` where there is no such draft."""
        try:
            self.store.drafts.summary(draft_id)
        except AppError as error:
            if error.code == "draft_missing":
                raise UsageError("draft_unknown", id=draft_id) from error
            raise

    def find_programme(self, name: str) -> Programme:
        """Give a programme by id, folder or zip."""
        if name in self.library.sources():
            return self.library.load(name)
        return find_programme(name, self.library)

    def context(
        self, programme: Programme, answers: Answers, now: datetime, events: tuple[Event, ...]
    ) -> Context:
        """Give what rules must know from outside about this draft at a moment."""
        files = {one.sha256: one.name for one in answers.attachments}
        broken = {
            sha: _WORDS.get(reason, reason) for sha, reason in self.store.attachments.check(files).items()
        }
        faults = {
            sha256: fault
            for sha256, name in files.items()
            if sha256 not in broken and (fault := inspect_file(self.store.attachments.open(sha256), name))
        }
        own = self.store.settings
        return Context(
            now=now,
            missing_glyphs=self.fonts.missing,
            broken_files=broken,
            file_faults=faults,
            events=events,
            change_threshold=_decimal(own.get("change_threshold"), programme, "change_threshold", "0.3"),
            change_least=_decimal(own.get("change_least"), programme, "change_least", "5"),
        )


def _decimal(own: object, programme: Programme, key: str, default: str) -> Decimal:
    for text in (own, programme.settings.get(key)):
        try:
            return Decimal(str(text))
        except InvalidOperation:
            continue
    return Decimal(default)


def file_context(
    programme: Programme, fonts: Fonts, now: datetime, broken: Mapping[str, str], faults: Mapping[str, str]
) -> Context:
    """Give the context for content that comes from a file and not from the store."""
    return Context(
        now=now,
        missing_glyphs=fonts.missing,
        broken_files=broken,
        file_faults=faults,
        change_threshold=_decimal(None, programme, "change_threshold", "0.3"),
        change_least=_decimal(None, programme, "change_least", "5"),
    )


def view_of(programme: Programme, draft: Draft, fonts: Fonts, now: datetime) -> View:
    """Give the effective answers of a draft for showing and painting, with the draft's own form."""
    programme = programme_with(programme, draft.answers.form_changes)
    context = file_context(programme, fonts, now, {}, {})
    return effective(compile_calculations(programme), draft.answers, context, None)


def find_programme(name: str, library: Library) -> Programme:
    """Give a programme by id, folder or zip, without a workplace."""
    if name in library.sources():
        return library.load(name)
    source = Path(name)
    if source.exists():
        return load(source)
    raise UsageError("programme_unknown", id=name)


def data_folder(choice: str | None, environ: Mapping[str, str]) -> Path:
    """Give the folder of all user data: the one asked for, else the system's usual place."""
    return Path(choice) if choice else paths.user_data(environ, sys.platform)


def make_library(resources: Path, folder: Path) -> Library:
    """Give the programmes shipped with the program and those in the user's data folder."""
    return Library((resources / "programmes", folder / "programmes"))


@contextmanager
def open_workplace(folder: Path, resources: Path, messages: Messages, clock: Clock) -> Iterator[Workplace]:
    """Open a data folder, creating what is missing; raises ``AppError`` as ``open_store``."""
    with open_store(folder, clock=clock) as store:
        office = find_office_fonts(font_folders()) if store.settings.get(OFFICE_FONTS, False) is True else {}
        fonts = Fonts(resources / "fonts", office)
        yield Workplace(store, make_library(resources, folder), messages, fonts, clock, folder)


def chosen_moment(text: str | None, default: Clock) -> datetime:
    """Give the moment of ``--now`` with the offset as typed, else the clock's.

    The offset is kept because it is what the PC shows; raises ``UsageError`` for a time without one.
    """
    if not text:
        return default()
    parse_moment(text)
    return datetime.fromisoformat(text)
