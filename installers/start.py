"""Set up everything a fresh machine lacks, then run. Standard library only; Linux and Windows.

    python3 installers/start.py             set up, then open the window; without a screen, run the demo
    python3 installers/start.py test        set up, then run every check and the whole test suite
    python3 installers/start.py package …   set up, then make the files that an office installs
    python3 installers/start.py WORDS …     set up, then hand WORDS to the program, in the caller's folder

Everything lands in `.venv` in the project folder. A stamp in it tells that a set-up came to its end for
exactly these lock files and this Python; without a fitting stamp the venv is made anew, so a set-up that
was cut off repairs itself. Wheels in `installers/wheels/` make it work without a network.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (people do start it with an older one)
    found = ".".join(str(part) for part in sys.version_info[:2])
    advice = f"本程序需要 Python 3.11 或更高版本，当前是 {found}。请安装较新的 Python，再用它运行本命令。\n"
    sys.stdout.buffer.write(advice.encode("utf-8"))
    sys.exit(2)

import contextlib
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / ".venv"
STAMP = VENV / "set-up-finished"
WHEELS = HERE / "wheels"
DEMO = ROOT / "build" / "demo"
LOCKS = {"run": HERE / "requirements.txt", "dev": HERE / "requirements-dev.txt"}
SCRIPTS = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = SCRIPTS / ("python.exe" if sys.platform == "win32" else "python")

GUI_PACKAGES = (
    "libegl1", "libgl1", "libglib2.0-0", "libdbus-1-3", "libfontconfig1", "libxkbcommon-x11-0",
    "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libxcb-xkb1", "libcups2",
    "fonts-wqy-microhei",
)  # fmt: skip
TEST_PROGRAMS = {
    "pdftotext": "poppler-utils",
    "cupsd": "printer-driver-cups-pdf",
    "chromium-headless-shell": "chromium-headless-shell",  # about 100 MB; the reviewers' pages are used in it
    "java": "default-jre-headless",  # for the validator of archival PDFs below
    "/usr/share/java/preflight.jar": "libpdfbox2-java",
    "/usr/share/java/javax.activation.jar": "libactivation-java",
    "/usr/share/java/jaxb-api.jar": "libjaxb-api-java",
    "dbus-run-session": "dbus-daemon",
    "ibus-daemon": "ibus-libpinyin",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "xvfb-run": "xvfb",
    "gnome-keyring-daemon": "gnome-keyring",
}
"""What some tests call, a name or a file, and the package it is in."""
PROBE = """
import ctypes, os, pathlib
from PySide6.QtCore import QLibraryInfo
from PySide6.QtWidgets import QApplication
QApplication([])
if os.environ.get("DISPLAY"):
    plugins = pathlib.Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    ctypes.CDLL(str(plugins / "platforms" / "libqxcb.so"))
"""


class SetupError(Exception):
    """The machine does not allow a step; the text says in Chinese what to do."""


def say(text: str) -> None:
    print(text, flush=True)


# ------------------------------------------------------------------------------------------- environment
def environment() -> dict[str, str]:
    """Return the environment of every program started here: UTF-8, and nothing that leads out of the venv."""
    strangers = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"}
    env = {key: value for key, value in os.environ.items() if key not in strangers}
    return env | {"PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def headless(env: dict[str, str]) -> dict[str, str]:
    return {"QT_QPA_PLATFORM": "offscreen"} | env


def call(*words: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> int:
    return subprocess.call([str(word) for word in words], env=env or environment(), cwd=cwd)


def quiet(*words: str | Path, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a program without showing what it says; return its exit code and its words."""
    try:
        done = subprocess.run(
            [str(word) for word in words],
            env=env or environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    except OSError as refused:
        return 127, str(refused)
    return done.returncode, done.stdout


def tail(words: str, lines: int = 12) -> str:
    return "\n".join("    " + line for line in words.strip().splitlines()[-lines:])


# ------------------------------------------------------------------------------------------------- stamp
def key(level: str) -> str:
    """Return what the venv must have been made from: the lock of `level` and the kind of Python."""
    lock = hashlib.sha256(LOCKS[level].read_bytes()).hexdigest()
    return f"{level} {lock} {sys.implementation.cache_tag} {sys.platform} {platform.machine()}"


def ready(level: str) -> bool:
    """Tell whether a finished venv for `level` stands and the Python it was made from still exists."""
    try:
        keys = STAMP.read_text(encoding="utf-8").splitlines()
        config = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    home = re.search(r"^home *= *(.+)$", config, re.MULTILINE)
    return key(level) in keys and PYTHON.exists() and home is not None and Path(home[1].strip()).is_dir()


def stamp(*levels: str) -> None:
    """Record that the venv is complete for `levels`, in one step."""
    fresh = STAMP.with_suffix(".new")
    lines = sorted({key(level) for level in levels})
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(STAMP)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second start from working on the same venv; the system frees the lock when a start dies."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "set-up.lock").open("a+b") as lock:
        if sys.platform == "win32":
            import msvcrt

            lock.seek(0)
            while True:
                with contextlib.suppress(OSError):
                    msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --------------------------------------------------------------------------------------- system packages
def administrator() -> tuple[str, ...] | None:
    """Return the words to put before apt-get, or None where it may not be called."""
    if sys.platform != "linux" or not shutil.which("apt-get") or os.environ.get("SHENBAO_START_APT") == "no":
        return None
    if os.geteuid() == 0:
        return ("env", "DEBIAN_FRONTEND=noninteractive")
    if shutil.which("sudo") and quiet("sudo", "-n", "true")[0] == 0:
        return ("sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive")
    return None


def by_hand(packages: tuple[str, ...]) -> str:
    """Return the line that the user may run instead."""
    line = "apt-get install -y --no-install-recommends " + " ".join(packages)
    return line if sys.platform != "win32" and os.geteuid() == 0 else "sudo " + line


def install_system(packages: tuple[str, ...], purpose: str) -> bool:
    """Install Debian packages where that is allowed; tell whether it was done."""
    before = administrator()
    if before is None:
        return False
    say(f"正在安装系统组件（{purpose}）：{' '.join(packages)}")
    patient = (*before, "apt-get", "-o", "DPkg::Lock::Timeout=300")
    install = (*patient, "install", "-y", "--no-install-recommends", *packages)
    code, words = quiet(*install)
    if code != 0:  # the lists may be missing or old
        code, words = quiet(*patient, "update")
        if code == 0:
            code, words = quiet(*install)
    if code != 0:
        say(f"系统组件未能装上，系统的说明如下：\n{tail(words)}")
    return code == 0


def window_libraries() -> None:
    """See to the libraries that Qt takes from the system; go on without where the probe is content."""
    env = headless(environment())
    code, words = quiet(PYTHON, "-P", "-c", PROBE, env=env)
    if code == 0 or sys.platform != "linux":
        return
    if install_system(GUI_PACKAGES, "窗口与中文显示") and quiet(PYTHON, "-P", "-c", PROBE, env=env)[0] == 0:
        return
    say(
        f"窗口所需的系统组件不全，本机不允许自动安装。请由管理员运行：\n    {by_hand(GUI_PACKAGES)}\n"
        f"不使用窗口的功能可照常使用。系统的说明：\n{tail(words, 2)}"
    )


def test_programs() -> None:
    """See to the programs that some tests call."""
    missing = tuple(
        package for name, package in TEST_PROGRAMS.items() if not (shutil.which(name) or Path(name).exists())
    )
    if not missing or install_system(missing, "测试"):
        return
    # one that this system does not offer must not keep the others away
    missing = tuple(one for one in missing if len(missing) == 1 or not install_system((one,), "测试"))
    if missing:
        say(f"部分测试要用的系统组件不在本机，可由管理员运行：\n    {by_hand(missing)}")


# -------------------------------------------------------------------------------------------------- venv
def make_venv() -> tuple[str, ...]:
    """Make an empty venv and return the words that run pip in it."""
    flags = ["--clear"]
    pip: tuple[str, ...] = (str(PYTHON), "-m", "pip")
    package = f"python3.{sys.version_info.minor}-venv"
    if find_spec("ensurepip") is None and not install_system((package,), "独立运行环境"):
        wheel = next(iter(sorted(WHEELS.glob("pip-*.whl"))), None)
        if wheel is None:
            line = by_hand((package, *GUI_PACKAGES))
            raise SetupError(f"本机的 Python 缺少建立运行环境的部分。请由管理员运行后再试：\n    {line}")
        flags.append("--without-pip")
        pip = (str(PYTHON), str(wheel / "pip"))
    base = getattr(sys, "_base_executable", sys.executable)  # a venv must not clear away its own Python
    code, words = quiet(base, "-m", "venv", *flags, VENV)
    if code != 0:
        raise SetupError(f"运行环境未能建立，请检查磁盘空间和文件夹权限：{VENV}\n{tail(words)}")
    return pip


def install(pip: tuple[str, ...], level: str) -> None:
    """Install the locked wheels of `level`, each proven by its hash, and say what is being fetched.

    Raises:
        SetupError: pip gave up; its last lines are part of the text.
    """
    lock = LOCKS[level]
    names = set(re.findall(r"^([a-z][\w.-]*)==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    source = ("--no-index", "--find-links", str(WHEELS)) if WHEELS.is_dir() else ()
    origin = "取自随附的组件夹" if source else "下载快慢取决于网络"
    say(f"正在安装程序组件（不超过 {len(names)} 个），{origin}……")
    options = ("--no-input", "--only-binary", ":all:", "--require-hashes", *source, "-r", str(lock))
    lines: list[str] = []
    with subprocess.Popen(
        [*pip, "install", *options], env=environment(), cwd=HERE, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
    ) as running:  # fmt: skip
        for line in running.stdout or ():
            lines.append(line)
            if news := progress(line):
                say(news)
    if running.returncode != 0:
        raise SetupError(
            "程序组件未能装齐。请检查网络后再次运行本命令，会自动从头补齐；"
            f"没有网络时，可把全部组件文件放入 {WHEELS}。\n{tail(''.join(lines))}"
        )


def progress(line: str) -> str | None:
    """Put a line of pip into words where it tells of something big enough to wait for."""
    found = re.match(r"\s+(?:Downloading|Using cached) (\w+?)-\d\S* \((\d+(?:\.\d+)?) MB\)", line)
    if found and float(found[2]) >= 3:
        return f"    取得 {found[1].replace('_', '-').lower()}，{found[2]} MB"
    return "    全部取得，正在展开……" if line.startswith("Installing collected packages") else None


def link_tree() -> None:
    """Make the tree importable in the venv by a relative path, so that the folder may be moved."""
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    code, words = quiet(PYTHON, "-P", "-c", asked)
    if code != 0:
        raise SetupError(f"运行环境不能启动：{VENV}\n{tail(words)}")
    packages = Path(words.strip())
    (packages / "shenbao.pth").write_text(os.path.relpath(ROOT, packages.resolve()) + "\n", encoding="utf-8")


def set_up(level: str) -> None:
    """Bring the venv to `level` ("run" or "dev"); do nothing when it stands already.

    Raises:
        SetupError: something is missing that only the user or an administrator can give.
    """
    if ready(level):
        return
    with alone():
        if ready(level):  # the other start has just done it
            return
        standing = ready("run")
        STAMP.unlink(missing_ok=True)  # whoever is cut off from here on leaves no stamp behind
        if not standing:
            say(f"正在准备运行环境（只需一次）：{VENV}")
            install(make_venv(), "run")
            link_tree()
            window_libraries()
        if level == "dev":
            try:
                install((str(PYTHON), "-m", "pip"), "dev")
            except SetupError:  # pip ended by itself and left the runtime as it was
                stamp("run")
                raise
        stamp("run", level)
        say("运行环境已就绪。")


# -------------------------------------------------------------------------------------------------- jobs
def has_screen(env: dict[str, str], platform_name: str) -> bool:
    """Tell whether somebody would see a window: on Linux only with a display."""
    if not platform_name.startswith("linux"):
        return True
    return any(env.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY"))


def run_unasked() -> int:
    """Open the window where there is a screen; else say so and run the demo."""
    if has_screen(dict(os.environ), sys.platform):
        return run_program([])
    say("这里没有可用的屏幕，改为用一份完整的样例办理一遍。有屏幕时，同一条命令会打开窗口。")
    return run_demo()


def run_program(words: list[str]) -> int:
    """Run the program with `words` in the caller's folder and return its exit code."""
    command = [str(PYTHON), "-P", "-m", "ui", *words]
    if sys.platform != "win32":
        os.execve(command[0], command, environment())
    return call(*command)


def run_demo() -> int:
    """Run the main job on the complete sample and say where its pages lie."""
    code = call(PYTHON, "-P", "-m", "ui", "demo", "--out", DEMO, env=headless(environment()))
    if code == 0:
        pages = "、".join(path.name for path in sorted(DEMO.glob("*.pdf")))
        say(f"成品已放入 {DEMO}\n其中可打印的文件：{pages}")
    return code


def run_tests() -> int:
    """Run every check and the whole test suite; return 0 only when all of them passed."""
    test_programs()
    env = headless(environment())
    workers = str(min(os.cpu_count() or 1, 8))
    exe = ".exe" if sys.platform == "win32" else ""
    pytest = (PYTHON, "-m", "pytest", "-q")
    steps: dict[str, tuple[str | Path, ...]] = {
        "代码规范": (PYTHON, "-m", "ruff", "check", "."),
        "类型": (PYTHON, "-m", "mypy"),
        "分层": (SCRIPTS / f"lint-imports{exe}",),
        "测试": (*pytest, "-n", workers, "--dist", "loadgroup", "-m", "not alone"),
        "用时": (*pytest, "-n", "0", "-m", "alone"),
    }
    failed: list[str] = []
    for name, words in steps.items():
        say(f"── {name}")
        start = time.monotonic()
        code = call(*words, env=env, cwd=ROOT)
        if code != 0 and not (name == "用时" and code == 5):  # 5: there is no such test
            failed.append(name)
        say(f"── {name}：{'未通过' if name in failed else '通过'}（{time.monotonic() - start:.1f} 秒）")
    say(f"未通过：{'、'.join(failed)}" if failed else "全部通过。")
    return 1 if failed else 0


def main(words: list[str]) -> int:
    """Set up what is missing and do what `words` ask for; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        set_up("dev" if words == ["test"] else "run")
        if words == ["test"]:
            return run_tests()
        if words[:1] == ["package"]:
            return call(PYTHON, "-P", "-m", "installers.package", *words[1:])
        return run_program(words) if words else run_unasked()
    except SetupError as refused:
        say(str(refused))
        return 3
    except KeyboardInterrupt:
        say("已中断。再次运行本命令即可继续。")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
