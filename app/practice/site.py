"""What the rehearsal platform is given at start: programmes, accounts, and what it cannot do itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.model.programme import Action, Delivery, Programme, Stage
from app.model.submission import EventKind
from app.practice.words import Words
from app.services.reviewing import Review

BUNDLE_ID = "bundle"
"""Delivery id of the bundle where the programme itself names no delivery of the bundle's media type."""


class Role(StrEnum):
    """Kinds of accounts: the unit's two logins (seed 000 §三.1) and reviewers."""

    UNIT_ADMIN = "unit_admin"
    FILLER = "filler"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class Account:
    """One login.  ``stages`` are the ids of the stages it may review, in any programme.

    A reviewer with a ``unit`` reviews that unit's reports only, one without reviews all units'.
    """

    name: str
    password: str = field(repr=False)
    role: Role
    unit: str
    label: str = ""
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """What a whole bundle says about itself.  ``fingerprint`` is ``sha256:<hex>``."""

    programme_id: str
    form_version: int
    fingerprint: str
    title: str


@dataclass(frozen=True)
class Site:
    """Everything from outside, injected by the command that starts the platform.

    ``verify_bundle(path)`` raises ``AppError`` for a bundle that is not whole.
    ``render_report(path, verification_code, approved_at)`` gives the watermarked PDF; its watermark says
    演练; without a code it is the report as it lies under review.  ``read_review(path, returned, now)`` gives
    the report for the reviewer's eyes, held against the bundle it corrects.  ``pages`` is the folder of the
    reviewers' web pages.  ``bundle_media_type`` tells which delivery of a programme is the bundle.
    """

    programmes: Mapping[str, Programme]
    verify_bundle: Callable[[Path], BundleInfo]
    render_report: Callable[[Path, str, datetime], bytes]
    read_review: Callable[[Path, Path | None, datetime], Review]
    pages: Path
    accounts: tuple[Account, ...]
    words: Words
    bundle_media_type: str = "application/vnd.shenbao.bundle+zip"


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when (both inclusive); None is open on that side."""

    opens: datetime | None
    closes: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Tell whether the moment lies inside; a deadline of 21:00 still counts at 21:00:00."""
        return not self.is_early(moment) and not self.is_late(moment)

    def is_early(self, moment: datetime) -> bool:
        """Tell whether it has not opened yet."""
        return self.opens is not None and moment < self.opens

    def is_late(self, moment: datetime) -> bool:
        """Tell whether it has closed."""
        return self.closes is not None and moment > self.closes


def reviewing_stages(programme: Programme) -> tuple[Stage, ...]:
    """Give the stages in which a reviewer decides on the platform, in the notice's order."""
    return tuple(stage for stage in programme.stages if stage.reviewer)


def sending_stages(programme: Programme) -> tuple[Stage, ...]:
    """Give the stages whose windows bound the sending: those of uploading, else those of filling in.

    A notice with one window for both (seed 000 §四.1) has no uploading stage with times of its own.
    """
    own = [stage for stage in programme.stages if not stage.reviewer]
    for action in (Action.UPLOAD, Action.FILL):
        found = tuple(s for s in own if s.action is action and (s.opens is not None or s.closes is not None))
        if found:
            return found
    return ()


def deliveries_of(site: Site, programme: Programme) -> tuple[Delivery, ...]:
    """Give the files the platform takes for a programme; the bundle is always among them."""
    wanted = programme.upload.deliveries
    if _find_bundle(site, wanted) is not None:
        return wanted
    bundle = Delivery(BUNDLE_ID, site.words.platform("bundle"), site.bundle_media_type, required=True)
    return (bundle, *wanted)


def bundle_delivery(site: Site, programme: Programme) -> Delivery:
    """Give the one delivery that is the bundle: the one of its media type, else the one of its id."""
    found = _find_bundle(site, deliveries_of(site, programme))
    if found is None:
        raise LookupError(programme.id)
    return found


def _find_bundle(site: Site, deliveries: tuple[Delivery, ...]) -> Delivery | None:
    typed = (delivery for delivery in deliveries if delivery.media_type == site.bundle_media_type)
    named = (delivery for delivery in deliveries if delivery.id == BUNDLE_ID)
    return next(typed, None) or next(named, None)


def make_accounts(programmes: Mapping[str, Programme], words: Words, password: str) -> tuple[Account, ...]:
    """Give the usual accounts of a rehearsal, all with one password.

    ``filler``, ``unit`` and, for each reviewing stage of any programme, ``review-<stage id>``.  ``unit``
    also reviews the stages that end with the unit's own approval (seed 000 §三.1).  Reviewers of those
    belong to the unit; the others belong to none and see every unit's reports.
    """
    unit = words.platform("unit")
    stages = {stage.id: stage for programme in programmes.values() for stage in reviewing_stages(programme)}
    own = tuple(stage.id for stage in stages.values() if EventKind.UNIT_APPROVED in stage.done_by)
    return (
        Account("filler", password, Role.FILLER, unit, words.platform("filler")),
        Account("unit", password, Role.UNIT_ADMIN, unit, words.platform("unit_admin"), own),
        *(
            Account(
                f"review-{stage.id}",
                password,
                Role.REVIEWER,
                unit if stage.id in own else "",
                words.platform("reviewer", stage=stage.label),
                (stage.id,),
            )
            for stage in stages.values()
        ),
    )
