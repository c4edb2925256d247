"""The package for the Debian family: it brings its own Python and needs no line.

The Python is Debian's own, unpacked from its packages, so that apt has proven where it comes from; every
library it needs lies beside it and is found by a relative path, never by ``LD_LIBRARY_PATH``, which would
reach the system's printing and viewing programs as well.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
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
    needed,
    prune_qt,
    require,
    run,
    say,
    settle,
    size_of,
    version,
)

_SUMMARY = "按年度通知填报、检查、打印、盖章、装订与上传申报材料"
_LONG = (
    " 供众创空间、孵化器、产业园等单位的经办人使用。全部填报内容只存放在本机，",
    " 没有网络也能填报、检查和打印。自带运行环境，不改动系统的 Python。",
)


def build(
    target: str, work: Path, out: Path, tools: Path, choices: Mapping[str, Any], key: str, seconds: int
) -> Path:
    """Make the package for Debian (``deb``) or in the layout of the UOS store (``uos``) in ``out``.

    Raises:
        PackageError: a program of the system, a package or a component could not be had.
    """
    require({"dpkg-deb": "dpkg", "apt-get": "apt", "objdump": "binutils", "git": "git"})
    files = work / "files"
    make_tree(files, work, tools, choices, key)
    check_libraries(files, choices["debian"]["system"])
    newest = newest_glibc(files)
    say(f"  需要 glibc {newest} 或更新")
    pack = pack_store if target == "uos" else pack_ordinary
    return pack(files, work, out, choices, seconds, newest)


def make_tree(files: Path, work: Path, tools: Path, choices: Mapping[str, Any], key: str) -> None:
    """Lay out ``runtime/`` (Python, its libraries, the components), ``program/`` and the launcher."""
    debian = choices["debian"]
    runtime, program = files / "runtime", files / "program"
    say("  取得 Debian 的 Python")
    unpacked = unpack_packages(work, (*debian["python"], *debian["libraries"]))
    place_python(unpacked, runtime, tools, debian)
    say("  装入锁定的组件")
    components = runtime / "lib" / f"python{debian['version']}" / "dist-packages"
    install_components(components, debian["platform"], debian["version"], tools)
    drop_components(components, choices["components"])
    prune_qt(components, choices["qt"])
    (components / "shenbao.pth").write_text(os.path.relpath(program, components) + "\n", encoding="utf-8")
    compile_in_place(runtime / "lib", keep_sources=False)
    copy_program(program, key)
    for name in ("app", "ui"):
        compile_in_place(program / name, keep_sources=True)
    launcher = files / "shenbao"
    shutil.copyfile(HERE / "linux" / "launcher.sh", launcher)
    launcher.chmod(0o755)


def unpack_packages(work: Path, names: Sequence[str]) -> Path:
    """Fetch Debian packages, proven by apt, and unpack them without installing them."""
    folder, unpacked = work / "debs", work / "unpacked"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)  # apt fetches as a user of its own
    try:
        run("apt-get", "-q", "download", *names, cwd=folder)
    except PackageError:  # the lists may be missing or old
        run("apt-get", "-q", "update")
        run("apt-get", "-q", "download", *names, cwd=folder)
    for path in sorted(folder.glob("*.deb")):
        run("dpkg-deb", "-x", path, unpacked)
    return unpacked


def place_python(unpacked: Path, runtime: Path, tools: Path, debian: Mapping[str, Any]) -> None:
    """Put Debian's Python where it finds itself by its own place, its libraries beside it."""
    name = f"python{debian['version']}"
    library = runtime / "lib" / name
    (runtime / "bin").mkdir(parents=True)
    shutil.copyfile(unpacked / "usr" / "bin" / name, runtime / "bin" / name)
    (runtime / "bin" / name).chmod(0o755)
    shutil.copytree(
        unpacked / "usr" / "lib" / name, library, symlinks=True,
        ignore=shutil.ignore_patterns(
            "__pycache__", "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3",
            "pydoc_data", "config-*", "sitecustomize.py", "LICENSE.txt", "distutils",
        ),
    )  # fmt: skip
    for path in list((library / "lib-dynload").iterdir()):
        if any(fnmatch.fnmatch(path.name, pattern) for pattern in debian["unused"]):
            path.unlink()
    found = {path.name: path for path in unpacked.rglob("*.so*") if path.parent.name.endswith("-linux-gnu")}
    wanted = [runtime / "bin" / name, *(library / "lib-dynload").iterdir()]
    patch = tools / "bin" / "patchelf"
    for path in wanted:  # grows while it is walked
        for one in needed(path):
            target = runtime / "lib" / one
            if one in found and not target.exists():
                shutil.copyfile(found[one].resolve(), target)
                target.chmod(0o755)
                wanted.append(target)
        home = os.path.relpath(runtime / "lib", path.parent)
        run(patch, "--set-rpath", "$ORIGIN" if home == "." else f"$ORIGIN/{home}", path)


def check_libraries(files: Path, system: Sequence[str]) -> None:
    """See that every library asked for lies in the tree or is one the system is known to give.

    Raises ``PackageError`` naming what nobody would bring; a package that misses one starts without a window.
    """
    binaries = [path for path in files.rglob("*") if path.is_file() and ".so" in path.name]
    known = {path.name for path in binaries} | set(system)
    missing = {name for path in binaries for name in needed(path)} - known
    if missing:
        raise PackageError(f"没有软件包带来这些库，请在 package.toml 中补上：{'、'.join(sorted(missing))}")


def newest_glibc(files: Path) -> str:
    """Return the newest version of glibc that any binary asks for (2.34)."""
    versions: set[tuple[int, ...]] = set()
    for path in files.rglob("*"):
        if path.is_file() and (".so" in path.name or path.parent.name == "bin"):
            found = re.findall(r"GLIBC_(\d+(?:\.\d+)+)", run("objdump", "-p", path))
            versions |= {tuple(map(int, one.split("."))) for one in found}
    return ".".join(map(str, max(versions)))


# ------------------------------------------------------------------------------------------- two layouts
def pack_ordinary(
    files: Path, work: Path, out: Path, choices: Mapping[str, Any], seconds: int, glibc: str
) -> Path:
    """Pack for Debian and its kin: the program under ``/opt/shenbao``, a command and a menu entry."""
    name = choices["program"]["name"]
    root = work / "ordinary"
    home = root / "opt" / name
    _link_tree(files, home)
    command = root / "usr" / "bin" / name
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/opt/{name}/shenbao")
    share = root / "usr" / "share"
    _fill(
        "shenbao.desktop", share / "applications" / f"{name}.desktop", LAUNCHER=f"/usr/bin/{name}", ICON=name
    )
    _fill("shenbao.xml", share / "mime" / "packages" / f"{name}.xml")
    icon = share / "icons" / "hicolor" / "scalable" / "apps" / f"{name}.svg"
    icon.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "resources" / "icons" / "shenbao.svg", icon)
    return _pack(root, out, name, version(), choices, seconds, glibc)


def pack_store(
    files: Path, work: Path, out: Path, choices: Mapping[str, Any], seconds: int, glibc: str
) -> Path:
    """Pack in the layout of the UOS store: everything under ``/opt/apps/ID``, nothing elsewhere."""
    name = choices["program"]["store_id"]
    number = version() + ".0"
    root = work / "store"
    home = root / "opt" / "apps" / name
    _link_tree(files, home / "files")
    entries = home / "entries"
    _fill(
        "shenbao.desktop", entries / "applications" / f"{name}.desktop",
        LAUNCHER=f"/opt/apps/{name}/files/shenbao", ICON=name,
    )  # fmt: skip
    _fill("shenbao.xml", entries / "mime" / "packages" / f"{name}.xml")
    icon = entries / "icons" / "hicolor" / "scalable" / "apps" / f"{name}.svg"
    icon.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "resources" / "icons" / "shenbao.svg", icon)
    permissions = dict.fromkeys(
        ("account", "audio_record", "autostart", "bluetooth", "camera", "clipboard", "installed_apps"), False
    ) | {"clipboard": True, "notification": True, "trayicon": True}
    info = {
        "appid": name, "name": choices["program"]["label"], "version": number, "arch": [architecture()],
        "permissions": permissions,
    }  # fmt: skip
    (home / "info").write_text(json.dumps(info, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return _pack(root, out, name, number, choices, seconds, glibc)


def architecture() -> str:
    """Return Debian's name of this machine's kind (amd64)."""
    return run("dpkg", "--print-architecture").strip()


def _link_tree(files: Path, target: Path) -> None:
    shutil.copytree(files, target, symlinks=True, copy_function=os.link)


def _fill(template: str, target: Path, **words: str) -> None:
    text = (HERE / "linux" / template).read_text(encoding="utf-8")
    for key, word in words.items():
        text = text.replace(f"@{key}@", word)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _pack(
    root: Path, out: Path, name: str, number: str, choices: Mapping[str, Any], seconds: int, glibc: str
) -> Path:
    debian, program = choices["debian"], choices["program"]
    settle(root, seconds)
    control = {
        "Package": name,
        "Version": number,
        "Section": "editors",
        "Priority": "optional",
        "Architecture": architecture(),
        "Maintainer": f"{program['publisher']} <shenbao@example.invalid>",
        "Installed-Size": str(size_of(root.rglob("*")) // 1024),
        "Depends": ", ".join((f"libc6 (>= {glibc})", *debian["depends"])),
        "Recommends": ", ".join(debian["recommends"]),
        "Description": _SUMMARY,
    }
    text = "".join(f"{key}: {value}\n" for key, value in control.items()) + "\n".join(_LONG) + "\n"
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(text, encoding="utf-8")
    settle(root / "DEBIAN", seconds)
    os.utime(root / "DEBIAN", (seconds, seconds))
    os.utime(root, (seconds, seconds))
    root.chmod(0o755)
    say("  压缩")
    target = out / f"{name}_{number}_{architecture()}.deb"
    run(
        "dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", root, target,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(seconds)},
    )  # fmt: skip
    return target
