"""app.paths: the folders of the program and of the user (architecture, «app/paths.py»)."""

from pathlib import Path

import pytest

from app import paths


def test_resources_of_the_source_tree_are_found(root: Path) -> None:
    """The source tree wins, so that an edit of a programme counts at once."""
    assert paths.resources() == root / "resources"


def test_resources_inside_an_installed_package_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel carries its resources as app/_resources."""
    (tmp_path / "app" / "_resources" / "programmes").mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "app")
    assert paths.resources() == tmp_path / "app" / "_resources"


def test_a_stray_resources_folder_beside_an_installed_package_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """site-packages may hold a `resources` of some other distribution."""
    (tmp_path / "resources").mkdir()
    (tmp_path / "app" / "_resources" / "messages").mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "app")
    assert paths.resources() == tmp_path / "app" / "_resources"


def test_missing_resources_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An incomplete installation is told by the folder that is missing."""
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "app")
    with pytest.raises(FileNotFoundError, match="_resources"):
        paths.resources()


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"HOME": "/home/li"}, "linux", "/home/li/.local/share/shenbao"),
        ({"HOME": "/home/li", "XDG_DATA_HOME": "/data"}, "linux", "/data/shenbao"),
        ({"HOME": "/home/li", "XDG_DATA_HOME": ""}, "linux", "/home/li/.local/share/shenbao"),
        ({"HOME": "/home/li", "XDG_DATA_HOME": "data"}, "linux", "/home/li/.local/share/shenbao"),
        ({"LOCALAPPDATA": r"C:\Users\李\AppData\Local"}, "win32", r"C:\Users\李\AppData\Local\Shenbao"),
        ({"USERPROFILE": r"C:\Users\李"}, "win32", r"C:\Users\李\AppData\Local\Shenbao"),
        ({"HOME": "/home/li", "SHENBAO_DATA_DIR": "/media/usb"}, "linux", "/media/usb"),
        ({"LOCALAPPDATA": r"C:\L", "SHENBAO_DATA_DIR": r"E:\申报"}, "win32", r"E:\申报"),
        ({"HOME": "/home/li", "SHENBAO_DATA_DIR": " "}, "linux", "/home/li/.local/share/shenbao"),
    ],
)
def test_user_data_lies_where_the_platform_keeps_it(
    environ: dict[str, str], platform: str, folder: str
) -> None:
    """%LOCALAPPDATA% on Windows, the XDG base directory specification elsewhere, the override first."""
    assert str(paths.user_data(environ, platform)) == folder


def test_user_data_makes_nothing(tmp_path: Path) -> None:
    """Asking where the data would lie leaves no trace."""
    folder = paths.user_data({"SHENBAO_DATA_DIR": str(tmp_path / "new")}, "linux")
    assert folder == tmp_path / "new"
    assert not folder.exists()
