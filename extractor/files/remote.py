"""Remote files opened for reading."""

from __future__ import annotations

from typing import NamedTuple

from extractor.errors import LimitExceededError, ReplacedError
from extractor.files.address import Address, Known
from extractor.files.ahead import ReadAhead
from extractor.files.bytesource import ByteSource, BytesSource
from extractor.files.sparse import HEAD, WHOLE, SparseSource
from extractor.files.store import NoRangesError, Part, Store
from extractor.files.storeerrors import REPLACED
from extractor.files.stores import store_of
from extractor.limits import Limits


class OpenRemote(NamedTuple):
    """A remote file that is open."""

    bytes: ByteSource
    known: Known


def open_remote(address: Address, known: Known | None, limits: Limits, *, whole: bool = False) -> OpenRemote:
    """Open a remote file for reading.

    Args:
        address: Where it is.
        known: What a listing said: a small file takes one request then, and one that was replaced since is noticed.
        limits: `stream_bytes` bounds what is held in memory.
        whole: All of it will be read (for its digest and its pixels): fetch it in one request.

    Raises:
        TransientError: Later it may be there.
        AccessDeniedError: Credentials are missing or refused.
        ReplacedError: It is not what `known` tells, or it is replaced while it is read (then from the source).
        FileAccessError: Anything else, as that it is not there.
    """
    store, key = store_of(address)
    etag = known.etag if known is not None else None
    if known is not None and known.size == 0:
        return OpenRemote(BytesSource(b""), known)
    try:
        if whole and (known is None or known.size <= limits.stream_bytes):
            part = store.whole(key, limits.stream_bytes, etag)
            if part is not None:
                return OpenRemote(BytesSource(part.data), part.known)
        end = known.size if known is not None and known.size <= WHOLE else HEAD
        first = store.get(key, 0, end, etag)
    except NoRangesError:
        return _without_ranges(store, key, etag, limits)
    if known is not None and first.known.size != known.size:
        raise ReplacedError(None, REPLACED)
    fetch = RangeFetch(store, key, first.known)
    if whole:  # too long to be held
        return OpenRemote(ReadAhead(fetch, first.known.size), first.known)
    return OpenRemote(SparseSource(fetch, first.known.size, first.data), first.known)


def fetch_of(address: Address, known: Known) -> RangeFetch:
    """What fetches ranges of a remote file of which all is known. Raises `FileAccessError`."""
    return RangeFetch(*store_of(address), known)


class RangeFetch:
    """Fetches ranges of one object, as long as it is the same."""

    __slots__ = ("_key", "_known", "_store")

    def __init__(self, store: Store, key: str, known: Known) -> None:
        self._store = store
        self._key = key
        self._known = known

    def __call__(self, start: int, end: int) -> bytes:
        """See `Fetch`. Raises `ReplacedError` where size, time or etag are no longer the same."""
        part = self._store.get(self._key, start, end, self._known.etag)
        if part.known != self._known:
            raise ReplacedError(None, REPLACED)
        return part.data


def _without_ranges(store: Store, key: str, etag: str | None, limits: Limits) -> OpenRemote:
    part: Part | None = store.whole(key, limits.stream_bytes, etag)
    if part is None:
        raise LimitExceededError(
            f"the server gives no parts of files, and this one is longer than stream_bytes = {limits.stream_bytes}"
        )
    return OpenRemote(BytesSource(part.data), part.known)
