"""``packet.toml`` -> ``PacketSpec``."""

from __future__ import annotations

from app.model.packet import Diagram, Listing, PacketSpec, Part, PartKind, StampPlace
from app.programmes.reader import TomlTable


def parse_packet(raw: TomlTable) -> PacketSpec:
    """Read the whole packet; what its parts name is looked up by ``lint``."""
    packet = PacketSpec(
        parts=tuple(_parse_part(part) for part in raw.tables("part")),
        copies=raw.integer("copies", required=True, default=1),
        binding=raw.text("binding", required=True),
        spine=raw.text("spine"),
        note=raw.text("note"),
        volume_sheets=raw.integer("volume_sheets", default=200),
    )
    for key, number in (("copies", packet.copies), ("volume_sheets", packet.volume_sheets)):
        if number < 1:
            raw.defect("wrong_type", key, wanted="positive")
    raw.close()
    return packet


def _parse_part(raw: TomlTable) -> Part:
    places = []
    for place in raw.tables("stamp_place"):
        places.append(
            StampPlace(
                place.identifier(),
                place.text("label", required=True),
                place.text("party", required=True),
                place.boolean("signature"),
            )
        )
        place.close()
    part = Part(
        id=raw.identifier(),
        kind=raw.member("kind", PartKind),
        title=raw.text("title", required=True),
        in_book=raw.boolean("in_book", default=True),
        text=raw.text("text"),
        stamp_places=tuple(places),
        note=raw.text("note"),
        volume=raw.integer("volume", default=1),
        optional=raw.boolean("optional"),
        diagram=_parse_diagram(raw.table("diagram")),
        listing=_parse_listing(raw.table("listing")),
    )
    raw.close()
    return part


def _parse_listing(raw: TomlTable | None) -> Listing | None:
    if raw is None:
        return None
    listing = Listing(raw.text("table", required=True), raw.texts("columns"))
    if not listing.columns:
        raw.defect("key_missing", "columns")
    raw.close()
    return listing


def _parse_diagram(raw: TomlTable | None) -> Diagram | None:
    if raw is None:
        return None
    diagram = Diagram(
        table=raw.text("table", required=True),
        lanes=raw.text("lanes", required=True),
        head=raw.text("head", required=True),
        lines=raw.texts("lines"),
        gap=raw.text("gap"),
    )
    raw.close()
    return diagram
