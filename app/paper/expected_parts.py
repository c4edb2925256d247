"""What must be read on every kind of part: nothing of the book leaves without having been read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from app.messages import Messages
from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.paper.changes import difference_text, find_changes
from app.paper.enclosure import IMAGES
from app.paper.evidence import sorted_files
from app.paper.expected import (
    Expected,
    Passage,
    letter_texts,
    listing_texts,
    picture_texts,
    report_texts,
    under_seals,
)
from app.paper.plan import Plan, Surroundings, range_text, ranges_text
from app.paper.spine import LEAST_MM, spine_advice, spine_text
from app.paper.stamping import stamp_checks
from app.paper.wording import fill_text, named, place_name, read_passages, shown, standard_slots
from app.rules.view import View

_NEAR = 400
"""Characters that may stand between two texts of a row: other cells and heads of a table."""

_NOTHING = Surroundings()


def expected_texts(
    programme: Programme, view: View, part: Part, messages: Messages, around: Surroundings = _NOTHING
) -> tuple[Passage, ...]:
    """Give what a part must show, made from the data and not from its layout.

    The report: every answer that applies and every cell; letters: every line of their text with the answers
    in it; what tells about the book: every part with its pages; what tells about findings: every reason.
    """
    seals = (Passage("", (), under_seals(part, messages)),) if part.stamp_places else ()
    if part.kind is PartKind.REPORT:
        return (*report_texts(programme, view, messages), *seals)
    if part.diagram is not None:
        return tuple(picture_texts(programme, view, part.diagram))
    if part.listing is not None:
        return (*listing_texts(programme, view, part.listing, messages), *seals)
    if part.kind in (PartKind.RECOMMENDATION, PartKind.COMMITMENT):
        return letter_texts(programme, view, part, messages)
    made = _Texts(programme, view, part, messages, around)
    kinds: Mapping[PartKind, Callable[[], Iterable[Passage]]] = {
        PartKind.COVER: made.cover,
        PartKind.NOTES: made.notes,
        PartKind.CATALOGUE: made.catalogue,
        PartKind.EXPLANATIONS: made.explanations,
        PartKind.EVIDENCE_LIST: made.evidence_list,
        PartKind.EVIDENCE: made.evidence,
        PartKind.CHANGES: made.changes,
        PartKind.APPROVAL: made.approval,
        PartKind.STAMPING: made.stamping,
        PartKind.SPINE: made.spine,
        PartKind.PRINT_ORDER: made.print_order,
    }
    return (*kinds[part.kind](), *seals) if part.kind in kinds else ()


class _Texts:
    def __init__(
        self, programme: Programme, view: View, part: Part, messages: Messages, around: Surroundings
    ) -> None:
        self._programme = programme
        self._view = view
        self._part = part
        self._messages = messages
        self._around = around

    @property
    def _plan(self) -> Plan:
        return self._around.plan

    def _row(self, place: str, texts: Sequence[str], head: str = "") -> Passage:
        """Give texts that follow each other in one row; they are named by their ``place``."""
        return Passage(head, [Expected(place, text) for text in texts if text], apart=_NEAR)

    def _lines(self, place: str, text: str) -> Iterator[Passage]:
        """Give the lines of a text of the programme, each for itself."""
        for passage in read_passages(self._programme.texts.get(text, "")):
            rows = passage.rows
            for label, template in rows:
                value = fill_text(template, self._view, self._messages, "")
                yield Passage("", [Expected(label, label)])
                yield Passage("", [Expected(label, value)])
            for line in () if rows else passage.lines:
                filled = fill_text(line, self._view, self._messages)
                yield Passage("", [Expected(passage.title or place, filled)])

    def cover(self) -> Iterator[Passage]:
        """Title, period, issuer, and the text's rows and lines."""
        title = self._part.title
        period = standard_slots(self._programme, self._messages)["period"]
        for text in (self._programme.title, period, self._programme.issuer):
            yield self._row(title, [text])
        yield from self._lines(title, self._part.text)

    def notes(self) -> Iterator[Passage]:
        """Title, headings and lines."""
        yield self._row(self._part.title, [self._part.title])
        for passage in read_passages(self._programme.texts.get(self._part.text, "")):
            filled = [fill_text(line, self._view, self._messages) for line in passage.lines]
            yield self._row(passage.title or self._part.title, [passage.title, *filled])

    def catalogue(self) -> Iterator[Passage]:
        """Each part of the book with its pages and their number, in order."""
        texts = [Expected(self._part.title, self._part.title)]
        for planned in self._plan.parts:
            if planned.id != self._part.id:
                pages = ranges_text(planned.ranges, self._plan, self._messages)
                count = sum(each.pages for each in planned.ranges)
                texts += [Expected(planned.title, text) for text in (planned.title, pages, str(count))]
        yield Passage("", texts, apart=100_000)
        for file in self._view.attachments:
            place = self._plan.files.get(file.sha256)
            if place is not None:
                text = range_text(place, self._plan, self._messages)
                yield self._row(file.name, [text, str(place.pages)], file.name)

    def explanations(self) -> Iterator[Passage]:
        """Every written reason with its place."""
        for key, reason in self._view.answers.reasons.items():
            place = place_name(self._view, key.partition("@")[2], self._messages)
            yield self._row(place, [place])
            yield self._row(place, [reason])

    def evidence_list(self) -> Iterator[Passage]:
        """Every file with its kind and its pages; kinds without a file."""
        groups = sorted_files(self._view)
        for kind, files in groups:
            label = kind.label if kind else self._word("evidence.other")
            yield self._row(label, [label])
            for file in files:
                pages = range_text(self._plan.files.get(file.sha256), self._plan, self._messages)
                yield self._row(file.name, [pages], file.name)
        present = {kind.id for kind, _ in groups if kind}
        for absent in self._programme.evidence:
            if absent.id not in present:
                yield self._row(absent.label, [absent.label, self._word("nothing")])

    def evidence(self) -> Iterator[Passage]:
        """What stands on the dividing sheets and on those that stand in for a file."""
        for kind, files in sorted_files(self._view):
            label = kind.label if kind else self._word("evidence.other")
            yield self._row(label, [label])
            for file in files[:12]:
                yield self._row(file.name, [file.name])
            for file in files:
                path = self._around.files.get(file.sha256)
                known = file.name.lower().endswith((".pdf", *IMAGES))
                if path is None or not path.is_file() or not known:
                    yield self._row(file.name, [self._word("evidence.stand_in")], file.name)

    def changes(self) -> Iterator[Passage]:
        """Every item that stands out: both years, the change, the reasons; then all other reasons."""
        for change in find_changes(self._view):
            item, view = change.item, self._view
            name = named(item.number, item.label, self._messages)
            before = shown(item, view.previous.get(item.id)) or self._word("changes.none")
            after = shown(item, view.values.get(item.id))
            difference = difference_text(change, self._messages).splitlines()
            yield self._row(name, [before, after, *difference[:1]], name)
            for reason in change.reasons:
                yield self._row(name, [reason])
        for key, reason in self._view.answers.reasons.items():
            yield self._row(place_name(self._view, key.partition("@")[2], self._messages), [reason])

    def approval(self) -> Iterator[Passage]:
        """The title and the key figures; of changes and findings there are as many as fit."""
        yield self._row(self._part.title, [self._part.title])
        yield self._row(self._part.title, [self._programme.title])
        yield from self._lines(self._part.title, self._part.text)

    def stamping(self) -> Iterator[Passage]:
        """Every place with its pages and a box for each copy, and how many checks that makes."""
        checks, copies = stamp_checks(self._programme), self._programme.packet.copies
        for owner, place in checks:
            pages = ranges_text(self._plan.pages_of(owner.id), self._plan, self._messages)
            boxes = [self._word("stamping.box", copy=copy) for copy in range(1, copies + 1)]
            yield self._row(place.label, [pages, place.party, *boxes], place.label)
        total = self._word("stamping.total", places=len(checks), copies=copies, checks=len(checks) * copies)
        yield self._row(self._part.title, [total])
        yield self._row(self._word("stamping.receipt"), [self._word("stamping.receipt")])

    def spine(self) -> Iterator[Passage]:
        """Text and measure of the spine of every volume."""
        volumes = self._plan.volumes
        for number, volume in enumerate(volumes, 1):
            text = spine_text(self._programme, self._view, number, len(volumes), self._messages)
            yield self._row(self._part.title, [text])
            size = self._word("spine.size", sheets=volume.sheets, thickness=f"{volume.thickness:g}")
            yield self._row(self._part.title, [size])

    def print_order(self) -> Iterator[Passage]:
        """Copies and binding, and every volume with its pages, sheets and spine."""
        word, packet = self._word, self._programme.packet
        yield self._row(word("print_order.matter"), [self._programme.title])
        yield self._row(word("print_order.copies"), [word("print_order.copies_text", copies=packet.copies)])
        volumes = self._plan.volumes
        for number, volume in enumerate(volumes, 1):
            pages = word("plan.pages", first=volume.first, last=volume.last)
            text = spine_text(self._programme, self._view, number, len(volumes), self._messages)
            advice = spine_advice(volume, packet.volume_sheets, self._messages)
            yield self._row(word("print_order.volumes"), [pages, str(volume.sheets), f"{volume.thickness:g}"])
            if volume.thickness >= LEAST_MM:
                yield self._row(word("print_order.spine"), [text])
            if advice:
                yield self._row(word("print_order.spine"), [advice])

    def _word(self, code: str, /, **params: object) -> str:
        return self._messages.text("paper", code, **params)
