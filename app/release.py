"""Which version this is, who made it, and whether a newer one comes from the same maker.

A maker signs the list of hashes that lies beside the installers (``SHA256SUMS``, its signature in
``SHA256SUMS.sig``, Ed25519, RFC 8032); the public key came with the installed program, so that an update on
a USB stick is checked without a line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
_NOTE = "release.toml"
_SETUP = re.compile(r"shenbao-(?P<version>\d+(?:\.\d+){2})-setup\.exe")
_PACKAGE = re.compile(
    r"(?:shenbao|cn\.shenbao\.desktop)_(?P<version>\d+(?:\.\d+){2})(?:\.\d+)?_(?P<kind>\w+)\.deb"
)
_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64})  (?P<name>[^/\\]+)")
_MOST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Release:
    """The program as it is installed: its version (``1.2.3``), and its maker's public key (base64) or ""."""

    version: str
    key: str


@dataclass(frozen=True, slots=True)
class Update:
    """An installer that was found to be what its maker signed."""

    path: Path
    version: str
    sha256: str


def read_release(resources: Path) -> Release | None:
    """Read what was noted when the installer was made; None where the program runs from its source tree."""
    try:
        note = tomllib.loads((resources / _NOTE).read_text(encoding="utf-8"))
    except OSError:
        return None
    return Release(str(note["version"]), str(note["key"]))


def check_update(path: Path, installed: Release | None, platform: str) -> Update:
    """Make sure that an installer is newer, meant for this system (``sys.platform``) and unchanged.

    Raises:
        AppError: ``update_no_key`` (this program knows no maker), ``update_not_ours`` (no installer, or one
            for another system), ``update_unsigned`` (no list or signature beside it), ``update_forged``,
            ``update_changed``, ``update_unreadable`` (each with ``name``) and ``update_older``
            (``version``, ``current``).
    """
    name = path.name
    if installed is None or not installed.key:
        raise AppError("update_no_key", name=name)
    found = (_SETUP if platform == "win32" else _PACKAGE).fullmatch(name)
    if found is None:
        raise AppError("update_not_ours", name=name)
    listed = _signed_hashes(path.parent, name, installed.key).get(name)
    if listed is None:
        raise AppError("update_unsigned", name=name)
    if _hash_of(path) != listed:
        raise AppError("update_changed", name=name)
    version = found["version"]
    if _order(version) <= _order(installed.version):
        raise AppError("update_older", version=version, current=installed.version)
    return Update(path, version, listed)


def _signed_hashes(folder: Path, name: str, key: str) -> dict[str, str]:
    """Return hashes by file name from the list beside an installer, once its signature is proven."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        sums = (folder / SUMS).read_bytes()
        signature = (folder / SIGNATURE).read_bytes()
    except OSError as error:
        raise AppError("update_unsigned", name=name) from error
    try:
        if len(sums) > _MOST:
            raise ValueError
        signed = base64.b64decode(signature.strip(), validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True)).verify(signed, sums)
        lines = [_LINE.fullmatch(line) for line in sums.decode("utf-8").splitlines()]
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise AppError("update_forged", name=name) from error
    return {line["name"]: line["sha256"] for line in lines if line is not None}


def _hash_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AppError("update_unreadable", name=path.name) from error


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
