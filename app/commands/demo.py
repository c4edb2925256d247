"""The main job end to end on the complete sample, with the rehearsal platform in a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import tomllib
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from app import paths
from app.clock import format_moment
from app.commands.setting import put, say, tell
from app.errors import AppError
from app.messages import Messages
from app.model.programme import Programme, Stage
from app.model.submission import EventKind
from app.rules.checker import counts
from app.rules.stages import State, stages
from app.services.drafting import check_draft, load_answers, new_draft
from app.services.printing import print_packet
from app.services.recording import Registration, register, seal
from app.services.submitting import Account, fetch, make_bundle, submit
from app.services.workplace import Workplace, open_workplace
from app.transport.platform import PlatformTransport
from app.transport.review import approve

_MARKER = "这是演练用的数据，可以删除.txt"
_START_SECONDS = 30


@dataclass
class Diary:
    """Every step of the demo with its time and result, as it goes into ``report.json``."""

    messages: Messages
    steps: list[dict[str, object]] = field(default_factory=list)

    @contextmanager
    def step(self, key: str, moment: datetime, /, **params: object) -> Iterator[dict[str, object]]:
        """Time one step; what the body puts into the given mapping is kept as its details."""
        label = self.messages.text("replies", f"demo.{key}", **params)
        details: dict[str, object] = {}
        entry: dict[str, object] = {"step": key, "label": label, "at": format_moment(moment)}
        self.steps.append(entry)
        started = time.perf_counter()
        try:
            yield details
        except AppError as error:
            entry.update({"result": "failed", "reason": self.messages.error(error)})
            raise
        entry.update({"result": "done", "seconds": round(time.perf_counter() - started, 3), **details})
        tell(self.messages.text("replies", "step", label=label))


def run_demo(arguments: Namespace, messages: Messages) -> int:
    """Run the main job into a folder; 0 only if every step was done."""
    out = Path(arguments.out or "build/demo").absolute()
    data = _fresh(out)
    diary = Diary(messages)
    ok = False
    try:
        _play(out, data, diary, messages)
        ok = True
    except AppError as error:
        tell(messages.error(error))
    document = {"ok": ok, "rehearsal": True, "steps": diary.steps, "files": sorted(_files(out))}
    (out / "report.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    if arguments.json:
        put(document)
    elif ok:
        say(messages.text("replies", "demo_done", folder=out))
    return 0 if ok else 3


def _files(out: Path) -> Iterator[str]:
    for path in out.iterdir():
        if path.is_file():
            yield path.name


def _fresh(out: Path) -> Path:
    """Give an empty data folder below ``out``; only a folder that an earlier demo made is ever removed."""
    data = out / "data"
    try:
        if (data / _MARKER).exists():
            shutil.rmtree(data)
        data.mkdir(parents=True)
        (data / _MARKER).touch()
    except OSError as error:
        raise AppError("cannot_create_folder", name=str(data), reason=error.strerror or "") from error
    return data


def _play(out: Path, data: Path, diary: Diary, messages: Messages) -> None:
    resources = paths.resources()
    chosen = tomllib.loads((resources / "settings.toml").read_text(encoding="utf-8"))["demo_programme"]
    started = time.monotonic()
    base = [datetime.now().astimezone()]

    def clock() -> datetime:
        return base[0] + timedelta(seconds=time.monotonic() - started)

    with open_workplace(data, resources, messages, clock) as workplace:
        with diary.step("programme", clock()) as details:
            programme = workplace.library.load(chosen)
            base[0] = _middle(programme)
            details["programme"] = programme.id
        draft_id = _fill(workplace, programme, data, diary)
        with diary.step("seal", clock()) as details:
            sealed = seal(workplace, draft_id, clock())
            if sealed.snapshot is None:
                first = messages.finding(sealed.open[0])
                raise AppError("demo_step_failed", step=messages.text("replies", "demo.seal"), reason=first)
            details["fingerprint"] = sealed.snapshot.fingerprint
        with diary.step("bundle", clock()) as details:
            info = make_bundle(workplace, draft_id, out / f"{programme.id}.shenbao")
            details["sha256"] = info.sha256
        password = secrets.token_urlsafe(12)
        with _platform(data, password, clock(), diary) as (address, key, reviewers):
            _send(workplace, draft_id, Account(address, "filler", password, key), out, diary)
            _review(workplace, programme, draft_id, address, key, password, reviewers, diary)
        _finish(workplace, programme, draft_id, out, diary)


def _middle(programme: Programme) -> datetime:
    """Give the middle of the first stage that has a window: the rehearsal happens inside it."""
    for stage in programme.stages:
        if stage.opens is not None and stage.closes is not None:
            return stage.opens + (stage.closes - stage.opens) / 2
    return datetime.now().astimezone()


def _fill(workplace: Workplace, programme: Programme, data: Path, diary: Diary) -> str:
    with diary.step("draft", workplace.clock()) as details:
        sample = data / "sample"
        for name, content in programme.samples.items():
            place = sample / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        answers = load_answers(sample / "complete.json", programme)
        draft_id = new_draft(workplace, programme, answers, sample)
        details.update(
            {
                "draft": draft_id,
                "values": len(answers.values),
                "rows": sum(len(rows) for rows in answers.tables.values()),
            }
        )
    with diary.step("check", workplace.clock()) as details:
        checked = check_draft(workplace, draft_id, workplace.clock())
        details["counts"] = counts(checked.findings)
    return draft_id


@contextmanager
def _platform(
    data: Path, password: str, now: datetime, diary: Diary
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Run the rehearsal platform as a child process; give its address, key and reviewer accounts."""
    words = [sys.executable, "-P", "-m", "app", "practice", "--json", "--port", "0"]
    words += ["--data", str(data / "practice"), "--data-dir", str(data), "--now", format_moment(now)]
    environment = os.environ | {"SHENBAO_PRACTICE_PASSWORD": password, "PYTHONUTF8": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment
    ) as child:
        try:
            with diary.step("platform", now) as details:
                assert child.stdout is not None
                line = child.stdout.readline()
                if not line:
                    assert child.stderr is not None
                    reason = child.stderr.read().decode("utf-8", "replace").strip()
                    raise AppError("practice_not_started", reason=reason[-300:])
                told: Mapping[str, str] = json.loads(line)
                details["address"] = told["address"]
            yield told["address"], told["key"], tuple(told["accounts"])
        finally:
            child.terminate()


def _send(workplace: Workplace, draft_id: str, account: Account, out: Path, diary: Diary) -> None:
    with diary.step("submit", workplace.clock()) as details:
        receipt = submit(workplace, draft_id, account, lambda _done, _total: None, lambda: False)
        (out / "receipt.json").write_bytes(receipt.document)
        details.update({"number": receipt.number, "received_at": format_moment(receipt.received_at)})
        details["key"] = account.trusted_key


def _review(
    workplace: Workplace,
    programme: Programme,
    draft_id: str,
    address: str,
    key: str,
    password: str,
    accounts: tuple[str, ...],
    diary: Diary,
) -> None:
    account = Account(address, "filler", password, key)
    for stage in programme.stages:
        name = f"review-{stage.id}"
        if not stage.reviewer or name not in accounts:
            continue
        with diary.step("review", workplace.clock(), label=stage.label) as details:
            number = _number(workplace, draft_id)
            with PlatformTransport(address, name, trusted_key=key, password=password) as reviewer:
                status = approve(reviewer.session, number, stage.id)
            details["state"] = status.state.value
    with diary.step("fetch", workplace.clock()) as details:
        status = fetch(workplace, draft_id, account)
        details["verification_code"] = status.verification_code
        if not status.verification_code:
            reason = workplace.messages.text("words", f"submission.{status.state.value}")
            step = workplace.messages.text("replies", "demo.fetch")
            raise AppError("demo_step_failed", step=step, reason=reason)


def _number(workplace: Workplace, draft_id: str) -> str:
    events = workplace.store.events.list(draft_id)
    return next(one.params["number"] for one in reversed(events) if one.kind is EventKind.UPLOADED)


def _finish(workplace: Workplace, programme: Programme, draft_id: str, out: Path, diary: Diary) -> None:
    now = workplace.clock()
    with diary.step("print", now, copies=programme.packet.copies) as details:
        printed = print_packet(workplace, draft_id, out, now)
        details["files"] = {one.path.name: one.pages for one in printed}
    for number, state in enumerate(_undone(workplace, programme, draft_id, now), 1):
        # Rehearsed office hours: an hour for each act.
        moment = now + timedelta(hours=number)
        kind = state.done_by[0]
        with diary.step("event", moment, label=state.label) as details:
            entry = Registration(
                kind=kind.value,
                note=workplace.messages.text("replies", "demo.note"),
                params={"stage": state.id}
                | ({"grade": _best(programme)} if kind is EventKind.RESULT else {}),
            )
            register(workplace, draft_id, entry, moment)
            details["kind"] = kind.value
    end = now + timedelta(days=1)
    with diary.step("done", end) as details:
        states = stages(programme, workplace.store.events.list(draft_id), end)
        open_stages = [one.stage.label for one in states if one.state is not State.DONE]
        if open_stages:
            step = workplace.messages.text("replies", "demo.done")
            raise AppError("demo_step_failed", step=step, reason="、".join(open_stages))
        details["stages"] = [one.stage.id for one in states]


def _undone(workplace: Workplace, programme: Programme, draft_id: str, now: datetime) -> list[Stage]:
    states = stages(programme, workplace.store.events.list(draft_id), now)
    return [one.stage for one in states if one.state is not State.DONE]


def _best(programme: Programme) -> str:
    return programme.grades[0] if programme.grades else "通过"
