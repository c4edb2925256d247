"""Passwords in the system keyring or nowhere; never in plain text (libs: keyring table)."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from app.credentials import Credentials, open_credentials, trusted_backend
from app.errors import AppError

# keyring's own classes carry no types
FAIL: KeyringBackend = FailKeyring()  # type: ignore[no-untyped-call]
NULL: KeyringBackend = NullKeyring()  # type: ignore[no-untyped-call]
CHAIN: KeyringBackend = ChainerBackend()  # type: ignore[no-untyped-call]
ADDRESS = "https://platform.example/api"


class Memory(KeyringBackend):
    """A keyring that lives as long as the test."""

    # keyring registers every backend class; this one must never be chosen by itself
    priority = -1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError(username)
        del self.kept[service, username]


class Locked(Memory):
    """A keyring nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(service)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(password)


class Plain(Memory):
    """Stands for keyrings.alt, which need not be installed to be refused."""


Plain.__module__ = "keyrings.alt.file"


class PlainHeir(Plain):
    """Built upon a refused one."""


def test_a_password_is_kept_and_forgotten() -> None:
    """Chinese accounts and passwords; one platform however its address was typed."""
    credentials = Credentials(Memory())
    assert credentials.available and credentials.get_password(ADDRESS, "申报人") is None
    credentials.set_password(ADDRESS, "申报人", "密码-3.14")
    assert credentials.get_password(" HTTPS://Platform.Example/api/ ", "申报人") == "密码-3.14"
    assert credentials.get_password(ADDRESS, "管理员") is None
    assert credentials.get_password("https://other.example/api", "申报人") is None
    credentials.delete_password(ADDRESS, "申报人")
    credentials.delete_password(ADDRESS, "申报人")
    assert credentials.get_password(ADDRESS, "申报人") is None


@pytest.mark.parametrize("backend", [None, FAIL, NULL, Plain(), PlainHeir()])
def test_without_a_keyring_to_trust_nothing_is_kept(backend: KeyringBackend | None) -> None:
    """Plain text and pretence are refused; the clerk is asked each time."""
    credentials = Credentials(backend)
    assert not credentials.available and credentials.get_password(ADDRESS, "a") is None
    with pytest.raises(AppError) as refused:
        credentials.set_password(ADDRESS, "a", "geheim")
    assert refused.value.code == "keyring_missing" and "geheim" not in str(refused.value)
    credentials.delete_password(ADDRESS, "a")
    assert not getattr(backend, "kept", None)


def test_of_a_chain_only_what_is_trusted_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain may hold a plain-text keyring before a good one."""
    good = Memory()
    monkeypatch.setattr(ChainerBackend, "backends", (Plain(), FAIL, good))
    assert trusted_backend(CHAIN) is good
    monkeypatch.setattr(ChainerBackend, "backends", (Plain(),))
    assert trusted_backend(CHAIN) is None


def test_a_locked_keyring_is_said_without_the_password() -> None:
    """The library's exception held the password; ours and its context do not."""
    credentials = Credentials(Locked())
    with pytest.raises(AppError, match="keyring_refused") as refused:
        credentials.set_password(ADDRESS, "a", "geheim")
    assert refused.value.__context__ is None and "geheim" not in repr(refused.value)
    with pytest.raises(AppError, match="keyring_refused"):
        credentials.get_password(ADDRESS, "a")
    with pytest.raises(AppError, match="keyring_refused"):
        credentials.delete_password(ADDRESS, "a")


def test_the_computers_own_keyring_is_judged_too() -> None:
    """What keyring finds on this computer goes through the same judgement."""
    before = keyring.get_keyring()
    good = Memory()
    try:
        keyring.set_keyring(good)
        open_credentials().set_password(ADDRESS, "a", "b")
        assert list(good.kept.values()) == ["b"]
        keyring.set_keyring(Plain())
        assert not open_credentials().available
    finally:
        keyring.set_keyring(before)
