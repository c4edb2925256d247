"""A PDF on the screen: one page at a time, thumbnails beside it, drawn by workers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.services.previewing import Hit, Source, find_text, page_pixels, page_sizes
from ui.context import PageContext
from ui.pages.pdf_sheet import MARGIN, Sheet, plain_icon, to_image
from ui.parts import Button, tint

SCREEN_DPI = 96.0
THUMBNAIL = 92
_FIT_WIDTH, _FIT_PAGE = 0, -1
_PERCENTS = (50, 75, 100, 125, 150, 200, 300)
_LEAST_DPI, _MOST_DPI = 20.0, 600.0


class PdfView(QWidget):
    """Shows one PDF.  The newest wish is drawn first; what was asked for a page left behind is dropped.

    ``opened`` is sent when the pages of a PDF are known.
    """

    opened = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._pdf: Source = b""
        self._hits: tuple[Hit, ...] = ()
        self._hit = -1
        self._round = 0
        self._sizes: tuple[tuple[float, float], ...] = ()
        self._busy = False
        self._drawn: tuple[int, float] | None = None
        self._arrange()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(60)
        self._later.timeout.connect(self._draw)
        self.show_pdf(b"")

    def _word(self, key: str, /, **params: object) -> str:
        return self._context.messages.text("window", f"paper.view.{key}", **params)

    # ------------------------------------------------------------------------------------ building
    def _arrange(self) -> None:
        look = self._context.look
        self.setAccessibleName(self._word("name"))
        self.setAccessibleDescription(self._word("help"))
        self.sheet = Sheet()
        self.area = QScrollArea()
        self.area.setWidget(self.sheet)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setAccessibleName(self._word("name"))
        self.area.setAccessibleDescription(self._word("help"))
        self.area.installEventFilter(self)
        self.area.setBackgroundRole(self.area.backgroundRole().Midlight)
        self.thumbnails = QListWidget()
        self.thumbnails.setAccessibleName(self._word("thumbnails"))
        self.thumbnails.setViewMode(QListView.ViewMode.IconMode)
        self.thumbnails.setFlow(QListView.Flow.TopToBottom)
        self.thumbnails.setWrapping(False)
        self.thumbnails.setMovement(QListView.Movement.Static)
        self.thumbnails.setUniformItemSizes(True)
        self.thumbnails.setIconSize(QSize(THUMBNAIL, round(THUMBNAIL * 1.42)))
        self.thumbnails.setSpacing(look.space(0.75))
        self.thumbnails.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        width = THUMBNAIL + look.space(1.5) * 2 + self.thumbnails.verticalScrollBar().sizeHint().width() + 4
        self.thumbnails.setFixedWidth(width)
        self.thumbnails.currentRowChanged.connect(self.show_page)
        self.thumbnails.verticalScrollBar().valueChanged.connect(lambda _value: self._later.start())
        body = QHBoxLayout()
        body.setSpacing(look.space(0.75))
        body.addWidget(self.thumbnails)
        body.addWidget(self.area, 1)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        tint(self.message, look.faint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space(0.75))
        column.addLayout(self._bar())
        column.addWidget(self.message)
        column.addLayout(body, 1)

    def _bar(self) -> QHBoxLayout:
        look = self._context.look
        self.previous_button = Button("‹", look, quiet=True)
        self.next_button = Button("›", look, quiet=True)
        for button, key, step in ((self.previous_button, "previous", -1), (self.next_button, "next", 1)):
            button.setAccessibleName(self._word(key))
            button.setToolTip(self._word(key))
            button.clicked.connect(lambda _checked=False, step=step: self.show_page(self.page + step))
        self.number = QSpinBox()
        self.number.setAccessibleName(self._word("page"))
        self.number.setKeyboardTracking(False)
        self.number.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number.setMinimumWidth(self.fontMetrics().horizontalAdvance("0000") + look.space(2))
        self.number.valueChanged.connect(lambda value: self.show_page(value - 1))
        self.count = QLabel()
        self.zoom = QComboBox()
        self.zoom.setAccessibleName(self._word("zoom"))
        self.zoom.addItem(self._word("fit_width"), _FIT_WIDTH)
        self.zoom.addItem(self._word("fit_page"), _FIT_PAGE)
        for percent in _PERCENTS:
            self.zoom.addItem(self._word("percent", percent=percent), percent)
        self.zoom.currentIndexChanged.connect(lambda _index: self._fit())
        bar = QHBoxLayout()
        bar.setSpacing(look.space(0.5))
        for widget in (self.previous_button, self.number, self.count, self.next_button):
            bar.addWidget(widget)
        bar.addStretch(1)
        for searching in self._search_bar():
            bar.addWidget(searching)
        bar.addStretch(1)
        bar.addWidget(self.zoom)
        return bar

    def _search_bar(self) -> tuple[QWidget, ...]:
        self.search = QLineEdit()
        self.search.setAccessibleName(self._word("search"))
        self.search.setPlaceholderText(self._word("search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(self._context.look.space(24))
        self.search.returnPressed.connect(self.find_next)
        self.search.textChanged.connect(lambda _text: self._forget_hits())
        self.found = QLabel()
        return self.search, self.found

    # ------------------------------------------------------------------------------------- showing
    @property
    def page(self) -> int:
        """Give the page that is shown, counted from 0."""
        return self.number.value() - 1

    @property
    def page_count(self) -> int:
        """Give the number of pages."""
        return len(self._sizes)

    def show_pdf(self, pdf: Source, message: str = "") -> None:
        """Show a PDF from its first page; with empty bytes only a message stands there."""
        self._round += 1
        self._pdf, self._sizes, self._drawn = pdf, (), None
        self._forget_hits()
        self.thumbnails.blockSignals(True)
        self.thumbnails.clear()
        self.thumbnails.blockSignals(False)
        self.sheet.show_picture(None)
        self.sheet.show_size(QSize())
        self.message.setText("" if pdf else message or self._word("empty"))
        self.message.setVisible(not pdf)
        self._show_bar()
        if pdf:
            token = self._round
            self._context.tasks.work(
                self, lambda: page_sizes(pdf), lambda sizes: self._opened(token, sizes), self._refused
            )

    def _opened(self, token: int, sizes: tuple[tuple[float, float], ...]) -> None:
        if token != self._round:
            return
        self._sizes = sizes
        self.thumbnails.blockSignals(True)
        blank = QPixmap(self.thumbnails.iconSize())
        blank.fill(Qt.GlobalColor.white)
        for page in range(len(sizes)):
            item = QListWidgetItem(plain_icon(blank), str(page + 1))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, self._word("thumbnail", page=page + 1))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.thumbnails.addItem(item)
        self.thumbnails.blockSignals(False)
        self._show_bar()
        self.show_page(0)
        self.opened.emit()

    def _refused(self, error: AppError) -> None:
        self._busy = False
        self.message.setText(self._context.messages.error(error))
        self.message.show()

    def _show_bar(self) -> None:
        count = len(self._sizes)
        self.number.blockSignals(True)
        self.number.setRange(min(1, count), count)
        self.number.blockSignals(False)
        self.count.setText(self._word("of", count=count))
        for widget in (self.number, self.zoom, self.search):
            widget.setEnabled(count > 0)
        self.previous_button.setEnabled(self.page > 0)
        self.next_button.setEnabled(self.page + 1 < count)

    def show_page(self, page: int) -> None:
        """Show a page counted from 0; one beyond the ends is ignored."""
        if not 0 <= page < len(self._sizes):
            return
        self.number.blockSignals(True)
        self.number.setValue(page + 1)
        self.number.blockSignals(False)
        self.thumbnails.blockSignals(True)
        self.thumbnails.setCurrentRow(page)
        self.thumbnails.blockSignals(False)
        self.sheet.setAccessibleName(self._word("sheet", page=page + 1, count=len(self._sizes)))
        self._show_bar()
        if self._drawn is not None and self._drawn[0] != page:
            self.sheet.show_picture(None)
            self.area.verticalScrollBar().setValue(0)
        self._fit()

    def dpi(self) -> float:
        """Give the resolution, in logical dots, at which the page is shown now."""
        percent = int(self.zoom.currentData())
        if percent > 0:
            return SCREEN_DPI * percent / 100
        width, height = self._sizes[self.page]
        room = self.area.maximumViewportSize()
        bar = self.area.verticalScrollBar().sizeHint().width()
        fit = (room.width() - 2 * MARGIN - (bar if percent == _FIT_WIDTH else 0)) / max(1.0, width) * 72
        if percent == _FIT_PAGE:
            fit = min(fit, (room.height() - 2 * MARGIN) / max(1.0, height) * 72)
        return max(_LEAST_DPI, min(_MOST_DPI, fit))

    def _fit(self) -> None:
        if not self._sizes:
            return
        width, height = self._sizes[self.page]
        scale = self.dpi() / 72
        self.sheet.show_size(QSize(round(width * scale), round(height * scale)))
        self._mark_hits()
        if self._drawn is None or self._drawn[0] != self.page:
            self._draw()
        else:
            self._later.start()

    # ----------------------------------------------------------------------------------- searching
    def _forget_hits(self) -> None:
        self._hits, self._hit = (), -1
        self.found.setText("")
        self.sheet.show_marked(())

    def find_next(self) -> None:
        """Go to the next place of the text in the search line; the first time it is looked for."""
        text, token = self.search.text().strip(), self._round
        if not text or not self._sizes:
            return
        if self._hits:
            self._go_to_hit((self._hit + 1) % len(self._hits))
            return
        pdf = self._pdf
        self._context.tasks.work(
            self, lambda: find_text(pdf, text), lambda hits: self._take_hits(token, text, hits), self._refused
        )

    def _take_hits(self, token: int, text: str, hits: tuple[Hit, ...]) -> None:
        if token != self._round or text != self.search.text().strip():
            return
        self._hits = hits
        if not hits:
            self.found.setText(self._word("found_none"))
            return
        self._go_to_hit(next((at for at, hit in enumerate(hits) if hit.page >= self.page), 0))

    def _go_to_hit(self, at: int) -> None:
        self._hit = at
        self.found.setText(self._word("found", at=at + 1, count=len(self._hits)))
        self.show_page(self._hits[at].page)

    def _mark_hits(self) -> None:
        scale = self.dpi() / 72
        boxes = [
            (QRectF(*(value * scale for value in box)), at == self._hit)
            for at, hit in enumerate(self._hits)
            if hit.page == self.page
            for box in hit.boxes
        ]
        self.sheet.show_marked(boxes)
        for spot in [self.sheet.place_of(box) for box, current in boxes if current][:1]:
            self.area.ensureVisible(round(spot.x()), round(spot.y()), 80, 120)

    # ------------------------------------------------------------------------------------- drawing
    def _draw(self) -> None:
        """Ask a worker for the page if it is not sharp yet, else for a thumbnail that can be seen."""
        if self._busy or not self._sizes:
            return
        wish = (self.page, self.dpi())
        if self._drawn != wish:
            self._ask(wish[0], wish[1], lambda image: self._take_page(wish, image))
            return
        for row in self._rows_in_sight():
            if self.thumbnails.item(row).data(Qt.ItemDataRole.UserRole) is None:
                width, height = self._sizes[row]
                icon = self.thumbnails.iconSize()
                scale = min(icon.width() / max(1.0, width), icon.height() / max(1.0, height))
                self._ask(row, 72 * scale, partial(self._take_thumbnail, row))
                return

    def _rows_in_sight(self) -> range:
        view = self.thumbnails.viewport().rect()
        middle = view.center().x()
        first = self.thumbnails.indexAt(view.topLeft().__class__(middle, view.top() + 20)).row()
        item = self.thumbnails.visualItemRect(self.thumbnails.item(0))
        shown = view.height() // max(1, item.height()) + 2
        start = max(0, first)
        return range(start, min(len(self._sizes), start + shown))

    def _ask(self, page: int, dpi: float, take: Callable[[QImage], None]) -> None:
        pdf, token, ratio = self._pdf, self._round, self.devicePixelRatioF()
        self._busy = True

        def draw() -> QImage | None:
            # the person may have gone on to another file while this waited for a worker
            return to_image(page_pixels(pdf, page, dpi * ratio), ratio) if token == self._round else None

        def arrived(image: QImage | None) -> None:
            self._busy = False
            if image is not None and token == self._round:
                take(image)
            self._draw()

        self._context.tasks.work(self, draw, arrived, self._refused)

    def _take_page(self, wish: tuple[int, float], image: QImage) -> None:
        if wish[0] == self.page:
            self._drawn = wish
            self.sheet.show_picture(QPixmap.fromImage(image))

    def _take_thumbnail(self, row: int, image: QImage) -> None:
        item = self.thumbnails.item(row)
        item.setIcon(plain_icon(QPixmap.fromImage(image)))
        item.setData(Qt.ItemDataRole.UserRole, True)

    # --------------------------------------------------------------------------------------- events
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the page to the new room."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Turn pages and zoom by keys."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if watched is self.area and pressed and isinstance(event, QKeyEvent) and self._pressed(event):
            return True
        if watched is self.area and event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _pressed(self, event: QKeyEvent) -> bool:
        key, bar = event.key(), self.area.verticalScrollBar()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._step_zoom(-1 if key == Qt.Key.Key_Minus else 1)
            return True
        if control and key == Qt.Key.Key_F:
            self.search.setFocus()
            return True
        if key == Qt.Key.Key_PageDown and bar.value() == bar.maximum():
            self.show_page(self.page + 1)
        elif key == Qt.Key.Key_PageUp and bar.value() == bar.minimum():
            self.show_page(self.page - 1)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.show_page(0 if key == Qt.Key.Key_Home else len(self._sizes) - 1)
        else:
            return False
        return True

    def _step_zoom(self, step: int) -> None:
        if not self._sizes:
            return
        now = self.dpi() / SCREEN_DPI * 100
        larger = [one for one in _PERCENTS if one > now + 1]
        smaller = [one for one in _PERCENTS if one < now - 1]
        wanted = larger[:1] if step > 0 else smaller[-1:]
        if wanted:
            self.zoom.setCurrentIndex(self.zoom.findData(wanted[0]))
