"""What is said about single pages of paper, in the same words on the command line and in the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.messages import Messages
from app.rules.stale_pages import StalePage, Why, ranges
from app.services.paging import PageFound
from app.services.timing import show_moment


def say_page(found: PageFound, messages: Messages, file: str = "") -> str:
    """Say what a page of paper is; ``file`` is the scan it was read from."""
    code = found.code
    where = messages.text("replies", "page.where", file=file, at=found.at) if found.at and file else ""
    when = found.printed_at
    return where + messages.text(
        "replies",
        f"page.{found.verdict.value}",
        part=found.part,
        page=code.page if code else 0,
        copy=say_copy(code.copy if code else 0, messages),
        printed=show_moment(when) if when else messages.text("replies", "page.unknown"),
    )


def say_copy(copy: int, messages: Messages) -> str:
    """Name a copy; 0 is paper that is the same for every copy."""
    return messages.text("replies", "stale.copy" if copy else "stale.once", copy=copy)


def say_stale(
    stale: Sequence[StalePage], titles: Mapping[str, str], messages: Messages
) -> tuple[tuple[str, bool], ...]:
    """Give a line for each part of each copy with its stale pages, and whether that paper is wrong."""
    groups: dict[tuple[int, str, Why], list[int]] = {}
    for one in stale:
        groups.setdefault((one.copy, one.page.part, one.why), []).append(one.page.number)
    lines = []
    for (copy, part, why), numbers in groups.items():
        runs = "、".join(
            str(first) if first == last else f"{first}—{last}" for first, last in ranges(numbers)
        )
        who = say_copy(copy, messages)
        title = titles.get(part, part)
        text = messages.text("replies", f"stale.{why.value}", copy=who, part=title, pages=runs)
        lines.append((text, why is not Why.CODE))
    return tuple(lines)
