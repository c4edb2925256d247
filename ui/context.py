"""What every page is given: workers, words, looks, the way to other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from app.clock import Clock
from app.messages import Messages
from ui.style import Look
from ui.tasks import Tasks

Page = Literal["home", "draft", "checks", "compare", "timeline", "paper", "submit", "settings"]
Tone = Literal["info", "good", "warning", "error"]


class Settings(Protocol):
    """Small things the window remembers: JSON-able values under ASCII keys."""

    def get(self, key: str, default: object = None) -> object:
        """Give what is remembered, or the default."""

    def put(self, key: str, value: object) -> None:
        """Remember a value."""


@dataclass(frozen=True)
class PageContext:
    """The pages' surroundings.

    ``missing_glyphs(text)`` gives the characters that no shipped font prints.  ``go(page, place)`` shows a
    page and brings a place (``e03``, ``t1/r7/name``) into view.  ``tell(text, tone)`` shows a banner.
    ``open_draft(draft_id)`` opens a report in all pages; ``refresh()`` reads the list of reports again.
    """

    tasks: Tasks
    messages: Messages
    missing_glyphs: Callable[[str], str]
    clock: Clock
    look: Look
    settings: Settings
    go: Callable[[Page, str], None]
    tell: Callable[[str, Tone], None]
    open_draft: Callable[[str], None]
    refresh: Callable[[], None]
