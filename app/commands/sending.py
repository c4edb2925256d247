"""Commands that speak with a platform: submit, fetch, practice."""

from __future__ import annotations

import json
import os
import secrets
import sys
from argparse import Namespace
from datetime import datetime
from getpass import getpass
from pathlib import Path
from tempfile import TemporaryDirectory

from app import paths
from app.bundle import verify_bundle
from app.clock import parse_moment, system_clock, to_beijing
from app.commands.setting import folder_of, library_of, put, say, tell, workplace_of
from app.commands.stick import fetch_from_folder, submit_to_folder, take_in, tell_receipt, tell_status
from app.credentials import open_credentials
from app.errors import AppError, UsageError
from app.messages import Messages
from app.paper.fonts import Fonts
from app.practice.key import key_fingerprint, open_key
from app.practice.server import serve
from app.practice.site import BundleInfo, Site, make_accounts
from app.practice.words import load_words
from app.programmes.library import Library
from app.services.accounts import Platform, keep_platform, read_platform
from app.services.deadline import describe_safe_start, explain_safe_start, read_safe_start
from app.services.pace import keep_limit
from app.services.proving import HOURS, account_for, write_account
from app.services.rehearsing import render_rehearsal_report, write_sample_bundle
from app.services.reviewing import Review, read_review
from app.services.submitting import Account, fetch, submit
from app.services.workplace import Workplace

MOST_HOURS = 31 * 24
"""Longest time an account goes back."""

MOST_PORT = 65535
"""Largest port number there is."""


def run_submit(arguments: Namespace, messages: Messages) -> int:
    """Send the revision sealed last and print the receipt's number; ``--folder`` writes it onto a stick."""
    if arguments.folder:
        return submit_to_folder(arguments, messages)
    with workplace_of(arguments, messages) as workplace:
        account = _account(arguments, workplace)
        if arguments.limit is not None:
            keep_limit(workplace, arguments.limit)
        in_time = read_safe_start(workplace, arguments.draft)
        if in_time is not None:
            tell(explain_safe_start(in_time, messages))
        receipt = submit(
            workplace,
            arguments.draft,
            account,
            lambda done, total: tell(messages.text("replies", "sending", done=done, total=total)),
            lambda: False,
        )
        _trust(workplace, account)
    more = {"safe_start": None if in_time is None else describe_safe_start(in_time)}
    tell_receipt(receipt, messages, arguments.json, more)
    return 0


def run_fetch(arguments: Namespace, messages: Messages) -> int:
    """Ask how the submission stands; an approved one brings the watermarked report home.

    ``--folder`` takes the answer from a stick.
    """
    if arguments.folder:
        return fetch_from_folder(arguments, messages)
    with workplace_of(arguments, messages) as workplace:
        status = fetch(workplace, arguments.draft, _account(arguments, workplace))
    tell_status(status, messages, arguments.json)
    return 0


def run_account_for(arguments: Namespace, messages: Messages) -> int:
    """Print the account of what went wrong before the end (申报异常情况说明) as PDF."""
    hours = HOURS if arguments.hours is None else arguments.hours
    if not 0 < hours <= MOST_HOURS:
        raise UsageError("argument_bad_value", words="--hours")
    with workplace_of(arguments, messages) as workplace:
        pdf = account_for(workplace, arguments.draft, hours)
    write_account(pdf, Path(arguments.out))
    if arguments.json:
        put({"file": str(arguments.out), "size": len(pdf)})
    else:
        say(messages.text("replies", "accounted", file=arguments.out))
    return 0


def _account(arguments: Namespace, workplace: Workplace) -> Account:
    kept = read_platform(workplace)
    address = arguments.platform or kept.address
    name = arguments.account or (kept.account if address == kept.address else "")
    if not address:
        raise UsageError("platform_address_missing")
    if not name:
        raise UsageError("account_missing")
    key = arguments.key or (kept.trusted_key if address == kept.address else "")
    return Account(address, name, _password(arguments, workplace.messages, address, name), key or None)


def _password(arguments: Namespace, messages: Messages, address: str, name: str) -> str:
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    kept = open_credentials().get_password(address, name)
    if kept is not None:
        return kept
    if not sys.stdin.isatty():
        raise UsageError("password_missing")
    return getpass(messages.text("replies", "password", account=name))


def _trust(workplace: Workplace, account: Account) -> None:
    """Remember the platform and the key that the user confirmed and that has just signed a receipt."""
    keep_platform(workplace, Platform(account.address, account.name, account.trusted_key or ""))


def make_site(library: Library, messages: Messages, password: str) -> Site:
    """Give the rehearsal platform everything it cannot do itself."""
    resources = paths.resources()
    words = load_words(resources)
    good, _ = library.load_all()
    programmes = {one.id: one for one in good}
    fonts = Fonts(resources / "fonts")

    def render(path: Path, code: str, approved_at: datetime) -> bytes:
        line = messages.text("replies", "rehearsal_line" if code else "rehearsal_waiting", code=code)
        return render_rehearsal_report(path, line, approved_at, library, fonts, messages)

    def review(path: Path, returned: Path | None, now: datetime) -> Review:
        return read_review(path, returned, library, fonts, messages, now)

    accounts = make_accounts(programmes, words, password)
    return Site(programmes, _verify, render, review, resources / "platform" / "pages", accounts, words)


def _verify(path: Path) -> BundleInfo:
    info = verify_bundle(path)
    return BundleInfo(info.programme_id, info.form_version, info.fingerprint, info.title)


def run_practice(arguments: Namespace, messages: Messages) -> int:
    """Run the rehearsal platform until it is told to end; the address goes to stdout when it listens."""
    if not 0 <= arguments.port <= MOST_PORT:
        raise UsageError("argument_bad_value", words="--port")
    folder = Path(arguments.data) if arguments.data else folder_of(arguments) / "practice"
    password = os.environ.get("SHENBAO_PRACTICE_PASSWORD") or secrets.token_urlsafe(9)
    site = make_site(library_of(arguments), messages, password)
    now = to_beijing(parse_moment(arguments.now)) if arguments.now else None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError("cannot_create_folder", name=str(folder), reason=error.strerror or "") from error

    def ready(port: int) -> None:
        address = f"http://127.0.0.1:{port}"
        key = key_fingerprint(open_key(folder / "key.ed25519"))
        names = [account.name for account in site.accounts]
        if arguments.json:
            line: dict[str, object] = {"address": address, "desk": f"{address}/desk", "rehearsal": True}
            line |= {"key": key, "accounts": names}
            print(json.dumps(line, ensure_ascii=False), flush=True)
            return
        say(messages.text("replies", "practice_ready", address=address))
        say(messages.text("replies", "practice_key", key=key))
        say(messages.text("replies", "practice_desk", address=f"{address}/desk"))
        say(messages.text("replies", "practice_accounts", accounts="、".join(names), password=password))
        sys.stdout.flush()

    stick = Path(arguments.folder) if arguments.folder else None
    if arguments.once:
        if stick is None:
            raise UsageError("arguments_missing", words="--folder")
        return take_in(site, folder, stick, now, messages, as_json=arguments.json)
    with TemporaryDirectory() as samples:
        bundles = _sample_bundles(site, Path(samples)) if arguments.seeded else {}
        serve(
            site,
            folder,
            arguments.port,
            now,
            ready,
            bundles=bundles,
            scripted=arguments.scripted,
            folder=stick,
        )
    return 0


def _sample_bundles(site: Site, folder: Path) -> dict[str, Path]:
    made = ((one.id, write_sample_bundle(one, folder, system_clock())) for one in site.programmes.values())
    return {programme_id: path for programme_id, path in made if path is not None}
