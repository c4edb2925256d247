"""Commands that only look: programmes, programme (and copy), drafts, stages, status."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from app.clock import format_moment, parse_moment
from app.commands.setting import folder_of, library_of, moment_of, put, say, tell, workplace_of
from app.errors import UsageError
from app.messages import Messages
from app.model.programme import Programme
from app.model.submission import Event
from app.services.copying import copy_programme
from app.services.describing import describe_programme
from app.services.recording import status
from app.services.timing import describe_stages, show_moment
from app.services.workplace import find_programme

COPY_WORDS = 3


def run_programmes(arguments: Namespace, messages: Messages) -> int:
    """List the programmes; one that is defective is named on stderr and does not hide the others."""
    good, bad = library_of(arguments).load_all()
    for error in bad:
        tell(messages.error(error))
    if arguments.json:
        put(
            [
                {
                    "id": one.id,
                    "title": one.title,
                    "short_title": one.short_title,
                    "report_year": one.report_year,
                    "unit_kind": one.unit_kind,
                    "form_version": one.form_version,
                    "notice_revision": one.notice_revision,
                    "label": one.label,
                }
                for one in good
            ]
        )
    else:
        for one in good:
            say(f"{one.id}\t{one.title}（{one.label}）")
    return 0


def run_programme(arguments: Namespace, messages: Messages) -> int:
    """Show a programme's definition, or copy it: ``programme copy ID NEW-ID --shift-years N``."""
    words: Sequence[str] = arguments.words
    if words[0] == "copy" and len(words) == COPY_WORDS:
        target = copy_programme(
            library_of(arguments),
            words[1],
            words[2],
            arguments.shift_years or 0,
            folder_of(arguments) / "programmes",
        )
        if arguments.json:
            put({"id": words[2], "folder": str(target)})
        else:
            say(messages.text("replies", "copied", id=words[2], folder=target))
        return 0
    if len(words) != 1:
        raise UsageError("arguments_unknown", words=" ".join(words[1:]))
    programme = find_programme(words[0], library_of(arguments))
    if arguments.json:
        put(describe_programme(programme))
        return 0
    say(f"{programme.title}（{programme.label}）")
    for section in programme.form.sections:
        say(f"{section.number} {section.label}")
        for item in section.fields:
            say(f"  {item.number} {item.label}{f'（{item.unit}）' if item.unit else ''}")
        for table_id in section.tables:
            table = programme.form.tables[table_id]
            say(f"  {table.number} {table.label}")
    for note in programme.notes:
        say(messages.text("replies", "note", about=note.about, text=note.text, source=note.source))
    return 0


def run_drafts(arguments: Namespace, messages: Messages) -> int:
    """List the drafts."""
    with workplace_of(arguments, messages) as workplace:
        found = workplace.store.drafts.list()
    if arguments.json:
        put(
            [
                {
                    "id": one.id,
                    "programme": one.programme_id,
                    "title": one.title,
                    "form_version": one.form_version,
                    "revision": one.revision,
                    "updated_at": format_moment(one.updated_at) if one.updated_at else None,
                }
                for one in found
            ]
        )
        return 0
    for one in found:
        shown = show_moment(one.updated_at) if one.updated_at else ""
        say(f"{one.id}\t{one.title}\t{shown}".rstrip())
    return 0


def run_stages(arguments: Namespace, messages: Messages) -> int:
    """Show the windows of a draft's programme, or of a programme, at a moment."""
    programme: Programme
    events: tuple[Event, ...] = ()
    if arguments.target:
        with workplace_of(arguments, messages) as workplace:
            programme = workplace.programme_of(workplace.draft(arguments.target))
            events = workplace.store.events.list(arguments.target)
            now = moment_of(arguments, workplace)
    elif arguments.programme:
        programme = find_programme(arguments.programme, library_of(arguments))
        now = moment_of(arguments)
    else:
        raise UsageError("nothing_given")
    document = describe_stages(programme, events, now, messages)
    if arguments.json:
        put(document)
        return 0
    stages = document["stages"]
    assert isinstance(stages, list)
    for one in stages:
        say(f"{one['label']}（{one['actor']}）：{one['message']}")
        for reading in one["readings"]:
            say(messages.text("replies", "reading", text=reading["text"], source=reading["source"]))
    return 0


def run_status(arguments: Namespace, messages: Messages) -> int:
    """Show how far a draft has come."""
    with workplace_of(arguments, messages) as workplace:
        document = status(workplace, arguments.draft, moment_of(arguments, workplace))
    if arguments.json:
        put(document)
        return 0
    say(str(document["title"]))
    following = document["next"]
    if isinstance(following, dict):
        say(messages.text("replies", "next", label=following["label"], actor=following["actor"]))
        say(str(following["message"]))
    for event in document["events"] if isinstance(document["events"], list) else ():
        say(f"  {show_moment(parse_moment(event['at']))} {event['label']} {event['note']}".rstrip())
    _say_corrections(document["corrections"], messages)
    for warning in document["warnings"] if isinstance(document["warnings"], list) else ():
        say(warning)
    return 0


def _say_corrections(found: object, messages: Messages) -> None:
    """Tell what was corrected since the report was returned."""
    if not isinstance(found, dict):
        return
    say(messages.text("replies", "corrections", count=len(found["changes"])))
    for one in found["changes"]:
        shown = {key: one[key] for key in ("place", "before", "after")}
        kind = messages.text("words", f"correction.{one['kind']}")
        say(messages.text("replies", "correction", kind=kind, **shown))
    for mark in found["marks"]:
        answer = {True: "mark_corrected", False: "mark_same", None: "mark_unknown"}[mark["corrected"]]
        word = messages.text("words", f"correction.{answer}")
        say(messages.text("replies", "corrected_marks", text=mark["text"], word=word))
