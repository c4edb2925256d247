"""Writes the samples of programmes whose content is data: a good report, one with planted faults, a real one.

    python -m installers.samples_data [programme …]

Each ``installers/samples_<programme>.toml`` (with _ for -) holds the values, rows and texts of a good report,
the faults to plant one by one, and, where a public report was read, its true figures under ``[seed]``.  The
same content gives the same documents; what is written is proved: every fault alone gives exactly its codes.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

from app import paths
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.programmes.loader import load
from app.services.drafting import Checked
from app.services.files import check_answers_file
from installers.samples import complaints, dump, keys, proofs, prove, write_proof
from installers.samples_faults import WRONG_TYPE, Change, Document, Fault, drop, plant, put, write_on

NOTE = "演练用示例，单位、人员、号码和数据均为虚构。"


def midway(programme: Programme) -> datetime:
    """Give the middle of the first stage that has a window."""
    for stage in programme.stages:
        if stage.opens and stage.closes:
            return stage.opens + (stage.closes - stage.opens) / 2
    raise ValueError(programme.id)


def build(programme: Programme, content: Mapping[str, Any], note: str = NOTE, files: bool = True) -> Document:
    """Give the Answers document of a report; rows without an id are numbered."""
    values = {**content.get("values", {}), **content.get("texts", {})}
    tables = {
        table_id: [{"_id": f"r{number}", **row} for number, row in enumerate(rows, 1)]
        for table_id, rows in content.get("tables", {}).items()
    }
    for table_id, rows in content.get("derived", {}).items():
        tables[table_id] = [{"_id": row_id, **cells} for row_id, cells in rows.items()]
    document: Document = {
        "programme": programme.id,
        "note": note,
        "values": {
            key: _trimmed(values[key]) for key in programme.form.fields if values.get(key) is not None
        },
        "tables": tables,
        "reasons": content.get("reasons", {}),
        "attachments": [],
    }
    unknown = set(values) - set(programme.form.fields)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    if files:
        document["attachments"] = [
            {"file": f"files/{name}", "items": items} for name, items, _ in proofs(programme)
        ]
    return document


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def faults_of(content: Mapping[str, Any]) -> Sequence[Fault]:
    """Read the faults: ``set`` and ``add`` by path, ``clear``, ``drop``, ``append``, ``files``, ``parts``."""
    found = []
    for raw in content.get("fault", ()):
        changes: list[Change] = [put(path, value) for path, value in raw.get("set", {}).items()]
        changes += [write_on(path, text) for path, text in raw.get("add", {}).items()]
        changes += [put(path, None) for path in raw.get("clear", ())]
        changes += [drop(*place.split("/")) for place in raw.get("drop", ())]
        changes += [_append(table_id, row) for table_id, row in raw.get("append", {}).items()]
        changes += [_file(name, items) for name, items in raw.get("files", {}).items()]
        changes += [_part(name, items) for name, items in raw.get("parts", {}).items()]
        found.append(Fault(raw["name"], changes, frozenset(raw["codes"])))
    return found


def _append(table_id: str, row: Mapping[str, Any]) -> Change:
    def change(document: Document) -> None:
        rows = document["tables"].setdefault(table_id, [])
        rows.append({"_id": f"r{len(rows) + 1}", **row})

    return change


def _file(name: str, items: Iterable[str]) -> Change:
    def change(document: Document) -> None:
        document["attachments"].append({"file": name, "items": list(items)})

    return change


def _part(name: str, items: Mapping[str, Any]) -> Change:
    def change(document: Document) -> None:
        document[name] = {**document.get(name, {}), **items}

    return change


def check(programme: Programme, folder: Path, document: Document, fonts: Fonts) -> Checked:
    """Check a document as if it lay in the samples' folder, in the middle of the filling time."""
    file = folder / "checking.json"
    try:
        file.write_text(dump(document), encoding="utf-8")
        return check_answers_file(programme, file, None, fonts, midway(programme))
    finally:
        file.unlink()


def write(programme_id: str, content: Mapping[str, Any], fonts: Fonts) -> list[str]:
    """Write all samples of one programme and give what is wrong with them."""
    programme = load(paths.resources() / "programmes" / programme_id)
    folder = paths.resources() / "programmes" / programme_id / "samples"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    for name, _items, label in proofs(programme):
        write_proof(folder / "files" / name, fonts, name.removesuffix(".pdf"), label)
    (folder / WRONG_TYPE).write_text("演练用佐证材料：一份不能使用的文件。\n", encoding="utf-8")
    good = build(programme, content)
    (folder / "complete.json").write_text(dump(good), encoding="utf-8")
    clean = check(programme, folder, good, fonts)
    problems = complaints(clean, good)
    explained, faults = keys(clean), faults_of(content)
    for fault in faults:
        alone = keys(check(programme, folder, plant(good, [fault]), fonts))
        problems += prove(fault, alone - keys(clean))
        explained |= alone
    bad = plant(good, faults)
    (folder / "faulty.json").write_text(dump(bad), encoding="utf-8")
    found = keys(check(programme, folder, bad, fonts))
    (folder / "faulty.codes.json").write_text(dump(sorted(found)), encoding="utf-8")
    problems += [f"not explained: {key}" for key in sorted(found - explained)]
    if "seed" in content:
        real = build(programme, content["seed"], content["seed"]["note"], files=False)
        (folder / "seed.json").write_text(dump(real), encoding="utf-8")
        codes = sorted(keys(check(programme, folder, real, fonts)))
        (folder / "seed.codes.json").write_text(dump(codes), encoding="utf-8")
    sys.stdout.write(f"{programme_id}: {len(faults)} faults, {len(found)} findings\n")
    return problems


def main(wanted: Sequence[str]) -> int:
    """Write the samples of the programmes named, or of all that have content here."""
    fonts = Fonts(paths.resources() / "fonts")
    problems: list[str] = []
    for file in sorted(Path(__file__).parent.glob("samples_*.toml")):
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        programme_id = content.get("programme")
        if programme_id is not None and (not wanted or programme_id in wanted):
            problems += write(programme_id, deepcopy(content), fonts)
    sys.stdout.write("".join(f"{line}\n" for line in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
