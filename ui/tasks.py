"""The only place of the window with threads: one store worker, two work workers, results by signal.

The store worker alone touches the store.  What it finishes is told in the order it was asked for.  A
result whose owner is gone is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from app.errors import AppError

if TYPE_CHECKING:  # the window is painted before threads, store and paper are loaded
    from concurrent.futures import Future, ThreadPoolExecutor

    from app.services.workplace import Workplace

Result = TypeVar("Result")
_STORE, _WORK = "store", "work"
_WORKERS = {_STORE: 1, _WORK: 2}


class Cancel:
    """A flag the user raises and long work asks for."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self) -> bool:
        """Tell whether the work should stop."""
        return self._event.is_set()

    def set(self) -> None:
        """Ask the work to stop."""
        self._event.set()


class _Post(QObject):
    """Carries results from workers into the window's thread."""

    arrived = Signal(object)


class _Delivery(Generic[Result]):
    def __init__(
        self,
        owner: QObject,
        future: Future[Result],
        done: Callable[[Result], None],
        failed: Callable[[AppError], None],
        broken: Callable[[BaseException], None],
    ) -> None:
        self.owner, self.future = owner, future
        self.done, self.failed, self.broken = done, failed, broken

    def hand_over(self) -> None:
        if not isValid(self.owner):
            return
        error = self.future.exception()
        if error is None:
            self.done(self.future.result())
        elif isinstance(error, AppError):
            self.failed(error)
        else:
            self.broken(error)


class Tasks(QObject):
    """Runs work beside the window.  ``crashed`` is told of bugs of ours; the caller shows them.

    ``refused`` is told every ``AppError`` beside the one who asked: what failed says something of the line.
    """

    crashed = Signal(object)
    refused = Signal(object)

    def __init__(self, open_workplace: Callable[[], Workplace], close_workplace: Callable[[], None]) -> None:
        super().__init__()
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._open = open_workplace
        self._close = close_workplace
        self._workplace: Workplace | None = None
        self._post = _Post()
        self._post.arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._waiting = 0

    @property
    def idle(self) -> bool:
        """Tell whether nothing is being done or waited for."""
        return self._waiting == 0

    def store(
        self,
        owner: QObject,
        verb: Callable[[Workplace], Result],
        done: Callable[[Result], None],
        failed: Callable[[AppError], None],
    ) -> None:
        """Run a verb with the workplace on the store worker; ``done`` or ``failed`` runs in the window.

        Nothing is told when ``owner`` has been deleted meanwhile.
        """
        self._submit(self._pool(_STORE), owner, lambda: verb(self._opened()), done, failed)

    def work(
        self,
        owner: QObject,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[AppError], None],
    ) -> None:
        """Run a job that needs no store (paper, bundles, sending, keyring) beside the window."""
        self._submit(self._pool(_WORK), owner, job, done, failed)

    def in_window(self, owner: QObject, call: Callable[[], None]) -> None:
        """From any thread: run a call in the window's thread (progress), unless the owner is gone."""
        from concurrent.futures import Future

        future: Future[None] = Future()
        future.set_result(None)
        self._waiting += 1
        self._post.arrived.emit(
            _Delivery(owner, future, lambda _: call(), self.crashed.emit, self.crashed.emit)
        )

    def close(self) -> None:
        """Finish what was asked for, close the store, end the workers."""
        self._pool(_WORK).shutdown(wait=True, cancel_futures=True)
        self._pool(_STORE).submit(self._shut).result()
        self._pool(_STORE).shutdown(wait=True)

    def _pool(self, name: str) -> ThreadPoolExecutor:
        if name not in self._pools:
            from concurrent.futures import ThreadPoolExecutor

            self._pools[name] = ThreadPoolExecutor(_WORKERS[name], name)
        return self._pools[name]

    def _opened(self) -> Workplace:
        if self._workplace is None:
            self._workplace = self._open()
        return self._workplace

    def _shut(self) -> None:
        if self._workplace is not None:
            self._workplace = None
            self._close()

    def _submit(
        self,
        pool: ThreadPoolExecutor,
        owner: QObject,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[AppError], None],
    ) -> None:
        self._waiting += 1
        future = pool.submit(job)
        future.add_done_callback(
            lambda ended: self._post.arrived.emit(_Delivery(owner, ended, done, failed, self.crashed.emit))
        )

    def _hand_over(self, delivery: Any) -> None:
        self._waiting -= 1
        error = delivery.future.exception()
        if isinstance(error, AppError):
            self.refused.emit(error)
        delivery.hand_over()
