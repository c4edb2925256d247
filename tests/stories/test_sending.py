"""Submitting and fetching by command, to the rehearsal platform as its own program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.commands import Desk
from tests.stories.practice_world import INSIDE, PASSWORD, Practice, practising, type_password


@pytest.fixture
def practice(root: Path, tmp_path: Path) -> Iterator[Practice]:
    with practising(root, tmp_path) as made:
        yield made


def test_submit_by_command(
    desk: Desk,
    demo_programme: str,
    samples: Path,
    practice: Practice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """§ Command line: submit asks for a confirmed key, gives a receipt that verifies, and is idempotent."""
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("seal", draft, "--now", INSIDE).code == 0
    words = (
        "submit",
        draft,
        "--platform",
        practice.address,
        "--account",
        "filler",
        "--password-stdin",
        "--json",
    )

    type_password(monkeypatch)
    unknown = desk.run(*words)
    assert unknown.code == 3
    assert unknown.json["error"]["code"] == "platform_key_unconfirmed"
    assert practice.key.removeprefix("sha256:")[:16] in unknown.json["error"]["message"].replace(" ", "")

    type_password(monkeypatch, "wrong")
    wrong = desk.run(*words, "--key", practice.key)
    assert (wrong.code, wrong.json["error"]["code"]) == (3, "sign_in_refused")

    type_password(monkeypatch)
    sent = desk.run(*words, "--key", practice.key)
    assert sent.code == 0, sent.err
    assert sent.json["rehearsal"] is True

    # The platform, the account and the confirmed key are remembered; the password is not.
    type_password(monkeypatch)
    again = desk.run("submit", draft, "--password-stdin", "--json")
    assert again.json["number"] == sent.json["number"]
    receipt = tmp_path / "receipt.json"
    canonical = json.dumps(sent.json["receipt"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    receipt.write_text(canonical, encoding="utf-8")
    assert desk.run("verify", receipt, "--key", practice.key, "--json").json["number"] == sent.json["number"]
    assert desk.run("verify", receipt, "--json").json["number"] == sent.json["number"]
    assert PASSWORD.encode() not in b"".join(p.read_bytes() for p in desk.folder.rglob("*") if p.is_file())

    type_password(monkeypatch)
    state = desk.run("fetch", draft, "--password-stdin", "--json")
    assert state.json["state"] == "in_review"
    status = desk.run("status", draft, "--now", INSIDE, "--json").json
    assert [event["kind"] for event in status["events"]] == ["sealed", "uploaded"]


def test_submitting_needs_a_seal_and_a_safe_address(
    desk: Desk, demo_programme: str, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§ Easily missed: plain http only to loopback; and nothing is sent that was not sealed."""
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    words = ("submit", draft, "--platform", "http://example.com", "--account", "filler", "--password-stdin")
    type_password(monkeypatch)
    assert desk.run(*words, "--json").json["error"]["code"] == "not_sealed"
    assert desk.run("seal", draft, "--now", INSIDE).code == 0
    type_password(monkeypatch)
    refused = desk.run(*words, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (3, "address_not_secure")
