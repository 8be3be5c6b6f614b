"""What a remote store gives, whichever it is: a range of an object, one folder of names, all names below a prefix."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol

from extractor.errors import FileAccessError
from extractor.files.address import Known


class NoRangesError(FileAccessError):
    """The server sends whole files only."""


class Part(NamedTuple):
    """What a store answered."""

    data: bytes
    known: Known
    """Of the whole object."""


class Listed(NamedTuple):
    """One object of a listing."""

    key: str
    known: Known


class Store(Protocol):
    """A bucket, container or host. Its methods raise `FileAccessError` and its kinds, nothing else."""

    def get(self, key: str, start: int, end: int | None, etag: str | None = None) -> Part:
        """The bytes from `start` up to `end` (None: to the end), or as many as there are.

        Raises `ReplacedError` where the object no longer has this etag.
        """

    def whole(self, key: str, most: int, etag: str | None = None) -> Part | None:
        """All bytes in one request; None where there are more than `most`, of which none are read then."""

    def folder(self, prefix: str) -> tuple[list[str], list[Listed]]:
        """The folders right below a prefix (without slash at their end), and the objects."""

    def below(self, prefix: str) -> Iterator[Listed]:
        """All objects below a prefix, page by page, in the store's order."""


class WritableStore(Store, Protocol):
    """A store that objects can be written to."""

    def put(self, key: str, data: bytes, *, new: bool) -> bool:
        """Write an object in one request; with `new` only where none stands, else False."""

    def delete(self, keys: list[str]) -> None:
        """Remove objects."""


def nanoseconds(moment: object) -> int | None:
    """A time with a zone, or one in seconds, as nanoseconds since 1970."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return (moment - _EPOCH) // _MICROSECOND * 1000
    return int(moment * 10**9) if isinstance(moment, float) and moment > 0 else None


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
