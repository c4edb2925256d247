"""The next version from a USB stick: checked, backed up, never unnoticed between printing and sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.model.submission import Event, EventKind
from app.release import Update, check_update, read_release
from app.services.safety import back_up_now
from app.services.workplace import Workplace

_BEGINS = frozenset({EventKind.SEALED, EventKind.PRINTED, EventKind.UPLOADED, EventKind.SUBMITTED})
_ENDS = frozenset({EventKind.DELIVERED, EventKind.POSTED, EventKind.RESULT})


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """A checked installer, and the titles of reports on their way, which would be better finished first."""

    update: Update
    under_way: tuple[str, ...]


def plan_update(workplace: Workplace, file: Path, resources: Path, platform: str) -> UpdatePlan:
    """Check an installer and tell what is under way; changes nothing.  Raises as ``check_update``."""
    update = check_update(file, read_release(resources), platform)
    drafts = workplace.store.drafts.list()
    titles = [one.title for one in drafts if is_open(workplace.store.events.list(one.id))]
    return UpdatePlan(update, tuple(titles))


def is_open(events: Sequence[Event]) -> bool:
    """Tell whether a report was sealed, printed or sent and has not yet arrived."""
    open_ = False
    for event in events:
        if event.kind in _BEGINS:
            open_ = True
        elif event.kind in _ENDS:
            open_ = False
    return open_


def back_up_for(workplace: Workplace, plan: UpdatePlan) -> tuple[Path, str]:
    """Make a checked backup before an update; give it and the words to start the installer with.

    Raises ``AppError`` as ``back_up_now``.
    """
    made = back_up_now(workplace)
    return made, installing_words(plan.update.path)


def installing_words(path: Path) -> str:
    """Give the line that installs a package on the Debian family; on Windows the installer is opened."""
    if path.suffix == ".exe":
        return str(path)
    return f'sudo apt install "{path.resolve()}"'
