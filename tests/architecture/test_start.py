"""installers/start.py: the one command on a fresh machine, without a network, cut off, moved, run again."""

import hashlib
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("start")  # one tree, made once, serves all of them

ECHO = """
import os, sys, tiny
print("words", sys.argv[1:], "in", os.getcwd(), "tiny", tiny.VERSION)
sys.exit(7)
"""


def put_wheel(wheels: Path, name: str, version: str) -> str:
    """Write a small real wheel and return its line for a lock."""
    info = f"{name}-{version}.dist-info"
    path = wheels / f"{name}-{version}-py3-none-any.whl"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, text in files.items():
            wheel.writestr(inner, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{inner},,\n" for inner in (*files, f"{info}/RECORD")))
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def put_tree(root: Path, tree: Path) -> None:
    """Lay out a project with a one-line program and two tiny dependencies."""
    wheels = tree / "installers" / "wheels"
    wheels.mkdir(parents=True)
    shutil.copy(root / "installers" / "start.py", tree / "installers")
    lock = put_wheel(wheels, "tiny", "1.0")
    (tree / "installers" / "requirements.txt").write_text(lock, encoding="utf-8")
    lock += put_wheel(wheels, "tool", "1.0")
    (tree / "installers" / "requirements-dev.txt").write_text(lock, encoding="utf-8")
    (tree / "ui").mkdir()
    (tree / "ui" / "__main__.py").write_text(ECHO, encoding="utf-8")


def bare() -> dict[str, str]:
    """The environment of a bare machine: C locale, no permission to install system packages."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "SYSTEMROOT", "TEMP") if key in os.environ}
    return kept | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "SHENBAO_START_APT": "no"}


def begin(tree: Path, *words: str, cwd: Path | None = None, screen: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(tree / "installers" / "start.py"), *words],
        cwd=cwd or tree, env=bare() | ({"DISPLAY": screen} if screen else {}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True,
    )  # fmt: skip


def start(tree: Path, *words: str, cwd: Path | None = None, screen: str = "") -> tuple[int, str]:
    with begin(tree, *words, cwd=cwd, screen=screen) as running:
        said, _ = running.communicate(timeout=120)
    return running.returncode, said


@pytest.fixture(scope="module")
def tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that was cut off in the middle of its first set-up."""
    tree = tmp_path_factory.mktemp("项目 甲") / "shenbao"
    put_tree(root, tree)
    with begin(tree, "x") as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("正在安装程序组件"):
                os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert not (tree / ".venv" / "set-up-finished").exists()
    return tree


def test_a_set_up_that_was_cut_off_repairs_itself_and_the_next_start_is_quick(
    tree: Path, tmp_path: Path
) -> None:
    """Killed while pip ran: of two next starts at once one begins anew and the other waits for it; the
    one after that installs nothing.
    """
    expected = f"words ['check', '甲 乙.json'] in {tmp_path} tiny 1.0\n"
    with begin(tree, "check", "甲 乙.json", cwd=tmp_path) as other:
        code, said = start(tree, "check", "甲 乙.json", cwd=tmp_path)
        other_said, _ = other.communicate(timeout=120)
    assert (code, other.returncode) == (7, 7)
    assert said.endswith(expected), said
    assert other_said.endswith(expected), other_said
    assert (said + other_said).count("正在安装程序组件") == 1

    begun = time.monotonic()
    assert start(tree, "check", "甲 乙.json", cwd=tmp_path) == (7, expected)
    assert time.monotonic() - begun < 2


def test_a_folder_in_the_way_of_the_program_is_not_taken_for_it(tree: Path, tmp_path: Path) -> None:
    """The caller's folder is kept as it is; an `app` or `ui` in it is not ours."""
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "__main__.py").write_text("print('a stranger')", encoding="utf-8")
    (tmp_path / "tiny.py").write_text("VERSION = 'a stranger'", encoding="utf-8")
    code, words = start(tree, "x", cwd=tmp_path)
    assert (code, words.endswith(f"words ['x'] in {tmp_path} tiny 1.0\n")) == (7, True), words


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a Linux machine may have no screen")
def test_without_words_the_window_opens_where_there_is_a_screen(tree: Path, tmp_path: Path) -> None:
    """issue 3, «What to build»: a screen means the window (no words); none is said, then the demo runs."""
    start(tree, "x")
    assert start(tree, cwd=tmp_path, screen=":7") == (7, f"words [] in {tmp_path} tiny 1.0\n")
    code, words = start(tree, cwd=tmp_path)
    assert code == 7
    assert words.startswith("这里没有可用的屏幕"), words
    assert f"words ['demo', '--out', '{tree / 'build' / 'demo'}']" in words


def test_a_moved_folder_goes_on_working(tree: Path, tmp_path: Path) -> None:
    """A project folder on a USB stick changes its place; nothing in it names the old one."""
    start(tree, "x")
    moved = shutil.move(tree, tmp_path / "搬走")
    try:
        code, words = start(Path(moved), "x", cwd=tmp_path)
    finally:
        shutil.move(moved, tree)
    assert (code, words) == (7, f"words ['x'] in {tmp_path} tiny 1.0\n")


def test_a_false_wheel_is_refused_and_what_stood_goes_on_working(tree: Path) -> None:
    """A wheel whose bytes are not the locked ones is not installed; the program is not harmed by that."""
    start(tree, "x")
    lock = tree / "installers" / "requirements-dev.txt"
    good = lock.read_text(encoding="utf-8")
    try:
        lock.write_text(re.sub(r"sha256:.{8}", "sha256:00000000", good), encoding="utf-8")
        code, words = start(tree, "test")
        assert (code, "程序组件未能装齐" in words) == (3, True), words
        assert start(tree, "x") == (7, f"words ['x'] in {tree} tiny 1.0\n")
    finally:
        lock.write_text(good, encoding="utf-8")


def test_a_new_lock_is_followed(tree: Path) -> None:
    """The stamp holds the hash of the lock: after an update the next start installs what it names."""
    lock = tree / "installers" / "requirements.txt"
    good = lock.read_text(encoding="utf-8")
    try:
        lock.write_text(put_wheel(tree / "installers" / "wheels", "tiny", "2.0"), encoding="utf-8")
        code, words = start(tree, "x")
        assert (code, words.endswith("tiny 2.0\n")) == (7, True), words
    finally:
        lock.write_text(good, encoding="utf-8")


def test_an_older_python_is_told_what_is_needed(root: Path) -> None:
    """Python 3.9 of an older system: one Chinese sentence with exit code 2, also in the C locale."""
    pretend = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", pretend, str(root / "installers" / "start.py")],
        env=bare(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout.decode("utf-8").startswith("本程序需要 Python 3.11 或更高版本，当前是 3.9。")


@pytest.mark.parametrize(
    ("line", "news"),
    [
        ("  Downloading a_b-6.11.3-cp310-abi3-manylinux_2_34.whl (80.3 MB)\n", "    取得 a-b，80.3 MB"),
        ("  Using cached lxml-6.1.3-cp311-cp311-win_amd64.whl (5.2 MB)\n", "    取得 lxml，5.2 MB"),
        ("  Downloading idna-3.20-py3-none-any.whl (68 kB)\n", None),
        ("Installing collected packages: tiny\n", "    全部取得，正在展开……"),
        ("Collecting lxml==6.1.3\n", None),
    ],
)
def test_what_pip_does_is_told_where_it_takes_time(root: Path, line: str, news: str | None) -> None:
    """80 MB on a slow line: the user sees which part is being fetched and how big it is."""
    assert runpy.run_path(str(root / "installers" / "start.py"))["progress"](line) == news
