"""The laws of the house: who may import whom, what may stand where."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure

TOP = {"README.md", "app", "installers", "pyproject.toml", "resources", "tests", "ui"}
MADE_BY_MACHINES = {"build", "dist", "htmlcov"}


def python_files(root: Path, *folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]


def imported(tree: ast.AST) -> Iterator[str]:
    """The top names of all imports, late ones and those for types too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_layers_and_homes_hold(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """architecture, sentences 1 to 3: the contracts of import-linter in pyproject.toml are kept."""
    monkeypatch.chdir(root)
    configure()
    kept = lint_imports(str(root / "pyproject.toml"), cache_dir=None, no_logo=True)
    assert kept, capsys.readouterr().out


def test_every_library_of_the_product_has_a_contract(root: Path) -> None:
    """architecture, sentence 3: a new dependency has to be given a home before it is used."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    pure = next(contract for contract in contracts if contract["name"] == "model and rules do no I/O")
    names = {"pyside6-essentials": "PySide6", "sqlite-utils": "sqlite_utils", "zxing-cpp": "zxingcpp"}
    libraries = {line.partition("=")[0].rstrip("<>~! ") for line in project["project"]["dependencies"]}
    assert {names.get(library, library) for library in libraries} <= set(pure["forbidden_modules"])


def test_the_core_knows_no_window(root: Path) -> None:
    """architecture, sentence 1: neither Qt nor ui is imported in app/, not even for types."""
    guilty = [
        str(path.relative_to(root))
        for path in python_files(root, "app")
        if {"PySide6", "shiboken6", "ui"} & set(imported(ast.parse(path.read_bytes())))
    ]
    assert guilty == []


def test_no_programme_is_known_to_the_code(root: Path) -> None:
    """architecture, sentence 4: a new notice is a folder of data; no id of one stands in Python."""
    ids = [folder.name for folder in (root / "resources" / "programmes").glob("*/") if folder.is_dir()]
    guilty = [
        f"{path.relative_to(root)}: {programme}"
        for path in python_files(root, "app", "ui")
        for programme in ids
        if programme in path.read_text(encoding="utf-8")
    ]
    assert guilty == []


def test_the_top_level_holds_nothing_else(root: Path) -> None:
    """The agreed tree: five folders, pyproject.toml, README.md, dotfiles."""
    seen = {path.name for path in root.iterdir() if not path.name.startswith(".")}
    assert seen - MADE_BY_MACHINES == TOP


def test_no_file_names_a_folder_of_some_machine(root: Path) -> None:
    """The tree builds anywhere: no home folder or work folder of a developer is written into it."""
    places = ("/" + "work/", "/" + "root/", "/home" + "/", "C:" + "\\Users\\")
    texts = [*python_files(root, "app", "ui", "installers"), *(root / "installers").glob("*.txt")]
    texts += [root / "pyproject.toml", root / "README.md", root / ".ci" / "run"]
    guilty = [
        f"{path.relative_to(root)}: {place}"
        for path in texts
        for place in places
        if place in path.read_text(encoding="utf-8")
    ]
    assert guilty == []


def test_rooms_stay_small(root: Path) -> None:
    """architecture, «Tree»: a module over 400 lines or a function over 60 holds two things."""
    guilty: list[str] = []
    for path in python_files(root, "app", "ui", "installers"):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root)
        if text.count("\n") > 400:
            guilty.append(f"{name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > 60:
                    guilty.append(f"{name}:{node.lineno} {node.name}: {lines} lines")
    assert guilty == []


def test_no_moment_is_written_with_chinese_in_its_format(root: Path) -> None:
    """Windows encodes such a format in the locale of C and fails: Chinese stands beside, not in it."""
    wrong = []
    for path in (*(root / "app").rglob("*.py"), *(root / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            spec = getattr(node, "format_spec", None)
            parts = spec.values if isinstance(spec, ast.JoinedStr) else []
            texts = [one.value for one in parts if isinstance(one, ast.Constant)]
            if any("%" in str(text) and not str(text).isascii() for text in texts):
                wrong.append(f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}")
    assert wrong == []
