"""The ladder of stages: one step per stage, what is done, what is now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.rules.stages import StageState, State
from ui.style import Look


class Ladder(QWidget):
    """Steps from left to right.  Each is told apart by its shape as well as its colour."""

    def __init__(self, states: Sequence[StageState], texts: Sequence[str], name: str, look: Look) -> None:
        super().__init__()
        self._look, self._texts = look, tuple(texts)
        self._states = [state.state for state in states]
        undone = (place for place, state in enumerate(self._states) if state is not State.DONE)
        self._now = next(undone, -1)
        self._side = round(16 * (1 + (look.scale - 1) / 2))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setAccessibleDescription("\n".join(texts))
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Take the height of a step."""
        return QSize(self._side * 2 * max(1, len(self._states)), self._side + 6)

    def minimumSizeHint(self) -> QSize:
        """Steps may stand close together."""
        return QSize(self._side * max(1, len(self._states)), self._side + 6)

    def _centre(self, place: int) -> QPointF:
        count = max(1, len(self._states) - 1)
        usable = self.width() - self._side - 4
        return QPointF(self._side / 2 + 2 + usable * place / count, self.height() / 2)

    def event(self, event: QEvent) -> bool:
        """Tell about the step under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for place, text in enumerate(self._texts):
                if abs(self._centre(place).x() - event.pos().x()) <= self._side:
                    QToolTip.showText(event.globalPos() + QPoint(0, 8), text, self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line and the steps."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(1, len(self._states)):
            reached = self._states[place - 1] is State.DONE
            painter.setPen(QPen(self._look.good if reached else self._look.line, 2))
            painter.drawLine(self._centre(place - 1), self._centre(place))
        for place, state in enumerate(self._states):
            self._draw_step(painter, self._centre(place), state, here=place == self._now)

    def _draw_step(self, painter: QPainter, centre: QPointF, state: State, *, here: bool) -> None:
        look, half = self._look, self._side / 2
        box = QRectF(centre.x() - half + 1, centre.y() - half + 1, self._side - 2, self._side - 2)
        colour = self._colour(state, here=here)
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour if state is State.DONE else look.surface)
        painter.drawEllipse(box)
        if state is State.DONE:
            painter.setPen(QPen(look.surface, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPolyline(
                [
                    centre + QPointF(-half * 0.4, 0),
                    centre + QPointF(-half * 0.08, half * 0.34),
                    centre + QPointF(half * 0.46, -half * 0.34),
                ]
            )
        elif state is State.LATE:
            painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(centre + QPointF(0, -half * 0.45), centre + QPointF(0, half * 0.1))
            painter.drawPoint(centre + QPointF(0, half * 0.45))
        elif here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(centre, half * 0.42, half * 0.42)

    def _colour(self, state: State, *, here: bool) -> QColor:
        look = self._look
        if state is State.DONE:
            return look.good
        if state is State.LATE:
            return look.error
        if state is State.CLOSING:
            return look.warning
        return look.accent if here else look.line
