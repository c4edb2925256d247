"""What the rehearsal platform says, from ``resources/platform/words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Words:
    """The texts by key; slots are ``{name}``."""

    texts: Mapping[str, str]
    problems: Mapping[str, str]
    pages: Mapping[str, str]

    def platform(self, key: str, /, **params: object) -> str:
        """Give a text of the platform; raises ``KeyError`` for an unknown key."""
        return self.texts[key].format_map(params)

    def page(self, key: str, /, **params: object) -> str:
        """Give a text of the reviewers' pages; raises ``KeyError`` for an unknown key."""
        return self.pages[key].format_map(params)

    def problem(self, code: str, params: Mapping[str, object]) -> str:
        """Give the sentence of a problem code; raises ``KeyError`` for an unknown code."""
        return self.problems[code].format_map(params)


def load_words(resources: Path) -> Words:
    """Read ``platform/words.toml`` of the resources folder; raises ``OSError`` if it is missing."""
    document = tomllib.loads((resources / "platform" / "words.toml").read_text("utf-8"))
    return Words(document["platform"], document["problems"], document["pages"])
