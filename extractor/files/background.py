"""Work in threads that nobody has to wait for: neither Ctrl-C nor the end of the program does.

Those of `concurrent.futures` are waited for when the interpreter ends, which a store that hangs would put off.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, TypeVar

T = TypeVar("T")

_LOOK: Final = 0.5
"""Seconds after which a wait is begun anew: one without end cannot be interrupted on Windows."""


class Background:
    """A few daemon threads, each started when there is something for it."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have something done."""
        future: Future[T] = Future()
        self._queue.put((future, work))
        if len(self._threads) < self._count:
            thread = threading.Thread(target=self._run, daemon=True)
            thread.start()
            self._threads.append(thread)
        return future

    def close(self) -> None:
        """Begin nothing more; what goes on is left to itself."""
        self._closed = True
        for _ in self._threads:
            self._queue.put(None)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            future, work = item
            if self._closed or not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - raised where the result is taken
                future.set_exception(error)


def outcome(future: Future[T]) -> T:
    """What a future gives, or raises; Ctrl-C is heard meanwhile."""
    while not future.done():
        try:
            return future.result(_LOOK)
        except TimeoutError:
            continue
    return future.result()


def interruptible(work: Callable[[], T]) -> T:
    """What `work` gives, done by another thread where this is the main one: the others hear no signals anyway.

    A client in machine code would keep Ctrl-C waiting until the store answers.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    background = Background(1)
    try:
        return outcome(background.submit(work))
    finally:
        background.close()
