"""What waits to be sent (待传箱), each try (上传尝试), and the platform's receipts (回执).

A try is written down as ``interrupted`` before the first byte is sent.  So after a crash the bundle is
found pending with a try whose outcome is not known, and the platform is asked before it is sent again.
"""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.clock import Clock, format_moment, parse_moment, to_beijing
from app.errors import AppError
from app.model.submission import Attempt, Receipt
from app.store.chain import Chain, Link
from app.store.database import Database
from app.store.events import need_draft
from app.store.integrity import digest

ATTEMPTS = Chain("attempts", "attempts_damaged")

INTERRUPTED = "interrupted"
"""Outcome of a try that has begun and of which nothing more is known."""

LEASE = timedelta(minutes=2)
"""A sender that has given no sign of life for so long is taken for gone."""


class OutboxState(StrEnum):
    """Where a bundle is on its way."""

    PENDING = "pending"
    SENDING = "sending"
    RECEIVED = "received"
    RETURNED = "returned"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A bundle to be sent.  ``bundle_path`` as given; ``reason`` says why it is returned or quarantined.

    Moments in UTC+8.
    """

    draft_id: str
    fingerprint: str
    bundle_sha256: str
    bundle_path: str
    target: str
    state: OutboxState
    reason: str
    created_at: datetime
    updated_at: datetime


class _Row(NamedTuple):
    bundle_sha256: str
    draft_id: str
    fingerprint: str
    bundle_path: str
    target: str
    state: str
    reason: str
    alive_at: str
    created_at: str
    updated_at: str
    digest: str

    def changed(self, **fields: Any) -> _Row:
        new = self._replace(**fields)
        return new._replace(digest=digest(*new[:-1]))


_COLUMNS = ", ".join(_Row._fields)
_SETTERS = ", ".join(f"{name} = ?" for name in _Row._fields)


class Outbox:
    """Bundles on their way.  Database errors as in ``Drafts``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def put(
        self, draft_id: str, fingerprint: str, bundle_path: str, bundle_sha256: str, target: str
    ) -> OutboxItem:
        """Add a bundle as ``pending``.  The same bundle again changes its path and target only.

        Raises ``AppError("draft_missing")``.
        """
        now = format_moment(self._clock())
        with self._database.write() as connection:
            need_draft(connection, draft_id)
            row = _find(connection, bundle_sha256)
            if row is None:
                row = _Row(
                    bundle_sha256, draft_id, fingerprint, bundle_path, target,
                    OutboxState.PENDING.value, "", "", now, now, "",
                ).changed()  # fmt: skip
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO outbox ({_COLUMNS}) VALUES ({marks})", row)
            else:
                row = row.changed(bundle_path=bundle_path, target=target, updated_at=now)
                _store(connection, row)
        return self._item(row)

    def get(self, bundle_sha256: str) -> OutboxItem:
        """Give a bundle; raises ``AppError``: ``outbox_missing``, ``outbox_damaged`` (``bundle``)."""
        with self._database.read() as connection:
            return self._item(_need(connection, bundle_sha256))

    def list(self, draft_id: str = "") -> builtins.list[OutboxItem]:
        """Give the bundles of a draft, or all, oldest first; raises ``AppError("outbox_damaged")``.

        One marked ``sending`` whose sender is gone is given as ``pending``.
        """
        with self._database.read() as connection:
            rows = [_checked(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM outbox")]
        wanted = [row for row in rows if not draft_id or row.draft_id == draft_id]
        return [
            self._item(row) for row in sorted(wanted, key=lambda row: (row.created_at, row.bundle_sha256))
        ]

    def begin(self, bundle_sha256: str, address: str) -> int:
        """Write down, before anything is sent, that a try begins; give its number for ``finish``.

        Raises ``AppError``: ``outbox_busy`` (another window is sending it), ``outbox_missing``.
        """
        now = to_beijing(self._clock())
        with self._database.write() as connection:
            row = _need(connection, bundle_sha256)
            if self._state(row) is OutboxState.SENDING:
                raise AppError("outbox_busy", bundle=bundle_sha256)
            attempt = Attempt(now, now, address, 0, INTERRUPTED)
            link = ATTEMPTS.append(connection, bundle_sha256, _dump(attempt, 0))
            moment = format_moment(now)
            state = OutboxState.SENDING.value
            _store(connection, row.changed(state=state, reason="", alive_at=moment, updated_at=moment))
        return link.seq

    def renew(self, bundle_sha256: str) -> None:
        """Give a sign of life while sending; call at least every minute."""
        with self._database.write() as connection:
            row = _need(connection, bundle_sha256)
            _store(connection, row.changed(alive_at=format_moment(self._clock())))

    def finish(
        self, bundle_sha256: str, number: int, attempt: Attempt, state: OutboxState, reason: str = ""
    ) -> None:
        """Write down how try ``number`` ended and where the bundle is now.

        A bundle that was received stays received, whatever a later try says.
        """
        with self._database.write() as connection:
            row = _need(connection, bundle_sha256)
            ATTEMPTS.append(connection, bundle_sha256, _dump(attempt, number))
            self._move(connection, row, state, reason)

    def mark(self, bundle_sha256: str, state: OutboxState, reason: str = "") -> None:
        """Set the state without a try: returned by the platform, quarantined, pending again."""
        with self._database.write() as connection:
            self._move(connection, _need(connection, bundle_sha256), state, reason)

    def _move(self, connection: sqlite3.Connection, row: _Row, state: OutboxState, reason: str) -> None:
        if row.state == OutboxState.RECEIVED.value and state is not OutboxState.RETURNED:
            return
        now = format_moment(self._clock())
        _store(connection, row.changed(state=state.value, reason=reason, alive_at="", updated_at=now))

    def _state(self, row: _Row) -> OutboxState:
        state = OutboxState(row.state)
        if state is OutboxState.SENDING:
            silent = abs(to_beijing(self._clock()) - parse_moment(row.alive_at))
            return state if silent < LEASE else OutboxState.PENDING
        return state

    def _item(self, row: _Row) -> OutboxItem:
        return OutboxItem(
            row.draft_id,
            row.fingerprint,
            row.bundle_sha256,
            row.bundle_path,
            row.target,
            self._state(row),
            row.reason,
            parse_moment(row.created_at),
            parse_moment(row.updated_at),
        )


def _find(connection: sqlite3.Connection, bundle_sha256: str) -> _Row | None:
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE bundle_sha256 = ?", (bundle_sha256,)
    ).fetchone()
    return None if found is None else _checked(found)


def _checked(found: Iterable[Any]) -> _Row:
    row = _Row._make(found)
    if row.digest != digest(*row[:-1]):
        raise AppError("outbox_damaged", bundle=str(row.bundle_sha256))
    return row


def _need(connection: sqlite3.Connection, bundle_sha256: str) -> _Row:
    row = _find(connection, bundle_sha256)
    if row is None:
        raise AppError("outbox_missing", bundle=bundle_sha256)
    return row


def _store(connection: sqlite3.Connection, row: _Row) -> None:
    connection.execute(f"UPDATE outbox SET {_SETTERS} WHERE bundle_sha256 = ?", (*row, row.bundle_sha256))


class Attempts:
    """Tries to send, hash-chained per bundle.  Database errors as in ``Drafts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, bundle_sha256: str, attempt: Attempt) -> None:
        """Add a finished try that was not begun through ``Outbox.begin`` (by hand, USB stick).

        Raises ``AppError("outbox_missing")``.
        """
        with self._database.write() as connection:
            _need(connection, bundle_sha256)
            ATTEMPTS.append(connection, bundle_sha256, _dump(attempt, 0))

    def list(self, bundle_sha256: str) -> tuple[Attempt, ...]:
        """Give one entry per try in order; an unfinished one has the outcome ``interrupted``.

        Raises ``AppError("attempts_damaged", owner, place)``.
        """
        with self._database.read() as connection:
            links = ATTEMPTS.read(connection, bundle_sha256)
        tries: dict[int, Attempt] = {}
        for link in links:
            tries[link.content["ends"] or link.seq] = _load(link)
        return tuple(tries.values())

    def end(self, bundle_sha256: str) -> tuple[int, str]:
        """Give the number of entries in a bundle's chain and the last hash, every link verified.

        An entry is made when a try begins and one when it ends.  Raises ``AppError("attempts_damaged")``.
        """
        with self._database.read() as connection:
            links = ATTEMPTS.read(connection, bundle_sha256)
        return len(links), links[-1].hash if links else bundle_sha256


def _dump(attempt: Attempt, ends: int) -> dict[str, object]:
    platform_time = attempt.platform_time
    return {
        "ends": ends,
        "started_at": to_beijing(attempt.started_at).isoformat(),
        "ended_at": to_beijing(attempt.ended_at).isoformat(),
        "address": attempt.address,
        "bytes_sent": attempt.bytes_sent,
        "outcome": attempt.outcome,
        "detail": attempt.detail,
        "platform_time": None if platform_time is None else to_beijing(platform_time).isoformat(),
    }


def _load(link: Link) -> Attempt:
    raw = link.content
    attempt = Attempt(
        started_at=parse_moment(raw["started_at"]),
        ended_at=parse_moment(raw["ended_at"]),
        address=raw["address"],
        bytes_sent=raw["bytes_sent"],
        outcome=raw["outcome"],
        detail=raw["detail"],
    )
    if raw["platform_time"] is None:
        return attempt
    return replace(attempt, platform_time=parse_moment(raw["platform_time"]))


_RECEIPT = "number, bundle_sha256, fingerprint, received_at, rehearsal, document, digest"


class Receipts:
    """Receipts of the platform as they came.  Database errors as in ``Drafts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, receipt: Receipt) -> None:
        """Keep a receipt; the same one again changes nothing.

        Raises ``AppError("receipt_conflict", number)`` for another content under a number already kept.
        """
        received_at = to_beijing(receipt.received_at).isoformat()
        fields = (
            receipt.number, receipt.bundle_sha256, receipt.fingerprint, received_at,
            int(receipt.rehearsal), receipt.document,
        )  # fmt: skip
        with self._database.write() as connection:
            kept = connection.execute(
                "SELECT document FROM receipts WHERE number = ?", (receipt.number,)
            ).fetchone()
            if kept is None:
                connection.execute(
                    f"INSERT INTO receipts ({_RECEIPT}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*fields, digest(*fields)),
                )
            elif kept[0] != receipt.document:
                raise AppError("receipt_conflict", number=receipt.number)

    def get(self, bundle_sha256: str) -> Receipt | None:
        """Give the newest receipt for a bundle, or None; raises ``AppError("receipt_damaged", number)``."""
        found = self.list(bundle_sha256)
        return found[-1] if found else None

    def list(self, bundle_sha256: str = "") -> tuple[Receipt, ...]:
        """Give the receipts for a bundle, or all, oldest first; raises like ``get``."""
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {_RECEIPT} FROM receipts ORDER BY rowid").fetchall()
        kept = [_receipt(row) for row in rows]
        return tuple(
            sorted(
                (receipt for receipt in kept if bundle_sha256 in ("", receipt.bundle_sha256)),
                key=lambda receipt: receipt.received_at,
            )
        )


def damaged_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Give (``outbox``, bundle) and (``receipts``, number) of rows that are not as they were written."""
    for row in connection.execute(f"SELECT {_COLUMNS} FROM outbox"):
        if row[-1] != digest(*row[:-1]):
            yield "outbox", str(row[0])
    for row in connection.execute(f"SELECT {_RECEIPT} FROM receipts"):
        if row[-1] != digest(*row[:-1]):
            yield "receipts", str(row[0])


def _receipt(row: tuple[Any, ...]) -> Receipt:
    if row[-1] != digest(*row[:-1]):
        raise AppError("receipt_damaged", number=str(row[0]))
    number, bundle_sha256, fingerprint, received_at, rehearsal, document, _ = row
    return Receipt(number, parse_moment(received_at), bundle_sha256, fingerprint, bool(rehearsal), document)
