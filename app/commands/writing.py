"""Commands that change a draft: new, set, reason, attach, event, seal, carry, backup."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from app.clock import format_moment, to_beijing
from app.commands.setting import moment_of, put, say, tell, workplace_of
from app.errors import UsageError
from app.messages import Messages
from app.model.draft import Answers
from app.model.submission import Event, EventKind
from app.rules.stale_pages import ACTS
from app.services.accounts import require_folder
from app.services.carrying import carry
from app.services.drafting import attach, give_reason, load_answers, load_previous, new_draft, set_value
from app.services.handling import register_act
from app.services.recording import Registration, latest_snapshot, read_mark, register, seal
from app.services.taking import take_platform_report
from app.services.timing import show_moment
from app.services.workplace import Workplace


def run_new(arguments: Namespace, messages: Messages) -> int:
    """Make a draft and print its id."""
    with workplace_of(arguments, messages) as workplace:
        programme = workplace.find_programme(arguments.programme)
        previous = Path(arguments.previous) if arguments.previous else None
        base = None
        if arguments.answers:
            path = Path(arguments.answers)
            base = path.parent
            answers = load_answers(path, programme, previous)
        else:
            answers = Answers()
            if previous is not None:
                answers = replace(answers, previous=load_previous(previous, programme))
        draft_id = new_draft(workplace, programme, answers, base)
    if arguments.json:
        put({"draft": draft_id, "programme": programme.id, "form_version": programme.form_version})
    else:
        say(draft_id)
    return 0


def run_set(arguments: Namespace, messages: Messages) -> int:
    """Set or clear one field or cell."""
    with workplace_of(arguments, messages) as workplace:
        set_value(workplace, arguments.draft, arguments.path, arguments.value)
    return 0


def run_reason(arguments: Namespace, messages: Messages) -> int:
    """Answer a finding in writing."""
    with workplace_of(arguments, messages) as workplace:
        now = moment_of(arguments, workplace)
        give_reason(workplace, arguments.draft, arguments.finding, arguments.answer, now)
    return 0


def run_attach(arguments: Namespace, messages: Messages) -> int:
    """Add an evidence file."""
    with workplace_of(arguments, messages) as workplace:
        attach(workplace, arguments.draft, Path(arguments.file), arguments.item)
    return 0


def run_event(arguments: Namespace, messages: Messages) -> int:
    """Register by hand what happened outside."""
    entry = Registration(
        kind=arguments.kind,
        at=arguments.at or "",
        note=arguments.note or "",
        who=arguments.who or "",
        file=Path(arguments.file) if arguments.file else None,
        params={
            "stage": arguments.stage or "",
            "closes": arguments.closes or "",
            "grade": arguments.grade or "",
            "number": arguments.number or "",
        },
        marks=tuple(map(read_mark, arguments.mark)),
    )
    with workplace_of(arguments, messages) as workplace:
        event = _register(arguments, workplace, entry)
    if arguments.json:
        put({"kind": event.kind.value, "at": format_moment(event.at), "hash": event.hash})
    else:
        label = messages.text("words", f"event.{event.kind.value}")
        say(messages.text("replies", "registered", label=label, at=show_moment(event.at)))
    return 0


def _register(arguments: Namespace, workplace: Workplace, entry: Registration) -> Event:
    """Register an event; a report of the platform is looked at first, a single part's stamp is counted."""
    now = moment_of(arguments, workplace)
    if arguments.part or arguments.copy is not None:
        kind = next((one for one in ACTS if one.value == entry.kind), None)
        if kind is None:
            return register(workplace, arguments.draft, entry, now)
        return register_act(
            workplace,
            arguments.draft,
            kind,
            arguments.part or "",
            arguments.copy or 0,
            now,
            at=entry.at,
            who=entry.who,
        )
    readable = entry.file is not None and entry.file.is_file()
    if entry.kind == EventKind.DOWNLOADED.value and readable and latest_snapshot(workplace, arguments.draft):
        return take_platform_report(workplace, arguments.draft, entry, now)
    return register(workplace, arguments.draft, entry, now)


def run_seal(arguments: Namespace, messages: Messages) -> int:
    """Seal the draft; 1 with the list of open findings where something stands in the way."""
    with workplace_of(arguments, messages) as workplace:
        sealed = seal(
            workplace, arguments.draft, to_beijing(moment_of(arguments, workplace)), arguments.reason or ""
        )
    snapshot = sealed.snapshot
    if snapshot is None:
        if arguments.json:
            put(
                {
                    "sealed": False,
                    "open": [
                        {
                            "code": one.code,
                            "path": one.path,
                            "message": messages.finding(one),
                            "blocks": one.blocks,
                        }
                        for one in sealed.open
                    ],
                }
            )
        for one in sealed.open:
            tell(f"{one.key} {messages.finding(one)}")
        tell(messages.text("replies", "not_sealed", count=len(sealed.open)))
        return 1
    if arguments.json:
        put(
            {
                "sealed": True,
                "fingerprint": snapshot.fingerprint,
                "short": snapshot.short,
                "at": format_moment(snapshot.sealed_at),
            }
        )
    else:
        say(messages.text("replies", "sealed", short=snapshot.short))
    return 0


def run_carry(arguments: Namespace, messages: Messages) -> int:
    """Carry a draft to the newest version of its form and say what became of each item."""
    with workplace_of(arguments, messages) as workplace:
        carried = carry(workplace, arguments.draft, arguments.form_version)
    if arguments.json:
        put({"kept": carried.kept, "converted": list(carried.converted), "lost": list(carried.lost)})
        return 0
    say(messages.text("replies", "carried" if carried.moved else "carried_nothing", kept=carried.kept))
    for address in carried.converted:
        say(messages.text("replies", "converted", address=address))
    for address in carried.lost:
        say(messages.text("replies", "lost", address=address))
    return 0


def _place_of_backup(workplace: Workplace, out: str) -> Path:
    """Give the file a copy goes to, in a folder under the name of the program's own; never over a file."""
    place = Path(out)
    if place.exists() and not place.is_dir():
        raise UsageError("file_exists", name=str(place))
    if place.is_dir() or not place.suffix:
        place = require_folder(out) / workplace.store.back_up().path.name
    return place


def run_backup(arguments: Namespace, messages: Messages) -> int:
    """Make a checked copy of all drafts and records."""
    with workplace_of(arguments, messages) as workplace:
        made = workplace.store.back_up(_place_of_backup(workplace, arguments.out) if arguments.out else None)
    if arguments.json:
        put({"file": str(made.path), "verified": made.verified})
    else:
        say(messages.text("replies", "backed_up", file=made.path))
    return 0 if made.verified else 3
