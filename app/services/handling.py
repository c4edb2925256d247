"""Signing and stamping by hand, put on record for each part of each copy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.errors import UsageError
from app.model.packet import Part
from app.model.programme import Programme
from app.model.submission import Event, EventKind
from app.paper.stamping import stamp_checks
from app.rules.stale_pages import ACTS, Copies, printed_copies
from app.services.arranging import read_choice
from app.services.binding import arranged
from app.services.recording import Registration, register
from app.services.workplace import Workplace


def acts_of(part: Part) -> tuple[EventKind, ...]:
    """Give what is done by hand to a part: it is signed, stamped by the unit, stamped by its bureau."""
    seals = [place.party for place in part.stamp_places if not place.signature]
    acts = [EventKind.SIGNED] if any(place.signature for place in part.stamp_places) else []
    acts += [EventKind.STAMPED] if seals else []
    acts += [EventKind.STAMPED_BY_BUREAU] if len(set(seals)) > 1 else []
    return tuple(acts)


def handled_parts(programme: Programme) -> tuple[Part, ...]:
    """Give the parts of the packet that are signed or stamped, in order."""
    return tuple(dict.fromkeys(part for part, _ in stamp_checks(programme)))


def register_act(
    workplace: Workplace,
    draft_id: str,
    kind: EventKind,
    part_id: str,
    copy: int,
    now: datetime,
    *,
    at: str = "",
    who: str = "",
) -> Event:
    """Register that one part of one copy was signed or stamped; the last of them ends the stage.

    Raises ``UsageError``: ``packet_part_unknown`` (``id``), ``copy_unknown`` (``copy``, ``copies``),
    ``act_not_asked`` (``title``, ``act``), ``act_not_printed`` (``title``, ``copy``); and as ``register``.
    """
    programme = arranged(workplace.programme_of(workplace.draft(draft_id)), read_choice(workplace, draft_id))
    part = next((one for one in programme.packet.parts if one.id == part_id), None)
    if part is None:
        raise UsageError("packet_part_unknown", id=part_id)
    copies = programme.packet.copies
    if not 1 <= copy <= copies:
        raise UsageError("copy_unknown", copy=copy, copies=copies)
    label = workplace.messages.text("words", f"event.{kind.value}")
    if kind not in ACTS or kind not in acts_of(part):
        raise UsageError("act_not_asked", title=part.title, act=label)
    record = printed_copies(workplace.store.events.list(draft_id))
    if not record.get((copy, part_id)) or record[copy, part_id].printed_at is None:
        raise UsageError("act_not_printed", title=part.title, copy=copy)
    rest = [key for key in missing_acts(programme, record).get(kind, ()) if key != (copy, part_id)]
    params = {
        "part": part_id,
        "copy": str(copy),
        "pages": str(len(record[copy, part_id].pages)),
        "copies": "0" if rest else str(copies),
    }
    return register(workplace, draft_id, Registration(kind.value, at, who=who, params=params), now)


def missing_acts(programme: Programme, record: Copies) -> Mapping[EventKind, tuple[tuple[int, str], ...]]:
    """Give for each act the (copy, part) that still wait for it."""
    return {
        kind: tuple(
            (copy, part.id)
            for part in handled_parts(programme)
            for copy in range(1, programme.packet.copies + 1)
            if kind in acts_of(part)
            and ((copy, part.id) not in record or kind not in record[copy, part.id].done)
        )
        for kind in sorted(ACTS)
    }
