"""Many tasks done one after another, or by several processes; results in the order of the tasks."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from typing import Any, Final, TypeVar

from extractor.scanning.jobs import Job, Task
from extractor.scanning.pool import Pool, together
from extractor.scanning.process import done_here

_ALONE: Final = 0.4
"""Seconds of work done one task after another before further processes are started: what a start costs."""


_THREADS_AHEAD: Final = 2
"""Tasks that may be ahead of the result that is waited for, for each thread."""

T = TypeVar("T")


def run(
    items: Iterable[Task | T], job: Job[Any, T], workers: int | None, *, isolated: bool = False
) -> Generator[T, None, None]:
    """The results of `items`: tasks are done by `job`, anything else is a result already.

    `items` is read as results are taken, a bounded number ahead. `workers` as in `scan`. With `isolated`, tasks may
    kill the process that does them, so that is never this one. Closing the iterator ends all processes at once.
    """
    rest = iter(items)
    if isolated:
        return _isolated(rest, job, workers)
    return _mixed(rest, job, workers)


def _isolated(rest: Iterator[Task | T], job: Job[Any, T], workers: int | None) -> Generator[T, None, None]:
    with contextlib.closing(Pool(job)) as pool:
        if workers is None:  # the first one waits for the process to start, which says nothing of the work
            yield from _one_by_one(rest, pool.do, lambda spent: spent > 0)
            yield from _one_by_one(rest, pool.do, lambda spent: spent >= _ALONE)
        if workers == 1:
            yield from _one_by_one(rest, pool.do, lambda _: False)
        else:
            pool.grow(workers or available_processors())
            yield from together(rest, job, pool)


def _mixed(rest: Iterator[Task | T], job: Job[Any, T], workers: int | None) -> Generator[T, None, None]:
    do = partial(done_here, job)
    count = workers
    if count is None:
        yield from _one_by_one(rest, do, lambda spent: spent >= _ALONE)
        count = available_processors()
    if count == 1:
        yield from _one_by_one(rest, do, lambda _: False)
        return
    with contextlib.closing(Pool(job, count)) as pool:
        if workers is None:  # one more task, and all that can be done while the processes start
            yield from _one_by_one(rest, do, lambda spent: spent > 0 and pool.is_ready())
        yield from together(rest, job, pool)


def run_threads(
    items: Iterable[Task | T], job: Job[Any, T], count: int, *, ahead: int | None = None
) -> Generator[T, None, None]:
    """As `run`, in so many threads of this process: for tasks that wait for somebody else most of the time.

    `ahead` bounds how many may be ahead of the result that is waited for.
    """
    with contextlib.closing(Pool(job, count, apart=False)) as pool:
        yield from together(iter(items), job, pool, batch=1, ahead=ahead or count * _THREADS_AHEAD)


def available_processors() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _one_by_one(items: Iterator[Task | T], do: Callable[[Task], T], is_enough: Callable[[float], bool]) -> Iterator[T]:
    """Each task done before the next is asked for, until so many seconds of work are enough."""
    spent = 0.0
    while not is_enough(spent):
        item = next(items, _END)
        if item is _END:
            return
        if isinstance(item, Task):
            start = time.perf_counter()
            result = do(item)
            spent += time.perf_counter() - start
            yield result
        else:
            yield item


class _End(Task):
    __slots__ = ()


_END: Final = _End()
