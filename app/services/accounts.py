"""What the unit told the program once: who it is, its platform, its folders.  Passwords: the keyring only."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from app.credentials import open_credentials
from app.errors import AppError, UsageError
from app.paper.office_fonts import find_office_fonts, font_folders
from app.services.submitting import Account
from app.services.workplace import OFFICE_FONTS, PLATFORM_AHEAD, Workplace
from app.transport.receipts import clean_fingerprint

UNIT, PLATFORM, BACKUP_FOLDER = "unit", "platform", "backup_folder"
CHANGE_THRESHOLD, CHANGE_LEAST = "change_threshold", "change_least"

Kept = TypeVar("Kept", "Unit", "Platform")


@dataclass(frozen=True, slots=True)
class Unit:
    """The reporting unit: name, credit code (GB 32100), kind (as ``Programme.unit_kind``), whom to ask."""

    name: str = ""
    code: str = ""
    kind: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Platform:
    """How to reach the platform; an empty address means that none is set."""

    address: str = ""
    account: str = ""
    trusted_key: str = ""

    def with_password(self, password: str | None) -> Account:
        """Give what sending needs."""
        return Account(self.address, self.account, password, self.trusted_key or None)


@dataclass(frozen=True, slots=True)
class WindowState:
    """What a window must know at its start.

    ``ahead`` is how far the platform's clock was ahead of the PC's at its last answer, None if it never
    answered; ``thresholds`` are the unit's own, as typed, None where the programme's count;
    ``office_fonts`` says whether the office's own fonts are chosen, ``fonts_found`` for which roles of type
    (fang, hei, kai, song, title) this PC has one.
    """

    unit: Unit
    platform: Platform
    ahead: timedelta | None
    drafts: frozenset[str]
    backup_folder: str
    thresholds: tuple[str | None, str | None]
    folder: Path
    office_fonts: bool = False
    fonts_found: tuple[str, ...] = ()


def window_state(workplace: Workplace) -> WindowState:
    """Read what was set."""
    own = workplace.store.settings
    ahead = own.get(PLATFORM_AHEAD)
    return WindowState(
        _read(own.get(UNIT), Unit),
        _read(own.get(PLATFORM), Platform),
        None if ahead is None else timedelta(seconds=float(ahead)),
        frozenset(line.id for line in workplace.store.drafts.list()),
        str(own.get(BACKUP_FOLDER) or ""),
        (own.get(CHANGE_THRESHOLD), own.get(CHANGE_LEAST)),
        workplace.folder,
        own.get(OFFICE_FONTS, False) is True,
        tuple(find_office_fonts(font_folders())),
    )


def _read(raw: Any, kind: type[Kept]) -> Kept:
    if not isinstance(raw, dict):
        return kind()
    return kind(**{one.name: str(raw.get(one.name, "")) for one in fields(kind)})


def read_platform(workplace: Workplace) -> Platform:
    """Give the platform that was set, in the window or by a command."""
    return _read(workplace.store.settings.get(PLATFORM), Platform)


def keep_unit(workplace: Workplace, unit: Unit) -> None:
    """Remember the unit."""
    workplace.store.settings.put(UNIT, asdict(unit))


def keep_platform(workplace: Workplace, platform: Platform) -> None:
    """Remember the platform; never a password."""
    workplace.store.settings.put(PLATFORM, asdict(platform))


def keep_threshold(workplace: Workplace, key: str, text: str | None) -> None:
    """Set the unit's own threshold (a share or a count as text), or take it back with None."""
    if text is None:
        workplace.store.settings.remove(key)
    else:
        workplace.store.settings.put(key, text)


def keep_office_fonts(workplace: Workplace, chosen: bool) -> None:
    """Choose whether paper is printed with the office's own fonts, from the program's next start on."""
    workplace.store.settings.put(OFFICE_FONTS, chosen)


def keep_backup_folder(workplace: Workplace, folder: str) -> None:
    """Set the folder outside the data folder that backups are copied to; empty for none."""
    workplace.store.settings.put(BACKUP_FOLDER, folder)


def is_key(text: str) -> bool:
    """Tell whether a text is a fingerprint of a key, or empty: none is known yet."""
    try:
        return not text or bool(clean_fingerprint(text))
    except UsageError:
        return False


def keyring_available() -> bool:
    """Tell whether this PC can keep a password."""
    return open_credentials().available


def read_password(platform: Platform) -> str | None:
    """Give the kept password; raises ``AppError("keyring_refused")``."""
    return open_credentials().get_password(platform.address, platform.account)


def keep_password(platform: Platform, password: str) -> None:
    """Keep a password in the keyring, or forget it where it is empty.

    Raises ``AppError``: ``keyring_missing``, ``keyring_refused``.
    """
    if password:
        open_credentials().set_password(platform.address, platform.account, password)
    else:
        open_credentials().delete_password(platform.address, platform.account)


def require_folder(folder: str) -> Path:
    """Give an existing folder; raises ``AppError("cannot_create_folder")`` where it cannot be made."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError("cannot_create_folder", name=folder, reason=error.strerror or "") from error
    return path
