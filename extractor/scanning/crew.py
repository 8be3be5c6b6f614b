"""Lists of tasks done one list after the other by the same processes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Generic, TypeVar

from extractor.extraction.options import Options
from extractor.scanning.jobs import Job, Task
from extractor.scanning.near import CONNECTIONS, at_hand, run_near
from extractor.scanning.pool import Pool, together
from extractor.scanning.process import done_here
from extractor.scanning.workers import available_processors

T = TypeVar("T")


class Crew(Generic[T]):
    """Does tasks until its ``with`` block ends, which ends its processes; they are started by the first task."""

    def __init__(
        self,
        job: Job[Any, T],
        options: Options,
        *,
        workers: int | None = None,
        connections: int | None = None,
        told: Callable[[T], None] | None = None,
    ) -> None:
        """Hold nothing yet.

        Args:
            job: What is done with each task.
            options: Where pixels are decoded, tasks may kill the process that does them: it is never this one.
            workers: Files read at the same time; None: as many as there are processors.
            connections: Remote files read at the same time; None: the usual number.
            told: Called with each result.
        """
        count = workers or available_processors()
        self._job = job
        self._options = options
        self._workers = workers
        self._connections = connections or CONNECTIONS
        self._told = told
        self._pool = Pool(job, count) if options.decodes or count > 1 else None
        self._far: Generator[T, None, None] | None = None

    def do(self, tasks: Iterable[Task | T], *, far: bool = False) -> Iterator[T]:
        """The results of tasks in their order; these are taken a bounded number ahead. `far`: some are remote.

        What is no task is a result already.
        A list of remote files that was left half done ends with the next one, or with the block.
        """
        items = iter(tasks)
        results: Iterator[T]
        if far:
            self._leave_far()
            results = self._far = run_near(
                items, self._job, self._workers, self._connections, self._options, isolated=self._options.decodes
            )
        elif self._pool is None:
            results = (done_here(self._job, item) if isinstance(item, Task) else item for item in items)
        else:
            results = together(items if self._options.decodes else at_hand(items, self._job), self._job, self._pool)
        return results if self._told is None else self._counted(results, self._told)

    @staticmethod
    def _counted(results: Iterator[T], told: Callable[[T], None]) -> Iterator[T]:
        for result in results:
            told(result)
            yield result

    def _leave_far(self) -> None:
        if self._far is not None:
            self._far.close()

    def __enter__(self) -> Crew[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave_far()
        if self._pool is not None:
            self._pool.close()
