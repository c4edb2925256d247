"""The whole way of a report by USB stick, from the command line (issue «Sending», the third transport)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.practice.key import key_fingerprint, open_key
from tests.stories.commands import Answer, Desk
from tests.stories.practice_world import INSIDE, PASSWORD


def test_a_report_travels_by_stick(
    desk: Desk, demo_programme: str, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written, taken in, answered, fetched; nothing counts before the receipt was read; then told once."""
    monkeypatch.setenv("SHENBAO_PRACTICE_PASSWORD", PASSWORD)
    stick, data = tmp_path / "U盘", tmp_path / "platform"
    stick.mkdir()

    def practice(now: str = INSIDE) -> Answer:
        return desk.run("practice", "--data", data, "--folder", stick, "--once", "--now", now)

    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("seal", draft, "--now", INSIDE).code == 0
    where = ("--folder", stick, "--now", INSIDE)
    missing = desk.run("submit", draft, *where)
    assert missing.code == 2 and not list(stick.iterdir())
    written = desk.run("submit", draft, *where, "--account", "filler")
    assert written.code == 0 and str(stick) in written.out, written.err
    early = desk.run("fetch", draft, *where, "--account", "filler")
    assert early.code != 0 and "没有这份材料的回复" in early.err
    told = practice()
    number = re.search(r"编号 (\S+)，", told.out)
    assert told.code == 0 and number is not None, told.err

    key = key_fingerprint(open_key(data / "key.ed25519"))
    blind = desk.run("fetch", draft, *where, "--account", "filler")
    assert blind.code != 0 and key in blind.err
    fetched = desk.run("fetch", draft, *where, "--account", "filler", "--key", key, "--json")
    assert fetched.code == 0, fetched.err
    assert fetched.json["number"] == number[1] and fetched.json["state"] == "in_review"
    # account and key are remembered; the receipt is kept and told again without another submission
    again = desk.run("submit", draft, *where, "--json")
    assert again.code == 0 and again.json["number"] == number[1]
    assert practice().out == told.out
    events = desk.run("status", draft, "--now", INSIDE, "--json").json["events"]
    assert [one["kind"] for one in events] == ["sealed", "uploaded"]
    out = tmp_path / "receipts"
    (listed,) = desk.run("receipts", draft, "--out", out, "--json").json
    assert desk.run("verify", listed["files"][0], "--key", key).code == 0


def test_words_that_do_not_go_together(desk: Desk, tmp_path: Path) -> None:
    """Command line: --once asks for a folder, and for one that is there."""
    assert desk.run("practice", "--data", tmp_path / "platform", "--once").code == 2
    gone = desk.run("practice", "--data", tmp_path / "platform", "--once", "--folder", tmp_path / "gone")
    assert gone.code == 2
