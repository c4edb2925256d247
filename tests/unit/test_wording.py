"""Everything shown to people is worded, in Chinese, and every slot can be filled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.messages import Messages, load_messages, slots

LATIN = re.compile(r"[A-Za-z]{2,}")
ALLOWED = re.compile(
    r"\{[a-z_0-9]+\}|\*?\.[a-z]+|Ctrl|Shift|Alt|Page Up|Page Down"
    r"|SHA256SUMS(?:\.sig)?|SHA-256|Windows|Debian|shenbao-版本-setup\.exe|shenbao_版本_amd64\.deb"
    r"|UTF-8|UTC|Python|programme copy|PDF|MB|KB|JSON"
    r"|WPS|Excel|USB|HTML|PySide6|xlsx|docx|ofd"
    r"|shenbao(?: [a-z-]+)*|--[a-z-]+|XX+|true|false|not_utf8|CMP-01|downloaded|copy|sha256|https?"
    r"|\b[a-z]\d+(?:/[a-z]\d*(?:/[a-z]+)?)?\b|20\d\d-\d\d-\d\dT[\d:+]+|YYYY-MM-DD|count|sum|date"
)


@pytest.fixture(scope="module")
def messages(root: Path) -> Messages:
    return load_messages(root / "resources" / "messages")


def raised(root: Path) -> Iterator[tuple[str, str]]:
    """Give (code, place) of every error raised with a literal code."""
    for path in sorted((root / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            first = node.args[0]
            names = ("AppError", "UsageError", "LineError")
            if node.func.id in names and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, f"{path.relative_to(root)}:{node.lineno}"


def test_every_error_has_words(root: Path, messages: Messages) -> None:
    """How we build: every code that is raised says what is wrong and what to do."""
    silent = [f"{code} {place}" for code, place in raised(root) if not messages.has("errors", code)]
    assert silent == []


def test_every_slot_of_an_error_is_given(root: Path, messages: Messages) -> None:
    """A slot that nobody fills would be a crash in the middle of bad news."""
    missing = []
    for path in sorted((root / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            first = node.args[0]
            known = node.func.id in ("AppError", "UsageError", "LineError") and isinstance(
                first, ast.Constant
            )
            if not known or any(word.arg is None for word in node.keywords):
                continue
            code = ast.literal_eval(first)
            if not messages.has("errors", code):
                continue
            wanted = slots(messages.entries[f"errors.{code}"])
            given = {word.arg for word in node.keywords}
            if wanted - given:
                missing.append(f"{path.relative_to(root)}:{node.lineno} {code}: {wanted - given}")
    assert missing == []


def test_no_foreign_words(messages: Messages) -> None:
    """How we build, wording: no English words, no exclamation marks, no jargon."""
    wrong = []
    for key, text in messages.entries.items():
        plain = ALLOWED.sub("", text)
        if LATIN.search(plain) or "!" in text or "！" in text:
            wrong.append(f"{key}: {text}")
    assert wrong == []


def test_full_width_marks(messages: Messages) -> None:
    """How we build, wording: Chinese sentences carry Chinese punctuation."""
    half = re.compile(r"[\u4e00-\u9fff][,;:?]|[,;?][\u4e00-\u9fff]")
    sentences = {key: text for key, text in messages.entries.items() if "(*" not in text}
    assert [f"{key}: {text}" for key, text in sentences.items() if half.search(text)] == []
