"""The program's own signs, drawn from SVG in the colour of the look, sharp on every screen."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import paths
from ui.style import Look

OWN = "shenbao"


def icon(name: str, look: Look, size: int = 20, *, accent: bool = False) -> QIcon:
    """Give a sign of a size in logical pixels, in the text colour of a look or its accent."""
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    made = QIcon()
    colour = look.accent if accent else look.text
    made.addPixmap(pixmap(name, colour, size, ratio), QIcon.Mode.Normal)
    made.addPixmap(pixmap(name, look.line, size, ratio), QIcon.Mode.Disabled)
    return made


def own_icon() -> QIcon:
    """Give the program's own icon."""
    made = QIcon()
    for size in (16, 32, 48, 128):
        made.addPixmap(pixmap(OWN, QColor(), size))
    return made


def pixmap(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """Draw a sign at a size in logical pixels; ``ratio`` is that of the screen."""
    path = paths.resources() / "icons" / f"{name}.svg"
    source = path.read_bytes().replace(b"currentColor", colour.name().encode("ascii"))
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(source)).render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
