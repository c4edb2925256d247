"""Values as a web portal takes them (issue «The window», 上报: filing by hand)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import BEIJING
from app.errors import AppError, UsageError
from app.exchange.clipboard import read_tsv
from app.messages import load_messages
from app.model.draft import Answers, Attachment, Row
from app.model.form import Item
from app.model.programme import UploadTarget
from app.model.value import Invalid, ItemType, Value
from app.programmes.loader import load
from app.services.drafting import load_answers, new_draft
from app.services.filing import (
    Filing,
    FilingEntry,
    FilingKind,
    FilingSection,
    keep_progress,
    lay_out_files,
)
from app.services.portal import portal_text, read_filing
from app.services.recording import seal
from app.services.workplace import Workplace, open_workplace
from app.transport.manual import clean_names
from tests.programmes.programme_folder import FILES, write_folder

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
PROGRAMME = "xj-makerspace-2022"
NOW = datetime(2022, 12, 28, 10, 0, tzinfo=BEIJING)
YES = {"a": "甲类", "b": "乙类"}


@pytest.mark.parametrize(
    ("kind", "unit", "value", "text"),
    [
        (ItemType.INTEGER, "人", 1234567, "1234567"),
        (ItemType.MONEY, "万元", Decimal("12345678.90"), "1234.56789"),
        (ItemType.MONEY, "元", Decimal("12345678.90"), "12345678.9"),
        (ItemType.PERCENT, "%", Decimal("33.30"), "33.3"),
        (ItemType.DATE, "", date(2022, 1, 5), "2022-01-05"),
        (ItemType.YES_NO, "", True, "是"),
        (ItemType.CHOICE, "", "b", "乙类"),
        (ItemType.MULTI_CHOICE, "", ("a", "b"), "甲类、乙类"),
        (ItemType.ID_NUMBER, "", "650102199001011234", "650102199001011234"),
        (ItemType.INTEGER, "人", Invalid("约30"), "约30"),
        (ItemType.TEXT, "", None, ""),
    ],
)
def test_values_in_the_own_unit(kind: ItemType, unit: str, value: Value | None, text: str) -> None:
    """上报: the value as text in the item's own unit; nothing rounded, grouped or masked."""
    assert portal_text(Item("x", "项", kind, unit=unit, choices=YES, masked=True), value) == text


@given(st.lists(st.text(max_size=120), max_size=12))
def test_portal_names_are_safe_and_each_once(names: list[str]) -> None:
    """上报: attachments with portal names that any PC can keep beside each other in one folder."""
    given_names = clean_names(names)
    assert len(given_names) == len(names) == len({name.casefold() for name in given_names})
    for name in given_names:
        assert name and len(name) <= 220 and not set(name) & set('\\/:*?"<>|\0\n')
        assert name not in (".", "..") and name == name.strip(" ")


def test_names_keep_their_ending() -> None:
    """上报: two files of one name are told apart before the ending, so the portal still knows the kind."""
    files = ("扫描.pdf", "扫描.PDF", "a/扫描.pdf", "无后缀", "CON.pdf")
    assert clean_names(files) == ("扫描.pdf", "扫描(2).PDF", "扫描(3).pdf", "无后缀", "_CON.pdf")


def _filing(*sections: str) -> Filing:
    made = tuple(FilingSection(one, "", one, (FilingEntry(f"{one}1", "", "", "值"),)) for one in sections)
    return Filing("d", "p", "", UploadTarget("", "", ""), made, {})


@given(st.integers(-4, 4), st.sampled_from("abc"))
def test_moving_a_section_loses_nothing(steps: int, section: str) -> None:
    """上报: the clerk can move a section up or down; entries and order of the rest stay."""
    moved = [one.id for one in _filing("a", "b", "c").moved(section, steps).sections]
    assert sorted(moved) == ["a", "b", "c"]
    assert moved.index(section) == max(0, min(2, "abc".index(section) + steps))
    assert [one for one in moved if one != section] == [one for one in "abc" if one != section]


def test_a_changed_value_is_to_be_filed_anew() -> None:
    """上报: after a return only what changed is open again."""
    filing = _filing("a")
    (entry,) = filing.entries
    filing = filing.with_done(entry)
    assert filing.is_done(entry)
    assert not filing.is_done(replace(entry, text="新值"))


@contextmanager
def _workplace(folder: Path) -> Iterator[Workplace]:
    messages = load_messages(RESOURCES / "messages")
    with open_workplace(folder, RESOURCES, messages, lambda: NOW) as opened:
        yield opened


def _make(workplace: Workplace) -> str:
    programme = workplace.find_programme(PROGRAMME)
    samples = RESOURCES / "programmes" / PROGRAMME / "samples"
    return new_draft(workplace, programme, load_answers(samples / "complete.json", programme), samples)


def test_a_sealed_report_in_the_order_of_its_form(tmp_path: Path) -> None:
    """上报: sections in the order of the form; tables as blocks; files where the portal can take them."""
    with _workplace(tmp_path) as workplace:
        draft_id = _make(workplace)
        assert seal(workplace, draft_id, NOW, "已核对").snapshot is not None
        filing = read_filing(workplace, draft_id, NOW, "附件材料")
        form = workplace.find_programme(PROGRAMME).form
        assert [one.id for one in filing.sections] == [*(one.id for one in form.sections), "files"]
        fields = [one.id for one in filing.entries if one.kind is FilingKind.VALUE]
        assert fields == [one for one in form.fields if one in set(fields)]
        assert all(one.text for one in filing.entries)
        table = next(one for one in filing.entries if one.kind is FilingKind.TABLE)
        block = read_tsv(table.with_heads)
        assert block.rows[0] == table.heads and len(block.rows) == table.rows + 1
        folder = lay_out_files(filing)
        assert folder is not None
        for file in filing.files:
            assert (folder / file.name).read_bytes() == file.source.read_bytes()
        assert {path.name for path in folder.iterdir()} == {file.name for file in filing.files}


def test_progress_and_order_survive_a_restart(tmp_path: Path) -> None:
    """上报: progress kept."""
    with _workplace(tmp_path) as workplace:
        draft_id = _make(workplace)
        seal(workplace, draft_id, NOW, "已核对")
        filing = read_filing(workplace, draft_id, NOW, "附件材料")
        first = filing.entries[0]
        keep_progress(workplace, filing.with_done(first).moved("files", -99))
    with _workplace(tmp_path) as workplace:
        again = read_filing(workplace, draft_id, NOW, "附件材料")
        assert again.is_done(first) and len(again.done) == 1
        assert again.sections[0].id == "files"


PORTAL = """
file_name = "{order}-{number}{label}"
skip = ["a03", "t1.people"]
[[section]]
id = "files"
label = "上传材料"
[[section]]
id = "first_page"
label = "收支页"
items = ["t1", "a02"]
[[item]]
id = "a02"
number = "3.1"
label = "本年收入"
unit = "元"
[[item]]
id = "t1.name"
label = "企业名称"
"""


def test_the_portals_order_names_and_units(tmp_path: Path) -> None:
    """By hand: the portal's order, numbers, labels, units and file names are data of the programme."""
    folder = write_folder(tmp_path / "programmes" / "mini", {**FILES, "portal.toml": PORTAL.encode()})
    proof = tmp_path / "扫描.pdf"
    proof.write_bytes(b"%PDF-1.7")
    with _workplace(tmp_path) as workplace:
        programme = load(folder)
        rows = (Row("r1", {"name": "甲公司", "people": 3}),)
        kind = programme.evidence[0]
        files = (Attachment(proof.name, "", proof.stat().st_size, (kind.id,)),)
        values: dict[str, Value] = {"a01": "某单位", "a02": Decimal("12345.5"), "a03": "yes"}
        answers = Answers(values, {"t1": rows}, attachments=files)
        draft_id = new_draft(workplace, programme, answers, tmp_path)
        assert seal(workplace, draft_id, NOW, "已核对").snapshot is not None
        filing = read_filing(workplace, draft_id, NOW, "附件材料")
        assert [one.id for one in filing.sections] == ["files", "first_page", "one"]
        assert [one.label for one in filing.sections][:2] == ["上传材料", "收支页"]
        upload, page, rest = filing.sections
        assert [one.label for one in upload.entries] == [f"01-{kind.number}{kind.label}.pdf"]
        table, income = page.entries
        assert (income.number, income.label, income.text, income.unit) == ("3.1", "本年收入", "12345.5", "元")
        assert table.heads == ("企业名称",) and table.cells == (("甲公司",),)
        ids = {one.id for one in rest.entries}
        assert "a01" in ids and not ids & {"a02", "a03", "t1"}


def test_an_altered_original_is_not_offered(tmp_path: Path) -> None:
    """Altered bytes are refused: what is picked for the portal is what was sealed, else nothing is."""
    with _workplace(tmp_path) as workplace:
        draft_id = _make(workplace)
        seal(workplace, draft_id, NOW, "已核对")
        filing = read_filing(workplace, draft_id, NOW, "附件材料")
        folder = lay_out_files(filing)
        assert folder is not None
        first = filing.files[0]
        (folder / "旧文件.pdf").write_bytes(b"x")
        (folder / first.name).write_bytes(b"x")
        assert lay_out_files(filing) == folder
        assert sorted(one.name for one in folder.iterdir()) == sorted(one.name for one in filing.files)
        assert (folder / first.name).read_bytes() == first.source.read_bytes()
        (folder / first.name).unlink()
        first.source.chmod(0o600)
        first.source.write_bytes(b"%PDF-1.7 other")
        with pytest.raises(AppError) as caught:
            lay_out_files(filing)
        assert caught.value.code == "package_changed"
        assert not (folder / first.name).exists()
        with pytest.raises(AppError):
            read_filing(workplace, draft_id, NOW, "附件材料")


def test_an_unsealed_report_is_not_filed(tmp_path: Path) -> None:
    """Seal freezes: portal and paper must say the same."""
    with _workplace(tmp_path) as workplace:
        draft_id = _make(workplace)
        with pytest.raises(UsageError) as caught:
            read_filing(workplace, draft_id, NOW, "附件材料")
        assert caught.value.code == "not_sealed"
