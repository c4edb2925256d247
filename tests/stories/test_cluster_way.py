"""The way of a cluster's summary: two seals by two parties, scanned one after the other (seed 001 四, 五)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.stories.commands import Desk

CLUSTER = "torch-cluster-2022"
ORDER = ("submitted", "approved", "stamped_by_bureau", "downloaded", "stamped", "scanned", "delivered")


def states(desk: Desk, draft: str, now: str) -> dict[str, str]:
    answer = desk.run("stages", draft, "--now", now, "--json").json
    return {stage["id"]: stage["state"] for stage in answer["stages"]}


def test_from_filling_to_the_stamped_page(desk: Desk, root: Path, tmp_path: Path) -> None:
    """Seed 001 四: province stamps and scans, the cluster downloads, stamps, scans and uploads the page."""
    sample = root / "resources" / "programmes" / CLUSTER / "samples" / "complete.json"
    document = json.loads(sample.read_text("utf-8"))
    document["attachments"] = []
    (tmp_path / "answers.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    draft = desk.run("new", CLUSTER, "--answers", tmp_path / "answers.json", "--json").json["draft"]
    assert desk.run("seal", draft, "--reason", "演练", "--now", "2023-04-04T09:00:00+08:00").code == 0
    scan = tmp_path / "approved.pdf"
    shutil.copyfile(next(sample.parent.glob("files/*.pdf")), scan)
    stages = list(states(desk, draft, "2023-04-04T10:00:00+08:00"))
    assert len(stages) == len(ORDER)
    for day, kind in enumerate(ORDER, 5):
        now = f"2023-04-{day:02}T10:00:00+08:00"
        assert states(desk, draft, now)[stages[day - 5]] in ("open", "closing"), kind
        more = (
            ["--file", scan, "--note", "已核对"]
            if kind == "downloaded"
            else ["--number", "A-1"]
            if kind == "submitted"
            else []
        )
        assert desk.run("event", draft, kind, *more, "--now", now).code == 0
    assert set(states(desk, draft, "2023-04-11T11:00:00+08:00").values()) == {"done"}


def test_the_window_is_closed_from_the_evening_of_the_14th(desk: Desk, root: Path) -> None:
    """Seed 001 五: 3 to 14 April; the stricter reading is planned, the plain end of the day is shown."""
    for now, state in (
        ("2023-04-02T23:59:59+08:00", "upcoming"),
        ("2023-04-03T00:00:00+08:00", "open"),
        ("2023-04-14T17:59:59+08:00", "closing"),
        ("2023-04-14T18:00:00+08:00", "late"),
    ):
        answer = desk.run("stages", "--programme", CLUSTER, "--now", now, "--json").json
        fill = answer["stages"][0]
        assert fill["state"] == state, now
        assert fill["notice_closes"] == "2023-04-15T00:00:00+08:00"
