"""What the user has set, as JSON by key.  Never a password: those are in the keyring."""

from __future__ import annotations

import json
import re
from typing import Any

from app.errors import AppError
from app.store.database import Database
from app.store.integrity import canonical, digest

_SECRET = re.compile(r"passw|passphrase|secret|token|credential|密码|口令", re.IGNORECASE)


class Settings:
    """Settings of a store.  Database errors as in ``Drafts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        """Give the JSON value of a key, or the default.

        Raises ``AppError("setting_damaged", key)`` where it is not as it was written; ``put`` mends it.
        """
        with self._database.read() as connection:
            row = connection.execute("SELECT value, digest FROM settings WHERE key = ?", (key,)).fetchone()
        if row is None:
            return default
        if row[1] != digest(key, row[0]):
            raise AppError("setting_damaged", key=key)
        return json.loads(row[0])

    def put(self, key: str, value: Any) -> None:
        """Store a JSON value; raises ``ValueError`` (our bug) for a key that names a secret."""
        if _SECRET.search(key):
            raise ValueError(key)
        text = canonical(value).decode()
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO settings (key, value, digest) VALUES (?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value, digest = excluded.digest",
                (key, text, digest(key, text)),
            )

    def remove(self, key: str) -> None:
        """Forget a key; nothing happens where it is not set."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM settings WHERE key = ?", (key,))
