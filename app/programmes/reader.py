"""Typed reading of TOML tables that remembers every defect instead of stopping at the first."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from app.clock import to_beijing
from app.errors import UsageError

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
PROGRAMME_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with a programme: message code, file, place in it, parameters."""

    code: str
    file: str
    place: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Defects:
    """Defects gathered while one programme is read."""

    found: list[Defect] = field(default_factory=list)

    def add(self, code: str, file: str, place: str, /, **params: object) -> None:
        """Note a defect."""
        self.found.append(Defect(code, file, place, {key: str(value) for key, value in params.items()}))


class TomlTable:
    """One TOML table: typed getters note a defect and give a harmless value when the file is wrong.

    ``close`` notes keys that nobody asked for, so that a misspelt key is never silently ignored.
    """

    def __init__(self, raw: object, file: str, place: str, defects: Defects) -> None:
        self.file = file
        self.place = place
        self.defects = defects
        if not isinstance(raw, dict):
            self.defect("not_a_table")
            raw = {}
        self.raw: dict[str, object] = raw
        self._asked: set[str] = set()

    def defect(self, code: str, key: str = "", /, **params: object) -> None:
        """Note a defect of this table, or of one key of it."""
        place = f"{self.place}.{key}" if key and self.place else key or self.place
        self.defects.add(code, self.file, place, **params)

    def has(self, key: str) -> bool:
        """Tell whether the key is present."""
        return key in self.raw

    def take(self, key: str) -> object:
        """Give the raw value of a key, or None; the key counts as known."""
        self._asked.add(key)
        return self.raw.get(key)

    def _typed(self, key: str, kinds: type | tuple[type, ...], required: bool, wanted: str) -> object:
        value = self.take(key)
        if value is None:
            if required:
                self.defect("key_missing", key)
            return None
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            self.defect("wrong_type", key, wanted=wanted)
            return None
        return value

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        """Give a text."""
        value = self._typed(key, str, required, "text")
        return value if isinstance(value, str) else default

    def identifier(self, key: str = "id", pattern: re.Pattern[str] = ID) -> str:
        """Give an id that matches the pattern."""
        value = self.text(key, required=True)
        if value and not pattern.fullmatch(value):
            self.defect("bad_id", key, value=value)
        return value

    def integer(self, key: str, *, required: bool = False, default: int = 0) -> int:
        """Give a whole number."""
        value = self._typed(key, int, required, "integer")
        return value if isinstance(value, int) else default

    def number(self, key: str, *, default: float) -> float:
        """Give a number."""
        value = self._typed(key, (int, float), False, "number")
        if not isinstance(value, (int, float)):
            return default
        if not 0 < value < 1e6:  # nan, inf and the like lay out no page
            self.defect("wrong_type", key, wanted="number")
            return default
        return float(value)

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Give true or false."""
        value = self._typed(key, bool, False, "boolean")
        return value if isinstance(value, bool) else default

    def condition(self, key: str, *, default: str = "false") -> str:
        """Give an expression: a text, or true/false written bare."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return value
        self.defect("wrong_type", key, wanted="condition")
        return default

    def moment(self, key: str, *, required: bool = False) -> datetime | None:
        """Give a moment with an offset, in Beijing time."""
        value = self._typed(key, datetime, required, "moment")
        if not isinstance(value, datetime):
            return None
        try:
            return to_beijing(value)
        except UsageError:
            self.defect("moment_without_offset", key)
            return None

    def day(self, key: str, *, required: bool = False) -> date | None:
        """Give a calendar day."""
        value = self._typed(key, date, required, "date")
        if isinstance(value, datetime) or not isinstance(value, date):
            if value is not None:
                self.defect("wrong_type", key, wanted="date")
            return None
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts."""
        value = self._typed(key, list, False, "texts")
        if not isinstance(value, list):
            return ()
        if not all(isinstance(part, str) for part in value):
            self.defect("wrong_type", key, wanted="texts")
            return ()
        return tuple(part for part in value if isinstance(part, str))

    def mapping(self, key: str) -> Mapping[str, str]:
        """Give a table of texts."""
        value = self._typed(key, dict, False, "mapping")
        if not isinstance(value, dict):
            return {}
        if not all(isinstance(part, str) for part in value.values()):
            self.defect("wrong_type", key, wanted="mapping")
            return {}
        return {str(name): str(part) for name, part in value.items()}

    def member(self, key: str, kind: type[Member], *, default: Member | None = None) -> Member:
        """Give one of a closed set of words."""
        value = self.text(key, required=default is None)
        fallback = default if default is not None else next(iter(kind))
        if not value:
            return fallback
        try:
            return kind(value)
        except ValueError:
            self.defect("unknown_word", key, value=value, known="、".join(kind))
            return fallback

    def members(self, key: str, kind: type[Member]) -> tuple[Member, ...]:
        """Give several of a closed set of words."""
        known: list[Member] = []
        for word in self.texts(key):
            try:
                known.append(kind(word))
            except ValueError:
                self.defect("unknown_word", key, value=word, known="、".join(kind))
        return tuple(known)

    def table(self, key: str) -> TomlTable | None:
        """Give a sub-table, or None where it is absent."""
        value = self.take(key)
        if value is None:
            return None
        return TomlTable(value, self.file, f"{self.place}.{key}" if self.place else key, self.defects)

    def tables(self, key: str) -> Iterable[TomlTable]:
        """Give an array of tables; places are counted from 1."""
        value = self.take(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.defect("wrong_type", key, wanted="tables")
            return
        prefix = f"{self.place}.{key}" if self.place else key
        for position, part in enumerate(value, 1):
            name = part.get("id") or part.get("code") if isinstance(part, dict) else None
            yield TomlTable(part, self.file, f"{prefix}[{name or position}]", self.defects)

    def rest(self, known: Iterable[str]) -> dict[str, object]:
        """Give every key outside ``known``; they count as asked for."""
        names = set(known)
        found = {key: value for key, value in self.raw.items() if key not in names}
        self._asked.update(found)
        return found

    def close(self) -> None:
        """Note keys that nobody asked for."""
        for key in self.raw:
            if key not in self._asked:
                self.defect("unknown_key", key)


def parse_toml(content: bytes, file: str, defects: Defects) -> TomlTable:
    """Parse one TOML file; broken UTF-8 or TOML is a defect with its line."""
    try:
        raw: object = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        defects.add("not_utf8", file, "")
        raw = {}
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        defects.add("not_toml", file, "", line=line[1] if line else "?")
        raw = {}
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        defects.add("not_toml", file, "", line="?")
        raw = {}
    return TomlTable(raw, file, "", defects)
