"""The editor for dates: typed in any usual way, or picked from a calendar."""

from __future__ import annotations

import re
from datetime import date

from PySide6.QtCore import QDate, QLocale, QPoint, Qt
from PySide6.QtWidgets import QCalendarWidget, QToolButton, QVBoxLayout, QWidget

from app.model.form import Item
from app.model.value import Value
from ui.form.editors import Kit
from ui.form.editors_text import LineEditor

_EIGHT = re.compile(r"([0-9０-９]{4})([0-9０-９]{2})([0-9０-９]{2})")


class DateEditor(LineEditor):
    """A date as 2022-6-30, 2022/6/30, 2022.6.30, 20220630 or 2022年6月30日."""

    def __init__(self, item: Item, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(item, kit, parent)
        self.keep_short(self.input)
        self.input.setPlaceholderText(kit.text("date_placeholder"))
        self.button = QToolButton()
        self.button.setText(kit.text("calendar"))
        self.button.setAutoRaise(True)
        self.button.clicked.connect(self.open_calendar)
        self.line.addWidget(self.button)
        self.popup: QWidget | None = None

    def read(self, text: str) -> Value | None:
        """Read a date; eight digits in a row are one too."""
        match = _EIGHT.fullmatch(text.strip())
        return super().read("-".join(match.groups()) if match else text)

    def shown_for_typing(self, value: Value | None) -> str:
        """Give the date in the shape that is quickest to change."""
        return value.isoformat() if isinstance(value, date) else self.shown(value)

    def controls(self) -> list[QWidget]:
        """Give the line and the button of the calendar."""
        return [self.input, self.button]

    def name_controls(self, name: str, description: str) -> None:
        """Name the line; the button says what it opens."""
        super().name_controls(name, description)
        self.button.setAccessibleName(self.kit.text("calendar_of", name=name))

    def open_calendar(self) -> None:
        """Show a calendar at the date, today where there is none."""
        popup = QWidget(self, Qt.WindowType.Popup)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = QCalendarWidget(popup)
        calendar.setLocale(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        calendar.setAccessibleName(self.button.accessibleName())
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        if isinstance(self.value, date):
            calendar.setSelectedDate(QDate(self.value.year, self.value.month, self.value.day))
        layout = QVBoxLayout(popup)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(calendar)
        calendar.clicked.connect(self._pick)
        calendar.activated.connect(self._pick)
        self.popup = popup
        popup.destroyed.connect(self._forget)
        popup.move(self.mapToGlobal(QPoint(0, self.height())))
        popup.show()
        calendar.setFocus()

    def _forget(self) -> None:
        self.popup = None

    def _pick(self, day: QDate) -> None:
        self.entered.emit()
        self.answer(date(day.year(), day.month(), day.day()))
        self.display()
        self.paused.emit()
        if self.popup is not None:
            self.popup.close()
        self.input.setFocus()
