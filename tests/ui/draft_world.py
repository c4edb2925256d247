"""A report of the built-in programme opened from a real store, and the page 填报 around it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from app.clock import BEIJING
from app.messages import Messages, load_messages
from app.model.draft import Answers
from app.model.programme import Programme
from app.services.drafting import load_answers, new_draft
from app.services.opening import open_report
from app.services.workplace import Workplace, open_workplace
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.pages.draft import DraftPage
from ui.style import make_look, palette_of
from ui.tasks import Tasks

RESOURCES = Path(__file__).resolve().parent.parent.parent / "resources"
NOW = datetime(2022, 11, 20, 9, 0, tzinfo=BEIJING)


class SlowClock:
    """Stands still but for one second in a hundred looks, so that what is stored has an order."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> datetime:
        self.looks += 1
        return NOW + timedelta(seconds=self.looks // 100)


class Remembered:
    """The window's small settings, in memory."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def get(self, key: str, default: object = None) -> object:
        return self.values.get(key, default)

    def put(self, key: str, value: object) -> None:
        self.values[key] = value


@dataclass
class DraftWorld:
    """Store worker, words, one draft, and what pages told or asked for."""

    folder: Path
    dark: bool = False
    scale: float = 1.0
    told: list[tuple[str, str]] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    pages: list[QWidget] = field(default_factory=list)
    loaded: dict[tuple[str, int], Programme] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.messages: Messages = load_messages(RESOURCES / "messages")
        self.clock = SlowClock()
        self.stack = ExitStack()
        self.tasks = Tasks(self._open, self.stack.close)
        self.crashes: list[object] = []
        self.tasks.crashed.connect(self.crashes.append)
        self.look = make_look(dark=self.dark, scale=self.scale)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setStyle("Fusion")
        application.setPalette(palette_of(self.look))
        application.setFont(self.look.font())
        self.context = PageContext(
            tasks=self.tasks,
            messages=self.messages,
            missing_glyphs=lambda _text: "",
            clock=self.clock,
            look=self.look,
            settings=Remembered(),
            go=lambda page, place: self.gone.append((page, place)),
            tell=lambda text, tone: self.told.append((text, tone)),
            open_draft=lambda _draft: None,
            refresh=lambda: None,
        )

    def _open(self) -> Workplace:
        workplace = self.stack.enter_context(
            open_workplace(self.folder, RESOURCES, self.messages, self.clock)
        )
        workplace.loaded.update(self.loaded)
        return workplace

    def on_store(self, verb: Callable[[Workplace], object]) -> object:
        """Run a verb on the store worker and wait for it; for tests only."""
        results: list[object] = []
        self.tasks.store(self.tasks, verb, results.append, results.append)
        while not results:
            QApplication.processEvents()
        if isinstance(results[0], Exception):
            raise results[0]
        return results[0]

    def make_draft(self, sample: str, change: Callable[[Answers], Answers] | None = None) -> str:
        """Store a draft with a sample (or nothing for an empty name) and give its id."""

        def make(workplace: Workplace) -> object:
            settings = tomllib.loads((RESOURCES / "settings.toml").read_text("utf-8"))
            programme = next(iter(self.loaded.values()), None)
            if programme is None:
                programme = workplace.find_programme(settings["demo_programme"])
                self.loaded[programme.id, programme.form_version] = programme
                workplace.loaded.update(self.loaded)
            samples = RESOURCES / "programmes" / programme.id / "samples"
            answers = load_answers(samples / sample, programme) if sample else Answers()
            there = tuple(one for one in answers.attachments if (samples / one.name).exists())
            answers = replace(answers, attachments=there)
            return new_draft(workplace, programme, change(answers) if change else answers, samples)

        return str(self.on_store(make))

    def make_model(self, sample: str = "complete.json") -> DraftModel:
        """Store a draft with a sample and open it."""
        return self.reopen(self.make_draft(sample))

    def reopen(self, draft_id: str) -> DraftModel:
        """Open a stored draft again, its undo folded from the journal."""
        opened = self.on_store(lambda workplace: open_report(workplace, draft_id))
        return DraftModel(opened.session, self.tasks, self.clock)  # type: ignore[attr-defined]

    def make_page(self, model: DraftModel | None) -> DraftPage:
        """Give the page 填报 with a report."""
        page = DraftPage(self.context)
        page.resize(1180, 700)
        page.show_draft(model)
        return page

    def saved(self) -> None:
        """Wait until the workers have nothing to do."""
        while not self.tasks.idle:
            QApplication.processEvents()

    def journal(self, draft_id: str) -> list[object]:
        """Give what the journal holds of a draft."""

        def read(workplace: Workplace) -> object:
            draft = workplace.draft(draft_id)
            return list(workplace.store.drafts.history(draft_id, workplace.programme_of(draft).form))

        self.saved()
        found = self.on_store(read)
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        """End the workers."""
        self.saved()
        self.tasks.close()
