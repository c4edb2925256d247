"""Commands for the bound book: how it is arranged, which of its printed pages still count."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.clock import format_moment
from app.commands.setting import moment_of, put, say, workplace_of
from app.errors import UsageError
from app.messages import Messages
from app.model.programme import Programme
from app.rules.stale_pages import StalePage
from app.services.arranging import forget_choice, keep_choice, read_choice
from app.services.binding import MARKS, BookChoice, arranged
from app.services.paging import (
    GOOD,
    PageFound,
    find_stale,
    judge_codes,
    judge_file,
    parse_typed,
    read_now,
)
from app.services.telling import say_page, say_stale
from app.services.workplace import Workplace


def run_book(arguments: Namespace, messages: Messages) -> int:
    """Show how the book is arranged, after changing what is asked for."""
    with workplace_of(arguments, messages) as workplace:
        if arguments.reset:
            forget_choice(workplace, arguments.draft)
        choice = read_choice(workplace, arguments.draft)
        wanted = _changed(choice, arguments, messages)
        if wanted != choice:
            choice = keep_choice(workplace, arguments.draft, wanted)
        programme = workplace.programme_of(workplace.draft(arguments.draft))
        own = arranged(programme, choice)
        if arguments.json:
            put(_describe_book(own, choice))
        else:
            _say_book(own, choice, messages)
    return 0


def _changed(choice: BookChoice, arguments: Namespace, messages: Messages) -> BookChoice:
    official = {**choice.official, **{name: Path(file) for name, file in _pairs(arguments.official)}}
    for name in arguments.own:
        official.pop(name, None)
    volumes = dict(choice.volumes)
    for name, volume in _pairs(arguments.volume):
        volumes[name] = _whole(volume)
    marks = {messages.text("words", f"mark.{mark}"): mark for mark in (*MARKS, "none")}
    unknown = [word for word in arguments.without if word not in marks]
    if unknown:
        raise UsageError("mark_unknown", mark=unknown[0], known="、".join(marks))
    return replace(
        choice,
        order=_names(arguments.order) if arguments.order is not None else choice.order,
        loose=_names(arguments.loose) if arguments.loose is not None else choice.loose,
        official=official,
        volumes=volumes,
        numbered=choice.numbered if arguments.numbered is None else arguments.numbered == "是",
        without=frozenset(marks[word] for word in arguments.without) & frozenset(MARKS)
        if arguments.without
        else choice.without,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.replace("，", ",").split(","))))


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for word in words:
        name, equals, value = word.partition("=")
        if not (equals and name and value):
            raise UsageError("pair_wanted", words=word)
        pairs.append((name, value))
    return pairs


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise UsageError("pair_wanted", words=text)
    return int(text)


def _describe_book(programme: Programme, choice: BookChoice) -> dict[str, object]:
    return {
        "parts": [
            {
                "id": part.id,
                "title": part.title,
                "kind": part.kind.value,
                "in_book": part.in_book,
                "printed": part.in_book or not part.optional,
                "volume": part.volume,
                "official": part.id in choice.official,
            }
            for part in programme.packet.parts
        ],
        "copies": programme.packet.copies,
        "numbered": choice.numbered,
        "without": sorted(choice.without),
    }


def _say_book(programme: Programme, choice: BookChoice, messages: Messages) -> None:
    for part in programme.packet.parts:
        state = "in" if part.in_book else "absent" if part.optional else "beside"
        text = messages.text("replies", f"book.{state}", id=part.id, title=part.title, volume=part.volume)
        if part.id in choice.official:
            text += messages.text("replies", "book.official")
        say(text)
    say(messages.text("replies", f"book.{'numbered' if choice.numbered else 'untouched'}"))


def run_pages(arguments: Namespace, messages: Messages) -> int:
    """List the stale pages of the printed copies, or tell what pages of paper are; 1 where one is wrong."""
    with workplace_of(arguments, messages) as workplace:
        now = moment_of(arguments, workplace)
        if arguments.scans or arguments.code:
            return _judge(arguments, workplace, messages)
        source = read_now(workplace, arguments.draft, now)
        stale = find_stale(source)
        titles = {part.id: part.title for part in source.paper.programme.packet.parts}
    if arguments.json:
        put({"at": format_moment(now), "pages": [_describe_stale(one, titles) for one in stale]})
    else:
        _say_stale(stale, titles, messages)
    return 1 if any(one.false for one in stale) else 0


def _judge(arguments: Namespace, workplace: Workplace, messages: Messages) -> int:
    source = read_now(workplace, arguments.draft, moment_of(arguments, workplace))
    codes = [parse_typed(code) for code in arguments.code]
    found = [("", one) for one in judge_codes(source, codes, arguments.copy or 0, typed=True)]
    for file in arguments.scans:
        path = Path(file)
        if not path.is_file():
            raise UsageError("file_not_found", name=file)
        found += [(path.name, one) for one in judge_file(source, path, arguments.copy or 0)]
    if arguments.json:
        put({"pages": [_describe_found(file, one) for file, one in found]})
    else:
        for file, one in found:
            say(say_page(one, messages, file))
    return 0 if all(one.verdict in GOOD for _, one in found) else 1


def _describe_found(file: str, found: PageFound) -> dict[str, object]:
    code = found.code
    return {
        "file": file,
        "at": found.at,
        "verdict": found.verdict.value,
        "part": found.part,
        "page": code.page if code else None,
        "copy": code.copy if code else None,
        "code": code.typed if code else "",
        "printed_at": format_moment(found.printed_at) if found.printed_at else None,
    }


def _describe_stale(one: StalePage, titles: dict[str, str]) -> dict[str, object]:
    page = one.page
    return {
        "copy": one.copy,
        "part": page.part,
        "title": titles.get(page.part, page.part),
        "place": page.place,
        "page": page.number,
        "why": one.why.value,
        "printed_at": format_moment(one.printed.at) if one.printed else None,
    }


def _say_stale(stale: Sequence[StalePage], titles: dict[str, str], messages: Messages) -> None:
    if not stale:
        say(messages.text("replies", "stale.none"))
    for line, _ in say_stale(stale, titles, messages):
        say(line)
