"""Two cards of the page 打印装订: the parts with who signs and stamps where, and what was printed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QWidget

from app.model.packet import PacketSpec, Part
from app.model.submission import Snapshot
from app.services.previewing import Paper, PaperDesk
from app.services.timing import show_moment
from ui.context import PageContext
from ui.parts import Card, heading, words


class _WordedCard(Card):
    """A card with a heading and lines that are made anew each time."""

    def __init__(self, context: PageContext, title: str) -> None:
        super().__init__(context.look)
        self._context = context
        self.lines: list[QLabel] = []
        self.column.addWidget(heading(self._word(title), context.look, 12))

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.{key}", **params)

    def _clear(self) -> None:
        for line in self.lines:
            self.column.removeWidget(line)
            line.setParent(None)
            line.deleteLater()
        self.lines.clear()

    def _add(self, line: QLabel) -> None:
        self.lines.append(line)
        self.column.addWidget(line)


class PartsCard(_WordedCard):
    """Every part of the book: pages, copies, who signs and who stamps."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "parts")

    def show_parts(self, packet: PacketSpec, papers: Sequence[Paper]) -> None:
        """Show the parts; pages stand where a part is a paper of its own."""
        self._clear()
        look = self._context.look
        pages = {paper.parts[0]: paper.pages for paper in papers if len(paper.parts) == 1}
        for part in packet.parts:
            title = words(part.title, look)
            title.setFont(look.font(bold=True))
            self._add(title)
            self._add(words("　".join(self._about(part, packet, pages)), look, faint=True))
            for place in part.stamp_places:
                key = "sign_line" if place.signature else "stamp_line"
                line = words(self._word(key, label=place.label), look)
                line.setIndent(look.space(2))
                self._add(line)
        if packet.binding:
            self._add(words(self._word("binding", binding=packet.binding), look))
        if packet.note:
            self._add(words(packet.note, look, faint=True))

    def _about(self, part: Part, packet: PacketSpec, pages: dict[str, int]) -> list[str]:
        about = [self._word("in_book" if part.in_book else "loose")]
        if part.in_book or part.stamp_places:
            about.append(self._word("copies", count=packet.copies))
        if part.id in pages:
            about.append(self._word("pages", count=pages[part.id]))
        return about


class RecordCard(_WordedCard):
    """What was printed, the newest first, and whether it is still what counts."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "printed")

    def show_desk(self, desk: PaperDesk) -> None:
        """Show the record."""
        self._clear()
        look = self._context.look
        if not desk.printed:
            self._add(words(self._word("printed_none"), look, faint=True))
        for one in reversed(desk.printed):
            current = desk.snapshot is not None and one.fingerprint == desk.snapshot.fingerprint
            short = Snapshot("", one.fingerprint, b"", 0, one.at).short
            at = show_moment(one.at)
            text = self._word("printed_line", at=at, copies=one.copies, pages=one.pages, short=short)
            mark = self._word("printed_now" if current else "printed_old")
            self._add(words(f"{text}（{mark}）", look, colour=None if current else look.error))
