"""Every programme that ships: it loads, its good sample is clean, its faulty one gives what it says."""

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pytest

from app import paths
from app.messages import load_messages, slots
from app.model.finding import Gate, Severity
from app.model.programme import CheckSpec, Programme
from app.paper.fonts import Fonts
from app.programmes.loader import load, parse
from app.programmes.source import read_folder
from app.rules.checker import open_findings
from app.services.drafting import Checked
from app.services.files import check_answers_file

FOLDERS = sorted(
    path.parent for path in (paths.resources() / "programmes").glob("*/programme.toml") if path.is_file()
)
SAMPLES = ("complete.json", "faulty.json")
OURS = frozenset(
    {"label", "table", "other", "parts", "limit", "numerator", "denominator", "list", "column", "average"}
    | {"zeros", "others", "items", "lines", "columns", "stage", "evidence", "unit"}
)
"""Slots that hold our own words and not what a clerk typed."""
PLACES = ("items", "total", "item", "second", "to", "columns", "column", "addresses", "others", "stage")
"""Parameters that name where a check reports, the first that is there."""

each_programme = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
each_sample = pytest.mark.parametrize("sample", SAMPLES)


@lru_cache(maxsize=8)
def _programme(folder: Path) -> Programme:
    return load(folder)


@lru_cache(maxsize=1)
def _fonts() -> Fonts:
    return Fonts(paths.resources() / "fonts")


def _midway(programme: Programme) -> datetime:
    """The middle of the first stage that has both an opening and a closing."""
    for stage in programme.stages:
        if stage.opens and stage.closes:
            return stage.opens + (stage.closes - stage.opens) / 2
    raise AssertionError("no stage has a window")


@lru_cache(maxsize=16)
def _checked(folder: Path, sample: str) -> Checked:
    programme = _programme(folder)
    return check_answers_file(programme, folder / "samples" / sample, None, _fonts(), _midway(programme))


def _keys(checked: Checked) -> list[str]:
    return sorted(finding.key for finding in checked.findings)


@each_programme
def test_loads_without_defects(folder: Path) -> None:
    """FORMAT.md: everything a check names exists; the folder bears the programme's id."""
    programme = _programme(folder)
    assert programme.id == folder.name.partition("@")[0]
    assert programme.checks


@each_programme
def test_complete_sample_can_be_sealed(folder: Path) -> None:
    """seed 000 §四: a report filled in well has no error, and nothing is open while the window is."""
    checked = _checked(folder, "complete.json")
    assert [f.key for f in checked.findings if f.severity is Severity.ERROR] == []
    answers = checked.draft.answers
    assert [f.key for f in open_findings(checked.findings, answers, Gate.SEAL)] == []
    assert [f.key for f in open_findings(checked.findings, answers, Gate.PRINT)] == []
    assert set(answers.reasons) <= set(_keys(checked)), "a reason that answers nothing"


@each_programme
@each_sample
def test_no_two_findings_share_a_place(folder: Path, sample: str) -> None:
    """FORMAT.md, checks.toml: code and path are the key of a written reason."""
    assert [key for key, times in Counter(_keys(_checked(folder, sample))).items() if times > 1] == []


@each_programme
def test_faulty_sample_gives_exactly_its_findings(folder: Path) -> None:
    """checks.md A: each planted fault is found, and nothing else is."""
    expected = json.loads((folder / "samples" / "faulty.codes.json").read_text(encoding="utf-8"))
    assert _keys(_checked(folder, "faulty.json")) == expected
    planted = set(expected) - set(_keys(_checked(folder, "complete.json")))
    least = min(40, len({spec.code for spec in _programme(folder).checks}) * 2 // 3)
    assert len({key.partition("@")[0] for key in planted}) >= least
    assert len(planted) >= least


@each_programme
@each_sample
def test_findings_are_worded(folder: Path, sample: str) -> None:
    """HOUSE: what a user sees is Chinese, with every slot filled."""
    messages = load_messages(paths.resources() / "messages")
    form = _programme(folder).form
    numbers = {item.number for _, item in form.items()} | {table.number for table in form.tables.values()}
    printed = "|".join(sorted(map(re.escape, numbers - {""}), key=len, reverse=True))
    for finding in _checked(folder, sample).findings:
        text = messages.finding(finding)
        assert re.search("[\u4e00-\u9fff]", text), finding.key
        assert slots(text) == frozenset(), finding.key
        own = [finding.params.get(name, "") for name in sorted(OURS) if "attachment:" not in finding.path]
        words = re.sub(printed, "", " ".join(own))
        assert not re.search("[A-Za-z]{2,}", words), (finding.key, own)
        wording = finding.message.removeprefix("=")
        template = wording if wording != finding.message else messages.entries[f"findings.{wording}"]
        assert not re.search("[A-Za-z]{2,}|!|！", re.sub(r"\{[a-z_0-9]+\}", "", template)), template


@each_programme
def test_own_wordings_use_slots_of_their_kind(folder: Path) -> None:
    """FORMAT.md, checks.toml: a check's own message may use the slots that its kind gives."""
    entries = load_messages(paths.resources() / "messages").entries
    for spec in _programme(folder).checks:
        given = {"label", "value", "unit"}
        for name, wording in entries.items():
            if name.startswith(f"findings.{spec.kind}."):
                given |= slots(wording)
        assert slots(spec.message) <= given, spec.message
        assert not re.search("[A-Za-z]{2,}|!|！", re.sub(r"\{[a-z_0-9]+\}", "", spec.message)), spec.message


@each_programme
def test_code_is_unique_at_each_place(folder: Path) -> None:
    """FORMAT.md, checks.toml: a small letter tells apart checks that could report at the same path."""
    placed = Counter((spec.code, place) for spec in _programme(folder).checks for place in _places(spec))
    assert [pair for pair, times in placed.items() if times > 1] == []


def _places(spec: CheckSpec) -> Iterator[str]:
    """Where a check reports, by its parameters; checks over everything of a kind count as that kind."""
    params = spec.params
    table = params.get("table")
    for name in PLACES:
        value = params.get(name)
        if isinstance(value, str):
            prefix = f"{table}." if spec.kind == "assert" and table else ""
            row = f"[{params['row']}]" if "row" in params else ""
            yield prefix + value + row
            return
        if isinstance(value, list):
            yield from map(str, value[:1] if name == "columns" else value)
            return
    for name, prefix in (("evidence", "evidence:"), ("events", "event:")):
        value = params.get(name)
        if isinstance(value, list):
            yield from (prefix + str(one) for one in value)
            return
    yield f"{spec.kind} {params.get('numerator') or table or ''}"


@each_programme
def test_every_blocking_check_guards_paper_or_bundle(folder: Path) -> None:
    """checks.md, opening: only what makes paper or bundle false or unreadable blocks for good."""
    blocking = {spec.kind for spec in _programme(folder).checks if spec.blocks}
    assert blocking <= {"attachment_intact", "glyphs"}
    late = [spec for spec in _programme(folder).checks if spec.kind in ("stage_deadline", "time_left")]
    assert all(not spec.gates & {Gate.SEAL, Gate.PRINT} for spec in late)


@each_programme
def test_another_programme_of_the_same_shape_behaves_alike(folder: Path, tmp_path: Path) -> None:
    """architecture, sentence 4: the code knows no programme; every id may be another one."""
    files = read_folder(folder)
    names = _other_names(files, _programme(folder))
    renamed = {_renamed(path, names): _renamed_content(path, body, names) for path, body in files.items()}
    programme = parse(renamed, "another")
    assert not set(programme.form.fields) & set(names)
    assert not set(programme.form.tables) & set(names)
    for sample in SAMPLES:
        for path, body in programme.samples.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        found = check_answers_file(programme, tmp_path / sample, None, _fonts(), _midway(programme))
        expected = sorted(_renamed(key, names) for key in _keys(_checked(folder, sample)))
        assert _keys(found) == expected


def _other_names(files: Mapping[str, bytes], programme: Programme) -> dict[str, str]:
    """Another name for the programme, each field and each table whose id is no word of the format."""
    words: set[str] = set()
    for path, body in files.items():
        if path.endswith(".toml"):
            _gather(tomllib.loads(body.decode("utf-8")), words)
    words.update(column.id for table in programme.form.tables.values() for column in table.columns)
    words.update(spec.kind for spec in programme.checks)
    ids = (*programme.form.fields, *programme.form.tables)
    names = {one: "z" + hashlib.sha256(one.encode()).hexdigest()[:12] for one in ids if one not in words}
    assert len(names) * 2 > len(ids)
    return {**names, programme.id: "another-programme-2031"}


def _gather(value: object, words: set[str]) -> None:
    if isinstance(value, dict):
        words.update(value)
        for part in value.values():
            _gather(part, words)
    elif isinstance(value, list):
        for part in value:
            _gather(part, words)


def _renamed(text: str, names: Mapping[str, str]) -> str:
    whole = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![A-Za-z0-9_])(?:{whole})(?![A-Za-z0-9_])", lambda match: names[match[0]], text)


def _renamed_content(path: str, body: bytes, names: Mapping[str, str]) -> bytes:
    if not path.endswith((".toml", ".json", ".txt")):
        return body
    return _renamed(body.decode("utf-8"), names).encode("utf-8")
