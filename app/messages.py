"""All wording shown to people, from ``resources/messages/*.toml``.

The core carries codes and parameters; here they become Chinese sentences.
"""

from __future__ import annotations

import errno
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from app.model.finding import Finding

_SLOT = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Messages:
    """Wording by group and code: file name (up to ``_``) is the group, tables within it are dotted."""

    entries: Mapping[str, str]

    def has(self, group: str, code: str) -> bool:
        """Tell whether there is wording for a code."""
        return f"{group}.{code}" in self.entries

    def text(self, group: str, code: str, /, **params: object) -> str:
        """Give the sentence for a code, its slots filled.

        Raises ``KeyError`` for a code or a slot that has no wording: that is a bug of ours.
        """
        return fill(self.entries[f"{group}.{code}"], params)

    def error(self, error: AppError) -> str:
        """Give what the world refused and what to do about it."""
        params = dict(error.params)
        if "reason" in params:
            params["reason"] = self._reason(str(params["reason"]))
        return self.text("errors", error.code, **params)

    def _reason(self, reason: str) -> str:
        """Give the operating system's own word for what it refuses in Chinese; other reasons as they are."""
        for key, text in self.entries.items():
            group, _, name = key.rpartition(".")
            if group == "words.refusal" and os.strerror(getattr(errno, name, 0)) == reason:
                return text
        return reason or self.entries.get("words.no_reason", reason)

    def finding(self, finding: Finding) -> str:
        """Give what is wrong, where, with the numbers, and what to do."""
        if finding.message.startswith("="):
            own = finding.message[1:]  # an office's own words: a slot nobody fills is shown, not a crash
            return fill(own, {**{name: f"{{{name}}}" for name in slots(own)}, **finding.params})
        return self.text("findings", finding.message, **finding.params)

    def defect(self, code: str, params: Mapping[str, object]) -> str:
        """Give what is wrong with one place of a programme's files."""
        if code == "expression":
            return self.text("expressions", str(params["code"]), **params)
        by_check = "parameter" in params and self.has("checks", code)
        group = "checks" if by_check or not self.has("programmes", code) else "programmes"
        return self.text(group, code, **{key: self._word(key, value) for key, value in params.items()})

    def _word(self, key: str, value: object) -> object:
        if key != "wanted":
            return value
        return self.entries.get(f"checks.wanted.{value}") or self.entries.get(f"words.type.{value}", value)


def fill(template: str, params: Mapping[str, object]) -> str:
    """Fill ``{name}`` slots with texts; nothing but plain names is ever looked up."""
    return _SLOT.sub(lambda match: str(params[match[1]]), template)


def slots(template: str) -> frozenset[str]:
    """Give the names of the slots of a template."""
    return frozenset(_SLOT.findall(template))


class _Files(Mapping[str, str]):
    """The wording of a folder.  A file is read when a sentence is asked for that may be in it.

    ``window.home.…`` is looked for in ``window_home.toml`` first, then in the other files of its group.
    """

    def __init__(self, folder: Path) -> None:
        self._unread: dict[str, dict[str, Path]] = {}
        for path in sorted(folder.glob("*.toml")):
            group, _, part = path.stem.partition("_")
            self._unread.setdefault(group, {})[part] = path
        self._entries: dict[str, str] = {}

    def _read(self, group: str, part: str) -> None:
        path = self._unread[group].get(part)
        if path is not None:  # else another thread has just read it
            _flatten(tomllib.loads(path.read_text(encoding="utf-8")), group, self._entries)
            self._unread[group].pop(part, None)

    def _read_group(self, group: str) -> None:
        for part in tuple(self._unread.get(group, ())):
            self._read(group, part)

    def __getitem__(self, key: str) -> str:
        if key not in self._entries:
            group, part, *_ = f"{key}.".split(".")
            if part in self._unread.get(group, ()):
                self._read(group, part)
            if key not in self._entries:
                self._read_group(group)
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        for group in tuple(self._unread):
            self._read_group(group)
        return iter(self._entries)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def load_messages(folder: Path) -> Messages:
    """Take the wording of a folder's ``*.toml``; ``errors_store.toml`` adds to the group ``errors``."""
    return Messages(_Files(folder))


def _flatten(raw: Mapping[str, object], prefix: str, entries: dict[str, str]) -> None:
    for key, value in raw.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}.{key}", entries)
        else:
            entries[f"{prefix}.{key}"] = str(value)
