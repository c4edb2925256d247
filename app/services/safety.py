"""Backups: when the last was made, and making one now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.services.accounts import BACKUP_FOLDER, require_folder
from app.services.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Safety:
    """The newest backup (UTC+8), whether it was found whole, and the folder for copies outside."""

    newest: datetime | None
    verified: bool
    outside: str


def safety(workplace: Workplace) -> Safety:
    """Tell how old the newest backup is."""
    made = workplace.store.list_backups()
    outside = str(workplace.store.settings.get(BACKUP_FOLDER) or "")
    return Safety(made[0].made_at if made else None, bool(made and made[0].verified), outside)


def back_up_now(workplace: Workplace) -> Path:
    """Make a checked backup, and a copy in the folder outside where one is set; give the last file made.

    Raises ``AppError`` as ``Store.back_up`` and ``cannot_create_folder``.
    """
    made = workplace.store.back_up().path
    outside = str(workplace.store.settings.get(BACKUP_FOLDER) or "")
    if outside:
        return workplace.store.back_up(require_folder(outside) / made.name).path
    return made
