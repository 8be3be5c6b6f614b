"""ZIP: the directory at the end (APPNOTE 6.3.10), read for itself, as no member is believed before it was looked at."""

from __future__ import annotations

import stat
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from extractor.archives.member import DEFLATED, STORED, Archive, Damaged, Member, Place
from extractor.errors import CorruptImageError, ExtractorError, LimitExceededError, UnsupportedFormatError
from extractor.files.address import Known
from extractor.files.bytesource import ByteSource
from extractor.limits import Limits

_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
LOCAL: Final = struct.Struct("<4s5H3L2H")
LOCAL_MARK: Final = b"PK\3\4"
_END_MARK: Final = b"PK\5\6"
_COMMENT: Final = 0xFFFF
"""The longest comment behind the end of the directory."""
_MANY: Final = 0xFFFFFFFF
"""Stands where the true value is in the extra field."""
_ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
_UTF8: Final = 0x0800
_PATCH: Final = 0x0020
_ZIP64: Final = 0x0001
_TIMES: Final = 0x5455
"""Extra field with the modification time in UTC; that of the entry itself has no zone."""
_METHODS: Final = {1: "shrink", 6: "implode", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ"}


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    flags: int
    method: int
    length: int
    size: int
    offset: int
    mtime: int | None
    mode: int
    disk: int

    @property
    def end(self) -> int:
        """Where it ends at the earliest."""
        return self.offset + LOCAL.size + self.length


def zip_members(source: ByteSource, archive: Archive, limits: Limits) -> Iterator[Member | Damaged]:
    """The files of a ZIP in the order of its directory.

    One whose bytes overlap those of another is not read (bombs are made so), and of one name only the last member
    counts, as for programs that unpack it.

    Raises `CorruptImageError` where there is no directory, and `LimitExceededError`.
    """
    directory, shift = _directory(source, limits)
    overlapping, repeated = _doubts(directory, shift, source.size, limits)
    for number, entry in enumerate(_entries(directory, shift, limits)):
        if entry.name.endswith("/") or stat.S_ISLNK(entry.mode) or stat.S_ISDIR(entry.mode):
            continue
        error = _refusal(entry, source.size)
        if number in overlapping:
            error = CorruptImageError("its bytes in the archive are those of another member")
        elif number in repeated:
            error = CorruptImageError("the archive has another member of this name behind it")
        if error is not None:
            yield Damaged(entry.name, error)
            continue
        mtime = archive.known.mtime_ns if entry.mtime is None else entry.mtime * 10**9
        known = Known(entry.size, mtime, archive.known.etag)
        yield Member(archive, entry.name, known, Place(entry.offset, entry.length, entry.method, has_header=True))


def _refusal(entry: _Entry, size: int) -> ExtractorError | None:
    """Why a member is not read."""
    if entry.flags & _ENCRYPTED:
        return UnsupportedFormatError("it is encrypted")
    if entry.method not in (STORED, DEFLATED) or entry.flags & _PATCH:
        method = _METHODS.get(entry.method, f"method {entry.method}")
        return UnsupportedFormatError(f"it is compressed by {method}; stored and deflated members are read")
    if entry.disk:
        return UnsupportedFormatError("it stands in another file of an archive of several")
    if entry.end > size:
        return CorruptImageError("the archive ends before it does")
    if entry.method == STORED and entry.size != entry.length:
        return CorruptImageError("the archive tells two sizes of it")
    return None


def _doubts(directory: bytes, shift: int, whole: int, limits: Limits) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of the members that overlap one before them in the file, and of those whose name comes again.

    What ends behind the `whole` bytes of the file is not read, and so in nobody's way.
    """
    begins, ends = array("Q"), array("Q")
    last: dict[int, int] = {}
    """Hash of a name -> the number of its member."""
    repeated = []
    for number, entry in enumerate(_entries(directory, shift, limits)):
        begins.append(min(entry.offset, 2**63))
        ends.append(min(entry.end, 2**63))
        name = hash(entry.name)
        if name in last:
            repeated.append(last[name])
        last[name] = number
    order = sorted(range(len(begins)), key=begins.__getitem__)
    overlapping, reached = [], 0
    for number in order:
        if begins[number] < reached:
            overlapping.append(number)
        if ends[number] <= whole:
            reached = max(reached, ends[number])
    return frozenset(overlapping), frozenset(repeated)


def _directory(source: ByteSource, limits: Limits) -> tuple[bytes, int]:
    """The bytes of the directory, and how far behind their stated offsets the members stand (data before the ZIP)."""
    begin = max(0, source.size - _END.size - _COMMENT)
    tail = source.read_at(begin, source.size - begin)
    at = _end_in(tail)
    if at is None:
        raise CorruptImageError("zip: the directory at the end is missing")
    _, _, _, _, _, size, offset, _ = _END.unpack_from(tail, at)
    end = begin + at
    locator = source.read_at(end - _LOCATOR.size, _LOCATOR.size) if end >= _LOCATOR.size else b""
    if locator.startswith(b"PK\6\7") and len(locator) == _LOCATOR.size:
        end, size, offset = _end_64(source, end, _LOCATOR.unpack(locator)[2])
    elif _MANY in (size, offset):
        raise CorruptImageError("zip: the 64 bit directory is missing")
    shift = end - size - offset
    if shift < 0:
        raise CorruptImageError("zip: the directory is longer than the file")
    if size > limits.directory_bytes:
        raise LimitExceededError(f"zip: a directory of {size} bytes; directory_bytes = {limits.directory_bytes}")
    return source.read_at(end - size, size), shift


def _end_64(source: ByteSource, end: int, stated: int) -> tuple[int, int, int]:
    """(where the directory ends, its size, its stated offset) by the 64 bit record, which stands before the locator."""
    for at in (stated, end - _LOCATOR.size - _END_64.size):
        record = source.read_at(at, _END_64.size) if 0 <= at < end else b""
        if record.startswith(b"PK\6\6") and len(record) == _END_64.size:
            *_, size, offset = _END_64.unpack(record)
            return at, size, offset
    raise CorruptImageError("zip: the 64 bit end of the directory is missing")


def _end_in(tail: bytes) -> int | None:
    """Where the end of the directory stands: the last mark whose comment goes to the end of the file."""
    at, last = tail.rfind(_END_MARK), None
    while at >= 0:
        if at + _END.size <= len(tail):
            last = at if last is None else last
            if at + _END.size + _END.unpack_from(tail, at)[7] == len(tail):
                return at
        at = tail.rfind(_END_MARK, 0, at)
    return last  # something was appended to the archive


def _entries(directory: bytes, shift: int, limits: Limits) -> Iterator[_Entry]:
    at = 0
    for _ in range(limits.members):
        if at + _ENTRY.size > len(directory):
            return
        fields = _ENTRY.unpack_from(directory, at)
        if fields[0] != b"PK\1\2":
            return
        name_end = at + _ENTRY.size + fields[10]
        extra_end = name_end + fields[11]
        at = extra_end + fields[12]
        if at > len(directory):
            return
        begin = name_end - fields[10]
        yield _entry(fields, directory[begin:name_end], directory[name_end:extra_end], shift)
    raise LimitExceededError(f"zip: more than members = {limits.members} members")


def _entry(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> _Entry:
    _, made, _, flags, method, _, _, _, length, size, _, _, _, disk, _, attributes, offset = fields
    wide, mtime = _from_extra(extra, (size, length, offset))
    size, length, offset = wide
    text = name.decode("utf-8", "surrogateescape") if flags & _UTF8 else name.decode("cp437")
    is_unix = made >> 8 == 3
    return _Entry(
        text.partition("\0")[0],
        flags,
        method,
        length,
        size,
        offset + shift,
        mtime,
        attributes >> 16 if is_unix else 0,
        disk if disk != 0xFFFF else 0,
    )


def _from_extra(extra: bytes, values: tuple[int, int, int]) -> tuple[tuple[int, int, int], int | None]:
    """Size, length and offset with those that are 64 bit, and the modification time in UTC."""
    size, length, offset = values
    mtime = None
    at = 0
    while at + 4 <= len(extra):
        kind, count = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + count]
        at += 4 + count
        if kind == _ZIP64:
            numbers = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            size, length, offset = (next(numbers, value) if value == _MANY else value for value in values)
        elif kind == _TIMES and len(body) >= 5 and body[0] & 1:
            mtime = int.from_bytes(body[1:5], "little", signed=True)
    return (size, length, offset), mtime if mtime is None or mtime > 0 else None
