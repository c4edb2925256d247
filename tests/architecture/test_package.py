"""installers/package*.py: what an installer carries, and that the program takes what was signed (issue 7)."""

import sys
import zipfile
from pathlib import Path

import pytest

from app.errors import AppError
from app.release import Release, check_update
from installers.package import make_key, public_key, write_sums
from installers.package_tree import (
    PackageError,
    drop_components,
    load_choices,
    modules_used,
    prune_qt,
    settle,
    version,
    zip_standard_library,
)


def test_the_window_imports_no_qt_module_that_installers_leave_out(root: Path) -> None:
    """Issue 7: only what is imported goes in, so what is imported must be in the list."""
    assert modules_used(root / "ui") <= set(load_choices()["qt"]["modules"])


def test_qt_is_pruned_to_the_chosen_modules(tmp_path: Path) -> None:
    """The modules, plugins and translations of the list stay; everything else goes."""
    home = tmp_path / "PySide6"
    names = ("QtCore.pyd", "QtQml.pyd", "designer.exe", "__init__.py", "translations/qtbase_zh_CN.qm",
             "translations/qtbase_de.qm", "plugins/platforms/qwindows.dat", "plugins/sqldrivers/a.dat",
             "qml/x/y.qml")  # fmt: skip
    for name in names:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"")
    choices = dict(load_choices()["qt"])
    (home / "QtCore.pyd").unlink()  # an empty file is no library, and the closure reads libraries
    (home / "QtQml.pyd").write_bytes(b"")
    prune_qt(tmp_path, choices)
    kept = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert kept == {"__init__.py", "translations/qtbase_zh_CN.qm", "plugins/platforms/qwindows.dat"}
    with pytest.raises(PackageError):
        prune_qt(tmp_path, choices | {"modules": ["QtCore"]})


def test_components_lose_what_only_makers_of_packages_read(tmp_path: Path) -> None:
    """Licences and entry points stay: the about page and the keyring read them."""
    info = tmp_path / "keyring-1.dist-info"
    (info / "licenses").mkdir(parents=True)
    for name in ("METADATA", "entry_points.txt", "RECORD", "INSTALLER", "licenses/LICENSE"):
        (info / name).write_text("", encoding="utf-8")
    (tmp_path / "pip").mkdir()
    (tmp_path / "reportlab" / "tests").mkdir(parents=True)
    (tmp_path / "reportlab" / "a.pyi").write_text("", encoding="utf-8")
    drop_components(tmp_path, load_choices()["components"])
    kept = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    prefix = "keyring-1.dist-info/"
    assert kept == {prefix + name for name in ("METADATA", "entry_points.txt", "licenses/LICENSE")}


def test_a_library_zipped_twice_is_the_same_and_runs(tmp_path: Path) -> None:
    """Issue 7: reproducible as far as shown."""
    source = tmp_path / "lib"
    (source / "tkinter").mkdir(parents=True)
    (source / "tkinter" / "__init__.py").write_text("", encoding="utf-8")
    (source / "greeting.py").write_text("WORD = '你好'\n", encoding="utf-8")
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    for target in (first, second):
        zip_standard_library(source, target)
    assert first.read_bytes() == second.read_bytes()
    assert zipfile.ZipFile(first).namelist() == ["greeting.pyc"]
    sys.path.insert(0, str(first))
    try:
        from greeting import WORD  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(first))
        sys.modules.pop("greeting", None)
    assert WORD == "你好"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_files_of_a_package_bear_one_time_and_plain_permissions(tmp_path: Path) -> None:
    """Equal content makes equal packages, whoever's umask and clock made the files."""
    (tmp_path / "run").write_bytes(b"")
    (tmp_path / "run").chmod(0o700)
    (tmp_path / "word").write_bytes(b"")
    (tmp_path / "word").chmod(0o600)
    settle(tmp_path, 1_000_000_000)
    assert [(path.stat().st_mode & 0o777, path.stat().st_mtime) for path in sorted(tmp_path.iterdir())] == [
        (0o755, 1e9),
        (0o644, 1e9),
    ]


def test_what_a_maker_signs_the_program_takes(tmp_path: Path) -> None:
    """From the private key to the check in the installed program; an own key is never written over."""
    pem, out = tmp_path / "maker.pem", tmp_path / "dist"
    make_key(pem)
    with pytest.raises(PackageError):
        make_key(pem)
    out.mkdir()
    installer = out / "shenbao_99.0.0_amd64.deb"
    installer.write_bytes(b"package")
    assert [path.name for path in write_sums(out, pem)] == ["SHA256SUMS", "SHA256SUMS.sig"]
    installed = Release(version(), public_key(pem))
    assert check_update(installer, installed, "linux").version == "99.0.0"
    assert [path.name for path in write_sums(out, None)] == ["SHA256SUMS"]
    with pytest.raises(AppError, match="update_unsigned"):
        check_update(installer, installed, "linux")
