"""How the window looks: palettes, sizes, the few colours that carry meaning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

FAMILIES = ("Microsoft YaHei UI", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "Noto Sans SC")
"""Chinese interface fonts, Windows first; never the system's default, which may be no Chinese one."""

OWN_FONT = "NotoSansSC-Regular.ttf"
"""The paper font that stands in on a machine that has none of these."""


def bring_font(fonts: Path) -> bool:
    """Lend the window our paper font where the machine has no Chinese one; tell whether it was needed."""
    if any(QFontDatabase.hasFamily(family) for family in FAMILIES):
        return False
    return QFontDatabase.addApplicationFont(str(fonts / OWN_FONT)) >= 0


BASE_POINTS = 10.5


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and measures of one appearance; ``scale`` is the text size (1.0 to 2.0)."""

    dark: bool
    scale: float
    window: QColor
    surface: QColor
    raised: QColor
    line: QColor
    text: QColor
    faint: QColor
    accent: QColor
    on_accent: QColor
    selected: QColor
    error: QColor
    warning: QColor
    info: QColor
    good: QColor

    def space(self, units: float = 1.0) -> int:
        """Give a distance in pixels; one unit is 8 pixels at normal text size."""
        return round(8 * units * (1 + (self.scale - 1) / 2))

    def font(self, points: float = BASE_POINTS, *, bold: bool = False) -> QFont:
        """Give an interface font at a size in points before scaling."""
        font = QFont()
        font.setFamilies(list(FAMILIES))
        font.setPointSizeF(points * self.scale)
        font.setBold(bold)
        return font


def make_look(*, dark: bool, scale: float = 1.0) -> Look:
    """Give the light or the dark appearance at a text size."""
    names = _DARK if dark else _LIGHT
    return Look(dark, min(max(scale, 1.0), 2.0), *(QColor(name) for name in names))


_LIGHT = (
    "#f3f5f8",
    "#ffffff",
    "#fafbfc",
    "#d5dbe3",
    "#1d2733",
    "#5c6b7c",
    "#1f5fae",
    "#ffffff",
    "#dce8f7",
    "#b3261e",
    "#8a5a00",
    "#35618f",
    "#1e7145",
)
_DARK = (
    "#191e25",
    "#232a33",
    "#2a323d",
    "#414c5b",
    "#e6eaf0",
    "#a0acba",
    "#7fb2f0",
    "#0d1a2b",
    "#2b3f58",
    "#ff8a80",
    "#f0c05a",
    "#8fbcec",
    "#7fd6a4",
)


def palette_of(look: Look) -> QPalette:
    """Give the palette that makes all standard widgets wear a look."""
    palette = QPalette()
    role = QPalette.ColorRole
    palette.setColor(role.Window, look.window)
    palette.setColor(role.WindowText, look.text)
    palette.setColor(role.Base, look.surface)
    palette.setColor(role.AlternateBase, look.raised)
    palette.setColor(role.Text, look.text)
    palette.setColor(role.PlaceholderText, look.faint)
    palette.setColor(role.Button, look.raised)
    palette.setColor(role.ButtonText, look.text)
    palette.setColor(role.ToolTipBase, look.raised)
    palette.setColor(role.ToolTipText, look.text)
    palette.setColor(role.Highlight, look.accent)
    palette.setColor(role.HighlightedText, look.on_accent)
    palette.setColor(role.Link, look.accent)
    palette.setColor(role.Mid, look.line)
    palette.setColor(role.Midlight, look.line)
    palette.setColor(role.Light, look.raised)
    palette.setColor(role.Dark, look.line)
    palette.setColor(role.Shadow, look.line)
    for faded in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, faded, look.faint)
    return palette


_FRAMED = (
    "QLineEdit",
    "QComboBox",
    "QAbstractSpinBox",
    "QAbstractItemView",
    "QPlainTextEdit",
    "QCheckBox",
    "QRadioButton",
)


def apply_look(application: QApplication, look: Look) -> None:
    """Dress the whole program in a look: style, palette, font."""
    if look.scale > 1:
        from ui.large_style import LargeStyle  # 10 ms that no usual start should wait for

        application.setStyle(LargeStyle(look.scale))
    else:
        application.setStyle("Fusion")
    palette = palette_of(look)
    application.setPalette(palette)
    application.setFont(look.font())
    if look.dark:
        # Fusion frames a box with its window colour made darker by 140 %: in the dark nobody would see it
        framed = QPalette(palette)
        framed.setColor(QPalette.ColorRole.Window, look.faint.darker(120))
        for name in _FRAMED:
            # the wheel takes a str here though it declares bytes
            application.setPalette(framed, name)  # type: ignore[arg-type]
