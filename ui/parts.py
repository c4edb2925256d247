"""Small widgets that all pages share: cards, buttons, headings, texts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.icons import icon
from ui.style import Look


class Card(QFrame):
    """A quiet rounded surface that holds what belongs together."""

    def __init__(self, look: Look, parent: QWidget | None = None, *, edge: QColor | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._edge = edge
        self.column = QVBoxLayout(self)
        margin = look.space(2)
        self.column.setContentsMargins(margin, look.space(1.5), margin, look.space(1.5))
        self.column.setSpacing(look.space(1))

    def set_edge(self, edge: QColor | None) -> None:
        """Colour the left edge, or take the colour away."""
        self._edge = edge
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the surface."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._look.line, 1))
        painter.setBrush(self._look.surface)
        painter.drawRoundedRect(box, 6, 6)
        if self._edge is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._edge)
            painter.drawRoundedRect(QRectF(0, 6, 4, max(0, self.height() - 12)), 2, 2)


class Button(QPushButton):
    """A flat button; ``primary`` is the one a page is for, ``quiet`` has no frame until it is touched."""

    def __init__(
        self, text: str, look: Look, sign: str = "", *, primary: bool = False, quiet: bool = False
    ) -> None:
        super().__init__(text)
        self._look, self._primary, self._quiet = look, primary, quiet
        self._hovered = False
        if sign:
            side = round(18 * (1 + (look.scale - 1) / 2))
            self.setIcon(icon(sign, look, side))
            self.setIconSize(QSize(side, side))
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)

    def sizeHint(self) -> QSize:
        """Leave room around sign and words."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._plain()) + self._look.space(3 if self.text() else 1.5)
        if not self.icon().isNull():
            width += self.iconSize().width() + (self._look.space(0.75) if self.text() else 0)
        return QSize(width, metrics.height() + self._look.space(1.5))

    def minimumSizeHint(self) -> QSize:
        """Never clip the words."""
        return self.sizeHint()

    def _plain(self) -> str:
        """Give the words as they are seen: the sign before a mnemonic is not drawn."""
        return self.text().replace("&&", "\0").replace("&", "").replace("\0", "&")

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up under the pointer."""
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go back to rest."""
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def _colours(self) -> tuple[QColor, QColor, QColor]:
        look = self._look
        if not self.isEnabled():
            clear = QColor(0, 0, 0, 0)
            return (clear if self._quiet else look.raised, clear if self._quiet else look.line, look.faint)
        lit = self._hovered or self.isDown()
        if self._primary:
            return (look.accent.darker(112) if lit else look.accent, look.accent, look.on_accent)
        if self._quiet and not lit:
            return (QColor(0, 0, 0, 0), QColor(0, 0, 0, 0), look.text)
        return (look.selected if lit else look.surface, look.line, look.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw face, frame, sign, words and the ring of the focus."""
        face, frame, ink = self._colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(frame, 1))
        painter.setBrush(face)
        painter.drawRoundedRect(box, 4, 4)
        if self.hasFocus():
            ring = self._look.on_accent if self._primary else self._look.accent
            painter.setPen(QPen(ring, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inset = 2.5 if self._primary else 0
            painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 4, 4)
        self._draw_words(painter, ink)

    def _draw_words(self, painter: QPainter, ink: QColor) -> None:
        metrics = self.fontMetrics()
        side = self.iconSize().width() if not self.icon().isNull() else 0
        gap = self._look.space(0.75) if side and self.text() else 0
        width = side + gap + metrics.horizontalAdvance(self._plain())
        left = max(self._look.space(0.5), (self.width() - width) // 2)
        if side:
            mode = self.icon().Mode.Normal if self.isEnabled() else self.icon().Mode.Disabled
            self.icon().paint(painter, left, (self.height() - side) // 2, side, side, mode=mode)
        painter.setPen(ink)
        words = self.rect().adjusted(left + side + gap, 0, 0, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextShowMnemonic
        painter.drawText(words, int(flags), self.text())


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where there is no room; the whole text is its tooltip."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_whole(text)

    def set_whole(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


def fill(painter: QPainter, area: QRect, colour: QColor) -> None:
    """Fill an area; ``fillRect`` would make PySide build all of Qt's gradients first, at every start."""
    painter.setBackground(colour)
    painter.eraseRect(area)


def lay_out_now() -> None:
    """Lay out at once what was added.

    Left to the event loop each level waits for the one inside it, and is painted squeezed meanwhile.
    """
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)


def has_focus(holder: QWidget) -> bool:
    """Tell whether the focus is on a widget or inside it."""
    focus = QApplication.focusWidget()
    return focus is not None and (focus is holder or holder.isAncestorOf(focus))


def heading(text: str, look: Look, points: float = 15.0) -> QLabel:
    """Give the title of a page or a group."""
    label = QLabel(text)
    label.setFont(look.font(points, bold=True))
    return label


def words(text: str, look: Look, *, faint: bool = False, colour: QColor | None = None) -> QLabel:
    """Give a text that wraps and can be selected with the mouse."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    tint(label, colour or (look.faint if faint else look.text))
    return label


def tint(label: QLabel, colour: QColor) -> None:
    """Colour the words of a label."""
    palette = label.palette()
    palette.setColor(label.foregroundRole(), colour)
    label.setPalette(palette)


def with_hint(editor: QWidget, hint: QLabel) -> QWidget:
    """Put a hint under an editor, close to it."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    column.addWidget(editor)
    column.addWidget(hint)
    return holder


def left_row(*widgets: QWidget) -> QWidget:
    """Put widgets side by side at the left."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return holder


def scrolled(inner: QWidget) -> QScrollArea:
    """Give a frameless scroll area that fits its content to the width."""
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
