"""Command line: reads the words, runs the command, words the errors."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from app import paths
from app.commands.words import build_parser
from app.errors import AppError, UsageError
from app.messages import Messages, load_messages

FINE, FINDINGS, USAGE, REFUSED = 0, 1, 2, 3

HANDLERS = {
    "demo": "app.commands.demo",
    "programmes": "app.commands.reading",
    "programme": "app.commands.reading",
    "new": "app.commands.writing",
    "drafts": "app.commands.reading",
    "set": "app.commands.writing",
    "reason": "app.commands.writing",
    "check": "app.commands.checking",
    "stages": "app.commands.reading",
    "score": "app.commands.checking",
    "event": "app.commands.writing",
    "attach": "app.commands.writing",
    "status": "app.commands.reading",
    "seal": "app.commands.writing",
    "print": "app.commands.papers",
    "book": "app.commands.booking",
    "pages": "app.commands.booking",
    "bundle": "app.commands.papers",
    "deliver": "app.commands.papers",
    "verify": "app.commands.papers",
    "submit": "app.commands.sending",
    "fetch": "app.commands.sending",
    "receipts": "app.commands.receipts",
    "account-for": "app.commands.sending",
    "practice": "app.commands.sending",
    "carry": "app.commands.writing",
    "gather": "app.commands.gathering",
    "backup": "app.commands.writing",
    "update": "app.commands.updating",
    "self-test": "app.commands.selftest",
}
"""Where each command's ``run_<command>`` lives; loaded only when it is asked for, to start quickly."""


def main(argv: Sequence[str] | None = None, try_window: Callable[[], str] | None = None) -> int:
    """Run one command and give its exit code: 0 fine, 1 findings, 2 usage, 3 the world refused.

    ``try_window`` is how the self-test opens the window, which this side of the house does not know.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    words = list(sys.argv[1:] if argv is None else argv)
    messages = load_messages(paths.resources() / "messages")
    as_json = "--json" in words
    try:
        parser = build_parser(messages)
        arguments = parser.parse_args(words)
        arguments.try_window = try_window
        if not arguments.command:
            parser.print_help()
            return FINE
        module = import_module(HANDLERS[arguments.command])
        run = getattr(module, "run_" + arguments.command.replace("-", "_"))
        return int(run(arguments, messages))
    except AppError as error:
        tell_error(error, messages, as_json=as_json)
        return USAGE if isinstance(error, UsageError) else REFUSED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else FINE
    except BrokenPipeError:
        return FINE
    except KeyboardInterrupt:
        return REFUSED


def tell_error(error: AppError, messages: Messages, *, as_json: bool) -> None:
    """Write one Chinese line to stderr, and with ``--json`` the same as a JSON document to stdout."""
    text = messages.error(error)
    details = list(getattr(error, "defects", ()))
    lines = [f"{one.file} {one.place}：{messages.defect(one.code, one.params)}" for one in details]
    if as_json:
        document: dict[str, object] = {"error": {"code": error.code, "message": text}}
        if lines:
            document["error"] = {"code": error.code, "message": text, "defects": lines}
        print(json.dumps(document, ensure_ascii=False))
    print("\n".join((text, *lines)), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
