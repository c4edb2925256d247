"""Bundles on real files: repeatable to the byte, and refused when any byte differs."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bundle import BundleInfo, open_bundle, read_bundle_content, verify_bundle, write_bundle
from app.clock import BEIJING
from app.errors import AppError
from app.model.draft import Answers, Attachment, Draft, Row
from app.model.fingerprint import canonical_content, fingerprint
from app.model.form import Form, Item, Section, Table
from app.model.submission import Snapshot
from app.model.value import ItemType

FORM = Form(
    (Section("s", "A", "基本信息", (Item("name", "名称", ItemType.TEXT),), ("list",)),),
    {"list": Table("list", "T1", "清单", (Item("title", "名称", ItemType.TEXT),))},
)
SEALED = datetime(2022, 12, 29, 12, tzinfo=BEIJING)
FILES = {"营业执照.pdf": b"%PDF-1.7 licence", "a/b:c*?.jpg": b"\xff\xd8\xff picture"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def snapshot_of(files: dict[str, bytes], text: str = "天山众创空间") -> Snapshot:
    attachments = tuple(Attachment(name, sha256(body), len(body), ("01",)) for name, body in files.items())
    answers = Answers(
        values={"name": text}, tables={"list": (Row("r1", {"title": "甲"}),)}, attachments=attachments
    )
    content = canonical_content(Draft("D", "some-programme", 3, answers), FORM)
    return Snapshot("D", fingerprint(content), content, 7, SEALED)


def write(folder: Path, files: dict[str, bytes], name: str = "one.shenbao") -> tuple[Path, BundleInfo]:
    places = {}
    for number, body in enumerate(files.values()):
        place = folder / f"source-{number}"
        place.write_bytes(body)
        places[sha256(body)] = place
    return folder / name, write_bundle(snapshot_of(files), "自评报告", places, folder / name)


def test_a_bundle_comes_back(tmp_path: Path) -> None:
    """§ Fingerprint and bundle: what was written is what is read, with title, version and hashes."""
    path, written = write(tmp_path, FILES)
    read, content = read_bundle_content(path)
    assert read == written
    assert (read.programme_id, read.form_version, read.title) == ("some-programme", 3, "自评报告")
    assert read.sha256 == sha256(path.read_bytes())
    assert fingerprint(content) == read.fingerprint
    with open_bundle(path) as (_, reader):
        assert b"".join(reader(sha256(FILES["营业执照.pdf"]))) == FILES["营业执照.pdf"]


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    """§ Fingerprint and bundle: byte-for-byte repeatable, whatever the order files are named in."""
    one, _ = write(tmp_path, FILES)
    two, _ = write(tmp_path, dict(reversed(FILES.items())), "two.shenbao")
    assert one.read_bytes() == two.read_bytes()


def test_an_ordinary_zip_program_reads_it(tmp_path: Path) -> None:
    """§ Fingerprint and bundle: a stored zip, manifest first, names any system can write."""
    path, _ = write(tmp_path, FILES)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert all(one.compress_type == zipfile.ZIP_STORED for one in archive.infolist())
        assert all(one.date_time == (1980, 1, 1, 0, 0, 0) for one in archive.infolist())
    assert names[:2] == ["manifest.json", "content.json"]
    assert not any(set(name) & set('\\:*?"<>|') for name in names)


def test_every_altered_byte_is_refused(tmp_path: Path) -> None:
    """§ Fingerprint and bundle: verifying rebuilds identical bytes, so no byte can differ unseen."""
    path, _ = write(tmp_path, FILES)
    whole = path.read_bytes()
    altered = tmp_path / "altered.shenbao"
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x01
        altered.write_bytes(changed)
        with pytest.raises(AppError) as refused:
            verify_bundle(altered)
        assert refused.value.code in (
            "bundle_altered",
            "bundle_unreadable",
            "bundle_newer",
            "bundle_too_large",
        )


@given(cut=st.integers(min_value=0, max_value=10_000), tail=st.binary(max_size=40))
def test_cut_or_lengthened_bundles_are_refused(
    tmp_path_factory: pytest.TempPathFactory, cut: int, tail: bytes
) -> None:
    """reliability: a file that is cut short or has something behind it is no bundle."""
    folder = tmp_path_factory.mktemp("cut")
    path, _ = write(folder, FILES)
    whole = path.read_bytes()
    other = whole[: cut % len(whole)] + tail if cut else whole + (tail or b"\0")
    path.write_bytes(other)
    with pytest.raises(AppError):
        verify_bundle(path)


@given(content=st.binary(max_size=300))
def test_anything_else_is_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """§ Command line: a file that is no bundle gives one clear refusal, never another exception."""
    path = tmp_path_factory.mktemp("any") / "any.shenbao"
    path.write_bytes(content)
    with pytest.raises(AppError):
        verify_bundle(path)


def test_evidence_must_be_what_the_content_names(tmp_path: Path) -> None:
    """§ Fingerprint and bundle: missing or changed evidence is refused before anything is written."""
    snapshot = snapshot_of(FILES)
    with pytest.raises(AppError, match="evidence_missing"):
        write_bundle(snapshot, "自评报告", {}, tmp_path / "none.shenbao")
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"something else")
    places = {sha256(body): wrong for body in FILES.values()}
    with pytest.raises(AppError, match="evidence_changed"):
        write_bundle(snapshot, "自评报告", places, tmp_path / "none.shenbao")
    assert not (tmp_path / "none.shenbao").exists()


def test_a_swapped_evidence_file_is_refused(tmp_path: Path) -> None:
    """§ Fingerprint and bundle: rebuilt by hand with other evidence under the old name, it is refused."""
    path, _ = write(tmp_path, FILES)
    forged = tmp_path / "forged.shenbao"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(forged, "w") as new:
        for entry in old.infolist():
            body = b"other" if entry.filename.startswith("attachments/") else old.read(entry)
            new.writestr(entry, body)
    with pytest.raises(AppError, match="bundle_altered"):
        verify_bundle(forged)
