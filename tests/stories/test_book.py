"""The office's own book, pages that went stale, signing and stamping part by part (issue 4)."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.paper.assemble import page_count, page_texts
from tests.stories.commands import Desk

REPORT = Path("unreviewed", "unreviewed-report.pdf")
AT = ("--now", "2022-12-30T12:00:00+08:00")


@dataclass(frozen=True)
class Made:
    """A data folder with a sealed report of the complete sample, and its id."""

    folder: Path
    draft: str


def _run(folder: Path, *words: object) -> str:
    out = StringIO()
    command, *rest = (str(word) for word in words)
    with redirect_stdout(out):
        assert main([command, "--data-dir", str(folder), *rest]) == 0, out.getvalue()
    return out.getvalue().strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, demo_programme: str, samples: Path) -> Made:
    """Sealed, and the platform's report at hand: every sealed value, with words across each page."""
    folder = tmp_path_factory.mktemp("book") / "data"
    draft = _run(folder, "new", demo_programme, "--answers", samples / "complete.json", *AT)
    _run(folder, "seal", draft, "--reason", "已核对", *AT)
    _run(folder, "print", draft, "--out", folder / "unreviewed", *AT)
    return Made(folder, draft)


@pytest.fixture(scope="module")
def printed(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Approved, and the book printed into ``paper``."""
    folder = tmp_path_factory.mktemp("printed") / "data"
    shutil.copytree(made.folder, folder)
    for kind in ("unit_approved", "approved"):
        _run(folder, "event", made.draft, kind, *AT)
    _run(folder, "event", made.draft, "downloaded", "--file", folder / REPORT, *AT)
    _run(folder, "print", made.draft, "--out", folder / "paper", *AT)
    return Made(folder, made.draft)


@pytest.fixture
def sealed(desk: Desk, made: Made) -> str:
    """A sealed report on this test's own desk."""
    shutil.copytree(made.folder, desk.folder)
    return made.draft


@pytest.fixture
def on_paper(desk: Desk, printed: Made) -> str:
    """A printed report on this test's own desk."""
    shutil.copytree(printed.folder, desk.folder)
    return printed.draft


def _pages(desk: Desk, draft: str, *words: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.run("pages", draft, *words, *AT, "--json").json["pages"]
    return found


def test_an_office_arranges_its_book(desk: Desk, sealed: str, tmp_path: Path) -> None:
    """§ The book: parts added, reordered, put into a second volume or their own file, official PDFs; kept."""
    assert [one["id"] for one in desk.run("book", sealed, "--json").json["parts"] if one["in_book"]] == [
        "platform_report",
        "recommendation",
    ]
    official = tmp_path / "附件.pdf"
    official.write_bytes((desk.folder / "unreviewed" / "unreviewed-commitment.pdf").read_bytes())
    words = ("--order", "cover，catalogue,platform_report,recommendation,notes", "--loose", "explanations")
    more = ("--volume", "notes=2", "--official", f"cover={official}", "--without", "二维码")
    changed = desk.run("book", sealed, *words, *more, "--numbered", "是", "--json")
    assert changed.code == 0, changed.err
    official.unlink()
    told = desk.run("book", sealed, "--json").json
    assert told == changed.json
    assert told["numbered"] and told["without"] == ["code"]
    assert [one["id"] for one in told["parts"] if one["official"]] == ["cover"]
    assert desk.run("book", sealed, "--order", "nothing").code == 2
    assert desk.run("book", sealed, "--without", "水印").code == 2
    assert desk.run("book", sealed, "--volume", "notes").code == 2
    assert desk.run("event", sealed, "downloaded", "--file", desk.folder / REPORT, *AT).code == 0
    out = desk.folder / "paper"
    printed = desk.run("print", sealed, "--out", out, *AT, "--json")
    assert printed.code == 0, printed.err
    names = {str(Path(one["file"]).relative_to(out)) for one in printed.json["files"]}
    assert {f"packet-copy-{c}-volume-{v}.pdf" for c in (1, 2) for v in (1, 2)} <= names
    assert {"explanations-copy-1.pdf", "stamping.pdf", "parts/recommendation-copy-2.pdf"} <= names
    assert not list(out.glob(".laying*"))
    texts = page_texts(out / "packet-copy-1-volume-1.pdf")
    assert "承诺" in texts[0] and "目录" in "".join(texts[2].split())
    # the platform's pages bear the book's number in their margin and no other mark of ours
    assert re.search(r"第 3 页 共 \d+ 页|— 3 —", texts[4]) and "第1份" not in texts[4]
    assert desk.run("book", sealed, "--reset").code == 0
    assert not desk.run("book", sealed, "--json").json["numbered"]


def test_a_book_of_nothing_is_refused(desk: Desk, sealed: str) -> None:
    """§ The book: the notice asks for a book; an arrangement without one is a slip."""
    told = desk.run("book", sealed, "--loose", "platform_report,recommendation", "--json")
    assert (told.code, told.json["error"]["code"]) == (3, "packet_empty")
    assert desk.run("book", sealed, "--json").json["parts"][0]["in_book"]


def test_a_proof_of_the_whole_book(desk: Desk, sealed: str) -> None:
    """§ Two copies: proof prints say 草稿 and carry no copy number; here the whole book as one."""
    out = desk.folder / "proof"
    assert desk.run("print", sealed, "--out", out, "--proof", "--whole", *AT).code == 0
    assert [path.name for path in out.iterdir()] == ["proof-book.pdf"]
    texts = page_texts(out / "proof-book.pdf")
    shown = [text for text in texts if text.strip()]
    assert len(shown) > 30 and all("草稿" in "".join(text.split()) for text in shown)
    assert not any("第1份" in text for text in texts)
    assert "推荐表" in texts[-1]


def test_what_was_never_printed_is_not_stale(desk: Desk, sealed: str) -> None:
    """§ Printing: nothing was printed, so nothing is stale, stamped or reprinted."""
    assert desk.run("pages", sealed, *AT).code == 2
    act = ("event", sealed, "signed", "--part", "recommendation", "--copy", "1")
    assert desk.run(*act, *AT).code == 2
    assert desk.run("print", sealed, "--out", desk.folder / "again", "--stale", *AT).code == 3


def test_pages_go_stale_and_are_printed_anew(desk: Desk, on_paper: str) -> None:
    """§ Printing: after an edit the program lists page by page what is stale and reprints only that."""
    first = desk.folder / "paper"
    assert _pages(desk, on_paper) == []
    scan = first / "parts" / "recommendation-copy-2.pdf"
    (page,) = _pages(desk, on_paper, scan, "--copy", "2")
    assert (page["verdict"], page["copy"]) == ("current", 2)
    assert _pages(desk, on_paper, scan, "--copy", "1")[0]["verdict"] == "other_copy"
    # a name in the recommendation form changes
    assert desk.run("set", on_paper, "a01", "新疆改名众创空间", *AT).code == 0
    stale = _pages(desk, on_paper)
    by_why = {(one["part"], one["why"]) for one in stale}
    assert ("recommendation", "content") in by_why and ("commitment", "content") in by_why
    assert {one["copy"] for one in stale} == {0, 1, 2}
    # the platform must make its report anew
    assert ("platform_report", "content") in by_why and ("platform_report", "code") not in by_why
    (page,) = _pages(desk, on_paper, scan)
    assert page["verdict"] == "stale" and page["printed_at"]
    typed = _pages(desk, on_paper, "--code", page["code"].lower())
    assert (typed[0]["verdict"], typed[0]["at"]) == ("stale", 0)
    assert desk.run("pages", on_paper, "--code", "ABCD", *AT).code == 2
    assert desk.run("seal", on_paper, "--reason", "更名", *AT).code == 0
    again = desk.folder / "again"
    told = desk.run("print", on_paper, "--out", again, "--stale", "--reason", "平台已同步更名", *AT, "--json")
    assert told.code == 0, told.err
    files = {Path(one["file"]).name: one["pages"] for one in told.json["files"]}
    assert {"packet-copy-1-again.pdf", "packet-copy-2-again.pdf", "commitment-copy-1-again.pdf"} <= set(files)
    assert files["packet-copy-1-again.pdf"] == 1 < page_count(first / "packet-copy-1.pdf")
    assert "改名" in page_texts(again / "packet-copy-2-again.pdf")[0]
    assert {one["part"] for one in _pages(desk, on_paper) if one["why"] != "code"} == {"platform_report"}
    assert desk.run("print", on_paper, "--out", again, "--stale", "--reason", "同上", *AT).code == 2


def test_each_part_of_each_copy_is_signed_and_stamped(desk: Desk, on_paper: str) -> None:
    """§ Printing: signed and stamped are kept per part and copy; the last one ends the stage."""
    act = ("event", on_paper, "signed", "--part", "recommendation", "--copy")
    assert desk.run(*act, "3", *AT).code == 2
    assert desk.run("event", on_paper, "stamped", "--part", "catalogue", "--copy", "1", *AT).code == 2
    status: dict[str, Any] = {}
    waiting = [(part, copy) for part in ("recommendation", "commitment") for copy in (1, 2)]
    for done, (part, copy) in enumerate(waiting, 1):
        words = ("event", on_paper, "signed", "--part", part, "--copy", str(copy))
        assert desk.run(*words, *AT).code == 0
        if done >= len(waiting) - 1:
            status = desk.run("status", on_paper, *AT, "--json").json
            states = {one["id"]: one["state"] for one in status["stages"]}
            assert (states["sign"] == "done") == (done == len(waiting))
    events = [one for one in status["events"] if one["kind"] == "signed"]
    assert [one["params"]["copies"] for one in events] == ["0", "0", "0", "2"]
    assert json.loads(json.dumps(events[0]["params"]))["pages"] == "1"
