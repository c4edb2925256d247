"""Programme folders: a good one loads alike from folder and zip, each defect is named by file and place."""

from __future__ import annotations

import ast
import random
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UsageError
from app.messages import Messages, load_messages, slots
from app.model.programme import Programme
from app.model.submission import EventKind
from app.model.value import ItemType
from app.programmes import source
from app.programmes.library import Library
from app.programmes.loader import DefectiveProgrammeError, load, parse
from tests.conftest import ROOT
from tests.programmes.programme_folder import FILES, changed, with_end, write_folder, write_zip


@pytest.fixture(scope="module")
def messages() -> Messages:
    return load_messages(ROOT / "resources" / "messages")


def defects_of(files: Mapping[str, bytes]) -> list[tuple[str, str, str]]:
    with pytest.raises(DefectiveProgrammeError) as caught:
        parse(files, "mini")
    assert caught.value.params["count"] == len(caught.value.defects)
    return [(one.code, one.file, one.place) for one in caught.value.defects]


# ------------------------------------------------------------------------------------------ good ones
def test_a_minimal_programme() -> None:
    """Architecture: a new notice is a folder of data; everything in it arrives in the model."""
    programme = parse(FILES, "mini")
    assert (programme.id, programme.form_version, programme.period_end) == ("mini", 1, date(2022, 12, 20))
    assert programme.label == "内置参考模板"
    assert [stage.id for stage in programme.stages] == ["fill", "review"]
    fill, review = programme.stages
    assert fill.done_by == (EventKind.SUBMITTED,)
    assert fill.closes is not None
    assert fill.closes.utcoffset() == timedelta(hours=8)
    assert fill.warn_before == timedelta(hours=48)
    assert (review.returns_to, review.readings[0].source) == ("fill", "四-3")
    assert list(programme.form.fields) == ["a01", "a02", "a03", "a04"]
    assert (programme.form.fields["a01"].required, programme.form.fields["a02"].required) == (
        "true",
        "filled(a01)",
    )
    assert programme.form.tables["t2"].derived[0].expressions == {"amount": "a02"}
    assert programme.form.tables["t1"].column("people").type is ItemType.INTEGER
    assert [check.code for check in programme.checks] == ["CMP-01", "ARI-01"]
    assert programme.checks[1].params == {"expression": "a02 >= 0", "item": "a02"}
    assert programme.calendar.workdays == {date(2023, 1, 28): "春节调休"}
    assert programme.texts == {"promise": "{a01}承诺{report_year}年度数据真实。"}
    assert programme.samples == {"complete.json": b"{}", "a/licence.pdf": b"%PDF-1.7"}
    assert programme.score is not None
    assert Decimal(programme.score.lines[0].points) == 10


def test_folder_and_zip_are_equal(tmp_path: Path) -> None:
    """Format: a programme travels as a folder or as a zip of it, with or without its folder inside."""
    folder = load(write_folder(tmp_path / "mini"))
    assert load(write_zip(tmp_path / "flat.zip")) == folder
    assert load(write_zip(tmp_path / "deep.zip", root="mini/")) == folder
    reversed_files = {name: FILES[name] for name in sorted(FILES, reverse=True)}
    assert load(write_zip(tmp_path / "other.zip", reversed_files)) == folder
    assert list(parse(reversed_files, "x").form.tables) == list(folder.form.tables)


def test_the_original_notice_comes_along(tmp_path: Path) -> None:
    """issue 3, 首页: a programme may bring its notice as it was published; a newer notice brings its own."""
    first = {**FILES, "notice/通知.PDF": b"%PDF-1.4 a", "notice/附件.docx": b"PK", "notice/x.exe": b"MZ"}
    folder = write_folder(tmp_path / "mini", first)
    assert load(folder).notices == {"通知.PDF": b"%PDF-1.4 a", "附件.docx": b"PK"}
    assert load(write_zip(tmp_path / "mini.zip", first, "mini/")).notices == load(folder).notices
    (tmp_path / "mini.zip").unlink()
    later = changed("programme.toml", "notice_revision = 1", "notice_revision = 2")
    write_folder(tmp_path / "mini@2", {**later, "notice/补充通知.html": b"<p>"})
    joined = Library((tmp_path,)).load("mini", 1)
    assert joined.notices == {"补充通知.html": b"<p>"}


def test_what_other_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    """Windows' byte order mark and line ends, a Mac's shadow files: no fault of the programme."""
    plain = load(write_folder(tmp_path / "mini"))
    marked = {
        name: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") if name.endswith(".toml") else content
        for name, content in FILES.items()
    }
    shadows = {"tables/._t1.toml": b"\x00\x05", ".DS_Store": b"\x00", "readme.docx": b"x"}
    assert load(write_folder(tmp_path / "win", {**marked, **shadows})) == plain
    mac = {f"mini/{name}": content for name, content in FILES.items()}
    assert load(write_zip(tmp_path / "mac.zip", {**mac, "__MACOSX/mini/._form.toml": b"\x00"})) == plain


# ------------------------------------------------------------------------------------------ defects
Case = tuple[dict[str, bytes], tuple[str, str, str]]


def without(file: str) -> dict[str, bytes]:
    return {name: content for name, content in FILES.items() if name != file}


def with_part(lines: str) -> dict[str, bytes]:
    return with_end("packet.toml", f'\n[[part]]\nid = "shown"\ntitle = "图表"\n{lines}\n')


def with_picture(table: str, lanes: str, more: str) -> dict[str, bytes]:
    lines = f'[part.diagram]\ntable = "{table}"\nlanes = "{lanes}"\n{more}'
    return with_part(f'kind = "diagram"\n{lines}')


def with_listing(columns: str) -> dict[str, bytes]:
    return with_part(f'kind = "listing"\n[part.listing]\ntable = "t1"\ncolumns = [{columns}]')


def with_gather(**changes: str) -> dict[str, bytes]:
    entry = {"table": "t1", "programme": "small", "key": "name", "columns": '{ name = "b01" }', **changes}
    lines = [f"{key} = {text if key == 'columns' else repr(text)}" for key, text in entry.items()]
    return {**FILES, "gather.toml": "\n".join(["[[gather]]", *lines]).encode()}


SECOND_SCAN = """[[upload.delivery]]
id = "cover"
label = "封面"
media_type = "application/pdf"
source = "scan"
[[upload.delivery]]"""


def portal(text: str) -> dict[str, bytes]:
    return {**FILES, "portal.toml": text.encode()}


CASES: list[Case] = [
    (portal("skip = ['zz9']"), ("unknown_item", "portal.toml", "skip")),
    (portal("file_name = '{whoever}'"), ("unknown_slot", "portal.toml", "file_name")),
    (portal("[[section]]\nid = 'p1'"), ("key_missing", "portal.toml", "section[p1].label")),
    (
        portal("[[section]]\nid = 'one'\nitems = ['t1.name']"),
        ("unknown_item", "portal.toml", "section[one].items"),
    ),
    (
        portal("[[section]]\nid = 'one'\nitems = ['a01', 'a01']"),
        ("duplicate_id", "portal.toml", "section[one]"),
    ),
    (portal("[[item]]\nid = 'zz9'"), ("unknown_item", "portal.toml", "item[zz9].id")),
    (portal("[[item]]\nid = 'a01'\nunit = '元'"), ("only_for_money", "portal.toml", "item[a01].unit")),
    (portal("[[item]]\nid = 'a02'\nunit = '角'"), ("money_unit", "portal.toml", "item[a02].unit")),
    (portal("[[item]]\nid = 'a02'\nlable = '收入'"), ("unknown_key", "portal.toml", "item[a02].lable")),
    (without("form.toml"), ("file_missing", "form.toml", "")),
    (without("checks.toml"), ("file_missing", "checks.toml", "")),
    (without("packet.toml"), ("file_missing", "packet.toml", "")),
    ({**FILES, "form.toml": "label = '名称'".encode("gb18030")}, ("not_utf8", "form.toml", "")),
    ({**FILES, "texts/promise.txt": "承诺".encode("gb18030")}, ("not_utf8", "texts/promise.txt", "")),
    (with_end("form.toml", "\n[[[x"), ("not_toml", "form.toml", "")),
    (with_end("form.toml", "\nx = " + "[" * 5000), ("not_toml", "form.toml", "")),
    (with_end("checks.toml", "\nx = " + "9" * 5000), ("not_toml", "checks.toml", "")),
    ({**FILES, "form.toml": b"section = [5]"}, ("not_a_table", "form.toml", "section[1]")),
    ({**FILES, "form.toml": b"section = 5"}, ("wrong_type", "form.toml", "section")),
    (changed("programme.toml", 'title = "2022', 'titel = "2022'), ("key_missing", "programme.toml", "title")),
    (changed("programme.toml", 'title = "2022', 'titel = "2022'), ("unknown_key", "programme.toml", "titel")),
    (changed("programme.toml", "[period]", "[perion]"), ("key_missing", "programme.toml", "period.start")),
    (
        changed("programme.toml", "end = 2022-12-20", 'end = "x"'),
        ("wrong_type", "programme.toml", "period.end"),
    ),
    (
        changed("programme.toml", "end = 2022-12-20", "end = 2022-12-20T00:00:00"),
        ("wrong_type", "programme.toml", "period.end"),
    ),
    (
        changed("programme.toml", "report_year = 2022", "report_year = true"),
        ("wrong_type", "programme.toml", "report_year"),
    ),
    (changed("programme.toml", 'id = "mini"', 'id = "Mini 1"'), ("bad_id", "programme.toml", "id")),
    (changed("form.toml", 'id = "a02"', 'id = "A02"'), ("bad_id", "form.toml", "section[one].field[A02].id")),
    (
        changed("form.toml", 'type = "text"', 'type = "word"'),
        ("unknown_word", "form.toml", "section[one].field[a01].type"),
    ),
    (
        changed("programme.toml", '["approved"]', '["signed_off"]'),
        ("unknown_word", "programme.toml", "stage[review].done_by"),
    ),
    (changed("checks.toml", '"fill"', '"fil"'), ("unknown_word", "checks.toml", "check[ARI-01].gates")),
    (
        changed("checks.toml", "severity", "serverity"),
        ("key_missing", "checks.toml", "check[CMP-01].severity"),
    ),
    (changed("form.toml", 'id = "a02"', 'id = "a01"'), ("duplicate_id", "form.toml", "section[one]")),
    (changed("form.toml", 'id = "a02"', 'id = "t1"'), ("duplicate_id", "form.toml", "section[one]")),
    ({**FILES, "tables/t3.toml": FILES["tables/t1.toml"]}, ("duplicate_id", "tables/t3.toml", "id")),
    (changed("tables/t1.toml", 'id = "people"', 'id = "name"'), ("duplicate_id", "tables/t1.toml", "column")),
    (
        with_end("form.toml", '\n[[section]]\nid = "one"\nlabel = "二"'),
        ("duplicate_id", "form.toml", "section[one]"),
    ),
    (
        with_end("tables/t2.toml", '\n[[derived]]\nid = "income"'),
        ("duplicate_id", "tables/t2.toml", "derived[income]"),
    ),
    (
        with_end("evidence.toml", '\n[[evidence]]\nid = "05"\nlabel = "又"'),
        ("duplicate_id", "evidence.toml", "evidence[05]"),
    ),
    (
        changed("packet.toml", 'id = "promise"', 'id = "report"'),
        ("duplicate_id", "packet.toml", "part[report]"),
    ),
    (
        changed("programme.toml", 'id = "review"', 'id = "fill"'),
        ("duplicate_id", "programme.toml", "stage[fill]"),
    ),
    (
        changed("form.toml", '"t1", "t2"', '"t1", "t2", "t9"'),
        ("unknown_table", "form.toml", "section[one].tables"),
    ),
    (changed("form.toml", '"t1", "t2"', '"t1"'), ("table_not_shown_once", "form.toml", "t2")),
    (changed("form.toml", '"t1", "t2"', '"t1", "t2", "t2"'), ("table_not_shown_once", "form.toml", "t2")),
    (changed("tables/t1.toml", '["name"]', '["nom"]'), ("unknown_column", "tables/t1.toml", "key")),
    (
        changed("tables/t2.toml", "{ subject", "{ sub"),
        ("unknown_column", "tables/t2.toml", "derived[income]"),
    ),
    ({**FILES, "tables/t1.toml": b'id = "t1"\nlabel = "x"'}, ("key_missing", "tables/t1.toml", "column")),
    (changed("form.toml", "万元", "万"), ("money_unit", "form.toml", "section[one].field[a02].unit")),
    (
        changed("form.toml", "required = true", "decimals = 2"),
        ("only_for_numbers", "form.toml", "section[one].field[a01].decimals"),
    ),
    (
        changed("form.toml", '{ soe = "国有", private = "民营" }', "{}"),
        ("key_missing", "form.toml", "section[one].field[a03].choices"),
    ),
    (
        changed("form.toml", "民营", "国有"),
        ("choice_ambiguous", "form.toml", "section[one].field[a03].choices"),
    ),
    (
        changed("form.toml", "民营", "soe"),
        ("choice_ambiguous", "form.toml", "section[one].field[a03].choices"),
    ),
    (
        changed("form.toml", "民营", "民营 "),
        ("choice_ambiguous", "form.toml", "section[one].field[a03].choices"),
    ),
    (changed("form.toml", '"国有"', "5"), ("wrong_type", "form.toml", "section[one].field[a03].choices")),
    (
        changed("form.toml", "required = true", "width = nan"),
        ("wrong_type", "form.toml", "section[one].field[a01].width"),
    ),
    (
        changed("form.toml", "required = true", "required = 5"),
        ("wrong_type", "form.toml", "section[one].field[a01].required"),
    ),
    (
        changed("programme.toml", "T21:00:00+08:00", "T21:00:00"),
        ("moment_without_offset", "programme.toml", "stage[fill].closes"),
    ),
    (
        changed("programme.toml", "2022-12-22T00:00:00+08:00", "0001-01-01T00:00:00+14:00"),
        ("moment_without_offset", "programme.toml", "stage[fill].opens"),
    ),
    (
        changed("programme.toml", "2022-12-22T00", "2023-12-22T00"),
        ("closes_before_opens", "programme.toml", "stage[fill]"),
    ),
    (
        changed("programme.toml", "expression_language = 1", "expression_language = 2"),
        ("language_too_new", "programme.toml", "expression_language"),
    ),
    (
        changed("programme.toml", '"2023-01-02"', '"2023-13-02"'),
        ("wrong_type", "programme.toml", "calendar.holidays.2023-13-02"),
    ),
    (
        changed("programme.toml", '["fill"]', '["fyll"]'),
        ("unknown_stage", "programme.toml", "stage[review].after"),
    ),
    (
        changed("programme.toml", 'returns_to = "fill"', 'returns_to = "review"'),
        ("unknown_stage", "programme.toml", "stage[review].returns_to"),
    ),
    (changed("packet.toml", "copies = 2", "copies = 0"), ("wrong_type", "packet.toml", "copies")),
    (changed("packet.toml", "{a01}", "{a99}"), ("unknown_slot", "packet.toml", "a99")),
    ({**FILES, "texts/promise.txt": b"{nobody}"}, ("unknown_slot", "texts/promise.txt", "nobody")),
    (
        changed("packet.toml", 'text = "promise"', 'text = "vow"'),
        ("unknown_text", "packet.toml", "part[promise].text"),
    ),
    (
        changed("programme.toml", 'source = "scan"', 'source = "part"\npart = "t9"'),
        ("unknown_part", "programme.toml", "upload.delivery[report].part"),
    ),
    (
        changed("programme.toml", 'source = "scan"', 'source = "scan"\nstage = "t9"'),
        ("unknown_stage", "programme.toml", "upload.delivery[report].stage"),
    ),
    (
        changed("programme.toml", 'source = "scan"', 'source = "scan"\nfile_name = "{a99}"'),
        ("unknown_slot", "programme.toml", "upload.delivery[report].file_name"),
    ),
    (
        changed("programme.toml", "[[upload.delivery]]", SECOND_SCAN),
        ("second_scan", "programme.toml", "upload.delivery[report].source"),
    ),
    (
        changed("packet.toml", 'kind = "report"', 'kind = "diagram"'),
        ("key_missing", "packet.toml", "part[report].diagram"),
    ),
    (
        changed("packet.toml", 'kind = "report"', 'kind = "listing"'),
        ("key_missing", "packet.toml", "part[report].listing"),
    ),
    (with_picture("t9", "x", 'head = "y"'), ("unknown_table", "packet.toml", "part[shown].diagram")),
    (with_picture("t1", "name", 'head = "name"'), ("unknown_column", "packet.toml", "part[shown].diagram")),
    (with_picture("t1", "name", ""), ("key_missing", "packet.toml", "part[shown].diagram.head")),
    (with_listing('"name", "age"'), ("unknown_column", "packet.toml", "part[shown].listing")),
    (with_listing(""), ("key_missing", "packet.toml", "part[shown].listing.columns")),
    (with_gather(table="t9"), ("unknown_table", "gather.toml", "gather[1].table")),
    (with_gather(key="people"), ("unknown_column", "gather.toml", "gather[1]")),
    (with_gather(columns='{ name = "b01", age = "b02" }'), ("unknown_column", "gather.toml", "gather[1]")),
    (with_gather(stamp="seal"), ("unknown_column", "gather.toml", "gather[1]")),
    (changed("evidence.toml", '"t1.name"', '"t1.nom"'), ("unknown_item", "evidence.toml", "evidence[05]")),
    (changed("form.toml", '["05"]', '["06"]'), ("unknown_evidence", "form.toml", "a01")),
    (changed("checks.toml", "CMP-01", "CMP1"), ("bad_code", "checks.toml", "check[CMP1]")),
    (changed("checks.toml", '"required"', '"requiredd"'), ("unknown_kind", "checks.toml", "check[CMP-01]")),
    (changed("checks.toml", 'item = "a02"', ""), ("parameter_missing", "checks.toml", "check[ARI-01]")),
    (
        changed("checks.toml", 'item = "a02"', 'item = "a02"\nx = 1'),
        ("parameter_unknown", "checks.toml", "check[ARI-01]"),
    ),
    (changed("checks.toml", '"a02 >= 0"', '"a99 >= 0"'), ("expression", "checks.toml", "check[ARI-01]")),
    (
        changed("checks.toml", '"filled(a02)"', '"filled("'),
        ("expression", "checks.toml", "check[ARI-01].when"),
    ),
    (changed("checks.toml", '"filled(a02)"', '"a02"'), ("result_type", "checks.toml", "check[ARI-01].when")),
    (
        changed("form.toml", '"filled(a01)"', '"a02 + "'),
        ("expression", "form.toml", "section[one].field[a02].required"),
    ),
    (
        changed("form.toml", '"filled(a01)"', '"a02"'),
        ("result_type", "form.toml", "section[one].field[a02].required"),
    ),
    (
        changed("form.toml", "count(t1)", "count(t9)"),
        ("expression", "form.toml", "section[one].field[a04].calculate"),
    ),
    (changed("form.toml", "count(t1)", "a04 + 1"), ("calculation_cycle", "form.toml", "")),
    (changed("form.toml", "count(t1)", "a01"), ("calculation_type", "form.toml", "")),
    (changed("tables/t2.toml", '"filled(a01)"', '"a99"'), ("expression", "tables/t2.toml", "relevant")),
    (changed("tables/t2.toml", '"filled(a01)"', '"a02"'), ("result_type", "tables/t2.toml", "relevant")),
    (changed("tables/t2.toml", '"a02"', '"a99"'), ("expression", "tables/t2.toml", "derived[income].amount")),
    (
        changed("scoring.toml", '"a02 / 10000"', '"a99"'),
        ("expression", "scoring.toml", "line[income].expression"),
    ),
    (
        changed("scoring.toml", '"a02 / 10000"', '"a02 > 1"'),
        ("result_type", "scoring.toml", "line[income].expression"),
    ),
    (changed("scoring.toml", '"a02 = 0"', '"a02"'), ("result_type", "scoring.toml", "veto[没有收入]")),
    (
        changed("scoring.toml", "points = 10", "points = nan"),
        ("wrong_type", "scoring.toml", "line[income].points"),
    ),
    (
        changed("scoring.toml", "points = 10", 'points = "viel"'),
        ("wrong_type", "scoring.toml", "line[income].points"),
    ),
]


@pytest.mark.parametrize(("files", "expected"), CASES, ids=[f"{case[1][0]}@{case[1][2]}" for case in CASES])
def test_a_defect_is_named_by_file_and_place(
    files: dict[str, bytes], expected: tuple[str, str, str], messages: Messages
) -> None:
    """Architecture: every defect of a programme is named by file, table, key, and worded in Chinese."""
    with pytest.raises(DefectiveProgrammeError) as caught:
        parse(files, "mini")
    found = {(one.code, one.file, one.place): one for one in caught.value.defects}
    assert expected in found
    for one in caught.value.defects:
        assert "{" not in messages.defect(one.code, one.params)
    assert messages.error(caught.value)


def test_stages_there_must_be() -> None:
    """A notice without a way is no notice."""
    text = FILES["programme.toml"].decode()
    head, _, rest = text.partition("[[stage]]")
    files = {**FILES, "programme.toml": (head + rest[rest.index("[[note]]") :]).encode()}
    assert defects_of(files) == [("key_missing", "programme.toml", "stage")]


def test_every_defect_is_seen_at_once() -> None:
    """Author: all defects of all files in one list, not one per try."""
    files = changed("form.toml", "万元", "万", changed("packet.toml", "copies = 2", "copies = 0"))
    del files["checks.toml"]
    assert {file for _, file, _ in defects_of(files)} == {"form.toml", "packet.toml", "checks.toml"}


# a code that is handed on from an expression or found in calculations where `lint` looked before
NOT_OF_FILES = {"calculation_unreadable", "relevant_type"}


def _codes(root: Path) -> dict[str, str]:
    """Give every defect code that stands in app/programmes and app/rules -> where."""
    found: dict[str, str] = {}
    for path in [*(root / "app/programmes").rglob("*.py"), *(root / "app/rules").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            first: ast.expr | None = None
            line = getattr(node, "lineno", 0)
            if isinstance(node, ast.Call) and node.args:
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
                if name in ("SpecError", "defect") or (name == "add" and "defects" in owner):
                    first = node.args[0]
            elif isinstance(node, ast.Yield) and path.name == "lint.py" and isinstance(node.value, ast.Tuple):
                first = node.value.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found[first.value] = f"{path.relative_to(root)}:{line}"
    return found


def test_every_defect_has_words(messages: Messages) -> None:
    """House: every defect code of app/programmes and app/rules has a Chinese sentence."""
    codes = _codes(ROOT)
    assert len(codes) > 30
    silent = {
        code: place
        for code, place in codes.items()
        if code != "expression" and not messages.has("programmes", code) and not messages.has("checks", code)
    }
    assert silent == {}


def test_every_worded_defect_is_provoked(messages: Messages) -> None:
    """House: no test without a defect, no sentence without a test."""
    worded = {key.removeprefix("programmes.") for key in messages.entries if key.startswith("programmes.")}
    provoked = {expected[0] for _, expected in CASES}
    assert worded - provoked - NOT_OF_FILES == set()
    assert slots(messages.entries["programmes.calculation_cycle"]) == {"items"}


@given(st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.binary(max_size=4))
def test_scribbled_files_give_defects_and_nothing_else(file: str, place: int, scribble: bytes) -> None:
    """Robustness: whatever stands in a programme file, the outcome is a programme or a list of defects."""
    content = FILES[file]
    at = place % (len(content) + 1)
    files = {**FILES, file: content[:at] + scribble + content[at + len(scribble) :]}
    try:
        programme = parse(files, "mini")
    except DefectiveProgrammeError as error:
        assert error.defects
        return
    assert isinstance(programme, Programme)


# ------------------------------------------------------------------------------------------ zips and folders
def refuse(path: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load(path)
    assert not isinstance(caught.value, DefectiveProgrammeError)
    return caught.value


@pytest.mark.parametrize(
    "name", ["../evil.toml", "/etc/evil.toml", "texts/../../evil.txt", "texts\\evil.txt"]
)
def test_zip_slip(name: str, tmp_path: Path, messages: Messages) -> None:
    """CWE-22: entries outside the root are refused."""
    path = write_zip(tmp_path / "mini.zip")
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo("x.toml")
        entry.filename = name
        archive.writestr(entry, b"x = 1")
    error = refuse(path)
    assert error.code == "programme_unreadable"
    assert messages.error(error)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mini.zip"]


def test_bombs(tmp_path: Path) -> None:
    """CWE-409: caps on one file, on all files, and on their number, before anything is inflated."""
    one = write_zip(tmp_path / "one.zip", {**FILES, "big.txt": b" " * (source.MAX_FILE_BYTES + 1)})
    assert one.stat().st_size < 100_000
    assert refuse(one).code == "programme_too_large"
    big = {f"samples/{n}.pdf": b" " * source.MAX_FILE_BYTES for n in range(5)}
    assert refuse(write_zip(tmp_path / "all.zip", {**FILES, **big})).code == "programme_too_large"
    many = {f"texts/{n}.txt": b"" for n in range(source.MAX_FILES)}
    assert refuse(write_zip(tmp_path / "many.zip", {**FILES, **many})).code == "programme_too_large"
    assert refuse(write_folder(tmp_path / "folder", {**FILES, **many})).code == "programme_too_large"


def test_a_zip_that_lies_about_sizes(tmp_path: Path) -> None:
    """CWE-409: a header that says less than there is gives no more than it says."""
    path = write_zip(tmp_path / "mini.zip", {**FILES, "texts/x.txt": b"a" * 100_000})
    content = path.read_bytes()
    lying = content.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != content
    path.write_bytes(lying)
    assert refuse(path).code == "programme_broken_zip"


def test_broken_zips_are_refused(tmp_path: Path, messages: Messages) -> None:
    """Robustness: flipped bytes anywhere in a zip give a UsageError or the programme, never a traceback."""
    path = write_zip(tmp_path / "mini.zip")
    content, chance = path.read_bytes(), random.Random(7)
    for _ in range(400):
        place = chance.randrange(len(content))
        path.write_bytes(content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :])
        try:
            load(path)
        except UsageError as error:
            assert messages.error(error)
    for size in (0, 10, len(content) // 2, len(content) - 5):
        path.write_bytes(content[:size])
        assert refuse(path).code == "programme_broken_zip"


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    """Robustness: a zip with a password cannot be read here."""
    path = write_zip(tmp_path / "mini.zip")
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + place] |= 1
            start = content.find(mark, start + 4)
    path.write_bytes(content)
    assert refuse(path).code == "programme_broken_zip"


def test_where_there_is_no_programme(tmp_path: Path) -> None:
    """House: a wrong folder or file is named."""
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nowhere", write_zip(tmp_path / "a.zip", {"a/b.txt": b""})):
        error = refuse(path)
        assert error.code == "programme_not_found"
        assert path.name in str(error.params["name"])


# ------------------------------------------------------------------------------------------ library
def revised(form_version: int, notice_revision: int, closes: str, title: str) -> dict[str, bytes]:
    files = changed("programme.toml", "form_version = 1", f"form_version = {form_version}")
    files = changed("programme.toml", "notice_revision = 1", f"notice_revision = {notice_revision}", files)
    files = changed("programme.toml", "2023-01-05T21", closes, files)
    files = changed("programme.toml", "2022-12-23", f"2022-12-{23 + notice_revision}", files)
    return changed("form.toml", "基本情况", title, files)


def facts(programme: Programme) -> tuple[int, int, str, str]:
    closes = programme.stages[0].closes
    assert closes is not None
    return (
        programme.form_version,
        programme.notice_revision,
        programme.form.sections[0].label,
        f"{closes:%m-%d}",
    )


def test_form_versions_and_a_later_notice(tmp_path: Path) -> None:
    """Architecture: a draft is pinned to its form version; of windows and contacts the latest count."""
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    write_folder(shipped / "mini", revised(1, 1, "2023-01-05T21", "第一版"))
    write_folder(own / "mini@2", revised(2, 1, "2023-01-06T21", "第二版"))
    write_zip(own / "mini@notice.zip", revised(1, 3, "2023-01-09T21", "第一版改"))
    library = Library((shipped, own, tmp_path / "nowhere"))
    assert set(library.sources()) == {"mini"}
    assert facts(library.load("mini")) == (2, 3, "第二版", "01-09")
    assert facts(library.load("mini", 1)) == (1, 3, "第一版改", "01-09")
    assert library.load("mini", 2).notice_date == date(2022, 12, 26)
    with pytest.raises(UsageError, match="form_version_unknown"):
        library.load("mini", 9)
    with pytest.raises(UsageError, match="programme_unknown"):
        library.load("other")
    good, bad = library.load_all()
    assert [facts(one) for one in good] == [(2, 3, "第二版", "01-09")]
    assert bad == []


def test_a_form_that_does_not_go_with_the_latest_notice(tmp_path: Path, messages: Messages) -> None:
    """Robustness: checks of an old form may name a stage the new notice has not: named, not a crash."""
    old = with_end(
        "checks.toml", '\n[[check]]\ncode = "DAT-01"\nkind = "notice_late"\nseverity = "info"\nstage = "fill"'
    )
    new = revised(2, 2, "2023-01-06T21", "第二版")
    new["programme.toml"] = (
        new["programme.toml"].replace(b'"fill"', b'"entry"').replace(b'action = "entry"', b'action = "fill"')
    )
    write_folder(tmp_path / "mini", old)
    write_folder(tmp_path / "mini@2", new)
    library = Library((tmp_path,))
    with pytest.raises(DefectiveProgrammeError) as caught:
        library.load("mini", 1)
    assert [(one.code, one.place) for one in caught.value.defects] == [("unknown_stage", "check[DAT-01]")]
    assert "fill" in messages.defect(caught.value.defects[0].code, caught.value.defects[0].params)
    assert facts(library.load("mini")) == (2, 2, "第二版", "01-06")


def test_a_bad_version_does_not_hide_the_good_ones(tmp_path: Path) -> None:
    """Robustness: a broken newer folder is reported, and the drafts of the older form still open."""
    write_folder(tmp_path / "mini")
    write_folder(tmp_path / "mini@2", without("form.toml"))
    write_folder(tmp_path / "other", without("checks.toml"))
    (tmp_path / "broken.zip").write_bytes(b"PK")
    library = Library((tmp_path,))
    assert library.load("mini").form_version == 1
    good, bad = library.load_all()
    assert [one.id for one in good] == ["mini"]
    assert sorted(error.code for error in bad) == [
        "programme_broken_zip",
        "programme_defective",
        "programme_defective",
    ]
    with pytest.raises(DefectiveProgrammeError):
        library.load("other")


def test_a_folder_named_otherwise_than_its_programme(tmp_path: Path) -> None:
    """Format: the id is the folder's name; otherwise drafts would not find their programme again."""
    write_folder(tmp_path / "mine")
    library = Library((tmp_path,))
    good, bad = library.load_all()
    assert good == []
    assert [(error.code, error.params["found"]) for error in bad] == [("programme_mismatch", "mini")]
    with pytest.raises(UsageError, match="programme_mismatch"):
        library.load("mine")


def test_what_is_gathered_and_shown() -> None:
    """Issue 6: which row comes from which item of another programme, and what parts show, is data."""
    packet = with_listing('"people", "name"')["packet.toml"]
    files = with_gather() | {"packet.toml": packet}
    programme = parse(files, "mini")
    (one,) = programme.gatherings
    assert (one.table, one.programme, one.key, dict(one.columns)) == ("t1", "small", "name", {"name": "b01"})
    listing = programme.packet.parts[-1].listing
    assert listing is not None
    assert (listing.table, listing.columns) == ("t1", ("people", "name"))
