"""Writes the faulty samples of programmes whose faults are data, and the lists of what is found.

    python -m installers.samples_planted

``planted/<programme>.toml`` lists faults; each is planted by itself into ``complete.json`` first, to prove
that it leads to the codes it says and to no others.  A ``seed.json`` is checked as it stands and its findings
are listed.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from app import paths
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.programmes.loader import load
from installers.samples import check, complaints, dump, keys, prove
from installers.samples_faults import (
    Change,
    Document,
    Fault,
    attach,
    drop,
    part,
    plant,
    put,
    unlink,
    write_on,
)

_PLANTED = Path(__file__).parent / "planted"


def _copy_row(table: str, row: str, new: str) -> Change:
    """Add a copy of a row at the end."""

    def change(document: Document) -> None:
        rows = document["tables"][table]
        rows.append({**next(one for one in rows if one["_id"] == row), "_id": new})

    return change


def _repeat(path: str, times: int) -> Change:
    """Write a text of a field several times."""

    def change(document: Document) -> None:
        document["values"][path] *= times

    return change


def _same(table: str, column: str, other: str, first: int, last: int) -> Change:
    """Copy a column into another in rows r``first`` to r``last``."""

    def change(document: Document) -> None:
        wanted = {f"r{number}" for number in range(first, last + 1)}
        for row in document["tables"][table]:
            if row["_id"] in wanted:
                row[column] = row[other]

    return change


_CHANGES: Mapping[str, Callable[..., Change]] = {
    "put": put,
    "clear": lambda path: put(path, None),
    "write": write_on,
    "drop": drop,
    "copy": _copy_row,
    "repeat": _repeat,
    "same": _same,
    "unlink": unlink,
    "part": part,
    "attach": attach,
}


def read_faults(path: Path) -> list[Fault]:
    """Read the faults of a programme: ``name``, ``codes`` and ``changes``, each a verb with its arguments."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    faults = []
    for entry in raw["fault"]:
        changes = [_CHANGES[verb](*arguments) for verb, *arguments in entry["changes"]]
        faults.append(Fault(entry["name"], changes, frozenset(entry["codes"].split())))
    return faults


def midway(programme: Programme) -> datetime:
    """Give the middle of the first stage that has both an opening and a closing."""
    stage = next(one for one in programme.stages if one.opens and one.closes)
    assert stage.opens is not None and stage.closes is not None
    return stage.opens + (stage.closes - stage.opens) / 2


def write(programme: Programme, folder: Path, faults: Sequence[Fault], fonts: Fonts) -> list[str]:
    """Write what is planted and found for one programme; give what is not as it should be."""
    now = midway(programme)
    good: Document = json.loads((folder / "complete.json").read_text(encoding="utf-8"))
    clean = check(programme, folder, good, fonts, now)
    problems = complaints(clean, good)
    explained = keys(clean)
    for fault in faults:
        alone = keys(check(programme, folder, plant(good, [fault]), fonts, now))
        problems += prove(fault, alone - keys(clean))
        explained |= alone
    bad = plant(good, faults)
    found = keys(check(programme, folder, bad, fonts, now))
    (folder / "faulty.json").write_text(dump(bad), encoding="utf-8")
    (folder / "faulty.codes.json").write_text(dump(sorted(found)), encoding="utf-8")
    problems += [f"not explained: {key}" for key in sorted(found - explained)]
    seed = folder / "seed.json"
    if seed.exists():
        document = json.loads(seed.read_text(encoding="utf-8"))
        listed = sorted(keys(check(programme, folder, document, fonts, now)))
        (folder / "seed_codes.json").write_text(dump(listed), encoding="utf-8")
    sys.stdout.write(f"{programme.id}: {len(faults)} faults, {len(found)} findings\n")
    return problems


def main() -> int:
    """Write the samples of every programme with planted faults; 1 and a list where something is wrong."""
    fonts = Fonts(paths.resources() / "fonts")
    problems: list[str] = []
    for path in sorted(_PLANTED.glob("*.toml")):
        home = paths.resources() / "programmes" / path.stem
        problems += write(load(home), home / "samples", read_faults(path), fonts)
    sys.stdout.write("".join(f"{line}\n" for line in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
