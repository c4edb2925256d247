"""Every programme that ships goes its whole way: filled, sealed, each stage registered by hand, in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app import paths
from app.clock import format_moment
from app.model.programme import Counts, Programme, Stage
from app.model.submission import EventKind
from app.programmes.loader import load
from tests.stories.commands import Answer, Desk

FOLDERS = sorted(path.parent for path in (paths.resources() / "programmes").glob("*/programme.toml"))
each_programme = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)


def planned_close(stage: Stage) -> datetime | None:
    """The strictest reading is planned for."""
    closings = [stage.closes, *(reading.closes for reading in stage.readings)]
    return min((one for one in closings if one is not None), default=None)


def sealed(desk: Desk, programme: Programme, folder: Path) -> tuple[str, datetime]:
    now = next(
        stage.opens + (stage.closes - stage.opens) / 2
        for stage in programme.stages
        if stage.opens and stage.closes
    )
    made = desk.run(
        "new",
        programme.id,
        "--answers",
        folder / "samples" / "complete.json",
        "--json",
        "--now",
        format_moment(now),
    )
    draft = str(made.json["draft"])
    answer = desk.run("seal", draft, "--json", "--now", format_moment(now))
    assert answer.code == 0, answer
    return draft, now


def register(
    desk: Desk, draft: str, stage: Stage, kind: EventKind, at: datetime, grade: str, paper: Path
) -> Answer:
    words = [
        "event",
        draft,
        kind.value,
        "--at",
        format_moment(at),
        "--now",
        format_moment(at + timedelta(days=3)),
    ]
    words += ["--stage", stage.id, "--note", "人工登记", "--number", "A-1", "--who", "张三", "--json"]
    words += ["--grade", grade] if kind is EventKind.RESULT else []
    words += ["--file", str(paper)] if kind is EventKind.DOWNLOADED else []
    return desk.run(*words)


@each_programme
def test_each_stage_can_be_registered_by_hand(desk: Desk, folder: Path) -> None:
    """COMMON, «the program serves the deadline»: what happened outside is registered by hand."""
    programme = load(folder)
    draft, now = sealed(desk, programme, folder)
    moment = now
    grade = (*programme.grades, "通过")[0]
    paper = next((folder / "samples" / "files").glob("*.pdf"))
    for stage in programme.stages:
        moment += timedelta(minutes=10)
        close = planned_close(stage)
        if stage.counts is Counts.POSTED and close is not None:
            # the last evening of the notice counts, however late it is registered
            moment = close - timedelta(hours=1)
        kind = next((one for one in stage.done_by if one is not EventKind.UPLOADED), stage.done_by[0])
        if kind is not EventKind.SEALED:
            answer = register(desk, draft, stage, kind, moment, grade, paper)
            assert answer.code == 0, (stage.id, answer)
    states = desk.run("stages", draft, "--json", "--now", format_moment(moment + timedelta(days=4))).json[
        "stages"
    ]
    assert {one["state"] for one in states} == {"done"}, states
    assert not any(one["done_late"] for one in states), states


@each_programme
def test_proofs_of_every_part_are_printed(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """Issue 6: printing works for every programme without a line that names one."""
    programme = load(folder)
    draft, now = sealed(desk, programme, folder)
    answer = desk.run("print", draft, "--proof", "--out", tmp_path, "--json", "--now", format_moment(now))
    assert answer.code == 0, answer
    printed = {path.name for path in tmp_path.glob("proof-*.pdf")}
    wanted = [
        part for part in programme.packet.parts if part.in_book and part.kind.value != "platform_report"
    ]
    assert {f"proof-{part.id}.pdf" for part in wanted} <= printed
