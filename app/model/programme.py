"""A programme (申报事项): one year's notice as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.model.finding import Gate, Severity
from app.model.form import Form
from app.model.packet import PacketSpec
from app.model.portal import Portal
from app.model.submission import EventKind


class Action(StrEnum):
    """What is done in a stage.  The set is small and is code; their order is data."""

    FILL = "fill"
    REVIEW = "review"
    UPLOAD = "upload"
    WAIT = "wait"
    PRINT = "print"
    STAMP = "stamp"
    SCAN = "scan"
    BIND = "bind"
    DELIVER = "deliver"
    POST = "post"


class Counts(StrEnum):
    """What must have happened by the closing moment for the stage to be in time."""

    STARTED = "started"
    RECEIVED = "received"
    POSTED = "posted"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read a deadline of the notice.  Shown beside it; the stricter one is planned for."""

    closes: datetime
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way (环节): who acts, from when to when, and what finishes it.

    ``opens``/``closes`` may be absent.  ``done_by``: the event kinds that end it.  ``after``: stages
    that must be done first.  ``warn_before``: how long before closing it counts as closing soon.
    ``returns_to``: the stage from which work starts again when this stage returns the report.
    """

    id: str
    label: str
    actor: str
    action: Action
    done_by: tuple[EventKind, ...]
    opens: datetime | None = None
    closes: datetime | None = None
    counts: Counts = Counts.RECEIVED
    after: tuple[str, ...] = ()
    warn_before: timedelta = timedelta(hours=48)
    usual_days: int = 0
    readings: tuple[Reading, ...] = ()
    returns_to: str = ""
    reviewer: bool = False
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One check as written in ``checks.toml``: a kind with parameters.

    ``origin`` names file and place for messages about defects of the programme.
    """

    code: str
    kind: str
    severity: Severity
    gates: frozenset[Gate]
    params: Mapping[str, object]
    blocks: bool = False
    message: str = ""
    when: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """A kind of proof document (佐证材料) and the items it proves."""

    id: str
    number: str
    label: str
    items: tuple[str, ...] = ()
    required: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A doubt or contradiction of the notice, shown and not silently resolved."""

    about: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask."""

    name: str
    phone: str
    role: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and shifted working days, as published.  ``known_years`` says for which years.

    A year that is not known is planned with weekends only, and the user is told so.
    """

    holidays: Mapping[date, str] = field(default_factory=dict)
    workdays: Mapping[date, str] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()


class DeliverySource(StrEnum):
    """Where a file that the platform wants comes from.

    The bundle, the report written as a Word file, a part of the packet as PDF, the scan of stamped paper that
    was registered.
    """

    BUNDLE = "bundle"
    WORD = "word"
    PART = "part"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file the platform wants for a submission (report, Word file, stamped scan).

    ``part`` is the id of the packet's part that it is, ``file_name`` the name that the portal wants, without
    its ending and with the slots of texts; without one the file is named by its label.  ``stage`` is the
    later stage in which it is brought, empty for what goes with the report.
    """

    id: str
    label: str
    media_type: str
    required: bool = True
    source: DeliverySource = DeliverySource.BUNDLE
    part: str = ""
    file_name: str = ""
    stage: str = ""

    @property
    def at_once(self) -> bool:
        """Tell whether the report is not taken without it."""
        return self.required and not self.stage


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where the report goes.  The real portal has no public API: ``api`` stays empty then."""

    portal: str
    address: str
    path: str
    api: str = ""
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line of a self-score: points by an expression, capped at ``points``."""

    id: str
    group: str
    label: str
    points: str
    expression: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ScoreProfile:
    """A reference self-score.  ``official`` false is shown with every figure of it."""

    title: str
    source: str
    official: bool
    enabled: bool
    lines: tuple[ScoreLine, ...]
    grades: tuple[tuple[str, str], ...] = ()
    vetoes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Gathering:
    """How sealed reports of another programme are added up here: each becomes a row of ``table``.

    ``columns`` maps columns of the table to expressions over the form of ``programme``.  ``key`` is the
    column by which the row of a report is found again; ``stamp`` the one that takes its short 校验码.
    """

    table: str
    programme: str
    key: str
    columns: Mapping[str, str]
    stamp: str = ""


_TAG = re.compile(r"([^,，、(]+)(?:\(([^)]*)\))?")


def source_words(source: str, sources: Mapping[str, str]) -> str:
    """Give where an item comes from in words: ``TC17(25),HX`` with each tag's name, its place in brackets.

    A tag without a name stays as it is written.
    """
    words = []
    for tag, place in _TAG.findall(source):
        name = sources.get(tag.strip(), tag.strip())
        if name:
            words.append(f"{name}（{place}）" if place else name)
    return "；".join(words)


@dataclass(frozen=True)
class Programme:
    """One year's notice: what is asked, checked, printed, sent, and by when.

    ``samples`` maps paths below ``samples/`` to contents: ``complete.json``, ``faulty.json``, evidence.
    ``notices`` holds the original notice's files by name.  ``sources`` names the tags with which items say
    where they come from (see ``source_words``).
    """

    id: str
    form_version: int
    notice_revision: int
    title: str
    short_title: str
    issuer: str
    report_year: int
    period_start: date
    period_end: date
    unit_kind: str
    form: Form
    checks: tuple[CheckSpec, ...]
    stages: tuple[Stage, ...]
    packet: PacketSpec
    upload: UploadTarget
    evidence: tuple[EvidenceKind, ...] = ()
    notes: tuple[Note, ...] = ()
    contacts: tuple[Contact, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    score: ScoreProfile | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    samples: Mapping[str, bytes] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    label: str = "内置参考模板"
    expression_language: int = 1
    grades: tuple[str, ...] = ()
    notice_date: date | None = None
    gatherings: tuple[Gathering, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    notices: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    portal: Portal = field(default_factory=Portal)
