"""Jobs for worker processes that do what no real job should."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

from extractor.errors import ExtractorError
from extractor.scanning.jobs import Task


@dataclass(frozen=True, slots=True)
class Say(Task):
    text: str


@dataclass(frozen=True, slots=True)
class Read(Say):
    """A path whose file is read."""


@dataclass(frozen=True, slots=True)
class Echo:
    """Answers with the text in capitals; some texts are orders."""

    batch: int = 1

    def __call__(self, task: Say) -> Any:
        if isinstance(task, Read):
            with open(task.text, "rb") as file:
                return file.read()
        if task.text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if task.text == "exit":
            sys.exit(3)
        if task.text == "print":
            print("noise")
            os.write(1, b"noise")
        if task.text == "hang":
            time.sleep(60)
        if task.text == "slow":
            time.sleep(0.2)
        if task.text == "memory":
            raise MemoryError
        if task.text == "pid":
            return str(os.getpid())
        return task.text.upper()

    def failed(self, task: Say, error: ExtractorError) -> str:
        return f"{task.text}: {type(error).__name__}: {error}"
