"""Lists of tasks done one list after the other by the same processes, or threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from extractor.scanning.jobs import Job, Task
from extractor.scanning.pool import Pool, together
from extractor.scanning.process import done_here
from extractor.scanning.workers import available_processors

T = TypeVar("T")


class Crew(Generic[T]):
    """Does tasks until its ``with`` block ends, which ends its processes; they are started by the first task."""

    def __init__(
        self,
        job: Job[Any, T],
        workers: int | None = None,
        *,
        isolated: bool = False,
        told: Callable[[int], None] | None = None,
    ) -> None:
        """Hold nothing yet.

        Args:
            job: What is done with each task.
            workers: Tasks done at the same time; None: as many as there are processors.
            isolated: Tasks may kill the process that does them: it is never this one.
            told: Called with a number of tasks that are done since.
        """
        count = workers or available_processors()
        self._job = job
        self._told = told
        self._pool = Pool(job, count) if isolated or count > 1 else None

    def do(self, tasks: Iterable[Task]) -> Iterator[T]:
        """The results of tasks in their order; the tasks are taken a bounded number ahead."""
        if self._pool is None:
            results: Iterator[T] = (done_here(self._job, task) for task in tasks)
        else:
            results = together(iter(tasks), self._job, self._pool)
        return results if self._told is None else self._counted(results, self._told)

    def _counted(self, results: Iterator[T], told: Callable[[int], None]) -> Iterator[T]:
        for result in results:
            told(1)
            yield result

    def __enter__(self) -> Crew[T]:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()
