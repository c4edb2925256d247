"""The main job end to end, as the demo plays it and as it must survive (issue «The main job»)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.bundle import verify_bundle
from app.paper.assemble import page_texts
from app.transport.receipts import verify_receipt
from tests.stories.commands import Desk

STEPS = (
    "programme",
    "draft",
    "check",
    "seal",
    "bundle",
    "platform",
    "submit",
    "review",
    "fetch",
    "print",
    "done",
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from app.__main__ import main

    out = tmp_path_factory.mktemp("demo")
    assert main(["demo", "--out", str(out)]) == 0
    return out


def test_every_step_was_done(played: Path) -> None:
    """§ It is done when: report.json shows each step with time and result."""
    report = json.loads((played / "report.json").read_text("utf-8"))
    assert report["ok"] is True
    assert all(step["result"] == "done" for step in report["steps"])
    assert set(STEPS) <= {step["step"] for step in report["steps"]}


def test_the_files_are_there(played: Path) -> None:
    """§ Command line: the demo leaves both copies, the bundle, the receipt and its report."""
    names = {path.name for path in played.iterdir()}
    assert {"packet-copy-1.pdf", "packet-copy-2.pdf", "receipt.json", "report.json"} <= names
    assert len(list(played.glob("*.shenbao"))) == 1


def test_both_copies_differ_in_the_copy_mark_only(played: Path) -> None:
    """§ Paper: our own parts marked 第1份/第2份 共2份 and in the code, the platform's report untouched."""
    one, two = (page_texts(played / f"packet-copy-{copy}.pdf") for copy in (1, 2))
    assert len(one) == len(two)
    assert any("第1份" in page for page in one)
    code = re.compile(r"[0-9A-F]{8}(-\d+){3}-[12]-\w\w")
    one, two = ([code.sub("", page) for page in pages] for pages in (one, two))
    assert [page.replace("第1份", "第2份") for page in one] == two
    assert "演练" in one[0]


def test_the_receipt_is_of_this_bundle(played: Path) -> None:
    """§ Platform: the receipt is signed, and names the bundle's hash and fingerprint."""
    report = json.loads((played / "report.json").read_text("utf-8"))
    key = next(step["key"] for step in report["steps"] if step["step"] == "submit")
    receipt = verify_receipt((played / "receipt.json").read_bytes(), key)
    bundle = verify_bundle(next(played.glob("*.shenbao")))
    assert receipt.rehearsal is True
    assert (receipt.bundle_sha256, receipt.fingerprint) == (bundle.sha256, bundle.fingerprint)


def test_a_second_demo_into_the_same_folder(played: Path, desk: Desk) -> None:
    """§ Repository: the first command of the README can be run again."""
    assert desk.run("demo", "--out", played).code == 0
