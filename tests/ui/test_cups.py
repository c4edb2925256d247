"""A real print job through CUPS: two collated copies on both sides (issue 4, «It is done when»)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.paper.assemble import page_texts
from app.services.previewing import Paper
from tests.conftest import ROOT
from tests.ui import cups_world
from tests.ui.test_paper_page import make_report
from ui.pages.printer import PrintOrder, SystemPrinter

LACKING = cups_world.missing()
pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[cups_world.PrintServer]:
    # the path of a socket must be short
    with tempfile.TemporaryDirectory(prefix="cups-", dir="/tmp") as name:
        monkeypatch.setenv("CUPS_SERVER", f"{name}/cups.sock")
        with cups_world.print_server(Path(name)) as running:
            yield running


def _paper(stem: str, pages: int = 3) -> Paper:
    return Paper(f"{stem}.pdf", "装订册", make_report(pages), pages, 1, ("report",))


def _numbers(printed: Path) -> list[str]:
    return [text.strip().removeprefix("platform page ") for text in page_texts(printed)]


DRAW = """
import sys
from PySide6.QtWidgets import QApplication
from tests.ui.test_cups import _paper
from ui.pages.printer import PrintOrder, SystemPrinter
application = QApplication([])
printer = SystemPrinter()
printer._lp = None
order = PrintOrder(sys.argv[1], copies=2)
assert printer.print_papers([_paper(sys.argv[2], 2)], order, lambda _done, _total: None, lambda: False)
"""


def test_two_collated_copies_on_both_sides(server: cups_world.PrintServer) -> None:
    """The PDF reaches the queue as it is, with two copies, long edge, collated; so it comes out.

    Where there is no ``lp`` the pages are drawn into the same queue (in a process of its own, because the
    print library asks for its server once), whole copies one after the other.
    """
    paper = _paper(f"shenbao{uuid4().hex[:8]}")
    order = PrintOrder(cups_world.QUEUE, copies=2)
    told: list[tuple[int, int]] = []
    assert SystemPrinter().print_papers([paper], order, lambda *done: told.append(done), lambda: False)
    printed = server.printed(Path(paper.name).stem)
    # printed on both sides, the second copy begins on a sheet of its own
    assert _numbers(printed) == ["1", "2", "3", "", "1", "2", "3", ""]
    assert server.data(1) == paper.pdf
    assert b"two-sided-long-edge" in server.control(1)
    assert told == [(3, 3)]
    stem = f"drawn{uuid4().hex[:8]}"
    words = [sys.executable, "-c", DRAW, cups_world.QUEUE, stem]
    drawn = subprocess.run(
        words, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, cwd=ROOT, capture_output=True, check=False
    )
    assert drawn.returncode == 0, drawn.stderr.decode()
    assert len(page_texts(server.printed(stem))) == 4
