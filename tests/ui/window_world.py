"""The whole window over a real store in a temporary folder, with a clock that stands still."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QApplication

from app import paths
from app.clock import BEIJING
from app.errors import AppError
from app.messages import Messages, load_messages
from app.services.accounts import Unit, keep_unit
from app.services.drafting import load_answers, new_draft
from app.services.reports import rehearse
from app.services.workplace import Workplace
from ui.draft_model import DraftModel
from ui.main_window import MainWindow
from ui.program import make_window

MORNING = datetime(2022, 12, 28, 10, 0, tzinfo=BEIJING)
UNIT = Unit("天山众创空间有限公司", "91650100MA7ABCDE0X", "makerspace", "张三", "0991-1234567")
Result = TypeVar("Result")


class StoppedClock:
    """Beijing time that moves only when it is told to."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class WindowWorld:
    """A window, its store and its clock.  ``close`` ends its workers."""

    def __init__(self, folder: Path, *, unit: Unit | None = UNIT, now: datetime = MORNING) -> None:
        self.folder = folder
        self.clock = StoppedClock(now)
        self.messages: Messages = load_messages(paths.resources() / "messages")
        self.window: MainWindow = make_window(folder, self.messages, self.clock)
        self.crashes: list[object] = []
        self.window.tasks.crashed.disconnect()
        self.window.tasks.crashed.connect(self.crashes.append)
        if unit is not None:
            self.on_store(lambda workplace: keep_unit(workplace, unit))

    def on_store(self, verb: Callable[[Workplace], Result]) -> Result:
        """Run a verb on the store worker and wait for what it gives or raises."""
        found: list[Result] = []
        refused: list[AppError] = []
        self.window.tasks.store(self.window, verb, found.append, refused.append)
        self.until(lambda: bool(found or refused or getattr(self, "crashes", ())))
        if refused:
            raise refused[0]
        assert found, self.crashes
        return found[0]

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Let the window live until a condition holds."""
        end = time.monotonic() + seconds
        while not condition():
            QApplication.processEvents()
            assert time.monotonic() < end, "the window did not come that far"

    def settled(self) -> None:
        """Wait until the workers have nothing to do and everything is painted."""
        self.until(lambda: self.window.tasks.idle)
        QApplication.processEvents()
        self.until(lambda: self.window.tasks.idle)

    def make_draft(self, sample: str = "complete.json") -> str:
        """Store a report with a sample of the built-in programme and give its id."""
        return self.on_store(lambda workplace: _make(workplace, sample))

    def make_model(self, sample: str = "complete.json") -> DraftModel:
        """Store a report with a sample, open it in the window, and give its model."""
        return self.open(self.make_draft(sample))

    def open(self, draft_id: str) -> DraftModel:
        """Open a stored report in the window."""
        self.window.open_draft(draft_id)
        self.until(
            lambda: self.window.report.model is not None and self.window.report.model.draft_id == draft_id
        )
        self.settled()
        model = self.window.report.model
        assert model is not None
        return model

    def close(self) -> None:
        """Close the window and its workers."""
        self.settled()
        self.window.close()
        self.window.tasks.close()
        self.window.deleteLater()
        QApplication.processEvents()
        assert self.crashes == []


def _make(workplace: Workplace, sample: str) -> str:
    chosen = tomllib.loads((paths.resources() / "settings.toml").read_text("utf-8"))["demo_programme"]
    programme = workplace.find_programme(chosen)
    if sample == "complete.json":
        return rehearse(workplace, programme)
    folder = paths.resources() / "programmes" / programme.id / "samples"
    answers = load_answers(folder / sample, programme)
    there = tuple(one for one in answers.attachments if (folder / one.name).exists())
    return new_draft(workplace, programme, replace(answers, attachments=there), folder)
