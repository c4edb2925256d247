"""What the window remembers on this PC: size, place, looks.  An INI file in the data folder."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

FILE_NAME = "window.ini"


class IniSettings(QObject):
    """JSON-able values under ASCII keys, in an INI file that people can read.

    Keys of the window itself: ``dark``, ``scale`` (1.0 to 2.0), ``rehearsal``, ``self_score``, ``page``,
    ``draft``, ``geometry``.  ``changed`` carries the key of a value that became another.
    """

    changed = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._ini = QSettings(str(folder / FILE_NAME), QSettings.Format.IniFormat)

    def get(self, key: str, default: object = None) -> object:
        """Give what is remembered; the default where there is nothing or it cannot be read."""
        text = self._ini.value(key, None)
        if not isinstance(text, str):
            return default
        try:
            value: object = json.loads(text)
        except ValueError:
            return default
        return value

    def put(self, key: str, value: object) -> None:
        """Remember a value."""
        if self.get(key) != value:
            self._ini.setValue(key, json.dumps(value, ensure_ascii=True))
            self.changed.emit(key)

    def get_bytes(self, key: str) -> QByteArray:
        """Give remembered bytes (the window's place), empty where there are none."""
        text = self.get(key, "")
        return QByteArray.fromHex(QByteArray(str(text).encode("ascii", "replace")))

    def put_bytes(self, key: str, value: QByteArray) -> None:
        """Remember bytes."""
        self.put(key, bytes(value.toHex().data()).decode("ascii"))

    def close(self) -> None:
        """Write to the disk now."""
        self._ini.sync()
