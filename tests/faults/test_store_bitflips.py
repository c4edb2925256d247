"""Single flipped bits in database and attachments: noticed, or without effect; never silent."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from app.clock import BEIJING
from app.errors import AppError
from app.model.edit import Edit, Operation
from app.model.submission import Attempt, Event, EventKind, EventSource, Receipt, Snapshot
from app.store import Store, open_store
from app.store.outbox import OutboxState
from tests.adapters.store_world import FORM, TickingClock, form_of, make_draft

ID = "DRAFT22222"
BUNDLE = "c" * 64
FLIPS = 300


@dataclass(frozen=True)
class Seen:
    """All that a user can see of the store."""

    content: tuple[object, ...]


def fill(store: Store) -> None:
    store.drafts.create(make_draft(), FORM, "标题")
    for number in range(150):
        edit = Edit(Operation.SET, f"t1/r{number % 30}/name", None, f"第{number}次" + "字" * 40)
        store.drafts.apply(ID, [edit], group=f"g{number}")
        if number == 60:
            store.drafts.checkpoint(ID)
    at = datetime(2022, 12, 1, 8, tzinfo=BEIJING)
    for number in range(20):
        store.events.append(ID, Event(EventKind.NOTE, at, EventSource.HAND, note=f"办理{number}" * 10))
    content = b'{"a":"' + b"x" * 5000 + b'"}'
    fingerprint = f"sha256:{hashlib.sha256(content).hexdigest()}"
    store.snapshots.add(Snapshot(ID, fingerprint, content, 3, at))
    store.outbox.put(ID, fingerprint, "a.shenbao", BUNDLE, "portal")
    number = store.outbox.begin(BUNDLE, "https://x")
    store.outbox.finish(BUNDLE, number, Attempt(at, at, "https://x", 9, "received"), OutboxState.RECEIVED)
    store.receipts.put(Receipt("R1", at, BUNDLE, fingerprint, rehearsal=False, document=b"{}" * 300))
    store.settings.put("window", {"width": 800})


def look(store: Store) -> Seen:
    lines = store.drafts.list(hidden=True)
    assert all(isinstance(line.damaged, bool) for line in lines)
    if any(line.damaged for line in lines):
        raise AppError("draft_damaged")
    return Seen(
        (
            tuple(lines),
            store.drafts.get(ID, form_of),
            store.drafts.history(ID, FORM),
            store.events.list(ID),
            store.snapshots.list(ID),
            tuple(store.outbox.list()),
            store.attempts.list(BUNDLE),
            store.receipts.list(),
            store.settings.get("window"),
        )
    )


def test_no_flipped_bit_of_the_database_is_silent(tmp_path: Path) -> None:
    """Reliability §2.4, §4.3: without digests 124 of 300 changed content silently; here none may."""
    chance = random.Random(7)
    with open_store(tmp_path / "good", clock=TickingClock(), device="PC1") as store:
        fill(store)
        expected = look(store)
    whole = (tmp_path / "good" / "shenbao.db").read_bytes()
    outcomes: Counter[str] = Counter()
    for _ in range(FLIPS):
        folder = tmp_path / "flipped"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (folder / "shenbao.db").write_bytes(content)
        outcomes[_outcome(folder, expected)] += 1
    assert outcomes["silent"] == 0
    assert outcomes["noticed"] > FLIPS // 4
    assert outcomes.total() == FLIPS


def _outcome(folder: Path, expected: Seen) -> str:
    try:
        with open_store(folder, clock=TickingClock(), device="PC1") as store:
            return "without effect" if look(store) == expected else "silent"
    except AppError:
        return "noticed"


@pytest.mark.parametrize("part", ["documents", "journal", "events", "drafts"])
def test_flips_inside_the_stored_texts_are_noticed(tmp_path: Path, part: str) -> None:
    """Brief: a sample of flips in document, journal and events; here each one hits content."""
    needles = {"documents": "某某众创空间", "journal": "第149次", "events": "办理7", "drafts": "标题"}
    with open_store(tmp_path / "good", clock=TickingClock(), device="PC1") as store:
        fill(store)
    whole = (tmp_path / "good" / "shenbao.db").read_bytes()
    needle = needles[part].encode()
    start = whole.index(needle)
    for bit in range(8 * len(needle)):
        folder = tmp_path / f"{bit}"
        folder.mkdir()
        content = bytearray(whole)
        # every copy of the text, so that an old one on a free page does not hide the test
        while start >= 0:
            content[start + bit // 8] ^= 1 << bit % 8
            start = whole.find(needle, start + 1)
        start = whole.index(needle)
        (folder / "shenbao.db").write_bytes(content)
        with pytest.raises(AppError), open_store(folder, clock=TickingClock()) as store:
            look(store)


def test_no_flipped_bit_of_an_attachment_is_silent(tmp_path: Path) -> None:
    """Reliability §4.3: any one damaged file is noticed before it is printed or sent."""
    chance = random.Random(3)
    source = tmp_path / "a.pdf"
    source.write_bytes(chance.randbytes(20_000))
    with open_store(tmp_path / "s", clock=TickingClock()) as store:
        sha256, _ = store.attachments.add_file(source, 20_000)
        kept = store.attachments.open(sha256)
        for _ in range(100):
            content = bytearray(source.read_bytes())
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            kept.write_bytes(content)
            assert store.attachments.check([sha256]) == {sha256: "altered"}


def test_a_broken_wal_keeps_a_prefix(tmp_path: Path) -> None:
    """Reliability §2.3: after a torn write the newest whole revisions open, and what opens is whole."""
    store = open_store(tmp_path / "good", clock=TickingClock(), device="PC1")
    store.drafts.create(make_draft(), FORM, "")
    for number in range(40):
        store.drafts.apply(ID, [Edit(Operation.SET, "e04", None, number)], group=f"g{number}")
    wal = (tmp_path / "good" / "shenbao.db-wal").read_bytes()
    base = (tmp_path / "good" / "shenbao.db").read_bytes()
    store.close()
    start = wal.rindex(b"some-programme") // 3
    seen: list[int] = []
    for number, cut in enumerate(range(start, len(wal), max(1, (len(wal) - start) // 60))):
        folder = tmp_path / f"cut{number}"
        folder.mkdir()
        (folder / "shenbao.db").write_bytes(base)
        (folder / "shenbao.db-wal").write_bytes(wal[:cut])
        with open_store(folder, clock=TickingClock()) as store:
            assert store.audit() == ()
            if store.drafts.list():
                draft = store.drafts.get(ID, form_of)
                assert draft.answers.values.get("e04") == (draft.revision - 1 if draft.revision else None)
                seen.append(draft.revision)
    assert seen == sorted(seen)
    assert seen[-1] >= 38
