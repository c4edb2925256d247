"""The tree that an installer carries: the program, its components, and nothing that is not used."""

from __future__ import annotations

import ast
import compileall
import fnmatch
import os
import py_compile
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OURS = ("app", "ui", "resources")
_KEPT_METADATA = ("METADATA", "entry_points.txt", "top_level.txt", "WHEEL")
_LIBRARIES = (
    "libQt6", "Qt6", "libicu", "libav", "libsw", "libpyside6qml", "pyside6qml", "avcodec", "avformat",
    "avutil",
    "swresample", "swscale",
)  # fmt: skip
_UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


class PackageError(Exception):
    """A step of the making failed; the text says in Chinese what and what to do."""


def load_choices() -> dict[str, Any]:
    """Return ``package.toml``."""
    return tomllib.loads((HERE / "package.toml").read_text(encoding="utf-8"))


def version() -> str:
    """Return the program's version, as ``pyproject.toml`` has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def moment() -> int:
    """Return the time that every file of a package bears (seconds): that of the newest commit.

    Two makings of one state then give the same bytes.  ``SOURCE_DATE_EPOCH`` wins where it is set.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdecimal():
        return int(given)
    done = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return int(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else 1_577_836_800


def run(*words: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a program and return what it said; raises ``PackageError`` with its last lines."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(
            command, cwd=cwd, env=dict(env) if env else None, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    except FileNotFoundError as missing:
        raise PackageError(f"本机没有 {command[0]}，请先安装。") from missing
    if done.returncode != 0:
        lines = "\n".join("    " + line for line in done.stdout.strip().splitlines()[-12:])
        raise PackageError(f"{Path(command[0]).name} 未能完成：\n{lines}")
    return done.stdout


def require(programs: Mapping[str, str]) -> None:
    """See that programs (name -> Debian package) are there; raises ``PackageError`` naming what is not."""
    missing = [package for name, package in programs.items() if not shutil.which(name)]
    if missing:
        line = "apt-get install -y --no-install-recommends " + " ".join(dict.fromkeys(missing))
        raise PackageError(f"制作安装文件还需要系统组件，请运行后再试：\n    {line}")


# ------------------------------------------------------------------------------------------- components
def install_components(target: Path, platform: str, python: str, tools: Path) -> None:
    """Put the locked components for a platform into ``target``, each proven by its hash."""
    run(
        tools / "bin" / "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
        "--only-binary", ":all:",
        "--python-platform", platform, "--python-version", python, "--target", target,
        "-r", HERE / "requirements.txt", env=os.environ | {"UV_LINK_MODE": "copy"},
    )  # fmt: skip


def drop_components(target: Path, choices: Mapping[str, Any]) -> None:
    """Remove components and files the program never loads, and what only installers of packages read."""
    for pattern in choices["files"]:
        for path in list(target.glob(pattern)):
            path.unlink()
    for name in choices["dropped"]:
        _remove(target / name)
        for info in target.glob(f"{name}-*.dist-info"):
            _remove(info)
    for info in target.glob("*.dist-info"):
        for path in list(info.iterdir()):
            licence = path.name.lower().startswith(("license", "licence", "copying", "notice", "authors"))
            if path.name not in _KEPT_METADATA and not licence:
                _remove(path)
    for pattern in ("*.pyi", "py.typed", "*.pxd", "*.pyx", "*.h", "*.lib", "*.a"):
        for path in list(target.rglob(pattern)):
            path.unlink()
    for name in ("tests", "test", "include", "__pycache__"):
        for path in list(target.rglob(name)):
            if path.is_dir():
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# --------------------------------------------------------------------------------------------------- Qt
def modules_used(folder: Path) -> set[str]:
    """Return the Qt modules that Python files below a folder import (``QtCore`` …)."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6."):
                found.add((node.module or "").split(".")[1])
            if isinstance(node, ast.Import):
                found |= {one.name.split(".")[1] for one in node.names if one.name.startswith("PySide6.")}
    return found


def prune_qt(components: Path, choices: Mapping[str, Any]) -> None:
    """Leave of Qt the chosen modules and plugins, and the libraries that these need.

    Raises ``PackageError`` where the window imports a module that the choice leaves out.
    """
    missing = modules_used(ROOT / "ui") - set(choices["modules"])
    if missing:
        raise PackageError(f"窗口用到的 Qt 模块不在清单 package.toml 中：{'、'.join(sorted(missing))}")
    home = components / "PySide6"
    qt = home / "Qt" if (home / "Qt").is_dir() else home
    for path in list(home.iterdir()):
        module = path.name.split(".")[0]
        if _is_module(path) and module.startswith("Qt") and module not in choices["modules"]:
            path.unlink()
        elif path.is_dir() and path.name in {
            "qml", "scripts", "typesystems", "glue", "doc", "support", "include", "metatypes", "resources",
            "lib",             "QtAsyncio", "examples", "libexec",
        }:  # fmt: skip
            _remove(path)
        elif path.suffix in {".exe", ".json"} or path.name in {
            "assistant", "balsam", "balsamui", "designer", "linguist", "lrelease", "lupdate", "qmlformat",
            "qmllint", "qmlls", "svgtoqml", "qsb",
        }:  # fmt: skip
            path.unlink()
    for name in ("qml", "libexec", "metatypes", "resources", "doc"):
        if (qt / name).exists():
            _remove(qt / name)
    for path in list((qt / "translations").rglob("*")):
        if path.is_file() and path.name not in choices["translations"]:
            path.unlink()
    plugins = qt / "plugins"
    for group in list(plugins.iterdir()):
        if group.name not in choices["plugins"]:
            _remove(group)
    for path in list(plugins.rglob("*")):
        if path.is_file() and any(
            fnmatch.fnmatch(f"{path.parent.name}/{path.name}", one) for one in choices["dropped"]
        ):
            path.unlink()
    _drop_unneeded(home, components)


def _is_module(path: Path) -> bool:
    return path.name.endswith((".pyd", ".abi3.so"))


def _drop_unneeded(home: Path, components: Path) -> None:
    """Remove the shared libraries of Qt that nothing left over asks for."""
    binaries = [path for path in components.rglob("*") if path.is_file() and _is_binary(path)]
    libraries = {
        path.name.lower(): path
        for path in binaries
        if path.is_relative_to(home) and path.name.startswith(_LIBRARIES)
    }
    wanted = [path for path in binaries if path not in libraries.values()]
    kept: set[Path] = set()
    while wanted:
        for name in needed(wanted.pop()):
            library = libraries.get(name.lower())
            if library is not None and library not in kept:
                kept.add(library)
                wanted.append(library)
    for library in libraries.values():
        if library not in kept:
            library.unlink()


def _is_binary(path: Path) -> bool:
    return path.suffix in {".pyd", ".dll"} or ".so" in path.name


def needed(binary: Path) -> list[str]:
    """Return the names of the shared libraries that an ELF or PE file asks for."""
    names = []
    for line in run("objdump", "-p", binary).splitlines():
        words = line.split()
        if words[:1] == ["NEEDED"]:
            names.append(words[1])
        elif words[:2] == ["DLL", "Name:"]:
            names.append(words[2])
    return names


# -------------------------------------------------------------------------------------------- our files
def copy_program(target: Path, key: str) -> None:
    """Copy what git tracks of the program, with the version and the public key of its maker.

    ``key`` is the public key (base64, 32 bytes, Ed25519) by which the program knows its next version, or "".
    """
    for name in run("git", "ls-files", "-z", *OURS, cwd=ROOT).split("\0"):
        if name and (ROOT / name).is_file():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place)
    note = f'# 由 installers/start.py package 写入\nversion = "{version()}"\nkey = "{key}"\n'
    (target / "resources" / "release.toml").write_text(note, encoding="utf-8")


def compile_in_place(folder: Path, *, keep_sources: bool) -> None:
    """Compile every Python file so that a start compiles nothing; equal sources give equal bytes.

    Without ``keep_sources`` the compiled file takes the place of the source.
    """
    done = compileall.compile_dir(
        folder, quiet=1, legacy=not keep_sources, invalidation_mode=_UNCHECKED, stripdir=str(folder),
        optimize=0, workers=1, force=True,
    )  # fmt: skip
    if not done:
        raise PackageError(f"未能编译：{folder}")
    if not keep_sources:
        for path in list(folder.rglob("*.py")):
            path.unlink()


def zip_standard_library(source: Path, target: Path) -> None:
    """Write a standard library, compiled by this Python, as the zip that the embeddable CPython reads."""
    skipped = {
        "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "site-packages", "dist-packages",
        "__pycache__", "lib-dynload", "lib2to3", "pydoc_data", "distutils", "config",
    }  # fmt: skip
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
        for path in sorted(source.rglob("*.py")):
            inner = path.relative_to(source)
            if set(inner.parts) & skipped or any(one.startswith("config-") for one in inner.parts):
                continue
            if inner.name == "sitecustomize.py":
                continue
            compiled = target.with_suffix(".pyc")
            py_compile.compile(
                str(path), str(compiled), str(inner), doraise=True, optimize=0, invalidation_mode=_UNCHECKED
            )
            entry = zipfile.ZipInfo(inner.with_suffix(".pyc").as_posix(), (1980, 1, 1, 0, 0, 0))
            out.writestr(entry, compiled.read_bytes())
            compiled.unlink()


def settle(folder: Path, seconds: int) -> None:
    """Give every file one time and plain permissions, so that equal content makes equal packages."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if not path.is_symlink():
            runs = path.is_dir() or (os.access(path, os.X_OK) and path.suffix != ".py")
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (seconds, seconds), follow_symlinks=False)


def size_of(paths: Iterable[Path]) -> int:
    """Return how many bytes files hold together."""
    return sum(path.stat().st_size for path in paths if path.is_file() and not path.is_symlink())


def say(text: str) -> None:
    """Tell how far the making is."""
    print(text, flush=True)


def python_is(wanted: str) -> bool:
    """Tell whether this Python is of the minor version ``wanted`` (3.11), whose library it may compile."""
    return f"{sys.version_info.major}.{sys.version_info.minor}" == wanted
