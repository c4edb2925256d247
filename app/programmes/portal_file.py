"""``portal.toml`` -> ``Portal``: what is known of a web portal without an interface; may be absent."""

from __future__ import annotations

from collections.abc import Mapping

from app.messages import slots
from app.model.form import Form
from app.model.portal import FILE_SLOTS, FILES, Portal, PortalItem, PortalSection
from app.model.value import MONEY_UNITS, ItemType
from app.programmes.reader import Defects, TomlTable, parse_toml

FILE = "portal.toml"


def parse_portal(files: Mapping[str, bytes], form: Form, defects: Defects) -> Portal:
    """Read the portal's order and names; every id must be one of the form, each in one section only."""
    if FILE not in files:
        return Portal()
    root = parse_toml(files[FILE], FILE, defects)
    known = dict(form.items())
    sections = tuple(_parse_section(raw, form) for raw in root.tables("section"))
    seen: set[str] = set()
    for section in sections:
        for one in (section.id, *section.items):
            if one in seen:
                defects.add("duplicate_id", FILE, f"section[{section.id}]", value=one)
            seen.add(one)
    items: dict[str, PortalItem] = {}
    for raw in root.tables("item"):
        item_id = raw.text("id", required=True)
        items[item_id] = PortalItem(raw.text("number"), raw.text("label"), raw.text("unit"))
        _check_item(raw, item_id, items[item_id].unit, form)
        raw.close()
    skipped = root.texts("skip")
    for one in skipped:
        if one not in known and one not in form.tables:
            root.defect("unknown_item", "skip", value=one)
    file_name = root.text("file_name", default="{name}")
    for slot in sorted(slots(file_name) - FILE_SLOTS):
        root.defect("unknown_slot", "file_name", value=slot)
    root.close()
    return Portal(sections, items, frozenset(skipped), file_name)


def _parse_section(raw: TomlTable, form: Form) -> PortalSection:
    section = PortalSection(raw.identifier(), raw.text("label"), raw.texts("items"))
    for one in section.items:
        if one not in form.fields and one not in form.tables:
            raw.defect("unknown_item", "items", value=one)
    known = {FILES, *(one.id for one in form.sections)}
    if not section.label and section.id not in known:
        raw.defect("key_missing", "label")
    raw.close()
    return section


def _check_item(raw: TomlTable, item_id: str, unit: str, form: Form) -> None:
    item = dict(form.items()).get(item_id)
    if item is None and item_id not in form.tables:
        raw.defect("unknown_item", "id", value=item_id)
    elif unit and (item is None or item.type is not ItemType.MONEY):
        raw.defect("only_for_money", "unit")
    elif unit and unit not in MONEY_UNITS:
        raw.defect("money_unit", "unit", value=unit, known="、".join(MONEY_UNITS))
