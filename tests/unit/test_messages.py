"""Wording: found by group and code, slots filled with what was given and nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError, UsageError
from app.messages import Messages, fill, load_messages, slots
from app.model.finding import Finding, Severity
from tests.conftest import ROOT

MESSAGES = Messages(
    {
        "errors.disk_full": "磁盘「{name}」已满",
        "findings.range.low": "{label}应不小于 {least}",
        "programmes.bad_id": "编号「{value}」不合规定",
        "programmes.wrong_type": "应为{wanted}",
        "checks.parameter_type": "参数「{parameter}」应为{wanted}",
        "checks.wanted.texts": "一组文字",
        "words.type.integer": "整数",
        "expressions.unknown_name": "第 {position} 个字符：没有「{name}」",
    }
)


def make_finding(message: str, **params: str) -> Finding:
    return Finding("TST-01", Severity.ERROR, "e01", message, params)


def test_an_error_becomes_a_sentence() -> None:
    """House: the core carries codes; the sentence is made here."""
    assert MESSAGES.error(AppError("disk_full", name="D:")) == "磁盘「D:」已满"
    assert str(UsageError("disk_full", name="D:")) == "disk_full(name='D:')"


def test_a_finding_in_the_kinds_words_or_the_programmes() -> None:
    """Format: a check's own wording wins and uses the same slots."""
    params = {"label": "B01 面积", "least": "500"}
    assert MESSAGES.finding(make_finding("range.low", **params)) == "B01 面积应不小于 500"
    assert MESSAGES.finding(make_finding("={label}太小", **params)) == "B01 面积太小"


def test_an_offices_own_words_never_crash() -> None:
    """A slot that the kind does not fill is shown as it stands: the check list must still open."""
    assert MESSAGES.finding(make_finding("={label}{nobody}", label="面积")) == "面积{nobody}"


def test_missing_words_and_slots_are_bugs() -> None:
    """House: wording that is missing is our bug, and shows in tests rather than as half a sentence."""
    for error in (AppError("nobody_wrote_this"), AppError("disk_full")):
        with pytest.raises(KeyError):
            MESSAGES.error(error)
    assert MESSAGES.has("errors", "disk_full")
    assert not MESSAGES.has("errors", "nobody_wrote_this")


def test_defects_are_worded_from_three_groups() -> None:
    """Programmes: defects of files, of checks and of expressions each have their own words."""
    assert MESSAGES.defect("bad_id", {"value": "甲"}) == "编号「甲」不合规定"
    assert MESSAGES.defect("wrong_type", {"wanted": "integer"}) == "应为整数"
    assert MESSAGES.defect("parameter_type", {"parameter": "a", "wanted": "texts"}) == "参数「a」应为一组文字"
    params = {"code": "unknown_name", "position": 3, "name": "e99"}
    assert MESSAGES.defect("expression", params) == "第 3 个字符：没有「e99」"


@given(st.text(), st.text())
def test_what_is_filled_in_is_never_filled_again(first: str, second: str) -> None:
    """Safety: a file called {b} or {0.__class__} is a name, not a template."""
    assert fill("{a}|{b}", {"a": first, "b": second}) == f"{first}|{second}"


def test_only_plain_names_are_slots() -> None:
    """Safety: attributes, indexes and formats are text."""
    text = "{a.b} {a[0]} {a!r} {a:>9} {} {0} {A}"
    assert slots(text) == frozenset()
    assert fill(text, {"a": 1}) == text
    assert slots("{a_1}{b}{a_1}") == {"a_1", "b"}


def test_files_of_one_group(tmp_path: Path) -> None:
    """House: errors_store.toml adds to the group errors; tables within are dotted."""
    (tmp_path / "errors.toml").write_text('a = "甲"\n[deep.er]\nb = "乙"', encoding="utf-8")
    (tmp_path / "errors_store.toml").write_text('c = "丙"', encoding="utf-8")
    loaded = load_messages(tmp_path)
    assert loaded.entries == {"errors.a": "甲", "errors.deep.er.b": "乙", "errors.c": "丙"}


def test_no_wording_is_written_twice() -> None:
    """House: a code in two files of one group would silently lose one of its sentences."""
    folder = ROOT / "resources" / "messages"
    counted = 0
    for path in folder.glob("*.toml"):
        counted += len(_entries_of(path))
    assert counted == len(load_messages(folder).entries)


def _entries_of(path: Path) -> list[str]:
    def walk(raw: dict[str, object]) -> list[str]:
        found: list[str] = []
        for key, value in raw.items():
            found += walk(value) if isinstance(value, dict) else [key]
        return found

    return walk(tomllib.loads(path.read_text(encoding="utf-8")))
