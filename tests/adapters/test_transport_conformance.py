"""One conformance suite over all transports (issue «Sending»): platform, folder, manual have equal rank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import AppError
from app.model.submission import EventKind
from app.services.standing import Step, read_standing
from app.transport.base import Mark
from tests.adapters.transport_ways import WAYS, Way, World, way, world

ARRIVED = {"platform": Step.RECEIVED, "folder": Step.RECEIVED, "manual": Step.SUBMITTED}
REFUSED = frozenset({"attachment_altered", "package_changed", "rejected"})


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as report:
        yield report


@pytest.fixture(params=WAYS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sent_by(name: str, made: World) -> Iterator[Way]:
    with way(name, made) as ready:
        yield ready


def kinds(made: World) -> list[EventKind]:
    return [one.kind for one in made.workplace.store.events.list(made.draft_id)]


def test_one_whole_report_and_the_same_proof_when_repeated(name: str, made: World, sent_by: Way) -> None:
    """Exactly one whole report on the other side; repeating gives the same number and the same proof."""
    before = read_standing(made.workplace, made.draft_id)
    assert before.step is Step.WAITING
    number = sent_by.submit()
    standing = read_standing(made.workplace, made.draft_id)
    assert standing.step is ARRIVED[name] and standing.number == number
    proof, whole = sent_by.proof(), sent_by.reports()
    assert proof and len(whole) == 1
    record = kinds(made)
    assert sent_by.submit() == number
    assert sent_by.proof() == proof and sent_by.reports() == whole and kinds(made) == record


def test_altered_bytes_are_refused(made: World, sent_by: Way) -> None:
    """One altered byte on the way: refused, nothing arrives, the report still waits."""
    sent_by.alter()
    with pytest.raises(AppError) as caught:
        sent_by.submit()
    assert caught.value.code in REFUSED
    assert sent_by.reports() == []
    assert read_standing(made.workplace, made.draft_id).step is Step.WAITING
    assert made.workplace.messages.error(caught.value)


def test_a_return_marks_the_right_field_and_the_corrected_one_replaces_it(
    name: str, made: World, sent_by: Way
) -> None:
    """A return lands on the field with the reviewer's words; the corrected revision goes the same way."""
    sent_by.submit()
    first = sent_by.reports()
    sent_by.return_with("名称与执照不符", Mark("请写全称", "a01"))
    sent_by.fetch()
    standing = read_standing(made.workplace, made.draft_id)
    assert standing.step is Step.RETURNED and standing.returned is not None
    assert standing.returned.reason == "名称与执照不符"
    assert [(one.path, one.text) for one in standing.returned.marks] == [("a01", "请写全称")]
    made.correct("某单位全称")
    sent_by.submit()
    assert read_standing(made.workplace, made.draft_id).step is ARRIVED[name]
    assert sent_by.reports() != first


def test_approval_brings_the_watermarked_report(made: World, sent_by: Way) -> None:
    """The watermarked report comes home byte for byte and is bound from there."""
    sent_by.submit()
    pdf = sent_by.approve()
    sent_by.fetch()
    events = made.workplace.store.events.list(made.draft_id)
    taken = [one for one in events if one.kind is EventKind.DOWNLOADED]
    assert len(taken) == 1 and EventKind.APPROVED in kinds(made)
    assert made.workplace.store.attachments.open(taken[0].file).read_bytes() == pdf
    sent_by.fetch()
    assert kinds(made).count(EventKind.DOWNLOADED) == 1


def test_a_closed_window_is_said(made: World, sent_by: Way) -> None:
    """After the deadline the clerk is told when it was, and nothing is taken for received."""
    told = sent_by.told_closed()
    assert "截止" in told and ("2023-01-05 21:00" in told or "2023年1月5日 21:00" in told)
    assert sent_by.reports() == []
    assert read_standing(made.workplace, made.draft_id).step is Step.WAITING
