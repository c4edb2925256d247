"""A program that types into a draft and says each revision after it was stored.

Usage: ``store_writer.py FOLDER DRAFT WORD COUNT``; started and killed by the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.clock import system_clock
from app.model.edit import Edit, Operation
from app.store import open_store


def main() -> None:
    """Type until done or killed."""
    folder, draft_id, word, count = sys.argv[1:]
    with open_store(Path(folder), clock=system_clock, device=word) as store:
        for number in range(int(count)):
            edits = [
                Edit(Operation.SET, f"t1/r{number % 30}/name", None, f"{word}{number}"),
                Edit(Operation.SET, "e06", None, "字" * 300 + f"{word}{number}"),
            ]
            revision = store.drafts.apply(draft_id, edits, group=f"{word}{number}")
            if number % 97 == 96:
                store.drafts.checkpoint(draft_id)
            sys.stdout.write(f"{number} {revision}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
