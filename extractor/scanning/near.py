"""Tasks done where it is best: in processes here, or over many connections to where the files are."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Final, TypeVar

from extractor.extraction.options import Options, check_arguments
from extractor.files.paths import Paths
from extractor.scanning.fetching import FETCHING, Fetching
from extractor.scanning.jobs import Job, Task
from extractor.scanning.process import done_here
from extractor.scanning.workers import run, run_threads

CONNECTIONS: Final = 64
MOST_CONNECTIONS: Final = 1024

T = TypeVar("T")


def run_near(
    items: Iterator[Task | T],
    job: Job[Any, T],
    workers: int | None,
    connections: int | None,
    options: Options,
    *,
    isolated: bool,
) -> Generator[T, None, None]:
    """`run`, with so many connections to where the files are (None: they are here).

    Texts are read by threads of this process, which wait for a store most of the time. Where pixels are decoded too,
    the threads only fetch the files, and processes read them.
    """
    items = at_hand(items, job) if not options.decodes else items
    if connections is None:
        return run(items, job, workers, isolated=isolated)
    if not options.decodes:
        return run_threads(items, job, connections)
    count = min(connections, FETCHING)
    fetched: Iterator[Task | T] = run_threads(items, Fetching(options.limits), count, ahead=count)
    return run(fetched, job, workers, isolated=isolated)


def at_hand(items: Iterator[Task | T], job: Job[Any, T]) -> Iterator[Task | T]:
    """Do tasks that bring their file along at once: handing it to a process takes longer than reading its texts."""
    for item in items:
        yield done_here(job, item) if isinstance(item, Task) and item.weight else item


def check_connections(connections: int | None, given: Paths) -> int | None:
    """The argument, or what it is by default; None where all files are here. Raises `TypeError` or `ValueError`."""
    check_arguments(connections=connections)
    if connections is not None and not 0 < connections <= MOST_CONNECTIONS:
        raise ValueError(f"connections must be at least 1 and at most {MOST_CONNECTIONS}")
    if given.is_far:
        return connections or CONNECTIONS
    return None if given.is_near else connections
