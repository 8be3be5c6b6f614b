"""Remote files fetched whole, ahead of the processes that decode them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from extractor.archives.member import Member
from extractor.errors import ExtractorError
from extractor.files.address import Address, Remote
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
        if origin is None or origin.data is not None or origin.known is None or not task.is_whole:
            return task
        if origin.known.size > _MOST:
            return task
        try:
            return task.with_origin(_fetched(origin, self.limits))
        except ExtractorError:
            return task

    def failed(self, task: Any, error: ExtractorError) -> Any:
        """The task as it was."""
        return task


def _fetched(origin: Remote | Member, limits: Limits) -> Remote | Member:
    if isinstance(origin, Remote):
        from extractor.files.remote import open_remote

        source, known = open_remote(origin.address, origin.known, limits, whole=True)
        return replace(origin, known=known, data=source.read_at(0, source.size))
    if not isinstance(origin.archive.path, Address):
        return origin
    from extractor.archives.opening import open_member

    member = open_member(origin, limits, whole=True).bytes
    return replace(origin, data=member.read_at(0, member.size))
