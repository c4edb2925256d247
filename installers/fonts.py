"""Build ``resources/fonts`` (fonts, and the colour profile of PDF/A) from pinned packages of npm and Debian.

Run with the development environment: ``python -m installers.fonts [--cache FOLDER]``.  It needs ``npm``,
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

from installers.outlines import convert_to_glyf, covered, fit_noto, open_glyphs

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "resources" / "fonts"
LICENSES = ROOT / "resources" / "licenses"


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

PROFILES = Archive(
    "apt",
    "icc-profiles-free",
    "2.0.1+dfsg-1.1",
    "icc-profiles-free_2.0.1+dfsg-1.1_all.deb",
    "0cca9bb13edeb7e37095526ad85b94338ade4db596b6fa4a667dfa7b28869d8c",
)
COLOURS_LICENCE = "./usr/share/doc/icc-profiles-free/copyright"
COLOURS = "./usr/share/color/icc/sRGB.icc"

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
    profile = members(PROFILES, fetch(PROFILES, cache), {COLOURS, COLOURS_LICENCE})
    (FONTS / "sRGB.icc").write_bytes(profile[COLOURS])
    (LICENSES / "icc-profiles-free.txt").write_bytes(profile[COLOURS_LICENCE])
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
