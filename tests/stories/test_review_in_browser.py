"""The reviewer page in Chromium: returned with marks, corrected, resubmitted, approved, report at home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paper.assemble import page_texts
from tests.browser import Browser, browsing, find_browser
from tests.stories.commands import Answer, Desk
from tests.stories.practice_world import INSIDE, PASSWORD, Practice, practising, type_password

PROGRAM = find_browser()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium here (apt-get install chromium-headless-shell)"
)


@pytest.fixture
def practice(root: Path, tmp_path: Path) -> Iterator[Practice]:
    with practising(root, tmp_path) as made:
        yield made


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    assert PROGRAM is not None
    with browsing(PROGRAM, tmp_path / "profile") as made:
        yield made


def sign_in(browser: Browser, practice: Practice, account: str) -> None:
    browser.open(f"{practice.address}/desk")
    browser.type("#account", account)
    browser.type("#password", PASSWORD)
    browser.press("main button")
    assert "等待我审核的材料" in browser.text


def approve(browser: Browser) -> None:
    browser.press("tbody a")
    browser.tick("input[name=checked]")
    browser.press("button[value=approve]")
    assert "已审核通过。" in browser.text


def return_with_marks(browser: Browser, practice: Practice, number: str) -> None:
    sign_in(browser, practice, "review-unit_review")
    assert number in browser.text
    browser.press("tbody a")
    text = browser.text
    assert text.index("变动较大") < text.index("火炬年报中没有的") < text.index("火炬年报中也有的")
    browser.type('input[name="mark:a01"]', "名称与执照不一致")
    browser.type("input[name=page]", "2")
    browser.type("input[name=page_text]", "这一页看不清")
    browser.press("form p button[value=save]")
    assert "批注已保存" in browser.text
    browser.press('a[href$="/tables/t2"]')
    browser.choose("tbody tr:last-child select", "name")
    browser.type("tbody tr:last-child input[name=text]", "请删去这一行")
    browser.press("form p button")
    browser.press('main p a[href^="/desk/reports/"]')
    browser.type("#reason", "请按批注改正")
    browser.press("button[value=return]")
    assert "已退回" in browser.text


def test_returned_corrected_approved(
    desk: Desk,
    demo_programme: str,
    samples: Path,
    practice: Practice,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """§ It is done when: the reviewer page was used in Chromium by a test."""

    def speak(*words: str) -> Answer:
        type_password(monkeypatch)
        return desk.run(*words, "--password-stdin", "--json")

    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("set", draft, "t2/new/name", "临时的一行", "--now", INSIDE).code == 0
    assert desk.run("seal", draft, "--reason", "先报后补", "--now", INSIDE).code == 0
    where = ("--platform", practice.address, "--account", "filler", "--key", practice.key)
    first = speak("submit", draft, *where).json["number"]

    return_with_marks(browser, practice, first)
    state = speak("fetch", draft, *where).json
    assert (state["state"], state["reason"]) == ("returned", "请按批注改正")
    status = desk.run("status", draft, "--now", INSIDE, "--json").json
    marks = status["corrections"]["marks"]
    assert [(mark["text"], mark["corrected"]) for mark in marks] == [
        ("名称与执照不一致", False),
        ("请删去这一行", False),
        ("这一页看不清", None),
    ]
    row = marks[1]["path"]
    assert row.startswith("t2/") and row.endswith("/name")
    assert desk.run("set", draft, row, "改好的一行", "--now", INSIDE).code == 0
    assert desk.run("set", draft, "a01", "改正后的众创空间", "--now", INSIDE).code == 0
    corrections = desk.run("status", draft, "--now", INSIDE, "--json").json["corrections"]
    assert [mark["corrected"] for mark in corrections["marks"]] == [True, True, None]
    changed = {(one["path"], one["after"]) for one in corrections["changes"]}
    assert {("a01", "改正后的众创空间"), (row, "改好的一行")} <= changed
    assert desk.run("seal", draft, "--reason", "先报后补", "--now", INSIDE).code == 0
    second = speak("submit", draft, *where).json["number"]
    assert second != first

    browser.open(f"{practice.address}/desk")
    assert f"改正自 {first}" in browser.text
    browser.press("tbody a")
    shown = browser.evaluate("document.querySelector('#corrections').innerText")
    assert "改正后的众创空间" in shown and "改好的一行" in shown and "临时的一行" in shown
    assert "退回时为" in browser.evaluate("document.querySelector('#a01').innerText")
    browser.open(f"{practice.address}/desk")
    approve(browser)
    browser.press("header form button")
    sign_in(browser, practice, "review-prefecture_review")
    approve(browser)

    state = speak("fetch", draft, *where).json
    assert state["state"] == "approved"
    status = desk.run("status", draft, "--now", INSIDE, "--json").json
    event = next(one for one in status["events"] if one["kind"] == "downloaded")
    pdf = next(desk.folder.rglob(f"*{event['file']}*"))
    assert all("演练" in page and state["verification_code"] in page for page in page_texts(pdf))
