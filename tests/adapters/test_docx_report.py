"""The report as a Word file: read back, repeatable, opened by an office program (issue 6: docx uploaded)."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clock import BEIJING
from app.exchange.docx import read_docx
from app.exchange.docx_report import Grid, GridColumn, Passage, Turn, write_docx
from app.messages import load_messages
from app.model.draft import Draft
from app.paper.assemble import page_texts
from app.paper.fonts import Fonts
from app.programmes.loader import load
from app.rules.view import View
from app.services.drafting import load_answers
from app.services.word_report import render_word
from app.services.workplace import view_of

NOW = datetime(2024, 3, 11, 10, tzinfo=BEIJING)
SHORT = "1A2B-3C4D-5E6F"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TABLE = Grid(
    (GridColumn("名称"), GridColumn("金额", None, "auto")),
    [("甲<&>乙", "1,234.50"), ("多行\n文字", "")],
    "附表",
    "单位：元",
)


@pytest.fixture(scope="module")
def view(root: Path) -> View:
    folder = root / "resources" / "programmes" / "bj-park-service-2024"
    programme = load(folder)
    answers = load_answers(folder / "samples" / "complete.json", programme)
    draft = Draft("d", programme.id, programme.form_version, answers)
    return view_of(programme, draft, Fonts(root / "resources" / "fonts"), NOW)


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_written_is_read_back() -> None:
    """Passages, tables and a turned page come back through our own reader; markup signs are text."""
    content = write_docx(
        "标题", [Passage("标题", "Title"), Passage("一\n二"), TABLE, Turn(), Passage("横")], "脚"
    )
    lines = [line for line in read_docx(content, "a.docx") if line.strip()]
    rows = ["\t名称\t金额", "\t甲<&>乙\t1,234.50", "\t多行 文字\t"]
    assert lines == ["标题", "一", "二", "附表", "单位：元", *rows, "横"]
    body = ElementTree.fromstring(parts(content)["word/document.xml"])
    turned = [one.get(f"{W}orient") for one in body.iter(f"{W}pgSz")]
    assert turned == [None, "landscape"]
    sides = [one.get(f"{W}val") for cell in body.iter(f"{W}tc") for one in cell.iter(f"{W}jc")]
    assert sides == ["center", "center", "left", "right", "left", "left", "left"]
    for part in body.iter(f"{W}tbl"):
        widths = [int(one.get(f"{W}w", "0")) for one in part.iter(f"{W}gridCol")]
        assert 0 < sum(widths) <= 11906 - 1588 - 1134 and min(widths) > 500


def test_the_report_bears_every_value_and_its_code(view: View, root: Path) -> None:
    """Seed 004 五（一）: 申报书文字版 from the sealed revision; what paper shows, the Word file shows."""
    messages = load_messages(root / "resources" / "messages")
    content = render_word(view, SHORT, messages)
    assert content == render_word(view, SHORT, messages)
    assert len({info.date_time for info in zipfile.ZipFile(BytesIO(content)).infolist()}) == 1
    text = "\n".join(read_docx(content, "a.docx"))
    for item in view.programme.form.fields.values():
        value = view.values.get(item.id)
        if isinstance(value, str) and value and not item.masked and not item.choices:
            assert value.split("\n")[0] in text, item.id
    for table in view.programme.form.tables.values():
        assert table.label in text
        assert all(column.label in text for column in table.columns)
    assert SHORT in parts(content)["word/footer1.xml"].decode()
    other = replace(view, values={**view.values, "a01": "另一个科技园"})
    assert "\t另一个科技园" in "\n".join(read_docx(render_word(other, SHORT, messages), "a.docx"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_whatever_was_typed_gives_a_whole_file(texts: list[str]) -> None:
    """Robustness: control characters, lone surrogates, markup signs; nothing makes Word refuse the file."""
    rows = [(text,) for text in texts]
    content = write_docx(texts[0], [*map(Passage, texts), Grid((GridColumn(texts[0]),), rows)], texts[-1])
    for part in parts(content).values():
        ElementTree.fromstring(part)
    assert isinstance(read_docx(content, "a.docx"), list)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="not on this machine: soffice")
def test_an_office_program_opens_it(view: View, root: Path, tmp_path: Path) -> None:
    """The file opens and shows its words on A4 pages."""
    made = tmp_path / "报告.docx"
    made.write_bytes(render_word(view, SHORT, load_messages(root / "resources" / "messages")))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    words = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(made)]
    subprocess.run(words, capture_output=True, check=True, timeout=120)
    pages = page_texts(tmp_path / "报告.pdf")
    assert 3 <= len(pages) <= 8
    assert all(SHORT in page for page in pages)
    assert "经费预算" in "".join(pages)
