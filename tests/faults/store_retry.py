"""A program that stores ten edits and repeats each call whose outcome it did not learn.

Usage: ``store_retry.py FOLDER DRAFT``; run under a tracer that makes writes to the disk fail.
Prints the error codes it met.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.clock import system_clock
from app.errors import AppError
from app.model.edit import Edit, Operation
from app.store import open_store

EDITS = 10


def main() -> None:
    """Store all edits, each at most three times tried."""
    folder, draft_id = Path(sys.argv[1]), sys.argv[2]
    met: list[str] = []
    for number in range(EDITS):
        for _ in range(3):
            try:
                with open_store(folder, clock=system_clock) as store:
                    store.drafts.apply(
                        draft_id,
                        [Edit(Operation.SET, "e04", None, number)],
                        group=f"g{number}",
                        expected_revision=number,
                    )
                break
            except AppError as error:
                met.append(error.code)
    sys.stdout.write(" ".join(met) + "\n")


if __name__ == "__main__":
    main()
