"""Proof documents (佐证材料) and the record: what is linked, what is intact, what was registered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from app.model.draft import Attachment, Row
from app.model.finding import Finding
from app.model.form import Item
from app.model.programme import CheckSpec, Programme
from app.model.submission import Event, EventKind
from app.model.value import NUMBER_TYPES, Invalid, ItemType, Value
from app.rules.identity import plain_name
from app.rules.kinds.operands import reads_of
from app.rules.kinds.prose_reading import Paragraph, Reader, Remark, heading_of
from app.rules.kinds.report import Hits, Verdict, cell_findings, field_finding, form_finding, listed
from app.rules.kinds.targets import Params, define, is_empty, is_written, number_of
from app.rules.rule import Reads, Rule, SpecError, Target
from app.rules.view import View

_ATTACHMENTS = Reads(parts=frozenset({"attachments"}))
_FILES = Reads(parts=frozenset({"attachments", "context"}))
_EVENTS = Reads(parts=frozenset({"context"}))

_REFERENCE = re.compile(r"(?:附件|附表|附录|附图)[0-9一二三四五六七八九十]{0,3}[:：]?《([^《》\n]{1,80})》")
_NAME_ONLY = re.compile(r"[0-9.．、\s]*《(?P<name>[^《》]{1,80})》[。；]?")
_ENCLOSED = re.compile("附件|附表|附录|附图")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")

BROKEN_REASONS = frozenset({"missing", "altered"})
"""Reason codes of ``Context.broken_files`` with a wording of their own."""

FAULT_REASONS = frozenset(
    {"type", "size", "encrypted", "empty", "damaged", "no_pages", "too_many_pages", "rotated"}
)
"""Reason codes of ``Context.file_faults`` with a wording of their own."""

PER_COPY_EVENTS = frozenset(
    {
        EventKind.PRINTED,
        EventKind.SIGNED,
        EventKind.STAMPED,
        EventKind.STAMPED_BY_BUREAU,
        EventKind.BOUND,
        EventKind.POSTED,
        EventKind.DELIVERED,
    }
)
"""Events that are registered for each paper copy."""


def compile_evidence_present(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find answers that claim something but have no proof linked (checks.md CMP-06).

    ``items``: default all numbers and yes/no fields with an ``evidence`` list.  A number claims something
    when it is above 0, a yes/no item when it is 是, any other item when it is filled.  It is proved by a
    file linked to one of its evidence kinds, to the item, or to the row or cell.
    """
    params = Params(programme, spec)
    claims = NUMBER_TYPES | {ItemType.YES_NO}
    targets = params.targets(
        wanted=lambda item: bool(item.evidence),
        what="item_with_evidence",
        default=lambda item: item.type in claims and bool(item.evidence),
        default_columns=False,
    )
    labels = {kind.id: f"{kind.number} {kind.label}".strip() for kind in programme.evidence}
    for target in targets:
        for name in target.item.evidence:
            if name not in labels:
                raise SpecError("unknown_evidence", parameter="items", value=name)
    return [_evidence_rule(spec, target, labels) for target in targets]


def _evidence_rule(spec: CheckSpec, target: Target, labels: Mapping[str, str]) -> Rule:
    item, table = target.item, target.table
    verdict: Verdict = ("text", {"evidence": listed(labels[name] for name in item.evidence)})
    kinds = frozenset((*item.evidence, target.address))
    if table is None:

        def run(view: View) -> Sequence[Finding]:
            value = view.values.get(item.id)
            if not _claims(value) or kinds & _linked(view):
                return ()
            return (field_finding(spec, target, value, verdict),)

        return Rule(spec.code, reads_of(target) | _ATTACHMENTS, run=run)
    table_id = table.id

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        linked = _linked(view)
        if kinds & linked:
            return ()
        hits: Hits = [(row, verdict) for row in rows if _claims(row.cells.get(item.id))]
        hits = [hit for hit in hits if not _row_paths(table_id, hit[0], item) & linked]
        return cell_findings(spec, view, target, hits)

    return Rule(spec.code, reads_of(target) | _ATTACHMENTS, run_rows=run_rows, table=table.id)


def _row_paths(table_id: str, row: Row, item: Item) -> frozenset[str]:
    return frozenset({f"{table_id}/{row.id}", f"{table_id}/{row.id}/{item.id}"})


def _linked(view: View) -> frozenset[str]:
    return frozenset(item for attachment in view.attachments for item in attachment.items)


def _claims(value: Value | None) -> bool:
    if is_empty(value) or isinstance(value, Invalid):
        return False
    number = number_of(value)
    return number > 0 if number is not None else value is not False


def compile_evidence_required(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find kinds of proof to which no file is linked (checks.md CMP-09).

    ``evidence``: default the kinds marked required in ``evidence.toml``.  Path: ``evidence:<id>``.
    """
    default = [kind.id for kind in programme.evidence if kind.required]
    wanted = Params(programme, spec).evidence("evidence", default)
    kinds = [kind for kind in programme.evidence if kind.id in wanted]

    def run(view: View) -> Sequence[Finding]:
        linked = _linked(view)
        return [
            form_finding(spec, f"evidence:{kind.id}", "text", label=f"{kind.number} {kind.label}".strip())
            for kind in kinds
            if kind.id not in linked
        ]

    return (Rule(spec.code, _ATTACHMENTS, run=run),)


def compile_attachment_unused(_programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find files linked to nothing (checks.md CMP-07).  Path: ``attachment:<name>``."""
    return _file_rule(spec, _ATTACHMENTS, lambda _view, file: "" if file.items else "text")


def compile_attachment_intact(_programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find files that are gone or were altered since they were linked (checks.md CMP-08).

    ``Context.broken_files`` says which, with a code of ``BROKEN_REASONS``.  Path: ``attachment:<name>``.
    """
    return _file_rule(
        spec, _FILES, lambda view, file: _reason(view.context.broken_files, file, BROKEN_REASONS)
    )


def compile_attachment_usable(_programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find files that cannot be used: type, size, encrypted, empty, pages (checks.md FMT-14).

    ``Context.file_faults`` says which, with a code of ``FAULT_REASONS``.  Path: ``attachment:<name>``.
    """
    return _file_rule(spec, _FILES, lambda view, file: _reason(view.context.file_faults, file, FAULT_REASONS))


def _reason(reasons: Mapping[str, str], file: Attachment, known: frozenset[str]) -> str:
    reason = reasons.get(file.sha256, "")
    return reason if not reason or reason in known else "other"


def _file_rule(
    spec: CheckSpec, reads: Reads, variant_of: Callable[[View, Attachment], str]
) -> Sequence[Rule]:
    def run(view: View) -> Sequence[Finding]:
        found = []
        for file in view.attachments:
            variant = variant_of(view, file)
            if variant:
                found.append(
                    form_finding(spec, f"attachment:{file.name}", variant, label=file.name, file=file.name)
                )
        return found

    return (Rule(spec.code, reads, run=run),)


def compile_attachment_referenced(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find texts that refer to a 附件《名称》 or 附表《名称》 that is not there (checks.md CMP-14).

    ``items``: default all long texts.  Names are compared without width, brackets and file ending; one may
    contain the other.  References by number only cannot be decided.
    """
    params = Params(programme, spec)
    targets = params.targets(wanted=is_written, default=lambda item: item.type is ItemType.LONG_TEXT)
    tables = tuple(plain_name(table.label) for table in programme.form.tables.values())
    return [_reference_rule(spec, target, tables) for target in targets]


@lru_cache(maxsize=4)
def _known_names(tables: tuple[str, ...], attachments: tuple[str, ...]) -> tuple[str, ...]:
    return (*tables, *(plain_name(_SUFFIX.sub("", name)) for name in attachments))


def _reference_rule(spec: CheckSpec, target: Target, tables: tuple[str, ...]) -> Rule:
    item_id, table = target.item.id, target.table

    def verdict_of(view: View, value: Value | None) -> Verdict | None:
        if not isinstance(value, str):
            return None
        named = _REFERENCE.findall(value) if "附" in value else ()
        if not named:
            return None
        known = _known_names(tables, tuple(file.name for file in view.attachments))
        missing = [name for name in named if not _among(plain_name(name), known)]
        return (
            ("text", {"names": "、".join(f"《{name}》" for name in dict.fromkeys(missing))})
            if missing
            else None
        )

    if table is None:

        def run(view: View) -> Sequence[Finding]:
            value = view.values.get(item_id)
            verdict = verdict_of(view, value)
            return () if verdict is None else (field_finding(spec, target, value, verdict),)

        return Rule(spec.code, reads_of(target) | _ATTACHMENTS, run=run)

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        judged = [(row, verdict_of(view, row.cells.get(item_id))) for row in rows]
        return cell_findings(spec, view, target, [(row, verdict) for row, verdict in judged if verdict])

    return Rule(spec.code, reads_of(target) | _ATTACHMENTS, run_rows=run_rows, table=table.id)


def make_attachment_referenced(_params: Params, _label: str) -> Reader:
    """Read a whole report for 附件《名称》 and for 附表 with nothing but names under it (seed 003 七).

    A name is there when a paragraph of the report bears it as its title.
    """

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        known = [plain_name(p.text) for p in paragraphs if not _NAME_ONLY.fullmatch(p.text)]
        listing = False
        for paragraph in paragraphs:
            heading = heading_of(paragraph.text)
            only = _NAME_ONLY.fullmatch(paragraph.text)
            names = _REFERENCE.findall(paragraph.text) or ([only["name"]] if listing and only else [])
            listing = (heading is not None and bool(_ENCLOSED.search(heading.words))) or (
                listing and bool(only)
            )
            missing = [name for name in names if plain_name(name) not in known]
            if missing:
                shown = "、".join(f"《{name}》" for name in dict.fromkeys(missing))
                yield Remark(paragraph.number, "text", {"names": shown})

    return read


def _among(name: str, known: Iterable[str]) -> bool:
    return any(name in other or (len(other) > 3 and other in name) for other in known)


def compile_events_present(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find steps that nobody registered: prints, signatures, stamps (checks.md CMP-10, CMP-15).

    ``events``: event kinds.  ``per_copy``: each is wanted once for every copy of the book; an event
    counts for ``params["copies"]`` copies, else for one.  Events of an older sealed revision do not count.
    ``after``: an event kind; nothing is asked for before one is on record.  Path: ``event:<kind>``.
    """
    params = Params(programme, spec)
    per_copy = params.flag("per_copy")
    kinds = [_event_kind("events", name) for name in params.texts("events")]
    for kind in kinds:
        if per_copy and kind not in PER_COPY_EVENTS:
            raise SpecError("event_without_copies", parameter="events", value=kind.value)
    after = _event_kind("after", params.text("after")) if params.has("after") else None
    wanted = programme.packet.copies if per_copy else 1

    def run(view: View) -> Sequence[Finding]:
        if after is not None and all(event.kind is not after for event in view.context.events):
            return ()
        found = []
        for kind in kinds:
            have = sum(_copies(event) for event in _current(view.context.events) if event.kind is kind)
            if have < wanted:
                variant = f"{kind.value}_copies" if per_copy else kind.value
                slots = {"have": str(have), "copies": str(wanted), "missing": str(wanted - have)}
                found.append(
                    form_finding(spec, f"event:{kind.value}", variant, **(slots if per_copy else {}))
                )
        return found

    return (Rule(spec.code, _EVENTS, run=run),)


def _event_kind(parameter: str, name: str) -> EventKind:
    if name not in EventKind.__members__.values():
        raise SpecError("unknown_event", parameter=parameter, value=name)
    return EventKind(name)


def _copies(event: Event) -> int:
    text = event.params.get("copies", "1")
    return int(text) if text.isascii() and text.isdigit() else 1


def _current(events: Sequence[Event]) -> list[Event]:
    sealed = [event for event in events if event.kind is EventKind.SEALED]
    if not sealed:
        return list(events)
    fingerprint = sealed[-1].fingerprint
    start = next(
        i for i, e in enumerate(events) if e.kind is EventKind.SEALED and e.fingerprint == fingerprint
    )
    return [event for event in events[start:] if event.fingerprint in ("", fingerprint)]


PROSE = {"attachment_referenced": make_attachment_referenced}
KINDS = (
    define("evidence_present", compile_evidence_present, "", "items"),
    define("evidence_required", compile_evidence_required, "", "evidence"),
    define("attachment_unused", compile_attachment_unused),
    define("attachment_intact", compile_attachment_intact),
    define("attachment_usable", compile_attachment_usable),
    define("attachment_referenced", compile_attachment_referenced, "", "items"),
    define("events_present", compile_events_present, "events", "per_copy after"),
)
