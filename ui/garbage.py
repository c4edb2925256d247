"""Python's collector runs in the window's thread only.

A widget that dies in a cycle would else be destroyed by whichever worker happens to allocate at that
moment, and Qt objects must die in their own thread.
"""

from __future__ import annotations

import gc

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QLayout, QLayoutItem

_EVERY_MS = 2000
_FULL_AFTER = 30


class Collector(QObject):
    """Collects young objects every two seconds and all of them every minute, instead of Python itself.

    What stands two seconds after the start (code, wording, mostly the report too) stays for good and is not
    gone through each time: looking at everything would hold the window up for 60 ms.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._turn = -1
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_EVERY_MS)

    def _collect(self) -> None:
        forget_layout_items()
        if self._turn < 0:
            gc.freeze()
        self._turn = (self._turn + 1) % _FULL_AFTER
        gc.collect(1 if self._turn else 2)

    def stop(self) -> None:
        """Give the work back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def forget_layout_items() -> None:
    """Let go of the items of layouts that PySide keeps in mind; call it where widgets were just built.

    ``addLayout`` of a layout with widgets in it makes a Python object for every item.  When Qt throws an
    item away (its widget goes to another layout), that object lives on, and the next C++ object at the same
    address, of any type, is taken for it: wrong methods, or a crash.  Nobody here holds an item for longer.
    """
    for found in shiboken6.getAllValidWrappers():
        if isinstance(found, QLayoutItem) and not isinstance(found, QLayout):
            shiboken6.invalidate(found)
