"""Chinese input where the Qt wheels have no plugin of the system's input method."""

from __future__ import annotations

from collections.abc import MutableMapping

from PySide6.QtGui import QGuiApplication


def translate_input_method(environ: MutableMapping[str, str], platform: str) -> None:
    """Point Qt at an input method it can speak to; call it before ``QApplication`` is made.

    The wheels bring the ibus client but no fcitx one.  fcitx answers to ibus clients through the portal,
    so under ``QT_IM_MODULE=fcitx`` (or ``fcitx5``) Chinese can be typed all the same.
    """
    if not platform.startswith("linux"):
        return
    if environ.get("QT_IM_MODULE", "").strip().lower() in {"fcitx", "fcitx5"}:
        environ["QT_IM_MODULE"] = "ibus"
        environ["IBUS_USE_PORTAL"] = "1"
    if "QT_IM_MODULES" in environ:
        modules = [name.strip() for name in environ["QT_IM_MODULES"].split(";")]
        if any(name.lower() in {"fcitx", "fcitx5"} for name in modules):
            kept = ["ibus" if name.lower() in {"fcitx", "fcitx5"} else name for name in modules]
            environ["QT_IM_MODULES"] = ";".join(dict.fromkeys(kept))
            environ["IBUS_USE_PORTAL"] = "1"


def commit_typing() -> None:
    """Commit what an input method holds half-typed: no word is lost on the way elsewhere.

    Boxes of ours take it in by themselves; others leave it to the input method.
    """
    take_in = getattr(QGuiApplication.focusObject(), "take_in", None)
    if take_in is not None:
        take_in()
        return
    method = QGuiApplication.inputMethod()
    if method is not None:
        method.commit()
