"""Sending by a carried folder: whole, resumable, verified like HTTP (issue «Sending»)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from app.errors import AppError
from app.model.submission import Receipt
from app.practice import create_app
from app.practice.accounts import User
from app.practice.folders import take_folder
from app.practice.key import key_fingerprint
from app.practice.platform import Platform
from app.practice.reviews import Notes, decide
from app.practice.site import Role
from app.practice.submissions import find_submission
from app.transport.base import Mark, Package, State
from app.transport.folder import ANSWER, FolderTransport
from tests.adapters.platform_fixture import IN_TIME, ROOT, package, running, send, site, transport

JUDGES = {
    stage: User(f"review-{stage}", Role.REVIEWER, "", stage, (stage,))
    for stage in ("unit_review", "bureau_review")
}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = create_app(site(), tmp_path / "platform", lambda: IN_TIME).state.platform
    yield made
    made.database.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def carrier(stick: Path, platform: Platform) -> FolderTransport:
    return FolderTransport(stick, "filler", trusted_key=key_fingerprint(platform.key))


def write(carrying: FolderTransport, parcel: Package, cancelled: Callable[[], bool] = lambda: False) -> str:
    """Write, and give the code of what is awaited or wrong."""
    with pytest.raises(AppError) as caught:
        carrying.send(parcel, report=lambda _done, _total: None, cancelled=cancelled)
    return caught.value.code


def answered(carrying: FolderTransport, parcel: Package) -> Receipt:
    answer = carrying.answer(parcel.fingerprint, parcel.sha256, parcel.programme_id)
    assert answer is not None
    return answer.receipt


def approve(platform: Platform, number: str) -> None:
    for stage, judge in JUDGES.items():
        decide(platform, judge, find_submission(platform, number), stage, Notes(), approved=True)


def test_there_and_back(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """Write, take in, read the receipt; the same receipt whenever it is carried again."""
    parcel, carrying = package(tmp_path), carrier(stick, platform)
    seen: list[tuple[int, int]] = []
    with pytest.raises(AppError) as caught:
        carrying.send(parcel, report=lambda *at: seen.append(at), cancelled=lambda: False)
    assert caught.value.code == "answer_awaited" and seen[-1] == (seen[-1][1], parcel.path.stat().st_size)
    assert carrying.answer(parcel.fingerprint, parcel.sha256, "small") is None
    (taken,) = take_folder(platform, stick)
    receipt = answered(carrying, parcel)
    assert taken.number == receipt.number and receipt.rehearsal
    assert carrying.send(parcel, report=lambda *_: None, cancelled=lambda: False) == receipt
    before = {path: path.stat().st_mtime_ns for path in stick.rglob("*") if path.is_file()}
    assert take_folder(platform, stick) == (taken,)
    assert {path: path.stat().st_mtime_ns for path in stick.rglob("*") if path.is_file()} == before
    assert platform.database.execute("select count(*) from submissions").fetchone()[0] == 1
    assert carrying.status(receipt.number).state is State.IN_REVIEW
    with pytest.raises(AppError) as early:
        carrying.fetch_approved(receipt.number)
    assert early.value.code == "not_approved_yet"


def test_the_same_package_by_line_and_by_stick_is_one(tmp_path: Path, stick: Path) -> None:
    """Idempotency-Key: account + submission + bundle hash: one report, whichever way it comes."""
    parcel = package(tmp_path)
    with running(tmp_path / "platform") as there:
        by_line = send(transport(there.url, there.key), parcel)
        carrying = carrier(stick, there.platform)
        assert write(carrying, parcel) == "answer_awaited"
        take_folder(there.platform, stick)
        assert answered(carrying, parcel).document == by_line


def test_a_return_and_an_approval_come_home(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """Marks, verification code and watermarked report as over HTTP."""
    parcel, carrying = package(tmp_path), carrier(stick, platform)
    write(carrying, parcel)
    take_folder(platform, stick)
    number = answered(carrying, parcel).number
    notes = Notes("请核对", ({"text": "数字不符", "path": "a01", "page": 0},))
    decide(
        platform,
        JUDGES["unit_review"],
        find_submission(platform, number),
        "unit_review",
        notes,
        approved=False,
    )
    take_folder(platform, stick)
    status = carrying.status(number)
    assert status.state is State.RETURNED and status.marks == (Mark("数字不符", "a01", 0),)
    corrected = package(tmp_path, "改正稿")
    write(carrying, corrected)
    take_folder(platform, stick)
    second = answered(carrying, corrected)
    assert carrying.status(second.number).replaces == number
    approve(platform, second.number)
    take_folder(platform, stick)
    report = carrying.fetch_approved(second.number)
    assert report.pdf.startswith(b"%PDF-") and report.verification_code.startswith("YL-")
    assert carrying.status(number).state is State.REPLACED


def test_no_byte_of_an_answer_can_be_altered(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """It is done when: an answer that was altered in any one byte is refused (sweep)."""
    parcel, carrying = package(tmp_path), carrier(stick, platform)
    write(carrying, parcel)
    take_folder(platform, stick)
    number = answered(carrying, parcel).number
    approve(platform, number)
    take_folder(platform, stick)
    (place,) = stick.iterdir()
    codes = set()
    for file in sorted((place / ANSWER).iterdir()):
        whole = file.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 150)):
            altered = bytearray(whole)
            altered[at] ^= 1 << (at % 7)
            file.write_bytes(altered)
            with pytest.raises(AppError) as caught:
                answered(carrying, parcel)
                carrying.fetch_approved(number)
            codes.add(caught.value.code)
        file.write_bytes(whole)
    assert codes == {"receipt_forged", "answer_forged"}
    assert carrying.fetch_approved(number).pdf


def test_only_the_trusted_key_counts(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """Never trusted blindly: without a key its fingerprint is asked about, another key is refused."""
    parcel = package(tmp_path)
    write(carrier(stick, platform), parcel)
    take_folder(platform, stick)
    unknown = FolderTransport(stick, "filler", trusted_key=None)
    with pytest.raises(AppError) as caught:
        answered(unknown, parcel)
    assert caught.value.code == "platform_key_unconfirmed"
    assert caught.value.params["fingerprint"] == key_fingerprint(platform.key)
    other = FolderTransport(stick, "filler", trusted_key="sha256:" + "0" * 64)
    with pytest.raises(AppError) as forged:
        answered(other, parcel)
    assert forged.value.code == "receipt_forged"


def test_another_reports_answer_is_refused(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """A sound answer to something else, put into this folder, counts for nothing."""
    carrying, first, second = carrier(stick, platform), package(tmp_path), package(tmp_path, "另一份")
    write(carrying, first)
    take_folder(platform, stick)
    place = carrying.place_of(second.fingerprint, second.sha256)
    write(carrying, second)
    carrying.place_of(first.fingerprint, first.sha256).joinpath(ANSWER).rename(place / ANSWER)
    with pytest.raises(AppError) as caught:
        answered(carrying, second)
    assert caught.value.code == "receipt_forged"


def test_stopping_leaves_nothing_half(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """Cancelled or pulled out: no request, no half bundle; the next time it is written whole."""
    parcel, carrying = package(tmp_path, size=3 << 20), carrier(stick, platform)
    asked = iter((False, True, True))
    assert write(carrying, parcel, lambda: next(asked)) == "cancelled"
    (place,) = stick.iterdir()
    assert list(place.iterdir()) == []
    assert take_folder(platform, stick) == ()
    assert write(carrying, parcel) == "answer_awaited"
    assert len(take_folder(platform, stick)) == 1
    blocked = FolderTransport(tmp_path / "platform" / "platform.sqlite", "filler", trusted_key=None)
    assert write(blocked, parcel) == "cannot_write"
    parcel.path.write_bytes(b"other")
    assert write(carrier(tmp_path / "second", platform), parcel) == "package_changed"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"account": "nobody"}, "sign_in_refused"),
        ({"account": "review-unit_review"}, "forbidden"),
        ({"contract": "other/1"}, "request_unreadable"),
        ({"programme_id": "other"}, "programme_unknown"),
        ({"idempotency_key": 5}, "request_unreadable"),
        ({"idempotency_key": "short"}, "idempotency_key_missing"),
        ({"files": []}, "delivery_missing"),
    ],
)
def test_what_the_platform_refuses_is_told(
    change: dict[str, object], problem: str, platform: Platform, stick: Path, tmp_path: Path
) -> None:
    """A refusal comes home signed and bound to this very request."""
    parcel, carrying = package(tmp_path), carrier(stick, platform)
    write(carrying, parcel)
    (request,) = stick.glob("*/request.json")
    request.write_text(json.dumps({**json.loads(request.read_bytes()), **change}))
    (taken,) = take_folder(platform, stick)
    assert taken.refused == problem
    with pytest.raises(AppError) as caught:
        carrying.answer(parcel.fingerprint, parcel.sha256, "small")
    assert caught.value.code == "rejected" and caught.value.params["problem"] == problem
    refusal = request.parent / ANSWER / "refusal.json"
    stamp = refusal.stat().st_mtime_ns
    take_folder(platform, stick)
    assert refusal.stat().st_mtime_ns == stamp
    refusal.write_bytes(refusal.read_bytes().replace(b'"code"', b'"cose"'))
    with pytest.raises(AppError) as forged:
        carrying.answer(parcel.fingerprint, parcel.sha256, "small")
    assert forged.value.code == "answer_forged"
    # written anew, the old refusal is gone, and the sound request is taken
    assert write(carrying, parcel) == "answer_awaited"
    take_folder(platform, stick)
    assert answered(carrying, parcel).number


def test_files_from_elsewhere_are_not_taken(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """CWE-22, CWE-59: a name with a way in it, or a link, brings in nothing from outside the folder."""
    parcel, carrying = package(tmp_path), carrier(stick, platform)
    write(carrying, parcel)
    (request,) = stick.glob("*/request.json")
    content = json.loads(request.read_bytes())
    bundle = request.parent / content["files"][0]["name"]
    bundle.rename(stick / "outside.shenbao")
    content["files"][0]["name"] = "../outside.shenbao"
    request.write_text(json.dumps(content))
    assert take_folder(platform, stick)[0].refused == "delivery_missing"
    (request.parent / "outside.shenbao").symlink_to(stick / "outside.shenbao")
    assert take_folder(platform, stick)[0].refused == "delivery_missing"
    assert (
        platform.database.execute(
            "select count(*) from submissions where received_at is not null"
        ).fetchone()[0]
        == 0
    )


def test_a_bundle_altered_on_the_stick_is_refused(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """Hash of the whole: one byte altered on the way there is found, and sending again mends it."""
    parcel, carrying = package(tmp_path), carrier(stick, platform)
    write(carrying, parcel)
    (bundle,) = stick.glob("*/*.shenbao")
    content = bytearray(bundle.read_bytes())
    content[1000] ^= 4
    bundle.write_bytes(content)
    assert take_folder(platform, stick)[0].refused == "whole_file_mismatch"
    assert write(carrying, parcel) == "answer_awaited"
    assert take_folder(platform, stick)[0].number


def test_a_running_platform_answers_what_lies_there(stick: Path, tmp_path: Path) -> None:
    """Rehearsal: while it runs it looks into the folder, and takes in and answers what lies there."""
    app = create_app(site(), tmp_path / "platform", lambda: IN_TIME, folder=stick)
    parcel, carrying = package(tmp_path), carrier(stick, app.state.platform)
    write(carrying, parcel)

    async def run() -> None:
        async with app.router.lifespan_context(app):
            for _ in range(3):
                await asyncio.sleep(0)

    asyncio.run(run())
    assert answered(carrying, parcel).rehearsal


def test_what_travels_fits_the_contract(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """Contract: openapi.yaml describes each document of a folder."""
    contract = yaml.safe_load((ROOT / "resources" / "platform" / "openapi.yaml").read_text("utf-8"))

    def check(name: str, path: Path) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": contract["components"]}
        jsonschema_rs.validator_for(schema).validate(json.loads(path.read_bytes()))

    parcel, carrying = package(tmp_path), carrier(stick, platform)
    write(carrying, parcel)
    take_folder(platform, stick)
    approve(platform, answered(carrying, parcel).number)
    take_folder(platform, stick)
    (place,) = stick.iterdir()
    check("FolderRequest", place / "request.json")
    for name, file in (("Receipt", "receipt"), ("Status", "status"), ("Approval", "approval")):
        check(f"Signed{name}", place / ANSWER / f"{file}.json")
    second = package(tmp_path, "第二份")
    write(carrying, second)
    take_folder(platform, stick)
    check("SignedRefusal", carrying.place_of(second.fingerprint, second.sha256) / ANSWER / "refusal.json")
    with pytest.raises(jsonschema_rs.ValidationError):
        check("SignedReceipt", place / ANSWER / "status.json")


def test_a_broken_answer_is_no_answer(platform: Platform, stick: Path, tmp_path: Path) -> None:
    """Files that are missing, too long or of another bundle's number."""
    parcel, carrying = package(tmp_path), carrier(stick, platform)
    write(carrying, parcel)
    take_folder(platform, stick)
    number = answered(carrying, parcel).number
    (status,) = stick.glob("*/answer/status.json")
    status.unlink()
    answer = carrying.answer(parcel.fingerprint, parcel.sha256, "small")
    assert answer is not None and answer.status is None
    with pytest.raises(AppError) as caught:
        carrying.status(number)
    assert caught.value.code == "answer_forged"
    with pytest.raises(AppError) as other:
        carrying.status("YL2023-999999")
    assert other.value.code == "answer_awaited"
    (receipt,) = stick.glob("*/answer/receipt.json")
    receipt.write_bytes(receipt.read_bytes() + b" " * (1 << 20))
    with pytest.raises(AppError):
        answered(carrying, parcel)
