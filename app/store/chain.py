"""Hash-chained lists: each entry carries the hash of the one before, the head row the length."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import AppError
from app.store.integrity import canonical, sha256


@dataclass(frozen=True, slots=True)
class Link:
    """A stored entry: its place from 1, its content, and the two hashes."""

    seq: int
    content: Mapping[str, Any]
    previous_hash: str
    hash: str


def link_hash(content: bytes, previous_hash: str) -> str:
    """Give SHA-256 in hex over the canonical JSON of an entry followed by the previous hash."""
    return sha256(content + previous_hash.encode())


class Chain:
    """A chained list per owner in one table; the first previous hash is the owner's id."""

    def __init__(self, table: str, damaged: str) -> None:
        self._table = table
        self._damaged = damaged

    def append(self, connection: sqlite3.Connection, owner: str, content: Mapping[str, object]) -> Link:
        """Add an entry inside the caller's transaction."""
        length, previous = self._head(connection, owner)
        text = canonical(content)
        link = Link(length + 1, json.loads(text), previous, link_hash(text, previous))
        connection.execute(
            f"INSERT INTO {self._table} (owner, seq, content, previous_hash, hash) VALUES (?, ?, ?, ?, ?)",
            (owner, link.seq, text.decode(), previous, link.hash),
        )
        connection.execute(
            "INSERT INTO chain_heads (chain, owner, length, hash) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (chain, owner) DO UPDATE SET length = excluded.length, hash = excluded.hash",
            (self._table, owner, link.seq, link.hash),
        )
        return link

    def read(self, connection: sqlite3.Connection, owner: str) -> tuple[Link, ...]:
        """Give all entries of an owner, every link checked.

        Raises ``AppError`` with the chain's own code and ``owner`` where one is not as it was written.
        """
        length, last = self._head(connection, owner)
        rows = connection.execute(
            f"SELECT seq, content, previous_hash, hash FROM {self._table} WHERE owner = ? ORDER BY seq",
            (owner,),
        ).fetchall()
        links: list[Link] = []
        previous = owner
        for number, (seq, text, before, found) in enumerate(rows, 1):
            raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else b""
            if seq != number or before != previous or found != link_hash(raw, previous):
                raise AppError(self._damaged, owner=owner, place=number)
            links.append(Link(seq, json.loads(raw), before, found))
            previous = found
        if (length, last) != (len(links), previous):
            raise AppError(self._damaged, owner=owner, place=len(links) + 1)
        return tuple(links)

    def _head(self, connection: sqlite3.Connection, owner: str) -> tuple[int, str]:
        found = connection.execute(
            "SELECT length, hash FROM chain_heads WHERE chain = ? AND owner = ?", (self._table, owner)
        ).fetchone()
        return (0, owner) if found is None else (found[0], found[1])
