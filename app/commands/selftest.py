"""``shenbao self-test``: whether this installation can do its work, on this machine, now."""

from __future__ import annotations

import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from app import paths
from app.clock import system_clock
from app.commands.setting import library_of, put, say
from app.credentials import open_credentials
from app.errors import AppError
from app.messages import Messages
from app.model.draft import Answers
from app.model.packet import PartKind
from app.paper.assemble import page_texts
from app.paper.fonts import Fonts
from app.services.drafting import new_draft
from app.services.printing import render_part
from app.services.workplace import open_workplace, view_of

_RARE = "喆堃镕䶮𬭎·〔2022〕"


def run_self_test(arguments: Namespace, messages: Messages) -> int:
    """Try each part once in a temporary folder; 0 when all of them work, 3 otherwise."""
    tests: dict[str, Callable[[], str]] = {
        "python": _python,
        "resources": lambda: str(paths.resources()),
        "programmes": lambda: _programmes(arguments),
        "fonts": _fonts,
        "store": lambda: _store(arguments, messages),
        "paper": lambda: _paper(arguments, messages),
        "keyring": lambda: _keyring(messages),
        "window": arguments.try_window or _window,
    }
    results: list[dict[str, object]] = []
    for key, test in tests.items():
        label = messages.text("replies", f"self_test.{key}")
        try:
            detail, good = test(), True
        except AppError as error:
            detail, good = messages.error(error), False
        results.append({"test": key, "label": label, "good": good, "detail": detail})
        if not arguments.json:
            code = "self_test_good" if good else "self_test_bad"
            say(messages.text("replies", code, label=label, reason=detail))
    ok = all(result["good"] for result in results)
    if arguments.json:
        put({"ok": ok, "tests": results})
    return 0 if ok else 3


def _python() -> str:
    return ".".join(str(part) for part in sys.version_info[:3])


def _programmes(arguments: Namespace) -> str:
    good, bad = library_of(arguments).load_all()
    if bad:
        raise bad[0]
    return "、".join(one.short_title for one in good)


def _fonts() -> str:
    missing = Fonts(paths.resources() / "fonts").missing(_RARE)
    if missing:
        raise AppError("self_test_failed", reason=missing)
    return _RARE


def _store(arguments: Namespace, messages: Messages) -> str:
    programme = library_of(arguments).load_all()[0][0]
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workplace(Path(folder), paths.resources(), messages, system_clock) as workplace,
    ):
        draft_id = new_draft(workplace, programme, Answers())
        workplace.draft(draft_id)
        return draft_id


def _paper(arguments: Namespace, messages: Messages) -> str:
    programme = library_of(arguments).load_all()[0][0]
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workplace(Path(folder), paths.resources(), messages, system_clock) as workplace,
    ):
        draft = workplace.draft(new_draft(workplace, programme, Answers()))
        view = view_of(programme, draft, workplace.fonts, system_clock())
        own = [part for part in programme.packet.parts if part.kind is not PartKind.PLATFORM_REPORT]
        pages = [
            page
            for part in own
            for page in page_texts(render_part(part, programme, view, workplace.fonts, messages))
        ]
    if not any(programme.label in page for page in pages):
        raise AppError("self_test_failed", reason=programme.label)
    return str(len(pages))


def _keyring(messages: Messages) -> str:
    if open_credentials().available:
        return ""
    return messages.text("replies", "self_test.keyring_missing")


def _window() -> str:
    if find_spec("PySide6") is None:
        raise AppError("self_test_failed", reason="PySide6")
    return ""
