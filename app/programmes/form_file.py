"""``form.toml`` and ``tables/*.toml`` -> ``Form``."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.form import DerivedRow, Form, Item, PeriodKind, Section, Table
from app.model.value import MONEY_UNITS, NUMBER_TYPES, ItemType, clean_text
from app.programmes.reader import Defects, TomlTable, parse_toml


def parse_form(files: Mapping[str, bytes], defects: Defects) -> Form:
    """Read the whole form; ids are unique, sections name tables that exist."""
    tables: dict[str, Table] = {}
    for name in sorted(files):
        if name.startswith("tables/") and name.endswith(".toml"):
            table = _parse_table(parse_toml(files[name], name, defects))
            if table.id in tables:
                defects.add("duplicate_id", name, "id", value=table.id)
            tables[table.id] = table
    if "form.toml" not in files:
        defects.add("file_missing", "form.toml", "")
        return Form((), tables)
    root = parse_toml(files["form.toml"], "form.toml", defects)
    sections = tuple(_parse_section(raw, tables) for raw in root.tables("section"))
    root.close()
    seen: set[str] = set(tables)
    for position, section in enumerate(sections):
        if any(other.id == section.id for other in sections[:position]):
            defects.add("duplicate_id", "form.toml", f"section[{section.id}]", value=section.id)
        for item in section.fields:
            if item.id in seen:
                defects.add("duplicate_id", "form.toml", f"section[{section.id}]", value=item.id)
            seen.add(item.id)
    shown = [table for section in sections for table in section.tables]
    for table_id in tables:
        if shown.count(table_id) != 1:
            defects.add("table_not_shown_once", "form.toml", table_id)
    return Form(sections, tables)


def _parse_section(raw: TomlTable, tables: Mapping[str, Table]) -> Section:
    section = Section(
        id=raw.identifier(),
        number=raw.text("number"),
        label=raw.text("label", required=True),
        fields=tuple(_parse_item(item) for item in raw.tables("field")),
        tables=raw.texts("tables"),
        note=raw.text("note"),
    )
    for table_id in section.tables:
        if table_id not in tables:
            raw.defect("unknown_table", "tables", value=table_id)
    raw.close()
    return section


def _parse_table(raw: TomlTable) -> Table:
    columns = tuple(_parse_item(item) for item in raw.tables("column"))
    ids = [column.id for column in columns]
    for column_id in ids:
        if ids.count(column_id) > 1:
            raw.defect("duplicate_id", "column", value=column_id)
    derived: list[DerivedRow] = []
    for row in raw.tables("derived"):
        derived.append(DerivedRow(row.identifier(), row.mapping("texts"), row.mapping("expressions")))
        if any(other.id == derived[-1].id for other in derived[:-1]):
            row.defect("duplicate_id", value=derived[-1].id)
        for column_id in (*derived[-1].texts, *derived[-1].expressions):
            if column_id not in ids:
                row.defect("unknown_column", value=column_id)
        row.close()
    table = Table(
        id=raw.identifier(),
        number=raw.text("number"),
        label=raw.text("label", required=True),
        columns=columns,
        key=raw.texts("key"),
        min_rows=raw.integer("min_rows"),
        rule=raw.text("rule"),
        source=raw.text("source"),
        landscape=raw.boolean("landscape"),
        derived=tuple(derived),
        relevant=raw.condition("relevant", default=""),
    )
    if not columns:
        raw.defect("key_missing", "column")
    for column_id in table.key:
        if column_id not in ids:
            raw.defect("unknown_column", "key", value=column_id)
    switches = {column.id for column in columns if column.type is ItemType.YES_NO}
    for column in columns:
        if column.masked_by and column.masked_by not in switches:
            raw.defect("unknown_column", f"column[{column.id}].masked_by", value=column.masked_by)
    raw.close()
    return table


def _parse_item(raw: TomlTable) -> Item:
    kind = raw.member("type", ItemType)
    item = Item(
        id=raw.identifier(),
        label=raw.text("label", required=True),
        type=kind,
        number=raw.text("number"),
        unit=raw.text("unit"),
        period_kind=raw.member("period", PeriodKind, default=PeriodKind.NONE),
        required=raw.condition("required"),
        readonly=raw.boolean("readonly"),
        relevant=raw.condition("relevant", default=""),
        calculate=raw.text("calculate"),
        decimals=raw.integer("decimals") if raw.has("decimals") else None,
        min_length=raw.integer("min_length"),
        max_length=raw.integer("max_length"),
        choices=raw.mapping("choices"),
        torch_item=raw.boolean("torch_item"),
        compared=raw.boolean("compared"),
        evidence=raw.texts("evidence"),
        rule=raw.text("rule"),
        prompt=raw.text("prompt"),
        source=raw.text("source"),
        masked=raw.boolean("masked"),
        masked_by=raw.text("masked_by"),
        total=raw.boolean("total"),
        width=raw.number("width", default=1.0),
    )
    if kind is ItemType.MONEY and item.unit not in MONEY_UNITS:
        raw.defect("money_unit", "unit", value=item.unit, known="、".join(MONEY_UNITS))
    if kind in (ItemType.CHOICE, ItemType.MULTI_CHOICE) and not item.choices:
        raw.defect("key_missing", "choices")
    names = [name for key, label in item.choices.items() for name in {key, label}]
    for label in item.choices.values():
        if clean_text(label) != label or not label or names.count(label) > 1:
            raw.defect("choice_ambiguous", "choices", value=label)
    if item.decimals is not None and kind not in NUMBER_TYPES:
        raw.defect("only_for_numbers", "decimals")
    if item.total and kind not in NUMBER_TYPES:
        raw.defect("only_for_numbers", "total")
    raw.close()
    return item
