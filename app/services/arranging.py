"""The office's own arrangement of the book (装订安排), kept with the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.errors import AppError
from app.model.programme import Programme
from app.services.binding import AS_ASKED, MARKS, BookChoice, arranged
from app.services.drafting import add_file
from app.services.workplace import Workplace

_KEY = "book"


def read_choice(workplace: Workplace, draft_id: str) -> BookChoice:
    """Give the arrangement kept with a report; ``AS_ASKED`` where there is none.

    An official PDF that is not whole any more raises ``attachment_gone`` or ``attachment_altered``: a book
    must not fall back to our own form in silence.
    """
    raw = workplace.store.settings.get(f"{_KEY}/{draft_id}")
    if not isinstance(raw, dict):
        return AS_ASKED
    official = {str(name): str(sha256) for name, sha256 in dict(raw.get("official", {})).items()}
    return BookChoice(
        tuple(str(name) for name in raw.get("order", ())),
        tuple(str(name) for name in raw.get("loose", ())),
        {name: workplace.store.attachments.open(sha256) for name, sha256 in official.items()},
        {str(name): int(volume) for name, volume in dict(raw.get("volumes", {})).items()},
        bool(raw.get("numbered", False)),
        frozenset(str(name) for name in raw.get("without", ())) & frozenset(MARKS),
    )


def keep_choice(workplace: Workplace, draft_id: str, choice: BookChoice) -> BookChoice:
    """Check an arrangement and keep it with the report; give it with its official PDFs as stored.

    Raises as ``arranged``; nothing is kept then.
    """
    programme = workplace.programme_of(workplace.draft(draft_id))
    arranged(programme, choice)
    _need_something(programme, choice)
    stored = {name: _stored(workplace, path) for name, path in choice.official.items()}
    workplace.store.settings.put(
        f"{_KEY}/{draft_id}",
        {
            "order": list(choice.order),
            "loose": list(choice.loose),
            "official": stored,
            "volumes": dict(choice.volumes),
            "numbered": choice.numbered,
            "without": sorted(choice.without),
        },
    )
    return replace(choice, official=_opened(workplace, stored))


def forget_choice(workplace: Workplace, draft_id: str) -> None:
    """Go back to the book that the notice asks for; raises ``UsageError("draft_unknown")``."""
    workplace.need_draft(draft_id)
    workplace.store.settings.remove(f"{_KEY}/{draft_id}")


def _need_something(programme: Programme, choice: BookChoice) -> None:
    """Refuse an arrangement that binds nothing although the notice asks for a book."""
    asked = [part for part in programme.packet.parts if part.in_book]
    if asked and not any(part.in_book for part in arranged(programme, choice).packet.parts):
        raise AppError("packet_empty")


def _stored(workplace: Workplace, path: Path) -> str:
    sha256, _ = add_file(workplace, path)
    return sha256


def _opened(workplace: Workplace, stored: Mapping[str, str]) -> dict[str, Path]:
    return {name: workplace.store.attachments.open(sha256) for name, sha256 in stored.items()}
