"""How long unfinished uploads are kept (tus expiration): so long after their last byte, then they are gone.

The time of the last byte is that of the file itself, by the PC's clock; told is the platform's.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from app.clock import BEIJING, to_beijing
from app.practice.platform import Platform

KEEP = timedelta(days=30)


def expires_at(platform: Platform, upload: sqlite3.Row) -> datetime | None:
    """Give when an upload is thrown away, by the platform's clock.

    None for a complete one, and for one of which nothing has come.
    """
    path = platform.upload_path(upload["id"])
    if upload["position"] == upload["length"] or not path.exists():
        return None
    last = datetime.fromtimestamp(path.stat().st_mtime, BEIJING)
    ahead = platform.now() - to_beijing(platform.clock()).replace(microsecond=0)
    return (last + KEEP + ahead).replace(microsecond=0)


def throw_expired(platform: Platform, upload: sqlite3.Row) -> bool:
    """Throw an upload away if its time is over; tell whether it is gone."""
    moment = expires_at(platform, upload)
    if moment is None or platform.now() < moment:
        return False
    platform.database.execute("delete from uploads where id = ?", (upload["id"],))
    platform.upload_path(upload["id"]).unlink(missing_ok=True)
    return True


def sweep(platform: Platform) -> int:
    """Throw away all uploads whose time is over, and files that belong to none; give how many went.

    A file without a row was never acknowledged or was thrown away while the power went.
    """
    rows = platform.database.execute("select * from uploads where position < length").fetchall()
    gone = sum(throw_expired(platform, row) for row in rows)
    known = {row["id"] for row in platform.database.execute("select id from uploads")}
    for path in (platform.folder / "uploads").iterdir():
        if path.name not in known:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
