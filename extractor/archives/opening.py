"""Archives and their members, opened for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from extractor.archives.member import DEFLATED, Archive, Member, Place
from extractor.archives.zips import LOCAL, LOCAL_MARK
from extractor.errors import CorruptImageError, ReplacedError
from extractor.files.address import Address, Known
from extractor.files.bytesource import ByteSource, BytesSource, FileSource
from extractor.files.slices import Inflated, Slice
from extractor.files.sparse import SparseSource
from extractor.limits import Limits

_USUAL: Final = 256
"""Bytes of name and extra field of most local headers, of which the directory does not tell the length."""


class OpenMember(NamedTuple):
    """A member that is open."""

    bytes: ByteSource
    close: Callable[[], None] | None


@contextmanager
def opened_archive(path: str, known: Known | None, limits: Limits) -> Iterator[tuple[ByteSource, Known]]:
    """An archive's bytes, and its size, time and etag. Raises `FileAccessError`."""
    if isinstance(path, Address):
        from extractor.files.remote import open_remote

        yield open_remote(path, known, limits)
        return
    file = FileSource(path)
    try:
        yield file, _known(file)
    finally:
        file.close()


def _known(file: FileSource) -> Known:
    """The etag stands in the stamps of members, whose own times do not change when the archive is made again."""
    status = file.status
    return Known(status.st_size, status.st_mtime_ns, f"{status.st_size:x}-{status.st_mtime_ns:x}")


def open_member(member: Member, limits: Limits, *, whole: bool = False) -> OpenMember:
    """A member's bytes; `whole` as in `open_remote`.

    Raises `FileAccessError`, `CorruptImageError`, `LimitExceededError`.
    """
    if member.data is not None or member.place is None:
        return OpenMember(BytesSource(member.data or b""), None)
    place, archive = member.place, member.archive
    source: ByteSource
    close: Callable[[], None] | None = None
    if isinstance(archive.path, Address):
        source = _remote_part(archive, archive.path, place, whole=whole)
        start = 0
    else:
        source = file = FileSource(archive.path)
        close = file.close
        start = place.offset
    try:
        if close is not None and (file.size, file.status.st_mtime_ns) != archive.known[:2]:
            raise ReplacedError(None, "the archive was changed after it was looked through")
        return OpenMember(data_of(source, start, member, place, limits), close)
    except BaseException:
        if close is not None:
            close()
        raise


def data_of(source: ByteSource, start: int, member: Member, place: Place, limits: Limits) -> ByteSource:
    """The bytes of a member whose place in `source` begins at `start`.

    Raises `CorruptImageError`, `LimitExceededError` or `FileAccessError`.
    """
    if place.has_header:
        header = source.read_at(start, LOCAL.size)
        if len(header) < LOCAL.size or not header.startswith(LOCAL_MARK):
            raise CorruptImageError("zip: there is no member where the directory says")
        fields = LOCAL.unpack(header)
        if fields[3] != place.method:
            raise CorruptImageError("zip: the directory tells another way of compression than the member")
        start += LOCAL.size + fields[9] + fields[10]
        if isinstance(source, SparseSource):
            source.size = start + place.length
    part = Slice(source, start, place.length)
    return Inflated(part, member.known.size, limits) if place.method == DEFLATED else part


def _remote_part(archive: Archive, address: Address, place: Place, *, whole: bool) -> ByteSource:
    """The part of a remote archive that a member takes, as sparse as a file of its own."""
    from extractor.files.remote import fetch_of

    fetch = fetch_of(address, archive.known)
    header = LOCAL.size + _USUAL if place.has_header else 0
    size = min(archive.known.size - place.offset, header + place.length)
    head = fetch(place.offset, place.offset + size) if whole or place.method == DEFLATED else b""
    return SparseSource(fetch, size, head, place.offset)
