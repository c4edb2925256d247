"""What ``installers/fonts.py`` does to fonts: widths, outlines, private characters, and what each covers."""

from __future__ import annotations

import io
from typing import Any
from unicodedata import name as name_of_character

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

SHAPED = (0xF0000, 0xF8000)
"""A font that is shaped gives glyph number n these characters plus n, so that each glyph can be asked for.

There are two, because some glyphs show two letters (ە and ه) and a PDF says one for each character.
"""

LAYOUT_TABLES = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "VORG", "gasp", "DSIG")

COUNTED_AT_SAVE = (
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
    "maxPoints",
    "maxContours",
    "maxCompositePoints",
    "maxCompositeContours",
    "maxComponentDepth",
)


def open_font(data: bytes) -> TTFont:
    """Open font bytes; the font's own date stays, so that building twice gives the same bytes."""
    return TTFont(io.BytesIO(data), recalcTimestamp=False)


def save_font(font: TTFont) -> bytes:
    """Return the font's bytes without layout tables (nothing here shapes text)."""
    for tag in LAYOUT_TABLES:
        if tag in font:
            del font[tag]
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def fit_noto(data: bytes) -> bytes:
    """Give the digits one width, so that columns of numbers align, and close the gap inside ——."""
    font = open_font(data)
    plain: dict[int, str] = font.getBestCmap()
    swaps: dict[int, str] = {}
    widths = {font["hmtx"][plain[code]][0] for code in range(0x30, 0x3A)}
    if len(widths) > 1:
        half = single_substitutions(font, "hwid")
        swaps |= {code: half[plain[code]] for code in range(0x30, 0x3A)}
    dash = plain[0x2015]
    glyph = font["glyf"][dash]
    left, right = glyph.xMin, glyph.xMax
    em = font["head"].unitsPerEm
    for index, (x, y) in enumerate(glyph.coordinates):
        glyph.coordinates[index] = (round((x - left) * em / (right - left)), y)
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][dash] = (em, 0)
    swaps[0x2014] = dash
    for table in font["cmap"].tables:
        for code, name in swaps.items():
            if code in table.cmap:
                table.cmap[code] = name
    return save_font(font)


def single_substitutions(font: TTFont, feature: str) -> dict[str, str]:
    """Return glyph -> glyph of a one-to-one layout feature."""
    layout = font["GSUB"].table
    result: dict[str, str] = {}
    for record in layout.FeatureList.FeatureRecord:
        if record.FeatureTag == feature:
            for index in record.Feature.LookupListIndex:
                for table in layout.LookupList.Lookup[index].SubTable:
                    result |= getattr(getattr(table, "ExtSubTable", table), "mapping", {})
    return result


def convert_to_glyf(data: bytes) -> bytes:
    """Turn CFF outlines into TrueType ones; reportlab can embed no others."""
    font = open_font(data)
    glyphs = font.getGlyphSet()
    order: list[str] = font.getGlyphOrder()
    error = font["head"].unitsPerEm / 2000
    drawn: dict[str, Any] = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, error, reverse_direction=True))
        drawn[name] = pen.glyph()
    font["loca"] = newTable("loca")
    table = font["glyf"] = newTable("glyf")
    table.glyphOrder = order
    table.glyphs = drawn
    for name, glyph in drawn.items():
        glyph.recalcBounds(table)
        font["hmtx"][name] = (font["hmtx"][name][0], glyph.xMin if glyph.numberOfContours else 0)
    largest = font["maxp"]
    largest.tableVersion = 0x00010000
    for counted in COUNTED_AT_SAVE:
        setattr(largest, counted, 0)
    largest.maxZones = 1
    names = font["post"]
    names.formatType, names.extraNames, names.mapping = 3.0, [], {}
    version = font["name"].getDebugName(5)
    font["name"].setName(f"{version}; TrueType outlines made by installers/fonts.py", 5, 3, 1, 0x409)
    del font["CFF "]
    font.sfntVersion = "\0\1\0\0"
    return save_font(font)


def open_glyphs(data: bytes) -> bytes:
    """Give every glyph a private character, so that what shaping chose can be written and embedded.

    The layout tables stay: Arabic script is shaped by them (uharfbuzz).
    """
    font = open_font(data)
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.format, table.reserved, table.length = 12, 0, 0
    table.cmap = dict(font.getBestCmap())
    for first in SHAPED:
        table.cmap |= {first + number: name for number, name in enumerate(font.getGlyphOrder())}
    font["cmap"].tables.append(table)
    del font["DSIG"]
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def covered(data: bytes, leaves_out: str) -> list[int]:
    """Return the bounds [first, end, first, end, …] of what the font really prints.

    A character whose glyph is empty counts only when it is a space: an empty glyph would lose it silently.
    Of a font that is shaped only letters of its own script count; what joins others is not seen.
    """
    font = open_font(data)
    shaped = SHAPED[0] in font.getBestCmap()
    outlines = font["glyf"]
    bounds: list[int] = []
    for code, name in sorted(font.getBestCmap().items()):
        character = chr(code)
        if character in leaves_out or (code < 0x20 or 0x7F <= code < 0xA0) or 0xD800 <= code < 0xF900:
            continue
        if code >= SHAPED[0] or (shaped and not name_of_character(character, "").startswith("ARABIC ")):
            continue
        if not character.isspace() and outlines[name].numberOfContours == 0:
            continue
        if bounds and bounds[-1] == code:
            bounds[-1] = code + 1
        else:
            bounds += [code, code + 1]
    return bounds
