"""A folder for papers too large to be held in memory, as long as a page of the window shows them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from itertools import count
from pathlib import Path


class Scratch:
    """Gives fresh folders, keeps the last few, and takes all of them away with its owner."""

    def __init__(self, owner: object) -> None:
        self._home: Path | None = None
        self._numbers = count(1)
        self._owner = weakref.ref(owner)
        self._kept: list[Path] = []

    def fresh(self) -> Path:
        """Give an empty folder; what was laid out three times ago is nobody's any more."""
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="shenbao-"))
            owner = self._owner()
            if owner is not None:
                weakref.finalize(owner, shutil.rmtree, self._home, ignore_errors=True)
        folder = self._home / str(next(self._numbers))
        folder.mkdir()
        self._kept.append(folder)
        while len(self._kept) > 3:
            shutil.rmtree(self._kept.pop(0), ignore_errors=True)
        return folder
