"""Filing by hand has the same rank: review, return, approval, paper, result (issue «Sending»)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paper.assemble import page_texts
from tests.stories.commands import Answer, Desk
from tests.stories.practice_world import INSIDE, PASSWORD, Practice, practising, type_password

LATER = ("--now", "2022-12-30T12:00:00+08:00")


def status(desk: Desk, draft: str) -> dict[str, object]:
    found = desk.run("status", draft, *LATER, "--json").json
    assert isinstance(found, dict)
    return found


def test_a_whole_year_by_hand(desk: Desk, demo_programme: str, samples: Path, tmp_path: Path) -> None:
    """§ Client: 已在门户提交 with number, moment, person, screenshot; each later step registered by hand."""

    def event(kind: str, *words: str | Path) -> Answer:
        done = desk.run("event", draft, kind, *words, *LATER, "--json")
        assert done.code == 0, done.err
        return done

    shot = tmp_path / "提交成功.png"
    shot.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("seal", draft, "--now", INSIDE).code == 0
    event("submitted", "--number", "XJ-0031", "--who", "周敏", "--file", shot)
    told = status(desk, draft)
    events = told["events"]
    assert isinstance(events, list)
    submitted = events[-1]
    assert (submitted["label"], submitted["source"], submitted["who"]) == ("已在门户提交", "hand", "周敏")
    assert submitted["params"] == {"number": "XJ-0031", "file_name": "提交成功.png"} and submitted["file"]
    assert told["corrections"] is None

    # the clerk goes on and seals again; what was returned is the revision that was submitted
    assert desk.run("set", draft, "a01", "改正后的众创空间", *LATER).code == 0
    assert desk.run("seal", draft, "--reason", "已核对", *LATER).code == 0
    marks = ("--mark", "a01=名称不全", "--mark", "第3页=章盖歪了", "--mark", "e02=请核对")
    for words in (("returned", "--mark", "zz9=x", "--note", "x"), ("note", *marks, "--note", "x")):
        assert desk.run("event", draft, *words, *LATER).code == 2
    event("returned", "--note", "名称与执照不符", "--stage", "prefecture_review", "--who", "科技局", *marks)
    corrections = status(desk, draft)["corrections"]
    assert isinstance(corrections, dict)
    assert [(one["path"], one["page"], one["corrected"]) for one in corrections["marks"]] == [
        ("a01", 0, True),
        ("", 3, None),
        ("e02", 0, False),
    ]
    changes = [one for one in corrections["changes"] if one["subject"] == "value"]
    assert [(one["path"], one["kind"], one["after"]) for one in changes] == [
        ("a01", "changed", "改正后的众创空间")
    ]
    read = desk.run("status", draft, *LATER).out
    assert "与退回的那一份相比" in read and "改正后的众创空间" in read
    following = status(desk, draft)["next"]
    assert isinstance(following, dict) and following["id"] == "fill"

    event("submitted", "--number", "XJ-0031", "--who", "周敏")
    event("unit_approved", "--who", "单位管理员")
    event("approved", "--who", "地州市科技局")
    event("downloaded", "--file", next((samples / "files").glob("*.pdf")), "--note", "已与门户逐页核对")
    printed = desk.run("print", draft, "--out", tmp_path / "paper", *LATER, "--json")
    assert printed.code == 0, printed.err
    for kind in ("signed", "stamped", "sent_for_stamp", "stamped_by_bureau", "bound", "delivered"):
        event(kind)
    event("result", "--grade", "优秀")
    told = status(desk, draft)
    assert told["next"] is None and told["late"] == []
    events = told["events"]
    assert isinstance(events, list)
    by_hand = [one["kind"] for one in events if one["source"] == "hand"]
    assert by_hand[0] == "submitted" and by_hand[-1] == "result" and "uploaded" not in by_hand


@pytest.fixture
def practice(root: Path, tmp_path: Path) -> Iterator[Practice]:
    with practising(root, tmp_path, "--seeded") as made:
        yield made


def test_receipts_are_listed_and_printed(
    desk: Desk,
    demo_programme: str,
    samples: Path,
    practice: Practice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """§ Client: receipts are kept, listed, printable, checkable; a rehearsal's says so on each page."""
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("receipts", draft).out.strip() == "还没有回执。"
    assert desk.run("seal", draft, "--now", INSIDE).code == 0
    type_password(monkeypatch)
    where = ("--platform", practice.address, "--account", "filler", "--key", practice.key)
    sent = desk.run("submit", draft, *where, "--password-stdin", "--json")
    assert sent.code == 0, sent.err
    out = tmp_path / "receipts"
    (listed,) = desk.run("receipts", draft, "--out", out, "--json").json
    assert listed["number"] == sent.json["number"] and listed["rehearsal"] is True
    signed, sheet = (Path(name) for name in listed["files"])
    assert desk.run("verify", signed, "--key", practice.key).code == 0
    pages = page_texts(sheet)
    assert all("演练" in page for page in pages)
    text = "".join("".join(pages).split())
    digits = listed["bundle_sha256"].upper()
    grouped = "".join(digits)
    assert listed["number"] in text and "演练单位" in text and grouped in text
    assert "演练，不是正式申报" in text
    assert desk.run("receipts", "NOSUCHDRAFT").code == 2
    assert PASSWORD not in signed.read_text("utf-8")
