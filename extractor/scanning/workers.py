"""Many tasks done one after another, or by several processes; results in the order of the tasks."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Final, Protocol, TypeVar

from extractor.errors import ExtractorError

_ALONE: Final = 0.4
"""Seconds of work done in this process before others are started: what a start costs."""


class Task:
    """Something to do; subclasses are what jobs take."""

    __slots__ = ()


TaskT_contra = TypeVar("TaskT_contra", bound=Task, contravariant=True)
ResultT_co = TypeVar("ResultT_co", covariant=True)
T = TypeVar("T")


class Job(Protocol[TaskT_contra, ResultT_co]):
    """What is done with each task. Pickled once for each process."""

    @property
    def batch(self) -> int:
        """How many tasks go to a process at once: few where one takes long."""

    def __call__(self, task: TaskT_contra) -> ResultT_co:
        """Do it."""

    def failed(self, task: TaskT_contra, error: ExtractorError) -> ResultT_co:
        """The result for a task that could not be done."""


def run(items: Iterable[Task | T], job: Job[Any, T], workers: int | None) -> Generator[T, None, None]:
    """The results of `items`: tasks are done by `job`, anything else is a result already.

    `items` is read as results are taken, a bounded number ahead. `workers` as in `scan`. Closing the
    iterator ends all processes at once.
    """
    rest = iter(items)
    count = workers
    if count is None:
        yield from _alone(rest, job, lambda spent: spent >= _ALONE)
        count = available_processors()
    if count == 1:
        yield from _alone(rest, job, lambda _: False)
        return
    from extractor.scanning.pool import Pool, together

    with contextlib.closing(Pool(job, count)) as pool:
        if workers is None:  # one more task, and all that can be done while the processes start
            yield from _alone(rest, job, lambda spent: spent > 0 and pool.is_ready())
        yield from together(rest, job, pool)


def available_processors() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _alone(items: Iterator[Task | T], job: Job[Any, T], is_enough: Callable[[float], bool]) -> Iterator[T]:
    """Do the work here until so many seconds of work are enough."""
    spent = 0.0
    while not is_enough(spent):
        item = next(items, _END)
        if item is _END:
            return
        if isinstance(item, Task):
            start = time.perf_counter()
            result = job(item)
            spent += time.perf_counter() - start
            yield result
        else:
            yield item


class _End(Task):
    __slots__ = ()


_END: Final = _End()
