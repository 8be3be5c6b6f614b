"""One worker process: a fresh interpreter that is given a job and then lists of tasks, over pipes."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from typing import IO, Any, Final, TypeVar, cast

from extractor.errors import WorkerDiedError
from extractor.files.paths import READ
from extractor.scanning.jobs import Job, Task

_CLOSING: Final = 0.5
"""Seconds that are waited for the exit status of a process that no longer answers."""
_DESCRIPTORS: Final = 14
"""Two pipes and what starting takes besides (six), and files and folders that this process opens."""
_BOOT: Final = """\
import gc, sys
gc.set_threshold(50_000)
sys.path[:] = sys.argv[1:]
from extractor.scanning.process import serve
serve()
"""
"""What a process runs. Imports, and results that wait for the rest of their batch, are no garbage to look for."""
_PYTHONS: Final = ("python", "pypy", "graalpy")

T = TypeVar("T")


class ProcessDied(Exception):  # noqa: N818 - an event, not an error of the caller
    """The process ended before it answered."""


def interpreter() -> str | None:
    """The Python to start; None in a frozen or embedding program, whose executable is something else."""
    executable = sys.executable or ""
    known = os.path.basename(executable).lower().startswith(_PYTHONS)
    return executable if known and not getattr(sys, "frozen", False) else None


def _check_descriptors() -> None:
    """Raise `OSError` unless there are descriptors for a new process and for what is opened here meanwhile."""
    held: list[int] = []
    try:
        for _ in range(_DESCRIPTORS):
            held.append(os.open(os.devnull, READ))
    finally:
        for descriptor in held:
            os.close(descriptor)


class WorkerProcess:
    """One interpreter that does tasks, seen from the thread that talks to it."""

    def __init__(self, executable: str) -> None:
        """Start it. Raises `OSError` or `MemoryError` where the machine has no room for one."""
        _check_descriptors()
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
        self._questions = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    def greet(self, job: Job[Any, Any]) -> bool:
        """Whether it runs and knows its job."""
        try:
            return bool(self.ask(job) == _READY)
        except ProcessDied:
            return False

    def ask(self, question: object) -> Any:
        """Send something and wait for the answer. Raises `ProcessDied`."""
        try:
            _send(self._questions, question)
            return pickle.load(self._answers)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise ProcessDied(self._fate()) from error

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
        for pipe in (self._questions, self._answers):
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
        _send(answers, [done_here(job, task) for task in tasks])


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the caller, out of reach of anything that reads from stdin or prints."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return questions, answers


def done_here(job: Job[Any, T], task: Task) -> T:
    """The result of a task that is done in this process; where memory runs out, it costs that task."""
    try:
        return job(task)
    except MemoryError:
        return job.failed(task, WorkerDiedError("memory ran out while it was read"))
