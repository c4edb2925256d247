"""A rehearsal platform with something on it, and a reviewer that needs nobody."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from app.practice import create_app
from app.practice.scripted import review_next
from app.practice.seed import seed
from app.transport.base import State
from tests.adapters.platform_fixture import (
    IN_TIME,
    package,
    reviewer,
    running,
    send,
    site,
    transport,
)
from tests.adapters.test_practice_platform import ask, sign_in


def test_a_seeded_platform_shows_every_point_of_the_way(tmp_path: Path) -> None:
    """Rehearsal platform: seeded, reports of other units wait, were returned and approved; only once."""
    bundles = {"small": package(tmp_path).path}
    for _ in range(2):
        with running(tmp_path / "platform") as platform:
            assert seed(platform.platform, bundles) == 3
            bureau = sign_in(platform.url, "review-bureau_review")
            shown = ask(platform.url, "GET", "/submissions", headers=bureau).json["submissions"]
            assert isinstance(shown, list)
            assert [one["state"] for one in shown] == ["approved", "returned", "in_review"]
            assert shown[1]["reason"] and shown[1]["marks"]
            own = ask(platform.url, "GET", "/submissions", headers=sign_in(platform.url, "filler")).json
            assert own["submissions"] == []
    with running(tmp_path / "platform") as platform, transport(platform.url, platform.key) as client:
        assert send(client, package(tmp_path))


def test_a_closed_window_is_not_seeded(tmp_path: Path) -> None:
    """The platform's own rules hold for the seed too."""
    with running(tmp_path / "platform", IN_TIME + timedelta(days=30)) as platform:
        assert seed(platform.platform, {"small": package(tmp_path).path}) == 0


def test_the_scripted_reviewer_returns_once_then_approves(tmp_path: Path) -> None:
    """Rehearsal platform: a scripted reviewer for demonstrations, under the same rules as any other."""
    with running(tmp_path / "platform") as platform, transport(platform.url, platform.key) as client:
        assert review_next(platform.platform) == ""
        send(client, package(tmp_path))
        assert review_next(platform.platform) == "YL2023-000001"
        status = client.status("YL2023-000001")
        assert (status.state, bool(status.reason)) == (State.RETURNED, True)
        assert [mark.page for mark in status.marks] == [1]
        send(client, package(tmp_path, "改正稿"))
        assert [review_next(platform.platform) for _ in range(3)] == ["YL2023-000002", "YL2023-000002", ""]
        assert client.fetch_approved("YL2023-000002").verification_code.startswith("YL-")


def test_the_scripted_reviewer_waits_where_the_window_is_closed(tmp_path: Path) -> None:
    """What cannot be decided is left, and does not keep others waiting."""
    with running(tmp_path / "platform") as platform, transport(platform.url, platform.key) as client:
        send(client, package(tmp_path))
        ask(platform.url, "POST", "/rehearsal/clock", {"now": "2023-02-01T00:00:00+08:00"})
        assert review_next(platform.platform) == ""


def test_the_scripted_reviewer_lives_and_ends_with_the_platform(tmp_path: Path) -> None:
    """Its task is started and ended by the platform's own life."""
    made = create_app(site(), tmp_path / "platform", lambda: IN_TIME, scripted=True)

    async def live() -> tuple[int, int]:
        before = len(asyncio.all_tasks())
        async with made.router.lifespan_context(made):
            during = len(asyncio.all_tasks())
        return during - before, len(asyncio.all_tasks()) - before

    assert asyncio.run(live()) == (1, 0)


def test_each_reviewer_sees_his_own_list(tmp_path: Path) -> None:
    """Only what waits for this reviewer is listed as waiting."""
    with running(tmp_path / "platform") as platform:
        seed(platform.platform, {"small": package(tmp_path).path})
        with reviewer(platform, "review-bureau_review") as session:
            assert len(session.ask_json("GET", "/submissions?waiting=true")["submissions"]) == 1  # type: ignore[arg-type]
        with reviewer(platform, "review-unit_review") as session:
            assert session.ask_json("GET", "/submissions?waiting=true")["submissions"] == []
