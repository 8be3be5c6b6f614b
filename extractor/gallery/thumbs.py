"""Thumbnails: made in processes of their own, the newest request first, and kept in a cache."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from extractor.errors import ExtractorError
from extractor.files.bytesource import FileSource
from extractor.gallery.served import Place
from extractor.ledger import Ledger
from extractor.scanning.jobs import Task
from extractor.scanning.pool import Pool

EDGES: Final = (192, 384, 768)
"""Pixels of the longer side that can be asked for."""
_WAITING: Final = 256
"""Requests that wait: the oldest is refused when there is one more."""


@dataclass(frozen=True, slots=True)
class ThumbTask(Task):
    """A thumbnail to make."""

    place: Place
    edge: int


@dataclass(frozen=True, slots=True)
class Thumb:
    """What became of it."""

    data: bytes | None
    reason: str = ""
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class ThumbJob:
    """Makes thumbnails."""

    @property
    def batch(self) -> int:
        """See `extractor.scanning.jobs.Job`."""
        return 1

    def __call__(self, task: ThumbTask) -> Thumb:
        """Make one."""
        from extractor.extraction.reading import read_thumbnail
        from extractor.extraction.stack import with_room

        log = Ledger()
        try:
            with closing(FileSource.of(task.place.open(), task.place.path)) as source:
                data = with_room(lambda: read_thumbnail(source, task.edge, log))
        except ExtractorError as error:
            return Thumb(None, error.reason)
        return Thumb(data, "" if data is not None else "its pixels cannot be decoded")

    def failed(self, task: ThumbTask, error: ExtractorError) -> Thumb:
        """Of a picture that no process survived."""
        return Thumb(None, error.reason)


class Dropped(Exception):  # noqa: N818 - an event, not an error of the caller
    """The request waited until newer ones took its place, or nobody waits for it any more."""


class Maker:
    """So many processes that make thumbnails, each fed by a thread that takes the newest request."""

    def __init__(self, processes: int, make: Callable[[], Pool[Thumb]] = lambda: Pool(ThumbJob())) -> None:
        self._waiting: OrderedDict[ThumbTask, Future[Thumb]] = OrderedDict()
        self._patient: set[ThumbTask] = set()
        self._condition = threading.Condition()
        self._closed = False
        self._pools = [make() for _ in range(processes)]
        for pool in self._pools:
            threading.Thread(target=self._work, args=(pool,), daemon=True).start()

    def submit(self, task: ThumbTask, *, is_patient: bool = False) -> Future[Thumb]:
        """Have a thumbnail made. The future can be cancelled; it raises `Dropped` when it had to give way.

        A patient request lets all others go first, and is not dropped for them.
        """
        future: Future[Thumb] = Future()
        with self._condition:
            if self._closed:
                future.set_exception(Dropped())
                return future
            older = self._waiting.pop(task, None)
            self._waiting[task] = future
            if older is not None:  # another tab asked for the same
                future.add_done_callback(lambda done: _hand_on(done, older))
            self._condition.notify()
            if is_patient:
                self._waiting.move_to_end(task, last=False)
                self._patient.add(task)
            elif len(self._waiting) - len(self._patient) > _WAITING:
                oldest = next(one for one in self._waiting if one not in self._patient)
                _give_up(self._waiting.pop(oldest))
        return future

    def close(self) -> None:
        """End the processes; what waits is dropped."""
        with self._condition:
            self._closed = True
            for future in self._waiting.values():
                _give_up(future)
            self._waiting.clear()
            self._condition.notify_all()
        for pool in self._pools:
            pool.close()

    def _work(self, pool: Pool[Thumb]) -> None:
        while True:
            with self._condition:
                while not self._waiting and not self._closed:
                    self._condition.wait()
                if self._closed:
                    return
                task, future = self._waiting.popitem()
                self._patient.discard(task)
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(pool.do(task))
                except BaseException as error:  # noqa: BLE001 - raised where the result is waited for
                    future.set_exception(error)


def _give_up(future: Future[Thumb]) -> None:
    if future.set_running_or_notify_cancel():
        future.set_exception(Dropped())


def _hand_on(done: Future[Thumb], other: Future[Thumb]) -> None:
    if other.set_running_or_notify_cancel():
        if done.cancelled() or done.exception() is not None:
            other.set_exception(Dropped())
        else:
            other.set_result(done.result())
