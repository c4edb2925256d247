"""Where the program finds what it brings along, and where it keeps what belongs to the user."""

from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

OVERRIDE = "SHENBAO_DATA_DIR"
"""Environment variable that names another folder for the user's data (USB stick, tests)."""

_PACKAGE = Path(__file__).resolve().parent


def resources() -> Path:
    """Return the folder that holds `programmes/`, `messages/`, `fonts/` and the rest.

    In a source tree it stands beside the package, in an installed wheel inside it.
    The source tree wins, so that an edit counts at once.

    Raises:
        FileNotFoundError: neither folder exists; the installation is incomplete.
    """
    places = (_PACKAGE.parent / "resources", _PACKAGE / "_resources")
    for place in places:
        if any((place / name).is_dir() for name in ("programmes", "messages", "fonts")):
            return place
    raise FileNotFoundError(str(places[-1]))


def user_data(environ: Mapping[str, str], platform: str) -> Path:
    r"""Return the folder of the user's data; nothing is created.

    `environ` is `os.environ`, `platform` is `sys.platform`. `SHENBAO_DATA_DIR` wins when it is not
    empty. Otherwise `%LOCALAPPDATA%\Shenbao` on Windows (local, not roaming: a data file in use must not be
    synchronised) and `$XDG_DATA_HOME/shenbao`, by default `~/.local/share/shenbao`, elsewhere.

    Raises:
        KeyError: the environment names no home folder.
    """
    override = environ.get(OVERRIDE, "").strip()
    if override:
        return Path(override)
    folder = _windows(environ) if platform == "win32" else _xdg(environ)
    return Path(str(folder))  # a Windows path is not torn apart when asked for elsewhere


def _windows(environ: Mapping[str, str]) -> PurePath:
    local = environ.get("LOCALAPPDATA", "")
    base = PureWindowsPath(local) if local else PureWindowsPath(environ["USERPROFILE"], "AppData", "Local")
    return base / "Shenbao"


def _xdg(environ: Mapping[str, str]) -> PurePath:
    data = PurePosixPath(environ.get("XDG_DATA_HOME", ""))
    # the XDG base directory specification: a relative path is to be ignored
    base = data if data.is_absolute() else PurePosixPath(environ["HOME"], ".local", "share")
    return base / "shenbao"
