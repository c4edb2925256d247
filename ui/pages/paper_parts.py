"""Two cards of the page 打印装订: the parts with who signs and stamps where, and what was printed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.model.packet import PacketSpec, Part
from app.model.submission import EventKind, Snapshot
from app.rules.stale_pages import CopyRecord, StalePage
from app.services.handling import acts_of
from app.services.previewing import Paper, PaperDesk
from app.services.timing import show_moment
from ui.context import PageContext
from ui.parts import Button, Card, heading, left_row, words


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


_ACTS = {
    EventKind.SIGNED: "sign_act",
    EventKind.STAMPED: "stamp_act",
    EventKind.STAMPED_BY_BUREAU: "bureau_act",
}


class PartsCard(_WordedCard):
    """Every part of the packet: pages, copies, who signs and stamps; what was done to it, copy by copy.

    ``act`` asks to register an act (``EventKind``, part id, copy).
    """

    act = Signal(object, str, int)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "parts")
        self.buttons: dict[tuple[EventKind, str, int], Button] = {}
        self._rows: list[QWidget] = []

    def show_parts(self, desk: PaperDesk, papers: Sequence[Paper], stale: Sequence[StalePage] = ()) -> None:
        """Show the parts; pages stand where a part is a paper of its own.  ``stale`` pages are red."""
        self._clear()
        for row in self._rows:
            self.column.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        self._rows.clear()
        self.buttons.clear()
        look, packet = self._context.look, desk.programme.packet
        pages = {paper.parts[0]: paper.pages for paper in papers if len(paper.parts) == 1}
        for part in packet.parts:
            if part.optional and not part.in_book:
                continue
            title = words(part.title, look)
            title.setFont(look.font(bold=True))
            self._add(title)
            self._add(words("　".join(self._about(part, packet, pages)), look, faint=True))
            for place in part.stamp_places:
                key = "sign_line" if place.signature else "stamp_line"
                line = words(self._word(key, label=place.label), look)
                line.setIndent(look.space(2))
                self._add(line)
            if desk.printed:
                self._show_copies(part, desk, stale)
        if packet.binding:
            self._add(words(self._word("binding", binding=packet.binding), look))
        if packet.note:
            self._add(words(packet.note, look, faint=True))

    def _show_copies(self, part: Part, desk: PaperDesk, stale: Sequence[StalePage]) -> None:
        look = self._context.look
        for copy in range(1, desk.programme.packet.copies + 1):
            record = desk.copies.get((copy, part.id))
            if record is None and not part.stamp_places:
                continue
            own = [one for one in stale if (one.copy, one.page.part) == (copy, part.id)]
            false = [one for one in own if one.false]
            state = self._state(record, false, own)
            colour = look.error if false or (record is not None and record.undone) else None
            line = words(self._word("copy_line", copy=copy, state=state), look, colour=colour)
            line.setIndent(look.space(2))
            self._add(line)
            if record is None or record.printed_at is None or false:
                continue
            waiting = [kind for kind in acts_of(part) if kind not in record.done]
            buttons = [self._button(kind, part.id, copy) for kind in waiting]
            if buttons:
                row = left_row(*buttons)
                row.layout().setContentsMargins(look.space(2), 0, 0, 0)  # type: ignore[union-attr]
                self._rows.append(row)
                self.column.addWidget(row)

    def _button(self, kind: EventKind, part_id: str, copy: int) -> Button:
        button = Button(self._word(_ACTS[kind]), self._context.look)
        button.setAccessibleDescription(self._word("copy_line", copy=copy, state=part_id))
        button.clicked.connect(lambda: self.act.emit(kind, part_id, copy))
        self.buttons[kind, part_id, copy] = button
        return button

    def _state(self, record: CopyRecord | None, false: Sequence[StalePage], own: Sequence[StalePage]) -> str:
        if record is None or record.printed_at is None:
            return self._word("copy_unprinted")
        about = [self._word("copy_printed", at=show_moment(record.printed_at), pages=len(record.pages))]
        acts = {kind: self._context.messages.text("words", f"event.{kind.value}") for kind in _ACTS}
        about += [
            self._word("copy_done", act=acts[kind], at=show_moment(at)) for kind, at in record.done.items()
        ]
        about += [self._word("copy_undone", act=acts[kind]) for kind in _ACTS if kind in record.undone]
        if false:
            about.append(self._word("copy_stale", count=len(false)))
        elif own:
            about.append(self._word("copy_old"))
        return "，".join(about)

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
