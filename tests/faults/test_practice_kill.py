"""SIGKILL of the rehearsal platform at any moment: nothing that was acknowledged is lost (reliability §4)."""

from __future__ import annotations

import http.client
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.errors import AppError
from app.model.submission import Receipt
from app.transport.base import State, SubmissionStatus
from app.transport.courier import Timing
from app.transport.platform import PlatformTransport
from app.transport.review import approve
from tests.adapters.platform_fixture import IN_TIME, PASSWORD, package
from tests.adapters.test_practice_platform import ask, start_process

KILLS = int(os.environ.get("SHENBAO_KILLS", "2"))
"""How often each test kills; many more were tried by hand with the variable set."""
SIZE = 1_500_000


class Mortal:
    """A platform on one port that is killed again and again, each time at another moment."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def live(self) -> None:
        """Start, and wait until it answers."""
        self.process = start_process(self.folder, self.port)
        assert self.process.stdout is not None
        assert int(self.process.stdout.readline()) == self.port

    def die(self) -> None:
        """Be killed, without a word."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()
        self.process = None


def key_of(url: str) -> str:
    key = ask(url, "GET", "/platform").json["key"]
    assert isinstance(key, dict)
    return str(key["fingerprint"])


def kill_while(mortal: Mortal, moments: random.Random, work: Callable[[], None]) -> int:
    """Kill and restart the platform while work goes on, at moments drawn; give how often."""
    done = threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)
        finally:
            done.set()

    worker = threading.Thread(target=run)
    worker.start()
    kills = 0
    while kills < KILLS and not done.wait(moments.uniform(0.0, 0.06)):
        mortal.die()
        kills += 1
        mortal.live()
    worker.join()
    if errors:
        raise errors[0]
    return kills


def test_a_platform_killed_while_a_report_arrives(tmp_path: Path) -> None:
    """Exactly one whole report, one receipt that stays, and no acknowledged byte sent twice or lost."""
    mortal, moments = Mortal(tmp_path / "data"), random.Random(20230105)
    mortal.live()
    key, parcel = key_of(mortal.url), package(tmp_path, size=SIZE)
    told: list[int] = []
    receipts: list[Receipt] = []

    def send_it() -> None:
        timing = Timing(tries=400, sleep=lambda _seconds: time.sleep(0.01), now=lambda: IN_TIME)
        with PlatformTransport(
            mortal.url, "filler", trusted_key=key, password=PASSWORD, timing=timing
        ) as client:
            receipts.append(
                client.send(parcel, report=lambda done, _total: told.append(done), cancelled=lambda: False)
            )

    kills = kill_while(mortal, moments, send_it)
    assert kills >= 1
    assert told == sorted(told), "acknowledged bytes went missing"
    mortal.die()
    mortal.live()
    with PlatformTransport(mortal.url, "filler", trusted_key=key, password=PASSWORD) as client:
        again = client.send(parcel, report=lambda _done, _total: None, cancelled=lambda: False)
        assert again.document == receipts[0].document
        listed = client.session.ask_json("GET", "/submissions")["submissions"]
        assert isinstance(listed, list)
        assert [one["state"] for one in listed if one["state"] != "given_up"] == ["in_review"]
        bearer = {"Authorization": f"Bearer {client.session.http.token}"}
        stored = ask(mortal.url, "GET", f"/submissions/{again.number}/files/report", headers=bearer)
    assert stored.body == parcel.path.read_bytes()
    mortal.die()


def test_a_platform_killed_while_it_is_decided(tmp_path: Path) -> None:
    """A decision is there in whole or not at all: approved with its signed report, or still waiting."""
    mortal, moments = Mortal(tmp_path / "data"), random.Random(7)
    mortal.live()
    key, parcel = key_of(mortal.url), package(tmp_path)
    with PlatformTransport(mortal.url, "filler", trusted_key=key, password=PASSWORD) as client:
        number = client.send(parcel, report=lambda _done, _total: None, cancelled=lambda: False).number
    answered: list[SubmissionStatus] = []

    def decide(account: str, stage: str) -> None:
        while True:
            try:
                with PlatformTransport(mortal.url, account, trusted_key=key, password=PASSWORD) as client:
                    if stage in {step.stage for step in client.status(number).history}:
                        return
                    answered.append(approve(client.session, number, stage))
                    return
            except (AppError, OSError, http.client.HTTPException):
                time.sleep(0.01)

    for account, stage in (("unit", "unit_review"), ("review-bureau_review", "bureau_review")):
        kill_while(mortal, moments, lambda account=account, stage=stage: decide(account, stage))  # type: ignore[misc]
    mortal.die()
    mortal.live()
    with PlatformTransport(mortal.url, "filler", trusted_key=key, password=PASSWORD) as client:
        status = client.status(number)
        assert status.state is State.APPROVED
        assert [step.kind for step in status.history] == ["submitted", "approved", "approved"]
        report = client.fetch_approved(number)
        assert report.verification_code == status.verification_code
    mortal.die()
