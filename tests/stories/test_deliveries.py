"""Every file that a platform wants goes with the report: Word file, parts as PDF, stamped scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from app.exchange.docx import read_docx
from app.paper.assemble import page_texts
from tests.stories.commands import Answer, Desk
from tests.stories.practice_world import Practice, practising, type_password

PARK, CLUSTER = "bj-park-service-2024", "torch-cluster-2022"
PARK_NOW, CLUSTER_NOW = "2024-03-11T10:00:00+08:00", "2023-04-06T10:00:00+08:00"


@pytest.fixture
def park_platform(root: Path, tmp_path: Path) -> Iterator[Practice]:
    with practising(root, tmp_path, "--now", PARK_NOW) as made:
        yield made


@pytest.fixture
def cluster_platform(root: Path, tmp_path: Path) -> Iterator[Practice]:
    with practising(root, tmp_path, "--now", CLUSTER_NOW) as made:
        yield made


def sealed(desk: Desk, root: Path, programme: str, now: str) -> str:
    sample = root / "resources" / "programmes" / programme / "samples" / "complete.json"
    draft = desk.run("new", programme, "--answers", sample, "--now", now).out.strip()
    assert desk.run("seal", draft, "--reason", "已核对", "--now", now).code == 0
    return draft


def scan(path: Path, words: str = "scan", pages: int = 1) -> Path:
    canvas = Canvas(str(path), invariant=True, pagesize=(612, 792))
    for page in range(pages):
        canvas.drawString(90, 700, f"{words} {page + 1}")
        canvas.showPage()
    canvas.save()
    return path


def submit(desk: Desk, draft: str, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> Answer:
    type_password(monkeypatch)
    return desk.run(
        "submit", draft, "--platform", practice.address, "--account", "filler", "--password-stdin",
        "--key", practice.key, "--json",
    )  # fmt: skip


def files_of(sent: Answer) -> dict[str, str]:
    """Give what the signed receipt lists: delivery id -> file name."""
    return {one["delivery_id"]: one["name"] for one in sent.json["receipt"]["receipt"]["files"]}


def test_an_application_goes_with_its_word_file_and_its_scan(
    desk: Desk, root: Path, tmp_path: Path, park_platform: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 6, seed 004 五（一）: from sealed to received with both files; the scan is asked for before."""
    draft = sealed(desk, root, PARK, PARK_NOW)
    refused = submit(desk, draft, park_platform, monkeypatch)
    assert (refused.code, refused.json["error"]["code"]) == (3, "deliveries_missing")
    assert "申报书盖章扫描件" in refused.json["error"]["message"]
    assert "已扫描" in refused.json["error"]["message"]
    assert not (desk.folder / "outbox").exists(), "nothing is made and no try is written down"

    event = ("event", draft, "scanned", "--now", PARK_NOW, "--file")
    assert desk.run(*event, scan(tmp_path / "盖章.pdf")).code == 0
    sent = submit(desk, draft, park_platform, monkeypatch)
    assert sent.code == 0, sent.err
    assert files_of(sent) == {
        "bundle": files_of(sent)["bundle"],
        "word": "申报书文字版.docx",
        "scan": "申报书盖章扫描件.pdf",
    }
    # another scan that comes later is no other report: the same receipt
    assert desk.run(*event, scan(tmp_path / "再扫.pdf", "again", 2)).code == 0
    again = submit(desk, draft, park_platform, monkeypatch)
    assert (again.code, again.json["number"]) == (0, sent.json["number"])
    status = desk.run("status", draft, "--now", PARK_NOW, "--json").json
    kinds = [one["kind"] for one in status["events"]]
    assert kinds == ["sealed", "scanned", "uploaded", "scanned"]


def test_a_scan_of_another_version_or_no_pdf_is_named(desk: Desk, root: Path, tmp_path: Path) -> None:
    """A page stamped in the wrong version costs a year's funding: it is told before anything is sent."""
    draft = sealed(desk, root, PARK, PARK_NOW)
    out = tmp_path / "上传"

    def missing(*more: str) -> dict[str, str]:
        made = desk.run("deliver", draft, "--out", out, "--json", "--now", PARK_NOW)
        assert made.code == (1 if made.json["missing"] else 0)
        return {one["delivery"]: one["state"] for one in made.json["missing"]}

    assert missing() == {"scan": "missing"}
    photo = tmp_path / "盖章.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    for wrong in (photo, tmp_path / "坏.pdf"):
        if wrong.suffix == ".pdf":
            wrong.write_bytes(b"%PDF-1.7 torn")
        assert desk.run("event", draft, "scanned", "--file", wrong, "--now", PARK_NOW).code == 0
        assert missing() == {"scan": "unreadable"}
    good = scan(tmp_path / "盖章.pdf")
    assert desk.run("event", draft, "scanned", "--file", good, "--now", PARK_NOW).code == 0
    assert missing() == {}
    assert (out / "申报书盖章扫描件.pdf").read_bytes() == good.read_bytes()
    lines = read_docx((out / "申报书文字版.docx").read_bytes(), "申报书文字版.docx")
    assert lines[0] == "2024年服务中关村园区高质量发展项目申报书"
    assert any(line.startswith("\t1.2\t申报单位名称\t") for line in lines)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert missing() == {} and {path.name: path.read_bytes() for path in out.iterdir()} == before

    assert desk.run("set", draft, "a01", "改了名称的科技园", "--now", PARK_NOW).code == 0
    assert desk.run("seal", draft, "--reason", "已核对", "--now", PARK_NOW).code == 0
    assert missing() == {"scan": "outdated"}
    told = desk.run("deliver", draft, "--out", out, "--now", PARK_NOW)
    assert "较早的定稿" in told.out


def test_a_cluster_sends_its_parts_first_and_its_stamped_page_later(
    desk: Desk, root: Path, tmp_path: Path, cluster_platform: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seed 001 四: summary and panorama go with the report, the stamped page once it is approved."""
    draft = sealed(desk, root, CLUSTER, CLUSTER_NOW)
    sent = submit(desk, draft, cluster_platform, monkeypatch)
    assert sent.code == 0, sent.err
    assert set(files_of(sent)) == {"bundle", "summary", "chain"}
    assert (
        desk.run("event", draft, "scanned", "--file", scan(tmp_path / "封面.pdf"), "--now", CLUSTER_NOW).code
        == 0
    )
    made = desk.run("deliver", draft, "--out", tmp_path / "up", "--now", CLUSTER_NOW, "--json")
    assert made.code == 0 and made.json["missing"] == []
    paths = {one["delivery"]: Path(one["file"]) for one in made.json["files"]}
    assert set(paths) == {"summary", "chain", "cover_scan"}
    short = desk.run("status", draft, "--now", CLUSTER_NOW, "--json").json["sealed"]["short"]
    for name in ("summary", "chain"):
        assert all(short in text for text in page_texts(paths[name])), name
    again = submit(desk, draft, cluster_platform, monkeypatch)
    assert (again.code, again.json["number"]) == (0, sent.json["number"])
    assert json.dumps(again.json["receipt"]) == json.dumps(sent.json["receipt"])


def test_a_scan_that_is_gone_or_not_sealed_yet(desk: Desk, root: Path, tmp_path: Path) -> None:
    """Fault: the kept scan was altered on the disk; and nothing is delivered that was not sealed."""
    sample = root / "resources" / "programmes" / PARK / "samples" / "complete.json"
    draft = desk.run("new", PARK, "--answers", sample, "--now", PARK_NOW).out.strip()
    words = ("deliver", draft, "--out", tmp_path / "up", "--now", PARK_NOW, "--json")
    assert desk.run(*words).json["error"]["code"] == "not_sealed"
    assert desk.run("seal", draft, "--reason", "已核对", "--now", PARK_NOW).code == 0
    good = scan(tmp_path / "盖章.pdf")
    content = good.read_bytes()
    assert desk.run("event", draft, "scanned", "--file", good, "--now", PARK_NOW).code == 0
    kept = [path for path in desk.folder.rglob("*") if path.is_file() and path.read_bytes() == content]
    assert len(kept) == 1
    kept[0].chmod(0o600)
    kept[0].write_bytes(content.replace(b"612", b"613"))
    assert kept[0].read_bytes() != content
    made = desk.run(*words)
    assert (made.code, [one["state"] for one in made.json["missing"]]) == (1, ["unreadable"])
    kept[0].unlink()
    assert [one["state"] for one in desk.run(*words).json["missing"]] == ["unreadable"]
