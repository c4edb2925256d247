"""The wheel: what an ordinary installation gets."""

import os
import subprocess
import sys
from pathlib import Path

ASK = """
import pathlib, app, app.paths, ui
print(pathlib.Path(app.__file__).parent)
print(app.paths.resources())
print(sorted(path.name for path in app.paths.resources().iterdir()))
"""


def run(*words: str | Path, cwd: Path, **environ: str) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=os.environ | environ, capture_output=True, text=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_wheel_finds_its_resources(root: Path, tmp_path: Path) -> None:
    """pyproject.toml maps resources/ to app/_resources; nothing of the source tree is needed after that."""
    offline = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, root,
        cwd=tmp_path, **offline,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("shenbao-*.whl")
    place = tmp_path / "installed"
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", place, wheel,
        cwd=tmp_path, **offline,
    )  # fmt: skip
    answer = run(sys.executable, "-P", "-c", ASK, cwd=tmp_path, PYTHONPATH=str(place))
    package, found, names = answer.splitlines()
    assert Path(package) == place / "app"
    assert Path(found) == place / "app" / "_resources"
    assert names == str(sorted(path.name for path in (root / "resources").iterdir()))
    command = place / ("Scripts/shenbao.exe" if sys.platform == "win32" else "bin/shenbao")
    assert "demo" in run(command, "--help", cwd=tmp_path, PYTHONPATH=str(place), PYTHONUTF8="1")
