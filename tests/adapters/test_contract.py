"""The rehearsal platform against its own contract: schemathesis makes up requests and finds nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.adapters.platform_fixture import (
    PASSWORD,
    ROOT,
    RunningPlatform,
    package,
    reviewer,
    running,
    send,
    transport,
)

CONTRACT = ROOT / "resources" / "platform" / "openapi.yaml"
HOOKS = Path(__file__).with_name("contract_hooks.py")
# refusals of the contract for what no schema can tell: 412, 413, 415 and 460 are tus's own
SEMANTIC = "[200, 201, 204, 401, 403, 404, 409, 412, 413, 415, 422, 460]"
REFUSED = "[400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 460]"


def explore(url: str, folder: Path, token: str, examples: int, *more: str, ids: str = "") -> None:
    """Let schemathesis try every operation; it must find nothing."""
    config = folder / "schemathesis.toml"
    config.write_text(
        f"hooks = {str(HOOKS)!r}\n[checks]\n"
        f"negative_data_rejection.expected-statuses = {REFUSED}\n"
        f"missing_required_header.expected-statuses = {REFUSED}\n"
        f"positive_data_acceptance.expected-statuses = {SEMANTIC}\n"
        f"[parameters]\n{ids}\n",
        "utf-8",
    )
    words = [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    words += [str(CONTRACT), "--url", url, "--header", f"Authorization: Bearer {token}"]
    words += ["--phases", "coverage,fuzzing", "--max-examples", str(examples), "--no-color"]
    words += ["--generation-deterministic", "--warnings", "off", *more]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout


@dataclass(frozen=True)
class World:
    """A platform with one report in review."""

    platform: RunningPlatform
    folder: Path

    def token(self, account: str) -> str:
        """Sign in as this account."""
        body = {"account": account, "password": PASSWORD}
        with reviewer(self.platform, account) as session:
            return str(json.loads(session.http.ask("POST", "/sessions", content=body).body)["token"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running(tmp_path / "platform") as platform:
        with transport(platform.url, platform.key) as client:
            send(client, package(tmp_path))
        yield World(platform, tmp_path)


KNOWN = 'submission_id = "YL2023-000001"\nprogramme_id = "small"\ndelivery_id = "report"\n'


def test_nothing_is_found_for_a_filler(world: World) -> None:
    """Contract: statuses, types, headers, schemas, refusals of what is malformed, on every operation."""
    out = ("--exclude-operation-id", "signOut", "--exclude-path-regex", "^/rehearsal/clock")
    explore(world.platform.url, world.folder, world.token("filler"), 2, *out, ids=KNOWN)


def test_nothing_is_found_for_reviewers_and_administrators(world: World) -> None:
    """The same for what only they may do: notes, decisions, accounts; and at last for the clock."""
    url, folder = world.platform.url, world.folder
    explore(url, folder, world.token("review-unit_review"), 2, "--include-tag", "reviews", ids=KNOWN)
    explore(
        url, folder, world.token("unit"), 2, "--include-path-regex", "^/(accounts|sessions|rehearsal/clock)"
    )
