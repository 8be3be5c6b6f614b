"""Processes that do tasks: fresh interpreters that are talked to over pipes, one thread for each.

Neither forks (unsafe in a process with threads) nor children of `multiprocessing` (which run the caller's main module
again): so any program, thread or notebook can use them. A process that dies costs the file it was at.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, Final, Generic, TypeVar

from extractor.errors import WorkerDiedError
from extractor.limits import MIB
from extractor.scanning.jobs import Job, Task
from extractor.scanning.process import ProcessDied, WorkerProcess, done_here, interpreter

_LOOK_AHEAD: Final = 4
"""Batches a worker may be ahead of the result that is waited for."""
_LOOK_AHEAD_TASKS: Final = 16
"""The same in tasks, if that is more: one of them may take as long as so many others."""
_HEAVY: Final = 4 * MIB
"""Bytes that tasks bring along, beyond which a batch takes no more of them."""
_HEAVIEST: Final = 256 * MIB
"""Bytes that all batches bring along that are waited for."""
_READY_ITEMS: Final = 256
"""Items of a batch that need no work."""
_CLOSING: Final = 0.5
"""Seconds that are waited for threads that are working in this process themselves."""
T = TypeVar("T")


def together(
    items: Iterator[Task | T], job: Job[Any, T], pool: Pool[T], *, batch: int | None = None, ahead: int | None = None
) -> Iterator[T]:
    """The results of `items` in their order; these are read a bounded number ahead.

    So many batches of so many tasks each; None: as is best for processes.
    """
    size = batch or job.batch
    ahead = ahead or pool.count * max(_LOOK_AHEAD, _LOOK_AHEAD_TASKS // size)
    waiting: deque[_Batch[T]] = deque()
    weight = 0
    for held in _batches(items, size):
        waiting.append(held)
        if held.tasks:
            pool.submit(held)
        else:
            held.succeed([])
        weight += held.weight
        while waiting and (len(waiting) > ahead or weight > _HEAVIEST or waiting[0].is_done):
            weight -= waiting[0].weight
            yield from waiting.popleft().results()
    while waiting:
        yield from waiting.popleft().results()


class _Batch(Generic[T]):
    """Items in a row; those that are tasks go to one process together."""

    __slots__ = ("_answers", "_done", "_error", "_items", "tasks")

    def __init__(self, items: list[Task | T], tasks: list[Task]) -> None:
        self._items = items
        self.tasks = tasks
        self._answers: list[T] = []
        self._error: BaseException | None = None
        self._done = Event()

    @property
    def weight(self) -> int:
        """Bytes that it brings along."""
        return sum(task.weight for task in self.tasks)

    @property
    def is_done(self) -> bool:
        return self._done.is_set()

    def succeed(self, answers: list[T]) -> None:
        self._answers = answers
        self._done.set()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._done.set()

    def results(self) -> Iterator[T]:
        while not self._done.wait(_CLOSING):
            pass  # a wait without a limit cannot be interrupted on Windows
        if self._error is not None:
            raise self._error
        answers = iter(self._answers)
        for item in self._items:
            yield next(answers) if isinstance(item, Task) else item


def _batches(items: Iterator[Task | T], size: int) -> Iterator[_Batch[T]]:
    held: list[Task | T] = []
    tasks: list[Task] = []
    weight = 0
    for item in items:
        held.append(item)
        if isinstance(item, Task):
            tasks.append(item)
            weight += item.weight
        if len(tasks) >= size or len(held) >= _READY_ITEMS or weight > _HEAVY:
            yield _Batch(held, tasks)
            held, tasks, weight = [], [], 0
    if held:
        yield _Batch(held, tasks)


class Pool(Generic[T]):
    """So many processes, each started when its thread has the first task for it.

    Where the machine has no more threads, processes or descriptors, there are fewer and a note says so once; where
    it has none at all, the tasks are done here.
    """

    def __init__(self, job: Job[Any, T], count: int = 1, *, apart: bool = True) -> None:
        """Without `apart` there are only the threads, which do the tasks themselves."""
        self._job = job
        self._executable = interpreter() if apart else None
        self._here = self._executable is None
        """Whether threads do the tasks themselves, as there is no interpreter that could be started."""
        self._queue: SimpleQueue[_Batch[T] | None] = SimpleQueue()
        self._lock = Lock()
        self._closed = False
        self._noted = False
        self._processes: dict[int, WorkerProcess] = {}
        self._greetings: list[_Batch[T]] = []
        self._threads: list[Thread] = []
        self._retired = 0
        self.grow(count)

    @property
    def count(self) -> int:
        """Threads that work."""
        return len(self._threads) - self._retired

    def grow(self, count: int) -> None:
        """Have so many threads, if the machine has them."""
        for number in range(len(self._threads), count):
            thread = Thread(target=self._work, args=(number,), daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                self._note(error)
                return
            self._threads.append(thread)

    def submit(self, batch: _Batch[T]) -> None:
        """Have a batch done."""
        if self._threads:
            self._queue.put(batch)
        else:
            batch.succeed([done_here(self._job, task) for task in batch.tasks])

    def do(self, task: Task) -> T:
        """Have one task done, and wait for it."""
        batch: _Batch[T] = _Batch([task], [task])
        self.submit(batch)
        return next(batch.results())

    def is_ready(self) -> bool:
        """Whether some process can take tasks at once; the first time it is asked, all are started."""
        if not self._greetings:
            self._greetings = [_Batch[T]([], []) for _ in range(max(1, self.count))]
            for greeting in self._greetings:
                self.submit(greeting)
        return any(greeting.is_done for greeting in self._greetings)

    def close(self) -> None:
        """Kill the processes: between two batches they hold nothing, and what they do now is not wanted."""
        with self._lock:
            self._closed = True
            for process in self._processes.values():
                process.kill()
        for _ in self._threads:
            self._queue.put(None)
        end = time.monotonic() + _CLOSING
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self, number: int) -> None:
        try:
            while (batch := self._queue.get()) is not None and not self._closed:
                if not self._has_process(number) and self._retires():
                    self._queue.put(batch)
                    return
                try:
                    batch.succeed(self._answers(number, batch.tasks))
                except BaseException as error:  # noqa: BLE001 - carried over and raised where the result is taken
                    batch.fail(error)
        finally:
            self._discard(number)

    def _has_process(self, number: int) -> bool:
        """Whether the thread can have the work done as it should be."""
        return self._here or self._closed or self._process(number) is not None

    def _retires(self) -> bool:
        """Leave the work to the other threads, if there are any."""
        with self._lock:
            if self.count <= 1:
                return False
            self._retired += 1
            return True

    def _answers(self, number: int, tasks: list[Task]) -> list[T]:
        process = self._process(number)
        if self._closed:
            return []
        if process is None:
            return [done_here(self._job, task) for task in tasks]
        try:
            answers: list[T] = process.ask(tasks)
        except ProcessDied as death:
            self._discard(number)
            if len(tasks) == 1:
                error = WorkerDiedError(f"the process that read it ended: {death}")
                return [self._job.failed(tasks[0], error)]
        else:
            return answers
        # One by one, it shows which of them the process did not survive.
        return [answer for task in tasks for answer in self._answers(number, [task])]

    def _process(self, number: int) -> WorkerProcess | None:
        """The thread's process, started if need be; None where none can be."""
        with self._lock:
            process = self._processes.get(number)
            if process is not None or self._executable is None or self._closed:
                return process
            try:
                process = self._processes[number] = WorkerProcess(self._executable)
            except (OSError, MemoryError) as error:
                self._note(error)
                return None
        if process.greet(self._job):
            return process
        self._executable = None  # what cannot even start is not tried for every batch
        self._discard(number)
        if not self._closed:
            self._note("a process ends before it has begun")
        return None

    def _discard(self, number: int) -> None:
        with self._lock:
            process = self._processes.pop(number, None)
        if process is not None:
            process.end()

    def _note(self, reason: object) -> None:
        """Say once, on stderr where nobody has set up logging, that there are fewer workers."""
        if not self._noted:
            self._noted = True
            import logging

            logging.getLogger("extractor").warning("fewer workers than there could be: %s", reason)
