"""A run over many files: its progress while it goes on, and its summary at the end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

from extractor.cli.progress import Progress

if TYPE_CHECKING:
    from extractor.scanning.tally import Tally
    from extractor.scanning.walk import Found

Summary: TypeAlias = "Callable[[Tally, str], None]"
"""Prints what a run came to, given how to say for how long it went."""

FILTERS: Final = ("include", "exclude", "hidden", "follow_symlinks")


@contextmanager
def watched(
    tally: Tally, given: Iterable[str], scanning: Mapping[str, Any], summary: Summary, *, quiet: bool
) -> Iterator[Progress]:
    """Show what `tally` counts while the block runs, and what it came to when it ends or is interrupted.

    Args:
        tally: Counted up by the block.
        given: The paths; their files are counted ahead if they are a sequence.
        scanning: The arguments of `scan`, of which the filters count here.
        summary: Prints the summary.
        quiet: Show nothing.
    """
    progress = Progress(tally)
    started = time.monotonic()
    if not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        is_countable = _is_countable(given) and not scanning.get("archives")
        progress.start(partial(_ahead, given, scanning) if is_countable else None)
    try:
        yield progress
    except KeyboardInterrupt:
        progress.stop()
        if not quiet:
            summary(tally, f"interrupted after {time.monotonic() - started:.1f} s")
        raise
    finally:
        progress.stop()
    if not quiet:
        summary(tally, f"in {time.monotonic() - started:.1f} s")


def _is_countable(given: Iterable[str]) -> TypeGuard[Sequence[str]]:
    """Whether the files can be counted beforehand: not those of a list that is read as it comes, or far away."""
    from extractor.files.address import Address
    from extractor.scanning.find import is_archive

    return isinstance(given, Sequence) and not any(isinstance(path, Address) or is_archive(path) for path in given)


def _ahead(given: Iterable[str], scanning: Mapping[str, Any]) -> Iterator[Found]:
    """One item for each file that is an image by its name, was named, or cannot be read: what the tally will count."""
    from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
    from extractor.scanning.walk import FileEntry, Filters, Unreadable, walk

    filters = Filters(**{name: scanning[name] for name in FILTERS})
    for found in walk(given, filters):
        if isinstance(found, Unreadable) or (
            isinstance(found, FileEntry) and (found.folder is None or has_suffix(found.name, IMAGE_SUFFIXES))
        ):
            yield found
