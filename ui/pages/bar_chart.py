"""Bars of this year and last year, one pair for each indicator, drawn by hand.

Both bars of a pair share one scale that begins at zero; pairs are never on a common scale, because their
units differ.  Every bar carries its number, so that nothing has to be read off a length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style import Look


@dataclass(frozen=True)
class Pair:
    """One indicator: its label, both numbers, and both as they are shown."""

    label: str
    previous: Decimal
    value: Decimal
    previous_text: str
    value_text: str


def spans_of(pair: Pair, width: float) -> tuple[float, tuple[float, float], tuple[float, float]]:
    """Give the place of zero, then left edge and length of last year's and this year's bar, in pixels.

    The scale runs from the least of both numbers and zero to the greatest; lengths are proportional.
    """
    low = min(pair.previous, pair.value, Decimal(0))
    high = max(pair.previous, pair.value, Decimal(0))
    whole = float(high - low) or 1.0
    zero = float(-low) / whole * width

    def span(number: Decimal) -> tuple[float, float]:
        length = abs(float(number)) / whole * width
        return (zero - length if number < 0 else zero, length)

    return zero, span(pair.previous), span(pair.value)


class BarChart(QWidget):
    """A grid of pairs that takes as many columns as there is room for."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._pairs: tuple[Pair, ...] = ()
        self._font = look.font(9.5)
        self._metrics = QFontMetricsF(self._font)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_pairs(self, pairs: Sequence[Pair], spoken: Sequence[str]) -> None:
        """Show other pairs; ``spoken`` says the same in words for screen readers."""
        if tuple(pairs) == self._pairs:
            return
        self._pairs = tuple(pairs)
        self.setAccessibleDescription("\n".join(spoken))
        self._fit()

    def _columns(self) -> int:
        wanted = self._metrics.height() * 17
        return max(1, min(4, int(self.width() / wanted)))

    def _cell_height(self) -> float:
        return self._metrics.height() * 3.1 + self._look.space(2)

    def _fit(self) -> None:
        rows = -(-len(self._pairs) // self._columns())
        self.setMinimumHeight(round(rows * self._cell_height()))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the height of all rows."""
        return QSize(self._look.space(60), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as fit."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all pairs."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        columns = self._columns()
        gap = self._look.space(3)
        width = (self.width() - gap * (columns - 1)) / columns
        for place, pair in enumerate(self._pairs):
            row, column = divmod(place, columns)
            self._draw(painter, pair, column * (width + gap), row * self._cell_height(), width)

    def _draw(self, painter: QPainter, pair: Pair, left: float, top: float, width: float) -> None:
        look, line = self._look, self._metrics.height()
        painter.setPen(look.text)
        label = self._metrics.elidedText(pair.label, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(left, top, width, line), int(Qt.AlignmentFlag.AlignLeft), label)
        texts = (pair.previous_text, pair.value_text)
        room = max(self._metrics.horizontalAdvance(text) for text in texts) + look.space(1)
        field = max(20.0, width - room)
        zero, before, now = spans_of(pair, field)
        thick = line * 0.72
        for step, (span, text) in enumerate(((before, texts[0]), (now, texts[1]))):
            y = top + line * (1.1 + step)
            box = QRectF(left + span[0], y + (line - thick) / 2, max(span[1], 1.0), thick)
            paint_bar(painter, box, look, last_year=step == 0)
            painter.setPen(look.text if step else look.faint)
            words = QRectF(left + field + look.space(1), y, room, line)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.setPen(QPen(look.faint, 1))
        painter.drawLine(
            round(left + zero), round(top + line * 1.1), round(left + zero), round(top + line * 3.1)
        )


def paint_bar(painter: QPainter, box: QRectF, look: Look, *, last_year: bool) -> None:
    """Paint a bar: last year's hatched with an outline, this year's full, so that no colour is needed."""
    painter.save()
    if last_year:
        painter.setPen(QPen(look.faint, 1))
        painter.setBrush(QBrush(QColor(look.faint), Qt.BrushStyle.BDiagPattern))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.accent)
    painter.drawRect(box)
    painter.restore()


class Legend(QWidget):
    """A small sample of a bar, to stand before its word."""

    def __init__(self, look: Look, *, last_year: bool) -> None:
        super().__init__()
        self._look, self._last_year = look, last_year
        self.setFixedSize(look.space(3), look.space(1.75))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sample."""
        painter = QPainter(self)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        paint_bar(painter, box, self._look, last_year=self._last_year)
