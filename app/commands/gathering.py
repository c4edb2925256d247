"""The command that adds other units' bundles up: gather."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from app.commands.setting import moment_of, put, say, workplace_of
from app.messages import Messages
from app.services.gathering import Gathered, gather, tell_gathered


def run_gather(arguments: Namespace, messages: Messages) -> int:
    """Bring bundles into the draft's table, or with ``--compare`` only tell what differs."""
    with workplace_of(arguments, messages) as workplace:
        now = moment_of(arguments, workplace)
        files = [Path(name) for name in arguments.files]
        found = gather(workplace, arguments.draft, files, now, keep=not arguments.compare)
    if arguments.json:
        put({"kept": not arguments.compare, "reports": [_document(one) for one in found]})
        return 0
    for line in tell_gathered(messages, found):
        say(line)
    say(messages.text("replies", "gather_compared" if arguments.compare else "gather_kept"))
    return 0


def _document(one: Gathered) -> dict[str, object]:
    return {
        "file": one.file,
        "title": one.title,
        "fingerprint": one.fingerprint,
        "row": one.row,
        "new": one.fresh,
        "differences": [
            {"path": each.path, "label": each.label, "before": each.before, "after": each.after}
            for each in one.differences
        ],
    }
