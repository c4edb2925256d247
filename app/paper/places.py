"""The stamp places of a part as signature blocks: lines to sign on, the outline for the seal, the date."""

from __future__ import annotations

from collections.abc import Sequence

from app.messages import Messages
from app.model.packet import StampPlace
from app.paper.signature import Seal, Signature, SignLine

RULE = 7.0
"""Length in characters of a rule to sign on."""


def group_places(places: Sequence[StampPlace]) -> list[tuple[StampPlace, ...]]:
    """Divide the places of a part into blocks: signatures stand with the seal that follows them."""
    groups: list[tuple[StampPlace, ...]] = []
    waiting: list[StampPlace] = []
    for place in places:
        waiting.append(place)
        if not place.signature:
            groups.append(tuple(waiting))
            waiting = []
    return [*groups, tuple(waiting)] if waiting else groups


def signature_of(
    group: Sequence[StampPlace], messages: Messages, under: Sequence[str] = (), handlers: bool = False
) -> Signature:
    """Give the block for one group of ``group_places``.

    ``under`` (a unit's name) and the date to be written by hand stand where the seal covers them.
    ``handlers`` adds lines for the people of a party whose signatures the programme does not name.
    """
    lines = [
        SignLine(messages.text("paper", "sign", party=place.party), rule=RULE)
        for place in group
        if place.signature
    ]
    if handlers and not lines:
        lines = [SignLine(line, rule=RULE) for line in messages.text("paper", "handlers").splitlines()]
    date = messages.text("paper", "date")
    seals = [place for place in group if not place.signature]
    if not seals:
        return Signature((*lines, SignLine(date)))
    return Signature(tuple(lines), Seal((*under, date), short_label(seals[0].label)))


def short_label(label: str) -> str:
    """Give what a place is called on its own paper: the part of its label behind the paper's name."""
    return label.rpartition("：")[2]
