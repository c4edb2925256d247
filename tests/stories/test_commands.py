"""The contract of the command line (issue «The main job», § Command line)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.__main__ import HANDLERS
from app.commands.words import COMMANDS, columns
from app.errors import AppError
from tests.stories.commands import Desk

INSIDE = "2022-12-29T12:00:00+08:00"
LATIN = re.compile(r"(?<![A-Za-z0-9_./\\:-])[A-Za-z]{3,}(?![A-Za-z0-9_./\\:=-])")


def test_every_command_has_a_home() -> None:
    """§ Command line: each command that the help names can be run."""
    assert set(COMMANDS) == set(HANDLERS)


def test_help_without_words(desk: Desk) -> None:
    """§ Repository: without arguments the program prints its help, exit 0."""
    answer = desk.run("--help")
    assert answer.code == 0
    assert all(name in answer.out for name in COMMANDS)


@pytest.mark.parametrize(
    "words", [("chek",), ("check", "--bogus"), ("set", "x"), ("practice", "--port", "x"), ("new",)]
)
def test_bad_words_are_answered_in_chinese(desk: Desk, words: tuple[str, ...]) -> None:
    """§ Command line: bad usage is exit 2 with one Chinese line on stderr and nothing on stdout."""
    answer = desk.run(*words)
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.strip().splitlines()) == 1
    assert re.search(r"[\u4e00-\u9fff]", answer.err)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_stands_in_columns_and_in_chinese(desk: Desk, command: str) -> None:
    """Usability: a Chinese character takes two columns of a terminal, so help is laid out by columns."""
    answer = desk.run(*filter(None, (command, "--help")))
    lines = answer.out.split("选项：")[1].splitlines()
    rows = [match for line in lines if (match := re.match(r"( +\S.*?) {2,}(?=\S)", line))]
    starts = {columns(match[0]) for match in rows}
    assert rows and len(starts) == 1, starts
    assert max(map(columns, lines)) <= 80
    assert re.findall(r"\b[A-Z]{3,}\b", answer.out.split("\n\n")[0]) == []


def test_events_that_can_be_registered_are_listed(desk: Desk) -> None:
    """Usability: what ``event`` takes can be read in its help."""
    told = desk.run("event", "--help").out
    assert "returned 被退回" in told and "sealed" not in told


def test_a_backup_never_goes_over_a_file(desk: Desk, demo_programme: str, tmp_path: Path) -> None:
    """§ Command line, backup --out: a folder is named; a file that is there stays as it is."""
    desk.run("new", demo_programme)
    precious = tmp_path / "precious.txt"
    precious.write_text("账本", encoding="utf-8")
    answer = desk.run("backup", "--out", precious)
    assert answer.code == 2 and "precious.txt" in answer.err
    assert precious.read_text(encoding="utf-8") == "账本"
    folder = tmp_path / "stick"
    assert desk.run("backup", "--out", folder).code == 0
    assert ".db" in {one.suffix for one in folder.iterdir()}


def test_mistakes_are_told_without_foreign_words(desk: Desk, demo_programme: str, tmp_path: Path) -> None:
    """How we build, wording: also what the operating system refuses is told in Chinese."""
    draft = desk.run("new", demo_programme).out.strip()
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{", encoding="utf-8")
    for words, named in (
        (("print", draft, "--proof", "--out", wrong), "已有同名的文件"),
        (("demo", "--out", wrong), "不是文件夹"),
        (("verify", wrong), "不是平台的回执"),
        (("check", draft, "--data-dir", wrong), "不能用作存放数据的文件夹"),
        (("set", draft), "位置、值"),
    ):
        answer = desk.run(*words)
        assert answer.code != 0 and named in answer.err, (words, answer.err)
        assert LATIN.findall(answer.err.replace(str(tmp_path), "").replace("shenbao", "")) == [], answer.err
    assert "没有改动" in desk.run("carry", draft).out


def test_an_item_is_set_by_the_number_printed_beside_it(desk: Desk, demo_programme: str) -> None:
    """Usability: clerks know the numbers of the form, not the ids of the files."""
    whole = desk.run("programme", demo_programme, "--json").json
    fields = [field for section in whole["sections"] for field in section["fields"]]
    draft = desk.run("new", demo_programme).out.strip()
    missing = {one["path"] for one in desk.run("check", draft, "--json").json["findings"]}
    item = next(one for one in fields if one["id"] in missing and one["number"] != one["id"])
    assert desk.run("set", draft, item["number"], "甲").code == 0
    findings = desk.run("check", draft, "--json").json["findings"]
    found = {f"{one['code']}@{one['path']}" for one in findings}
    assert f"CMP-01@{item['id']}" not in found
    assert desk.run("set", draft, "Z99", "甲").code == 2


def test_bad_words_as_json(desk: Desk) -> None:
    """§ Command line: with --json bad input is told as JSON too."""
    answer = desk.run("check", "--json")
    assert answer.code == 2
    assert answer.json["error"]["code"] == "nothing_given"


def test_programmes_and_definition(desk: Desk, demo_programme: str) -> None:
    """§ Command line: the whole definition, every section, table, check, stage and part."""
    listed = desk.run("programmes", "--json")
    assert demo_programme in {one["id"] for one in listed.json}
    whole = desk.run("programme", demo_programme, "--json").json
    assert {"sections", "tables", "checks", "stages", "packet", "notes"} <= set(whole)
    assert all(
        {"id", "number", "label", "type", "unit", "required"} <= set(field)
        for section in whole["sections"]
        for field in section["fields"]
    )


def test_two_clocks(desk: Desk, demo_programme: str) -> None:
    """§ It is done when: a PC at UTC+6 showing 20:30 on 5 January finds the window closed, and why."""
    answer = desk.run("stages", "--programme", demo_programme, "--now", "2023-01-05T20:30:00+06:00", "--json")
    fill = next(one for one in answer.json["stages"] if one["action"] == "fill")
    assert fill["state"] == "late"
    assert fill["seconds_left"] == -90 * 60
    assert "21:00" in fill["message"]
    assert "UTC+6" in fill["message"]
    assert answer.json["now"] == "2023-01-05T22:30:00+08:00"


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2022-12-21T23:59:59+08:00", "upcoming"),
        ("2022-12-22T00:00:00+08:00", "open"),
        ("2023-01-05T20:59:59+08:00", "closing"),
        ("2023-01-05T21:00:00+08:00", "late"),
        ("2023-01-05T13:00:00+00:00", "late"),
    ],
)
def test_fill_window(desk: Desk, demo_programme: str, now: str, state: str) -> None:
    """seed 000 §四.1: filling from 2022-12-22 to 2023-01-05 21:00, Beijing time whatever the offset."""
    stages = desk.run("stages", "--programme", demo_programme, "--now", now, "--json").json["stages"]
    assert next(one["state"] for one in stages if one["action"] == "fill") == state


def test_a_naive_time_is_refused(desk: Desk, demo_programme: str) -> None:
    """§ Command line: --now needs an offset; whose clock a naive time is cannot be known."""
    answer = desk.run("stages", "--programme", demo_programme, "--now", "2023-01-05T20:30:00")
    assert answer.code == 2
    assert "+08:00" in answer.err


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"values": {"nothing_of_ours": 1}}', "values.nothing_of_ours"),
        (b'{"values": ', "第 1 行"),
        ('{"values": {}}'.encode("utf-16"), "UTF-8"),
        (b"[1, 2]", "一组填报项"),
        (b'{"tables": {"nothing_of_ours": []}}', "tables.nothing_of_ours"),
        (b'{"unknown": 1}', "unknown"),
        (b'{"programme": "another-2022", "values": {}}', "another-2022"),
    ],
)
def test_bad_input_names_the_place(
    desk: Desk, demo_programme: str, tmp_path: Path, content: bytes, place: str
) -> None:
    """§ Command line: bad input gets one clear Chinese line naming the place, exit 2, nothing changed."""
    file = tmp_path / "answers.json"
    file.write_bytes(content)
    answer = desk.run("new", demo_programme, "--answers", file)
    assert answer.code == 2
    assert place in answer.err
    assert desk.run("drafts", "--json").json == []


def test_a_folder_or_nothing_instead_of_a_file(desk: Desk, demo_programme: str, tmp_path: Path) -> None:
    """§ Command line: a directory or an absent file is unreadable input, exit 2."""
    for path in (tmp_path, tmp_path / "absent.json"):
        assert desk.run("check", "--programme", demo_programme, "--answers", path).code == 2
        assert desk.run("verify", path).code == 2


def test_a_word_for_a_number_is_a_finding(desk: Desk, demo_programme: str, samples: Path) -> None:
    """§ Command line: a value that is no number is a finding, exit 1, and is kept as typed."""
    document = json.loads((samples / "complete.json").read_text("utf-8"))
    programme = desk.run("programme", demo_programme, "--json").json
    number = next(
        field["id"]
        for section in programme["sections"]
        for field in section["fields"]
        if field["type"] == "integer" and not field["readonly"]
    )
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert document["values"][number] is not None
    assert desk.run("set", draft, number, "大约三十").code == 0
    answer = desk.run("check", draft, "--now", INSIDE, "--json")
    assert answer.code == 1
    assert any(one["path"] == number and "大约三十" in one["message"] for one in answer.json["findings"])


def test_set_and_clear(desk: Desk, demo_programme: str) -> None:
    """§ Command line: set DRAFT PATH VALUE; unknown and calculated places are refused, rows can be added."""
    programme = desk.run("programme", demo_programme, "--json").json
    fields = [field for section in programme["sections"] for field in section["fields"]]
    calculated = next(field["id"] for field in fields if field.get("calculate"))
    text = next(field["id"] for field in fields if field["type"] == "text" and not field["readonly"])
    table = next(one for one in programme["tables"] if not one["derived"])
    draft = desk.run("new", demo_programme).out.strip()
    assert desk.run("set", draft, text, "测试").code == 0
    assert desk.run("set", draft, calculated, "1").code == 2
    assert desk.run("set", draft, "nothing_of_ours", "1").code == 2
    assert desk.run("set", draft, f"{table['id']}/new/{table['columns'][0]['id']}", "甲").code == 0
    assert desk.run("set", "NOSUCHDRAFT", text, "甲").code == 2


def test_copying_a_programme(desk: Desk, demo_programme: str) -> None:
    """§ It is done when: a copy into another id and year is a second programme, with no code change."""
    copied = desk.run("programme", "copy", demo_programme, "copied-2023", "--shift-years", "1", "--json")
    assert copied.code == 0
    whole = desk.run("programme", "copied-2023", "--json").json
    assert whole["report_year"] == 2023
    assert whole["period"] == {"start": "2023-01-01", "end": "2023-12-20"}
    fill = next(one for one in whole["stages"] if one["action"] == "fill")
    assert fill["closes"] == "2024-01-05T21:00:00+08:00"
    answers = desk.folder / "programmes" / "copied-2023" / "samples" / "complete.json"
    checked = desk.run(
        "check",
        "--programme",
        "copied-2023",
        "--answers",
        answers,
        "--now",
        "2023-12-29T12:00:00+08:00",
        "--json",
    )
    assert checked.code == 0, checked.json["findings"][:3]
    assert desk.run("programme", "copy", demo_programme, "copied-2023").code == 2


def test_fingerprint_is_of_the_content(desk: Desk, demo_programme: str, samples: Path) -> None:
    """§ Store: the same content has the same fingerprint, from a file and from the store."""
    words = ("--programme", demo_programme, "--answers", samples / "complete.json", "--now", INSIDE, "--json")
    from_file = desk.run("check", *words).json["fingerprint"]
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("check", draft, "--now", INSIDE, "--json").json["fingerprint"] == from_file


def test_sealing_with_problems(desk: Desk, demo_programme: str) -> None:
    """§ Rules: no finding makes a clerk miss the deadline; one written reason seals an unfinished draft."""
    draft = desk.run("new", demo_programme).out.strip()
    refused = desk.run("seal", draft, "--now", INSIDE, "--json")
    assert refused.code == 1
    assert len(refused.json["open"]) > 1
    sealed = desk.run("seal", draft, "--reason", "主管部门同意先报后补", "--now", INSIDE, "--json")
    assert sealed.code == 0
    assert sealed.json["sealed"] is True
    late = desk.run("print", draft, "--out", desk.folder / "paper", "--now", "2023-02-01T09:00:00+08:00")
    assert late.code == 0, late.err


def test_extension_by_telephone(desk: Desk, demo_programme: str) -> None:
    """§ Stages: a deadline can be changed by hand with its source, the old one is kept."""
    draft = desk.run("new", demo_programme).out.strip()
    words = ("event", draft, "extended", "--stage", "fill", "--now", "2023-01-05T18:00:00+08:00")
    assert desk.run(*words, "--closes", "2023-01-06T21:00:00+08:00").code == 2
    done = desk.run(*words, "--closes", "2023-01-06T21:00:00+08:00", "--note", "项目中心电话通知")
    assert done.code == 0
    stages = desk.run("stages", draft, "--now", "2023-01-06T10:00:00+08:00", "--json").json["stages"]
    fill = next(one for one in stages if one["id"] == "fill")
    assert fill["state"] == "closing"
    assert fill["closes"] == "2023-01-06T21:00:00+08:00"
    assert fill["notice_closes"] == "2023-01-05T21:00:00+08:00"
    assert fill["extension"]["source"] == "项目中心电话通知"


def test_the_whole_way_by_hand(desk: Desk, demo_programme: str, samples: Path) -> None:
    """§ Stages: submitted on the portal, returned, approved, stamped …, result: all registered by hand."""
    draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
    assert desk.run("seal", draft, "--now", INSIDE).code == 0
    at = ("--now", "2022-12-30T12:00:00+08:00")
    assert desk.run("event", draft, "submitted", *at).code == 2
    assert desk.run("event", draft, "submitted", "--number", "XJ-2022-0031", *at).code == 0
    assert (
        desk.run("event", draft, "returned", "--note", "面积与合同不符", "--stage", "unit_review", *at).code
        == 0
    )
    status = desk.run("status", draft, *at, "--json").json
    assert status["next"]["id"] == "fill"
    assert desk.run("event", draft, "submitted", "--number", "XJ-2022-0031", *at).code == 0
    for kind in ("unit_approved", "approved"):
        assert desk.run("event", draft, kind, *at).code == 0
    report = samples / "files"
    pdf = next(report.glob("*.pdf"))
    strange = desk.run("event", draft, "downloaded", "--file", pdf, *at, "--json")
    assert (strange.code, strange.json["error"]["code"]) == (3, "report_lacks")
    assert desk.run("event", draft, "downloaded", "--file", pdf, "--note", "演练", *at).code == 0
    printed = desk.run("print", draft, "--out", desk.folder / "paper", *at, "--json")
    assert printed.code == 0, printed.err
    assert {"packet-copy-1.pdf", "packet-copy-2.pdf"} <= {
        Path(one["file"]).name for one in printed.json["files"]
    }
    for kind in ("signed", "stamped", "sent_for_stamp", "stamped_by_bureau", "bound", "delivered"):
        assert desk.run("event", draft, kind, *at).code == 0
    assert desk.run("event", draft, "result", *at).code == 2
    assert desk.run("event", draft, "result", "--grade", "不合格", *at).code == 0
    status = desk.run("status", draft, *at, "--json").json
    assert status["next"] is None
    assert desk.run("event", draft, "uploaded", *at).code == 2


def test_bundle_and_verify(desk: Desk, demo_programme: str, samples: Path, tmp_path: Path) -> None:
    """§ Fingerprint and bundle: equal content gives equal bytes; a changed byte is refused, exit 3."""
    bundles = []
    for name in ("one.shenbao", "two.shenbao"):
        draft = desk.run("new", demo_programme, "--answers", samples / "complete.json").out.strip()
        assert desk.run("seal", draft, "--now", INSIDE).code == 0
        assert desk.run("bundle", draft, "--out", tmp_path / name).code == 0
        bundles.append((tmp_path / name).read_bytes())
    assert bundles[0] == bundles[1]
    assert desk.run("verify", tmp_path / "one.shenbao", "--json").json["kind"] == "bundle"
    assert desk.run("check", tmp_path / "one.shenbao", "--now", INSIDE, "--json").code == 0
    altered = bytearray(bundles[0])
    altered[len(altered) // 2] ^= 1
    (tmp_path / "altered.shenbao").write_bytes(altered)
    assert desk.run("verify", tmp_path / "altered.shenbao").code == 3


def test_self_test(desk: Desk) -> None:
    """§ Command line: self-test tries each part of the installation and tells the outcome."""
    answer = desk.run("self-test", "--json")
    assert answer.code == 0, answer.out
    assert answer.json["ok"] is True


def test_reading_back_may_err_but_never_costs_a_deadline(
    desk: Desk, demo_programme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How we build: the program serves the deadline; a refused print gives way to a written reason."""

    def differs(*_: object) -> None:
        raise AppError("paper_differs", part="自评报告", place="名称", expected="甲", page=1)

    monkeypatch.setattr("app.services.laying_out.check_paper", differs)
    draft = desk.run("new", demo_programme).out.strip()
    assert desk.run("seal", draft, "--reason", "先报后补", "--now", INSIDE).code == 0
    words = ("print", draft, "--out", desk.folder / "paper", "--now", INSIDE)
    refused = desk.run(*words, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (3, "paper_differs")
    assert not (desk.folder / "paper").exists()
    assert desk.run(*words, "--proof").code == 0
    assert desk.run(*words, "--reason", "已逐页核对，内容无误").code == 0
