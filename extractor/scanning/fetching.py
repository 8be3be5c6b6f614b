"""Remote files fetched whole, ahead of the processes that decode them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from extractor.errors import ExtractorError
from extractor.files.address import Remote
from extractor.files.bytesource import BytesSource
from extractor.limits import MIB, Limits

FETCHING: Final = 32
"""Files that are fetched at the same time at most: with `_MOST` a bound on memory."""
_MOST: Final = 8 * MIB
"""Bytes of a file that is; a larger one, or one of unknown size, is left to the process that reads it."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """A job that gives tasks back with the file in them."""

    limits: Limits

    @property
    def batch(self) -> int:
        """See `extractor.scanning.jobs.Job`."""
        return 1

    def __call__(self, task: Any) -> Any:
        """Fetch one file. What goes wrong will go wrong again where it is read, and is told there."""
        origin = task.origin
        if not isinstance(origin, Remote) or origin.known is None or origin.known.size > _MOST:
            return task
        from extractor.files.remote import open_remote

        try:
            source, known = open_remote(origin.address, origin.known, self.limits, whole=True)
        except ExtractorError:
            return task
        if not isinstance(source, BytesSource):
            return task
        return replace(task, origin=replace(origin, known=known, data=source.data))

    def failed(self, task: Any, error: ExtractorError) -> Any:
        """The task as it was."""
        return task
