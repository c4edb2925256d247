"""What can be wrong with a whole programme beyond the shape of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from app.model.form import Item, Table
from app.model.packet import Part, PartKind
from app.model.programme import DeliverySource, Programme
from app.model.value import ItemType
from app.rules.calculate import compile_calculations
from app.rules.checker import compile_spec
from app.rules.expression import ExpressionError, Kind, Scope, compile_expression, scope_of
from app.rules.rule import SpecError

Problem: TypeAlias = tuple[str, str, str, Mapping[str, object]]
"""Message code, file, place, parameters."""

_SLOT = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_CODE = re.compile(r"[A-Z]{3}-\d{2}[a-z]?")
STANDARD_SLOTS = frozenset(
    {"title", "short_title", "issuer", "report_year", "period", "period_start", "period_end", "label"}
)
"""Slots of texts and of the spine beside item ids."""


def lint(programme: Programme) -> Iterator[Problem]:
    """Give everything wrong with a programme whose files could be read."""
    scope = scope_of(programme.form)
    before = 0
    for problem in _lint_items(programme, scope):
        before += 1
        yield problem
    if not before:
        yield from _lint_calculations(programme)
    yield from _lint_checks(programme)
    yield from _lint_stages(programme)
    yield from _lint_evidence(programme)
    yield from _lint_texts(programme)
    yield from _lint_deliveries(programme)
    yield from _lint_score(programme, scope)
    yield from _lint_gatherings(programme)


def _lint_gatherings(programme: Programme) -> Iterator[Problem]:
    """Give what is wrong on this side; the other programme's items are known only when its report comes."""
    for position, one in enumerate(programme.gatherings, 1):
        place = f"gather[{position}]"
        table = programme.form.tables.get(one.table)
        if table is None:
            yield "unknown_table", "gather.toml", f"{place}.table", {"value": one.table}
            continue
        open_columns = {column.id for column in table.columns if not column.calculated}
        wanted = [*one.columns, *filter(None, (one.key, one.stamp))]
        for column_id in wanted:
            if column_id not in open_columns or (column_id == one.key and column_id not in one.columns):
                yield "unknown_column", "gather.toml", place, {"value": column_id}


def _lint_items(programme: Programme, scope: Scope) -> Iterator[Problem]:
    for section in programme.form.sections:
        for item in section.fields:
            yield from _lint_item(item, scope, None, "form.toml", f"section[{section.id}].field[{item.id}]")
    for table in programme.form.tables.values():
        file = f"tables/{table.id}.toml"
        for column in table.columns:
            yield from _lint_item(column, scope, table, file, f"column[{column.id}]")
        for row in table.derived:
            for column_id, source in row.expressions.items():
                yield from _try(source, scope, None, file, f"derived[{row.id}].{column_id}")
        if table.relevant:
            yield from _try(table.relevant, scope, None, file, "relevant", Kind.BOOLEAN)


def _lint_item(item: Item, scope: Scope, table: Table | None, file: str, place: str) -> Iterator[Problem]:
    table_id = table.id if table else None
    for key in ("required", "relevant", "calculate"):
        source: str = getattr(item, key)
        if source:
            wanted = None if key == "calculate" else Kind.BOOLEAN
            yield from _try(source, scope, table_id, file, f"{place}.{key}", wanted)


def _try(
    source: str, scope: Scope, table: str | None, file: str, place: str, wanted: Kind | None = None
) -> Iterator[Problem]:
    try:
        expression = compile_expression(source, scope, table=table)
    except ExpressionError as error:
        yield "expression", file, place, _expression_params(error)
        return
    if wanted is not None and expression.type is not wanted:
        yield "result_type", file, place, {"wanted": "number" if wanted is Kind.NUMBER else "condition"}


def _expression_params(error: ExpressionError) -> dict[str, object]:
    return {"code": error.code, "position": error.position, **error.params}


def _lint_calculations(programme: Programme) -> Iterator[Problem]:
    try:
        compile_calculations(programme)
    except SpecError as error:
        yield error.code, "form.toml", "", error.params


def _lint_checks(programme: Programme) -> Iterator[Problem]:
    scope = scope_of(programme.form)
    for spec in programme.checks:
        if spec.when:
            yield from _try(spec.when, scope, None, "checks.toml", f"{spec.origin}.when", Kind.BOOLEAN)
        if not _CODE.fullmatch(spec.code):
            yield "bad_code", "checks.toml", spec.origin, {"value": spec.code}
        try:
            compile_spec(programme, replace(spec, when=""))
        except SpecError as error:
            yield error.code, "checks.toml", spec.origin, error.params
        except ExpressionError as error:
            yield "expression", "checks.toml", spec.origin, _expression_params(error)


def _lint_stages(programme: Programme) -> Iterator[Problem]:
    seen: set[str] = set()
    for stage in programme.stages:
        place = f"stage[{stage.id}]"
        if stage.id in seen:
            yield "duplicate_id", "programme.toml", place, {"value": stage.id}
        for name in stage.after:
            if name not in seen:
                yield "unknown_stage", "programme.toml", f"{place}.after", {"value": name}
        if stage.returns_to and stage.returns_to not in seen:
            yield "unknown_stage", "programme.toml", f"{place}.returns_to", {"value": stage.returns_to}
        seen.add(stage.id)
    if not programme.stages:
        yield "key_missing", "programme.toml", "stage", {}


def _lint_evidence(programme: Programme) -> Iterator[Problem]:
    known = {kind.id for kind in programme.evidence}
    addresses = dict(programme.form.items())
    for address, item in addresses.items():
        for evidence in item.evidence:
            if evidence not in known:
                yield "unknown_evidence", "form.toml", address, {"value": evidence}
    for kind in programme.evidence:
        for address in kind.items:
            if address not in addresses and address not in programme.form.tables:
                yield "unknown_item", "evidence.toml", f"evidence[{kind.id}]", {"value": address}


def _lint_texts(programme: Programme) -> Iterator[Problem]:
    allowed = STANDARD_SLOTS | programme.form.fields.keys()
    texts = {f"texts/{name}.txt": text for name, text in programme.texts.items()}
    for file, text in (*texts.items(), ("packet.toml", programme.packet.spine)):
        for slot in _SLOT.findall(text):
            if slot not in allowed:
                yield "unknown_slot", file, slot, {"value": slot}
    seen: set[str] = set()
    for part in programme.packet.parts:
        if part.id in seen:
            yield "duplicate_id", "packet.toml", f"part[{part.id}]", {"value": part.id}
        seen.add(part.id)
        if part.text and part.text not in programme.texts:
            yield "unknown_text", "packet.toml", f"part[{part.id}].text", {"value": part.text}
        yield from _lint_shown(programme, part)


def _lint_deliveries(programme: Programme) -> Iterator[Problem]:
    """Give what is wrong with the files that the platform wants."""
    parts = {part.id: part for part in programme.packet.parts}
    allowed = STANDARD_SLOTS | programme.form.fields.keys()
    seen: set[str] = set()
    scans = 0
    for one in programme.upload.deliveries:
        place = f"upload.delivery[{one.id}]"
        if one.id in seen:
            yield "duplicate_id", "programme.toml", place, {"value": one.id}
        seen.add(one.id)
        scans += one.source is DeliverySource.SCAN
        if one.source is DeliverySource.SCAN and scans > 1:
            yield "second_scan", "programme.toml", f"{place}.source", {}
        own = parts.get(one.part)
        if one.source is DeliverySource.PART and (own is None or own.kind is PartKind.PLATFORM_REPORT):
            yield "unknown_part", "programme.toml", f"{place}.part", {"value": one.part}
        if one.stage and all(one.stage != stage.id for stage in programme.stages):
            yield "unknown_stage", "programme.toml", f"{place}.stage", {"value": one.stage}
        for slot in _SLOT.findall(one.file_name):
            if slot not in allowed:
                yield "unknown_slot", "programme.toml", f"{place}.file_name", {"value": slot}


def _lint_shown(programme: Programme, part: Part) -> Iterator[Problem]:
    """Give what is wrong with a picture or a listing: its table, and columns of the wanted types."""
    shown: dict[str, dict[str, ItemType | None]] = {}
    if part.diagram is not None:
        wanted: dict[str, ItemType | None] = {part.diagram.head: None, part.diagram.lanes: ItemType.CHOICE}
        if part.diagram.gap:
            wanted[part.diagram.gap] = ItemType.YES_NO
        wanted = dict.fromkeys(part.diagram.lines) | wanted
        shown[part.diagram.table] = wanted
    elif part.kind is PartKind.DIAGRAM:
        yield "key_missing", "packet.toml", f"part[{part.id}].diagram", {}
    if part.listing is not None:
        shown[part.listing.table] = dict.fromkeys(part.listing.columns)
    elif part.kind is PartKind.LISTING:
        yield "key_missing", "packet.toml", f"part[{part.id}].listing", {}
    for table_id, columns in shown.items():
        yield from _lint_columns(programme, part, table_id, columns)


def _lint_columns(
    programme: Programme, part: Part, table_id: str, wanted: Mapping[str, ItemType | None]
) -> Iterator[Problem]:
    place = f"part[{part.id}].{part.kind.value}"
    table = programme.form.tables.get(table_id)
    if table is None:
        yield "unknown_table", "packet.toml", place, {"value": table_id}
        return
    types = {column.id: column.type for column in table.columns}
    for column_id, kind in wanted.items():
        if column_id not in types or kind not in (None, types[column_id]):
            yield "unknown_column", "packet.toml", place, {"value": column_id}


def _lint_score(programme: Programme, scope: Scope) -> Iterator[Problem]:
    if programme.score is None:
        return
    for line in programme.score.lines:
        place = f"line[{line.id}].expression"
        yield from _try(line.expression, scope, None, "scoring.toml", place, Kind.NUMBER)
    for source, label in programme.score.vetoes:
        yield from _try(source, scope, None, "scoring.toml", f"veto[{label}]", Kind.BOOLEAN)
