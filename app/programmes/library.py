"""All programmes a PC knows: those shipped with the program and those the office added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.errors import UsageError
from app.model.programme import Programme
from app.programmes.loader import load, verify


@dataclass(frozen=True, slots=True)
class Library:
    """Folders that hold programme folders or zips."""

    folders: tuple[Path, ...]

    def sources(self) -> dict[str, list[Path]]:
        """Give programme id -> folders or zips that hold a version of it, without reading them.

        A version beside the first is named ``id@anything``, because ids are folder names.
        """
        found: dict[str, list[Path]] = {}
        for folder in self.folders:
            if not folder.is_dir():
                continue
            for entry in sorted(folder.iterdir()):
                if entry.is_dir() and (entry / "programme.toml").is_file():
                    found.setdefault(entry.name.partition("@")[0], []).append(entry)
                elif entry.suffix == ".zip" and entry.is_file():
                    found.setdefault(entry.stem.partition("@")[0], []).append(entry)
        return found

    def load(self, programme_id: str, form_version: int | None = None) -> Programme:
        """Load a programme: the newest form, or the one a draft is pinned to, with the latest notice.

        Windows, contacts, channels, calendar and notes always come from the highest
        ``notice_revision`` known; form, checks and paper from the form version.  Raises
        ``UsageError`` with ``programme_unknown`` or ``form_version_unknown``, and what ``load`` raises
        where no version of it can be used (a bad version never hides the good ones) or where the form
        does not go together with the latest notice.
        """
        versions, bad = self._versions(programme_id)
        if not versions:
            raise bad[0] if bad else UsageError("programme_unknown", id=programme_id)
        return _joined(programme_id, versions, form_version)

    def load_all(self) -> tuple[Sequence[Programme], Sequence[UsageError]]:
        """Load every programme in its newest form, and give what is wrong with those that are bad."""
        good: list[Programme] = []
        bad: list[UsageError] = []
        for programme_id in self.sources():
            versions, errors = self._versions(programme_id)
            bad += errors
            try:
                good += [_joined(programme_id, versions, None)] if versions else []
            except UsageError as error:
                bad.append(error)
        return good, bad

    def _versions(self, programme_id: str) -> tuple[list[Programme], list[UsageError]]:
        """Give all versions that can be used, and why the others cannot."""
        good: list[Programme] = []
        bad: list[UsageError] = []
        for source in self.sources().get(programme_id, ()):
            try:
                programme = load(source)
            except UsageError as error:
                bad.append(error)
                continue
            if programme.id == programme_id:
                good.append(programme)
            else:
                bad.append(
                    UsageError(
                        "programme_mismatch", name=source.name, found=programme.id, wanted=programme_id
                    )
                )
        return good, bad


def _joined(programme_id: str, versions: Sequence[Programme], form_version: int | None) -> Programme:
    """Give the wanted (or newest) form with the latest notice."""
    latest = max(versions, key=lambda one: (one.notice_revision, one.form_version))
    wanted = max(one.form_version for one in versions) if form_version is None else form_version
    forms = [one for one in versions if one.form_version == wanted]
    if not forms:
        raise UsageError("form_version_unknown", id=programme_id, version=wanted)
    form = max(forms, key=lambda one: one.notice_revision)
    joined = _with_notice(form, latest)
    if joined is not form:
        verify(joined, programme_id)  # checks of this form may name stages the newer notice has not
    return joined


def _with_notice(form: Programme, notice: Programme) -> Programme:
    if form is notice:
        return form
    return replace(
        form,
        notice_revision=notice.notice_revision,
        stages=notice.stages,
        contacts=notice.contacts,
        upload=notice.upload,
        calendar=notice.calendar,
        notes=notice.notes,
        notice_date=notice.notice_date,
        notices=notice.notices,
        portal=notice.portal,
    )
