"""Every error of the store has its Chinese words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODES_MADE_OF_PARTS = {"attachment_gone", "attachment_altered"}


def test_each_code_has_words_and_each_word_a_code() -> None:
    """House brief: adapters carry codes, wording lives in resources/messages."""
    words = tomllib.loads((ROOT / "resources" / "messages" / "errors_store.toml").read_text("utf-8"))
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "app" / "store").glob("*.py"))
    codes = set(re.findall(r'AppError\(\s*"([a-z_]+)"', source))
    codes |= set(re.findall(r'"(\w+_(?:locked|only|full|damaged|error|unusable))"', source))
    assert codes | CODES_MADE_OF_PARTS == set(words)
    for text in words.values():
        assert text.endswith("。")
        assert not re.search(r"[A-Za-z!！]", re.sub(r"\{[a-z0-9_]+\}| MB", "", text))


def test_slots_are_given_by_the_code() -> None:
    """A slot that nobody fills would be shown to the user."""
    words = tomllib.loads((ROOT / "resources" / "messages" / "errors_store.toml").read_text("utf-8"))
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "app" / "store").glob("*.py"))
    for text in words.values():
        for slot in re.findall(r"\{([a-z0-9_]+)\}", text):
            assert f"{slot}=" in source


def test_no_other_file_has_words_for_the_same_code() -> None:
    """``errors_store.toml`` and its neighbours are one group; a code twice would lose one wording."""
    folder = ROOT / "resources" / "messages"
    own = tomllib.loads((folder / "errors_store.toml").read_text("utf-8"))
    for path in folder.glob("errors*.toml"):
        if path.name != "errors_store.toml":
            assert not own.keys() & tomllib.loads(path.read_text("utf-8")).keys()
