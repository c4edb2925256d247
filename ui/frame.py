"""The arrangement of the shell: rail at the left, top line, banner and pages beside it, status line below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.clock import Clock
from app.messages import Messages
from ui.banner import Banner
from ui.line_probe import LineProbe
from ui.rail import Rail
from ui.status import StatusLine
from ui.style import Look
from ui.tasks import Tasks
from ui.top_line import RehearsalStrip, TopLine


class Frame(QWidget):
    """All parts of the shell in one look; it is made anew when the look changes.

    ``seen`` is sent after the first paint: what takes long begins then.
    """

    seen = Signal()

    def __init__(
        self,
        pages: Sequence[str],
        word: Callable[..., str],
        messages: Messages,
        clock: Clock,
        look: Look,
        tasks: Tasks,
    ) -> None:
        super().__init__()
        self._seen = False
        self.rail = Rail(pages, word, look)
        self.strip = RehearsalStrip(word("rehearsal_on"), look)
        self.top = TopLine(word, look)
        self.banner = Banner(word, look)
        self.stack = QStackedWidget()
        self.status = StatusLine(messages, clock, look)
        self.line = LineProbe(tasks, self)
        self.line.told.connect(self.status.show_line)
        self.status.platform_shown.connect(self.line.watch)
        right, middle, whole = QVBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        for layout in (right, middle, whole):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        for part in (self.strip, self.top, self.banner):
            right.addWidget(part)
        right.addWidget(self.stack, 1)
        middle.addWidget(self.rail)
        middle.addLayout(right, 1)
        whole.addLayout(middle, 1)
        whole.addWidget(self.status)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say when the window is seen first."""
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self, self.seen.emit)
