"""app.release: an update is taken only as its maker signed it (issue 7, «Offline update»)."""

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.errors import AppError
from app.release import SIGNATURE, SUMS, Release, check_update, read_release

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
INSTALLED = Release("0.1.0", base64.b64encode(KEY.public_key().public_bytes_raw()).decode())
NAME = "shenbao_0.2.0_amd64.deb"


def lay_out(folder: Path, name: str = NAME, content: bytes = b"installer") -> Path:
    """Write an installer, the list of hashes and its signature, as the maker does."""
    path = folder / name
    path.write_bytes(content)
    sums = f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()
    (folder / SUMS).write_bytes(sums)
    (folder / SIGNATURE).write_bytes(base64.b64encode(KEY.sign(sums)) + b"\n")
    return path


def code_of(path: Path, installed: Release | None = INSTALLED, platform: str = "linux") -> str:
    with pytest.raises(AppError) as refused:
        check_update(path, installed, platform)
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        (NAME, "linux"),
        ("cn.shenbao.desktop_0.2.0.0_arm64.deb", "linux"),
        ("shenbao-0.10.0-setup.exe", "win32"),
    ],
)
def test_a_newer_signed_installer_is_taken(tmp_path: Path, name: str, platform: str) -> None:
    """A newer version, signed by the maker whose key was installed: 0.10.0 is newer than 0.1.0."""
    update = check_update(lay_out(tmp_path, name), INSTALLED, platform)
    assert update.sha256 == hashlib.sha256(b"installer").hexdigest()
    assert update.version in name


def test_one_altered_byte_anywhere_is_refused(tmp_path: Path) -> None:
    """Sweep: each byte of the installer, the list and the signature changed once; none passes."""
    path = lay_out(tmp_path)
    for file in (path, tmp_path / SUMS, tmp_path / SIGNATURE):
        whole = file.read_bytes()
        for place in range(len(whole.rstrip())):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert code_of(path) in {"update_changed", "update_forged", "update_unsigned"}, (file.name, place)
        file.write_bytes(whole)
    assert check_update(path, INSTALLED, "linux").version == "0.2.0"


def test_what_cannot_be_proven_is_named(tmp_path: Path) -> None:
    """Another maker, no key, no signature, another system's file, an older version: each by its own name."""
    path = lay_out(tmp_path)
    other = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    assert code_of(path, Release("0.1.0", other)) == "update_forged"
    assert code_of(path, Release("0.1.0", "")) == "update_no_key"
    assert code_of(path, None) == "update_no_key"
    assert code_of(path, Release("0.2.0", INSTALLED.key)) == "update_older"
    assert code_of(path, platform="win32") == "update_not_ours"
    (tmp_path / SIGNATURE).unlink()
    assert code_of(path) == "update_unsigned"
    assert code_of(tmp_path / "shenbao_0.3.0_amd64.deb") == "update_unsigned"


def test_the_note_of_the_maker_is_read(tmp_path: Path) -> None:
    """release.toml stands in an installed program only; a source tree has none."""
    assert read_release(tmp_path) is None
    (tmp_path / "release.toml").write_text('version = "1.2.3"\nkey = "abc"\n', encoding="utf-8")
    assert read_release(tmp_path) == Release("1.2.3", "abc")
