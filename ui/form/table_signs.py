"""Small signs that stand beside colours: a cross for errors, a triangle for warnings, a dot for notes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from app.model.finding import Severity
from ui.style import Look

_FINE = 3
"""Signs are painted three times as large as shown, so that they stay sharp on dense screens."""


def make_signs(look: Look) -> Mapping[Severity, QIcon]:
    """Give a sign for each severity, in the colours of a look; shapes differ, not only colours."""
    return {
        Severity.ERROR: _sign(look, look.error, Severity.ERROR),
        Severity.WARNING: _sign(look, look.warning, Severity.WARNING),
        Severity.INFO: _sign(look, look.info, Severity.INFO),
    }


def _sign(look: Look, colour: QColor, severity: Severity) -> QIcon:
    side = 16 * _FINE
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if severity is Severity.WARNING:
        painter.drawPolygon(
            QPolygonF([QPointF(side * x, side * y) for x, y in ((0.5, 0.1), (0.96, 0.9), (0.04, 0.9))])
        )
    else:
        painter.drawEllipse(QRectF(side * 0.08, side * 0.08, side * 0.84, side * 0.84))
    painter.setPen(QPen(look.surface, side * 0.11, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    strokes = {
        Severity.ERROR: ((0.34, 0.34, 0.66, 0.66), (0.66, 0.34, 0.34, 0.66)),
        Severity.WARNING: ((0.5, 0.4, 0.5, 0.6), (0.5, 0.76, 0.5, 0.77)),
        Severity.INFO: ((0.5, 0.46, 0.5, 0.72), (0.5, 0.28, 0.5, 0.29)),
    }
    for x1, y1, x2, y2 in strokes[severity]:
        painter.drawLine(QPointF(side * x1, side * y1), QPointF(side * x2, side * y2))
    painter.end()
    return QIcon(picture)
