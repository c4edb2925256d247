"""The style for large text: Fusion whose boxes and bars grow with it."""

from __future__ import annotations

from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget

_GROWING = frozenset(
    {
        QStyle.PixelMetric.PM_IndicatorWidth,
        QStyle.PixelMetric.PM_IndicatorHeight,
        QStyle.PixelMetric.PM_ExclusiveIndicatorWidth,
        QStyle.PixelMetric.PM_ExclusiveIndicatorHeight,
        QStyle.PixelMetric.PM_CheckBoxLabelSpacing,
        QStyle.PixelMetric.PM_RadioButtonLabelSpacing,
        QStyle.PixelMetric.PM_ScrollBarExtent,
        QStyle.PixelMetric.PM_SmallIconSize,
    }
)


class LargeStyle(QProxyStyle):
    """Fusion whose boxes and bars grow with the text."""

    def __init__(self, scale: float) -> None:
        super().__init__("Fusion")
        self._scale = 1 + (scale - 1) * 0.7

    def pixelMetric(  # noqa: N802 - Qt's name
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        """Give a measure of the style, grown where it belongs to what people look at."""
        size = super().pixelMetric(metric, option, widget)
        return round(size * self._scale) if metric in _GROWING else size
