"""Passwords in the operating system's own keyring, or nowhere.

A backend that would write them in plain text is refused, as is one that only pretends to keep them.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from app.errors import AppError

SERVICE = "shenbao"

_REFUSED_MODULES = ("keyrings.alt", "keyring.backends.fail", "keyring.backends.null")
_CHAIN_MODULE = "keyring.backends.chainer"


class Credentials:
    """Passwords by platform address and account.  ``backend`` None: there is no keyring to trust."""

    def __init__(self, backend: KeyringBackend | None) -> None:
        self._backend = trusted_backend(backend)

    @property
    def available(self) -> bool:
        """Tell whether a password can be kept; if not, it is asked for each time."""
        return self._backend is not None

    def get_password(self, address: str, account: str) -> str | None:
        """Give the kept password, or None where none is kept or there is no keyring.

        Raises ``AppError("keyring_refused")`` where the keyring is locked or broken.
        """
        if self._backend is None:
            return None
        failed = False
        found: str | None = None
        try:
            found = self._backend.get_password(_service(address), account)
        except (KeyringError, OSError):
            failed = True
        if failed:
            raise AppError("keyring_refused")
        return found

    def set_password(self, address: str, account: str, password: str) -> None:
        """Keep a password.

        Raises ``AppError``: ``keyring_missing`` where there is no keyring to trust, ``keyring_refused``
        where it is locked, full or broken.
        """
        if self._backend is None:
            raise AppError("keyring_missing")
        # raised outside the handler: a library's exception may carry the password along
        failed = False
        try:
            self._backend.set_password(_service(address), account, password)
        except (KeyringError, OSError):
            failed = True
        if failed:
            raise AppError("keyring_refused")

    def delete_password(self, address: str, account: str) -> None:
        """Forget a password; it is no error if none was kept.  Raises ``AppError("keyring_refused")``."""
        if self._backend is None or self.get_password(address, account) is None:
            return
        failed = False
        try:
            self._backend.delete_password(_service(address), account)
        except (KeyringError, OSError):
            failed = True
        if failed:
            raise AppError("keyring_refused")


def open_credentials() -> Credentials:
    """Give the passwords kept by this computer's keyring, if it has one to trust."""
    return Credentials(keyring.get_keyring())


def trusted_backend(backend: KeyringBackend | None) -> KeyringBackend | None:
    """Give the backend if it may be trusted, the first such of a chain, or None.

    Judged by module names, also of what a class is built upon, because the refused packages need not be
    installed here.
    """
    if backend is None:
        return None
    modules = [kind.__module__ for kind in type(backend).__mro__]
    if any(module.startswith(_REFUSED_MODULES) for module in modules):
        return None
    if any(module.startswith(_CHAIN_MODULE) for module in modules):
        links = getattr(backend, "backends", ())
        return next((found for found in map(trusted_backend, links) if found is not None), None)
    return backend


def _service(address: str) -> str:
    """Give the name under which the keyring files it: one platform, however its address was typed."""
    parts = urlsplit(address.strip())
    return f"{SERVICE} {parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
