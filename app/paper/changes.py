"""Changes and oddities (变动与异常说明): this year against last year, on pages across, for who judges.

seed 000 三-2: the bureau looks first at large changes, at data beside the Torch annual report and at
contradictions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.messages import Messages
from app.model.form import Item
from app.model.packet import Part
from app.model.programme import Programme
from app.model.value import NUMBER_TYPES, in_unit
from app.paper.fonts import Fonts
from app.paper.page import Document
from app.paper.pieces import LABEL_STYLE
from app.paper.plan import PageRange, Plan, range_text
from app.paper.styles import DATA_SHEET, WIDE_PAGE
from app.paper.table import Column, Table
from app.paper.wording import named, place_name, shown
from app.rules.kinds.compare import is_compared
from app.rules.kinds.report import show_number
from app.rules.kinds.targets import number_of
from app.rules.view import View


@dataclass(frozen=True, slots=True)
class Change:
    """An item that stands out: ``difference`` and ``share`` (of last year's value) where both are known."""

    item: Item
    difference: Decimal | None
    share: Decimal | None
    large: bool
    torch_differs: bool
    reasons: tuple[str, ...]


def find_changes(view: View) -> tuple[Change, ...]:
    """Give the fields that changed much, differ from the Torch report or were given a reason, in form order.

    Much is what ``view.context`` says: a share and a least difference in the item's own unit; from zero the
    difference alone decides.
    """
    found = (_change_of(view, item) for item in view.programme.form.fields.values())
    return tuple(each for each in found if each and (each.large or each.torch_differs or each.reasons))


def _change_of(view: View, item: Item) -> Change | None:
    if item.id in view.hidden or item.type not in NUMBER_TYPES:
        return None
    now = number_of(view.values.get(item.id))
    before = number_of(view.previous.get(item.id)) if is_compared(item) else None
    torch = number_of(view.torch.get(item.id))
    difference = now - before if now is not None and before is not None else None
    share = difference / before if difference is not None and before else None
    large = False
    if difference is not None:
        moved = abs(in_unit(difference, item.type, item.unit))
        jump = share is None or abs(share) >= view.context.change_threshold
        large = bool(difference) and jump and moved >= view.context.change_least
    reasons = dict.fromkeys(
        text for key, text in view.answers.reasons.items() if key.partition("@")[2] == item.id
    )
    return Change(item, difference, share, large, torch is not None and now != torch, tuple(reasons))


def difference_text(change: Change, messages: Messages) -> str:
    """Give the change with its sign and its share of last year's value."""
    if change.difference is None:
        return ""
    amount = shown(change.item, abs(change.difference)) or show_number(abs(change.difference))
    sign = "+" if change.difference > 0 else "−" if change.difference < 0 else ""
    if change.share is None:
        return messages.text("paper", "changes.from_zero", amount=f"{sign}{amount}")
    percent = show_number(abs(change.share) * 100, 1)
    return messages.text("paper", "changes.amount", amount=f"{sign}{amount}", percent=f"{sign}{percent}%")


def render_changes(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, plan: Plan
) -> bytes:
    """Print last year, this year, change, Torch or additional item, reason and pages of proof; then reasons
    that belong to no such item.
    """
    sheet = _Sheet(view, fonts, messages, plan, Document(fonts, part.title, WIDE_PAGE, DATA_SHEET))
    sheet.document.title(part.title)
    sheet.document.paragraph(sheet.word("not_official", label=programme.label), LABEL_STYLE)
    sheet.items(find_changes(view))
    sheet.others()
    return sheet.document.build()


class _Sheet:
    def __init__(self, view: View, fonts: Fonts, messages: Messages, plan: Plan, document: Document) -> None:
        self._view = view
        self._fonts = fonts
        self._messages = messages
        self._plan = plan
        self.document = document

    def word(self, code: str, **params: object) -> str:
        """Give a fixed text of the paper."""
        return self._messages.text("paper", code, **params)

    def items(self, changes: tuple[Change, ...]) -> None:
        """Print the items that stand out."""
        self.document.heading(self.word("changes.items"))
        if not changes:
            self.document.paragraph(self.word("nothing"))
            return
        heads = (("before", 1.1), ("now", 1.1), ("difference", 1.2), ("torch", 1.7))
        columns = (
            Column(self.word("changes.item"), 2.2, "left"),
            Column(self.word("changes.unit"), align="center"),
            *(Column(self.word(f"changes.{head}"), width, "center") for head, width in heads),
            Column(self.word("changes.reason"), 4.0, "left"),
            Column(self.word("changes.evidence"), 1.2, "center"),
        )
        self.document.table(Table(columns, [self._row(change) for change in changes]))

    def _row(self, change: Change) -> tuple[str, ...]:
        item, view = change.item, self._view
        return (
            named(item.number, item.label, self._messages),
            item.unit,
            shown(item, view.previous.get(item.id)) or self.word("changes.none"),
            shown(item, view.values.get(item.id)),
            difference_text(change, self._messages),
            self._torch(change),
            "\n".join(change.reasons) or self.word("changes.no_reason"),
            "\n".join(range_text(pages, self._plan, self._messages) for pages in self._evidence(item)),
        )

    def _torch(self, change: Change) -> str:
        if change.torch_differs:
            value = shown(change.item, self._view.torch.get(change.item.id))
            return self.word("changes.torch_value", value=value)
        return self.word("changes.torch_item" if change.item.torch_item else "changes.added_item")

    def _evidence(self, item: Item) -> Iterator[PageRange]:
        proofs = {item.id, *item.evidence}
        proofs |= {kind.id for kind in self._view.programme.evidence if item.id in kind.items}
        for file in self._view.attachments:
            pages = self._plan.files.get(file.sha256)
            if pages is not None and proofs & set(file.items):
                yield pages

    def others(self) -> None:
        """Print the reasons given at tables, rows, files and for the report as a whole."""
        numbers = {item.id for item in self._view.programme.form.fields.values() if item.type in NUMBER_TYPES}
        rows = [
            (place_name(self._view, path, self._messages), reason)
            for path, reason in _reasons(self._view)
            if path not in numbers
        ]
        if not rows:
            return
        self.document.heading(self.word("changes.others"))
        columns = (
            Column(self.word("explanations.place"), 1.0, "left"),
            Column(self.word("changes.reason"), 3.0, "left"),
        )
        self.document.table(Table(columns, rows))


def _reasons(view: View) -> Iterator[tuple[str, str]]:
    for key, reason in sorted(view.answers.reasons.items()):
        yield key.partition("@")[2], reason
