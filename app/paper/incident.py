"""The account of a sending that failed (申报异常情况说明): facts, every attempt, and how they are proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import to_beijing
from app.messages import Messages
from app.model.submission import Attempt
from app.paper.fonts import Fonts
from app.paper.page import Document, FormRow
from app.paper.signature import Seal, SignLine
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table

_NO_FAILURES = frozenset({"received", "answer_awaited"})
"""A bundle that lies whole on a stick has not failed: it waits to be carried."""


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """A verified chain of attempts: the bundle (SHA-256, hex), its number of entries, its last hash."""

    bundle: str
    length: int
    hash: str


@dataclass(frozen=True, slots=True)
class Incident:
    """What is accounted for; moments in Beijing time.

    ``stage`` is the line on stage and end, empty where none is set.  ``receipt`` is (number, moment) where
    the platform has received the report after all; ``ahead`` how far its clock was ahead of the PC's.
    """

    unit: str
    programme: str
    stage: str
    fingerprint: str
    address: str
    begin: datetime
    end: datetime
    attempts: Sequence[Attempt]
    chains: Sequence[ChainEnd]
    receipt: tuple[str, datetime] | None
    ahead: timedelta | None
    rehearsal: bool
    made_at: datetime


def render_incident(incident: Incident, fonts: Fonts, messages: Messages) -> bytes:
    """Print the account; equal facts give equal bytes.  The unit signs and stamps it by hand."""

    def word(code: str, /, **params: object) -> str:
        return messages.text("incident", code, **params)

    document = Document(fonts, word("title"), DATA_PAGE, DATA_SHEET)
    document.title(word("title"))
    if incident.rehearsal:
        document.paragraph(word("rehearsal"))
    document.note(word("not_official"))
    document.heading(word("facts"))
    period = word("period_line", begin=_moment(incident.begin), end=_moment(incident.end))
    facts = (
        ("unit", incident.unit),
        ("programme", incident.programme),
        ("stage", incident.stage),
        ("fingerprint", incident.fingerprint),
        ("address", incident.address),
        ("period", period),
        ("clock", _clock(incident.ahead, messages)),
    )
    document.form([FormRow("", word(key), text, text=True) for key, text in facts if text])
    document.heading(word("summary"))
    failed = sum(attempt.outcome not in _NO_FAILURES for attempt in incident.attempts)
    sent = f"{sum(attempt.bytes_sent for attempt in incident.attempts):,} 字节"
    document.paragraph(word("summary_line", count=len(incident.attempts), failed=failed, sent=sent))
    if incident.receipt is None:
        document.paragraph(word("none_received"))
    else:
        number, at = incident.receipt
        document.paragraph(word("received", number=number, at=_moment(at)))
    document.heading(word("attempts"))
    if incident.attempts:
        document.note(word("attempts_note"))
        document.table(_table(incident.attempts, messages))
    else:
        document.paragraph(word("no_attempts"))
    document.heading(word("proof"))
    for chain in incident.chains:
        document.paragraph(word("proof_line", bundle=chain.bundle[:16], length=chain.length, hash=chain.hash))
    document.paragraph(word("made", at=_moment(incident.made_at)))
    document.signature([SignLine(word("signed"), rule=8.0)], Seal((incident.unit or word("unit_seal"),)))
    return document.build()


def outcome_word(outcome: str, messages: Messages) -> str:
    """Give what an attempt came to, for people."""
    code = f"outcome.{outcome}"
    return messages.text("incident", code if messages.has("incident", code) else "outcome.other")


def _table(attempts: Sequence[Attempt], messages: Messages) -> Table:
    def word(code: str) -> str:
        return messages.text("incident", code)

    columns = (
        Column(word("number"), align="center"),
        Column(word("begin"), 1.3, "center"),
        Column(word("end"), 1.3, "center"),
        Column(word("platform"), 1.3, "center"),
        Column(word("bytes"), None, "right"),
        Column(word("result"), 1.4, "left"),
        Column(word("code"), 1.4, "left"),
    )
    rows = [
        (
            str(place),
            _moment(attempt.started_at),
            _moment(attempt.ended_at),
            "—" if attempt.platform_time is None else _moment(attempt.platform_time),
            f"{attempt.bytes_sent:,}",
            outcome_word(attempt.outcome, messages),
            " ".join(dict.fromkeys(filter(None, (attempt.outcome, attempt.detail)))),
        )
        for place, attempt in enumerate(attempts, 1)
    ]
    return Table(columns, rows)


def _clock(ahead: timedelta | None, messages: Messages) -> str:
    if ahead is None:
        return messages.text("incident", "clock_unknown")
    if abs(ahead) < timedelta(minutes=1):
        return messages.text("incident", "clock_same")
    minutes = round(abs(ahead).total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    span = f"{days} 天 {rest // 60} 小时" if days else f"{rest} 分钟"
    return messages.text("incident", "clock_line" if ahead > timedelta() else "clock_slow", span=span)


def _moment(moment: datetime) -> str:
    return f"{to_beijing(moment):%Y-%m-%d %H:%M:%S}"
