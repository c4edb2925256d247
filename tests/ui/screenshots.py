"""Write pictures of every page: ``python -m tests.ui.screenshots OUT [VARIANT …]``.

Variants: empty, half, faulty, dark, large (150 %), huge (200 %), scaled (a screen of 1366 by 768 at 150 %).
The window is 1366 by 768.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.model.draft import Answers
from app.services.recording import seal
from app.services.renewing import usual_choices
from app.services.reports import Report, list_reports
from app.services.workplace import Workplace
from tests.ui.window_world import UNIT, WindowWorld
from ui.program import make_application

SIZE = (1366, 768)


@dataclass(frozen=True)
class Variant:
    """What is in the window, and how it looks."""

    sample: str = "complete.json"
    dark: bool = False
    scale: float = 1.0
    half: bool = False
    factor: float = 1.0


VARIANTS = {
    "empty": Variant(sample=""),
    "half": Variant(half=True),
    "faulty": Variant("faulty.json"),
    "dark": Variant("faulty.json", dark=True),
    "large": Variant("faulty.json", scale=1.5),
    "huge": Variant("faulty.json", scale=2.0),
    "scaled": Variant("faulty.json", factor=1.5),
}


def take_all(out: Path, names: list[str]) -> list[Path]:
    """Write the pictures of the variants into a folder and give their paths."""
    out.mkdir(parents=True, exist_ok=True)
    return [path for name in names for path in _take(out, name, VARIANTS[name])]


def _take(out: Path, name: str, variant: Variant) -> list[Path]:
    taken: list[Path] = []
    with tempfile.TemporaryDirectory() as folder:
        world = WindowWorld(Path(folder), unit=UNIT if variant.sample else None)
        world.window.settings.put("dark", variant.dark)
        world.window.settings.put("scale", variant.scale)
        world.settled()
        window = world.window
        window.resize(*(round(side / variant.factor) for side in SIZE))
        window.show()
        window.start()
        world.settled()

        def keep(widget: QWidget, what: str) -> None:
            world.settled()
            path = out / f"{name}-{what}.png"
            assert widget.grab().save(str(path)), path
            taken.append(path)

        if not variant.sample:
            keep(window, "first_start")
            window.rail.setEnabled(True)
        tables: list[str] = []
        if variant.sample:
            model = world.make_model(variant.sample)
            tables = list(model.session.programme.form.tables)[:3:2]
            if variant.half:
                model.change(_half(model.answers), "清空一半")
        for page in window.pages:
            window.go(page, "")
            keep(window, page)
        for place in (*tables, *(["e03"] if tables else [])):
            window.go("draft", place)
            keep(window, f"draft-{place}")
        _dialogs(world, keep)
        _assistant(world, keep)
        world.settled()
        world.close()
    return taken


def _half(answers: Answers) -> Answers:
    kept = dict(list(answers.values.items())[::2])
    tables = dict(list(answers.tables.items())[::2])
    return replace(answers, values=kept, tables=tables)


def _dialogs(world: WindowWorld, keep: Callable[[QWidget, str], None]) -> None:
    from ui.home.register import RegisterDialog
    from ui.pages.home import HomePage

    window = world.window
    window.go("home", "")
    home = window.built_page("home")
    assert isinstance(home, HomePage)
    home.make_report()
    _picture(world, keep, "new_report")
    _form_dialogs(world, keep)
    window.show_about()
    _picture(world, keep, "about")
    reports = world.on_store(_reports)
    if reports:
        dialog = RegisterDialog(window, window.context, reports[0], world.clock())
        dialog.kind.setCurrentIndex(dialog.kind.findData("extended"))
        dialog.open()
        _picture(world, keep, "register")


def _assistant(world: WindowWorld, keep: Callable[[QWidget, str], None]) -> None:
    """Keep 上报 of a sealed report, the assistant with its list, and registering the submission."""
    from ui.pages.submit import SubmitPage

    window, model = world.window, world.window.report.model
    if model is None:
        return
    draft_id = model.draft_id
    if world.on_store(lambda workplace: seal(workplace, draft_id, world.clock(), "截图")).snapshot is None:
        return
    window.go("submit", "")
    page = window.built_page("submit")
    assert isinstance(page, SubmitPage)
    page.reload()
    keep(page, "submit-sealed")
    page.open_assistant()
    assert page.assistant is not None
    page.assistant.copy_next()
    page.assistant.copy_next()
    keep(page.assistant, "assistant")
    page.assistant.toggle_list()
    keep(page.assistant, "assistant-list")
    page.register()
    _picture(world, keep, "submitted")
    page.show_draft(None)
    # offscreen Qt crashes on the way out over what Python left on the clipboard
    QApplication.clipboard().clear()


def _form_dialogs(world: WindowWorld, keep: Callable[[QWidget, str], None]) -> None:
    from ui.form.form_dialog import FormDialog
    from ui.home.renew_dialog import RenewDialog

    window, model = world.window, world.window.report.model
    if model is None:
        return
    form = model.session.programme.form
    RenewDialog(window, window.context, form, usual_choices(form)).open()
    _picture(world, keep, "renew")
    FormDialog(window, window.context, model, 1).open()
    _picture(world, keep, "form")


def _reports(workplace: Workplace) -> tuple[Report, ...]:
    return list_reports(workplace, workplace.now())


def _picture(world: WindowWorld, keep: Callable[[QWidget, str], None], what: str) -> None:
    world.settled()
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    for dialog in dialogs:
        keep(dialog, what)
        dialog.reject()


def main(words: list[str]) -> int:
    """Write the pictures and name them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if not words or set(words[1:]) - VARIANTS.keys():
        print(__doc__)
        return 2
    names = words[1:] or list(VARIANTS)
    if len(names) > 1:
        # the factor of a screen is read once, when Qt starts: every variant in a process of its own
        for name in names:
            subprocess.run([sys.executable, "-m", "tests.ui.screenshots", words[0], name], check=True)
    else:
        os.environ["QT_SCALE_FACTOR"] = str(VARIANTS[names[0]].factor)
        application = make_application(["screenshots"])
        for path in take_all(Path(words[0]), names):
            print(path)
        application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
