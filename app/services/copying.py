"""A second programme from an existing one: another id, another year, no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from app.errors import AppError, UsageError
from app.programmes.library import Library
from app.programmes.loader import parse
from app.programmes.reader import PROGRAMME_ID
from app.programmes.source import read_folder, read_zip

MOST_YEARS = 50
_TEXT_FILES = (".toml", ".txt", ".json", ".csv")
_DATE = re.compile(r"(?<!\d)(\d{4})(-\d{2}-\d{2})(?!\d)")
_CHINESE_YEAR = re.compile(r"(?<![\d〔])(\d{4})(?=年)")
_YEAR_KEY = re.compile(r"^(report_year\s*=\s*)(\d{4})", re.MULTILINE)
_ID_KEY = re.compile(r'^(id\s*=\s*)"[^"]*"', re.MULTILINE)
_REVISION_KEY = re.compile(r"^(notice_revision\s*=\s*)\d+", re.MULTILINE)
_GATHERED = re.compile(r'^(programme\s*=\s*"[^"\n]*?)(\d{4})("\s*)$', re.MULTILINE)
_CALENDAR = re.compile(r"^\[calendar[^\n]*\n(?:(?!\[)[^\n]*\n?)*", re.MULTILINE)


def copy_programme(library: Library, programme_id: str, new_id: str, years: int, target: Path) -> Path:
    """Copy a programme into ``target/new_id`` with dates and years moved on, and load it once to be sure.

    Published days off are kept as they are: they belong to real days, and a year that is not known is said
    so.  Raises ``UsageError``: ``programme_unknown``, ``programme_id_bad``, ``programme_exists``,
    ``years_out_of_range``; ``AppError("cannot_write")``.
    """
    if not PROGRAMME_ID.fullmatch(new_id):
        raise UsageError("programme_id_bad", id=new_id)
    if abs(years) > MOST_YEARS:
        raise UsageError("years_out_of_range", years=years)
    sources = library.sources()
    if new_id in sources or (target / new_id).exists():
        raise UsageError("programme_exists", id=new_id)
    if programme_id not in sources:
        raise UsageError("programme_unknown", id=programme_id)
    source = sources[programme_id][0]
    files = read_folder(source) if source.is_dir() else read_zip(source)
    moved = {
        path: _move(path, content, programme_id, new_id, years)
        for path, content in files.items()
        if not path.startswith("notice/")  # last year's original is not this year's
    }
    parse(moved, new_id)
    _write(moved, target / new_id)
    return target / new_id


def _move(path: str, content: bytes, old_id: str, new_id: str, years: int) -> bytes:
    if not path.endswith(_TEXT_FILES):
        return content
    text = content.decode("utf-8")
    if path == "programme.toml":
        text = _ID_KEY.sub(rf'\g<1>"{new_id}"', text, count=1)
        text = _REVISION_KEY.sub(r"\g<1>1", text, count=1)
        text = _YEAR_KEY.sub(lambda match: f"{match[1]}{int(match[2]) + years}", text)
    if path == "gather.toml":
        # what is gathered is of the same year as what gathers
        text = _GATHERED.sub(lambda match: f"{match[1]}{int(match[2]) + years}{match[3]}", text)
    if path.endswith(".json"):
        text = text.replace(f'"{old_id}"', f'"{new_id}"')
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\0{len(kept) - 1}\0"

    text = _CALENDAR.sub(keep, text) if path == "programme.toml" else text
    text = _DATE.sub(lambda match: _moved_date(match[1], match[2], years), text)
    text = _CHINESE_YEAR.sub(lambda match: str(int(match[1]) + years), text)
    for position, part in enumerate(kept):
        text = text.replace(f"\0{position}\0", part)
    return text.encode("utf-8")


def _moved_date(year: str, rest: str, years: int) -> str:
    moved = int(year) + years
    leap = moved % 4 == 0 and (moved % 100 != 0 or moved % 400 == 0)
    return f"{moved:04d}{'-02-28' if rest == '-02-29' and not leap else rest}"


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    try:
        for path, content in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    except OSError as error:
        raise AppError("cannot_write", name=str(folder), reason=error.strerror or "") from error
