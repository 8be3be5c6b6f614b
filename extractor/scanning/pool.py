"""Processes that do tasks: fresh interpreters that are talked to over pipes, one thread for each.

Neither forks (unsafe in a process with threads) nor children of `multiprocessing` (which run the caller's main module
again): so any program, thread or notebook can use them. A process that dies costs the file it was at.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import IO, Any, Final, Generic, TypeVar

from extractor.errors import WorkerDiedError
from extractor.scanning.jobs import Job, Task

_LOOK_AHEAD: Final = 4
"""Batches a worker may be ahead of the result that is waited for."""
_LOOK_AHEAD_TASKS: Final = 16
"""The same in tasks, if that is more: one of them may take as long as so many others."""
_READY_ITEMS: Final = 256
"""Items of a batch that need no work."""
_CLOSING: Final = 0.5
"""Seconds that are waited for threads that are working in this process themselves."""
_BOOT: Final = """\
import gc, sys
gc.set_threshold(50_000)
sys.path[:] = sys.argv[1:]
from extractor.scanning.pool import serve
serve()
"""
"""What a process runs. Imports, and results that wait for the rest of their batch, are no garbage to look for."""
_PYTHONS: Final = ("python", "pypy", "graalpy")

T = TypeVar("T")


def together(items: Iterator[Task | T], job: Job[Any, T], pool: Pool[T]) -> Iterator[T]:
    """The results of `items` in their order; these are read a bounded number ahead."""
    ahead = pool.count * max(_LOOK_AHEAD, _LOOK_AHEAD_TASKS // job.batch)
    waiting: deque[_Batch[T]] = deque()
    for batch in _batches(items, job.batch):
        waiting.append(batch)
        if batch.tasks:
            pool.submit(batch)
        else:
            batch.succeed([])
        while waiting and (len(waiting) > ahead or waiting[0].is_done):
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
    for item in items:
        held.append(item)
        if isinstance(item, Task):
            tasks.append(item)
        if len(tasks) >= size or len(held) >= _READY_ITEMS:
            yield _Batch(held, tasks)
            held, tasks = [], []
    if held:
        yield _Batch(held, tasks)


class _Died(Exception):  # noqa: N818 - an event, not an error of the caller
    """The process ended before it answered."""


class Pool(Generic[T]):
    """So many processes, each started when its thread has the first task for it."""

    def __init__(self, job: Job[Any, T], count: int) -> None:
        self.count = count
        self._job = job
        self._executable = _interpreter()
        self._queue: SimpleQueue[_Batch[T] | None] = SimpleQueue()
        self._lock = Lock()
        self._closed = False
        self._processes: dict[int, _Process] = {}
        self._greetings: list[_Batch[T]] = []
        self._threads = [Thread(target=self._work, args=(number,), daemon=True) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, batch: _Batch[T]) -> None:
        """Have a batch done."""
        self._queue.put(batch)

    def is_ready(self) -> bool:
        """Whether some process can take tasks at once; the first time it is asked, all are started."""
        if not self._greetings:
            self._greetings = [_Batch[T]([], []) for _ in self._threads]
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
                try:
                    batch.succeed(self._answers(number, batch.tasks))
                except BaseException as error:  # noqa: BLE001 - carried over and raised where the result is taken
                    batch.fail(error)
        finally:
            self._discard(number)

    def _answers(self, number: int, tasks: list[Task]) -> list[T]:
        process = self._process(number)
        if self._closed:
            return []
        if process is None:
            return [self._job(task) for task in tasks]
        try:
            answers: list[T] = process.ask(tasks)
        except _Died as death:
            self._discard(number)
            if len(tasks) == 1:
                error = WorkerDiedError(f"the process that read it ended: {death}")
                return [self._job.failed(tasks[0], error)]
        else:
            return answers
        # One by one, it shows which of them the process did not survive.
        return [answer for task in tasks for answer in self._answers(number, [task])]

    def _process(self, number: int) -> _Process | None:
        """The thread's process, started if need be; None where none can be: the thread does the work then."""
        with self._lock:
            process = self._processes.get(number)
            if process is not None or self._executable is None or self._closed:
                return process
            try:
                process = self._processes[number] = _Process(self._executable)
            except OSError:
                return None
        if process.greet(self._job):
            return process
        self._executable = None  # what cannot even start is not tried for every batch
        self._discard(number)
        return None

    def _discard(self, number: int) -> None:
        with self._lock:
            process = self._processes.pop(number, None)
        if process is not None:
            process.end()


def _interpreter() -> str | None:
    """The Python to start; None in a frozen or embedding program, whose executable is something else."""
    executable = sys.executable or ""
    known = os.path.basename(executable).lower().startswith(_PYTHONS)
    return executable if known and not getattr(sys, "frozen", False) else None


class _Process:
    """One interpreter that does tasks, seen from the thread that talks to it."""

    def __init__(self, executable: str) -> None:
        path = [entry for entry in sys.path if isinstance(entry, str)]
        # In a group of its own, Ctrl-C on a terminal reaches only the caller, who ends it.
        apart: dict[str, Any] = {"process_group": 0}
        if os.name == "nt":
            apart = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        self._process = subprocess.Popen(
            [executable, "-c", _BOOT, *path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **apart,
        )

    def greet(self, job: Job[Any, Any]) -> bool:
        """Whether it runs and knows its job."""
        try:
            return bool(self.ask(job) == _READY)
        except _Died:
            return False

    def ask(self, question: object) -> Any:
        """Send something and wait for the answer. Raises `_Died`."""
        question_pipe, answer_pipe = self._process.stdin, self._process.stdout
        assert question_pipe is not None and answer_pipe is not None
        try:
            _send(question_pipe, question)
            return pickle.load(answer_pipe)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise _Died(self._fate()) from error

    def _fate(self) -> str:
        try:
            code = self._process.wait(_CLOSING)
        except subprocess.TimeoutExpired:
            return "it does not answer"
        return f"signal {-code}" if code < 0 else f"exit status {code}"

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Kill it and wait; nothing of it stays."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


_READY: Final = "ready"


def _send(pipe: IO[bytes], message: object) -> None:
    pipe.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
    pipe.flush()


def serve() -> None:
    """What a worker process does: take a job, then lists of tasks, until there are no more."""
    questions, answers = _own_pipes()
    job: Job[Any, Any] = pickle.load(questions)
    _send(answers, _READY)
    while True:
        try:
            tasks = pickle.load(questions)
        except EOFError:
            return
        _send(answers, [job(task) for task in tasks])


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the caller, out of reach of anything that reads from stdin or prints."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return questions, answers
