"""One sheet of a PDF on the screen, and its pixels as an image."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from app.services.previewing import Raster

MARGIN = 14
"""Room around the sheet in pixels."""


def to_image(raster: Raster, ratio: float = 1.0) -> QImage:
    """Give pixels as an image that owns them."""
    image = QImage(raster.data, raster.width, raster.height, raster.stride, QImage.Format.Format_RGB32).copy()
    image.setDevicePixelRatio(ratio)
    return image


def plain_icon(picture: QPixmap) -> QIcon:
    """Give an icon that looks the same when it is selected: paper stays white."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


class Sheet(QWidget):
    """A sheet of paper in the middle of its place; empty until its pixels have come."""

    def __init__(self) -> None:
        super().__init__()
        self.picture: QPixmap | None = None
        self.marked: tuple[tuple[QRectF, bool], ...] = ()
        self._paper = QSize()

    def show_size(self, size: QSize) -> None:
        """Make room for a page; what was shown is stretched until the sharp picture comes."""
        self._paper = size
        self.setMinimumSize(size.width() + 2 * MARGIN, size.height() + 2 * MARGIN)
        self.update()

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show a page, or blank paper."""
        self.picture = picture
        self.update()

    def show_marked(self, boxes: Sequence[tuple[QRectF, bool]]) -> None:
        """Mark places of the page (in pixels from its corner); the one looked at now is True."""
        self.marked = tuple(boxes)
        self.update()

    def place_of(self, box: QRectF) -> QPointF:
        """Give where the middle of a place of the page lies on this widget."""
        return box.center() + QPointF(self._box().topLeft())

    def _box(self) -> QRect:
        box = self.rect()
        box.setSize(self._paper)
        box.moveLeft(max(MARGIN, (self.width() - self._paper.width()) // 2))
        box.moveTop(MARGIN)
        return box

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a soft edge, white paper, the page, and marks over what was found."""
        if self._paper.isEmpty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = self._box()
        painter.fillRect(box.adjusted(-1, -1, 2, 2), QColor(0, 0, 0, 50))
        painter.fillRect(box, QColor("white"))
        if self.picture is not None:
            painter.drawPixmap(box, self.picture)
        for place, current in self.marked:
            colour = QColor(255, 140, 0, 110) if current else QColor(255, 220, 0, 90)
            painter.fillRect(place.translated(QPointF(box.topLeft())).adjusted(-1, -1, 1, 1), colour)
