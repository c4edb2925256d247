"""The original notice (通知原文) kept with a report: brought by the programme, or attached by the clerk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from app.errors import AppError, UsageError
from app.model.programme import Programme
from app.model.submission import Event, EventKind
from app.services.recording import Registration, register
from app.services.workplace import Workplace

ABOUT, KEPT, WITHDRAWN = "about", "notice", "notice_withdrawn"
"""Params of the notes that keep a notice in the record and take it out again."""

VIEWED = "viewed"
"""Folder below the data folder in which files lie under their own names while they are looked at."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice's file: its name and SHA-256; ``own``: attached by the clerk, not brought by the programme."""

    name: str
    sha256: str
    own: bool


def list_notices(programme: Programme | None, events: Sequence[Event]) -> tuple[Notice, ...]:
    """Give the programme's notices, then those attached, in the order of attaching; each content once."""
    found: dict[str, Notice] = {}
    for name, content in (programme.notices if programme is not None else {}).items():
        sha256 = hashlib.sha256(content).hexdigest()
        found[sha256] = Notice(name, sha256, own=False)
    for event in events:
        about = event.params.get(ABOUT) if event.kind is EventKind.NOTE else None
        if about == KEPT and event.file:
            found.setdefault(event.file, Notice(event.params.get("file_name", ""), event.file, own=True))
        elif about == WITHDRAWN and found.get(event.params.get("sha256", ""), _PROGRAMMES).own:
            del found[event.params["sha256"]]
    return tuple(found.values())


_PROGRAMMES = Notice("", "", own=False)


def keep_notice(workplace: Workplace, draft_id: str, file: Path) -> None:
    """Keep a notice's file with a report: in the store, and in the record.  It is no content of the report.

    Raises as ``register``, and for a file that cannot be read or is empty or too large.
    """
    note = workplace.messages.text("words", "notice_kept", name=file.name)
    entry = Registration(EventKind.NOTE.value, note=note, file=file, params={ABOUT: KEPT})
    register(workplace, draft_id, entry, workplace.now())


def withdraw_notice(workplace: Workplace, draft_id: str, notice: Notice) -> None:
    """Take an attached notice off the report; the record and the store keep it."""
    note = workplace.messages.text("words", "notice_withdrawn", name=notice.name)
    params = {ABOUT: WITHDRAWN, "sha256": notice.sha256}
    register(
        workplace, draft_id, Registration(EventKind.NOTE.value, note=note, params=params), workplace.now()
    )


def view_notice(workplace: Workplace, draft_id: str, notice: Notice) -> Path:
    """Put a copy of a notice under its own name, for a viewer, and give its path.

    Raises ``AppError``: ``attachment_gone``, ``attachment_altered``, ``cannot_write``; and
    ``UsageError("file_not_found")`` where the programme has no such notice any more.
    """
    if notice.own:
        content = workplace.store.attachments.open(notice.sha256).read_bytes()
    else:
        notices = workplace.programme_of(workplace.draft(draft_id)).notices
        if notice.name not in notices:
            raise UsageError("file_not_found", name=notice.name)
        content = notices[notice.name]
    place = workplace.folder / VIEWED / notice.sha256[:16] / (PureWindowsPath(notice.name).name or "notice")
    try:
        if not place.is_file() or place.read_bytes() != content:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    except OSError as error:
        raise AppError("cannot_write", name=str(place), reason=error.strerror or "") from error
    return place
