"""Build ``resources/fonts`` from pinned packages of npm and Debian.

Run with the development environment: ``python installers/fonts.py [--cache FOLDER]``.  It needs ``npm``,
``apt-get`` and ``dpkg-deb`` (a Debian machine, ``apt-get update`` done once), and fontTools.  What it writes
is kept in the repository, so neither the program nor its tests ever need this script; running it again
gives the same bytes (two minutes).

Every archive and every font is checked against its sha256 before use.  What is changed in a font is said in
``resources/licenses/fonts-README.txt`` and in ``fonts.toml``; a font whose licence reserves its name is
copied byte for byte.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import name as name_of_character

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "resources" / "fonts"
LICENSES = ROOT / "resources" / "licenses"

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


@dataclass(frozen=True)
class Archive:
    """A package of a registry: how to ask for it, the file it becomes, the sha256 that file must have."""

    client: str
    package: str
    version: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Face:
    """One font to build: where it comes from, what is done to it, and which characters it shall not give."""

    file: str
    archive: Archive
    member: str
    sha256: str
    make: str
    licence: str
    changes: str
    leaves_out: str = ""


NOTO_SERIF = Archive(
    "npm",
    "@expo-google-fonts/noto-serif-sc",
    "0.4.3",
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz",
    "ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
)
NOTO_SANS = Archive(
    "npm",
    "@expo-google-fonts/noto-sans-sc",
    "0.4.3",
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz",
    "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
)
LXGW = Archive(
    "apt",
    "fonts-lxgw-wenkai",
    "1.250+repack-1",
    "fonts-lxgw-wenkai_1.250+repack-1_all.deb",
    "6d1e4c4aac78ad32062aefa2c836ee4d6e58f9dcf8b3f4407c9eefe304615318",
)
TEXLIVE = Archive(
    "apt",
    "texlive-lang-chinese",
    "2022.20230122-1",
    "texlive-lang-chinese_2022.20230122-1_all.deb",
    "9cfa07bd44e7b9098e26f0ecac1b5ad210d2249d474c8074d53de92d650b0ec0",
)

NOTO_CORE = Archive(
    "apt",
    "fonts-noto-core",
    "20201225-1",
    "fonts-noto-core_20201225-1_all.deb",
    "58f4f0bb6720f919f92096b3508e1412a0f1544424ade6c5b5bf1eb694dd64ba",
)

SERIF_FILE = "NotoSerifSC-Regular.ttf"
BOLD_FILE = "NotoSerifSC-Bold.ttf"
SANS_FILE = "NotoSansSC-Regular.ttf"
KAI_FILE = "LXGWWenKai-Regular.ttf"
FANG_FILE = "FandolFang-Regular.ttf"
NASKH_FILE = "NotoNaskhArabic-Regular.ttf"

SERIF_CHANGES = "layout tables dropped; digits half an em wide (its own hwid glyphs); em dash fills its em"
SANS_CHANGES = "layout tables dropped; em dash fills its em"
FACES = (
    Face(
        SERIF_FILE,
        NOTO_SERIF,
        "package/400Regular/NotoSerifSC_400Regular.ttf",
        "c358a69de3df5f423a8946a7b03e3126fb6ba116f1130a463455b4e39e1f0742",
        "noto",
        "OFL-Noto-Serif-SC.txt",
        SERIF_CHANGES,
    ),
    Face(
        BOLD_FILE,
        NOTO_SERIF,
        "package/700Bold/NotoSerifSC_700Bold.ttf",
        "9c6a2ba736e4b499c84f65ce366bd3625c0401885fd3e585ace50fb738b96ff6",
        "noto",
        "OFL-Noto-Serif-SC.txt",
        SERIF_CHANGES,
    ),
    Face(
        SANS_FILE,
        NOTO_SANS,
        "package/400Regular/NotoSansSC_400Regular.ttf",
        "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16",
        "noto",
        "OFL-Noto-Sans-SC.txt",
        SANS_CHANGES,
    ),
    Face(
        KAI_FILE,
        LXGW,
        "./usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf",
        "bbf534b0ca093928f94d1782855e65a19a32cde82b075d495d072025521953c8",
        "copy",
        "OFL-LXGW-WenKai.txt",
        "none",
        # its quotation marks are Latin ones of a third of an em; Chinese ones fill the em
        leaves_out="“”‘’",
    ),
    Face(
        FANG_FILE,
        TEXLIVE,
        "./usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf",
        "d838ad32ce2244d8144f408c37fe71065aba6fbbc80759a4d2aa2033948d5bc9",
        "glyf",
        "GPL-3-Fandol.txt",
        "outlines converted from CFF to TrueType (error below 1/2000 em); layout tables dropped",
    ),
    Face(
        NASKH_FILE,
        NOTO_CORE,
        "./usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf",
        "8c67eaa2f0086872628fc3f7f760386f83c8be5c5e9a1ba3a38891237b2ac7cb",
        "shaped",
        "OFL-Noto-Naskh-Arabic.txt",
        "every glyph has two private characters too; signature dropped",
    ),
)

ROLES = {
    "song": (SERIF_FILE, SANS_FILE, KAI_FILE, FANG_FILE, NASKH_FILE),
    "title": (BOLD_FILE, SERIF_FILE, SANS_FILE, KAI_FILE, FANG_FILE, NASKH_FILE),
    "hei": (SANS_FILE, SERIF_FILE, KAI_FILE, FANG_FILE, NASKH_FILE),
    "kai": (KAI_FILE, FANG_FILE, SERIF_FILE, SANS_FILE, NASKH_FILE),
    "fang": (FANG_FILE, KAI_FILE, SERIF_FILE, SANS_FILE, NASKH_FILE),
}


def fetch(archive: Archive, cache: Path) -> Path:
    """Return the package file, asked for through its registry's own client unless the cache has it."""
    path = cache / archive.file
    if not path.exists():
        if archive.client == "npm":
            command = ["npm", "pack", f"{archive.package}@{archive.version}"]
        else:
            command = ["apt-get", "download", f"{archive.package}={archive.version}"]
        subprocess.run(command, cwd=cache, check=True, stdout=subprocess.DEVNULL)
    expect(path.read_bytes(), archive.sha256, archive.file)
    return path


def expect(data: bytes, sha256: str, name: str) -> None:
    """Stop the build when bytes are not the pinned ones."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        sys.exit(f"{name}: sha256 is {found}, expected {sha256}")


def members(archive: Archive, path: Path, names: set[str]) -> dict[str, bytes]:
    """Return the named files of a package in one pass over it."""
    if archive.client == "npm":
        data = path.read_bytes()
    else:
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True).stdout
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for info in tar:
            stream = tar.extractfile(info) if info.name in names else None
            if stream is not None:
                found[info.name] = stream.read()
    if missing := names - found.keys():
        sys.exit(f"{archive.file}: lacks {', '.join(sorted(missing))}")
    return found


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


def ofl_of_debian(copyright_file: str) -> str:
    """Return the licence text out of Debian's machine-readable copyright file, with the owners named."""
    head, body = re.split(r"License: OFL-1\.1\n(?= )", copyright_file, maxsplit=1)
    owners = head[head.index("Files: *") :].strip()
    lines = body.split("\n\nLicense:")[0].splitlines()
    return owners + "\n\n" + "\n".join("" if line.strip() == "." else line.strip() for line in lines) + "\n"


def toml_of(built: dict[str, bytes]) -> str:
    """Return ``fonts.toml``: roles -> files in order of fallback, then each file with licence and sha256."""
    lines = ["# by installers/fonts.py; the first font of a role prints, the others stand in for gaps"]
    lines.append("[roles]")
    lines += [f"{role} = [{', '.join(json.dumps(name) for name in files)}]" for role, files in ROLES.items()]
    for face in FACES:
        data = built[face.file]
        lines += ["", "[[fonts]]", f'file = "{face.file}"', f'licence = "{face.licence}"']
        lines += [f'sha256 = "{hashlib.sha256(data).hexdigest()}"', f"bytes = {len(data)}"]
        lines += [f'source = "{face.archive.client} {face.archive.package} {face.archive.version}"']
        lines += [f'changes = "{face.changes}"']
        lines += ["shaped = true"] if face.make == "shaped" else []
    return "\n".join(lines) + "\n"


MAKERS: dict[str, Callable[[bytes], bytes]] = {
    "copy": bytes,
    "noto": fit_noto,
    "glyf": convert_to_glyf,
    "shaped": open_glyphs,
}

LICENCE_MEMBERS = {
    NOTO_SERIF: {"package/LICENSE_FONT": "OFL-Noto-Serif-SC.txt"},
    NOTO_SANS: {"package/LICENSE_FONT": "OFL-Noto-Sans-SC.txt"},
    NOTO_CORE: {"./usr/share/doc/fonts-noto-core/copyright": "OFL-Noto-Naskh-Arabic.txt"},
    LXGW: {"./usr/share/doc/fonts-lxgw-wenkai/copyright": "OFL-LXGW-WenKai.txt"},
    TEXLIVE: {
        "./usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz": "GPL-3-Fandol.txt",
        "./usr/share/doc/texlive-doc/fonts/fandol/README": "Fandol-README.txt",
    },
}


def licence_text(member: str, data: bytes) -> str:
    """Return the plain text of a licence file as its package carries it."""
    if member.endswith(".gz"):
        data = gzip.decompress(data)
    text = data.decode("utf-8")
    return ofl_of_debian(text) if member.endswith("/copyright") else text


def build(cache: Path) -> None:
    """Write fonts, licences, ``fonts.toml`` and ``coverage.json``."""
    FONTS.mkdir(parents=True, exist_ok=True)
    LICENSES.mkdir(parents=True, exist_ok=True)
    built: dict[str, bytes] = {}
    for archive, licences in LICENCE_MEMBERS.items():
        faces = [face for face in FACES if face.archive == archive]
        found = members(archive, fetch(archive, cache), {face.member for face in faces} | licences.keys())
        for member, name in licences.items():
            (LICENSES / name).write_text(licence_text(member, found[member]), "utf-8", newline="\n")
        for face in faces:
            expect(found[face.member], face.sha256, face.member)
            built[face.file] = MAKERS[face.make](found[face.member])
            (FONTS / face.file).write_bytes(built[face.file])
            print(f"{face.file}: {len(built[face.file]):,} bytes")
    coverage = {face.file: covered(built[face.file], face.leaves_out) for face in FACES}
    listing = json.dumps(coverage, separators=(",", ":")) + "\n"
    (FONTS / "coverage.json").write_text(listing, "utf-8", newline="\n")
    (FONTS / "fonts.toml").write_text(toml_of(built), "utf-8", newline="\n")
    print(f"together {sum(map(len, built.values())):,} bytes")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cache", type=Path, help="folder that keeps the downloaded packages")
    cache: Path | None = parser.parse_args().cache
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        build(cache.resolve())
        return
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))


if __name__ == "__main__":
    main()
