"""What holds for every test of the window: what a test leaves behind dies in the window's own thread."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication


@pytest.fixture(autouse=True)
def _collected_in_the_window() -> Iterator[None]:
    """As ``ui.garbage`` does: no worker may destroy a widget that died in a cycle."""
    gc.disable()
    yield
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        # without a screen Qt keeps what was copied until after Python has ended, and crashes on the way out
        QGuiApplication.clipboard().clear()
    gc.collect()
    gc.enable()
