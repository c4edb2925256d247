"""Killed while writing; two programs writing at once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.clock import system_clock
from app.store import open_store
from tests.adapters.store_world import FORM, form_of, make_draft

ID = "DRAFT22222"
ROOT = Path(__file__).parents[2]


def start(folder: Path, word: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.store_writer", str(folder), ID, word, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """Reliability §4.1: 已保存 appears -> the value survives kill -9 at once."""
    chance = random.Random(20221201)
    with open_store(tmp_path, clock=system_clock) as store:
        store.drafts.create(make_draft(), FORM, "")
    revision = 0
    for turn in range(5):
        with start(tmp_path, f"w{turn}-", 100_000) as writer:
            assert writer.stdout is not None
            seen = [writer.stdout.readline() for _ in range(chance.randrange(1, 230))]
            writer.send_signal(signal.SIGKILL)
            seen += writer.stdout.readlines()
        # a line cut by the kill was not read by anyone
        lines = [line for line in seen if line.endswith("\n")]
        number, acknowledged = map(int, lines[-1].split())
        with open_store(tmp_path, clock=system_clock) as store:
            draft = store.drafts.get(ID, form_of)
            assert acknowledged <= draft.revision <= acknowledged + 1
            assert draft.revision > revision
            text = str(draft.answers.values["e06"])
            assert text.startswith("字" * 300)
            assert text.removeprefix("字" * 300) in (f"w{turn}-{number}", f"w{turn}-{number + 1}")
            assert store.audit() == ()
            revision = draft.revision


def test_two_programs_write_without_losing_a_word(tmp_path: Path) -> None:
    """Architecture: the window and a command may use the store at the same time."""
    with open_store(tmp_path, clock=system_clock) as store:
        store.drafts.create(make_draft(), FORM, "")
        writers = [start(tmp_path, word, 150) for word in ("a", "b")]
        revisions: list[int] = []
        for writer in writers:
            output, _ = writer.communicate()
            assert writer.returncode == 0
            revisions += [int(line.split()[1]) for line in output.splitlines()]
        assert sorted(revisions) == list(range(1, 301))
        assert store.drafts.get(ID, form_of).revision == 300
        history = store.drafts.history(ID, FORM)
        assert [entry.seq for entry in history] == list(range(1, 601))
        assert {entry.device for entry in history} == {"a", "b"}
        assert store.audit() == ()


def test_two_programs_may_create_the_store_at_once(tmp_path: Path) -> None:
    """The first start of window and command together makes one set of tables."""
    with open_store(tmp_path / "s", clock=system_clock) as store:
        store.drafts.create(make_draft(), FORM, "")
    code = (
        "import sys; from pathlib import Path; from app.clock import system_clock\n"
        "from app.store import open_store\n"
        "with open_store(Path(sys.argv[1]), clock=system_clock) as s: print(len(s.drafts.list()))"
    )
    for turn in range(3):
        folder = tmp_path / f"new{turn}"
        command = [sys.executable, "-c", code, str(folder)]
        pair = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        assert [process.communicate()[0] for process in pair] == ["0\n", "0\n"]
        with open_store(folder, clock=system_clock) as store:
            assert store.audit() == ()
