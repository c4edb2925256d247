"""A web portal served by hand: what the program itself can bring there are files ready to be picked.

Nothing is sent and nothing is received here.  Values go over the clipboard (``app.services.filing``), what
the portal answered is registered by the clerk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from app.transport.files import copy_whole, hash_of

_LONGEST_NAME = 80
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PortalFile:
    """An attachment as the portal gets it: where it is kept, under which name it is offered, its SHA-256."""

    source: Path
    name: str
    sha256: str


def clean_names(wished: Iterable[str]) -> tuple[str, ...]:
    """Give names for files beside each other in one folder of any PC: safe, not too long, each once.

    Two of one name are told apart before the ending, so that the portal still knows the kind.
    """
    names: list[str] = []
    taken: set[str] = set()
    for wish in wished:
        plain = _UNSAFE.sub("_", wish.replace("\\", "/").rpartition("/")[2]).strip(" .") or "file"
        stem, dot, suffix = plain.rpartition(".")
        if not dot or not stem:
            stem, suffix = plain, ""
        if _RESERVED.fullmatch(plain):
            stem = f"_{stem}"
        ending = f".{suffix}" if suffix else ""
        name, count = stem[:_LONGEST_NAME] + ending, 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem[:_LONGEST_NAME]}({count}){ending}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def lay_out(files: Sequence[PortalFile], folder: Path) -> None:
    """Copy files into a folder under their portal names, ready to be picked; nothing else stays in it.

    They are copies: whatever the portal or the clerk does to them, the kept originals stay whole.  A copy
    that is there and whole is left alone, so that a window of the portal that has it open is not disturbed.

    Raises:
        AppError: ``package_missing``, ``package_changed`` (``name``) where an original is not the sealed
            one, ``cannot_write`` (``name``, ``reason``).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {file.name for file in files}
        for old in folder.iterdir():
            if old.name not in wanted and old.is_file():
                old.unlink()
    except OSError as error:
        raise AppError("cannot_write", name=str(folder), reason=error.strerror or "") from error
    for file in files:
        target = folder / file.name
        if hash_of(target) != file.sha256:
            copy_whole(file.source, target, file.sha256)
