"""Lists of tasks done one list after the other by the same processes, or threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from extractor.scanning.jobs import Job, Task
from extractor.scanning.pool import Pool, together
from extractor.scanning.process import done_here
from extractor.scanning.workers import available_processors

T = TypeVar("T")


class Crew(Generic[T]):
    """Does tasks until its ``with`` block ends, which ends its processes; they are started by the first task."""

    def __init__(self, job: Job[Any, T], workers: int | None = None, *, isolated: bool = False) -> None:
        """Hold nothing yet.

        Args:
            job: What is done with each task.
            workers: Tasks done at the same time; None: as many as there are processors.
            isolated: Tasks may kill the process that does them: it is never this one.
        """
        count = workers or available_processors()
        self._job = job
        self._pool = Pool(job, count) if isolated or count > 1 else None

    def do(self, tasks: Iterable[Task]) -> Iterator[T]:
        """The results of tasks in their order; the tasks are taken a bounded number ahead."""
        if self._pool is None:
            return (done_here(self._job, task) for task in tasks)
        return together(iter(tasks), self._job, self._pool)

    def __enter__(self) -> Crew[T]:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()
