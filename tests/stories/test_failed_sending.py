"""When the platform is down before the end: the record, the account on paper, signs of life, the limit."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import submitting
from app.services.pace import UPLOAD_LIMIT
from app.services.workplace import Workplace
from app.store.database import FILE_NAME
from tests.adapters.faulty_line import line
from tests.stories.commands import Desk
from tests.stories.practice_world import INSIDE, Practice, practising, type_password

KEY = "sha256:" + "ab" * 32


@pytest.fixture
def practice(root: Path, tmp_path: Path) -> Iterator[Practice]:
    with practising(root, tmp_path) as made:
        yield made


@pytest.fixture
def sealed(desk: Desk, demo_programme: str, samples: Path) -> str:
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("seal", draft, "--now", INSIDE).code == 0
    return draft


def read_text(pdf: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="not on this machine: pdftotext")
def test_every_failure_stands_in_the_account(
    desk: Desk, sealed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Issue 5, proof (asks 40): one command makes the account of what was tried, its chain verified."""
    with line(9, lambda _n, _w, _s, content: content) as address:
        words = ("submit", sealed, "--platform", address, "--account", "filler", "--key", KEY)
        for _ in range(2):
            type_password(monkeypatch)
            refused = desk.run(*words, "--password-stdin", "--json")
            assert (refused.code, refused.json["error"]["code"]) == (3, "platform_unreachable")
    target = tmp_path / "说明.pdf"
    made = desk.run("account-for", sealed, "--out", target, "--hours", "48")
    assert made.code == 0, made.err
    text = "".join(read_text(target).split())
    assert "申报异常情况说明" in text and address in text
    assert "共发送6次" in text and "其中6次没有成功" in text
    assert text.count("连不上平台") == 6
    assert "没有取得平台回执" in text and "平台没有回答，无法比较" in text
    database = desk.folder / FILE_NAME
    with sqlite3.connect(database) as raw:
        (last,) = raw.execute("SELECT hash FROM chain_heads WHERE chain = 'attempts'").fetchone()
        assert last in text
        raw.execute("UPDATE attempts SET content = replace(content, 'unreachable', 'busy') WHERE seq = 2")
    raw.close()
    damaged = desk.run("account-for", sealed, "--out", target, "--json")
    assert (damaged.code, damaged.json["error"]["code"]) == (3, "attempts_damaged")
    assert desk.run("account-for", sealed, "--out", target, "--hours", "0").code == 2


def test_a_long_sending_gives_signs_of_life(
    desk: Desk, sealed: str, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: a plain submit keeps its place in the outbox; the limit is remembered; the end is told."""
    renewed: list[str] = []
    keep = submitting.keep_alive
    monkeypatch.setattr(submitting, "ALIVE_SECONDS", 0.0)

    def count(workplace: Workplace, prepared: submitting.Prepared) -> None:
        renewed.append(prepared.package.sha256)
        keep(workplace, prepared)

    monkeypatch.setattr(submitting, "keep_alive", count)
    type_password(monkeypatch)
    words = ("submit", sealed, "--platform", practice.address, "--account", "filler", "--key", practice.key)
    sent = desk.run(*words, "--password-stdin", "--limit", "900", "--json")
    assert sent.code == 0, sent.err
    assert len(renewed) > 2
    assert sent.json["safe_start"]["counts"] in ("started", "received", "approved")
    assert "截止" in sent.err
    type_password(monkeypatch)
    assert desk.run("submit", sealed, "--password-stdin", "--json").json["number"] == sent.json["number"]
    database = desk.folder / FILE_NAME
    with sqlite3.connect(database) as raw:
        kept = dict(raw.execute("SELECT key, value FROM settings").fetchall())
    raw.close()
    assert json.loads(kept[UPLOAD_LIMIT]) == 900
