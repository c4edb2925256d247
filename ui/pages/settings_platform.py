"""The platform: address, account, key; the password goes to the system's keyring and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtWidgets import QLineEdit

from app.services.accounts import (
    Platform,
    WindowState,
    is_key,
    keep_password,
    keep_platform,
    keyring_available,
    read_password,
)
from ui.context import PageContext
from ui.pages.settings_groups import Group
from ui.parts import Button, left_row, words

if TYPE_CHECKING:
    from app.services.workplace import Workplace

_HERE = ("127.0.0.1", "localhost", "::1")


class PlatformGroup(Group):
    """Editors for the platform.  The keyring is asked beside the window: it may wait for its owner."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "platform")
        look = context.look
        self.column.insertWidget(1, words(self.word("platform_why"), look, faint=True))
        self.address, self.account, self.key, self.password = (QLineEdit() for _ in range(4))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.address.setPlaceholderText(self.word("address_hint"))
        self.key.setPlaceholderText(self.word("key_hint"))
        self._edited = self._available = self._kept = False
        self._kept_platform = Platform()
        for key in ("address", "account", "key"):
            editor: QLineEdit = getattr(self, key)
            editor.textEdited.connect(lambda _text: self._edit())
            self.add(key, editor)
        self.save_button = Button(self.word("save_platform"), look)
        self.save_button.setEnabled(False)
        self.save_button.clicked.connect(self._save)
        self.form.addRow("", left_row(self.save_button))
        self.add("password", self.password, "password_hint")
        self.password_told = words("", look, faint=True)
        self.password_told.setWordWrap(False)
        self.form.addRow("", self.password_told)
        self.keep_button = Button(self.word("save_password"), look)
        self.keep_button.clicked.connect(lambda: self._keep(self.password.text()))
        self.forget_button = Button(self.word("forget_password"), look)
        self.forget_button.clicked.connect(lambda: self._keep(""))
        self.form.addRow("", left_row(self.keep_button, self.forget_button))
        self.password.textChanged.connect(lambda _text: self._fit(self._available, kept=self._kept))
        self._fit(available=False, kept=False)

    def platform(self) -> Platform:
        """Give the platform as it is typed."""
        return Platform(self.address.text().strip(), self.account.text().strip(), self.key.text().strip())

    def _edit(self) -> None:
        self._edited = True
        self.save_button.setEnabled(True)

    def show_state(self, state: WindowState) -> None:
        """Show what is set, unless it is being edited."""
        if not self._edited:
            self.address.setText(state.platform.address)
            self.account.setText(state.platform.account)
            self.key.setText(state.platform.trusted_key)
        self._kept_platform = state.platform
        self._ask_keyring()

    def _ask_keyring(self) -> None:
        platform = self._kept_platform

        def look_up() -> tuple[bool, bool]:
            available = keyring_available()
            asked = available and platform.address and platform.account
            return available, bool(asked and read_password(platform))

        self.context.tasks.work(self, look_up, lambda found: self._fit(found[0], kept=found[1]), self.refused)

    def _fit(self, available: bool, *, kept: bool) -> None:
        self._available, self._kept = available, kept
        platform = self._kept_platform
        known = bool(platform.address and platform.account)
        self.password.setEnabled(available and known)
        self.keep_button.setEnabled(available and known and bool(self.password.text()))
        self.forget_button.setEnabled(available and kept)
        key = ("password_kept" if kept else "password_none") if available else "no_keyring"
        self.password_told.setText(self.word(key))

    def _save(self) -> None:
        platform = self.platform()
        if platform.address and not is_safe_address(platform.address):
            self.context.tell(self.word("address_wrong"), "warning")
            self.address.setFocus()
            return
        if not is_key(platform.trusted_key):
            self.context.tell(self.word("key_wrong"), "warning")
            self.key.setFocus()
            return

        def keep(workplace: Workplace) -> None:
            keep_platform(workplace, platform)

        def kept(_nothing: None) -> None:
            self._edited = False
            self.save_button.setEnabled(False)
            self._kept_platform = platform
            self.context.tell(self.word("platform_saved"), "good")
            self.context.refresh()
            self._ask_keyring()

        self.context.tasks.store(self, keep, kept, self.refused)

    def _keep(self, password: str) -> None:
        platform = self._kept_platform

        def kept(_nothing: None) -> None:
            self.password.clear()
            self.context.tell(self.word("password_saved" if password else "password_forgotten"), "good")
            self._ask_keyring()

        self.context.tasks.work(self, lambda: keep_password(platform, password), kept, self.refused)


def is_safe_address(text: str) -> bool:
    """Tell whether a password may travel there: TLS, or the rehearsal platform on this very PC."""
    parts = urlsplit(text)
    if not parts.hostname or parts.username or parts.password:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
