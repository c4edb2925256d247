"""Calls of the operating system that fail while the store writes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.clock import system_clock
from app.store import open_store
from tests.adapters.store_world import FORM, form_of, make_draft
from tests.faults.store_retry import EDITS

ID = "DRAFT22222"
ROOT = Path(__file__).parents[2]
KNOWN = {"disk_error", "disk_full"}


@pytest.mark.parametrize("fault", ["fdatasync:error=EIO", "pwrite64:error=ENOSPC"])
@pytest.mark.parametrize("turn", [3, 8, 13])
def test_a_repeated_save_is_stored_once(tmp_path: Path, fault: str, turn: int) -> None:
    """Reliability §2.5: a commit that reports an error may still be there; the retry must not double it."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    with open_store(tmp_path, clock=system_clock) as store:
        store.drafts.create(make_draft(), FORM, "")
    call = fault.partition(":")[0]
    command = [strace, "-f", "-o", str(tmp_path / "trace"), "-e", f"trace={call}"]
    command += ["-e", f"inject={fault}:when={turn}..{turn + 1}"]
    command += [sys.executable, "-m", "tests.faults.store_retry", str(tmp_path), ID]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "ptrace" in done.stderr and not done.stdout:
        pytest.skip("tracing is not allowed here")
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= KNOWN
    with open_store(tmp_path, clock=system_clock) as store:
        draft = store.drafts.get(ID, form_of)
        assert (draft.revision, draft.answers.values["e04"]) == (EDITS, EDITS - 1)
        assert [entry.edit.after for entry in store.drafts.history(ID, FORM)] == list(range(EDITS))
        assert store.audit() == ()
