"""What every command needs: resources, data folder, workplace, moment, output."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from app import paths
from app.clock import system_clock
from app.messages import Messages
from app.programmes.library import Library
from app.services.workplace import Workplace, chosen_moment, data_folder, make_library, open_workplace


def folder_of(arguments: Namespace) -> Path:
    """Give the folder of all user data that this command works in."""
    return data_folder(getattr(arguments, "data_dir", None), os.environ)


def library_of(arguments: Namespace) -> Library:
    """Give the programmes this command knows, without opening the store."""
    return make_library(paths.resources(), folder_of(arguments))


def workplace_of(arguments: Namespace, messages: Messages) -> AbstractContextManager[Workplace]:
    """Open the workplace; what is written gets the moment of ``--now`` where it is given."""
    moment = getattr(arguments, "now", None)
    clock = system_clock
    if moment:
        fixed = chosen_moment(moment, system_clock)
        return open_workplace(folder_of(arguments), paths.resources(), messages, lambda: fixed)
    return open_workplace(folder_of(arguments), paths.resources(), messages, clock)


def moment_of(arguments: Namespace, workplace: Workplace | None = None) -> datetime:
    """Give the moment the command reckons with: ``--now`` as typed, else the best clock there is."""
    text: str | None = getattr(arguments, "now", None)
    if text:
        return chosen_moment(text, system_clock)
    # The PC's own offset is kept, so that a zone other than Beijing's can be explained.
    local = system_clock().astimezone()
    return workplace.now().astimezone(local.tzinfo) if workplace is not None else local


def put(document: object) -> None:
    """Write one JSON document to stdout."""
    print(json.dumps(document, ensure_ascii=False, indent=1))


def say(text: str) -> None:
    """Write a line for people to stdout."""
    print(text)


def tell(text: str) -> None:
    """Write a line to stderr: progress, hints, anything that is not the answer."""
    print(text, file=sys.stderr, flush=True)
