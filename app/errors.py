"""The one exception for what the outside world refuses.

A wrong or incomplete report is never an exception: that is a ``Finding``.  A bug of ours is any other
exception.  Wording lives in ``resources/messages/errors.toml``; this module carries codes only.
"""

from __future__ import annotations


class AppError(Exception):
    """The world refuses: disk, file, line, platform, keyring, programme folder.

    ``code`` names an entry of ``resources/messages/errors.toml``; ``params`` fill its slots.
    """

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        """Give code and parameters for logs; people see the worded message instead."""
        inner = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.code}({inner})"


class UsageError(AppError):
    """Input that cannot be read or words that make no sense: nothing was changed (exit code 2)."""
