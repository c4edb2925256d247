"""The rehearsal platform itself: contract, windows, reviewers, tus, and what survives a kill."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from app.clock import parse_moment
from app.errors import AppError
from app.model.programme import Counts, Delivery
from app.model.submission import Receipt
from app.practice import create_app, load_words
from app.practice.expiry import KEEP
from app.practice.problems import STATUS
from app.practice.server import ROUTES, bind
from app.practice.site import Role, bundle_delivery, deliveries_of
from app.transport.base import PackageFile
from tests.adapters.platform_fixture import (
    IN_TIME,
    PASSWORD,
    ROOT,
    RunningPlatform,
    bundle,
    package,
    programme,
    running,
    send,
    site,
    transport,
)

CONTRACT = yaml.safe_load((ROOT / "resources" / "platform" / "openapi.yaml").read_text("utf-8"))
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


def ask(
    url: str,
    method: str,
    path: str,
    content: object = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Reply:
    """Ask without any client of ours, so that a shared mistake cannot hide."""
    sent = dict(headers or {})
    if content is not None:
        body = json.dumps(content).encode()
        sent.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()
    assert parse_moment(reply.headers["platform-time"]).utcoffset() == timedelta(hours=8)
    if reply.status >= 400 and method != "HEAD":
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["rehearsal"] is True and str(reply.json["title"]).startswith("（演练）")
        assert STATUS[str(reply.json["code"])] == reply.status == reply.json["status"]
        assert reply.headers["problem-code"] == reply.json["code"]
    return reply


def sign_in(url: str, account: str) -> dict[str, str]:
    reply = ask(url, "POST", "/sessions", {"account": account, "password": PASSWORD})
    assert reply.status == 201
    return {"Authorization": f"Bearer {reply.json['token']}"}


def announce(url: str, user: Mapping[str, str], content: bytes, text: str = "初稿") -> Reply:
    digest = hashlib.sha256(content).hexdigest()
    file = {"delivery_id": "report", "name": "a.shenbao", "size": len(content), "sha256": digest}
    fingerprint = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    wanted = {"programme_id": "small", "title": text, "fingerprint": fingerprint, "files": [file]}
    return ask(url, "POST", "/submissions", wanted, {**user, "Idempotency-Key": "k" * 20 + digest})


def metadata(content: bytes, part: int | None = None) -> str:
    pairs = {"delivery": "report", "sha256": hashlib.sha256(content).hexdigest()}
    if part is not None:
        pairs["part"] = str(part)
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def chunk(content: bytes, offset: int, of: bytes | None = None) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(content if of is None else of).digest()).decode()
    kind = {"Content-Type": "application/offset+octet-stream"}
    return {**TUS, **kind, "Upload-Offset": str(offset), "Upload-Checksum": f"sha256 {digest}"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """A platform for tests that leave nothing behind."""
    with running(tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path / "platform") as found:
        yield found


def test_contract_and_platform_name_the_same_paths() -> None:
    """openapi.yaml is the contract: no path more, none less."""
    methods = ("get", "post", "put", "patch", "delete", "head", "options")
    written = {(path, m.upper()) for path, item in CONTRACT["paths"].items() for m in methods if m in item}
    served = {
        (route.path, method)
        for route in ROUTES
        for method in route.methods or set()
        if method != "HEAD" or "GET" not in (route.methods or set())
    }
    assert served == written


def test_contract_and_platform_know_the_same_problems() -> None:
    """Every code has a status, a Chinese sentence and an entry in the contract."""
    written = CONTRACT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert written == sorted(written)
    assert set(written) == set(STATUS) == set(load_words(ROOT / "resources").problems)


def test_references_of_the_contract_lead_somewhere() -> None:
    """A contract others build upon has no dangling reference."""
    references = re.findall(
        r"\$ref: \"#/([^\"]+)\"", (ROOT / "resources/platform/openapi.yaml").read_text("utf-8")
    )
    assert len(references) > 100
    for reference in references:
        node = CONTRACT
        for step in reference.split("/"):
            node = node[step]
        assert node


def test_answers_have_what_the_contract_requires(platform: RunningPlatform) -> None:
    """Required members of the schemas stand in real answers, all marked as a rehearsal's."""
    user = sign_in(platform.url, "filler")
    content = bundle("初稿")
    session = ask(platform.url, "POST", "/sessions", {"account": "unit", "password": PASSWORD})
    submission = announce(platform.url, user, content)
    listed = ask(platform.url, "GET", "/programmes", headers=user).json["programmes"]
    assert isinstance(listed, list)
    answers = {
        "Platform": ask(platform.url, "GET", "/platform").json,
        "Account": session.json,
        "Submission": submission.json,
        "Programme": ask(platform.url, "GET", "/programmes/small", headers=user).json,
        "Clock": ask(platform.url, "GET", "/rehearsal/clock").json,
    }
    for name, answer in answers.items():
        assert set(CONTRACT["components"]["schemas"][name]["required"]) <= set(answer), name
        assert answer["rehearsal"] is True
    assert listed == [answers["Programme"]]
    assert answers["Programme"]["submission_window"] == {
        "opens": "2022-12-22T00:00:00+08:00",
        "closes": "2023-01-05T21:00:00+08:00",
    }


def test_a_chunk_with_a_wrong_checksum_leaves_nothing(platform: RunningPlatform) -> None:
    """tus checksum: 460, offset unchanged; a wrong place gives 409 with the right one."""
    user, content = sign_in(platform.url, "filler"), bundle("初稿", 1000)
    number = announce(platform.url, user, content).json["id"]
    made = ask(
        platform.url,
        "POST",
        f"/submissions/{number}/uploads",
        headers={**user, **TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata(content)},
    )
    place = made.headers["location"]
    assert (made.status, made.headers["upload-offset"]) == (201, "0")
    wrong = ask(platform.url, "PATCH", place, headers={**user, **chunk(b"x", 0, b"y")}, body=b"x")
    assert (wrong.status, wrong.json["code"]) == (460, "checksum_mismatch")
    bare = {**user, **TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    assert ask(platform.url, "PATCH", place, headers=bare, body=b"x").json["code"] == "checksum_missing"
    half = content[:500]
    assert ask(platform.url, "PATCH", place, headers={**user, **chunk(half, 0)}, body=half).status == 204
    again = ask(platform.url, "PATCH", place, headers={**user, **chunk(half, 0)}, body=half)
    assert (again.status, again.headers["upload-offset"]) == (409, "500")
    head = ask(platform.url, "HEAD", place, headers={**user, **TUS})
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("500", str(len(content)))
    too_much = content[500:] + b"!"
    assert (
        ask(platform.url, "PATCH", place, headers={**user, **chunk(too_much, 500)}, body=too_much).status
        == 413
    )
    assert ask(platform.url, "HEAD", place, headers=user).status == 412
    ended = ask(platform.url, "DELETE", place, headers={**user, **TUS})
    assert ended.status == 204
    assert ask(platform.url, "HEAD", place, headers={**user, **TUS}).status == 404
    assert ask(platform.url, "POST", f"/submissions/{number}/complete", headers=user).json["code"] == (
        "delivery_missing"
    )


def test_a_whole_file_with_a_wrong_hash_is_thrown_away(platform: RunningPlatform) -> None:
    """Accepted only when the SHA-256 of the whole matches; then it can be sent again."""
    user, content = sign_in(platform.url, "filler"), bundle("初稿", 1000)
    number = announce(platform.url, user, content).json["id"]
    create = {**user, **TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata(content)}
    other, place = content[:-1] + b"?", ""
    for sent, status in ((other, 422), (content, 200)):
        place = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=create).headers[
            "location"
        ]
        assert ask(platform.url, "PATCH", place, headers={**user, **chunk(sent, 0)}, body=sent).status == 204
        done = ask(platform.url, "POST", f"/submissions/{number}/complete", headers=user)
        assert done.status == status
        if status == 422:
            assert done.json["code"] == "whole_file_mismatch"
    receipt = ask(platform.url, "GET", f"/submissions/{number}/receipt", headers=user)
    assert receipt.headers["content-type"] == "application/vnd.shenbao.receipt+json"
    assert ask(platform.url, "POST", f"/submissions/{number}/complete", headers=user).status == 200
    assert ask(platform.url, "GET", f"/submissions/{number}/receipt", headers=user).body == receipt.body
    assert ask(platform.url, "GET", f"/submissions/{number}/files/report", headers=user).body == content
    assert ask(platform.url, "DELETE", place, headers={**user, **TUS}).json["code"] == "wrong_state"


def test_parts_are_joined(platform: RunningPlatform) -> None:
    """tus concatenation: parts in any order of arrival, joined in the order named."""
    user, content = sign_in(platform.url, "filler"), bundle("初稿", 1000)
    number = announce(platform.url, user, content).json["id"]
    pieces, places = (content[:400], content[400:]), ["", ""]
    for part in (1, 0):
        length = {"Upload-Length": str(len(pieces[part])), "Upload-Concat": "partial"}
        create = {**user, **TUS, **length, "Upload-Metadata": metadata(content, part)}
        made = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=create)
        again = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=create)
        assert (made.status, again.status, made.headers["upload-concat"]) == (201, 200, "partial")
        assert made.headers["location"] == again.headers["location"]
        places[part] = made.headers["location"]
    join = {**user, **TUS, "Upload-Concat": "final;" + " ".join(places), "Upload-Metadata": metadata(content)}
    early = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=join)
    assert early.json["code"] == "request_unreadable"
    for part in (0, 1):
        headers = {**user, **chunk(pieces[part], 0)}
        assert ask(platform.url, "PATCH", places[part], headers=headers, body=pieces[part]).status == 204
    for status in (201, 200):
        joined = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=join)
        assert (joined.status, joined.headers["upload-offset"]) == (status, str(len(content)))
    assert ask(platform.url, "POST", f"/submissions/{number}/complete", headers=user).status == 200
    assert ask(platform.url, "GET", f"/submissions/{number}/files/report", headers=user).body == content


def test_an_idempotency_key_is_for_one_content(platform: RunningPlatform) -> None:
    """The same key with other content is refused, without a key nothing is created."""
    user = sign_in(platform.url, "filler")
    fingerprint = "sha256:" + "1" * 64
    file = {"delivery_id": "report", "name": "a", "size": 9, "sha256": "2" * 64}
    wanted = {"programme_id": "small", "title": "a", "fingerprint": fingerprint, "files": [file]}
    keyed = {**user, "Idempotency-Key": "k" * 64}
    assert ask(platform.url, "POST", "/submissions", wanted, user).json["code"] == "idempotency_key_missing"
    first = ask(platform.url, "POST", "/submissions", wanted, keyed)
    second = ask(platform.url, "POST", "/submissions", wanted, keyed)
    assert (first.status, second.status, first.json) == (201, 200, second.json)
    other = {**wanted, "title": "b"}
    assert ask(platform.url, "POST", "/submissions", other, keyed).json["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"programme_id": "other"}, "programme_unknown"),
        ({"programme_id": 3}, "request_unreadable"),
        ({"fingerprint": "sha256:xyz"}, "request_unreadable"),
        ({"files": []}, "delivery_missing"),
        ({"files": "x"}, "request_unreadable"),
        ({"files": [{"delivery_id": "x", "name": "a", "size": 1, "sha256": "2" * 64}]}, "delivery_unknown"),
        (
            {"files": [{"delivery_id": "report", "name": "a", "size": 0, "sha256": "2" * 64}]},
            "request_unreadable",
        ),
        (
            {"files": [{"delivery_id": "report", "name": "a", "size": 1 << 40, "sha256": "2" * 64}]},
            "too_large",
        ),
    ],
)
def test_announcements_that_make_no_sense(shared: RunningPlatform, change: object, code: str) -> None:
    """Each refusal has its own stable code."""
    assert isinstance(change, dict)
    file = {"delivery_id": "report", "name": "a", "size": 9, "sha256": "2" * 64}
    wanted = {"programme_id": "small", "title": "a", "fingerprint": "sha256:" + "1" * 64, "files": [file]}
    user = {**sign_in(shared.url, "filler"), "Idempotency-Key": "k" * 64}
    assert ask(shared.url, "POST", "/submissions", {**wanted, **change}, user).json["code"] == code


def test_who_may_do_what(platform: RunningPlatform, tmp_path: Path) -> None:
    """Reviewers do not file, fillers do not review, and each stage has its own reviewer and turn."""
    assert ask(platform.url, "GET", "/submissions").json["code"] == "token_refused"
    with transport(platform.url, platform.key) as client:
        send(client, package(tmp_path))
    filler, unit = sign_in(platform.url, "filler"), sign_in(platform.url, "review-unit_review")
    bureau = sign_in(platform.url, "review-bureau_review")
    assert announce(platform.url, unit, b"x").json["code"] == "forbidden"
    place = ask(platform.url, "GET", "/submissions", headers=unit).json["submissions"]
    assert isinstance(place, list)
    reviews = f"/submissions/{place[0]['id']}/reviews"
    own = {"stage": "unit_review", "decision": "approve"}
    assert ask(platform.url, "POST", reviews, own, filler).json["code"] == "forbidden"
    assert ask(platform.url, "POST", reviews, own, bureau).json["code"] == "forbidden"
    later = {**own, "stage": "bureau_review"}
    assert ask(platform.url, "POST", reviews, later, bureau).json["code"] == "wrong_state"
    assert ask(platform.url, "POST", reviews, {**own, "stage": "x"}, unit).json["code"] == "stage_unknown"
    bad_mark = {**own, "marks": [{"text": "a", "path": "a/b/c/d"}]}
    assert ask(platform.url, "POST", reviews, bad_mark, unit).json["code"] == "request_unreadable"
    note = {"reason": "", "marks": [{"text": "看这里", "path": "t1/r7/name"}]}
    assert ask(platform.url, "PUT", f"/submissions/{place[0]['id']}/review", note, unit).status == 200
    kept = ask(platform.url, "GET", f"/submissions/{place[0]['id']}/review", headers=unit).json
    assert kept["marks"] == [{"text": "看这里", "path": "t1/r7/name", "page": 0}]
    assert ask(platform.url, "POST", reviews, own, unit).status == 201
    assert ask(platform.url, "POST", reviews, own, unit).json["code"] == "wrong_state"
    assert ask(platform.url, "DELETE", "/sessions/current", headers=unit).status == 204
    assert ask(platform.url, "GET", "/submissions", headers=unit).json["code"] == "token_refused"


def test_review_windows_close_unless_the_rehearsal_says_otherwise(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    """Seed 000 §四.3: reviews end on time; the clock can be set, windows extended, rules relaxed."""
    with transport(platform.url, platform.key) as client:
        send(client, package(tmp_path))
    own = {"stage": "unit_review", "decision": "return", "reason": "请改"}
    set_to = ask(platform.url, "POST", "/rehearsal/clock", {"now": "2023-01-07T21:00:01+08:00"})
    assert set_to.json["now"] == "2023-01-07T21:00:01+08:00" == set_to.headers["platform-time"]
    unit = sign_in(platform.url, "unit")
    listed = ask(platform.url, "GET", "/submissions?waiting=true", headers=unit).json["submissions"]
    assert isinstance(listed, list)
    reviews = f"/submissions/{listed[0]['id']}/reviews"
    assert ask(platform.url, "POST", reviews, own, unit).json["closes"] == "2023-01-05T21:00:00+08:00"
    note = {"reason": "a", "marks": []}
    late = ask(platform.url, "PUT", f"/submissions/{listed[0]['id']}/review", note, unit)
    assert late.json["code"] == "window_closed"
    assert ask(platform.url, "PUT", "/rehearsal/rules", {"late_reviews": True}).json["late_reviews"] is True
    assert ask(platform.url, "POST", reviews, own, unit).json["state"] == "returned"
    with transport(platform.url, platform.key) as client, pytest.raises(AppError, match="window_closed"):
        send(client, package(tmp_path, "改正稿"))
    longer = {"programme_id": "small", "stage": "fill", "closes": "2023-01-08T21:00:00+08:00"}
    shown = ask(platform.url, "PUT", "/rehearsal/windows", longer).json["submission_window"]
    assert shown == {"opens": "2022-12-22T00:00:00+08:00", "closes": "2023-01-08T21:00:00+08:00"}
    with transport(platform.url, platform.key) as client:
        assert send(client, package(tmp_path, "改正稿"))


def test_beginning_in_time_counts_where_the_notice_says_so(tmp_path: Path) -> None:
    """Counts.STARTED: what was announced before the end may arrive after it."""
    plain = programme()
    started = replace(plain, stages=(replace(plain.stages[0], counts=Counts.STARTED), *plain.stages[1:]))
    end = parse_moment("2023-01-05T21:00:00+08:00")
    parcel = package(tmp_path, "大份", 300_000)

    def send_late(platform: RunningPlatform) -> Receipt:
        def pass_the_end(_done: int, _total: int) -> None:
            ask(platform.url, "POST", "/rehearsal/clock", {"now": "2023-01-05T21:05:00+08:00"})

        with transport(platform.url, platform.key) as client:
            return client.send(parcel, report=pass_the_end, cancelled=lambda: False)

    with running(tmp_path / "started", end, site(started)) as platform:
        assert send_late(platform).received_at == end + timedelta(minutes=5)
    with (
        running(tmp_path / "received", end, site(plain)) as platform,
        pytest.raises(AppError, match="window_closed"),
    ):
        send_late(platform)


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("/rehearsal/clock", {"now": "2023-01-07T21:00:01"}, "clock_unreadable"),
        ("/rehearsal/clock", {"now": 3}, "request_unreadable"),
        ("/rehearsal/clock", [], "request_unreadable"),
        ("/sessions", {"account": "filler", "password": "x"}, "sign_in_refused"),
        ("/sessions", {"account": "nobody", "password": PASSWORD}, "sign_in_refused"),
        ("/nowhere", {}, "not_found"),
        ("/platform", {}, "method_not_allowed"),
    ],
)
def test_requests_that_make_no_sense(shared: RunningPlatform, path: str, content: object, code: str) -> None:
    """Every refusal is problem+json with a stable code."""
    assert ask(shared.url, "POST", path, content).json["code"] == code


def test_other_web_pages_cannot_speak_to_it(shared: RunningPlatform) -> None:
    """A form of a web page has another content type; a renamed host has another Host."""
    form = {"Content-Type": "text/plain"}
    now = {"now": "2023-01-07T21:00:01+08:00"}
    assert ask(shared.url, "POST", "/rehearsal/clock", now, form).json["code"] == "wrong_type"
    foreign = {"Host": "example.org"}
    assert ask(shared.url, "POST", "/rehearsal/clock", now, foreign).json["code"] == "host_refused"
    assert ask(shared.url, "GET", "/rehearsal/clock").json["now"] == IN_TIME.isoformat()


def test_what_is_kept_and_how(tmp_path: Path) -> None:
    """Passwords salted and hashed, the key 0600 and the same after a restart, the clock runs on."""
    data = tmp_path / "platform"
    with running(data) as first:
        ask(first.url, "POST", "/rehearsal/clock", {"now": "2023-01-06T08:00:00+08:00"})
        key = first.key
        with pytest.raises(AppError, match="practice_in_use"):
            create_app(site(), data, lambda: IN_TIME)
    raw = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in raw
    if os.name == "posix":
        assert stat.S_IMODE((data / "key.ed25519").stat().st_mode) == 0o600
    with running(data, IN_TIME + timedelta(hours=1)) as second:
        assert second.key == key
        assert ask(second.url, "GET", "/rehearsal/clock").json["now"] == "2023-01-06T09:00:00+08:00"
    (data / "key.ed25519").write_bytes(b"short")
    with pytest.raises(AppError, match="practice_damaged"):
        create_app(site(), data, lambda: IN_TIME)


def test_a_damaged_or_impossible_folder_is_said(tmp_path: Path) -> None:
    """The world refuses: each with its own code."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AppError, match="practice_folder"):
        create_app(site(), tmp_path / "file" / "data", lambda: IN_TIME)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "platform.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(AppError, match="practice_damaged"):
        create_app(site(), tmp_path / "data", lambda: IN_TIME)
    with bind(0) as taken, pytest.raises(AppError, match="port_taken"):
        taken.listen()
        bind(int(taken.getsockname()[1]))


def test_no_acknowledged_byte_is_lost_by_a_kill(tmp_path: Path) -> None:
    """Reliability §4: SIGKILL right after each acknowledgement; HEAD tells what was acknowledged."""
    content = bundle("初稿", 40_000)
    number, place, offset = "", "", 0
    user: dict[str, str] = {}
    while offset < len(content):
        with _process(tmp_path) as (url, process):
            user = user or sign_in(url, "filler")
            if not number:
                number = str(announce(url, user, content).json["id"])
                create = {
                    **user,
                    **TUS,
                    "Upload-Length": str(len(content)),
                    "Upload-Metadata": metadata(content),
                }
                place = ask(url, "POST", f"/submissions/{number}/uploads", headers=create).headers["location"]
            assert ask(url, "HEAD", place, headers={**user, **TUS}).headers["upload-offset"] == str(offset)
            piece = content[offset : offset + 12_000]
            reply = ask(url, "PATCH", place, headers={**user, **chunk(piece, offset)}, body=piece)
            process.kill()
            assert reply.status == 204
            offset += len(piece)
    # bytes that were written but never acknowledged are cut off again
    with _process(tmp_path) as (url, process):
        assert ask(url, "POST", f"/submissions/{number}/complete", headers=user).json["state"] == "in_review"
        process.kill()
    with _process(tmp_path) as (url, _):
        assert ask(url, "GET", f"/submissions/{number}", headers=user).json["state"] == "in_review"
        assert ask(url, "GET", f"/submissions/{number}/files/report", headers=user).body == content


def start_process(data: Path, port: int = 0) -> subprocess.Popen[str]:
    """Start a platform as a process of its own; it tells its port when it listens."""
    command = [sys.executable, "-m", "tests.adapters.platform_fixture", str(data), str(port)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


class _process:  # noqa: N801
    """A platform of its own process, killed at the end."""

    def __init__(self, folder: Path) -> None:
        self.process = start_process(folder / "data")

    def __enter__(self) -> tuple[str, subprocess.Popen[str]]:
        assert self.process.stdout is not None
        return f"http://127.0.0.1:{int(self.process.stdout.readline())}", self.process

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()


def test_unacknowledged_bytes_are_cut_off(platform: RunningPlatform) -> None:
    """A crash between writing and acknowledging leaves bytes that must not count twice."""
    user, content = sign_in(platform.url, "filler"), bundle("初稿", 1000)
    number = announce(platform.url, user, content).json["id"]
    create = {**user, **TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata(content)}
    place = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=create).headers["location"]
    (path,) = [platform.platform.upload_path(place.rpartition("/")[2])]
    path.write_bytes(b"half a chunk from before the crash, longer than the whole" * 50)
    assert (
        ask(platform.url, "PATCH", place, headers={**user, **chunk(content, 0)}, body=content).status == 204
    )
    assert path.read_bytes() == content
    assert ask(platform.url, "POST", f"/submissions/{number}/complete", headers=user).status == 200


def test_an_unfinished_upload_expires(tmp_path: Path) -> None:
    """tus expiration: told with each answer; once its time is over it is gone and is begun anew."""
    content = bundle("初稿", 1000)
    with running(tmp_path / "data") as platform:
        user = sign_in(platform.url, "filler")
        number = announce(platform.url, user, content).json["id"]
        create = {**user, **TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata(content)}
        made = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=create)
        assert "upload-expires" not in made.headers
        place, half = made.headers["location"], content[:500]
        told = ask(platform.url, "PATCH", place, headers={**user, **chunk(half, 0)}, body=half)
        file = platform.platform.upload_path(place.rpartition("/")[2])
        last = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
        assert parsedate_to_datetime(told.headers["upload-expires"]) == last + KEEP
        gone = (IN_TIME - KEEP - timedelta(seconds=1)).timestamp()
        os.utime(file, (gone, gone))
        assert ask(platform.url, "HEAD", place, headers={**user, **TUS}).status == 404
        assert not file.exists()
        again = ask(platform.url, "POST", f"/submissions/{number}/uploads", headers=create)
        assert (again.status, again.headers["upload-offset"]) == (201, "0")
        fresh = again.headers["location"]
        ask(platform.url, "PATCH", fresh, headers={**user, **chunk(half, 0)}, body=half)
        kept = platform.platform.upload_path(fresh.rpartition("/")[2])
        stray = kept.with_name("stray")
        stray.write_bytes(b"never acknowledged")
    with running(tmp_path / "data"):
        assert kept.exists() and not stray.exists()
    os.utime(kept, (gone, gone))
    with running(tmp_path / "data") as platform:
        assert not kept.exists()
        assert ask(platform.url, "HEAD", fresh, headers={**user, **TUS}).status == 404


def test_several_files_go_with_one_report(platform: RunningPlatform, tmp_path: Path) -> None:
    """Contract: bundle, report, Word file, stamped scan: each whole, each named in the receipt."""
    plain = package(tmp_path)
    scan = tmp_path / "扫描件.pdf"
    scan.write_bytes(b"%PDF-1.7 " + b"s" * 5000)
    file = PackageFile("scan", scan, hashlib.sha256(scan.read_bytes()).hexdigest())
    with transport(platform.url, platform.key) as client:
        receipt = json.loads(send(client, replace(plain, others=(file,))))["receipt"]
    assert {(one["delivery_id"], one["size"]) for one in receipt["files"]} == {
        ("report", plain.path.stat().st_size),
        ("scan", 5009),
    }
    user = sign_in(platform.url, "filler")
    stored = ask(platform.url, "GET", f"/submissions/{receipt['number']}/files/scan", headers=user)
    assert stored.body == scan.read_bytes()


def test_the_usual_accounts() -> None:
    """Two logins of the unit and one reviewer per reviewing stage; the unit reviews what is the unit's."""
    accounts = {account.name: account for account in site().accounts}
    assert list(accounts) == ["filler", "unit", "review-unit_review", "review-bureau_review"]
    assert accounts["unit"].role is Role.UNIT_ADMIN and accounts["unit"].stages == ("unit_review",)
    assert accounts["review-bureau_review"].stages == ("bureau_review",)
    assert PASSWORD not in repr(accounts)


def test_the_bundle_among_the_deliveries() -> None:
    """Exactly one delivery is the bundle: by media type, else by its id, else added as a required one."""
    plain = programme()
    zipped = Delivery("bundle", "数据包", "application/zip")
    scan = Delivery("scan", "扫描件", "application/pdf")
    for wanted, ids, bundle_id in (
        (plain.upload.deliveries, ["report", "scan"], "report"),
        ((scan, zipped), ["scan", "bundle"], "bundle"),
        ((scan,), ["bundle", "scan"], "bundle"),
    ):
        changed = replace(plain, upload=replace(plain.upload, deliveries=wanted))
        assert [delivery.id for delivery in deliveries_of(site(), changed)] == ids
        assert bundle_delivery(site(), changed).id == bundle_id
