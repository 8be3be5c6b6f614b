"""Room on the interpreter's stack, however deep the caller's own calls are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Thread
from typing import Final, TypeVar

from extractor.errors import LimitExceededError

T = TypeVar("T")

NEEDED: Final = 800
"""Calls that reading a file takes at most: 740 for a graph of joined texts at the largest `graph_depth`."""


def with_room(work: Callable[[], T]) -> T:
    """What `work` gives: done here, or in a thread with a stack of its own where this one has no room left.

    Raises `LimitExceededError` where the interpreter is set to a limit that has no room at all.
    """
    most = sys.getrecursionlimit()
    try:
        if _is_deep(most - NEEDED):
            return _in_thread(work)
        return work()
    except RecursionError as error:
        if most >= NEEDED:
            raise
        raise LimitExceededError(f"the interpreter is set to {most} nested calls, too few for this file") from error


def _is_deep(calls: int) -> bool:
    try:
        sys._getframe(max(0, calls))
    except ValueError:
        return False
    return True


def _in_thread(work: Callable[[], T]) -> T:
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # there are no more threads to be had
        return work()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
