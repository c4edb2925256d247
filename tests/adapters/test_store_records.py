"""Events, snapshots, outbox, attempts, receipts and settings in a real SQLite file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.clock import BEIJING
from app.errors import AppError
from app.model.submission import Attempt, Event, EventKind, EventSource, Receipt, Snapshot
from app.store import Store, open_store
from app.store.integrity import canonical
from app.store.outbox import INTERRUPTED, LEASE, OutboxState
from tests.adapters.store_world import FORM, START, TickingClock, make_draft

ID = "DRAFT22222"
BUNDLE = "c" * 64


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def store(tmp_path: Path, clock: TickingClock) -> Iterator[Store]:
    with open_store(tmp_path, clock=clock) as opened:
        opened.drafts.create(make_draft(), FORM, "")
        yield opened


def alter(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "shenbao.db", isolation_level=None)) as connection:
        connection.execute(statement, values)


def returned() -> Event:
    return Event(
        EventKind.RETURNED,
        datetime(2022, 12, 3, 4, 5, 6, 700, tzinfo=UTC),
        EventSource.HAND,
        who="科技局",
        note="退回修改",
        params={"stage": "review"},
    )


def test_events_are_chained_from_the_draft_id(store: Store) -> None:
    """Brief: SHA-256 over canonical JSON of the event and the previous hash."""
    first = store.events.append(ID, returned())
    second = store.events.append(ID, replace(returned(), kind=EventKind.NOTE))
    assert store.events.list(ID) == (first, second)
    assert first.recorded_at is not None
    assert (first.at, first.at.tzinfo) == (returned().at, BEIJING)
    assert (first.previous_hash, second.previous_hash) == (ID, first.hash)
    content = {
        "kind": "returned",
        "at": "2022-12-03T12:05:06.000700+08:00",
        "source": "hand",
        "who": "科技局",
        "note": "退回修改",
        "fingerprint": "",
        "file": "",
        "params": {"stage": "review"},
        "recorded_at": first.recorded_at.isoformat(),
    }
    assert first.hash == hashlib.sha256(canonical(content) + ID.encode()).hexdigest()
    with pytest.raises(AppError, match="draft_missing"):
        store.events.append("NONE", returned())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET content = replace(content, '退回', '通过') WHERE seq = 1",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events WHERE seq = 1",
        "UPDATE events SET hash = previous_hash WHERE seq = 2",
        "DELETE FROM chain_heads",
        "UPDATE chain_heads SET length = 4",
    ],
)
def test_a_changed_record_is_noticed(store: Store, tmp_path: Path, statement: str) -> None:
    """Brief: the chain is verified at each load, the missing last entry too."""
    for _ in range(3):
        store.events.append(ID, returned())
    alter(tmp_path, statement)
    with pytest.raises(AppError, match="events_damaged"):
        store.events.list(ID)
    assert [damage.part for damage in store.audit()] == ["events"]


def snapshot(text: str = "{}") -> Snapshot:
    content = text.encode()
    return Snapshot(ID, f"sha256:{hashlib.sha256(content).hexdigest()}", content, 3, START)


def test_snapshots_come_back_checked(store: Store, tmp_path: Path) -> None:
    """Architecture: a snapshot is canonical JSON with its fingerprint."""
    one, two = snapshot(), snapshot('{"a":1}')
    for sealed in (one, two, one):
        store.snapshots.add(sealed)
    assert store.snapshots.list(ID) == (one, two)
    assert store.snapshots.get(two.fingerprint) == two
    with pytest.raises(AppError, match="snapshot_missing"):
        store.snapshots.get("sha256:00")
    with pytest.raises(ValueError, match="sha256:00"):
        store.snapshots.add(replace(one, fingerprint="sha256:00"))
    alter(tmp_path, "UPDATE snapshots SET content = ? WHERE fingerprint = ?", b'{"a":2}', two.fingerprint)
    with pytest.raises(AppError, match="snapshot_damaged"):
        store.snapshots.get(two.fingerprint)
    alter(tmp_path, "UPDATE snapshots SET revision = 4 WHERE fingerprint = ?", one.fingerprint)
    with pytest.raises(AppError, match="snapshot_damaged"):
        store.snapshots.list(ID)


def attempt(outcome: str) -> Attempt:
    return Attempt(START, START + timedelta(seconds=9), "https://x", 100, outcome, "细节", START)


def test_a_try_is_written_down_before_it_begins(store: Store, tmp_path: Path, clock: TickingClock) -> None:
    """Reliability §1 (status before send): a crash while sending leaves it pending with a try."""
    item = store.outbox.put(ID, "sha256:x", "out/a.shenbao", BUNDLE, "portal")
    assert item.state is OutboxState.PENDING
    number = store.outbox.begin(BUNDLE, "https://x")
    with open_store(tmp_path, clock=clock) as other:
        assert other.outbox.get(BUNDLE).state is OutboxState.SENDING
        with pytest.raises(AppError, match="outbox_busy"):
            other.outbox.begin(BUNDLE, "https://x")
        store.outbox.renew(BUNDLE)
        clock.now += LEASE
        assert other.outbox.list(ID)[0].state is OutboxState.PENDING
        (found,) = other.attempts.list(BUNDLE)
        assert (found.outcome, found.bytes_sent) == (INTERRUPTED, 0)
        again = other.outbox.begin(BUNDLE, "https://x")
        assert again == number + 1
        other.outbox.finish(BUNDLE, again, attempt("received"), OutboxState.RECEIVED)
    assert store.outbox.get(BUNDLE).state is OutboxState.RECEIVED
    assert [found.outcome for found in store.attempts.list(BUNDLE)] == [INTERRUPTED, "received"]
    assert store.attempts.list(BUNDLE)[1] == attempt("received")
    store.outbox.finish(BUNDLE, number, attempt("timeout"), OutboxState.PENDING)
    assert store.outbox.get(BUNDLE).state is OutboxState.RECEIVED
    store.attempts.append(BUNDLE, attempt("by_hand"))
    assert [found.outcome for found in store.attempts.list(BUNDLE)] == ["timeout", "received", "by_hand"]


def test_outbox_states_and_damage(store: Store, tmp_path: Path) -> None:
    """Brief: pending, sending, received, returned, quarantined; nothing altered goes unnoticed."""
    store.outbox.put(ID, "sha256:x", "a", BUNDLE, "portal")
    store.outbox.mark(BUNDLE, OutboxState.QUARANTINED, "bundle_unreadable")
    item = store.outbox.put(ID, "sha256:x", "b", BUNDLE, "folder")
    assert (item.state, item.reason) == (OutboxState.QUARANTINED, "bundle_unreadable")
    assert (item.bundle_path, item.target) == ("b", "folder")
    assert store.outbox.list("OTHER") == []
    with pytest.raises(AppError, match="outbox_missing"):
        store.outbox.begin("d" * 64, "x")
    with pytest.raises(AppError, match="outbox_missing"):
        store.attempts.append("d" * 64, attempt("x"))
    alter(tmp_path, "UPDATE outbox SET state = 'received'")
    with pytest.raises(AppError, match="outbox_damaged"):
        store.outbox.list()
    assert [(damage.part, damage.owner) for damage in store.audit()] == [("outbox", BUNDLE)]


def test_receipts_are_kept_as_they_came(store: Store, tmp_path: Path) -> None:
    """Reliability §4.6: 平台已收 only with the receipt."""
    receipt = Receipt("R1", START, BUNDLE, "sha256:x", rehearsal=False, document=b'{"n":1}')
    assert store.receipts.get(BUNDLE) is None
    store.receipts.put(receipt)
    store.receipts.put(receipt)
    later = replace(receipt, number="R2", received_at=START + timedelta(days=1))
    store.receipts.put(later)
    assert store.receipts.get(BUNDLE) == later
    assert store.receipts.list() == (receipt, later)
    with pytest.raises(AppError, match="receipt_conflict"):
        store.receipts.put(replace(receipt, document=b"{}"))
    alter(tmp_path, "UPDATE receipts SET rehearsal = 1 WHERE number = 'R2'")
    with pytest.raises(AppError, match="receipt_damaged"):
        store.receipts.get(BUNDLE)
    assert [(damage.part, damage.owner) for damage in store.audit()] == [("receipts", "R2")]


def test_settings_hold_json_and_no_secret(store: Store, tmp_path: Path) -> None:
    """Brief: key/value JSON; never a password."""
    assert store.settings.get("window", {"w": 1}) == {"w": 1}
    store.settings.put("window", {"w": [1, "二", None]})
    assert store.settings.get("window") == {"w": [1, "二", None]}
    for key in ("portal_password", "token", "登录密码"):
        with pytest.raises(ValueError, match=key):
            store.settings.put(key, "x")
    alter(tmp_path, """UPDATE settings SET value = '{"w":2}'""")
    with pytest.raises(AppError, match="setting_damaged"):
        store.settings.get("window")
    assert [(damage.part, damage.owner) for damage in store.audit()] == [("settings", "window")]
    store.settings.put("window", 5)
    assert store.settings.get("window") == 5
    store.settings.remove("window")
    assert store.settings.get("window") is None
