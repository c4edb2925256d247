"""A return as it reaches the clerk: marks stand at the draft's own rows, whatever was edited meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import parse_moment, system_clock
from app.commands.sending import make_site
from app.messages import load_messages
from app.services.accounts import is_key
from app.services.workplace import make_library, open_workplace
from app.transport.base import Mark
from app.transport.review import return_report
from tests.adapters.platform_fixture import PASSWORD, RunningPlatform, reviewer, running
from tests.stories.commands import Answer, Desk
from tests.stories.practice_world import INSIDE, type_password


@pytest.fixture
def platform(root: Path, tmp_path: Path) -> Iterator[RunningPlatform]:
    messages = load_messages(root / "resources" / "messages")
    site = make_site(make_library(root / "resources", tmp_path / "none"), messages, PASSWORD)
    with running(tmp_path / "platform", parse_moment(INSIDE), site) as made:
        yield made


def row_paths(desk: Desk, root: Path, draft: str) -> list[str]:
    messages = load_messages(root / "resources" / "messages")
    with open_workplace(desk.folder, root / "resources", messages, system_clock) as workplace:
        rows = workplace.draft(draft).answers.tables["t2"]
    assert len(rows) == 10
    return [f"t2/{row.id}" for row in rows]


def test_marks_find_their_rows(
    root: Path,
    desk: Desk,
    demo_programme: str,
    samples: Path,
    platform: RunningPlatform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """§ Return: a row is named by its number in the bundle; the clerk is led to the row itself."""

    def speak(*words: str) -> Answer:
        type_password(monkeypatch, PASSWORD)
        return desk.run(*words, "--password-stdin", "--json")

    where = ("--platform", platform.url, "--account", "filler", "--key", platform.key)
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("set", draft, "t2/new/name", "末一行", "--now", INSIDE).code == 0
    assert desk.run("seal", draft, "--reason", "先报后补", "--now", INSIDE).code == 0
    number = speak("submit", draft, *where).json["number"]
    first, *_, last = row_paths(desk, root, draft)
    marks = (
        Mark("第 1 行", "t2/r1/name"),
        Mark("第 10 行", "t2/r10/name"),
        Mark("整份"),
        Mark("名称", "a01"),
    )
    with reviewer(platform, "unit") as session:
        return_report(session, number, "unit_review", "请改正", marks)
    # before the clerk asks, a row more is typed and the marked one is completed
    assert desk.run("set", draft, "t2/new/name", "又一行", "--now", INSIDE).code == 0
    assert desk.run("set", draft, f"{last}/major", "管理", "--now", INSIDE).code == 0
    told = speak("fetch", draft, *where).json
    assert [mark["path"] for mark in told["marks"]] == ["t2/r1/name", "t2/r10/name", "", "a01"]
    corrections = desk.run("status", draft, "--now", INSIDE, "--json").json["corrections"]
    assert corrections["number"] == number
    placed = {mark["text"]: (mark["path"], mark["corrected"]) for mark in corrections["marks"]}
    assert placed["第 10 行"] == (f"{last}/name", False)
    assert placed["第 1 行"] == (f"{first}/name", False)
    assert placed["整份"] == ("", None) and placed["名称"] == ("a01", False)
    changed = {(one["subject"], one["kind"], one["path"]) for one in corrections["changes"]}
    assert ("value", "added", f"{last}/major") in changed
    assert sum(subject == "row" and kind == "added" for subject, kind, _ in changed) == 1
    # asking again records nothing twice
    speak("fetch", draft, *where)
    events = desk.run("status", draft, "--now", INSIDE, "--json").json["events"]
    assert [one["kind"] for one in events].count("returned") == 1


@pytest.mark.parametrize(
    ("text", "good"), [("", True), ("sha256:" + "a" * 64, True), ("AB12 " * 16, True), ("ab12", False)]
)
def test_a_key_is_typed_as_it_stands_on_paper(text: str, good: bool) -> None:
    """§ Contract: the fingerprint is typed from paper, in groups or not; half a one is refused."""
    assert is_key(text) is good
