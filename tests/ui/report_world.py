"""A report of the built-in programme in a real store, and what pages need around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from app.clock import BEIJING
from app.messages import Messages, load_messages
from app.model.draft import Answers
from app.services.drafting import load_answers, new_draft
from app.services.opening import OpenedReport, open_report
from app.services.workplace import Workplace, open_workplace
from ui.context import Page, PageContext, Tone
from ui.draft_model import DraftModel
from ui.style import make_look, palette_of
from ui.tasks import Tasks

RESOURCES = Path(__file__).resolve().parent.parent.parent / "resources"
PROGRAMME = "xj-makerspace-2022"
MORNING = datetime(2022, 12, 28, 10, 0, tzinfo=BEIJING)
Result = TypeVar("Result")


@dataclass
class Remembered:
    """The window's small settings, in memory."""

    values: dict[str, object] = field(default_factory=dict)

    def get(self, key: str, default: object = None) -> object:
        return self.values.get(key, default)

    def put(self, key: str, value: object) -> None:
        self.values[key] = value


@dataclass
class ReportWorld:
    """Store worker, words, clock, and what the pages told or asked for."""

    folder: Path
    dark: bool = False
    scale: float = 1.0
    now: datetime = MORNING
    told: list[tuple[str, Tone]] = field(default_factory=list)
    gone: list[tuple[Page, str]] = field(default_factory=list)
    refreshed: int = 0

    def __post_init__(self) -> None:
        self.messages: Messages = load_messages(RESOURCES / "messages")
        self._stack = ExitStack()
        self.tasks = Tasks(self._open, self._stack.close)
        self.crashes: list[object] = []
        self.tasks.crashed.connect(self.crashes.append)
        self.settings = Remembered()
        look = make_look(dark=self.dark, scale=self.scale)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setStyle("Fusion")
        application.setPalette(palette_of(look))
        application.setFont(look.font())
        self.context = PageContext(
            tasks=self.tasks,
            messages=self.messages,
            missing_glyphs=lambda _text: "",
            clock=self.clock,
            look=look,
            settings=self.settings,
            go=lambda page, place: self.gone.append((page, place)),
            tell=lambda text, tone: self.told.append((text, tone)),
            open_draft=lambda _draft: None,
            refresh=self._refresh,
        )

    def clock(self) -> datetime:
        return self.now

    def _refresh(self) -> None:
        self.refreshed += 1

    def _open(self) -> Workplace:
        return self._stack.enter_context(open_workplace(self.folder, RESOURCES, self.messages, self.clock))

    def on_store(self, verb: Callable[[Workplace], Result]) -> Result:
        """Run a verb on the store worker and wait for it."""
        results: list[Result] = []
        errors: list[BaseException] = []
        self.tasks.store(self.tasks, verb, results.append, errors.append)
        self.settle()
        if errors:
            raise errors[0]
        return results[0]

    def settle(self) -> None:
        """Wait until the workers have nothing to do."""
        while not self.tasks.idle:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        assert self.crashes == []

    def make_model(
        self, sample: str = "complete.json", change: Callable[[Answers], Answers] | None = None
    ) -> DraftModel:
        """Store a draft with a sample and open it."""

        def make(workplace: Workplace) -> str:
            programme = workplace.find_programme(PROGRAMME)
            samples = RESOURCES / "programmes" / programme.id / "samples"
            answers = load_answers(samples / sample, programme)
            there = tuple(one for one in answers.attachments if (samples / one.name).exists())
            answers = Answers(
                answers.values,
                answers.tables,
                answers.reasons,
                answers.previous,
                answers.previous_grade,
                answers.torch,
                there,
            )
            return new_draft(workplace, programme, change(answers) if change else answers, samples)

        return self.reopen(self.on_store(make))

    def reopen(self, draft_id: str) -> DraftModel:
        """Open a stored draft."""
        opened: OpenedReport = self.on_store(lambda workplace: open_report(workplace, draft_id))
        return DraftModel(opened.session, self.tasks, self.clock)

    def pass_time(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@contextmanager
def report_world(folder: Path, *, dark: bool = False, scale: float = 1.0) -> Iterator[ReportWorld]:
    """Give a world and end its workers."""
    world = ReportWorld(folder, dark, scale)
    yield world
    world.settle()
    world.tasks.close()
