"""Writes the samples of a programme: a report filled in well, one with planted faults, and what is found.

    python -m installers.samples

Everything in them is invented.  The same content gives the same documents; nothing is drawn by lot.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from app import paths
from app.model.answers import read_answers
from app.model.form import Form
from app.model.programme import Programme
from app.model.value import NUMBER_TYPES, ItemType, format_value, in_unit, is_number, plain_decimal
from app.paper.fonts import Fonts
from app.paper.ink import Ink, open_canvas
from app.paper.text import TextStyle, baseline, lay_out
from app.programmes.loader import load
from app.rules.calculate import compile_calculations, effective
from app.rules.view import Context
from app.services.drafting import Checked
from app.services.files import check_answers_file
from installers.samples_counts import count_all
from installers.samples_faults import FAULTS, WRONG_TYPE, Document, Fault, plant
from installers.samples_rows import Row, build_tables, code_of, person_of

PROGRAMME = "xj-makerspace-2022"
NOW = datetime.fromisoformat("2022-12-29T12:00:00+08:00")
_FACTORS = ("0.86", "1.12", "0.91", "1.07", "0.84", "1.15", "0.94")


# ------------------------------------------------------------------------------------------ the good one
def build(programme: Programme, content: Mapping[str, Any]) -> Document:
    """Give the Answers document of a report without errors."""
    tables = build_tables(content)
    tables["t13"] = _catalogue(programme)
    values = {**content["values"], **count_all(tables)}
    values["a07"], values["a12_2"] = code_of(1), person_of(7)
    values["g07"] = str(Decimal(content["previous"]["g07"]) + Decimal(values["g04"]))
    values["j02"] = int(content["previous"]["j02"]) + values["j01"]
    document: Document = {
        "programme": programme.id,
        "note": "演练用示例，单位、人员、号码和数据均为虚构。",
        "values": values,
        "tables": {table_id: _numbered(rows) for table_id, rows in tables.items()},
        "reasons": content["reasons"],
        "previous": dict(content["previous"]),
        "previous_grade": "良好",
        "torch": content["torch"],
        "attachments": [{"file": f"files/{name}", "items": items} for name, items, _ in proofs(programme)],
    }
    document["previous"] = _last_year(programme.form, values, content["previous"])
    values |= _texts(programme, document, content["texts"])
    document["values"] = {key: values[key] for key in programme.form.fields if key in values}
    document["tables"] |= _derived(content)
    return document


def _numbered(rows: Iterable[Row]) -> list[Row]:
    return [{"_id": f"r{number}", **row} for number, row in enumerate(rows, 1)]


def _derived(content: Mapping[str, Any]) -> dict[str, list[Row]]:
    targets: dict[str, Row] = {}
    for key, target in content["targets"].items():
        targets[key] = {"_id": f"{key}_row", "target": target}
    for key, reason in content["changes"].items():
        targets[key]["reason"] = reason
    notes = [{"_id": f"{key}_row", "note": note} for key, note in content["notes"].items()]
    return {"t11": notes, "t12": list(targets.values())}


def _last_year(form: Form, values: Mapping[str, Any], given: Mapping[str, Any]) -> Row:
    """Give last year's values: those given, and for the rest something a little off this year's."""
    previous: Row = {}
    for number, item in enumerate(item for item in form.fields.values() if item.compared):
        value = values.get(item.id)
        if item.id in given:
            previous[item.id] = given[item.id]
        elif value is None or item.calculated or item.type not in NUMBER_TYPES:
            continue
        elif item.type is ItemType.INTEGER:
            moved = int(Decimal(value) * Decimal(_FACTORS[number % 7]))
            previous[item.id] = value + 1 if moved == value and value > 1 else moved or value
        else:
            moved_by = Decimal(value) * Decimal(_FACTORS[number % 7])
            previous[item.id] = plain_decimal(moved_by.quantize(Decimal("0.1")))
    previous["e05"] = previous["e03"] + previous["e04"]
    previous["i03"] = previous["i01"] + previous["i02"]
    return {key: previous[key] for key in form.fields if key in previous}


def _texts(programme: Programme, document: Document, texts: Mapping[str, str]) -> Row:
    """Give the narrative texts with the numbers of the report in their slots."""
    answers = read_answers(document, programme.form, "content")
    view = effective(compile_calculations(programme), answers, Context(NOW), None)
    shown = {}
    for key, item in programme.form.fields.items():
        value = view.values.get(key)
        if is_number(value):
            assert isinstance(value, (int, Decimal))
            shown[key] = plain_decimal(in_unit(value, item.type, item.unit))
        else:
            shown[key] = format_value(value, item.type, item.unit, item.choices)
    return {key: text.strip().format(**shown) for key, text in texts.items()}


# ------------------------------------------------------------------------------------------ proof files
def proofs(programme: Programme) -> list[tuple[str, list[str], str]]:
    """Give file name, what it is linked to, and title of each proof file."""
    found = []
    for kind in programme.evidence:
        title = kind.label.replace("、", "和").replace("（", "").replace("）", "")
        rows = [f"{one.partition('.')[0]}/r1" for one in kind.items if "." in one]
        found.append((f"{kind.number}-{title}.pdf", [kind.id, *dict.fromkeys(rows)], kind.label))
    return found


def _catalogue(programme: Programme) -> list[Row]:
    rows = []
    for number, ((name, _items, label), kind) in enumerate(
        zip(proofs(programme), programme.evidence, strict=True)
    ):
        rows.append(
            {
                "number": f"{kind.number}-01",
                "title": label,
                "items": "、".join(
                    address.partition(".")[0].upper().replace("_", "-") for address in kind.items[:3]
                ),
                "copies": 1,
                "page_from": number * 4 + 1,
                "page_to": number * 4 + 4,
                "file": name,
            }
        )
    return rows


def write_proof(path: Path, fonts: Fonts, label: str, title: str) -> None:
    """Write a one-page PDF that says what it stands for and that it proves nothing."""
    chain = fonts.chain("hei")
    out = BytesIO()
    canvas = open_canvas(out, chain.first, label)
    ink, top = Ink(canvas), 760.0
    lines = (
        ("演练用佐证材料", 22.0),
        (label, 16.0),
        (f"本页代表：{title}。", 12.0),
        ("内容为虚构，无证明效力。", 12.0),
    )
    for text, size in lines:
        style = TextStyle("hei", size, size * 2)
        for line in lay_out(text, chain, style, 451.0):
            ink.line(line, 72.0, top - baseline(style), style)
            top -= style.leading
    ink.flush()
    canvas.showPage()
    canvas.save()
    path.write_bytes(out.getvalue())


# ------------------------------------------------------------------------------------------ writing, proving
def keys(checked: Checked) -> set[str]:
    """Give code@path of everything found."""
    return {finding.key for finding in checked.findings}


def check(
    programme: Programme, folder: Path, document: Document, fonts: Fonts, now: datetime = NOW
) -> Checked:
    """Check a document as if it lay in the samples' folder."""
    file = folder / "checking.json"
    try:
        file.write_text(dump(document), encoding="utf-8")
        return check_answers_file(programme, file, None, fonts, now)
    finally:
        file.unlink()


def dump(document: object) -> str:
    """Give the text of a JSON file."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def complaints(found: Checked, document: Document) -> list[str]:
    """Say what keeps the good report from being good: errors, warnings without reason, idle reasons."""
    errors = [f.key for f in found.findings if f.severity.value == "error"]
    wanted = {f.key for f in found.findings if f.severity.value == "warning"}
    given = set(document["reasons"])
    return (
        errors
        + [f"reason wanted: {key}" for key in sorted(wanted - given)]
        + [f"reason idle: {key}" for key in sorted(given - wanted)]
    )


def prove(fault: Fault, fresh: set[str]) -> list[str]:
    """Say where a fault by itself leads to other codes than its table entry says."""
    codes = {key.partition("@")[0] for key in fresh}
    return [] if codes == set(fault.codes) else [f"{fault.name}: {sorted(codes)} for {sorted(fault.codes)}"]


def main() -> int:
    """Write all samples; 1 and a list where they are not what they should be."""
    here = Path(__file__).parent
    content = tomllib.loads((here / "samples_content.toml").read_text(encoding="utf-8"))
    programme = load(paths.resources() / "programmes" / PROGRAMME)
    fonts = Fonts(paths.resources() / "fonts")
    folder = paths.resources() / "programmes" / PROGRAMME / "samples"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    for name, _items, label in proofs(programme):
        write_proof(folder / "files" / name, fonts, name.removesuffix(".pdf"), label)
    (folder / WRONG_TYPE).write_text("演练用佐证材料：一份不能使用的文件。\n", encoding="utf-8")
    good = build(programme, content)
    (folder / "complete.json").write_text(dump(good), encoding="utf-8")
    clean = check(programme, folder, good, fonts)
    problems = complaints(clean, good)
    explained = keys(clean)
    for fault in FAULTS:
        alone = keys(check(programme, folder, plant(good, [fault]), fonts))
        problems += prove(fault, alone - keys(clean))
        explained |= alone
    bad = plant(good, FAULTS)
    (folder / "faulty.json").write_text(dump(bad), encoding="utf-8")
    found = keys(check(programme, folder, bad, fonts))
    (folder / "faulty.codes.json").write_text(dump(sorted(found)), encoding="utf-8")
    problems += [f"not explained: {key}" for key in sorted(found - explained)]
    sys.stdout.write("\n".join([*problems, f"{len(FAULTS)} faults, {len(found)} findings"]) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
